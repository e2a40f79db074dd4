/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both clocks behind one door: order of timers, timers that change timers, jumps of the wall clock. */
#include "system/clock.h"

#include <string.h>

#define SECOND ((gint64)G_USEC_PER_SEC)

typedef struct
{
  RsClock *clock;
  RsTimer *timers[4];
  GString *log;
} Fixture;

static Fixture fixture;

static void
on_timer (gpointer data)
{
  g_string_append_printf (fixture.log, "%s@%" G_GINT64_FORMAT " ", (const char *)data,
                          rs_clock_boot (fixture.clock) / SECOND);
}

/* Fires, and again every 10 s. */
static void
on_repeating (gpointer data)
{
  on_timer ((gpointer) "r");
  rs_timer_arm (*(RsTimer **)data, rs_clock_boot (fixture.clock) + 10 * SECOND);
}

static void
on_killer (gpointer data)
{
  on_timer ((gpointer) "k");
  g_clear_pointer ((RsTimer **)data, rs_timer_free);
}

static void
set_up (RsClock *clock)
{
  fixture.clock = clock;
  fixture.log = g_string_new (NULL);
}

static void
tear_down (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (fixture.timers); i++)
    g_clear_pointer (&fixture.timers[i], rs_timer_free);
  g_clear_pointer (&fixture.clock, rs_clock_unref);
  g_string_free (fixture.log, TRUE);
}

/* SCHED-3: timers go by the boot clock, in order, whatever they do to each other */
static void
test_fake (void)
{
  set_up (rs_clock_new_fake (1000 * SECOND, 100 * SECOND, 0));
  fixture.timers[0] = rs_timer_new (fixture.clock, on_timer, (gpointer) "a");
  fixture.timers[1] = rs_timer_new (fixture.clock, on_timer, (gpointer) "b");
  fixture.timers[2] = rs_timer_new (fixture.clock, on_repeating, &fixture.timers[2]);
  fixture.timers[3] = rs_timer_new (fixture.clock, on_timer, (gpointer) "d");
  rs_timer_arm (fixture.timers[0], 130 * SECOND);
  rs_timer_arm (fixture.timers[1], 105 * SECOND);
  rs_timer_arm (fixture.timers[2], 110 * SECOND);
  rs_timer_arm (fixture.timers[3], 130 * SECOND);
  rs_clock_fake_advance (fixture.clock, 4 * SECOND);
  g_assert_cmpstr (fixture.log->str, ==, "");
  rs_clock_fake_advance (fixture.clock, 1 * SECOND);
  g_assert_cmpstr (fixture.log->str, ==, "b@105 ");
  rs_clock_fake_advance (fixture.clock, 30 * SECOND);
  g_assert_cmpstr (fixture.log->str, ==, "b@105 r@110 r@120 a@130 d@130 r@130 ");
  g_assert_cmpint (rs_clock_boot (fixture.clock), ==, 135 * SECOND);
  g_assert_cmpint (rs_clock_wall (fixture.clock), ==, 1035 * SECOND);
  tear_down ();
}

static void
test_fake_moves (void)
{
  set_up (rs_clock_new_fake (0, 0, 0));
  fixture.timers[0] = rs_timer_new (fixture.clock, on_timer, (gpointer) "a");
  fixture.timers[1] = rs_timer_new (fixture.clock, on_timer, (gpointer) "b");
  fixture.timers[2] = rs_timer_new (fixture.clock, on_killer, &fixture.timers[1]);
  rs_timer_arm (fixture.timers[0], 10 * SECOND);
  rs_timer_arm (fixture.timers[0], 20 * SECOND);
  rs_timer_arm (fixture.timers[1], 15 * SECOND);
  rs_timer_arm (fixture.timers[2], 15 * SECOND - 1);
  rs_clock_fake_advance (fixture.clock, 30 * SECOND);
  g_assert_cmpstr (fixture.log->str, ==, "k@14 a@20 ");
  rs_timer_arm (fixture.timers[0], 40 * SECOND);
  rs_timer_disarm (fixture.timers[0]);
  rs_timer_disarm (fixture.timers[0]);
  rs_timer_arm (fixture.timers[2], 5 * SECOND);
  rs_clock_fake_advance (fixture.clock, 0);
  g_assert_cmpstr (fixture.log->str, ==, "k@14 a@20 k@30 ");
  tear_down ();
}

