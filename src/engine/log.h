/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is told of the attempt that runs: to the journal with its fields (LOG-2), and as the operator wants it (LOG-1). */
#pragma once

#include "engine/engine-private.h"

G_BEGIN_DECLS

void rs_engine_log_begun (RsEngine *engine);

/* It asks a server for the first time. url: masked. */
void rs_engine_log_request (RsEngine   *engine,
                            const char *url);

void rs_engine_log_result (RsEngine              *engine,
                           const RsAttemptResult *result);

G_END_DECLS
