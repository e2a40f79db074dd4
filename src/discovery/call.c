/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The question goes out and its side of the connection is closed; then everything is read until the other side is closed, or is more than an answer can
 * have. */
#include "discovery/call.h"

#include "base/error.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>

struct _RsInformCall
{
  int                refs; /* the owner's, and one for what is going on */
  RsDhcpQuestion     question;
  RsInformFunc       done; /* NULL: nobody is to be told */
  gpointer           data;
  GCancellable      *cancellable;
  guint              timer;
  gboolean           late;
  GSocketConnection *connection;
  GBytes            *message;
  GError            *problem; /* of the beginning */
  guint8             buffer[RS_ANSWER_BYTES_MAX + 1];
};

static void
unref (RsInformCall *call)
{
  if (--call->refs > 0)
    return;
  g_object_unref (call->cancellable);
  g_clear_object (&call->connection);
  g_clear_pointer (&call->message, g_bytes_unref);
  g_clear_error (&call->problem);
  g_free (call);
}

/* Says how it went, and lets go of what was going on. Consumes the foreign error. */
static void
finish (RsInformCall *call,
        RsDhcpAnswer *answer,
        RsError       code,
        GError       *foreign)
{
  g_autoptr (GError) owned = foreign, error = NULL;
  RsInformFunc done = g_steal_pointer (&call->done);

  g_clear_handle_id (&call->timer, g_source_remove);
  g_clear_object (&call->connection);
  if (call->late)
    {
      g_clear_pointer (&answer, rs_dhcp_answer_free);
      error = g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE, "resyncd-inform does not answer");
    }
  else if (answer == NULL)
    error = g_error_new (RS_ERROR, code, code == RS_ERROR_UNREACHABLE ? "resyncd-inform cannot be reached: %s" : "%s",
                         owned != NULL ? owned->message : "what resyncd-inform said is no answer");
  if (done != NULL)
    done (answer, error, call->data);
  else
    g_clear_pointer (&answer, rs_dhcp_answer_free);
  unref (call);
}

static void
on_read (GObject      *stream,
         GAsyncResult *result,
         gpointer      data)
{
  RsInformCall *call = data;
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;
  gsize length = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (stream), result, &length, &error))
    {
      finish (call, NULL, RS_ERROR_UNREACHABLE, error);
      return;
    }
  bytes = g_bytes_new (call->buffer, length);
  finish (call, rs_dhcp_answer_from_bytes (bytes, &call->question), RS_ERROR_FAILED, NULL);
}

static void
on_written (GObject      *stream,
            GAsyncResult *result,
            gpointer      data)
{
  RsInformCall *call = data;
  GError *error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), result, NULL, &error)
      || !g_socket_shutdown (g_socket_connection_get_socket (call->connection), FALSE, TRUE, &error))
    {
      finish (call, NULL, RS_ERROR_UNREACHABLE, error);
      return;
    }
  g_input_stream_read_all_async (g_io_stream_get_input_stream (G_IO_STREAM (call->connection)), call->buffer, sizeof call->buffer,
                                 G_PRIORITY_DEFAULT, call->cancellable, on_read, call);
}

static gboolean
on_problem (gpointer data)
{
  RsInformCall *call = data;

  finish (call, NULL, RS_ERROR_UNREACHABLE, g_steal_pointer (&call->problem));
  return G_SOURCE_REMOVE;
}

static gboolean
on_time (gpointer data)
{
  RsInformCall *call = data;

  call->timer = 0;
  call->late = TRUE;
  g_cancellable_cancel (call->cancellable);
  return G_SOURCE_REMOVE;
}

/* A socket of this machine connects at once, or not at all. */
static GSocketConnection *
connect_to (const char *path,
            GError    **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);

  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  return g_socket_connect (socket, address, NULL, error) ? g_socket_connection_factory_create_connection (socket) : NULL;
}

RsInformCall *
rs_inform_call_new (const char           *path,
                    const RsDhcpQuestion *question,
                    guint                 seconds,
                    RsInformFunc          done,
                    gpointer              data)
{
  RsInformCall *call = g_new0 (RsInformCall, 1);

  call->refs = 2;
  call->question = *question;
  call->done = done;
  call->data = data;
  call->cancellable = g_cancellable_new ();
  call->message = rs_dhcp_question_to_bytes (question);
  call->connection = connect_to (path, &call->problem);
  if (call->connection == NULL)
    {
      g_idle_add (on_problem, call);
      return call;
    }
  call->timer = g_timeout_add_seconds (seconds, on_time, call);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (call->connection)),
                                   g_bytes_get_data (call->message, NULL), g_bytes_get_size (call->message), G_PRIORITY_DEFAULT,
                                   call->cancellable, on_written, call);
  return call;
}

void
rs_inform_call_free (RsInformCall *call)
{
  call->done = NULL;
  g_cancellable_cancel (call->cancellable);
  unref (call);
}
