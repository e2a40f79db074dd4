/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The redirect service and the activation service, as parts of an attempt. (DISC-10, DISC-11) */
#pragma once

#include "engine/attempt-private.h"

G_BEGIN_DECLS

#define RS_CODE_SOURCE "activation-code" /* the source of a profile that a code led to */

#define RS_INVALID_CODE "Invalid activation code"

/* Asks the redirect service, and then its fallback, where this phone belongs, and tries what they say. The slot is done when a
 * profile applied; failed is called when none did. */
void rs_attempt_ask_redirect (GTask        *task,
                              RsAttemptNext failed);

/* The same for the code of the attempt; ends the attempt where it leads nowhere. */
void rs_attempt_ask_code (GTask *task);

/* The profile that the hint led to was applied: the hint is Profile_Rule now, and its server is remembered for rules that name
 * none (RULE-7). */
void rs_attempt_keep_hint (Attempt *attempt);

/* gds://: the profile comes when somebody enters a code; refused where nobody can. */
void rs_attempt_open_screen (GTask        *task,
                             RsAttemptNext done,
                             void        (*refused) (GTask        *task,
                                              const GError *error));

/* The rule of a hint led to no profile. */
void rs_attempt_hint_failed (GTask        *task,
                             const GError *error);

G_END_DECLS
