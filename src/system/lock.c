/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* flock () on a file in the folder; its descriptor is the one thing of that disk that stays open. */
#include "system/lock.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#define NAME ".lock"
#define STEP 50000 /* microseconds */

struct _RsLock
{
  gatomicrefcount ref_count;
  char *dir;
  GMutex mutex; /* what follows is for threads that write at the same time */
  int fd;       /* -1: not taken */
  guint inside;
  gboolean failed;
  gboolean failed_inside; /* since somebody was last alone to enter */
};

RsLock *
rs_lock_new (const char *dir)
{
  RsLock *lock = g_new0 (RsLock, 1);

  g_atomic_ref_count_init (&lock->ref_count);
  g_mutex_init (&lock->mutex);
  lock->dir = g_strdup (dir);
  lock->fd = -1;
  return lock;
}

RsLock *
rs_lock_ref (RsLock *lock)
{
  g_atomic_ref_count_inc (&lock->ref_count);
  return lock;
}

static void
let_go (RsLock *lock)
{
  /* a child that is not yet executed has the descriptor as well, and would keep the lock */
  if (lock->fd >= 0)
    {
      flock (lock->fd, LOCK_UN);
      close (lock->fd);
    }
  lock->fd = -1;
}

void
rs_lock_unref (RsLock *lock)
{
  if (lock == NULL || !g_atomic_ref_count_dec (&lock->ref_count))
    return;
  let_go (lock);
  g_mutex_clear (&lock->mutex);
  g_free (lock->dir);
  g_free (lock);
}

static gboolean
try (RsLock  *lock,
     GError **error)
{
  g_autofree char *path = g_build_filename (lock->dir, NAME, NULL);

  if (lock->fd >= 0)
    return TRUE;
  /* not for writing: it must not keep the disk from being made read-only, nor the daemon from starting on one */
  lock->fd = open (path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock->fd >= 0 && flock (lock->fd, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  if (lock->fd >= 0 && errno == EWOULDBLOCK)
    g_set_error (error, RS_ERROR, RS_ERROR_BUSY, "another resyncd uses %s; stop it first, or use --replace", lock->dir);
  else
    g_set_error (error, RS_ERROR, RS_ERROR_STORAGE, "cannot take the lock %s: %s", path, g_strerror (errno));
  let_go (lock);
  return FALSE;
}

gboolean
rs_lock_take (RsLock  *lock,
              guint    seconds,
              GError **error)
{
  gint64 end = g_get_monotonic_time () + seconds * (gint64)G_USEC_PER_SEC;
  g_autoptr (GError) reason = NULL;

  while (!try (lock, &reason))
    {
      if (rs_error_code (reason) != RS_ERROR_BUSY || g_get_monotonic_time () >= end)
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
      g_clear_error (&reason);
      g_usleep (STEP);
    }
  return TRUE;
}

gboolean
rs_lock_enter (RsLock  *lock,
               GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (lock == NULL)
    return TRUE;
  locker = g_mutex_locker_new (&lock->mutex);
  if (!try (lock, error))
    return FALSE;
  lock->inside++;
  return TRUE;
}

void
rs_lock_leave (RsLock *lock)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (lock == NULL)
    return;
  locker = g_mutex_locker_new (&lock->mutex);
  lock->inside--;
  if (lock->inside > 0)
    return;
  lock->failed_inside = FALSE;
  if (lock->failed)
    let_go (lock);
}

void
rs_lock_set_failed (RsLock  *lock,
                    gboolean failed)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (lock == NULL)
    return;
  locker = g_mutex_locker_new (&lock->mutex);
  if (failed)
    lock->failed = lock->failed_inside = TRUE;
  else if (!lock->failed_inside)
    lock->failed = FALSE;
}
