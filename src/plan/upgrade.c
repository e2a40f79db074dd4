/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One upgrade after another, each a walk through the steps:
 *
 *  step      begins with                      then
 *  NOTHING   EVALUATE, when the rule is to    an image that is neither settled nor waits for its retry: DOWNLOAD
 *            be looked at and no resync runs
 *  DOWNLOAD  LOOK                             the other slot has it: INSTALL by ACTIVATE; it is here: VERIFY
 *            DOWNLOAD                         VERIFY
 *  VERIFY    VERIFY, when the phone is idle   INSTALL
 *  INSTALL   INSTALL, when the phone is idle  REBOOT
 *  REBOOT    REBOOT, when the phone is idle   (a new boot) LOOK: the new one runs: CONFIRM; else it fell back
 *            and no resync runs
 *  CONFIRM   MARK_GOOD, after a good resync   NOTHING, a success
 *
 * Where nobody knows how an install ended, the next boot begins with LOOK: what was installed runs: CONFIRM.
 * A boot loader that counts the boots of a slot has to be told in each that it was a good one: KEEP, first of all, unless what runs has still to show it.
 * A call that comes up holds the next VERIFY, INSTALL or REBOOT and nothing else, and nothing has it go ahead during one. A failure of a step is
 * one of the attempt. What was installed is settled, whatever came of it: no image is installed twice by itself. */
#include "plan/upgrade-private.h"

#include <string.h>

/* a wall clock that was set in between shall not put a retry off for ever */
#define LONGEST (86400 * (gint64)G_USEC_PER_SEC)

static const char *const step_names[] = {
  [RS_UPGRADE_NOTHING] = "", [RS_UPGRADE_DOWNLOAD] = "download", [RS_UPGRADE_VERIFY] = "verify",
  [RS_UPGRADE_INSTALL] = "install", [RS_UPGRADE_REBOOT] = "reboot", [RS_UPGRADE_CONFIRM] = "confirm",
};

const char *
rs_upgrade_step_name (RsUpgradeStep step)
{
  return step_names[step];
}

RsUpgradeStep
rs_upgrade_step_from_name (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (step_names); i++)
    if (g_strcmp0 (name, step_names[i]) == 0)
      return i;
  return RS_UPGRADE_NOTHING;
}

gboolean
rs_upgrade_is_written (RsUpgradeStep step)
{
  return step == RS_UPGRADE_INSTALL || step == RS_UPGRADE_REBOOT || step == RS_UPGRADE_CONFIRM;
}

RsUpgradePlan *
rs_upgrade_plan_new (const RsRandom *random)
{
  RsUpgradePlan *plan = g_new0 (RsUpgradePlan, 1);

  plan->random = *random;
  plan->said_state = "idle";
  return plan;
}

void
rs_upgrade_plan_free (RsUpgradePlan *plan)
{
  if (plan == NULL)
    return;
  g_clear_pointer (&plan->config.retry, rs_delay_list_free);
  g_free (plan);
}

const RsUpgradeMemory *
rs_upgrade_plan_get_memory (const RsUpgradePlan *plan)
{
  return &plan->memory;
}

const char *
rs_upgrade_plan_get_state (const RsUpgradePlan *plan)
{
  gboolean waits = plan->busy && !plan->active;

  switch (plan->memory.step)
    {
    case RS_UPGRADE_DOWNLOAD:
      return "downloading";
    case RS_UPGRADE_VERIFY:
      return waits ? "waiting-idle" : "verifying";
    case RS_UPGRADE_INSTALL:
      return waits ? "waiting-idle" : "installing";
    case RS_UPGRADE_REBOOT:
      return "reboot-required";
    case RS_UPGRADE_NOTHING:
    case RS_UPGRADE_CONFIRM:
      break;
    }
  return "idle";
}

gboolean
rs_upgrade_plan_is_busy (const RsUpgradePlan *plan)
{
  return plan->busy;
}

gboolean
rs_upgrade_plan_is_on_trial (const RsUpgradePlan *plan)
{
  return plan->failing && (plan->memory.step == RS_UPGRADE_CONFIRM || plan->memory.unproved);
}

gboolean
rs_upgrade_plan_is_retry (const RsUpgradePlan *plan)
{
  return plan->memory.failures > 0;
}

/* What was never to be tried again is when there is a delay again. */
static void
revive (RsUpgradePlan *plan,
        const RsNow   *now,
        GArray        *actions)
{
  if (plan->memory.failed[0] == '\0' || plan->retry_at != G_MAXINT64)
    return;
  rs_upgrade_wait_for_retry (plan, now, actions);
  if (plan->retry_at != G_MAXINT64)
    rs_upgrade_say (actions, RS_UPGRADE_ACTION_SAVE);
}

