/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a host's name to the addresses that may be asked. What is connected to later are these addresses and not the
 * name again, so that a second answer of the DNS cannot lead elsewhere (HTTP-12). */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* literal: as for rs_address_fault (). timeout: seconds for the DNS. A cancelled question is answered with
 * G_IO_ERROR_CANCELLED, when the DNS has answered or the time is over. */
void rs_resolve_async (const char *host, const char *literal, guint timeout, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer data);

/* A host that a proxy looks up, and nobody here: RS_ERROR_UNREACHABLE where what is written says by itself that it may
 * not be asked (HTTP-12). */
gboolean rs_resolve_check_name (const char *host, const char *literal, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* At least one GInetAddress, in the order to try them. RS_ERROR_UNREACHABLE: no such host, no answer of the DNS, or
 * only addresses that may not be asked. (transfer full) */
GPtrArray *rs_resolve_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
