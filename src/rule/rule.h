/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rule language: parse once, evaluate against macros. (RULE-1 … RULE-10) */
#pragma once

#include "rule/macro.h"
#include "rule/url.h"

G_BEGIN_DECLS

typedef enum
{
  RS_RULE_PROFILE, /* Profile_Rule, _B, _C, _D and a rule given to Resync */
  RS_RULE_UPGRADE,
  RS_RULE_REPORT,
  RS_RULE_CUSTOM_CA,
  RS_RULE_TRIGGER, /* a bare condition */
} RsRuleKind;

typedef struct _RsRule RsRule;

/* RS_ERROR_INVALID_RULE with the column (characters, from 1) and what was expected there (RULE-10). An empty rule, white space and a
 * comment (RULE-8) parse to an empty rule. At most 16 KiB and 64 alternatives. */
RsRule   *rs_rule_parse (const char *text,
                         RsRuleKind  kind,
                         GError    **error) G_GNUC_WARN_UNUSED_RESULT;
void      rs_rule_free (RsRule *rule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsRule, rs_rule_free)

/* The canonical form, which parses to the same rule: "(COND)? (NAME = "VALUE";)! [OPTIONS] URL | …". With all its keys: for who may read
 * them, and to be wiped. */
char     *rs_rule_print (const RsRule *rule) G_GNUC_WARN_UNUSED_RESULT;

gboolean  rs_rule_is_empty (const RsRule *rule);

/* RS_RULE_REPORT: the second rule, which stands after a blank and is evaluated by itself (RULE-9); NULL: there is none. The first owns it. */
const RsRule *rs_rule_next (const RsRule *rule);

/* Whether any alternative's URL names a server (before expansion: "$SERV/" counts as one, and $A … $P at the start, which may stand for a
 * whole URL). gds:// counts too: the rule says where the profile comes from. Used by DISC-6 and DISC-14. */
gboolean  rs_rule_names_server (const RsRule *rule);

/* Whether a caller of the user class may give this rule as far as options go: no --key, --uid, --pwd, --post (RULE-10); the macros it
 * uses come from rs_macro_names (text). */
gboolean  rs_rule_has_private_options (const RsRule *rule);

typedef struct
{
  char *name;
  char *value; /* expanded */
} RsRuleAssignment;

/* What a rule says to do now. */
typedef struct
{
  gboolean  skip;        /* nothing to fetch: empty, none taken, or only assignments */
  guint     alternative; /* which one was taken, from 1; 0: none */
  GPtrArray *assignments; /* RsRuleAssignment, may be empty (RULE-5) */
  RsUrl    *url;         /* expanded and parsed; NULL where skip. host NULL: no server was written */
  char     *url_text;    /* the URL text before expansion (HTTP-8, DISC-14); may hold userinfo and query. Wiped. */
  char     *key;         /* --key …, expanded; NULL: not given. Wiped. */
  char     *user;
  char     *password;
  gboolean  srv;         /* --srv */
  char     *post;        /* --post x: "A"…"P"; NULL: GET */
  char     *alias;       /* --alias x: "A"…"P" */
  gboolean  delta;       /* Report_Rule: --delta, --status */
  gboolean  status;
} RsRuleAction;

void          rs_rule_action_free (RsRuleAction *action);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsRuleAction, rs_rule_action_free)

/* The condition of an alternative (from 1) as it is written; NULL: it has none, or there is no such alternative. For rs_rule_evaluate ()'s
 * answer: those before the one taken do not hold, that one does. */
const char   *rs_rule_condition_text (const RsRule *rule,
                                      guint         alternative);

/* Takes the first alternative whose condition holds (RULE-2). allow_secrets: SA…SD may stand in --key, --uid, --pwd (a stored rule that
 * root, an admin or a profile wrote). RS_ERROR_INVALID_RULE: bad macro use, bad URL after expansion, malformed version. */
RsRuleAction *rs_rule_evaluate (const RsRule   *rule,
                                const RsMacros *macros,
                                gboolean        allow_secrets,
                                GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* RS_RULE_TRIGGER: the truth of the bare condition; an empty one is FALSE. */
gboolean      rs_rule_condition_holds (const RsRule   *rule,
                                       const RsMacros *macros,
                                       gboolean       *holds,
                                       GError        **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