/* The instant that was stored, on this boot's clock. */
static void
restore_retry (RsUpgradePlan        *plan,
               const RsUpgradeEvent *event,
               GArray               *actions)
{
  const RsUpgradeMemory *memory = &plan->memory;
  const RsNow *now = &event->now;

  if (memory->failed[0] == '\0')
    return;
  plan->retry_at = memory->retry == G_MAXINT64 ? G_MAXINT64 : now->boot + CLAMP (memory->retry - now->wall, 0, LONGEST);
  if (plan->configured)
    revive (plan, now, actions);
  /* a boot begins anew */
  if (plan->retry_at != G_MAXINT64 && (event->start.new_boot || memory->step != RS_UPGRADE_NOTHING))
    plan->retry_at = now->boot;
}

/* Whether that is what came up is looked at first of all. */
static void
doubt (RsUpgradePlan *plan,
       const char    *context)
{
  RsUpgradeMemory *memory = &plan->memory;

  if (memory->step == RS_UPGRADE_REBOOT || memory->step == RS_UPGRADE_CONFIRM)
    return;
  /* of what is under way nothing was begun */
  if (memory->step == RS_UPGRADE_INSTALL)
    memory->step = RS_UPGRADE_VERIFY;
  plan->keep = FALSE;
  plan->doubting = plan->unknown = TRUE;
  rs_upgrade_copy_context (plan->doubtful, context);
}

static void
on_start (RsUpgradePlan        *plan,
          const RsUpgradeEvent *event,
          GArray               *actions)
{
  RsUpgradeMemory *memory = &plan->memory;

  *memory = *event->start.memory;
  plan->started = TRUE;
  plan->due = !event->start.resync_coming;
  plan->resync_coming = event->start.resync_coming;
  plan->keep = event->start.new_boot && !rs_upgrade_is_written (memory->step) && !memory->unproved;
  restore_retry (plan, event, actions);
  if (event->start.new_boot && event->start.doubt != NULL)
    doubt (plan, event->start.doubt);
  if (memory->step == RS_UPGRADE_NOTHING)
    {
      rs_upgrade_forget_unwanted (plan, actions);
      return;
    }
  plan->attempt = ++plan->last_attempt;
  switch (memory->step)
    {
    case RS_UPGRADE_DOWNLOAD:
    case RS_UPGRADE_VERIFY:
      /* the rule is looked at anew, after the resync of a boot, and what there is of the image is found then */
      if (memory->own)
        rs_upgrade_leave (plan, RS_UPGRADE_INTERRUPTED, actions);
      else if (plan->configured && !plan->config.enabled)
        rs_upgrade_drop (plan, RS_UPGRADE_CANCELLED, actions);
      else
        memory->step = RS_UPGRADE_NOTHING;
      break;
    case RS_UPGRADE_INSTALL:
      /* it was judged before */
      plan->due = FALSE;
      plan->unknown = TRUE;
      break;
    case RS_UPGRADE_REBOOT:
    case RS_UPGRADE_CONFIRM:
      plan->unknown = event->start.new_boot;
      if (memory->step == RS_UPGRADE_CONFIRM && !plan->unknown && !plan->resync_coming)
        rs_upgrade_say (actions, RS_UPGRADE_ACTION_RESYNC);
      break;
    case RS_UPGRADE_NOTHING:
      break;
    }
}

static void
on_config (RsUpgradePlan        *plan,
           const RsUpgradeEvent *event,
           GArray               *actions)
{
  gboolean before = plan->configured && plan->config.enabled;

  g_clear_pointer (&plan->config.retry, rs_delay_list_free);
  plan->config = *event->config;
  event->config->retry = NULL;
  plan->configured = TRUE;
  if (!plan->config.enabled && rs_upgrade_is_open (plan))
    rs_upgrade_abort (plan, &event->now, actions);
  if (plan->config.enabled && !before && plan->started)
    plan->due = TRUE;
  revive (plan, &event->now, actions);
  if (plan->started)
    rs_upgrade_forget_unwanted (plan, actions);
  if (!plan->config.resyncs && plan->resync_coming)
    {
      plan->resync_coming = FALSE;
      plan->due = TRUE;
      if (plan->memory.step == RS_UPGRADE_CONFIRM)
        rs_upgrade_say (actions, RS_UPGRADE_ACTION_RESYNC);
    }
}

static void
on_rule (RsUpgradePlan        *plan,
         const RsUpgradeEvent *event,
         GArray               *actions)
{
  plan->due = TRUE;
}

