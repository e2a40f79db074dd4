/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events in, actions out: between the plan and the world. */
#include "engine/engine-private.h"

#include "base/names.h"
#include "base/text.h"
#include "engine/log.h"
#include "engine/report.h"
#include "engine/upgrade.h"
#include "rule/rule.h"
#include "system/journal.h"
#include "system/notify.h"
#include "system/random.h"

#include <string.h>

#define DAY (24 * 3600 * (gint64)G_USEC_PER_SEC)

static void begin_attempt (RsEngine *engine,
                           RsAction *action);

static RsNow
present (RsEngine *engine)
{
  return (RsNow){ rs_clock_boot (engine->parts.clock), rs_clock_wall (engine->parts.clock) };
}

void
rs_engine_status_changed (RsEngine *engine)
{
  RsEngineView view;

  rs_engine_get_view (engine, &view);
  rs_notify_status (view.waiting_for != NULL ? view.waiting_for : view.state);
  rs_engine_view_clear (&view);
  g_signal_emit_by_name (engine, "status");
}

/* When next is no news for the flash: a boot starts anew, and a restarted daemon finds it in the runtime folder. */
static void
save_schedule (RsEngine *engine)
{
  g_autoptr (RsState) state = rs_state_copy (rs_state_store_get (engine->parts.state));
  RsNow now = present (engine);
  RsPlanStatus status;

  rs_plan_get_status (engine->plan, &now, &status);
  state->next_due = status.next;
  rs_text_set (&state->next_reason, rs_reason_name (status.next_reason));
  state->next_retry_after = status.retry_after;
  state->retry_index = status.failures;
  rs_state_store_set_volatile (engine->parts.state, state);
}

static void
drop (RsEngine *engine,
      RsAction *action)
{
  g_autoptr (RsAttemptResult) result = rs_attempt_result_new ();

  result->result = "cancelled";
  result->class = RS_CLASS_C;
  result->code = RS_ERROR_CANCELLED;
  rs_text_set (&result->message, "cancelled before it began");
  if (action->data != NULL && ((const RsAttemptRequest *)action->data)->code != NULL)
    rs_engine_code_dropped (engine);
  g_signal_emit_by_name (engine, "finished", action->attempt, rs_reason_name (action->reason), result, (gint64)0);
  if (action->data != NULL && action->data_free != NULL)
    action->data_free (action->data);
}

static void
perform (RsEngine *engine,
         RsAction *action)
{
  switch (action->kind)
    {
    case RS_ACTION_BEGIN:
      begin_attempt (engine, action);
      break;
    case RS_ACTION_ABORT:
      g_cancellable_cancel (engine->running);
      break;
    case RS_ACTION_DROP:
      drop (engine, action);
      break;
    case RS_ACTION_TIMER:
      if (action->at != 0)
        rs_timer_arm (engine->timer, action->at);
      else
        rs_timer_disarm (engine->timer);
      break;
    case RS_ACTION_STATUS:
      rs_engine_status_changed (engine);
      break;
    case RS_ACTION_SAVE:
      save_schedule (engine);
      break;
    }
}

gboolean
rs_engine_feed (RsEngine *engine,
                RsEvent  *event,
                guint64  *attempt,
                GError  **error)
{
  g_autoptr (GArray) actions = g_array_new (FALSE, FALSE, sizeof (RsAction));
  guint64 number = 0;
  gboolean accepted;

  event->now = present (engine);
  accepted = rs_plan_step (engine->plan, event, actions, &number, error);
  if (attempt != NULL)
    *attempt = number;
  for (guint i = 0; i < actions->len; i++)
    perform (engine, &g_array_index (actions, RsAction, i));
  rs_engine_watch_triggers (engine);
  return accepted;
}

/* For events that nobody waits on: the plan refuses requests only. */
void
rs_engine_feed_event (RsEngine *engine,
                      RsEvent  *event)
{
  g_autoptr (GError) error = NULL;

  if (!rs_engine_feed (engine, event, NULL, &error))
    rs_journal_print (G_LOG_LEVEL_DEBUG, NULL, "the plan refused an event: %s", error->message);
}

void
rs_engine_feed_simple (RsEngine   *engine,
                       RsEventKind kind)
{
  RsEvent event = { .kind = kind };

  rs_engine_feed_event (engine, &event);
}

void
rs_engine_facts_changed (RsEngine *engine)
{
  RsEvent event = { .kind = RS_EVENT_TRIGGERS };

  event.triggers_allow = rs_engine_triggers_allow (engine);
  rs_engine_feed_event (engine, &event);
}

/* GLib has one object for each name as long as somebody uses it, and the plan does. By its other name the file is read
 * anew, whether it is a link or not. */
