/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Explanations of rules. */
#include "rule/explain.h"

#include "base/error.h"
#include "base/host.h"
#include "base/mask.h"
#include "base/names.h"
#include "base/text.h"
#include "rule/macro-scan.h"
#include "rule/rule-private.h"

#include <string.h>

#define NO_TRUTH -1

typedef struct
{
  const RsExplainer *explainer;
  const RsRule *rule;
  const char *text; /* of the rule */
  guint told; /* the alternative whose number was told last */
} Telling;

static void
tell (const RsExplainer *explainer, const char *kind, int truth, const char *format, ...) G_GNUC_PRINTF (4, 5);

static void
tell (const RsExplainer *explainer, const char *kind, int truth, const char *format, ...)
{
  g_autofree char *raw = NULL, *text = NULL;
  va_list args;

  va_start (args, format);
  raw = g_strdup_vprintf (format, args);
  va_end (args);
  text = rs_text_escape (raw, 0);
  explainer->step (kind, text, truth, explainer->data);
}

/* Whether every macro of a text may be shown. */
static gboolean
shows (const RsExplainer *explainer, const char *text)
{
  g_auto (GStrv) names = rs_macro_names (text);

  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!explainer->shows_macro (names[i], explainer->data))
        return FALSE;
    }
  return TRUE;
}

/* What may be shown of the value of a macro that may be shown. The last path may have had a query. (transfer full) */
static char *
mask_macro (const RsExplainer *explainer, const char *name)
{
  const char *value = explainer->macros->lookup (name, explainer->macros->data);

  value = value != NULL ? value : "";
  return strcmp (name, "PATH") == 0 ? rs_mask_url (value) : rs_mask_text (value);
}

/* Whether all that a macro stands for may be shown, so that a part of it may be as well. */
static gboolean
is_plain (const RsExplainer *explainer, const char *name)
{
  const char *value = explainer->macros->lookup (name, explainer->macros->data);
  g_autofree char *shown = mask_macro (explainer, name);

  return explainer->shows_macro (name, explainer->data) && (value == NULL || strcmp (value, shown) == 0);
}

/* Whether what a text expands to may be shown as it is. */
static gboolean
shows_expanded (const RsExplainer *explainer, const char *text)
{
  g_auto (GStrv) names = rs_macro_names (text);

  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!is_plain (explainer, names[i]))
        return FALSE;
    }
  return TRUE;
}

/* Whether the mask of a URL finds what a macro brings into it: not in a part of one, as $(A:7:20), and not where only its name says that it is
 * a secret. */
static gboolean
shows_in_url (const RsExplainer *explainer, const RsMacroUse *use)
{
  g_autofree char *shown = NULL;

  if (strcmp (use->name, "$") == 0 || is_plain (explainer, use->name))
    return TRUE;
  shown = mask_macro (explainer, use->name);
  return use->offset == 0 && use->count == RS_MACRO_TO_END && strcmp (shown, RS_MASK) != 0;
}

static gboolean
shows_url (const RsExplainer *explainer, const char *text)
{
  RsMacroUse use;

  for (const char *p = strchr (text, '$'); p != NULL; p = strchr (p, '$'))
    {
      if (!rs_macro_scan (p, &use))
        {
          p++;
          continue;
        }
      if (!shows_in_url (explainer, &use))
        return FALSE;
      p += use.length;
    }
  return shows (explainer, text);
}

/* The text of a condition, of which only what stands in quotes may be a URL. */
static char *
mask_condition (const char *text)
{
  g_autofree char *masked = rs_mask_text (text);

  return strcmp (masked, text) == 0 ? g_strdup (text) : rs_mask_rule (text);
}

static void
tell_macros (const RsExplainer *explainer, const char *text)
{
  g_auto (GStrv) names = rs_macro_names (text);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *shown
          = explainer->shows_macro (names[i], explainer->data) ? mask_macro (explainer, names[i]) : g_strdup (RS_MASK);

      tell (explainer, "macro", NO_TRUTH, "$%s = %s", names[i], shown);
    }
}

/* Says which alternative the next steps are about, where there are several. */
static void
tell_alternative (Telling *telling, guint number, const char *what)
{
  if (telling->rule->alternatives->len == 1 || telling->told >= number)
    return;
  telling->told = number;
  tell (telling->explainer, "alternative", NO_TRUTH, "%u of %u%s", number, telling->rule->alternatives->len, what);
}

static void
on_comparison (guint alternative, const char *text, const char *left, const char *operator, const char *right, gboolean holds,
               gpointer data)
{
  Telling *telling = data;
  g_autofree char *shown = mask_condition (text), *shown_left = rs_mask_text (left), *shown_right = rs_mask_text (right);

  tell_alternative (telling, alternative, "");
  if (shows_expanded (telling->explainer, text))
    tell (telling->explainer, "comparison", holds, "%s: “%s” %s “%s”", shown, shown_left, operator, shown_right);
  else
    tell (telling->explainer, "comparison", holds, "%s", shows (telling->explainer, text) ? shown : RS_MASK);
}

