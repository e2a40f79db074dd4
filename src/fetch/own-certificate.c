/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From files, or by a token's module (PKCS #11). */
#include "fetch/own-certificate.h"

#include "base/text.h"

static gboolean
is_on_token (const char *name)
{
  return g_str_has_prefix (name, "pkcs11:");
}

gboolean
rs_own_certificate_needs_token (const RsRequest *request)
{
  return is_on_token (request->certificate_file) || is_on_token (request->private_key_file);
}

static GTlsCertificate *
open_certificate (const RsRequest *request, GError **error)
{
  const char *certificate = request->certificate_file, *key = request->private_key_file;

  if (is_on_token (certificate))
    return g_tls_certificate_new_from_pkcs11_uris (certificate, *key != '\0' ? key : NULL, error);
  if (*key != '\0')
    return g_tls_certificate_new_from_files (certificate, key, error);
  return g_tls_certificate_new_from_file (certificate, error);
}

void
rs_own_certificate_warm_up (const RsRequest *request)
{
  g_autoptr (GTlsCertificate) certificate = open_certificate (request, NULL);
}

GTlsCertificate *
rs_own_certificate_load (const RsRequest *request, GError **error)
{
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) reason = NULL;
  g_autofree char *why = NULL;

  if (*request->certificate_file == '\0')
    return NULL;
  certificate = open_certificate (request, &reason);
  if (certificate != NULL)
    return g_steal_pointer (&certificate);
  why = rs_text_escape (reason->message, 0);
  g_set_error (error, RS_ERROR, RS_ERROR_FAILED,
               "the server asks for the phone's certificate, which cannot be used: %s; check CertificateFile and "
               "PrivateKeyFile in resyncd.conf",
               why);
  return NULL;
}
