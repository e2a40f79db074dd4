/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program of the phone's maker that verifies and writes an image. Its arguments are read from the configuration once and no shell ever sees them; its exit
 * status is its verdict, and the last line that it printed its message. */
#include "firmware/backends.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

#define IMAGE "%f"
/* of what it prints, the end */
#define MAX_OUTPUT 4096

struct _RsCommand
{
  RsInstaller parent_instance;

  GStrv argv;
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

/* Reads to the end; of it the last bytes. */
static char *
read_end (GInputStream *stream)
{
  g_autoptr (GString) kept = g_string_new (NULL);
  char buffer[MAX_OUTPUT];
  gssize length;

  while ((length = g_input_stream_read (stream, buffer, sizeof buffer, NULL, NULL)) > 0)
    {
      g_string_append_len (kept, buffer, length);
      if (kept->len > 2 * MAX_OUTPUT)
        g_string_erase (kept, 0, (gssize)(kept->len - MAX_OUTPUT));
    }
  return g_strndup (kept->str, kept->len);
}

static char *
last_line (char *text)
{
  char *newline;

  g_strchomp (text);
  newline = strrchr (text, '\n');
  return rs_text_escape (newline != NULL ? newline + 1 : text, 256);
}

/* In a thread: a program takes its time to start, and to end. */
static void
run (GTask        *task,
     gpointer      source,
     gpointer      task_data,
     GCancellable *cancellable)
{
  const char *const *argv = task_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process
      = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error);
  g_autofree char *output = NULL;
  g_autofree char *line = NULL;

  if (process == NULL)
    {
      g_task_return_new_error (task, RS_ERROR, RS_ERROR_FAILED, "[Firmware] Command: %s", error->message);
      return;
    }
  output = read_end (g_subprocess_get_stdout_pipe (process));
  line = last_line (output);
  if (!g_subprocess_wait (process, NULL, &error))
    g_task_return_new_error (task, RS_ERROR, RS_ERROR_FAILED, "[Firmware] Command: %s", error->message);
  else if (g_subprocess_get_successful (process))
    g_task_return_boolean (task, TRUE);
  else if (g_subprocess_get_if_signaled (process))
    g_task_return_new_error (task, RS_ERROR, RS_ERROR_FAILED, "%s ended by signal %d", argv[0], g_subprocess_get_term_sig (process));
  else
    g_task_return_new_error (task, RS_ERROR, RS_ERROR_FAILED, "%s ended with %d%s%s", argv[0],
                             g_subprocess_get_exit_status (process), line[0] != '\0' ? ": " : "", line);
}

static void
rs_command_install (RsInstaller *installer,
                    const char  *path,
                    GTask       *task)
{
  g_autoptr (GTask) own = task;

  rs_installer_tell (installer, 0, "Installing", 1);
  g_task_set_task_data (task, with_image (RS_COMMAND (installer), path), (GDestroyNotify)g_strfreev);
  g_task_run_in_thread (task, run);
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
  return RS_INSTALLER (installer);
}