static void
on_condition (guint alternative, const char *text, gboolean holds, gpointer data)
{
  Telling *telling = data;
  g_autofree char *shown = NULL;

  /* a trigger is a condition and nothing else */
  text = text != NULL ? text : telling->text;
  shown = mask_condition (text);
  tell (telling->explainer, "condition", holds, "%s", shows (telling->explainer, text) ? shown : RS_MASK);
}

static void
tell_assignments (Telling *telling, const RsAlternative *alternative, GPtrArray *assignments)
{
  for (guint i = 0; i < assignments->len; i++)
    {
      const RsRuleAssignment *one = g_ptr_array_index (assignments, i);
      const RsRuleSetting *setting = &g_array_index (alternative->settings, RsRuleSetting, i);
      g_autofree char *shown = shows_expanded (telling->explainer, setting->value.source)
                                   ? telling->explainer->show_value (one->name, one->value, telling->explainer->data)
                                   : g_strdup (RS_MASK);

      tell (telling->explainer, "assignment", NO_TRUTH, "%s = \"%s\"", one->name, shown);
    }
}

static void
tell_srv (const RsExplainer *explainer, const RsRuleAction *action)
{
  const char *host = action->url->host;

  if (host == NULL || !shows_url (explainer, action->url_text))
    tell (explainer, "option", NO_TRUTH, "--srv: SRV records name the servers");
  else if (rs_host_is_address (host))
    tell (explainer, "option", NO_TRUTH, "--srv: %s is an address and has no SRV records", host);
  else
    tell (explainer, "option", NO_TRUTH, "--srv: the servers that SRV records of %s.%s name; without any %s itself",
          action->url->scheme == RS_SCHEME_HTTPS ? RS_SRV_HTTPS : RS_SRV_HTTP, host, host);
}

static void
tell_options (const RsExplainer *explainer, const RsRuleAction *action)
{
  if (action->key != NULL)
    tell (explainer, "option", NO_TRUTH, "--key " RS_MASK ": the file is decrypted with it");
  if (action->user != NULL)
    tell (explainer, "option", NO_TRUTH, "--uid " RS_MASK);
  if (action->password != NULL)
    tell (explainer, "option", NO_TRUTH, "--pwd " RS_MASK);
  if (action->srv)
    tell_srv (explainer, action);
  if (action->post != NULL)
    tell (explainer, "option", NO_TRUTH, "--post %s: GPP_%s is the body of a POST", action->post, action->post);
  if (action->alias != NULL)
    tell (explainer, "option", NO_TRUTH, "--alias %s: the alias map is GPP_%s", action->alias, action->alias);
}

static void
tell_fetch (const RsExplainer *explainer, const RsRuleAction *action, const char *kind)
{
  g_autofree char *text = NULL;
  g_autofree char *shown = NULL;

  if (!shows_url (explainer, action->url_text))
    shown = g_strdup (RS_MASK);
  else if (action->url->scheme != RS_SCHEME_GDS && action->url->host == NULL)
    {
      g_autofree char *path = rs_mask_url (action->url->path);

      shown = g_strdup_printf ("%s from the server that asked, that provisioned the phone or that DHCP names", path);
    }
  else
    {
      text = rs_url_to_string (action->url);
      shown = rs_mask_url (text);
    }
  tell (explainer, kind, NO_TRUTH, "%s", shown);
}

static void
tell_report (const RsExplainer *explainer, const RsRuleAction *action)
{
  if (action->delta)
    tell (explainer, "option", NO_TRUTH, "--delta: what changed since the last report of this rule that arrived");
  if (action->status)
    tell (explainer, "option", NO_TRUTH, "--status: the status page");
}

static void
tell_action (Telling *telling, const RsRuleAction *action)
{
  const RsExplainer *explainer = telling->explainer;

  if (action->alternative > 0)
    {
      tell_alternative (telling, action->alternative, "");
      tell_assignments (telling, g_ptr_array_index (telling->rule->alternatives, action->alternative - 1), action->assignments);
    }
  if (action->skip)
    tell (explainer, "skip", NO_TRUTH, "%s", action->alternative == 0 ? "no alternative's condition holds" : "nothing to fetch");
  else
    {
      tell_options (explainer, action);
      tell_report (explainer, action);
      tell_fetch (explainer, action, telling->rule->kind == RS_RULE_REPORT ? "send" : "fetch");
    }
  for (guint i = action->alternative + 1; action->alternative > 0 && i <= telling->rule->alternatives->len; i++)
    tell_alternative (telling, i, ": not looked at, whatever becomes of the one before");
}

/* What follows a profile rule: next is the name of another one, or NULL. */
static void
tell_next_rule (const RsExplainer *explainer, gboolean fetches, const char *next)
{
  const char *after = next != NULL ? next : "the end of the resync";

  if (fetches)
    tell (explainer, "next", NO_TRUTH,
          "after a success %s; after a failure the resync ends and begins again as Resync_Error_Retry_Delay says", after);
  else
    tell (explainer, "next", NO_TRUTH, "%s", after);
}

