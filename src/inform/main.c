/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resyncd-inform: systemd starts it for one question of resyncd's, with the connection as its standard input. It reads the question, asks,
 * writes the answer and ends. */
#include "config.h"
#include "inform/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEER STDIN_FILENO
#define PATIENCE 5 /* seconds, for whoever asks */

/* All that comes until the other side has no more to say; NULL: too much of it, or too slowly. */
static GBytes *
read_all (void)
{
  gint64 end = g_get_monotonic_time () + PATIENCE * (gint64)G_USEC_PER_SEC;
  g_autofree guint8 *data = g_malloc (RS_QUESTION_BYTES_MAX + 1);
  gsize length = 0;
  ssize_t size = 1;

  while (size != 0 && length <= RS_QUESTION_BYTES_MAX)
    {
      struct pollfd fd = { PEER, POLLIN, 0 };
      gint64 left = end - g_get_monotonic_time ();

      if (left <= 0)
        return NULL;
      if (poll (&fd, 1, (int)((left + 999) / 1000)) <= 0)
        continue;
      size = recv (PEER, data + length, RS_QUESTION_BYTES_MAX + 1 - length, MSG_DONTWAIT);
      if (size < 0 && errno != EAGAIN && errno != EINTR)
        return NULL;
      length += size > 0 ? (gsize)size : 0;
    }
  return length <= RS_QUESTION_BYTES_MAX ? g_bytes_new (data, length) : NULL;
}

static gboolean
write_all (GBytes *bytes)
{
  struct timeval patience = { PATIENCE, 0 };
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  setsockopt (PEER, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  while (length > 0)
    {
      ssize_t size = send (PEER, data, length, MSG_NOSIGNAL);

      if (size < 0 && errno != EINTR)
        return FALSE;
      data += size > 0 ? size : 0;
      length -= size > 0 ? (gsize)size : 0;
    }
  return TRUE;
}

static int
answer_peer (void)
{
  g_autoptr (GBytes) bytes = read_all (), reply = NULL;
  g_autoptr (RsDhcpAnswer) answer = NULL;
  RsDhcpQuestion question;

  if (bytes == NULL || !rs_dhcp_question_from_bytes (bytes, &question))
    {
      fprintf (stderr, "resyncd-inform: what came is no question\n");
      return 1;
    }
  answer = rs_ask (&question, PEER);
  if (answer == NULL)
    return 0;
  if (answer->kind == RS_ANSWER_FAILED)
    fprintf (stderr, "resyncd-inform: %s\n", answer->message);
  reply = rs_dhcp_answer_to_bytes (answer);
  if (reply == NULL)
    {
      fprintf (stderr, "resyncd-inform: the answer is too long\n");
      return 1;
    }
  /* where nobody reads it any more, nobody misses it */
  return write_all (reply) ? 0 : 1;
}

int
main (int    argc,
      char **argv)
{
  int type;
  socklen_t size = sizeof type;

  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    {
      printf ("resyncd-inform " RS_VERSION "\n");
      return 0;
    }
  if (argc == 2 && strcmp (argv[1], "--help") == 0)
    {
      printf ("Usage: resyncd-inform [--version]\n\nAsks a DHCP server for options. systemd starts it, by resyncd-inform.socket, with the"
              " connection as its\nstandard input; see resyncd-inform(8).\n");
      return 0;
    }
  if (argc != 1 || getsockopt (PEER, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM)
    {
      fprintf (stderr, "resyncd-inform: its standard input has to be a connection, and it takes no arguments; see --help\n");
      return 2;
    }
  return answer_peer ();
}
