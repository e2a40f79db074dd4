/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From one step of an upgrade to the next, and how it ends. */
#include "plan/upgrade-private.h"

#include <string.h>

#define SECONDS(n) ((gint64)(n) * G_USEC_PER_SEC)

/* After a power cut all phones of a site ask at once, and a server that turns some away has time for them a moment later (HTTP-5). */
#define OVERLOAD_AGE SECONDS (600)
#define OVERLOADS_AT_MOST 5
#define OVERLOAD_SPREAD_MS 60000

void
rs_upgrade_say (GArray             *actions,
                RsUpgradeActionKind kind)
{
  RsUpgradeAction action = { .kind = kind };

  g_array_append_val (actions, action);
}

void
rs_upgrade_say_end (RsUpgradePlan *plan,
                    RsUpgradeEnd   end,
                    GArray        *actions)
{
  RsUpgradeAction action = { .kind = RS_UPGRADE_ACTION_END, .attempt = plan->attempt, .end = end };

  g_array_append_val (actions, action);
  plan->attempt = 0;
}

void
rs_upgrade_say_timer (gint64  at,
                      GArray *actions)
{
  RsUpgradeAction action = { .kind = RS_UPGRADE_ACTION_TIMER, .at = at };

  g_array_append_val (actions, action);
}

/* Before it is done, what is to be known afterwards is written. */
void
rs_upgrade_act (RsUpgradePlan      *plan,
                RsUpgradeActionKind kind,
                GArray             *actions)
{
  plan->active = TRUE;
  rs_upgrade_say (actions, kind);
}

static void
set_step (RsUpgradePlan *plan,
          RsUpgradeStep  step)
{
  plan->memory.step = step;
  plan->active = plan->looking = FALSE;
}

void
rs_upgrade_enter (RsUpgradePlan *plan,
                  RsUpgradeStep  step,
                  GArray        *actions)
{
  set_step (plan, step);
  rs_upgrade_say (actions, RS_UPGRADE_ACTION_SAVE);
}

void
rs_upgrade_copy_context (char        to[RS_UPGRADE_CONTEXT],
                         const char *from)
{
  g_strlcpy (to, from, RS_UPGRADE_CONTEXT);
}

void
rs_upgrade_forget_failure (RsUpgradePlan *plan)
{
  plan->memory.failed[0] = '\0';
  plan->memory.failures = 0;
  plan->memory.retry = plan->retry_at = 0;
  plan->wants_clock = FALSE;
}

/* Nothing is under way any more. */
void
rs_upgrade_leave (RsUpgradePlan *plan,
                  RsUpgradeEnd   end,
                  GArray        *actions)
{
  plan->looked = plan->activating = plan->aborting = plan->by_hand = plan->good = FALSE;
  plan->pause = 0;
  plan->memory.context[0] = '\0';
  plan->memory.own = FALSE;
  set_step (plan, RS_UPGRADE_NOTHING);
  rs_upgrade_say_end (plan, end, actions);
  /* a download that broke is gone on with later */
  if (end == RS_UPGRADE_CANCELLED || end == RS_UPGRADE_INTERRUPTED)
    rs_upgrade_say (actions, RS_UPGRADE_ACTION_FORGET);
}

/* µs until what failed is tried again; 0 never. */
static gint64
retry_pause (RsUpgradePlan *plan)
{
  guint64 delay = rs_delay_list_pick (plan->config.retry, plan->memory.failures > 0 ? plan->memory.failures - 1 : 0, &plan->random);

  if (delay == 0)
    return 0;
  if (plan->retry_after > 0)
    return SECONDS (plan->retry_after);
  return plan->overload ? 1 + 1000 * (gint64)plan->random.func (OVERLOAD_SPREAD_MS, plan->random.data) : SECONDS (delay);
}

