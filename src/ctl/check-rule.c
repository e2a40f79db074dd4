/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be said of a rule at a desk, before any macro is known: whether it parses, what it would assign, and what it would let
 * everybody on the way read. */
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

/* Nobody can read on the way what comes by https; the content of a file may be sealed by itself. */
static gboolean
is_open (const RsRuleOutline *outline)
{
  return outline->url != NULL && outline->scheme_known
         && (outline->scheme == RS_SCHEME_HTTP || outline->scheme == RS_SCHEME_TFTP);
}

static gboolean
is_sealed (const RsChecking    *checking,
           const RsRuleOutline *outline)
{
  return outline->has_key || (checking->encrypted && outline->scheme == RS_SCHEME_HTTP);
}

/* A parameter of the query whose name is that of a secret, with a value. */
static gboolean
has_secret_query (const char *url)
{
  static const char *const words[] = { "pass", "pwd", "token", "secret", "auth", "apikey", "api_key" };
  const char *query = strchr (url, '?');
  g_auto (GStrv) fields = query != NULL ? g_strsplit_set (query + 1, "&;", -1) : NULL;

  for (guint i = 0; fields != NULL && fields[i] != NULL; i++)
    {
      g_autofree char *name = g_ascii_strdown (fields[i], (gssize) strcspn (fields[i], "="));

      for (guint j = 0; j < G_N_ELEMENTS (words) && strlen (name) + 1 < strlen (fields[i]); j++)
        {
          if (strstr (name, words[j]) != NULL)
            return TRUE;
        }
    }
  return FALSE;
}

static gboolean
has_userinfo (const char *url)
{
  const char *server = strstr (url, "://");

  return server != NULL && memchr (server + 3, '@', strcspn (server + 3, "/?#")) != NULL;
}

/* Names and passwords that go along with the request. */
static void
check_credentials (const Subject       *subject,
                   const RsRuleOutline *outline)
{
  const char *scheme = rs_scheme_name (outline->scheme);

  if (outline->scheme == RS_SCHEME_TFTP && outline->has_login)
    rs_checking_add (subject->checking, subject->assignment, outline->url_column, RS_FOUND_PASSED_OVER, FALSE,
                     _("--uid and --pwd have no effect here: tftp knows no users"));
  else if (outline->has_password || has_userinfo (outline->url))
    rs_checking_add (subject->checking, subject->assignment, outline->url_column, RS_FOUND_CLEAR_TEXT, FALSE,
                     _("The password of this rule would cross the network in the clear, by %s; use https"), scheme);
  if (has_secret_query (outline->url))
    rs_checking_add (subject->checking, subject->assignment, outline->url_column, RS_FOUND_CLEAR_TEXT, FALSE,
                     _("The secret in the query would cross the network in the clear, by %s; use https"), scheme);
}

/* Whether one of the profile rules of the file fetches so that nobody on the way can read it: then that one may be the rule of the file
 * with the secrets. */
static gboolean
has_closed_rule (const RsChecking *checking)
{
  for (guint i = 0; i < checking->profile->assignments->len; i++)
    {
      const RsAssignment *assignment = g_ptr_array_index (checking->profile->assignments, i);
      gboolean rule_parameter = g_str_has_prefix (assignment->name, "Profile_Rule") && assignment->kind == RS_ASSIGN_VALUE;
      g_autoptr (RsRule) rule = rule_parameter ? rs_rule_parse (assignment->value, RS_RULE_PROFILE, NULL) : NULL;
      RsRuleOutline outline;

      for (guint j = 1; rule != NULL && rs_rule_outline (rule, j, &outline); j++)
        {
          if (outline.url != NULL && (!is_open (&outline) || is_sealed (checking, &outline)))
            return TRUE;
        }
    }
  return FALSE;
}

/* What comes back: a profile like this one, or a CA that is to be trusted. */
static void
check_content (const Subject       *subject,
               const RsRuleOutline *outline)
{
  const RsChecking *checking = subject->checking;
  const char *scheme = rs_scheme_name (outline->scheme);
  RsRuleKind kind = rs_rule_kind_of (subject->param->name);
  const RsAssignment *secret = NULL;
  guint more = 0;

  if (kind == RS_RULE_CUSTOM_CA)
    rs_checking_add (subject->checking, subject->assignment, outline->url_column, RS_FOUND_CLEAR_TEXT, FALSE,
                     _("Anybody on the way could put another CA in the place of this one, by %s; use https"), scheme);
  if (kind != RS_RULE_PROFILE || is_sealed (checking, outline) || has_closed_rule (checking))
    return;
  /* what the rule itself holds was told with its credentials */
  for (guint i = 0; i < checking->secrets->len; i++)
    {
      if (g_ptr_array_index (checking->secrets, i) == subject->assignment)
        continue;
      more += secret != NULL;
      secret = secret != NULL ? secret : g_ptr_array_index (checking->secrets, i);
    }
  if (secret != NULL && more == 0)
    rs_checking_add (subject->checking, subject->assignment, outline->url_column, RS_FOUND_CLEAR_TEXT, FALSE,
                     _("The secret in %s (line %u) would cross the network in the clear, by %s without --key; use https or --key"),
                     secret->name, secret->line, scheme);
  else if (secret != NULL)
    rs_checking_add (subject->checking, subject->assignment, outline->url_column, RS_FOUND_CLEAR_TEXT, FALSE,
                     ngettext ("The secret in %s (line %u) and %u more would cross the network in the clear, by %s "
                               "without --key; use https or --key",
                               "The secret in %s (line %u) and %u more would cross the network in the clear, by %s "
                               "without --key; use https or --key", more),
                     secret->name, secret->line, more, scheme);
}

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

/* The map that --alias names, where this file brings it. */
static void
check_alias_map (const Subject *subject,
                 const char    *letter)
{
  g_autofree char *name = g_strconcat ("GPP_", letter, NULL);
  const GPtrArray *assignments = subject->checking->profile->assignments;

  for (guint i = 0; i < assignments->len; i++)
    {
      const RsAssignment *map = g_ptr_array_index (assignments, i);
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) names = NULL;

      if (strcmp (map->name, name) != 0 || map->kind != RS_ASSIGN_VALUE)
        continue;
      names = rs_profile_alias_names (map->value, &error);
      if (names == NULL)
        rs_checking_add (subject->checking, map, 0, RS_FOUND_BAD_ALIAS_MAP, TRUE, "%s", error->message);
      for (guint j = 0; names != NULL && names[j] != NULL; j++)
        {
          if (rs_catalogue_find (subject->checking->catalogue, names[j]) == NULL)
            rs_checking_add_unknown (subject->checking, map, 0, names[j]);
        }
    }
}

static void
check_alternative (const Subject *subject,
                   const RsRule  *rule,
                   guint          number)
{
  RsRuleOutline outline;

  rs_rule_outline (rule, number, &outline);
  for (guint i = 0; i < outline.n_settings; i++)
    {
      RsRuleSettingOutline setting;

      rs_rule_setting (rule, number, i, &setting);
      check_setting (subject, &setting);
      rs_secret_free (setting.value);
    }
  if (outline.alias != NULL)
    check_alias_map (subject, outline.alias);
  if (!is_open (&outline))
    return;
  if (outline.srv && outline.scheme == RS_SCHEME_TFTP)
    rs_checking_add (subject->checking, subject->assignment, outline.url_column, RS_FOUND_BAD_RULE, TRUE, "%s",
                     "Error - TFTP Scheme not supported in SRV lookups.");
  check_credentials (subject, &outline);
  check_content (subject, &outline);
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
        check_alternative (&subject, one, i);
    }
}
