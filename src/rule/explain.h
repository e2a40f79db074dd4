/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a rule would do, told step by step in the words of the bus interface (Explain). It is the walk of rs_rule_evaluate () itself that is
 * told, in the daemon and at a desk alike. What the rules use as a secret in one place is shown in none (rule/secrets.h), and what is longer than
 * anybody reads in none either, so that an explanation costs no more than the rule is long. */
#pragma once

#include "rule/secrets.h"

G_BEGIN_DECLS

typedef struct
{
  /* With its data for all of these. What the rules in force use as a secret is hidden as well. */
  RsRuleWorld world;
  /* Whether the value of a macro may be shown; where it may not, RS_MASK stands for it and for all that it became part of. */
  gboolean (*shows_macro) (const char *macro,
                           gpointer    data);
  /* What may be shown of a value that the rule would assign to a parameter. (transfer full) */
  char *(*show_value) (const char *name,
                       const char *value,
                       gpointer    data);
  /* Whether the phone would take a value that the rule would assign. RS_ERROR_INVALID_NAME or RS_ERROR_INVALID_VALUE, whose message may show the
   * value. */
  gboolean (*check_value) (const char *name,
                           const char *value,
                           gpointer    data,
                           GError    **error);
  /* Whether the phone would take an alias map; the message shows nothing of it. NULL: any. */
  gboolean (*check_map) (const char *map,
                         gpointer    data,
                         GError    **error);
  /* A step: its kind (rule, search, macro, alternative, comparison, condition, assignment, option, fetch, send, skip, fault, next), its text, escaped and
   * without secrets, and of comparisons and conditions the truth, else -1. A fault is what the phone would refuse: behind the steps up to it where
   * it makes the rule fail. */
  void (*step) (const char *kind,
                const char *text,
                int         truth,
                gpointer    data);
} RsExplainer;

/* A profile rule that somebody gives. stored: as if it were in Profile_Rule, so that it may use $SA … $SD. RS_ERROR_INVALID_RULE as
 * rs_rule_parse (); what cannot be evaluated is a step. */
gboolean rs_rule_explain (const RsExplainer *explainer,
                          const char        *text,
                          gboolean           stored,
                          GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a phone does where its rule does not say it: it looks for a server, or goes to the one that it knows. */
typedef struct
{
  char    *text;    /* without secrets; NULL: nothing */
  gboolean instead; /* of the rule, which it then does not look at */
} RsElsewhere;

/* Stored rules of any kind, the profile rules in the order in which a resync follows them; one that cannot be read is a fault among the steps.
 * first: beside the first of them; NULL: nothing. */
void     rs_rules_explain (const RsExplainer *explainer,
                           const char *const *names,
                           const RsElsewhere *first);

/* Adds a step to an array of dictionaries (aa{sv}), as the bus interface has them. */
void     rs_explain_add_step (GVariantBuilder *steps,
                              const char      *kind,
                              const char      *text,
                              int              truth);

/* Macros of which some stand for what somebody supposes. values: the name of a macro, or of the parameter that it stands for, to its value;
 * what is not there comes from below. Both are borrowed. */
typedef struct
{
  RsMacros        macros; /* to be given to others */
  const RsMacros *below;
  GHashTable     *values;
} RsSupposed;

/* Whether a macro can be supposed at all. RS_ERROR_INVALID_NAME: it has no value of its own. */
gboolean rs_supposed_check (const char *name,
                            GError    **error);

void     rs_supposed_init (RsSupposed     *supposed,
                           const RsMacros *below,
                           GHashTable     *values);

G_END_DECLS
