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

/* addresses: of GInetAddress, where the route leads: the proxy's or the host's. tunnel: to go through, with a proxy and
 * https; else NULL. timeout: seconds in which nothing comes. */
SoupSession *rs_http_session_new (const RsRoute *route, GUri *uri, GPtrArray *addresses, RsTunnel *tunnel,
                                  guint timeout) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
