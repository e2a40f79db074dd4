/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The child's end of the socket pair: one request in, progress and one outcome out. Blocks: the parent reads at once,
 * and keeps the time. */
#pragma once

#include "ipc/message.h"

G_BEGIN_DECLS

#define RS_CHANNEL_FD 3

/* RS_ERROR_FAILED: the parent is gone, or what came is no request. */
RsRequest *rs_channel_read_request (int fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* FALSE: the parent is gone. */
gboolean rs_channel_write (int fd, GBytes *frame) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
