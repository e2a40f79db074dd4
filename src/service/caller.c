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

static const struct
{
  const char *group;
  RsCallerClass class;
} group_classes[] = {
  { RS_GROUP_ADMIN, RS_CALLER_ADMIN },
  { RS_GROUP_USER, RS_CALLER_USER },
  { RS_GROUP_SIP, RS_CALLER_SIP },
};

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

static void
on_credentials (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) credentials = NULL;
  g_autoptr (GVariant) groups = NULL;
  guint32 uid;

  if (reply == NULL)
    {
      g_task_return_new_error (task, RS_ERROR, RS_ERROR_NOT_ALLOWED, "the bus does not say who calls: %s", error->message);
      return;
    }
  credentials = g_variant_get_child_value (reply, 0);
  if (!g_variant_lookup (credentials, "UnixUserID", "u", &uid))
    {
      g_task_return_new_error (task, RS_ERROR, RS_ERROR_NOT_ALLOWED, "the bus does not say which user calls");
      return;
    }
  groups = g_variant_lookup_value (credentials, "UnixGroupIDs", G_VARIANT_TYPE ("au"));
  g_task_return_pointer (task, caller_new (uid, groups), (GDestroyNotify)rs_caller_free);
}

void
rs_caller_get_async (GDBusConnection    *bus,
                     const char         *sender,
                     GAsyncReadyCallback callback,
                     gpointer            data)
{
  GTask *task = g_task_new (NULL, NULL, callback, data);

  if (sender == NULL)
    {
      g_task_return_pointer (task, caller_new (geteuid (), NULL), (GDestroyNotify)rs_caller_free);
      g_object_unref (task);
      return;
    }
  g_dbus_connection_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                          "GetConnectionCredentials", g_variant_new ("(s)", sender), G_VARIANT_TYPE ("(a{sv})"),
                          G_DBUS_CALL_FLAGS_NONE, LOOKUP_TIMEOUT_MS, NULL, on_credentials, task);
}

RsCaller *
rs_caller_get_finish (GAsyncResult *result,
                      GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
