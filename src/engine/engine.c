/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the engine is made of, how it starts, and what it tells of itself. */
#include "engine/engine-private.h"

#include "base/names.h"
#include "base/text.h"
#include "config.h"
#include "dhcp/question.h"
#include "engine/job.h"
#include "engine/proxy.h"
#include "engine/redirect.h"
#include "engine/servers.h"
#include "engine/upgrade.h"
#include "system/journal.h"
#include "system/random.h"
#include "worker/worker.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

G_DEFINE_FINAL_TYPE (RsEngine, rs_engine, G_TYPE_OBJECT)

static void
rs_engine_dispose (GObject *object)
{
  RsEngine *engine = RS_ENGINE (object);

  g_clear_handle_id (&engine->trigger_poll, g_source_remove);
  if (engine->running != NULL)
    g_cancellable_cancel (engine->running);
  g_clear_object (&engine->running);
  g_clear_pointer (&engine->zone_watch, rs_zone_watch_free);
  g_clear_pointer (&engine->timer, rs_timer_free);
  g_clear_pointer (&engine->report_timer, rs_timer_free);
  g_clear_pointer (&engine->syslog, rs_syslog_free);
  g_clear_pointer (&engine->code_timer, rs_timer_free);
  g_clear_pointer (&engine->upgrade, rs_upgrade_free);
  if (engine->parts.network != NULL)
    g_signal_handlers_disconnect_by_data (engine->parts.network, engine);
  if (engine->parts.params != NULL)
    g_signal_handlers_disconnect_by_data (engine->parts.params, engine);
  G_OBJECT_CLASS (rs_engine_parent_class)->dispose (object);
}

static void
rs_engine_finalize (GObject *object)
{
  RsEngine *engine = RS_ENGINE (object);

  g_clear_pointer (&engine->plan, rs_plan_free);
  g_clear_pointer (&engine->inhibitors, rs_inhibitors_free);
  g_clear_pointer (&engine->parts.facts, rs_facts_free);
  g_clear_pointer (&engine->parts.proxies, rs_proxies_free);
  g_clear_object (&engine->parts.network);
  g_clear_object (&engine->parts.params);
  g_clear_object (&engine->parts.state);
  g_clear_pointer (&engine->parts.reported, rs_reported_free);
  g_clear_pointer (&engine->parts.catalogue, rs_catalogue_unref);
  g_clear_pointer (&engine->parts.clock, rs_clock_unref);
  g_clear_pointer (&engine->identity, rs_identity_free);
  g_clear_pointer (&engine->config, rs_config_free);
  g_clear_pointer (&engine->lock, rs_lock_unref);
  g_clear_pointer (&engine->dirs, rs_dirs_free);
  g_clear_pointer (&engine->warnings, g_ptr_array_unref);
  g_clear_pointer (&engine->lease_warnings, g_ptr_array_unref);
  g_clear_pointer (&engine->shown_warnings, g_ptr_array_unref);
  g_clear_pointer (&engine->onboarding, g_ptr_array_unref);
  g_clear_pointer (&engine->telling, g_ptr_array_unref);
  g_clear_pointer (&engine->shown_story, g_ptr_array_unref);
  g_free (engine->lease_servers);
  g_free (engine->code_error);
  g_free (engine->worker_path);
  G_OBJECT_CLASS (rs_engine_parent_class)->finalize (object);
}

