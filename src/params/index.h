/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Families: the Index of a catalogue entry ("1-16", "A-P", "3", "n=1-3;m=1-40") and the names it makes of a pattern
 * such as Line_Enable_{n}_. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RS_INDEX_VARIABLES 2
#define RS_INDEX_MEMBERS 100000

typedef struct
{
  char     variable; /* the n of {n} */
  gboolean letters;
  guint    from, to; /* numbers, or letters as characters */
} RsIndexRange;

typedef struct
{
  guint        n; /* 0: no family */
  RsIndexRange ranges[RS_INDEX_VARIABLES];
} RsIndex;

/* "" is no family. RS_ERROR_INVALID_ARGUMENT says what was expected. */
gboolean rs_index_parse (const char *text,
                         RsIndex    *index,
                         GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* 1 where there is no family. */
guint    rs_index_size (const RsIndex *index);

/* Whether the pattern holds a placeholder for every variable and nothing else in braces. */
gboolean rs_index_fits (const RsIndex *index,
                        const char    *pattern);

/* Sets out to the pattern with the placeholders of the member (from 0) filled in. FALSE: a variable that the pattern
 * does not hold is not at its first value, so that this name is another member's. */
gboolean rs_index_expand (const RsIndex *index,
                          const char    *pattern,
                          guint          member,
                          GString       *out);

G_END_DECLS
