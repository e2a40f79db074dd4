/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Folders and small disks for tests. */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static void
write_map (const char *path,
           const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  if (fd < 0 || write (fd, text, strlen (text)) != (ssize_t)strlen (text))
    g_error ("%s: %s", path, g_strerror (errno));
  close (fd);
}

void
disk_enter_namespace (void)
{
  g_autofree char *uid = g_strdup_printf ("0 %u 1", getuid ()), *gid = g_strdup_printf ("0 %u 1", getgid ());

  if (unshare (CLONE_NEWNS) != 0)
    {
      if (unshare (CLONE_NEWUSER | CLONE_NEWNS) != 0)
        g_error ("Neither root nor user namespaces: %s", g_strerror (errno));
      write_map ("/proc/self/setgroups", "deny");
      write_map ("/proc/self/uid_map", uid);
      write_map ("/proc/self/gid_map", gid);
    }
  if (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    g_error ("The mounts cannot be made private: %s", g_strerror (errno));
}

char *
disk_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("resyncd-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

char *
disk_small (gsize bytes)
{
  char *folder = disk_folder ();
  g_autofree char *options = g_strdup_printf ("size=%" G_GSIZE_FORMAT ",mode=0700", bytes);

  if (mount ("tmpfs", folder, "tmpfs", 0, options) != 0)
    g_error ("%s: no tmpfs: %s", folder, g_strerror (errno));
  return folder;
}

static void
remove_below (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      umount2 (path, MNT_DETACH);
      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        remove_below (path);
      g_remove (path);
    }
}

void
disk_remove (char *folder)
{
  remove_below (folder);
  umount2 (folder, MNT_DETACH);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}

void
disk_set_read_only (const char *folder,
                    gboolean    read_only)
{
  if (mount (NULL, folder, NULL, MS_REMOUNT | (read_only ? MS_RDONLY : 0), NULL) != 0)
    g_error ("%s: cannot be mounted again: %s", folder, g_strerror (errno));
}

void
disk_put_unreadable (const char *folder,
                     const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    disk_write (folder, name, "");
  /* page 0 of no process is there to be read */
  if (mount ("/proc/self/mem", path, NULL, MS_BIND, NULL) != 0)
    g_error ("%s: cannot be covered: %s", path, g_strerror (errno));
}

void
disk_write (const char *folder,
            const char *name,
            const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error);
  g_assert_no_error (error);
}

char *
disk_read (const char *folder,
           const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : NULL;
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

char *
disk_list (const char *folder,
           const char *prefix)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      if (g_str_has_prefix (name, prefix))
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **)names->pdata);
}
