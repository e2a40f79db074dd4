/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whom a job asks by HTTP: the host of its URL, or in its place the servers that SRV records name, one after another
 * (DISC-7, DISC-9). */
#pragma once

#include "fetch/job.h"

G_BEGIN_DECLS

/* Runs the main loop until the job has ended. Call after rs_http_prepare_process (). */
void rs_servers_run (RsJob *job);

G_END_DECLS
