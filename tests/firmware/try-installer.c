/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One call of an installer, for tests that run the real ones: try-installer ADDRESS BACKEND COMMAND CALL [ARGUMENT [SECONDS]]. It prints what it hears, a line
 * each, and ends with 0 or 1. SECONDS: that a program has. */
#include "base/error.h"
#include "firmware/installer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int status = -1;

static void
end (const char   *text,
     const GError *error)
{
  if (error != NULL)
    printf ("error %s %s\n", rs_error_name (rs_error_code (error)), error->message);
  else
    printf ("ok %s\n", text);
  status = error != NULL;
}

static void
on_progress (int         percentage,
             const char *message,
             int         depth,
             gpointer    data)
{
  printf ("progress %d %d %s\n", percentage, depth, message);
}

static void
on_look (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsSlots) slots = rs_installer_look_finish (result, &error);
  g_autofree char *text = NULL;

  if (slots != NULL)
    text = g_strdup_printf ("%s|%s|%s|%s", slots->booted, slots->other, slots->other_mark, slots->installing ? "installing" : "");
  end (text, error);
}

static void
on_verify (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *version = rs_installer_verify_finish (result, &error);

  end (version, error);
}

static void
on_done (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;
  gboolean good = rs_installer_finish (result, &error);

  end (good ? "" : NULL, error);
}

static gboolean
begin (RsInstaller *installer,
       const char  *what,
       const char  *argument)
{
  if (strcmp (what, "look") == 0)
    rs_installer_look_async (installer, on_look, NULL);
  else if (strcmp (what, "verify") == 0)
    rs_installer_verify_async (installer, argument, NULL, on_verify, NULL);
  else if (strcmp (what, "install") == 0)
    rs_installer_install_async (installer, argument, on_done, NULL);
  else if (strcmp (what, "attach") == 0)
    rs_installer_attach_async (installer, on_done, NULL);
  else if (strcmp (what, "activate") == 0)
    rs_installer_activate_async (installer, argument, on_done, NULL);
  else if (strcmp (what, "mark-good") == 0)
    rs_installer_mark_good_async (installer, on_done, NULL);
  else
    return FALSE;
  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (RsInstaller) installer = NULL;

  setvbuf (stdout, NULL, _IOLBF, 0);
  if (argc < 5)
    return 2;
  if (argv[1][0] != '\0')
    {
      bus = g_dbus_connection_new_for_address_sync (
          argv[1], G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, &error);
      g_assert_no_error (error);
    }
  installer = rs_installer_new (argv[2], argv[3], argc > 6 ? (guint)atoi (argv[6]) : 60, bus, &error);
  if (installer == NULL)
    {
      end ("none", error);
      return status;
    }
  rs_installer_set_progress (installer, on_progress, NULL);
  if (!begin (installer, argv[4], argc > 5 ? argv[5] : ""))
    return 2;
  while (status < 0)
    g_main_context_iteration (NULL, TRUE);
  return status;
}
