/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The faults of a profile, by the code that the phone reads it with: what is corrupt, what the catalogue refuses, which
 * rules would fail once they are followed. */
#include "config.h"

#include "ctl/faults.h"

#include "params/changeset.h"
#include "profile/profile.h"
#include "rule/rule.h"

#include <glib/gi18n.h>
#include <string.h>

static void
found_free (gpointer data)
{
  RsFound *found = data;

  g_free (found->name);
  g_free (found->message);
  g_free (found);
}

void
rs_findings_free (RsFindings *findings)
{
  g_ptr_array_unref (findings->faults);
  g_free (findings);
}

static RsFound *
add (RsFindings *findings,
     guint       line,
     gboolean    error,
     const char *name,
     const char *message)
{
  RsFound *found = g_new0 (RsFound, 1);

  found->line = line;
  found->error = error;
  found->name = g_strdup (name);
  found->message = g_strdup (message);
  g_ptr_array_add (findings->faults, found);
  findings->ok = findings->ok && !error;
  return found;
}

/* Where a name stands in a line of text, in characters from 1: its "<" where it has one. 0: it does not. */
static guint
column_in (const char *line,
           gsize       length,
           const char *name)
{
  const char *at = g_strstr_len (line, (gssize) length, name);

  if (name[0] == '\0' || at == NULL || !g_utf8_validate_len (line, (gsize) (at - line), NULL))
    return 0;
  if (at > line && at[-1] == '<')
    at--;
  return (guint) g_utf8_strlen (line, at - line) + 1;
}

/* Fills in the columns, in one walk over the text: the faults are in order of their lines. */
static void
find_columns (GPtrArray *faults,
              GBytes    *plain)
{
  gsize length;
  const char *text = g_bytes_get_data (plain, &length);
  const char *end = text + length;
  guint line = 1;

  for (guint i = 0; i < faults->len; i++)
    {
      RsFound *found = g_ptr_array_index (faults, i);
      const char *newline = text;

      while (line < found->line && newline != NULL)
        {
          newline = memchr (text, '\n', (gsize) (end - text));
          if (newline != NULL)
            text = newline + 1;
          line++;
        }
      if (newline == NULL)
        return;
      newline = memchr (text, '\n', (gsize) (end - text));
      if (found->column == 0 && found->line == line)
        found->column = column_in (text, (gsize) ((newline != NULL ? newline : end) - text), found->name);
    }
}

static gint
by_place (gconstpointer a,
          gconstpointer b)
{
  const RsFound *first = *(RsFound *const *) a, *second = *(RsFound *const *) b;

  if (first->line != second->line)
    return first->line < second->line ? -1 : 1;
  return first->column < second->column ? -1 : first->column > second->column;
}

static RsRuleKind
kind_of (const char *name)
{
  if (g_str_has_prefix (name, "Resync_Trigger_"))
    return RS_RULE_TRIGGER;
  if (g_str_equal (name, "Upgrade_Rule"))
    return RS_RULE_UPGRADE;
  if (g_str_equal (name, "Report_Rule"))
    return RS_RULE_REPORT;
  return g_str_equal (name, "Custom_CA_Rule") ? RS_RULE_CUSTOM_CA : RS_RULE_PROFILE;
}

/* A rule that cannot be parsed is stored all the same, and fails the resync that follows it. */
static void
add_rules (RsFindings  *findings,
           GPtrArray   *assignments,
           RsCatalogue *catalogue)
{
  for (guint i = 0; i < assignments->len; i++)
    {
      const RsAssignment *assignment = g_ptr_array_index (assignments, i);
      const RsParam *param = rs_catalogue_find (catalogue, assignment->name);
      g_autoptr (RsRule) rule = NULL;
      g_autoptr (GError) error = NULL;

      if (param == NULL || param->type != RS_TYPE_RULE || assignment->kind != RS_ASSIGN_VALUE)
        continue;
      rule = rs_rule_parse (assignment->value, kind_of (param->name), &error);
      if (rule == NULL)
        add (findings, assignment->line, TRUE, assignment->name, error->message);
    }
}

static void
add_changes (RsFindings  *findings,
             GPtrArray   *assignments,
             RsCatalogue *catalogue)
{
  g_autoptr (RsSnapshot) defaults = rs_snapshot_new (catalogue);
  g_autoptr (RsChangeset) changes = rs_changeset_from_profile (defaults, assignments, RS_ORIGIN_PROFILE);
  guint all = changes->n_unknown + changes->n_bad;

  findings->parameters = changes->n_applied;
  findings->ok = findings->ok && changes->n_bad == 0;
  findings->left_out = all > changes->faults->len ? all - changes->faults->len : 0;
  for (guint i = 0; i < changes->faults->len; i++)
    {
      const RsFault *fault = g_ptr_array_index (changes->faults, i);
      gboolean unknown = fault->kind == RS_FAULT_UNKNOWN;
      RsFound *found = add (findings, fault->line, !unknown, fault->name, fault->message);

      if (unknown)
        found->suggestion = rs_catalogue_nearest (catalogue, fault->name);
    }
}

RsFindings *
rs_findings_of (GBytes                 *bytes,
                const RsProfileOptions *options,
                RsCatalogue            *catalogue)
{
  RsFindings *findings = g_new0 (RsFindings, 1);
  g_autoptr (RsProfile) profile = NULL;
  g_autoptr (GError) error = NULL;
  guint line = 0, column = 0;

  findings->faults = g_ptr_array_new_with_free_func (found_free);
  findings->ok = TRUE;
  profile = rs_profile_read (bytes, options, &line, &column, &error);
  if (profile == NULL)
    {
      add (findings, line, TRUE, "", error->message)->column = column;
      return findings;
    }
  for (guint i = 0; i < profile->notes->len; i++)
    {
      const RsProfileNote *note = g_ptr_array_index (profile->notes, i);

      add (findings, note->line, FALSE, "", note->message)->column = note->column;
    }
  add_changes (findings, profile->assignments, catalogue);
  add_rules (findings, profile->assignments, catalogue);
  g_ptr_array_sort (findings->faults, by_place);
  find_columns (findings->faults, profile->plain);
  g_ptr_array_sort (findings->faults, by_place);
  return findings;
}
