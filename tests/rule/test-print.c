/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The canonical form: a table, and that it is read as the same rule, over rules made by chance. */
#include "rule/rule.h"

#include "base/secret.h"
#include "macros.h"

#define RULES      5000
#define LONG_EVERY 250
#define LIMIT      (16 * 1024)

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
      g_autoptr (RsRule) rule = rs_rule_parse (table[i].text, table[i].kind, &error);
      g_autofree char *printed = NULL;

      g_assert_no_error (error);
      printed = rs_rule_print (rule);
      g_assert_cmpstr (printed, ==, table[i].want);
    }
}

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
  static const char *const names[] = { "--uid", "--pwd", "--srv", "--key", "--post", "--alias", "--delta", "--status" };
  guint known = kind == RS_RULE_UPGRADE ? 3 : kind == RS_RULE_REPORT ? 8 : 6;
  guint first = (guint)g_rand_int_range (chance, 0, (gint32)known), n = (guint)g_rand_int_range (chance, 1, (gint32)known + 1);

  g_string_append_c (out, '[');
  for (guint i = 0; i < n; i++)
    {
      const char *name = names[(first + i) % known];

      add_blanks (chance, out);
      g_string_append_printf (out, "%s ", name);
      if (g_str_equal (name, "--post") || g_str_equal (name, "--alias"))
        g_string_append_printf (out, "%c ", "aBcDefP"[g_rand_int_range (chance, 0, 7)]);
      else if (strlen (name) == 5 && !g_str_equal (name, "--srv"))
        {
          if (g_rand_boolean (chance))
            add_quoted (chance, out, TRUE);
          else
            g_string_append (out, g_rand_boolean (chance) ? "bare$A\\0421" : "$SB");
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

/* RULE-1 … RULE-9: what is printed is read as the same rule: printed again it is the same, and it does the same */
static void
test_read_again (void)
{
  g_autoptr (GRand) chance = g_rand_new_with_seed (7);
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
      here = done (rule, kind);
      there = done (again, kind);
      g_assert_cmpstr (there, ==, here);
      g_assert_cmpint (rs_rule_has_private_options (again), ==, rs_rule_has_private_options (rule));
      taken += here[0] == '0';
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
