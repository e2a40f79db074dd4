/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The upgrade machine as scripts: an event a line, and the actions that must follow. A phone is restarted by giving its memory to a new machine.
 * (UPG-1 … UPG-6, SCHED-5, SCHED-7) */
#include "plan/upgrade.h"

#include <string.h>

#define S(n) ((gint64)(n) * G_USEC_PER_SEC)
#define WALL S (1700000000)

typedef struct
{
  RsUpgradePlan *plan;
  RsNow now;
  gint64 timer;
  guint64 attempt;
  GString *said;
} World;

static guint32
no_chance (guint32  max,
           gpointer data)
{
  return 0;
}

static const char *const action_names[] = {
  [RS_UPGRADE_ACTION_EVALUATE] = "evaluate", [RS_UPGRADE_ACTION_BEGIN] = "begin", [RS_UPGRADE_ACTION_LOOK] = "look",
  [RS_UPGRADE_ACTION_DOWNLOAD] = "download", [RS_UPGRADE_ACTION_VERIFY] = "verify", [RS_UPGRADE_ACTION_INSTALL] = "install",
  [RS_UPGRADE_ACTION_ATTACH] = "attach", [RS_UPGRADE_ACTION_ACTIVATE] = "activate", [RS_UPGRADE_ACTION_REBOOT] = "reboot",
  [RS_UPGRADE_ACTION_MARK_GOOD] = "mark-good", [RS_UPGRADE_ACTION_KEEP] = "keep",
  [RS_UPGRADE_ACTION_ABORT] = "abort", [RS_UPGRADE_ACTION_RESYNC] = "resync",
};
static const char *const end_names[] = {
  [RS_UPGRADE_INSTALLED] = "installed", [RS_UPGRADE_SUCCESS] = "success", [RS_UPGRADE_FAILED] = "failed",
  [RS_UPGRADE_FELL_BACK] = "fell-back", [RS_UPGRADE_INTERRUPTED] = "interrupted", [RS_UPGRADE_CANCELLED] = "cancelled",
  [RS_UPGRADE_SKIPPED] = "skipped", [RS_UPGRADE_KNOWN] = "known",
};

static void
note (World      *world,
      const char *word)
{
  if (world->said->len > 0)
    g_string_append_c (world->said, ' ');
  g_string_append (world->said, word);
}

static gboolean
step (World          *world,
      RsUpgradeEvent *event,
      GError        **error)
{
  g_autoptr (GArray) actions = g_array_new (FALSE, FALSE, sizeof (RsUpgradeAction));
  gboolean taken;

  event->now = world->now;
  taken = rs_upgrade_plan_step (world->plan, event, actions, &world->attempt, error);
  for (guint i = 0; i < actions->len; i++)
    {
      const RsUpgradeAction *action = &g_array_index (actions, RsUpgradeAction, i);

      if (action->kind == RS_UPGRADE_ACTION_TIMER)
        world->timer = action->at;
      else if (action->kind == RS_UPGRADE_ACTION_END)
        note (world, end_names[action->end]);
      else if (action->kind != RS_UPGRADE_ACTION_SAVE && action->kind != RS_UPGRADE_ACTION_STATUS)
        note (world, action_names[action->kind]);
    }
  return taken;
}

static void
configure (World      *world,
           gboolean    enabled,
           gboolean    resync_after,
           const char *retry)
{
  RsUpgradeConfig config = { enabled, resync_after, rs_delay_list_parse (retry, NULL) };
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_CONFIG, .config = &config };

  g_assert_true (step (world, &event, NULL));
}

static void
start (World                 *world,
       const RsUpgradeMemory *memory,
       gboolean               new_boot)
{
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_START };

  event.start.memory = memory;
  event.start.new_boot = event.start.resync_coming = new_boot;
  g_assert_true (step (world, &event, NULL));
}

