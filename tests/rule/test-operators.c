/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every operator in every spelling, between operands of every kind, in both directions; and every octal code. */
#include "rule/rule.h"

#include "base/error.h"
#include "macros.h"

typedef enum
{
  LESS = 1,
  EQUAL = 2,
  GREATER = 4,
} Order;

/* in every spelling */
static const struct
{
  const char *name;
  guint holds; /* for which orders of left and right */
} operators[] = {
  { "=", EQUAL },          { "eq", EQUAL },          { "EQ", EQUAL },          { "!=", LESS | GREATER },
  { "!", LESS | GREATER }, { "ne", LESS | GREATER }, { "Ne", LESS | GREATER }, { "<", LESS },
  { "lt", LESS },          { "LT", LESS },           { "<=", LESS | EQUAL },   { "le", LESS | EQUAL },
  { ">", GREATER },        { "gt", GREATER },        { ">=", GREATER | EQUAL }, { "ge", GREATER | EQUAL },
  { "gE", GREATER | EQUAL },
};
#define TEXT_OPERATORS 7

/* Pairs in order, each of which means the same on the phone of macros.h. */
static const struct
{
  const char *left, *right;
  Order order;
} pairs[] = {
  /* integer and integer */
  { "7", "7", EQUAL },
  { "-1", "1", LESS },
  { "9", "10", LESS },
  { "999999999999999999", "999999999999999998", GREATER },
  /* short form and short form: major, minor, micro, then build; a number before its letters */
  { "11.3.2", "11.3.2", EQUAL },
  { "11.3.2", "11.3.10", LESS },
  { "11.3.2", "11.10.0", LESS },
  { "9.9.9", "10.0.0", LESS },
  { "5.1.1(18)", "5.1.1(9)", GREATER },
  { "5.1.1", "5.1.1(1)", LESS },
  { "5.1.1(18)", "5.1.1(18a)", LESS },
  { "11.3.2a", "11.3.2b", LESS },
  /* long form and long form, of whatever model */
  { "sip78xx.11-3-2MPP0001-609", "sip88xx.11-3-2MPP0001-609.loads", EQUAL },
  { "sip78xx.11-3-2MPP0001-609", "sip78xx.11-3-2MPP0001-610", LESS },
  { "sip78xx.11-3-2MPP0001-609", "sip78xx.11-3-2MPP0002-1", LESS },
  { "sip78xx.11-3-2MPP0001-609", "sip78xx.11-3-10MPP0001-1", LESS },
  { "sip78xx.11-3-2MSR1-1", "sip78xx.11-3-2MPP0001-609", GREATER },
  /* one of each */
  { "sip78xx.11-3-2-609", "11.3.2(609)", EQUAL },
  { "11.3.2", "sip78xx.11-3-2MPP0001-609", LESS },
  { "12", "sip78xx.11-3-2MPP0001-609", GREATER },
  { "11", "11.0.0", EQUAL },
  { "sip78xx.12-0-1", "12.0.1", EQUAL },
  /* macros that stand for them, on either side */
  { "$PRVTMR", "700", EQUAL },
  { "-2", "$PRVST", LESS },
  { "$SWVER", "sip78xx.11-3-2MPP0001-609", EQUAL },
  { "11.3.2", "$SWVER", LESS },
  { "$VERSION", "11.3.1", GREATER },
  { "$(PRVTMR:0:1)", "7", EQUAL },
  { "$PRVTMR$UPGST", "7001", EQUAL },
  /* texts: by their letters, case and blanks count */
  { "\"\"", "\"\"", EQUAL },
  { "\"10\"", "\"9\"", LESS },
  { "\"a\"", "\"A\"", GREATER },
  { "\"a \"", "\"a\"", GREATER },
  { "\"$MA\"", "\"000e08aabbcc\"", EQUAL },
  { "\"$MA\"", "\"$MAU\"", GREATER },
  { "\"\\101\\054B\"", "\"A,B\"", EQUAL },
  { "\"Gr\303\274\303\237e\"", "\"$D\"", EQUAL },
  /* one text makes it a comparison of texts */
  { "$PN", "\"CP-8851-3PCC\"", EQUAL },
  { "\"007\"", "7", LESS },
  { "$EXTIP", "\"\"", EQUAL },
};

