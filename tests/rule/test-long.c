/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Long texts: what twice as long a text costs is about twice as much, whatever stands in it. */
#include "rule/explain.h"

#include "base/mask.h"
#include "macros.h"

#include <time.h>

#define MIB (1u << 20)
#define LONGEST (16u << 10)
/* a square law gives 4; the best of some runs is compared where one is not enough, so that what else the machine does is left out */
#define RATIO 3.0
#define RUNS 9

/* Head, and what is repeated until the text is long enough. */
static const struct
{
  const char *head, *body;
} patterns[] = {
  { "", "(" },
  { "", ")" },
  { "", "[" },
  { "", "|" },
  { "", "$" },
  { "", "$(" },
  { "", "$(MA:" },
  { "", "$A" },
  { "", "$MA" },
  { "", "\\101" },
  { "", "\"" },
  { "", " " },
  { "", "#" },
  { "", "a/" },
  { "", "%" },
  { "", "://" },
  { "", "u:p@" },
  { "", "\303\274" },
  { "", "\377" },
  { "(", "1=1 and " },
  { "(", "\"$A\" = \"b\" and " },
  { "(", "\"(\"" },
  { "(", "(" },
  { "(", "A=\"\";" },
  { "(", "\303\274" },
  { "(1=1)?", "(1=1)?" },
  { "", "(1=2)?|" },
  { "(A=\"", "\\101" },
  { "[--key \"", "\\042" },
  { "[--key ", "$SA" },
  { "[", "--key k " },
  { "[--srv ", "--srv " },
  { "http://h/", "?a=b&" },
  { "http://h/", "$MA" },
  { "http://", "h" },
  { "http://", "@" },
  { "http://[", ":" },
  { "/a; ", "/b; " },
  { "", "a=b&" },
  { "", "u:p " },
  { "", "sip:" },
  { "", "--" },
};

static char *
repeat (const char *head, const char *body, gsize size)
{
  GString *text = g_string_new (head);

  while (text->len + strlen (body) <= size)
    g_string_append (text, body);
  return g_string_free (text, FALSE);
}

static char *
make_text (guint i, gsize size)
{
  return repeat (patterns[i].head, patterns[i].body, size);
}

/* Nanoseconds of the processor. */
static gint64
spent (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

/* All that is done with the text of a rule before anybody fetches something. */
static void
use (const char *text)
{
  for (RsRuleKind kind = RS_RULE_PROFILE; kind <= RS_RULE_TRIGGER; kind++)
    {
      g_autoptr (RsRule) rule = rs_rule_parse (text, kind, NULL);
      g_autoptr (RsRuleAction) action = NULL;
      g_autofree char *printed = NULL;
      gboolean holds;

      if (rule == NULL)
        continue;
      printed = rs_rule_print (rule);
      if (kind == RS_RULE_TRIGGER)
        (void)!rs_rule_condition_holds (rule, &test_macros, &holds, NULL);
      else
        action = rs_rule_evaluate (rule, &test_macros, TRUE, NULL);
    }
}

static void
look (const char *text)
{
  g_auto (GStrv) names = rs_macro_names (text);
  g_autofree char *masked = rs_mask_rule (text);
  g_autofree char *expanded = rs_macro_expand (text, &test_macros, FALSE, NULL);
  g_autoptr (RsUrl) url = rs_url_parse (text, NULL);
}

/* It asks the rule's masks for many a word: what takes a second of a sanitizer at 1 MiB is as square or not at a sixteenth. */
static void
mask (const char *text)
{
  g_autofree char *shown = rs_mask_text (text);
}

static void
measure (void (*what) (const char *text), const char *text, guint times, gint64 *least)
{
  gint64 begun = spent ();

  for (guint i = 0; i < times; i++)
    what (text);
  *least = MIN (*least, spent () - begun);
}

static void
compare (void (*what) (const char *text), gsize size, guint times)
{
  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autofree char *half = make_text (i, size / 2), *whole = make_text (i, size);
      gint64 short_time = G_MAXINT64, long_time = G_MAXINT64;
      gboolean good = FALSE;

      for (guint run = 0; run < RUNS && !good; run++)
        {
          measure (what, half, times, &short_time);
          measure (what, whole, times, &long_time);
          /* below the tenth of a millisecond it is the clock that is measured */
          good = long_time < 100000 || (double)long_time < RATIO * (double)short_time;
        }
      if (!good)
        g_error ("pattern %u: %.3f ms for the half of it, %.3f ms for the whole", i, short_time / 1e6, long_time / 1e6);
    }
}

