/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events in, actions out: between the plan of upgrades and the world. */
#include "engine/upgrade-private.h"

#include "base/names.h"
#include "base/text.h"
#include "engine/attempt-private.h"
#include "system/journal.h"
#include "system/random.h"

#include <string.h>

static void feed (RsUpgrade      *upgrade,
                  RsUpgradeEvent *event);

RsUpgrade *
rs_upgrade_hold (RsUpgrade *upgrade)
{
  upgrade->refs++;
  return upgrade;
}

void
rs_upgrade_let_go (RsUpgrade *upgrade)
{
  if (--upgrade->refs > 0)
    return;
  g_clear_object (&upgrade->installer);
  g_clear_object (&upgrade->bus);
  g_clear_object (&upgrade->running);
  g_clear_pointer (&upgrade->plan, rs_upgrade_plan_free);
  g_clear_pointer (&upgrade->judged, rs_rule_action_free);
  g_clear_pointer (&upgrade->action, rs_rule_action_free);
  g_free (upgrade->folder);
  g_free (upgrade->own_rule);
  g_free (upgrade->message);
  g_free (upgrade->version);
  g_free (upgrade->trial);
  g_free (upgrade);
}

void
rs_upgrade_free (RsUpgrade *upgrade)
{
  if (upgrade == NULL)
    return;
  if (upgrade->running != NULL)
    g_cancellable_cancel (upgrade->running);
  if (upgrade->installer != NULL)
    rs_installer_set_progress (upgrade->installer, NULL, NULL);
  g_clear_pointer (&upgrade->timer, rs_timer_free);
  upgrade->engine = NULL;
  rs_upgrade_let_go (upgrade);
}

void
rs_upgrade_fault (RsUpgrade  *upgrade,
                  RsError     code,
                  const char *message)
{
  upgrade->code = code;
  rs_text_set (&upgrade->message, message);
}

void
rs_upgrade_fault_of (RsUpgrade    *upgrade,
                     const GError *error)
{
  rs_upgrade_fault (upgrade, rs_error_code (error), error->message);
}

RsState *
rs_upgrade_edit (const RsUpgrade *upgrade)
{
  return rs_state_copy (rs_state_store_get (upgrade->engine->parts.state));
}

static void
on_kept (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  /* it stays in memory, and is written with what comes next */
  if (!rs_state_store_save_finish (RS_STATE_STORE (source), result, &error))
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_STORE_FAILED, "the state of the upgrade could not be written: %s", error->message);
}

void
rs_upgrade_keep (RsUpgrade *upgrade,
                 RsState   *state,
                 gboolean   durable)
{
  RsStateStore *store = upgrade->engine->parts.state;

  if (durable)
    rs_state_store_save_async (store, state, on_kept, NULL);
  else
    rs_state_store_set_volatile (store, state);
  rs_state_free (state);
}

char *
rs_upgrade_url_digest (const RsUpgrade *upgrade)
{
  g_autofree char *url = upgrade->action != NULL ? rs_url_to_string (upgrade->action->url) : g_strdup ("");

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, url, -1);
}

void
rs_upgrade_note_memory (const RsUpgrade *upgrade,
                        RsState         *state)
{
  const RsUpgradeMemory *memory = rs_upgrade_plan_get_memory (upgrade->plan);
  g_autofree char *boot_id = rs_identity_boot_id ("");

  rs_text_set (&state->upgrade_step, rs_upgrade_step_name (memory->step));
  rs_text_set (&state->upgrade_context, memory->context);
  rs_text_set (&state->upgrade_settled, memory->settled);
  rs_text_set (&state->upgrade_failed, memory->failed);
  rs_text_set (&state->upgrade_boot, boot_id);
  state->upgrade_own = memory->own;
  state->upgrade_unproved = memory->unproved;
  state->upgrade_failures = memory->failures;
  state->upgrade_retry = memory->retry;
}

static void
save_memory (RsUpgrade *upgrade)
{
  RsState *state;

  /* a reset forgets it all by itself */
  if (upgrade->engine->resetting)
    return;
  state = rs_upgrade_edit (upgrade);
  rs_upgrade_note_memory (upgrade, state);
  if (rs_upgrade_plan_get_memory (upgrade->plan)->step == RS_UPGRADE_CONFIRM)
    rs_upgrade_note_trial (upgrade, state);
  rs_upgrade_keep (upgrade, state, TRUE);
}

