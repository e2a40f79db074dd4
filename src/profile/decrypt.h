/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: an encrypted profile, and what it may be in the clear. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RS_ENCRYPTION_NONE,
  RS_ENCRYPTION_SALTED,    /* openssl enc (ENC-1) */
  RS_ENCRYPTION_AES128GCM, /* RFC 8188 (ENC-2) */
} RsEncryption;

/* An encrypted file and what opens it. bytes and key are borrowed. */
typedef struct
{
  RsEncryption encryption;
  GBytes      *bytes;
  const char  *key;  /* of RS_ENCRYPTION_SALTED */
  GPtrArray   *keys; /* of RS_ENCRYPTION_AES128GCM */
} RsEncrypted;

/* Looks what bytes are. said: the transport said Content-Encoding: aes128gcm. FALSE and RS_ERROR_CORRUPT: encrypted, and there is no
 * key for it; key and ikm are NULL or "" where there is none. */
gboolean rs_encrypted_init (RsEncrypted *encrypted,
                            GBytes      *bytes,
                            const char  *key,
                            const char  *ikm,
                            gboolean     said,
                            GError     **error) G_GNUC_WARN_UNUSED_RESULT;
void     rs_encrypted_clear (RsEncrypted *encrypted);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RsEncrypted, rs_encrypted_clear)

/* How many ways to open it there are, the likeliest first; and what the one yields, NULL where it does not fit. One at a time, for each
 * is as large as the file. */
guint    rs_encrypted_ways (const RsEncrypted *encrypted);
GBytes  *rs_encrypted_open (const RsEncrypted *encrypted,
                            guint              way) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
