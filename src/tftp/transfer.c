/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The receiving side of TFTP with windows. Three habits keep the traffic from ever doubling (TFTP-3): a block that came
 * before is answered by nothing, a gap is answered at once by one ACK however many blocks come after it (RFC 7440
 * section 4), and everything else waits for the timer, which backs off. Who has the last block has no more to wait for
 * (RFC 1350 section 6): a server whose last ACK was lost ends by its own timer. */
#include "tftp/transfer.h"

#include "base/text.h"
#include "tftp/actions.h"
#include "tftp/packet.h"

#include <string.h>

#define SECOND         ((gint64)1000000)
#define RTO_SLACK      (SECOND / 10) /* what a server may take beyond the round trip, at least */
#define RTO_MAX        (8 * SECOND)
#define RTO_UNKNOWN    SECOND /* before the first round trip was seen */
#define SERVER_TIMEOUT 1      /* seconds after which the server is asked to send again */

/* A burst that loses part of itself this many times in a row, with less than a quarter of it coming through, will never
 * come whole: something on the way holds fewer datagrams than a window. Then the file is asked for again with a quarter
 * of the window, while little has come so far. Loss by chance alone lets more through and is better served by the large
 * window. */
#define LOSSY_WINDOWS     8
#define RESTART_MAX_BYTES (512 * 1024)

typedef enum
{
  STATE_NEW,
  STATE_REQUESTING, /* no valid answer yet */
  STATE_RECEIVING,  /* the peer's port is known */
  STATE_ENDED,
} State;

struct _RsTftpTransfer
{
  RsTftpSettings settings;
  char *file;
  State state;
  RsTftpOptions asked;
  RsTftpEndpoint peer;
  RsTftpEndpoint former; /* a peer that was given up for a new request: its late datagrams count no more */
  gboolean has_former;
  guint blksize;
  guint window;
  guint64 total;
  guint64 got;
  guint16 next; /* the block that must come now, modulo 2^16 */
  guint in_window;
  gboolean gap_answered;
  gint64 rtt; /* smoothed; 0: none measured */
  gint64 rtt_deviation;
  gint64 rto;
  gint64 sent_at; /* when what is awaited was asked for; -1: asked twice, so no measure */
  gint64 progress_at;
  gint64 due;           /* of the timer */
  guint lossy_windows;  /* in a row */
  guint lossy_blocks;   /* that came through in them */
  RsTftpDatagram last;  /* what the timer sends again */
  RsTftpDatagram aside; /* a word to somebody else, or the last one to the peer */
  GError *error;
};

static void
send_datagram (RsTftpActions *actions, const RsTftpDatagram *datagram, const RsTftpEndpoint *to)
{
  rs_tftp_actions_add_send (actions, datagram->data, datagram->length, to);
}

static void
send_last (RsTftpTransfer *self, RsTftpActions *actions)
{
  send_datagram (actions, &self->last, self->state == STATE_RECEIVING ? &self->peer : &self->settings.server);
}

static void
send_error (RsTftpTransfer *self, const RsTftpEndpoint *to, RsTftpErrorCode code, const char *text,
            RsTftpActions *actions)
{
  rs_tftp_error_write (code, text, &self->aside);
  send_datagram (actions, &self->aside, to);
}

static void
set_timer (RsTftpTransfer *self, gint64 now, RsTftpActions *actions)
{
  self->due = MIN (now + self->rto, self->progress_at + self->settings.give_up);
  rs_tftp_actions_add (actions, RS_TFTP_ACTION_TIMER)->at = self->due;
}

/* Takes error. */
static void
fail (RsTftpTransfer *self, GError *error, RsTftpActions *actions)
{
  self->state = STATE_ENDED;
  self->error = error;
  rs_tftp_actions_add (actions, RS_TFTP_ACTION_FAIL)->error = self->error;
}

/* Acknowledges everything up to the block before next. */
static void
send_ack (RsTftpTransfer *self, gint64 now, RsTftpActions *actions)
{
  rs_tftp_ack_write (self->next - 1, &self->last);
  self->in_window = 0;
  self->sent_at = now;
  send_last (self, actions);
}

