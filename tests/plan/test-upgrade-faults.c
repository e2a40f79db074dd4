/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the upgrade machine makes of calls that come in between, of settings that change in the middle, of servers that are busy, and of what it stored
 * (UPG-1 … UPG-6, HTTP-7, HTTP-11). */
#include "upgrades.h"

#include <string.h>

/* UPG-2: a call that comes up while the install is prepared holds it, and it goes ahead afterwards */
static void
test_held (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_INSTALL "\nbusy held >");
  in_state (world, "waiting-idle");
  play (world, "idle > install\nbusy >");
  configure (world, FALSE, TRUE, "3600");
  play (world, "held > cancelled resync");
  configure (world, TRUE, TRUE, "3600");
  play (world, "want:b > evaluate begin look\nlook:written >\nidle > activate\nbusy held >\nidle > activate\nheld > activate\nok > installed reboot\nheld >");
}

/* UPG-1: what Upgrade_Enable forbade while it was written goes on after a cut where it had begun, and is not begun where it had not */
static void
test_disabled_and_cut (void)
{
  static const struct
  {
    const char *look, *end;
  } rows[] = {
    { "look", "cancelled resync keep" }, { "look:complete", "cancelled resync keep" }, { "look:installing", "attach" }, { "look:written", "installed keep" },
    { "look:newer", "resync" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (World) world = phone ();

      g_string_truncate (world->said, 0);
      play (world, TO_INSTALL);
      configure (world, FALSE, TRUE, "3600");
      restart (world, FALSE);
      configure (world, FALSE, TRUE, "3600");
      g_string_truncate (world->said, 0);
      g_assert_true (one (world, rows[i].look));
      g_assert_cmpstr (world->said->str, ==, rows[i].end);
    }
}

/* UPG-5: what was never to be tried again is when there is a delay, at once or after a boot; and the other way */
static void
test_delay_again (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  configure (world, TRUE, FALSE, "0");
  play (world, TO_DOWNLOAD "\nbad > failed");
  world->now.boot += S (1000000);
  play (world, "timer good > evaluate\nwant:a >");
  configure (world, TRUE, FALSE, "60");
  g_assert_cmpint (world->timer, ==, world->now.boot + S (60));
  play (world, "timer good > evaluate\nwant:a >");
  world->now.boot += S (60), world->now.wall += S (60);
  configure (world, TRUE, FALSE, "0");
  play (world, "timer > evaluate\nwant:a > begin look\nlook:failed > failed");
  g_assert_cmpint (rs_upgrade_plan_get_memory (world->plan)->retry, ==, G_MAXINT64);
  restart (world, TRUE);
  play (world, "good > evaluate\nwant:a > begin look");
}

/* UPG-5: a stored instant that a wall clock put far away is a day away at most, and none is past */
static void
test_stored_retry (void)
{
  static const struct
  {
    gint64 set, timer;
  } rows[] = { { S (1000000), S (86400) }, { S (100), S (100) } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (World) world = phone ();
      RsUpgradeMemory memory = { .failed = "a", .failures = 1 };

      memory.retry = world->now.wall + rows[i].set;
      rs_upgrade_plan_free (world->plan);
      world->plan = rs_upgrade_plan_new (&(RsRandom){ 0 });
      g_string_truncate (world->said, 0);
      configure (world, TRUE, TRUE, "3600");
      start (world, &memory, FALSE);
      play (world, "want:a > evaluate");
      g_assert_cmpint (world->timer, ==, world->now.boot + rows[i].timer);
      /* a reset forgets it */
      g_assert_true (one (world, "reset"));
      g_string_truncate (world->said, 0);
      memory = (RsUpgradeMemory){ 0 };
      start (world, &memory, FALSE);
      play (world, "want:a > evaluate begin look");
    }
}

static void
fail_with (World  *world,
           guint32 retry_after,
           gboolean wants_clock)
{
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_DONE, .retry_after = retry_after, .wants_clock = wants_clock };

  g_assert_true (step (world, &event, NULL));
}

