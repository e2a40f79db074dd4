/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The assignments of an alternative (RULE-5). */
#pragma once

#include "rule/cursor.h"

G_BEGIN_DECLS

/* Reads Name = "value"; … up to the cursor's end into an array of RsRuleSetting, at least one. */
GArray *rs_rule_settings_parse (RsCursor *cursor,
                                GError  **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
