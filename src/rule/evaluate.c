/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a rule says to do now (RULE-2). */
#include "rule/rule-private.h"

#include "base/error.h"
#include "base/secret.h"
#include "rule/fault.h"
#include "rule/macro-scan.h"
#include "rule/url-parse.h"

#include <string.h>

static void
assignment_free (gpointer data)
{
  RsRuleAssignment *assignment = data;

  g_free (assignment->name);
  rs_secret_free (assignment->value);
  g_free (assignment);
}

void
rs_rule_action_free (RsRuleAction *action)
{
  if (action == NULL)
    return;
  g_ptr_array_unref (action->assignments);
  rs_url_free (action->url);
  rs_secret_free (action->url_text);
  rs_secret_free (action->key);
  rs_secret_free (action->user);
  rs_secret_free (action->password);
  g_free (action->post);
  g_free (action->alias);
  g_free (action);
}

static gboolean
find_alternative (const RsRule *rule, const RsMacros *macros, const RsRuleObserver *observer, guint *number, GError **error)
{
  *number = 0;
  for (guint i = 0; i < rule->alternatives->len; i++)
    {
      const RsAlternative *alternative = g_ptr_array_index (rule->alternatives, i);
      gboolean holds = TRUE;

      if (alternative->condition != NULL
          && !rs_condition_evaluate (alternative->condition, macros, observer, i + 1, &holds, error))
        return FALSE;
      if (alternative->condition != NULL && observer != NULL)
        observer->condition (i + 1, alternative->condition_text, holds, observer->data);
      if (holds)
        {
          *number = i + 1;
          return TRUE;
        }
    }
  return TRUE;
}

static gboolean
expand_settings (const GArray *settings, const RsMacros *macros, GPtrArray *assignments, GError **error)
{
  for (guint i = 0; settings != NULL && i < settings->len; i++)
    {
      const RsRuleSetting *setting = &g_array_index (settings, RsRuleSetting, i);
      RsRuleAssignment *assignment;
      char *value = rs_rule_text_expand (&setting->value, macros, error);

      if (value == NULL)
        return FALSE;
      /* on one line, as in a profile */
      g_strdelimit (value, "\t\r\n", ' ');
      assignment = g_new (RsRuleAssignment, 1);
      assignment->name = g_strdup (setting->name);
      assignment->value = value;
      g_ptr_array_add (assignments, assignment);
    }
  return TRUE;
}

static gboolean
has_control (const char *text)
{
  for (; *text != '\0'; text++)
    {
      if ((guint8)*text < 0x20 || *text == 0x7f)
        return TRUE;
    }
  return FALSE;
}

/* Leaves *value NULL where the option is not given. */
static gboolean
expand_option (const RsRuleText *text, const RsMacros *macros, gboolean allow_secrets, char **value, GError **error)
{
  if (text->source == NULL)
    return TRUE;
  if (text->secret && !allow_secrets)
    {
      const char *macro = rs_macro_find_secret (text->source, strlen (text->source));
      g_autofree char *found = rs_rule_quote_sign (macro);

      rs_rule_fault (error, text->column, found, "no $SA to $SD: only a stored rule may use them");
      return FALSE;
    }
  *value = rs_rule_text_expand (text, macros, error);
  if (*value != NULL && has_control (*value))
    {
      rs_rule_fault (error, text->column, "a control character in what the value expands to", "printable characters");
      return FALSE;
    }
  return *value != NULL;
}

/* A key that a macro does not bring would send a report in the clear. (ENC-4) */
static gboolean
expand_key (const RsRuleText *text, const RsMacros *macros, gboolean allow_secrets, char **key, GError **error)
{
  if (!expand_option (text, macros, allow_secrets, key, error))
    return FALSE;
  if (*key == NULL || **key != '\0')
    return TRUE;
  rs_rule_fault (error, text->column, "an empty key", "a key to encrypt or decrypt with");
  return FALSE;
}

