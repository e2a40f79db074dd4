/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One certificate of the text is in memory at a time. */
#include "fetch/roots.h"

#include "fetch/x509.h"

#include <string.h>

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END "-----END CERTIFICATE-----"

/* The next certificate at or after *pem, behind which *pem then stands; NULL: none. */
static const char *
next_of (const char **pem, gsize *length)
{
  const char *begin = strstr (*pem, PEM_BEGIN);
  const char *end = begin != NULL ? strstr (begin, PEM_END) : NULL;

  if (begin == NULL)
    return NULL;
  /* one that is cut off is for whoever reads it to refuse */
  *pem = end != NULL ? end + strlen (PEM_END) : begin + strlen (begin);
  *length = (gsize)(*pem - begin);
  return begin;
}

/* A distinguished name as it stands in the certificate, which is how GnuTLS compares them. (transfer full) */
static GBytes *
name_of (gnutls_x509_crt_t certificate, int (*get) (gnutls_x509_crt_t, gnutls_datum_t *))
{
  gnutls_datum_t name = { NULL, 0 };
  GBytes *bytes;

  if (get (certificate, &name) < 0)
    return NULL;
  bytes = g_bytes_new (name.data, name.size);
  gnutls_free (name.data);
  return bytes;
}

/* The names in a chain, of issuers and of certificates: a server may send a root along, or one of that name which was signed once more. */
static GHashTable *
names_in (GTlsCertificate *chain)
{
  GHashTable *names = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);

  for (GTlsCertificate *each = chain; each != NULL; each = g_tls_certificate_get_issuer (each))
    {
      gnutls_x509_crt_t parsed = rs_x509_from (each);
      GBytes *own = parsed != NULL ? name_of (parsed, gnutls_x509_crt_get_raw_dn) : NULL;
      GBytes *issuer = parsed != NULL ? name_of (parsed, gnutls_x509_crt_get_raw_issuer_dn) : NULL;

      if (own != NULL)
        g_hash_table_add (names, own);
      if (issuer != NULL)
        g_hash_table_add (names, issuer);
      if (parsed != NULL)
        gnutls_x509_crt_deinit (parsed);
    }
  return names;
}

static gboolean
has_one_of (GHashTable *names, const char *pem, gsize length)
{
  const gnutls_datum_t datum = { (void *)pem, (unsigned int)length };
  g_autoptr (GBytes) name = NULL;
  gnutls_x509_crt_t parsed;

  if (gnutls_x509_crt_init (&parsed) < 0)
    return FALSE;
  if (gnutls_x509_crt_import (parsed, &datum, GNUTLS_X509_FMT_PEM) >= 0)
    name = name_of (parsed, gnutls_x509_crt_get_raw_dn);
  gnutls_x509_crt_deinit (parsed);
  return name != NULL && g_hash_table_contains (names, name);
}

GPtrArray *
rs_roots_for (const char *pem, GTlsCertificate *chain)
{
  GPtrArray *roots = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) names = names_in (chain);
  const char *each;
  gsize length;

  while ((each = next_of (&pem, &length)) != NULL)
    {
      GTlsCertificate *root = has_one_of (names, each, length) ? g_tls_certificate_new_from_pem (each, (gssize)length, NULL) : NULL;

      if (root != NULL)
        g_ptr_array_add (roots, root);
    }
  return roots;
}

gboolean
rs_roots_check (const char *pem, GError **error)
{
  gboolean any = FALSE;
  const char *each;
  gsize length;

  while ((each = next_of (&pem, &length)) != NULL)
    {
      g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_pem (each, (gssize)length, error);

      if (certificate == NULL)
        return FALSE;
      any = TRUE;
    }
  if (!any)
    g_set_error_literal (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, "it holds no certificate");
  return any;
}
