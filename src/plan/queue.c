/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests, and the gates that stand before an attempt. (SCHED-1, -5, -6, -8) */
#include "plan/resync-private.h"

typedef enum
{
  COMES_AUTOMATIC,
  COMES_EXPLICIT,
  COMES_FORCED, /* a request with force */
} Comes;

static gboolean
no_network (const RsPlan *plan,
            gint64        since,
            const RsNow  *now)
{
  return !plan->connected;
}

static gboolean
no_trigger (const RsPlan *plan,
            gint64        since,
            const RsNow  *now)
{
  return !plan->triggers_allow;
}

static gint64
patience_ends (const RsPlan *plan,
               gint64        since)
{
  return since + RS_SECONDS (plan->config.forced_delay);
}

static gboolean
in_call (const RsPlan *plan,
         gint64        since,
         const RsNow  *now)
{
  return plan->busy && now->boot < patience_ends (plan, since);
}

/* Which gates are asked for what comes to them. The first closed one is what Status names. */
static const struct
{
  RsHeld held;
  gboolean (*is_closed) (const RsPlan *plan, gint64 since, const RsNow *now);
  gboolean stops[3];
} gates[] = {
  /*                                     AUTOMATIC EXPLICIT FORCED */
  { RS_HELD_NETWORK, no_network, { TRUE,     TRUE,    FALSE } },
  { RS_HELD_TRIGGER, no_trigger, { TRUE,     FALSE,   FALSE } },
  { RS_HELD_CALL,    in_call,    { TRUE,     TRUE,    FALSE } },
};

static RsHeld
ask_gates (const RsPlan *plan,
           Comes         comes,
           gint64        since,
           const RsNow  *now)
{
  for (guint i = 0; i < G_N_ELEMENTS (gates); i++)
    if (gates[i].stops[comes] && gates[i].is_closed (plan, since, now))
      return gates[i].held;
  return RS_HELD_NO;
}

static RsHeld
request_held (const RsPlan        *plan,
              const RsPlanRequest *request,
              const RsNow         *now)
{
  return ask_gates (plan, request->force ? COMES_FORCED : COMES_EXPLICIT, request->since, now);
}

static RsHeld
automatic_held (const RsPlan *plan,
                const RsNow  *now)
{
  if (rs_plan_due_reached (plan, now))
    return ask_gates (plan, COMES_AUTOMATIC, rs_plan_due_instant (&plan->due, now), now);
  if (plan->due.kind == RS_DUE_CLOCK)
    return RS_HELD_CLOCK;
  return plan->due.retry_after ? RS_HELD_RETRY_AFTER : RS_HELD_NO;
}

RsHeld
rs_plan_held (const RsPlan *plan,
              const RsNow  *now)
{
  if (plan->running.attempt != 0)
    return RS_HELD_NO;
  if (plan->n_waiting > 0)
    return plan->started ? request_held (plan, &plan->waiting[0], now) : RS_HELD_NO;
  return automatic_held (plan, now);
}

void
rs_plan_request_clear (RsPlanRequest *request)
{
  if (request->data != NULL && request->data_free != NULL)
    request->data_free (request->data);
  *request = (RsPlanRequest){ 0 };
}

/* Whether one attempt does for both: the same rules, and the same kind of work. */
static gboolean
is_alike (RsReason             reason,
          gboolean             has_rule,
          const RsPlanRequest *request)
{
  return !has_rule && !request->has_rule && (reason == RS_REASON_REPORT) == (request->reason == RS_REASON_REPORT);
}

/* The attempt that the request can be part of; 0: none. */
static guint64
find_partner (RsPlan              *plan,
              const RsPlanRequest *request)
{
  const RsPlanRunning *running = &plan->running;
  if (running->attempt != 0)
    {
      gboolean closed = running->aborting || running->stale || !is_alike (running->reason, running->has_rule, request);
      return closed ? 0 : running->attempt;
    }
  RsPlanRequest *first = &plan->waiting[0];
  if (plan->n_waiting == 0 || !is_alike (first->reason, first->has_rule, request))
    return 0;
  first->force |= request->force;
  return first->attempt;
}

static gboolean
is_enabled (const RsPlan *plan,
            GError      **error)
{
  if (!plan->configured || plan->config.enabled)
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_DISABLED, "Provision_Enable is No: the phone does not resync");
  return FALSE;
}

static gboolean
has_slot (const RsPlan *plan,
          GError      **error)
{
  if (plan->n_waiting + (plan->running.attempt != 0) < RS_PLAN_SLOTS)
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_BUSY,
                       "one resync runs or waits and another is queued: ask again when one of them has ended");
  return FALSE;
}

gboolean
rs_plan_would_take (const RsPlan *plan,
                    GError      **error)
{
  return is_enabled (plan, error) && has_slot (plan, error);
}

gboolean
rs_plan_request (RsPlan   *plan,
                 RsEvent  *event,
                 guint64  *attempt,
                 GError  **error)
{
  RsPlanRequest request = {
    .reason = event->request.reason,
    .force = event->request.force,
    .has_rule = event->request.has_rule,
    .since = event->now.boot,
    .data = event->request.data,
    .data_free = event->request.data_free,
  };
  event->request.data = NULL;

  if (!is_enabled (plan, error))
    {
      rs_plan_request_clear (&request);
      return FALSE;
    }
  guint64 partner = find_partner (plan, &request);
  if (partner != 0)
    {
      rs_plan_request_clear (&request);
      *attempt = partner;
      return TRUE;
    }
  if (!has_slot (plan, error))
    {
      rs_plan_request_clear (&request);
      return FALSE;
    }
  request.attempt = *attempt = ++plan->last_attempt;
  plan->waiting[plan->n_waiting++] = request;
  return TRUE;
}

