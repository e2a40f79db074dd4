/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: from a byte offset to line and column, as an editor counts them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A cursor in a UTF-8 text. Asked for offsets in rising order it walks the text once, however long its lines are. */
typedef struct
{
  const char *text;
  gsize       length;
  gsize       line_start; /* offset of the line that the cursor is in */
  gsize       counted;    /* up to where newlines are counted */
  guint       line;
  gsize       column_offset; /* up to where characters of this line are counted */
  guint       column;
} RsPlace;

void  rs_place_init (RsPlace    *place,
                     const char *text,
                     gsize       length);

/* From 1. An offset before the last one asked for is answered as that one. */
guint rs_place_line (RsPlace *place,
                     gsize    offset);

/* From 1, in characters; of the offset last given to rs_place_line () or a later one of the same line. */
guint rs_place_column (RsPlace *place,
                       gsize    offset);

G_END_DECLS
