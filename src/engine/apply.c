/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a worker's outcome to a durable commit: one transaction a rule (PROF-7), with the validator of HTTP-8 in it. */
#include "engine/attempt-private.h"

#include "base/names.h"
#include "system/journal.h"
#include "system/reclaim.h"

#include <string.h>

#define MAX_FAULTS_LOGGED 20

typedef struct
{
  GTask *task;
  gboolean is_profile; /* not only a rule's assignments */
  gboolean same_bytes; /* as the profile that the rule applied last */
  RsAttemptNext done;
  void (*refused) (GTask        *task,
                   const GError *error);
} Apply;

static RsValidator *
new_validator (const Attempt *attempt)
{
  RsValidator *validator = g_new0 (RsValidator, 1);

  validator->rule_name = g_strdup (rs_attempt_has_own_rule (attempt) ? "Resync" : rs_rule_names[attempt->slot]);
  validator->context = g_strdup (attempt->context);
  validator->etag = g_strdup (attempt->outcome->etag);
  validator->last_modified = g_strdup (attempt->outcome->last_modified);
  validator->digest = g_strdup (attempt->outcome->digest);
  return validator;
}

/* Whether some of the assignments are to parameters of which the names are those. */
static gboolean
touches (GPtrArray   *assignments,
         RsCatalogue *catalogue,
         GPtrArray   *changed)
{
  /* a name of a parameter is where the catalogue has it */
  g_autoptr (GHashTable) names = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < changed->len; i++)
    g_hash_table_add (names, g_ptr_array_index (changed, i));
  for (guint i = 0; i < assignments->len; i++)
    {
      const RsAssignment *assignment = g_ptr_array_index (assignments, i);
      const RsParam *param = rs_catalogue_find (catalogue, assignment->name);

      if (param != NULL && g_hash_table_contains (names, param->name))
        return TRUE;
    }
  return FALSE;
}

/* What an earlier rule of this run set stays true where this one changed other parameters: its validator goes along to the new generation. */
static void
carry_validators (const Attempt     *attempt,
                  const RsChangeset *changes,
                  GPtrArray         *validators)
{
  for (guint i = 0; i < attempt->slot && changes->changed->len > 0; i++)
    {
      const RsValidator *old = rs_param_store_get_validator (attempt->parts->params, rs_rule_names[i]);

      if (old != NULL && old->generation == rs_param_store_get_generation (attempt->parts->params)
          && attempt->carried[i] != NULL && !touches (attempt->carried[i], attempt->parts->catalogue, changes->changed))
        g_ptr_array_add (validators, rs_validator_copy (old));
    }
}

void
rs_attempt_note_carried (Attempt *attempt)
{
  GPtrArray **carried = &attempt->carried[attempt->slot];

  rs_reclaim (*carried, (GDestroyNotify)g_ptr_array_unref);
  *carried = g_ptr_array_ref (attempt->outcome->assignments);
}

/* The rule that led to the profile is Profile_Rule from then on, unless the profile itself says otherwise. (transfer full) */
static GPtrArray *
with_hint (const Attempt *attempt)
{
  GPtrArray *profile = attempt->outcome->assignments;
  GPtrArray *all = rs_assignments_new ();

  g_ptr_array_add (all, rs_assignment_new (rs_rule_names[0], RS_ASSIGN_VALUE, attempt->hint, RS_ACCESS_UNSET, 0));
  for (guint i = 0; i < profile->len; i++)
    {
      const RsAssignment *one = g_ptr_array_index (profile, i);
      g_ptr_array_add (all, rs_assignment_new (one->name, one->kind, one->value, one->access, one->line));
    }
  return all;
}

/* Who set the rule by hand has said last where the phone belongs (DISC-1), also where that was written while the profile stood behind it. */
static gboolean
check_rule_stands (const Attempt *attempt,
                   RsSnapshot    *current,
                   GError       **error)
{
  const char *rule = rs_snapshot_get (current, rs_rule_names[0]);

  if (strcmp (attempt->rules_before[0], rule != NULL ? rule : "") == 0)
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_CANCELLED, "Profile_Rule was set meanwhile");
  return FALSE;
}

/* In the store's thread; the attempt waits for it. */
static RsChangeset *
build_profile (RsSnapshot *current,
               GPtrArray  *validators,
               gpointer    data,
               GError    **error)
{
  Apply *apply = data;
  Attempt *attempt = g_task_get_task_data (apply->task);
  g_autoptr (RsChangeset) changes = NULL;

  if (rs_attempt_is_onboarding (attempt) && !check_rule_stands (attempt, current, error))
    return NULL;
  changes = rs_changeset_from_profile (current, attempt->outcome->assignments, RS_ORIGIN_PROFILE);
  if (rs_attempt_is_onboarding (attempt) && changes->n_applied == 0)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT,
                   "the profile holds no parameter that this phone knows (%u unknown, %u with a bad value)",
                   changes->n_unknown, changes->n_bad);
      return NULL;
    }
  if (attempt->hint != NULL)
    {
      g_autoptr (GPtrArray) all = with_hint (attempt);

      rs_changeset_free (changes);
      changes = rs_changeset_from_profile (current, all, RS_ORIGIN_PROFILE);
    }
  if (!rs_attempt_has_own_rule (attempt))
    {
      const RsValidator *old = rs_param_store_get_validator (attempt->parts->params, rs_rule_names[attempt->slot]);

      apply->same_bytes = old != NULL && strcmp (old->digest, attempt->outcome->digest) == 0;
      rs_attempt_note_carried (attempt);
      carry_validators (attempt, changes, validators);
    }
  /* one of which nothing applies provisions no phone (DISC-13); of a rule for once only the first leaves its trace */
  if (attempt->provisioned ? !rs_attempt_has_own_rule (attempt) : changes->n_applied > 0)
    g_ptr_array_add (validators, new_validator (attempt));
  return g_steal_pointer (&changes);
}

