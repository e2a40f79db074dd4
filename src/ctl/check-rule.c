/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be said of a rule at a desk, before any macro is known: whether it parses, what it would assign, and what of it
 * would be refused each time. */
#include "config.h"

#include "ctl/checking.h"

#include "base/secret.h"
#include "params/alias.h"
#include "rule/fault.h"
#include "rule/rule.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  RsChecking *checking;
  const RsAssignment *assignment;
  const RsParam *param;
} Subject;

/* A rule that a rule assigns is followed some day as well. assigned: some phone may come to do so. */
static void
check_inner_rule (const Subject              *subject,
                  const RsRuleSettingOutline *setting,
                  const RsParam              *param,
                  gboolean                    assigned)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRule) rule = rs_rule_parse (setting->value, rs_rule_kind_of (param->name), &error);
  const char *what;
  guint column;
  RsRuleOutline outline;

  if (rule == NULL)
    {
      column = rs_rule_fault_column (error->message, &what);
      rs_checking_add (subject->checking, subject->assignment, setting->column, RS_FOUND_BAD_RULE, TRUE, _("%s: column %u of its value: %s"),
                       param->name, column, what);
      return;
    }
  for (const RsRule *one = rule; assigned && one != NULL; one = rs_rule_next (one))
    {
      for (guint i = 1; rs_rule_outline (one, i, &outline); i++)
        rs_checking_clear_text (subject->checking, subject->assignment, param, one, i, setting->column);
    }
}

/* Name = "value"; in a rule is stored as if a profile had carried it (RULE-5). */
static void
check_setting (const Subject              *subject,
               const RsRuleSettingOutline *setting,
               gboolean                    assigned)
{
  const RsParam *param = rs_catalogue_find (subject->checking->catalogue, setting->name);
  g_autoptr (GError) error = NULL;
  g_autofree char *normal = NULL;

  if (param == NULL)
    {
      rs_checking_add_unknown (subject->checking, subject->assignment, setting->column, setting->name);
      return;
    }
  if (setting->value == NULL)
    return;
  normal = rs_param_normalize (param, setting->value, &error);
  if (normal == NULL)
    rs_checking_add (subject->checking, subject->assignment, setting->column, RS_FOUND_BAD_VALUE, TRUE, "%s",
                     error->message);
  else if (param->type == RS_TYPE_RULE)
    check_inner_rule (subject, setting, param, assigned);
}

/* The register that an option names, where this file sets it and no rule before took it for the same. */
static const RsAssignment *
find_register (const Subject *subject,
               const char    *option,
               const char    *letter)
{
  g_autofree char *mark = g_strconcat (option, " ", letter, NULL);

  return g_hash_table_add (subject->checking->seen, g_steal_pointer (&mark)) ? rs_checking_find (subject->checking, letter) : NULL;
}

/* PROF-10 */
static void
check_alias_map (const Subject *subject,
                 const char    *letter)
{
  const RsAssignment *map = find_register (subject, "--alias", letter);
  gboolean empty = map != NULL && (map->kind != RS_ASSIGN_VALUE || map->value[0] == '\0');
  g_autoptr (GArray) pairs = map != NULL && !empty ? rs_aliases_list (map->value) : NULL;

  if (empty)
    rs_checking_add (subject->checking, map, 0, RS_FOUND_BAD_ALIAS_MAP, TRUE, _("%s is empty, and a rule has it as its alias map"), map->name);
  for (guint i = 0; pairs != NULL && i < pairs->len; i++)
    {
      const RsAliasPair *pair = &g_array_index (pairs, RsAliasPair, i);

      if (pair->name == NULL)
        rs_checking_add (subject->checking, map, pair->character, RS_FOUND_BAD_ALIAS_MAP, TRUE, _("The alias map, pair %u: expected %s"),
                         pair->number, pair->expected);
      else if (rs_catalogue_find (subject->checking->catalogue, pair->name) == NULL)
        rs_checking_add_unknown (subject->checking, map, pair->character, pair->name);
    }
}

/* PHONE-3: a body goes to a server, and $SA … $SD into no text that does. */
static void
check_body (const Subject *subject,
            const char    *letter)
{
  const RsAssignment *body = find_register (subject, "--post", letter);

  if (body != NULL && body->kind == RS_ASSIGN_VALUE)
    rs_checking_macro_text (subject->checking, body, RS_FOUND_BAD_RULE, _("nothing is sent"));
}

