/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for the daemon: its signals, its departure and a deadline, in a main loop that runs only while there is
 * something to wait for. */
#include "config.h"

#include "ctl/bus.h"

#include "base/names.h"
#include "ctl/output.h"

#include <glib/gi18n.h>

struct _RsWatch
{
  RsCtl      *ctl;
  RsWatchFunc func;
  gpointer    data;
  GMainLoop  *loop;
  guint       signals;
  guint       owner;
  gulong      closed;
  gboolean    done;
  gboolean    left; /* the daemon */
  gboolean    lost; /* the bus */
  gboolean    late;
  gboolean    stay;
};

/* Ends the loop as soon as there is a reason to; reasons may also come up before it runs. */
static void
settle (RsWatch *watch)
{
  if (watch->done || watch->lost || watch->late || (watch->left && !watch->stay))
    g_main_loop_quit (watch->loop);
}

static void
tell (RsWatch    *watch,
      const char *interface,
      const char *member,
      GVariant   *arguments)
{
  /* what came after the end is not reported */
  if (watch->done || (watch->left && !watch->stay))
    return;
  watch->done = watch->func (interface, member, arguments, watch->data);
  settle (watch);
}

static void
on_signal (GDBusConnection *bus,
           const char      *sender,
           const char      *path,
           const char      *interface,
           const char      *member,
           GVariant        *arguments,
           gpointer         data)
{
  tell (data, interface, member, arguments);
}

static void
on_owner (GDBusConnection *bus,
          const char      *sender,
          const char      *path,
          const char      *interface,
          const char      *member,
          GVariant        *arguments,
          gpointer         data)
{
  RsWatch *watch = data;
  const char *old, *new;

  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(sss)")))
    return;
  g_variant_get (arguments, "(&s&s&s)", NULL, &old, &new);
  if (old[0] != '\0')
    {
      tell (watch, "", "DaemonLeft", NULL);
      watch->left = TRUE;
    }
  if (new[0] != '\0')
    tell (watch, "", "DaemonStarted", NULL);
  settle (watch);
}

static void
on_closed (GDBusConnection *bus,
           gboolean         vanished,
           GError          *error,
           gpointer         data)
{
  RsWatch *watch = data;

  watch->lost = TRUE;
  settle (watch);
}

static gboolean
on_late (gpointer data)
{
  RsWatch *watch = data;

  watch->late = TRUE;
  settle (watch);
  return G_SOURCE_REMOVE;
}

RsWatch *
rs_watch_new (RsCtl      *ctl,
              RsWatchFunc func,
              gpointer    data)
{
  RsWatch *watch;

  if (!rs_bus_connect (ctl))
    return NULL;
  watch = g_new0 (RsWatch, 1);
  watch->ctl = ctl;
  watch->func = func;
  watch->data = data;
  watch->loop = g_main_loop_new (NULL, FALSE);
  watch->owner = g_dbus_connection_signal_subscribe (ctl->bus, "org.freedesktop.DBus", "org.freedesktop.DBus",
                                                     "NameOwnerChanged", "/org/freedesktop/DBus", RS_BUS_NAME,
                                                     G_DBUS_SIGNAL_FLAGS_NONE, on_owner, watch, NULL);
  watch->signals = g_dbus_connection_signal_subscribe (ctl->bus, RS_BUS_NAME, NULL, NULL, RS_OBJECT_PATH, NULL,
                                                       G_DBUS_SIGNAL_FLAGS_NONE, on_signal, watch, NULL);
  watch->closed = g_signal_connect (ctl->bus, "closed", G_CALLBACK (on_closed), watch);
  return watch;
}

void
rs_watch_free (RsWatch *watch)
{
  g_signal_handler_disconnect (watch->ctl->bus, watch->closed);
  g_dbus_connection_signal_unsubscribe (watch->ctl->bus, watch->signals);
  g_dbus_connection_signal_unsubscribe (watch->ctl->bus, watch->owner);
  g_main_loop_unref (watch->loop);
  g_free (watch);
}

void
rs_watch_stop (RsWatch *watch)
{
  watch->done = TRUE;
  settle (watch);
}

RsExit
rs_watch_run (RsWatch *watch,
              gboolean stay,
              guint    seconds)
{
  guint timer = seconds > 0 ? g_timeout_add_seconds (seconds, on_late, watch) : 0;

  watch->stay = stay;
  if (g_dbus_connection_is_closed (watch->ctl->bus))
    watch->lost = TRUE;
  while (!watch->done && !watch->lost && !watch->late && !(watch->left && !stay))
    g_main_loop_run (watch->loop);
  if (timer != 0 && !watch->late)
    g_source_remove (timer);
  if (watch->done)
    return RS_EXIT_DONE;
  if (watch->late)
    return rs_fail (watch->ctl, RS_EXIT_TIMED_OUT, RS_ERROR_FAILED, _("It did not end within %u s"), seconds);
  if (watch->lost)
    return rs_fail (watch->ctl, RS_EXIT_NO_DAEMON, RS_ERROR_UNREACHABLE, _("The bus went away"));
  return rs_fail (watch->ctl, RS_EXIT_NO_DAEMON, RS_ERROR_UNREACHABLE, _("resyncd left the bus"));
}
