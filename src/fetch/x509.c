/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions to GnuTLS. */
#include "fetch/x509.h"

gnutls_x509_crt_t
rs_x509_from (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;
  gnutls_x509_crt_t parsed;
  gnutls_datum_t datum;

  g_object_get (certificate, "certificate", &der, NULL);
  if (der == NULL || gnutls_x509_crt_init (&parsed) < 0)
    return NULL;
  datum.data = der->data;
  datum.size = der->len;
  if (gnutls_x509_crt_import (parsed, &datum, GNUTLS_X509_FMT_DER) >= 0)
    return parsed;
  gnutls_x509_crt_deinit (parsed);
  return NULL;
}

gboolean
rs_x509_has_strong_key (gnutls_x509_crt_t certificate)
{
  unsigned int bits = 0;
  int algorithm = gnutls_x509_crt_get_pk_algorithm (certificate, &bits);

  return algorithm >= 0
         && gnutls_pk_bits_to_sec_param ((gnutls_pk_algorithm_t)algorithm, bits) >= GNUTLS_SEC_PARAM_MEDIUM;
}

gboolean
rs_x509_is_for_servers (gnutls_x509_crt_t certificate)
{
  return gnutls_x509_crt_check_key_purpose (certificate, GNUTLS_KP_TLS_WWW_SERVER, 0) != 0;
}

gboolean
rs_x509_may_sign (gnutls_x509_crt_t certificate)
{
  unsigned int usage = GNUTLS_KEY_KEY_CERT_SIGN;

  /* one that does not say what its key is for may use it for everything (RFC 5280 section 4.2.1.3) */
  if (gnutls_x509_crt_get_key_usage (certificate, &usage, NULL) < 0)
    usage = GNUTLS_KEY_KEY_CERT_SIGN;
  return gnutls_x509_crt_get_ca_status (certificate, NULL) > 0 && (usage & GNUTLS_KEY_KEY_CERT_SIGN) != 0;
}
