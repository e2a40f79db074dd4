/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls Parameters.Get, one call after another, and times each.
 *
 *   calls ADDRESS NAME MILLISECONDS PAUSE-MICROSECONDS PARAMETER…
 *
 * Calls for so long and prints the microseconds of each call, a line each. */
#include "measure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define PATH "/org/resyncd/Provisioning1"
#define INTERFACE "org.resyncd.Provisioning1.Parameters"
#define PATIENCE 60000000

static long
call (sd_bus *bus, const char *name, char **parameters, int wanted)
{
  sd_bus_error error = SD_BUS_ERROR_NULL;
  sd_bus_message *message = NULL, *reply = NULL;
  const char *key, *value;
  int found = 0, more;
  long begun = now_us (), ended;

  check (sd_bus_message_new_method_call (bus, &message, name, PATH, INTERFACE, "Get"), "a message");
  check (sd_bus_message_append_strv (message, parameters), "the names");
  if (sd_bus_call (bus, message, PATIENCE, &error, &reply) < 0)
    {
      fprintf (stderr, "%s: %s\n", error.name, error.message);
      exit (EXIT_FAILURE);
    }
  check (sd_bus_message_enter_container (reply, 'a', "{ss}"), "the reply");
  while ((more = sd_bus_message_read (reply, "{ss}", &key, &value)) > 0)
    found++;
  check (more, "the reply");
  ended = now_us ();
  check (found == wanted ? 0 : -ENOENT, "the values");
  sd_bus_message_unref (message);
  sd_bus_message_unref (reply);
  return ended - begun;
}

int
main (int argc, char **argv)
{
  sd_bus *bus = NULL;
  long until;
  useconds_t pause;

  if (argc < 6)
    return EXIT_FAILURE;
  pause = (useconds_t)atol (argv[4]);
  check (sd_bus_new (&bus), "a bus");
  check (sd_bus_set_address (bus, argv[1]), argv[1]);
  check (sd_bus_set_bus_client (bus, 1), "a client");
  check (sd_bus_start (bus), argv[1]);
  until = now_us () + atol (argv[3]) * 1000;
  while (now_us () < until)
    {
      printf ("%ld\n", call (bus, argv[2], argv + 5, argc - 5));
      if (pause > 0)
        usleep (pause);
    }
  sd_bus_flush_close_unref (bus);
  return EXIT_SUCCESS;
}
