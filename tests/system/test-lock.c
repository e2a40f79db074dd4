/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lock of the state folder: who holds it, when it is let go, and who finds it taken. */
#include "system/lock.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *dir;
  RsLock *first, *second; /* two daemons */
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer unused)
{
  fixture->dir = g_dir_make_tmp ("lock-XXXXXX", NULL);
  fixture->first = rs_lock_new (fixture->dir);
  fixture->second = rs_lock_new (fixture->dir);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer unused)
{
  g_autofree char *path = g_build_filename (fixture->dir, ".lock", NULL);

  rs_lock_unref (fixture->first);
  rs_lock_unref (fixture->second);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->dir), ==, 0);
  g_free (fixture->dir);
}

static void
must_take (RsLock *lock)
{
  g_autoptr (GError) error = NULL;
  gboolean taken = rs_lock_take (lock, 0, &error);

  g_assert_no_error (error);
  g_assert_true (taken);
}

static void
must_enter (RsLock *lock)
{
  g_autoptr (GError) error = NULL;
  gboolean entered = rs_lock_enter (lock, &error);

  g_assert_no_error (error);
  g_assert_true (entered);
}

static void
assert_busy (RsLock *lock)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (rs_lock_enter (lock, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_BUSY);
}

static void
write_once (RsLock  *lock,
            gboolean failed)
{
  must_enter (lock);
  rs_lock_set_failed (lock, failed);
  rs_lock_leave (lock);
}

/* STORE-1: one daemon a folder, however often it writes */
static void
test_two (Fixture      *fixture,
          gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  must_take (fixture->first);
  must_take (fixture->first);
  write_once (fixture->first, FALSE);
  g_assert_false (rs_lock_take (fixture->second, 0, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, fixture->dir));
  rs_lock_unref (g_steal_pointer (&fixture->first));
  must_take (fixture->second);
}

/* STORE-2: after a failure it is free, and who comes back finds out that another one was quicker */
static void
test_failed (Fixture      *fixture,
             gconstpointer unused)
{
  must_take (fixture->first);
  write_once (fixture->first, TRUE);
  must_take (fixture->second);
  assert_busy (fixture->first);
  rs_lock_unref (g_steal_pointer (&fixture->second));
  fixture->second = rs_lock_new (fixture->dir);
  write_once (fixture->first, FALSE);
  assert_busy (fixture->second);
}

/* STORE-2: what says nothing of the disk does not keep a lock that was let go */
static void
test_silent (Fixture      *fixture,
             gconstpointer unused)
{
  must_take (fixture->first);
  write_once (fixture->first, TRUE);
  must_enter (fixture->first);
  assert_busy (fixture->second);
  rs_lock_leave (fixture->first);
  must_take (fixture->second);
}

/* STORE-1: one of two writers that fails does not take the lock from the other */
static void
test_inside (Fixture      *fixture,
             gconstpointer unused)
{
  must_take (fixture->first);
  must_enter (fixture->first);
  write_once (fixture->first, TRUE);
  assert_busy (fixture->second);
  rs_lock_leave (fixture->first);
  must_take (fixture->second);
}

/* STORE-2: a write that went well beside one that failed does not hide that, and only a later one does */
static void
test_beside (Fixture      *fixture,
             gconstpointer unused)
{
  must_take (fixture->first);
  must_enter (fixture->first);
  write_once (fixture->first, TRUE);
  rs_lock_set_failed (fixture->first, FALSE);
  rs_lock_leave (fixture->first);
  must_take (fixture->second);
  rs_lock_unref (g_steal_pointer (&fixture->second));
  fixture->second = rs_lock_new (fixture->dir);
  write_once (fixture->first, FALSE);
  assert_busy (fixture->second);
}

/* STORE-1: a child that was made meanwhile, and is not yet executed, does not keep what its parent lets go */
static void
test_child (Fixture      *fixture,
            gconstpointer unused)
{
  pid_t child;

  must_take (fixture->first);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    for (;;)
      pause ();
  rs_lock_unref (g_steal_pointer (&fixture->first));
  must_take (fixture->second);
  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
}

/* STORE-2 */
static void
test_no_folder (void)
{
  g_autoptr (RsLock) lock = rs_lock_new ("/dev/null/state");
  g_autoptr (GError) error = NULL;

  g_assert_false (rs_lock_take (lock, 60, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  g_assert_nonnull (strstr (error->message, "/dev/null/state"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/lock/two", Fixture, NULL, set_up, test_two, tear_down);
  g_test_add ("/lock/failed", Fixture, NULL, set_up, test_failed, tear_down);
  g_test_add ("/lock/silent", Fixture, NULL, set_up, test_silent, tear_down);
  g_test_add ("/lock/inside", Fixture, NULL, set_up, test_inside, tear_down);
  g_test_add ("/lock/beside", Fixture, NULL, set_up, test_beside, tear_down);
  g_test_add ("/lock/child", Fixture, NULL, set_up, test_child, tear_down);
  g_test_add_func ("/lock/no-folder", test_no_folder);
  return g_test_run ();
}
