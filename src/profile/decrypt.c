/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of the two encryptions it is, and the keys to try. */
#include "profile/decrypt.h"

#include "base/error.h"
#include "profile/aes128gcm.h"
#include "profile/salted.h"
#include "profile/sniff.h"

static gboolean
is_given (const char *text)
{
  return text != NULL && text[0] != '\0';
}

/* Any byte may begin the salt of RFC 8188, also what begins XML. Its record size tells the two apart: that begins with a zero byte, which a
 * text of bytes has nowhere. */
static gboolean
may_be_aes128gcm (const guint8 *data,
                  gsize         length,
                  RsKind        kind)
{
  gsize bom;

  return kind != RS_KIND_SALTED
         && (kind == RS_KIND_UNKNOWN || rs_sniff_encoding (data, length, &bom) == RS_ENCODING_BYTES)
         && rs_aes128gcm_is (data, length);
}

gboolean
rs_sealed_init (RsSealed   *sealed,
                GBytes     *bytes,
                const char *key,
                const char *ikm,
                gboolean    said,
                GError    **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  RsKind kind = rs_sniff_kind (data, length);

  *sealed = (RsSealed){ RS_SEAL_NONE, bytes, key, NULL };
  if (said || (is_given (ikm) && may_be_aes128gcm (data, length, kind)))
    {
      if (!is_given (ikm))
        {
          g_set_error_literal (error, RS_ERROR, RS_ERROR_CORRUPT,
                               "The profile is encrypted (aes128gcm), and IKM_HTTP_Encrypt_Content is not set");
          return FALSE;
        }
      sealed->seal = RS_SEAL_AES128GCM;
      sealed->keys = rs_aes128gcm_keys (ikm);
    }
  else if (kind == RS_KIND_SALTED)
    {
      if (!is_given (key))
        {
          g_set_error_literal (error, RS_ERROR, RS_ERROR_CORRUPT,
                               "The profile is encrypted (openssl enc), and the rule has no --key");
          return FALSE;
        }
      sealed->seal = RS_SEAL_SALTED;
    }
  return TRUE;
}

void
rs_sealed_clear (RsSealed *sealed)
{
  g_clear_pointer (&sealed->keys, g_ptr_array_unref);
}

guint
rs_sealed_ways (const RsSealed *sealed)
{
  switch (sealed->seal)
    {
    case RS_SEAL_SALTED:
      return RS_SALTED_KDFS;
    case RS_SEAL_AES128GCM:
      return sealed->keys->len;
    case RS_SEAL_NONE:
      break;
    }
  return 1;
}

GBytes *
rs_sealed_open (const RsSealed *sealed,
                guint           way)
{
  switch (sealed->seal)
    {
    case RS_SEAL_SALTED:
      return rs_salted_decrypt (sealed->bytes, sealed->key, (RsSaltedKdf)way);
    case RS_SEAL_AES128GCM:
      return rs_aes128gcm_decrypt (sealed->bytes, g_ptr_array_index (sealed->keys, way));
    case RS_SEAL_NONE:
      break;
    }
  return g_bytes_ref (sealed->bytes);
}
