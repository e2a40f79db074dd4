/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the resync machine share: resync.c takes events and says what changed, queue.c holds requests
 * and the gates before an attempt, due.c knows when the next automatic attempt is due, outcome.c what follows an
 * attempt. */
#pragma once

#include "plan/resync.h"

G_BEGIN_DECLS

#define RS_SECONDS(n) ((gint64) (n) * G_USEC_PER_SEC)

/* One that runs or waits and one more (SCHED-8). */
#define RS_PLAN_SLOTS 2

typedef struct
{
  guint64        attempt;
  RsReason       reason;
  gboolean       force;
  gboolean       has_rule;
  gint64         since; /* boot instant of the request: from here on Forced_Resync_Delay counts */
  gpointer       data;
  GDestroyNotify data_free;
} RsPlanRequest;

typedef enum
{
  RS_DUE_NEVER,
  RS_DUE_BOOT,  /* at an instant of the boot clock: no jump of the wall clock moves it */
  RS_DUE_WALL,  /* the daily time */
  RS_DUE_CLOCK, /* when the wall clock is set, and at that instant of the boot clock at the latest; 0 none (HTTP-11) */
} RsDueKind;

typedef struct
{
  RsDueKind kind;
  RsReason  reason;
  gint64    at;
  gboolean  fixed;       /* no change of the configuration moves it */
  gboolean  retry_after; /* the server named it (HTTP-7) */
  gint64    base;        /* daily: the instant of Resync_At__HHmm_ itself, wall */
  gint64    extra;       /* daily: the random part that was drawn for it */
  gint64    placed;      /* daily: when this was decided, wall; 0 not known */
} RsDue;

typedef struct
{
  guint64  attempt; /* 0: none runs */
  RsReason reason;
  gboolean has_rule;
  gboolean aborting;
  gboolean stale;     /* a rule changed since it began: nothing joins it any more */
  gboolean orphan;    /* begun before a factory reset: its outcome counts for nothing */
  gboolean clock_set; /* the clock was set since it began */
} RsPlanRunning;

/* What was last said, so that only changes are said. */
typedef struct
{
  RsPlanStatus status;
  RsDue        due;
  gint64       timer;
  gint64       wall_offset; /* wall - boot */
} RsPlanSaid;

struct _RsPlan
{
  RsRandom         random;
  RsScheduleConfig config;
  GTimeZone       *tz;

  gboolean         configured;
  gboolean         started;
  gboolean         start_pending; /* started, and nothing was scheduled yet: not configured, or disabled */
  gboolean         first_of_boot;
  gint64           stored_due;
  RsReason         stored_reason;
  gboolean         stored_retry_after;

  gboolean         provisioned;
  gboolean         connected;
  gboolean         busy;
  gboolean         triggers_allow;
  gint64           booted; /* boot instant of the phone's start */

  RsPlanRunning    running;
  RsPlanRequest    waiting[RS_PLAN_SLOTS];
  guint            n_waiting;
  guint64          last_attempt;

  RsDue            due;
  gboolean         lease_again;  /* a lease that counts came during the attempt */
  gboolean         upgrade_again; /* an upgrade ended during the attempt */
  guint            lease_streak; /* LEASE attempts without ten calm minutes between them */
  gint64           last_lease;
  guint            failures;
  guint            successes;
  guint            overloads;
  guint            clock_waits; /* attempts in a row that ended for want of a clock */
  guint            rule_chain;
  gint64           last_failure;
  gint64           anchor;     /* boot instant of the last success, or of the start: the period counts from here */
  gboolean         succeeded;  /* anchor is a success */
  gint64           daily_done; /* base of the last daily attempt, wall */

  RsPlanSaid       said;
  RsDue            saved;
  guint            saved_failures;
};

/* due.c: the next automatic attempt. */

/* A random duration of up to seconds, µs. */
gint64   rs_plan_spread (const RsPlan *plan,
                         guint64       seconds);
/* After START, as soon as there is a configuration that is enabled. */
void     rs_plan_due_start (RsPlan      *plan,
                            const RsNow *now);
/* From what is known of the past: the retry list after a failure, else the daily time or the period from the last
 * success. */
void     rs_plan_due_again (RsPlan      *plan,
                            const RsNow *now);
/* At a boot instant. */
void     rs_plan_due_at (RsPlan  *plan,
                         RsReason reason,
                         gint64   at);
/* A lease that counts (DISC-6). */
void     rs_plan_due_lease (RsPlan      *plan,
                            const RsNow *now);
/* An attempt to upgrade is over (SCHED-7). */
void     rs_plan_due_upgrade (RsPlan      *plan,
                              const RsNow *now);
/* The configuration was replaced; before: what it was. */
void     rs_plan_due_config (RsPlan                 *plan,
                             const RsScheduleConfig *before,
                             gboolean                zone_changed,
                             const RsNow            *now);
/* The wall clock or the time zone was set. */
void     rs_plan_due_clock (RsPlan      *plan,
                            const RsNow *now);
/* A daily time that is reached belongs to the boot clock from now on. */
void     rs_plan_due_freeze (RsPlan      *plan,
                             const RsNow *now);
/* Takes other where it comes before what is due. */
void     rs_plan_due_merge (RsPlan      *plan,
                            const RsDue *other,
                            const RsNow *now);
/* Boot instant of a due of kind BOOT or WALL. */
gint64   rs_plan_due_instant (const RsDue *due,
                              const RsNow *now);
gboolean rs_plan_due_reached (const RsPlan *plan,
                              const RsNow  *now);

/* queue.c: requests and gates. */

gboolean rs_plan_request (RsPlan      *plan,
                          RsEvent     *event,
                          guint64     *attempt,
                          GError     **error);
void     rs_plan_cancel (RsPlan      *plan,
                         const RsNow *now,
                         GArray      *actions);
/* Every waiting request ends as cancelled. */
void     rs_plan_drop_all (RsPlan *plan,
                           GArray *actions);
void     rs_plan_abort (RsPlan *plan,
                        GArray *actions);
/* Begins what may begin, at most one attempt. */
void     rs_plan_go (RsPlan      *plan,
                     const RsNow *now,
                     GArray      *actions);
/* What holds back the first waiting request, or else the automatic attempt. */
RsHeld   rs_plan_held (const RsPlan *plan,
                       const RsNow  *now);
/* The boot instant at which something may happen without a further event; 0: none. */
gint64   rs_plan_wake (const RsPlan *plan,
                       const RsNow  *now);
void     rs_plan_request_clear (RsPlanRequest *request);

/* outcome.c: after an attempt. */

void     rs_plan_finished (RsPlan        *plan,
                           const RsEvent *event);

/* What a person cancelled is no failure: what was due remains due; where nothing is, the next follows from the past. */
void     rs_plan_due_previous (RsPlan      *plan,
                               const RsNow *now);

G_END_DECLS
