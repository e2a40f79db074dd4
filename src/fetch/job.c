/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The job's frame: starts the transport that the scheme names and turns its end into an outcome. */
#include "fetch/job-private.h"

#include "base/mask.h"
#include "base/secret.h"
#include "fetch/authority.h"
#include "fetch/datagram.h"
#include "fetch/proxy-file.h"
#include "fetch/servers.h"
#include "fetch/tftp.h"
#include "profile/profile.h"

#include <string.h>

#define PROGRESS_PERIOD (G_USEC_PER_SEC / 4)
/* what a profile without a Content-Length gets at first */
#define BODY_START 16384
#define URL_MAX    4096

/* How long a file that cannot be decrypted keeps the phone busy, for every reason why (ENC-3): so long for each part of
 * its size, several times what a slow phone takes to decrypt such a file by every way and to read it; once more where even
 * that is not enough. */
#define SLOT          (G_USEC_PER_SEC / 20)
#define SLOT_BYTES    (128 << 10)
#define SLOT_MOST     (4 * G_USEC_PER_SEC)

void
rs_job_tell (RsJob *job, RsStage stage)
{
  gint64 now = g_get_monotonic_time ();
  guint64 bytes = job->image != NULL ? rs_image_get_bytes (job->image) : job->body->len;
  RsProgress progress = { .stage = stage, .bytes = bytes, .total = job->total };

  if (stage == job->told.stage && now - job->told_at < PROGRESS_PERIOD)
    return;
  job->told = progress;
  job->told_at = now;
  job->listener->progress (&progress, job->listener->data);
}

const RsRequest *
rs_job_request (RsJob *job)
{
  return job->request;
}

guint
rs_job_get_patience (RsJob *job)
{
  return job->image != NULL ? job->request->stall_timeout : job->request->connect_timeout;
}

gboolean
rs_job_has_ended (RsJob *job)
{
  return job->outcome != NULL;
}

static void
replace_text (char **text, char *value)
{
  g_free (*text);
  *text = value;
}

void
rs_job_set_url (RsJob *job, const char *url)
{
  replace_text (&job->url, g_strdup (url));
  replace_text (&job->server_address, NULL);
  rs_job_set_answer (job, 0, 0);
}

void
rs_job_set_proxy (RsJob *job, const char *proxy)
{
  replace_text (&job->proxy, g_strdup (proxy));
}

void
rs_job_set_server (RsJob *job, const char *server)
{
  replace_text (&job->server, g_strdup (server));
}

void
rs_job_set_server_address (RsJob *job, char *address)
{
  replace_text (&job->server_address, address);
}

void
rs_job_set_answer (RsJob *job, guint http_status, guint retry_after)
{
  /* a status that does not exist counts as none, for the daemon believes no other */
  job->http_status = http_status >= 100 && http_status <= 599 ? http_status : 0;
  job->retry_after = retry_after;
}

void
rs_job_set_validators (RsJob *job, char *etag, char *last_modified)
{
  replace_text (&job->etag, etag);
  replace_text (&job->last_modified, last_modified);
}

void
rs_job_set_aes128gcm (RsJob *job, gboolean said)
{
  job->aes128gcm = said;
}

void
rs_job_begin_file (RsJob *job, guint64 total)
{
  if (job->image != NULL)
    {
      rs_job_image_begin (job, total);
      return;
    }
  g_byte_array_set_size (job->body, 0);
  job->total = total;
  rs_job_tell (job, RS_STAGE_DOWNLOADING);
}

gboolean
rs_job_append (RsJob *job, const guint8 *data, gsize length)
{
  if (job->image != NULL)
    return rs_job_image_append (job, data, length);
  if (length > job->request->max_bytes - job->body->len)
    {
      rs_job_fail_size (job, 0);
      return FALSE;
    }
  g_byte_array_append (job->body, data, length);
  rs_job_tell (job, RS_STAGE_DOWNLOADING);
  return TRUE;
}

void
rs_job_end (RsJob *job, RsOutcome *outcome)
{
  if (rs_job_has_ended (job))
    {
      rs_outcome_free (outcome);
      return;
    }
  outcome->http_status = job->http_status;
  /* escapes may have made it longer than the daemon takes */
  replace_text (&outcome->url, g_strdup (job->url != NULL && strlen (job->url) <= URL_MAX ? job->url : ""));
  replace_text (&outcome->server_address, g_strdup (job->server_address != NULL ? job->server_address : ""));
  job->outcome = outcome;
  g_main_loop_quit (job->loop);
}

RsOutcome *
rs_job_new_success (RsJob *job)
{
  RsOutcome *outcome = rs_outcome_new ();

  outcome->ok = TRUE;
  replace_text (&outcome->etag, g_strdup (job->etag != NULL ? job->etag : ""));
  replace_text (&outcome->last_modified, g_strdup (job->last_modified != NULL ? job->last_modified : ""));
  return outcome;
}

