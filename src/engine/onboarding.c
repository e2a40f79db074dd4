/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a resync begins: what rule, state and lease say of that, for the table of plan/. (DISC-2, DISC-6, DISC-14) */
#include "engine/rules.h"

#include <string.h>

void
rs_onboarding_facts_read (const RsParts     *parts,
                          RsOnboardingFacts *facts)
{
  const RsState *state = rs_state_store_get (parts->state);
  RsSnapshot *snapshot = rs_param_store_get_snapshot (parts->params);
  g_autoptr (RsRule) rule = NULL;
  RsValue value = { 0 };

  memset (facts, 0, sizeof *facts);
  if (!rs_snapshot_lookup (snapshot, rs_rule_names[0], &value))
    return;
  rule = rs_rule_parse (value.value, RS_RULE_PROFILE, NULL);
  facts->provisioned = state->provisioned;
  facts->rule_is_factory = strcmp (value.value, value.param->default_value) == 0;
  facts->rule_is_empty = rule != NULL && rs_rule_is_empty (rule);
  facts->rule_names_server = rule != NULL && rs_rule_names_server (rule);
  facts->have_remembered = state->candidate_host[0] != '\0';
}

const char *
rs_onboarding_own_path (const RsOnboardingFacts *facts,
                        const char              *rule)
{
  return !facts->rule_is_factory && rule != NULL && rule[0] == '/' ? rule : NULL;
}

RsMode
rs_onboarding_begin (const RsParts     *parts,
                     GPtrArray         *sources,
                     RsOnboardingFacts *facts)
{
  const RsState *state = rs_state_store_get (parts->state);
  const char *rule = rs_snapshot_get (rs_param_store_get_snapshot (parts->params), rs_rule_names[0]);
  g_autofree char *servers = rs_servers_identity (sources);
  RsMode mode;

  facts->lease_changed = servers[0] != '\0' && strcmp (servers, state->lease_servers) != 0
                         && rs_servers_reach (sources, facts->provisioned ? state->candidate_scheme : "");
  mode = rs_onboarding_mode (facts, rs_clock_boot (parts->clock));
  /* a rule with options or conditions cannot be taken to other servers path by path: it stays with the one remembered */
  if (mode == RS_MODE_DISCOVER && facts->provisioned && !facts->rule_is_factory && rs_onboarding_own_path (facts, rule) == NULL)
    return RS_MODE_RULE;
  return mode;
}
