/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A network address whose name is one thing and whose addresses are another: TLS, SNI and the Host field see the name
 * of the URL, while the connection goes to addresses that were looked up and judged before: the host's, or a proxy's. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define RS_TYPE_PINNED_ADDRESS (rs_pinned_address_get_type ())
G_DECLARE_FINAL_TYPE (RsPinnedAddress, rs_pinned_address, RS, PINNED_ADDRESS, GNetworkAddress)

/* addresses: of GSocketAddress, tried in this order */
GSocketConnectable *rs_pinned_address_new (const char *host, guint16 port, GPtrArray *addresses);

G_END_DECLS