static RsPlanRequest
take_waiting (RsPlan *plan,
              guint   index)
{
  RsPlanRequest request = plan->waiting[index];
  plan->n_waiting--;
  for (guint i = index; i < plan->n_waiting; i++)
    plan->waiting[i] = plan->waiting[i + 1];
  plan->waiting[plan->n_waiting] = (RsPlanRequest){ 0 };
  return request;
}

/* What the engine held for the request goes back to it with the action. */
static void
add_request_action (GArray              *actions,
                    RsActionKind         kind,
                    const RsPlanRequest *request)
{
  RsAction action = {
    .kind = kind,
    .attempt = request->attempt,
    .reason = request->reason,
    .data = request->data,
    .data_free = request->data_free,
  };
  g_array_append_val (actions, action);
}

void
rs_plan_drop_all (RsPlan *plan,
                  GArray *actions)
{
  while (plan->n_waiting > 0)
    {
      RsPlanRequest request = take_waiting (plan, 0);
      add_request_action (actions, RS_ACTION_DROP, &request);
    }
}

void
rs_plan_abort (RsPlan *plan,
               GArray *actions)
{
  if (plan->running.attempt == 0 || plan->running.aborting)
    return;
  plan->running.aborting = TRUE;
  RsAction action = { .kind = RS_ACTION_ABORT, .attempt = plan->running.attempt, .reason = plan->running.reason };
  g_array_append_val (actions, action);
}

void
rs_plan_cancel (RsPlan      *plan,
                const RsNow *now,
                GArray      *actions)
{
  gboolean explicit_one = plan->running.attempt != 0 || plan->n_waiting > 0;
  rs_plan_abort (plan, actions);
  rs_plan_drop_all (plan, actions);
  if (explicit_one || !plan->started)
    return;
  if (plan->due.kind == RS_DUE_CLOCK || rs_plan_due_reached (plan, now))
    {
      plan->due = (RsDue){ .kind = RS_DUE_NEVER };
      rs_plan_due_previous (plan, now);
    }
}

static void
begin (RsPlan              *plan,
       const RsPlanRequest *request,
       GArray              *actions)
{
  plan->running
      = (RsPlanRunning){ .attempt = request->attempt, .reason = request->reason, .has_rule = request->has_rule };
  add_request_action (actions, RS_ACTION_BEGIN, request);
}

static void
begin_waiting (RsPlan *plan,
               guint   index,
               GArray *actions)
{
  RsPlanRequest request = take_waiting (plan, index);
  begin (plan, &request, actions);
}

static void
begin_automatic (RsPlan *plan,
                 GArray *actions)
{
  RsPlanRequest request = { .reason = plan->due.reason };

  /* a person's request that waits for the same moment is the same attempt */
  for (guint i = 0; i < plan->n_waiting; i++)
    if (is_alike (plan->due.reason, FALSE, &plan->waiting[i]))
      {
        begin_waiting (plan, i, actions);
        return;
      }
  if (plan->due.reason == RS_REASON_DAILY)
    plan->daily_done = plan->due.base;
  plan->due = (RsDue){ .kind = RS_DUE_NEVER };
  request.attempt = ++plan->last_attempt;
  begin (plan, &request, actions);
}

void
rs_plan_go (RsPlan      *plan,
            const RsNow *now,
            GArray      *actions)
{
  rs_plan_due_freeze (plan, now);
  if (plan->running.attempt != 0 || !plan->started || !plan->configured || !plan->config.enabled)
    return;
  for (guint i = 0; i < plan->n_waiting; i++)
    if (request_held (plan, &plan->waiting[i], now) == RS_HELD_NO)
      {
        begin_waiting (plan, i, actions);
        return;
      }
  if (rs_plan_due_reached (plan, now) && automatic_held (plan, now) == RS_HELD_NO)
    begin_automatic (plan, actions);
}

static void
nearest (gint64 *wake,
         gint64  instant)
{
  if (*wake == 0 || instant < *wake)
    *wake = instant;
}

gint64
rs_plan_wake (const RsPlan *plan,
              const RsNow  *now)
{
  gint64 wake = 0;
  if (plan->running.attempt != 0 || !plan->started)
    return 0;
  for (guint i = 0; i < plan->n_waiting; i++)
    if (request_held (plan, &plan->waiting[i], now) == RS_HELD_CALL)
      nearest (&wake, patience_ends (plan, plan->waiting[i].since));

  if (plan->due.kind == RS_DUE_NEVER || (plan->due.kind == RS_DUE_CLOCK && plan->due.at == 0))
    return wake;
  gint64 instant = rs_plan_due_instant (&plan->due, now);
  if (instant > now->boot)
    nearest (&wake, instant);
  else if (automatic_held (plan, now) == RS_HELD_CALL)
    nearest (&wake, patience_ends (plan, instant));
  return wake;
}
