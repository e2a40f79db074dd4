/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A long random walk over all events, with the rules that must hold whatever happens. The seed is fixed, so that a
 * fault comes again. */
#include "world.h"

#include <string.h>

#define EVENTS 100000

typedef struct
{
  GRand      *rand;
  guint64     running;   /* 0: none */
  gboolean    aborting;
  GHashTable *accepted;  /* attempts that were given a number and have neither begun nor been dropped → boot second */
  guint64     highest;
  guint       rules_in_a_row;
  guint       begins;
  guint       drops;
  /* the world as the walk made it */
  gboolean    started;
  gboolean    connected;
  gboolean    busy;
  gboolean    triggers;
  gboolean    unheard; /* the clock jumped, and the machine had no event since */
} Walk;

static void
check_begin (World          *world,
             Walk           *walk,
             const RsAction *action)
{
  gboolean asked = g_hash_table_contains (walk->accepted, &action->attempt);
  g_assert_cmpuint (walk->running, ==, 0);
  g_assert_true (world->enabled);
  g_assert_true (walk->started);
  g_assert_cmpint (asked, ==, rs_reason_is_explicit (action->reason));
  g_assert_cmpint (asked, ==, action->data != NULL);
  if (!asked)
    {
      g_assert_true (walk->connected);
      g_assert_true (walk->triggers);
      g_assert_cmpuint (action->attempt, >, walk->highest);
      walk->highest = action->attempt;
    }
  walk->rules_in_a_row = action->reason == RS_REASON_RULES ? walk->rules_in_a_row + 1 : 0;
  g_assert_cmpuint (walk->rules_in_a_row, <=, 5);
  g_hash_table_remove (walk->accepted, &action->attempt);
  walk->running = action->attempt;
  walk->aborting = FALSE;
  walk->begins++;
}

static void
on_action (World          *world,
           const RsAction *action)
{
  Walk *walk = world->looker;
  switch (action->kind)
    {
    case RS_ACTION_BEGIN:
      check_begin (world, walk, action);
      break;
    case RS_ACTION_ABORT:
      g_assert_cmpuint (action->attempt, ==, walk->running);
      g_assert_false (walk->aborting);
      walk->aborting = TRUE;
      break;
    case RS_ACTION_DROP:
      g_assert_true (g_hash_table_remove (walk->accepted, &action->attempt));
      g_assert_nonnull (action->data);
      walk->drops++;
      break;
    case RS_ACTION_TIMER:
      g_assert_true (action->at == 0 || action->at > world->boot);
      break;
    case RS_ACTION_STATUS:
    case RS_ACTION_SAVE:
      g_assert_null (action->data);
      break;
    }
}

static const char *
one_of (Walk              *walk,
        const char *const *texts,
        guint              n)
{
  return texts[g_rand_int_range (walk->rand, 0, n)];
}

#define ONE_OF(walk, ...)                                                                                              \
  one_of (walk, (const char *const[]){ __VA_ARGS__ }, G_N_ELEMENTS (((const char *const[]){ __VA_ARGS__ })))

static gboolean
chance (Walk *walk,
        guint per_mille)
{
  return g_rand_int_range (walk->rand, 0, 1000) < (gint) per_mille;
}

static char *
random_finish (Walk *walk)
{
  g_autofree char *after
      = chance (walk, 100) ? g_strdup_printf (" after=%d", g_rand_int_range (walk->rand, 1, 200000)) : g_strdup ("");
  return g_strdup_printf ("finished %s%s%s%s%s%s%s", ONE_OF (walk, "A", "A", "B", "C"),
                          chance (walk, walk->aborting ? 900 : 10) ? " cancelled" : "",
                          chance (walk, 50) ? " skipped" : "", chance (walk, 200) ? " rules" : "",
                          chance (walk, 200) ? " overload" : "", after, chance (walk, 60) ? " clock" : "");
}

