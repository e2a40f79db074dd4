/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Explanations of rules. */
#include "rule/explain.h"

#include "base/error.h"
#include "base/host.h"
#include "base/mask.h"
#include "base/names.h"
#include "base/secret.h"
#include "base/text.h"
#include "rule/macro-scan.h"
#include "rule/register.h"
#include "rule/rule-private.h"
#include "rule/url-show.h"

#include <string.h>

#define NO_TRUTH -1
/* a longer value is not looked into, nor shown */
#define MAX_SHOWN 512
#define TOO_LONG "(%" G_GSIZE_FORMAT " bytes)"

/* A macro as it may be shown. */
typedef struct
{
  char *text;
  gboolean hidden; /* nobody may see it, or what it became part of */
  gboolean plain;  /* text is all that it stands for, so that a part of it may be shown as well */
} Shown;

typedef struct
{
  const RsExplainer *explainer;
  GHashTable *secrets; /* parameters whose values the rules use as secrets */
  GHashTable *shown;   /* macro → Shown */
} Explanation;

typedef struct
{
  Explanation *explanation;
  const RsRule *rule;
  const char *text; /* of the rule */
  guint told; /* the alternative whose number was told last */
} Telling;

static void
shown_free (gpointer data)
{
  Shown *shown = data;

  g_free (shown->text);
  g_free (shown);
}

static void
explanation_init (Explanation *explanation, const RsExplainer *explainer, const char *another)
{
  explanation->explainer = explainer;
  explanation->secrets = rs_rule_secrets (&explainer->world, another);
  explanation->shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, shown_free);
}

