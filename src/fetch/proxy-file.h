/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a job that fetches a proxy auto-configuration file (HTTP-10). */
#pragma once

#include "fetch/job.h"

G_BEGIN_DECLS

/* Closes the cage further and asks the file about the request's target; that ends the job, or its deadline does. A page
 * is RS_ERROR_NOT_FOUND, for such are at any path of some servers. */
void rs_proxy_file_ask (RsJob *job, GBytes *body);

G_END_DECLS
