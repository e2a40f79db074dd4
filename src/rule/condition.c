/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads and evaluates conditions. An operand in quotes makes the comparison one of texts; else both sides are integers
 * or versions. No message quotes an expanded value: the caller may not be allowed to read it. */
#include "rule/condition.h"

#include "base/secret.h"
#include "rule/fault.h"
#include "rule/rule-private.h"
#include "rule/version.h"

#include <string.h>

#define MAX_INTEGER_DIGITS 18
#define MAX_COMPARED 16 /* comparisons with which others are compared: nobody writes more, and a rule is as long as it likes */

/* the longer of two that begin alike comes first */
static const struct
{
  const char *name;
  RsRelation relation;
} operators[] = {
  { "!=", RS_RELATION_NE }, { "<=", RS_RELATION_LE }, { ">=", RS_RELATION_GE }, { "=", RS_RELATION_EQ },  { "!", RS_RELATION_NE },
  { "<", RS_RELATION_LT },  { ">", RS_RELATION_GT },  { "eq", RS_RELATION_EQ }, { "ne", RS_RELATION_NE }, { "lt", RS_RELATION_LT },
  { "le", RS_RELATION_LE }, { "gt", RS_RELATION_GT }, { "ge", RS_RELATION_GE },
};

static void
clear_comparison (gpointer data)
{
  RsComparison *comparison = data;

  rs_rule_text_clear (&comparison->left);
  rs_rule_text_clear (&comparison->right);
}

void
rs_condition_free (RsCondition *condition)
{
  if (condition == NULL)
    return;
  g_array_unref (condition->comparisons);
  g_free (condition);
}

/* A word ends where no letter or digit goes on. */
static gboolean
accept_word (RsCursor *cursor, const char *word)
{
  gsize n = strlen (word), left = (gsize)(cursor->end - cursor->p);

  if (left < n || g_ascii_strncasecmp (cursor->p, word, n) != 0)
    return FALSE;
  if (g_ascii_isalpha (word[0]) && left > n && (g_ascii_isalnum (cursor->p[n]) || strchr ("._-", cursor->p[n]) != NULL))
    return FALSE;
  cursor->p += n;
  return TRUE;
}

static gboolean
accept_operator (RsCursor *cursor, RsRelation *relation)
{
  for (guint i = 0; i < G_N_ELEMENTS (operators); i++)
    {
      if (accept_word (cursor, operators[i].name))
        {
          *relation = operators[i].relation;
          return TRUE;
        }
    }
  return FALSE;
}

/* An integer: digits with an optional minus. */
static gboolean
read_integer (const char *text, gint64 *value)
{
  gsize digits = strspn (text + (text[0] == '-' ? 1 : 0), "0123456789");

  if (digits == 0 || digits > MAX_INTEGER_DIGITS || strlen (text) != digits + (text[0] == '-' ? 1 : 0))
    return FALSE;
  *value = g_ascii_strtoll (text, NULL, 10);
  return TRUE;
}

static gboolean
is_number (const char *text)
{
  gint64 integer;
  RsVersion version;

  return read_integer (text, &integer) || rs_version_parse (text, &version);
}

/* Whether it is only its length that keeps a number from being one. */
static gboolean
has_long_number (const char *text)
{
  gsize digits = 0;

  for (; *text != '\0' && digits <= MAX_INTEGER_DIGITS; text++)
    digits = g_ascii_isdigit (*text) ? digits + 1 : 0;
  return digits > MAX_INTEGER_DIGITS;
}

/* An operand without quotes goes on to a blank, an operator or a quote; parentheses belong to it where they are those
 * of a macro or a version. */
static const char *
find_operand_end (const RsCursor *cursor)
{
  const char *p = cursor->p;
  guint depth = 0;

  for (; p < cursor->end && !g_ascii_isspace (*p) && strchr ("=<>!\"", *p) == NULL; p++)
    {
      if (*p == '(' && p == cursor->p)
        return p;
      if (*p == ')' && depth == 0)
        return p;
      depth += *p == '(' ? 1 : 0;
      depth -= *p == ')' ? 1 : 0;
    }
  return p;
}

static gboolean
parse_operand (RsCursor *cursor, RsRuleText *operand, GError **error)
{
  const char *start = cursor->p, *stop = find_operand_end (cursor);

  if (rs_cursor_is_at (cursor, '"'))
    return rs_cursor_read_quoted (cursor, operand, error) && rs_cursor_refuse_secret (cursor, start, operand, error);
  if (stop == start)
    return rs_cursor_fault (cursor, start, error, "an integer, a version, a macro or a text in quotes");
  if (!rs_cursor_read_until (cursor, stop, FALSE, operand, error)
      || !rs_cursor_refuse_secret (cursor, start, operand, error))
    return FALSE;
  if (!operand->macros && !is_number (operand->source))
    return rs_cursor_fault (cursor, start, error, "an integer, a version, a macro or a text in quotes%s",
                            has_long_number (operand->source) ? "; a number has at most 18 digits" : "");
  return TRUE;
}