static void
add_notes (RsOutcome *outcome, GPtrArray *notes)
{
  for (guint i = 0; i < notes->len && i < RS_NOTES_MAX; i++)
    {
      const RsProfileNote *note = notes->pdata[i];
      g_autofree char *text = note->line > 0 ? g_strdup_printf ("line %u: %s", note->line, note->message) : NULL;

      rs_outcome_add_note (outcome, text != NULL ? text : note->message);
    }
}

/* The profile holds secrets; its bytes are wiped when the last reader is done with them. */
static GBytes *
take_body (RsJob *job)
{
  gsize length = job->body->len;
  guint8 *data = g_byte_array_free (job->body, FALSE);

  job->body = g_byte_array_new ();
  return rs_secret_bytes_new_take (data, length);
}

static gboolean
on_slot_end (gpointer data)
{
  RsJob *job = data;

  rs_job_fail (job, rs_error_code (job->unread), RS_FAIL_PLAIN, "%s", job->unread->message);
  return G_SOURCE_REMOVE;
}

/* Takes error. began: when the whole file of so many bytes was there, on the monotonic clock. */
static void
fail_unread (RsJob *job, GError *error, gint64 began, gsize length)
{
  gint64 slot = MIN (SLOT * (gint64)(1 + length / SLOT_BYTES), SLOT_MOST);
  gint64 slots = (g_get_monotonic_time () - began) / slot + 1;
  g_autoptr (GSource) end = NULL;

  job->unread = error;
  if (*job->request->key == '\0' && *job->request->ikm == '\0')
    {
      on_slot_end (job);
      return;
    }
  /* the file did come in time */
  g_clear_handle_id (&job->deadline, g_source_remove);
  end = g_timeout_source_new (0);
  g_source_set_ready_time (end, began + slots * slot);
  g_source_set_callback (end, on_slot_end, job, NULL);
  g_source_attach (end, NULL);
}

/* An answer of no bytes, of which the transport says that it is whole: the service does not know this phone (DISC-10). */
static void
end_empty (RsJob *job)
{
  RsOutcome *outcome = rs_job_new_success (job);

  replace_text (&outcome->digest, g_compute_checksum_for_string (G_CHECKSUM_SHA256, "", 0));
  rs_job_end (job, outcome);
}

static void
end_profile (RsJob *job, GBytes *body, gboolean complete)
{
  RsProfileOptions options = {
    .max_bytes = job->request->max_bytes,
    .max_parameters = job->request->max_parameters,
    .complete = complete,
    .key = job->request->key,
    .ikm = job->request->ikm,
    .aes128gcm = job->aes128gcm,
    .alias_map = job->request->alias_map,
  };
  gint64 began = g_get_monotonic_time ();
  g_autoptr (RsProfile) profile = NULL;
  g_autoptr (GError) error = NULL;
  RsOutcome *outcome;

  profile = rs_profile_read (body, &options, NULL, NULL, &error);
  if (profile == NULL)
    {
      fail_unread (job, g_steal_pointer (&error), began, g_bytes_get_size (body));
      return;
    }
  outcome = rs_job_new_success (job);
  replace_text (&outcome->digest, g_strdup (profile->digest));
  g_ptr_array_unref (outcome->assignments);
  outcome->assignments = g_ptr_array_ref (profile->assignments);
  add_notes (outcome, profile->notes);
  rs_job_end (job, outcome);
}

const RsBody *
rs_job_body (RsJob *job)
{
  return &job->sent;
}

void
rs_job_end_upload (RsJob *job)
{
  RsOutcome *outcome = rs_job_new_success (job);

  replace_text (&outcome->digest, g_compute_checksum_for_string (G_CHECKSUM_SHA256, job->request->body, -1));
  rs_job_end (job, outcome);
}

/* Until the phone's clock is set the dates wait for the first server that is judged by it (HTTP-11). */
static void
end_authority (RsJob *job, GBytes *body)
{
  gint64 now = job->request->clock_is_set ? g_get_real_time () / G_USEC_PER_SEC : 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (RsAuthority) authority = rs_authority_read (body, now, &error);
  RsOutcome *outcome;

  if (authority == NULL)
    {
      rs_job_fail (job, rs_error_code (error), RS_FAIL_PLAIN, "%s", error->message);
      return;
    }
  outcome = rs_job_new_success (job);
  replace_text (&outcome->certificate, g_strdup (authority->pem));
  replace_text (&outcome->subject, g_strdup (authority->subject));
  rs_job_end (job, outcome);
}