static void
read_memory (const RsState   *state,
             RsUpgradeMemory *memory)
{
  *memory = (RsUpgradeMemory){ .step = rs_upgrade_step_from_name (state->upgrade_step) };
  g_strlcpy (memory->context, state->upgrade_context, RS_UPGRADE_CONTEXT);
  g_strlcpy (memory->settled, state->upgrade_settled, RS_UPGRADE_CONTEXT);
  g_strlcpy (memory->failed, state->upgrade_failed, RS_UPGRADE_CONTEXT);
  memory->own = state->upgrade_own;
  memory->unproved = state->upgrade_unproved;
  memory->failures = state->upgrade_failures;
  memory->retry = state->upgrade_retry;
}

/* SCHED-7. A phone that does not resync at all has nothing to wait for. */
static void
resync (RsUpgrade *upgrade)
{
  if (rs_snapshot_get_bool (rs_param_store_get_snapshot (upgrade->engine->parts.params), "Provision_Enable"))
    rs_engine_feed_simple (upgrade->engine, RS_EVENT_UPGRADE);
  else
    rs_upgrade_resync_ended (upgrade, TRUE);
}

static void
begin (RsUpgrade *upgrade,
       guint64    attempt)
{
  g_clear_pointer (&upgrade->action, rs_rule_action_free);
  upgrade->action = g_steal_pointer (&upgrade->judged);
  upgrade->named = upgrade->judged_named;
  upgrade->attempt = attempt;
  upgrade->bad_image = FALSE;
  rs_text_set (&upgrade->version, "");
  rs_upgrade_begun (upgrade);
}

static void
set_timer (RsUpgrade *upgrade,
           gint64     at)
{
  if (at != 0)
    rs_timer_arm (upgrade->timer, at);
  else
    rs_timer_disarm (upgrade->timer);
}

static void
perform (RsUpgrade             *upgrade,
         const RsUpgradeAction *action)
{
  switch (action->kind)
    {
    case RS_UPGRADE_ACTION_EVALUATE:
      rs_upgrade_evaluate (upgrade);
      break;
    case RS_UPGRADE_ACTION_BEGIN:
      begin (upgrade, action->attempt);
      break;
    case RS_UPGRADE_ACTION_LOOK:
      rs_upgrade_look_around (upgrade);
      break;
    case RS_UPGRADE_ACTION_DOWNLOAD:
      rs_upgrade_download (upgrade);
      break;
    case RS_UPGRADE_ACTION_VERIFY:
      rs_upgrade_verify (upgrade);
      break;
    case RS_UPGRADE_ACTION_INSTALL:
    case RS_UPGRADE_ACTION_ACTIVATE:
      rs_upgrade_install (upgrade, action->kind == RS_UPGRADE_ACTION_ACTIVATE);
      break;
    case RS_UPGRADE_ACTION_ATTACH:
      rs_upgrade_attach (upgrade);
      break;
    case RS_UPGRADE_ACTION_REBOOT:
      rs_upgrade_reboot (upgrade);
      break;
    case RS_UPGRADE_ACTION_MARK_GOOD:
    case RS_UPGRADE_ACTION_KEEP:
      rs_upgrade_mark_good (upgrade);
      break;
    case RS_UPGRADE_ACTION_ABORT:
      if (upgrade->running != NULL)
        g_cancellable_cancel (upgrade->running);
      break;
    case RS_UPGRADE_ACTION_FORGET:
      rs_upgrade_image_drop (upgrade);
      break;
    case RS_UPGRADE_ACTION_END:
      rs_upgrade_end (upgrade, action->attempt, action->end);
      break;
    case RS_UPGRADE_ACTION_RESYNC:
      resync (upgrade);
      break;
    case RS_UPGRADE_ACTION_TIMER:
      set_timer (upgrade, action->at);
      break;
    case RS_UPGRADE_ACTION_SAVE:
      save_memory (upgrade);
      break;
    case RS_UPGRADE_ACTION_STATUS:
      rs_engine_status_changed (upgrade->engine);
      break;
    }
}

static gboolean
feed_for (RsUpgrade      *upgrade,
          RsUpgradeEvent *event,
          guint64        *attempt,
          GError        **error)
{
  g_autoptr (GArray) actions = g_array_new (FALSE, FALSE, sizeof (RsUpgradeAction));
  RsEngine *engine = upgrade->engine;
  gboolean taken;

  event->now = (RsNow){ rs_clock_boot (engine->parts.clock), rs_clock_wall (engine->parts.clock) };
  taken = rs_upgrade_plan_step (upgrade->plan, event, actions, attempt, error);
  for (guint i = 0; i < actions->len; i++)
    perform (upgrade, &g_array_index (actions, RsUpgradeAction, i));
  rs_upgrade_tell_trial (upgrade, rs_upgrade_plan_is_on_trial (upgrade->plan));
  rs_facts_set_upgrade (engine->parts.facts, rs_upgrade_plan_is_retry (upgrade->plan), rs_state_store_get (engine->parts.state)->upgrade_error);
  return taken;
}

