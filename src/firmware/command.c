/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program of the phone's maker that verifies and writes an image. Its arguments are read from the configuration once and no shell ever sees them; its exit
 * status is its verdict, and the last line that it printed its message. It has its time, and is ended with all that it started when that is over. */
#include "firmware/backends.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define IMAGE "%f"
/* of what it prints, the end */
#define MAX_OUTPUT 4096
/* so many reads empty a pipe */
#define PIPE_READS (65536 / MAX_OUTPUT)
/* for what is told to end, before it is killed */
#define GRACE (2 * (gint64)G_USEC_PER_SEC)

struct _RsCommand
{
  RsInstaller parent_instance;

  GStrv argv;
  guint timeout; /* s */
};

#define RS_TYPE_COMMAND (rs_command_get_type ())
G_DECLARE_FINAL_TYPE (RsCommand, rs_command, RS, COMMAND, RsInstaller)
G_DEFINE_FINAL_TYPE (RsCommand, rs_command, RS_TYPE_INSTALLER)

static void
rs_command_finalize (GObject *object)
{
  g_strfreev (RS_COMMAND (object)->argv);
  G_OBJECT_CLASS (rs_command_parent_class)->finalize (object);
}

typedef struct
{
  GStrv argv;
  guint timeout; /* s */
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_strfreev (job->argv);
  g_free (job);
}

static GStrv
with_image (const RsCommand *command,
            const char      *path)
{
  GStrv argv = g_strdupv (command->argv);

  for (guint i = 0; argv[i] != NULL; i++)
    {
      g_auto (GStrv) pieces = g_strsplit (argv[i], IMAGE, -1);

      g_free (argv[i]);
      argv[i] = g_strjoinv (path, pieces);
    }
  return argv;
}

/* In the child: whatever it starts can be ended with it, and what goes wrong is in the one pipe. */
static void
prepare (gpointer data)
{
  setpgid (0, 0);
  dup2 (STDOUT_FILENO, STDERR_FILENO);
}

typedef struct
{
  GPid pid;
  int output;    /* -1: it has closed it */
  GString *kept; /* the end of what it printed */
} Running;

/* Takes what is there. */
static void
read_output (Running *running)
{
  char buffer[MAX_OUTPUT];
  gssize length = read (running->output, buffer, sizeof buffer);

  if (length > 0)
    g_string_append_len (running->kept, buffer, length);
  else if (length == 0 || (errno != EAGAIN && errno != EINTR))
    {
      close (running->output);
      running->output = -1;
    }
  if (running->kept->len > 2 * MAX_OUTPUT)
    g_string_erase (running->kept, 0, (gssize)(running->kept->len - MAX_OUTPUT));
}

/* Until it has ended; whoever else has its output is not waited for. FALSE: it is time, and it runs still. */
static gboolean
wait_until (Running *running,
            int      process,
            gint64   end)
{
  for (;;)
    {
      gint64 left = end - g_get_monotonic_time ();
      struct pollfd polled[] = { { .fd = process, .events = POLLIN }, { .fd = running->output, .events = POLLIN } };

      if (left <= 0)
        return FALSE;
      if (poll (polled, G_N_ELEMENTS (polled), (int)MIN (left / 1000 + 1, G_MAXINT)) < 0 && errno != EINTR)
        return FALSE;
      if (polled[0].revents == 0)
        {
          if (polled[1].revents != 0)
            read_output (running);
          continue;
        }
      for (guint i = 0; i < PIPE_READS && running->output >= 0; i++)
        read_output (running);
      return TRUE;
    }
}

/* Of what it printed, the last line; no byte of it is trusted. */
static char *
last_line (GString *output)
{
  const char *newline;

  for (gsize i = 0; i < output->len; i++)
    if (output->str[i] == '\0')
      output->str[i] = ' ';
  g_strchomp (output->str);
  newline = strrchr (output->str, '\n');
  return rs_text_escape (newline != NULL ? newline + 1 : output->str, 256);
}

static void
judge (GTask      *task,
       int         status,
       gboolean    in_time,
       const char *line)
{
  const Job *job = g_task_get_task_data (task);
  const char *name = job->argv[0];

  if (!in_time)
    g_task_return_new_error (task, RS_ERROR, RS_ERROR_FAILED, "%s did not end within %u s, and was ended", name, job->timeout);
  else if (WIFSIGNALED (status))
    g_task_return_new_error (task, RS_ERROR, RS_ERROR_FAILED, "%s ended by signal %d", name, WTERMSIG (status));
  else if (WEXITSTATUS (status) != 0)
    g_task_return_new_error (task, RS_ERROR, RS_ERROR_FAILED, "%s ended with %d%s%s", name, WEXITSTATUS (status),
                             line[0] != '\0' ? ": " : "", line);
  else
    g_task_return_pointer (task, g_strdup (line), g_free);
}