static void
refuse (const Subject       *subject,
        const RsRuleOutline *outline,
        const char          *what)
{
  rs_checking_add (subject->checking, subject->assignment, outline->url_column, RS_FOUND_BAD_RULE, TRUE, "%s", what);
}

/* What the phone would say once it has come so far. Nothing of a URL that a parameter decides which this file does not set. */
static void
refuse_taken (const Subject       *subject,
              const RsRuleOutline *outline,
              const GError        *error)
{
  const char *what;
  guint column = rs_rule_fault_column (error->message, &what);
  gboolean of_url = outline->url != NULL && (column == 0 || column >= outline->url_column);

  if (of_url && rs_checking_is_open (subject->checking, outline->url))
    return;
  if (of_url && column == 0)
    rs_checking_add (subject->checking, subject->assignment, outline->url_column, RS_FOUND_BAD_RULE, TRUE,
                     _("%s (What has no scheme is one of tftp)"), what);
  else if (of_url)
    rs_checking_add (subject->checking, subject->assignment, outline->url_column, RS_FOUND_BAD_RULE, TRUE,
                     _("With what this file puts into its macros this is no URL: %s"), what);
  else
    rs_checking_add (subject->checking, subject->assignment, column, RS_FOUND_BAD_RULE, TRUE, "%s", what);
}

/* What parses and would be refused each time that the rule is followed. FALSE: it would be. */
static gboolean
check_taken (const Subject       *subject,
             const RsRule        *rule,
             guint                number,
             const RsRuleOutline *outline)
{
  gboolean tftp = outline->scheme_known && outline->scheme == RS_SCHEME_TFTP;
  const RsMacros macros = rs_checking_macros (subject->checking);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRuleAction) action = NULL;

  if (outline->srv && tftp)
    {
      refuse (subject, outline, "Error - TFTP Scheme not supported in SRV lookups.");
      return FALSE;
    }
  action = rs_rule_take (rule, number, &macros, &error);
  if (action == NULL)
    {
      refuse_taken (subject, outline, error);
      return FALSE;
    }
  tftp = tftp || (action->url != NULL && action->url->host != NULL && action->url->scheme == RS_SCHEME_TFTP
                  && !rs_checking_is_open (subject->checking, outline->url));
  if (outline->post == NULL || !tftp)
    return TRUE;
  refuse (subject, outline, _("--post needs http or https"));
  return FALSE;
}

/* The parameters that the URL and the options of an alternative bring by macros. */
static GHashTable *
parameters_of (const RsRuleOutline *outline)
{
  const char *const texts[] = { outline->url, outline->key, outline->user, outline->password };
  GHashTable *parameters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_auto (GStrv) names = texts[i] != NULL ? rs_macro_names (texts[i]) : NULL;

      for (guint k = 0; names != NULL && names[k] != NULL; k++)
        {
          char *parameter = rs_macro_parameter (names[k]);

          if (parameter != NULL)
            g_hash_table_add (parameters, parameter);
        }
    }
  return parameters;
}

static void
check_settings (const Subject       *subject,
                const RsRule        *rule,
                guint                number,
                const RsRuleOutline *outline,
                gboolean             assigned)
{
  g_autoptr (GHashTable) used = outline->n_settings > 0 ? parameters_of (outline) : NULL;

  for (guint i = 0; i < outline->n_settings; i++)
    {
      RsRuleSettingOutline setting;

      rs_rule_setting (rule, number, i, &setting);
      check_setting (subject, &setting, assigned);
      if (g_hash_table_contains (used, setting.name))
        rs_checking_add (subject->checking, subject->assignment, setting.column, RS_FOUND_CONSTANT, FALSE,
                         _("%s has the value from before this in the URL and the options of the same alternative"), setting.name);
      rs_secret_free (setting.value);
    }
}

/* RULE-6: what is another value, or has no effect. */
static void
check_options (const Subject       *subject,
               const RsRuleOutline *outline)
{
  const struct
  {
    const char *value;
    guint column;
  } given[] = { { outline->key, outline->key_column }, { outline->user, outline->user_column }, { outline->password, outline->password_column } };

  for (guint i = 0; i < G_N_ELEMENTS (given); i++)
    {
      if (given[i].value != NULL
          && (rs_macro_is_known (given[i].value) || rs_catalogue_find (subject->checking->catalogue, given[i].value) != NULL))
        rs_checking_add (subject->checking, subject->assignment, given[i].column, RS_FOUND_UNKNOWN_MACRO, FALSE,
                         _("This is the text itself; a macro begins with “$”"));
    }
  if (outline->password != NULL && (outline->user == NULL || outline->user[0] == '\0'))
    rs_checking_add (subject->checking, subject->assignment, outline->password_column, RS_FOUND_PASSED_OVER, FALSE,
                     _("--pwd has no effect here: --uid gives no name"));
  if (outline->delta && outline->status)
    rs_checking_add (subject->checking, subject->assignment, outline->url_column, RS_FOUND_PASSED_OVER, FALSE,
                     _("--delta has no effect beside --status: the status page is sent whole"));
}