/* UPG-5, HTTP-7: a busy server says when it is asked again, once */
static void
test_retry_after (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_DOWNLOAD);
  fail_with (world, 90, FALSE);
  g_assert_cmpint (world->timer, ==, world->now.boot + S (90));
  world->now.boot += S (90);
  play (world, "timer > failed resync evaluate\nwant:a > begin look\nlook > download\nbad > failed resync");
  g_assert_cmpint (world->timer, ==, world->now.boot + S (7200));
  /* who is not to try again does not */
  configure (world, TRUE, FALSE, "0");
  play (world, "rule > evaluate\nwant:b > begin look\nlook > download");
  fail_with (world, 90, FALSE);
  g_assert_cmpint (world->timer, ==, 0);
}

/* UPG-5, HTTP-5: in the first ten minutes a server that has too many to answer is asked again within a minute, five times, which counts as no failure and
 * has no resync follow; then, and later, the list of delays begins */
static void
test_overload (void)
{
  g_autoptr (World) world = phone ();
  RsUpgradeEvent overload = { .kind = RS_UPGRADE_EVENT_DONE, .overload = TRUE };

  g_string_truncate (world->said, 0);
  /* what a person brought along is not tried again, and ends */
  play (world, "own > evaluate\nwant:c > begin look\nlook > download");
  g_assert_true (step (world, &overload, NULL));
  play (world, "good > failed resync evaluate\nwant:a > begin look\nlook > download");
  for (guint i = 0; i < 5; i++)
    {
      overload.retry_after = i == 4 ? 30 : 0;
      g_assert_true (step (world, &overload, NULL));
      g_assert_cmpint (world->timer - world->now.boot, >, S (0));
      g_assert_cmpint (world->timer - world->now.boot, <=, i == 4 ? S (30) : S (60) + 1);
      g_assert_false (rs_upgrade_plan_is_retry (world->plan));
      world->now.boot = world->timer;
      play (world, "timer > failed evaluate\nwant:a > begin look\nlook > download");
    }
  overload.retry_after = 0;
  g_assert_true (step (world, &overload, NULL));
  g_assert_cmpint (world->timer, ==, world->now.boot + S (3600));
  g_assert_true (rs_upgrade_plan_is_retry (world->plan));
  play (world, "rule > failed resync evaluate\nwant:b > begin look\nlook > download");
  restart (world, FALSE);
  world->now.boot = S (600);
  play (world, "want:b > evaluate begin look\nlook > download");
  g_assert_true (step (world, &overload, NULL));
  g_assert_cmpint (world->timer, ==, world->now.boot + S (3600));
}

/* UPG-5, HTTP-11: a phone without a clock tries again when it has one, or after the delay */
static void
test_clock (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_DOWNLOAD);
  fail_with (world, 0, TRUE);
  g_assert_cmpint (world->timer, ==, world->now.boot + S (3600));
  play (world, "clock > failed resync evaluate\nwant:a > begin look\nlook > download\nbad > failed resync\nclock >\nrule > evaluate\nwant:b > begin look\n"
               "look > download");
  fail_with (world, 0, TRUE);
  /* what the rule does not ask for any more waits for nothing, and neither does what a person brought along */
  play (world, "rule > failed resync evaluate\nnothing >\nclock >\nown > evaluate\nwant:c > begin look\nlook > download");
  fail_with (world, 0, TRUE);
  play (world, "clock > failed resync");
}

/* UPG-1: a request for another upgrade joins none that is given up, nor one of somebody's own */
static void
test_joins (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_DOWNLOAD "\ncancel > abort");
  g_assert_false (one (world, "ask"));
  play (world, "bad > cancelled resync\nown > evaluate\nwant:c > begin look");
  g_assert_false (one (world, "ask"));
  g_assert_false (one (world, "own"));
}

