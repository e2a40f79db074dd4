/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the upgrade machine does (UPG-1 … UPG-6, SCHED-5, SCHED-7). */
#include "upgrades.h"

#include <string.h>

/* UPG-1, UPG-6: the whole way; the next stage of the rule comes at once after it, and what was installed does not */
static void
test_walk (void)
{
  g_autoptr (World) world = phone ();

  g_assert_cmpstr (world->said->str, ==, "evaluate");
  g_string_truncate (world->said, 0);
  play (world, "nothing >");
  play (world, TO_DOWNLOAD);
  in_state (world, "downloading");
  play (world, "ok > verify");
  in_state (world, "verifying");
  play (world, "ok > install");
  in_state (world, "installing");
  play (world, "ok > installed reboot");
  in_state (world, "reboot-required");
  restart (world, TRUE);
  g_assert_cmpstr (world->said->str, ==, "look");
  g_string_truncate (world->said, 0);
  play (world, "look:newer >");
  in_state (world, "idle");
  /* a resync that fails proves nothing */
  play (world, "begun ended >\nbegun good > mark-good\nok > success evaluate\nwant:a >\nrule > evaluate\nwant:a >\nbegun good > evaluate\n"
               "want:b > begin look");
}

/* UPG-1: a rule is looked at after each resync and when it changes, never during one; a changed rule is tried, an unchanged one not */
static void
test_when_looked_at (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, "nothing >\nbegun rule >\nended > evaluate\nnothing >\nrule > evaluate\nnothing >\ntimer >\nbusy idle >");
  configure (world, FALSE, TRUE, "3600");
  play (world, "begun good rule >");
  configure (world, TRUE, TRUE, "3600");
  g_assert_cmpstr (world->said->str, ==, "evaluate");
}

/* UPG-5, SCHED-7: the list of delays, one resync after each attempt, which does not bring the next one; another rule begins anew */
static void
test_retry (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_DOWNLOAD "\nbad > failed resync");
  g_assert_cmpint (world->timer, ==, S (100 + 3600));
  g_assert_true (rs_upgrade_plan_is_retry (world->plan));
  play (world, "begun good > evaluate\nwant:a >");
  world->now.boot += S (3600);
  play (world, "timer > evaluate\nwant:a > begin look\nlook > download\nok > verify\nbad > failed resync");
  g_assert_cmpint (world->timer, ==, S (100 + 3600 + 7200));
  play (world, "rule > evaluate\nwant:b > begin look\nlook:failed > failed resync");
  g_assert_cmpint (world->timer, ==, S (100 + 3600 + 3600));
  g_assert_cmpuint (rs_upgrade_plan_get_memory (world->plan)->failures, ==, 1);
  /* a condition that does not hold any more is no failure */
  play (world, "rule > evaluate\nnothing >");
  g_assert_false (rs_upgrade_plan_is_retry (world->plan));
  configure (world, TRUE, FALSE, "0");
  play (world, "rule > evaluate\nerror:c > begin failed");
  world->now.boot += S (1000000);
  play (world, "timer >\nrule > evaluate\nerror:c >");
  restart (world, FALSE);
  play (world, "error:c > evaluate");
  g_assert_cmpint (world->timer, ==, world->now.boot + S (3600));
}

/* UPG-5: a retry waits through a restart of the daemon, not through one of the phone */
static void
test_retry_after_restart (void)
{
  g_autoptr (World) world = phone ();

  play (world, "nothing > evaluate\n" TO_DOWNLOAD "\nbad > failed resync");
  world->now.boot += S (600), world->now.wall += S (600);
  restart (world, FALSE);
  play (world, "want:a > evaluate");
  g_assert_cmpint (world->timer, ==, S (100 + 3600));
  restart (world, TRUE);
  play (world, "begun good > evaluate\nwant:a > begin look");
}

/* UPG-2, SCHED-5: a call holds what follows the download, for as long as it takes, and one that comes in between holds it again */
static void
test_calls (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, "busy >\n" TO_DOWNLOAD "\nok >");
  in_state (world, "waiting-idle");
  world->now.boot += S (1000000);
  play (world, "timer >\nidle > verify\nbusy >\nok >");
  in_state (world, "waiting-idle");
  play (world, "idle > install\nbusy >");
  in_state (world, "installing");
  play (world, "ok > installed");
  in_state (world, "reboot-required");
  play (world, "begun idle >\ngood > reboot\nasked >");
  world->now.boot += S (299);
  play (world, "timer >");
  world->now.boot += S (1);
  play (world, "busy timer >\nidle > reboot");
}

