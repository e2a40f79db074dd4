/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resyncd: options, bus, and the main loop. */
#include "base/error.h"
#include "base/names.h"
#include "config.h"
#include "engine/engine.h"
#include "service/service.h"
#include "system/journal.h"
#include "system/notify.h"

#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define BUS_TIMEOUT_MS 10000
#define REPLACE_PATIENCE 10 /* seconds */
#define START_PATIENCE 3    /* seconds, for a child of one that was killed: between fork and exec it has the lock */
#define WRITE_PATIENCE 8    /* seconds; less than a successor waits */

typedef struct
{
  char *config;
  char *state_dir;
  char *catalogue;
  char *worker;
  char *address;
  gboolean session;
  gboolean replace;
  gboolean version;
} Options;

typedef struct
{
  GMainLoop *loop;
  RsEngine *engine;
  gboolean owned;
  int status;
} Daemon;

static gboolean
read_options (int      *argc,
              char   ***argv,
              Options  *options,
              GError  **error)
{
  const GOptionEntry entries[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &options->config, "Read only this configuration file", "FILE" },
    { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->state_dir, "Keep parameters and state in DIR", "DIR" },
    { "catalogue", 0, 0, G_OPTION_ARG_FILENAME, &options->catalogue, "Read the catalogue of parameters from DIR", "DIR" },
    { "worker", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &options->worker, "Program of the workers", "FILE" },
    { "address", 0, 0, G_OPTION_ARG_STRING, &options->address, "Connect to the bus at ADDR", "ADDR" },
    { "session", 0, 0, G_OPTION_ARG_NONE, &options->session, "Use the session bus", NULL },
    { "replace", 0, 0, G_OPTION_ARG_NONE, &options->replace, "Replace a running resyncd", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version and exit", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context, "Provisions this phone: hears of DHCP leases, finds the provisioning server,"
                                         " fetches the profile and keeps the parameters.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "unexpected argument “%s”; see --help", (*argv)[1]);
      return FALSE;
    }
  return TRUE;
}

static void
options_clear (Options *options)
{
  g_free (options->config);
  g_free (options->state_dir);
  g_free (options->catalogue);
  g_free (options->worker);
  g_free (options->address);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static GDBusConnection *
connect_bus (const Options *options,
             GError       **error)
{
  if (options->address != NULL)
    return g_dbus_connection_new_for_address_sync (options->address,
                                                   G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                       | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                   NULL, NULL, error);
  return g_bus_get_sync (options->session ? G_BUS_TYPE_SESSION : G_BUS_TYPE_SYSTEM, NULL, error);
}

/* Takes the name from a running daemon, so that it leaves the state folder. The objects follow in a moment. */
static void
replace_running (gpointer data)
{
  GDBusConnection *bus = data;
  const guint32 flags = 1 /* allow replacement */ | 2 /* replace */ | 4 /* do not queue */;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                     "RequestName", g_variant_new ("(su)", RS_BUS_NAME, flags), NULL,
                                     G_DBUS_CALL_FLAGS_NONE, BUS_TIMEOUT_MS, NULL, &error);

  if (reply == NULL)
    {
      rs_journal_print (G_LOG_LEVEL_WARNING, NULL, "cannot replace the running resyncd: %s", error->message);
      return;
    }
  g_variant_unref (reply);
  /* the old one leaves; GDBus is to take the name itself, when the objects are there */
  reply = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "ReleaseName", g_variant_new ("(s)", RS_BUS_NAME), NULL, G_DBUS_CALL_FLAGS_NONE,
                                       BUS_TIMEOUT_MS, NULL, NULL);
}

static gboolean
on_signal (gpointer data)
{
  Daemon *daemon = data;

  g_main_loop_quit (daemon->loop);
  return G_SOURCE_CONTINUE;
}

static void
on_name_acquired (GDBusConnection *bus,
                  const char      *name,
                  gpointer         data)
{
  Daemon *daemon = data;

  daemon->owned = TRUE;
  rs_engine_start (daemon->engine);
  rs_notify_ready ();
}

