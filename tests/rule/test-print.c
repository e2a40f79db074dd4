/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The canonical form: a table, and that it is read as the same rule, over rules made by chance. Two rules are the same when all that was parsed
 * is: the trees are compared whole, field by field. */
#include "rule/rule-private.h"

#include "base/secret.h"
#include "macros.h"

#define RULES      5000
#define LONG_EVERY 250
#define LIMIT      (16 * 1024)

/* --- rules made by chance --- */

static const char *
pick (GRand *chance, const char *const *of, guint n)
{
  return of[g_rand_int_range (chance, 0, (gint32)n)];
}

static void
add_blanks (GRand *chance, GString *out)
{
  for (int n = g_rand_int_range (chance, -2, 3); n > 0; n--)
    g_string_append_c (out, " \t"[g_rand_int_range (chance, 0, 2)]);
}

static void
add_quoted (GRand *chance, GString *out, gboolean secrets)
{
  static const char *const parts[] = { "a", " ", "$A", "$(MA:3:2)", "$$", "$", "\\042", "\\134", "\\", "\\044", "|", "]", ")", "(", "?",
                                       "!", "--key", "ü", "$PN", "\\101", ";", "0", "$SA" };

  g_string_append_c (out, '"');
  for (int n = g_rand_int_range (chance, 0, 6); n > 0; n--)
    g_string_append (out, pick (chance, parts, G_N_ELEMENTS (parts) - (secrets ? 0 : 1)));
  g_string_append_c (out, '"');
}

static void
add_condition (GRand *chance, GString *out)
{
  static const char *const operands[] = { "1", "-20", "11.3.2", "sip88xx.11-3-2MPP0001-609", "$SWVER", "$(A:0:2)", "1.2.3(4)", "$B" };
  static const char *const order[] = { "=", "eq", "!=", "ne", "!", "EQ", "<", "lt", "<=", "LE", ">", "gt", ">=", "ge" };

  for (int n = g_rand_int_range (chance, 1, 4); n > 0; n--)
    {
      gboolean quoted = g_rand_boolean (chance);

      if (quoted)
        add_quoted (chance, out, FALSE);
      else if (g_rand_int_range (chance, 0, 8) > 0)
        g_string_append (out, pick (chance, operands, G_N_ELEMENTS (operands)));
      g_string_append_c (out, ' ');
      g_string_append (out, pick (chance, order, quoted ? 6 : G_N_ELEMENTS (order)));
      g_string_append_c (out, ' ');
      if (quoted && g_rand_boolean (chance))
        add_quoted (chance, out, FALSE);
      else
        g_string_append (out, pick (chance, operands, G_N_ELEMENTS (operands)));
      g_string_append (out, n > 1 ? (g_rand_boolean (chance) ? " and " : "\tAND ") : "");
    }
}

static void
add_options (GRand *chance, GString *out, RsRuleKind kind)
{
  static const char *const names[][9] = {
    [RS_RULE_PROFILE] = { "--key", "--uid", "--pwd", "--srv", "--post", "--alias" },
    [RS_RULE_UPGRADE] = { "--uid", "--pwd", "--srv" },
    [RS_RULE_REPORT] = { "--key", "--uid", "--pwd", "--srv", "--delta", "--status" },
    [RS_RULE_CUSTOM_CA] = { "--uid", "--pwd", "--srv", "--post" },
  };
  static const char *const bare[] = { "bare$A\\0421", "$SB", "\\134101", "a\"b", "--uid", "$(SA:1:2)|x", "(1=1)?", "1", "\\044A", "ü" };
  guint known = g_strv_length ((char **)names[kind]);
  guint first = (guint)g_rand_int_range (chance, 0, (gint32)known), n = (guint)g_rand_int_range (chance, 1, (gint32)known + 1);

  g_string_append_c (out, '[');
  for (guint i = 0; i < n; i++)
    {
      const char *name = names[kind][(first + i) % known];

      add_blanks (chance, out);
      g_string_append_printf (out, "%s ", name);
      if (g_str_equal (name, "--post") || g_str_equal (name, "--alias"))
        g_string_append_printf (out, g_rand_boolean (chance) ? "%c " : "\"%c\" ", "aBcDefP"[g_rand_int_range (chance, 0, 7)]);
      else if (strlen (name) == 5 && !g_str_equal (name, "--srv"))
        {
          if (g_rand_boolean (chance))
            add_quoted (chance, out, TRUE);
          else
            g_string_append (out, pick (chance, bare, G_N_ELEMENTS (bare)));
          g_string_append_c (out, ' ');
        }
    }
  g_string_append_c (out, ']');
}

