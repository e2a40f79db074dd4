/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records one after the other, each with its own nonce; AES-GCM and HKDF are GnuTLS's. */
#include "profile/aes128gcm.h"

#include "base/error.h"
#include "base/secret.h"

#include <gnutls/crypto.h>
#include <string.h>

#define TAG 16
#define NONCE 12
/* salt, record size, length of the keyid */
#define HEADER (RS_AES128GCM_SALT + 4 + 1)
#define MIN_KEY 16
#define MORE 1 /* the delimiter of a record that another one follows, and of the last (section 2) */
#define LAST 2

typedef struct
{
  gnutls_aead_cipher_hd_t cipher;
  guint8                  nonce[NONCE];
  gboolean                open;
} Cipher;

static void
cipher_clear (Cipher *self)
{
  if (self->open)
    gnutls_aead_cipher_deinit (self->cipher);
  rs_wipe (self->nonce, sizeof self->nonce);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cipher, cipher_clear)

static guint32
record_size_of (const guint8 *header)
{
  const guint8 *p = header + RS_AES128GCM_SALT;

  return (guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8 | p[3];
}

static gsize
header_length (const guint8 *header)
{
  return HEADER + header[HEADER - 1];
}

gboolean
rs_aes128gcm_record_size (const guint8 *data,
                          gsize         length,
                          guint32      *record)
{
  if (length < HEADER + TAG + 1 || length < header_length (data) + TAG + 1)
    return FALSE;
  *record = record_size_of (data);
  return TRUE;
}

gboolean
rs_aes128gcm_is (const guint8 *data,
                 gsize         length)
{
  guint32 record;

  return rs_aes128gcm_record_size (data, length, &record) && record >= RS_AES128GCM_MIN_RECORD && record <= RS_AES128GCM_MAX_RECORD;
}

/* Sections 2.2 and 2.3. */
static gboolean
cipher_open (Cipher       *self,
             GBytes       *key,
             const guint8 *salt)
{
  /* the zero byte that ends each text is part of it */
  static const char key_info[] = "Content-Encoding: aes128gcm", nonce_info[] = "Content-Encoding: nonce";
  guint8 prk[32], cek[16];
  gsize length;
  gpointer data = (gpointer)g_bytes_get_data (key, &length);
  gnutls_datum_t ikm = { data, (unsigned)length }, with = { (guint8 *)salt, RS_AES128GCM_SALT }, secret = { prk, sizeof prk },
                 of_key = { (guint8 *)key_info, sizeof key_info }, of_nonce = { (guint8 *)nonce_info, sizeof nonce_info },
                 content = { cek, sizeof cek };

  self->open = gnutls_hkdf_extract (GNUTLS_MAC_SHA256, &ikm, &with, prk) == 0
               && gnutls_hkdf_expand (GNUTLS_MAC_SHA256, &secret, &of_key, cek, sizeof cek) == 0
               && gnutls_hkdf_expand (GNUTLS_MAC_SHA256, &secret, &of_nonce, self->nonce, NONCE) == 0
               && gnutls_aead_cipher_init (&self->cipher, GNUTLS_CIPHER_AES_128_GCM, &content) == 0;
  rs_wipe (prk, sizeof prk);
  rs_wipe (cek, sizeof cek);
  return self->open;
}

/* The nonce of record number n, from 0. */
static void
nonce_of (const Cipher *self,
          guint64       n,
          guint8        nonce[NONCE])
{
  memcpy (nonce, self->nonce, NONCE);
  for (guint i = 0; i < 8; i++)
    nonce[NONCE - 1 - i] ^= (guint8)(n >> (8 * i));
}

/* Opens one record in place: *length goes from all of it to its text without padding and delimiter. */
static gboolean
open_record (const Cipher *self,
             guint64       n,
             const guint8 *record,
             gsize         size,
             gboolean      last,
             guint8       *text,
             gsize        *length)
{
  guint8 nonce[NONCE];

  if (size <= TAG)
    return FALSE;
  nonce_of (self, n, nonce);
  *length = size - TAG;
  if (gnutls_aead_cipher_decrypt (self->cipher, nonce, NONCE, NULL, 0, TAG, record, size, text, length) != 0)
    return FALSE;
  while (*length > 0 && text[*length - 1] == 0)
    --*length;
  return *length > 0 && text[--*length] == (last ? LAST : MORE);
}

GBytes *
rs_aes128gcm_decrypt (GBytes *bytes,
                      GBytes *key)
{
  gsize size, record, done = 0;
  const guint8 *data = g_bytes_get_data (bytes, &size), *p, *end;
  g_auto (Cipher) cipher = { 0 };
  g_autoptr (GBytes) text = NULL;
  guint8 *plain;

  if (!rs_aes128gcm_is (data, size) || !cipher_open (&cipher, key, data))
    return NULL;
  record = record_size_of (data);
  p = data + header_length (data);
  end = data + size;
  plain = g_malloc0 (size);
  text = rs_secret_bytes_new_take (plain, size);
  for (guint64 n = 0; p < end; n++)
    {
      gsize length, taken = MIN (record, (gsize)(end - p));

      if (!open_record (&cipher, n, p, taken, p + taken == end, plain + done, &length))
        return NULL;
      p += taken;
      done += length;
    }
  return g_bytes_new_from_bytes (text, 0, done);
}

GBytes *
rs_aes128gcm_encrypt (GBytes       *plain,
                      GBytes       *key,
                      guint32       record_size,
                      const guint8  salt[RS_AES128GCM_SALT],
                      GError      **error)
{
  gsize left, room = record_size - TAG - 1;
  const guint8 *data = g_bytes_get_data (plain, &left);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autofree guint8 *text = g_malloc (record_size), *record = g_malloc (record_size);
  guint8 size[4] = { record_size >> 24, record_size >> 16 & 0xff, record_size >> 8 & 0xff, record_size & 0xff };
  g_auto (Cipher) cipher = { 0 };
  gboolean good = cipher_open (&cipher, key, salt);

  g_return_val_if_fail (record_size >= RS_AES128GCM_MIN_RECORD && record_size <= RS_AES128GCM_MAX_RECORD, NULL);
  g_byte_array_append (file, salt, RS_AES128GCM_SALT);
  g_byte_array_append (file, size, sizeof size);
  g_byte_array_append (file, (const guint8 *)"", 1);
  for (guint64 n = 0; good && (n == 0 || left > 0); n++)
    {
      guint8 nonce[NONCE];
      gsize taken = MIN (left, room), sealed = record_size;

      if (taken > 0)
        memcpy (text, data, taken);
      data += taken;
      left -= taken;
      text[taken] = left > 0 ? MORE : LAST;
      nonce_of (&cipher, n, nonce);
      good = gnutls_aead_cipher_encrypt (cipher.cipher, nonce, NONCE, NULL, 0, TAG, text, taken + 1, record, &sealed) == 0;
      if (good)
        g_byte_array_append (file, record, (guint)sealed);
    }
  rs_wipe (text, record_size);
  if (!good)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "The cipher library refused AES-128-GCM");
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&file));
}