void
rs_job_end_file (RsJob *job, gboolean complete)
{
  g_autoptr (GBytes) body = NULL;

  if (job->image != NULL)
    {
      rs_job_image_end (job);
      return;
    }
  rs_job_tell (job, RS_STAGE_DECODING);
  body = take_body (job);
  switch (job->request->kind)
    {
    case RS_JOB_REDIRECT:
      if (g_bytes_get_size (body) == 0 && complete)
        end_empty (job);
      else
        end_profile (job, body, complete);
      break;
    case RS_JOB_PROFILE:
      end_profile (job, body, complete);
      break;
    case RS_JOB_AUTHORITY:
      end_authority (job, body);
      break;
    case RS_JOB_PROXY:
      job->asking = TRUE;
      rs_proxy_file_ask (job, body);
      break;
    case RS_JOB_SRV:
    case RS_JOB_IMAGE:
      rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "such files are not supported by this version of resyncd");
      break;
    }
}

void
rs_job_end_not_modified (RsJob *job)
{
  RsOutcome *outcome = rs_job_new_success (job);

  outcome->not_modified = TRUE;
  rs_job_end (job, outcome);
}

void
rs_job_end_proxies (RsJob *job, const char *proxies)
{
  RsOutcome *outcome = rs_job_new_success (job);

  replace_text (&outcome->proxies, g_strdup (proxies));
  rs_job_end (job, outcome);
}

void
rs_job_end_servers (RsJob *job, const char *servers)
{
  RsOutcome *outcome = rs_job_new_success (job);

  replace_text (&outcome->servers, g_strdup (servers));
  rs_job_end (job, outcome);
}

void
rs_job_end_redirect (RsJob *job, GUri *target, guint redirects)
{
  g_autofree char *url = g_uri_to_string (target);
  guint status = job->http_status;
  RsOutcome *outcome = rs_job_new_success (job);

  rs_job_set_url (job, url);
  rs_job_set_answer (job, status, 0);
  outcome->redirects = redirects;
  rs_job_end (job, outcome);
}

/* What stands between the URL and what went wrong with it. */
static char *
describe_way (const RsJob *job)
{
  return g_strconcat (job->server != NULL ? "at " : "", job->server != NULL ? job->server : "", job->server != NULL ? ": " : "",
                      job->proxy != NULL ? "by the proxy " : "", job->proxy != NULL ? job->proxy : "",
                      job->proxy != NULL ? ": " : "", NULL);
}

void
rs_job_fail (RsJob *job, RsError code, RsFailFlags flags, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *masked = NULL;
  g_autofree char *way = describe_way (job);
  g_autofree char *message = NULL;
  RsOutcome *outcome;
  va_list arguments;

  /* nothing of it is lost, whatever the reason */
  if (job->image != NULL && !rs_job_has_ended (job))
    rs_job_image_keep (job, NULL);
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  masked = rs_mask_url (job->url);
  message = g_strconcat (masked, *masked != '\0' ? ": " : "", way, text, NULL);
  outcome = rs_outcome_new_error (code, message);
  /* who gave a status was not silent */
  outcome->silent = (flags & RS_FAIL_SILENT) != 0 && job->http_status == 0;
  outcome->overload = (flags & RS_FAIL_OVERLOAD) != 0;
  outcome->dates_only = (flags & RS_FAIL_DATES_ONLY) != 0;
  outcome->pin_refused = (flags & RS_FAIL_PIN) != 0;
  outcome->retry_after = job->retry_after;
  rs_job_end (job, outcome);
}

void
rs_job_fail_size (RsJob *job, guint64 size)
{
  guint64 max = job->request->max_bytes;
  const char *advice = job->request->kind == RS_JOB_PROFILE ? "; if it is right, raise MaxProfileBytes in resyncd.conf"
                       : job->image != NULL                 ? "; if it is right, raise MaxFirmwareBytes in resyncd.conf"
                                                            : "";

  if (size > 0)
    rs_job_fail (job, RS_ERROR_CORRUPT, RS_FAIL_PLAIN,
                 "the file has %" G_GUINT64_FORMAT " bytes, more than the %" G_GUINT64_FORMAT " that are allowed%s", size, max,
                 advice);
  else
    rs_job_fail (job, RS_ERROR_CORRUPT, RS_FAIL_PLAIN, "the file is larger than %" G_GUINT64_FORMAT " bytes%s", max, advice);
}

static gboolean
on_deadline (gpointer data)
{
  RsJob *job = data;
  guint seconds = job->request->transfer_timeout;

  job->deadline = 0;
  if (job->asking)
    rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN,
                 "timed out: the proxy auto-configuration file was not done within %u seconds; it never ends, or asks for names "
                 "that the DNS does not answer",
                 seconds);
  else
    rs_job_fail (job, RS_ERROR_UNREACHABLE, RS_FAIL_PLAIN,
                 "timed out: not finished within %u seconds (TransferTimeout in resyncd.conf); the server or the network is slow",
                 seconds);
  return G_SOURCE_REMOVE;
}

