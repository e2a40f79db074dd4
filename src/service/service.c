/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wiring between the skeletons that gdbus-codegen made and the methods: every call goes through one door, where the caller is looked up and
 * the bouncer asked, whatever its interface. */
#include "service/service.h"

#include "base/error.h"
#include "base/mask.h"
#include "base/names.h"
#include "config.h"
#include "rs-bus.h"
#include "service/authority.h"
#include "service/methods.h"
#include "service/status.h"

#include <string.h>

/* At most four changes of Progress a second (contract): three on the way, and the end, which is shown at once. */
#define PROGRESS_INTERVAL_MS 334
#define N_INTERFACES 5

struct _RsService
{
  GDBusConnection *bus;
  RsMethodContext context;
  RsCallers *callers;
  RsBusProvisioning1 *main;
  RsBusProvisioning1Parameters *parameters;
  RsBusProvisioning1Activation *activation;
  RsBusProvisioning1Firmware *firmware;
  RsBusProvisioning1Cwmp *cwmp;
  GDBusInterfaceSkeleton *skeletons[N_INTERFACES]; /* the five above, borrowed */
  GVariant *progress; /* what Progress is to become; NULL: it is up to date */
  guint progress_source;
  GVariant *upgrade_progress; /* the same of Firmware */
  guint upgrade_source;
  guint update_source;
};

static const struct
{
  const char *interface;
  const char *member;
  const char *signal; /* of the skeleton */
  RsMethodFunc func;
} methods[] = {
  { RS_IFACE_MAIN, "Resync", "handle-resync", rs_method_resync },
  { RS_IFACE_MAIN, "Cancel", "handle-cancel", rs_method_cancel },
  { RS_IFACE_MAIN, "SetProfileRule", "handle-set-profile-rule", rs_method_set_profile_rule },
  { RS_IFACE_MAIN, "Explain", "handle-explain", rs_method_explain },
  { RS_IFACE_MAIN, "ExplainWith", "handle-explain-with", rs_method_explain },
  { RS_IFACE_MAIN, "Preview", "handle-preview", rs_method_preview },
  { RS_IFACE_MAIN, "Inhibit", "handle-inhibit", rs_method_inhibit },
  { RS_IFACE_MAIN, "SetFacts", "handle-set-facts", rs_method_set_facts },
  { RS_IFACE_MAIN, "FactoryReset", "handle-factory-reset", rs_method_factory_reset },
  { RS_IFACE_PARAMETERS, "Get", "handle-get", rs_method_get },
  { RS_IFACE_PARAMETERS, "Set", "handle-set", rs_method_set },
  { RS_IFACE_PARAMETERS, "Reset", "handle-reset", rs_method_reset },
  { RS_IFACE_PARAMETERS, "List", "handle-list", rs_method_list },
  { RS_IFACE_PARAMETERS, "Verify", "handle-verify", rs_method_verify },
  { RS_IFACE_ACTIVATION, "SubmitCode", "handle-submit-code", rs_method_submit_code },
  { RS_IFACE_FIRMWARE, "Upgrade", "handle-upgrade", rs_method_upgrade },
  { RS_IFACE_FIRMWARE, "Cancel", "handle-cancel", rs_method_cancel_upgrade },
  { RS_IFACE_CWMP, "Inform", "handle-inform", rs_method_later },
};

/* A call on its way to the method, for which the bus may have to be asked who calls. */
typedef struct
{
  RsService *service;
  GDBusMethodInvocation *invocation;
  RsMethodFunc func;
} Call;

static void
on_caller (const RsCaller *caller,
           const GError   *reason,
           gpointer        data)
{
  g_autofree Call *call = data;
  GDBusMethodInvocation *invocation = call->invocation;
  GError *error = NULL;

  if (caller == NULL)
    error = g_error_copy (reason);
  else if (rs_authority_member (caller, g_dbus_method_invocation_get_interface_name (invocation),
                                g_dbus_method_invocation_get_method_name (invocation), &error))
    {
      call->func (&call->service->context, caller, invocation, g_dbus_method_invocation_get_parameters (invocation));
      return;
    }
  rs_method_fail (invocation, error);
}

