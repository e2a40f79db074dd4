/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: an encrypted profile, and what it may be in the clear. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RS_SEAL_NONE,
  RS_SEAL_SALTED,    /* openssl enc (ENC-1) */
  RS_SEAL_AES128GCM, /* RFC 8188 (ENC-2) */
} RsSeal;

/* An encrypted file and what opens it. bytes and key are borrowed. */
typedef struct
{
  RsSeal      seal;
  GBytes     *bytes;
  const char *key;  /* of RS_SEAL_SALTED */
  GPtrArray  *keys; /* of RS_SEAL_AES128GCM */
} RsSealed;

/* Looks what bytes are. said: the transport said Content-Encoding: aes128gcm. FALSE and RS_ERROR_CORRUPT: encrypted, and there is no
 * key for it; key and ikm are NULL or "" where there is none. */
gboolean rs_sealed_init (RsSealed   *sealed,
                         GBytes     *bytes,
                         const char *key,
                         const char *ikm,
                         gboolean    said,
                         GError    **error);
void     rs_sealed_clear (RsSealed *sealed);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RsSealed, rs_sealed_clear)

/* How many ways to open it there are, the likeliest first; and what the one yields, NULL where it does not fit. One at a time, for each
 * is as large as the file. */
guint    rs_sealed_ways (const RsSealed *sealed);
GBytes  *rs_sealed_open (const RsSealed *sealed,
                         guint           way) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