static void
on_resync (RsUpgradePlan        *plan,
           const RsUpgradeEvent *event,
           GArray               *actions)
{
  plan->resyncing = event->kind == RS_UPGRADE_EVENT_RESYNC_BEGUN;
  if (plan->resyncing)
    return;
  plan->resync_coming = FALSE;
  plan->due = TRUE;
  plan->failing = !event->good;
  if (plan->memory.step == RS_UPGRADE_CONFIRM && event->good)
    plan->good = TRUE;
  if (plan->memory.unproved && event->good)
    {
      plan->memory.unproved = FALSE;
      plan->unkept = TRUE;
      rs_upgrade_say (actions, RS_UPGRADE_ACTION_SAVE);
    }
  plan->keep = plan->keep || plan->unkept;
}

static void
on_busy (RsUpgradePlan        *plan,
         const RsUpgradeEvent *event,
         GArray               *actions)
{
  plan->busy = event->kind == RS_UPGRADE_EVENT_BUSY;
}

static void
on_timer (RsUpgradePlan        *plan,
          const RsUpgradeEvent *event,
          GArray               *actions)
{
  plan->keep = plan->keep || plan->unkept;
  if (plan->memory.failed[0] == '\0')
    return;
  if (plan->retry_at <= event->now.boot)
    plan->due = TRUE;
  else if (plan->retry_at != G_MAXINT64)
    rs_upgrade_say_timer (plan->retry_at, actions);
}

static void
on_clock (RsUpgradePlan        *plan,
          const RsUpgradeEvent *event,
          GArray               *actions)
{
  if (!plan->wants_clock)
    return;
  plan->wants_clock = FALSE;
  plan->retry_at = event->now.boot;
  plan->due = TRUE;
}

/* A rule that asks for another image, or for none, while one is fetched. */
static void
reconsider (RsUpgradePlan        *plan,
            const RsUpgradeEvent *event,
            GArray               *actions)
{
  if (event->evaluated.wanted == RS_WANTED_IMAGE && strcmp (event->evaluated.context, plan->memory.context) == 0)
    return;
  plan->due = TRUE;
  rs_upgrade_abort (plan, &event->now, actions);
}

static void
begin (RsUpgradePlan        *plan,
       const RsUpgradeEvent *event,
       gboolean              own,
       GArray               *actions)
{
  RsUpgradeAction action = { .kind = RS_UPGRADE_ACTION_BEGIN };

  if (plan->attempt == 0)
    plan->attempt = ++plan->last_attempt;
  rs_upgrade_copy_context (plan->memory.context, event->evaluated.context);
  plan->memory.own = own;
  plan->looked = FALSE;
  if (!own && strcmp (plan->memory.failed, plan->memory.context) != 0)
    rs_upgrade_forget_failure (plan);
  action.attempt = plan->attempt;
  g_array_append_val (actions, action);
  if (event->evaluated.wanted == RS_WANTED_ERROR)
    rs_upgrade_fail (plan, &event->now, RS_UPGRADE_FAILED, actions);
  else
    rs_upgrade_enter (plan, RS_UPGRADE_DOWNLOAD, actions);
}

static void
on_evaluated (RsUpgradePlan        *plan,
              const RsUpgradeEvent *event,
              GArray               *actions)
{
  gboolean asked = plan->asked, own = plan->asked_own;
  gboolean settled = event->evaluated.wanted == RS_WANTED_IMAGE && !own
                     && strcmp (event->evaluated.context, plan->memory.settled) == 0;
  gboolean early = strcmp (event->evaluated.context, plan->memory.failed) == 0 && event->now.boot < plan->retry_at;

  /* the answer may take a moment, in which things went on */
  if (!plan->started || (plan->memory.step != RS_UPGRADE_NOTHING && !rs_upgrade_is_open (plan)))
    return;
  plan->asked = plan->asked_own = FALSE;
  if (plan->memory.step != RS_UPGRADE_NOTHING)
    reconsider (plan, event, actions);
  else if (event->evaluated.wanted == RS_WANTED_NOTHING || settled || !plan->config.enabled)
    {
      if (!own)
        {
          rs_upgrade_forget_failure (plan);
          rs_upgrade_say (actions, RS_UPGRADE_ACTION_FORGET);
        }
      if (asked)
        rs_upgrade_say_end (plan, settled ? RS_UPGRADE_KNOWN : RS_UPGRADE_SKIPPED, actions);
      else if (plan->attempt != 0)
        rs_upgrade_leave (plan, RS_UPGRADE_CANCELLED, actions);
    }
  else if (asked || !early)
    begin (plan, event, own, actions);
  else if (plan->retry_at != G_MAXINT64)
    rs_upgrade_say_timer (plan->retry_at, actions);
}