GTimeZone *
rs_engine_local_zone (const RsEngine *engine)
{
  static const char *const names[] = { "/etc/localtime", "/etc/./localtime" };
  const char *variable = g_getenv ("TZ");
  gboolean given = variable != NULL && variable[0] != '\0';
  GTimeZone *zone = g_time_zone_new_identifier (given ? variable : names[engine->zone_changes % G_N_ELEMENTS (names)]);

  return zone != NULL ? zone : g_time_zone_new_utc ();
}

void
rs_engine_feed_config (RsEngine *engine,
                       gboolean  rules_changed)
{
  g_autoptr (GTimeZone) tz = rs_engine_local_zone (engine);
  RsScheduleConfig config = { 0 };
  RsEvent event = { .kind = RS_EVENT_CONFIG };
  gboolean raised;

  raised = rs_schedule_config_read (&config, rs_param_store_get_snapshot (engine->parts.params));
  if (raised && !engine->raised)
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_CONFIG,
                      "Resync_Error_Retry_Delay: delays from 1 to 59 s are raised to 60 s");
  engine->raised = raised;
  event.config.config = &config;
  event.config.rules_changed = rules_changed;
  event.config.tz = tz;
  rs_engine_feed_event (engine, &event);
  rs_engine_facts_changed (engine);
}

void
rs_engine_feed_start (RsEngine *engine)
{
  const RsState *state = rs_state_store_get (engine->parts.state);
  g_autofree char *boot_id = rs_identity_boot_id ("");
  RsEvent event = { .kind = RS_EVENT_START };

  event.start.first_of_boot = boot_id[0] == '\0' || strcmp (boot_id, state->boot_id) != 0;
  event.start.provisioned = state->provisioned;
  event.start.next_due = state->next_due;
  if (!rs_reason_from_name (state->next_reason, &event.start.next_reason))
    event.start.next_reason = RS_REASON_NONE;
  event.start.retry_after = state->next_retry_after;
  event.start.failures = state->retry_index;
  event.start.boot_age = rs_clock_boot (engine->parts.clock);
  rs_engine_feed_event (engine, &event);
  rs_engine_reports_start (engine, event.start.first_of_boot);
  rs_upgrade_start (engine->upgrade, event.start.first_of_boot);
}

static void
on_progress (const char *stage,
             const char *url,
             guint64     bytes,
             guint64     total,
             gpointer    data)
{
  RsEngine *engine = data;

  if (strcmp (stage, RS_STAGE_TRIED) == 0)
    {
      rs_engine_status_changed (engine);
      return;
    }
  if (strcmp (stage, "discovering") == 0)
    {
      engine->discovering = TRUE;
      rs_engine_status_changed (engine);
    }
  if (strcmp (stage, "connecting") == 0)
    rs_engine_log_request (engine, url);
  g_signal_emit_by_name (engine, "progress", stage, url, bytes, total);
}

static void
remember_provisioning (RsState               *state,
                       const RsAttemptResult *result)
{
  RsCustomization customization = RS_CUSTOM_OPEN;

  if (!rs_customization_from_name (state->customization, &customization))
    customization = RS_CUSTOM_ABORTED;
  state->provisioned = TRUE;
  rs_text_set (&state->customization, rs_customization_name (rs_onboarding_applied (customization, result->by)));
  /* a rule for once says nothing about where this phone belongs, unless it was the first word */
  if (!result->explicit_rule || state->profile_source[0] == '\0')
    {
      rs_text_set (&state->profile_source, result->source);
      rs_text_set (&state->lease_servers, result->lease_servers);
    }
  if (result->candidate == NULL)
    return;
  rs_text_set (&state->candidate_scheme, rs_scheme_name (result->candidate->url->scheme));
  rs_text_set (&state->candidate_host, result->candidate->url->host);
  rs_text_set (&state->candidate_path, result->candidate->path_text);
  state->candidate_port = result->candidate->url->port;
  state->candidate_srv = result->candidate->srv_target != NULL;
}

/* Whether the flash need not know (LOG-3): nothing came of it, and the last success was written today, by a clock that was
 * not set back by years since. */
static gboolean
is_routine (const RsState         *old,
            const RsState         *new,
            const RsAttemptResult *result,
            gint64                 saved_success,
            gint64                 now)
{
  return (strcmp (result->result, "unchanged") == 0 || strcmp (result->result, "skipped") == 0 || result->wait_for_clock)
         && new->provisioned == old->provisioned && strcmp (new->customization, old->customization) == 0
         && strcmp (new->profile_source, old->profile_source) == 0 && old->failure_reason[0] == '\0'
         && strcmp (new->lease_servers, old->lease_servers) == 0
         && strcmp (new->candidate_scheme, old->candidate_scheme) == 0
         && strcmp (new->candidate_host, old->candidate_host) == 0 && new->candidate_port == old->candidate_port
         && new->candidate_srv == old->candidate_srv && strcmp (new->candidate_path, old->candidate_path) == 0 && ABS (now - saved_success) < DAY;
}

