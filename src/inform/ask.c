/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends the message, waits, sends it again: as often as the RFCs say, and not more. The first answer that counts ends it; others are passed
 * over without a word, so that nobody on the network can fill the journal. */
#include "inform/ask.h"

#include "base/error.h"
#include "inform/wire.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Half of the messages of IPv4 go to the server alone, for it may be behind a relay; the others to everybody, for it may not be reached
 * that way. */
#define UNICASTS 2

typedef struct
{
  const RsDhcpQuestion *question;
  RsWire               *wire;
  int                   peer;
  guint32               xid;
  gint64                begun;
  guint                 n_ignored;
  const char           *last_ignored;
} Exchange;

typedef enum
{
  ROUND_ANSWERED,
  ROUND_SILENT,
  ROUND_HUNG_UP,
} Round;

static void
fill_random (void *data,
             gsize size)
{
  if (getrandom (data, size, 0) != (ssize_t)size)
    g_error ("the kernel has no random bytes");
}

static guint16
new_chance (void)
{
  guint16 chance;

  fill_random (&chance, sizeof chance);
  return chance;
}

static gboolean
drop_privileges (GError **error)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

  if (syscall (SYS_capset, &header, none) == 0)
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the privileges cannot be given up: %s", g_strerror (errno));
  return FALSE;
}

static GPtrArray *
take_packet (Exchange *exchange)
{
  GPtrArray *options = NULL;
  RsDatagram datagram;
  const char *reason = rs_wire_receive (exchange->wire, &datagram);

  if (reason == NULL)
    options = rs_inform_read (exchange->question, exchange->xid, &datagram, &reason);
  if (reason != NULL && *reason != '\0')
    {
      exchange->n_ignored++;
      exchange->last_ignored = reason;
    }
  return options;
}

/* Until an answer comes, the time is over, or nobody waits for it any more. */
static Round
listen_for (Exchange   *exchange,
            guint       milliseconds,
            GPtrArray **options)
{
  gint64 end = g_get_monotonic_time () + milliseconds * (gint64)1000;

  for (;;)
    {
      struct pollfd fds[] = { { rs_wire_get_fd (exchange->wire), POLLIN, 0 }, { exchange->peer, 0, 0 } };
      gint64 left = end - g_get_monotonic_time ();

      if (left <= 0)
        return ROUND_SILENT;
      if (poll (fds, G_N_ELEMENTS (fds), (int)((left + 999) / 1000)) <= 0)
        continue;
      if (fds[1].revents != 0)
        return ROUND_HUNG_UP;
      *options = take_packet (exchange);
      if (*options != NULL)
        return ROUND_ANSWERED;
    }
}

static gboolean
send_message (Exchange *exchange,
              guint     n,
              GError  **error)
{
  guint waited = (guint)((g_get_monotonic_time () - exchange->begun) / 1000);
  g_autoptr (GBytes) message = rs_inform_build (exchange->question, exchange->xid, waited);

  return rs_wire_send (exchange->wire, message, !exchange->question->v6 && n > UNICASTS, error);
}

static RsDhcpAnswer *
new_silence (const Exchange *exchange)
{
  g_autofree char *message = NULL;

  if (exchange->n_ignored > 0)
    message = g_strdup_printf ("%u packets did not count, the last one because %s", exchange->n_ignored, exchange->last_ignored);
  return rs_dhcp_answer_new (RS_ANSWER_SILENT, message);
}

static RsDhcpAnswer *
converse (Exchange *exchange,
          GError  **error)
{
  g_autoptr (GPtrArray) options = NULL;
  Round round = ROUND_SILENT;
  guint wait = 0, delay = rs_inform_delay (exchange->question->v6, new_chance ());

  /* nothing was asked yet, so nothing answers */
  if (delay > 0)
    round = listen_for (exchange, delay, &options);
  exchange->n_ignored = 0;
  exchange->begun = g_get_monotonic_time ();
  for (guint n = 1; round == ROUND_SILENT; n++)
    {
      wait = rs_inform_wait (exchange->question->v6, n, wait, new_chance ());
      if (wait == 0)
        return new_silence (exchange);
      if (!send_message (exchange, n, error))
        return NULL;
      round = listen_for (exchange, wait, &options);
    }
  if (round == ROUND_ANSWERED)
    {
      RsDhcpAnswer *answer = rs_dhcp_answer_new (RS_ANSWER_GIVEN, NULL);

      g_ptr_array_extend_and_steal (answer->options, g_steal_pointer (&options));
      return answer;
    }
  return NULL;
}

RsDhcpAnswer *
rs_ask (const RsDhcpQuestion *question,
        int                   peer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsWire) wire = rs_wire_open (question, &error);
  Exchange exchange = { .question = question, .wire = wire, .peer = peer };
  RsDhcpAnswer *answer = NULL;

  fill_random (&exchange.xid, sizeof exchange.xid);
  if (wire != NULL && drop_privileges (&error))
    answer = converse (&exchange, &error);
  return error != NULL ? rs_dhcp_answer_new (RS_ANSWER_FAILED, error->message) : answer;
}
