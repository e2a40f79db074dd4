/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: encrypted content encoding, RFC 8188. (ENC-2) */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RS_AES128GCM_SALT 16            /* bytes */
#define RS_AES128GCM_MIN_RECORD 18      /* bytes: a tag, a delimiter and one byte of text (section 2.1) */
#define RS_AES128GCM_MAX_RECORD (1u << 20) /* bytes; RFC 8188 section 2.1 would allow 4 GiB */

/* The record size that stands in a header of RFC 8188 section 2.1, in or beyond the bounds. FALSE: there is no room for a header and a record. */
gboolean   rs_aes128gcm_record_size (const guint8 *data,
                                     gsize         length,
                                     guint32      *record);

/* Whether a header of RFC 8188 section 2.1 stands in front, with a record size within the bounds and room for one record. Any bytes may
 * look so: ask it last. */
gboolean   rs_aes128gcm_is (const guint8 *data,
                            gsize         length);

/* What IKM_HTTP_Encrypt_Content may stand for, the likeliest first: 16 bytes or more as hexadecimal digits or as base64url (or base64),
 * and the text itself. Of GBytes that wipe themselves; never empty. */
GPtrArray *rs_aes128gcm_keys (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* The plain bytes, which wipe themselves, of all records, or NULL: another key, a changed or missing byte, a record out of its order, no
 * last record or something behind it. Which of these is not told. */
GBytes    *rs_aes128gcm_decrypt (GBytes *bytes,
                                 GBytes *key) G_GNUC_WARN_UNUSED_RESULT;

/* Records of record_size bytes (18 … RS_AES128GCM_MAX_RECORD), no keyid. salt: random, of the caller. */
GBytes    *rs_aes128gcm_encrypt (GBytes       *plain,
                                 GBytes       *key,
                                 guint32       record_size,
                                 const guint8  salt[RS_AES128GCM_SALT],
                                 GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
