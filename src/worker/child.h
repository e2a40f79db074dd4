/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a worker's process is made: one descriptor or two, almost no environment, no core, no new privileges, and no life after
 * its parent's. The rest of its cage depends on the request; it closes that itself (cage/, fetch/confine.h). */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The worker's end of the socket pair. */
#define RS_CHILD_FD 3
/* The file that an image goes into. */
#define RS_CHILD_IMAGE_FD 4

/* Starts the program without keeping the caller from its main loop: the fork, and the wait for the child's exec, are in a
 * thread, which makes one after the other. One that is cancelled before its turn is not made; after that it is, and is the caller's to end.
 * image: a descriptor that the child gets a copy of; -1: none. data: of the callback. */
void rs_child_start_async (const char *path, int image, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

/* *socket: the daemon's end. RS_ERROR_FAILED says why not. */
GSubprocess *rs_child_start_finish (GAsyncResult *result, GSocket **socket, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How the process ended, as a fault, unless well; NULL where it did, or never began (process is NULL). */
char *rs_child_end_fault (GSubprocess *process);

/* It did what the filter of its sandbox forbids: a fault of ours, or a server has taken it over. */
gboolean rs_child_was_caught (GSubprocess *process);

G_END_DECLS
