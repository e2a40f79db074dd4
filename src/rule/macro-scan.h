/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How one macro is recognised in a text: shared by expansion and by the grammar, so that both see the same macros. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RS_MACRO_NAME_MAX 15
#define RS_MACRO_TO_END G_MAXUINT32

typedef struct
{
  char     name[RS_MACRO_NAME_MAX + 1]; /* "MA", "UID1" …; "$" for "$$"; an alias by its first name */
  gsize    length;                      /* bytes of the text, from the "$" on */
  gboolean secret;                      /* SA … SD */
  gboolean parenthesised;
  guint32  offset;                      /* $(NAME:p:q), in characters */
  guint32  count;                       /* RS_MACRO_TO_END: no q */
} RsMacroUse;

/* Whether a macro starts at p, which points at a "$". */
gboolean    rs_macro_scan (const char *p,
                           RsMacroUse *use);

/* The first of SA … SD in length bytes of text, or NULL. */
const char *rs_macro_find_secret (const char *text,
                                  gsize       length);

G_END_DECLS