/* Stands behind every handle-… signal of the skeletons: (skeleton, invocation, …) → handled. */
static void
marshal_method (GClosure     *closure,
                GValue       *result,
                guint         n_values,
                const GValue *values,
                gpointer      hint,
                gpointer      data)
{
  RsService *service = closure->data;
  GDBusMethodInvocation *invocation = g_value_get_object (&values[1]);
  const char *interface = g_dbus_method_invocation_get_interface_name (invocation);
  const char *member = g_dbus_method_invocation_get_method_name (invocation);

  g_value_set_boolean (result, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      Call *call;

      if (strcmp (methods[i].interface, interface) != 0 || strcmp (methods[i].member, member) != 0)
        continue;
      call = g_new0 (Call, 1);
      call->service = service;
      call->invocation = invocation;
      call->func = methods[i].func;
      g_value_set_boolean (result, TRUE);
      rs_callers_ask (service->callers, g_dbus_method_invocation_get_sender (invocation), on_caller, call);
      return;
    }
}

static void
connect_methods (RsService *service)
{
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      for (guint k = 0; k < N_INTERFACES; k++)
        {
          const char *name = g_dbus_interface_skeleton_get_info (service->skeletons[k])->name;
          GClosure *closure;

          if (strcmp (name, methods[i].interface) != 0)
            continue;
          closure = g_closure_new_simple (sizeof (GClosure), service);
          g_closure_set_marshal (closure, marshal_method);
          g_signal_connect_closure (service->skeletons[k], methods[i].signal, closure, FALSE);
        }
    }
}

static void
update (RsService *service)
{
  RsEngine *engine = service->context.engine;
  const RsState *state = rs_engine_get_state (engine);
  g_autofree char *rule = rs_mask_rule (rs_snapshot_get (rs_engine_get_snapshot (engine), rs_rule_names[0]));
  RsEngineView view;
  RsUpgradeView upgrade;

  rs_engine_get_view (engine, &view);
  rs_engine_get_upgrade (engine, &upgrade);
  rs_bus_provisioning1_firmware_set_state (service->firmware, upgrade.state);
  rs_bus_provisioning1_firmware_set_last_error (service->firmware, upgrade.last_error);
  rs_bus_provisioning1_set_state (service->main, view.state);
  rs_bus_provisioning1_set_customization_state (service->main, state->customization);
  rs_bus_provisioning1_set_profile_rule (service->main, rule);
  rs_bus_provisioning1_set_next_resync (service->main, (guint64)view.next);
  rs_bus_provisioning1_set_status (service->main, rs_status_new (engine, &view));
  rs_bus_provisioning1_activation_set_code_required (service->activation, view.code_required);
  rs_bus_provisioning1_activation_set_last_error (service->activation, view.code_error);
  rs_bus_provisioning1_activation_set_retry_at (service->activation, (guint64)view.code_after);
  rs_engine_view_clear (&view);
}

/* For a report of it. */
static GVariant *
status_of (gpointer data)
{
  RsService *service = data;
  RsEngineView view;
  GVariant *status;

  rs_engine_get_view (service->context.engine, &view);
  status = rs_status_new (service->context.engine, &view);
  rs_engine_view_clear (&view);
  return status;
}

static gboolean
on_update (gpointer data)
{
  RsService *service = data;

  service->update_source = 0;
  update (service);
  return G_SOURCE_REMOVE;
}

static void
on_status (RsEngine *engine,
           gpointer  data)
{
  RsService *service = data;

  if (service->update_source == 0)
    service->update_source = g_idle_add (on_update, service);
}

static gboolean
on_progress_due (gpointer data)
{
  RsService *service = data;

  if (service->progress == NULL)
    {
      service->progress_source = 0;
      return G_SOURCE_REMOVE;
    }
  rs_bus_provisioning1_set_progress (service->main, service->progress);
  g_clear_pointer (&service->progress, g_variant_unref);
  return G_SOURCE_CONTINUE;
}

static void
show_progress (RsService  *service,
               const char *stage,
               const char *url,
               guint64     bytes,
               guint64     total)
{
  g_clear_pointer (&service->progress, g_variant_unref);
  service->progress = g_variant_ref_sink (g_variant_new ("(sstt)", stage, url, bytes, total));
  if (service->progress_source != 0)
    return;
  service->progress_source = g_timeout_add (PROGRESS_INTERVAL_MS, on_progress_due, service);
  on_progress_due (service);
}

static void
end_progress (RsService *service)
{
  g_clear_pointer (&service->progress, g_variant_unref);
  rs_bus_provisioning1_set_progress (service->main, g_variant_new ("(sstt)", "", "", (guint64)0, (guint64)0));
}

