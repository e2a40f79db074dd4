/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a worker's process is made: one descriptor, almost no environment, no core, no new privileges, and no life after
 * its parent's. The rest of its cage depends on the request; it closes that itself (cage/, fetch/confine.h). */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The worker's end of the socket pair. */
#define RS_CHILD_FD 3

/* Starts the program without keeping the caller from its main loop: the fork, and the wait for the child's exec, are in a
 * thread, which makes one after the other. One that is cancelled before its turn is not made; after that it is, and is the caller's to end.
 * data: of the callback. */
void rs_child_start_async (const char *path, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

/* *socket: the daemon's end. RS_ERROR_FAILED says why not. */
GSubprocess *rs_child_start_finish (GAsyncResult *result, GSocket **socket, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
