/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Atomic and durable files: each system call is let fail in turn, the disk is full, the writer is killed. */
#include "disk.h"

#include "base/error.h"
#include "system/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The call that fails next, how many of it go well before, and how it fails. */
static struct
{
  const char *call;
  int         after, code, times;
} plan;
static GString *calls; /* of a save, in order */

static gboolean
fails (const char *call)
{
  if (calls != NULL)
    g_string_append_printf (calls, "%s ", call);
  if (plan.call == NULL || strcmp (plan.call, call) != 0 || plan.after-- > 0 || plan.times-- <= 0)
    return FALSE;
  errno = plan.code;
  return TRUE;
}

int     __real_fsync (int fd);
ssize_t __real_write (int         fd,
                      const void *data,
                      size_t      n);
int     __real_linkat (int         from,
                       const char *a,
                       int         to,
                       const char *b,
                       int         flags);
int     __real_renameat (int         from,
                         const char *a,
                         int         to,
                         const char *b);
int     __real_openat (int         fd,
                       const char *name,
                       int         flags,
                       mode_t      mode);
int     __real_close (int fd);
int     __wrap_fsync (int fd);
ssize_t __wrap_write (int         fd,
                      const void *data,
                      size_t      n);
int     __wrap_linkat (int         from,
                       const char *a,
                       int         to,
                       const char *b,
                       int         flags);
int     __wrap_renameat (int         from,
                         const char *a,
                         int         to,
                         const char *b);
int     __wrap_openat (int         fd,
                       const char *name,
                       int         flags,
                       ...);
int     __wrap_openat64 (int         fd,
                         const char *name,
                         int         flags,
                         ...);
int     __wrap_close (int fd);

int
__wrap_fsync (int fd)
{
  return fails ("fsync") ? -1 : __real_fsync (fd);
}

/* Never takes more than 1000 bytes at a time. */
ssize_t
__wrap_write (int         fd,
              const void *data,
              size_t      n)
{
  return fails ("write") ? -1 : __real_write (fd, data, MIN (n, 1000));
}

int
__wrap_linkat (int         from,
               const char *a,
               int         to,
               const char *b,
               int         flags)
{
  return fails ("linkat") ? -1 : __real_linkat (from, a, to, b, flags);
}

int
__wrap_renameat (int         from,
                 const char *a,
                 int         to,
                 const char *b)
{
  return fails ("renameat") ? -1 : __real_renameat (from, a, to, b);
}

static int
open_or_fail (int         fd,
              const char *name,
              int         flags,
              mode_t      mode)
{
  return fails ("openat") ? -1 : __real_openat (fd, name, flags, mode);
}

int
__wrap_openat (int         fd,
               const char *name,
               int         flags,
               ...)
{
  return open_or_fail (fd, name, flags, 0600);
}

int
__wrap_openat64 (int         fd,
                 const char *name,
                 int         flags,
                 ...)
{
  return open_or_fail (fd, name, flags, 0600);
}

int
__wrap_close (int fd)
{
  int result = __real_close (fd);

  return fails ("close") ? -1 : result;
}

static gboolean
save (const char *folder,
      const char *text,
      gboolean    keep,
      GError    **error)
{
  g_autoptr (GBytes) content = g_bytes_new (text, strlen (text));

  return rs_file_save (folder, "f.conf", content, keep, error);
}

static void
assert_content (const char *folder,
                const char *name,
                const char *text)
{
  g_autofree char *found = disk_read (folder, name);

  g_assert_cmpstr (found, ==, text);
}

static void
assert_names (const char *folder,
              const char *names)
{
  g_autofree char *found = disk_list (folder, "");

  g_assert_cmpstr (found, ==, names);
}

