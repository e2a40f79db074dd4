/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A monitor for each link on the way, and one for the file at its end: a phone with a read-only /etc may have a link there for ever, and put
 * another file where it leads. */
#include "system/zone.h"

#include <gio/gio.h>

#define MAX_LINKS 8

struct _RsZoneWatch
{
  char *path;
  RsZoneFunc func;
  gpointer data;
  GPtrArray *monitors; /* GFileMonitor */
};

static void watch_all (RsZoneWatch *watch);

static void
on_changed (GFileMonitor     *monitor,
            GFile            *file,
            GFile            *other,
            GFileMonitorEvent event,
            gpointer          data)
{
  RsZoneWatch *watch = data;
  g_autoptr (GFileMonitor) held = g_object_ref (monitor);

  /* it may lead elsewhere now */
  watch_all (watch);
  watch->func (watch->data);
}

static void
add_monitor (RsZoneWatch *watch,
             const char  *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *folder = g_path_get_dirname (path);
  /* for a folder that is not there GLib would look every few seconds */
  GFileMonitor *monitor = g_file_test (folder, G_FILE_TEST_IS_DIR) ? g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL) : NULL;

  if (monitor == NULL)
    return;
  g_signal_connect (monitor, "changed", G_CALLBACK (on_changed), watch);
  g_ptr_array_add (watch->monitors, monitor);
}

static void
monitor_free (gpointer data)
{
  g_file_monitor_cancel (data);
  g_object_unref (data);
}

static void
watch_all (RsZoneWatch *watch)
{
  g_autofree char *path = g_strdup (watch->path);

  g_ptr_array_set_size (watch->monitors, 0);
  for (guint i = 0; i <= MAX_LINKS && path != NULL; i++)
    {
      g_autofree char *folder = g_path_get_dirname (path);
      g_autofree char *target = g_file_read_link (path, NULL);

      add_monitor (watch, path);
      g_free (path);
      path = target != NULL ? g_canonicalize_filename (target, folder) : NULL;
    }
}

RsZoneWatch *
rs_zone_watch_new (const char *path,
                   RsZoneFunc  func,
                   gpointer    data)
{
  RsZoneWatch *watch = g_new (RsZoneWatch, 1);

  watch->path = g_strdup (path);
  watch->func = func;
  watch->data = data;
  watch->monitors = g_ptr_array_new_with_free_func (monitor_free);
  watch_all (watch);
  return watch;
}

void
rs_zone_watch_free (RsZoneWatch *watch)
{
  if (watch == NULL)
    return;
  for (guint i = 0; i < watch->monitors->len; i++)
    g_signal_handlers_disconnect_by_data (watch->monitors->pdata[i], watch);
  g_ptr_array_unref (watch->monitors);
  g_free (watch->path);
  g_free (watch);
}
