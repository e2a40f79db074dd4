/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The resync machine: (state, event) → (state, actions). It decides when an attempt begins, which requests join,
 * wait or are refused, and when the next is due; it does nothing itself. (SCHED-1 … SCHED-10, HTTP-5, HTTP-6,
 * HTTP-7, DISC-6) */
#pragma once

#include "base/error.h"
#include "plan/schedule.h"

G_BEGIN_DECLS

/* Why an attempt runs. The order of the four automatic ones after START is their precedence. */
typedef enum
{
  RS_REASON_NONE,
  RS_REASON_BOOT,       /* Resync_On_Reset, or a phone never provisioned ($PRVST 0) */
  RS_REASON_PERIODIC,   /* $PRVST 1 */
  RS_REASON_DAILY,      /* $PRVST 1 */
  RS_REASON_RETRY,      /* $PRVST 2 */
  RS_REASON_LEASE,      /* DISC-6: discovery, or the server changed */
  RS_REASON_RULES,      /* SCHED-10: the last one changed a Profile_Rule* */
  RS_REASON_UPGRADE,    /* SCHED-7: after an attempt to upgrade ($PRVST 1) */
  RS_REASON_USER,       /* explicit: $PRVST -1 */
  RS_REASON_WEB,
  RS_REASON_SIP_NOTIFY,
  RS_REASON_REPORT,
} RsReason;

/* "boot", "periodic", "daily", "retry", "lease", "rules", "upgrade", "user", "web", "sip-notify", "report" */
const char *rs_reason_name (RsReason reason);
/* FALSE where the name is none of these ("" is RS_REASON_NONE and none of them). */
gboolean    rs_reason_from_name (const char *name,
                                 RsReason   *reason);
gboolean    rs_reason_is_explicit (RsReason reason);

/* What the public State property says of the machine. */
typedef enum
{
  RS_PHASE_IDLE,
  RS_PHASE_WAITING_NETWORK, /* something is due and there is no lease */
  RS_PHASE_WAITING_IDLE,    /* something is due and the phone is busy */
  RS_PHASE_RUNNING,
} RsPhase;

typedef enum
{
  RS_HELD_NO,
  RS_HELD_NETWORK,
  RS_HELD_CALL,
  RS_HELD_TRIGGER,
  RS_HELD_RETRY_AFTER,
  RS_HELD_CLOCK, /* HTTP-11 */
} RsHeld;

typedef struct
{
  gint64 boot; /* CLOCK_BOOTTIME, µs */
  gint64 wall; /* µs since the epoch */
} RsNow;

typedef enum
{
  RS_EVENT_START,      /* once (again only after RS_EVENT_RESET): start. Nothing begins before it and CONFIG */
  RS_EVENT_CONFIG,     /* parameters changed: config (taken over and cleared), rules_changed */
  RS_EVENT_NETWORK,    /* connected, lease_counts */
  RS_EVENT_TIMER,      /* the timer of RS_ACTION_TIMER came */
  RS_EVENT_CLOCK,      /* the wall clock or the time zone was set */
  RS_EVENT_REQUEST,    /* explicit: request */
  RS_EVENT_CANCEL,
  RS_EVENT_BUSY,       /* the first inhibitor opened */
  RS_EVENT_IDLE,       /* the last one closed */
  RS_EVENT_UPGRADE,    /* an attempt to upgrade is over, and a resync is to follow (SCHED-7) */
  RS_EVENT_TRIGGERS,   /* the truth of Resync_Trigger_* changed: triggers_allow */
  RS_EVENT_FINISHED,   /* the running attempt ended: finished */
  RS_EVENT_RESET,      /* factory reset: everything is dropped, as before START */
} RsEventKind;

