/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A datagram socket, a timer and the error queue. The socket is not connected: strangers must be heard to be answered
 * (TFTP-3), and an ICMP error is believed only about the address that was asked. */
#include "fetch/tftp.h"

#include "base/text.h"
#include "fetch/address.h"
#include "fetch/resolve.h"
#include "fetch/uri.h"
#include "tftp/packet.h"
#include "tftp/upload.h"

#include <gio/gio.h>
/* after <netinet/in.h> of gio/gnetworking.h, which declares the same names */
#include <gio/gnetworking.h>
#include <linux/errqueue.h>
#include <string.h>

#define BUFFER_SIZE 2048 /* a datagram of more than was agreed need not come whole to be refused */
/* a window of datagrams as the kernel counts them, and as much again */
#define RECEIVE_BUFFER   (512 * 1024)
#define DATAGRAMS_A_TURN 64

struct _RsTftp
{
  RsJob *job;
  GCancellable *cancellable;
  GPtrArray *addresses;
  guint next_address;
  RsTftpEndpoint server;
  RsTftpTransfer *transfer; /* or */
  RsTftpUpload *upload;
  GSocket *socket;
  GSource *readable;
  GSource *timer;
  gboolean heard; /* the server sent something */
  gboolean began; /* the file has */
  GSource *pause; /* for the rate: nothing is read or sent, and the machine's clock stands still; NULL: it runs */
  gint64 paused_at;
  gint64 lost;    /* by how much that clock is behind */
  gint64 due;     /* of the machine's timer, on its clock; -1: none */
};

static void try_next_address (RsTftp *self);
static gboolean on_pause_end (gpointer data);

static gint64
machine_time (RsTftp *self)
{
  return g_get_monotonic_time () - self->lost;
}

static void
drop_transfer (RsTftp *self)
{
  if (self->readable != NULL)
    g_source_destroy (self->readable);
  g_clear_pointer (&self->readable, g_source_unref);
  if (self->pause != NULL)
    g_source_destroy (self->pause);
  g_clear_pointer (&self->pause, g_source_unref);
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->transfer, rs_tftp_transfer_free);
  g_clear_pointer (&self->upload, rs_tftp_upload_free);
}

static GSocketAddress *
endpoint_to_address (const RsTftpEndpoint *endpoint)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_bytes (
      endpoint->address, endpoint->address_length == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);

  return g_inet_socket_address_new (address, endpoint->port);
}

/* The end with this server address; where it never said anything, another address may. */
static void
fail (RsTftp *self, RsError code, RsFailFlags flags, const char *message)
{
  if ((flags & RS_FAIL_SILENT) != 0 && self->next_address < self->addresses->len)
    {
      try_next_address (self);
      return;
    }
  rs_job_fail (self->job, code, flags, "%s", message);
}

static void
fail_by_errno (RsTftp *self, int code)
{
  if (code == ECONNREFUSED)
    fail (self, RS_ERROR_UNREACHABLE, RS_FAIL_SILENT | RS_FAIL_OVERLOAD,
          "the request was refused; check that the TFTP server runs and listens on this port");
  else
    fail (self, RS_ERROR_UNREACHABLE, RS_FAIL_SILENT, "no route to the server; check the phone's network");
}

static void
fail_by_machine (RsTftp *self, const GError *error)
{
  gboolean silent = error->code == RS_ERROR_UNREACHABLE && !self->heard;
  g_autofree char *message = NULL;
  const char *advice = error->code == RS_ERROR_NOT_FOUND ? "; check the path in the rule and on the server"
                       : silent ? "; check that the TFTP server runs and that the network lets it through"
                                : "";

  message = g_strconcat (error->message, advice, NULL);
  fail (self, error->code, silent ? RS_FAIL_SILENT : RS_FAIL_PLAIN, message);
}

/* FALSE: the socket cannot send to there at all. */
static gboolean
send_datagram (RsTftp *self, const RsTftpAction *action)
{
  g_autoptr (GSocketAddress) to = endpoint_to_address (&action->to);
  g_autoptr (GError) error = NULL;

  g_socket_send_to (self->socket, to, (const char *)action->data, action->length, NULL, &error);
  /* what the kernel has no room for now is like a datagram lost on the way */
  return !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE)
         && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
}