static gboolean
expand_options (const RsRuleOptions *options, const RsMacros *macros, gboolean allow_secrets, RsRuleAction *action,
                GError **error)
{
  action->srv = options->srv;
  action->delta = options->delta;
  action->status = options->status;
  action->post = g_strdup (options->post);
  action->alias = g_strdup (options->alias);
  return expand_key (&options->key, macros, allow_secrets, &action->key, error)
         && expand_option (&options->user, macros, allow_secrets, &action->user, error)
         && expand_option (&options->password, macros, allow_secrets, &action->password, error);
}

static gboolean
expand_url (RsRuleKind kind, const RsAlternative *alternative, const RsMacros *macros, RsRuleAction *action, GError **error)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (RsMacroPlace));
  /* no SA … SD here, the grammar saw to that; allowing them makes the expansion wipe what it leaves behind */
  g_auto (RsSecretString) expanded = rs_macro_expand_placed (alternative->url, macros, TRUE, places, alternative->url_column,
                                                             error);

  if (expanded == NULL)
    return FALSE;
  action->url_text = g_strdup (alternative->url);
  action->url = rs_url_parse_expanded (expanded, alternative->url, places, alternative->url_column, error);
  if (action->url == NULL)
    return FALSE;
  if (action->url->scheme == RS_SCHEME_GDS && kind != RS_RULE_PROFILE)
    {
      rs_rule_fault (error, alternative->url_column, "a URL that macros make gds://", RS_RULE_NO_SCREEN);
      return FALSE;
    }
  if (action->srv && action->url->scheme == RS_SCHEME_TFTP)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, "Error - TFTP Scheme not supported in SRV lookups.");
      return FALSE;
    }
  return TRUE;
}

static gboolean
fill_action (RsRuleKind kind, const RsAlternative *alternative, const RsMacros *macros, gboolean allow_secrets, RsRuleAction *action,
             GError **error)
{
  if (!expand_settings (alternative->settings, macros, action->assignments, error))
    return FALSE;
  if (alternative->url == NULL)
    return TRUE;
  action->skip = FALSE;
  return expand_options (&alternative->options, macros, allow_secrets, action, error)
         && expand_url (kind, alternative, macros, action, error);
}

static RsRuleAction *
action_new (void)
{
  RsRuleAction *action = g_new0 (RsRuleAction, 1);

  action->skip = TRUE;
  action->assignments = g_ptr_array_new_with_free_func (assignment_free);
  return action;
}

RsRuleAction *
rs_rule_take (const RsRule *rule, guint alternative, const RsMacros *macros, GError **error)
{
  g_autoptr (RsRuleAction) action = action_new ();

  action->alternative = alternative;
  return fill_action (rule->kind, g_ptr_array_index (rule->alternatives, alternative - 1), macros, TRUE, action, error)
             ? g_steal_pointer (&action)
             : NULL;
}

RsRuleAction *
rs_rule_evaluate_seen (const RsRule *rule, const RsMacros *below, gboolean allow_secrets, const RsRuleObserver *observer,
                       GError **error)
{
  g_autoptr (RsRuleAction) action = action_new ();
  gsize left = RS_MACRO_WORK;
  const RsMacros metered = { below->lookup, below->data, &left }, *macros = &metered;

  if (!find_alternative (rule, macros, observer, &action->alternative, error))
    return NULL;
  if (action->alternative > 0
      && !fill_action (rule->kind, g_ptr_array_index (rule->alternatives, action->alternative - 1), macros, allow_secrets,
                       action, error))
    return NULL;
  return g_steal_pointer (&action);
}

RsRuleAction *
rs_rule_evaluate (const RsRule *rule, const RsMacros *macros, gboolean allow_secrets, GError **error)
{
  return rs_rule_evaluate_seen (rule, macros, allow_secrets, NULL, error);
}

gboolean
rs_rule_condition_holds (const RsRule *rule, const RsMacros *macros, gboolean *holds, GError **error)
{
  gsize left = RS_MACRO_WORK;
  const RsMacros metered = { macros->lookup, macros->data, &left };
  guint number;

  if (!find_alternative (rule, &metered, NULL, &number, error))
    return FALSE;
  *holds = number > 0;
  return TRUE;
}