/* Asks for the file from its first byte; without options where bare. */
static gboolean
send_request (RsTftpTransfer *self, gboolean bare, gint64 now, RsTftpActions *actions)
{
  memset (&self->asked, 0, sizeof self->asked);
  if (!bare)
    {
      self->asked.has_tsize = TRUE;
      self->asked.timeout = SERVER_TIMEOUT;
      self->asked.blksize = self->settings.blksize;
      self->asked.windowsize = self->settings.windowsize > 1 ? self->settings.windowsize : 0;
    }
  self->state = STATE_REQUESTING;
  self->blksize = RS_TFTP_BLKSIZE_DEFAULT;
  self->window = 1;
  self->total = self->got = 0;
  self->next = 1;
  self->in_window = 0;
  self->gap_answered = FALSE;
  self->lossy_windows = self->lossy_blocks = 0;
  self->sent_at = self->progress_at = now;
  if (!rs_tftp_request_write (RS_TFTP_OPCODE_READ, self->file, &self->asked, &self->last, &self->error))
    return FALSE;
  if (actions != NULL)
    {
      send_last (self, actions);
      set_timer (self, now, actions);
    }
  return TRUE;
}

RsTftpTransfer *
rs_tftp_transfer_new (const RsTftpSettings *settings, GError **error)
{
  g_autoptr (RsTftpTransfer) self = g_new0 (RsTftpTransfer, 1);

  self->settings = *settings;
  self->file = g_strdup (settings->file);
  self->settings.file = self->file;
  if (self->settings.blksize == 0)
    self->settings.blksize = RS_TFTP_BLKSIZE;
  if (self->settings.windowsize == 0)
    self->settings.windowsize = RS_TFTP_WINDOWSIZE;
  self->rto = RTO_UNKNOWN;
  /* shows here, not at start, whether the name can be sent */
  if (!send_request (self, FALSE, 0, NULL))
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return NULL;
    }
  self->state = STATE_NEW;
  return g_steal_pointer (&self);
}

void
rs_tftp_transfer_free (RsTftpTransfer *self)
{
  if (self == NULL)
    return;
  g_clear_error (&self->error);
  g_free (self->file);
  g_free (self);
}

void
rs_tftp_transfer_start (RsTftpTransfer *self, gint64 now, RsTftpActions *actions)
{
  actions->n = 0;
  /* cannot fail: the same request was written in rs_tftp_transfer_new () */
  if (self->state == STATE_NEW && !send_request (self, FALSE, now, actions))
    fail (self, g_steal_pointer (&self->error), actions);
}

/* Gives up the present peer for a new request. */
static void
begin_again (RsTftpTransfer *self, const RsTftpEndpoint *former, gboolean bare, gint64 now, RsTftpActions *actions)
{
  self->former = *former;
  self->has_former = TRUE;
  if (!send_request (self, bare, now, actions))
    fail (self, g_steal_pointer (&self->error), actions);
}

static gboolean
restart_is_due (RsTftpTransfer *self)
{
  return self->window > 1 && self->lossy_windows >= LOSSY_WINDOWS && self->got <= RESTART_MAX_BYTES
         && self->lossy_blocks < LOSSY_WINDOWS * self->window / 4;
}

/* Part of a window came and the rest did not. TRUE: the file was asked for again. */
static gboolean
note_loss (RsTftpTransfer *self, gint64 now, RsTftpActions *actions)
{
  self->lossy_windows++;
  self->lossy_blocks += self->in_window;
  if (!restart_is_due (self))
    return FALSE;
  self->settings.windowsize = MAX (self->window / 4, 1);
  send_error (self, &self->peer, RS_TFTP_ERROR_UNDEFINED, "asking again with a smaller window", actions);
  rs_tftp_actions_add (actions, RS_TFTP_ACTION_RESTART);
  begin_again (self, &self->peer, FALSE, now, actions);
  return TRUE;
}

