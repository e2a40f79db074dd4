/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libsoup calls the end of a body is not always one. */
#include "fetch/http-body.h"

#include "fetch/http-fault.h"

#define READ_SIZE 16384

struct _RsHttpBody
{
  RsJob *job;
  GInputStream *stream;
  GCancellable *cancellable;
  gboolean sized;  /* the answer has a Content-Length that counts */
  gboolean framed; /* it says by itself where it ends */
  guint64 expected;
  guint64 received;
  guint pause;
};

static void read_more (RsHttpBody *self);

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  RsHttpBody *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  gsize length;
  const guint8 *part;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (bytes == NULL)
    {
      rs_http_fail_body (self->job, error);
      return;
    }
  part = g_bytes_get_data (bytes, &length);
  self->received += length;
  if (length > 0)
    {
      if (rs_job_append (self->job, part, length))
        read_more (self);
    }
  /* libsoup takes any end of a chunked body for its end, and some of others: only a length proves anything. It also takes
   * the end of the connection for that of the headers; then nothing follows. */
  else if ((self->sized && self->received < self->expected) || (!self->framed && self->received == 0))
    rs_http_fail_body (self->job, NULL);
  else
    rs_job_end_file (self->job, self->sized);
}

static gboolean
on_pause_end (gpointer data)
{
  RsHttpBody *self = data;

  self->pause = 0;
  read_more (self);
  return G_SOURCE_REMOVE;
}

static void
read_more (RsHttpBody *self)
{
  guint pause = (guint)(rs_job_get_pause (self->job) / 1000);

  if (pause > 0)
    self->pause = g_timeout_add (pause, on_pause_end, self);
  else
    g_input_stream_read_bytes_async (self->stream, rs_job_get_piece (self->job, READ_SIZE), G_PRIORITY_DEFAULT, self->cancellable,
                                     on_read, self);
}

RsHttpBody *
rs_http_body_read (RsJob *job, SoupMessageHeaders *headers, GInputStream *stream, gboolean rest, GCancellable *cancellable)
{
  RsHttpBody *self = g_new0 (RsHttpBody, 1);
  SoupEncoding encoding = soup_message_headers_get_encoding (headers);

  self->job = job;
  self->stream = g_object_ref (stream);
  self->cancellable = g_object_ref (cancellable);
  self->sized = encoding == SOUP_ENCODING_CONTENT_LENGTH;
  self->framed = encoding != SOUP_ENCODING_EOF;
  self->expected = self->sized ? (guint64)soup_message_headers_get_content_length (headers) : 0;
  if (rest)
    rs_job_begin_rest (job);
  else
    rs_job_begin_file (job, self->expected);
  if (!rs_job_has_ended (job))
    read_more (self);
  return self;
}

void
rs_http_body_free (RsHttpBody *body)
{
  g_clear_handle_id (&body->pause, g_source_remove);
  g_object_unref (body->stream);
  g_object_unref (body->cancellable);
  g_free (body);
}
