/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists in a file. */
#include "fetch/revocation.h"

#include "base/text.h"

#include <string.h>

#define PEM_BEGIN "-----BEGIN "

struct _RsRevocation
{
  gnutls_x509_crl_t *lists;
  unsigned int n;
};

/* The text tells PEM from DER, which holds none. */
static gboolean
import (RsRevocation *self, const char *data, gsize length)
{
  const gnutls_datum_t datum = { (void *)data, (unsigned int)length };
  gnutls_x509_crt_fmt_t format
      = memmem (data, length, PEM_BEGIN, strlen (PEM_BEGIN)) != NULL ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER;

  return length > 0 && gnutls_x509_crl_list_import2 (&self->lists, &self->n, &datum, format, 0) >= 0 && self->n > 0;
}

RsRevocation *
rs_revocation_load (const char *path, GError **error)
{
  RsRevocation *self = g_new0 (RsRevocation, 1);
  g_autofree char *shown = rs_text_escape (path, 0);
  g_autofree char *data = NULL;
  g_autofree char *why = NULL;
  g_autoptr (GError) reason = NULL;
  gsize length = 0;

  if (g_file_get_contents (path, &data, &length, &reason) && import (self, data, length))
    return self;
  why = rs_text_escape (reason != NULL ? reason->message : "it holds no list", 0);
  g_set_error (error, RS_ERROR, RS_ERROR_FAILED,
               "the revocation list %s cannot be used: %s; check CrlFile in resyncd.conf", shown,
               why);
  rs_revocation_free (self);
  return NULL;
}

void
rs_revocation_free (RsRevocation *revocation)
{
  for (unsigned int i = 0; i < revocation->n; i++)
    gnutls_x509_crl_deinit (revocation->lists[i]);
  gnutls_free (revocation->lists);
  g_free (revocation);
}

gboolean
rs_revocation_holds (const RsRevocation *revocation, gnutls_x509_crt_t certificate)
{
  return gnutls_x509_crt_check_revocation (certificate, revocation->lists, revocation->n) == 1;
}
