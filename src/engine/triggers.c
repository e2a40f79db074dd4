/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resync_Trigger_1 and _2 (SCHED-6): whether they let an automatic attempt go ahead, looked at again and again while they do not. */
#include "engine/engine-private.h"

#include "rule/rule.h"

#define TRIGGER_POLL_SECONDS 10

/* One that cannot be read never holds. */
gboolean
rs_engine_triggers_allow (RsEngine *engine)
{
  static const char *const names[] = { "Resync_Trigger_1", "Resync_Trigger_2" };
  RsSnapshot *snapshot = rs_param_store_get_snapshot (engine->parts.params);
  gboolean any_set = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *text = rs_snapshot_get (snapshot, names[i]);
      g_autoptr (RsRule) rule = NULL;
      gboolean holds = FALSE;

      if (text == NULL || text[0] == '\0')
        continue;
      rule = rs_rule_parse (text, RS_RULE_TRIGGER, NULL);
      if (rule != NULL && rs_rule_is_empty (rule))
        continue;
      any_set = TRUE;
      if (rule != NULL && rs_rule_condition_holds (rule, rs_facts_get_macros (engine->parts.facts), &holds, NULL)
          && holds)
        return TRUE;
    }
  return !any_set;
}

static gboolean
on_trigger_poll (gpointer data)
{
  RsEngine *engine = data;

  engine->trigger_poll = 0;
  rs_engine_facts_changed (engine);
  return G_SOURCE_REMOVE;
}

void
rs_engine_watch_triggers (RsEngine *engine)
{
  RsNow now = { rs_clock_boot (engine->parts.clock), rs_clock_wall (engine->parts.clock) };
  RsPlanStatus status;

  rs_plan_get_status (engine->plan, &now, &status);
  if (status.held == RS_HELD_TRIGGER && engine->trigger_poll == 0)
    engine->trigger_poll = g_timeout_add_seconds (TRIGGER_POLL_SECONDS, on_trigger_poll, engine);
  else if (status.held != RS_HELD_TRIGGER)
    g_clear_handle_id (&engine->trigger_poll, g_source_remove);
}
