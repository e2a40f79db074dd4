/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A rule as each kind, evaluated with and without the right to use secrets, and as it is shown. */
#include "fuzz.h"

#include "../rule/macros.h"
#include "base/error.h"
#include "base/host.h"
#include "base/mask.h"
#include "base/secret.h"
#include "rule/explain.h"
#include "rule/rule.h"

#define RULE_MAX (16 * 1024)
#define ALTERNATIVES_MAX 64

/* in the place of FUZZ_SECRET, of the same letters and digits: where it is a secret, nothing that is said may change */
#define OTHER_SECRET "winter9"

typedef struct
{
  const char *text;
  const char *shown;
  char *other_text; /* with another secret; NULL: it does not stand there exactly once */
  char *other_shown;
  GString *out;
} Try;

static const char *
other_macro (const char *name, gpointer data)
{
  return g_str_equal (name, "SA") ? "0ther!" : test_macro (name, data);
}

/* The same phone but for its $SA: whatever is said must be the same. */
static const RsMacros other_macros = { other_macro, NULL };

static void
check_url (const RsUrl *url)
{
  g_autofree char *text = rs_url_to_string (url);
  g_autoptr (RsUrl) again = NULL;

  g_assert_cmpint (url->path[0], ==, '/');
  fuzz_check_line (text);
  if (url->host == NULL)
    return;
  g_assert_true (rs_host_is_valid (url->host));
  g_assert_cmpint (url->port, !=, 0);
  again = rs_url_parse (text, NULL);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->host, ==, url->host);
  g_assert_cmpint (again->port, ==, url->port);
  g_assert_cmpstr (again->path, ==, url->path);
}

/* Whether the secret of the input is used as one: then it may not be shown. */
static gboolean
uses_secret (const RsRuleAction *action)
{
  /* before expansion: that a macro brings a "?" along cannot be seen in the rule */
  const char *query = action->url != NULL ? strpbrk (action->url_text, "?#") : NULL;

  for (guint i = 0; i < action->assignments->len; i++)
    {
      const RsRuleAssignment *assignment = action->assignments->pdata[i];

      if (fuzz_holds_secret (assignment->value))
        return TRUE;
    }
  return fuzz_holds_secret (action->key) || fuzz_holds_secret (action->user) || fuzz_holds_secret (action->password)
         || (action->url != NULL && (fuzz_holds_secret (action->url->user) || fuzz_holds_secret (action->url->password)))
         || fuzz_holds_secret (query);
}

static void
check_action (const RsRuleAction *action, guint alternatives)
{
  g_assert_cmpint (action->skip, ==, action->url == NULL);
  g_assert_cmpuint (action->alternative, <=, alternatives);
  if (action->url != NULL)
    {
      check_url (action->url);
      g_assert_nonnull (action->url_text);
      g_assert_false (action->srv && action->url->scheme == RS_SCHEME_TFTP);
    }
  for (guint i = 0; i < action->assignments->len; i++)
    {
      const RsRuleAssignment *assignment = action->assignments->pdata[i];

      g_assert_cmpuint (strlen (assignment->value), <=, 64 * 1024);
      g_assert_true (g_utf8_validate (assignment->value, -1, NULL));
    }
}

/* The number of alternatives that have a condition: they stand before all others. */
static guint
count_conditions (const RsRule *rule, GString *out)
{
  guint n = 0;
  RsRuleOutline outline;

  for (guint i = 1; rs_rule_outline (rule, i, &outline); i++)
    {
      g_string_append_printf (out, " %d%d %u %u %s", outline.conditional, outline.scheme_known, outline.url_column, outline.n_settings,
                              outline.url);
      n += outline.conditional;
      for (guint j = 0; j < outline.n_settings; j++)
        {
          RsRuleSettingOutline setting;

          rs_rule_setting (rule, i, j, &setting);
          g_assert_cmpuint (setting.column, >, 0);
          rs_secret_free (setting.value);
        }
    }
  return n;
}

static void
evaluate (const Try *try, const RsRule *rule, gboolean allow_secrets)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) same = NULL;
  g_autoptr (RsRuleAction) action = rs_rule_evaluate (rule, &test_macros, allow_secrets, &error);
  g_autoptr (RsRuleAction) other = NULL;

  fuzz_check_error (action != NULL, error);
  if (action == NULL)
    {
      g_assert_cmpint (error->code, ==, RS_ERROR_INVALID_RULE);
      other = rs_rule_evaluate (rule, &other_macros, allow_secrets, &same);
      g_assert_error (same, RS_ERROR, RS_ERROR_INVALID_RULE);
      g_assert_cmpstr (same->message, ==, error->message);
      g_string_append_printf (try->out, " (%s)", error->message);
      return;
    }
  check_action (action, ALTERNATIVES_MAX);
  if (uses_secret (action) && try->other_text != NULL)
    g_assert_cmpstr (try->other_shown, ==, try->shown);
  g_string_append_printf (try->out, " → %u %d %s", action->alternative, action->skip, action->url_text);
}

static gboolean
shows_macro (const char *macro, gpointer data)
{
  return macro[0] != 'S' || strlen (macro) != 2;
}