void
rs_upgrade_wait_for_retry (RsUpgradePlan *plan,
                           const RsNow   *now,
                           GArray        *actions)
{
  gint64 pause = retry_pause (plan);

  plan->retry_at = pause == 0 ? G_MAXINT64 : now->boot + pause;
  plan->memory.retry = pause == 0 ? G_MAXINT64 : now->wall + pause;
  rs_upgrade_say_timer (pause == 0 ? 0 : plan->retry_at, actions);
}

/* SCHED-7; that of the boot does for it, and a server that has too many to answer is not asked for more */
static void
resync_after (RsUpgradePlan *plan,
              GArray        *actions)
{
  if (plan->config.resync_after && !plan->resync_coming && !plan->overload)
    rs_upgrade_say (actions, RS_UPGRADE_ACTION_RESYNC);
}

void
rs_upgrade_fail (RsUpgradePlan *plan,
                 const RsNow   *now,
                 RsUpgradeEnd   end,
                 GArray        *actions)
{
  RsUpgradeMemory *memory = &plan->memory;

  /* what a person brought along is nothing that could be tried again */
  if (!memory->own)
    {
      if (strcmp (memory->failed, memory->context) != 0)
        memory->failures = 0;
      rs_upgrade_copy_context (memory->failed, memory->context);
      if (end != RS_UPGRADE_CANCELLED && !plan->overload)
        memory->failures += memory->failures < G_MAXUINT;
      rs_upgrade_wait_for_retry (plan, now, actions);
    }
  rs_upgrade_leave (plan, end, actions);
  resync_after (plan, actions);
}

void
rs_upgrade_drop (RsUpgradePlan *plan,
                 RsUpgradeEnd   end,
                 GArray        *actions)
{
  rs_upgrade_leave (plan, end, actions);
  resync_after (plan, actions);
}

/* What a person stopped waits for the next try; what was turned off, or that another rule took the place of, has not failed. */
static void
cancelled (RsUpgradePlan *plan,
           const RsNow   *now,
           GArray        *actions)
{
  if (plan->by_hand)
    rs_upgrade_fail (plan, now, RS_UPGRADE_CANCELLED, actions);
  else
    rs_upgrade_drop (plan, RS_UPGRADE_CANCELLED, actions);
}

void
rs_upgrade_forget_unwanted (RsUpgradePlan *plan,
                            GArray        *actions)
{
  if (plan->configured && !plan->config.enabled && plan->memory.step == RS_UPGRADE_NOTHING)
    rs_upgrade_say (actions, RS_UPGRADE_ACTION_FORGET);
}

void
rs_upgrade_overtake (RsUpgradePlan *plan,
                     GArray        *actions)
{
  plan->memory.unproved = TRUE;
  rs_upgrade_leave (plan, RS_UPGRADE_OVERTAKEN, actions);
}

/* From here on it counts as tried, whatever comes of it. */
static void
settle (RsUpgradePlan *plan)
{
  if (plan->memory.own)
    return;
  rs_upgrade_copy_context (plan->memory.settled, plan->memory.context);
  rs_upgrade_forget_failure (plan);
}

/* The new one has to show that the phone can be provisioned by it. */
static void
confirm (RsUpgradePlan *plan,
         GArray        *actions)
{
  plan->memory.unproved = plan->failing = FALSE;
  rs_upgrade_enter (plan, RS_UPGRADE_CONFIRM, actions);
  if (!plan->resync_coming)
    rs_upgrade_say (actions, RS_UPGRADE_ACTION_RESYNC);
}

static void
fall_back (RsUpgradePlan *plan,
           GArray        *actions)
{
  plan->keep = !plan->memory.unproved;
  rs_upgrade_drop (plan, RS_UPGRADE_FELL_BACK, actions);
}

void
rs_upgrade_abort (RsUpgradePlan *plan,
                  const RsNow   *now,
                  GArray        *actions)
{
  if (plan->aborting)
    return;
  if (!plan->active)
    {
      cancelled (plan, now, actions);
      return;
    }
  plan->aborting = TRUE;
  rs_upgrade_say (actions, RS_UPGRADE_ACTION_ABORT);
}