static World *
world_new (void)
{
  static const RsRandom random = { no_chance, NULL };
  World *world = g_new0 (World, 1);

  world->plan = rs_upgrade_plan_new (&random);
  world->now = (RsNow){ S (100), WALL };
  world->said = g_string_new (NULL);
  return world;
}

static void
world_free (World *world)
{
  rs_upgrade_plan_free (world->plan);
  g_string_free (world->said, TRUE);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* A phone of which nothing is known, whose start-up resync was done. */
static World *
phone (void)
{
  World *world = world_new ();
  RsUpgradeMemory memory = { 0 };

  configure (world, TRUE, TRUE, "3600,7200");
  start (world, &memory, FALSE);
  return world;
}

/* One event by its word: "rule", "begun", "ended", "good" (a resync), "busy", "idle", "timer", "cancel", "ok", "bad" (what was to be done), "asked" (to restart),
 * "reset", "ask", "own" (requests), "nothing", "error:X", "want:X" (what the rule says), "look[:WHAT[,WHAT]]". FALSE: it was refused. */
static gboolean
one (World      *world,
     const char *word)
{
  static const struct
  {
    const char *word;
    RsUpgradeEventKind kind;
    gboolean good;
  } plain[] = {
    { "rule", RS_UPGRADE_EVENT_RULE, FALSE },          { "begun", RS_UPGRADE_EVENT_RESYNC_BEGUN, FALSE },
    { "ended", RS_UPGRADE_EVENT_RESYNC_ENDED, FALSE }, { "good", RS_UPGRADE_EVENT_RESYNC_ENDED, TRUE },
    { "busy", RS_UPGRADE_EVENT_BUSY, FALSE },          { "idle", RS_UPGRADE_EVENT_IDLE, FALSE },
    { "timer", RS_UPGRADE_EVENT_TIMER, FALSE },        { "cancel", RS_UPGRADE_EVENT_CANCEL, FALSE },
    { "ok", RS_UPGRADE_EVENT_DONE, TRUE },             { "bad", RS_UPGRADE_EVENT_DONE, FALSE },
    { "asked", RS_UPGRADE_EVENT_ASKED, FALSE }, { "reset", RS_UPGRADE_EVENT_RESET, FALSE },
    { "ask", RS_UPGRADE_EVENT_REQUEST, FALSE },        { "own", RS_UPGRADE_EVENT_REQUEST, TRUE },
  };
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_LOOKED };

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    if (strcmp (word, plain[i].word) == 0)
      {
        event.kind = plain[i].kind;
        event.good = plain[i].good;
        return step (world, &event, NULL);
      }
  if (g_str_has_prefix (word, "look"))
    {
      event.looked.failed = strstr (word, "failed") != NULL;
      event.looked.newer = strstr (word, "newer") != NULL;
      event.looked.installing = strstr (word, "installing") != NULL;
      event.looked.written = strstr (word, "written") != NULL;
      event.looked.complete = strstr (word, "complete") != NULL;
      return step (world, &event, NULL);
    }
  event.kind = RS_UPGRADE_EVENT_EVALUATED;
  event.evaluated.context = strchr (word, ':') != NULL ? strchr (word, ':') + 1 : "";
  event.evaluated.wanted = g_str_has_prefix (word, "want")    ? RS_WANTED_IMAGE
                           : g_str_has_prefix (word, "error") ? RS_WANTED_ERROR
                                                              : RS_WANTED_NOTHING;
  return step (world, &event, NULL);
}

/* The daemon starts again: all that is left is what was written. A boot loader is told of the boot, where nothing has to be looked at before. */
static void
restart (World   *world,
         gboolean new_boot)
{
  static const RsRandom random = { no_chance, NULL };
  RsUpgradeMemory memory = *rs_upgrade_plan_get_memory (world->plan);

  rs_upgrade_plan_free (world->plan);
  world->plan = rs_upgrade_plan_new (&random);
  world->timer = 0;
  g_string_truncate (world->said, 0);
  if (new_boot)
    world->now.boot = S (20);
  configure (world, TRUE, TRUE, "3600,7200");
  start (world, &memory, new_boot);
  if (g_str_has_suffix (world->said->str, "keep"))
    {
      g_string_truncate (world->said, world->said->len - MIN (strlen (" keep"), world->said->len));
      g_assert_true (one (world, "ok"));
    }
}