static gboolean
parse_left (RsCursor *cursor, RsComparison *comparison, GError **error)
{
  const char *start = cursor->p;

  if (accept_operator (cursor, &comparison->relation))
    {
      cursor->p = start;
      comparison->left = (RsRuleText){ .source = g_strdup ("$SWVER"),
                                       .column = rs_cursor_column (cursor, start),
                                       .macros = TRUE };
      return TRUE;
    }
  return parse_operand (cursor, &comparison->left, error);
}

static gboolean
parse_comparison (RsCursor *cursor, RsComparison *comparison, GError **error)
{
  g_autofree char *relation = NULL;
  const char *sign;

  if (!parse_left (cursor, comparison, error))
    return FALSE;
  rs_cursor_skip_blanks (cursor);
  sign = cursor->p;
  if (!accept_operator (cursor, &comparison->relation))
    return rs_cursor_fault (cursor, sign, error,
                            "a comparison: =, !=, <, <=, >, >=, eq, ne, lt, le, gt or ge");
  relation = rs_rule_quote (sign, (gsize)(cursor->p - sign));
  rs_cursor_skip_blanks (cursor);
  if (!parse_operand (cursor, &comparison->right, error))
    return FALSE;
  if ((comparison->left.quoted || comparison->right.quoted) && comparison->relation > RS_RELATION_NE)
    return rs_cursor_fault_found (cursor, sign, error, relation, "= or !=: a text in quotes has no order");
  rs_cursor_skip_blanks (cursor);
  return TRUE;
}

static gboolean
parse_all (RsCursor *cursor, RsCondition *condition, GError **error)
{
  do
    {
      RsComparison comparison = { 0 };
      gboolean ok;

      rs_cursor_skip_blanks (cursor);
      ok = parse_comparison (cursor, &comparison, error);
      g_array_append_val (condition->comparisons, comparison);
      if (!ok)
        return FALSE;
    }
  while (accept_word (cursor, "and"));
  return cursor->p == cursor->end
         || rs_cursor_fault (cursor, cursor->p, error, "“and” or the end of the condition");
}

RsCondition *
rs_condition_parse (RsCursor *cursor, GError **error)
{
  g_autoptr (RsCondition) condition = g_new0 (RsCondition, 1);

  cursor->shows = RS_SHOWS_WORDS;
  condition->comparisons = g_array_new (FALSE, FALSE, sizeof (RsComparison));
  g_array_set_clear_func (condition->comparisons, clear_comparison);
  return parse_all (cursor, condition, error) ? g_steal_pointer (&condition) : NULL;
}

static gboolean
read_version (const RsRuleText *operand, const char *expanded, RsVersion *version, GError **error)
{
  g_autofree char *written = NULL, *found = NULL;

  if (rs_version_parse (expanded, version))
    return TRUE;
  written = rs_rule_quote (operand->source, strlen (operand->source));
  found = g_strconcat (written, operand->macros ? ", which stands for something else" : "", NULL);
  rs_rule_fault (error, operand->column, found, "an integer or a version%s",
                 !operand->macros ? ", as on the other side"
                 : has_long_number (expanded) ? "; a number has at most 18 digits"
                                              : "; a macro that stands for a text must be in quotes");
  return FALSE;
}

/* Below 0, 0, above 0. */
static gboolean
compare_numbers (const RsComparison *comparison, const char *left, const char *right, int *order, GError **error)
{
  gint64 a, b;
  RsVersion v, w;

  if (read_integer (left, &a) && read_integer (right, &b))
    {
      *order = (a > b) - (a < b);
      return TRUE;
    }
  if (!read_version (&comparison->left, left, &v, error) || !read_version (&comparison->right, right, &w, error))
    return FALSE;
  *order = rs_version_compare (&v, &w);
  return TRUE;
}

static gboolean
is_true (RsRelation relation, int order)
{
  switch (relation)
    {
    case RS_RELATION_EQ:
      return order == 0;
    case RS_RELATION_NE:
      return order != 0;
    case RS_RELATION_LT:
      return order < 0;
    case RS_RELATION_LE:
      return order <= 0;
    case RS_RELATION_GT:
      return order > 0;
    case RS_RELATION_GE:
      return order >= 0;
    }
  return FALSE;
}

static const char *const signs[] = { "=", "!=", "<", "<=", ">", ">=" };

static void
print_comparison (const RsComparison *comparison, GString *out)
{
  rs_rule_text_print (&comparison->left, out);
  g_string_append_printf (out, " %s ", signs[comparison->relation]);
  rs_rule_text_print (&comparison->right, out);
}

static void
tell (const RsRuleObserver *observer, guint alternative, const RsComparison *comparison, const char *left, const char *right,
      gboolean holds)
{
  g_autoptr (GString) text = g_string_new (NULL);

  print_comparison (comparison, text);
  observer->comparison (alternative, text->str, left, signs[comparison->relation], right, holds, observer->data);
}

