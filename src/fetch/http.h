/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file by HTTP or HTTPS, for a job: redirects, authentication, conditions, proxies and every bound of its own (HTTP-1
 * … 10, 12); libsoup sends one request and brings one answer. */
#pragma once

#include "fetch/job.h"

G_BEGIN_DECLS

typedef struct _RsHttp RsHttp;

/* Call after rs_http_prepare_process (). Ends the job from the main loop, or at once. */
RsHttp *rs_http_start (RsJob *job);
void rs_http_free (RsHttp *http);

G_END_DECLS
