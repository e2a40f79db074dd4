/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who becomes a root decides over all servers, so a certificate of the wrong kind is refused here and not when the first
 * server is judged by it. */
#include "fetch/authority.h"

#include "base/text.h"
#include "fetch/x509.h"

#include <string.h>
#include <time.h>

#define CERTIFICATES_MAX 4
#define NAME_MAX_BYTES 200
#define PEM_MAX 32768
#define PEM_BEGIN "-----BEGIN "

typedef struct
{
  gnutls_x509_crt_t each[CERTIFICATES_MAX];
  unsigned int n;
} List;

static void
list_clear (List *list)
{
  for (unsigned int i = 0; i < list->n; i++)
    gnutls_x509_crt_deinit (list->each[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (List, list_clear)

void
rs_authority_free (RsAuthority *authority)
{
  if (authority == NULL)
    return;
  g_free (authority->pem);
  g_free (authority->subject);
  g_free (authority);
}

static gboolean
import (GBytes *file, List *list)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (file, &length);
  const gnutls_datum_t datum = { (void *)data, (unsigned int)length };
  gboolean pem = data != NULL && memmem (data, length, PEM_BEGIN, strlen (PEM_BEGIN)) != NULL;

  list->n = CERTIFICATES_MAX;
  if (data == NULL
      || gnutls_x509_crt_list_import (list->each, &list->n, &datum, pem ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER,
                                      GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED)
             < 0)
    list->n = 0;
  return list->n > 0;
}

/* Why it must not be a root; NULL: it may. */
static const char *
fault_of (gnutls_x509_crt_t certificate, gint64 now)
{
  if (!rs_x509_may_sign (certificate))
    return "it is not the certificate of an authority (a CA), and may make no others";
  if (!rs_x509_is_for_servers (certificate))
    return "it is an authority's, but not for servers";
  if (!rs_x509_has_strong_key (certificate))
    return "its key is too weak";
  if (now > 0 && now > gnutls_x509_crt_get_expiration_time (certificate))
    return "it has expired";
  if (now > 0 && now < gnutls_x509_crt_get_activation_time (certificate))
    return "it is not yet valid";
  return NULL;
}

static char *
name_of (gnutls_x509_crt_t certificate)
{
  char name[1024] = "";
  size_t size = sizeof name;

  if (gnutls_x509_crt_get_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) < 0 || *name == '\0')
    {
      size = sizeof name;
      if (gnutls_x509_crt_get_dn (certificate, name, &size) < 0 || *name == '\0')
        return g_strdup ("an authority without a name");
    }
  return rs_text_escape (name, NAME_MAX_BYTES);
}

static gboolean
append_pem (GString *text, gnutls_x509_crt_t certificate)
{
  gnutls_datum_t pem = { NULL, 0 };

  if (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, &pem) < 0)
    return FALSE;
  g_string_append_len (text, (const char *)pem.data, pem.size);
  gnutls_free (pem.data);
  return text->len <= PEM_MAX;
}

RsAuthority *
rs_authority_read (GBytes *file, gint64 now, GError **error)
{
  g_auto (List) list = { .n = 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  RsAuthority *authority;

  if (!import (file, &list))
    {
      g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT,
                   "this is no certificate, neither PEM nor DER, or more than %d of them", CERTIFICATES_MAX);
      return NULL;
    }
  for (unsigned int i = 0; i < list.n; i++)
    {
      const char *fault = fault_of (list.each[i], now);

      if (fault != NULL)
        {
          g_autofree char *name = name_of (list.each[i]);

          g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "the certificate of “%s” cannot be a root: %s", name, fault);
          return NULL;
        }
      if (!append_pem (text, list.each[i]))
        {
          g_set_error_literal (error, RS_ERROR, RS_ERROR_CORRUPT, "the certificates are too large");
          return NULL;
        }
    }
  authority = g_new (RsAuthority, 1);
  authority->pem = g_strdup (text->str);
  authority->subject = name_of (list.each[0]);
  return authority;
}