static char *
show_value (const char *name, const char *value, gpointer data)
{
  return g_strdup (RS_MASK);
}

static const char *
rule_of (const char *parameter, gpointer data)
{
  return NULL;
}

static gboolean
is_secret (const char *parameter, gpointer data)
{
  return TRUE;
}

static gboolean
check_value (const char *name, const char *value, gpointer data, GError **error)
{
  return TRUE;
}

static void
add_step (const char *kind, const char *text, int truth, gpointer data)
{
  fuzz_check_line (text);
  g_string_append_printf (data, "%s: %s %d\n", kind, text, truth);
}

/* What is told of a profile rule holds none of its secrets, and it is told whole exactly where it can be evaluated. */
static void
explain (const Try *try, const RsRule *rule)
{
  g_autoptr (GString) steps = g_string_new (NULL), same = g_string_new (NULL);
  const RsExplainer explainer
      = { { &test_macros, rule_of, is_secret, steps }, shows_macro, show_value, check_value, NULL, add_step };
  const RsExplainer other = { { &other_macros, rule_of, is_secret, same }, shows_macro, show_value, check_value, NULL, add_step };
  g_autoptr (RsRuleAction) action = rs_rule_evaluate (rule, &test_macros, TRUE, NULL);

  /* what cannot be evaluated is a step behind the others */
  g_assert_true (rs_rule_explain (&explainer, try->text, TRUE, NULL));
  if (action == NULL || (action->post == NULL && action->alias == NULL))
    g_assert_cmpint (g_str_has_prefix (steps->str, "fault: ") || strstr (steps->str, "\nfault: ") != NULL, ==, action == NULL);
  g_assert_true (rs_rule_explain (&other, try->text, TRUE, NULL));
  g_assert_cmpstr (same->str, ==, steps->str);
  if (action != NULL && uses_secret (action) && try->other_text != NULL)
    {
      g_string_truncate (same, 0);
      g_assert_true (rs_rule_explain (&other, try->other_text, TRUE, NULL));
      g_assert_cmpstr (same->str, ==, steps->str);
    }
}

/* An error quotes nothing that the mask would hide, but for the words of a condition and the name of an option that there is not (RULE-6). */
static void
check_error (const Try *try, RsRuleKind kind, const GError *error)
{
  g_autoptr (GError) other = NULL;
  g_autoptr (RsRule) rule = NULL;

  g_assert_nonnull (strstr (error->message, ": found "));
  g_assert_nonnull (strstr (error->message, ", expected "));
  if (try->other_text == NULL || kind == RS_RULE_TRIGGER || strchr (try->text, '(') != NULL
      || strstr (error->message, "unknown option") != NULL || strcmp (try->shown, try->other_shown) != 0)
    return;
  rule = rs_rule_parse (try->other_text, kind, &other);
  g_assert_null (rule);
  g_assert_cmpstr (other->message, ==, error->message);
}

static void
try_kind (const Try *try, RsRuleKind kind)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRule) rule = rs_rule_parse (try->text, kind, &error);
  gboolean holds = FALSE;

  fuzz_check_error (rule != NULL, error);
  if (rule == NULL)
    {
      g_assert_cmpint (error->code, ==, RS_ERROR_INVALID_RULE);
      check_error (try, kind, error);
      g_string_append_printf (try->out, "%s\n", error->message);
      return;
    }
  g_assert_cmpuint (strlen (try->text), <=, RULE_MAX);
  g_assert_cmpuint (count_conditions (rule, try->out), <=, ALTERNATIVES_MAX);
  g_string_append_printf (try->out, "%d%d%d", rs_rule_is_empty (rule), rs_rule_names_server (rule),
                          rs_rule_has_private_options (rule));
  if (kind == RS_RULE_TRIGGER)
    {
      gboolean good = rs_rule_condition_holds (rule, &test_macros, &holds, &error);

      fuzz_check_error (good, error);
      g_assert_false (rs_rule_is_empty (rule) && holds);
    }
  for (const RsRule *one = rule; kind != RS_RULE_TRIGGER && one != NULL; one = rs_rule_next (one))
    {
      evaluate (try, one, FALSE);
      evaluate (try, one, TRUE);
    }
  if (kind == RS_RULE_PROFILE)
    explain (try, rule);
  g_string_append_printf (try->out, " %d\n", holds);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  g_autofree char *text = fuzz_rest (&input);
  g_autofree char *shown = rs_mask_rule (text);
  g_auto (GStrv) parts = g_strsplit (text, FUZZ_SECRET, -1);
  Try try = { text, shown, NULL, NULL, out };

  fuzz_check_line (shown);
  /* where it stands twice, one of them may be nothing secret */
  if (g_strv_length (parts) == 2)
    {
      try.other_text = g_strjoinv (OTHER_SECRET, parts);
      try.other_shown = rs_mask_rule (try.other_text);
    }
  g_string_append_printf (out, "%s\n", shown);
  for (RsRuleKind kind = RS_RULE_PROFILE; kind <= RS_RULE_TRIGGER; kind++)
    try_kind (&try, kind);
  g_free (try.other_text);
  g_free (try.other_shown);
}