/* Whether it can still be given up: nothing is being written. */
gboolean
rs_upgrade_is_open (const RsUpgradePlan *plan)
{
  switch (plan->memory.step)
    {
    case RS_UPGRADE_DOWNLOAD:
    case RS_UPGRADE_VERIFY:
      return TRUE;
    case RS_UPGRADE_INSTALL:
      return !plan->active && !plan->unknown;
    case RS_UPGRADE_NOTHING:
    case RS_UPGRADE_REBOOT:
    case RS_UPGRADE_CONFIRM:
      break;
    }
  return FALSE;
}

void
rs_upgrade_look (RsUpgradePlan *plan,
                 GArray        *actions)
{
  plan->looking = TRUE;
  rs_upgrade_act (plan, RS_UPGRADE_ACTION_LOOK, actions);
}

static void
looked_for_download (RsUpgradePlan        *plan,
                     const RsUpgradeEvent *event,
                     GArray               *actions)
{
  if (plan->aborting)
    cancelled (plan, &event->now, actions);
  else if (event->looked.failed)
    rs_upgrade_fail (plan, &event->now, RS_UPGRADE_FAILED, actions);
  else if (event->looked.written)
    {
      plan->activating = TRUE;
      rs_upgrade_enter (plan, RS_UPGRADE_INSTALL, actions);
    }
  else if (event->looked.complete)
    rs_upgrade_enter (plan, RS_UPGRADE_VERIFY, actions);
}

static void
installed (RsUpgradePlan *plan,
           GArray        *actions)
{
  guint64 attempt = plan->attempt;

  plan->activating = FALSE;
  settle (plan);
  set_step (plan, RS_UPGRADE_REBOOT);
  rs_upgrade_say_end (plan, RS_UPGRADE_INSTALLED, actions);
  plan->attempt = attempt;
}

/* The daemon or the phone was restarted while the image was written, or waited for its turn. */
static void
looked_for_install (RsUpgradePlan        *plan,
                    const RsUpgradeEvent *event,
                    GArray               *actions)
{
  const RsUpgradeLook *looked = &event->looked;

  plan->keep = !looked->failed && !looked->newer && !looked->installing && !plan->memory.unproved;
  /* what runs is known without whoever installs */
  if (looked->newer)
    {
      settle (plan);
      confirm (plan, actions);
    }
  else if (looked->failed)
    rs_upgrade_fail (plan, &event->now, RS_UPGRADE_FAILED, actions);
  else if (looked->installing)
    rs_upgrade_act (plan, RS_UPGRADE_ACTION_ATTACH, actions);
  else if (looked->written)
    installed (plan, actions);
  else if (!plan->config.enabled)
    rs_upgrade_drop (plan, RS_UPGRADE_CANCELLED, actions);
  else if (looked->complete)
    rs_upgrade_enter (plan, RS_UPGRADE_VERIFY, actions);
  else if (plan->memory.own)
    rs_upgrade_leave (plan, RS_UPGRADE_INTERRUPTED, actions);
  else
    {
      plan->memory.step = RS_UPGRADE_NOTHING;
      plan->due = !plan->resync_coming;
    }
}

/* Who installed left before it had said whether it was done. */
static void
looked_in_doubt (RsUpgradePlan        *plan,
                 const RsUpgradeEvent *event,
                 GArray               *actions)
{
  RsUpgradeMemory *memory = &plan->memory;

  plan->doubting = FALSE;
  if (!event->looked.newer)
    {
      plan->keep = !memory->unproved;
      rs_upgrade_say (actions, RS_UPGRADE_ACTION_SAVE);
      return;
    }
  plan->attempt = ++plan->last_attempt;
  rs_upgrade_copy_context (memory->context, plan->doubtful);
  /* what a person brought along does not count as failed, either */
  memory->own = strcmp (memory->failed, memory->context) != 0;
  settle (plan);
  confirm (plan, actions);
}