static void
explanation_clear (Explanation *explanation)
{
  g_clear_pointer (&explanation->secrets, g_hash_table_unref);
  g_clear_pointer (&explanation->shown, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Explanation, explanation_clear)

static void
tell (const Explanation *explanation, const char *kind, int truth, const char *format, ...) G_GNUC_PRINTF (4, 5);

static void
tell (const Explanation *explanation, const char *kind, int truth, const char *format, ...)
{
  const RsExplainer *explainer = explanation->explainer;
  g_autofree char *raw = NULL, *text = NULL;
  va_list args;

  va_start (args, format);
  raw = g_strdup_vprintf (format, args);
  va_end (args);
  text = rs_text_escape (raw, 0);
  explainer->step (kind, text, truth, explainer->world.data);
}

static gboolean
is_hidden (const Explanation *explanation, const char *macro)
{
  g_autofree char *parameter = rs_macro_parameter (macro);

  return !explanation->explainer->shows_macro (macro, explanation->explainer->world.data)
         || (parameter != NULL && g_hash_table_contains (explanation->secrets, parameter));
}

static char *
show (const Explanation *explanation, const char *macro, const char *value, Shown *shown)
{
  gsize length = strlen (value);

  shown->hidden = is_hidden (explanation, macro);
  if (shown->hidden)
    return g_strdup (RS_MASK);
  if (length > MAX_SHOWN)
    return g_strdup_printf (TOO_LONG, length);
  /* the last path may have had a query */
  return strcmp (macro, "PATH") == 0 ? rs_mask_url (value) : rs_mask_text (value);
}

/* Each macro is looked into once, whatever number of comparisons it stands in. */
static const Shown *
look_at (Explanation *explanation, const char *macro)
{
  const RsMacros *macros = explanation->explainer->world.macros;
  Shown *shown = g_hash_table_lookup (explanation->shown, macro);
  const char *value;

  if (shown != NULL)
    return shown;
  shown = g_new0 (Shown, 1);
  value = macros->lookup (macro, macros->data);
  value = value != NULL ? value : "";
  shown->text = show (explanation, macro, value, shown);
  shown->plain = !shown->hidden && strcmp (value, shown->text) == 0;
  g_hash_table_insert (explanation->shown, g_strdup (macro), shown);
  return shown;
}

/* The next macro of a text from *p on, which then stands behind it; NULL: there is none. "$$" is none. */
static const Shown *
next_macro (Explanation *explanation, const char **p, RsMacroUse *use)
{
  while ((*p = strchr (*p, '$')) != NULL)
    {
      gboolean macro = rs_macro_scan (*p, use);

      *p += macro ? use->length : 1;
      if (macro && strcmp (use->name, "$") != 0)
        return look_at (explanation, use->name);
    }
  return NULL;
}

/* Whether every macro of a text may be shown. */
static gboolean
shows (Explanation *explanation, const char *text)
{
  const Shown *shown;
  RsMacroUse use;

  while ((shown = next_macro (explanation, &text, &use)) != NULL)
    {
      if (shown->hidden)
        return FALSE;
    }
  return TRUE;
}

/* Whether what a text expands to may be shown as it is. */
static gboolean
shows_expanded (Explanation *explanation, const char *text)
{
  const Shown *shown;
  RsMacroUse use;

  while ((shown = next_macro (explanation, &text, &use)) != NULL)
    {
      if (!shown->plain)
        return FALSE;
    }
  return TRUE;
}

/* Whether the mask of a URL finds what a macro brings into it: not in a part of one, as $(A:7:20), and not where only the macro's name says that
 * it is a secret. */
static gboolean
shows_in_url (const RsMacroUse *use, gpointer data)
{
  const Shown *shown = look_at (data, use->name);
  gboolean whole = use->offset == 0 && use->count == RS_MACRO_TO_END;

  return shown->plain || !(shown->hidden || !whole || shown->text[0] == '(' || strcmp (shown->text, RS_MASK) == 0);
}

/* Whether a condition says nothing but which macros it looks at, and how. */
static gboolean
is_bare (const char *text)
{
  static const char *const words[] = { "and", "eq", "ne", "lt", "le", "gt", "ge", NULL };
  gboolean quoted = FALSE;
  RsMacroUse use;

  while (*text != '\0')
    {
      gsize n = strspn (text, "abcdefghijklmnopqrstuvwxyz");
      g_autofree char *word = g_strndup (text, n);

      if (*text == '$' && rs_macro_scan (text, &use))
        text += use.length;
      else if (!quoted && n > 0 && g_strv_contains (words, word))
        text += n;
      else if (strchr ("\"=!<>", *text) != NULL || g_ascii_isspace (*text))
        quoted = quoted != (*text++ == '"');
      else
        return FALSE;
    }
  return TRUE;
}

/* The text of a condition, of which only what stands in quotes may be a URL. */
static char *
mask_condition (const char *text)
{
  g_autofree char *masked = rs_mask_text (text);

  return strcmp (masked, text) == 0 ? g_strdup (text) : rs_mask_rule (text);
}

/* The same, of which nothing is left that a macro which is hidden is compared with. */
static char *
show_condition (Explanation *explanation, const char *text)
{
  return shows (explanation, text) || is_bare (text) ? mask_condition (text) : g_strdup (RS_MASK);
}

static void
tell_macros (Explanation *explanation, const char *text)
{
  g_auto (GStrv) names = rs_macro_names (text);

  for (guint i = 0; names[i] != NULL; i++)
    tell (explanation, "macro", NO_TRUTH, "$%s = %s", names[i], look_at (explanation, names[i])->text);
}

/* Says which alternative the next steps are about, where there are several. */
static void
tell_alternative (Telling *telling, guint number, const char *what)
{
  if (telling->rule->alternatives->len == 1 || telling->told >= number)
    return;
  telling->told = number;
  tell (telling->explanation, "alternative", NO_TRUTH, "%u of %u%s", number, telling->rule->alternatives->len, what);
}

static void
on_comparison (guint alternative, const char *text, const char *left, const char *operator, const char *right, gboolean holds,
               gpointer data)
{
  Telling *telling = data;
  g_autofree char *shown = show_condition (telling->explanation, text), *shown_left = NULL, *shown_right = NULL;

  tell_alternative (telling, alternative, "");
  if (strlen (left) > MAX_SHOWN || strlen (right) > MAX_SHOWN || !shows_expanded (telling->explanation, text))
    {
      tell (telling->explanation, "comparison", holds, "%s", shown);
      return;
    }
  shown_left = rs_mask_text (left);
  shown_right = rs_mask_text (right);
  tell (telling->explanation, "comparison", holds, "%s: “%s” %s “%s”", shown, shown_left, operator, shown_right);
}

static void
on_condition (guint alternative, const char *text, gboolean holds, gpointer data)
{
  Telling *telling = data;
  /* a trigger is a condition and nothing else */
  g_autofree char *shown = show_condition (telling->explanation, text != NULL ? text : telling->text);

  tell (telling->explanation, "condition", holds, "%s", shown);
}

/* What the phone would not store it leaves out, and goes on. */
static void
tell_refused (const Explanation *explanation, const RsRuleAssignment *one, gboolean hidden)
{
  const RsExplainer *explainer = explanation->explainer;
  g_autoptr (GError) error = NULL;

  if (explainer->check_value (one->name, one->value, explainer->world.data, &error))
    return;
  if (hidden && !g_error_matches (error, RS_ERROR, RS_ERROR_INVALID_NAME))
    tell (explanation, "fault", NO_TRUTH, "%s cannot be what this value stands for; the phone would leave it out and go on", one->name);
  else
    tell (explanation, "fault", NO_TRUTH, "%s; the phone would leave it out and go on", error->message);
}

static void
tell_assignments (Telling *telling, const RsAlternative *alternative, GPtrArray *assignments)
{
  const RsExplainer *explainer = telling->explanation->explainer;

  for (guint i = 0; i < assignments->len; i++)
    {
      const RsRuleAssignment *one = g_ptr_array_index (assignments, i);
      const RsRuleSetting *setting = &g_array_index (alternative->settings, RsRuleSetting, i);
      gboolean hidden = !shows_expanded (telling->explanation, setting->value.source)
                        || g_hash_table_contains (telling->explanation->secrets, one->name);
      g_autofree char *shown = NULL;

      if (hidden)
        shown = g_strdup (RS_MASK);
      else if (strlen (one->value) > MAX_SHOWN)
        shown = g_strdup_printf (TOO_LONG, strlen (one->value));
      else
        shown = explainer->show_value (one->name, one->value, explainer->world.data);
      tell (telling->explanation, "assignment", NO_TRUTH, "%s = \"%s\"", one->name, shown);
      /* why it is refused would say it as well */
      tell_refused (telling->explanation, one, hidden || strcmp (shown, RS_MASK) == 0);
    }
}

/* Whether all of a URL may be shown, but for what its mask hides. */
static gboolean
shows_url (Explanation *explanation, const char *text)
{
  RsMacroUse use;

  while (next_macro (explanation, &text, &use) != NULL)
    {
      if (!shows_in_url (&use, explanation))
        return FALSE;
    }
  return TRUE;
}

static void
tell_srv (Explanation *explanation, const RsRuleAction *action)
{
  const char *host = action->url->host;

  if (host == NULL || !shows_url (explanation, action->url_text))
    tell (explanation, "option", NO_TRUTH, "--srv: SRV records name the servers");
  else if (rs_host_is_address (host))
    tell (explanation, "option", NO_TRUTH, "--srv: %s is an address and has no SRV records", host);
  else
    tell (explanation, "option", NO_TRUTH, "--srv: the servers that SRV records of %s.%s name; without any %s itself",
          action->url->scheme == RS_SCHEME_HTTPS ? RS_SRV_HTTPS : RS_SRV_HTTP, host, host);
}

static void
tell_options (Explanation *explanation, const RsRuleAction *action)
{
  if (action->url->scheme == RS_SCHEME_GDS
      && (action->key != NULL || action->user != NULL || action->password != NULL || action->post != NULL || action->alias != NULL))
    {
      tell (explanation, "option", NO_TRUTH, "gds:// fetches nothing, and options are of no use to it");
      return;
    }
  if (action->key != NULL)
    tell (explanation, "option", NO_TRUTH, "--key " RS_MASK ": the file is decrypted with it");
  if (action->user != NULL)
    tell (explanation, "option", NO_TRUTH, "--uid " RS_MASK);
  if (action->password != NULL)
    tell (explanation, "option", NO_TRUTH, action->user != NULL && action->user[0] != '\0'
                                               ? "--pwd " RS_MASK
                                               : "--pwd " RS_MASK ": of no use, for --uid gives no name");
  if (action->srv)
    tell_srv (explanation, action);
  if (action->post != NULL)
    tell (explanation, "option", NO_TRUTH, "--post %s: GPP_%s is the body of a POST", action->post, action->post);
  if (action->alias != NULL)
    tell (explanation, "option", NO_TRUTH, "--alias %s: the alias map is GPP_%s", action->alias, action->alias);
  if (action->delta)
    tell (explanation, "option", NO_TRUTH, "--delta: what changed since the last report of this rule that arrived");
  if (action->status)
    tell (explanation, "option", NO_TRUTH, "--status: the status page");
}

static void
tell_fetch (Explanation *explanation, const RsRuleAction *action, const char *kind)
{
  gboolean named = action->url->scheme == RS_SCHEME_GDS || action->url->host != NULL;
  g_autofree char *shown = rs_url_show (action->url, action->url_text, explanation->explainer->world.macros, shows_in_url, explanation);

  tell (explanation, kind, NO_TRUTH, "%s%s", shown, named ? "" : " from the server that asked, that provisioned the phone or that DHCP names");
}

/* The text of a register, and that of all others, once the assignments of the rule are stored. */
static gboolean
check_registers (const RsExplainer *explainer, const RsRuleAction *action, GError **error)
{
  g_autoptr (GHashTable) assigned = g_hash_table_new (g_str_hash, g_str_equal);
  g_auto (RsSecretString) body = NULL;
  RsSupposed now;
  const char *map;

  for (guint i = 0; i < action->assignments->len; i++)
    {
      const RsRuleAssignment *one = g_ptr_array_index (action->assignments, i);

      g_hash_table_insert (assigned, one->name, one->value);
    }
  rs_supposed_init (&now, explainer->world.macros, assigned);
  if (action->alias != NULL)
    {
      map = now.macros.lookup (action->alias, now.macros.data);
      map = map != NULL ? map : "";
      if (!rs_register_check_map (action->alias, map, error))
        return FALSE;
      if (explainer->check_map != NULL && !explainer->check_map (map, explainer->world.data, error))
        return FALSE;
    }
  if (action->post == NULL)
    return TRUE;
  map = now.macros.lookup (action->post, now.macros.data);
  body = rs_register_body (action->post, map != NULL ? map : "", action->url, action->url->host != NULL, &now.macros, error);
  return body != NULL;
}

static gboolean
tell_action (Telling *telling, const RsRuleAction *action, GError **error)
{
  Explanation *explanation = telling->explanation;

  if (action->alternative > 0)
    {
      tell_alternative (telling, action->alternative, "");
      tell_assignments (telling, g_ptr_array_index (telling->rule->alternatives, action->alternative - 1), action->assignments);
    }
  if (action->skip)
    tell (explanation, "skip", NO_TRUTH, "%s", action->alternative == 0 ? "no alternative's condition holds" : "nothing to fetch");
  else
    {
      tell_options (explanation, action);
      if (action->url->scheme != RS_SCHEME_GDS && !check_registers (explanation->explainer, action, error))
        return FALSE;
      tell_fetch (explanation, action, telling->rule->kind == RS_RULE_REPORT ? "send" : "fetch");
    }
  for (guint i = action->alternative + 1; action->alternative > 0 && i <= telling->rule->alternatives->len; i++)
    tell_alternative (telling, i, ": not looked at, whatever becomes of the one before");
  return TRUE;
}

/* What follows a profile rule: next is the name of another one, or NULL. */
static void
tell_next_rule (const Explanation *explanation, gboolean fetches, const char *next)
{
  const char *after = next != NULL ? next : "the end of the resync";

  if (fetches)
    tell (explanation, "next", NO_TRUTH,
          "after a success %s; after a failure the resync ends and begins again as Resync_Error_Retry_Delay says", after);
  else
    tell (explanation, "next", NO_TRUTH, "%s", after);
}

static void
tell_next (const Explanation *explanation, RsRuleKind kind, gboolean fetches, const char *next)
{
  static const char *const after[] = {
    [RS_RULE_UPGRADE] = "after a success this rule and URL are not tried again; after a failure as Upgrade_Error_Retry_Delay says",
    [RS_RULE_REPORT] = "whatever becomes of it no resync waits for it, and the next report comes as Report_to_Server says",
    [RS_RULE_CUSTOM_CA] = "after a failure the CA that was loaded before stays, and the resync goes on",
    [RS_RULE_TRIGGER] = "an automatic resync goes ahead while one of the triggers that are set holds",
  };

  if (kind == RS_RULE_PROFILE)
    tell_next_rule (explanation, fetches, next);
  else
    tell (explanation, "next", NO_TRUTH, "%s", after[kind]);
}

static void
tell_fault (const Explanation *explanation, RsRuleKind kind, const GError *error)
{
  tell (explanation, "fault", NO_TRUTH, "%s", error->message);
  if (kind == RS_RULE_PROFILE)
    tell (explanation, "next", NO_TRUTH, "the resync fails here and begins again as Resync_Error_Retry_Delay says");
}

/* What cannot be evaluated is told behind the steps up to there. */
static void
explain_one (Explanation *explanation, const RsRule *rule, const char *text, gboolean stored, const char *next)
{
  g_autoptr (RsRuleAction) action = NULL;
  g_autoptr (GError) error = NULL;
  Telling telling = { explanation, rule, text, 0 };
  const RsRuleObserver observer = { on_comparison, on_condition, &telling };

  action = rs_rule_evaluate_seen (rule, explanation->explainer->world.macros, stored, &observer, &error);
  if (action == NULL || (rule->kind != RS_RULE_TRIGGER && !tell_action (&telling, action, &error)))
    {
      tell_fault (explanation, rule->kind, error);
      return;
    }
  tell_next (explanation, rule->kind, !action->skip, next);
}

static void
explain (Explanation *explanation, const RsRule *rule, const char *text, gboolean stored, const char *next)
{
  if (rs_rule_is_empty (rule))
    {
      tell (explanation, "skip", NO_TRUTH, "the rule is empty");
      return;
    }
  tell_macros (explanation, text);
  /* Report_Rule may hold two, each of which the phone goes through whatever becomes of the other */
  for (const RsRule *one = rule; one != NULL; one = rs_rule_next (one))
    explain_one (explanation, one, text, stored, next);
}

gboolean
rs_rule_explain (const RsExplainer *explainer, const char *text, gboolean stored, GError **error)
{
  g_autoptr (RsRule) rule = rs_rule_parse (text, RS_RULE_PROFILE, error);
  g_auto (Explanation) explanation = { 0 };

  if (rule == NULL)
    return FALSE;
  explanation_init (&explanation, explainer, text);
  explain (&explanation, rule, text, stored, NULL);
  return TRUE;
}

void
rs_rules_explain (const RsExplainer *explainer, const char *const *names, const RsElsewhere *first)
{
  g_auto (Explanation) explanation = { 0 };

  explanation_init (&explanation, explainer, NULL);
  for (guint i = 0; names[i] != NULL; i++)
    {
      const char *text = explainer->world.value (names[i], explainer->world.data);
      RsRuleKind kind = rs_rule_kind_of (names[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRule) rule = rs_rule_parse (text, kind, &error);

      tell (&explanation, "rule", NO_TRUTH, "%s", names[i]);
      if (i == 0 && first != NULL && first->text != NULL)
        tell (&explanation, "search", NO_TRUTH, "%s", first->text);
      if (i == 0 && first != NULL && first->instead)
        tell_next_rule (&explanation, TRUE, names[i + 1]);
      else if (rule != NULL)
        explain (&explanation, rule, text, TRUE, names[i + 1]);
      else
        tell_fault (&explanation, kind, error);
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
