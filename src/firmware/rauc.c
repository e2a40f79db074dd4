/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RAUC over D-Bus (de.pengutronix.rauc.Installer). What it says of the end is its signal Completed and its LastError: its progress is 100 after a
 * failure as well. It does one thing at a time and answers nothing else of its slots meanwhile. */
#include "firmware/backends.h"
#include "firmware/rauc-private.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

#define NAME "de.pengutronix.rauc"
#define PATH "/"
#define INTERFACE NAME ".Installer"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define QUICK_MS 30000
/* it reads the whole image; the largest from a slow flash takes a few minutes */
#define SLOW_MS 600000
#define VERIFY_TRIES 3
#define VERIFY_PAUSE_MS 250

struct _RsRauc
{
  RsInstaller parent_instance;

  GDBusConnection *bus;
  /* the install that runs */
  GTask *installing; /* NULL none */
  char *last_error;
  gboolean late; /* nobody knows whether what it was asked to do has begun */
  guint properties_id, completed_id, owner_id;
};

#define RS_TYPE_RAUC (rs_rauc_get_type ())
G_DECLARE_FINAL_TYPE (RsRauc, rs_rauc, RS, RAUC, RsInstaller)
G_DEFINE_FINAL_TYPE (RsRauc, rs_rauc, RS_TYPE_INSTALLER)

static void
unsubscribe (RsRauc *rauc)
{
  guint *const ids[] = { &rauc->properties_id, &rauc->completed_id, &rauc->owner_id };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      if (*ids[i] != 0)
        g_dbus_connection_signal_unsubscribe (rauc->bus, *ids[i]);
      *ids[i] = 0;
    }
}

static void
rs_rauc_finalize (GObject *object)
{
  RsRauc *rauc = RS_RAUC (object);

  unsubscribe (rauc);
  g_clear_object (&rauc->bus);
  g_free (rauc->last_error);
  G_OBJECT_CLASS (rs_rauc_parent_class)->finalize (object);
}

/* It may do what it was asked all the same. */
static gboolean
is_late (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT) || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY);
}

static gboolean
is_gone (const GError *error)
{
  return is_late (error) || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_FAILED)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_EXEC_FAILED)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND);
}

/* In our words, with its own behind. */
static GError *
convert (RsError     code,
         const char *what,
         GError     *error)
{
  g_autofree char *shown = NULL;

  g_dbus_error_strip_remote_error (error);
  shown = rs_text_escape (error->message, 0);
  if (is_gone (error))
    return g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE, "RAUC is not on the bus, or left it: %s", shown);
  return g_error_new (RS_ERROR, code, "RAUC %s: %s", what, shown);
}

static void
call (RsRauc             *rauc,
      const char         *interface,
      const char         *method,
      GVariant           *arguments,
      const char         *reply,
      int                 timeout,
      GAsyncReadyCallback callback,
      GTask              *task)
{
  g_dbus_connection_call (rauc->bus, NAME, PATH, interface, method, arguments, G_VARIANT_TYPE (reply), G_DBUS_CALL_FLAGS_NONE,
                          timeout, g_task_get_cancellable (task), callback, task);
}

/* (transfer full) what was answered, or NULL and the task has its error. */
static GVariant *
answer (GObject      *source,
        GAsyncResult *result,
        GTask        *task,
        RsError       code,
        const char   *what)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    g_task_return_error (task, convert (code, what, error));
  return reply;
}

static void
on_slot_status (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GVariant) reply = answer (source, result, task, RS_ERROR_FAILED, "does not tell of its slots");
  if (reply != NULL)
    g_task_return_pointer (task, rs_rauc_read_slots (reply), (GDestroyNotify)rs_slots_free);
}

static gboolean
is_idle (GVariant *operation)
{
  return g_variant_is_of_type (operation, G_VARIANT_TYPE_STRING) && strcmp (g_variant_get_string (operation, NULL), "idle") == 0;
}

static void
ask_for_operation (GTask              *task,
                   GAsyncReadyCallback callback)
{
  call (g_task_get_source_object (task), PROPERTIES, "Get", g_variant_new ("(ss)", INTERFACE, "Operation"), "(v)", QUICK_MS, callback, task);
}

static void
on_operation (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GVariant) reply = answer (source, result, task, RS_ERROR_FAILED, "does not tell what it does");
  g_autoptr (GVariant) operation = NULL;
  RsSlots *slots;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(v)", &operation);
  if (is_idle (operation))
    {
      call (g_task_get_source_object (task), INTERFACE, "GetSlotStatus", NULL, "(a(sa{sv}))", QUICK_MS, on_slot_status,
            g_object_ref (task));
      return;
    }
  slots = rs_slots_new ();
  slots->installing = TRUE;
  g_task_return_pointer (task, slots, (GDestroyNotify)rs_slots_free);
}

