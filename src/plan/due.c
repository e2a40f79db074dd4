/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When the next automatic attempt is due. Periods and retries count on the boot clock, so that no jump of the wall
 * clock makes them come early or never; only the daily time follows the wall. (SCHED-2, -3, -4, DISC-6, HTTP-11) */
#include "plan/resync-private.h"
#include "plan/schedule-private.h"

/* somebody stands in front of it (SCHED-2) */
#define FRESH_SPREAD 5
/* past due after a restart of the daemon, or by a change of the configuration */
#define SOON_SPREAD 5
#define RANDOM_DELAY_UNIT 20
#define SHORTEST_AT_RANDOM 600
/* a success that is younger covers a daily time that the clock jumped over */
#define COVERED RS_SECONDS (3600)
/* leases that come faster than this belong to one restless network, and each waits twice as long as the one before */
#define CALM RS_SECONDS (600)
#define RESTLESS_PAUSE RS_SECONDS (10)
#define RESTLESS_DOUBLINGS 5
#define LONGEST_RETRY_AFTER 86400

gint64
rs_plan_spread (const RsPlan *plan,
                guint64       seconds)
{
  guint64 milliseconds = MIN (seconds, G_MAXUINT32 / 1000) * 1000;
  return (gint64) plan->random.func ((guint32) milliseconds, plan->random.data) * 1000;
}

/* Seconds over which the phones of a site spread what happens to all of them at once. */
static guint64
site_spread (const RsPlan *plan)
{
  return plan->provisioned ? (guint64) plan->config.random_delay * RANDOM_DELAY_UNIT : FRESH_SPREAD;
}

void
rs_plan_due_at (RsPlan  *plan,
                RsReason reason,
                gint64   at)
{
  plan->due = (RsDue){ .kind = RS_DUE_BOOT, .reason = reason, .at = at };
}

static void
due_never (RsPlan *plan)
{
  plan->due = (RsDue){ .kind = RS_DUE_NEVER };
}

gint64
rs_plan_due_instant (const RsDue *due,
                     const RsNow *now)
{
  return due->kind == RS_DUE_WALL ? now->boot + (due->at - now->wall) : due->at;
}

gboolean
rs_plan_due_reached (const RsPlan *plan,
                     const RsNow  *now)
{
  if (plan->due.kind == RS_DUE_NEVER || (plan->due.kind == RS_DUE_CLOCK && plan->due.at == 0))
    return FALSE;
  return rs_plan_due_instant (&plan->due, now) <= now->boot;
}

void
rs_plan_due_merge (RsPlan      *plan,
                   const RsDue *other,
                   const RsNow *now)
{
  if (other->kind == RS_DUE_NEVER)
    return;
  gboolean open = plan->due.kind == RS_DUE_NEVER || plan->due.kind == RS_DUE_CLOCK;
  if (open || rs_plan_due_instant (other, now) < rs_plan_due_instant (&plan->due, now))
    plan->due = *other;
}

/* The same local time is not kept twice, where the clock is set back or an hour comes twice. */
static gint64
daily_base (const RsPlan *plan,
            gint64        after)
{
  gint64 base = rs_schedule_next_at (plan->config.at_minute, after, plan->tz);
  return base == plan->daily_done ? rs_schedule_next_at (plan->config.at_minute, base, plan->tz) : base;
}

static void
due_daily (RsPlan *plan,
           gint64  base,
           gint64  extra,
           gint64  placed)
{
  plan->due = (RsDue){
    .kind = RS_DUE_WALL,
    .reason = RS_REASON_DAILY,
    .at = base + extra,
    .base = base,
    .extra = extra,
    .placed = placed,
  };
}

static guint64
at_random (const RsPlan *plan)
{
  return MAX (plan->config.at_random, SHORTEST_AT_RANDOM);
}

static void
due_regular (RsPlan      *plan,
             const RsNow *now)
{
  if (plan->config.at_minute >= 0)
    {
      due_daily (plan, daily_base (plan, now->wall), rs_plan_spread (plan, at_random (plan)), now->wall);
      return;
    }
  guint index = plan->successes > 0 ? plan->successes - 1 : 0;
  guint64 period = rs_delay_list_pick (plan->config.periodic, index, &plan->random);
  if (period == 0)
    {
      due_never (plan);
      return;
    }
  gint64 spread = rs_plan_spread (plan, (guint64) plan->config.random_delay * RANDOM_DELAY_UNIT);
  rs_plan_due_at (plan, RS_REASON_PERIODIC, plan->anchor + RS_SECONDS (period) + spread);
}

/* A list that says never ends the retries, not the schedule: a phone that gave up for good would have to be fetched. The
 * period then counts from the failure. */
static void
due_retry (RsPlan      *plan,
           guint        index,
           gint64       from,
           const RsNow *now)
{
  guint64 delay = rs_delay_list_pick (plan->config.error_retry, index, &plan->random);
  if (delay > 0)
    {
      rs_plan_due_at (plan, RS_REASON_RETRY, from + RS_SECONDS (delay));
      return;
    }
  plan->anchor = from;
  plan->succeeded = FALSE;
  due_regular (plan, now);
}