/* A phone that dies before the plan has said when the next one is shall not go on with retries that have ended (SCHED-4);
 * but where rules were changed it shall come soon again. */
static void
end_retries (RsState               *state,
             const RsAttemptResult *result)
{
  state->retry_index = 0;
  if (result->rules_changed || g_strcmp0 (state->next_reason, rs_reason_name (RS_REASON_RETRY)) != 0)
    return;
  state->next_due = 0;
  state->next_retry_after = FALSE;
  rs_text_set (&state->next_reason, "");
}

typedef struct
{
  RsEngine *engine;
  RsAttemptResult *result;
} Finished;

static void
conclude (RsEngine        *engine,
          RsAttemptResult *result)
{
  gint64 duration = rs_clock_boot (engine->parts.clock) - engine->running_since;
  gboolean was_report = engine->reporting;
  RsEvent event = { .kind = RS_EVENT_FINISHED };

  rs_engine_log_result (engine, result);
  g_clear_object (&engine->running);
  engine->discovering = FALSE;
  if (was_report)
    rs_engine_reports_finished (engine, result->class == RS_CLASS_A);
  engine->reporting = FALSE;
  rs_facts_set_provisioned (engine->parts.facts, rs_state_store_get (engine->parts.state)->provisioned);
  rs_engine_activation_look (engine);
  if (result->reboot_name != NULL)
    {
      g_autofree char *reboot = g_strdup_printf ("%s was changed", result->reboot_name);
      rs_engine_require_reboot (engine, reboot);
    }
  event.finished.class = result->class;
  event.finished.aside = result->has_code;
  event.finished.cancelled = strcmp (result->result, "cancelled") == 0;
  event.finished.skipped = strcmp (result->result, "skipped") == 0;
  event.finished.rules_changed = result->rules_changed && result->class == RS_CLASS_A;
  event.finished.overload = result->overload;
  event.finished.retry_after = result->retry_after;
  event.finished.wait_for_clock = result->wait_for_clock;
  event.finished.provisioned = rs_state_store_get (engine->parts.state)->provisioned;
  g_signal_emit_by_name (engine, "finished", engine->running_number, rs_reason_name (engine->running_reason), result,
                         duration);
  rs_engine_feed_event (engine, &event);
  /* also where the plan changes nothing */
  if (result->class != RS_CLASS_A && !engine->resetting)
    save_schedule (engine);
  rs_syslog_go_on (engine->syslog);
  /* after the plan, which may have begun another one; a report is none */
  if (!was_report && (engine->running == NULL || engine->reporting))
    rs_upgrade_resync_ended (engine->upgrade, result->class == RS_CLASS_A);
  rs_engine_status_changed (engine);
  rs_engine_reset_go_on (engine);
}

/* STORE-2: what came of the attempt is not safe yet; it counts as failed, and is tried again. */
static void
fail_for_storage (RsEngine        *engine,
                  RsAttemptResult *result,
                  const GError    *error)
{
  g_autoptr (RsState) state = rs_state_copy (rs_state_store_get (engine->parts.state));

  if (result->class != RS_CLASS_A)
    return;
  result->result = "failed";
  result->class = rs_error_class (RS_ERROR_STORAGE);
  result->code = RS_ERROR_STORAGE;
  rs_text_set (&result->message, error->message);
  rs_facts_set_error (engine->parts.facts, error->message);
  rs_text_set (&state->failure_reason, error->message);
  rs_state_store_set_volatile (engine->parts.state, state);
}

static void
on_state_saved (GObject      *source,
                GAsyncResult *async_result,
                gpointer      data)
{
  g_autofree Finished *finished = data;
  g_autoptr (RsAttemptResult) result = finished->result;
  g_autoptr (RsEngine) engine = finished->engine;
  g_autoptr (GError) error = NULL;

  if (!rs_state_store_save_finish (engine->parts.state, async_result, &error))
    {
      rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_STORE_FAILED, "the state could not be written: %s", error->message);
      fail_for_storage (engine, result, error);
    }
  conclude (engine, result);
}

/* A clock that nothing bears out may be ten years ahead, and the right time would never be one afterwards. What a certificate bears out counts
 * also where it is earlier than what one bore out before. */
