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

/* The kind of rule that a parameter of type rule holds. */
RsRuleKind rs_rule_kind_of (const char *parameter);

/* RS_ERROR_INVALID_RULE with the column (characters, from 1), what was found there and what was expected (RULE-10). An empty rule, white space
 * and a comment (RULE-8) parse to an empty rule. At most 64 alternatives and 16 KiB, as written and as printed. */
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

/* Whether a rule may be the hint of a redirect or activation service: it leads to a server by every way that it has, and sets nothing on
 * the way. RS_ERROR_INVALID_RULE says what it does instead. (DISC-10) */
gboolean  rs_rule_check_hint (const RsRule *rule,
                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a caller of the user class may give this rule as far as options go: no --key, --uid, --pwd, --post (RULE-10); the macros it
 * uses come from rs_macro_names (text). */
gboolean  rs_rule_has_private_options (const RsRule *rule);

/* What an alternative says before any macro is known, for who looks at rules at a desk. Borrowed from the rule. */
typedef struct
{
  gboolean    conditional;
  const char *url;          /* as written; NULL: it fetches nothing */
  guint       url_column;   /* characters, from 1 */
  gboolean    scheme_known; /* FALSE: a macro or the server that is used decides */
  RsScheme    scheme;
  const char *key;          /* --key, --uid and --pwd before macros, for rs_macro_expand (); NULL: not given */
  const char *user;
  const char *password;
  guint       key_column;
  guint       user_column;
  guint       password_column;
  gboolean    has_login;    /* --uid or --pwd */
  gboolean    secret_given; /* --key or --pwd with a value of its own, which no macro brings */
  gboolean    srv;
  gboolean    delta;
  gboolean    status;
  const char *post;         /* "A" … "P"; NULL: none */
  const char *alias;
  guint       n_settings;   /* assignments */
  guint       second_url_column; /* of a "scheme://" behind a ";" or "," of the URL: it is a part of the path, and no other server; 0: none */
} RsRuleOutline;

/* alternative: from 1. FALSE: there is none of that number. */
gboolean      rs_rule_outline (const RsRule  *rule,
                               guint          alternative,
                               RsRuleOutline *outline);

typedef struct
{
  const char *name;
  guint       column; /* of the name */
  const char *source; /* the value before macros, for rs_macro_names () */
  char       *value;  /* to be freed; NULL: macros decide */
} RsRuleSettingOutline;

/* One assignment of an alternative, from 0. */
void          rs_rule_setting (const RsRule         *rule,
                               guint                 alternative,
                               guint                 setting,
                               RsRuleSettingOutline *outline);

/* A comparison before any macro is known. Borrowed from the rule. */
typedef struct
{
  const char *left;        /* as written, without its quotes; "$SWVER" where there was none */
  const char *right;
  guint       left_column; /* characters, from 1 */
  guint       right_column;
  gboolean    texts;       /* of texts, as one side stands in quotes; else of numbers and versions */
  gboolean    negated;     /* != */
  gboolean    ordered;     /* neither = nor != */
} RsRuleComparison;

/* comparison: from 0. FALSE: the alternative has none of that number. */
gboolean      rs_rule_comparison (const RsRule     *rule,
                                  guint             alternative,
                                  guint             comparison,
                                  RsRuleComparison *outline);

/* The condition of an alternative in its canonical form; NULL: it has none, or is the one of a trigger. It may hold what is a secret: wipe it. */
char         *rs_rule_condition (const RsRule *rule,
                                 guint         alternative) G_GNUC_WARN_UNUSED_RESULT;

typedef enum
{
  RS_RULE_DEPENDS, /* on macros of which nothing is known */
  RS_RULE_ALWAYS,  /* it holds, or there is none */
  RS_RULE_NEVER,
} RsRuleTruth;

/* What is known of an alternative's condition where some macros are known; NULL: none is. RS_RULE_NEVER with RS_ERROR_INVALID_RULE: a comparison
 * that may be reached cannot be made. */
RsRuleTruth   rs_rule_truth (const RsRule   *rule,
                             guint           alternative,
                             const RsMacros *known,
                             GError        **error);

/* The columns (guint) of what in a text is a macro by its looks, and none by its name or by how others write them, {mac} and %MAC%, in a rule also
 * <MAC>, [MAC], @MAC@ and #MAC#, which other texts hold for what they are: it stays as it is written (PHONE-4). */
GArray       *rs_rule_unknown_macros (const char *text,
                                      gboolean    of_rule) G_GNUC_WARN_UNUSED_RESULT;

/* The columns (guint) of macros that end within a word of capitals, as $GPP_A, which is $G and "PP_A" (PHONE-4). */
GArray       *rs_rule_joined_macros (const char *text) G_GNUC_WARN_UNUSED_RESULT;

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

/* What is told while a rule is evaluated. Texts are borrowed for the call; values may be secret. */
typedef struct
{
  /* A comparison of that alternative (from 1) saw these values. text: its canonical form, with $SWVER where no left side was written. */
  void (*comparison) (guint       alternative,
                      const char *text,
                      const char *left_value,
                      const char *operator,
                      const char *right_value,
                      gboolean    holds,
                      gpointer    data);
  /* The condition of an alternative, as written. */
  void (*condition) (guint       alternative,
                     const char *text,
                     gboolean    holds,
                     gpointer    data);
  gpointer data;
} RsRuleObserver;

/* Takes the first alternative whose condition holds (RULE-2). Columns of errors are those of the rule as it was written. allow_secrets: SA…SD may stand in --key, --uid, --pwd (a stored rule that
 * root, an admin or a profile wrote). RS_ERROR_INVALID_RULE: bad macro use, bad URL after expansion, malformed version. */
RsRuleAction *rs_rule_evaluate (const RsRule   *rule,
                                const RsMacros *macros,
                                gboolean        allow_secrets,
                                GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of an alternative (from 1) as if its condition held, with secrets: what can be known of a rule at a desk. */
RsRuleAction *rs_rule_take (const RsRule   *rule,
                            guint           alternative,
                            const RsMacros *macros,
                            GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same walk, seen by an observer. */
RsRuleAction *rs_rule_evaluate_seen (const RsRule         *rule,
                                     const RsMacros       *macros,
                                     gboolean              allow_secrets,
                                     const RsRuleObserver *observer,
                                     GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* RS_RULE_TRIGGER: the truth of the bare condition; an empty one is FALSE. */
gboolean      rs_rule_condition_holds (const RsRule   *rule,
                                       const RsMacros *macros,
                                       gboolean       *holds,
                                       GError        **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
