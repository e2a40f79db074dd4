/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A parsed rule, for the files that read and evaluate it, and for the test that compares two of them whole. */
#pragma once

#include "rule/condition.h"
#include "rule/options.h"
#include "rule/rule.h"

G_BEGIN_DECLS

typedef enum
{
  RS_RELATION_EQ,
  RS_RELATION_NE,
  RS_RELATION_LT,
  RS_RELATION_LE,
  RS_RELATION_GT,
  RS_RELATION_GE,
} RsRelation;

typedef struct
{
  RsRuleText left;
  RsRuleText right;
  RsRelation relation;
} RsComparison;

struct _RsCondition
{
  GArray *comparisons; /* RsComparison */
};

typedef struct
{
  char      *name;
  guint      column; /* of the name */
  RsRuleText value;
} RsRuleSetting;

typedef struct
{
  RsCondition  *condition; /* NULL: none */
  char         *condition_text; /* as written, without its parentheses; NULL: none. Wiped. */
  GArray       *settings;  /* RsRuleSetting; NULL: none */
  RsRuleOptions options;
  char         *url; /* as written; NULL: none. Wiped. */
  guint         url_column;
} RsAlternative;

/* A rule's canonical form is at most that many times as long as what was written. */
#define RS_RULE_GROWTH 6

/* expected of the other kinds of rule */
#define RS_RULE_NO_SCREEN "a server or a path: only a profile rule opens the activation screen"

struct _RsRule
{
  RsRuleKind kind;
  GPtrArray *alternatives; /* RsAlternative; of RS_RULE_TRIGGER one with a condition only */
  RsRule    *next;         /* Report_Rule: the second rule */
};

G_END_DECLS
