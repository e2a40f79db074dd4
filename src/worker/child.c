/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making of the process. GSubprocess closes every descriptor but those it is told of; standard output and error are the
 * daemon's. */
#include "worker/child.h"

#include "base/error.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a worker sees of the daemon's environment: how to print, and what sanitizers are told. */
static const char *const kept_variables[] = {
  "LANG", "LC_ALL", "TZ", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS",
};

static GStrv
child_environment (void)
{
  g_auto (GStrv) environment = g_new0 (char *, 1);

  for (guint i = 0; i < G_N_ELEMENTS (kept_variables); i++)
    {
      const char *value = g_getenv (kept_variables[i]);

      if (value != NULL)
        environment = g_environ_setenv (environment, kept_variables[i], value, TRUE);
    }
  return g_steal_pointer (&environment);
}

/* Runs between fork and exec: only calls that are safe there. What it sets outlasts the exec. */
static void
prepare_child (gpointer data)
{
  pid_t parent = GPOINTER_TO_INT (data);
  const struct rlimit none = { 0, 0 };
  sigset_t signals;

  sigemptyset (&signals);
  if (sigprocmask (SIG_SETMASK, &signals, NULL) != 0 || prctl (PR_SET_PDEATHSIG, SIGKILL) != 0
      || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || setrlimit (RLIMIT_CORE, &none) != 0)
    _exit (127);
  umask (077);
  /* the daemon may have ended before the kernel knew that this matters */
  if (getppid () != parent)
    _exit (127);
}

static GSubprocess *
spawn (const char *path, int fd, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_auto (GStrv) environment = child_environment ();
  g_autoptr (GError) reason = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_environ (launcher, environment);
  g_subprocess_launcher_set_cwd (launcher, "/");
  g_subprocess_launcher_set_child_setup (launcher, prepare_child, GINT_TO_POINTER (getpid ()), NULL);
  g_subprocess_launcher_take_fd (launcher, fd, RS_CHILD_FD);
  process = g_subprocess_launcher_spawn (launcher, &reason, path, NULL);
  if (process == NULL)
    g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the worker cannot be started: %s", reason->message);
  return process;
}

GSubprocess *
rs_child_start (const char *path, GSocket **socket, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GSocket) own = NULL;
  GSubprocess *process;
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "no socket for the worker: %s", g_strerror (errno));
      return NULL;
    }
  own = g_socket_new_from_fd (fds[0], &reason);
  if (own == NULL)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "no socket for the worker: %s", reason->message);
      close (fds[0]);
      close (fds[1]);
      return NULL;
    }
  process = spawn (path, fds[1], error);
  if (process != NULL)
    *socket = g_steal_pointer (&own);
  return process;
}
