/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A lease came, changed or went: whether that is news, what may be asked because of it, and what of it cannot be used. (DISC-6) */
#include "engine/engine-private.h"

#include "base/names.h"
#include "base/text.h"
#include "engine/rules.h"
#include "engine/servers.h"
#include "system/journal.h"

#include <string.h>

static void
log_lease (const RsLease *lease,
           guint          n_sources)
{
  if (!lease->connected)
    rs_journal_print (G_LOG_LEVEL_MESSAGE, RS_MESSAGE_LEASE, "no network");
  else if (lease->interface[0] == '\0')
    rs_journal_print (G_LOG_LEVEL_MESSAGE, RS_MESSAGE_LEASE, "network up, %u provisioning options", n_sources);
  else
    rs_journal_print (G_LOG_LEVEL_MESSAGE, RS_MESSAGE_LEASE, "network up: %s on %s, %u provisioning options",
                      lease->address, lease->interface, n_sources);
}

/* Whether a lease that names other servers than when the phone was provisioned may lead there; says so where it may not (DISC-6). */
static gboolean
judge_servers (RsEngine                *engine,
               const RsOnboardingFacts *facts,
               GPtrArray               *sources,
               const char              *identity,
               GPtrArray               *warnings)
{
  const RsState *state = rs_state_store_get (engine->parts.state);

  if (identity[0] == '\0' || strcmp (identity, state->lease_servers) == 0)
    return FALSE;
  if (!facts->provisioned)
    return TRUE;
  if (facts->rule_names_server)
    {
      g_ptr_array_add (warnings, g_strdup ("DHCP names another provisioning server than Profile_Rule; the rule stands"));
      return FALSE;
    }
  if (rs_servers_reach (sources, state->candidate_scheme))
    return TRUE;
  g_ptr_array_add (warnings, g_strdup ("DHCP names a provisioning server without https; this phone was provisioned over https and"
                                       " stays with its own"));
  return FALSE;
}

/* Whether it is another lease than the one that was judged last, by a daemon before this one as well: what is due then stays so (HTTP-7).
 * One that was lost and comes again is new. */
static gboolean
is_new_lease (RsEngine      *engine,
              const RsLease *lease)
{
  const RsState *old = rs_state_store_get (engine->parts.state);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, lease->identity, -1);
  gboolean lost = !lease->connected && engine->had_lease;
  g_autoptr (RsState) state = NULL;

  engine->had_lease |= lease->connected;
  if (strcmp (digest, old->lease_identity) == 0)
    return FALSE;
  if (lease->connected || lost)
    {
      state = rs_state_copy (old);
      rs_text_set (&state->lease_identity, lease->connected ? digest : "");
      rs_state_store_set_volatile (engine->parts.state, state);
    }
  return TRUE;
}

void
rs_engine_on_lease (RsEngine *engine)
{
  const RsLease *lease = rs_network_get_lease (engine->parts.network);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) sources = NULL;
  g_autofree char *identity = NULL;
  RsOnboardingFacts facts;
  RsEvent event = { .kind = RS_EVENT_NETWORK };

  rs_facts_set_lease (engine->parts.facts, lease);
  sources = rs_servers_from_lease (&engine->parts, warnings);
  identity = rs_servers_identity (sources);
  rs_onboarding_facts_read (&engine->parts, &facts);
  facts.lease_changed = judge_servers (engine, &facts, sources, identity, warnings)
                        && g_strcmp0 (identity, engine->lease_servers) != 0;
  facts.lease_is_same = !is_new_lease (engine, lease);
  event.network.connected = lease->connected;
  event.network.counts = lease->connected && rs_onboarding_lease_counts (&facts);
  for (guint i = 0; i < warnings->len; i++)
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_OPTION_IGNORED, "%s", (char *)g_ptr_array_index (warnings, i));
  log_lease (lease, sources->len);
  if (lease->connected)
    {
      rs_syslog_go_on (engine->syslog);
      g_free (engine->lease_servers);
      engine->lease_servers = g_steal_pointer (&identity);
    }
  g_ptr_array_unref (engine->lease_warnings);
  engine->lease_warnings = g_steal_pointer (&warnings);
  rs_engine_feed_event (engine, &event);
  rs_engine_facts_changed (engine);
  rs_engine_status_changed (engine);
}
