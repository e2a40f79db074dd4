/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Says what the daemon would hear of the network: a line at the start and a line a signal.
 *
 *   network-watch [INTERFACE [SOCKET]]     NetworkManager's lease; the socket of resyncd-inform
 *
 * A line: connected=1 interface=eth0 address=10.77.0.5 mac=… domain=phones.lab 66=HEX v6-17=HEX … identity=SHA-256.
 * SIGUSR1 lets go of the network and takes it anew, SIGTERM ends the program. */
#include "discovery/network.h"

#include "base/text.h"
#include "dhcp/question.h"

#include <glib-unix.h>
#include <stdio.h>

typedef struct
{
  GMainLoop  *loop;
  RsNetwork  *network;
  const char *interface, *inform;
} Watch;

static void
print_lease (RsNetwork *network)
{
  const RsLease *lease = rs_network_get_lease (network);
  g_autofree char *identity = g_compute_checksum_for_string (G_CHECKSUM_SHA256, lease->identity, -1);

  printf ("connected=%d interface=%s address=%s mac=%s domain=%s", lease->connected, lease->interface, lease->address,
          lease->mac, lease->domain);
  for (guint i = 0; i < lease->options->len; i++)
    {
      const RsDhcpOption *option = lease->options->pdata[i];
      g_autofree char *hex = rs_text_hex (g_bytes_get_data (option->value, NULL), g_bytes_get_size (option->value));

      printf (" %s%u=%s", option->v6 ? "v6-" : "", option->code, hex);
    }
  printf (" identity=%s\n", identity);
  fflush (stdout);
}

static void
begin (Watch *watch)
{
  watch->network = rs_network_new_manager (watch->interface, watch->inform);
  g_signal_connect (watch->network, "lease-changed", G_CALLBACK (print_lease), NULL);
  print_lease (watch->network);
  rs_network_start (watch->network);
}

static gboolean
begin_anew (gpointer data)
{
  Watch *watch = data;

  g_clear_object (&watch->network);
  begin (watch);
  return G_SOURCE_CONTINUE;
}

static gboolean
stop (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Watch watch = { loop, NULL, argc > 1 ? argv[1] : NULL, argc > 2 ? argv[2] : RS_INFORM_SOCKET };

  g_unix_signal_add (SIGTERM, stop, loop);
  g_unix_signal_add (SIGUSR1, begin_anew, &watch);
  begin (&watch);
  g_main_loop_run (loop);
  g_clear_object (&watch.network);
  /* libnm lets go of its objects from the main context */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