static void
tell_next (const RsExplainer *explainer, RsRuleKind kind, gboolean fetches, const char *next)
{
  static const char *const after[] = {
    [RS_RULE_UPGRADE] = "after a success this rule and URL are not tried again; after a failure as Upgrade_Error_Retry_Delay says",
    [RS_RULE_REPORT] = "whatever becomes of it no resync waits for it, and the next report comes as Report_to_Server says",
    [RS_RULE_CUSTOM_CA] = "after a failure the CA that was loaded before stays, and the resync goes on",
    [RS_RULE_TRIGGER] = "an automatic resync goes ahead while one of the triggers that are set holds",
  };

  if (kind == RS_RULE_PROFILE)
    tell_next_rule (explainer, fetches, next);
  else
    tell (explainer, "next", NO_TRUTH, "%s", after[kind]);
}

static void
tell_fault (const RsExplainer *explainer, RsRuleKind kind, const GError *error)
{
  tell (explainer, "fault", NO_TRUTH, "%s", error->message);
  if (kind == RS_RULE_PROFILE)
    tell (explainer, "next", NO_TRUTH, "the resync fails here and begins again as Resync_Error_Retry_Delay says");
}

/* One rule; Report_Rule may hold two. What cannot be evaluated is told behind the steps up to there. */
static gboolean
explain_one (const RsExplainer *explainer, const RsRule *rule, const char *text, gboolean stored, const char *next)
{
  g_autoptr (RsRuleAction) action = NULL;
  g_autoptr (GError) error = NULL;
  Telling telling = { explainer, rule, text, 0 };
  const RsRuleObserver observer = { on_comparison, on_condition, &telling };

  action = rs_rule_evaluate_seen (rule, explainer->macros, stored, &observer, &error);
  if (action == NULL)
    {
      tell_fault (explainer, rule->kind, error);
      return FALSE;
    }
  if (rule->kind != RS_RULE_TRIGGER)
    tell_action (&telling, action);
  tell_next (explainer, rule->kind, !action->skip, next);
  return TRUE;
}

static gboolean
explain (const RsExplainer *explainer, RsRuleKind kind, const char *text, gboolean stored, const char *next, GError **error)
{
  g_autoptr (RsRule) rule = rs_rule_parse (text, kind, error);
  gboolean ok = TRUE;

  if (rule == NULL)
    return FALSE;
  if (rs_rule_is_empty (rule))
    {
      tell (explainer, "skip", NO_TRUTH, "the rule is empty");
      return TRUE;
    }
  tell_macros (explainer, text);
  for (const RsRule *one = rule; ok && one != NULL; one = rs_rule_next (one))
    ok = explain_one (explainer, one, text, stored, next);
  return TRUE;
}

gboolean
rs_rule_explain (const RsExplainer *explainer, const char *text, gboolean stored, GError **error)
{
  return explain (explainer, RS_RULE_PROFILE, text, stored, NULL, error);
}

void
rs_rules_explain (const RsExplainer *explainer, const char *const *names, const char *const *texts)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      RsRuleKind kind = rs_rule_kind_of (names[i]);
      g_autoptr (GError) error = NULL;

      tell (explainer, "rule", NO_TRUTH, "%s", names[i]);
      if (!explain (explainer, kind, texts[i] != NULL ? texts[i] : "", TRUE, names[i + 1], &error))
        tell_fault (explainer, kind, error);
    }
}

void
rs_explain_add_step (GVariantBuilder *steps, const char *kind, const char *text, int truth)
{
  g_variant_builder_open (steps, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (steps, "{sv}", "step", g_variant_new_string (kind));
  g_variant_builder_add (steps, "{sv}", "text", g_variant_new_string (text));
  if (truth != NO_TRUTH)
    g_variant_builder_add (steps, "{sv}", "true", g_variant_new_boolean (truth));
  g_variant_builder_close (steps);
}

static const char *
look_up_supposed (const char *name, gpointer data)
{
  const RsSupposed *supposed = data;
  const char *value = g_hash_table_lookup (supposed->values, name);
  g_autofree char *parameter = rs_macro_parameter (name);

  if (value == NULL && parameter != NULL)
    value = g_hash_table_lookup (supposed->values, parameter);
  return value != NULL ? value : supposed->below->lookup (name, supposed->below->data);
}

gboolean
rs_supposed_check (const char *name, GError **error)
{
  if (strcmp (name, "METH") == 0)
    g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_NAME, "$METH is only another name of $SCHEME: suppose SCHEME");
  else if (strcmp (name, "$") == 0)
    g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_NAME, "$$ is a dollar sign, on every phone");
  else
    return TRUE;
  return FALSE;
}

void
rs_supposed_init (RsSupposed *supposed, const RsMacros *below, GHashTable *values)
{
  *supposed = (RsSupposed){ { look_up_supposed, supposed }, below, values };
}
