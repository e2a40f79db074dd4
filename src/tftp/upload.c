/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sending side of TFTP in lockstep. An ACK that came before is answered by nothing, so that a duplicate never doubles the traffic
 * (RFC 1123 section 4.2.3.1); only the timer sends a block again, and it backs off. */
#include "tftp/upload.h"

#include "base/text.h"
#include "tftp/actions.h"
#include "tftp/packet.h"

#include <string.h>

#define SECOND         ((gint64)1000000)
#define RTO_FIRST      SECOND
#define RTO_MAX        (8 * SECOND)
#define SERVER_TIMEOUT 1 /* as with reading */

typedef enum
{
  STATE_NEW,
  STATE_REQUESTING, /* no valid answer yet */
  STATE_SENDING,    /* the peer's port is known */
  STATE_ENDED,
} State;

struct _RsTftpUpload
{
  RsTftpUploadSettings settings;
  char *file;
  GBytes *bytes;
  State state;
  RsTftpOptions asked;
  RsTftpEndpoint peer;
  guint blksize;
  gsize block_start; /* of the block on its way, in the file */
  gsize block_length;
  guint16 block;     /* its number, modulo 2^16 */
  gint64 rto;
  gint64 progress_at;
  gint64 due; /* of the timer */
  RsTftpDatagram request;
  guint8 data[4 + RS_TFTP_BLKSIZE_MAX]; /* the block as it is sent */
  RsTftpDatagram aside;                 /* a word to somebody else, or the last one to the peer */
  GError *error;
};

static void
send_error (RsTftpUpload *self, const RsTftpEndpoint *to, RsTftpErrorCode code, const char *text, RsTftpActions *actions)
{
  rs_tftp_error_write (code, text, &self->aside);
  rs_tftp_actions_add_send (actions, self->aside.data, self->aside.length, to);
}

/* What is waited for an answer to. */
static void
send_current (RsTftpUpload *self, gint64 now, RsTftpActions *actions)
{
  if (self->state == STATE_REQUESTING)
    rs_tftp_actions_add_send (actions, self->request.data, self->request.length, &self->settings.server);
  else
    rs_tftp_actions_add_send (actions, self->data, 4 + self->block_length, &self->peer);
  self->due = MIN (now + self->rto, self->progress_at + self->settings.give_up);
  rs_tftp_actions_add (actions, RS_TFTP_ACTION_TIMER)->at = self->due;
}

/* Takes error. */
static void
fail (RsTftpUpload *self, GError *error, RsTftpActions *actions)
{
  self->state = STATE_ENDED;
  self->error = error;
  rs_tftp_actions_add (actions, RS_TFTP_ACTION_FAIL)->error = self->error;
}

static gboolean
write_request (RsTftpUpload *self, gboolean bare, GError **error)
{
  memset (&self->asked, 0, sizeof self->asked);
  if (!bare)
    {
      self->asked.has_tsize = TRUE;
      self->asked.tsize = g_bytes_get_size (self->bytes);
      self->asked.timeout = SERVER_TIMEOUT;
      self->asked.blksize = self->settings.blksize;
    }
  return rs_tftp_request_write (RS_TFTP_OPCODE_WRITE, self->file, &self->asked, &self->request, error);
}

RsTftpUpload *
rs_tftp_upload_new (const RsTftpUploadSettings *settings, GError **error)
{
  g_autoptr (RsTftpUpload) self = g_new0 (RsTftpUpload, 1);

  self->settings = *settings;
  self->file = g_strdup (settings->file);
  self->bytes = g_bytes_ref (settings->bytes);
  if (self->settings.blksize == 0)
    self->settings.blksize = RS_TFTP_BLKSIZE;
  self->blksize = RS_TFTP_BLKSIZE_DEFAULT;
  self->rto = RTO_FIRST;
  return write_request (self, FALSE, error) ? g_steal_pointer (&self) : NULL;
}

void
rs_tftp_upload_free (RsTftpUpload *self)
{
  if (self == NULL)
    return;
  g_clear_error (&self->error);
  g_bytes_unref (self->bytes);
  g_free (self->file);
  g_free (self);
}

static void
begin (RsTftpUpload *self, gint64 now, RsTftpActions *actions)
{
  self->state = STATE_REQUESTING;
  self->progress_at = now;
  send_current (self, now, actions);
}

void
rs_tftp_upload_start (RsTftpUpload *self, gint64 now, RsTftpActions *actions)
{
  actions->n = 0;
  if (self->state == STATE_NEW)
    begin (self, now, actions);
}

/* The block that begins there; the last one is shorter than the others, and may be empty (RFC 1350 section 6). */
static void
send_block (RsTftpUpload *self, gsize start, gint64 now, RsTftpActions *actions)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (self->bytes, &length);

  self->block++;
  self->block_start = start;
  self->block_length = MIN (length - start, self->blksize);
  self->data[0] = 0;
  self->data[1] = RS_TFTP_OPCODE_DATA;
  self->data[2] = (guint8)(self->block >> 8);
  self->data[3] = (guint8)self->block;
  if (self->block_length > 0)
    memcpy (self->data + 4, bytes + start, self->block_length);
  self->rto = RTO_FIRST;
  self->progress_at = now;
  send_current (self, now, actions);
}

