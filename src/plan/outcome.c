/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What follows an attempt: how it counts, and when the next one is due. (SCHED-3, -4, -10, HTTP-5, -6, -7, -11) */
#include "plan/resync-private.h"

#define OVERLOAD_AGE RS_SECONDS (600)
#define OVERLOADS_AT_MOST 5
#define OVERLOAD_SPREAD 60
#define RULES_AT_MOST 5
#define LONGEST_RETRY_AFTER 86400

typedef enum
{
  CANCELLED = 1 << 0,
  SUCCESS = 1 << 1,
  CLOCK = 1 << 2,
  RULES = 1 << 3,    /* changed, and not for the sixth time in a row */
  OVERLOAD = 1 << 4, /* soon after a boot, and not for the sixth time */
  AFTER = 1 << 5,    /* the server said when */
} Outcome;

typedef enum
{
  COUNTS_NOT,
  COUNTS_SUCCESS,
  COUNTS_FAILURE,
  COUNTS_OVERLOAD,
} Counts;

typedef enum
{
  NEXT_PREVIOUS, /* what was due before */
  NEXT_AGAIN,    /* after a success the period or the daily time, after a failure the retry list */
  NEXT_AT_ONCE,
  NEXT_CLOCK,
  NEXT_SPREAD, /* within a minute */
  NEXT_AFTER,
} Next;

/* The first row whose conditions hold. */
static const struct
{
  guint  asked; /* of these outcomes … */
  guint  set;   /* … exactly these */
  Counts counts;
  Next   next;
} outcomes[] = {
  { CANCELLED, CANCELLED, COUNTS_NOT, NEXT_PREVIOUS },
  { SUCCESS | RULES, SUCCESS | RULES, COUNTS_SUCCESS, NEXT_AT_ONCE },
  { SUCCESS, SUCCESS, COUNTS_SUCCESS, NEXT_AGAIN },
  { CLOCK, CLOCK, COUNTS_NOT, NEXT_CLOCK },
  { RULES, RULES, COUNTS_FAILURE, NEXT_AT_ONCE },
  { OVERLOAD | AFTER, OVERLOAD | AFTER, COUNTS_OVERLOAD, NEXT_AFTER },
  { OVERLOAD, OVERLOAD, COUNTS_OVERLOAD, NEXT_SPREAD },
  { AFTER, AFTER, COUNTS_FAILURE, NEXT_AFTER },
  { 0, 0, COUNTS_FAILURE, NEXT_AGAIN },
};

static guint
read_outcome (const RsPlan  *plan,
              const RsEvent *event)
{
  gboolean success = event->finished.class == RS_CLASS_A || event->finished.skipped;
  gboolean young = event->now.boot - plan->booted < OVERLOAD_AGE;
  gboolean overload = event->finished.overload && young && plan->overloads < OVERLOADS_AT_MOST && plan->failures == 0;
  gboolean rules = event->finished.rules_changed && plan->rule_chain < RULES_AT_MOST;

  return (event->finished.cancelled || (event->finished.aside && !success) ? CANCELLED : 0) | (success ? SUCCESS : 0)
         | (event->finished.wait_for_clock ? CLOCK : 0) | (rules ? RULES : 0) | (overload ? OVERLOAD : 0)
         | (event->finished.retry_after > 0 ? AFTER : 0);
}

static void
count (RsPlan       *plan,
       const RsNow  *now,
       Counts        counts)
{
  switch (counts)
    {
    case COUNTS_SUCCESS:
      plan->failures = 0;
      plan->successes += plan->successes < G_MAXUINT;
      plan->anchor = now->boot;
      plan->succeeded = TRUE;
      break;
    case COUNTS_FAILURE:
      plan->successes = 0;
      plan->failures += plan->failures < G_MAXUINT;
      plan->last_failure = now->boot;
      break;
    case COUNTS_OVERLOAD:
      plan->overloads++;
      break;
    case COUNTS_NOT:
      break;
    }
}

/* The reason under which an attempt that a person started is tried again without one. */
static RsReason
automatic_reason (RsReason reason)
{
  return rs_reason_is_explicit (reason) ? RS_REASON_RETRY : reason;
}