/* SCHED-3, HTTP-11 */
static void
test_fake_wall (void)
{
  set_up (rs_clock_new_fake (50 * SECOND, 7 * SECOND, 60 * SECOND));
  rs_clock_watch_jumps (fixture.clock, on_timer, (gpointer) "j");
  g_assert_false (rs_clock_is_set (fixture.clock));
  rs_clock_fake_set_wall (fixture.clock, 60 * SECOND);
  g_assert_true (rs_clock_is_set (fixture.clock));
  g_assert_cmpstr (fixture.log->str, ==, "j@7 ");
  g_assert_cmpint (rs_clock_boot (fixture.clock), ==, 7 * SECOND);
  rs_clock_set_last (fixture.clock, 10 * SECOND);
  g_assert_true (rs_clock_is_set (fixture.clock));
  rs_clock_set_last (fixture.clock, 70 * SECOND);
  g_assert_false (rs_clock_is_set (fixture.clock));
  rs_clock_fake_advance (fixture.clock, 10 * SECOND);
  g_assert_true (rs_clock_is_set (fixture.clock));
  g_assert_cmpstr (fixture.log->str, ==, "j@7 ");
  tear_down ();
}

static void
on_quit (gpointer data)
{
  g_main_loop_quit (data);
}

/* SCHED-3 */
static void
test_real (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  gint64 start;

  set_up (rs_clock_new_real (0));
  g_assert_true (rs_clock_is_set (fixture.clock));
  g_assert_cmpint (ABS (rs_clock_wall (fixture.clock) - g_get_real_time ()), <, 5 * SECOND);
  start = rs_clock_boot (fixture.clock);
  fixture.timers[0] = rs_timer_new (fixture.clock, on_killer, &fixture.timers[1]);
  fixture.timers[1] = rs_timer_new (fixture.clock, on_timer, (gpointer) "never");
  fixture.timers[2] = rs_timer_new (fixture.clock, on_quit, loop);
  fixture.timers[3] = rs_timer_new (fixture.clock, on_timer, (gpointer) "never");
  rs_clock_watch_jumps (fixture.clock, on_timer, (gpointer) "jump");
  rs_timer_arm (fixture.timers[3], start + 3600 * SECOND);
  rs_timer_arm (fixture.timers[2], start + 60000);
  rs_timer_arm (fixture.timers[1], start + 30000);
  rs_timer_arm (fixture.timers[0], 0);
  g_main_loop_run (loop);
  g_assert_cmpint (rs_clock_boot (fixture.clock) - start, >=, 60000);
  g_assert_true (g_str_has_prefix (fixture.log->str, "k@"));
  g_assert_null (strstr (fixture.log->str, "never"));
  tear_down ();
}

static guint n_fired, n_others;

static void
on_greedy (gpointer data)
{
  n_fired++;
  rs_timer_arm (*(RsTimer **)data, 0);
}

static gboolean
on_other (gpointer data)
{
  n_others++;
  return G_SOURCE_CONTINUE;
}

/* A timer that is always due does not keep the loop from its other work. */
static void
test_greedy (void)
{
  guint other = g_timeout_add (0, on_other, NULL);

  set_up (rs_clock_new_real (0));
  fixture.timers[0] = rs_timer_new (fixture.clock, on_greedy, &fixture.timers[0]);
  rs_timer_arm (fixture.timers[0], 0);
  while (n_fired < 2 || n_others < 2)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (other);
  tear_down ();
}

/* What was armed does not wake anybody when its clock is gone. */
static void
test_gone (void)
{
  set_up (rs_clock_new_real (0));
  fixture.timers[0] = rs_timer_new (fixture.clock, on_timer, (gpointer) "never");
  rs_timer_arm (fixture.timers[0], 0);
  g_clear_pointer (&fixture.timers[0], rs_timer_free);
  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture.log->str, ==, "");
  tear_down ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/system/clock/fake", test_fake);
  g_test_add_func ("/system/clock/fake-moves", test_fake_moves);
  g_test_add_func ("/system/clock/fake-wall", test_fake_wall);
  g_test_add_func ("/system/clock/real", test_real);
  g_test_add_func ("/system/clock/greedy", test_greedy);
  g_test_add_func ("/system/clock/gone", test_gone);
  return g_test_run ();
}