/* UPG-4: what the other slot has is made the next one, without a download */
static void
test_in_the_other_slot (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, "busy good > evaluate\nwant:a > begin look\nlook:written >\nidle > activate\nok > installed reboot");
}

/* UPG-1: what is fetched is given up for another rule, for none, and where upgrades are turned off; nothing stops an install */
static void
test_given_up (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_DOWNLOAD "\nrule > evaluate\nwant:a >\nrule > evaluate\nwant:b > abort\nbad > cancelled resync evaluate\n"
                           "want:b > begin look\ncancel > abort\nlook > cancelled resync\n"
                           "rule > evaluate\nwant:b >\nask > evaluate\nwant:b > begin look\nlook > download\nok > verify\nbusy >\nok >\n"
                           "cancel > cancelled resync");
  play (world, "idle >\nask > evaluate\nwant:b > begin look\nlook > download");
  configure (world, FALSE, TRUE, "3600");
  play (world, "ok > abort cancelled resync");
  configure (world, TRUE, TRUE, "3600");
  play (world, "want:c > evaluate begin look\nlook > download\nok > verify\nok > install");
  g_assert_false (one (world, "cancel"));
  configure (world, FALSE, TRUE, "3600");
  play (world, "rule >\nok > installed reboot");
  g_assert_false (one (world, "cancel"));
}

/* UPG-1, UPG-5: what was turned off or gave way to another rule has not failed: it is begun anew when it is wanted again */
static void
test_wanted_again (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_DOWNLOAD);
  configure (world, FALSE, TRUE, "3600");
  play (world, "bad > abort cancelled resync");
  configure (world, TRUE, TRUE, "3600");
  play (world, "want:a > evaluate begin look\nlook > download\nrule > evaluate\nwant:b > abort\nbad > cancelled resync evaluate\n"
               "want:a > begin look\nlook > download\nok > verify\nbusy >\nok >");
  configure (world, FALSE, TRUE, "3600");
  configure (world, TRUE, TRUE, "3600");
  play (world, "want:a > cancelled resync evaluate begin look");
  g_assert_false (rs_upgrade_plan_is_retry (world->plan));
}

/* UPG-1: of what was under way when nobody installs any more nothing is left, and neither is what there was of an image before */
static void
test_unwanted (void)
{
  static const struct
  {
    RsUpgradeMemory memory;
    const char *said;
  } rows[] = {
    { { .step = RS_UPGRADE_DOWNLOAD, .context = "a" }, "cancelled keep" },
    { { .step = RS_UPGRADE_VERIFY, .context = "a" }, "cancelled keep" },
    { { .step = RS_UPGRADE_DOWNLOAD, .context = "a", .own = TRUE }, "interrupted keep" },
    { { .step = RS_UPGRADE_NOTHING }, "keep" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (World) world = world_new ();

      configure (world, FALSE, TRUE, "3600");
      start (world, &rows[i].memory, TRUE);
      g_assert_cmpstr (world->said->str, ==, rows[i].said);
      g_assert_cmpuint (world->forgotten, ==, 1);
      g_assert_cmpint (rs_upgrade_plan_get_memory (world->plan)->step, ==, RS_UPGRADE_NOTHING);
      g_assert_cmpstr (rs_upgrade_plan_get_memory (world->plan)->context, ==, "");
    }
}

/* UPG-6: a new version by which the phone cannot be provisioned is said to be so; a person may replace it, and it is not taken for good before the phone
 * was provisioned, whatever comes of that, restarts included */
static void
test_trial (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_REBOOT);
  restart (world, TRUE);
  g_assert_false (one (world, "own"));
  play (world, "look:newer > look");
  g_assert_false (rs_upgrade_plan_is_on_trial (world->plan));
  play (world, "begun ended >");
  g_assert_true (rs_upgrade_plan_is_on_trial (world->plan));
  g_assert_false (one (world, "ask"));
  play (world, "own > overtaken evaluate\nwant:b > begin look\nlook > download\nbad > failed resync");
  g_assert_true (rs_upgrade_plan_is_on_trial (world->plan));
  restart (world, TRUE);
  play (world, "begun ended > evaluate\nnothing >");
  g_assert_true (rs_upgrade_plan_is_on_trial (world->plan));
  /* the other one fell back to this one, which is no better for it */
  play (world, "own > evaluate\nwant:b > begin look\nlook > download\nok > verify\nok > install\nok > installed reboot");
  restart (world, TRUE);
  play (world, "look > look fell-back\nbegun good > keep\nbad > evaluate");
  g_assert_false (rs_upgrade_plan_is_on_trial (world->plan));
  restart (world, TRUE);
  g_assert_false (rs_upgrade_plan_get_memory (world->plan)->unproved);
  /* nor is it of a reset */
  g_assert_true (one (world, "reset"));
  g_string_truncate (world->said, 0);
  start (world, &(RsUpgradeMemory){ .unproved = TRUE }, TRUE);
  play (world, "begun ended > evaluate\nnothing >\nbegun good > keep\nok > evaluate");
}

