/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The body of a good answer, piece by piece into its job. */
#pragma once

#include "fetch/job.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _RsHttpBody RsHttpBody;

/* Reads to the end, which it tells the job. rest: what comes goes on where an image stopped. Nothing more happens when the cancellable was cancelled, which it must be
 * before this is freed. */
RsHttpBody *rs_http_body_read (RsJob *job, SoupMessageHeaders *headers, GInputStream *stream, gboolean rest,
                               GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;
void rs_http_body_free (RsHttpBody *body);

G_END_DECLS
