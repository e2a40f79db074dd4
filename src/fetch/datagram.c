/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* To the first address that there is a way to. */
#include "fetch/datagram.h"

#include "base/error.h"
#include "fetch/resolve.h"

#include <gio/gio.h>

struct _RsDatagram
{
  RsJob *job;
  GCancellable *cancellable;
};

static gboolean
send_to (const RsDatagram *self, GInetAddress *address)
{
  g_autoptr (GSocketAddress) to = g_inet_socket_address_new (address, rs_job_request (self->job)->port);
  g_autoptr (GSocket) socket
      = g_socket_new (g_inet_address_get_family (address), G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  GBytes *bytes = rs_job_body (self->job)->bytes;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return socket != NULL && g_socket_send_to (socket, to, data, length, NULL, NULL) == (gssize)length;
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer data)
{
  RsDatagram *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) addresses = rs_resolve_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || rs_job_has_ended (self->job))
    return;
  for (guint i = 0; addresses != NULL && i < addresses->len; i++)
    {
      if (!send_to (self, addresses->pdata[i]))
        continue;
      rs_job_end_upload (self->job);
      return;
    }
  if (addresses == NULL)
    rs_job_fail (self->job, rs_error_code (error), RS_FAIL_SILENT, "%s", error->message);
  else
    rs_job_fail (self->job, RS_ERROR_UNREACHABLE, RS_FAIL_SILENT, "no route to the server; check the phone's network");
}

RsDatagram *
rs_datagram_start (RsJob *job)
{
  const RsRequest *request = rs_job_request (job);
  RsDatagram *self = g_new0 (RsDatagram, 1);

  self->job = job;
  self->cancellable = g_cancellable_new ();
  rs_resolve_async (request->host, request->literal_address, request->connect_timeout, self->cancellable, on_resolved,
                    self);
  return self;
}

void
rs_datagram_free (RsDatagram *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_free (self);
}
