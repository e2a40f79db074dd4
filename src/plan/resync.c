/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The resync machine: takes one event after another, and says what is to be done and what has changed.
 *
 *  START     the past: provisioned, stored instant, failures
 *            -> BOOT within Resync_Random_Delay × 20 s (never provisioned: 5 s) at the first start of a boot; a
 *               restarted daemon: the stored instant, within 5 s where that has passed (SCHED-2)
 *  CONFIG    parameters, time zone
 *            -> disabled: DROP all, nothing is due (SCHED-1); else what its parameters had placed is placed again; with
 *               rules_changed nothing joins the running attempt any more
 *  NETWORK   the gate of the network
 *            -> a lease that counts: LEASE; during an attempt: after it (DISC-6)
 *  TIMER     nothing
 *            -> what is due by now
 *  CLOCK     wall clock or zone
 *            -> the daily time is placed again; what waits for the clock goes (HTTP-11)
 *  REQUEST   nothing
 *            -> joins, waits, or is refused (SCHED-8)
 *  CANCEL    nothing
 *            -> ABORT the running, DROP the waiting; an automatic one that waits is put off
 *  BUSY IDLE the gate of calls (SCHED-5)
 *  UPGRADE   nothing
 *            -> UPGRADE at once; during an attempt: after it; where the one of the start is to come, that does (SCHED-7)
 *  TRIGGERS  the gate of Resync_Trigger_* (SCHED-6)
 *  FINISHED  failures, successes
 *            -> the table in outcome.c
 *  RESET     everything, back to before START
 *            -> ABORT, DROP
 *
 * After each event: what passes its gates begins (the table in queue.c), one attempt at a time, requests before
 * automatic ones. A request that finds
 *
 *                                  plain request                     request with a rule of its own
 *  nothing running or waiting      waits for its gates               waits for its gates
 *  a plain one waiting             joins it                          waits behind it
 *  one with a rule waiting         waits behind it                   waits behind it
 *  a plain one running             joins it, unless a rule changed   is queued
 *                                  or it is being cancelled: queued
 *  one with a rule running         is queued                         is queued
 *  two already                     Busy                              Busy
 *
 * A report (REASON_REPORT) and a resync do different work and never join each other. */
#include "plan/resync-private.h"

#include <string.h>

/* NTP slews; a difference beyond this is a jump whose event is still on its way */
#define JUMP RS_SECONDS (2)
/* the timer of a wall time moves with every slew; this much is corrected when it comes */
#define TIMER_SLACK RS_SECONDS (1)

static const char *const reason_names[] = {
  [RS_REASON_NONE] = "",
  [RS_REASON_BOOT] = "boot",
  [RS_REASON_PERIODIC] = "periodic",
  [RS_REASON_DAILY] = "daily",
  [RS_REASON_RETRY] = "retry",
  [RS_REASON_LEASE] = "lease",
  [RS_REASON_RULES] = "rules",
  [RS_REASON_UPGRADE] = "upgrade",
  [RS_REASON_USER] = "user",
  [RS_REASON_WEB] = "web",
  [RS_REASON_SIP_NOTIFY] = "sip-notify",
  [RS_REASON_REPORT] = "report",
};

const char *
rs_reason_name (RsReason reason)
{
  return (guint) reason < G_N_ELEMENTS (reason_names) ? reason_names[reason] : "";
}