/* RULE-1 … RULE-10: the longest rules there are: parsed as each kind, printed, evaluated */
static void
test_rules (void)
{
  compare (use, LONGEST, 1);
}

/* RULE-10: 1 MiB is an error of the length, or what looks at texts of any length has seen it */
static void
test_any_length (void)
{
  compare (use, MIB, 1);
  compare (look, MIB, 1);
  compare (mask, MIB / 16, 1);
}

/* so that 64 alternatives are a long rule */
#define PATH "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* Rules that ask for long values, and what is repeated in those. */
static const struct
{
  const char *head, *body, *tail, *value;
} askers[] = {
  { "($SWVER gt 1", " and \"$A\" ne \"x\"", ")?/x", "?a=b&" },
  { "($SWVER > 1", " and \"$(A:9999999:1)\" = \"\"", ")?/x", "\303\274" },
  { "(", "A = \"$A\"; ", ")!/x", "u:p@" },
  { "(", "Password_1_ = \"$(A:1)\"; ", ")!", "$A" },
  { "(", "Profile_Rule_C = \"[--key $A]/x\"; ", ")!/x", "--key " },
  { "https://h/", "$(A:99999999:1)", "", "?a=b&" },
  { "https://h/?", "$A", "", "u:p@" },
  { "https://", "$A@", "h/", "u:p@" },
  { "", "(\"$A\" = \"\")? [--post a --key \"$B\"] https://$C/$D?$E" PATH PATH PATH " | ", "/$A$B", "$A?@" },
};

static char *long_value;

static const char *
long_macro (const char *name, gpointer data)
{
  return strlen (name) == 1 ? long_value : test_macro (name, data);
}

static const char *
rule_of (const char *parameter, gpointer data)
{
  return g_str_equal (parameter, "Profile_Rule_B") ? long_value : NULL;
}

static gboolean
is_secret (const char *parameter, gpointer data)
{
  return g_str_has_prefix (parameter, "Password");
}

static gboolean
shows_macro (const char *macro, gpointer data)
{
  return TRUE;
}

static char *
show_value (const char *name, const char *value, gpointer data)
{
  return rs_mask_text (value);
}

static gboolean
check_value (const char *name, const char *value, gpointer data, GError **error)
{
  return TRUE;
}

static void
count_step (const char *kind, const char *text, int truth, gpointer data)
{
}

static void
explain (const char *text)
{
  static const RsMacros macros = { long_macro, NULL };
  const RsExplainer explainer
      = { { &macros, rule_of, is_secret, NULL }, shows_macro, show_value, check_value, NULL, count_step };

  g_assert_true (rs_rule_explain (&explainer, text, TRUE, NULL));
}

/* RULE-10: what an explanation costs goes by the rule, and not by the rule times what its macros stand for: both are twice as long here */
static void
test_explain (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (askers); i++)
    {
      gint64 least[2] = { G_MAXINT64, G_MAXINT64 };
      gboolean good = FALSE;

      for (guint run = 0; run < RUNS && !good; run++)
        {
          for (guint whole = 0; whole < 2; whole++)
            {
              g_autofree char *most = repeat (askers[i].head, askers[i].body, (LONGEST >> 1 << whole) - 64);
              g_autofree char *rule = g_strconcat (most, askers[i].tail, NULL);

              long_value = repeat ("", askers[i].value, 32768 << whole);
              measure (explain, rule, 1, &least[whole]);
              g_free (long_value);
            }
          if (g_test_verbose ())
            g_test_message ("asker %u: %.3f and %.3f ms", i, least[0] / 1e6, least[1] / 1e6);
          good = (double)least[1] < RATIO * (double)least[0];
        }
      if (!good)
        g_error ("asker %u: %.3f ms for the half of it, %.3f ms for the whole", i, least[0] / 1e6, least[1] / 1e6);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/long/rules", test_rules);
  g_test_add_func ("/rule/long/any-length", test_any_length);
  g_test_add_func ("/rule/long/explain", test_explain);
  return g_test_run ();
}