/* The job takes no more of the file, and its server need not send it. */
static void
refuse (RsTftp *self)
{
  RsTftpActions actions;

  rs_tftp_transfer_refuse (self->transfer, &actions);
  for (guint i = 0; i < actions.n; i++)
    send_datagram (self, &actions.list[i]);
}

/* FALSE: the file is too large, which is said before any of it is asked for where the server told its size. */
static gboolean
begin (RsTftp *self)
{
  if (self->began)
    return TRUE;
  self->began = TRUE;
  rs_job_begin_file (self->job, rs_tftp_transfer_get_total (self->transfer));
  if (!rs_job_has_ended (self->job))
    return TRUE;
  refuse (self);
  return FALSE;
}

static gboolean
deliver (RsTftp *self, const RsTftpAction *action)
{
  if (!begin (self))
    return FALSE;
  if (rs_job_append (self->job, action->data, action->length))
    return TRUE;
  refuse (self);
  return FALSE;
}

/* FALSE: the transfer is over, and the machine may be gone. */
static gboolean
do_action (RsTftp *self, const RsTftpAction *action)
{
  switch (action->kind)
    {
    case RS_TFTP_ACTION_SEND:
      if (send_datagram (self, action) || self->heard)
        return TRUE;
      fail_by_errno (self, ENETUNREACH);
      return FALSE;
    case RS_TFTP_ACTION_DELIVER:
      return deliver (self, action);
    case RS_TFTP_ACTION_RESTART:
      rs_job_begin_file (self->job, 0);
      self->began = FALSE;
      return TRUE;
    case RS_TFTP_ACTION_TIMER:
      self->due = action->at;
      g_source_set_ready_time (self->timer, self->due + self->lost);
      return TRUE;
    case RS_TFTP_ACTION_DONE:
      if (self->upload != NULL)
        rs_job_end_upload (self->job);
      else
        rs_job_end_file (self->job, TRUE);
      return FALSE;
    case RS_TFTP_ACTION_FAIL:
    default:
      fail_by_machine (self, action->error);
      return FALSE;
    }
}

static gboolean
do_actions (RsTftp *self, const RsTftpActions *actions)
{
  for (guint i = 0; i < actions->n; i++)
    {
      if (!do_action (self, &actions->list[i]))
        return FALSE;
    }
  return TRUE;
}

static gboolean
on_timer (gpointer data)
{
  RsTftp *self = data;
  RsTftpActions actions;

  self->due = -1;
  g_source_set_ready_time (self->timer, -1);
  if (self->upload != NULL)
    rs_tftp_upload_timeout (self->upload, machine_time (self), &actions);
  else
    rs_tftp_transfer_timeout (self->transfer, machine_time (self), &actions);
  return do_actions (self, &actions);
}

/* The errno of an ICMP error about the server that was asked; 0: none. */
static int
read_error_queue (RsTftp *self)
{
  union
  {
    char bytes[256];
    struct cmsghdr header;
  } control;
  struct sockaddr_storage about;
  char payload[64];
  struct iovec vector = { payload, sizeof payload };
  int found = 0;

  for (guint i = 0; i < DATAGRAMS_A_TURN; i++)
    {
      struct msghdr message = { .msg_name = &about,
                                .msg_namelen = sizeof about,
                                .msg_iov = &vector,
                                .msg_iovlen = 1,
                                .msg_control = &control,
                                .msg_controllen = sizeof control };
      g_autoptr (GSocketAddress) address = NULL;
      RsTftpEndpoint endpoint;
      struct cmsghdr *part;

      if (recvmsg (g_socket_get_fd (self->socket), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        break;
      address = g_socket_address_new_from_native (&about, message.msg_namelen);
      part = CMSG_FIRSTHDR (&message);
      if (!G_IS_INET_SOCKET_ADDRESS (address) || part == NULL
          || part->cmsg_len < CMSG_LEN (sizeof (struct sock_extended_err)))
        continue;
      rs_address_to_endpoint (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)),
                              g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)), &endpoint);
      if (rs_tftp_endpoint_equal (&endpoint, &self->server))
        found = (int)((const struct sock_extended_err *)CMSG_DATA (part))->ee_errno;
    }
  return found;
}

