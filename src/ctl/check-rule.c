/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be said of a rule at a desk, before any macro is known: whether it parses, what it would assign, and what of it
 * would be refused each time. */
#include "config.h"

#include "ctl/checking.h"

#include "base/secret.h"
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

/* Name = "value"; in a rule is stored as if a profile had carried it (RULE-5). */
static void
check_setting (const Subject              *subject,
               const RsRuleSettingOutline *setting)
{
  const RsParam *param = rs_catalogue_find (subject->checking->catalogue, setting->name);
  g_autoptr (GError) error = NULL;
  g_autofree char *normal = NULL;

  if (param == NULL)
    {
      rs_checking_add_unknown (subject->checking, subject->assignment, setting->column, setting->name);
      return;
    }
  normal = setting->value != NULL ? rs_param_normalize (param, setting->value, &error) : NULL;
  if (error != NULL)
    rs_checking_add (subject->checking, subject->assignment, setting->column, RS_FOUND_BAD_VALUE, TRUE, "%s",
                     error->message);
}

static const char *
look_up (const char *name,
         gpointer    data)
{
  const RsChecking *checking = data;
  const RsAssignment *set = name[1] == '\0' ? g_hash_table_lookup (checking->registers, name) : NULL;

  return set != NULL ? set->value : NULL;
}

char *
rs_checking_expand (const RsChecking *checking,
                    const char       *text,
                    GError          **error)
{
  const RsMacros macros = { look_up, (gpointer) checking };

  return rs_macro_expand (text, &macros, FALSE, error);
}

/* The register that an option names, where this file sets it and no rule before took it for the same. */
static const RsAssignment *
find_register (const Subject *subject,
               const char    *option,
               const char    *letter)
{
  g_autofree char *mark = g_strconcat (option, " ", letter, NULL);

  return g_hash_table_add (subject->checking->seen, g_steal_pointer (&mark))
             ? g_hash_table_lookup (subject->checking->registers, letter)
             : NULL;
}

static void
check_alias_map (const Subject *subject,
                 const char    *letter)
{
  const RsAssignment *map = find_register (subject, "--alias", letter);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = map != NULL ? rs_profile_alias_names (map->value, &error) : NULL;

  if (error != NULL)
    rs_checking_add (subject->checking, map, 0, RS_FOUND_BAD_ALIAS_MAP, TRUE, "%s", error->message);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      if (rs_catalogue_find (subject->checking->catalogue, names[i]) == NULL)
        rs_checking_add_unknown (subject->checking, map, 0, names[i]);
    }
}

/* PHONE-3: a body goes to a server, and $SA … $SD into no text that does. */
static void
check_body (const Subject *subject,
            const char    *letter)
{
  const RsAssignment *body = find_register (subject, "--post", letter);
  g_autoptr (GError) error = NULL;
  g_auto (RsSecretString) expanded = body != NULL ? rs_macro_expand (body->value, NULL, FALSE, &error) : NULL;
  const char *what;
  guint column;

  if (error == NULL)
    return;
  column = rs_rule_fault_column (error->message, &what);
  rs_checking_add (subject->checking, body, column, RS_FOUND_BAD_RULE, TRUE, "%s: %s", body->name, what);
}

static void
refuse (const Subject       *subject,
        const RsRuleOutline *outline,
        const char          *what)
{
  rs_checking_add (subject->checking, subject->assignment, outline->url_column, RS_FOUND_BAD_RULE, TRUE, "%s", what);
}

/* A URL of which nothing is left open by macros other than those that the file itself sets. */
static void
check_url (const Subject       *subject,
           const RsRuleOutline *outline)
{
  g_auto (RsSecretString) text = rs_checking_expand (subject->checking, outline->url, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsUrl) url = NULL;
  const char *what;

  if (text == NULL || strcmp (text, outline->url) == 0 || strchr (text, '$') != NULL)
    return;
  url = rs_url_parse (text, &error);
  if (url != NULL)
    return;
  rs_rule_fault_column (error->message, &what);
  rs_checking_add (subject->checking, subject->assignment, outline->url_column, RS_FOUND_BAD_RULE, TRUE,
                   _("With what this file puts into its macros this is no URL: %s"), what);
}

/* What parses and would be refused each time that the rule is followed. */
static void
check_options (const Subject       *subject,
               const RsRuleOutline *outline)
{
  gboolean tftp = outline->scheme_known && outline->scheme == RS_SCHEME_TFTP;

  check_url (subject, outline);
  if (outline->alias != NULL)
    check_alias_map (subject, outline->alias);
  if (outline->post != NULL && tftp)
    refuse (subject, outline, _("--post needs http or https"));
  else if (outline->post != NULL)
    check_body (subject, outline->post);
  if (outline->srv && tftp)
    refuse (subject, outline, "Error - TFTP Scheme not supported in SRV lookups.");
}

static void
check_alternative (const Subject *subject,
                   const RsRule  *rule,
                   guint          number)
{
  RsRuleKind kind = rs_rule_kind_of (subject->param->name);
  RsRuleOutline outline;

  rs_rule_outline (rule, number, &outline);
  for (guint i = 0; i < outline.n_settings; i++)
    {
      RsRuleSettingOutline setting;

      rs_rule_setting (rule, number, i, &setting);
      check_setting (subject, &setting);
      rs_secret_free (setting.value);
    }
  rs_checking_condition (subject->checking, subject->assignment, rule, number);
  if (outline.url == NULL)
    return;
  check_options (subject, &outline);
  rs_checking_clear_text (subject->checking, subject->assignment, kind, &outline);
}

void
rs_checking_rule (RsChecking         *checking,
                  const RsAssignment *assignment,
                  const RsParam      *param)
{
  const Subject subject = { checking, assignment, param };
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRule) rule = rs_rule_parse (assignment->value, rs_rule_kind_of (param->name), &error);
  guint column, unknown;
  RsRuleOutline outline;
  const char *what;

  if (rule == NULL)
    {
      column = rs_rule_fault_column (error->message, &what);
      rs_checking_add (checking, assignment, column, RS_FOUND_BAD_RULE, TRUE, "%s: %s", param->name, what);
      return;
    }
  unknown = rs_rule_is_empty (rule) ? 0 : rs_rule_unknown_macro (assignment->value);
  if (unknown > 0)
    rs_checking_add (checking, assignment, unknown, RS_FOUND_UNKNOWN_MACRO, FALSE,
                     _("No macro of the phone begins here; the text stays as it is written"));
  for (const RsRule *one = rule; one != NULL; one = rs_rule_next (one))
    {
      for (guint i = 1; rs_rule_outline (one, i, &outline); i++)
        {
          if (outline.second_url_column > 0)
            rs_checking_add (checking, assignment, outline.second_url_column, RS_FOUND_BAD_RULE, FALSE,
                             _("This is a part of the URL's path: “;” separates no servers in a rule"));
          check_alternative (&subject, one, i);
        }
    }
}
