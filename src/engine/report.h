/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An attempt to report: Report_Rule's rules in order, each of which sends parameters or the status page (REPORT-1). */
#pragma once

#include "engine/attempt.h"

G_BEGIN_DECLS

/* As rs_attempt_run_async (), and ended by rs_attempt_run_finish (). status: a{sv}, or NULL. */
void rs_report_run_async (const RsParts        *parts,
                          GVariant             *status,
                          RsAttemptProgressFunc progress,
                          gpointer              progress_data,
                          GCancellable         *cancellable,
                          GAsyncReadyCallback   callback,
                          gpointer              data);

G_END_DECLS