static gboolean
take_datagram (RsTftp *self, GSocketAddress *from, const guint8 *data, gsize length)
{
  RsTftpEndpoint endpoint;
  RsTftpActions actions;
  GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (from);

  rs_address_to_endpoint (g_inet_socket_address_get_address (inet), g_inet_socket_address_get_port (inet), &endpoint);
  if (!self->heard && rs_tftp_endpoint_same_host (&endpoint, &self->server))
    self->heard = TRUE;
  if (self->upload != NULL)
    rs_tftp_upload_datagram (self->upload, &endpoint, data, length, machine_time (self), &actions);
  else
    rs_tftp_transfer_datagram (self->transfer, &endpoint, data, length, machine_time (self), &actions);
  if (self->transfer != NULL && rs_tftp_transfer_get_total (self->transfer) > 0 && !begin (self))
    return FALSE;
  return do_actions (self, &actions);
}

/* Blocks that are not read are not acknowledged either, and wait in the socket's buffer, which has room for a window. */
static gboolean
pause_for_rate (RsTftp *self)
{
  guint pause = (guint)(rs_job_get_pause (self->job) / 1000);

  if (pause == 0)
    return FALSE;
  g_clear_pointer (&self->readable, g_source_unref);
  g_source_set_ready_time (self->timer, -1);
  self->paused_at = g_get_monotonic_time ();
  self->pause = g_timeout_source_new (pause);
  g_source_set_callback (self->pause, on_pause_end, self, NULL);
  g_source_attach (self->pause, NULL);
  return TRUE;
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer data)
{
  RsTftp *self = data;
  guint8 buffer[BUFFER_SIZE];
  int code = (condition & G_IO_ERR) != 0 ? read_error_queue (self) : 0;

  if (code != 0 && !self->heard)
    {
      fail_by_errno (self, code);
      return G_SOURCE_REMOVE;
    }
  for (guint i = 0; i < DATAGRAMS_A_TURN; i++)
    {
      g_autoptr (GSocketAddress) from = NULL;
      gssize n = g_socket_receive_from (socket, &from, (char *)buffer, sizeof buffer, NULL, NULL);

      if (n < 0)
        break;
      if (!take_datagram (self, from, buffer, (gsize)n))
        return G_SOURCE_REMOVE;
      if (pause_for_rate (self))
        return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

static void
listen_to (RsTftp *self)
{
  self->readable = g_socket_create_source (self->socket, G_IO_IN | G_IO_ERR, NULL);
  g_source_set_callback (self->readable, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->readable, NULL);
}

static gboolean
on_pause_end (gpointer data)
{
  RsTftp *self = data;

  g_clear_pointer (&self->pause, g_source_unref);
  self->lost += g_get_monotonic_time () - self->paused_at;
  g_source_set_ready_time (self->timer, self->due >= 0 ? self->due + self->lost : -1);
  listen_to (self);
  return G_SOURCE_REMOVE;
}

static gboolean
dispatch_timer (GSource *source, GSourceFunc callback, gpointer data)
{
  return callback (data);
}

static GSourceFuncs timer_funcs = { .dispatch = dispatch_timer };

static gboolean
open_socket (RsTftp *self, GSocketFamily family, GError **error)
{
  self->socket = g_socket_new (family, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
  if (self->socket == NULL)
    return FALSE;
  g_socket_set_blocking (self->socket, FALSE);
  /* less is slower and not wrong */
  g_socket_set_option (self->socket, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER, NULL);
  if (family == G_SOCKET_FAMILY_IPV4)
    g_socket_set_option (self->socket, IPPROTO_IP, IP_RECVERR, 1, NULL);
  else
    g_socket_set_option (self->socket, IPPROTO_IPV6, IPV6_RECVERR, 1, NULL);
  listen_to (self);
  self->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, NULL);
  return TRUE;
}

static char *
file_name (const char *path)
{
  return rs_uri_decode_file (path[0] == '/' && path[1] != '\0' ? path + 1 : path);
}

/* A window takes half the time at most after which a server sends again, so that one which waits for its
 * acknowledgement does not take it for lost. */
static void
fit_to_rate (RsTftpSettings *settings, guint64 rate)
{
  guint64 at_once = rate / 2;

  if (rate == 0)
    return;
  settings->blksize = at_once >= RS_TFTP_BLKSIZE ? RS_TFTP_BLKSIZE : RS_TFTP_BLKSIZE_DEFAULT;
  settings->windowsize = (guint)CLAMP (at_once / settings->blksize, 1, RS_TFTP_WINDOWSIZE);
}

/* The machine of the job. */
static gboolean
make_machine (RsTftp *self, GError **error)
{
  const RsRequest *request = rs_job_request (self->job);
  g_autofree char *file = file_name (request->path);
  gint64 give_up = (gint64)rs_job_get_patience (self->job) * G_USEC_PER_SEC;

  if (request->upload)
    {
      RsTftpUploadSettings settings
          = { .server = self->server, .file = file, .bytes = rs_job_body (self->job)->bytes, .give_up = give_up };

      self->upload = rs_tftp_upload_new (&settings, error);
      return self->upload != NULL;
    }
  else
    {
      RsTftpSettings settings
          = { .server = self->server, .file = file, .max_bytes = request->max_bytes, .give_up = give_up };

      fit_to_rate (&settings, request->max_rate);
      self->transfer = rs_tftp_transfer_new (&settings, error);
      return self->transfer != NULL;
    }
}

static gboolean
prepare_transfer (RsTftp *self, GInetAddress *address, GError **error)
{
  g_autoptr (GInetAddress) plain = rs_address_plain (address);

  rs_address_to_endpoint (plain, rs_job_request (self->job)->port, &self->server);
  return make_machine (self, error) && open_socket (self, g_inet_address_get_family (plain), error);
}

static void
try_next_address (RsTftp *self)
{
  GInetAddress *address = self->addresses->pdata[self->next_address++];
  g_autoptr (GError) error = NULL;
  RsTftpActions actions;

  drop_transfer (self);
  rs_job_set_server_address (self->job, rs_address_to_string (address));
  if (!prepare_transfer (self, address, &error))
    {
      g_autofree char *why = rs_text_escape (error->message, 0);

      rs_job_fail (self->job, rs_error_code (error), RS_FAIL_PLAIN, "%s", why);
      return;
    }
  if (self->upload != NULL)
    rs_tftp_upload_start (self->upload, machine_time (self), &actions);
  else
    rs_tftp_transfer_start (self->transfer, machine_time (self), &actions);
  do_actions (self, &actions);
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer data)
{
  RsTftp *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) addresses = rs_resolve_finish (result, &error);

  if (rs_job_has_ended (self->job) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (addresses == NULL)
    {
      rs_job_fail (self->job, rs_error_code (error), RS_FAIL_SILENT, "%s", error->message);
      return;
    }
  self->addresses = g_steal_pointer (&addresses);
  try_next_address (self);
}

RsTftp *
rs_tftp_start (RsJob *job)
{
  const RsRequest *request = rs_job_request (job);
  RsTftp *self = g_new0 (RsTftp, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri = rs_uri_from_request (request, &error);
  g_autofree char *url = uri != NULL ? g_uri_to_string (uri) : NULL;

  self->job = job;
  if (uri == NULL)
    {
      rs_job_fail (job, rs_error_code (error), RS_FAIL_PLAIN, "%s", error->message);
      return self;
    }
  rs_job_set_url (job, url);
  self->cancellable = g_cancellable_new ();
  rs_resolve_async (request->host, request->literal_address, request->connect_timeout, self->cancellable, on_resolved,
                    self);
  return self;
}

void
rs_tftp_free (RsTftp *self)
{
  if (self == NULL)
    return;
  drop_transfer (self);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_free (self);
}