static gboolean
evaluate_comparison (const RsComparison *comparison, const RsMacros *macros, const RsRuleObserver *observer, guint alternative,
                     gboolean *holds, GError **error)
{
  g_auto (RsSecretString) left = rs_rule_text_expand (&comparison->left, macros, error);
  g_auto (RsSecretString) right = NULL;
  int order;

  if (left == NULL)
    return FALSE;
  right = rs_rule_text_expand (&comparison->right, macros, error);
  if (right == NULL)
    return FALSE;
  if (comparison->left.quoted || comparison->right.quoted)
    order = strcmp (left, right);
  else if (!compare_numbers (comparison, left, right, &order, error))
    return FALSE;
  *holds = is_true (comparison->relation, order);
  if (observer != NULL)
    tell (observer, alternative, comparison, left, right, *holds);
  return TRUE;
}

gboolean
rs_condition_evaluate (const RsCondition *condition, const RsMacros *macros, const RsRuleObserver *observer,
                       guint alternative, gboolean *holds, GError **error)
{
  *holds = TRUE;
  for (guint i = 0; *holds && i < condition->comparisons->len; i++)
    {
      const RsComparison *comparison = &g_array_index (condition->comparisons, RsComparison, i);

      if (!evaluate_comparison (comparison, macros, observer, alternative, holds, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
rs_condition_outline (const RsCondition *condition, guint comparison, RsRuleComparison *outline)
{
  const RsComparison *one;

  if (comparison >= condition->comparisons->len)
    return FALSE;
  one = &g_array_index (condition->comparisons, RsComparison, comparison);
  *outline = (RsRuleComparison){
    .left = one->left.source,
    .right = one->right.source,
    .left_column = one->left.column,
    .right_column = one->right.column,
    .texts = one->left.quoted || one->right.quoted,
    .negated = one->relation == RS_RELATION_NE,
    .ordered = one->relation > RS_RELATION_NE,
  };
  return TRUE;
}

static gboolean
is_known (const RsRuleText *operand, const RsMacros *known)
{
  g_auto (GStrv) names = operand->macros && known != NULL ? rs_macro_names (operand->source) : NULL;

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      if (known->lookup (names[i], known->data) == NULL)
        return FALSE;
    }
  return names != NULL || !operand->macros;
}

/* Whether two comparisons of the same macro with what is known cannot both hold: tried is each place that its value may have beside the two. */
static gboolean
exclude_each_other (const RsComparison *a, const RsComparison *b)
{
  /* below both, at the lesser one, between them, at the greater one, above both; where both are one, the middle three are one */
  static const int apart[][2] = { { -1, -1 }, { 0, -1 }, { 1, -1 }, { 1, 0 }, { 1, 1 } }, same[][2] = { { -1, -1 }, { 0, 0 }, { 1, 1 } };
  gboolean texts = a->left.quoted || a->right.quoted;
  int order;

  if (!a->left.macros || a->right.macros || b->right.macros || texts != (b->left.quoted || b->right.quoted)
      || strcmp (a->left.source, b->left.source) != 0)
    return FALSE;
  if (texts)
    order = strcmp (a->right.source, b->right.source);
  else if (!compare_numbers (a, a->right.source, b->right.source, &order, NULL))
    return FALSE;
  for (guint i = 0; i < (order == 0 ? G_N_ELEMENTS (same) : G_N_ELEMENTS (apart)); i++)
    {
      const int *place = order == 0 ? same[i] : apart[i];

      if (is_true (a->relation, place[order > 0]) && is_true (b->relation, place[order <= 0]))
        return FALSE;
    }
  return TRUE;
}

/* Whether a comparison cannot hold beside one of those before it; of many only the first ones are looked at. */
static gboolean
is_excluded (const RsCondition *condition, guint comparison)
{
  const RsComparison *all = (const RsComparison *)(gpointer)condition->comparisons->data;

  for (guint i = 0; i < MIN (comparison, MAX_COMPARED); i++)
    {
      if (exclude_each_other (&all[i], &all[comparison]))
        return TRUE;
    }
  return FALSE;
}

RsRuleTruth
rs_condition_truth (const RsCondition *condition, const RsMacros *known, GError **error)
{
  RsRuleTruth truth = RS_RULE_ALWAYS;

  for (guint i = 0; i < condition->comparisons->len; i++)
    {
      const RsComparison *comparison = &g_array_index (condition->comparisons, RsComparison, i);
      gboolean holds = FALSE;

      if (is_excluded (condition, i))
        return RS_RULE_NEVER;
      if (!is_known (&comparison->left, known) || !is_known (&comparison->right, known))
        truth = RS_RULE_DEPENDS;
      else if (!evaluate_comparison (comparison, known, NULL, 0, &holds, error) || !holds)
        return RS_RULE_NEVER;
    }
  return truth;
}

void
rs_condition_print (const RsCondition *condition, GString *out)
{
  for (guint i = 0; i < condition->comparisons->len; i++)
    {
      g_string_append (out, i > 0 ? " and " : "");
      print_comparison (&g_array_index (condition->comparisons, RsComparison, i), out);
    }
}