/* UPG-1, UPG-5: an upgrade of somebody's own settles nothing, fails for nobody else, and is not tried again; one that asks for nothing changes nothing */
static void
test_own (void)
{
  g_autoptr (World) world = phone ();
  const RsUpgradeMemory *memory;

  g_string_truncate (world->said, 0);
  play (world, TO_DOWNLOAD "\nbad > failed resync");
  play (world, "own > evaluate\nnothing > skipped");
  memory = rs_upgrade_plan_get_memory (world->plan);
  g_assert_cmpuint (memory->failures, ==, 1);
  g_assert_cmpuint (world->forgotten, ==, 0);
  play (world, "own > evaluate\nwant:b > begin look\nlook > download\nbad > failed resync");
  g_assert_cmpstr (memory->failed, ==, "a");
  g_assert_cmpuint (memory->failures, ==, 1);
  g_assert_cmpint (world->timer, ==, S (100 + 3600));
  play (world, "own > evaluate\nwant:c > begin look\nlook > download\nok > verify\nok > install\nok > installed reboot");
  g_assert_cmpstr (rs_upgrade_plan_get_memory (world->plan)->settled, ==, "");
}

/* UPG-5: what was given up is no failure */
static void
test_cancelled (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_DOWNLOAD "\ncancel > abort\nbad > cancelled resync");
  g_assert_false (rs_upgrade_plan_is_retry (world->plan));
  g_assert_cmpuint (world->forgotten, ==, 1);
}

/* UPG-1: an image that nobody asks for any more is of no more use; one that waits for its retry is */
static void
test_forgotten (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_DOWNLOAD "\nbad > failed resync\nrule > evaluate\nwant:a >");
  g_assert_cmpuint (world->forgotten, ==, 0);
  play (world, "rule > evaluate\nnothing >");
  g_assert_cmpuint (world->forgotten, ==, 1);
  configure (world, FALSE, TRUE, "3600");
  g_assert_cmpuint (world->forgotten, ==, 2);
  configure (world, TRUE, TRUE, "3600");
  play (world, "want:a > evaluate begin look\nlook > download");
  restart (world, FALSE);
  play (world, "nothing > evaluate cancelled");
  g_assert_cmpuint (world->forgotten, >, 2);
}

/* UPG-6: a phone that runs what was being installed when it was cut knows so without whoever installs */
static void
test_newer_first (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_INSTALL);
  restart (world, TRUE);
  play (world, "look:newer,failed > look\ngood > mark-good");
}

/* UPG-6: both ends of an upgrade are of one number */
static void
test_number (void)
{
  g_autoptr (World) world = phone ();
  guint64 number;

  g_string_truncate (world->said, 0);
  play (world, "ask > evaluate");
  number = world->attempt;
  play (world, "want:a > begin look\nlook > download\nok > verify\nok > install\nok > installed reboot");
  g_assert_cmpuint (world->ended, ==, number);
  world->ended = 0;
  play (world, "reset > cancelled");
  g_assert_cmpuint (world->ended, ==, number);
}

/* UPG-6: who is asked to keep what runs is asked again after five minutes, and not before */
static void
test_pause (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_REBOOT);
  restart (world, TRUE);
  play (world, "look:newer begun good > look mark-good\nbad >");
  world->now.boot += S (299);
  play (world, "timer >");
  world->now.boot += S (1);
  play (world, "timer > mark-good");
}

/* UPG-3: each step is written before anything of it is done */
static void
test_written_first (void)
{
  static const struct
  {
    const char *word;
    RsUpgradeStep step;
  } rows[] = {
    { "want:a", RS_UPGRADE_DOWNLOAD }, { "look", RS_UPGRADE_DOWNLOAD }, { "ok", RS_UPGRADE_VERIFY }, { "ok", RS_UPGRADE_INSTALL }, { "ok", RS_UPGRADE_REBOOT },
  };
  g_autoptr (World) world = phone ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_true (one (world, rows[i].word));
      g_assert_true (world->saved);
      g_assert_cmpuint (world->step, ==, rows[i].step);
      g_assert_cmpuint (rs_upgrade_plan_get_memory (world->plan)->step, ==, rows[i].step);
    }
}