/* RFC 6298 section 2 */
static gint64
rto_without_backoff (RsTftpTransfer *self)
{
  return self->rtt == 0 ? RTO_UNKNOWN : MIN (self->rtt + MAX (4 * self->rtt_deviation, RTO_SLACK), RTO_MAX);
}

/* What was awaited came. Where it was asked for twice, nobody can say which of the two was answered: then a back-off
 * lasts until an answer measures the way anew, or a way that grew longer would be asked twice for ever (Karn). */
static void
measure (RsTftpTransfer *self, gint64 now)
{
  gint64 sample = MAX (now - self->sent_at, 1);

  if (self->sent_at < 0)
    return;
  self->sent_at = -1;
  self->rtt_deviation = self->rtt == 0 ? sample / 2 : (3 * self->rtt_deviation + ABS (self->rtt - sample)) / 4;
  self->rtt = self->rtt == 0 ? sample : (7 * self->rtt + sample) / 8;
  self->rto = rto_without_backoff (self);
}

static void
finish (RsTftpTransfer *self, gint64 now, RsTftpActions *actions)
{
  send_ack (self, now, actions);
  if (self->total != 0 && self->got < self->total)
    {
      fail (self,
            g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE,
                         "the transfer ended before the whole file had come (%" G_GUINT64_FORMAT
                         " of %" G_GUINT64_FORMAT " bytes)",
                         self->got, self->total),
            actions);
      return;
    }
  self->state = STATE_ENDED;
  rs_tftp_actions_add (actions, RS_TFTP_ACTION_DONE);
}

/* The first fault of a block, told to the peer; NULL: none. */
static GError *
check_block (RsTftpTransfer *self, const RsTftpPacket *packet, RsTftpActions *actions)
{
  if (packet->length > self->blksize)
    {
      send_error (self, &self->peer, RS_TFTP_ERROR_ILLEGAL, "block larger than agreed", actions);
      return g_error_new (RS_ERROR, RS_ERROR_FAILED,
                          "the server sent a block of %" G_GSIZE_FORMAT " bytes where %u were agreed", packet->length,
                          self->blksize);
    }
  if (self->got + packet->length > self->settings.max_bytes)
    {
      send_error (self, &self->peer, RS_TFTP_ERROR_FULL, "file too large", actions);
      return g_error_new (RS_ERROR, RS_ERROR_CORRUPT, "the file is larger than %" G_GUINT64_FORMAT " bytes",
                          self->settings.max_bytes);
    }
  if (self->total != 0 && self->got + packet->length > self->total)
    {
      send_error (self, &self->peer, RS_TFTP_ERROR_UNDEFINED, "more than tsize said", actions);
      return g_error_new (RS_ERROR, RS_ERROR_FAILED,
                          "the server sent more than the %" G_GUINT64_FORMAT " bytes it had told of", self->total);
    }
  return NULL;
}

static void
take_block (RsTftpTransfer *self, const RsTftpPacket *packet, gint64 now, RsTftpActions *actions)
{
  GError *fault = check_block (self, packet, actions);
  RsTftpAction *delivery;

  if (fault != NULL)
    {
      fail (self, fault, actions);
      return;
    }
  measure (self, now);
  self->progress_at = now;
  self->gap_answered = FALSE;
  self->next++;
  self->got += packet->length;
  if (packet->length > 0)
    {
      delivery = rs_tftp_actions_add (actions, RS_TFTP_ACTION_DELIVER);
      delivery->data = packet->payload;
      delivery->length = packet->length;
    }
  if (packet->length < self->blksize)
    {
      finish (self, now, actions);
      return;
    }
  if (++self->in_window >= self->window)
    {
      self->lossy_windows = self->lossy_blocks = 0;
      send_ack (self, now, actions);
    }
  set_timer (self, now, actions);
}

