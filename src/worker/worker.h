/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon's side of a worker: starts one child a job, feeds it the request, bounds its time, checks what it says,
 * kills and reaps it whatever happens. Its death is a class C failure that says so. */
#pragma once

#include "ipc/message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef void (*RsProgressFunc) (const RsProgress *progress, gpointer data);

/* What a person should know of the sandbox that workers have on this kernel; NULL: it is whole. allow_weak: of
 * resyncd.conf. */
const char *rs_worker_sandbox_warning (gboolean allow_weak);

/* path: of resyncd-worker. deadline: seconds after which the child is killed (RS_ERROR_UNREACHABLE "timed out");
 * counted on the boot clock by the daemon. progress is called on the main loop, at most as often as the child says.
 * Cancelling kills the child: RS_ERROR_CANCELLED. The callback comes on the main loop after the child has been reaped;
 * where the making of the child itself hangs it comes at the deadline, and a child that is made after all is killed. */
void rs_worker_run_async (const char *path, const RsRequest *request, guint deadline, RsProgressFunc progress,
                          gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer data);

/* Never NULL: what went wrong in the child or with it is an outcome that is not ok (RS_ERROR_FAILED "worker died:
 * signal 11 …"). (transfer full) */
RsOutcome *rs_worker_run_finish (GAsyncResult *result);

G_END_DECLS
