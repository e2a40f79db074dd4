/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the phone shows of its service. */
#include "engine/engine-private.h"

#include "base/mask.h"
#include "engine/job.h"
#include "engine/rules.h"
#include "engine/upgrade.h"

#include <string.h>

static const char *
public_state (RsEngine           *engine,
              const RsPlanStatus *status)
{
  const char *upgrade = rs_upgrade_get_state (engine->upgrade);

  if (engine->resetting)
    return "resetting";
  switch (status->phase)
    {
    case RS_PHASE_WAITING_NETWORK:
      return "waiting-network";
    case RS_PHASE_WAITING_IDLE:
      return "waiting-idle";
    case RS_PHASE_RUNNING:
      return engine->discovering ? "discovering" : "resyncing";
    case RS_PHASE_IDLE:
      break;
    }
  if (strcmp (upgrade, "idle") != 0 && strcmp (upgrade, "reboot-required") != 0)
    return "upgrading";
  return rs_engine_wants_code (engine) ? "activation-code" : "idle";
}

static char *
waiting_for (RsEngine *engine,
             RsHeld    held)
{
  const char *who = rs_inhibitors_first (engine->inhibitors);

  switch (held)
    {
    case RS_HELD_NETWORK:
      return g_strdup ("network");
    case RS_HELD_CALL:
      return g_strdup_printf ("call: %s", who != NULL ? who : "?");
    case RS_HELD_TRIGGER:
      return g_strdup ("trigger");
    case RS_HELD_RETRY_AFTER:
      return g_strdup ("retry-after");
    case RS_HELD_CLOCK:
      return g_strdup ("clock");
    case RS_HELD_NO:
      break;
    }
  return NULL;
}

void
rs_engine_get_view (RsEngine     *engine,
                    RsEngineView *view)
{
  RsNow now = { rs_clock_boot (engine->parts.clock), rs_clock_wall (engine->parts.clock) };
  RsPlanStatus status;

  rs_plan_get_status (engine->plan, &now, &status);
  view->state = public_state (engine, &status);
  view->next = status.next;
  view->next_reason = rs_reason_name (status.next_reason);
  view->waiting_for = waiting_for (engine, status.held);
  g_ptr_array_set_size (engine->shown_warnings, 0);
  for (guint i = 0; i < engine->warnings->len; i++)
    g_ptr_array_add (engine->shown_warnings, g_ptr_array_index (engine->warnings, i));
  if (rs_upgrade_get_warning (engine->upgrade) != NULL)
    g_ptr_array_add (engine->shown_warnings, (gpointer)rs_upgrade_get_warning (engine->upgrade));
  for (guint i = 0; i < engine->lease_warnings->len; i++)
    g_ptr_array_add (engine->shown_warnings, g_ptr_array_index (engine->lease_warnings, i));
  if (rs_job_token_is_barred (&engine->parts))
    g_ptr_array_add (engine->shown_warnings, (gpointer)RS_TOKEN_BARRED);
  view->warnings = engine->shown_warnings;
  view->onboarding = rs_engine_get_story (engine);
  view->code_required = rs_engine_wants_code (engine);
  view->code_error = engine->code_error;
  view->code_after = rs_engine_code_after (engine);
}

void
rs_engine_view_clear (RsEngineView *view)
{
  g_clear_pointer (&view->waiting_for, g_free);
}

/* The path as it was found: what its macros stand for is nobody's business here. */
static char *
remembered (const RsState *state)
{
  gboolean v6 = strchr (state->candidate_host, ':') != NULL;
  g_autofree char *url = g_strdup_printf (v6 ? "%s://[%s]:%u%s" : "%s://%s:%u%s", state->candidate_scheme, state->candidate_host,
                                          state->candidate_port, state->candidate_path);

  return rs_mask_url (url);
}

char *
rs_engine_tell_search (RsEngine *engine,
                       gboolean *instead)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) sources = rs_servers_from_lease (&engine->parts, warnings);
  g_autofree char *server = remembered (rs_state_store_get (engine->parts.state));
  RsOnboardingFacts facts;
  RsMode mode;

  rs_onboarding_facts_read (&engine->parts, &facts);
  facts.hand_set = engine->hand_set;
  mode = rs_onboarding_begin (&engine->parts, sources, &facts);
  *instead = mode == RS_MODE_REMEMBERED || mode == RS_MODE_DISCOVER;
  switch (mode)
    {
    case RS_MODE_REMEMBERED:
      return g_strdup_printf ("the factory's rule leads to what provisioned the phone, %s; where that fails another server is looked for", server);
    case RS_MODE_DISCOVER:
      return g_strdup ("a server is looked for, as on the first day: those that DHCP names, and what comes after them");
    case RS_MODE_RULE_FIRST:
      return g_strdup ("where the rule fails a server is looked for, as on the first day");
    case RS_MODE_RULE:
      break;
    }
  return NULL;
}