static void
on_ack (RsTftpUpload *self, guint16 block, gint64 now, RsTftpActions *actions)
{
  if (block != self->block)
    return;
  if (self->block_length < self->blksize)
    {
      self->state = STATE_ENDED;
      rs_tftp_actions_add (actions, RS_TFTP_ACTION_DONE);
    }
  else
    send_block (self, self->block_start + self->block_length, now, actions);
}

static void
on_options (RsTftpUpload *self, const RsTftpPacket *packet, gint64 now, RsTftpActions *actions)
{
  g_autoptr (GError) reason = NULL;
  RsTftpOptions granted;
  gboolean good = rs_tftp_options_read (packet->payload, packet->length, &granted, &reason);

  if (!good || granted.blksize > self->asked.blksize || granted.timeout > self->asked.timeout || granted.windowsize != 0)
    {
      send_error (self, &self->peer, RS_TFTP_ERROR_OPTION, "options not acceptable", actions);
      fail (self,
            g_error_new (RS_ERROR, RS_ERROR_FAILED, "the server granted options that cannot be: %s",
                         reason != NULL ? reason->message : "an option is larger than asked for"),
            actions);
      return;
    }
  if (granted.blksize != 0)
    self->blksize = granted.blksize;
  send_block (self, 0, now, actions);
}

static void
on_error (RsTftpUpload *self, const RsTftpPacket *packet, gint64 now, RsTftpActions *actions)
{
  gsize length = strnlen ((const char *)packet->payload, packet->length);
  g_autofree char *text = NULL;

  if (self->state == STATE_REQUESTING && self->asked.has_tsize
      && (packet->number == RS_TFTP_ERROR_OPTION || packet->number == RS_TFTP_ERROR_ILLEGAL)
      && write_request (self, TRUE, NULL))
    {
      begin (self, now, actions);
      return;
    }
  text = rs_text_escape_bytes (packet->payload, length, 100);
  fail (self,
        g_error_new (RS_ERROR, packet->number == RS_TFTP_ERROR_NOT_FOUND ? RS_ERROR_NOT_FOUND : RS_ERROR_FAILED,
                     "the server answered with error %u%s%s%s", packet->number, *text != '\0' ? " (“" : "", text,
                     *text != '\0' ? "”)" : ""),
        actions);
}

static void
on_first_answer (RsTftpUpload *self, const RsTftpEndpoint *from, const RsTftpPacket *packet, gint64 now,
                 RsTftpActions *actions)
{
  gboolean options = packet->opcode == RS_TFTP_OPCODE_OACK && self->asked.has_tsize;

  if (!options && (packet->opcode != RS_TFTP_OPCODE_ACK || packet->number != 0))
    return;
  self->state = STATE_SENDING;
  self->peer = *from;
  if (options)
    on_options (self, packet, now, actions);
  else
    send_block (self, 0, now, actions);
}

static void
on_packet (RsTftpUpload *self, const RsTftpEndpoint *from, const RsTftpPacket *packet, gint64 now, RsTftpActions *actions)
{
  if (packet->opcode == RS_TFTP_OPCODE_ERROR)
    on_error (self, packet, now, actions);
  else if (self->state == STATE_REQUESTING)
    on_first_answer (self, from, packet, now, actions);
  else if (packet->opcode == RS_TFTP_OPCODE_ACK)
    on_ack (self, packet->number, now, actions);
}

/* Whether the datagram comes from where the answer must come from. */
static gboolean
is_ours (RsTftpUpload *self, const RsTftpEndpoint *from)
{
  return self->state == STATE_SENDING ? rs_tftp_endpoint_equal (from, &self->peer)
                                      : rs_tftp_endpoint_same_host (from, &self->settings.server);
}

void
rs_tftp_upload_datagram (RsTftpUpload *self, const RsTftpEndpoint *from, const guint8 *data, gsize length, gint64 now,
                         RsTftpActions *actions)
{
  RsTftpPacket packet;

  actions->n = 0;
  if (self->state == STATE_NEW || self->state == STATE_ENDED || !rs_tftp_packet_read (data, length, &packet))
    return;
  if (is_ours (self, from))
    on_packet (self, from, &packet, now, actions);
  /* an error is never answered by an error (TFTP-3) */
  else if (packet.opcode != RS_TFTP_OPCODE_ERROR)
    send_error (self, from, RS_TFTP_ERROR_UNKNOWN_TID, "unknown transfer ID", actions);
}

void
rs_tftp_upload_timeout (RsTftpUpload *self, gint64 now, RsTftpActions *actions)
{
  gint64 seconds = self->settings.give_up / SECOND;

  actions->n = 0;
  if (self->state == STATE_NEW || self->state == STATE_ENDED)
    return;
  if (now < self->due)
    {
      rs_tftp_actions_add (actions, RS_TFTP_ACTION_TIMER)->at = self->due;
      return;
    }
  if (now - self->progress_at >= self->settings.give_up)
    {
      fail (self,
            self->state == STATE_REQUESTING
                ? g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE, "no answer within %" G_GINT64_FORMAT " seconds", seconds)
                : g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE,
                               "the server fell silent for %" G_GINT64_FORMAT " seconds after %" G_GSIZE_FORMAT " bytes",
                               seconds, self->block_start),
            actions);
      return;
    }
  self->rto = MIN (2 * self->rto, RTO_MAX);
  send_current (self, now, actions);
}
