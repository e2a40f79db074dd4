/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What --post and --alias take from a register, GPP_A … GPP_P: the same for the phone that is about to fetch and for who explains a rule. */
#pragma once

#include "rule/rule.h"

G_BEGIN_DECLS

/* The body of a POST: the register's text with its macros expanded (HTTP-1). letter: of --post. scheme_known: FALSE where the server that is used
 * decides, so that url->scheme says nothing yet. NULL and RS_ERROR_INVALID_RULE: tftp has none, or the text is refused. */
char    *rs_register_body (const char     *letter,
                           const char     *text,
                           const RsUrl    *url,
                           gboolean        scheme_known,
                           const RsMacros *macros,
                           GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether there is an alias map at all (PROF-10). letter: of --alias. */
gboolean rs_register_check_map (const char *letter,
                                const char *text,
                                GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
