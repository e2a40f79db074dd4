/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a hint may be, and what should not be told to everybody. */
#include "redirect/hint.h"

#include "rule/macro.h"
#include "rule/rule.h"

#include <string.h>

static gboolean
check_macros (const char *text,
              GError    **error)
{
  static const char *const secrets[] = { "SA", "SB", "SC", "SD" };
  g_auto (GStrv) names = rs_macro_names (text);

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      if (!g_strv_contains ((const char *const *)names, secrets[i]))
        continue;
      g_set_error (error, RS_ERROR, RS_ERROR_INVALID_RULE, "$%s is for rules that the phone has stored", secrets[i]);
      return FALSE;
    }
  return TRUE;
}

gboolean
rs_hint_check (const char *text,
               GError    **error)
{
  g_autoptr (RsRule) rule = rs_rule_parse (text, RS_RULE_PROFILE, error);

  return rule != NULL && rs_rule_check_hint (rule, error) && check_macros (text, error);
}

/* Other macros stay as they are written. */
static const char *
look_up_empty (const char *name,
               gpointer    data)
{
  g_autofree char *parameter = rs_macro_parameter (name);

  return parameter != NULL ? "" : NULL;
}

static gboolean
needs_registers (const char *url)
{
  static const RsMacros macros = { look_up_empty, NULL, NULL };
  g_autoptr (GString) text = g_string_new (url);
  g_autofree char *empty = NULL;
  g_autoptr (RsRule) rule = NULL;

  /* it would be the beginning of a macro after it was expanded */
  g_string_replace (text, "$$", "x", 0);
  empty = rs_macro_expand (text->str, &macros, FALSE, NULL);
  if (empty == NULL || strcmp (empty, text->str) == 0)
    return FALSE;
  rule = rs_rule_parse (empty, RS_RULE_PROFILE, NULL);
  return rule == NULL || !rs_rule_names_server (rule);
}

gboolean
rs_hint_needs_registers (const char *text)
{
  g_autoptr (RsRule) rule = rs_rule_parse (text, RS_RULE_PROFILE, NULL);
  RsRuleOutline outline;

  for (guint i = 1; rule != NULL && rs_rule_outline (rule, i, &outline); i++)
    {
      if (outline.url != NULL && needs_registers (outline.url))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_account (const char *url)
{
  const char *server = strstr (url, "://");

  return server != NULL && memchr (server + 3, '@', strcspn (server + 3, "/?#")) != NULL;
}

gboolean
rs_hint_holds_secret (const char *text)
{
  g_autoptr (RsRule) rule = rs_rule_parse (text, RS_RULE_PROFILE, NULL);
  RsRuleOutline outline;

  for (guint i = 1; rule != NULL && rs_rule_outline (rule, i, &outline); i++)
    {
      if (outline.key != NULL || outline.has_login || (outline.url != NULL && has_account (outline.url)))
        return TRUE;
    }
  return FALSE;
}
