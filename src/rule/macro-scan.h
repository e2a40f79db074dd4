/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How one macro is recognised in a text: shared by expansion and by the grammar, so that both see the same macros. */
#pragma once

#include "rule/macro.h"

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

/* What a macro became: bytes of the expanded text, and of the written one. */
typedef struct
{
  gsize start, end;
  gsize written_start, written_end;
} RsMacroPlace;

/* As rs_macro_expand (), and tells of each macro that was expanded, in their order. places: of RsMacroPlace; NULL: nobody asks. column: of the
 * text's first character, for errors. */
char       *rs_macro_expand_placed (const char     *text,
                                    const RsMacros *macros,
                                    gboolean        allow_secrets,
                                    GArray         *places,
                                    guint           column,
                                    GError        **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