/* UPG-6: Provision_Enable that goes before the resync of the boot came: nobody waits for it */
static void
test_no_resync_any_more (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_REBOOT);
  restart (world, TRUE);
  play (world, "look:newer > look");
  configure_all (world, TRUE, FALSE, TRUE, "3600");
  play (world, "good > resync mark-good");
  restart (world, TRUE);
  g_string_truncate (world->said, 0);
  configure_all (world, TRUE, FALSE, TRUE, "3600");
  g_assert_nonnull (strstr (world->said->str, "resync"));
}

/* What may have been installed is looked for before a boot loader hears that what came up is good, and before anything else begins (UPG-4, UPG-6). */
static void
test_in_doubt (void)
{
  const RsUpgradeMemory failed = { .failed = "a", .failures = 1, .retry = 0 };
  const RsUpgradeMemory waiting = { .step = RS_UPGRADE_INSTALL, .context = "b", .settled = "b" };

  for (guint ends = 0; ends < 2; ends++)
    {
      g_autoptr (World) world = world_new ();

      configure (world, TRUE, TRUE, "3600,7200");
      start_in_doubt (world, &failed, TRUE, "a");
      play (world, "busy > look");
      g_assert_false (one (world, "ask"));
      play (world, ends == 0 ? "good > \nlook > keep\nok > evaluate" : "good > \nlook:newer > resync\ngood > mark-good\nok > success evaluate");
      g_assert_cmpstr (rs_upgrade_plan_get_memory (world->plan)->settled, ==, ends == 0 ? "" : "a");
    }
  {
    g_autoptr (World) world = world_new ();

    /* in the same boot nothing can have come up; another image waited for its turn, and what a person brought along settles nothing */
    configure (world, TRUE, TRUE, "3600,7200");
    start_in_doubt (world, &failed, FALSE, "a");
    play (world, "busy > evaluate\nidle reset > ");
    start_in_doubt (world, &waiting, TRUE, "a");
    play (world, "busy > look\nlook:newer > \ngood > mark-good\nok > success evaluate");
    g_assert_cmpstr (rs_upgrade_plan_get_memory (world->plan)->settled, ==, "b");
  }
}

/* An image that runs is not installed, unless it is given up meanwhile (UPG-1). */
static void
test_runs (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_DOWNLOAD "\nok > verify\nruns > runs\ngood > evaluate\nwant:a > ");
  g_assert_cmpuint (world->forgotten, >, 0);
  play (world, "rule > evaluate\nwant:b > begin look\nlook > download\nok > verify\ncancel > abort\nruns > cancelled resync");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/upgrade-faults/held", test_held);
  g_test_add_func ("/plan/upgrade-faults/disabled-and-cut", test_disabled_and_cut);
  g_test_add_func ("/plan/upgrade-faults/delay-again", test_delay_again);
  g_test_add_func ("/plan/upgrade-faults/stored-retry", test_stored_retry);
  g_test_add_func ("/plan/upgrade-faults/retry-after", test_retry_after);
  g_test_add_func ("/plan/upgrade-faults/overload", test_overload);
  g_test_add_func ("/plan/upgrade-faults/clock", test_clock);
  g_test_add_func ("/plan/upgrade-faults/joins", test_joins);
  g_test_add_func ("/plan/upgrade-faults/own", test_own);
  g_test_add_func ("/plan/upgrade-faults/cancelled", test_cancelled);
  g_test_add_func ("/plan/upgrade-faults/forgotten", test_forgotten);
  g_test_add_func ("/plan/upgrade-faults/newer-first", test_newer_first);
  g_test_add_func ("/plan/upgrade-faults/in-doubt", test_in_doubt);
  g_test_add_func ("/plan/upgrade-faults/runs", test_runs);
  g_test_add_func ("/plan/upgrade-faults/number", test_number);
  g_test_add_func ("/plan/upgrade-faults/pause", test_pause);
  g_test_add_func ("/plan/upgrade-faults/written-first", test_written_first);
  g_test_add_func ("/plan/upgrade-faults/no-resync-any-more", test_no_resync_any_more);
  return g_test_run ();
}
