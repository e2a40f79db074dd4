/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The SRV records of a case, in the product's order (DISC-7). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* text: "SCHEME PRIORITY WEIGHT HOST PORT", several with ";" between them, in any order. The servers of a scheme as a worker tells them:
 * "https://pr1.example.com:443", in the order to try them. */
GPtrArray *records_servers (const char *text,
                            const char *scheme) G_GNUC_WARN_UNUSED_RESULT;

/* The host of such a server. */
char      *records_host (const char *server) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