void
rs_upgrade_looked (RsUpgradePlan        *plan,
                   const RsUpgradeEvent *event,
                   GArray               *actions)
{
  if (!plan->looking)
    return;
  plan->looking = plan->active = FALSE;
  plan->looked = TRUE;
  switch (plan->memory.step)
    {
    case RS_UPGRADE_DOWNLOAD:
      looked_for_download (plan, event, actions);
      break;
    case RS_UPGRADE_INSTALL:
      looked_for_install (plan, event, actions);
      break;
    case RS_UPGRADE_REBOOT:
    case RS_UPGRADE_CONFIRM:
      if (event->looked.newer)
        confirm (plan, actions);
      else
        fall_back (plan, actions);
      break;
    case RS_UPGRADE_NOTHING:
      looked_in_doubt (plan, event, actions);
      break;
    case RS_UPGRADE_VERIFY:
      break;
    }
}

static void
succeed (RsUpgradePlan *plan,
         GArray        *actions)
{
  rs_upgrade_leave (plan, RS_UPGRADE_SUCCESS, actions);
  /* a later stage may be due */
  plan->due = TRUE;
}

/* Who is to tell the boot loader may come up after the daemon: it is told again soon, and then after each resync. */
static void
kept (RsUpgradePlan        *plan,
      const RsUpgradeEvent *event,
      GArray               *actions)
{
  gboolean waits = plan->memory.failed[0] != '\0' && plan->retry_at != G_MAXINT64;

  plan->keeping = FALSE;
  if (!event->good && !plan->unkept && !waits)
    rs_upgrade_say_timer (event->now.boot + RS_UPGRADE_AGAIN, actions);
  plan->unkept = !event->good;
}

/* One that comes before the list of delays begins. */
static gboolean
is_overload (const RsUpgradePlan  *plan,
             const RsUpgradeEvent *event)
{
  return event->overload && !plan->memory.own && plan->memory.failures == 0 && event->now.boot < OVERLOAD_AGE
         && plan->overloads < OVERLOADS_AT_MOST;
}

void
rs_upgrade_done (RsUpgradePlan        *plan,
                 const RsUpgradeEvent *event,
                 GArray               *actions)
{
  if (!plan->active || plan->looking)
    return;
  plan->active = FALSE;
  if (plan->keeping)
    kept (plan, event, actions);
  else if (plan->memory.step == RS_UPGRADE_CONFIRM)
    {
      plan->pause = event->now.boot + RS_UPGRADE_AGAIN;
      if (event->good)
        succeed (plan, actions);
      else
        rs_upgrade_say_timer (plan->pause, actions);
    }
  else if (plan->aborting)
    cancelled (plan, &event->now, actions);
  else if (!event->good)
    {
      plan->wants_clock = event->wants_clock && !plan->memory.own;
      plan->retry_after = event->retry_after;
      plan->overload = is_overload (plan, event);
      plan->overloads += plan->overload;
      rs_upgrade_fail (plan, &event->now, RS_UPGRADE_FAILED, actions);
      plan->retry_after = 0;
      plan->overload = FALSE;
    }
  else if (plan->memory.step == RS_UPGRADE_INSTALL)
    installed (plan, actions);
  else
    rs_upgrade_enter (plan, plan->memory.step == RS_UPGRADE_DOWNLOAD ? RS_UPGRADE_VERIFY : RS_UPGRADE_INSTALL, actions);
}

/* A server may name one image by several URLs, as where $SWVER is in it. */
void
rs_upgrade_runs (RsUpgradePlan        *plan,
                 const RsUpgradeEvent *event,
                 GArray               *actions)
{
  if (plan->memory.step != RS_UPGRADE_VERIFY || !plan->active)
    return;
  if (plan->aborting)
    {
      rs_upgrade_done (plan, event, actions);
      return;
    }
  settle (plan);
  rs_upgrade_leave (plan, RS_UPGRADE_RUNS, actions);
  rs_upgrade_say (actions, RS_UPGRADE_ACTION_FORGET);
}
