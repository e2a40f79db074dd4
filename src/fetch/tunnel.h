/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection through an HTTP proxy by CONNECT (HTTP-10), as a kind of proxy of GIO, so that libsoup sees a plain
 * connection to the server and starts TLS on it. libsoup's own reads the body of a refusal without a bound, knows one
 * kind of Digest, and gives the proxy's answer out as the server's. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define RS_TUNNEL_PROTOCOL "rs-tunnel"

/* What is said to the proxy, and what it said. A GProxyAddress of the protocol carries a reference to one. */
#define RS_TYPE_TUNNEL (rs_tunnel_get_type ())
G_DECLARE_FINAL_TYPE (RsTunnel, rs_tunnel, RS, TUNNEL, GObject)

/* Makes the protocol known. Once, before it is used. */
void rs_tunnel_register (void);

/* target: "host:port" to reach; authorization: of Proxy-Authorization, NULL none. */
RsTunnel *rs_tunnel_new (const char *target, const char *user_agent, const char *authorization);

/* An address of the proxy that leads through the tunnel. */
GSocketAddress *rs_tunnel_address (RsTunnel *tunnel, GInetAddress *proxy, guint16 port, const char *host,
                                   guint16 host_port);

/* The status of the proxy's answer; 0: none came that can be read. */
guint rs_tunnel_get_status (RsTunnel *tunnel);

/* All its challenges; NULL: none. */
const char *rs_tunnel_get_challenge (RsTunnel *tunnel);

G_END_DECLS
