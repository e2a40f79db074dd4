/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* inhibit: the phone is busy as long as a program runs. The descriptor that says so stays in this process and is closed
 * on exec, so that what the program leaves behind in the background does not hold it. */
#include "config.h"

#include "base/names.h"
#include "ctl/bus.h"
#include "ctl/output.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* As shells say it. */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_THERE 127
#define EXIT_SIGNAL 128

extern char **environ;

/* 0: none yet. Atomic, for a signal may come to any thread, and at any moment of the start. */
static int child, signal_to_pass_on;

static void
pass_on_to_child (void)
{
  int pid = g_atomic_int_get (&child), number = g_atomic_int_get (&signal_to_pass_on);

  if (pid > 0 && number > 0)
    kill (pid, number);
}

/* A signal that is meant to end this program ends the one it waits for; then there is nothing left to wait for. */
static void
on_signal (int number)
{
  g_atomic_int_set (&signal_to_pass_on, number);
  pass_on_to_child ();
}

/* From here on the keyboard's signals reach the program alone, which shares the terminal. */
static void
set_signals (void)
{
  struct sigaction ignore = { .sa_handler = SIG_IGN };
  struct sigaction forward = { .sa_handler = on_signal };

  sigaction (SIGINT, &ignore, NULL);
  sigaction (SIGQUIT, &ignore, NULL);
  sigaction (SIGTERM, &forward, NULL);
  sigaction (SIGHUP, &forward, NULL);
}

/* 0, or the errno of the start. */
static int
start (char **words)
{
  posix_spawnattr_t attributes;
  sigset_t defaults;
  pid_t pid;
  int result;

  sigemptyset (&defaults);
  sigaddset (&defaults, SIGINT);
  sigaddset (&defaults, SIGQUIT);
  sigaddset (&defaults, SIGPIPE);
  posix_spawnattr_init (&attributes);
  posix_spawnattr_setsigdefault (&attributes, &defaults);
  posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGDEF);
  result = posix_spawnp (&pid, words[0], NULL, &attributes, words, environ);
  posix_spawnattr_destroy (&attributes);
  if (result == 0)
    {
      g_atomic_int_set (&child, pid);
      pass_on_to_child ();
    }
  return result;
}

static RsExit
wait_for_end (void)
{
  int status = 0;

  while (waitpid (child, &status, 0) < 0 && errno == EINTR)
    continue;
  return WIFSIGNALED (status) ? (RsExit) (EXIT_SIGNAL + WTERMSIG (status)) : (RsExit) WEXITSTATUS (status);
}

static RsExit
run (RsCtl *ctl)
{
  g_autofree char *name = NULL;
  int failure;

  set_signals ();
  failure = start (ctl->words);
  if (failure == 0)
    return wait_for_end ();
  name = g_filename_display_name (ctl->words[0]);
  return rs_fail (ctl, failure == ENOENT ? EXIT_NOT_THERE : EXIT_NOT_EXECUTABLE, RS_ERROR_NOT_FOUND,
                  _("%s cannot be started: %s"), name, g_strerror (failure));
}

RsExit
rs_cmd_inhibit (RsCtl *ctl)
{
  g_autofree char *who = NULL;
  g_autofree char *base = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply = NULL;
  gint32 index;
  int fd;
  RsExit exit;

  if (ctl->why == NULL || ctl->why[0] == '\0')
    return rs_fail_usage (ctl, rs_command_find ("inhibit"), _("--why says what keeps the phone busy"));
  base = g_path_get_basename (ctl->words[0]);
  who = g_utf8_make_valid (base, -1);
  reply = rs_bus_call (ctl, RS_IFACE_MAIN, "Inhibit", g_variant_new ("(ss)", who, ctl->why), "(h)", &fds);
  if (reply == NULL)
    return ctl->exit;
  g_variant_get (reply, "(h)", &index);
  fd = fds != NULL ? g_unix_fd_list_get (fds, index, NULL) : -1;
  if (fd < 0)
    return rs_fail (ctl, RS_EXIT_FAILED, RS_ERROR_FAILED, _("resyncd gave no descriptor to hold"));
  exit = run (ctl);
  close (fd);
  return exit;
}
