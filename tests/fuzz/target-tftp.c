/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TFTP transfer: the input says which datagrams come when, well-formed ones of a model server among others, and when
 * time passes. */
#include "tftp-peers.h"

#include "base/error.h"
#include "tftp/packet.h"
#include "tftp/transfer.h"

#include <string.h>

#define SECOND ((gint64)1000000)
/* of the model server, so that an input takes milliseconds */
#define BLOCKS_MAX 1000
/* the timer backs off to seconds, so that no patience of the settings takes more expiries than this */
#define EXPIRIES_MAX 1000

typedef enum
{
  EVENT_BLOCK, /* of the model file, near the next one */
  EVENT_BLOCKS, /* many in a row, as they should come */
  EVENT_LAST_BLOCK,
  EVENT_OPTIONS,
  EVENT_ERROR,
  EVENT_RAW,
  EVENT_WAIT,
  EVENT_EXPIRE,
  N_EVENTS,
} Event;

typedef struct
{
  RsTftpTransfer *transfer;
  RsTftpSettings settings;
  gint64 now;
  gint64 due;       /* of the timer; -1: none */
  guint blksize;    /* of the model server */
  guint64 block;    /* that the machine must want now, from 1 */
  guint64 got;      /* bytes delivered since the last restart */
  gboolean model;   /* all data came from the model file so far */
  gboolean ended;
  guint given;      /* blocks of the model server */
  GString *out;
} World;

static void
check_send (const World *world, const RsTftpAction *action, const RsTftpEndpoint *from)
{
  RsTftpOpcode opcode = action->data[1];

  fuzz_tftp_check_receiver (action, &world->settings.server, from);
  g_assert_cmpuint (action->length, <=, sizeof ((RsTftpDatagram *)NULL)->data);
  g_assert_true (opcode == RS_TFTP_OPCODE_READ || opcode == RS_TFTP_OPCODE_ACK || opcode == RS_TFTP_OPCODE_ERROR);
}

static void
check_delivery (World *world, const RsTftpAction *action)
{
  g_assert_cmpuint (action->length, >, 0);
  world->got += action->length;
  g_assert_cmpuint (world->got, <=, world->settings.max_bytes);
  for (gsize i = 0; world->model && i < action->length; i++)
    g_assert_cmpuint (action->data[i], ==, (guint8)world->block);
  world->block++;
}

static void
check_end (World *world, const RsTftpAction *action)
{
  guint64 total = rs_tftp_transfer_get_total (world->transfer);

  world->ended = TRUE;
  if (action->kind == RS_TFTP_ACTION_DONE)
    g_assert_true (total == 0 || total == world->got);
  else
    {
      fuzz_check_error (FALSE, action->error);
      g_string_append_printf (world->out, "(%s)", action->error->message);
    }
}

static void
take (World *world, const RsTftpActions *actions, const RsTftpEndpoint *from)
{
  g_assert_cmpuint (actions->n, <=, RS_TFTP_ACTIONS_MAX);
  g_assert_true (!world->ended || actions->n == 0);
  for (guint i = 0; i < actions->n; i++)
    {
      const RsTftpAction *action = &actions->list[i];

      g_string_append_c (world->out, (char)('a' + action->kind));
      g_assert_false (world->ended);
      switch (action->kind)
        {
        case RS_TFTP_ACTION_SEND:
          check_send (world, action, from);
          break;
        case RS_TFTP_ACTION_DELIVER:
          check_delivery (world, action);
          break;
        case RS_TFTP_ACTION_RESTART:
          world->got = 0;
          world->block = 1;
          break;
        case RS_TFTP_ACTION_TIMER:
          world->due = action->at;
          break;
        case RS_TFTP_ACTION_DONE:
        case RS_TFTP_ACTION_FAIL:
          check_end (world, action);
          break;
        }
    }
  /* whatever happens, something is waited for */
  g_assert_true (world->ended || world->due >= 0);
}

static void
give (World *world, guint who, const guint8 *data, gsize length)
{
  const RsTftpEndpoint *from = fuzz_tftp_peer (who);
  g_autofree guint8 *exact = g_memdup2 (data, length);
  RsTftpActions actions;

  rs_tftp_transfer_datagram (world->transfer, from, exact, length, world->now, &actions);
  take (world, &actions, from);
}

