/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What macros stand for at a desk: what the file gives them where it does, and else what a phone may have. */
#include "config.h"

#include "ctl/checking.h"

#include "base/secret.h"
#include "rule/fault.h"
#include "rule/macro-scan.h"
#include "rule/secrets.h"

#include <glib/gi18n.h>
#include <string.h>

/* A register of which nobody knows the value has one; so have all that are not here. */
#define SOMETHING "1"

static const struct
{
  const char *name;
  const char *value;
} phone[] = {
  { "MA", "000e08aabbcc" },
  { "MAU", "000E08AABBCC" },
  { "MAC", "00:0e:08:aa:bb:cc" },
  { "PN", "CP-8851-3PCC" },
  { "PSN", "8851-3PCC" },
  { "CCERT", "Installed" },
  { "IP", "192.0.2.10" },
  { "EXTIP", "192.0.2.20" },
  { "SWVER", "11.3.1" },
  { "SCHEME", "https" },
  { "SERV", "prov.example.com" },
  { "SERVIP", "192.0.2.1" },
  { "PATH", "/profile.xml" },
};

const RsAssignment *
rs_checking_find (const RsChecking *checking,
                  const char       *macro)
{
  g_autofree char *name = rs_macro_parameter (macro);
  const RsParam *param = name != NULL ? rs_catalogue_find (checking->catalogue, name) : NULL;

  return param != NULL ? g_hash_table_lookup (checking->in_force, param) : NULL;
}

gboolean
rs_checking_counts (const RsChecking   *checking,
                    const RsAssignment *assignment)
{
  const RsParam *param = rs_catalogue_find (checking->catalogue, assignment->name);

  return param != NULL && g_hash_table_lookup (checking->in_force, param) == assignment;
}

static const char *
value_of (const RsAssignment *assignment)
{
  return assignment->kind == RS_ASSIGN_VALUE ? assignment->value : "";
}

static const char *
look_up (const char *name,
         gpointer    data)
{
  const RsAssignment *set = rs_checking_find (data, name);

  return set != NULL ? value_of (set) : NULL;
}

static const char *
look_up_all (const char *name,
             gpointer    data)
{
  const char *set = look_up (name, data);

  for (guint i = 0; set == NULL && i < G_N_ELEMENTS (phone); i++)
    set = strcmp (phone[i].name, name) == 0 ? phone[i].value : NULL;
  return set != NULL ? set : SOMETHING;
}

char *
rs_checking_expand (const RsChecking *checking,
                    const char       *text,
                    GError          **error)
{
  const RsMacros macros = { .lookup = look_up, .data = (gpointer) checking };

  return rs_macro_expand (text, &macros, FALSE, error);
}

RsMacros
rs_checking_macros (const RsChecking *checking)
{
  return (RsMacros){ .lookup = look_up_all, .data = (gpointer) checking };
}

gboolean
rs_checking_is_open (const RsChecking *checking,
                     const char       *text)
{
  g_auto (GStrv) names = rs_macro_names (text);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *parameter = rs_macro_parameter (names[i]);

      if (parameter != NULL && rs_checking_find (checking, names[i]) == NULL)
        return TRUE;
    }
  return FALSE;
}

void
rs_checking_unknown_macros (RsChecking         *checking,
                            const RsAssignment *assignment,
                            gboolean            of_rule)
{
  g_autoptr (GArray) columns = rs_rule_unknown_macros (assignment->value, of_rule);
  g_autoptr (GArray) joined = rs_rule_joined_macros (assignment->value);

  for (guint i = 0; i < columns->len; i++)
    rs_checking_add (checking, assignment, g_array_index (columns, guint, i), RS_FOUND_UNKNOWN_MACRO, FALSE,
                     _("No macro of the phone begins here; the text stays as it is written"));
  for (guint i = 0; i < joined->len; i++)
    rs_checking_add (checking, assignment, g_array_index (joined, guint, i), RS_FOUND_UNKNOWN_MACRO, FALSE,
                     _("This macro ends within the word; put its name in parentheses, $(…), or write another"));
}

void
rs_checking_macro_text (RsChecking         *checking,
                        const RsAssignment *assignment,
                        RsFoundKind         kind,
                        const char         *consequence)
{
  g_autoptr (GError) error = NULL;
  g_auto (RsSecretString) expanded = rs_checking_expand (checking, assignment->value, &error);
  const char *what;
  guint column;

  rs_checking_unknown_macros (checking, assignment, FALSE);
  if (expanded != NULL)
    return;
  column = rs_rule_fault_column (error->message, &what);
  rs_checking_add (checking, assignment, column, kind, TRUE, "%s: %s; %s", assignment->name, what, consequence);
}

static const char *
rule_in_force (const char *parameter,
               gpointer    data)
{
  const RsChecking *checking = data;
  const RsParam *param = rs_catalogue_find (checking->catalogue, parameter);
  const RsAssignment *set = param != NULL ? g_hash_table_lookup (checking->in_force, param) : NULL;

  return set != NULL ? value_of (set) : NULL;
}

static gboolean
is_secret (const char *parameter,
           gpointer    data)
{
  const RsChecking *checking = data;
  const RsParam *param = rs_catalogue_find (checking->catalogue, parameter);

  return param == NULL || param->secret;
}

GHashTable *
rs_checking_veiled (const RsChecking *checking)
{
  const RsMacros macros = rs_checking_macros (checking);
  const RsRuleWorld world = { &macros, rule_in_force, is_secret, (gpointer) checking };

  return rs_rule_secrets (&world, NULL);
}

void
rs_checking_shown_text (RsChecking         *checking,
                        const RsAssignment *assignment,
                        const char         *consequence)
{
  const char *text = assignment->value, *p = strchr (text, '$');
  RsMacroUse use;

  for (; p != NULL; p = strchr (p, '$'))
    {
      gboolean is_macro = rs_macro_scan (p, &use);
      g_autofree char *name = is_macro ? rs_macro_parameter (use.name) : NULL;

      if (name != NULL && g_hash_table_contains (checking->veiled, name))
        {
          rs_checking_add (checking, assignment, (guint) g_utf8_pointer_to_offset (text, p) + 1, RS_FOUND_PASSED_OVER, FALSE,
                           _("$%s is a secret, because of what a rule of this file does with it; %s"), use.name, consequence);
          return;
        }
      p += is_macro ? use.length : 1;
    }
}

gboolean
rs_checking_may_take (const RsChecking *checking,
                      const RsRule     *rule,
                      guint             alternative,
                      gboolean         *reached,
                      GError          **error)
{
  const RsMacros macros = { .lookup = look_up, .data = (gpointer) checking };
  RsRuleTruth truth;

  if (!*reached)
    return FALSE;
  truth = rs_rule_truth (rule, alternative, checking != NULL ? &macros : NULL, error);
  *reached = truth != RS_RULE_ALWAYS;
  return truth != RS_RULE_NEVER;
}