/* UPG-6: another one that a person asked for while one was on trial has to show itself as ever */
static void
test_trial_after_trial (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_REBOOT);
  restart (world, TRUE);
  play (world, "look:newer own > look overtaken evaluate\nwant:b > begin look\nlook > download\nok > verify\nok > install\nok > installed reboot");
  restart (world, TRUE);
  play (world, "look:newer begun good > look mark-good\nok > success evaluate");
  restart (world, TRUE);
  g_string_truncate (world->said, 0);
  start (world, rs_upgrade_plan_get_memory (world->plan), TRUE);
  g_assert_cmpstr (world->said->str, ==, "keep");
}

/* UPG-1: what a rule assigns takes a moment to be stored; what it asks for afterwards begins nothing where upgrades were turned off or the phone was
 * reset meanwhile, and stops no install */
static void
test_late_answer (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, "ask > evaluate");
  configure (world, FALSE, TRUE, "3600");
  play (world, "want:a > skipped");
  configure (world, TRUE, TRUE, "3600");
  play (world, "want:a > evaluate begin look\nlook > download\nok > verify\nrule > evaluate\nok > install\nwant:b >");
  in_state (world, "installing");
  play (world, "ok > installed reboot");
  play (world, "reset > cancelled\nwant:c >");
  in_state (world, "idle");
}

/* UPG-1: a person who asks is told, and passes by the delay; what was installed is not installed again but by a rule of one's own */
static void
test_requests (void)
{
  g_autoptr (World) world = phone ();
  guint64 first;

  g_string_truncate (world->said, 0);
  play (world, "ask > evaluate\nnothing > skipped\n" TO_DOWNLOAD "\nbad > failed resync\nask > evaluate");
  first = world->attempt;
  play (world, "want:a > begin look\nask >");
  g_assert_cmpuint (world->attempt, ==, first);
  g_assert_false (one (world, "own"));
  play (world, "look > download\nok > verify\nok > install");
  g_assert_false (one (world, "ask"));
  play (world, "ok > installed reboot");
  g_assert_false (one (world, "own"));
  restart (world, TRUE);
  play (world, "look:newer good > look mark-good\nok > success evaluate\nwant:a >\nask > evaluate\nwant:a > known\nown > evaluate\n"
               "want:a > begin look\nlook > download\nrule >\nbad > failed resync evaluate\nwant:a >");
  configure (world, FALSE, TRUE, "");
  g_assert_false (one (world, "ask"));
}

/* UPG-6: a phone that comes up with the old version says so, and does not install the same one again */
static void
test_fall_back (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_REBOOT);
  restart (world, TRUE);
  play (world, "look > look fell-back keep\nok >\nbegun good > evaluate\nwant:a >\nrule > evaluate\nwant:b > begin look");
  /* it came up, was not provisioned, and the next restart had the old one again */
  restart (world, FALSE);
  g_string_truncate (world->said, 0);
  play (world, "want:b > begin look\nlook > download\nok > verify\nok > install\nok > installed reboot");
  restart (world, TRUE);
  play (world, "look:newer begun ended > look");
  restart (world, TRUE);
  play (world, "look > look fell-back keep");
}

