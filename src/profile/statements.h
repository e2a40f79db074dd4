/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: the plain-text form of a profile, one statement a parameter. (PROF-9) */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether bytes begin as that form does: after blanks and comments a name, then a mark, a quote or a semicolon. */
gboolean rs_statements_begin (const guint8 *data,
                              gsize         length);

/* Reads Name [?|!] ["value"] ; … from a valid UTF-8 text and appends to assignments: "!" gives the user class rw, "?" ro; a statement
 * without a value sets the access alone. "#" begins a comment that ends with the line. A value goes to the next quote, nothing in it is
 * special; blanks around it are not part of it, line breaks in it are blanks (PROF-4). RS_ERROR_CORRUPT with line and column, both from
 * 1, of what is no statement: then assignments may hold those before it. */
gboolean rs_statements_read (const char *text,
                             gsize       length,
                             guint       max_parameters,
                             GPtrArray  *assignments,
                             guint      *line,
                             guint      *column,
                             GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Where the value of the statement that begins at start stands in such a text: behind its quote. 0: it has none. */
gsize    rs_statements_find_value (const char *text,
                                   gsize       length,
                                   gsize       start);

G_END_DECLS