/* A condition, and a value in quotes, as long as a rule may have them and a little longer: what is printed is longer still. */
static char *
make_long_rule (GRand *chance, RsRuleKind kind)
{
  static const char *const bodies[] = { "=1 and ", "\"$A\"!\"\\042\"and ", "1<2 AND ", "\t1 = 1 and ", "\"x\" != \"y\" and " };
  GString *out = g_string_new (kind == RS_RULE_TRIGGER ? "" : "(");
  const char *body = pick (chance, bodies, G_N_ELEMENTS (bodies)), *end = kind == RS_RULE_TRIGGER ? "1=1" : "1=1)?/x";
  /* so that the printed form of some just fits */
  gsize length = (gsize)g_rand_int_range (chance, g_rand_boolean (chance) ? 1000 : 14000, 16400);

  while (out->len + strlen (body) + strlen (end) <= length)
    g_string_append (out, body);
  g_string_append (out, end);
  return g_string_free (out, FALSE);
}

static char *
make_rule (GRand *chance, RsRuleKind kind)
{
  static const char *const urls[] = { "/$PN.cfg", "http://h/p?a=$MA", "h/x", "tftp://192.0.2.1/a", "https://[2001:db8::1]:8443/$A",
                                      "http://u:p@h/x", "$A", "$SCHEME://$SERV$PATH", "h/x;y", "h/;", "gds://" };
  /* gds:// is for profile rules alone */
  const guint n_urls = G_N_ELEMENTS (urls) - (kind == RS_RULE_PROFILE ? 0 : 1);
  static const char *const ends[] = { "", "", ";", " ;", ";;", "\t; " };
  GString *out = g_string_new (NULL);
  int alternatives = g_rand_int_range (chance, 1, 4);

  if (kind == RS_RULE_TRIGGER)
    add_condition (chance, out);
  for (int i = 1; kind != RS_RULE_TRIGGER && i <= alternatives; i++)
    {
      gboolean conditional = i < alternatives || g_rand_boolean (chance), url = g_rand_int_range (chance, 0, 4) > 0;

      add_blanks (chance, out);
      if (conditional)
        {
          g_string_append_c (out, '(');
          add_condition (chance, out);
          g_string_append (out, ")?");
        }
      add_blanks (chance, out);
      if (g_rand_int_range (chance, 0, 3) == 0)
        {
          g_string_append (out, "( GPP_A =");
          add_quoted (chance, out, FALSE);
          g_string_append (out, g_rand_boolean (chance) ? ";B.c_1=\"\")!" : ")!");
        }
      add_blanks (chance, out);
      if (url && g_rand_boolean (chance))
        add_options (chance, out, kind);
      add_blanks (chance, out);
      g_string_append (out, url ? pick (chance, urls, n_urls) : "");
      if (url && kind == RS_RULE_REPORT)
        g_string_append (out, pick (chance, ends, G_N_ELEMENTS (ends)));
      g_string_append (out, i < alternatives ? (url ? " |" : "|") : "");
    }
  if (kind == RS_RULE_REPORT && g_rand_boolean (chance) && !g_str_has_suffix (out->str, " ") && strchr (out->str, '|') == NULL)
    g_string_append (out, " [--status]http://h/second");
  return g_string_free (out, FALSE);
}

/* --- the whole tree --- */

typedef struct
{
  GString *out;
  gboolean places;  /* also where each part stands, and how it was written there */
  GHashTable *seen; /* what occurred in it; NULL: nobody wants to know */
} Walk;

