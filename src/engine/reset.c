/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Factory reset (STATE-4): a durable marker first, then the parameters, then the state; what a power cut interrupts is finished at the next start. */
#include "engine/engine-private.h"
#include "engine/upgrade.h"

#include "base/names.h"
#include "base/text.h"
#include "plan/upgrade.h"
#include "system/journal.h"

#include <string.h>

/* What was known of the old life, and what is no longer there. */
static void
forget (RsEngine *engine)
{
  rs_facts_set_provisioned (engine->parts.facts, FALSE);
  rs_facts_set_url (engine->parts.facts, NULL);
  rs_facts_set_error (engine->parts.facts, "");
  engine->hand_set = 0;
  engine->screen = FALSE;
  g_ptr_array_set_size (engine->onboarding, 0);
  for (guint i = engine->warnings->len; i > 0; i--)
    {
      if (strstr (g_ptr_array_index (engine->warnings, i - 1), ".broken-") != NULL)
        g_ptr_array_remove_index (engine->warnings, i - 1);
    }
}

static void
finish (GTask  *task,
        GError *error)
{
  RsEngine *engine = g_task_get_source_object (task);

  if (error == NULL)
    {
      rs_journal_print (G_LOG_LEVEL_MESSAGE, RS_MESSAGE_FACTORY_RESET, "the phone is as out of its box");
      forget (engine);
      g_task_return_boolean (task, TRUE);
    }
  else
    {
      rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_STORE_FAILED, "factory reset: %s", error->message);
      g_ptr_array_add (engine->warnings, g_strdup_printf ("factory reset: %s", error->message));
      g_task_return_error (task, error);
    }
  rs_engine_status_changed (engine);
  g_object_unref (task);
}

static void
on_state_written (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  RsEngine *engine = g_task_get_source_object (data);
  GError *error = NULL;
  gboolean written = rs_state_store_save_finish (engine->parts.state, result, &error);

  finish (data, written ? NULL : error);
}

/* What is in the slots is no setting: a version that is installed still has to show that the phone can be provisioned by it. And who guesses codes
 * shall not begin anew by a reset (DISC-11). */
static RsState *
out_of_the_box (const RsState *old)
{
  RsState *fresh = rs_state_new ();
  g_autofree char *doubt = rs_upgrade_doubt (old);

  fresh->wrong_codes = old->wrong_codes;
  fresh->code_after = old->code_after;
  fresh->code_wait = old->code_wait;
  fresh->upgrade_unproved = old->upgrade_unproved;
  if (doubt == NULL
      && (!rs_upgrade_is_written (rs_upgrade_step_from_name (old->upgrade_step))
          || strcmp (old->install_context, old->upgrade_context) != 0))
    return fresh;
  if (doubt == NULL)
    rs_text_set (&fresh->upgrade_step, old->upgrade_step);
  rs_text_set (&fresh->upgrade_boot, old->upgrade_boot);
  rs_text_set (&fresh->install_from, old->install_from);
  rs_text_set (&fresh->install_version, old->install_version);
  rs_text_set (&fresh->install_slot, old->install_slot);
  rs_text_set (&fresh->install_mark, old->install_mark);
  rs_text_set (&fresh->install_activation, old->install_activation);
  return fresh;
}

static void
on_reports_forgotten (GObject      *source,
                      GAsyncResult *result,
                      gpointer      data)
{
  RsEngine *engine = g_task_get_source_object (data);
  g_autoptr (RsState) fresh = out_of_the_box (rs_state_store_get (engine->parts.state));
  GError *error = NULL;

  if (!rs_reported_clear_finish (engine->parts.reported, result, &error))
    {
      g_prefix_error (&error, "not complete, it goes on at the next start: ");
      finish (data, error);
      return;
    }
  rs_state_store_save_async (engine->parts.state, fresh, on_state_written, data);
}

static void
on_cleared (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  RsEngine *engine = g_task_get_source_object (data);
  GError *error = NULL;

  if (!rs_param_store_clear_finish (engine->parts.params, result, &error))
    {
      g_prefix_error (&error, "not complete, it goes on at the next start: ");
      finish (data, error);
      return;
    }
  rs_reported_clear_async (engine->parts.reported, on_reports_forgotten, data);
}

static void
on_marked (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  RsEngine *engine = g_task_get_source_object (data);
  GError *error = NULL;

  if (!rs_state_store_save_finish (engine->parts.state, result, &error))
    {
      g_autoptr (RsState) state = rs_state_copy (rs_state_store_get (engine->parts.state));

      /* what was refused must not come true with a later write */
      state->resetting = FALSE;
      rs_state_store_set_volatile (engine->parts.state, state);
      g_prefix_error (&error, "nothing was reset: ");
      finish (data, error);
      return;
    }
  rs_param_store_clear_async (engine->parts.params, on_cleared, data);
}

static void
begin_reset (RsEngine           *engine,
             GAsyncReadyCallback callback,
             gpointer            data)
{
  g_autoptr (RsState) state = rs_state_copy (rs_state_store_get (engine->parts.state));

  engine->resetting = TRUE;
  state->resetting = TRUE;
  rs_state_store_save_async (engine->parts.state, state, on_marked, g_task_new (engine, NULL, callback, data));
}

static void
start_anew (RsEngine *engine,
            GTask    *task)
{
  engine->resetting = FALSE;
  rs_engine_begin_running (engine);
  rs_engine_require_reboot (engine, "factory reset");
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* A cancelled attempt may still be on its way out; the phone starts anew after it. */
static void
on_reset_done (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  RsEngine *engine = RS_ENGINE (source);
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      engine->resetting = FALSE;
      rs_engine_begin_running (engine);
      g_task_return_error (task, error);
      return;
    }
  if (engine->running != NULL)
    engine->reset_waiting = g_steal_pointer (&task);
  else
    start_anew (engine, g_steal_pointer (&task));
}

void
rs_engine_reset_go_on (RsEngine *engine)
{
  if (engine->reset_waiting != NULL)
    start_anew (engine, g_steal_pointer (&engine->reset_waiting));
}

void
rs_engine_factory_reset_async (RsEngine           *engine,
                               GAsyncReadyCallback callback,
                               gpointer            data)
{
  GTask *task = g_task_new (engine, NULL, callback, data);

  if (engine->resetting)
    {
      g_task_return_new_error (task, RS_ERROR, RS_ERROR_BUSY, "a factory reset is under way");
      g_object_unref (task);
      return;
    }
  /* the plan ends what runs, and begins nothing before it is started again */
  rs_engine_feed_simple (engine, RS_EVENT_RESET);
  begin_reset (engine, on_reset_done, task);
  /* what it forgets is not written before the reset has taken from the state what outlives it */
  rs_upgrade_reset (engine->upgrade);
  rs_engine_status_changed (engine);
}

gboolean
rs_engine_factory_reset_finish (RsEngine     *engine,
                                GAsyncResult *result,
                                GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_resumed (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  /* where the disk still fails the phone goes on with what it has; the marker stays for the next start */
  (void)g_task_propagate_boolean (G_TASK (result), NULL);
  RS_ENGINE (source)->resetting = FALSE;
  rs_engine_begin_running (RS_ENGINE (source));
}

void
rs_engine_resume_reset (RsEngine *engine)
{
  if (rs_state_store_get (engine->parts.state)->resetting)
    {
      rs_upgrade_reset (engine->upgrade);
      begin_reset (engine, on_resumed, NULL);
    }
  else
    rs_engine_begin_running (engine);
}
