/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a request needs of libsoup and GIO: the process as they shall find it, and a session of its own. */
#pragma once

#include "fetch/route.h"
#include "fetch/tunnel.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Sets what libsoup and GIO read from the environment. First thing in main (), before any thread. */
void rs_http_prepare_process (void);

/* Loads what a request would load, such as GIO's module for TLS. */
void rs_http_warm_up (void);

/* What stands in the request. A proxy that is asked for a whole URL by http goes where that says, so it must say the server. */
GUri *rs_http_asked_uri (const RsRoute *route, GUri *uri, const RsRoute *server);

/* "host:port" that a proxy is to connect to. */
char *rs_http_end_name (GUri *uri, const RsRoute *server);

/* server: who is asked in the place of the URI's host; NULL: the host. addresses: of GInetAddress, where the route leads:
 * the proxy's or the server's. tunnel: to go through, with a proxy and https; else NULL. timeout: seconds in which
 * nothing comes. */
SoupSession *rs_http_session_new (const RsRoute *route, GUri *uri, const RsRoute *server, GPtrArray *addresses,
                                  RsTunnel *tunnel, guint timeout) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
