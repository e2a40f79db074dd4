/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the programs share that measure over the bus. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Ends the program where an sd-bus call has failed. */
static inline void
check (int result, const char *what)
{
  if (result >= 0)
    return;
  fprintf (stderr, "%s: %s\n", what, strerror (-result));
  exit (EXIT_FAILURE);
}

static inline long
now_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
