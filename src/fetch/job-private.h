/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to the files of a job: what they share. */
#pragma once

#include "fetch/image.h"
#include "fetch/job.h"
#include "fetch/pace.h"

G_BEGIN_DECLS

struct _RsJob
{
  const RsRequest *request;
  const RsJobListener *listener;
  GMainLoop *loop;
  RsBody sent;
  GByteArray *body;
  RsProgress told;
  gint64 told_at;
  guint64 total;
  char *url;
  char *proxy;
  char *server;
  char *server_address;
  guint http_status;
  guint retry_after;
  char *etag;
  char *last_modified;
  gboolean aes128gcm;
  GError *unread;     /* why the file is no profile, until its slot is over */
  gboolean asking;    /* a proxy auto-configuration file */
  RsOutcome *outcome; /* NULL while it runs */
  RsOutcome *failure; /* of a server before; NULL: none */
  guint deadline;
  gint64 ends;        /* at the latest, on the monotonic clock */
  RsImage *image;     /* NULL: the file is none */
  char *validator;    /* of the image that comes; "" none */
  RsPace pace;
  gint64 welcome;     /* when more of the image is */
  gint64 kept_at;     /* when all of it was on disk */
};

/* Says how far the job is, unless it has just said so. */
void rs_job_tell (RsJob *job, RsStage stage);

/* Takes outcome; the first counts. */
void rs_job_end (RsJob *job, RsOutcome *outcome);
RsOutcome *rs_job_new_success (RsJob *job);

/* For a job with an image: reads what there is of it; FALSE: the job has ended, well or not. */
gboolean rs_job_image_open (RsJob *job) G_GNUC_WARN_UNUSED_RESULT;
void rs_job_image_begin (RsJob *job, guint64 total);
gboolean rs_job_image_append (RsJob *job, const guint8 *data, gsize length) G_GNUC_WARN_UNUSED_RESULT;
void rs_job_image_end (RsJob *job);
/* Brings what came to disk, and says so. */
gboolean rs_job_image_keep (RsJob *job, GError **error);

G_END_DECLS