static void
on_data (RsTftpTransfer *self, const RsTftpPacket *packet, gint64 now, RsTftpActions *actions)
{
  gint16 ahead = (gint16)(packet->number - self->next);

  /* some servers go from 65535 to 1; in lockstep nothing else can come then */
  if (ahead == 1 && self->next == 0 && self->window == 1)
    {
      self->next = 1;
      ahead = 0;
    }
  if (ahead == 0)
    {
      take_block (self, packet, now, actions);
      return;
    }
  if (ahead < 0 || self->gap_answered)
    return;
  self->gap_answered = TRUE;
  if (note_loss (self, now, actions))
    return;
  send_ack (self, now, actions);
  /* what arrives next may still be of the old burst */
  self->sent_at = -1;
  set_timer (self, now, actions);
}

static gboolean
grant_is_fine (const RsTftpOptions *asked, const RsTftpOptions *granted, GError **error)
{
  if (granted->blksize <= asked->blksize && granted->windowsize <= asked->windowsize
      && granted->timeout <= asked->timeout && (asked->has_tsize || !granted->has_tsize))
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "an option is larger than asked for");
  return FALSE;
}

static void
on_options (RsTftpTransfer *self, const RsTftpPacket *packet, gint64 now, RsTftpActions *actions)
{
  g_autoptr (GError) reason = NULL;
  RsTftpOptions granted;

  if (!rs_tftp_options_read (packet->payload, packet->length, &granted, &reason)
      || !grant_is_fine (&self->asked, &granted, &reason))
    {
      send_error (self, &self->peer, RS_TFTP_ERROR_OPTION, "options not acceptable", actions);
      fail (self,
            g_error_new (RS_ERROR, RS_ERROR_FAILED, "the server granted options that cannot be: %s", reason->message),
            actions);
      return;
    }
  if (granted.tsize > self->settings.max_bytes)
    {
      send_error (self, &self->peer, RS_TFTP_ERROR_FULL, "file too large", actions);
      fail (self,
            g_error_new (RS_ERROR, RS_ERROR_CORRUPT,
                         "the file has %" G_GUINT64_FORMAT " bytes, more than the %" G_GUINT64_FORMAT
                         " that are allowed",
                         granted.tsize, self->settings.max_bytes),
            actions);
      return;
    }
  if (granted.blksize != 0)
    self->blksize = granted.blksize;
  if (granted.windowsize != 0)
    self->window = granted.windowsize;
  self->total = granted.tsize;
  measure (self, now);
  self->progress_at = now;
  send_ack (self, now, actions);
  set_timer (self, now, actions);
}

static void
on_error (RsTftpTransfer *self, const RsTftpEndpoint *from, const RsTftpPacket *packet, gint64 now,
          RsTftpActions *actions)
{
  g_autofree char *text = NULL;
  gsize length = strnlen ((const char *)packet->payload, packet->length);
  gboolean asked_options = self->asked.has_tsize;

  if (self->got == 0 && asked_options
      && (packet->number == RS_TFTP_ERROR_OPTION || packet->number == RS_TFTP_ERROR_ILLEGAL))
    {
      begin_again (self, from, TRUE, now, actions);
      return;
    }
  text = rs_text_escape_bytes (packet->payload, length, 100);
  fail (self,
        g_error_new (RS_ERROR, packet->number == RS_TFTP_ERROR_NOT_FOUND ? RS_ERROR_NOT_FOUND : RS_ERROR_FAILED,
                     "the server answered with error %u%s%s%s", packet->number, *text != '\0' ? " (“" : "", text,
                     *text != '\0' ? "”)" : ""),
        actions);
}

/* Whether the packet may open the transfer: it fixes the peer's port. */
static gboolean
is_first_answer (RsTftpTransfer *self, const RsTftpPacket *packet)
{
  if (packet->opcode == RS_TFTP_OPCODE_OACK)
    return self->asked.has_tsize;
  return packet->opcode == RS_TFTP_OPCODE_DATA && packet->number == 1;
}