/* Until the end of the job's time, of which a server before may have taken a part. */
static void
start_deadline (RsJob *job)
{
  gint64 left = MAX (job->ends - g_get_monotonic_time (), 0);

  g_clear_handle_id (&job->deadline, g_source_remove);
  job->deadline = g_timeout_add ((guint)(left / 1000), on_deadline, job);
}

static void
allow_time (RsJob *job)
{
  job->ends = g_get_monotonic_time () + job->request->transfer_timeout * G_USEC_PER_SEC;
  start_deadline (job);
}

void
rs_job_wait (RsJob *job)
{
  if (!rs_job_has_ended (job))
    g_main_loop_run (job->loop);
}

void
rs_job_wake (RsJob *job)
{
  g_main_loop_quit (job->loop);
}

/* A server that answered tells more than one that did not. */
static gboolean
says_more (const RsOutcome *one, const RsOutcome *other)
{
  return other->code == RS_ERROR_UNREACHABLE && one->code != RS_ERROR_UNREACHABLE;
}

/* Of the failures of several servers the one that says most; takes the present one. */
static void
keep_failure (RsJob *job)
{
  RsOutcome *present = g_steal_pointer (&job->outcome);
  gboolean keep = job->failure == NULL || says_more (present, job->failure);

  rs_outcome_free (keep ? job->failure : present);
  if (keep)
    job->failure = present;
}

gboolean
rs_job_go_on (RsJob *job)
{
  /* each server has its time to begin an image */
  gboolean over = job->image == NULL && g_get_monotonic_time () >= job->ends;

  /* a PIN must not be tried again, and the clock is wrong for all of them */
  if (over || job->outcome->ok || job->outcome->pin_refused || job->outcome->dates_only)
    return FALSE;
  keep_failure (job);
  g_clear_error (&job->unread);
  if (job->image != NULL)
    allow_time (job);
  else
    start_deadline (job);
  rs_job_tell (job, RS_STAGE_CONNECTING);
  return TRUE;
}

/* How it has ended, whoever was asked. */
static RsOutcome *
conclude (RsJob *job)
{
  if (job->failure != NULL && !job->outcome->ok && !job->outcome->pin_refused && !job->outcome->dates_only)
    {
      keep_failure (job);
      return g_steal_pointer (&job->failure);
    }
  return g_steal_pointer (&job->outcome);
}

static void
job_free (RsJob *job)
{
  g_main_loop_unref (job->loop);
  g_clear_error (&job->unread);
  rs_body_clear (&job->sent);
  rs_wipe (job->body->data, job->body->len);
  g_byte_array_unref (job->body);
  g_free (job->url);
  g_free (job->proxy);
  g_free (job->server);
  rs_outcome_free (job->failure);
  g_free (job->server_address);
  g_free (job->etag);
  g_free (job->last_modified);
  rs_image_free (job->image);
  g_free (job->validator);
  g_free (job);
}

/* Takes job. */
static RsOutcome *
take_outcome (RsJob *job)
{
  RsOutcome *outcome = conclude (job);

  job_free (job);
  return outcome;
}

RsOutcome *
rs_job_run (const RsRequest *request, const RsJobListener *listener)
{
  RsJob *job = g_new0 (RsJob, 1);
  RsDatagram *datagram = NULL;
  RsTftp *transfer = NULL;
  g_autoptr (GError) error = NULL;

  job->request = request;
  job->listener = listener;
  job->loop = g_main_loop_new (NULL, FALSE);
  job->body = g_byte_array_sized_new (BODY_START);
  job->told.stage = RS_STAGE_DECODING;
  rs_job_tell (job, RS_STAGE_CONNECTING);
  if (request->kind == RS_JOB_IMAGE && !rs_job_image_open (job))
    return take_outcome (job);
  allow_time (job);
  if (!rs_body_init (&job->sent, request, &error))
    rs_job_fail (job, rs_error_code (error), RS_FAIL_PLAIN, "%s", error->message);
  else if (rs_request_is_http (request))
    rs_servers_run (job);
  else if (g_str_equal (request->scheme, "tftp"))
    transfer = rs_tftp_start (job);
  else
    datagram = rs_datagram_start (job);
  while (!rs_job_has_ended (job))
    rs_job_wait (job);
  g_clear_handle_id (&job->deadline, g_source_remove);
  rs_datagram_free (datagram);
  rs_tftp_free (transfer);
  return take_outcome (job);
}