static char *
random_config (Walk *walk)
{
  return g_strdup_printf ("config periodic=%s retry=%s at=%s random=%s forced=%s on-reset=%s enabled=%s%s",
                          ONE_OF (walk, "3600", "60", "0", "100+50,200,300+1000", "86400"),
                          ONE_OF (walk, "60,120,240", "60", "60,0", "60+600,3600"),
                          ONE_OF (walk, "", "", "0200", "2400", "1215"), ONE_OF (walk, "0", "2", "300"),
                          ONE_OF (walk, "0", "600", "14400"), ONE_OF (walk, "0", "1"), chance (walk, 930) ? "1" : "0",
                          chance (walk, 300) ? " rules" : "");
}

static char *
random_start (Walk *walk)
{
  return g_strdup_printf ("start %s%s next=%s reason=%s failures=%d", ONE_OF (walk, "boot", "restart"),
                          ONE_OF (walk, "", " fresh"), ONE_OF (walk, "0", "-100", "500", "90000", "99999999"),
                          ONE_OF (walk, "periodic", "retry", "daily", "lease", "boot", "user"),
                          g_rand_int_range (walk->rand, 0, 4));
}

/* The next event, and what it makes of the world. */
static char *
random_event (Walk *walk)
{
  if (!walk->started && chance (walk, 500))
    {
      walk->started = TRUE;
      return random_start (walk);
    }
  if (walk->running != 0 && chance (walk, 400))
    {
      walk->running = 0;
      return random_finish (walk);
    }
  switch (g_rand_int_range (walk->rand, 0, 16))
    {
    case 0:
      return random_config (walk);
    case 1:
      walk->connected = !walk->connected || chance (walk, 500);
      return g_strdup (walk->connected ? ONE_OF (walk, "up", "up counts") : "down");
    case 2:
      return g_strdup (ONE_OF (walk, "clock", "clock +3600", "clock -3600", "clock +40000", "clock -90000",
                               "jump +5000", "jump -5000", "jump -1"));
    case 3:
      walk->busy = !walk->busy;
      return g_strdup (walk->busy ? "busy" : "idle");
    case 4:
      walk->triggers = !walk->triggers || chance (walk, 600);
      return g_strdup (walk->triggers ? "triggers on" : "triggers off");
    case 5:
      return g_strdup (
          ONE_OF (walk, "zone UTC", "zone Europe/Berlin", "zone Australia/Lord_Howe", "zone America/Santiago"));
    case 6:
      return g_strdup ("cancel");
    case 7:
      if (!chance (walk, 30))
        return g_strdup ("wait");
      walk->started = FALSE;
      return g_strdup ("reset");
    case 8:
    case 9:
    case 10:
      return g_strdup_printf ("request %s%s%s", ONE_OF (walk, "user", "web", "sip-notify", "report"),
                              ONE_OF (walk, "", "", " force"), ONE_OF (walk, "", "", " rule"));
    default:
      return g_strdup ("wait");
    }
}

/* A number that a request was given belongs to what runs or waits. */
static void
check_request (World      *world,
               Walk       *walk,
               const char *happened,
               guint64     running_before)
{
  const char *given = strchr (happened, '=');
  if (given == NULL)
    return;
  guint64 number = g_ascii_strtoull (given + 1, NULL, 10);
  g_assert_cmpuint (number, >, 0);
  if (number == running_before || g_hash_table_contains (walk->accepted, &number))
    return;
  g_assert_cmpuint (number, ==, walk->running);
}

/* What waits has a timer, or waits for an event. */
static void
check_state (World *world,
             Walk  *walk)
{
  RsNow now = { world->boot, world->wall };
  RsPlanStatus status;
  rs_plan_get_status (world->plan, &now, &status);
  g_assert_cmpint (status.phase == RS_PHASE_RUNNING, ==, walk->running != 0);
  g_assert_cmpuint (g_hash_table_size (walk->accepted), <=, 2);
  g_assert_cmpuint (world->given - world->freed, ==, g_hash_table_size (walk->accepted));
  if (walk->running != 0 || !walk->started)
    g_assert_cmpint (world->armed, ==, 0);
  else if (status.next > world->wall)
    {
      g_assert_cmpint (world->armed, !=, 0);
      g_assert_cmpint (world->armed - world->boot, <=, status.next - world->wall + G_USEC_PER_SEC);
    }
  if (status.held == RS_HELD_CALL)
    g_assert_cmpint (world->armed, !=, 0);
  if (!world->enabled)
    g_assert_true (g_hash_table_size (walk->accepted) == 0 && status.next == 0);
}

