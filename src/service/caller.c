/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Credentials of a caller, from the bus and the user database. */
#include "service/caller.h"

#include "base/error.h"
#include "base/names.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define MAX_GROUPS 256
#define LOOKUP_TIMEOUT_MS 10000
#define MAX_CONNECTIONS 64

static const struct
{
  const char *group;
  RsCallerClass class;
} group_classes[] = {
  { RS_GROUP_ADMIN, RS_CALLER_ADMIN },
  { RS_GROUP_USER, RS_CALLER_USER },
  { RS_GROUP_SIP, RS_CALLER_SIP },
};

RsCaller *
rs_caller_copy (const RsCaller *caller)
{
  RsCaller *copy = g_new (RsCaller, 1);

  *copy = *caller;
  copy->user = g_strdup (caller->user);
  return copy;
}

void
rs_caller_free (RsCaller *caller)
{
  if (caller == NULL)
    return;
  g_free (caller->user);
  g_free (caller);
}

gboolean
rs_caller_is_privileged (const RsCaller *caller)
{
  return (caller->classes & (RS_CALLER_ROOT | RS_CALLER_ADMIN)) != 0;
}

/* The groups' numbers, looked up once: a call must not wait for a database of groups. */
static const gid_t *
class_groups (void)
{
  static gid_t numbers[G_N_ELEMENTS (group_classes)];
  static gsize known = 0;

  if (g_once_init_enter (&known))
    {
      for (guint i = 0; i < G_N_ELEMENTS (group_classes); i++)
        {
          struct group group, *found = NULL;
          char buffer[16384];

          if (getgrnam_r (group_classes[i].group, &group, buffer, sizeof buffer, &found) != 0 || found == NULL)
            numbers[i] = (gid_t)-1;
          else
            numbers[i] = group.gr_gid;
        }
      g_once_init_leave (&known, 1);
    }
  return numbers;
}

static void
add_group (RsCaller *caller,
           gid_t     gid)
{
  const gid_t *numbers = class_groups ();

  for (guint i = 0; i < G_N_ELEMENTS (group_classes); i++)
    {
      if (gid == numbers[i] && gid != (gid_t)-1)
        caller->classes |= group_classes[i].class;
    }
}

/* What the user database says, for a bus that does not tell the groups of the connection. */
static void
add_login_groups (RsCaller            *caller,
                  const struct passwd *entry)
{
  gid_t groups[MAX_GROUPS];
  int n = MAX_GROUPS;

  if (getgrouplist (entry->pw_name, entry->pw_gid, groups, &n) < 0)
    n = MAX_GROUPS;
  for (int i = 0; i < n; i++)
    add_group (caller, groups[i]);
}

static RsCaller *
caller_new (guint32   uid,
            GVariant *group_ids)
{
  RsCaller *caller = g_new0 (RsCaller, 1);
  struct passwd entry, *found = NULL;
  char buffer[16384];

  caller->uid = uid;
  if (getpwuid_r (uid, &entry, buffer, sizeof buffer, &found) != 0)
    found = NULL;
  caller->user = g_strdup (found != NULL ? entry.pw_name : "");
  if (uid == 0 || uid == geteuid ())
    caller->classes |= RS_CALLER_ROOT;
  if (group_ids != NULL)
    {
      GVariantIter iter;
      guint32 gid;
      guint n = 0;

      g_variant_iter_init (&iter, group_ids);
      while (n++ < MAX_GROUPS && g_variant_iter_next (&iter, "u", &gid))
        add_group (caller, gid);
    }
  else if (found != NULL)
    add_login_groups (caller, &entry);
  return caller;
}

/* Somebody who waits to hear who a connection is. */
typedef struct
{
  RsCallerFunc func;
  gpointer data;
} Question;

typedef struct
{
  RsCallers *callers;
  char *sender;
  RsCaller *caller; /* NULL: the bus is being asked */
  GQueue questions; /* Question, in their order */
} Connection;

struct _RsCallers
{
  GDBusConnection *bus;
  GHashTable *connections; /* sender → Connection */
  GCancellable *cancellable;
};