/* For events that nobody waits on: requests alone are refused. */
static void
feed (RsUpgrade      *upgrade,
      RsUpgradeEvent *event)
{
  g_autoptr (GError) error = NULL;

  /* an answer that comes when the daemon ends */
  if (upgrade->engine != NULL && !feed_for (upgrade, event, NULL, &error))
    rs_journal_print (G_LOG_LEVEL_DEBUG, NULL, "the plan of upgrades refused an event: %s", error->message);
}

void
rs_upgrade_feed_simple (RsUpgrade         *upgrade,
                        RsUpgradeEventKind kind)
{
  RsUpgradeEvent event = { .kind = kind };

  feed (upgrade, &event);
}

void
rs_upgrade_feed_done (RsUpgrade *upgrade,
                      gboolean   good)
{
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_DONE, .good = good };

  feed (upgrade, &event);
}

void
rs_upgrade_feed_outcome (RsUpgrade       *upgrade,
                         const RsOutcome *outcome)
{
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_DONE, .good = outcome->ok, .retry_after = outcome->retry_after,
                           .overload = outcome->overload };

  event.wants_clock = outcome->dates_only && !rs_clock_is_set (upgrade->engine->parts.clock);
  feed (upgrade, &event);
}

void
rs_upgrade_feed_looked (RsUpgrade           *upgrade,
                        const RsUpgradeLook *looked)
{
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_LOOKED, .looked = *looked };

  feed (upgrade, &event);
}

void
rs_upgrade_feed_evaluated (RsUpgrade  *upgrade,
                           RsWanted    wanted,
                           const char *context)
{
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_EVALUATED };

  event.evaluated.wanted = wanted;
  event.evaluated.context = context;
  feed (upgrade, &event);
}

static void
on_timer (gpointer data)
{
  rs_upgrade_feed_simple (data, RS_UPGRADE_EVENT_TIMER);
}

static void
on_install_progress (int         percentage,
                     const char *message,
                     int         depth,
                     gpointer    data)
{
  RsUpgrade *upgrade = data;

  g_signal_emit_by_name (upgrade->engine, "upgrade-progress", percentage, message, depth);
}

RsUpgrade *
rs_upgrade_new (RsEngine        *engine,
                GDBusConnection *bus)
{
  static const RsRandom random = { rs_random_uniform, NULL };
  const RsConfig *config = engine->config;
  RsUpgrade *upgrade = g_new0 (RsUpgrade, 1);
  g_autoptr (GError) error = NULL;

  upgrade->refs = 1;
  upgrade->engine = engine;
  upgrade->bus = g_object_ref (bus);
  upgrade->plan = rs_upgrade_plan_new (&random);
  upgrade->timer = rs_timer_new (engine->parts.clock, on_timer, upgrade);
  upgrade->folder = g_build_filename (engine->dirs->state, "firmware", NULL);
  upgrade->own_rule = g_strdup ("");
  upgrade->message = g_strdup ("");
  upgrade->version = g_strdup ("");
  upgrade->installer = rs_installer_new (config->firmware_backend, config->firmware_command, config->firmware_command_timeout, bus, &error);
  if (upgrade->installer != NULL)
    rs_installer_set_progress (upgrade->installer, on_install_progress, upgrade);
  else if (error != NULL)
    g_ptr_array_add (engine->warnings, g_strdup_printf ("%s; nothing is installed", error->message));
  return upgrade;
}

void
rs_upgrade_config (RsUpgrade *upgrade,
                   gboolean   rule)
{
  RsSnapshot *snapshot = rs_param_store_get_snapshot (upgrade->engine->parts.params);
  RsUpgradeConfig config = { 0 };
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_CONFIG, .config = &config };

  config.enabled = upgrade->installer != NULL && rs_snapshot_get_bool (snapshot, "Upgrade_Enable");
  config.resyncs = rs_snapshot_get_bool (snapshot, "Provision_Enable");
  config.resync_after = rs_snapshot_get_bool (snapshot, "Resync_After_Upgrade_Attempt");
  config.retry = rs_delay_list_parse (rs_snapshot_get (snapshot, "Upgrade_Error_Retry_Delay"), NULL);
  if (config.retry == NULL)
    config.retry = rs_delay_list_parse ("", NULL);
  rs_delay_list_raise (config.retry);
  feed (upgrade, &event);
  if (rule)
    rs_upgrade_feed_simple (upgrade, RS_UPGRADE_EVENT_RULE);
}

