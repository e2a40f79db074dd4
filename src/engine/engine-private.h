/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's inside, shared by its files: engine.c (what it is made of), run.c (plan and attempts), lease.c (the network), activation.c (codes), change.c (what callers set), reset.c. */
#pragma once

#include "engine/engine.h"
#include "engine/inhibit.h"
#include "engine/syslog.h"
#include "plan/report.h"
#include "plan/resync.h"
#include "system/dirs.h"
#include "system/lock.h"
#include "system/zone.h"

G_BEGIN_DECLS

struct _RsEngine
{
  GObject parent_instance;

  RsConfig *config;
  RsIdentity *identity;
  RsDirs *dirs;
  RsLock *lock; /* of the state folder */
  RsParts parts; /* owns catalogue, clock, params, state, network, facts, proxies */
  char *worker_path;

  RsPlan *plan;
  RsTimer *timer;
  RsSyslog *syslog;
  RsReportPlan reports;
  RsTimer *report_timer;
  RsStatusFunc status;
  gpointer status_data;
  guint trigger_poll; /* source: looks again while a trigger holds an attempt back */
  RsZoneWatch *zone_watch;
  guint zone_changes;
  RsInhibitors *inhibitors;
  GPtrArray *warnings; /* char *: from start-up */
  GPtrArray *lease_warnings;
  GPtrArray *shown_warnings; /* both, for the view */
  GPtrArray *onboarding; /* RsOnboardingTry: the story of the last search */
  GPtrArray *telling;    /* … of the attempt that runs, which adds to it; NULL: none does */
  GPtrArray *shown_story; /* of both, for the view */
  char *lease_servers; /* what the present lease names (DISC-6) */
  gboolean had_lease;  /* in this run */
  gint64 hand_set;     /* boot instant (STATE-3) */
  gboolean busy;
  gboolean raised; /* delays of the retry list were raised, and that was said */
  gboolean resetting;
  GTask *reset_waiting; /* a reset that waits for the cancelled attempt to end; NULL none */
  gboolean started;
  gboolean previewing; /* a profile is being looked at */
  struct _RsUpgrade *upgrade; /* engine/upgrade.h */

  /* the running attempt */
  GCancellable *running; /* NULL: none */
  guint64 running_number;
  RsReason running_reason;
  gint64 running_since; /* boot */
  gboolean discovering;
  gboolean reporting;
  gboolean code_runs; /* it takes a code to its service */
  gboolean by_hand;   /* it has a rule or a code of its own, and is no search */
  gboolean requested; /* a server was asked, and that was said (LOG-1) */

  /* the activation screen (DISC-11) */
  gboolean screen;       /* it is up */
  gboolean code_pending; /* one waits or runs */
  char *code_error;      /* why the last one was refused; "" none was */
  gint64 code_after;     /* boot instant from which the next one is taken; 0 now */
  RsTimer *code_timer;   /* NULL before the start */
};

/* Gives an event to the plan, with the present as its time, and does what it answers. */
gboolean rs_engine_feed (RsEngine *engine,
                         RsEvent  *event,
                         guint64  *attempt,
                         GError  **error);
/* For events that nobody waits on: the plan refuses requests only. */
void     rs_engine_feed_event (RsEngine *engine,
                               RsEvent  *event);
void     rs_engine_feed_simple (RsEngine   *engine,
                                RsEventKind kind);
void     rs_engine_feed_config (RsEngine *engine,
                                gboolean  rules_changed);
void     rs_engine_feed_start (RsEngine *engine);
void     rs_engine_on_lease (RsEngine *engine);
void     rs_engine_status_changed (RsEngine *engine);
void     rs_engine_require_reboot (RsEngine   *engine,
                                   const char *reason);

/* The zone of the phone, else UTC. (transfer full) */
GTimeZone *rs_engine_local_zone (const RsEngine *engine);

/* SCHED-6: no trigger is set, or one of the set ones holds. */
gboolean rs_engine_triggers_allow (RsEngine *engine);
/* After each event: looks again while a trigger holds an attempt back. */
void     rs_engine_watch_triggers (RsEngine *engine);

/* Reads the scheduling parameters of a snapshot. (transfer full) of the content. TRUE: retry delays were raised (SCHED-4). */
gboolean rs_schedule_config_read (RsScheduleConfig *config,
                                  RsSnapshot       *snapshot);

/* Reports by themselves (REPORT-2): at start, after parameters changed, after somebody set one, when one is over. */
void     rs_engine_reports_start (RsEngine *engine,
                                  gboolean  first_of_boot);
void     rs_engine_reports_config (RsEngine *engine);
void     rs_engine_reports_changed (RsEngine *engine);
void     rs_engine_reports_begun (RsEngine *engine);
void     rs_engine_reports_finished (RsEngine *engine,
                                     gboolean  arrived);

/* The activation screen: as the phone starts, after the rule or the state changed, and after an attempt, of which state is what
 * will be stored. */
void     rs_engine_activation_start (RsEngine *engine);
void     rs_engine_activation_look (RsEngine *engine);
/* Whether the power went after the profile that a code led to was written, and before the state was. */
gboolean rs_engine_code_was_applied (RsEngine *engine);
void     rs_engine_activation_finished (RsEngine              *engine,
                                        const RsAttemptResult *result,
                                        RsState               *state);
/* A code that waited was cancelled. */
void     rs_engine_code_dropped (RsEngine *engine);

/* A search tells the story anew; a code is a line more of it. state: what will be stored. */
void     rs_engine_tell_story (RsEngine        *engine,
                               RsAttemptResult *result,
                               RsState         *state);
/* With what the attempt that runs has tried so far. (transfer none), until the next call. */
GPtrArray *rs_engine_get_story (RsEngine *engine);
/* As the daemon starts: what was told before. */
void     rs_engine_recall_story (RsEngine *engine);

/* Finishes an interrupted factory reset where there is one, then starts. */
void     rs_engine_resume_reset (RsEngine *engine);
/* The attempt that a reset cancelled has ended. */
void     rs_engine_reset_go_on (RsEngine *engine);
void     rs_engine_begin_running (RsEngine *engine);

G_END_DECLS
