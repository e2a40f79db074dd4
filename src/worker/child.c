/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making of the process. GSubprocess closes every descriptor but those it is told of; standard output and error are the
 * daemon's. It returns when the child has begun its program, which on a busy machine is tens of milliseconds; nobody on
 * the bus shall wait for that, so a thread does. */
#include "worker/child.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
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
spawn (const char *path, int fd, int image, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_auto (GStrv) environment = child_environment ();
  g_autoptr (GError) reason = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_environ (launcher, environment);
  g_subprocess_launcher_set_cwd (launcher, "/");
  g_subprocess_launcher_set_child_setup (launcher, prepare_child, GINT_TO_POINTER (getpid ()), NULL);
  g_subprocess_launcher_take_fd (launcher, fd, RS_CHILD_FD);
  if (image >= 0)
    g_subprocess_launcher_take_fd (launcher, image, RS_CHILD_IMAGE_FD);
  process = g_subprocess_launcher_spawn (launcher, &reason, path, NULL);
  if (process == NULL)
    g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the worker cannot be started: %s", reason->message);
  return process;
}

typedef struct
{
  GSubprocess *process;
  GSocket *socket;
} Child;

static void
child_free (gpointer data)
{
  Child *child = data;

  g_clear_object (&child->process);
  g_clear_object (&child->socket);
  g_free (child);
}

typedef struct
{
  char *path;
  int image; /* -1: none, or the child has it */
} Order;

static void
order_free (gpointer data)
{
  Order *order = data;

  if (order->image >= 0)
    close (order->image);
  g_free (order->path);
  g_free (order);
}

static Child *
start (Order *order, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GSocket) own = NULL;
  GSubprocess *process;
  Child *child;
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
  process = spawn (order->path, fds[1], order->image, error);
  order->image = -1;
  if (process == NULL)
    return NULL;
  child = g_new (Child, 1);
  *child = (Child){ process, g_steal_pointer (&own) };
  return child;
}

/* One thread makes all the workers, and never ends: the kernel kills a child when the thread ends that made it, and so
 * when the daemon does. */
static gpointer
make_children (gpointer data)
{
  GAsyncQueue *tasks = data;

  for (;;)
    {
      g_autoptr (GTask) task = g_async_queue_pop (tasks);
      GError *error = NULL;
      Child *child;

      /* nobody waits for it any more */
      if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
        {
          g_task_return_error (task, error);
          continue;
        }
      child = start (g_task_get_task_data (task), &error);
      if (child != NULL)
        g_task_return_pointer (task, child, child_free);
      else
        g_task_return_error (task, error);
    }
  return NULL;
}

static gpointer
start_thread (gpointer unused)
{
  GAsyncQueue *tasks = g_async_queue_new ();

  g_thread_unref (g_thread_new ("workers", make_children, tasks));
  return tasks;
}

void
rs_child_start_async (const char *path, int image, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  static GOnce once = G_ONCE_INIT;
  GAsyncQueue *tasks = g_once (&once, start_thread, NULL);
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Order *order = g_new (Order, 1);

  /* a child that was made is handed over, so that somebody ends it */
  g_task_set_check_cancellable (task, FALSE);
  /* a child that finds none in its place says so */
  *order = (Order){ g_strdup (path), image >= 0 ? fcntl (image, F_DUPFD_CLOEXEC, 0) : -1 };
  g_task_set_task_data (task, order, order_free);
  g_async_queue_push (tasks, task);
}

GSubprocess *
rs_child_start_finish (GAsyncResult *result, GSocket **socket, GError **error)
{
  Child *child = g_task_propagate_pointer (G_TASK (result), error);
  GSubprocess *process;

  if (child == NULL)
    return NULL;
  process = g_steal_pointer (&child->process);
  *socket = g_steal_pointer (&child->socket);
  child_free (child);
  return process;
}

gboolean
rs_child_was_caught (GSubprocess *process)
{
  return process != NULL && g_subprocess_get_if_signaled (process) && g_subprocess_get_term_sig (process) == SIGSYS;
}

static char *
signal_text (int number)
{
  const char *name = sigabbrev_np (number);

  return name != NULL ? g_strdup_printf ("signal %d (SIG%s)", number, name) : g_strdup_printf ("signal %d", number);
}

char *
rs_child_end_fault (GSubprocess *process)
{
  g_autofree char *signal = NULL;

  if (process == NULL)
    return NULL;
  if (g_subprocess_get_if_signaled (process))
    {
      signal = signal_text (g_subprocess_get_term_sig (process));
      return g_strdup_printf (rs_child_was_caught (process) ? "worker was killed by its sandbox, for a system call that no download "
                                                              "makes: %s"
                                                            : "worker died: %s",
                              signal);
    }
  if (g_subprocess_get_exit_status (process) != 0)
    return g_strdup_printf ("worker died: exit status %d", g_subprocess_get_exit_status (process));
  return NULL;
}
