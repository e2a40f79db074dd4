/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Comparisons that come out the same on every phone: because of the form that a macro's value has, or as there is no macro. */
#include "config.h"

#include "ctl/checking.h"

#include "rule/macro-scan.h"

#include <glib/gi18n.h>
#include <string.h>

/* What a macro stands for, wherever its form is known (PHONE-3). Of a part of it, $(MA:0:6), only the characters are. */
static const struct
{
  const char *name;
  const char *words;      /* all that there are, with “|” between; NULL: a form */
  const char *characters; /* of a form */
  guint       length;
  const char *example;
} macros[] = {
  { "MA", NULL, "0123456789abcdef", 12, "000e08aabbcc" },
  { "MAU", NULL, "0123456789ABCDEF", 12, "000E08AABBCC" },
  { "MAC", NULL, "0123456789abcdef:", 17, "00:0e:08:aa:bb:cc" },
  { "CCERT", "Installed|Not Installed", NULL, 0, "Installed" },
  { "SCHEME", "tftp|http|https", NULL, 0, "https" },
  { "PRVST", "-1|0|1|2", NULL, 0, "0" },
  { "UPGST", "1|2", NULL, 0, "1" },
  { "ISCUST", "0|1", NULL, 0, "1" },
};

/* Those whose values are neither whole numbers nor versions, or only by chance. */
static const char *const texts[] = { "MA", "MAU", "MAC", "CCERT", "SCHEME", "PN", "VENDOR", NULL };

/* Whether an operand is one macro and nothing else. */
static gboolean
is_macro (const char *operand,
          RsMacroUse *use)
{
  return operand[0] == '$' && rs_macro_scan (operand, use) && operand[use->length] == '\0';
}

static gboolean
is_word (const char *words,
         const char *literal)
{
  g_auto (GStrv) all = g_strsplit (words, "|", -1);

  return g_strv_contains ((const char *const *) all, literal);
}

/* Whether the macro may have that value on some phone. What is not known at all is empty. */
static gboolean
may_be (const RsMacroUse *use,
        const char       *literal,
        const char      **example)
{
  gboolean whole = use->offset == 0 && use->count == RS_MACRO_TO_END;

  for (guint i = 0; i < G_N_ELEMENTS (macros) && literal[0] != '\0'; i++)
    {
      if (strcmp (macros[i].name, use->name) != 0)
        continue;
      *example = macros[i].example;
      if (macros[i].words != NULL)
        return !whole || is_word (macros[i].words, literal);
      return strspn (literal, macros[i].characters) == strlen (literal) && (!whole || strlen (literal) == macros[i].length);
    }
  return TRUE;
}

/* A macro's name, in a comparison of two texts that are what they are. */
static gboolean
is_bare_name (const char *operand,
              const char *other)
{
  return operand[0] != '\0' && operand[1] != '\0' && rs_macro_is_known (operand) && strchr (other, '$') == NULL;
}

/* TRUE: there was something to tell. */
static gboolean
check_comparison (RsChecking             *checking,
                  const RsAssignment     *assignment,
                  const RsRuleComparison *comparison,
                  const char             *operand,
                  const char             *other,
                  guint                   column)
{
  const char *example = NULL;
  RsMacroUse use;

  if (comparison->texts && is_bare_name (operand, other))
    rs_checking_add (checking, assignment, column, RS_FOUND_CONSTANT, FALSE, _("“%s” is this text itself; the macro is written \"$%s\""), operand,
                     operand);
  else if (!is_macro (operand, &use))
    return FALSE;
  else if (!comparison->texts && g_strv_contains (texts, use.name))
    rs_checking_add (checking, assignment, column, RS_FOUND_BAD_RULE, FALSE,
                     _("$%s stands for a text, which is neither a number nor a version: write \"$%s\", and the other side in quotes"), use.name,
                     use.name);
  else if (!comparison->ordered && strchr (other, '$') == NULL && !may_be (&use, other, &example))
    rs_checking_add (checking, assignment, column, RS_FOUND_CONSTANT, FALSE,
                     comparison->negated ? _("This always holds: $%s never has that value; one that it has is %s")
                                         : _("This never holds: $%s never has that value; one that it has is %s"),
                     use.name, example);
  else
    return FALSE;
  return TRUE;
}

/* What is decided before any phone is known. */
static void
check_truth (RsChecking             *checking,
             const RsAssignment     *assignment,
             const RsRule           *rule,
             guint                   alternative,
             const RsRuleComparison *first)
{
  g_autoptr (GError) error = NULL;
  RsRuleTruth truth = rs_rule_truth (rule, alternative, NULL, &error);
  RsRuleOutline behind;

  if (truth == RS_RULE_NEVER && error == NULL)
    rs_checking_add (checking, assignment, first->left_column, RS_FOUND_CONSTANT, FALSE, _("This never holds, whatever the phone is"));
  else if (truth == RS_RULE_ALWAYS && rs_rule_outline (rule, alternative + 1, &behind))
    rs_checking_add (checking, assignment, first->left_column, RS_FOUND_CONSTANT, FALSE,
                     _("This always holds, so that no alternative behind it is ever taken"));
}

void
rs_checking_condition (RsChecking         *checking,
                       const RsAssignment *assignment,
                       const RsRule       *rule,
                       guint               alternative)
{
  RsRuleComparison comparison;
  gboolean told = FALSE;

  for (guint i = 0; rs_rule_comparison (rule, alternative, i, &comparison); i++)
    {
      told |= check_comparison (checking, assignment, &comparison, comparison.left, comparison.right, comparison.left_column);
      told |= check_comparison (checking, assignment, &comparison, comparison.right, comparison.left, comparison.right_column);
    }
  if (!told && rs_rule_comparison (rule, alternative, 0, &comparison))
    check_truth (checking, assignment, rule, alternative, &comparison);
}
