/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The cage that fits a request: the files and the memory that its job needs, and no more. */
#pragma once

#include "ipc/message.h"

G_BEGIN_DECLS

/* Locks the process in. To be called once, while it has one thread and has read nothing but the request.
 * RS_ERROR_FAILED: it cannot be, and the job must not be done. */
gboolean rs_confine (const RsRequest *request, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
