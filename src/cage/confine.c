/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first step: limits, and Landlock. */
#include "cage/landlock.h"

#include "base/error.h"
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* sockets, descriptors that wake a loop, a few files; a download uses a dozen */
/* bytes for the stack of a thread: the default of 8 MB each would be most of the address space */
#define STACK (512 * 1024)

/* Where a stricter limit is in force already, hard or soft, that stays. */
static gboolean
set_limit (int resource, guint64 soft, guint64 hard, GError **error)
{
  struct rlimit limit;

  if (getrlimit (resource, &limit) == 0)
    {
      limit.rlim_max = MIN (limit.rlim_max, hard);
      limit.rlim_cur = MIN (limit.rlim_cur, MIN (limit.rlim_max, soft));
      if (setrlimit (resource, &limit) == 0)
        return TRUE;
    }
  g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the worker cannot be locked in: no limit %d: %s", resource,
               g_strerror (errno));
  return FALSE;
}

/* Bytes of address space in use. What libraries take depends on the machine; libicudata alone has 30 MB. */
static gboolean
read_mapped (guint64 *bytes, GError **error)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED,
                           "the worker cannot be locked in: /proc/self/statm cannot be read");
      return FALSE;
    }
  *bytes = g_ascii_strtoull (text, NULL, 10) * (guint64)getpagesize ();
  return TRUE;
}

/* The shadow memory of a sanitizer is larger than any limit, and its report may go to a file. */
static gboolean
set_memory_limits (const RsCage *cage, GError **error)
{
  pthread_attr_t attributes;
  guint64 mapped, memory;

  if (RS_SANITIZE)
    return TRUE;
  if (!read_mapped (&mapped, error))
    return FALSE;
  memory = mapped + cage->memory;
  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, STACK);
  pthread_setattr_default_np (&attributes);
  pthread_attr_destroy (&attributes);
  /* a file, such as a log, that the worker was given shall fail, not kill */
  signal (SIGXFSZ, SIG_IGN);
  return set_limit (RLIMIT_AS, memory, memory, error) && set_limit (RLIMIT_FSIZE, cage->file_bytes, cage->file_bytes, error);
}

/* There is none on processes: it counts those of the user, and that is the daemon's. The filter lets none be made. */
static gboolean
set_limits (const RsCage *cage, GError **error)
{
  return set_limit (RLIMIT_CORE, 0, 0, error) && set_limit (RLIMIT_CPU, cage->seconds, cage->seconds + 1, error)
         && set_limit (RLIMIT_NOFILE, RS_CAGE_DESCRIPTORS, RS_CAGE_DESCRIPTORS, error) && set_memory_limits (cage, error);
}

static gboolean
close_process (GError **error)
{
  /* a core that is piped to a program knows no limit; a sanitizer's check for leaks traces its own process */
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && (RS_SANITIZE || prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) == 0))
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the worker cannot be locked in: %s", g_strerror (errno));
  return FALSE;
}

/* Landlock would not hold the others. */
static gboolean
has_one_thread (GError **error)
{
  struct stat status;

  /* the folder's own two links, and one for each thread */
  if (stat ("/proc/self/task", &status) == 0 && status.st_nlink == 3)
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "the worker cannot be locked in: it has several threads");
  return FALSE;
}

gboolean
rs_cage_confine (const RsCage *cage, GError **error)
{
  guint abi = rs_cage_landlock_abi ();

  if (!has_one_thread (error) || !close_process (error) || !set_limits (cage, error))
    return FALSE;
  if (abi > 0)
    return rs_landlock_restrict (abi, cage, error);
  if (cage->allow_weak)
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED,
                       "this kernel cannot lock workers in (it has no Landlock), and without that nothing is downloaded; "
                       "use a kernel with Landlock, or set AllowWeakSandbox=true in [Worker] of resyncd.conf");
  return FALSE;
}