static void
rs_rauc_look (RsInstaller *installer,
              GTask       *task)
{
  ask_for_operation (task, on_operation);
}

typedef struct
{
  char *path;
  guint tries;
} Verify;

static void
verify_free (gpointer data)
{
  Verify *verify = data;

  g_free (verify->path);
  g_free (verify);
}

static gboolean ask_for_version (gpointer data);

/* Of an image that it refuses it says nothing more here; it does so when it is to install it. It refuses one, too, that a process which is just
 * ending still has open, and so is asked again. */
static void
on_info (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GTask) task = data;
  Verify *verify = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  const char *version = "";

  if (reply != NULL)
    g_variant_get (reply, "(&s&s)", NULL, &version);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (reply == NULL && is_gone (error))
    g_task_return_error (task, convert (RS_ERROR_FAILED, "", error));
  else if (reply == NULL && ++verify->tries < VERIFY_TRIES)
    g_timeout_add (VERIFY_PAUSE_MS, ask_for_version, g_steal_pointer (&task));
  else
    g_task_return_pointer (task, rs_text_escape (version, 64), g_free);
}

/* While it installs it refuses every image, and says no more of it. */
static void
on_verify_operation (GObject      *source,
                     GAsyncResult *result,
                     gpointer      data)
{
  g_autoptr (GTask) task = data;
  const Verify *verify = g_task_get_task_data (task);
  g_autoptr (GVariant) reply = answer (source, result, task, RS_ERROR_FAILED, "does not tell what it does");
  g_autoptr (GVariant) operation = NULL;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(v)", &operation);
  if (is_idle (operation))
    call (g_task_get_source_object (task), INTERFACE, "Info", g_variant_new ("(s)", verify->path), "(ss)", SLOW_MS, on_info,
          g_object_ref (task));
  else
    g_task_return_new_error (task, RS_ERROR, RS_ERROR_BUSY, "RAUC installs something else right now");
}

static gboolean
ask_for_version (gpointer data)
{
  ask_for_operation (data, on_verify_operation);
  return G_SOURCE_REMOVE;
}

static void
rs_rauc_verify (RsInstaller *installer,
                const char  *path,
                GTask       *task)
{
  Verify *verify = g_new0 (Verify, 1);

  verify->path = g_strdup (path);
  g_task_set_task_data (task, verify, verify_free);
  ask_for_version (task);
}

/* Ends the install that runs. Takes error; NULL: it went well. */
static void
end_install (RsRauc *rauc,
             GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&rauc->installing);

  unsubscribe (rauc);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static GError *
install_error (const RsRauc *rauc)
{
  g_autofree char *shown = rs_text_escape (rauc->last_error, 0);

  return g_error_new (RS_ERROR, RS_ERROR_FAILED, "RAUC did not install the image: %s", shown[0] != '\0' ? shown : "it does not say why");
}

static void
on_properties (GDBusConnection *bus,
               const char      *sender,
               const char      *path,
               const char      *interface,
               const char      *signal,
               GVariant        *arguments,
               gpointer         data)
{
  RsRauc *rauc = data;
  g_autoptr (GVariant) values = NULL;
  const char *message, *last_error;
  gint32 percentage, depth;

  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  g_variant_get (arguments, "(&s@a{sv}as)", NULL, &values, NULL);
  if (g_variant_lookup (values, "LastError", "&s", &last_error))
    rs_text_set (&rauc->last_error, last_error);
  if (g_variant_lookup (values, "Progress", "(i&si)", &percentage, &message, &depth))
    rs_installer_tell (RS_INSTALLER (rauc), percentage, message, depth);
}

