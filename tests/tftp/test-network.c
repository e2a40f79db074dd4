/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The transfer machine against a server and a network that exist in memory only: a delay, loss, duplicates and
 * reordering, all in virtual time and from a fixed seed. Shows that files arrive whole past the wrap of block numbers,
 * how much traffic that takes, and that there is always an end. */
#include "base/error.h"
#include "tftp/packet.h"
#include "tftp/transfer.h"

#include <string.h>

#define MS    ((gint64)1000)
#define NEVER G_MAXINT64

#define GIVE_UP (15000 * MS)

typedef struct
{
  guint64 size;
  guint blksize;     /* granted; 0: the server ignores options */
  guint window;      /* granted */
  guint loss;        /* per mille, each way */
  guint duplicate;   /* per mille */
  guint reorder;     /* per mille: comes 5 ms late */
  guint burst;       /* what the way holds of a burst of data; 0: everything */
  guint far_after;   /* blocks after which the way takes 600 ms rather than 10, and the server waits for 5 s; 0: never */
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
  gint64 progress_at; /* when the file last grew or began again */
  guint restarts;
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

static gboolean
is_far (Net *net)
{
  return net->world->far_after > 0 && net->acked >= net->world->far_after;
}

static gint64
server_patience (Net *net)
{
  return is_far (net) ? 5000 * MS : 1000 * MS;
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
      flight->at = net->now + (is_far (net) ? 600 : 10) * MS + (chance (net, net->world->reorder) ? 5 * MS : 0);
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
  net->server_timer = net->now + server_patience (net);
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
  net->server_timer = net->now + server_patience (net);
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
          net->progress_at = net->now;
        }
      else if (action->kind == RS_TFTP_ACTION_RESTART)
        {
          g_assert_cmpuint (++net->restarts, <=, 3);
          net->delivered = 0;
          net->progress_at = net->now;
        }
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

/* Runs a whole transfer, whatever its end, which must come. */
static void
run_to_end (const World *world, guint32 seed, Net *net)
{
  RsTftpSettings settings
      = { .server = server, .file = "f", .max_bytes = G_GUINT64_CONSTANT (1) << 30, .give_up = GIVE_UP };
  g_autoptr (RsTftpTransfer) transfer = rs_tftp_transfer_new (&settings, NULL);
  RsTftpActions actions;

  *net = (Net){
    .world = world, .rand = g_rand_new_with_seed (seed), .client_timer = NEVER, .server_timer = NEVER
  };
  g_queue_init (&net->flights);
  rs_tftp_transfer_start (transfer, 0, &actions);
  do_actions (net, &actions);
  while (!net->done && net->failure == NULL)
    {
      step (net, transfer);
      /* once for the answer to a request, once for the file */
      g_assert_cmpint (net->now - net->progress_at, <=, 2 * GIVE_UP);
    }
  g_queue_clear_full (&net->flights, g_free);
  g_rand_free (net->rand);
}

/* Runs a transfer that must end well; most: datagrams of data that the server may send for each block of the file. */
static void
run (const World *world, double most)
{
  Net net;

  run_to_end (world, 7, &net);
  g_assert_cmpstr (net.failure, ==, NULL);
  g_assert_cmpuint (net.delivered, ==, world->size);
  g_test_message ("%" G_GUINT64_FORMAT " bytes in %.1f s, %.3f datagrams a block, %u requests", world->size,
                  (double)net.now / 1e6, (double)net.data_datagrams / (double)net.blocks, net.requests);
  g_assert_cmpfloat ((double)net.data_datagrams, <=, most * (double)net.blocks);
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

/* TFTP-3, TFTP-4: a way that becomes much longer than the time-out doubles nothing for long */
static void
test_longer_way (void)
{
  const World lockstep = { .size = 300000, .blksize = 1428, .window = 1, .far_after = 50, .sorcerer = TRUE };
  const World window = { .size = 300000, .blksize = 1428, .window = 16, .far_after = 48 };

  run (&lockstep, 1.1);
  run (&window, 1.6);
}

static guint
one_of (GRand *rand, const guint *list, guint n)
{
  return list[g_rand_int_range (rand, 0, (gint32)n)];
}

/* TFTP-1, TFTP-3, TFTP-4: whatever is lost, doubled or out of order, the file comes whole or silence is told of */
static void
test_any_pattern (void)
{
  const guint losses[] = { 0, 10, 100, 300, 700, 950, 1000 };
  const guint others[] = { 0, 0, 50, 500 };
  const guint windows[] = { 1, 2, 8, 64 };
  const guint blksizes[] = { 0, 8, 512, 1428 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  guint whole = 0, silent = 0;

  for (guint32 seed = 0; seed < 1500; seed++)
    {
      World world = { .loss = one_of (rand, losses, G_N_ELEMENTS (losses)),
                      .duplicate = one_of (rand, others, G_N_ELEMENTS (others)),
                      .reorder = one_of (rand, others, G_N_ELEMENTS (others)),
                      .window = one_of (rand, windows, G_N_ELEMENTS (windows)),
                      .blksize = one_of (rand, blksizes, G_N_ELEMENTS (blksizes)),
                      .one_port = g_rand_boolean (rand),
                      .sorcerer = g_rand_boolean (rand) };
      guint blocks = (guint)g_rand_int_range (rand, 1, 200);
      Net net;

      world.size = (guint64)MAX (world.blksize, 8) * blocks - (guint)g_rand_int_range (rand, 0, 8);
      run_to_end (&world, seed, &net);
      if (net.done)
        {
          g_assert_cmpuint (net.delivered, ==, world.size);
          whole++;
          continue;
        }
      silent++;
      g_assert_cmpuint (world.loss, >=, 300);
      g_assert_true (g_str_has_prefix (net.failure, "no answer within 15 seconds")
                     || g_str_has_prefix (net.failure, "the server fell silent for 15 seconds"));
      g_free (net.failure);
    }
  g_test_message ("%u whole, %u silent", whole, silent);
  g_assert_cmpuint (whole, >, 700);
  g_assert_cmpuint (silent, >, 200);
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
  g_test_add_func ("/tftp/network/longer-way", test_longer_way);
  g_test_add_func ("/tftp/network/any-pattern", test_any_pattern);
  return g_test_run ();
}