void
rs_upgrade_start (RsUpgrade *upgrade,
                  gboolean   first_of_boot)
{
  const RsState *state = rs_state_store_get (upgrade->engine->parts.state);
  RsSnapshot *snapshot = rs_param_store_get_snapshot (upgrade->engine->parts.params);
  g_autofree char *boot_id = rs_identity_boot_id ("");
  gboolean new_boot = boot_id[0] == '\0' || strcmp (boot_id, state->upgrade_boot) != 0;
  gboolean provisioned = state->provisioned;
  g_autofree char *doubt = rs_upgrade_doubt (state);
  RsUpgradeMemory memory;
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_START };

  read_memory (state, &memory);
  /* a boot in which nobody has looked yet what came up is still a new one for whoever is started next */
  if (!rs_upgrade_is_written (memory.step) && doubt == NULL)
    {
      RsState *noted = rs_upgrade_edit (upgrade);

      rs_text_set (&noted->upgrade_boot, boot_id);
      rs_upgrade_keep (upgrade, noted, FALSE);
    }
  rs_upgrade_config (upgrade, FALSE);
  event.start.memory = &memory;
  event.start.new_boot = new_boot;
  event.start.doubt = doubt;
  event.start.resync_coming = first_of_boot && rs_snapshot_get_bool (snapshot, "Provision_Enable")
                              && (!provisioned || rs_snapshot_get_bool (snapshot, "Resync_On_Reset"));
  feed (upgrade, &event);
  /* who shows it may not have heard it before */
  if (memory.step == RS_UPGRADE_REBOOT && !new_boot)
    rs_engine_require_reboot (upgrade->engine, rs_upgrade_what_is_installed (upgrade));
}

void
rs_upgrade_resync_begun (RsUpgrade *upgrade)
{
  rs_upgrade_feed_simple (upgrade, RS_UPGRADE_EVENT_RESYNC_BEGUN);
}

void
rs_upgrade_resync_ended (RsUpgrade *upgrade,
                         gboolean   good)
{
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_RESYNC_ENDED, .good = good };

  feed (upgrade, &event);
}

void
rs_upgrade_busy (RsUpgrade *upgrade,
                 gboolean   busy)
{
  rs_upgrade_feed_simple (upgrade, busy ? RS_UPGRADE_EVENT_BUSY : RS_UPGRADE_EVENT_IDLE);
}

void
rs_upgrade_reset (RsUpgrade *upgrade)
{
  upgrade->resets++;
  rs_upgrade_feed_simple (upgrade, RS_UPGRADE_EVENT_RESET);
  rs_upgrade_image_forget (upgrade);
}

void
rs_upgrade_clock_set (RsUpgrade *upgrade)
{
  if (rs_clock_is_set (upgrade->engine->parts.clock))
    rs_upgrade_feed_simple (upgrade, RS_UPGRADE_EVENT_CLOCK);
}

const char *
rs_upgrade_get_warning (const RsUpgrade *upgrade)
{
  return upgrade->trial;
}

const char *
rs_upgrade_get_state (const RsUpgrade *upgrade)
{
  return rs_upgrade_plan_get_state (upgrade->plan);
}

static gboolean
may_ask (RsEngine   *engine,
         const char *rule,
         GError    **error)
{
  g_autoptr (RsRule) parsed = NULL;

  if (engine->resetting)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_BUSY, "a factory reset is under way");
      return FALSE;
    }
  parsed = rs_rule_parse (rule, RS_RULE_UPGRADE, error);
  return parsed != NULL;
}

gboolean
rs_engine_upgrade (RsEngine   *engine,
                   const char *rule,
                   guint64    *attempt,
                   GError    **error)
{
  RsUpgrade *upgrade = engine->upgrade;
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_REQUEST };
  g_autofree char *before = g_strdup (upgrade->own_rule);

  if (!may_ask (engine, rule, error))
    return FALSE;
  rs_text_set (&upgrade->own_rule, rule);
  event.own = rule[0] != '\0';
  if (feed_for (upgrade, &event, attempt, error))
    return TRUE;
  rs_text_set (&upgrade->own_rule, before);
  return FALSE;
}

gboolean
rs_engine_cancel_upgrade (RsEngine *engine,
                          GError  **error)
{
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_CANCEL };

  return feed_for (engine->upgrade, &event, NULL, error);
}

void
rs_engine_get_upgrade (RsEngine      *engine,
                       RsUpgradeView *view)
{
  view->state = rs_upgrade_get_state (engine->upgrade);
  view->last_error = rs_state_store_get (engine->parts.state)->upgrade_error;
}
