/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an HTTP status means for a resync, in words (HTTP-2, 4, 5, 7), and the fields that are read with care. Pure. */
#pragma once

#include "base/error.h"

G_BEGIN_DECLS

/* The code of a status that brought no profile. */
RsError rs_answer_code (guint status);

/* Whether it asks for patience rather than naming a fault: 429, 503. */
gboolean rs_answer_is_overload (guint status);

/* Why, and what to do, as the end of a sentence. */
const char *rs_answer_advice (guint status);

/* Seconds, 1 … 86400, of a Retry-After field (a number or an HTTP date); 0: not there or not readable. date: the
 * reply's Date field, or NULL; a date counts from it, because the phone's clock may be wrong. now: seconds since the
 * epoch, used where there is no Date. */
guint rs_answer_retry_after (const char *field, const char *date, gint64 now);

/* A validator as it may be stored and sent back; "" where it cannot: not printable ASCII, or longer than max. */
char *rs_answer_validator (const char *field, gsize max);

/* Whether the last of the encodings that a Content-Encoding field (or NULL) names, which is the outermost, is aes128gcm (RFC
 * 8188 section 2). */
gboolean rs_answer_is_aes128gcm (const char *field);

/* Reads a Content-Length strictly; FALSE: it is no number. */
gboolean rs_answer_length (const char *field, guint64 *length) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