/* STORE-1: temporary file, fsync, link to the previous generation, rename, fsync of the directory; mode 0600 */
static void
test_save (void)
{
  char *folder = disk_folder ();
  g_autofree char *path = g_build_filename (folder, "f.conf", NULL), *large = g_strnfill (5000, 'x');
  g_autoptr (GError) error = NULL;
  struct stat status;

  umask (0);
  calls = g_string_new (NULL);
  g_assert_true (save (folder, "one", TRUE, &error));
  g_assert_cmpstr (calls->str, ==, "openat write fsync close linkat renameat fsync close ");
  assert_names (folder, "f.conf");
  g_string_truncate (calls, 0);
  g_assert_true (save (folder, "two", TRUE, &error));
  g_assert_cmpstr (calls->str, ==, "openat write fsync close linkat renameat renameat fsync close ");
  assert_content (folder, "f.conf", "two");
  assert_content (folder, "f.conf.previous", "one");
  g_string_free (g_steal_pointer (&calls), TRUE);
  g_assert_true (save (folder, large, TRUE, &error));
  assert_content (folder, "f.conf", large);
  assert_content (folder, "f.conf.previous", "two");
  g_assert_true (save (folder, "four", FALSE, &error));
  assert_content (folder, "f.conf", "four");
  assert_content (folder, "f.conf.previous", "two");
  assert_names (folder, "f.conf f.conf.previous");
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  disk_remove (folder);
}