static void
log_notes (const Attempt *attempt)
{
  for (guint i = 0; attempt->outcome != NULL && i < attempt->outcome->notes->len && i < MAX_FAULTS_LOGGED; i++)
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_VALUE_SKIPPED, "%s: %s", attempt->shown,
                      (char *)g_ptr_array_index (attempt->outcome->notes, i));
}

void
rs_attempt_log_faults (const char        *where,
                       const RsChangeset *changes)
{
  guint logged = 0;

  for (guint i = 0; i < changes->faults->len && logged < MAX_FAULTS_LOGGED; i++)
    {
      const RsFault *fault = g_ptr_array_index (changes->faults, i);
      g_autofree char *line = g_strdup_printf ("%u", fault->line);
      g_autofree char *message = NULL;
      const RsJournalField fields[] = { { "PARAMETER", fault->name }, { "LINE", line }, { "URL", where }, { NULL, NULL } };

      if (fault->kind != RS_FAULT_WARNING)
        continue;
      message = g_strdup_printf ("%s, line %u: %s: %s; skipped, the rest of the profile is applied", where,
                                 fault->line, fault->name, fault->message);
      rs_journal_send (G_LOG_LEVEL_WARNING, RS_MESSAGE_VALUE_SKIPPED, message, fields);
      logged++;
    }
  if (changes->n_bad > logged)
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_VALUE_SKIPPED, "%s: %u more bad values were skipped",
                      where, changes->n_bad - logged);
  if (changes->n_unknown > 0)
    rs_journal_print (G_LOG_LEVEL_INFO, NULL, "%s: %u elements are no parameters of this phone", where, changes->n_unknown);
}

static void
on_committed (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autofree Apply *apply = data;
  GTask *task = apply->task;
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsChangeset) changes = rs_param_store_commit_finish (attempt->parts->params, result, &error);

  if (changes == NULL)
    {
      apply->refused (task, error);
      return;
    }
  /* DISC-13: a profile of which nothing applied provisions no phone */
  if (apply->is_profile && changes->n_applied > 0)
    attempt->result->applied = TRUE;
  /* other values had changed since, but none of this profile's */
  if ((apply->same_bytes || rs_attempt_has_own_rule (attempt)) && changes->n_applied > 0 && changes->changed->len == 0)
    attempt->n_unchanged++;
  log_notes (attempt);
  rs_attempt_log_faults (attempt->shown, changes);
  attempt->result->changed += changes->changed->len;
  if (changes->reboot)
    attempt->result->reboot_name = changes->reboot_name;
  apply->done (task);
}

static Apply *
apply_new (GTask        *task,
           RsAttemptNext done)
{
  Apply *apply = g_new0 (Apply, 1);

  apply->task = task;
  apply->done = done;
  apply->refused = rs_attempt_finish;
  return apply;
}

void
rs_attempt_apply (GTask        *task,
                  RsAttemptNext done,
                  void        (*refused) (GTask        *task,
                                   const GError *error))
{
  Attempt *attempt = g_task_get_task_data (task);
  Apply *apply = apply_new (task, done);

  apply->is_profile = TRUE;
  apply->refused = refused;
  attempt->progress ("storing", attempt->shown, 0, 0, attempt->progress_data);
  rs_param_store_commit_async (attempt->parts->params, build_profile, apply, on_committed, apply);
}

GPtrArray *
rs_attempt_assignments (const RsRuleAction *action)
{
  GPtrArray *assignments = rs_assignments_new ();

  for (guint i = 0; i < action->assignments->len; i++)
    {
      const RsRuleAssignment *one = g_ptr_array_index (action->assignments, i);
      g_ptr_array_add (assignments, rs_assignment_new (one->name, RS_ASSIGN_VALUE, one->value, RS_ACCESS_UNSET, 0));
    }
  return assignments;
}

static RsChangeset *
build_assignments (RsSnapshot *current,
                   GPtrArray  *validators,
                   gpointer    data,
                   GError    **error)
{
  Apply *apply = data;
  Attempt *attempt = g_task_get_task_data (apply->task);
  g_autoptr (GPtrArray) assignments = rs_attempt_assignments (attempt->action);

  return rs_changeset_from_profile (current, assignments, RS_ORIGIN_PROFILE);
}

void
rs_attempt_assign (GTask        *task,
                   RsAttemptNext done)
{
  Attempt *attempt = g_task_get_task_data (task);
  Apply *apply = apply_new (task, done);

  rs_param_store_commit_async (attempt->parts->params, build_assignments, apply, on_committed, apply);
}
