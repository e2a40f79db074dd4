/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fields of the answer, into the job. */
#include "fetch/http-answer.h"

#include "fetch/answer.h"
#include "fetch/range.h"

static const char *
get_one (SoupMessage *message, const char *name)
{
  return soup_message_headers_get_one (soup_message_get_response_headers (message), name);
}

/* All of that name, so that of two none is taken. */
static const char *
get_list (SoupMessage *message, const char *name)
{
  return soup_message_headers_get_list (soup_message_get_response_headers (message), name);
}

gboolean
rs_http_answer_check (RsJob *job, SoupMessage *message)
{
  const RsRequest *request = rs_job_request (job);
  const char *length_field = get_list (message, "Content-Length");
  guint status = soup_message_get_status (message);
  guint64 length;

  rs_job_set_answer (job, status, 0);
  if (length_field != NULL && !rs_answer_length (length_field, &length))
    rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "the answer's Content-Length is no number; the server is at fault");
  else if (length_field != NULL && status == SOUP_STATUS_OK && length > request->max_bytes && !request->upload)
    rs_job_fail_size (job, length);
  else if (status == SOUP_STATUS_MISDIRECTED_REQUEST)
    /* libsoup would read its body whole before it said so */
    rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "HTTP 421: %s", rs_answer_advice (status));
  else
    return TRUE;
  return FALSE;
}

static void
take_validators (RsJob *job, const char *etag, const char *last_modified)
{
  rs_job_set_validators (job, rs_answer_validator (etag, RS_VALIDATOR_MAX), rs_answer_validator (last_modified, RS_VALIDATOR_MAX));
}

/* What is written as it comes must come as it is, and its size be known before. */
static gboolean
take_image (RsJob *job, SoupMessage *message)
{
  const char *encoding = get_list (message, "Content-Encoding");
  SoupEncoding framing = soup_message_headers_get_encoding (soup_message_get_response_headers (message));

  rs_job_set_validator (job, rs_range_validator (get_list (message, "ETag"), get_list (message, "Last-Modified"), get_one (message, "Date")));
  if (framing != SOUP_ENCODING_CONTENT_LENGTH)
    rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN,
                 "the server does not say how long the image is (Content-Length), so that nobody could tell whether it came whole");
  else if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "the server sends the image in an encoding, and nobody asked for one");
  return !rs_job_has_ended (job);
}

gboolean
rs_http_answer_take_file (RsJob *job, SoupMessage *message)
{
  take_validators (job, get_one (message, "ETag"), get_one (message, "Last-Modified"));
  rs_job_set_aes128gcm (job, rs_answer_is_aes128gcm (get_list (message, "Content-Encoding")));
  return rs_job_request (job)->kind != RS_JOB_IMAGE || take_image (job, message);
}

gboolean
rs_http_answer_is_rest (RsJob *job, SoupMessage *message)
{
  const RsRangeAnswer answer = {
    .range = get_list (message, "Content-Range"),
    .length = get_list (message, "Content-Length"),
    .type = get_list (message, "Content-Type"),
    .encoding = get_list (message, "Content-Encoding"),
    .etag = get_list (message, "ETag"),
    .last_modified = get_list (message, "Last-Modified"),
  };

  /* libsoup counts the bytes of a length and of nothing else */
  return soup_message_headers_get_encoding (soup_message_get_response_headers (message)) == SOUP_ENCODING_CONTENT_LENGTH
         && rs_range_fault (&answer, rs_job_get_part (job)) == NULL;
}

void
rs_http_answer_not_modified (RsJob *job, SoupMessage *message)
{
  const RsRequest *request = rs_job_request (job);
  const char *etag = get_one (message, "ETag");
  const char *last_modified = get_one (message, "Last-Modified");

  if (*request->if_none_match == '\0' && *request->if_modified_since == '\0')
    {
      rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "HTTP 304: %s", rs_answer_advice (304));
      return;
    }
  take_validators (job, etag != NULL ? etag : request->if_none_match,
                   last_modified != NULL ? last_modified : request->if_modified_since);
  rs_job_end_not_modified (job);
}

void
rs_http_answer_other (RsJob *job, SoupMessage *message)
{
  guint status = soup_message_get_status (message);
  gboolean overload = rs_answer_is_overload (status);
  guint retry_after = 0;

  if (overload)
    retry_after = rs_answer_retry_after (get_one (message, "Retry-After"), get_one (message, "Date"),
                                         g_get_real_time () / G_USEC_PER_SEC);
  rs_job_set_answer (job, status, retry_after);
  rs_job_fail (job, rs_answer_code (status), overload ? RS_FAIL_OVERLOAD : RS_FAIL_PLAIN, "HTTP %u: %s", status,
               rs_answer_advice (status));
}
