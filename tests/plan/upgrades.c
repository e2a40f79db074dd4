/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "upgrades.h"

#include <string.h>

#define WALL S (1700000000)

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
  [RS_UPGRADE_OVERTAKEN] = "overtaken",
  [RS_UPGRADE_SKIPPED] = "skipped", [RS_UPGRADE_KNOWN] = "known", [RS_UPGRADE_RUNS] = "runs",
};

static void
note (World      *world,
      const char *word)
{
  if (world->said->len > 0)
    g_string_append_c (world->said, ' ');
  g_string_append (world->said, word);
}

gboolean
step (World          *world,
      RsUpgradeEvent *event,
      GError        **error)
{
  g_autoptr (GArray) actions = g_array_new (FALSE, FALSE, sizeof (RsUpgradeAction));
  gboolean taken, saved = FALSE;

  event->now = world->now;
  taken = rs_upgrade_plan_step (world->plan, event, actions, &world->attempt, error);
  for (guint i = 0; i < actions->len; i++)
    {
      const RsUpgradeAction *action = &g_array_index (actions, RsUpgradeAction, i);

      /* an end is one write with what the phone has to know after it */
      g_assert_false (saved && action->kind == RS_UPGRADE_ACTION_END);
      saved = saved || action->kind == RS_UPGRADE_ACTION_SAVE;
      if (action->kind == RS_UPGRADE_ACTION_SAVE || action->kind == RS_UPGRADE_ACTION_END)
        {
          world->saved = TRUE;
          world->step = rs_upgrade_plan_get_memory (world->plan)->step;
        }
      if (action->kind == RS_UPGRADE_ACTION_TIMER)
        world->timer = action->at;
      else if (action->kind == RS_UPGRADE_ACTION_FORGET)
        world->forgotten++;
      else if (action->kind == RS_UPGRADE_ACTION_END)
        {
          world->ended = action->attempt;
          note (world, end_names[action->end]);
        }
      else if (action->kind != RS_UPGRADE_ACTION_SAVE && action->kind != RS_UPGRADE_ACTION_STATUS)
        note (world, action_names[action->kind]);
    }
  return taken;
}

void
configure_all (World      *world,
               gboolean    enabled,
               gboolean    resyncs,
               gboolean    resync_after,
               const char *retry)
{
  RsUpgradeConfig config = { enabled, resyncs, resync_after, rs_delay_list_parse (retry, NULL) };
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_CONFIG, .config = &config };

  g_assert_true (step (world, &event, NULL));
}

void
configure (World      *world,
           gboolean    enabled,
           gboolean    resync_after,
           const char *retry)
{
  configure_all (world, enabled, TRUE, resync_after, retry);
}

void
start_in_doubt (World                 *world,
                const RsUpgradeMemory *memory,
                gboolean               new_boot,
                const char            *doubt)
{
  RsUpgradeEvent event = { .kind = RS_UPGRADE_EVENT_START };

  event.start.doubt = doubt;

  event.start.memory = memory;
  event.start.new_boot = event.start.resync_coming = new_boot;
  g_assert_true (step (world, &event, NULL));
}

void
start (World                 *world,
       const RsUpgradeMemory *memory,
       gboolean               new_boot)
{
  start_in_doubt (world, memory, new_boot, NULL);
}

World *
world_new (void)
{
  static const RsRandom random = { no_chance, NULL };
  World *world = g_new0 (World, 1);

  world->plan = rs_upgrade_plan_new (&random);
  world->now = (RsNow){ S (100), WALL };
  world->said = g_string_new (NULL);
  return world;
}

void
world_free (World *world)
{
  rs_upgrade_plan_free (world->plan);
  g_string_free (world->said, TRUE);
  g_free (world);
}
World *
phone (void)
{
  World *world = world_new ();
  RsUpgradeMemory memory = { 0 };

  configure (world, TRUE, TRUE, "3600,7200");
  start (world, &memory, FALSE);
  return world;
}

gboolean
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
    { "timer", RS_UPGRADE_EVENT_TIMER, FALSE },        { "clock", RS_UPGRADE_EVENT_CLOCK, FALSE },
    { "held", RS_UPGRADE_EVENT_HELD, FALSE },          { "cancel", RS_UPGRADE_EVENT_CANCEL, FALSE },
    { "ok", RS_UPGRADE_EVENT_DONE, TRUE },             { "bad", RS_UPGRADE_EVENT_DONE, FALSE },
    { "asked", RS_UPGRADE_EVENT_ASKED, FALSE },        { "reset", RS_UPGRADE_EVENT_RESET, FALSE },
    { "runs", RS_UPGRADE_EVENT_RUNS, FALSE },
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

void
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

void
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

void
in_state (World      *world,
          const char *state)
{
  g_assert_cmpstr (rs_upgrade_plan_get_state (world->plan), ==, state);
}
