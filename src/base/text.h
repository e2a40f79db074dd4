/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text from outside: strict numbers, bounded lists, and a form that is safe to print. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A decimal number and nothing else: no sign, no blank, no empty text, min <= value <= max.
 * FALSE leaves *value alone and sets RS_ERROR_INVALID_VALUE with text and bounds. */
gboolean rs_text_to_uint64 (const char *text,
                            guint64     min,
                            guint64     max,
                            guint64    *value,
                            GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same with an optional leading minus. */
gboolean rs_text_to_int64 (const char *text,
                           gint64      min,
                           gint64      max,
                           gint64     *value,
                           GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* A copy that a terminal, a log and the bus can take: valid UTF-8, control characters (C0, DEL, C1, bidirectional
 * marks) as \xNN or \uNNNN, cut with "…" after max characters (0: 512). NULL gives "". (STORE-3) */
char    *rs_text_escape (const char *text,
                         gsize       max) G_GNUC_WARN_UNUSED_RESULT;

/* The same for bytes that may hold NUL or be no UTF-8. */
char    *rs_text_escape_bytes (const void *data,
                               gsize       length,
                               gsize       max) G_GNUC_WARN_UNUSED_RESULT;

/* Trims white space at both ends of each element and leaves empty ones out. At most max elements; more: NULL. */
GStrv    rs_text_split_list (const char *text,
                             char        separator,
                             guint       max) G_GNUC_WARN_UNUSED_RESULT;

/* The ")" that belongs to the "(" at open, or NULL where there is none before end; those in double quotes do not count. */
const char *rs_text_find_close (const char *open,
                                const char *end);

/* How many bytes at the beginning are ASCII, and not NUL: for most texts all, and then they are valid UTF-8 as well. Looks
 * at eight at a time. */
gsize    rs_text_ascii_prefix (const char *text,
                               gsize       length);

/* Whether it is valid UTF-8 without a NUL; g_utf8_validate_len () in a fraction of its time, for ASCII. */
gboolean rs_text_is_utf8 (const char *text,
                          gsize       length);

/* Puts a copy of text in place of the string that is there, which may be the same one. */
void     rs_text_set (char      **place,
                      const char *text);

/* Lower-case hexadecimal of bytes. */
char    *rs_text_hex (const void *data,
                      gsize       length) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
