/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine: wires network, plan, attempts and stores. plan/ decides, this executes and feeds back what happened. All on one main loop. */
#pragma once

#include "engine/attempt.h"
#include "engine/preview.h"
#include "rule/rule.h"

G_BEGIN_DECLS

typedef struct
{
  const char *config_file;   /* --config, or NULL */
  const char *state_dir;     /* --state-dir, or NULL */
  const char *catalogue_dir; /* --catalogue, or NULL */
  const char *worker_path;   /* of resyncd-worker */
  /* Called when configuration and catalogue are good, before the state folder is taken: has another daemon leave it. NULL: it
   * is an error that there is one. */
  void      (*take_over) (gpointer data);
  gpointer    take_over_data;
  guint       patience;      /* seconds to wait until it has left the folder, told to or not */
  GDBusConnection *bus;      /* where RAUC and logind are */
} RsEngineOptions;

#define RS_TYPE_ENGINE (rs_engine_get_type ())
G_DECLARE_FINAL_TYPE (RsEngine, rs_engine, RS, ENGINE, GObject)

/* Signals:
 *   "status" ()                                       something that the status page shows changed
 *   "progress" (stage, url, bytes, total)             of the running attempt
 *   "started" (attempt: guint64, reason: const char *)
 *   "finished" (attempt: guint64, reason: const char *, result: const RsAttemptResult *, duration: gint64 µs)
 *   "changed" (names: GPtrArray of const char *)      after the write is durable (STORE-4)
 *   "reboot-required" (reason: const char *)
 *   "upgrade-progress" (percentage: int, message: const char *, depth: int)
 *   "upgrade-finished" (attempt: guint64, result, url, message: const char *, error: const char * or NULL) */

/* The status page, a{sv}, for a report of it (REPORT-1). */
typedef GVariant *(*RsStatusFunc) (gpointer data);