static void
connection_free (gpointer data)
{
  Connection *connection = data;

  g_queue_clear_full (&connection->questions, g_free);
  rs_caller_free (connection->caller);
  g_free (connection->sender);
  g_free (connection);
}

static void
answer (Connection   *connection,
        const GError *error)
{
  Question *question;

  while ((question = g_queue_pop_head (&connection->questions)) != NULL)
    {
      question->func (connection->caller, error, question->data);
      g_free (question);
    }
}

static RsCaller *
caller_from_reply (GVariant *reply,
                   GError  **error)
{
  g_autoptr (GVariant) credentials = g_variant_get_child_value (reply, 0);
  g_autoptr (GVariant) groups = NULL;
  guint32 uid;

  if (!g_variant_lookup (credentials, "UnixUserID", "u", &uid))
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_NOT_ALLOWED, "the bus does not say which user calls");
      return NULL;
    }
  groups = g_variant_lookup_value (credentials, "UnixGroupIDs", G_VARIANT_TYPE ("au"));
  return caller_new (uid, groups);
}

static void
on_credentials (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  Connection *connection = data;
  g_autoptr (GError) reason = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &reason);

  /* the connection went with all others */
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply != NULL)
    connection->caller = caller_from_reply (reply, &error);
  else
    g_set_error (&error, RS_ERROR, RS_ERROR_NOT_ALLOWED, "the bus does not say who calls: %s", reason->message);
  answer (connection, error);
  /* the next call asks again */
  if (connection->caller == NULL)
    g_hash_table_remove (connection->callers->connections, connection->sender);
}

static gboolean
is_known (gpointer sender,
          gpointer connection,
          gpointer data)
{
  return ((const Connection *)connection)->caller != NULL;
}

static Connection *
connection_new (RsCallers  *callers,
                const char *sender)
{
  Connection *connection = g_new0 (Connection, 1);

  /* nobody is told when a connection closes: now and then all are forgotten */
  if (g_hash_table_size (callers->connections) >= MAX_CONNECTIONS)
    g_hash_table_foreach_remove (callers->connections, is_known, NULL);
  connection->callers = callers;
  connection->sender = g_strdup (sender);
  g_hash_table_insert (callers->connections, connection->sender, connection);
  g_dbus_connection_call (callers->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                          "GetConnectionCredentials", g_variant_new ("(s)", sender), G_VARIANT_TYPE ("(a{sv})"),
                          G_DBUS_CALL_FLAGS_NONE, LOOKUP_TIMEOUT_MS, callers->cancellable, on_credentials, connection);
  return connection;
}

RsCallers *
rs_callers_new (GDBusConnection *bus)
{
  RsCallers *callers = g_new (RsCallers, 1);

  callers->bus = g_object_ref (bus);
  callers->cancellable = g_cancellable_new ();
  callers->connections = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, connection_free);
  return callers;
}

void
rs_callers_free (RsCallers *callers)
{
  g_autoptr (GError) end = g_error_new_literal (RS_ERROR, RS_ERROR_NOT_ALLOWED, "the service ends, and the bus has not said who calls");
  GHashTableIter iter;
  gpointer connection;

  if (callers == NULL)
    return;
  g_cancellable_cancel (callers->cancellable);
  g_hash_table_iter_init (&iter, callers->connections);
  while (g_hash_table_iter_next (&iter, NULL, &connection))
    answer (connection, end);
  g_hash_table_unref (callers->connections);
  g_object_unref (callers->cancellable);
  g_object_unref (callers->bus);
  g_free (callers);
}

void
rs_callers_ask (RsCallers   *callers,
                const char  *sender,
                RsCallerFunc func,
                gpointer     data)
{
  Connection *connection;
  Question *question;

  if (sender == NULL)
    {
      g_autoptr (RsCaller) own = caller_new (geteuid (), NULL);

      func (own, NULL, data);
      return;
    }
  connection = g_hash_table_lookup (callers->connections, sender);
  if (connection == NULL)
    connection = connection_new (callers, sender);
  if (connection->caller != NULL)
    {
      func (connection->caller, NULL, data);
      return;
    }
  question = g_new (Question, 1);
  *question = (Question){ func, data };
  g_queue_push_tail (&connection->questions, question);
}
