/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: an encrypted profile, and what it may be in the clear. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A file and what opens it: neither, one or both of the two encryptions, for the first bytes of one may look like the other's. bytes and
 * key are borrowed. */
typedef struct
{
  GBytes     *bytes;
  GPtrArray  *keys; /* GBytes, of RFC 8188 (ENC-2); NULL: it is not that */
  const char *key;  /* of openssl enc (ENC-1); NULL: it is not that */
  gboolean    clear; /* it may be neither */
} RsEncrypted;

/* Whether a header of RFC 8188 fits, whatever its salt looks like. said: the transport said Content-Encoding: aes128gcm. */
gboolean rs_encrypted_may_be_aes128gcm (GBytes     *bytes,
                                        const char *ikm,
                                        gboolean    said);

/* Looks what bytes are. said: the transport said Content-Encoding: aes128gcm. FALSE and RS_ERROR_CORRUPT: encrypted, and there is no
 * key for it; key and ikm are NULL or "" where there is none. What nobody says is RFC 8188 counts as that where a header of it fits and
 * no text could look so. */
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

/* Whether what that way yields proves by itself that the key was right and no byte was changed, as RFC 8188 does. */
gboolean rs_encrypted_proves (const RsEncrypted *encrypted,
                              guint              way);

G_END_DECLS
