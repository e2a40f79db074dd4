/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of an alternative (RULE-6). */
#pragma once

#include "rule/cursor.h"
#include "rule/rule.h"

G_BEGIN_DECLS

typedef struct
{
  RsRuleText key;
  RsRuleText user;
  RsRuleText password;
  char      *post;  /* "A" … "P" */
  char      *alias;
  gboolean   srv;
  gboolean   delta;
  gboolean   status;
} RsRuleOptions;

/* Reads the bracket that the cursor stands at. */
gboolean rs_rule_options_parse (RsCursor      *cursor,
                                RsRuleKind     kind,
                                RsRuleOptions *options,
                                GError       **error) G_GNUC_WARN_UNUSED_RESULT;
void     rs_rule_options_clear (RsRuleOptions *options);

/* The bytes of the name of an option that stands at p, such as "--key"; 0: none. */
gsize    rs_rule_match_option (const char *p);

/* --key, --uid, --pwd or --post (RULE-10). */
gboolean rs_rule_options_are_private (const RsRuleOptions *options);

G_END_DECLS
