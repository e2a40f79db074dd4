/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which addresses a worker may ask (HTTP-12): a name, redirect or SRV record of somebody else must not make the phone
 * talk to itself or to what only its own link can reach. */
#pragma once

#include "tftp/endpoint.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* "a loopback address" and so on; NULL: it may be asked. literal: the one address that may be any of these; "" or NULL:
 * none. */
const char *rs_address_fault (GInetAddress *address, const char *literal);

/* An IPv4 address that is written as IPv6 (::ffff:192.0.2.1) as what it is, else another reference to the same. */
GInetAddress *rs_address_plain (GInetAddress *address);

/* As text without a zone, for the outcome and for messages. */
char *rs_address_to_string (GInetAddress *address);

/* For the machine of tftp/. */
void rs_address_to_endpoint (GInetAddress *address, guint16 port, RsTftpEndpoint *endpoint);

G_END_DECLS