static void
note (const Walk *walk, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
note (const Walk *walk, const char *format, ...)
{
  va_list arguments;
  g_autofree char *what = NULL;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_string_append_printf (walk->out, " %s", what);
  if (walk->seen != NULL)
    g_hash_table_add (walk->seen, g_steal_pointer (&what));
}

static void
tell_string (const Walk *walk, const char *text)
{
  g_autofree char *escaped = text != NULL ? g_strescape (text, NULL) : NULL;

  if (escaped == NULL)
    g_string_append (walk->out, " -");
  else
    g_string_append_printf (walk->out, " <%s>", escaped);
}

static void
tell_column (const Walk *walk, guint column)
{
  if (walk->places)
    g_string_append_printf (walk->out, " @%u", column);
}

/* quotes: whether it matters that they are there. */
static void
tell_text (const Walk *walk, const RsRuleText *text, gboolean quotes)
{
  tell_string (walk, text->source);
  if (quotes || walk->places)
    note (walk, text->quoted ? "quoted" : "bare");
  if (text->macros)
    note (walk, "macros");
  if (text->secret)
    note (walk, "secret");
  tell_column (walk, text->column);
}

static void
tell_condition (const Walk *walk, const RsCondition *condition)
{
  static const char *const relations[] = { "=", "!=", "<", "<=", ">", ">=" };

  for (guint i = 0; condition != NULL && i < condition->comparisons->len; i++)
    {
      const RsComparison *one = &g_array_index (condition->comparisons, RsComparison, i);

      note (walk, i > 0 ? "and" : "if");
      tell_text (walk, &one->left, TRUE);
      note (walk, "%s of %s", relations[one->relation], one->left.quoted || one->right.quoted ? "texts" : "numbers");
      tell_text (walk, &one->right, TRUE);
    }
}

static void
tell_options (const Walk *walk, const RsRuleOptions *options)
{
  const struct
  {
    const char *name;
    const RsRuleText *text;
    const char *letter;
    gboolean on;
  } all[] = {
    { "--key", &options->key, NULL, FALSE }, { "--uid", &options->user, NULL, FALSE },      { "--pwd", &options->password, NULL, FALSE },
    { "--post", NULL, options->post, FALSE }, { "--alias", NULL, options->alias, FALSE },   { "--srv", NULL, NULL, options->srv },
    { "--delta", NULL, NULL, options->delta }, { "--status", NULL, NULL, options->status },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      if (!all[i].on && all[i].letter == NULL && (all[i].text == NULL || all[i].text->source == NULL))
        continue;
      note (walk, "%s", all[i].name);
      if (all[i].text != NULL)
        tell_text (walk, all[i].text, FALSE);
      else
        tell_string (walk, all[i].letter);
    }
}

static void
tell_alternative (const Walk *walk, const RsAlternative *alternative)
{
  tell_condition (walk, alternative->condition);
  for (guint i = 0; alternative->settings != NULL && i < alternative->settings->len; i++)
    {
      const RsRuleSetting *setting = &g_array_index (alternative->settings, RsRuleSetting, i);

      note (walk, "set");
      tell_string (walk, setting->name);
      tell_column (walk, setting->column);
      tell_text (walk, &setting->value, TRUE);
    }
  tell_options (walk, &alternative->options);
  note (walk, alternative->url != NULL ? "url" : "no url");
  tell_string (walk, alternative->url);
  tell_column (walk, alternative->url_column);
  if (walk->places)
    tell_string (walk, alternative->condition_text);
}

/* All that is in a rule, as a text that is another one for any other rule. */
static char *
tree_of (const RsRule *rule, gboolean places, GHashTable *seen)
{
  const Walk walk = { g_string_new (NULL), places, seen };

  for (const RsRule *one = rule; one != NULL; one = one->next)
    {
      note (&walk, one == rule ? "kind %d" : "second of kind %d", one->kind);
      for (guint i = 0; i < one->alternatives->len; i++)
        {
          note (&walk, i > 0 ? "or" : "take");
          tell_alternative (&walk, g_ptr_array_index (one->alternatives, i));
        }
    }
  return g_string_free (walk.out, FALSE);
}

/* What the rules made by chance have to have had. */
static const char *const all_parts[] = {
  "kind 0", "kind 1", "kind 2", "kind 3", "kind 4", "second of kind 2", "if", "and", "or", "set", "url", "no url", "quoted", "bare", "macros",
  "secret", "--key", "--uid", "--pwd", "--srv", "--post", "--alias", "--delta", "--status", "= of texts", "!= of texts", "= of numbers",
  "!= of numbers", "< of numbers", "<= of numbers", "> of numbers", ">= of numbers",
};

/* Columns are not those of the text as it was written. */
static char *
without_column (const GError *error)
{
  const char *colon = g_str_has_prefix (error->message, "column ") ? strchr (error->message, ':') : NULL;

  return g_strdup (colon != NULL ? colon : error->message);
}

/* The action, in a form that can be compared, or the error. */
static char *
done (const RsRule *rule, RsRuleKind kind)
{
  const RsMacros macros = { test_macro, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRuleAction) action = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean holds = FALSE;

  if (kind == RS_RULE_TRIGGER)
    {
      if (rs_rule_condition_holds (rule, &macros, &holds, &error))
        return g_strdup_printf ("%d", holds);
      return without_column (error);
    }
  action = rs_rule_evaluate (rule, &macros, TRUE, &error);
  if (action == NULL)
    return without_column (error);
  g_string_append_printf (out, "%d %u %s %s %s %s %d %s %s %d %d", action->skip, action->alternative, action->url_text, action->key,
                          action->user, action->password, action->srv, action->post, action->alias, action->delta, action->status);
  for (guint i = 0; i < action->assignments->len; i++)
    {
      const RsRuleAssignment *assignment = g_ptr_array_index (action->assignments, i);

      g_string_append_printf (out, " %s=%s", assignment->name, assignment->value);
    }
  return g_strdup (out->str);
}

/* parse (print (parse (x))) is parse (x): the whole tree, but for places and quotes that say nothing; and of what was printed these too. */
static void
assert_same (const RsRule *rule, const RsRule *again, GHashTable *seen)
{
  g_autofree char *here = tree_of (rule, FALSE, seen), *there = tree_of (again, FALSE, NULL), *printed = rs_rule_print (again);
  g_autoptr (RsRule) third = rs_rule_parse (printed, again->kind, NULL);
  g_autofree char *with_places = tree_of (again, TRUE, NULL), *same_places = third != NULL ? tree_of (third, TRUE, NULL) : NULL;

  g_assert_cmpstr (there, ==, here);
  g_assert_cmpstr (same_places, ==, with_places);
}

/* RULE-1, RULE-3, RULE-5, RULE-6, RULE-9 */
static void
test_table (void)
{
  static const struct
  {
    RsRuleKind kind;
    const char *text, *want;
  } table[] = {
    { RS_RULE_PROFILE, "", "" },
    { RS_RULE_PROFILE, "# none", "" },
    { RS_RULE_PROFILE, "  /$PN.cfg ", "/$PN.cfg" },
    { RS_RULE_PROFILE, "[--key k]$A", "[--key \"k\"] $A" },
    { RS_RULE_PROFILE, "[ --pwd p --uid \"u v\" --srv --alias b --post a ]http://h/x",
      "[--uid \"u v\" --pwd \"p\" --srv --post A --alias B] http://h/x" },
    { RS_RULE_PROFILE, "(1.2.3 lt 2 and \"$A\"!\"x\")?(A=\"b\";B = \"c\" ;)!h/p|(ge 9)?",
      "(1.2.3 < 2 and \"$A\" != \"x\")? (A = \"b\"; B = \"c\";)! h/p | ($SWVER >= 9)?" },
    { RS_RULE_PROFILE, "(A=\"\\042\\134\\101\")!", "(A = \"\\042\\A\";)!" },
    { RS_RULE_PROFILE, "(A=\"\\134101 \\9\")!", "(A = \"\\134101 \\9\";)!" },
    { RS_RULE_PROFILE, "[--key $A\\0421]h/p", "[--key \"$(A)\\0421\"] h/p" },
    { RS_RULE_PROFILE, "[--key \\044A]h/p", "[--key \"$$A\"] h/p" },
    { RS_RULE_TRIGGER, "\"$A\"eq\"b\"", "\"$A\" = \"b\"" },
    { RS_RULE_REPORT, "http://h/a;", "http://h/a" },
    { RS_RULE_REPORT, "http://h/a ; http://h/b;;", "http://h/a http://h/b;;" },
    { RS_RULE_REPORT, "(1=1)?http://h/a;;|$A\t;", "(1 = 1)? http://h/a;; | $A" },
    { RS_RULE_UPGRADE, "http://h/a;", "http://h/a;" },
    { RS_RULE_REPORT, "[--delta]http://h/a; [--status --srv]http://h/b;", "[--delta] http://h/a [--srv --status] http://h/b" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRule) rule = rs_rule_parse (table[i].text, table[i].kind, &error), again = NULL;
      g_autofree char *printed = NULL;

      g_assert_no_error (error);
      printed = rs_rule_print (rule);
      g_assert_cmpstr (printed, ==, table[i].want);
      again = rs_rule_parse (printed, table[i].kind, &error);
      g_assert_no_error (error);
      assert_same (rule, again, NULL);
    }
}

/* RULE-1 … RULE-9: what is printed is read as the same rule, whole; printed again it is the same, and it does the same */
static void
test_read_again (void)
{
  g_autoptr (GRand) chance = g_rand_new_with_seed (7);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint rules = 0, taken = 0, grown = 0, refused = 0;

  for (guint i = 0; i < RULES; i++)
    {
      RsRuleKind kind = (RsRuleKind)(i % (RS_RULE_TRIGGER + 1));
      gboolean is_long = i % LONG_EVERY < RS_RULE_TRIGGER + 1;
      g_autofree char *text = is_long ? make_long_rule (chance, kind) : make_rule (chance, kind);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRule) rule = rs_rule_parse (text, kind, &error), again = NULL;
      g_autofree char *printed = NULL, *twice = NULL, *here = NULL, *there = NULL;

      if (rule == NULL)
        {
          refused += is_long;
          continue;
        }
      rules++;
      grown += is_long && strlen (text) > LIMIT / 2;
      printed = rs_rule_print (rule);
      again = rs_rule_parse (printed, kind, &error);
      if (again == NULL)
        g_error ("“%.300s” was printed as “%.300s”: %s", text, printed, error->message);
      twice = rs_rule_print (again);
      g_assert_cmpstr (twice, ==, printed);
      assert_same (rule, again, seen);
      here = done (rule, kind);
      there = done (again, kind);
      g_assert_cmpstr (there, ==, here);
      g_assert_cmpint (rs_rule_has_private_options (again), ==, rs_rule_has_private_options (rule));
      taken += here[0] == '0';
    }
  for (guint i = 0; i < G_N_ELEMENTS (all_parts); i++)
    {
      if (!g_hash_table_contains (seen, all_parts[i]))
        g_error ("no rule had “%s”", all_parts[i]);
    }
  /* what was made was mostly sound, and did something */
  g_assert_cmpuint (rules, >, RULES / 2);
  g_assert_cmpuint (taken, >, RULES / 10);
  /* near to the bound, on both sides of it */
  g_assert_cmpuint (grown, >, 10);
  g_assert_cmpuint (refused, >, 10);
}

/* RULE-10: the longest rules are printed without the text being moved, which would leave keys behind */
static void
test_longest (void)
{
  g_autoptr (GString) text = g_string_new ("[--key \"");
  g_autoptr (RsRule) rule = NULL;
  g_autofree char *printed = NULL;

  while (text->len < 16000)
    g_string_append (text, "\\042");
  g_string_append (text, "\"]h/p");
  rule = rs_rule_parse (text->str, RS_RULE_PROFILE, NULL);
  g_assert_nonnull (rule);
  printed = rs_rule_print (rule);
  g_assert_cmpuint (strlen (printed), ==, 16000 - 8 + strlen ("[--key \"\"] h/p"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/print/table", test_table);
  g_test_add_func ("/rule/print/read-again", test_read_again);
  g_test_add_func ("/rule/print/longest", test_longest);
  return g_test_run ();
}