/* Nobody may ever set it, and then another server may help: all of them are asked again after the delays of a failure. */
static void
wait_for_clock (RsPlan      *plan,
                const RsNow *now)
{
  guint64 delay = rs_delay_list_pick (plan->config.error_retry, plan->clock_waits, &plan->random);

  plan->clock_waits += plan->clock_waits < G_MAXUINT;
  plan->due.kind = RS_DUE_CLOCK;
  plan->due.at = delay > 0 ? now->boot + RS_SECONDS (delay) : 0;
}

static void
place_next (RsPlan              *plan,
            const RsPlanRunning *ended,
            const RsEvent       *event,
            Next                 next)
{
  const RsNow *now = &event->now;
  switch (next)
    {
    case NEXT_PREVIOUS:
      rs_plan_due_previous (plan, now);
      break;
    case NEXT_AGAIN:
      rs_plan_due_again (plan, now);
      break;
    case NEXT_AT_ONCE:
      rs_plan_due_at (plan, RS_REASON_RULES, now->boot);
      break;
    case NEXT_CLOCK:
      rs_plan_due_at (plan, automatic_reason (ended->reason), now->boot);
      plan->due.fixed = TRUE;
      if (!ended->clock_set)
        wait_for_clock (plan, now);
      break;
    case NEXT_SPREAD:
      rs_plan_due_at (plan, RS_REASON_RETRY, now->boot + rs_plan_spread (plan, OVERLOAD_SPREAD));
      plan->due.fixed = TRUE;
      break;
    case NEXT_AFTER:
      rs_plan_due_at (plan, RS_REASON_RETRY,
                      now->boot + RS_SECONDS (MIN (event->finished.retry_after, LONGEST_RETRY_AFTER)));
      plan->due.fixed = plan->due.retry_after = TRUE;
      break;
    }
}

/* An attempt with a rule of its own leaves undone what the configured rules were to be asked for. */
static gboolean
is_left_undone (const RsPlan        *plan,
                const RsPlanRunning *ended,
                const RsNow         *now)
{
  if (!ended->has_rule)
    return FALSE;
  gboolean once = plan->due.reason == RS_REASON_BOOT || plan->due.reason == RS_REASON_LEASE
                  || plan->due.reason == RS_REASON_RULES || plan->due.reason == RS_REASON_UPGRADE;
  return once || rs_plan_due_reached (plan, now);
}

/* How the attempt counts, and what is due next. */
static void
follow (RsPlan              *plan,
        const RsPlanRunning *ended,
        const RsEvent       *event)
{
  const RsNow *now = &event->now;
  guint outcome = read_outcome (plan, event), row = 0;
  while ((outcome & outcomes[row].asked) != outcomes[row].set)
    row++;

  RsDue before = plan->due;
  gboolean undone = is_left_undone (plan, ended, now);
  count (plan, now, outcomes[row].counts);
  if (outcomes[row].next != NEXT_CLOCK)
    plan->clock_waits = 0;
  plan->rule_chain = outcomes[row].next == NEXT_AT_ONCE ? plan->rule_chain + 1 : 0;
  place_next (plan, ended, event, outcomes[row].next);
  if (undone)
    rs_plan_due_merge (plan, &before, now);
}

void
rs_plan_finished (RsPlan        *plan,
                  const RsEvent *event)
{
  RsPlanRunning ended = plan->running;
  const RsNow *now = &event->now;
  if (ended.attempt == 0)
    return;
  plan->running = (RsPlanRunning){ 0 };
  if (ended.orphan || !plan->started)
    return;

  plan->provisioned = event->finished.provisioned;
  /* a report says nothing about profiles */
  if (ended.reason != RS_REASON_REPORT || ended.has_rule)
    follow (plan, &ended, event);
  if (plan->lease_again)
    {
      plan->lease_again = FALSE;
      rs_plan_due_lease (plan, now);
    }
  if (plan->upgrade_again)
    {
      plan->upgrade_again = FALSE;
      rs_plan_due_upgrade (plan, now);
    }
  if (!plan->config.enabled)
    plan->due = (RsDue){ .kind = RS_DUE_NEVER };
}
