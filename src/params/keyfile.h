/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A reader of keyfiles that knows where it is. GKeyFile gives no line numbers and drops what it cannot read; here
 * each line is handed out with its number and a fault is one line's, so that the caller decides what else counts.
 * Linear in the size of the text. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A longer line is a fault: 64 KiB of value, every character escaped, and its name. */
#define RS_KEYFILE_LINE_MAX (2 * 65536 + 1024)

typedef enum
{
  RS_KEYFILE_END,
  RS_KEYFILE_GROUP, /* group */
  RS_KEYFILE_ENTRY, /* group, key, value */
  RS_KEYFILE_FAULT, /* fault says what is wrong with the line; reading may go on */
} RsKeyfileToken;

typedef struct
{
  guint       line;   /* of the token, from 1 */
  gsize       offset; /* of the line's first byte */
  const char *group;  /* NULL: none yet, or the line that should have named it is at fault */
  const char *key;
  char       *value; /* trimmed, still escaped; the caller may change it in place */
  const char *fault;
  /* private */
  const char *start, *next, *end;
  GString    *group_buffer, *line_buffer;
} RsKeyfile;

/* The data must stay as long as the reader; what the tokens point to lives until the next one. */
void           rs_keyfile_init (RsKeyfile  *reader,
                                const char *data,
                                gsize       length);
RsKeyfileToken rs_keyfile_next (RsKeyfile *reader);
/* Wipes what was read. */
void           rs_keyfile_clear (RsKeyfile *reader);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RsKeyfile, rs_keyfile_clear)

/* Resolves \s \n \r \t \; and \\ in place; FALSE: any other escape. */
gboolean       rs_keyfile_unescape (char *value);

/* The reverse: newlines, tabs, backslashes, and blanks at either end. */
void           rs_keyfile_append_escaped (GString    *out,
                                          const char *value);

/* The elements of an escaped list, each unescaped and trimmed; a separator after a backslash belongs to the element;
 * empty elements are left out. NULL: a bad escape, or more than max. */
GStrv          rs_keyfile_split (const char *value,
                                 char        separator,
                                 guint       max);

G_END_DECLS
