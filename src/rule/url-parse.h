/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The URL reader's door for the grammar: a URL in the middle of a rule. */
#pragma once

#include "rule/url.h"

G_BEGIN_DECLS

/* expected behind a "%" in a path or a query */
#define RS_URL_NO_ESCAPE "two hexadecimal digits after “%”: the sign itself is written %25"

/* As rs_url_parse (), where the text's first character stands in that column of a rule. An error quotes no word that does not stand in
 * rs_mask_rule () of that rule as well. */
RsUrl *rs_url_parse_at (const char *text,
                        const char *rule,
                        guint       column,
                        GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of what macros have made of it. places: RsMacroPlace, as rs_macro_expand_placed () gives them. Errors name the column of the text as it
 * was written. */
RsUrl *rs_url_parse_expanded (const char   *text,
                              const char   *written,
                              const GArray *places,
                              guint         column,
                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
