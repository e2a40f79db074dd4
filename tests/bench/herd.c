/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many phones that regain power together, in virtual time: each has the plan/ of the product with the catalogue's
 * defaults, and all ask one server that serves so many requests a second and keeps so many waiting. What it cannot keep it
 * turns away. Prints a line for each request: when it came, and when its reply went, or that it was turned away.
 *
 *     herd PHONES RATE QUEUE refuse      turned away by a refused connection
 *     herd PHONES RATE QUEUE turns       … by 503 with Retry-After: each phone's own turn, when it will have room for it
 *     herd PHONES RATE QUEUE SECONDS     … by 503 with Retry-After: always so many
 *     herd PHONES RATE QUEUE fixed       refused, and phones that try again after an hour, always */
#include "engine/engine-private.h"
#include "params/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND ((gint64)G_USEC_PER_SEC)
#define HOUR   (3600 * SECOND)
#define SEED   20261121

typedef enum
{
  SERVER_REFUSES,
  SERVER_GIVES_TURNS,
  SERVER_SAYS_ALWAYS,
} Manner;

typedef enum
{
  EVENT_TIMER,
  EVENT_SERVED,
} EventKind;

typedef struct
{
  gint64    at;
  guint64   order; /* of events at one instant */
  EventKind kind;
  guint     phone;
  guint     arming; /* of the timer that it is of */
} Event;

typedef struct
{
  RsPlan *plan; /* NULL: one that tries again after an hour */
  guint   arming;
} Phone;

typedef struct
{
  GRand     *chance;
  GSequence *events;
  guint64    order;
  gint64     now;
  Phone     *phones;
  guint      count;
  Manner     manner;
  gint64     always; /* what it says to all */
  gint64     each;  /* a request takes the server so long */
  guint      queue; /* so many wait at most */
  gint64     free;  /* when it will have served all that wait */
  gint64     promised; /* when it will have served all that it told to come later as well */
} World;

static guint32
draw (guint32  max,
      gpointer data)
{
  World *world = data;

  return max == G_MAXUINT32 ? g_rand_int (world->chance) : (guint32)(g_rand_double (world->chance) * (max + 1.0));
}

static int
compare (gconstpointer a,
         gconstpointer b,
         gpointer      data)
{
  const Event *one = a, *other = b;

  if (one->at != other->at)
    return one->at < other->at ? -1 : 1;
  return one->order < other->order ? -1 : 1;
}

static void
add (World    *world,
     gint64    at,
     EventKind kind,
     guint     phone)
{
  Event *event = g_new (Event, 1);

  *event = (Event){ at, world->order++, kind, phone, world->phones[phone].arming };
  g_sequence_insert_sorted (world->events, event, compare, NULL);
}

static void feed (World *world, guint phone, RsEvent *event);

static void
turned_away (World *world,
             guint  phone,
             gint64 after)
{
  RsEvent event = { .kind = RS_EVENT_FINISHED };

  printf ("%.3f\n", (double)world->now / SECOND);
  if (world->phones[phone].plan == NULL)
    {
      add (world, world->now + HOUR, EVENT_TIMER, phone);
      return;
    }
  event.finished.class = RS_CLASS_C;
  event.finished.overload = TRUE;
  event.finished.retry_after = (guint32)((after + SECOND - 1) / SECOND);
  event.finished.provisioned = TRUE;
  feed (world, phone, &event);
}

/* A request comes: it waits for its turn, or there is no room. */
static void
ask (World *world,
     guint  phone)
{
  world->free = MAX (world->free, world->now);
  if (world->free - world->now <= world->queue * world->each)
    {
      world->free += world->each;
      add (world, world->free, EVENT_SERVED, phone);
      printf ("%.3f %.3f\n", (double)world->now / SECOND, (double)world->free / SECOND);
      return;
    }
  world->promised = MAX (world->promised, world->free) + world->each;
  turned_away (world, phone, world->manner == SERVER_GIVES_TURNS ? world->promised - world->now : world->always);
}

/* What the plan wants done. A request takes no time but the server's. */
static void
do_actions (World *world,
            guint  phone,
            GArray *actions)
{
  gboolean begins = FALSE;

  for (guint i = 0; i < actions->len; i++)
    {
      const RsAction *action = &g_array_index (actions, RsAction, i);

      begins |= action->kind == RS_ACTION_BEGIN;
      if (action->kind != RS_ACTION_TIMER)
        continue;
      world->phones[phone].arming++;
      if (action->at != 0)
        add (world, action->at, EVENT_TIMER, phone);
    }
  if (begins)
    ask (world, phone);
}

