/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be said of a rule before its macros are known. */
#include "rule/macro-scan.h"
#include "rule/rule-private.h"

#include <string.h>

const char *
rs_rule_condition_text (const RsRule *rule,
                        guint         alternative)
{
  const RsAlternative *one;

  if (alternative < 1 || alternative > rule->alternatives->len)
    return NULL;
  one = g_ptr_array_index (rule->alternatives, alternative - 1);
  return one->condition_text;
}

gboolean
rs_rule_is_empty (const RsRule *rule)
{
  return rule->alternatives->len == 0;
}

const RsRule *
rs_rule_next (const RsRule *rule)
{
  return rule->next;
}

/* $A … $P at the start may stand for a whole URL. */
static gboolean
starts_with_register (const char *url)
{
  RsMacroUse use;

  return url[0] == '$' && rs_macro_scan (url, &use) && use.name[1] == '\0' && use.name[0] != '$';
}

static gboolean
names_server (const char *url)
{
  const char *scheme = strstr (url, "://");
  gsize server = strcspn (url, "/?#");

  if (g_str_has_prefix (url, "gds://") || starts_with_register (url))
    return TRUE;
  if (scheme != NULL && scheme + 1 == url + server)
    return scheme[3] != '/' && scheme[3] != '\0';
  return server > 0 && url[server] == '/';
}

gboolean
rs_rule_names_server (const RsRule *rule)
{
  for (guint i = 0; i < rule->alternatives->len; i++)
    {
      const RsAlternative *alternative = g_ptr_array_index (rule->alternatives, i);

      if (alternative->url != NULL && names_server (alternative->url))
        return TRUE;
    }
  return rule->next != NULL && rs_rule_names_server (rule->next);
}

gboolean
rs_rule_has_private_options (const RsRule *rule)
{
  for (guint i = 0; i < rule->alternatives->len; i++)
    {
      const RsAlternative *alternative = g_ptr_array_index (rule->alternatives, i);

      if (rs_rule_options_are_private (&alternative->options))
        return TRUE;
    }
  return rule->next != NULL && rs_rule_has_private_options (rule->next);
}
