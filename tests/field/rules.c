/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Says what becomes of a rule, of a trigger or of a list of delays, as a phone understands them, a line each:
 *
 *   rules PARAMETER VALUE [NAME=VALUE …]
 *
 * with macros by their names without “$”; for a list, FAILURES=N is how many there were in a row. */
#include "plan/schedule.h"
#include "rule/fault.h"
#include "rule/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
look_up (const char *name, gpointer values)
{
  const char *value = g_hash_table_lookup (values, name);

  return value != NULL ? value : "";
}

static guint32
least (guint32 max, gpointer data)
{
  return 0;
}

static guint32
most (guint32 max, gpointer data)
{
  return max;
}

static gboolean
print_delay (const char *text, guint failures, GError **error)
{
  const RsRandom low = { least, NULL }, high = { most, NULL };
  g_autoptr (RsDelayList) list = rs_delay_list_parse (text, error);
  guint64 from, to;

  if (list == NULL)
    return FALSE;
  rs_delay_list_raise (list);
  from = rs_delay_list_pick (list, MAX (failures, 1) - 1, &low);
  to = rs_delay_list_pick (list, MAX (failures, 1) - 1, &high);
  if (from == 0)
    puts ("never");
  else if (from == to)
    printf ("wait %" G_GUINT64_FORMAT "\n", from);
  else
    printf ("wait %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT "\n", from, to);
  return TRUE;
}

static void
print_action (RsRuleKind kind, const RsRuleAction *action)
{
  g_autofree char *url = action->url != NULL ? rs_url_to_string (action->url) : NULL;

  if (action->skip)
    puts ("skip");
  else
    printf ("%s %s%s%s\n", kind == RS_RULE_REPORT ? "send" : "fetch", url, action->delta ? " --delta" : "", action->status ? " --status" : "");
}

static gboolean
print_rule (const char *parameter, const char *text, const RsMacros *macros, GError **error)
{
  RsRuleKind kind = rs_rule_kind_of (parameter);
  g_autoptr (RsRule) rule = rs_rule_parse (text, kind, error);
  gboolean holds;

  if (rule == NULL)
    return FALSE;
  if (kind == RS_RULE_TRIGGER)
    {
      if (!rs_rule_condition_holds (rule, macros, &holds, error))
        return FALSE;
      puts (holds ? "holds" : "does not hold");
    }
  for (const RsRule *one = rule; kind != RS_RULE_TRIGGER && one != NULL; one = rs_rule_next (one))
    {
      g_autoptr (RsRuleAction) action = rs_rule_evaluate (one, macros, TRUE, error);

      if (action == NULL)
        return FALSE;
      print_action (kind, action);
    }
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  const RsMacros macros = { look_up, values };
  g_autoptr (GError) error = NULL;
  gboolean good;

  for (int i = 3; i < argc; i++)
    {
      char *equals = strchr (argv[i], '=');

      g_assert_nonnull (equals);
      *equals = '\0';
      g_hash_table_insert (values, argv[i], equals + 1);
    }
  if (argc < 3)
    return EXIT_FAILURE;
  if (g_str_has_suffix (argv[1], "_Delay") || g_str_has_suffix (argv[1], "_Periodic"))
    good = print_delay (argv[2], (guint)g_ascii_strtoull (look_up ("FAILURES", values), NULL, 10), &error);
  else
    good = print_rule (argv[1], argv[2], &macros, &error);
  if (!good)
    {
      const char *what;

      printf ("error %u\n", rs_rule_fault_column (error->message, &what));
    }
  return EXIT_SUCCESS;
}
