/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An alias map, by which elements of any XML stand for parameters. (PROF-10) */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RS_ALIASES_MAX 30

/* Pairs "/path/to/element = /flat-profile/Name ;", the last semicolon may be left out. */
typedef struct _RsAliases RsAliases;

/* RS_ERROR_INVALID_VALUE: which pairs are none, where, and what was expected: of the first five, and how many more there are. Nothing of the map
 * is in it. */
RsAliases  *rs_aliases_parse (const char *text,
                              GError    **error) G_GNUC_WARN_UNUSED_RESULT;
void        rs_aliases_free (RsAliases *aliases);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsAliases, rs_aliases_free)

/* Whether a text is an alias map; else the same error. */
gboolean    rs_aliases_check (const char *text,
                              GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* The parameter for which the innermost of the open elements stands, or NULL; path holds their names from the root on. The first pair
 * that fits counts. The name lives as long as aliases. */
const char *rs_aliases_match (const RsAliases   *aliases,
                              const char *const *path,
                              guint              depth);

/* A pair of a map, for who looks at maps at a desk. */
typedef struct
{
  guint       number;    /* from 1 */
  guint       character; /* of the map, from 1: where the name of its parameter stands, or the fault */
  const char *expected;  /* what should stand there; NULL: it is a pair. Static. */
  char       *name;      /* of the parameter; NULL: it is no pair */
} RsAliasPair;

/* All pairs of a map, which is valid UTF-8, in its order; those beyond the bound are one fault. Of RsAliasPair. */
GArray     *rs_aliases_list (const char *map) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