/* Nothing was done yet: it waits for the end of the call as before. */
static void
on_held (RsUpgradePlan        *plan,
         const RsUpgradeEvent *event,
         GArray               *actions)
{
  if (plan->memory.step != RS_UPGRADE_INSTALL || !plan->active || plan->looking)
    return;
  plan->active = FALSE;
  if (!plan->config.enabled)
    rs_upgrade_abort (plan, &event->now, actions);
}

static void
on_asked (RsUpgradePlan        *plan,
          const RsUpgradeEvent *event,
          GArray               *actions)
{
  plan->active = FALSE;
  plan->pause = event->now.boot + RS_UPGRADE_AGAIN;
  rs_upgrade_say_timer (plan->pause, actions);
}

static void
on_reset (RsUpgradePlan        *plan,
          const RsUpgradeEvent *event,
          GArray               *actions)
{
  if (rs_upgrade_is_open (plan) && plan->active)
    rs_upgrade_say (actions, RS_UPGRADE_ACTION_ABORT);
  if (plan->attempt != 0 && plan->memory.step != RS_UPGRADE_NOTHING)
    rs_upgrade_say_end (plan, RS_UPGRADE_CANCELLED, actions);
  plan->memory = (RsUpgradeMemory){ 0 };
  plan->late = plan->late || plan->active;
  plan->started = plan->due = plan->active = plan->looking = plan->keeping = plan->unknown = plan->keep = FALSE;
  plan->looked = plan->activating = plan->aborting = plan->good = plan->doubting = plan->unkept = plan->failing = FALSE;
  plan->retry_at = plan->pause = 0;
  plan->wants_clock = FALSE;
  plan->attempt = 0;
  rs_upgrade_say_timer (0, actions);
}

static void (*const handlers[]) (RsUpgradePlan *plan, const RsUpgradeEvent *event, GArray *actions) = {
  [RS_UPGRADE_EVENT_START] = on_start,
  [RS_UPGRADE_EVENT_CONFIG] = on_config,
  [RS_UPGRADE_EVENT_RULE] = on_rule,
  [RS_UPGRADE_EVENT_RESYNC_BEGUN] = on_resync,
  [RS_UPGRADE_EVENT_RESYNC_ENDED] = on_resync,
  [RS_UPGRADE_EVENT_BUSY] = on_busy,
  [RS_UPGRADE_EVENT_IDLE] = on_busy,
  [RS_UPGRADE_EVENT_TIMER] = on_timer,
  [RS_UPGRADE_EVENT_CLOCK] = on_clock,
  [RS_UPGRADE_EVENT_EVALUATED] = on_evaluated,
  [RS_UPGRADE_EVENT_LOOKED] = rs_upgrade_looked,
  [RS_UPGRADE_EVENT_DONE] = rs_upgrade_done,
  [RS_UPGRADE_EVENT_RUNS] = rs_upgrade_runs,
  [RS_UPGRADE_EVENT_HELD] = on_held,
  [RS_UPGRADE_EVENT_ASKED] = on_asked,
  [RS_UPGRADE_EVENT_RESET] = on_reset,
};

static gboolean
request (RsUpgradePlan  *plan,
         RsUpgradeEvent *event,
         GArray         *actions,
         guint64        *attempt,
         GError        **error)
{
  RsUpgradeStep step = plan->memory.step;

  if (!plan->started || !plan->configured || !plan->config.enabled)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_DISABLED, "Upgrade_Enable is No, or [Firmware] Backend is none: nothing is installed");
      return FALSE;
    }
  if (plan->doubting)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_BUSY, "it is not known yet what the phone has started from");
      return FALSE;
    }
  if (rs_upgrade_is_open (plan) && !plan->aborting && !event->own && !plan->memory.own)
    {
      *attempt = plan->attempt;
      return TRUE;
    }
  if (step == RS_UPGRADE_CONFIRM && event->own && !plan->active && !plan->unknown)
    rs_upgrade_overtake (plan, actions);
  else if (step != RS_UPGRADE_NOTHING)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_BUSY,
                           step == RS_UPGRADE_REBOOT    ? "an upgrade is installed; restart the phone first"
                           : step == RS_UPGRADE_CONFIRM ? "the last upgrade is not confirmed yet: the phone has to be provisioned first, or give a rule"
                                                        : "an upgrade is under way");
      return FALSE;
    }
  plan->asked = plan->due = TRUE;
  plan->asked_own = event->own;
  if (plan->attempt == 0)
    plan->attempt = ++plan->last_attempt;
  *attempt = plan->attempt;
  return TRUE;
}

