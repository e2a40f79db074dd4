/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of the book, as the phones that are told them will judge them. */
#pragma once

#include "base/error.h"

G_BEGIN_DECLS

/* RS_ERROR_INVALID_RULE: why every phone refuses it (DISC-10, PHONE-3). */
gboolean rs_hint_check (const char *rule,
                        GError    **error);

/* Whether by any of its ways a rule that is good finds no server as long as $A to $P and what else parameters bring are empty, as they are
 * on a phone out of its box. */
gboolean rs_hint_needs_registers (const char *rule);

/* Whether a rule that is good holds what not everybody should know: --key, --uid, --pwd, or an account in a URL. */
gboolean rs_hint_holds_secret (const char *rule);

G_END_DECLS
