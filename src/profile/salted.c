/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The cipher and the digests are GnuTLS's; the derivation of OpenSSL and the padding of PKCS #7 are done here. */
#include "profile/salted.h"

#include "base/error.h"
#include "base/secret.h"

#include <gnutls/crypto.h>
#include <string.h>

#define MAGIC "Salted__"
#define MAGIC_LENGTH 8
#define HEADER (MAGIC_LENGTH + RS_SALTED_SALT)
#define BLOCK 16
#define KEY_LENGTH 32
#define PBKDF2_ROUNDS 10000

typedef struct
{
  guint8 key[KEY_LENGTH];
  guint8 iv[BLOCK];
} Material;

static void
material_clear (Material *material)
{
  rs_wipe (material, sizeof *material);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Material, material_clear)

gboolean
rs_salted_is (const guint8 *data,
              gsize         length)
{
  return length >= MAGIC_LENGTH && memcmp (data, MAGIC, MAGIC_LENGTH) == 0;
}

/* EVP_BytesToKey(3) with one round: D1 = H (key salt), D2 = H (D1 key salt), … */
static gboolean
derive_by_digest (gnutls_digest_algorithm_t algorithm,
                  const char               *key,
                  const guint8             *salt,
                  Material                 *material)
{
  guint8 digest[KEY_LENGTH];
  gsize length = gnutls_hash_get_len (algorithm);
  gboolean good = length <= sizeof digest;

  for (gsize done = 0; good && done < sizeof *material;)
    {
      gnutls_hash_hd_t hash;
      gsize n = MIN (length, sizeof *material - done);

      good = gnutls_hash_init (&hash, algorithm) == 0;
      if (!good)
        break;
      good = (done == 0 || gnutls_hash (hash, digest, length) == 0) && gnutls_hash (hash, key, strlen (key)) == 0
             && gnutls_hash (hash, salt, RS_SALTED_SALT) == 0;
      gnutls_hash_deinit (hash, digest);
      memcpy ((guint8 *)material + done, digest, n);
      done += n;
    }
  rs_wipe (digest, sizeof digest);
  return good;
}

static gboolean
derive_by_pbkdf2 (const char   *key,
                  const guint8 *salt,
                  Material     *material)
{
  gnutls_datum_t secret = { (guint8 *)key, (unsigned)strlen (key) }, with = { (guint8 *)salt, RS_SALTED_SALT };

  return gnutls_pbkdf2 (GNUTLS_MAC_SHA256, &secret, &with, PBKDF2_ROUNDS, material, sizeof *material) == 0;
}

static gboolean
cipher_open (gnutls_cipher_hd_t *cipher,
             const char         *key,
             RsSaltedKdf         kdf,
             const guint8       *salt)
{
  g_auto (Material) material = { 0 };
  gnutls_datum_t secret = { material.key, sizeof material.key }, iv = { material.iv, sizeof material.iv };
  gboolean good;

  if (kdf == RS_SALTED_PBKDF2)
    good = derive_by_pbkdf2 (key, salt, &material);
  else
    good = derive_by_digest (kdf == RS_SALTED_MD5 ? GNUTLS_DIG_MD5 : GNUTLS_DIG_SHA256, key, salt, &material);
  return good && gnutls_cipher_init (cipher, GNUTLS_CIPHER_AES_256_CBC, &secret, &iv) == 0;
}

/* How many bytes of padding end the text: 1 … 16, each with that value; 0: they do not fit. Looks at all of a block, so that the time
 * does not tell which byte was wrong. */
static gsize
padding_of (const guint8 *text,
            gsize         length)
{
  guint8 n = text[length - 1], bad = n < 1 || n > BLOCK;

  for (guint i = 0; i < BLOCK; i++)
    bad |= i < n && text[length - 1 - i] != n;
  return bad ? 0 : n;
}

GBytes *
rs_salted_decrypt (GBytes     *bytes,
                   const char *key,
                   RsSaltedKdf kdf)
{
  gsize size, length, padding = 0;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  gnutls_cipher_hd_t cipher;
  g_autoptr (GBytes) text = NULL;
  guint8 *plain;

  if (!rs_salted_is (data, size) || size < HEADER + BLOCK || (size - HEADER) % BLOCK != 0)
    return NULL;
  if (!cipher_open (&cipher, key, kdf, data + MAGIC_LENGTH))
    return NULL;
  length = size - HEADER;
  plain = g_malloc (length);
  text = rs_secret_bytes_new_take (plain, length);
  if (gnutls_cipher_decrypt2 (cipher, data + HEADER, length, plain, length) == 0)
    padding = padding_of (plain, length);
  gnutls_cipher_deinit (cipher);
  return padding > 0 ? g_bytes_new_from_bytes (text, 0, length - padding) : NULL;
}

GBytes *
rs_salted_encrypt (GBytes       *plain,
                   const char   *key,
                   RsSaltedKdf   kdf,
                   const guint8  salt[RS_SALTED_SALT],
                   GError      **error)
{
  gsize size, length;
  const void *data = g_bytes_get_data (plain, &size);
  guint8 padding = (guint8)(BLOCK - size % BLOCK), *out;
  gnutls_cipher_hd_t cipher;
  g_autoptr (GBytes) file = NULL;
  gboolean good = cipher_open (&cipher, key, kdf, salt);

  if (good)
    {
      length = size + padding;
      out = g_malloc (HEADER + length);
      file = rs_secret_bytes_new_take (out, HEADER + length);
      memcpy (out, MAGIC, MAGIC_LENGTH);
      memcpy (out + MAGIC_LENGTH, salt, RS_SALTED_SALT);
      if (size > 0)
        memcpy (out + HEADER, data, size);
      memset (out + HEADER + size, padding, padding);
      good = gnutls_cipher_encrypt2 (cipher, out + HEADER, length, out + HEADER, length) == 0;
      gnutls_cipher_deinit (cipher);
    }
  if (!good)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "The cipher library refused AES-256-CBC with this key derivation");
      return NULL;
    }
  return g_steal_pointer (&file);
}
