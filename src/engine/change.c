/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What callers set: checked as the rule language wants it, committed strictly, and told to the plan. */
#include "engine/engine-private.h"

#include "base/mask.h"
#include "base/names.h"
#include "rule/rule.h"
#include "system/journal.h"

#include <string.h>

typedef struct
{
  RsEngine *engine;
  GPtrArray *assignments; /* NULL: reset */
  GStrv names;
  RsOrigin origin;
  RsPermission permission;
} Change;

static void
change_free (gpointer data)
{
  Change *change = data;

  g_clear_pointer (&change->assignments, g_ptr_array_unref);
  g_strfreev (change->names);
  change->permission.data_free (change->permission.data);
  g_free (change);
}

gboolean
rs_engine_check_rule (const char *parameter,
                      const char *text,
                      GError    **error)
{
  g_autoptr (RsRule) rule = NULL;

  if (rs_mask_is_masked (text))
    {
      g_set_error (error, RS_ERROR, RS_ERROR_INVALID_RULE,
                   "%s holds " RS_MASK ", which stands for a secret that is not shown; write the whole rule", parameter);
      return FALSE;
    }
  rule = rs_rule_parse (text, rs_rule_kind_of (parameter), error);
  if (rule == NULL)
    g_prefix_error (error, "%s: ", parameter);
  return rule != NULL;
}

static gboolean
check_rules (Change  *change,
             GError **error)
{
  RsCatalogue *catalogue = change->engine->parts.catalogue;

  for (guint i = 0; change->assignments != NULL && i < change->assignments->len; i++)
    {
      const RsAssignment *one = g_ptr_array_index (change->assignments, i);
      const RsParam *param = rs_catalogue_find (catalogue, one->name);

      if (param != NULL && param->type == RS_TYPE_RULE && one->value != NULL
          && !rs_engine_check_rule (param->name, one->value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_permitted (const Change *change,
              RsSnapshot   *current,
              GError      **error)
{
  const RsPermission *permission = &change->permission;

  for (guint i = 0; change->assignments != NULL && i < change->assignments->len; i++)
    {
      const RsAssignment *one = g_ptr_array_index (change->assignments, i);

      if (!permission->func (current, one->name, one->value, permission->data, error))
        return FALSE;
    }
  for (guint i = 0; change->names != NULL && change->names[i] != NULL; i++)
    {
      if (!permission->func (current, change->names[i], NULL, permission->data, error))
        return FALSE;
    }
  return TRUE;
}

/* In the store's thread. */
static RsChangeset *
build (RsSnapshot *current,
       GPtrArray  *validators,
       gpointer    data,
       GError    **error)
{
  Change *change = g_task_get_task_data (data);

  if (!is_permitted (change, current, error))
    return NULL;
  if (change->assignments != NULL)
    return rs_changeset_from_values (current, change->assignments, change->origin, error);
  return rs_changeset_from_reset (current, (const char *const *)change->names, error);
}

/* Whether one of the four rules is among the names, or the first of them only. */
static gboolean
names_rule (GPtrArray *changed,
            gboolean   first_only)
{
  for (guint i = 0; i < changed->len; i++)
    {
      for (guint rule = 0; rule < (first_only ? 1 : RS_N_RULES); rule++)
        {
          if (strcmp (g_ptr_array_index (changed, i), rs_rule_names[rule]) == 0)
            return TRUE;
        }
    }
  return FALSE;
}

static void
on_committed (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (GTask) task = data;
  Change *change = g_task_get_task_data (task);
  RsEngine *engine = change->engine;
  g_autoptr (GError) error = NULL;
  g_autoptr (RsChangeset) changes = rs_param_store_commit_finish (engine->parts.params, result, &error);

  if (changes == NULL)
    {
      if (rs_error_code (error) == RS_ERROR_STORAGE)
        rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_STORE_FAILED, "parameters could not be stored: %s", error->message);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  rs_journal_print (G_LOG_LEVEL_MESSAGE, RS_MESSAGE_SET, "%u parameters were %s by hand (%s)", changes->changed->len,
                    change->assignments != NULL ? "set" : "reset", rs_origin_name (change->origin));
  if (names_rule (changes->changed, TRUE))
    {
      /* STATE-3: who sets the rule by hand is about to use it */
      engine->hand_set = change->assignments != NULL ? rs_clock_boot (engine->parts.clock) : 0;
      /* DISC-1: and the search is over, whatever it has found by now */
      if (engine->hand_set != 0 && (engine->discovering || engine->code_pending))
        g_cancellable_cancel (engine->running);
    }
  /* SCHED-8: a request that follows must not join an attempt with the old rules */
  if (names_rule (changes->changed, FALSE))
    rs_engine_feed_config (engine, TRUE);
  if (changes->changed->len > 0)
    rs_engine_reports_changed (engine);
  if (changes->reboot)
    {
      g_autofree char *reason = g_strdup_printf ("%s was changed", changes->reboot_name);
      rs_engine_require_reboot (engine, reason);
    }
  g_task_return_boolean (task, TRUE);
}

static void
start (RsEngine           *engine,
       Change             *change,
       GAsyncReadyCallback callback,
       gpointer            data)
{
  GTask *task = g_task_new (engine, NULL, callback, data);
  g_autoptr (GError) error = NULL;

  change->engine = engine;
  g_task_set_task_data (task, change, change_free);
  if (engine->resetting)
    g_set_error_literal (&error, RS_ERROR, RS_ERROR_BUSY, "a factory reset is under way");
  else if (check_rules (change, &error))
    {
      rs_param_store_commit_async (engine->parts.params, build, task, on_committed, task);
      return;
    }
  g_task_return_error (task, g_steal_pointer (&error));
  g_object_unref (task);
}

void
rs_engine_set_async (RsEngine           *engine,
                     GPtrArray          *assignments,
                     RsOrigin            origin,
                     RsPermission        permission,
                     GAsyncReadyCallback callback,
                     gpointer            data)
{
  Change *change = g_new0 (Change, 1);

  change->assignments = assignments;
  change->origin = origin;
  change->permission = permission;
  start (engine, change, callback, data);
}

void
rs_engine_reset_async (RsEngine           *engine,
                       const char *const  *names,
                       RsPermission        permission,
                       GAsyncReadyCallback callback,
                       gpointer            data)
{
  Change *change = g_new0 (Change, 1);

  change->names = g_strdupv ((char **)names);
  change->permission = permission;
  start (engine, change, callback, data);
}

gboolean
rs_engine_set_finish (RsEngine     *engine,
                      GAsyncResult *result,
                      GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