/* STORE-1: a save that was cut between link and rename left both names on one file */
static void
test_previous_is_present (void)
{
  char *folder = disk_folder ();
  g_autofree char *from = g_build_filename (folder, "f.conf", NULL),
                  *to = g_build_filename (folder, "f.conf.previous", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (save (folder, "one", TRUE, &error));
  g_assert_cmpint (link (from, to), ==, 0);
  g_assert_true (save (folder, "two", TRUE, &error));
  assert_content (folder, "f.conf", "two");
  assert_content (folder, "f.conf.previous", "one");
  assert_names (folder, "f.conf f.conf.previous");
  disk_remove (folder);
}

static const struct
{
  const char *call;
  int         after;
  const char *says;
} steps[] = {
  { "openat", 0, "create" },  { "write", 0, "write" },    { "write", 2, "write" },  { "fsync", 0, "durable" },
  { "close", 0, "close" },    { "linkat", 0, "previous" }, { "renameat", 0, "previous" }, { "renameat", 1, "rename" },
  { "fsync", 1, "directory" },
};

/* STORE-1, STORE-2: whatever step fails, it is said and the old file is as it was */
static void
test_each_step_fails (void)
{
  g_autofree char *large = g_strnfill (5000, 'x');

  for (guint i = 0; i < 2 * G_N_ELEMENTS (steps); i++)
    {
      gboolean keep = i % 2 == 0;
      char *folder = disk_folder ();
      g_autoptr (GError) error = NULL;
      g_autofree char *names = NULL;

      g_assert_true (save (folder, "zero", TRUE, &error));
      g_assert_true (save (folder, "one", TRUE, &error));
      plan.call = steps[i / 2].call;
      plan.after = steps[i / 2].after;
      plan.code = ENOSPC;
      plan.times = 1;
      g_assert_false (save (folder, large, keep, &error));
      plan.call = NULL;
      g_test_message ("%s", error->message);
      g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
      g_assert_nonnull (strstr (error->message, steps[i / 2].says));
      assert_content (folder, "f.conf", "one");
      assert_names (folder, "f.conf f.conf.previous");
      g_clear_error (&error);
      g_assert_true (save (folder, large, keep, &error));
      assert_content (folder, "f.conf", large);
      disk_remove (folder);
    }
}

/* STORE-2: a first file whose directory cannot be made durable is not left */
static void
test_first_fails (void)
{
  char *folder = disk_folder ();
  g_autoptr (GError) error = NULL;

  plan.call = "fsync";
  plan.after = 1;
  plan.code = EIO;
  plan.times = 1;
  g_assert_false (save (folder, "one", TRUE, &error));
  plan.call = NULL;
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  assert_names (folder, "");
  disk_remove (folder);
}

/* STORE-2: a signal in the middle is no failure */
static void
test_interrupted (void)
{
  char *folder = disk_folder ();
  g_autofree char *large = g_strnfill (5000, 'x');
  g_autoptr (GError) error = NULL;

  plan.call = "write";
  plan.after = 2;
  plan.code = EINTR;
  plan.times = 3;
  g_assert_true (save (folder, large, TRUE, &error));
  plan.call = NULL;
  assert_content (folder, "f.conf", large);
  disk_remove (folder);
}

/* STORE-2 */
static void
test_full_disk (void)
{
  char *folder = disk_small (64 * 1024);
  g_autofree char *half = g_strnfill (20 * 1024, 'a'), *large = g_strnfill (60 * 1024, 'b');
  g_autofree char *rest = g_strnfill (24 * 1024, 'r'), *other = g_build_filename (folder, "other", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (save (folder, half, TRUE, &error));
  g_assert_false (save (folder, large, TRUE, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  assert_content (folder, "f.conf", half);
  assert_names (folder, "f.conf");
  g_clear_error (&error);
  disk_write (folder, "other", rest);
  g_assert_true (save (folder, "c", TRUE, &error));
  g_assert_false (save (folder, half, TRUE, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  assert_content (folder, "f.conf", "c");
  g_clear_error (&error);
  g_assert_cmpint (g_unlink (other), ==, 0);
  g_assert_true (save (folder, half, TRUE, &error));
  assert_content (folder, "f.conf", half);
  disk_remove (folder);
}

/* STORE-2 */
static void
test_read_only (void)
{
  char *folder = disk_small (64 * 1024);
  g_autoptr (GError) error = NULL;

  g_assert_true (save (folder, "one", TRUE, &error));
  disk_set_read_only (folder, TRUE);
  g_assert_false (save (folder, "two", TRUE, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_false (rs_file_remove (folder, "f.conf", &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_false (rs_file_set_aside (folder, "f.conf", 0, NULL, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  g_clear_error (&error);
  assert_content (folder, "f.conf", "one");
  disk_set_read_only (folder, FALSE);
  g_assert_true (save (folder, "two", TRUE, &error));
  disk_remove (folder);
}

static void
save_for_ever (const char *folder)
{
  g_autofree char *a = g_strnfill (20000, 'a'), *b = g_strnfill (30000, 'b');

  for (guint i = 0;; i++)
    {
      if (!save (folder, i % 2 == 0 ? a : b, TRUE, NULL))
        _exit (1);
    }
}

static void
assert_whole (const char *folder,
              const char *name)
{
  g_autofree char *text = disk_read (folder, name);
  gsize length;

  if (text == NULL)
    return;
  length = strlen (text);
  g_assert_true (length == (text[0] == 'a' ? 20000 : 30000));
  g_assert_cmpuint (strspn (text, text[0] == 'a' ? "a" : "b"), ==, length);
}

/* STORE-1: killed at any moment, the old or the new file is there, whole; the rest is swept */
static void
test_killed (void)
{
  char *folder = disk_folder ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint i = 0; i < 60; i++)
    {
      pid_t child = fork ();
      int status;

      if (child == 0)
        save_for_ever (folder);
      g_usleep (g_rand_int_range (rand, 500, 8000));
      kill (child, SIGKILL);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFSIGNALED (status));
      assert_whole (folder, "f.conf");
      assert_whole (folder, "f.conf.previous");
    }
  rs_file_sweep (folder);
  assert_names (folder, "f.conf f.conf.previous");
  disk_remove (folder);
}

static void
test_read (void)
{
  char *folder = disk_folder ();
  g_autofree char *text = g_strnfill (10000, 'x'), *nowhere = g_build_filename (folder, "nowhere", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) content = NULL;

  g_assert_true (rs_file_read (folder, "f", 100, &content, &error));
  g_assert_null (content);
  disk_write (folder, "f", text);
  g_assert_true (rs_file_read (folder, "f", 10000, &content, &error));
  g_assert_cmpuint (g_bytes_get_size (content), ==, 10000);
  g_clear_pointer (&content, g_bytes_unref);
  g_assert_false (rs_file_read (folder, "f", 9999, &content, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_CORRUPT);
  g_assert_null (content);
  g_clear_error (&error);
  disk_write (folder, "f", "");
  g_assert_true (rs_file_read (folder, "f", 0, &content, &error));
  g_assert_cmpuint (g_bytes_get_size (content), ==, 0);
  g_clear_pointer (&content, g_bytes_unref);
  g_assert_false (rs_file_read (nowhere, "f", 100, &content, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  disk_remove (folder);
}

/* STORE-5: what is no regular file is bad content, and never waited for */
static void
test_read_other_kinds (void)
{
  char *folder = disk_folder ();
  g_autofree char *sub = g_build_filename (folder, "dir", NULL), *pipe = g_build_filename (folder, "pipe", NULL);
  g_autofree char *symbolic = g_build_filename (folder, "link", NULL);
  const char *const names[] = { "dir", "pipe", "link" };

  g_assert_cmpint (g_mkdir (sub, 0700), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (symlink ("/etc/passwd", symbolic), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) content = NULL;

      g_assert_false (rs_file_read (folder, names[i], 100, &content, &error));
      g_assert_error (error, RS_ERROR, RS_ERROR_CORRUPT);
    }
  disk_remove (folder);
}

/* STORE-5: an I/O error is none of the content's */
static void
test_read_error (void)
{
  char *folder = disk_folder ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) content = NULL;

  disk_put_unreadable (folder, "f.conf");
  g_assert_false (rs_file_read (folder, "f.conf", 100000, &content, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  disk_remove (folder);
}

/* STORE-5: two copies at most */
static void
test_set_aside (void)
{
  char *folder = disk_folder ();
  g_autoptr (GError) error = NULL;
  static const struct
  {
    gint64 time;
    const char *name, *names;
  } turns[] = {
    { 1769903999 * (gint64)G_USEC_PER_SEC, "f.conf.broken-20260131T235959Z", "f.conf.broken-20260131T235959Z" },
    { 1769903999 * (gint64)G_USEC_PER_SEC, "f.conf.broken-20260131T235959Z-1",
      "f.conf.broken-20260131T235959Z f.conf.broken-20260131T235959Z-1" },
    { 1769990399 * (gint64)G_USEC_PER_SEC, "f.conf.broken-20260201T235959Z",
      "f.conf.broken-20260131T235959Z-1 f.conf.broken-20260201T235959Z" },
    /* the clock has lost its battery: what was just set aside stays all the same */
    { 0, "f.conf.broken-19700101T000000Z", "f.conf.broken-19700101T000000Z f.conf.broken-20260201T235959Z" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (turns); i++)
    {
      g_autofree char *name = NULL;

      disk_write (folder, "f.conf", "broken");
      g_assert_true (rs_file_set_aside (folder, "f.conf", turns[i].time, &name, &error));
      g_assert_cmpstr (name, ==, turns[i].name);
      assert_names (folder, turns[i].names);
    }
  disk_write (folder, "f.conf.previous", "broken");
  g_assert_true (rs_file_set_aside (folder, "f.conf.previous", 0, NULL, &error));
  assert_names (folder, "f.conf.broken-19700101T000000Z-1 f.conf.broken-20260201T235959Z");
  g_assert_false (rs_file_set_aside (folder, "f.conf", 0, NULL, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  disk_remove (folder);
}

static void
test_remove_and_sweep (void)
{
  char *folder = disk_folder ();
  g_autofree char *sub = g_build_filename (folder, "dir", NULL);
  g_autoptr (GError) error = NULL;

  disk_write (folder, "f", "x");
  disk_write (folder, ".f.tmp-12345678", "x");
  disk_write (folder, ".keep", "x");
  g_assert_cmpint (g_mkdir (sub, 0700), ==, 0);
  rs_file_sweep (folder);
  assert_names (folder, ".keep dir f");
  g_assert_true (rs_file_remove (folder, "f", &error));
  g_assert_true (rs_file_remove (folder, "f", &error));
  g_assert_true (rs_file_remove (folder, "dir", &error));
  assert_names (folder, ".keep");
  rs_file_sweep ("/nowhere");
  disk_remove (folder);
}

int
main (int    argc,
      char **argv)
{
  disk_enter_namespace ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/system/file/save", test_save);
  g_test_add_func ("/system/file/previous-is-present", test_previous_is_present);
  g_test_add_func ("/system/file/each-step-fails", test_each_step_fails);
  g_test_add_func ("/system/file/first-fails", test_first_fails);
  g_test_add_func ("/system/file/interrupted", test_interrupted);
  g_test_add_func ("/system/file/full-disk", test_full_disk);
  g_test_add_func ("/system/file/read-only", test_read_only);
  g_test_add_func ("/system/file/killed", test_killed);
  g_test_add_func ("/system/file/read", test_read);
  g_test_add_func ("/system/file/read-other-kinds", test_read_other_kinds);
  g_test_add_func ("/system/file/read-error", test_read_error);
  g_test_add_func ("/system/file/set-aside", test_set_aside);
  g_test_add_func ("/system/file/remove-and-sweep", test_remove_and_sweep);
  return g_test_run ();
}
