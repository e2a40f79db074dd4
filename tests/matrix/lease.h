/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A lease as a case writes it, and as the room dhcp reads it. */
#pragma once

#include "dhcp/options.h"

/* "66:686f7374 v6-17:…", the values in hexadecimal: RsDhcpOption. (transfer full) */
GPtrArray *lease_options (const char *text);

/* RsDhcpSource in the order of DISC-3; what was passed over goes to warnings. (transfer full) */
GPtrArray *lease_sources (GPtrArray *options,
                          GPtrArray *warnings);

/* Equal for two lists that name the same servers in the same order. (transfer full) */
char      *lease_identity (GPtrArray *sources);
