/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Profile_Rule and the stored state say about where the profile comes from. */
#pragma once

#include "engine/attempt-private.h"

G_BEGIN_DECLS

/* Everything of the facts that does not belong to one attempt. */
void rs_onboarding_facts_read (const RsParts     *parts,
                               RsOnboardingFacts *facts);

/* Where a resync begins. sources: what the lease names; facts: all but what the lease adds. */
RsMode rs_onboarding_begin (const RsParts     *parts,
                            GPtrArray         *sources,
                            RsOnboardingFacts *facts);

/* A path of Profile_Rule's own that discovery is to try first; NULL: it has the factory's, or none. */
const char *rs_onboarding_own_path (const RsOnboardingFacts *facts,
                                    const char              *rule);

G_END_DECLS