void
rs_plan_due_again (RsPlan      *plan,
                   const RsNow *now)
{
  if (!plan->config.enabled)
    due_never (plan);
  else if (plan->failures > 0)
    due_retry (plan, plan->failures - 1, plan->last_failure, now);
  else
    due_regular (plan, now);

  /* a shorter period than the one that ran may have passed already */
  if (plan->due.kind == RS_DUE_BOOT && plan->due.at <= now->boot)
    plan->due.at = now->boot + rs_plan_spread (plan, SOON_SPREAD);
}

void
rs_plan_due_previous (RsPlan      *plan,
                      const RsNow *now)
{
  if (plan->due.kind != RS_DUE_NEVER || !plan->config.enabled)
    return;
  if (plan->failures > 0 || !plan->provisioned)
    due_retry (plan, plan->failures > 0 ? plan->failures - 1 : 0, now->boot, now);
  else
    {
      plan->anchor = now->boot;
      plan->succeeded = FALSE;
      due_regular (plan, now);
    }
}

/* Seconds beyond which a stored instant cannot have been meant: the clock was set since it was stored. */
static guint64
furthest (const RsPlan *plan)
{
  guint64 site = (guint64) plan->config.random_delay * RANDOM_DELAY_UNIT;
  switch (plan->stored_reason)
    {
    case RS_REASON_PERIODIC:
      return rs_delay_list_longest (plan->config.periodic) + site;
    case RS_REASON_RETRY:
      return MAX (rs_delay_list_longest (plan->config.error_retry), LONGEST_RETRY_AFTER);
    default:
      return site + SOON_SPREAD + (guint64) (RESTLESS_PAUSE / G_USEC_PER_SEC << RESTLESS_DOUBLINGS);
    }
}

/* The stored instant of a daily attempt is its base and what was drawn; FALSE where they do not fit the
 * configuration any more. */
static gboolean
resume_daily (RsPlan *plan)
{
  gint64 earliest = plan->stored_due - RS_SECONDS (at_random (plan)) - 1;
  gint64 base = rs_schedule_next_at (plan->config.at_minute, earliest, plan->tz);
  if (base > plan->stored_due)
    return FALSE;
  due_daily (plan, base, plan->stored_due - base, 0);
  plan->saved = plan->due;
  return TRUE;
}

/* Goes on with the stored instant. spread: seconds over which one that has passed is made up for. */
static void
resume (RsPlan      *plan,
        const RsNow *now,
        guint64      spread)
{
  gint64 left = plan->stored_due - now->wall;
  gboolean regular = plan->stored_reason == RS_REASON_PERIODIC || plan->stored_reason == RS_REASON_DAILY;
  gboolean daily = plan->config.at_minute >= 0;

  if (plan->stored_reason == RS_REASON_NONE || (regular && daily != (plan->stored_reason == RS_REASON_DAILY)))
    rs_plan_due_again (plan, now);
  else if (plan->stored_due == 0 || left <= 0)
    rs_plan_due_at (plan, plan->stored_reason, now->boot + rs_plan_spread (plan, spread));
  else if (plan->stored_reason == RS_REASON_DAILY)
    {
      if (left > RS_SECONDS (49 * 3600 + at_random (plan)) || !resume_daily (plan))
        rs_plan_due_again (plan, now);
    }
  else if (left > RS_SECONDS (furthest (plan)))
    rs_plan_due_again (plan, now);
  else
    {
      rs_plan_due_at (plan, plan->stored_reason, now->boot + left);
      plan->due.fixed = plan->due.retry_after = plan->stored_retry_after;
      plan->saved = plan->due;
    }
}

void
rs_plan_due_start (RsPlan      *plan,
                   const RsNow *now)
{
  gboolean stored = plan->stored_due != 0 || plan->stored_reason != RS_REASON_NONE;
  plan->anchor = plan->last_failure = now->boot;
  plan->succeeded = FALSE;

  if (plan->first_of_boot)
    plan->failures = 0; /* the list begins again with the first delay (DISC-12) */

  if (plan->provisioned ? plan->first_of_boot && plan->config.on_reset : plan->first_of_boot || !stored)
    rs_plan_due_at (plan, RS_REASON_BOOT, now->boot + rs_plan_spread (plan, site_spread (plan)));
  else if (!plan->first_of_boot)
    resume (plan, now, SOON_SPREAD);
  else if (plan->stored_reason == RS_REASON_RETRY)
    {
      plan->failures = 1;
      rs_plan_due_again (plan, now);
    }
  else
    resume (plan, now, site_spread (plan)); /* a whole site may have come back from a power cut */
}

void
rs_plan_due_upgrade (RsPlan      *plan,
                     const RsNow *now)
{
  /* that of the start does for it */
  if (!plan->config.enabled || plan->due.reason == RS_REASON_BOOT)
    return;
  rs_plan_due_at (plan, RS_REASON_UPGRADE, now->boot);
  plan->due.fixed = TRUE;
}