static char *
step (World      *world,
      Walk       *walk,
      gdouble     seconds,
      const char *event)
{
  g_autofree char *line = g_strdup_printf ("%.6f %s", world->boot / 1e6 + seconds, event);
  guint64 running = walk->running;
  gboolean request = g_str_has_prefix (event, "request");
  guint64 probe = walk->highest + 1;
  /* a new number may begin within the same step, and is to be known by then */
  if (request)
    g_hash_table_add (walk->accepted, g_memdup2 (&probe, sizeof probe));
  char *happened = world_do (world, line);
  if (request)
    {
      g_autofree char *new_number = g_strdup_printf ("=%u,", (guint) probe);
      if (strstr (happened, new_number) != NULL)
        walk->highest = MAX (walk->highest, probe);
      else
        g_hash_table_remove (walk->accepted, &probe);
    }
  check_request (world, walk, happened, running);
  if (strcmp (event, "wait") != 0)
    walk->unheard = g_str_has_prefix (event, "jump");
  if (!walk->unheard)
    check_state (world, walk);
  return happened;
}

/* With every gate open, whatever is due begins at its time; only lists that say never make an end. */
static void
check_goes_on (World *world,
               Walk  *walk)
{
  static const char *const open[]
      = { "config enabled=1 periodic=3600 retry=60,120 at= random=2 forced=600", "up", "idle", "triggers on", "clock" };
  walk->busy = FALSE;
  walk->connected = walk->triggers = TRUE;
  for (guint i = 0; i < 8 && walk->running != 0; i++)
    {
      walk->running = 0;
      g_free (step (world, walk, 1, "finished A cancelled"));
    }
  if (!walk->started)
    {
      walk->started = TRUE;
      g_free (step (world, walk, 1, "start boot"));
    }
  for (guint i = 0; i < G_N_ELEMENTS (open); i++)
    g_free (step (world, walk, 1, open[i]));
  for (guint i = 0; i < 6; i++)
    {
      guint begins = walk->begins;
      if (walk->running == 0)
        g_free (step (world, walk, 90000, "wait"));
      g_assert_cmpuint (walk->running, !=, 0);
      g_assert_cmpuint (walk->begins, >=, begins);
      walk->running = 0;
      g_free (step (world, walk, 1, i % 2 == 0 ? "finished A" : "finished C"));
    }
}

/* SCHED-1 SCHED-3 SCHED-5 SCHED-6 SCHED-8 SCHED-10 */
static void
walk_with_seed (gconstpointer data)
{
  World world;
  Walk walk = {
    .rand = g_rand_new_with_seed (GPOINTER_TO_UINT (data)),
    .accepted = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL),
    .triggers = TRUE,
  };
  world_init (&world);
  world.on_action = on_action;
  world.looker = &walk;
  for (guint i = 0; i < EVENTS / 4; i++)
    {
      gdouble seconds
          = chance (&walk, 700) ? g_rand_double_range (walk.rand, 0, 20) : g_rand_double_range (walk.rand, 0, 9000);
      world.per_mille = g_rand_int_range (walk.rand, 0, 1001);
      g_free (step (&world, &walk, seconds, "wait"));
      g_autofree char *event = random_event (&walk);
      g_free (step (&world, &walk, 0, event));
      if (i % 1000 == 999)
        check_goes_on (&world, &walk);
    }
  g_assert_cmpuint (walk.begins, >, EVENTS / 40);
  g_assert_cmpuint (walk.drops, >, EVENTS / 400);
  world.on_action = NULL;
  world_clear (&world);
  g_hash_table_unref (walk.accepted);
  g_rand_free (walk.rand);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint seed = 1; seed <= 4; seed++)
    {
      g_autofree char *path = g_strdup_printf ("/plan/walk/%u", seed);
      g_test_add_data_func (path, GUINT_TO_POINTER (seed), walk_with_seed);
    }
  return g_test_run ();
}
