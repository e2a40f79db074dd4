/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One job of the child: what HTTP and TFTP have in common. Holds the time, the bound on the bytes, what has been told
 * of the progress, and the outcome. */
#pragma once

#include "fetch/body.h"

G_BEGIN_DECLS

typedef struct _RsJob RsJob;

typedef struct
{
  void (*progress) (const RsProgress *progress, gpointer data);
  void (*part) (const RsPart *part, gpointer data);
  gpointer data;
} RsJobListener;

/* Runs a main loop until the job has ended. Never NULL; always an outcome that rs_outcome_to_frame () takes. (transfer
 * full) */
RsOutcome *rs_job_run (const RsRequest *request, const RsJobListener *listener);

const RsRequest *rs_job_request (RsJob *job);
gboolean rs_job_has_ended (RsJob *job);

/* The URL that is asked now (without userinfo); forgets the answer to the one before. */
void rs_job_set_url (RsJob *job, const char *url);
/* The proxy that is asked, as "host:port", for messages; NULL: none. */
void rs_job_set_proxy (RsJob *job, const char *proxy);
/* The server that is asked in the place of the URL's host, as "host:port", for messages; NULL: none. */
void rs_job_set_server (RsJob *job, const char *server);
void rs_job_set_server_address (RsJob *job, char *address); /* (transfer full) */
void rs_job_set_answer (RsJob *job, guint http_status, guint retry_after);
void rs_job_set_validators (RsJob *job, char *etag, /* (transfer full) */
                            char *last_modified);   /* (transfer full) */

/* What goes out with the request. */
const RsBody *rs_job_body (RsJob *job);
/* The server has it. */
void rs_job_end_upload (RsJob *job);

/* Whether the answer says Content-Encoding: aes128gcm (ENC-2). */
void rs_job_set_aes128gcm (RsJob *job, gboolean said);

/* The file begins to come; total: its size, 0 not known. What came before is dropped. An image that is too large ends the job. */
void rs_job_begin_file (RsJob *job, guint64 total);

/* Of an image: what there is to go on from at the present URL, or NULL; that there is nothing any more; by what it could be asked for later ("" nothing),
 * before it begins; and that the rest begins to come, as rs_job_begin_file (). */
const RsPart *rs_job_get_part (RsJob *job);
void rs_job_forget_part (RsJob *job);
void rs_job_set_validator (RsJob *job, char *validator); /* (transfer full) */
void rs_job_begin_rest (RsJob *job);

/* For a limit of the rate: microseconds in which nothing is to be read, and how much of the wish to read at once. */
gint64 rs_job_get_pause (RsJob *job);
gsize rs_job_get_piece (RsJob *job, gsize wish);

/* Seconds in which nothing comes, after which the server counts as silent. */
guint rs_job_get_patience (RsJob *job);
/* FALSE: over the bound, and the job has failed. */
gboolean rs_job_append (RsJob *job, const guint8 *data, gsize length) G_GNUC_WARN_UNUSED_RESULT;

/* The file is there: reads it as its kind, which ends the job, well or not. complete: the transport proved its
 * length. With a key that it might be encrypted with, a corrupt profile is told after a time that only its length decides
 * (ENC-3). A proxy auto-configuration file is asked first, and may never answer. */
void rs_job_end_file (RsJob *job, gboolean complete);
void rs_job_end_not_modified (RsJob *job);
/* The server redirects to another host, for which the daemon has to find proxies. */
void rs_job_end_redirect (RsJob *job, GUri *target, guint redirects);
/* What a proxy auto-configuration file said. */
void rs_job_end_proxies (RsJob *job, const char *proxies);

/* The job was to find servers, and these are they, as an outcome has them. */
void rs_job_end_servers (RsJob *job, const char *servers);

/* Runs the main loop until the job has ended or somebody calls rs_job_wake (). */
void rs_job_wait (RsJob *job);
void rs_job_wake (RsJob *job);

/* The job has ended, and there is another server to ask. TRUE: it goes on, and ends with this failure only if no later one
 * says more. FALSE: it has come to its end. */
gboolean rs_job_go_on (RsJob *job);

typedef enum
{
  RS_FAIL_PLAIN = 0,
  RS_FAIL_SILENT = 1 << 0,
  RS_FAIL_OVERLOAD = 1 << 1,
  RS_FAIL_DATES_ONLY = 1 << 2,
  RS_FAIL_PIN = 1 << 3,
} RsFailFlags;

/* Ends the job; the message follows the masked URL, the proxy if there is one, and ": ". Of several ends the first counts. */
void rs_job_fail (RsJob *job, RsError code, RsFailFlags flags, const char *format, ...) G_GNUC_PRINTF (4, 5);

/* The file has more than max_bytes: size, 0 not known. */
void rs_job_fail_size (RsJob *job, guint64 size);

G_END_DECLS
