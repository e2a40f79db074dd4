/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may stand as a host, in a rule, in an option of DHCP or in a record of the DNS. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether the host is written as an address, v4 or v6. */
gboolean rs_host_is_address (const char *host);

/* A name, an IPv4 address or an IPv6 address without brackets: what may stand as a host. At most 253 bytes. What the resolver would
 * read as an address without looking like one ("127.1", "0x7f000001") is none. */
gboolean rs_host_is_valid (const char *host);

G_END_DECLS
