/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two sockets of an exchange. Both need CAP_NET_RAW to be made and nothing to be used, and neither takes a port:
 * whoever holds the lease goes on using it, and misses none of its own packets. */
#pragma once

#include "dhcp/inform.h"

G_BEGIN_DECLS

typedef struct _RsWire RsWire;

/* RS_ERROR_UNREACHABLE: the interface or the address is not there (any more); RS_ERROR_FAILED: no privilege. */
RsWire     *rs_wire_open (const RsDhcpQuestion *question,
                          GError              **error) G_GNUC_WARN_UNUSED_RESULT;
void        rs_wire_free (RsWire *wire);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsWire, rs_wire_free)

/* To wait for a packet. */
int         rs_wire_get_fd (const RsWire *wire);

/* To the server; broadcast: IPv4, to whoever hears it. IPv6 goes to all servers. */
gboolean    rs_wire_send (RsWire  *wire,
                          GBytes  *payload,
                          gboolean broadcast,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One packet that has come. NULL, or a constant text that says why it is no datagram; "" there is none. The datagram is good until the next call. */
const char *rs_wire_receive (RsWire     *wire,
                             RsDatagram *datagram) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