/* "event event … > actions": all that follows from these. */
static void
play (World      *world,
      const char *script)
{
  g_auto (GStrv) lines = g_strsplit (script, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) halves = g_strsplit (lines[i], ">", 2);
      g_auto (GStrv) words = NULL;

      if (halves[0] == NULL || halves[1] == NULL)
        continue;
      words = g_strsplit (g_strstrip (halves[0]), " ", -1);
      for (guint k = 0; words[k] != NULL; k++)
        g_assert_true (one (world, words[k]));
      g_test_message ("%s: %s", lines[i], world->said->str);
      g_assert_cmpstr (world->said->str, ==, g_strstrip (halves[1]));
      g_string_truncate (world->said, 0);
    }
}

static void
in_state (World      *world,
          const char *state)
{
  g_assert_cmpstr (rs_upgrade_plan_get_state (world->plan), ==, state);
}

/* A walk from the rule to a new version that is confirmed after the restart. */
#define TO_DOWNLOAD "good > evaluate\nwant:a > begin look\nlook > download"
#define TO_INSTALL TO_DOWNLOAD "\nok > verify\nok > install"
#define TO_REBOOT TO_INSTALL "\nok > installed reboot"

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
  restart (world, TRUE);
  play (world, "begun ended > evaluate\nerror:c >");
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

/* UPG-3, UPG-6: a restart of the daemon or of the phone at each step goes on there, and nothing is installed twice */
static void
test_cut (void)
{
  static const struct
  {
    const char *before;
    const char *after; /* with the daemon's start; each boot brings the same */
  } rows[] = {
    { TO_DOWNLOAD, "want:a > evaluate begin look\nlook > download" },
    { TO_DOWNLOAD, "want:a > evaluate begin look\nlook:complete > verify\nok > install" },
    { TO_DOWNLOAD, "want:b > evaluate begin look\nlook > download" },
    { TO_DOWNLOAD, "nothing > evaluate cancelled" },
    { TO_DOWNLOAD "\nok > verify", "want:a > evaluate begin look\nlook:complete > verify" },
    { TO_INSTALL, "look:complete > look keep\nok > verify\nok > install" },
    { TO_INSTALL, "look:installing > look attach\nok > installed reboot" },
    { TO_INSTALL, "look:written > look installed keep\nok > reboot" },
    { TO_INSTALL, "look:failed > look failed resync" },
    { TO_INSTALL, "look > look keep\nok > evaluate\nwant:a > begin look\nlook > download" },
    { "own > evaluate\nwant:a > begin look\nlook > download", "nothing > interrupted evaluate" },
    { "own > evaluate\nwant:a > begin look\nlook:complete > verify\nok > install", "look > look interrupted keep" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint boot = 0; boot < 2; boot++)
      {
        g_autoptr (World) world = phone ();
        gboolean resyncs = strstr (rows[i].after, "failed resync") != NULL;

        g_string_truncate (world->said, 0);
        play (world, rows[i].before);
        restart (world, boot);
        g_test_message ("row %u, %s", i, boot ? "boot" : "daemon");
        if (boot && resyncs)
          play (world, "look:failed > look failed");
        else if (boot && strstr (rows[i].after, "interrupted evaluate") != NULL)
          play (world, "idle > interrupted\nbegun good > evaluate");
        else
          play (world, rows[i].after);
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

/* UPG-6: in each boot the boot loader is told first of all that it was a good one, once, unless what runs has still to show it; what it says to that, and
 * whether upgrades are allowed, changes nothing */
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
