/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connection, calls, and the one table that turns what the bus answers into an exit status. */
#include "config.h"

#include "ctl/bus.h"

#include "base/names.h"
#include "ctl/output.h"

#include <glib/gi18n.h>

/* Longer than any call of the daemon takes: it answers at once and works afterwards. */
#define CALL_TIMEOUT_MS 25000

#define DBUS_ERROR(name) "org.freedesktop.DBus.Error." name

typedef struct
{
  const char *name;
  RsExit      exit;
  RsError     code;
} Answer;

/* What the bus itself says, as opposed to the daemon. */
static const Answer answers[] = {
  { DBUS_ERROR ("AccessDenied"), RS_EXIT_NOT_ALLOWED, RS_ERROR_NOT_ALLOWED },
  { DBUS_ERROR ("AuthFailed"), RS_EXIT_NOT_ALLOWED, RS_ERROR_NOT_ALLOWED },
  { DBUS_ERROR ("ServiceUnknown"), RS_EXIT_NO_DAEMON, RS_ERROR_UNREACHABLE },
  { DBUS_ERROR ("NameHasNoOwner"), RS_EXIT_NO_DAEMON, RS_ERROR_UNREACHABLE },
  { DBUS_ERROR ("NoReply"), RS_EXIT_NO_DAEMON, RS_ERROR_UNREACHABLE }, /* it left while it was asked */
  { DBUS_ERROR ("Disconnected"), RS_EXIT_NO_DAEMON, RS_ERROR_UNREACHABLE },
  { DBUS_ERROR ("NoServer"), RS_EXIT_NO_DAEMON, RS_ERROR_UNREACHABLE },
  { DBUS_ERROR ("TimedOut"), RS_EXIT_TIMED_OUT, RS_ERROR_FAILED },
  { DBUS_ERROR ("Timeout"), RS_EXIT_TIMED_OUT, RS_ERROR_FAILED },
  { DBUS_ERROR ("InvalidArgs"), RS_EXIT_FAILED, RS_ERROR_INVALID_ARGUMENT },
  { DBUS_ERROR ("LimitsExceeded"), RS_EXIT_FAILED, RS_ERROR_BUSY },
};

static Answer
classify (const char   *remote,
          const GError *error)
{
  Answer answer = { NULL, RS_EXIT_FAILED, RS_ERROR_FAILED };

  if (remote == NULL)
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        answer.exit = RS_EXIT_TIMED_OUT;
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
        answer = (Answer){ NULL, RS_EXIT_NO_DAEMON, RS_ERROR_UNREACHABLE };
      return answer;
    }
  if (g_str_has_prefix (remote, RS_ERROR_PREFIX))
    {
      if (!rs_error_from_name (remote + strlen (RS_ERROR_PREFIX), &answer.code))
        answer.code = RS_ERROR_FAILED;
      if (answer.code == RS_ERROR_NOT_ALLOWED)
        answer.exit = RS_EXIT_NOT_ALLOWED;
      return answer;
    }
  /* the bus could not start it */
  if (g_str_has_prefix (remote, DBUS_ERROR ("Spawn.")))
    return (Answer){ NULL, RS_EXIT_NO_DAEMON, RS_ERROR_UNREACHABLE };
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      if (g_str_equal (remote, answers[i].name))
        return answers[i];
    }
  return answer;
}

RsExit
rs_bus_fail (RsCtl        *ctl,
             const GError *error)
{
  g_autofree char *remote = g_dbus_error_get_remote_error (error);
  g_autoptr (GError) plain = g_error_copy (error);
  Answer answer = classify (remote, error);

  g_dbus_error_strip_remote_error (plain);
  if (answer.exit == RS_EXIT_NO_DAEMON)
    return rs_fail (ctl, answer.exit, answer.code, _("resyncd cannot be reached: %s"), plain->message);
  if (answer.exit == RS_EXIT_TIMED_OUT)
    return rs_fail (ctl, answer.exit, answer.code, _("resyncd did not answer in time: %s"), plain->message);
  return rs_fail (ctl, answer.exit, answer.code, "%s", plain->message);
}

gboolean
rs_bus_connect (RsCtl *ctl)
{
  g_autoptr (GError) error = NULL;

  if (ctl->bus != NULL)
    return TRUE;
  if (ctl->address != NULL)
    ctl->bus = g_dbus_connection_new_for_address_sync (ctl->address,
                                                       G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                           | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                       NULL, NULL, &error);
  else
    ctl->bus = g_bus_get_sync (ctl->session ? G_BUS_TYPE_SESSION : G_BUS_TYPE_SYSTEM, NULL, &error);
  if (ctl->bus == NULL)
    {
      rs_fail (ctl, RS_EXIT_NO_DAEMON, RS_ERROR_UNREACHABLE, _("The bus cannot be reached: %s"), error->message);
      return FALSE;
    }
  g_dbus_connection_set_exit_on_close (ctl->bus, FALSE);
  return TRUE;
}

static GVariant *
call (RsCtl        *ctl,
      const char   *interface,
      const char   *method,
      GVariant     *arguments,
      const char   *reply_type,
      int           timeout,
      GUnixFDList **fds)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) held = g_variant_ref_sink (arguments);
  GVariant *reply;

  if (!rs_bus_connect (ctl))
    return NULL;
  reply = g_dbus_connection_call_with_unix_fd_list_sync (ctl->bus, RS_BUS_NAME, RS_OBJECT_PATH, interface, method, held,
                                                         G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NONE,
                                                         timeout, NULL, fds, NULL, &error);
  if (reply == NULL)
    rs_bus_fail (ctl, error);
  return reply;
}

GVariant *
rs_bus_call (RsCtl        *ctl,
             const char   *interface,
             const char   *method,
             GVariant     *arguments,
             const char   *reply_type,
             GUnixFDList **fds)
{
  /* who waits so long for the end waits no longer for an answer */
  int timeout = ctl->wait_seconds > 0 ? (int) MIN (ctl->wait_seconds, CALL_TIMEOUT_MS / 1000) * 1000 : CALL_TIMEOUT_MS;

  return call (ctl, interface, method, arguments, reply_type, timeout, fds);
}

GVariant *
rs_bus_call_slow (RsCtl      *ctl,
                  const char *interface,
                  const char *method,
                  GVariant   *arguments,
                  const char *reply_type)
{
  /* the daemon bounds what it fetches; if it leaves, the bus says so */
  return call (ctl, interface, method, arguments, reply_type, G_MAXINT, NULL);
}

GVariant *
rs_bus_get_all (RsCtl      *ctl,
                const char *interface)
{
  g_autoptr (GVariant) reply = rs_bus_call (ctl, "org.freedesktop.DBus.Properties", "GetAll",
                                            g_variant_new ("(s)", interface), "(a{sv})", NULL);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}