void
rs_plan_due_lease (RsPlan      *plan,
                   const RsNow *now)
{
  if (!plan->started || plan->start_pending || !plan->config.enabled)
    return; /* the start finds the lease */
  if (plan->running.attempt != 0)
    {
      plan->lease_again = TRUE;
      return;
    }
  if (plan->due.kind == RS_DUE_BOOT
      && (plan->due.reason == RS_REASON_BOOT || plan->due.reason == RS_REASON_LEASE
          || plan->due.reason == RS_REASON_RULES))
    return; /* that one uses the new lease */

  if (plan->lease_streak > 0 && now->boot - plan->last_lease > CALM)
    plan->lease_streak = 0;
  /* another network has not failed yet (DISC-12); one that comes and goes is no other */
  if (!plan->provisioned && plan->lease_streak == 0)
    plan->failures = 0;
  gint64 pause = plan->lease_streak > 0 ? RESTLESS_PAUSE << MIN (plan->lease_streak - 1, RESTLESS_DOUBLINGS) : 0;
  plan->lease_streak++;
  plan->last_lease = now->boot;

  RsDue due = { .kind = RS_DUE_BOOT, .reason = RS_REASON_LEASE };
  due.at = now->boot + pause + rs_plan_spread (plan, site_spread (plan));
  rs_plan_due_merge (plan, &due, now);
}

/* The daily attempt keeps its random part. Where the clock or the zone leapt over it, it is made up for within the
 * random window, unless a success has just covered it: no day is lost, and the phones of a site that get their time
 * from one server do not come all at once. */
static void
adjust_daily (RsPlan      *plan,
              const RsNow *now)
{
  RsDue due = plan->due;
  gint64 base = daily_base (plan, now->wall - due.extra);
  /* one that had passed when this was placed is not called back */
  if (base <= due.placed && due.placed <= now->wall)
    base = daily_base (plan, base);
  gboolean leapt = base + due.extra - due.at >= RS_SECONDS (12 * 3600);
  gboolean covered = plan->succeeded && now->boot - plan->anchor < COVERED;

  due_daily (plan, base, due.extra, due.placed);
  if (!leapt || covered)
    return;
  plan->due = due;
  plan->due.kind = RS_DUE_BOOT;
  plan->due.fixed = TRUE;
  plan->due.at = now->boot + due.extra;
}

/* Once it is due it stays due, wherever the clock is set while something holds it. */
void
rs_plan_due_freeze (RsPlan      *plan,
                    const RsNow *now)
{
  if (plan->due.kind != RS_DUE_WALL || !rs_plan_due_reached (plan, now))
    return;
  gboolean saved = plan->saved.kind == RS_DUE_WALL && plan->saved.at == plan->due.at;
  plan->due.at = rs_plan_due_instant (&plan->due, now);
  plan->due.kind = RS_DUE_BOOT;
  plan->due.fixed = TRUE;
  if (saved)
    plan->saved = plan->due; /* the same instant */
}

void
rs_plan_due_clock (RsPlan      *plan,
                   const RsNow *now)
{
  if (plan->due.kind == RS_DUE_WALL)
    adjust_daily (plan, now);
}

/* Whether the parameters that placed what is due have other values now. */
static gboolean
is_moved (const RsPlan           *plan,
          const RsScheduleConfig *before)
{
  const RsScheduleConfig *after = &plan->config;
  gboolean period
      = !rs_delay_list_equal (before->periodic, after->periodic) || before->random_delay != after->random_delay;
  gboolean daily = before->at_minute != after->at_minute;
  gboolean retry = !rs_delay_list_equal (before->error_retry, after->error_retry);

  switch (plan->due.reason)
    {
    case RS_REASON_PERIODIC:
      /* after a failure the period stands in for a retry list that says never */
      return period || daily || (plan->failures > 0 && retry);
    case RS_REASON_DAILY:
      return daily || before->at_random != after->at_random || (plan->failures > 0 && retry);
    case RS_REASON_RETRY:
      return retry;
    case RS_REASON_NONE: /* never */
      return plan->failures > 0 ? retry : period || daily;
    default:
      return FALSE;
    }
}

void
rs_plan_due_config (RsPlan                 *plan,
                    const RsScheduleConfig *before,
                    gboolean                zone_changed,
                    const RsNow            *now)
{
  gboolean automatic_runs = plan->running.attempt != 0 && !rs_reason_is_explicit (plan->running.reason);

  if (!plan->config.enabled)
    due_never (plan);
  else if (plan->started && plan->start_pending)
    {
      plan->start_pending = FALSE;
      rs_plan_due_start (plan, now);
    }
  else if (!plan->started || automatic_runs || plan->due.fixed || rs_plan_due_reached (plan, now))
    return;
  else if (!before->enabled && !plan->provisioned && plan->failures == 0)
    rs_plan_due_at (plan, RS_REASON_BOOT, now->boot + rs_plan_spread (plan, FRESH_SPREAD));
  else if (!before->enabled || is_moved (plan, before))
    rs_plan_due_again (plan, now);
  else if (zone_changed)
    rs_plan_due_clock (plan, now);
}