/* Reads configuration, catalogue and stores. Blocks; for main () only. */
RsEngine *rs_engine_new (const RsEngineOptions *options,
                         GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/* Begins: network, schedule; first finishes a factory reset that a power cut interrupted (STATE-4). */
void      rs_engine_start (RsEngine *engine);

/* Before the start. */
void      rs_engine_set_status_func (RsEngine    *engine,
                                     RsStatusFunc func,
                                     gpointer     data);

/* Whether something is on its way to the disk. */
gboolean  rs_engine_is_writing (RsEngine *engine);

RsSnapshot       *rs_engine_get_snapshot (RsEngine *engine);
const RsConfig   *rs_engine_get_config (RsEngine *engine);
const RsIdentity *rs_engine_get_identity (RsEngine *engine);
const RsState    *rs_engine_get_state (RsEngine *engine);
RsClock          *rs_engine_get_clock (RsEngine *engine);
RsFacts          *rs_engine_get_facts (RsEngine *engine);

/* Where a resync would begin if not, or not only, with Profile_Rule (DISC-1, DISC-14), in words without secrets; NULL: with that. instead: the rule
 * is not looked at. (transfer full) */
char             *rs_engine_tell_search (RsEngine *engine,
                                         gboolean *instead);

/* What only the engine knows of the present. */
typedef struct
{
  const char *state;        /* the public State property */
  gint64      next;         /* wall, µs; 0 none */
  const char *next_reason;  /* "" none */
  char       *waiting_for;  /* in words; NULL: nothing waits */
  GPtrArray  *warnings;     /* char *, borrowed */
  GPtrArray  *onboarding;   /* RsOnboardingTry, borrowed */
  gboolean    code_required; /* the activation screen is up (DISC-11) */
  const char *code_error;   /* why the last code was refused; "" none was */
  gint64      code_after;   /* when the next one is taken: wall, µs; 0 now */
} RsEngineView;

void      rs_engine_get_view (RsEngine     *engine,
                              RsEngineView *view);
void      rs_engine_view_clear (RsEngineView *view);

/* An explicit request. Takes request. RS_ERROR_BUSY, RS_ERROR_DISABLED. */
gboolean  rs_engine_resync (RsEngine         *engine,
                            RsAttemptRequest *request,
                            RsReason          reason,
                            gboolean          force,
                            guint64          *attempt,
                            GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether rs_engine_resync () would be let in now; for a request that stores something first. */
gboolean  rs_engine_would_resync (RsEngine *engine,
                                  GError  **error) G_GNUC_WARN_UNUSED_RESULT;

/* A code that a person entered (DISC-11); it waits for its turn as rs_engine_resync () does. RS_ERROR_INVALID_CODE: the form is
 * wrong; RS_ERROR_BUSY: too many wrong ones before, or another one is being tried; RS_ERROR_DISABLED: none is wanted. */
gboolean  rs_engine_submit_code (RsEngine   *engine,
                                 const char *code,
                                 guint64    *attempt,
                                 GError    **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean  rs_engine_wants_code (RsEngine *engine);
/* When the next one is taken: wall, µs; 0 now. */
gint64    rs_engine_code_after (RsEngine *engine);

/* Ends what waits or runs; nothing to end is fine. */
void      rs_engine_cancel (RsEngine *engine);

/* An upgrade by this rule, "" for Upgrade_Rule. RS_ERROR_INVALID_RULE, RS_ERROR_BUSY, RS_ERROR_DISABLED. Its end comes after this returned. */
gboolean  rs_engine_upgrade (RsEngine   *engine,
                             const char *rule,
                             guint64    *attempt,
                             GError    **error) G_GNUC_WARN_UNUSED_RESULT;
/* Nothing to end is fine. RS_ERROR_BUSY: it is being installed. */
gboolean  rs_engine_cancel_upgrade (RsEngine *engine,
                                    GError  **error) G_GNUC_WARN_UNUSED_RESULT;
typedef struct
{
  const char *state;      /* "idle", "waiting-idle", "downloading", "verifying", "installing", "reboot-required" */
  const char *last_error; /* "" none */
} RsUpgradeView;
void      rs_engine_get_upgrade (RsEngine      *engine,
                                 RsUpgradeView *view);

/* Checks a rule as it would be stored (RULE-10). */
gboolean  rs_engine_check_rule (const char *parameter,
                                const char *text,
                                GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether who asked may make this change of a parameter (value NULL: its reset) with the values that are in force when its turn has come: a
 * profile may have closed the parameter since. func is called in the store's thread; data is freed with the change. */
typedef struct
{
  gboolean (*func) (RsSnapshot *current,
                    const char *name,
                    const char *value,
                    gpointer    data,
                    GError    **error);
  gpointer       data;
  GDestroyNotify data_free;
} RsPermission;

/* Strict, all or nothing, durable before the callback. assignments: RsAssignment (transfer full of the array). Takes permission. */
void      rs_engine_set_async (RsEngine           *engine,
                               GPtrArray          *assignments,
                               RsOrigin            origin,
                               RsPermission        permission,
                               GAsyncReadyCallback callback,
                               gpointer            data);
/* names are copied. Takes permission. */
void      rs_engine_reset_async (RsEngine           *engine,
                                 const char *const  *names,
                                 RsPermission        permission,
                                 GAsyncReadyCallback callback,
                                 gpointer            data);
/* For both. */
gboolean  rs_engine_set_finish (RsEngine     *engine,
                                GAsyncResult *result,
                                GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a profile would change, and done in no part of it; rule as for rs_preview_run_async (), of root. RS_ERROR_BUSY: one is being looked at, or
 * the phone is being reset. */
void       rs_engine_preview_async (RsEngine           *engine,
                                    const char         *rule,
                                    GAsyncReadyCallback callback,
                                    gpointer            data);
/* (transfer full) */
RsPreview *rs_engine_preview_finish (RsEngine     *engine,
                                     GAsyncResult *result,
                                     GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* As rs_inhibitors_open (). */
int       rs_engine_inhibit (RsEngine   *engine,
                             guint32     uid,
                             const char *who,
                             const char *why,
                             GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* After facts changed: triggers may hold now. */
void      rs_engine_facts_changed (RsEngine *engine);

void      rs_engine_factory_reset_async (RsEngine           *engine,
                                         GAsyncReadyCallback callback,
                                         gpointer            data);
gboolean  rs_engine_factory_reset_finish (RsEngine     *engine,
                                          GAsyncResult *result,
                                          GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