static gboolean
holds (const char *condition, RsRuleKind kind)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = kind == RS_RULE_TRIGGER ? g_strdup (condition) : g_strdup_printf ("(%s)?http://h/yes|http://h/no", condition);
  g_autoptr (RsRule) rule = rs_rule_parse (text, kind, &error);
  g_autoptr (RsRuleAction) action = NULL;
  gboolean answer = FALSE;

  if (rule == NULL)
    g_error ("%s: %s", text, error->message);
  if (kind == RS_RULE_TRIGGER)
    {
      if (!rs_rule_condition_holds (rule, &test_macros, &answer, &error))
        g_error ("%s: %s", text, error->message);
      return answer;
    }
  action = rs_rule_evaluate (rule, &test_macros, FALSE, &error);
  if (action == NULL)
    g_error ("%s: %s", text, error->message);
  return action->alternative == 1;
}

static Order
reversed (Order order)
{
  return order == LESS ? GREATER : order == GREATER ? LESS : EQUAL;
}

/* RULE-3, RULE-4: each operator in each spelling between each pair, both ways round, in a rule and bare in a trigger, where signs with and without
 * blanks around them */
static void
test_table (void)
{
  static const RsRuleKind kinds[] = { RS_RULE_PROFILE, RS_RULE_UPGRADE, RS_RULE_REPORT, RS_RULE_CUSTOM_CA, RS_RULE_TRIGGER };
  guint asked = 0;

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      gboolean text = strchr (pairs[i].left, '"') != NULL || strchr (pairs[i].right, '"') != NULL;

      for (guint k = 0; k < (text ? TEXT_OPERATORS : G_N_ELEMENTS (operators)); k++)
        {
          const char *blank = g_ascii_isalpha (operators[k].name[0]) || asked % 2 == 0 ? " " : "";
          g_autofree char *forth = g_strconcat (pairs[i].left, blank, operators[k].name, blank, pairs[i].right, NULL);
          g_autofree char *back = g_strconcat (pairs[i].right, blank, operators[k].name, blank, pairs[i].left, NULL);
          RsRuleKind kind = kinds[asked++ % G_N_ELEMENTS (kinds)];

          if (holds (forth, kind) != ((operators[k].holds & pairs[i].order) != 0))
            g_error ("%s", forth);
          if (holds (back, kind) != ((operators[k].holds & reversed (pairs[i].order)) != 0))
            g_error ("%s", back);
        }
    }
  g_assert_cmpuint (asked, >, 500);
}

/* RULE-3: texts have no order, whichever side is one */
static void
test_texts_have_no_order (void)
{
  for (guint k = TEXT_OPERATORS; k < G_N_ELEMENTS (operators); k++)
    {
      static const char *const sides[][2] = { { "\"a\"", "\"b\"" }, { "\"1\"", "2" }, { "1", "\"2\"" }, { "$A", "\"\"" } };

      for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
        {
          g_autofree char *text = g_strdup_printf ("(%s %s %s)?/a", sides[i][0], operators[k].name, sides[i][1]);
          g_autoptr (GError) error = NULL;
          g_autoptr (RsRule) rule = rs_rule_parse (text, RS_RULE_PROFILE, &error);

          g_assert_null (rule);
          g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_RULE);
          g_assert_nonnull (strstr (error->message, "no order"));
        }
    }
}

/* RULE-3: without a left side each operator compares the phone's own version; joined ones hold where all do */
static void
test_missing_left (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (operators); k++)
    {
      static const struct
      {
        const char *right;
        Order order;
      } rights[] = { { "11.3.1", GREATER }, { "$SWVER", EQUAL }, { "12", LESS } };

      for (guint i = 0; i < G_N_ELEMENTS (rights); i++)
        {
          g_autofree char *one = g_strdup_printf ("%s %s", operators[k].name, rights[i].right);
          g_autofree char *joined = g_strdup_printf ("%s and 1 = 1 AND %s", one, one);
          g_autofree char *spoiled = g_strdup_printf ("%s and 1 = 2", one);
          gboolean want = (operators[k].holds & rights[i].order) != 0;

          g_assert_cmpint (holds (one, RS_RULE_PROFILE), ==, want);
          g_assert_cmpint (holds (joined, RS_RULE_PROFILE), ==, want);
          g_assert_false (holds (spoiled, RS_RULE_PROFILE));
        }
    }
}

