/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file written by TFTP: the input says which datagrams come when, and when time passes; a model server takes what is sent. */
#include "tftp-peers.h"

#include "base/error.h"
#include "tftp/packet.h"
#include "tftp/upload.h"

#include <string.h>

#define SECOND ((gint64)1000000)
/* so that an input takes milliseconds */
#define STEPS_MAX 2000
/* the timer backs off to seconds, so that no patience of the settings takes more expiries than this */
#define EXPIRIES_MAX 1000

typedef enum
{
  EVENT_ACK, /* near the one that is waited for */
  EVENT_ACKS, /* many in a row, as they should come */
  EVENT_OPTIONS,
  EVENT_ERROR,
  EVENT_RAW,
  EVENT_WAIT,
  EVENT_EXPIRE,
  N_EVENTS,
} Event;

typedef struct
{
  RsTftpUpload *upload;
  RsTftpUploadSettings settings;
  gint64 now;
  gint64 due;       /* of the timer; -1: none */
  guint blksize;    /* that was granted */
  guint64 block;    /* the last one that was sent; 0: the request */
  gsize last;       /* its length */
  gboolean ended;
  guint steps;
  GString *out;
} World;

/* A block is the one before it again, or the next one, and holds what stands there in the file. */
static void
check_data (World *world, const RsTftpAction *action)
{
  gsize size, length = action->length - 4;
  const guint8 *bytes = g_bytes_get_data (world->settings.bytes, &size);
  guint16 number = (guint16)(action->data[2] << 8 | action->data[3]);
  gsize start;

  if (number != (guint16)world->block || world->block == 0)
    {
      g_assert_true (world->block == 0 || world->last == world->blksize);
      world->block++;
    }
  g_assert_cmpuint (number, ==, (guint16)world->block);
  start = (world->block - 1) * world->blksize;
  g_assert_cmpuint (start, <=, size);
  g_assert_cmpuint (length, ==, MIN (world->blksize, size - start));
  g_assert_true (length == 0 || memcmp (action->data + 4, bytes + start, length) == 0);
  world->last = length;
}

static void
check_send (World *world, const RsTftpAction *action, const RsTftpEndpoint *from)
{
  RsTftpOpcode opcode = action->data[1];

  fuzz_tftp_check_receiver (action, &world->settings.server, from);
  g_assert_true (opcode == RS_TFTP_OPCODE_WRITE || opcode == RS_TFTP_OPCODE_DATA || opcode == RS_TFTP_OPCODE_ERROR);
  if (opcode == RS_TFTP_OPCODE_DATA)
    check_data (world, action);
}

/* Only after the last block, which is shorter than the others. */
static void
check_done (const World *world)
{
  g_assert_cmpuint (world->block, >, 0);
  g_assert_cmpuint (world->last, <, world->blksize);
  g_assert_cmpuint ((world->block - 1) * world->blksize + world->last, ==, g_bytes_get_size (world->settings.bytes));
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
        case RS_TFTP_ACTION_TIMER:
          world->due = action->at;
          break;
        case RS_TFTP_ACTION_DONE:
          check_done (world);
          world->ended = TRUE;
          break;
        case RS_TFTP_ACTION_FAIL:
          fuzz_check_error (FALSE, action->error);
          g_string_append_printf (world->out, "(%s)", action->error->message);
          world->ended = TRUE;
          break;
        case RS_TFTP_ACTION_DELIVER:
        case RS_TFTP_ACTION_RESTART:
        default:
          g_assert_not_reached ();
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

  world->steps++;
  rs_tftp_upload_datagram (world->upload, from, exact, length, world->now, &actions);
  take (world, &actions, from);
}

static void
expire (World *world)
{
  RsTftpActions actions;

  rs_tftp_upload_timeout (world->upload, world->now, &actions);
  take (world, &actions, NULL);
}

static void
give_ack (World *world, guint who, guint64 number)
{
  const guint8 data[] = { 0, RS_TFTP_OPCODE_ACK, (guint8)(number >> 8), (guint8)number };

  give (world, who, data, sizeof data);
}

/* One after the other, for as long as the machine goes on. */
static void
give_acks (World *world, guint who, guint n)
{
  guint64 before;

  do
    {
      before = world->block;
      give_ack (world, who, world->block);
    }
  while (n-- > 0 && !world->ended && world->block > before && world->steps < STEPS_MAX);
}

static void
give_options (World *world, guint who, FuzzInput *input)
{
  guint blksize = world->blksize;
  g_autoptr (GByteArray) data = fuzz_tftp_options (input, &blksize);

  /* the first answer counts, and what cannot be granted ends the transfer */
  if (world->block == 0)
    world->blksize = blksize;
  give (world, who, data->data, data->len);
  if (world->block == 0)
    world->blksize = RS_TFTP_BLKSIZE_DEFAULT;
}

static void
give_raw (World *world, guint who, FuzzInput *input)
{
  FuzzInput raw = fuzz_take (input, fuzz_byte (input));

  /* options come from the model alone, which knows what it granted */
  if (raw.size < 2 || raw.data[0] != 0 || raw.data[1] != RS_TFTP_OPCODE_OACK)
    give (world, who, raw.data, raw.size);
}

static void
give_error (World *world, guint who, FuzzInput *input)
{
  g_autoptr (GByteArray) data = fuzz_tftp_error (input);

  give (world, who, data->data, data->len);
}

static void
step (World *world, FuzzInput *input)
{
  guint8 what = fuzz_byte (input);
  guint who = what / N_EVENTS;

  switch ((Event)(what % N_EVENTS))
    {
    case EVENT_ACK:
      give_ack (world, who, world->block + (guint64)(gint8)fuzz_byte (input));
      break;
    case EVENT_ACKS:
      give_acks (world, who, fuzz_byte (input));
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

/* A file whose bytes say where they stand. */
static GBytes *
new_file (gsize size)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8)(i * 7 + (i >> 8));
  return g_bytes_new_take (bytes, size);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  g_autofree char *file = fuzz_line (&input);
  g_autoptr (GBytes) bytes = new_file (fuzz_uint16 (&input));
  g_autoptr (GError) error = NULL;
  World world = { .due = -1, .blksize = RS_TFTP_BLKSIZE_DEFAULT, .out = out };
  g_autoptr (RsTftpUpload) upload = NULL;
  RsTftpActions actions;

  world.settings.server = *fuzz_tftp_peer (0);
  world.settings.file = file;
  world.settings.bytes = bytes;
  world.settings.blksize = fuzz_uint16 (&input);
  world.settings.give_up = (1 + fuzz_byte (&input) % 64) * SECOND;
  if (world.settings.blksize < RS_TFTP_BLKSIZE_MIN || world.settings.blksize > RS_TFTP_BLKSIZE_MAX)
    world.settings.blksize = 0;
  world.upload = upload = rs_tftp_upload_new (&world.settings, &error);
  fuzz_check_error (upload != NULL, error);
  if (upload == NULL)
    return;
  rs_tftp_upload_start (upload, world.now, &actions);
  take (&world, &actions, NULL);
  while (!world.ended && input.size > 0 && world.steps < STEPS_MAX)
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