static void
feed (World   *world,
      guint    phone,
      RsEvent *event)
{
  g_autoptr (GArray) actions = g_array_new (FALSE, FALSE, sizeof (RsAction));

  event->now = (RsNow){ world->now, G_GINT64_CONSTANT (1800000000) * SECOND + world->now };
  rs_plan_step (world->phones[phone].plan, event, actions, NULL, NULL);
  do_actions (world, phone, actions);
}

static void
power_on (World      *world,
          guint       phone,
          RsSnapshot *defaults,
          GTimeZone  *tz)
{
  RsScheduleConfig config;
  RsEvent start = { .kind = RS_EVENT_START, .start = { .first_of_boot = TRUE, .provisioned = TRUE } };
  RsEvent configured = { .kind = RS_EVENT_CONFIG, .config = { .config = &config, .tz = tz } };
  RsEvent network = { .kind = RS_EVENT_NETWORK, .network = { .connected = TRUE } };

  rs_schedule_config_read (&config, defaults);
  world->phones[phone].plan = rs_plan_new (&(RsRandom){ draw, world });
  feed (world, phone, &configured);
  feed (world, phone, &start);
  feed (world, phone, &network);
  rs_schedule_config_clear (&config);
}

static RsSnapshot *
read_defaults (void)
{
  g_autoptr (RsCatalogueBuilder) builder = rs_catalogue_builder_new ();
  g_autoptr (GDir) dir = g_dir_open (CATALOGUE, 0, NULL);
  g_autoptr (RsCatalogue) catalogue = NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (CATALOGUE, name, NULL);
      g_autoptr (GMappedFile) file = g_str_has_suffix (name, ".conf") ? g_mapped_file_new (path, FALSE, NULL) : NULL;
      g_autoptr (GBytes) bytes = file != NULL ? g_mapped_file_get_bytes (file) : NULL;

      if (bytes != NULL && !rs_catalogue_builder_add (builder, name, bytes, NULL))
        g_error ("%s is no catalogue", path);
    }
  catalogue = rs_catalogue_builder_end (builder);
  return rs_snapshot_new (catalogue);
}

/* A phone that was served does not come again while the others wait. */
static void
run (World *world)
{
  guint served = 0;

  while (served < world->count)
    {
      GSequenceIter *first = g_sequence_get_begin_iter (world->events);
      Event event = *(Event *)g_sequence_get (first);
      const Phone *phone = &world->phones[event.phone];

      g_sequence_remove (first);
      world->now = event.at;
      if (event.kind == EVENT_SERVED)
        served++;
      else if (event.arming == phone->arming && phone->plan != NULL)
        feed (world, event.phone, &(RsEvent){ .kind = RS_EVENT_TIMER });
      else if (event.arming == phone->arming)
        ask (world, event.phone);
    }
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GTimeZone) tz = g_time_zone_new_utc ();
  g_autoptr (RsSnapshot) defaults = read_defaults ();
  World world = { .events = g_sequence_new (g_free) };
  gint64 spread = (gint64)rs_snapshot_get_uint (defaults, "Resync_Random_Delay") * 20 * SECOND;

  if (argc != 5)
    return EXIT_FAILURE;
  world.chance = g_rand_new_with_seed (SEED);
  world.count = (guint)atoi (argv[1]);
  world.each = SECOND / atoi (argv[2]);
  world.queue = (guint)atoi (argv[3]);
  world.always = atoi (argv[4]) * SECOND;
  world.manner = strcmp (argv[4], "turns") == 0 ? SERVER_GIVES_TURNS : world.always > 0 ? SERVER_SAYS_ALWAYS : SERVER_REFUSES;
  world.phones = g_new0 (Phone, world.count);
  for (guint i = 0; i < world.count; i++)
    {
      if (strcmp (argv[4], "fixed") == 0)
        add (&world, (gint64)(g_rand_double (world.chance) * (double)spread), EVENT_TIMER, i);
      else
        power_on (&world, i, defaults, tz);
    }
  run (&world);
  for (guint i = 0; i < world.count; i++)
    rs_plan_free (world.phones[i].plan);
  g_free (world.phones);
  g_sequence_free (world.events);
  g_rand_free (world.chance);
  return EXIT_SUCCESS;
}
