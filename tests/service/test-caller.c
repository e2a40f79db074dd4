/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions about callers that a bus does not answer in time. */
#include "service/caller.h"

#include "base/error.h"

#include <sys/socket.h>

typedef struct
{
  GDBusConnection *daemon, *bus;
  int asked;
  guint refused;
} Fixture;

/* The bus takes the question and is silent. */
static GDBusMessage *
swallow (GDBusConnection *connection,
         GDBusMessage    *message,
         gboolean         incoming,
         gpointer         data)
{
  Fixture *fixture = data;

  if (!incoming)
    return message;
  g_atomic_int_inc (&fixture->asked);
  g_object_unref (message);
  return NULL;
}

static void
on_connected (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  GDBusConnection **connection = data;
  g_autoptr (GError) error = NULL;

  *connection = g_dbus_connection_new_finish (result, &error);
  g_assert_no_error (error);
}

static void
connect_one (int                  fd,
             const char          *guid,
             GDBusConnectionFlags flags,
             GDBusConnection    **connection)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);

  g_dbus_connection_new (G_IO_STREAM (stream), guid, flags, NULL, NULL, on_connected, connection);
}

static void
set_up (Fixture      *fixture,
        gconstpointer unused)
{
  g_autofree char *guid = g_dbus_generate_guid ();
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  connect_one (fds[0], guid, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER, &fixture->bus);
  connect_one (fds[1], NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, &fixture->daemon);
  while (fixture->bus == NULL || fixture->daemon == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_dbus_connection_add_filter (fixture->bus, swallow, fixture, NULL);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer unused)
{
  g_clear_object (&fixture->daemon);
  g_clear_object (&fixture->bus);
}

static void
on_caller (const RsCaller *caller,
           const GError   *error,
           gpointer        data)
{
  Fixture *fixture = data;

  g_assert_null (caller);
  g_assert_error (error, RS_ERROR, RS_ERROR_NOT_ALLOWED);
  fixture->refused++;
}

/* who has asked is answered once when the daemon ends, and what the bus says later finds nobody */
static void
test_end (Fixture      *fixture,
          gconstpointer unused)
{
  RsCallers *callers = rs_callers_new (fixture->daemon);

  rs_callers_ask (callers, ":1.1", on_caller, fixture);
  rs_callers_ask (callers, ":1.1", on_caller, fixture);
  rs_callers_ask (callers, ":1.2", on_caller, fixture);
  while (g_atomic_int_get (&fixture->asked) < 2)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (fixture->refused, ==, 0);
  rs_callers_free (callers);
  g_assert_cmpuint (fixture->refused, ==, 3);
  /* the calls that were given up end in the main loop; an answer of the bus would come this way as well */
  g_assert_true (g_dbus_connection_close_sync (fixture->bus, NULL, NULL));
  while (!g_dbus_connection_is_closed (fixture->daemon) || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (fixture->refused, ==, 3);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/service/caller/end", Fixture, NULL, set_up, test_end, tear_down);
  return g_test_run ();
}
