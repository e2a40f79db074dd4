/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The transfer machine against a server and a network that exist in memory only: a delay, loss, duplicates and
 * reordering, all in virtual time and from a fixed seed. Shows that files arrive whole past the wrap of block numbers,
 * and how much traffic that takes. */
#include "base/error.h"
#include "tftp/packet.h"
#include "tftp/transfer.h"

#include <string.h>

#define MS    ((gint64)1000)
#define NEVER G_MAXINT64

typedef struct
{
  guint64 size;
  guint blksize;     /* granted; 0: the server ignores options */
  guint window;      /* granted */
  guint loss;        /* per mille, each way */
  guint duplicate;   /* per mille */
  guint reorder;     /* per mille: comes 5 ms late */
  guint burst;       /* what the way holds of a burst of data; 0: everything */
  gboolean to_one;   /* wraps to 1 */
  gboolean one_port; /* answers every request from the same port */
  gboolean sorcerer; /* sends the next block again for each repeated ACK */
} World;

typedef struct
{
  gint64 at;
  gboolean to_server;
  guint16 port; /* of the server's transfer */
  gsize length;
  guint8 data[1500];
} Flight;

typedef struct
{
  const World *world;
  GRand *rand;
  GQueue flights; /* by time */
  gint64 now;
  gint64 client_timer;
  gint64 server_timer;
  guint blksize, window; /* in force */
  guint64 blocks;        /* of the file, the last short one included */
  guint64 acked;
  guint64 sent; /* highest block sent */
  gboolean started;
  gboolean asked_window;
  guint64 data_datagrams;
  guint requests;
  guint64 delivered;
  gboolean done;
  char *failure;
} Net;

static const RsTftpEndpoint server = { { 192, 0, 2, 1 }, 4, 69 };

static guint8
byte_at (guint64 offset)
{
  return (guint8)(offset ^ (offset >> 9) ^ (offset >> 17));
}

static gint
by_time (gconstpointer a, gconstpointer b, gpointer data)
{
  const Flight *x = a, *y = b;

  /* what was sent first of one instant comes first */
  return x->at <= y->at ? -1 : 1;
}

static gboolean
chance (Net *net, guint per_mille)
{
  return per_mille > 0 && (guint)g_rand_int_range (net->rand, 0, 1000) < per_mille;
}

static void
launch (Net *net, gboolean to_server, const guint8 *data, gsize length)
{
  guint copies = chance (net, net->world->loss) ? 0 : chance (net, net->world->duplicate) ? 2 : 1;

  /* a request that comes twice makes two transfers at a real server; strangers are the matter of test-transfer.c */
  if (data[1] == RS_TFTP_OPCODE_READ)
    copies = MIN (copies, 1);

  for (guint i = 0; i < copies; i++)
    {
      Flight *flight = g_new (Flight, 1);

      g_assert_cmpuint (length, <=, sizeof flight->data);
      flight->at = net->now + 10 * MS + (chance (net, net->world->reorder) ? 5 * MS : 0);
      flight->to_server = to_server;
      flight->port = net->world->one_port ? 69 : 2000 + net->requests;
      flight->length = length;
      memcpy (flight->data, data, length);
      if (net->world->reorder == 0)
        g_queue_push_tail (&net->flights, flight);
      else
        g_queue_insert_sorted (&net->flights, flight, by_time, NULL);
    }
}

static guint16
block_number (Net *net, guint64 block)
{
  return block > 65535 && net->world->to_one ? (guint16)((block - 1) % 65535 + 1) : (guint16)block;
}

static void
send_block (Net *net, guint64 block)
{
  guint8 data[1500] = { 0, RS_TFTP_OPCODE_DATA };
  guint64 offset = (block - 1) * net->blksize;
  gsize length = MIN (net->blksize, net->world->size - offset);
  guint16 number = block_number (net, block);

  data[2] = (guint8)(number >> 8);
  data[3] = (guint8)number;
  for (gsize i = 0; i < length; i++)
    data[4 + i] = byte_at (offset + i);
  net->data_datagrams++;
  net->sent = MAX (net->sent, block);
  if (net->world->burst == 0 || block - net->acked <= net->world->burst)
    launch (net, FALSE, data, 4 + length);
}

static void
send_window (Net *net)
{
  for (guint64 block = net->acked + 1; block <= MIN (net->acked + net->window, net->blocks); block++)
    send_block (net, block);
  net->server_timer = net->now + 1000 * MS;
}