static void
expire (World *world)
{
  RsTftpActions actions;

  rs_tftp_transfer_timeout (world->transfer, world->now, &actions);
  take (world, &actions, NULL);
}

/* A block of the model file: each of its bytes is the block's number. */
static void
give_block (World *world, guint who, guint64 number, gsize length)
{
  g_autofree guint8 *data = g_malloc (4 + length);

  world->given++;
  data[0] = 0;
  data[1] = RS_TFTP_OPCODE_DATA;
  data[2] = (guint8)(number >> 8);
  data[3] = (guint8)number;
  memset (data + 4, (guint8)number, length);
  give (world, who, data, 4 + length);
}

/* One after the other, for as long as the machine takes them. */
static void
give_blocks (World *world, guint who, guint n)
{
  guint64 before = 0;

  while (n-- > 0 && !world->ended && world->block > before)
    {
      before = world->block;
      give_block (world, who, world->block, world->blksize);
    }
}

static void
give_options (World *world, guint who, FuzzInput *input)
{
  guint blksize = world->blksize;
  g_autoptr (GByteArray) data = fuzz_tftp_options (input, &blksize);

  world->blksize = MAX (blksize, RS_TFTP_BLKSIZE_MIN);
  give (world, who, data->data, data->len);
}

static void
give_error (World *world, guint who, FuzzInput *input)
{
  g_autoptr (GByteArray) data = fuzz_tftp_error (input);

  give (world, who, data->data, data->len);
}

static void
give_raw (World *world, guint who, FuzzInput *input)
{
  FuzzInput raw = fuzz_take (input, fuzz_byte (input));

  world->model = FALSE;
  give (world, who, raw.data, raw.size);
}

static void
step (World *world, FuzzInput *input)
{
  guint8 what = fuzz_byte (input);
  guint who = what / N_EVENTS;

  switch ((Event)(what % N_EVENTS))
    {
    case EVENT_BLOCK:
      give_block (world, who, world->block + (guint64)(gint8)fuzz_byte (input), world->blksize);
      break;
    case EVENT_BLOCKS:
      give_blocks (world, who, fuzz_byte (input));
      break;
    case EVENT_LAST_BLOCK:
      give_block (world, who, world->block, fuzz_uint16 (input) % world->blksize);
      break;
    case EVENT_OPTIONS:
      give_options (world, who, input);
      break;
    case EVENT_ERROR:
      give_error (world, who, input);
      break;
    case EVENT_RAW:
      give_raw (world, who, input);
      break;
    case EVENT_WAIT:
      world->now += (gint64)fuzz_uint16 (input) * 1000;
      break;
    case EVENT_EXPIRE:
    default:
      world->now = MAX (world->now, world->due);
      expire (world);
      break;
    }
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  g_autofree char *file = fuzz_line (&input);
  g_autoptr (GError) error = NULL;
  World world = { .due = -1, .blksize = RS_TFTP_BLKSIZE_DEFAULT, .block = 1, .model = TRUE, .out = out };
  g_autoptr (RsTftpTransfer) transfer = NULL;
  RsTftpActions actions;

  world.settings.server = *fuzz_tftp_peer (0);
  world.settings.file = file;
  world.settings.blksize = fuzz_uint16 (&input);
  world.settings.windowsize = fuzz_byte (&input);
  world.settings.max_bytes = (guint64)fuzz_uint16 (&input) * 8;
  world.settings.give_up = (1 + fuzz_byte (&input) % 64) * SECOND;
  if (world.settings.blksize < RS_TFTP_BLKSIZE_MIN || world.settings.blksize > RS_TFTP_BLKSIZE_MAX)
    world.settings.blksize = 0;
  world.transfer = transfer = rs_tftp_transfer_new (&world.settings, &error);
  fuzz_check_error (transfer != NULL, error);
  if (transfer == NULL)
    return;
  rs_tftp_transfer_start (transfer, world.now, &actions);
  take (&world, &actions, NULL);
  while (!world.ended && input.size > 0 && world.given < BLOCKS_MAX)
    step (&world, &input);
  /* what comes late is answered by nothing */
  if (input.size > 0)
    step (&world, &input);
  /* from here on nobody answers: it ends, and soon */
  for (guint i = 0; !world.ended; i++)
    {
      g_assert_cmpuint (i, <, EXPIRIES_MAX);
      world.now = MAX (world.now, world.due);
      expire (&world);
    }
}