static void
on_progress (RsEngine   *engine,
             const char *stage,
             const char *url,
             guint64     bytes,
             guint64     total,
             gpointer    data)
{
  show_progress (data, stage, url, bytes, total);
}

static void
on_started (RsEngine   *engine,
            guint64     attempt,
            const char *reason,
            gpointer    data)
{
  RsService *service = data;

  rs_bus_provisioning1_emit_resync_started (service->main, attempt, reason);
}

static void
on_finished (RsEngine              *engine,
             guint64                attempt,
             const char            *reason,
             const RsAttemptResult *result,
             gint64                 duration,
             gpointer               data)
{
  RsService *service = data;
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&details, "{sv}", "reason", g_variant_new_string (reason));
  g_variant_builder_add (&details, "{sv}", "class", g_variant_new_string (rs_class_name (result->class)));
  if (result->class != RS_CLASS_A)
    g_variant_builder_add (&details, "{sv}", "error", g_variant_new_string (rs_error_name (result->code)));
  if (result->http_status != 0)
    g_variant_builder_add (&details, "{sv}", "http-status", g_variant_new_uint32 (result->http_status));
  if (result->source[0] != '\0')
    g_variant_builder_add (&details, "{sv}", "source", g_variant_new_string (result->source));
  g_variant_builder_add (&details, "{sv}", "changed", g_variant_new_uint32 (result->changed));
  g_variant_builder_add (&details, "{sv}", "duration", g_variant_new_uint64 ((guint64)MAX (duration, 0)));
  end_progress (service);
  /* who reads Status on the signal finds this attempt there */
  update (service);
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (service->main));
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (service->activation));
  rs_bus_provisioning1_emit_resync_finished (service->main, attempt, result->result, result->url, result->message,
                                             g_variant_builder_end (&details));
}

static void
on_changed (RsEngine  *engine,
            GPtrArray *names,
            gpointer   data)
{
  RsService *service = data;
  g_autofree const char **strv = g_new0 (const char *, names->len + 1);

  for (guint i = 0; i < names->len; i++)
    strv[i] = g_ptr_array_index (names, i);
  rs_bus_provisioning1_parameters_emit_changed (service->parameters, strv);
}

static void
on_reboot_required (RsEngine   *engine,
                    const char *reason,
                    gpointer    data)
{
  RsService *service = data;

  /* who hears it may ask at once what the phone is now */
  update (service);
  rs_bus_provisioning1_emit_reboot_required (service->main, reason);
}

static gboolean
on_upgrade_progress_due (gpointer data)
{
  RsService *service = data;

  if (service->upgrade_progress == NULL)
    {
      service->upgrade_source = 0;
      return G_SOURCE_REMOVE;
    }
  rs_bus_provisioning1_firmware_set_progress (service->firmware, service->upgrade_progress);
  g_clear_pointer (&service->upgrade_progress, g_variant_unref);
  return G_SOURCE_CONTINUE;
}

static void
on_upgrade_progress (RsEngine   *engine,
                     int         percentage,
                     const char *message,
                     int         depth,
                     gpointer    data)
{
  RsService *service = data;

  g_clear_pointer (&service->upgrade_progress, g_variant_unref);
  service->upgrade_progress = g_variant_ref_sink (g_variant_new ("(isi)", percentage, message, depth));
  if (service->upgrade_source != 0)
    return;
  service->upgrade_source = g_timeout_add (PROGRESS_INTERVAL_MS, on_upgrade_progress_due, service);
  on_upgrade_progress_due (service);
}

static void
on_upgrade_finished (RsEngine   *engine,
                     guint64     attempt,
                     const char *result,
                     const char *url,
                     const char *message,
                     const char *error,
                     gpointer    data)
{
  RsService *service = data;
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (error != NULL)
    g_variant_builder_add (&details, "{sv}", "error", g_variant_new_string (error));
  g_clear_pointer (&service->upgrade_progress, g_variant_unref);
  rs_bus_provisioning1_firmware_set_progress (service->firmware, g_variant_new ("(isi)", 0, "", 0));
  update (service);
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (service->main));
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (service->firmware));
  rs_bus_provisioning1_firmware_emit_finished (service->firmware, attempt, result, url, message, g_variant_builder_end (&details));
}

static void
register_errors (void)
{
  for (guint i = 0; i < RS_N_ERRORS; i++)
    {
      g_autofree char *name = g_strconcat (RS_ERROR_PREFIX, rs_error_name (i), NULL);
      g_dbus_error_register_error (RS_ERROR, (gint)i, name);
    }
}

