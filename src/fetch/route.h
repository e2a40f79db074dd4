/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ways to a server (HTTP-10): proxies and the direct one, in the order to try them. Pure. */
#pragma once

#include "base/error.h"

G_BEGIN_DECLS

typedef struct
{
  char *host; /* of the proxy; NULL: directly */
  guint16 port;
} RsRoute;

void rs_route_free (RsRoute *route);

/* Reads a list as a request has it, with ";" between ("10.0.0.7:3128;DIRECT"); "" is the direct way. What comes after the
 * eighth is left out. RS_ERROR_FAILED: an element cannot be read, or there is none. Of RsRoute, at least one. */
GPtrArray *rs_routes_parse (const char *list, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for a list as a proxy auto-configuration file answers it ("PROXY 10.0.0.7:3128; SOCKS 10.0.0.7:1080; DIRECT"). What
 * this program cannot use (SOCKS, a proxy by TLS) is left out. A file that answers nothing means no proxy, as its inventors
 * wrote: "", and what the library makes of null and of a function without a value. */
GPtrArray *rs_routes_parse_answer (const char *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As a request has them. */
char *rs_routes_to_string (GPtrArray *routes);

/* "host:port", with brackets around an IPv6 address. */
char *rs_route_name (const char *host, guint16 port);

G_END_DECLS
