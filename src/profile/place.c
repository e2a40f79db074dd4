/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts lines with memchr () and columns only where somebody asks. */
#include "profile/place.h"

#include <string.h>

void
rs_place_init (RsPlace    *place,
               const char *text,
               gsize       length)
{
  *place = (RsPlace){ .text = text, .length = length, .line = 1, .column = 1 };
}

guint
rs_place_line (RsPlace *place,
               gsize    offset)
{
  offset = MIN (offset, place->length);
  while (place->counted < offset)
    {
      const char *newline = memchr (place->text + place->counted, '\n', offset - place->counted);

      if (newline == NULL)
        {
          place->counted = offset;
          break;
        }
      place->line++;
      place->counted = place->line_start = newline + 1 - place->text;
    }
  return place->line;
}

guint
rs_place_column (RsPlace *place,
                 gsize    offset)
{
  offset = MIN (offset, place->length);
  if (place->column_offset < place->line_start)
    {
      place->column_offset = place->line_start;
      place->column = 1;
    }
  for (; place->column_offset < offset; place->column_offset++)
    {
      /* every byte that begins a character */
      if ((place->text[place->column_offset] & 0xc0) != 0x80)
        place->column++;
    }
  return place->column;
}
