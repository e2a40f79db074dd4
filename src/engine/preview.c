/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One fetch beside the attempts, and a changeset that nobody commits. */
#include "engine/preview.h"

#include "base/secret.h"
#include "engine/job.h"
#include "engine/proxy.h"
#include "system/reclaim.h"

typedef struct
{
  const RsParts *parts;
  RsRuleAction *action;
  char *rule;
  RsSnapshot *before;
  RsOutcome *outcome;
} Fetch;

static void
fetch_free (gpointer data)
{
  Fetch *fetch = data;

  g_clear_pointer (&fetch->action, rs_rule_action_free);
  rs_secret_free (fetch->rule);
  g_clear_pointer (&fetch->before, rs_snapshot_unref);
  rs_reclaim (fetch->outcome, (GDestroyNotify)rs_outcome_free);
  g_free (fetch);
}

void
rs_preview_free (RsPreview *preview)
{
  if (preview == NULL)
    return;
  rs_changeset_free (preview->changes);
  rs_snapshot_unref (preview->before);
  rs_secret_free (preview->rule);
  g_free (preview);
}

static void
add_assignment (GPtrArray    *all,
                const char   *name,
                RsAssignKind  kind,
                const char   *value,
                RsAccess      access,
                guint         line)
{
  g_ptr_array_add (all, rs_assignment_new (name, kind, value, access, line));
}

/* In a thread, from immutable values: a profile may be large. */
static void
build (GTask        *task,
       gpointer      source,
       gpointer      data,
       GCancellable *cancellable)
{
  Fetch *fetch = data;
  g_autoptr (GPtrArray) all = rs_assignments_new ();
  RsPreview *preview = g_new0 (RsPreview, 1);

  for (guint i = 0; i < fetch->action->assignments->len; i++)
    {
      const RsRuleAssignment *one = g_ptr_array_index (fetch->action->assignments, i);
      add_assignment (all, one->name, RS_ASSIGN_VALUE, one->value, RS_ACCESS_UNSET, 0);
    }
  for (guint i = 0; i < fetch->outcome->assignments->len; i++)
    {
      const RsAssignment *one = g_ptr_array_index (fetch->outcome->assignments, i);
      add_assignment (all, one->name, one->kind, one->value, one->access, one->line);
    }
  preview->before = rs_snapshot_ref (fetch->before);
  preview->rule = g_steal_pointer (&fetch->rule);
  preview->changes = rs_changeset_from_profile (fetch->before, all, RS_ORIGIN_PROFILE);
  g_task_return_pointer (task, preview, (GDestroyNotify)rs_preview_free);
}

static void
on_fetched (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (GTask) task = data;
  Fetch *fetch = g_task_get_task_data (task);

  fetch->outcome = rs_proxies_run_finish (result);
  if (!fetch->outcome->ok)
    {
      g_task_return_new_error (task, RS_ERROR, (int)fetch->outcome->code, "%s", fetch->outcome->message);
      return;
    }
  fetch->before = rs_snapshot_ref (rs_param_store_get_snapshot (fetch->parts->params));
  g_task_run_in_thread (task, build);
}

/* What the rule says to fetch now. */
static RsRuleAction *
evaluate (const RsParts *parts,
          const char    *text,
          GError       **error)
{
  g_autoptr (RsRule) rule = rs_rule_parse (text, RS_RULE_PROFILE, error);
  g_autoptr (RsRuleAction) action = rule != NULL ? rs_rule_evaluate (rule, rs_facts_get_macros (parts->facts), TRUE, error) : NULL;

  if (action == NULL)
    return NULL;
  if (action->skip || action->url->host == NULL)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, "expected a rule that fetches from a server which its URL names");
      return NULL;
    }
  return g_steal_pointer (&action);
}

static RsRequest *
request_of (const RsParts      *parts,
            const RsRuleAction *action,
            GError            **error)
{
  const RsJob job = { .url = action->url, .action = action, .named_literally = TRUE, .use_account = TRUE };

  return rs_job_request (parts, &job, error);
}

void
rs_preview_run_async (GObject            *source,
                      const RsParts      *parts,
                      const char         *rule,
                      GAsyncReadyCallback callback,
                      gpointer            data)
{
  g_autoptr (GTask) task = g_task_new (source, NULL, callback, data);
  Fetch *fetch = g_new0 (Fetch, 1);
  RsRequest *request;
  GError *error = NULL;

  g_task_set_task_data (task, fetch, fetch_free);
  fetch->parts = parts;
  fetch->rule = g_strdup (rule);
  fetch->action = evaluate (parts, rule, &error);
  request = fetch->action != NULL ? request_of (parts, fetch->action, &error) : NULL;
  if (request == NULL)
    g_task_return_error (task, error);
  else
    rs_proxies_run_async (parts, request, NULL, NULL, NULL, on_fetched, g_steal_pointer (&task));
}

RsPreview *
rs_preview_run_finish (GAsyncResult *result,
                       GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
