/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The URLs that a worker asks: the request's, and where a redirect leads (HTTP-2). */
#pragma once

#include "ipc/message.h"

G_BEGIN_DECLS

/* scheme, host, port and path of a request; without userinfo and fragment, with what a URI may not hold
 * percent-encoded. RS_ERROR_INVALID_ARGUMENT: it makes no URI. */
GUri *rs_uri_from_request (const RsRequest *request, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Where a Location field of an answer from base leads. RS_ERROR_FAILED: no URI, another scheme than http and https,
 * from https to http, or too long. Userinfo in it is dropped. */
GUri *rs_uri_redirect (GUri *base, const char *location, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean rs_uri_same_host (GUri *a, GUri *b);

/* Whether b, to where a redirects, may be told what was meant for a: the same host at the same port, or its https at the usual port after http
 * at the usual one. On another port somebody else may listen. (HTTP-2) */
gboolean rs_uri_same_server (GUri *a, GUri *b);

/* Scheme, host and port; port also counts as a's. */
gboolean rs_uri_same_origin (GUri *a, GUri *b, guint16 port);

/* The same path and query at another host and port. */
GUri *rs_uri_at (GUri *uri, const char *host, guint16 port);

/* With the scheme's own where none is written. */
guint16 rs_uri_port (GUri *uri);

/* Path and query: what stands in the request line. */
char *rs_uri_target (GUri *uri);

/* The bytes of a TFTP file name: percent-escapes decoded; one that is none, or would be a control character, stays as
 * written. */
char *rs_uri_decode_file (const char *path);

G_END_DECLS