static gboolean
cancel (RsUpgradePlan        *plan,
        const RsUpgradeEvent *event,
        GArray               *actions,
        GError              **error)
{
  if (plan->memory.step == RS_UPGRADE_INSTALL && plan->active)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_BUSY, "the image is being installed, which nothing stops");
      return FALSE;
    }
  if (plan->memory.step == RS_UPGRADE_REBOOT)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_BUSY, "the image is installed, and runs after a restart, which nothing stops");
      return FALSE;
    }
  plan->by_hand = rs_upgrade_is_open (plan);
  if (plan->by_hand)
    rs_upgrade_abort (plan, &event->now, actions);
  return TRUE;
}

static gboolean
may_look_at_rule (const RsUpgradePlan *plan)
{
  if (!plan->due || plan->aborting || plan->keep || plan->keeping || plan->doubting || !plan->config.enabled || (plan->resyncing && !plan->asked))
    return FALSE;
  return plan->memory.step == RS_UPGRADE_NOTHING || (rs_upgrade_is_open (plan) && !plan->memory.own);
}

/* Begins what may begin now. */
static void
go (RsUpgradePlan *plan,
    const RsNow   *now,
    GArray        *actions)
{
  if (!plan->started || !plan->configured)
    return;
  if (may_look_at_rule (plan))
    {
      plan->due = FALSE;
      rs_upgrade_say (actions, RS_UPGRADE_ACTION_EVALUATE);
      return;
    }
  if (plan->active || plan->late)
    return;
  if (plan->keep)
    {
      plan->keep = FALSE;
      plan->keeping = TRUE;
      rs_upgrade_act (plan, RS_UPGRADE_ACTION_KEEP, actions);
      return;
    }
  if (plan->unknown)
    {
      plan->unknown = FALSE;
      rs_upgrade_look (plan, actions);
      return;
    }
  switch (plan->memory.step)
    {
    case RS_UPGRADE_NOTHING:
      break;
    case RS_UPGRADE_DOWNLOAD:
      if (plan->looked)
        rs_upgrade_act (plan, RS_UPGRADE_ACTION_DOWNLOAD, actions);
      else
        rs_upgrade_look (plan, actions);
      break;
    case RS_UPGRADE_VERIFY:
      if (!plan->busy)
        rs_upgrade_act (plan, RS_UPGRADE_ACTION_VERIFY, actions);
      break;
    case RS_UPGRADE_INSTALL:
      if (!plan->busy)
        rs_upgrade_act (plan, plan->activating ? RS_UPGRADE_ACTION_ACTIVATE : RS_UPGRADE_ACTION_INSTALL, actions);
      break;
    case RS_UPGRADE_REBOOT:
      if (!plan->busy && !plan->resyncing && now->boot >= plan->pause)
        rs_upgrade_act (plan, RS_UPGRADE_ACTION_REBOOT, actions);
      break;
    case RS_UPGRADE_CONFIRM:
      if (plan->good && now->boot >= plan->pause)
        rs_upgrade_act (plan, RS_UPGRADE_ACTION_MARK_GOOD, actions);
      break;
    }
}

static gboolean
is_answer (RsUpgradeEventKind kind)
{
  return kind == RS_UPGRADE_EVENT_LOOKED || kind == RS_UPGRADE_EVENT_DONE || kind == RS_UPGRADE_EVENT_RUNS || kind == RS_UPGRADE_EVENT_HELD || kind == RS_UPGRADE_EVENT_ASKED;
}

gboolean
rs_upgrade_plan_step (RsUpgradePlan  *plan,
                      RsUpgradeEvent *event,
                      GArray         *actions,
                      guint64        *attempt,
                      GError        **error)
{
  guint64 number = 0;
  gboolean accepted = TRUE;
  const char *state;

  if (event->kind == RS_UPGRADE_EVENT_REQUEST)
    accepted = request (plan, event, actions, &number, error);
  else if (event->kind == RS_UPGRADE_EVENT_CANCEL)
    accepted = cancel (plan, event, actions, error);
  else if (plan->late && is_answer (event->kind))
    plan->late = FALSE;
  else
    handlers[event->kind](plan, event, actions);
  go (plan, &event->now, actions);
  state = rs_upgrade_plan_get_state (plan);
  if (strcmp (state, plan->said_state) != 0)
    rs_upgrade_say (actions, RS_UPGRADE_ACTION_STATUS);
  plan->said_state = state;
  if (attempt != NULL)
    *attempt = number;
  return accepted;
}