/* RULE-6: every octal code of three digits, in quotes and bare: printable ones stand for themselves and are never syntax */
static void
test_octal (void)
{
  for (guint code = 0; code < 512; code++)
    for (guint quoted = 0; quoted < 2; quoted++)
      {
        g_autofree char *text = g_strdup_printf (quoted ? "[--key \"x\\%03oy\"]http://h/p" : "[--key x\\%03oy]http://h/p", code);
        g_autofree char *want = code < 0x80 ? g_strdup_printf ("x%cy", code) : g_strdup_printf ("x\\%03oy", code);
        g_autoptr (GError) error = NULL;
        g_autoptr (RsRule) rule = rs_rule_parse (text, RS_RULE_PROFILE, &error);
        g_autoptr (RsRuleAction) action = NULL;

        /* \400 and more are no code, and stay as they are; half a character is none */
        if (code < 0x20 || (code >= 0x7f && code < 256))
          {
            g_assert_null (rule);
            g_assert_nonnull (strstr (error->message, code < 0x80 ? "printable" : "UTF-8"));
            continue;
          }
        g_assert_no_error (error);
        action = rs_rule_evaluate (rule, &test_macros, FALSE, &error);
        g_assert_no_error (error);
        g_assert_cmpstr (action->key, ==, want);
      }
}

static const char *
look_up_number (const char *name, gpointer data)
{
  return data;
}

/* Whether there is a value with which a condition holds: below, at, between and above the numbers of it. */
static gboolean
may_hold (const RsRule *rule)
{
  static const char *const values[] = { "1", "2", "3", "4", "5" };
  gboolean answer = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (values) && !answer; i++)
    {
      const RsMacros macros = { look_up_number, (gpointer)values[i] };
      g_autoptr (GError) error = NULL;

      if (!rs_rule_condition_holds (rule, &macros, &answer, &error))
        g_error ("%s", error->message);
    }
  return answer;
}

/* RULE-3: of two comparisons of one macro it is known whether both can hold: each pair of operators, between operands of which either may be the
 * lesser, of numbers, versions and texts */
static void
test_exclusion (void)
{
  static const char *const signs[] = { "=", "!=", "<", "<=", ">", ">=" };
  static const char *const operands[][2] = {
    { "2", "2" }, { "2", "4" }, { "4", "2" }, { "2.0.0", "4" }, { "4", "2.0" }, { "\"2\"", "\"2\"" }, { "\"2\"", "\"4\"" },
  };
  guint never = 0;

  for (guint i = 0; i < G_N_ELEMENTS (signs) * G_N_ELEMENTS (signs) * G_N_ELEMENTS (operands); i++)
    {
      const char *first = signs[i % 6], *second = signs[i / 6 % 6], *const *operand = operands[i / 36];
      g_autofree char *text = g_strdup_printf ("$PRVTMR %s %s and $PRVTMR %s %s", first, operand[0], second, operand[1]);
      g_autoptr (RsRule) rule = NULL;

      if (operand[0][0] == '"' && (i % 6 > 1 || i / 6 % 6 > 1))
        continue;
      rule = rs_rule_parse (text, RS_RULE_TRIGGER, NULL);
      if ((rs_rule_truth (rule, 1, NULL, NULL) == RS_RULE_DEPENDS) != may_hold (rule))
        g_error ("%s", text);
      never += !may_hold (rule);
    }
  g_assert_cmpuint (never, >, 30);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/operators/table", test_table);
  g_test_add_func ("/rule/operators/texts", test_texts_have_no_order);
  g_test_add_func ("/rule/operators/missing-left", test_missing_left);
  g_test_add_func ("/rule/operators/octal", test_octal);
  g_test_add_func ("/rule/operators/exclusion", test_exclusion);
  return g_test_run ();
}