static void
note_time (RsEngine *engine,
           RsState  *state,
           gint64    now)
{
  state->last_wall = now;
  if (!rs_clock_is_set (engine->parts.clock))
    rs_clock_set_last (engine->parts.clock, now);
}

static void
on_attempt_done (GObject      *source,
                 GAsyncResult *async_result,
                 gpointer      data)
{
  g_autoptr (RsEngine) engine = data;
  g_autoptr (RsAttemptResult) result = rs_attempt_run_finish (async_result);
  const RsState *old = rs_state_store_get (engine->parts.state);
  g_autoptr (RsState) state = rs_state_copy (old);
  gint64 now = rs_clock_wall (engine->parts.clock);
  gboolean cancelled = strcmp (result->result, "cancelled") == 0;
  g_autofree char *boot_id = rs_identity_boot_id ("");
  Finished *finished;

  if (engine->resetting)
    {
      conclude (engine, result);
      return;
    }
  rs_engine_tell_story (engine, result, state);
  if (result->applied)
    remember_provisioning (state, result);
  if (!result->wait_for_clock && strcmp (result->result, "skipped") != 0)
    rs_state_push_attempt (state->provisioning, now, result->result, result->url, result->message);
  if (!cancelled)
    {
      /* one that waits for the clock has not failed (HTTP-11) */
      if (!result->wait_for_clock)
        rs_text_set (&state->failure_reason, result->class == RS_CLASS_A ? "" : result->message);
      rs_text_set (&state->boot_id, boot_id);
    }
  rs_engine_activation_finished (engine, result, state);
  if (!cancelled && !result->has_code && result->class != RS_CLASS_A)
    {
      /* until the plan has said when: a phone that dies in between shall not wait for its period */
      state->next_due = now;
      state->next_retry_after = FALSE;
      rs_text_set (&state->next_reason, rs_reason_name (RS_REASON_RETRY));
    }
  if (result->class == RS_CLASS_A)
    {
      state->last_success = now;
      end_retries (state, result);
    }
  if (result->clock_borne_out)
    note_time (engine, state, now);
  if (is_routine (old, state, result, rs_state_store_get_saved (engine->parts.state)->last_success, now))
    {
      rs_state_store_set_volatile (engine->parts.state, state);
      conclude (engine, result);
      return;
    }
  finished = g_new (Finished, 1);
  finished->engine = g_object_ref (engine);
  finished->result = g_steal_pointer (&result);
  rs_state_store_save_async (engine->parts.state, state, on_state_saved, finished);
}

static void
on_report_done (GObject      *source,
                GAsyncResult *async_result,
                gpointer      data)
{
  g_autoptr (RsEngine) engine = data;
  g_autoptr (RsAttemptResult) result = rs_attempt_run_finish (async_result);

  conclude (engine, result);
}

static void
begin_report (RsEngine *engine)
{
  g_autoptr (GVariant) status = engine->status != NULL ? g_variant_ref_sink (engine->status (engine->status_data)) : NULL;

  rs_engine_reports_begun (engine);
  rs_report_run_async (&engine->parts, status, on_progress, engine, engine->running, on_report_done, g_object_ref (engine));
}

/* A request with a rule of its own brings a profile, whatever its reason. */
static gboolean
is_report (const RsAction *action)
{
  const RsAttemptRequest *request = action->data;

  return action->reason == RS_REASON_REPORT && (request == NULL || request->rule[0] == '\0');
}

static void
begin_attempt (RsEngine *engine,
               RsAction *action)
{
  engine->running = g_cancellable_new ();
  engine->running_number = action->attempt;
  engine->running_reason = action->reason;
  engine->running_since = rs_clock_boot (engine->parts.clock);
  engine->reporting = is_report (action);
  engine->by_hand = rs_attempt_request_is_by_hand (action->data);
  engine->requested = FALSE;
  engine->code_runs = action->data != NULL && ((const RsAttemptRequest *)action->data)->code != NULL;
  if (!engine->reporting)
    {
      rs_facts_begin_attempt (engine->parts.facts, action->reason);
      rs_upgrade_resync_begun (engine->upgrade);
    }
  rs_engine_log_begun (engine);
  g_signal_emit_by_name (engine, "started", action->attempt, rs_reason_name (action->reason));
  if (engine->reporting)
    begin_report (engine);
  else
    {
      engine->telling = rs_onboarding_tries_new ();
      rs_attempt_run_async (&engine->parts, action->data, engine->hand_set, engine->telling, on_progress, engine, engine->running,
                            on_attempt_done, g_object_ref (engine));
    }
  if (action->data != NULL && action->data_free != NULL)
    action->data_free (action->data);
}
