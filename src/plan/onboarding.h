/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How slot one of a resync is filled: by Profile_Rule, by the server that provisioned the phone, or by discovery;
 * and what the customization state becomes. (DISC-1, -2, -6, -14, STATE-1, STATE-3, STATE-5) */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RS_CUSTOM_OPEN,
  RS_CUSTOM_PENDING,
  RS_CUSTOM_CUSTOM_PENDING,
  RS_CUSTOM_ACQUIRED,
  RS_CUSTOM_ABORTED,
  RS_CUSTOM_UNAVAILABLE,
  RS_CUSTOM_GDS_PENDING,
  RS_CUSTOM_GDS_ACQUIRED,
} RsCustomization;

const char *rs_customization_name (RsCustomization state); /* "Open" … "GDS-Acquired" */
gboolean    rs_customization_from_name (const char      *name,
                                        RsCustomization *state);

typedef enum
{
  RS_MODE_RULE,      /* Profile_Rule as it stands, with the server it names or that RULE-7 puts in */
  RS_MODE_REMEMBERED, /* the candidate that provisioned the phone; where it fails: RS_MODE_DISCOVER */
  RS_MODE_DISCOVER,  /* the candidates, from the first */
  /* As RS_MODE_RULE; where it fails: RS_MODE_DISCOVER. For a path that was set, and a rule set by hand that may hold a
   * typo (STATE-3). */
  RS_MODE_RULE_FIRST,
} RsMode;

typedef struct
{
  gboolean        provisioned;
  gboolean        rule_is_factory;   /* Profile_Rule has the catalogue's value, never set */
  gboolean        rule_is_empty;
  gboolean        rule_names_server; /* a rule that is neither the factory's nor empty */
  gboolean        have_remembered;   /* a candidate is stored */
  gboolean        lease_changed;     /* DHCP names other servers than when the phone was provisioned */
  gboolean        lease_is_same;     /* as the last that was judged, but for what is said of it in warnings */
  gboolean        explicit_rule;     /* the request brought a rule of its own */
  gint64          hand_set;          /* boot instant at which a rule was set by hand (STATE-3); 0: not in this run */
} RsOnboardingFacts;

RsMode          rs_onboarding_mode (const RsOnboardingFacts *facts,
                                    gint64                   now_boot);

typedef enum
{
  RS_STEP_ASK,     /* the redirect service is asked */
  RS_STEP_NAMED,   /* it named a server, which is asked for the profile */
  RS_STEP_UNKNOWN, /* it does not know this phone */
  RS_STEP_SCREEN,  /* a person is asked for a code */
} RsOnboardingStep;

/* The state after a step (STATE-1, STATE-2). The redirect service never takes back what ended the search; a person does, with
 * gds:// as Profile_Rule. */
RsCustomization rs_onboarding_step (RsCustomization  state,
                                    RsOnboardingStep step);

typedef enum
{
  RS_PROVISIONED_BY_DHCP,
  RS_PROVISIONED_BY_SRV,
  RS_PROVISIONED_BY_HAND, /* a rule set or given by hand, or any configured rule */
  RS_PROVISIONED_BY_REDIRECT,
  RS_PROVISIONED_BY_CODE,
} RsProvisionedBy;

/* The state after a profile applied. */
RsCustomization rs_onboarding_applied (RsCustomization state,
                                       RsProvisionedBy by);

/* DISC-6: whether a lease that names servers other than those the phone was provisioned from starts a resync; and
 * whether the server it names may replace the present one: never down from https to http or tftp. */
gboolean        rs_onboarding_lease_counts (const RsOnboardingFacts *facts);
gboolean        rs_onboarding_downgrades (const char *present_scheme,
                                          const char *new_scheme);

G_END_DECLS