/* What does not change while the daemon runs, and what interfaces of a later version say meanwhile. */
static void
set_constants (RsService *service)
{
  const RsIdentity *identity = rs_engine_get_identity (service->context.engine);

  rs_bus_provisioning1_set_version (service->main, RS_VERSION);
  rs_bus_provisioning1_set_progress (service->main, g_variant_new ("(sstt)", "", "", (guint64)0, (guint64)0));
  rs_bus_provisioning1_firmware_set_running_version (service->firmware, identity->software_version);
  rs_bus_provisioning1_firmware_set_progress (service->firmware, g_variant_new ("(isi)", 0, "", 0));
  rs_bus_provisioning1_cwmp_set_acs_url (service->cwmp, "");
  rs_bus_provisioning1_cwmp_set_connection_request_url (service->cwmp, "");
  rs_bus_provisioning1_cwmp_set_status (service->cwmp, g_variant_new ("a{sv}", NULL));
}

static void
connect_engine (RsService *service)
{
  RsEngine *engine = service->context.engine;

  rs_engine_set_status_func (engine, status_of, service);
  g_signal_connect (engine, "status", G_CALLBACK (on_status), service);
  g_signal_connect (engine, "progress", G_CALLBACK (on_progress), service);
  g_signal_connect (engine, "started", G_CALLBACK (on_started), service);
  g_signal_connect (engine, "finished", G_CALLBACK (on_finished), service);
  g_signal_connect (engine, "changed", G_CALLBACK (on_changed), service);
  g_signal_connect (engine, "reboot-required", G_CALLBACK (on_reboot_required), service);
  g_signal_connect (engine, "upgrade-progress", G_CALLBACK (on_upgrade_progress), service);
  g_signal_connect (engine, "upgrade-finished", G_CALLBACK (on_upgrade_finished), service);
}

RsService *
rs_service_new (GDBusConnection *bus,
                RsEngine        *engine,
                GError         **error)
{
  g_autoptr (RsService) service = g_new0 (RsService, 1);

  register_errors ();
  service->bus = g_object_ref (bus);
  service->callers = rs_callers_new (bus);
  service->context.engine = g_object_ref (engine);
  service->context.guesses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  service->main = rs_bus_provisioning1_skeleton_new ();
  service->parameters = rs_bus_provisioning1_parameters_skeleton_new ();
  service->activation = rs_bus_provisioning1_activation_skeleton_new ();
  service->firmware = rs_bus_provisioning1_firmware_skeleton_new ();
  service->cwmp = rs_bus_provisioning1_cwmp_skeleton_new ();
  service->skeletons[0] = G_DBUS_INTERFACE_SKELETON (service->main);
  service->skeletons[1] = G_DBUS_INTERFACE_SKELETON (service->parameters);
  service->skeletons[2] = G_DBUS_INTERFACE_SKELETON (service->activation);
  service->skeletons[3] = G_DBUS_INTERFACE_SKELETON (service->firmware);
  service->skeletons[4] = G_DBUS_INTERFACE_SKELETON (service->cwmp);
  set_constants (service);
  connect_methods (service);
  connect_engine (service);
  update (service);
  for (guint i = 0; i < N_INTERFACES; i++)
    {
      if (!g_dbus_interface_skeleton_export (service->skeletons[i], bus, RS_OBJECT_PATH, error))
        return NULL;
    }
  return g_steal_pointer (&service);
}

void
rs_service_free (RsService *service)
{
  if (service == NULL)
    return;
  g_signal_handlers_disconnect_by_data (service->context.engine, service);
  g_clear_handle_id (&service->progress_source, g_source_remove);
  g_clear_handle_id (&service->upgrade_source, g_source_remove);
  g_clear_handle_id (&service->update_source, g_source_remove);
  for (guint i = 0; i < N_INTERFACES; i++)
    {
      if (g_dbus_interface_skeleton_get_connection (service->skeletons[i]) != NULL)
        g_dbus_interface_skeleton_unexport (service->skeletons[i]);
      g_object_unref (service->skeletons[i]);
    }
  g_clear_pointer (&service->progress, g_variant_unref);
  g_clear_pointer (&service->upgrade_progress, g_variant_unref);
  rs_callers_free (service->callers);
  g_hash_table_unref (service->context.guesses);
  g_object_unref (service->context.engine);
  g_object_unref (service->bus);
  g_free (service);
}
