/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: an alias map, by which elements of any XML stand for parameters. (PROF-10) */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RS_ALIASES_MAX 30

/* Pairs "/path/to/element = /flat-profile/Name ;", the last semicolon may be left out. */
typedef struct _RsAliases RsAliases;

/* RS_ERROR_INVALID_VALUE: which pair is none, and what was expected. */
RsAliases  *rs_aliases_parse (const char *text,
                              GError    **error) G_GNUC_WARN_UNUSED_RESULT;
void        rs_aliases_free (RsAliases *aliases);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsAliases, rs_aliases_free)

/* The parameter for which the innermost of the open elements stands, or NULL; path holds their names from the root on. The first pair
 * that fits counts. The name lives as long as aliases. */
const char *rs_aliases_match (const RsAliases   *aliases,
                              const char *const *path,
                              guint              depth);

G_END_DECLS
