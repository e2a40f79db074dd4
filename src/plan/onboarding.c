/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The customization state and the decision how slot one of a resync is filled, as tables. (DISC-2, -6, -14, STATE-1,
 * -3) */
#include "plan/onboarding.h"

#include <string.h>

#define HAND_PAUSE (G_GINT64_CONSTANT (600) * G_USEC_PER_SEC)

static const char *const names[] = {
  [RS_CUSTOM_OPEN] = "Open",
  [RS_CUSTOM_PENDING] = "Pending",
  [RS_CUSTOM_CUSTOM_PENDING] = "Custom-Pending",
  [RS_CUSTOM_ACQUIRED] = "Acquired",
  [RS_CUSTOM_ABORTED] = "Aborted",
  [RS_CUSTOM_UNAVAILABLE] = "Unavailable",
  [RS_CUSTOM_GDS_PENDING] = "GDS-Pending",
  [RS_CUSTOM_GDS_ACQUIRED] = "GDS-Acquired",
};

const char *
rs_customization_name (RsCustomization state)
{
  return (guint) state < G_N_ELEMENTS (names) ? names[state] : "";
}

gboolean
rs_customization_from_name (const char      *name,
                            RsCustomization *state)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], name) == 0)
      {
        *state = i;
        return TRUE;
      }
  return FALSE;
}

/* The facts as bits, so that a row of the table can ask for several. */
enum
{
  OWN_RULE = 1 << 0,    /* the request brought it */
  PROVISIONED = 1 << 1,
  FACTORY = 1 << 2,     /* Profile_Rule was never set */
  EMPTY = 1 << 3,
  SERVER = 1 << 4,      /* Profile_Rule names a server; an integrator's factory rule may, too */
  REMEMBERED = 1 << 5,
  NEW_LEASE = 1 << 6,   /* DHCP names other servers than then */
  HAND_FRESH = 1 << 7,  /* Profile_Rule was set by hand in the last 10 minutes */
};

static const struct
{
  guint  asked;
  guint  set;
  RsMode mode;
} modes[] = {
  { OWN_RULE, OWN_RULE, RS_MODE_RULE },
  { EMPTY, EMPTY, RS_MODE_RULE }, /* skipped (RULE-2) */

  /* never provisioned (DISC-2) */
  { PROVISIONED | HAND_FRESH, HAND_FRESH, RS_MODE_RULE }, /* discovery pauses (STATE-3) … */
  { PROVISIONED | FACTORY | SERVER, FACTORY, RS_MODE_DISCOVER },
  { PROVISIONED, 0, RS_MODE_RULE_FIRST },                 /* … and goes on, for the rule may hold a typo */

  /* provisioned (DISC-6, DISC-14) */
  { SERVER | FACTORY, SERVER, RS_MODE_RULE },
  { NEW_LEASE | SERVER, NEW_LEASE, RS_MODE_DISCOVER },
  { FACTORY | REMEMBERED, FACTORY | REMEMBERED, RS_MODE_REMEMBERED },
  { REMEMBERED, REMEMBERED, RS_MODE_RULE_FIRST }, /* the rule's path on the server that is remembered (RULE-7) */
  { 0, 0, RS_MODE_RULE },
};

static guint
read_facts (const RsOnboardingFacts *facts,
            gint64                   now_boot)
{
  gboolean fresh = facts->hand_set != 0 && now_boot - facts->hand_set < HAND_PAUSE;

  return (facts->explicit_rule ? OWN_RULE : 0) | (facts->provisioned ? PROVISIONED : 0)
         | (facts->rule_is_factory ? FACTORY : 0) | (facts->rule_is_empty ? EMPTY : 0)
         | (!facts->rule_is_empty && facts->rule_names_server ? SERVER : 0)
         | (facts->have_remembered ? REMEMBERED : 0) | (facts->lease_changed ? NEW_LEASE : 0) | (fresh ? HAND_FRESH : 0);
}

RsMode
rs_onboarding_mode (const RsOnboardingFacts *facts,
                    gint64                   now_boot)
{
  guint known = read_facts (facts, now_boot), row = 0;
  while ((known & modes[row].asked) != modes[row].set)
    row++;
  return modes[row].mode;
}

RsCustomization
rs_onboarding_step (RsCustomization  state,
                    RsOnboardingStep step)
{
  static const RsCustomization after[] = {
    [RS_STEP_ASK] = RS_CUSTOM_PENDING,
    [RS_STEP_NAMED] = RS_CUSTOM_CUSTOM_PENDING,
    [RS_STEP_UNKNOWN] = RS_CUSTOM_UNAVAILABLE,
    [RS_STEP_SCREEN] = RS_CUSTOM_GDS_PENDING,
  };
  gboolean ended = state == RS_CUSTOM_ABORTED || state == RS_CUSTOM_ACQUIRED || state == RS_CUSTOM_GDS_ACQUIRED;

  return ended && step != RS_STEP_SCREEN ? state : after[step];
}

/* A state that is reached stays, except that a redirect or a code, which are asked for on purpose, say more than any
 * other way. */
RsCustomization
rs_onboarding_applied (RsCustomization state,
                       RsProvisionedBy by)
{
  switch (by)
    {
    case RS_PROVISIONED_BY_REDIRECT:
      return RS_CUSTOM_ACQUIRED;
    case RS_PROVISIONED_BY_CODE:
      return RS_CUSTOM_GDS_ACQUIRED;
    case RS_PROVISIONED_BY_DHCP:
    case RS_PROVISIONED_BY_SRV:
    case RS_PROVISIONED_BY_HAND:
      break;
    }
  return state == RS_CUSTOM_ACQUIRED || state == RS_CUSTOM_GDS_ACQUIRED ? state : RS_CUSTOM_ABORTED;
}

gboolean
rs_onboarding_lease_counts (const RsOnboardingFacts *facts)
{
  guint known = read_facts (facts, 0);
  if (facts->lease_is_same)
    return FALSE;
  if ((known & (EMPTY | PROVISIONED)) == 0)
    return TRUE;
  return (known & (EMPTY | SERVER)) == 0 && facts->lease_changed;
}

gboolean
rs_onboarding_downgrades (const char *present_scheme,
                          const char *new_scheme)
{
  return present_scheme != NULL && g_ascii_strcasecmp (present_scheme, "https") == 0
         && (new_scheme == NULL || g_ascii_strcasecmp (new_scheme, "https") != 0);
}
