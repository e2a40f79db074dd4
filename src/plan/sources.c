/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The user's order of the ways to a profile, as a table. (DISC-1, DISC-2) */
#include "plan/sources.h"

enum
{
  PROVISIONED = 1 << 0,
  DOMAIN = 1 << 1,
  REDIRECT = 1 << 2,
  ACTIVATION = 1 << 3,
};

/* In the order to ask them: those whose facts among the asked ones are exactly the set ones. */
static const struct
{
  guint asked;
  guint set;
} sources[] = {
  [RS_SOURCE_DHCP] = { 0, 0 },
  [RS_SOURCE_SRV] = { DOMAIN, DOMAIN },
  [RS_SOURCE_REDIRECT] = { PROVISIONED | REDIRECT, REDIRECT },
  [RS_SOURCE_ACTIVATION] = { PROVISIONED | ACTIVATION, ACTIVATION },
};

/* The first from row on. */
static RsSource
find (guint                row,
      const RsSourceFacts *facts)
{
  guint known = (facts->provisioned ? PROVISIONED : 0) | (facts->has_domain ? DOMAIN : 0)
                | (facts->has_redirect ? REDIRECT : 0) | (facts->has_activation ? ACTIVATION : 0);

  while (row < G_N_ELEMENTS (sources) && (known & sources[row].asked) != sources[row].set)
    row++;
  return (RsSource) row;
}

RsSource
rs_source_first (const RsSourceFacts *facts)
{
  return find (RS_SOURCE_DHCP, facts);
}

RsSource
rs_source_next (RsSource             source,
                const RsSourceFacts *facts)
{
  return find (source + 1, facts);
}
