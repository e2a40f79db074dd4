/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes to a DHCP server that is asked for options alone, and what comes back: DHCPINFORM (RFC 2131, 3.4) and
 * Information-request (RFC 8415, 18.2.6). Packets are a stranger's until each field has been looked at. */
#pragma once

#include "dhcp/datagram.h"
#include "dhcp/question.h"

G_BEGIN_DECLS

/* Ports of UDP. */
#define RS_DHCP_CLIENT 68
#define RS_DHCP_SERVER 67
#define RS_DHCP6_CLIENT 546
#define RS_DHCP6_SERVER 547

/* How long to wait for an answer to the n-th message, from 1 on, in milliseconds; 0: there is no n-th one. previous: what this
 * gave for the one before. chance: from 0 to 65535, anew each time. IPv4: 4 messages in 60 s (RFC 2131, 4.1 and 4.4.3); IPv6: those
 * of RFC 8415, 15 with IRT 1 s, 6 of them. */
guint   rs_inform_wait (gboolean v6,
                        guint    n,
                        guint    previous,
                        guint16  chance);

/* IPv6 alone: the delay of the first message, in milliseconds (RFC 8415, 18.2.6). IPv4: 0. */
guint   rs_inform_delay (gboolean v6,
                         guint16  chance);

/* The payload of one message. xid: for IPv6 its lower 24 bits. waited: milliseconds since the first one. */
GBytes *rs_inform_build (const RsDhcpQuestion *question,
                         guint32               xid,
                         guint                 waited) G_GNUC_WARN_UNUSED_RESULT;

/* The options of an answer, in the order of their codes, none but those of the question, each whole: the pieces of a long one are joined
 * (RFC 3396). NULL: it is none of ours or no good, and *reason, a constant text, says why. The ports, the addresses, the id of the
 * exchange, the phone's and the server's identity have to be those of the question. */
GPtrArray *rs_inform_read (const RsDhcpQuestion *question,
                           guint32               xid,
                           const RsDatagram     *datagram,
                           const char          **reason) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
