/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Conditions (RULE-3): comparisons joined by "and". */
#pragma once

#include "rule/cursor.h"
#include "rule/rule.h"

G_BEGIN_DECLS

typedef struct _RsCondition RsCondition;

/* Reads the cursor's part to its end; that must hold one comparison at least. */
RsCondition *rs_condition_parse (RsCursor *cursor,
                                 GError  **error) G_GNUC_WARN_UNUSED_RESULT;
void         rs_condition_free (RsCondition *condition);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsCondition, rs_condition_free)

/* From the left; what follows a false comparison is not looked at. observer: told of each comparison that is, as one of that alternative; may
 * be NULL. RS_ERROR_INVALID_RULE: an operand is no number where it must be one. */
gboolean     rs_condition_evaluate (const RsCondition    *condition,
                                    const RsMacros       *macros,
                                    const RsRuleObserver *observer,
                                    guint                 alternative,
                                    gboolean             *holds,
                                    GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* One comparison, from 0. FALSE: there is none of that number. */
gboolean     rs_condition_outline (const RsCondition *condition,
                                   guint              comparison,
                                   RsRuleComparison  *outline);

/* What comparisons make of it whose macros are all known. RS_RULE_NEVER with an error: one of them cannot be made. */
RsRuleTruth  rs_condition_truth (const RsCondition *condition,
                                 const RsMacros    *known,
                                 GError           **error);

/* Appends the canonical form. */
void         rs_condition_print (const RsCondition *condition,
                                 GString           *out);

G_END_DECLS