static void
rs_engine_class_init (RsEngineClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = rs_engine_dispose;
  object_class->finalize = rs_engine_finalize;
  g_signal_new ("status", RS_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("progress", RS_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4, G_TYPE_STRING,
                G_TYPE_STRING, G_TYPE_UINT64, G_TYPE_UINT64);
  g_signal_new ("started", RS_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT64,
                G_TYPE_STRING);
  g_signal_new ("finished", RS_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4, G_TYPE_UINT64,
                G_TYPE_STRING, G_TYPE_POINTER, G_TYPE_INT64);
  g_signal_new ("changed", RS_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  g_signal_new ("reboot-required", RS_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_STRING);
  g_signal_new ("upgrade-progress", RS_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_INT,
                G_TYPE_STRING, G_TYPE_INT);
  g_signal_new ("upgrade-finished", RS_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 5, G_TYPE_UINT64,
                G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
}

static GPtrArray *
texts_new (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

static void
rs_engine_init (RsEngine *engine)
{
  engine->warnings = texts_new ();
  engine->lease_warnings = texts_new ();
  engine->shown_warnings = g_ptr_array_new ();
  engine->onboarding = rs_onboarding_tries_new ();
  engine->shown_story = g_ptr_array_new ();
  engine->lease_servers = g_strdup ("");
  engine->code_error = g_strdup ("");
}

static void
on_timer (gpointer data)
{
  /* the truth of a trigger may depend on time alone ($REGTMR1) */
  rs_engine_facts_changed (data);
  rs_engine_feed_simple (data, RS_EVENT_TIMER);
}

static void
on_clock_set (gpointer data)
{
  rs_engine_feed_config (data, FALSE);
  rs_engine_feed_simple (data, RS_EVENT_CLOCK);
  rs_upgrade_clock_set (RS_ENGINE (data)->upgrade);
}

static void
on_time_zone (gpointer data)
{
  RS_ENGINE (data)->zone_changes++;
  on_clock_set (data);
}

static void
on_inhibitors (guint    n_open,
               gpointer data)
{
  RsEngine *engine = data;
  gboolean busy = n_open > 0;

  if (busy != engine->busy)
    {
      rs_engine_feed_simple (engine, busy ? RS_EVENT_BUSY : RS_EVENT_IDLE);
      rs_upgrade_busy (engine->upgrade, busy);
    }
  engine->busy = busy;
  rs_engine_status_changed (engine);
}

static void
on_lease_changed (RsNetwork *network,
                  gpointer   data)
{
  rs_engine_on_lease (data);
}

static void
on_parameters_replaced (RsParamStore *store,
                        gpointer      data)
{
  rs_facts_set_snapshot (RS_ENGINE (data)->parts.facts, rs_param_store_get_snapshot (store));
}

static gboolean
is_among (GPtrArray  *names,
          const char *name)
{
  return g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL);
}

static void
on_parameters_changed (RsParamStore *store,
                       GPtrArray    *names,
                       gpointer      data)
{
  RsEngine *engine = data;

  g_signal_emit_by_name (engine, "changed", names);
  if (engine->started)
    {
      rs_engine_feed_config (engine, FALSE);
      rs_engine_reports_config (engine);
      rs_servers_want (&engine->parts);
      rs_engine_activation_look (engine);
      rs_upgrade_config (engine->upgrade, is_among (names, "Upgrade_Rule"));
    }
  rs_engine_status_changed (engine);
}

static void
log_warnings (RsEngine   *engine,
              guint       first,
              const char *message_id)
{
  for (guint i = first; i < engine->warnings->len; i++)
    rs_journal_print (G_LOG_LEVEL_WARNING, message_id, "%s", (char *)g_ptr_array_index (engine->warnings, i));
}

static gboolean
open_stores (RsEngine *engine,
             GError  **error)
{
  RsParts *parts = &engine->parts;

  parts->params = rs_param_store_open (engine->dirs->state, parts->catalogue, engine->warnings, error);
  if (parts->params == NULL)
    return FALSE;
  parts->state = rs_state_store_open (engine->dirs->state, engine->dirs->runtime, engine->warnings, error);
  if (parts->state == NULL)
    return FALSE;
  parts->reported = rs_reported_open (engine->dirs->state, engine->lock, engine->warnings);
  rs_param_store_set_lock (parts->params, engine->lock);
  rs_state_store_set_lock (parts->state, engine->lock);
  return TRUE;
}

static gboolean
take_folder (RsEngine              *engine,
             const RsEngineOptions *options,
             GError               **error)
{
  if (options->take_over != NULL)
    options->take_over (options->take_over_data);
  engine->lock = rs_lock_new (engine->dirs->state);
  return rs_lock_take (engine->lock, options->patience, error);
}

static void
make_provisioned (RsState *state,
                  gboolean code)
{
  RsCustomization before = RS_CUSTOM_OPEN;
  RsProvisionedBy by;

  if (!rs_customization_from_name (state->customization, &before))
    before = RS_CUSTOM_ABORTED;
  by = code                                ? RS_PROVISIONED_BY_CODE
       : before == RS_CUSTOM_CUSTOM_PENDING ? RS_PROVISIONED_BY_REDIRECT
                                            : RS_PROVISIONED_BY_HAND;
  rs_text_set (&state->customization, rs_customization_name (rs_onboarding_applied (before, by)));
  state->provisioned = TRUE;
  if (code)
    rs_text_set (&state->profile_source, RS_CODE_SOURCE);
}

/* Parameters and state are two files: where the power went between their writes, or one is lost, the trace of a profile says whether the phone is
 * provisioned. A state that is lost is not "Open" again, but it ends no search of a phone that never had a profile. */
static void
reconcile (RsEngine *engine)
{
  g_autoptr (RsState) state = rs_state_copy (rs_state_store_get (engine->parts.state));
  RsTrace trace = rs_param_store_get_trace (engine->parts.params);
  gboolean code = rs_engine_code_was_applied (engine);

  if (state->resetting)
    return;
  if (trace == RS_TRACE_PROFILE && (!state->provisioned || code))
    make_provisioned (state, code);
  else if (trace == RS_TRACE_NONE && rs_state_store_is_guess (engine->parts.state))
    state->provisioned = FALSE;
  else if (!state->code_named)
    return;
  /* where the power ended its attempt, the code has no part in what comes */
  state->code_named = FALSE;
  rs_state_store_set_volatile (engine->parts.state, state);
}

static void
make_network (RsEngine *engine)
{
  const RsConfig *config = engine->config;

  if (config->manager_none)
    {
      guint first = engine->warnings->len;

      engine->parts.network = rs_network_new_static (config->options, config->domain, engine->warnings);
      for (guint i = first; i < engine->warnings->len; i++)
        {
          g_autofree char *plain = engine->warnings->pdata[i];
          engine->warnings->pdata[i] = g_strdup_printf ("resyncd.conf, [Network]: %s", plain);
        }
    }
  else
    engine->parts.network = rs_network_new_manager (config->interface, RS_INFORM_SOCKET);
  g_signal_connect (engine->parts.network, "lease-changed", G_CALLBACK (on_lease_changed), engine);
}

static void
warn_missing (RsEngine   *engine,
              const char *key,
              const char *file)
{
  if (file[0] == '/' && access (file, R_OK) != 0)
    g_ptr_array_add (engine->warnings, g_strdup_printf ("[Tls] %s: %s cannot be read: %s", key, file, g_strerror (errno)));
}

static void
warn_of_weak_sandbox (RsEngine *engine)
{
  const char *warning = rs_worker_sandbox_warning (engine->config->allow_weak_sandbox);

  if (warning != NULL)
    g_ptr_array_add (engine->warnings, g_strdup (warning));
}

static void
make_facts (RsEngine *engine)
{
  const RsConfig *config = engine->config;
  RsParts *parts = &engine->parts;
  gboolean certificate
      = g_str_has_prefix (config->certificate_file, "pkcs11:")
        || (config->certificate_file[0] != '\0' && g_file_test (config->certificate_file, G_FILE_TEST_EXISTS));

  warn_missing (engine, "CaFile", config->ca_file);
  warn_missing (engine, "CrlFile", config->crl_file);
  warn_missing (engine, "CertificateFile", config->certificate_file);
  warn_missing (engine, "PrivateKeyFile", config->private_key_file);
  engine->identity
      = rs_identity_new (config->vendor, config->model, config->series, config->mac_address, config->serial_number,
                         config->software_version, config->hardware_version, "");
  parts->clock = rs_clock_new_real (RS_BUILD_TIME * (gint64)G_USEC_PER_SEC);
  rs_clock_set_last (parts->clock, rs_state_store_get (parts->state)->last_wall);
  parts->facts = rs_facts_new (engine->identity, parts->clock, certificate);
  rs_facts_set_snapshot (parts->facts, rs_param_store_get_snapshot (parts->params));
  rs_facts_set_provisioned (parts->facts, rs_state_store_get (parts->state)->provisioned);
}

RsEngine *
rs_engine_new (const RsEngineOptions *options,
               GError               **error)
{
  static const RsRandom random = { rs_random_uniform, NULL };
  g_autoptr (RsEngine) engine = g_object_new (RS_TYPE_ENGINE, NULL);
  g_auto (GStrv) files = NULL;
  guint said;

  engine->dirs = rs_dirs_new (options->state_dir, options->catalogue_dir, error);
  if (engine->dirs == NULL)
    return NULL;
  files = rs_config_files (options->config_file, RS_VENDOR_CONF_DIR, engine->dirs->conf);
  engine->config = rs_config_load ((const char *const *)files, engine->warnings);
  engine->worker_path = g_strdup (options->worker_path);
  engine->parts.catalogue
      = rs_catalogue_load ((const char *const *)engine->dirs->catalogues, engine->warnings, error);
  log_warnings (engine, 0, RS_MESSAGE_CONFIG);
  said = engine->warnings->len;
  if (engine->parts.catalogue == NULL || !take_folder (engine, options, error) || !open_stores (engine, error))
    return NULL;
  log_warnings (engine, said, RS_MESSAGE_STORE_BROKEN);
  reconcile (engine);
  rs_engine_recall_story (engine);
  /* a caller that is quicker than the start must not take what is half reset for what is */
  engine->resetting = rs_state_store_get (engine->parts.state)->resetting;
  said = engine->warnings->len;
  warn_of_weak_sandbox (engine);
  make_facts (engine);
  make_network (engine);
  engine->parts.proxies = rs_proxies_new ();
  engine->plan = rs_plan_new (&random);
  engine->timer = rs_timer_new (engine->parts.clock, on_timer, engine);
  engine->inhibitors = rs_inhibitors_new (engine->dirs->runtime, on_inhibitors, engine);
  engine->parts.config = engine->config;
  engine->parts.identity = engine->identity;
  engine->parts.worker_path = engine->worker_path;
  engine->syslog = rs_syslog_new (&engine->parts);
  engine->upgrade = rs_upgrade_new (engine, options->bus);
  g_signal_connect (engine->parts.params, "replaced", G_CALLBACK (on_parameters_replaced), engine);
  g_signal_connect (engine->parts.params, "changed", G_CALLBACK (on_parameters_changed), engine);
  rs_clock_watch_jumps (engine->parts.clock, on_clock_set, engine);
  engine->zone_watch = rs_zone_watch_new ("/etc/localtime", on_time_zone, engine);
  log_warnings (engine, said, RS_MESSAGE_CONFIG);
  rs_inhibitors_take_up (engine->inhibitors);
  /* who asks at once finds the screen as it was */
  rs_engine_activation_start (engine);
  return g_steal_pointer (&engine);
}

void
rs_engine_begin_running (RsEngine *engine)
{
  rs_engine_activation_start (engine);
  rs_engine_feed_config (engine, FALSE);
  rs_engine_feed_start (engine);
  rs_servers_want (&engine->parts);
  if (engine->started)
    rs_engine_on_lease (engine);
  else
    rs_network_start (engine->parts.network);
  engine->started = TRUE;
  rs_engine_status_changed (engine);
}

void
rs_engine_start (RsEngine *engine)
{
  rs_journal_print (G_LOG_LEVEL_MESSAGE, RS_MESSAGE_STARTED, "resyncd " RS_VERSION ": %s %s, %s, %u parameters known",
                    engine->identity->vendor, engine->identity->model,
                    rs_state_store_get (engine->parts.state)->customization,
                    rs_catalogue_n_entries (engine->parts.catalogue));
  rs_engine_resume_reset (engine);
}

void
rs_engine_set_status_func (RsEngine    *engine,
                           RsStatusFunc func,
                           gpointer     data)
{
  engine->status = func;
  engine->status_data = data;
}

gboolean
rs_engine_is_writing (RsEngine *engine)
{
  return rs_param_store_is_busy (engine->parts.params) || rs_state_store_is_busy (engine->parts.state);
}

void
rs_engine_require_reboot (RsEngine   *engine,
                          const char *reason)
{
  rs_journal_print (G_LOG_LEVEL_MESSAGE, RS_MESSAGE_REBOOT_REQUIRED, "the phone should be restarted: %s", reason);
  g_signal_emit_by_name (engine, "reboot-required", reason);
}

RsSnapshot *
rs_engine_get_snapshot (RsEngine *engine)
{
  return rs_param_store_get_snapshot (engine->parts.params);
}

const RsConfig *
rs_engine_get_config (RsEngine *engine)
{
  return engine->config;
}

const RsIdentity *
rs_engine_get_identity (RsEngine *engine)
{
  return engine->identity;
}

const RsState *
rs_engine_get_state (RsEngine *engine)
{
  return rs_state_store_get (engine->parts.state);
}

RsClock *
rs_engine_get_clock (RsEngine *engine)
{
  return engine->parts.clock;
}

RsFacts *
rs_engine_get_facts (RsEngine *engine)
{
  return engine->parts.facts;
}

gboolean
rs_engine_would_resync (RsEngine *engine,
                        GError  **error)
{
  if (!engine->resetting)
    return rs_plan_would_take (engine->plan, error);
  g_set_error_literal (error, RS_ERROR, RS_ERROR_BUSY, "a factory reset is under way");
  return FALSE;
}

/* Who stands before the phone does not wait until every other way has failed once more (DISC-1, DISC-12). */
static void
end_search (RsEngine *engine)
{
  gboolean searching = engine->discovering || !rs_state_store_get (engine->parts.state)->provisioned;

  if (searching && !engine->reporting && !engine->by_hand)
    g_cancellable_cancel (engine->running);
}

gboolean
rs_engine_resync (RsEngine         *engine,
                  RsAttemptRequest *request,
                  RsReason          reason,
                  gboolean          force,
                  guint64          *attempt,
                  GError          **error)
{
  RsEvent event = { .kind = RS_EVENT_REQUEST };
  gboolean by_hand = rs_attempt_request_is_by_hand (request);

  if (engine->resetting)
    {
      rs_attempt_request_free (request);
      return rs_engine_would_resync (engine, error);
    }
  event.request.reason = reason;
  event.request.force = force;
  event.request.has_rule = request->rule[0] != '\0' || request->requester[0] != '\0' || request->code != NULL;
  event.request.data = request;
  event.request.data_free = (GDestroyNotify)rs_attempt_request_free;
  if (!rs_engine_feed (engine, &event, attempt, error))
    return FALSE;
  if (by_hand)
    end_search (engine);
  return TRUE;
}

void
rs_engine_cancel (RsEngine *engine)
{
  rs_engine_feed_simple (engine, RS_EVENT_CANCEL);
}

static void
on_previewed (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  RsPreview *preview = rs_preview_run_finish (result, &error);

  RS_ENGINE (source)->previewing = FALSE;
  if (preview == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, preview, (GDestroyNotify)rs_preview_free);
}

void
rs_engine_preview_async (RsEngine           *engine,
                         const char         *rule,
                         GAsyncReadyCallback callback,
                         gpointer            data)
{
  g_autoptr (GTask) task = g_task_new (engine, NULL, callback, data);

  if (engine->previewing || engine->resetting)
    {
      g_task_return_new_error (task, RS_ERROR, RS_ERROR_BUSY, "%s",
                               engine->resetting ? "a factory reset is under way" : "another profile is being looked at");
      return;
    }
  engine->previewing = TRUE;
  rs_preview_run_async (G_OBJECT (engine), &engine->parts, rule, on_previewed, g_steal_pointer (&task));
}

RsPreview *
rs_engine_preview_finish (RsEngine     *engine,
                          GAsyncResult *result,
                          GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

int
rs_engine_inhibit (RsEngine   *engine,
                   guint32     uid,
                   const char *who,
                   const char *why,
                   GError    **error)
{
  return rs_inhibitors_open (engine->inhibitors, uid, who, why, error);
}
