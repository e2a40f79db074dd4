/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One server as a DHCP server names it: a URL, or a host. Data from a stranger, so only what can be one of these passes
 * (DISC-4, DISC-5). */
#pragma once

#include "dhcp/options.h"

G_BEGIN_DECLS

/* Reads a text of printable ASCII without blanks. Macros stay: $NAME, $(NAME), $(NAME:p:q), with NAME in capitals and
 * digits; any other "$(" is refused. A host with a path and no scheme is a tftp URL (RULE-7). An IPv6 address is a host with
 * brackets or without; in the hint it has them (DISC-4). NULL: *reason is a constant text that says why. */
RsServerHint *rs_server_hint_parse (const char  *text,
                                    const char **reason) G_GNUC_WARN_UNUSED_RESULT;

/* An address of four bytes in network order; NULL where no server can have it (0.0.0.0/8, multicast, reserved). */
RsServerHint *rs_server_hint_from_ipv4 (const guint8 address[4]) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