static void
on_name_lost (GDBusConnection *bus,
              const char      *name,
              gpointer         data)
{
  Daemon *daemon = data;

  if (bus == NULL || g_dbus_connection_is_closed (bus))
    rs_journal_print (G_LOG_LEVEL_CRITICAL, NULL, "the bus is gone");
  else if (daemon->owned)
    {
      /* no failure: systemd shall not start this one again against its successor */
      rs_journal_print (G_LOG_LEVEL_MESSAGE, NULL, "another resyncd took over");
      daemon->owned = FALSE;
      g_main_loop_quit (daemon->loop);
      return;
    }
  else
    rs_journal_print (G_LOG_LEVEL_CRITICAL, NULL, "cannot have the bus name %s: another resyncd has it, or the bus"
                      " policy does not allow this user", name);
  daemon->status = 1;
  g_main_loop_quit (daemon->loop);
}

static gboolean
on_patience (gpointer data)
{
  gboolean *over = data;

  *over = TRUE;
  return G_SOURCE_CONTINUE;
}

/* What is on its way to the disk gets there: callers wait for it, and a schedule that is lost is a resync that comes late. */
static void
finish_writing (RsEngine *engine)
{
  gboolean over = FALSE;
  guint patience = g_timeout_add_seconds (WRITE_PATIENCE, on_patience, &over);

  /* and the callers are told, of whom one may have brought another write */
  while (!over && (rs_engine_is_writing (engine) || g_main_context_pending (NULL)))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (patience);
}

static int
run (GDBusConnection *bus,
     RsEngine        *engine,
     const Options   *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsService) service = rs_service_new (bus, engine, &error);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Daemon daemon = { loop, engine, FALSE, 0 };
  GBusNameOwnerFlags flags = G_BUS_NAME_OWNER_FLAGS_ALLOW_REPLACEMENT | G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE;
  guint name, watchdog;

  if (service == NULL)
    {
      rs_journal_print (G_LOG_LEVEL_CRITICAL, NULL, "cannot export the bus object: %s", error->message);
      return 1;
    }
  if (options->replace)
    flags |= G_BUS_NAME_OWNER_FLAGS_REPLACE;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  g_unix_signal_add (SIGTERM, on_signal, &daemon);
  g_unix_signal_add (SIGINT, on_signal, &daemon);
  watchdog = rs_notify_watchdog_start ();
  name = g_bus_own_name_on_connection (bus, RS_BUS_NAME, flags, on_name_acquired, on_name_lost, &daemon, NULL);
  g_main_loop_run (loop);
  rs_notify_stopping ();
  finish_writing (engine);
  if (daemon.owned)
    g_bus_unown_name (name);
  g_clear_handle_id (&watchdog, g_source_remove);
  return daemon.status;
}

/* The memory of this process holds every secret of the phone: no core of it, and no reader of the same user. */
static void
close_memory (void)
{
  /* the leak check of a sanitizer reads it from a process of its own */
  if (!RS_SANITIZE)
    prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int
main (int    argc,
      char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (RsEngine) engine = NULL;
  RsEngineOptions engine_options = { 0 };
  int status;

  setlocale (LC_CTYPE, "C.UTF-8");
  umask (0077);
  close_memory ();
  if (!read_options (&argc, &argv, &options, &error))
    {
      fprintf (stderr, "resyncd: %s\n", error->message);
      return 2;
    }
  if (options.version)
    {
      printf ("resyncd " RS_VERSION "\n");
      return 0;
    }
  engine_options.config_file = options.config;
  engine_options.state_dir = options.state_dir;
  engine_options.catalogue_dir = options.catalogue;
  engine_options.worker_path = options.worker != NULL ? options.worker : RS_WORKER_PATH;
  bus = connect_bus (&options, &error);
  engine_options.bus = bus;
  engine_options.patience = START_PATIENCE;
  if (bus == NULL)
    {
      rs_journal_print (G_LOG_LEVEL_CRITICAL, NULL, "cannot reach the bus: %s", error->message);
      return 1;
    }
  if (options.replace)
    {
      engine_options.take_over = replace_running;
      engine_options.take_over_data = bus;
      engine_options.patience = REPLACE_PATIENCE;
    }
  engine = rs_engine_new (&engine_options, &error);
  if (engine == NULL)
    {
      rs_journal_print (G_LOG_LEVEL_CRITICAL, NULL, "cannot start: %s", error->message);
      return 1;
    }
  status = run (bus, engine, &options);
  g_dbus_connection_flush_sync (bus, NULL, NULL);
  return status;
}
