/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A job whose file is an image: it is not read into memory, nobody looks into it, and what came of it before is used again. */
#include "fetch/job-private.h"

/* How often what came is brought to disk: so much is lost at most when the worker is killed or the power cut. */
#define KEEP_PERIOD G_USEC_PER_SEC

static void
fail (RsJob *job, const GError *error)
{
  rs_job_fail (job, rs_error_code (error), RS_FAIL_PLAIN, "%s", error->message);
}

/* Without the time of the whole: what comes keeps the job alive. */
static void
stop_deadline (RsJob *job)
{
  g_clear_handle_id (&job->deadline, g_source_remove);
}

static void
end_well (RsJob *job)
{
  RsOutcome *outcome = rs_job_new_success (job);

  g_free (outcome->digest);
  outcome->digest = rs_image_get_digest (job->image);
  rs_job_end (job, outcome);
}

gboolean
rs_job_image_open (RsJob *job)
{
  g_autoptr (GError) error = NULL;

  job->image = rs_image_new (RS_IMAGE_FD, job->request, &error);
  if (job->image == NULL)
    {
      fail (job, error);
      return FALSE;
    }
  job->pace.rate = job->request->max_rate;
  job->total = job->request->part.total;
  while (rs_image_recall (job->image))
    rs_job_tell (job, RS_STAGE_CONNECTING);
  /* it was whole, and nobody had said so yet */
  if (rs_image_get_part (job->image)->bytes > 0 && rs_image_get_part (job->image)->bytes == job->request->part.total)
    end_well (job);
  job->total = 0;
  return !rs_job_has_ended (job);
}

/* What tells where it comes from right now. */
static char *
source_of (const RsJob *job)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, job->url, -1);
}

const RsPart *
rs_job_get_part (RsJob *job)
{
  const RsPart *part = job->image != NULL ? rs_image_get_part (job->image) : NULL;
  g_autofree char *source = NULL;

  if (part == NULL || part->bytes == 0)
    return NULL;
  source = source_of (job);
  return g_str_equal (source, part->source) ? part : NULL;
}

void
rs_job_forget_part (RsJob *job)
{
  rs_image_forget (job->image);
}

void
rs_job_set_validator (RsJob *job, char *validator)
{
  g_free (job->validator);
  job->validator = validator;
}

static void
begun (RsJob *job, guint64 total)
{
  stop_deadline (job);
  job->total = total;
  job->kept_at = g_get_monotonic_time ();
  rs_job_tell (job, RS_STAGE_DOWNLOADING);
}

void
rs_job_image_begin (RsJob *job, guint64 total)
{
  g_autofree char *source = source_of (job);
  g_autoptr (GError) error = NULL;

  if (rs_image_begin (job->image, total, job->validator != NULL ? job->validator : "", source, &error))
    begun (job, total);
  else
    fail (job, error);
}

void
rs_job_begin_rest (RsJob *job)
{
  g_autoptr (GError) error = NULL;

  if (rs_image_begin_rest (job->image, &error))
    begun (job, rs_image_get_part (job->image)->total);
  else
    fail (job, error);
}

gboolean
rs_job_image_keep (RsJob *job, GError **error)
{
  g_auto (RsPart) part = { 0 };

  if (!rs_image_sync (job->image, &part, error))
    return FALSE;
  job->kept_at = g_get_monotonic_time ();
  if (part.bytes > 0)
    job->listener->part (&part, job->listener->data);
  return TRUE;
}

gboolean
rs_job_image_append (RsJob *job, const guint8 *data, gsize length)
{
  g_autoptr (GError) error = NULL;

  gint64 now = g_get_monotonic_time ();

  if (rs_job_has_ended (job))
    return FALSE;
  if (!rs_image_append (job->image, data, length, &error)
      || (now - job->kept_at >= KEEP_PERIOD && !rs_job_image_keep (job, &error)))
    {
      fail (job, error);
      return FALSE;
    }
  job->welcome = rs_pace_add (&job->pace, length, now);
  rs_job_tell (job, RS_STAGE_DOWNLOADING);
  return TRUE;
}

gint64
rs_job_get_pause (RsJob *job)
{
  return job->image != NULL ? MAX (job->welcome - g_get_monotonic_time (), 0) : 0;
}

gsize
rs_job_get_piece (RsJob *job, gsize wish)
{
  return rs_pace_piece (&job->pace, wish);
}

void
rs_job_image_end (RsJob *job)
{
  g_autoptr (GError) error = NULL;

  if (rs_image_get_bytes (job->image) == 0)
    rs_job_fail (job, RS_ERROR_CORRUPT, RS_FAIL_PLAIN, "the image is empty");
  else if (rs_job_image_keep (job, &error))
    end_well (job);
  else
    fail (job, error);
}
