/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way of every job to its server (HTTP-10): whoever starts a worker does it here, and Proxy_Mode is in force. */
#pragma once

#include "engine/parts.h"
#include "worker/worker.h"

G_BEGIN_DECLS

RsProxies *rs_proxies_new (void);
void rs_proxies_free (RsProxies *proxies);

/* As rs_worker_run_async (), with the deadline of the request's own, after the request was given its proxies. With
 * Proxy_Mode Auto a worker before it asks the proxy auto-configuration file about the host, unless that was done a minute ago,
 * and where the server redirects to another host the file is asked about that one, and another worker goes on there with the
 * time of a job of its own. Takes request. */
void rs_proxies_run_async (const RsParts *parts, RsRequest *request, RsProgressFunc progress, gpointer progress_data,
                           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

/* The same as rs_worker_run_image_async (): file is borrowed until the callback, for there may be several workers. */
void rs_proxies_run_image_async (const RsParts *parts, RsRequest *request, int file, RsProgressFunc progress, RsPartFunc part,
                                 gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

/* Never NULL; of both. (transfer full) */
RsOutcome *rs_proxies_run_finish (GAsyncResult *result);

G_END_DECLS