/* --- keys --- */

static GBytes *
key_of_hex (const char *text)
{
  gsize n = strlen (text);
  guint8 *key;

  if (n % 2 != 0 || n < 2 * MIN_KEY || strspn (text, "0123456789abcdefABCDEF") != n)
    return NULL;
  key = g_malloc (n / 2);
  for (gsize i = 0; i < n / 2; i++)
    key[i] = (guint8)(g_ascii_xdigit_value (text[2 * i]) << 4 | g_ascii_xdigit_value (text[2 * i + 1]));
  return rs_secret_bytes_new_take (key, n / 2);
}

static GBytes *
key_of_base64 (const char *text)
{
  g_auto (RsSecretString) plain = g_strdup (text);
  gsize n = strcspn (plain, "="), length;
  guint8 *key;
  g_autoptr (GBytes) bytes = NULL;
  g_auto (RsSecretString) padded = NULL;

  /* base64url (RFC 4648 section 5) to base64, with all of its padding; one digit alone stands for no byte */
  if (strspn (plain + n, "=") != strlen (plain + n) || n % 4 == 1)
    return NULL;
  plain[n] = '\0';
  g_strdelimit (plain, "-", '+');
  g_strdelimit (plain, "_", '/');
  if (strspn (plain, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") != n)
    return NULL;
  padded = g_strdup_printf ("%s%s", plain, n % 4 == 2 ? "==" : n % 4 == 3 ? "=" : "");
  key = g_base64_decode (padded, &length);
  bytes = rs_secret_bytes_new_take (key, length);
  return length >= MIN_KEY ? g_steal_pointer (&bytes) : NULL;
}

GPtrArray *
rs_aes128gcm_keys (const char *text)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  GBytes *hex = key_of_hex (text), *base64 = key_of_base64 (text);

  if (hex != NULL)
    g_ptr_array_add (keys, hex);
  if (base64 != NULL)
    g_ptr_array_add (keys, base64);
  g_ptr_array_add (keys, rs_secret_bytes_new_take (g_strdup (text), strlen (text)));
  return keys;
}
