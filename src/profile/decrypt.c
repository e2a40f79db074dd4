/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of the two encryptions it is, and the keys to try. */
#include "profile/decrypt.h"

#include "base/error.h"
#include "profile/aes128gcm.h"
#include "profile/salted.h"
#include "profile/sniff.h"

#include <string.h>

static gboolean
is_given (const char *text)
{
  return text != NULL && text[0] != '\0';
}

gboolean
rs_encrypted_may_be_aes128gcm (GBytes     *bytes,
                               const char *ikm,
                               gboolean    said)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  return (said || is_given (ikm)) && rs_aes128gcm_is (data, length);
}

/* The salt of RFC 8188 may begin like XML. What follows tells them apart: the record size begins with a zero byte, which a text has nowhere
 * unless each of its letters has two. */
static gboolean
may_be_wide_text (const guint8 *data,
                  gsize         length)
{
  gsize bom;

  return rs_sniff_kind (data, length) != RS_KIND_UNKNOWN && rs_sniff_encoding (data, length, &bom) != RS_ENCODING_BYTES;
}

/* Whether a record size stands there that is not read, and that stands in no text, which is something else by mistake. */
static gboolean
has_other_records (const guint8 *data,
                   gsize         length,
                   guint32      *record)
{
  const guint8 *size = data + RS_AES128GCM_SALT;

  if (!rs_aes128gcm_record_size (data, length, record) || rs_aes128gcm_is (data, length))
    return FALSE;
  return memchr (size, 0, sizeof *record) != NULL || memchr (size, 0xff, sizeof *record) != NULL;
}

static void
refuse_records (gboolean said,
                guint32  record,
                GError **error)
{
  g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "The %s (aes128gcm) in records of %u bytes; the phone reads those of %u to %u bytes",
               said ? "profile is encrypted" : "file is no profile, unless it is encrypted", record, RS_AES128GCM_MIN_RECORD,
               RS_AES128GCM_MAX_RECORD);
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
  gboolean salted = !said && rs_salted_is (data, length), wide = may_be_wide_text (data, length);
  /* the zeros of UTF-32 would make a record size, too; of salts one in 16 million has them there */
  gboolean looks_so = !salted && !wide && rs_aes128gcm_is (data, length) && memcmp (data + 4, "\0\0\0", 3) != 0;
  const char *fault = NULL;
  guint32 record;

  *encrypted = (RsEncrypted){ .bytes = bytes };
  if ((said || (is_given (ikm) && !salted && !wide)) && has_other_records (data, length, &record))
    {
      refuse_records (said, record, error);
      return FALSE;
    }
  if (is_given (ikm) && (said || rs_aes128gcm_is (data, length)))
    encrypted->keys = rs_aes128gcm_keys (ikm);
  if (salted && is_given (key))
    encrypted->key = key;
  encrypted->clear = !said && !salted && (encrypted->keys == NULL || wide);
  if ((said || looks_so) && encrypted->keys == NULL)
    fault = "The profile is encrypted (aes128gcm), and IKM_HTTP_Encrypt_Content is not set (for resyncctl: --ikm)";
  else if (salted && encrypted->key == NULL && encrypted->keys == NULL)
    fault = "The profile is encrypted (openssl enc), and the rule has no --key";
  if (fault != NULL)
    g_set_error_literal (error, RS_ERROR, RS_ERROR_CORRUPT, fault);
  return fault == NULL;
}

void
rs_encrypted_clear (RsEncrypted *encrypted)
{
  g_clear_pointer (&encrypted->keys, g_ptr_array_unref);
}

static guint
n_keys (const RsEncrypted *encrypted)
{
  return encrypted->keys != NULL ? encrypted->keys->len : 0;
}

guint
rs_encrypted_ways (const RsEncrypted *encrypted)
{
  return n_keys (encrypted) + (encrypted->key != NULL ? RS_SALTED_KDFS : 0) + (encrypted->clear ? 1 : 0);
}

GBytes *
rs_encrypted_open (const RsEncrypted *encrypted,
                   guint              way)
{
  guint n = n_keys (encrypted);

  if (way < n)
    return rs_aes128gcm_decrypt (encrypted->bytes, g_ptr_array_index (encrypted->keys, way));
  if (encrypted->key != NULL)
    return rs_salted_decrypt (encrypted->bytes, encrypted->key, (RsSaltedKdf)(way - n));
  return g_bytes_ref (encrypted->bytes);
}

gboolean
rs_encrypted_proves (const RsEncrypted *encrypted,
                     guint              way)
{
  return way < n_keys (encrypted);
}