gboolean
rs_reason_from_name (const char *name,
                     RsReason   *reason)
{
  for (guint i = RS_REASON_NONE + 1; name != NULL && i < G_N_ELEMENTS (reason_names); i++)
    if (strcmp (reason_names[i], name) == 0)
      {
        *reason = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
rs_reason_is_explicit (RsReason reason)
{
  return reason >= RS_REASON_USER;
}

RsPlan *
rs_plan_new (const RsRandom *random)
{
  RsPlan *plan = g_new0 (RsPlan, 1);
  plan->random = *random;
  plan->config.at_minute = -1;
  plan->triggers_allow = TRUE;
  plan->tz = g_time_zone_new_utc ();
  return plan;
}

void
rs_plan_free (RsPlan *plan)
{
  if (plan == NULL)
    return;
  for (guint i = 0; i < plan->n_waiting; i++)
    rs_plan_request_clear (&plan->waiting[i]);
  rs_schedule_config_clear (&plan->config);
  g_time_zone_unref (plan->tz);
  g_free (plan);
}

static void
on_start (RsPlan        *plan,
          const RsEvent *event,
          GArray        *actions)
{
  RsReason reason = event->start.next_reason;
  gboolean automatic = reason > RS_REASON_NONE && !rs_reason_is_explicit (reason);
  if (plan->started)
    return;
  plan->started = TRUE;
  plan->first_of_boot = event->start.first_of_boot;
  plan->provisioned = event->start.provisioned;
  plan->stored_due = MAX (event->start.next_due, 0);
  plan->stored_reason = automatic ? reason : plan->stored_due != 0 ? RS_REASON_PERIODIC : RS_REASON_NONE;
  plan->stored_retry_after = event->start.retry_after;
  plan->failures = plan->saved_failures = event->start.failures;
  /* what is stored, as far as it is no instant of this machine yet */
  plan->saved = (RsDue){ .reason = plan->stored_reason, .at = plan->stored_due != 0 ? -1 : 0 };
  plan->booted = event->now.boot - event->start.boot_age;
  plan->start_pending = !plan->configured || !plan->config.enabled;
  if (!plan->start_pending)
    rs_plan_due_start (plan, &event->now);
}

static void
on_config (RsPlan        *plan,
           const RsEvent *event,
           GArray        *actions)
{
  RsScheduleConfig before = plan->config;
  gboolean zone_changed = event->config.tz != NULL && event->config.tz != plan->tz;
  if (zone_changed)
    {
      g_time_zone_unref (plan->tz);
      plan->tz = g_time_zone_ref (event->config.tz);
    }
  if (event->config.rules_changed)
    plan->running.stale = TRUE;
  if (event->config.config == NULL)
    {
      if (zone_changed)
        rs_plan_due_clock (plan, &event->now);
      return;
    }

  plan->config = *event->config.config;
  *event->config.config = (RsScheduleConfig){ .at_minute = -1 };
  plan->configured = TRUE;
  if (!plan->config.enabled)
    rs_plan_drop_all (plan, actions);
  rs_plan_due_config (plan, &before, zone_changed, &event->now);
  rs_schedule_config_clear (&before);
}

static void
on_network (RsPlan        *plan,
            const RsEvent *event,
            GArray        *actions)
{
  plan->connected = event->network.connected;
  if (event->network.connected && event->network.counts)
    rs_plan_due_lease (plan, &event->now);
}

static void
on_timer (RsPlan        *plan,
          const RsEvent *event,
          GArray        *actions)
{
  plan->said.timer = 0; /* it is one-shot */
}

static void
on_clock (RsPlan        *plan,
          const RsEvent *event,
          GArray        *actions)
{
  plan->running.clock_set = TRUE;
  if (plan->due.kind == RS_DUE_CLOCK)
    {
      plan->due.kind = RS_DUE_BOOT;
      plan->due.at = event->now.boot;
    }
  rs_plan_due_clock (plan, &event->now);
}

static void
on_cancel (RsPlan        *plan,
           const RsEvent *event,
           GArray        *actions)
{
  rs_plan_cancel (plan, &event->now, actions);
}

static void
on_busy (RsPlan        *plan,
         const RsEvent *event,
         GArray        *actions)
{
  plan->busy = event->kind == RS_EVENT_BUSY;
}

static void
on_upgrade (RsPlan        *plan,
            const RsEvent *event,
            GArray        *actions)
{
  if (plan->running.attempt != 0)
    plan->upgrade_again = TRUE;
  else
    rs_plan_due_upgrade (plan, &event->now);
}

static void
on_triggers (RsPlan        *plan,
             const RsEvent *event,
             GArray        *actions)
{
  plan->triggers_allow = event->triggers_allow;
}

static void
on_finished (RsPlan        *plan,
             const RsEvent *event,
             GArray        *actions)
{
  rs_plan_finished (plan, event);
}

static void
on_reset (RsPlan        *plan,
          const RsEvent *event,
          GArray        *actions)
{
  rs_plan_abort (plan, actions);
  rs_plan_drop_all (plan, actions);
  plan->running.orphan = TRUE;
  plan->started = plan->start_pending = plan->provisioned = plan->succeeded = plan->lease_again = plan->upgrade_again = FALSE;
  plan->failures = plan->successes = plan->rule_chain = plan->lease_streak = plan->clock_waits = 0;
  plan->daily_done = 0;
  plan->due = (RsDue){ .kind = RS_DUE_NEVER };
}

static void (*const handlers[]) (RsPlan *plan, const RsEvent *event, GArray *actions) = {
  [RS_EVENT_START] = on_start,
  [RS_EVENT_CONFIG] = on_config,
  [RS_EVENT_NETWORK] = on_network,
  [RS_EVENT_TIMER] = on_timer,
  [RS_EVENT_CLOCK] = on_clock,
  [RS_EVENT_CANCEL] = on_cancel,
  [RS_EVENT_BUSY] = on_busy,
  [RS_EVENT_IDLE] = on_busy,
  [RS_EVENT_UPGRADE] = on_upgrade,
  [RS_EVENT_TRIGGERS] = on_triggers,
  [RS_EVENT_FINISHED] = on_finished,
  [RS_EVENT_RESET] = on_reset,
};

static void
say (GArray       *actions,
     RsActionKind  kind,
     gint64        at)
{
  RsAction action = { .kind = kind, .at = at };
  g_array_append_val (actions, action);
}

static gboolean
same_due (const RsDue *one,
          const RsDue *other)
{
  return one->kind == other->kind && one->reason == other->reason && one->at == other->at;
}

static void
say_timer (RsPlan      *plan,
           const RsNow *now,
           GArray      *actions)
{
  gint64 wake = rs_plan_wake (plan, now), armed = plan->said.timer;
  gboolean slewed = armed > now->boot && wake != 0 && ABS (wake - armed) < TIMER_SLACK && plan->due.kind == RS_DUE_WALL;
  if (wake == armed || slewed)
    return;
  plan->said.timer = wake;
  say (actions, RS_ACTION_TIMER, wake);
}

/* While an attempt runs the stored instant stays: a daemon that dies in the middle finds it passed, and tries again. */
static void
say_save (RsPlan   *plan,
          gboolean  clock_set,
          GArray   *actions)
{
  gboolean moved = clock_set && plan->due.kind == RS_DUE_BOOT;
  gboolean same = same_due (&plan->due, &plan->saved) && plan->failures == plan->saved_failures;
  if (plan->running.attempt != 0 || !plan->started || !plan->configured || (same && !moved))
    return;
  plan->saved = plan->due;
  plan->saved_failures = plan->failures;
  say (actions, RS_ACTION_SAVE, 0);
}

static void
say_status (RsPlan      *plan,
            const RsNow *now,
            gboolean     clock_set,
            GArray      *actions)
{
  RsPlanStatus status;
  rs_plan_get_status (plan, now, &status);
  const RsPlanStatus *last = &plan->said.status;
  gboolean same = status.phase == last->phase && status.held == last->held && status.attempt == last->attempt
                  && status.failures == last->failures && same_due (&plan->due, &plan->said.due);
  gboolean moved = clock_set && plan->due.kind == RS_DUE_BOOT;
  plan->said.status = status;
  plan->said.due = plan->due;
  if (!same || moved)
    say (actions, RS_ACTION_STATUS, 0);
}

/* A jump of the wall clock whose event has not come yet must not make the daily attempt run. */
static void
watch_wall (RsPlan      *plan,
            const RsNow *now)
{
  gint64 offset = now->wall - now->boot;
  if (ABS (offset - plan->said.wall_offset) > JUMP)
    rs_plan_due_clock (plan, now);
  plan->said.wall_offset = offset;
}

gboolean
rs_plan_step (RsPlan   *plan,
              RsEvent  *event,
              GArray   *actions,
              guint64  *attempt,
              GError  **error)
{
  gboolean accepted = TRUE, clock_set = event->kind == RS_EVENT_CLOCK;
  guint64 number = 0;

  watch_wall (plan, &event->now);
  if (event->kind == RS_EVENT_REQUEST)
    accepted = rs_plan_request (plan, event, &number, error);
  else if ((guint) event->kind < G_N_ELEMENTS (handlers))
    handlers[event->kind](plan, event, actions);

  rs_plan_go (plan, &event->now, actions);
  say_timer (plan, &event->now, actions);
  say_save (plan, clock_set, actions);
  say_status (plan, &event->now, clock_set, actions);
  if (attempt != NULL)
    *attempt = number;
  return accepted;
}

static const RsPhase phase_of_held[] = {
  [RS_HELD_NO] = RS_PHASE_IDLE,
  [RS_HELD_NETWORK] = RS_PHASE_WAITING_NETWORK,
  [RS_HELD_CALL] = RS_PHASE_WAITING_IDLE,
  [RS_HELD_TRIGGER] = RS_PHASE_IDLE,
  [RS_HELD_RETRY_AFTER] = RS_PHASE_IDLE,
  [RS_HELD_CLOCK] = RS_PHASE_IDLE,
};

void
rs_plan_get_status (const RsPlan *plan,
                    const RsNow  *now,
                    RsPlanStatus *status)
{
  gboolean placed = plan->due.kind == RS_DUE_BOOT || plan->due.kind == RS_DUE_WALL;
  gboolean runs = plan->running.attempt != 0;

  *status = (RsPlanStatus){
    .next = placed ? MAX (now->wall + (rs_plan_due_instant (&plan->due, now) - now->boot), 1) : 0,
    .next_reason = plan->due.reason,
    .retry_after = plan->due.retry_after,
    .held = rs_plan_held (plan, now),
    .failures = plan->failures,
    .attempt = runs ? plan->running.attempt : plan->waiting[0].attempt,
  };
  status->phase = runs ? RS_PHASE_RUNNING : phase_of_held[status->held];
}
