/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Macro expansion (PHONE-3, PHONE-4). The values come from the caller; this room knows only the names and the forms. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Gives the value of a macro by its name without "$" ("MA", "A", "SA", "UID1", "SWVER" …), or NULL where the program does not know
 * that name. The text stays the provider's. METH is asked for as SCHEME, "$" never. */
typedef const char *(*RsMacroFunc) (const char *name,
                                    gpointer    data);

typedef struct
{
  RsMacroFunc lookup;
  gpointer    data;
  gsize      *left; /* how many bytes of values may still be read; NULL: RS_MACRO_WORK for each text */
} RsMacros;

/* What a text may become, and how much of values may be read for all texts of a rule: who writes 16 KiB shall not have their square done. */
#define RS_MACRO_RESULT 65536
#define RS_MACRO_WORK   262144

/* Whether name is a macro at all (REGTMR, UID, AUTHID, DISPLAYNAME with an index from 1 to 99). */
gboolean rs_macro_is_known (const char *name);

/* The parameter that a macro stands for ("A" is GPP_A, "UID3" is User_ID_3_), for those who must know whether somebody may read it; NULL: none. */
char    *rs_macro_parameter (const char *macro) G_GNUC_WARN_UNUSED_RESULT;

/* One pass over the text: $NAME (the longest known name wins), $(NAME), $(NAME:p), $(NAME:p:q), $$; an unknown name stays as
 * written; what comes out is never expanded again. allow_secrets: SA…SD are expanded; else they are RS_ERROR_INVALID_RULE.
 * The result is at most 64 KiB, and what is read for it bounded as well (RS_ERROR_INVALID_RULE). Wipe it with rs_secret_free () where secrets are allowed. */
char    *rs_macro_expand (const char     *text,
                          const RsMacros *macros,
                          gboolean        allow_secrets,
                          GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* The names of the macros that the text uses, without repetition (for what a class of callers may read, RULE-10). */
GStrv    rs_macro_names (const char *text);

G_END_DECLS
