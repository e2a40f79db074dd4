/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Explanations of rules. */
#include "service/explain.h"

#include "base/error.h"
#include "base/mask.h"
#include "base/text.h"
#include "params/catalogue.h"
#include "rule/rule.h"
#include "service/authority.h"

#include <string.h>

static void
add_step (GVariantBuilder *steps,
          const char      *step,
          const char      *text)
{
  g_autofree char *shown = rs_text_escape (text, 0);

  g_variant_builder_open (steps, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (steps, "{sv}", "step", g_variant_new_string (step));
  g_variant_builder_add (steps, "{sv}", "text", g_variant_new_string (shown));
  g_variant_builder_close (steps);
}

static void
add_macros (GVariantBuilder *steps,
            RsEngine        *engine,
            const RsCaller  *caller,
            const char      *rule)
{
  const RsMacros *macros = rs_facts_get_macros (rs_engine_get_facts (engine));
  g_auto (GStrv) names = rs_macro_names (rule);

  for (guint i = 0; names[i] != NULL; i++)
    {
      gboolean secret = names[i][0] == 'S' && strlen (names[i]) == 2 && names[i][1] >= 'A' && names[i][1] <= 'D';
      gboolean readable = !secret
                          && rs_authority_macro (caller, rs_engine_get_snapshot (engine), rs_engine_get_config (engine),
                                                 names[i]);
      const char *value = readable ? macros->lookup (names[i], macros->data) : RS_MASK;
      /* the last path may have had a query */
      g_autofree char *shown = strcmp (names[i], "PATH") == 0 ? rs_mask_url (value) : g_strdup (value);
      g_autofree char *text = g_strdup_printf ("$%s = %s", names[i], shown != NULL ? shown : "");

      add_step (steps, "macro", text);
    }
}

static void
add_assignments (GVariantBuilder *steps,
                 RsEngine        *engine,
                 const RsCaller  *caller,
                 GPtrArray       *assignments,
                 gboolean         may_see)
{
  for (guint i = 0; i < assignments->len; i++)
    {
      const RsRuleAssignment *one = g_ptr_array_index (assignments, i);
      RsValue value;
      gboolean readable = may_see && rs_snapshot_lookup (rs_engine_get_snapshot (engine), one->name, &value)
                          && !value.param->secret
                          && rs_authority_read (caller, &value, rs_engine_get_config (engine));
      g_autofree char *text = g_strdup_printf ("%s = \"%s\"", one->name, readable ? one->value : RS_MASK);

      add_step (steps, "assignment", text);
    }
}

/* Those before the alternative that is taken do not hold (RULE-2). */
static void
add_conditions (GVariantBuilder    *steps,
                const RsRule       *rule,
                const RsRuleAction *action,
                gboolean            may_see)
{
  const char *text;

  for (guint i = 1; (text = rs_rule_condition_text (rule, i)) != NULL; i++)
    {
      gboolean holds = i == action->alternative;
      g_autofree char *shown = may_see ? rs_text_escape (text, 0) : g_strdup (RS_MASK);

      g_variant_builder_open (steps, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (steps, "{sv}", "step", g_variant_new_string ("condition"));
      g_variant_builder_add (steps, "{sv}", "text", g_variant_new_string (shown));
      g_variant_builder_add (steps, "{sv}", "true", g_variant_new_boolean (holds));
      g_variant_builder_close (steps);
      if (holds)
        return;
    }
}

static void
add_fetch (GVariantBuilder *steps,
           const RsUrl     *url)
{
  g_autofree char *text = NULL;
  g_autofree char *shown = NULL;

  if (url->host == NULL)
    {
      g_autofree char *path = rs_mask_url (url->path);
      shown = g_strdup_printf ("%s from the server that asked, that provisioned the phone or that DHCP names", path);
    }
  else
    {
      text = rs_url_to_string (url);
      shown = rs_mask_url (text);
    }
  add_step (steps, "fetch", shown);
}

/* A URL and the values of assignments may hold what a macro that the caller may not read expands to. */
static gboolean
may_see_macros (RsEngine       *engine,
                const RsCaller *caller,
                const char     *rule)
{
  g_auto (GStrv) names = rs_macro_names (rule);

  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!rs_authority_macro (caller, rs_engine_get_snapshot (engine), rs_engine_get_config (engine), names[i]))
        return FALSE;
    }
  return TRUE;
}

static gboolean
explain_one (GVariantBuilder *steps,
             RsEngine        *engine,
             const RsCaller  *caller,
             const char      *text,
             gboolean         stored,
             GError         **error)
{
  g_autoptr (RsRule) rule = rs_rule_parse (text, RS_RULE_PROFILE, error);
  g_autoptr (RsRuleAction) action = NULL;
  gboolean may_see;

  if (rule == NULL)
    return FALSE;
  if (rs_rule_is_empty (rule))
    {
      add_step (steps, "skip", "the rule is empty");
      return TRUE;
    }
  add_macros (steps, engine, caller, text);
  may_see = may_see_macros (engine, caller, text);
  action = rs_rule_evaluate (rule, rs_facts_get_macros (rs_engine_get_facts (engine)),
                             stored || rs_caller_is_privileged (caller), error);
  if (action == NULL)
    return FALSE;
  add_conditions (steps, rule, action, may_see);
  add_assignments (steps, engine, caller, action->assignments, may_see);
  if (action->skip)
    add_step (steps, "skip", action->alternative == 0 ? "no alternative's condition holds" : "nothing to fetch");
  else if (may_see)
    add_fetch (steps, action->url);
  else
    add_step (steps, "fetch", RS_MASK);
  return TRUE;
}

GVariant *
rs_explain (RsEngine       *engine,
            const RsCaller *caller,
            const char     *rule,
            GError        **error)
{
  g_auto (GVariantBuilder) steps = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  if (rule[0] != '\0')
    {
      if (!rs_authority_rule (caller, rs_engine_get_snapshot (engine), rs_engine_get_config (engine), rule, error)
          || !explain_one (&steps, engine, caller, rule, FALSE, error))
        return NULL;
      return g_variant_builder_end (&steps);
    }
  for (guint i = 0; i < RS_N_RULES; i++)
    {
      const char *stored = rs_snapshot_get (rs_engine_get_snapshot (engine), rs_rule_names[i]);
      g_autoptr (GError) one_error = NULL;

      if (stored != NULL && !explain_one (&steps, engine, caller, stored, TRUE, &one_error))
        add_step (&steps, "skip", one_error->message);
    }
  return g_variant_builder_end (&steps);
}
