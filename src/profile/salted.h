/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: AES-256-CBC as `openssl enc -aes-256-cbc -k KEY` writes it, "Salted__" and 8 bytes of salt in front. (ENC-1)
 *
 * Nothing in such a file proves that the key was right or that no byte was changed: one wrong key in 300 passes the check of the padding.
 * Who decrypts has to look at what came out. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RS_SALTED_SALT 8 /* bytes */

/* How key and initial vector come from KEY and salt, in the order in which they are tried. */
typedef enum
{
  RS_SALTED_SHA256, /* OpenSSL 1.1.0 and newer: EVP_BytesToKey, one round, SHA-256 */
  RS_SALTED_MD5,    /* before that: MD5 */
  RS_SALTED_PBKDF2, /* -pbkdf2: HMAC-SHA-256, 10000 rounds */
} RsSaltedKdf;
#define RS_SALTED_KDFS 3

gboolean rs_salted_is (const guint8 *data,
                       gsize         length);

/* The plain bytes, which wipe themselves. NULL: no such file, cut, or with this derivation the padding does not fit. */
GBytes  *rs_salted_decrypt (GBytes     *bytes,
                            const char *key,
                            RsSaltedKdf kdf) G_GNUC_WARN_UNUSED_RESULT;

/* A file that `openssl enc -d` reads. salt: random, of the caller. NULL and RS_ERROR_FAILED: GnuTLS refused, as in FIPS mode it does
 * with MD5. */
GBytes  *rs_salted_encrypt (GBytes       *plain,
                            const char   *key,
                            RsSaltedKdf   kdf,
                            const guint8  salt[RS_SALTED_SALT],
                            GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
