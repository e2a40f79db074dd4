/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Measures from exec () to the bus name, and ends what it started.
 *
 *   start ADDRESS NAME TIMES COMMAND…
 *
 * Prints the microseconds of each start, a line each. */
#include "measure.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

static int
on_owner (sd_bus_message *message, void *data, sd_bus_error *error)
{
  const char *name, *old_owner, *new_owner;
  int *owned = data;

  check (sd_bus_message_read (message, "sss", &name, &old_owner, &new_owner), "NameOwnerChanged");
  *owned = new_owner[0] != '\0';
  return 0;
}

static void
wait_owned (sd_bus *bus, const int *owned, int wanted)
{
  while (*owned != wanted)
    {
      int done = sd_bus_process (bus, NULL);

      check (done, "the bus");
      if (done == 0)
        check (sd_bus_wait (bus, UINT64_MAX), "the bus");
    }
}

static long
measure (sd_bus *bus, const int *owned, char **command)
{
  long begun = now_us (), ended;
  pid_t pid = vfork ();

  if (pid == 0)
    {
      execv (command[0], command);
      _exit (127);
    }
  check (pid < 0 ? -errno : 0, "vfork");
  wait_owned (bus, owned, 1);
  ended = now_us ();
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
  wait_owned (bus, owned, 0);
  return ended - begun;
}

int
main (int argc, char **argv)
{
  sd_bus *bus = NULL;
  char *match = NULL;
  int owned = 0;

  if (argc < 5)
    return EXIT_FAILURE;
  check (sd_bus_new (&bus), "a bus");
  check (sd_bus_set_address (bus, argv[1]), argv[1]);
  check (sd_bus_set_bus_client (bus, 1), "a client");
  check (sd_bus_start (bus), argv[1]);
  if (asprintf (&match, "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='%s'", argv[2]) < 0)
    return EXIT_FAILURE;
  check (sd_bus_add_match (bus, NULL, match, on_owner, &owned), "a match");
  for (int i = 0; i < atoi (argv[3]); i++)
    printf ("%ld\n", measure (bus, &owned, argv + 4));
  free (match);
  sd_bus_flush_close_unref (bus);
  return EXIT_SUCCESS;
}