static void
send_oack (Net *net)
{
  g_autofree char *window = net->asked_window ? g_strdup_printf ("windowsize.%u.", net->window) : g_strdup ("");
  g_autofree char *text
      = g_strdup_printf ("..blksize.%u.%stsize.%" G_GUINT64_FORMAT ".", net->blksize, window, net->world->size);
  gsize length = strlen (text);

  g_strdelimit (text, ".", '\0');
  text[1] = RS_TFTP_OPCODE_OACK;
  launch (net, FALSE, (const guint8 *)text, length);
  net->server_timer = net->now + 1000 * MS;
}

static void
on_request (Net *net, const guint8 *data, gsize length)
{
  const guint8 *asked = memmem (data, length, "windowsize", 11);

  net->requests++;
  net->started = FALSE;
  net->asked_window = asked != NULL;
  net->acked = net->sent = 0;
  net->blksize = net->world->blksize != 0 ? net->world->blksize : 512;
  net->window = net->world->blksize == 0 || asked == NULL
                    ? 1
                    : MIN (net->world->window, (guint)g_ascii_strtoull ((const char *)asked + 11, NULL, 10));
  net->blocks = net->world->size / net->blksize + 1;
  if (net->world->blksize != 0)
    send_oack (net);
  else
    {
      net->started = TRUE;
      send_window (net);
    }
}

static void
on_ack (Net *net, guint16 number)
{
  guint64 block = net->acked;

  while (block_number (net, block) != number && block < net->sent)
    block++;
  if (block_number (net, block) != number)
    return;
  /* a repeated ACK: lockstep servers leave it alone (RFC 1123), unless they are the sorcerer's */
  if (net->started && block == net->acked && net->window == 1 && !net->world->sorcerer)
    return;
  net->started = TRUE;
  net->acked = block;
  net->server_timer = NEVER;
  if (net->acked < net->blocks)
    send_window (net);
}

static void
serve (Net *net, const guint8 *data, gsize length)
{
  if (data[1] == RS_TFTP_OPCODE_READ)
    on_request (net, data, length);
  else if (data[1] == RS_TFTP_OPCODE_ACK)
    on_ack (net, (guint16)((guint)data[2] << 8 | data[3]));
  else
    net->server_timer = NEVER;
}

static void
do_actions (Net *net, const RsTftpActions *actions)
{
  for (guint i = 0; i < actions->n; i++)
    {
      const RsTftpAction *action = &actions->list[i];

      if (action->kind == RS_TFTP_ACTION_SEND)
        launch (net, TRUE, action->data, action->length);
      else if (action->kind == RS_TFTP_ACTION_DELIVER)
        {
          for (gsize k = 0; k < action->length; k++)
            g_assert_cmpuint (action->data[k], ==, byte_at (net->delivered + k));
          net->delivered += action->length;
        }
      else if (action->kind == RS_TFTP_ACTION_RESTART)
        net->delivered = 0;
      else if (action->kind == RS_TFTP_ACTION_TIMER)
        net->client_timer = action->at;
      else if (action->kind == RS_TFTP_ACTION_DONE)
        net->done = TRUE;
      else if (action->kind == RS_TFTP_ACTION_FAIL)
        net->failure = g_strdup (action->error->message);
    }
}

/* One event of the nearest instant. */
static void
step (Net *net, RsTftpTransfer *transfer)
{
  Flight *head = g_queue_peek_head (&net->flights);
  gint64 next = MIN (net->client_timer, net->server_timer);
  RsTftpActions actions = { 0 };
  g_autofree Flight *flight = NULL; /* outlives the actions, which point into it */

  if (head != NULL && head->at <= next)
    {
      flight = g_queue_pop_head (&net->flights);
      net->now = flight->at;
      if (flight->to_server)
        serve (net, flight->data, flight->length);
      else
        {
          RsTftpEndpoint tid = server;

          tid.port = flight->port;
          rs_tftp_transfer_datagram (transfer, &tid, flight->data, flight->length, net->now, &actions);
        }
    }
  else if (net->client_timer <= net->server_timer)
    {
      net->now = net->client_timer;
      rs_tftp_transfer_timeout (transfer, net->now, &actions);
    }
  else
    {
      net->now = net->server_timer;
      if (net->started)
        send_window (net);
      else
        send_oack (net);
    }
  do_actions (net, &actions);
}