/* A comparison that cannot be made fails the rule. */
static void
check_condition (const Subject *subject,
                 const RsRule  *rule,
                 guint          number,
                 const GError  *error)
{
  const char *what;
  guint column;

  if (error == NULL)
    {
      rs_checking_condition (subject->checking, subject->assignment, rule, number);
      return;
    }
  column = rs_rule_fault_column (error->message, &what);
  rs_checking_add (subject->checking, subject->assignment, column, RS_FOUND_BAD_RULE, TRUE, "%s: %s", subject->param->name, what);
}

/* Where the walk along the alternatives is. */
typedef struct
{
  gboolean counts;  /* the rule is in force */
  gboolean reached; /* by some phone */
  gboolean here;    /* by one for which macros are as the file sets them */
  GHashTable *conditions; /* of the alternatives before, in their canonical form */
} Walk;

/* RULE-2: of two alternatives with one condition the second is never taken. */
static void
check_repetition (const Subject *subject,
                  const RsRule  *rule,
                  guint          number,
                  GHashTable    *conditions)
{
  char *condition = rs_rule_condition (rule, number);
  RsRuleComparison first;

  if (condition != NULL && !g_hash_table_add (conditions, condition) && rs_rule_comparison (rule, number, 0, &first))
    rs_checking_add (subject->checking, subject->assignment, first.left_column, RS_FOUND_CONSTANT, FALSE,
                     _("An alternative before this one has the same condition, so that this one is never taken"));
}

static void
check_alternative (const Subject *subject,
                   const RsRule  *rule,
                   guint          number,
                   Walk          *walk)
{
  g_autoptr (GError) error = NULL;
  gboolean here = rs_checking_may_take (subject->checking, rule, number, &walk->here, &error) && walk->counts;
  gboolean somewhere = rs_checking_may_take (NULL, rule, number, &walk->reached, NULL) && walk->counts;
  RsRuleOutline outline;

  rs_rule_outline (rule, number, &outline);
  rs_checking_url (subject->checking, subject->assignment, &outline);
  check_options (subject, &outline);
  check_settings (subject, rule, number, &outline, somewhere);
  check_condition (subject, rule, number, error);
  check_repetition (subject, rule, number, walk->conditions);
  if (here && outline.alias != NULL)
    check_alias_map (subject, outline.alias);
  if (here && check_taken (subject, rule, number, &outline) && outline.post != NULL)
    check_body (subject, outline.post);
  if (somewhere)
    rs_checking_clear_text (subject->checking, subject->assignment, subject->param, rule, number, outline.url_column);
}

void
rs_checking_rule (RsChecking         *checking,
                  const RsAssignment *assignment,
                  const RsParam      *param)
{
  const Subject subject = { checking, assignment, param };
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRule) rule = rs_rule_parse (assignment->value, rs_rule_kind_of (param->name), &error);
  guint column;
  RsRuleOutline outline;
  const char *what;

  if (rule == NULL)
    {
      column = rs_rule_fault_column (error->message, &what);
      rs_checking_add (checking, assignment, column, RS_FOUND_BAD_RULE, TRUE, "%s: %s", param->name, what);
      return;
    }
  if (!rs_rule_is_empty (rule))
    rs_checking_unknown_macros (checking, assignment, TRUE);
  if (!rs_rule_is_empty (rule) && rs_rule_kind_of (param->name) == RS_RULE_PROFILE)
    rs_checking_parts (checking, assignment);
  for (const RsRule *one = rule; one != NULL; one = rs_rule_next (one))
    {
      g_autoptr (GHashTable) conditions = g_hash_table_new_full (g_str_hash, g_str_equal, (GDestroyNotify) rs_secret_free, NULL);
      Walk walk = { rs_checking_counts (checking, assignment), TRUE, TRUE, conditions };

      for (guint i = 1; rs_rule_outline (one, i, &outline); i++)
        check_alternative (&subject, one, i, &walk);
    }
}
