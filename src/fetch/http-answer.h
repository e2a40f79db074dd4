/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an answer of HTTP means for its job, where that does not ask anything again. */
#pragma once

#include "fetch/job.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* What must be settled before libsoup goes on to the body. FALSE: it must not, and the job has failed. */
gboolean rs_http_answer_check (RsJob *job, SoupMessage *message) G_GNUC_WARN_UNUSED_RESULT;

/* A whole file is to come, with status 200. FALSE: not like that, and the job has failed. */
gboolean rs_http_answer_take_file (RsJob *job, SoupMessage *message) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it is the rest of the image that was asked for, and nothing else (status 206). */
gboolean rs_http_answer_is_rest (RsJob *job, SoupMessage *message);

/* Ends the job: with status 304, and with one that brings nothing. */
void rs_http_answer_not_modified (RsJob *job, SoupMessage *message);
void rs_http_answer_other (RsJob *job, SoupMessage *message);

G_END_DECLS
