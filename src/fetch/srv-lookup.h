/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The servers that SRV records name for a host (DISC-7, DISC-9), asked of the DNS. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define RS_SRV_SERVERS_MAX 16 /* of a thousand records nobody tries more */

/* scheme: "https" or "http", which have records of their own. by_chance: servers of one priority in the order of RFC
 * 2782, else by their weight. timeout: seconds for the DNS. */
void rs_srv_look_up_async (const char *scheme, const char *host, gboolean by_chance, guint timeout,
                           GAsyncReadyCallback callback, gpointer data);

/* RsRoute in the order to try them, at least one. RS_ERROR_UNREACHABLE: the DNS gave no answer; else as rs_srv_parse ().
 * (transfer full) */
GPtrArray *rs_srv_look_up_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
