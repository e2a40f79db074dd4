/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the present lease says about provisioning servers: its options in the configured order, and a text that is equal while they are. */
#pragma once

#include "engine/parts.h"
#include "plan/candidates.h"
#include "rule/rule.h"

G_BEGIN_DECLS

/* Tells the network which options count now. */
void       rs_servers_want (const RsParts *parts);

/* RsDhcpSource in the order of DHCP_Option_To_Use, then DHCPv6_Option_To_Use. What was passed over, by who
 * read the lease as well, goes to warnings (char *). */
GPtrArray *rs_servers_from_lease (const RsParts *parts,
                                  GPtrArray     *warnings);

/* Equal for two lists that name the same servers in the same order (DISC-6). "" for none. */
char      *rs_servers_identity (GPtrArray *sources);

/* Whether any of them can be reached without going below the scheme that the phone was provisioned over ("" none): DISC-6's "never down". */
gboolean   rs_servers_reach (GPtrArray  *sources,
                             const char *floor_scheme);

/* The server that provisioned the phone, for a URL that names none (RULE-7); by SRV records where it was found by them. FALSE: there is none yet. */
gboolean   rs_servers_put_in_remembered (const RsParts *parts,
                                         RsRuleAction  *action);

/* The candidates of discovery. own_path: a path that Profile_Rule itself gives ("/$MA.cfg"), tried before the default ones; NULL none.
 */
RsCandidates *rs_servers_candidates (const RsParts *parts,
                                     GPtrArray     *sources,
                                     const char    *own_path,
                                     gboolean       only_own,
                                     GPtrArray     *warnings);

G_END_DECLS