/* UPG-6: who cannot be asked to keep what runs is asked again */
static void
test_mark_again (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_REBOOT);
  restart (world, TRUE);
  play (world, "look:newer begun good > look mark-good\nbad >\ntimer >");
  world->now.boot = world->timer;
  play (world, "timer > mark-good");
  /* a daemon that starts again in between has not seen a resync, and asks for one */
  restart (world, FALSE);
  play (world, "begun good > resync mark-good\nok > success evaluate");
}

/* UPG-1, UPG-3, UPG-6: a restart of the daemon or of the phone at each step goes on there, that of the phone after its resync where there is something
 * to be fetched, and nothing is installed twice */
static void
test_cut (void)
{
  static const struct
  {
    const char *before;
    const char *after; /* with the daemon's start … */
    const char *boot;  /* … and with a boot, whose resync comes first; NULL: the same */
  } rows[] = {
    { TO_DOWNLOAD, "want:a > evaluate begin look\nlook > download", "rule > evaluate\nwant:a > begin look" },
    { TO_DOWNLOAD, "want:a > evaluate begin look\nlook > download", ">\nbegun >\ngood > evaluate\nwant:a > begin look\nlook > download" },
    { TO_DOWNLOAD, "want:a > evaluate begin look\nlook:complete > verify\nok > install", "good want:a > evaluate begin look\nlook:complete > verify" },
    { TO_DOWNLOAD, "want:b > evaluate begin look\nlook > download", "good want:b > evaluate begin look\nlook > download" },
    { TO_DOWNLOAD, "nothing > evaluate cancelled", "good nothing > evaluate cancelled" },
    { TO_DOWNLOAD "\nok > verify", "want:a > evaluate begin look\nlook:complete > verify", "ended want:a > evaluate begin look\nlook:complete > verify" },
    { TO_INSTALL, "look:complete > look keep\nok > verify\nok > install", NULL },
    { TO_INSTALL, "look:installing > look attach\nok > installed reboot", NULL },
    { TO_INSTALL, "look:written > look installed keep\nok > reboot", NULL },
    { TO_INSTALL, "look:failed > look failed resync", "look:failed > look failed" },
    { TO_INSTALL, "look > look keep\nok > evaluate\nwant:a > begin look\nlook > download", "look > look keep\nok >\ngood > evaluate\nwant:a > begin look" },
    { "own > evaluate\nwant:a > begin look\nlook > download", "nothing > interrupted evaluate", "idle > interrupted\nbegun good > evaluate" },
    { "own > evaluate\nwant:a > begin look\nlook:complete > verify\nok > install", "look > look interrupted keep", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint boot = 0; boot < 2; boot++)
      {
        g_autoptr (World) world = phone ();

        g_string_truncate (world->said, 0);
        play (world, rows[i].before);
        restart (world, boot);
        g_test_message ("row %u, %s", i, boot ? "boot" : "daemon");
        play (world, boot && rows[i].boot != NULL ? rows[i].boot : rows[i].after);
      }
}

/* UPG-6: cut while it was written, and the phone came up with it */
static void
test_cut_and_newer (void)
{
  g_autoptr (World) world = phone ();

  g_string_truncate (world->said, 0);
  play (world, TO_INSTALL);
  restart (world, TRUE);
  play (world, "look:newer > look\nbegun good > mark-good\nok > success evaluate\nwant:a >");
}

/* UPG-6: in each boot the boot loader is told first of all that it was a good one, once, unless what runs has still to show it; whether upgrades are
 * allowed changes nothing. One that cannot be told is told again soon, and then after each resync */
static void
test_each_boot (void)
{
  RsUpgradeMemory memory = { 0 };

  for (guint enabled = 0; enabled < 2; enabled++)
    {
      g_autoptr (World) world = world_new ();

      configure (world, enabled, TRUE, "3600");
      start (world, &memory, TRUE);
      play (world, "rule good > keep");
      play (world, enabled ? "bad > evaluate" : "bad >");
      g_assert_cmpint (world->timer, ==, world->now.boot + S (300));
      play (world, "timer > keep\nbad >");
      world->now.boot += S (300);
      play (world, enabled ? "rule > evaluate\ngood > keep" : "rule >\ngood > keep");
      g_assert_cmpint (world->timer, ==, world->now.boot);
      play (world, enabled ? "ok > evaluate" : "ok >");
      play (world, enabled ? "rule good > evaluate evaluate" : "rule good >");
    }
}

/* STATE-4: a factory reset forgets it all; what was begun before it is waited for, so that its answer is none to what is begun after it */
static void
test_reset_and_late (void)
{
  static const struct
  {
    const char *before, *late;
  } rows[] = {
    { "good > evaluate\nwant:a > begin look", "look:complete" },
    { TO_DOWNLOAD, "ok" },
    { TO_DOWNLOAD, "bad" },
    { TO_DOWNLOAD "\nok > verify", "ok" },
    { TO_REBOOT, "asked" },
  };
  RsUpgradeMemory nothing = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (World) world = phone ();

      g_string_truncate (world->said, 0);
      play (world, rows[i].before);
      g_assert_true (one (world, "reset") && one (world, "rule") && one (world, "good"));
      g_assert_cmpmem (rs_upgrade_plan_get_memory (world->plan), sizeof nothing, &nothing, sizeof nothing);
      g_string_truncate (world->said, 0);
      start (world, &nothing, FALSE);
      play (world, "want:a > evaluate begin");
      g_assert_true (one (world, rows[i].late));
      play (world, "look > look download");
    }
}

