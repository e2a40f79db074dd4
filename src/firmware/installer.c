/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all installers share: the calls as tasks, and who hears of progress. */
#include "firmware/installer.h"

#include "base/error.h"
#include "base/text.h"
#include "firmware/backends.h"

#include <string.h>

#define MAX_MESSAGE 256

typedef struct
{
  RsInstallProgressFunc func;
  gpointer data;
} RsInstallerPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (RsInstaller, rs_installer, G_TYPE_OBJECT)

static void
rs_installer_class_init (RsInstallerClass *class)
{
}

static void
rs_installer_init (RsInstaller *installer)
{
}

RsInstaller *
rs_installer_new (const char      *backend,
                  const char      *command,
                  guint            timeout,
                  GDBusConnection *bus,
                  GError         **error)
{
  if (strcmp (backend, "rauc") == 0)
    return rs_rauc_new (bus);
  return strcmp (backend, "command") == 0 ? rs_command_new (command, timeout, error) : NULL;
}

gboolean
rs_installer_is_https_only (RsInstaller *installer)
{
  return RS_INSTALLER_GET_CLASS (installer)->https_only;
}

void
rs_installer_set_progress (RsInstaller          *installer,
                           RsInstallProgressFunc func,
                           gpointer              data)
{
  RsInstallerPrivate *private = rs_installer_get_instance_private (installer);

  private->func = func;
  private->data = data;
}

void
rs_installer_tell (RsInstaller *installer,
                   int          percentage,
                   const char  *message,
                   int          depth)
{
  RsInstallerPrivate *private = rs_installer_get_instance_private (installer);
  g_autofree char *shown = rs_text_escape (message, MAX_MESSAGE);

  if (private->func != NULL)
    private->func (CLAMP (percentage, 0, 100), shown, MAX (depth, 0), private->data);
}

RsSlots *
rs_slots_new (void)
{
  RsSlots *slots = g_new0 (RsSlots, 1);

  slots->booted = g_strdup ("");
  slots->booted_mark = g_strdup ("");
  slots->booted_activation = g_strdup ("");
  slots->other = g_strdup ("");
  slots->other_mark = g_strdup ("");
  slots->other_activation = g_strdup ("");
  slots->other_version = g_strdup ("");
  return slots;
}

void
rs_slots_free (RsSlots *slots)
{
  if (slots == NULL)
    return;
  g_free (slots->booted);
  g_free (slots->booted_mark);
  g_free (slots->booted_activation);
  g_free (slots->other);
  g_free (slots->other_mark);
  g_free (slots->other_activation);
  g_free (slots->other_version);
  g_free (slots);
}

void
rs_installer_look_async (RsInstaller        *installer,
                         GAsyncReadyCallback callback,
                         gpointer            data)
{
  RS_INSTALLER_GET_CLASS (installer)->look (installer, g_task_new (installer, NULL, callback, data));
}

RsSlots *
rs_installer_look_finish (GAsyncResult *result,
                          GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
rs_installer_verify_async (RsInstaller        *installer,
                           const char         *path,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            data)
{
  RS_INSTALLER_GET_CLASS (installer)->verify (installer, path, g_task_new (installer, cancellable, callback, data));
}

char *
rs_installer_verify_finish (GAsyncResult *result,
                            GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
rs_installer_install_async (RsInstaller        *installer,
                            const char         *path,
                            GAsyncReadyCallback callback,
                            gpointer            data)
{
  RS_INSTALLER_GET_CLASS (installer)->install (installer, path, g_task_new (installer, NULL, callback, data));
}

void
rs_installer_attach_async (RsInstaller        *installer,
                           GAsyncReadyCallback callback,
                           gpointer            data)
{
  RS_INSTALLER_GET_CLASS (installer)->attach (installer, g_task_new (installer, NULL, callback, data));
}

void
rs_installer_activate_async (RsInstaller        *installer,
                             const char         *slot,
                             GAsyncReadyCallback callback,
                             gpointer            data)
{
  RS_INSTALLER_GET_CLASS (installer)->activate (installer, slot, g_task_new (installer, NULL, callback, data));
}

void
rs_installer_mark_good_async (RsInstaller        *installer,
                              GAsyncReadyCallback callback,
                              gpointer            data)
{
  RS_INSTALLER_GET_CLASS (installer)->mark_good (installer, g_task_new (installer, NULL, callback, data));
}

gboolean
rs_installer_finish (GAsyncResult *result,
                     GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
