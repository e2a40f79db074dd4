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
rs_encrypted_init (RsEncrypted *encrypted,
                   GBytes      *bytes,
                   const char  *key,
                   const char  *ikm,
                   gboolean     said,
                   GError     **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  RsKind kind = rs_sniff_kind (data, length);

  *encrypted = (RsEncrypted){ RS_ENCRYPTION_NONE, bytes, key, NULL };
  if (said || (is_given (ikm) && may_be_aes128gcm (data, length, kind)))
    {
      if (!is_given (ikm))
        {
          g_set_error_literal (error, RS_ERROR, RS_ERROR_CORRUPT,
                               "The profile is encrypted (aes128gcm), and IKM_HTTP_Encrypt_Content is not set");
          return FALSE;
        }
      encrypted->encryption = RS_ENCRYPTION_AES128GCM;
      encrypted->keys = rs_aes128gcm_keys (ikm);
    }
  else if (kind == RS_KIND_SALTED)
    {
      if (!is_given (key))
        {
          g_set_error_literal (error, RS_ERROR, RS_ERROR_CORRUPT,
                               "The profile is encrypted (openssl enc), and the rule has no --key");
          return FALSE;
        }
      encrypted->encryption = RS_ENCRYPTION_SALTED;
    }
  return TRUE;
}

void
rs_encrypted_clear (RsEncrypted *encrypted)
{
  g_clear_pointer (&encrypted->keys, g_ptr_array_unref);
}

guint
rs_encrypted_ways (const RsEncrypted *encrypted)
{
  switch (encrypted->encryption)
    {
    case RS_ENCRYPTION_SALTED:
      return RS_SALTED_KDFS;
    case RS_ENCRYPTION_AES128GCM:
      return encrypted->keys->len;
    case RS_ENCRYPTION_NONE:
      break;
    }
  return 1;
}

GBytes *
rs_encrypted_open (const RsEncrypted *encrypted,
                   guint              way)
{
  switch (encrypted->encryption)
    {
    case RS_ENCRYPTION_SALTED:
      return rs_salted_decrypt (encrypted->bytes, encrypted->key, (RsSaltedKdf)way);
    case RS_ENCRYPTION_AES128GCM:
      return rs_aes128gcm_decrypt (encrypted->bytes, g_ptr_array_index (encrypted->keys, way));
    case RS_ENCRYPTION_NONE:
      break;
    }
  return g_bytes_ref (encrypted->bytes);
}
