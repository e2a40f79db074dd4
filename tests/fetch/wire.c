/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A wire between two networks: a TUN device here and one in another network namespace, with a delay each way, and loss
 * that a seed decides. The n-th packet of a way is lost or not whatever it holds, so that two clients in two runs with
 * one seed meet the same wire.
 *
 *   wire NAME NAMESPACE DELAY LOSS SEED WINDOW
 *
 * NAME: of both devices. NAMESPACE: the other's file, such as /run/netns/server. DELAY: microseconds, one way. LOSS:
 * packets of a million. WINDOW: TFTP read requests that ask for a larger window ask for this one on the other side; 0:
 * they pass as they are.
 *
 * Prints "up" when both devices are there, and lasts until its standard input ends. */
#include <glib.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define MTU 1500

#define IP_UDP       17
#define UDP_HEADER   8
#define UDP_CHECKSUM 6
#define TFTP_PORT    69

typedef struct
{
  gint64 due; /* nanoseconds */
  gsize length;
  guint8 data[MTU];
} Packet;

typedef struct
{
  int from, to;
  GQueue flying; /* by time */
  GRand *rand;
} Way;

static gint64 delay; /* nanoseconds */
static int loss;
static guint window;

static gint64
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (gint64)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void
check (gboolean good, const char *what)
{
  if (!good)
    {
      fprintf (stderr, "wire: %s: %s\n", what, g_strerror (errno));
      exit (EXIT_FAILURE);
    }
}

static int
open_device (const char *name)
{
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
  int fd = open ("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

  check (fd >= 0, "/dev/net/tun");
  g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  check (ioctl (fd, TUNSETIFF, &request) == 0, name);
  return fd;
}

static void
enter (const char *namespace)
{
  int fd = open (namespace, O_RDONLY | O_CLOEXEC);

  check (fd >= 0 && setns (fd, CLONE_NEWNET) == 0, namespace);
  close (fd);
}

/* Makes the window that a TFTP read request asks for smaller, in as many digits. */
static void
cap_window (Packet *packet)
{
  static const char name[] = "windowsize"; /* with its NUL */
  gsize header = (gsize)(packet->data[0] & 0xf) * 4;
  guint8 *udp = packet->data + header;
  char *found, *end;
  gsize rest;
  gulong asked;

  if (packet->data[9] != IP_UDP || packet->length < header + UDP_HEADER || udp[2] != 0 || udp[3] != TFTP_PORT)
    return;
  rest = packet->length - header;
  found = memmem (udp, rest, name, sizeof name);
  if (found == NULL || memchr (found + sizeof name, '\0', rest - (gsize)(found + sizeof name - (char *)udp)) == NULL)
    return;
  asked = strtoul (found + sizeof name, &end, 10);
  if (asked <= window)
    return;
  for (gulong left = window; end > found + sizeof name; left /= 10)
    *--end = (char)('0' + left % 10);
  /* none */
  udp[UDP_CHECKSUM] = udp[UDP_CHECKSUM + 1] = 0;
}

static void
take (Way *way)
{
  Packet packet;
  gssize n;

  while ((n = read (way->from, packet.data, sizeof packet.data)) > 0)
    {
      /* what the kernel says of IPv6 by itself must not move what is lost */
      if (packet.data[0] >> 4 != 4 || g_rand_int_range (way->rand, 0, 1000000) < loss)
        continue;
      packet.length = (gsize)n;
      packet.due = now () + delay;
      if (window > 0)
        cap_window (&packet);
      g_queue_push_tail (&way->flying, g_memdup2 (&packet, G_STRUCT_OFFSET (Packet, data) + packet.length));
    }
}

/* When the next packet is due; -1: none is on its way. */
static gint64
give (Way *way)
{
  Packet *packet;

  while ((packet = g_queue_peek_head (&way->flying)) != NULL && packet->due <= now ())
    {
      /* what the other side has no room for is lost, as on any wire */
      if (write (way->to, packet->data, packet->length) < 0)
        check (errno == EAGAIN || errno == ENOBUFS || errno == EIO, "write");
      g_free (g_queue_pop_head (&way->flying));
    }
  return packet != NULL ? packet->due : -1;
}

static void
carry (Way *ways)
{
  struct pollfd polled[] = { { .fd = ways[0].from, .events = POLLIN },
                             { .fd = ways[1].from, .events = POLLIN },
                             { .fd = STDIN_FILENO, .events = POLLIN } };

  while ((polled[2].revents & POLLHUP) == 0)
    {
      gint64 next = -1, wait;
      struct timespec time;

      for (guint i = 0; i < 2; i++)
        {
          gint64 due;

          take (&ways[i]);
          due = give (&ways[i]);
          if (due >= 0 && (next < 0 || due < next))
            next = due;
        }
      wait = next - now ();
      wait = MAX (wait, 0);
      time = (struct timespec){ .tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000 };
      check (ppoll (polled, G_N_ELEMENTS (polled), next >= 0 ? &time : NULL, NULL) >= 0, "ppoll");
    }
}

int
main (int argc, char **argv)
{
  Way ways[2];
  guint32 seed;

  if (argc != 7)
    return EXIT_FAILURE;
  delay = g_ascii_strtoll (argv[3], NULL, 10) * 1000;
  loss = (int)g_ascii_strtoll (argv[4], NULL, 10);
  seed = (guint32)g_ascii_strtoull (argv[5], NULL, 10);
  window = (guint)g_ascii_strtoull (argv[6], NULL, 10);
  ways[0].from = ways[1].to = open_device (argv[1]);
  enter (argv[2]);
  ways[1].from = ways[0].to = open_device (argv[1]);
  for (guint i = 0; i < 2; i++)
    {
      const guint32 seeds[] = { seed, i };

      g_queue_init (&ways[i].flying);
      ways[i].rand = g_rand_new_with_seed_array (seeds, G_N_ELEMENTS (seeds));
    }
  prctl (PR_SET_TIMERSLACK, 1);
  puts ("up");
  fflush (stdout);
  carry (ways);
  for (guint i = 0; i < 2; i++)
    {
      g_queue_clear_full (&ways[i].flying, g_free);
      g_rand_free (ways[i].rand);
    }
  return EXIT_SUCCESS;
}
