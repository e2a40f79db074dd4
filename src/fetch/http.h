/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file by HTTP or HTTPS, for a job: redirects, authentication, conditions, proxies and every bound of its own (HTTP-1
 * … 10, 12); libsoup sends one request and brings one answer. */
#pragma once

#include "fetch/job.h"
#include "fetch/route.h"

G_BEGIN_DECLS

typedef struct _RsHttp RsHttp;

/* Call after rs_http_prepare_process (). Ends the job from the main loop, or at once. server: of an SRV record, asked in
 * the place of the URL's host, whose name TLS and the Host field keep (DISC-8); NULL: the host itself. It must live as
 * long. */
RsHttp *rs_http_start (RsJob *job, const RsRoute *server);

/* Lets go of it when the job has ended; what it has still under way comes to nothing while the main loop goes on. */
void rs_http_stop (RsHttp *http);

/* Not before the main loop has run for the last time. */
void rs_http_free (RsHttp *http);

G_END_DECLS