/* UPG-6, STATE-4: a factory reset while an image is written, or after it: what came of it is looked at, and the new version has to show itself as ever */
static void
test_reset_and_installed (void)
{
  g_autoptr (World) world = phone ();
  RsUpgradeMemory memory = { .step = RS_UPGRADE_INSTALL };

  g_string_truncate (world->said, 0);
  play (world, TO_INSTALL "\nreset > cancelled");
  start (world, &memory, FALSE);
  /* it has ended; then it is looked at */
  play (world, "good rule >\nok > look\nlook:written > installed keep\nok > reboot\nreset > cancelled");
  memory.step = RS_UPGRADE_REBOOT;
  start (world, &memory, FALSE);
  play (world, "asked > reboot");
  restart (world, TRUE);
  play (world, "look:newer good > look mark-good\nreset > cancelled");
  memory.step = RS_UPGRADE_CONFIRM;
  start (world, &memory, FALSE);
  play (world, "bad begun good > resync mark-good\nok > success evaluate");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/upgrade/walk", test_walk);
  g_test_add_func ("/plan/upgrade/when-looked-at", test_when_looked_at);
  g_test_add_func ("/plan/upgrade/retry", test_retry);
  g_test_add_func ("/plan/upgrade/retry-after-restart", test_retry_after_restart);
  g_test_add_func ("/plan/upgrade/calls", test_calls);
  g_test_add_func ("/plan/upgrade/in-the-other-slot", test_in_the_other_slot);
  g_test_add_func ("/plan/upgrade/given-up", test_given_up);
  g_test_add_func ("/plan/upgrade/wanted-again", test_wanted_again);
  g_test_add_func ("/plan/upgrade/unwanted", test_unwanted);
  g_test_add_func ("/plan/upgrade/trial", test_trial);
  g_test_add_func ("/plan/upgrade/trial-after-trial", test_trial_after_trial);
  g_test_add_func ("/plan/upgrade/late-answer", test_late_answer);
  g_test_add_func ("/plan/upgrade/requests", test_requests);
  g_test_add_func ("/plan/upgrade/fall-back", test_fall_back);
  g_test_add_func ("/plan/upgrade/mark-again", test_mark_again);
  g_test_add_func ("/plan/upgrade/cut", test_cut);
  g_test_add_func ("/plan/upgrade/cut-and-newer", test_cut_and_newer);
  g_test_add_func ("/plan/upgrade/each-boot", test_each_boot);
  g_test_add_func ("/plan/upgrade/reset-and-late", test_reset_and_late);
  g_test_add_func ("/plan/upgrade/reset-and-installed", test_reset_and_installed);
  return g_test_run ();
}
