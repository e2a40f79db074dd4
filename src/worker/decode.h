/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads an outcome beside the main loop, which a large one would keep for too long. */
#pragma once

#include "ipc/message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* request: that it answers, which stays as it is until the callback. */
void rs_decode_async (GBytes *payload, const RsRequest *request, GAsyncReadyCallback callback, gpointer data);

/* As rs_outcome_from_payload (). (transfer full) */
RsOutcome *rs_decode_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