static void
on_completed (GDBusConnection *bus,
              const char      *sender,
              const char      *path,
              const char      *interface,
              const char      *signal,
              GVariant        *arguments,
              gpointer         data)
{
  RsRauc *rauc = data;
  gint32 result = -1;

  if (g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(i)")))
    g_variant_get (arguments, "(i)", &result);
  end_install (rauc, result == 0 ? NULL : install_error (rauc));
}

static void
on_owner (GDBusConnection *bus,
          const char      *sender,
          const char      *path,
          const char      *interface,
          const char      *signal,
          GVariant        *arguments,
          gpointer         data)
{
  const char *before;

  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(sss)")))
    return;
  g_variant_get (arguments, "(&s&s&s)", NULL, &before, NULL);
  /* it may as well be the call that has it started */
  if (before[0] != '\0')
    end_install (data, g_error_new_literal (RS_ERROR, RS_ERROR_UNREACHABLE, "RAUC ended while it installed the image"));
}

static void
subscribe (RsRauc *rauc,
           GTask  *task)
{
  rauc->installing = task;
  rauc->late = FALSE;
  rs_text_set (&rauc->last_error, "");
  rauc->properties_id = g_dbus_connection_signal_subscribe (rauc->bus, NAME, PROPERTIES, "PropertiesChanged", PATH, INTERFACE,
                                                            G_DBUS_SIGNAL_FLAGS_NONE, on_properties, rauc, NULL);
  rauc->completed_id = g_dbus_connection_signal_subscribe (rauc->bus, NAME, INTERFACE, "Completed", PATH, NULL,
                                                           G_DBUS_SIGNAL_FLAGS_NONE, on_completed, rauc, NULL);
  rauc->owner_id = g_dbus_connection_signal_subscribe (rauc->bus, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
                                                       "/org/freedesktop/DBus", NAME, G_DBUS_SIGNAL_FLAGS_NONE, on_owner, rauc, NULL);
}

static void ask_for_state (RsRauc *rauc);

static void
on_state (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr (GTask) task = data;
  RsRauc *rauc = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) values = NULL;
  g_autoptr (GVariant) operation = NULL;
  const char *last_error = "";

  if (rauc->installing != task)
    return;
  if (reply == NULL && is_late (error))
    {
      ask_for_state (rauc);
      return;
    }
  if (reply == NULL)
    {
      end_install (rauc, convert (RS_ERROR_FAILED, "does not tell what it does", error));
      return;
    }
  g_variant_get (reply, "(@a{sv})", &values);
  operation = g_variant_lookup_value (values, "Operation", G_VARIANT_TYPE_STRING);
  if (operation == NULL || !is_idle (operation))
    return;
  /* whether it had begun is told by the slots alone */
  if (rauc->late)
    {
      end_install (rauc, g_error_new_literal (RS_ERROR, RS_ERROR_UNREACHABLE, "RAUC did not answer in time when it was asked to install the image"));
      return;
    }
  /* it had ended when we began to listen */
  g_variant_lookup (values, "LastError", "&s", &last_error);
  rs_text_set (&rauc->last_error, last_error);
  end_install (rauc, last_error[0] == '\0' ? NULL : install_error (rauc));
}

static void
ask_for_state (RsRauc *rauc)
{
  call (rauc, PROPERTIES, "GetAll", g_variant_new ("(s)", INTERFACE), "(a{sv})", QUICK_MS, on_state, g_object_ref (rauc->installing));
}

static void
on_begun (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr (GTask) task = data;
  RsRauc *rauc = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL || rauc->installing != task)
    return;
  rauc->late = is_late (error);
  /* it says so before it has looked at the image */
  if (rauc->late)
    ask_for_state (rauc);
  else
    end_install (rauc, convert (RS_ERROR_BUSY, "did not begin to install the image", error));
}

static void
rs_rauc_install (RsInstaller *installer,
                 const char  *path,
                 GTask       *task)
{
  RsRauc *rauc = RS_RAUC (installer);

  subscribe (rauc, task);
  call (rauc, INTERFACE, "InstallBundle", g_variant_new ("(sa{sv})", path, NULL), "()", QUICK_MS, on_begun, g_object_ref (task));
}

static void
rs_rauc_attach (RsInstaller *installer,
                GTask       *task)
{
  RsRauc *rauc = RS_RAUC (installer);

  subscribe (rauc, task);
  ask_for_state (rauc);
}

static void
on_marked (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GVariant) reply = answer (source, result, task, RS_ERROR_FAILED, "did not mark the slot");

  if (reply != NULL)
    g_task_return_boolean (task, TRUE);
}

static void
mark (RsInstaller *installer,
      const char  *state,
      const char  *slot,
      GTask       *task)
{
  call (RS_RAUC (installer), INTERFACE, "Mark", g_variant_new ("(ss)", state, slot), "(ss)", QUICK_MS, on_marked, task);
}

static void
rs_rauc_activate (RsInstaller *installer,
                  const char  *slot,
                  GTask       *task)
{
  mark (installer, "active", slot, task);
}

static void
rs_rauc_mark_good (RsInstaller *installer,
                   GTask       *task)
{
  mark (installer, "good", "booted", task);
}

static void
rs_rauc_class_init (RsRaucClass *class)
{
  RsInstallerClass *installer = RS_INSTALLER_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = rs_rauc_finalize;
  installer->look = rs_rauc_look;
  installer->verify = rs_rauc_verify;
  installer->install = rs_rauc_install;
  installer->attach = rs_rauc_attach;
  installer->activate = rs_rauc_activate;
  installer->mark_good = rs_rauc_mark_good;
}

static void
rs_rauc_init (RsRauc *rauc)
{
  rauc->last_error = g_strdup ("");
}

RsInstaller *
rs_rauc_new (GDBusConnection *bus)
{
  RsRauc *rauc = g_object_new (RS_TYPE_RAUC, NULL);

  rauc->bus = g_object_ref (bus);
  return RS_INSTALLER (rauc);
}