/* Runs a whole transfer; most: datagrams of data that the server may send for each block of the file. */
static void
run (const World *world, double most)
{
  RsTftpSettings settings
      = { .server = server, .file = "f", .max_bytes = G_GUINT64_CONSTANT (1) << 30, .give_up = 15000 * MS };
  Net net = { .world = world, .rand = g_rand_new_with_seed (7), .client_timer = NEVER, .server_timer = NEVER };
  g_autoptr (RsTftpTransfer) transfer = rs_tftp_transfer_new (&settings, NULL);
  RsTftpActions actions;

  g_queue_init (&net.flights);
  rs_tftp_transfer_start (transfer, 0, &actions);
  do_actions (&net, &actions);
  while (!net.done && net.failure == NULL)
    step (&net, transfer);
  g_assert_cmpstr (net.failure, ==, NULL);
  g_assert_cmpuint (net.delivered, ==, world->size);
  g_test_message ("%" G_GUINT64_FORMAT " bytes in %.1f s, %.3f datagrams a block, %u requests", world->size,
                  (double)net.now / 1e6, (double)net.data_datagrams / (double)net.blocks, net.requests);
  g_assert_cmpfloat ((double)net.data_datagrams, <=, most * (double)net.blocks);
  g_queue_clear_full (&net.flights, g_free);
  g_rand_free (net.rand);
}

/* TFTP-1, TFTP-2: past 65535 blocks, of 512 bytes and of 1428 */
static void
test_wrap (void)
{
  const World lockstep = { .size = 65536 * 512 + 1000 };
  const World window = { .size = G_GUINT64_CONSTANT (65536) * 1428 + 5000, .blksize = 1428, .window = 64 };
  const World lockstep_to_one = { .size = 65535 * 2 * 8 + 100, .blksize = 8, .window = 1, .to_one = TRUE };
  const World exact = { .size = 65535 * 8, .blksize = 8, .window = 16 };

  run (&lockstep, 1);
  run (&window, 1);
  run (&lockstep_to_one, 1);
  run (&exact, 1);
}

/* TFTP-2 */
static void
test_wrap_with_loss (void)
{
  const World window = { .size = 65536 * 8 * 2 + 5, .blksize = 8, .window = 64, .loss = 10, .reorder = 5 };
  const World lockstep = { .size = 65536 * 8 + 5, .blksize = 8, .window = 1, .loss = 10 };

  run (&window, 2);
  run (&lockstep, 1.1);
}

/* TFTP-3: every datagram twice, a server that answers every ACK: the traffic stays what it was */
static void
test_duplicates (void)
{
  const World lockstep = { .size = 300000, .blksize = 1428, .window = 1, .duplicate = 1000 };
  const World sorcerer
      = { .size = 300000, .blksize = 1428, .window = 1, .duplicate = 500, .reorder = 300, .sorcerer = TRUE };
  const World window = { .size = 300000, .blksize = 1428, .window = 16, .duplicate = 1000 };
  const World late = { .size = 300000, .blksize = 1428, .window = 16, .reorder = 100 };

  run (&lockstep, 1);
  run (&sorcerer, 2.1);
  run (&window, 2.2);
  run (&late, 4);
}

/* TFTP-1: heavy loss slows and does not end a transfer */
static void
test_loss (void)
{
  const guint loss[] = { 1, 10, 50, 200 };

  for (guint i = 0; i < G_N_ELEMENTS (loss); i++)
    {
      const World window = { .size = 1 << 20, .blksize = 1428, .window = 64, .loss = loss[i] };
      const World lockstep = { .size = 100000, .loss = loss[i] };

      run (&window, 40);
      run (&lockstep, 2);
    }
}

/* TFTP-1: where whole bursts never come through, a smaller window is asked for */
static void
test_small_burst (void)
{
  const World world = { .size = 1 << 20, .blksize = 1428, .window = 64, .burst = 8 };
  const World one_port = { .size = 1 << 20, .blksize = 1428, .window = 64, .burst = 8, .one_port = TRUE };

  run (&world, 4);
  run (&one_port, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tftp/network/wrap", test_wrap);
  g_test_add_func ("/tftp/network/wrap-with-loss", test_wrap_with_loss);
  g_test_add_func ("/tftp/network/duplicates", test_duplicates);
  g_test_add_func ("/tftp/network/loss", test_loss);
  g_test_add_func ("/tftp/network/small-burst", test_small_burst);
  return g_test_run ();
}
