/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A URL of a rule as an explanation shows it: what the rule writes, and what its macros make of it as far as it may be read. */
#pragma once

#include "rule/macro-scan.h"
#include "rule/url.h"

G_BEGIN_DECLS

/* What a URL that was evaluated may be shown as, as rs_mask_url () does: without its account, with RS_MASK for each macro that may not be shown
 * and "?…" for the query. Where it names no server, its path alone. written: its text in the rule; shows: whether what a macro brings may be seen,
 * but for what rs_mask_url () hides. (transfer full) */
char *rs_url_show (const RsUrl    *url,
                   const char     *written,
                   const RsMacros *macros,
                   gboolean (*shows) (const RsMacroUse *use,
                                      gpointer          data),
                   gpointer        data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