static void
on_packet (RsTftpTransfer *self, const RsTftpEndpoint *from, const RsTftpPacket *packet, gint64 now,
           RsTftpActions *actions)
{
  gboolean first = FALSE;

  if (packet->opcode == RS_TFTP_OPCODE_ERROR)
    {
      on_error (self, from, packet, now, actions);
      return;
    }
  if (self->state == STATE_REQUESTING)
    {
      if (!is_first_answer (self, packet))
        return;
      self->state = STATE_RECEIVING;
      self->peer = *from;
      first = TRUE;
    }
  if (packet->opcode == RS_TFTP_OPCODE_DATA)
    on_data (self, packet, now, actions);
  else if (packet->opcode == RS_TFTP_OPCODE_OACK && first)
    on_options (self, packet, now, actions);
}

/* Whether the datagram comes from where the answer must come from. */
static gboolean
is_ours (RsTftpTransfer *self, const RsTftpEndpoint *from)
{
  return self->state == STATE_RECEIVING ? rs_tftp_endpoint_equal (from, &self->peer)
                                        : rs_tftp_endpoint_same_host (from, &self->settings.server);
}

/* Whether this is left over from before the present request. Servers with one port for everything answer the new one
 * from there, too. */
static gboolean
is_late (RsTftpTransfer *self, const RsTftpEndpoint *from, const RsTftpPacket *packet)
{
  if (!self->has_former || !rs_tftp_endpoint_equal (from, &self->former))
    return FALSE;
  if (self->state == STATE_RECEIVING)
    return !rs_tftp_endpoint_equal (from, &self->peer);
  return packet == NULL || packet->opcode != (self->asked.has_tsize ? RS_TFTP_OPCODE_OACK : RS_TFTP_OPCODE_DATA);
}

void
rs_tftp_transfer_datagram (RsTftpTransfer *self, const RsTftpEndpoint *from, const guint8 *data, gsize length,
                           gint64 now, RsTftpActions *actions)
{
  RsTftpPacket packet;
  gboolean valid;

  actions->n = 0;
  if (self->state == STATE_NEW || self->state == STATE_ENDED)
    return;
  valid = rs_tftp_packet_read (data, length, &packet);
  if (is_late (self, from, valid ? &packet : NULL))
    return;
  if (is_ours (self, from))
    {
      if (valid)
        on_packet (self, from, &packet, now, actions);
      return;
    }
  /* an error is never answered by an error, and what is no TFTP by nothing at all */
  if (valid && packet.opcode != RS_TFTP_OPCODE_ERROR)
    send_error (self, from, RS_TFTP_ERROR_UNKNOWN_TID, "unknown transfer ID", actions);
}

static GError *
silence_error (RsTftpTransfer *self)
{
  gint64 seconds = self->settings.give_up / SECOND;

  if (self->state == STATE_REQUESTING)
    return g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE, "no answer within %" G_GINT64_FORMAT " seconds", seconds);
  return g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE,
                      "the server fell silent for %" G_GINT64_FORMAT " seconds after %" G_GUINT64_FORMAT " bytes",
                      seconds, self->got);
}

void
rs_tftp_transfer_timeout (RsTftpTransfer *self, gint64 now, RsTftpActions *actions)
{
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
      fail (self, silence_error (self), actions);
      return;
    }
  /* the blocks that came since the last ACK are acknowledged too, so that only the missing ones are sent again; the
   * server is there, and the rest of its burst was lost */
  if (self->in_window > 0)
    {
      if (note_loss (self, now, actions))
        return;
      send_ack (self, now, actions);
      self->rto = rto_without_backoff (self);
    }
  else
    {
      send_last (self, actions);
      self->rto = MIN (2 * self->rto, RTO_MAX);
    }
  self->sent_at = -1;
  set_timer (self, now, actions);
}

void
rs_tftp_transfer_refuse (RsTftpTransfer *self, RsTftpActions *actions)
{
  actions->n = 0;
  if (self->state == STATE_RECEIVING)
    send_error (self, &self->peer, RS_TFTP_ERROR_FULL, "no room", actions);
  self->state = STATE_ENDED;
}

guint64
rs_tftp_transfer_get_total (RsTftpTransfer *self)
{
  return self->total;
}
