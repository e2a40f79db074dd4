/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules make a secret (STORE-3). A general purpose parameter may hold anything, and the catalogue cannot know: only the rules say that one of
 * them is a password. So it is they who are asked, all that are in force, and whatever they use as a secret in one place is one everywhere. */
#pragma once

#include "rule/rule.h"

G_BEGIN_DECLS

typedef struct
{
  const RsMacros *macros; /* NULL: those of parameters, as value gives them; what is a fact about the phone is empty */
  /* The value in force of a parameter that holds a rule, and without macros of any; or NULL. */
  const char *(*value) (const char *parameter,
                        gpointer    data);
  /* Whether a parameter is secret by the catalogue. One that the catalogue does not know may be a misspelt password, and so is. */
  gboolean (*is_secret) (const char *parameter,
                         gpointer    data);
  gpointer data;
} RsRuleWorld;

/* The names of parameters (GPP_A, User_ID_1_ …) whose values are secrets because of what the rules in force do with them: it is in the value of
 * --key, --uid or --pwd, in the account or the query of a URL, in a body of --post; or it is assigned to a parameter that is a secret, or one of
 * such a parameter's value is assigned to it. Of facts about the phone ($MA, $SN) none is. another: a profile rule that is looked at with them,
 * or NULL. A set of strings; free it. */
GHashTable *rs_rule_secrets (const RsRuleWorld *world,
                             const char        *another);

/* What the rules that were in force make a secret, and those that will be: values of both are told. A set of strings; free it. */
GHashTable *rs_rule_secrets_of_both (const RsRuleWorld *before,
                                     const RsRuleWorld *after,
                                     const char        *another);

G_END_DECLS
