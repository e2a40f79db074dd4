/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A world around the resync machine: two clocks, the one timer, invented randomness, and a small language in which
 * scenarios are written. */
#pragma once

#include "plan/resync.h"

typedef struct _World World;

struct _World
{
  RsPlan  *plan;
  gint64   boot;
  gint64   wall;
  gint64   armed; /* 0: none */
  guint32  per_mille; /* what is drawn, of the most that may be */
  GString *log;   /* what happened since it was last read */
  guint    saves; /* since the world began */
  guint    statuses;
  guint    timers;
  guint    freed; /* request data */
  guint    given;
  /* the configuration, as text */
  char    *periodic;
  char    *retry;
  char    *at;
  guint32  at_random;
  guint32  random_delay;
  guint32  forced;
  gboolean on_reset;
  gboolean enabled;
  gboolean provisioned;
  GTimeZone *tz;
  void (*on_action) (World *world, const RsAction *action); /* NULL: nobody looks */
  gpointer looker;
};

void  world_init (World *world);
void  world_clear (World *world);

/* "SECONDS EVENT ARGUMENT…": moves both clocks to the boot instant, firing the timer on the way, and gives the event;
 * returns what happened and how the machine stands. For example "40 finished A" gives "idle periodic@3660".
 * (transfer full)
 *   wait · start boot|restart [fresh] [next=+S] [reason=R] [named] [failures=N] [age=S] · config [KEY=VALUE…] [rules]
 *   up [counts] · down · clock [±S] · jump ±S · zone NAME · request REASON [force] [rule] · cancel · busy · idle
 *   triggers on|off · upgrade · reset · finished A|B|C [cancelled] [aside] [skipped] [rules] [overload] [after=S] [clock] [fresh] */
char *world_do (World      *world,
                const char *line);

typedef struct
{
  const char *line;
  const char *happens;
} Line;

typedef struct
{
  const char *name; /* the test's path */
  Line        lines[24];
} Scenario;

/* Registers each as a test. They must stay valid. */
void  scenarios_add (const Scenario *scenarios,
                     guint           n);