/* In a thread: a program takes its time to start, and to end. */
static void
run (GTask        *task,
     gpointer      source,
     gpointer      task_data,
     GCancellable *cancellable)
{
  const Job *job = task_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) kept = g_string_new (NULL);
  g_autofree char *line = NULL;
  Running running = { .output = -1, .kept = kept };
  gint64 end = g_get_monotonic_time () + (gint64)job->timeout * G_USEC_PER_SEC;
  gboolean in_time;
  int process, status = 0;

  if (!g_spawn_async_with_pipes (NULL, job->argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, prepare, NULL, &running.pid, NULL, &running.output, NULL,
                                 &error)
      || !g_unix_set_fd_nonblocking (running.output, TRUE, &error))
    {
      g_task_return_new_error (task, RS_ERROR, RS_ERROR_FAILED, "[Firmware] Command: %s", error->message);
      return;
    }
  process = (int)syscall (SYS_pidfd_open, running.pid, 0);
  in_time = wait_until (&running, process, end);
  if (!in_time)
    {
      kill (-running.pid, SIGTERM);
      if (!wait_until (&running, process, g_get_monotonic_time () + GRACE))
        kill (-running.pid, SIGKILL);
    }
  while (waitpid (running.pid, &status, 0) < 0 && errno == EINTR)
    ;
  if (running.output >= 0)
    close (running.output);
  if (process >= 0)
    close (process);
  line = last_line (kept);
  judge (task, status, in_time, line);
}

/* What it said last is the end of its progress, too. */
static void
on_run (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_task_propagate_pointer (G_TASK (result), &error);

  if (line == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  rs_installer_tell (RS_INSTALLER (source), 100, line[0] != '\0' ? line : "Installed", 1);
  g_task_return_boolean (task, TRUE);
}

static void
rs_command_install (RsInstaller *installer,
                    const char  *path,
                    GTask       *task)
{
  g_autoptr (GTask) running = g_task_new (installer, NULL, on_run, task);
  Job *job = g_new (Job, 1);

  *job = (Job){ with_image (RS_COMMAND (installer), path), RS_COMMAND (installer)->timeout };
  rs_installer_tell (installer, 0, "Installing", 1);
  g_task_set_task_data (running, job, job_free);
  g_task_run_in_thread (running, run);
}

/* It has no slots that it could tell of. */
static void
rs_command_look (RsInstaller *installer,
                 GTask       *task)
{
  g_autoptr (GTask) own = task;

  g_task_return_pointer (task, rs_slots_new (), (GDestroyNotify)rs_slots_free);
}

/* It does so itself when it installs. */
static void
rs_command_verify (RsInstaller *installer,
                   const char  *path,
                   GTask       *task)
{
  g_autoptr (GTask) own = task;

  g_task_return_pointer (task, g_strdup (""), g_free);
}

static void
rs_command_nothing_to_do (RsInstaller *installer,
                          GTask       *task)
{
  g_autoptr (GTask) own = task;

  g_task_return_boolean (task, TRUE);
}

static void
rs_command_activate (RsInstaller *installer,
                     const char  *slot,
                     GTask       *task)
{
  rs_command_nothing_to_do (installer, task);
}

static void
rs_command_class_init (RsCommandClass *class)
{
  RsInstallerClass *installer = RS_INSTALLER_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = rs_command_finalize;
  installer->https_only = TRUE;
  installer->look = rs_command_look;
  installer->verify = rs_command_verify;
  installer->install = rs_command_install;
  installer->attach = rs_command_nothing_to_do;
  installer->activate = rs_command_activate;
  installer->mark_good = rs_command_nothing_to_do;
}

static void
rs_command_init (RsCommand *command)
{
}

RsInstaller *
rs_command_new (const char *command,
                guint       timeout,
                GError    **error)
{
  g_autoptr (GError) reason = NULL;
  g_auto (GStrv) argv = NULL;
  RsCommand *installer;

  if (!g_shell_parse_argv (command, NULL, &argv, &reason))
    {
      g_set_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "[Firmware] Command: %s", reason->message);
      return NULL;
    }
  if (argv[0][0] != '/' || strstr (command, IMAGE) == NULL)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT,
                           "[Firmware] Command: expected the absolute path of a program, and %f for the image");
      return NULL;
    }
  installer = g_object_new (RS_TYPE_COMMAND, NULL);
  installer->argv = g_steal_pointer (&argv);
  installer->timeout = timeout;
  return RS_INSTALLER (installer);
}
