/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the errors of GIO, GnuTLS and libsoup to the job's failure: converted here once, in words a person can act on
 * (HTTP-5, 9, 11). */
#pragma once

#include "fetch/job.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Nothing came within the time to connect. first_host: it is the host that the rule names, not one a redirect led to.
 */
void rs_http_fail_silent (RsJob *job, gboolean first_host);

/* The request could not be sent or was not answered. */
void rs_http_fail_send (RsJob *job, SoupMessage *message, const GError *error, gboolean first_host);

/* A proxy gave no connection, and this status instead. */
void rs_http_fail_tunnel (RsJob *job, guint status);

/* The answer began, and its body did not come whole. error: NULL where the stream just ended. */
void rs_http_fail_body (RsJob *job, const GError *error);

G_END_DECLS
