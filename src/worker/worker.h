/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon's side of a worker: starts one child a job, feeds it the request, bounds its time, checks what it says,
 * kills and reaps it whatever happens. Its death is a class C failure that says so. */
#pragma once

#include "ipc/message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef void (*RsProgressFunc) (const RsProgress *progress, gpointer data);

/* A part of an image that is on disk. What is kept of it shall be as durable before the next worker is told of it. */
typedef void (*RsPartFunc) (const RsPart *part, gpointer data);

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

/* The same for a request of RS_JOB_IMAGE (UPG-3).
 *
 * file: a regular file, open for reading and writing, and in no other way (no O_APPEND); borrowed until the call returns. The child
 * writes into it and cuts it to the length that it has; nobody else may meanwhile. It begins with request->part, or with
 * anything: what is not that part is overwritten.
 * There is no deadline for the whole: the child is killed when no byte has come for the longer of stall_timeout and transfer_timeout
 * and RS_WORKER_SECONDS_MORE.
 * progress: at most about four times a second; bytes begin anew, smaller, where the file does. In RS_STAGE_CONNECTING they are those
 * of the part that were read and compared.
 * part: of http and https, about once a second and where the download stops, unless NULL may not be: the last of them is what to give the
 * next worker as request->part, for the same URL. Without any the next one begins anew. After a success it is of no more use.
 *
 * The outcome of a success comes when the whole file is on disk (fdatasync), with its digest; its length is that of the file. What
 * the file says nobody has looked at: a worker that was taken over can have written anything. RS_ERROR_STORAGE: the disk is full,
 * or would be (request->room), or failed. */
void rs_worker_run_image_async (const char *path, const RsRequest *request, int file, RsProgressFunc progress,
                                RsPartFunc part, gpointer progress_data, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer data);

/* Never NULL: what went wrong in the child or with it is an outcome that is not ok (RS_ERROR_FAILED "worker died:
 * signal 11 …"). (transfer full) */
RsOutcome *rs_worker_run_finish (GAsyncResult *result);

G_END_DECLS