typedef struct
{
  RsEventKind kind;
  RsNow       now;
  union
  {
    struct
    {
      gboolean first_of_boot; /* this boot's start-up resync was not done yet (SCHED-2) */
      gboolean provisioned;
      gint64   next_due;      /* stored, wall; 0 none */
      RsReason next_reason;
      gboolean retry_after;   /* … which a server named (HTTP-7) */
      guint    failures;      /* stored retry index */
      gint64   boot_age;      /* µs since the phone booted (HTTP-5's first 10 minutes) */
    } start;
    struct
    {
      RsScheduleConfig *config; /* (transfer full) of the content */
      /* a Profile_Rule* changed outside an attempt, by hand: a periodic wait goes on, requests do not join */
      gboolean          rules_changed;
      GTimeZone        *tz;     /* (transfer none), reffed */
    } config;
    struct
    {
      gboolean connected;
      gboolean counts; /* DISC-6: starts discovery, or a resync as the server that it names changed */
    } network;
    struct
    {
      RsReason reason;
      gboolean force;
      gboolean has_rule; /* a rule of its own: never joins another attempt */
      gpointer data;     /* the engine's; comes back with RS_ACTION_BEGIN or RS_ACTION_DROP */
      GDestroyNotify data_free;
    } request;
    gboolean triggers_allow;
    struct
    {
      RsClass  class;
      gboolean cancelled;
      gboolean aside;          /* the try of a code, which says nothing about the ways that are due (DISC-11) */
      gboolean skipped;        /* nothing was to be done: all rules empty or none taken */
      gboolean rules_changed;  /* SCHED-10 */
      gboolean overload;       /* HTTP-5 */
      guint32  retry_after;    /* seconds; 0 none (HTTP-7) */
      gboolean wait_for_clock; /* HTTP-11: no failure; goes again at RS_EVENT_CLOCK with the clock set */
      gboolean provisioned;    /* the phone is provisioned now */
    } finished;
  };
} RsEvent;

typedef enum
{
  RS_ACTION_BEGIN,  /* run an attempt: attempt, reason, data */
  RS_ACTION_ABORT,  /* cancel the running one; RS_EVENT_FINISHED with cancelled follows from the engine */
  RS_ACTION_DROP,   /* a waiting or queued request ends as "cancelled": attempt, reason, data */
  RS_ACTION_TIMER,  /* arm the one timer at boot instant at (0: disarm) */
  RS_ACTION_STATUS, /* phase, next due or held changed: read them */
  /* next_due, next_reason, failures changed: store them. Not said while an attempt runs: the stored instant then has
   * passed, so that a daemon that dies in the middle tries again. */
  RS_ACTION_SAVE,
} RsActionKind;

typedef struct
{
  RsActionKind   kind;
  guint64        attempt;
  RsReason       reason;
  gpointer       data; /* (transfer full) to the reader of the action */
  GDestroyNotify data_free;
  gint64         at;
} RsAction;

typedef struct _RsPlan RsPlan;

RsPlan *rs_plan_new (const RsRandom *random);
void    rs_plan_free (RsPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsPlan, rs_plan_free)

/* Takes one event and appends what is to be done to actions (GArray of RsAction). For RS_EVENT_REQUEST, *attempt is
 * the number of the attempt that was begun, queued or joined, or FALSE with RS_ERROR_BUSY (a third one) or
 * RS_ERROR_DISABLED (SCHED-1); request.data is freed where it is not carried on. For the others the result is TRUE,
 * and the number 0. A report never joins a resync, nor the other way round. At most one BEGIN a step. */
gboolean rs_plan_step (RsPlan  *plan,
                       RsEvent *event,
                       GArray  *actions,
                       guint64 *attempt,
                       GError **error);

/* Whether a request for the configured rules would be taken now: FALSE with RS_ERROR_BUSY or RS_ERROR_DISABLED. For what must not be half done. */
gboolean rs_plan_would_take (const RsPlan *plan,
                             GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* What the status page shows, and what RS_ACTION_SAVE stores (next, next_reason, retry_after, failures; a next_reason
 * without next: waits for the clock). next is wall time, µs, 0: none. It may have passed where something holds the attempt. */
typedef struct
{
  RsPhase  phase;
  gint64   next;
  RsReason next_reason;
  gboolean retry_after; /* a server named that instant (HTTP-7) */
  RsHeld   held;
  guint    failures;
  guint64  attempt; /* the running or waiting one; 0 none */
} RsPlanStatus;

void     rs_plan_get_status (const RsPlan *plan,
                             const RsNow  *now,
                             RsPlanStatus *status);

G_END_DECLS
