/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The transfer machine, by tables: a line is an event, beside it stands what the machine must answer. Times are
 * milliseconds.
 *
 * Events: "TIME start", "TIME timer", "TIME WHO data BLOCK LENGTH", "TIME WHO oack NAME=VALUE…", "TIME WHO error CODE
 * TEXT", "TIME WHO ack BLOCK", "TIME WHO junk". WHO: tid (the server's port of this transfer), tid2 (another port of
 * the server), other (another host). */
#include "base/error.h"
#include "tftp/packet.h"
#include "tftp/transfer.h"

#include <string.h>

typedef struct
{
  const char *event;
  const char *answer;
} Step;

static const RsTftpEndpoint server = { { 192, 0, 2, 1 }, 4, 69 };
static const struct
{
  const char *name;
  RsTftpEndpoint endpoint;
} peers[] = {
  { "server", { { 192, 0, 2, 1 }, 4, 69 } },
  { "tid", { { 192, 0, 2, 1 }, 4, 2000 } },
  { "tid2", { { 192, 0, 2, 1 }, 4, 2001 } },
  { "other", { { 192, 0, 2, 9 }, 4, 2000 } },
};

static const RsTftpEndpoint *
peer_by_name (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      if (g_str_equal (peers[i].name, name))
        return &peers[i].endpoint;
    }
  g_error ("no peer %s", name);
}

static const char *
peer_name (const RsTftpEndpoint *endpoint)
{
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      if (rs_tftp_endpoint_equal (&peers[i].endpoint, endpoint))
        return peers[i].name;
    }
  return "nobody";
}

/* The options of a request or OACK as "name=value …". */
static void
append_options (GString *out, const char *p, const char *end)
{
  while (p < end)
    {
      const char *value = p + strlen (p) + 1;

      g_string_append_printf (out, " %s=%s", p, value);
      p = value + strlen (value) + 1;
    }
}

static void
append_datagram (GString *out, const guint8 *data, gsize length)
{
  const char *text = (const char *)data + 2;
  guint number = (guint)data[2] << 8 | data[3];

  g_assert_cmpuint (data[0], ==, 0);
  if (data[1] == RS_TFTP_OPCODE_READ)
    {
      const char *mode = text + strlen (text) + 1;

      g_string_append_printf (out, "read %s %s", text, mode);
      append_options (out, mode + strlen (mode) + 1, (const char *)data + length);
    }
  else if (data[1] == RS_TFTP_OPCODE_ACK)
    g_string_append_printf (out, "ack %u", number);
  else
    {
      g_assert_cmpuint (data[1], ==, RS_TFTP_OPCODE_ERROR);
      g_assert_cmpuint (data[length - 1], ==, 0);
      g_string_append_printf (out, "error %u", number);
    }
}

static void
append_action (GString *out, const RsTftpAction *action)
{
  if (out->len > 0)
    g_string_append (out, "; ");
  switch (action->kind)
    {
    case RS_TFTP_ACTION_SEND:
      g_string_append_printf (out, "send %s ", peer_name (&action->to));
      append_datagram (out, action->data, action->length);
      break;
    case RS_TFTP_ACTION_DELIVER:
      g_string_append_printf (out, "deliver %" G_GSIZE_FORMAT, action->length);
      break;
    case RS_TFTP_ACTION_RESTART:
      g_string_append (out, "restart");
      break;
    case RS_TFTP_ACTION_TIMER:
      g_string_append_printf (out, "timer %" G_GINT64_FORMAT, action->at / 1000);
      break;
    case RS_TFTP_ACTION_DONE:
      g_string_append (out, "done");
      break;
    case RS_TFTP_ACTION_FAIL:
      g_assert_true (action->error->domain == RS_ERROR);
      g_string_append_printf (out, "fail %s: %s", rs_error_name (action->error->code), action->error->message);
      break;
    default:
      g_assert_not_reached ();
    }
}

static GByteArray *
datagram_from_words (char **words)
{
  GByteArray *out = g_byte_array_new ();
  const char *kind = words[0];
  guint8 head[4] = { 0, 0, 0, 0 };
  guint number = g_strv_length (words) > 1 ? (guint)g_ascii_strtoull (words[1], NULL, 10) : 0;

  head[2] = (guint8)(number >> 8);
  head[3] = (guint8)number;
  head[1] = g_str_equal (kind, "data")    ? RS_TFTP_OPCODE_DATA
            : g_str_equal (kind, "ack")   ? RS_TFTP_OPCODE_ACK
            : g_str_equal (kind, "error") ? RS_TFTP_OPCODE_ERROR
            : g_str_equal (kind, "oack")  ? RS_TFTP_OPCODE_OACK
                                          : 99;
  g_byte_array_append (out, head, g_str_equal (kind, "oack") ? 2 : 4);
  if (g_str_equal (kind, "data"))
    g_byte_array_set_size (out, 4 + (guint)g_ascii_strtoull (words[2], NULL, 10));
  else if (g_str_equal (kind, "error"))
    {
      g_autofree char *text = g_strjoinv (" ", words + 2);
      g_byte_array_append (out, (const guint8 *)text, strlen (text) + 1);
    }
  else if (g_str_equal (kind, "oack"))
    {
      for (guint i = 1; words[i] != NULL; i++)
        {
          g_auto (GStrv) pair = g_strsplit (words[i], "=", 2);

          g_byte_array_append (out, (const guint8 *)pair[0], strlen (pair[0]) + 1);
          g_byte_array_append (out, (const guint8 *)pair[1], strlen (pair[1]) + 1);
        }
    }
  return out;
}

static void
do_event (RsTftpTransfer *transfer, const char *event, RsTftpActions *actions)
{
  g_auto (GStrv) words = g_strsplit (event, " ", -1);
  gint64 now = g_ascii_strtoll (words[0], NULL, 10) * 1000;
  g_autoptr (GByteArray) datagram = NULL;

  if (g_str_equal (words[1], "start"))
    rs_tftp_transfer_start (transfer, now, actions);
  else if (g_str_equal (words[1], "timer"))
    rs_tftp_transfer_timeout (transfer, now, actions);
  else
    {
      datagram = datagram_from_words (words + 2);
      rs_tftp_transfer_datagram (transfer, peer_by_name (words[1]), datagram->data, datagram->len, now, actions);
    }
}

static void
run (const RsTftpSettings *settings, const Step *steps, guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsTftpTransfer) transfer = rs_tftp_transfer_new (settings, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GString) answer = g_string_new (NULL);
      RsTftpActions actions;

      g_test_message ("%s", steps[i].event);
      do_event (transfer, steps[i].event, &actions);
      for (guint k = 0; k < actions.n; k++)
        append_action (answer, &actions.list[k]);
      g_assert_cmpstr (answer->str, ==, steps[i].answer);
    }
}

static RsTftpSettings
default_settings (void)
{
  RsTftpSettings settings = { .server = server, .file = "f", .max_bytes = 100000, .give_up = 15 * 1000 * 1000 };

  return settings;
}

#define RUN(steps)                                                                                                     \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    RsTftpSettings settings_ = default_settings ();                                                                    \
    run (&settings_, steps, G_N_ELEMENTS (steps));                                                                     \
  }                                                                                                                    \
  G_STMT_END

#define READ "send server read f octet tsize=0 blksize=1428 timeout=1 windowsize=64"
#define START                                                                                                          \
  {                                                                                                                    \
    "0 start", READ "; timer 1000"                                                                                     \
  }

/* TFTP-1 */
static void
test_window (void)
{
  const Step steps[] = {
    START,
    { "10 tid oack tsize=5000 blksize=1428 timeout=1 windowsize=2", "send tid ack 0; timer 210" },
    { "20 tid data 1 1428", "deliver 1428; timer 220" },
    { "21 tid data 2 1428", "deliver 1428; send tid ack 2; timer 221" },
    { "30 tid data 3 1428", "deliver 1428; timer 230" },
    { "31 tid data 4 716", "deliver 716; send tid ack 4; done" },
    { "32 tid data 4 716", "" },
    { "9999 timer", "" },
  };

  RUN (steps);
}

/* TFTP-1: a server that knows no options */
static void
test_options_ignored (void)
{
  const Step steps[] = {
    START,
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 210" },
    { "20 tid data 2 512", "deliver 512; send tid ack 2; timer 220" },
    { "30 tid data 3 0", "send tid ack 3; done" },
  };

  RUN (steps);
}

/* TFTP-1: a server that refuses options with an error gets a request without any */
static void
test_options_refused (void)
{
  const Step steps[] = {
    START,
    { "10 tid error 8 no options", "send server read f octet; timer 1010" },
    { "11 tid error 8 no options", "" },
    { "1010 timer", "send server read f octet; timer 3010" },
    { "1020 tid2 oack blksize=512", "" },
    { "1030 tid2 data 1 100", "deliver 100; send tid2 ack 1; done" },
  };
  const Step twice[] = {
    START,
    { "10 tid error 4 illegal", "send server read f octet; timer 1010" },
    { "20 tid2 error 4 illegal", "fail Failed: the server answered with error 4 (“illegal”)" },
  };

  RUN (steps);
  RUN (twice);
}

/* TFTP-1: every subset of what was asked for may be granted */
static void
test_smaller_grants (void)
{
  const Step blksize_only[] = {
    START,
    { "10 tid oack blksize=1000", "send tid ack 0; timer 210" },
    { "20 tid data 1 1000", "deliver 1000; send tid ack 1; timer 220" },
    { "30 tid data 2 999", "deliver 999; send tid ack 2; done" },
  };
  const Step window_only[] = {
    START,
    { "10 tid oack WINDOWSIZE=3", "send tid ack 0; timer 210" },
    { "20 tid data 1 512", "deliver 512; timer 220" },
    { "20 tid data 2 512", "deliver 512; timer 220" },
    { "20 tid data 3 512", "deliver 512; send tid ack 3; timer 220" },
    { "30 tid data 4 0", "send tid ack 4; done" },
  };
  const Step nothing[] = {
    START,
    { "10 tid oack", "send tid ack 0; timer 210" },
    { "20 tid data 1 511", "deliver 511; send tid ack 1; done" },
  };
  const Step size_unknown[] = {
    START,
    { "10 tid oack tsize=0", "send tid ack 0; timer 210" },
    { "20 tid data 1 511", "deliver 511; send tid ack 1; done" },
  };

  RUN (blksize_only);
  RUN (window_only);
  RUN (nothing);
  RUN (size_unknown);
}

#define TOO_MUCH "send tid error 8; fail Failed: the server granted options that cannot be: "

/* TFTP-3 */
static void
test_larger_grants (void)
{
  const Step steps[][2] = {
    { START, { "10 tid oack blksize=1429", TOO_MUCH "an option is larger than asked for" } },
    { START, { "10 tid oack windowsize=65", TOO_MUCH "an option is larger than asked for" } },
    { START, { "10 tid oack timeout=2", TOO_MUCH "an option is larger than asked for" } },
    { START, { "10 tid oack multicast=1", TOO_MUCH "option “multicast” is unknown or there twice" } },
    { START, { "10 tid oack blksize=x", TOO_MUCH "option blksize: “x” is not a whole number from 8 to 65464" } },
    { START,
      { "10 tid oack tsize=100001",
        "send tid error 3; fail Corrupt: the file has 100001 bytes, more than the 100000 that are allowed" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    RUN (steps[i]);
}

/* TFTP-3 */
static void
test_strangers (void)
{
  const Step steps[] = {
    START,
    { "5 other data 1 100", "send other error 5" },
    { "6 other oack blksize=512", "send other error 5" },
    { "7 other error 1 gone", "" },
    { "8 other junk", "" },
    { "9 tid junk", "" },
    { "9 tid data 2 512", "" },
    { "9 tid ack 1", "" },
    { "10 tid oack blksize=1000 windowsize=2", "send tid ack 0; timer 210" },
    { "11 tid2 oack blksize=512", "send tid2 error 5" },
    { "12 tid2 data 1 1000", "send tid2 error 5" },
    { "12 tid2 error 1 gone", "" },
    { "13 other data 1 1000", "send other error 5" },
    { "14 tid oack blksize=8", "" },
    { "15 tid ack 0", "" },
    { "20 tid data 1 1000", "deliver 1000; timer 220" },
    { "21 tid2 data 2 1000", "send tid2 error 5" },
    { "22 tid data 2 1", "deliver 1; send tid ack 2; done" },
    { "23 other data 1 1", "" },
  };

  RUN (steps);
}

/* TFTP-3: duplicates and late blocks are answered by nothing, a gap by one ACK */
static void
test_duplicates (void)
{
  const Step lockstep[] = {
    START,
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 210" },
    { "11 tid data 1 512", "" },
    { "12 tid data 1 512", "" },
    { "20 tid data 2 512", "deliver 512; send tid ack 2; timer 220" },
    { "21 tid data 1 512", "" },
    { "22 tid data 2 512", "" },
    { "30 tid data 3 5", "deliver 5; send tid ack 3; done" },
  };
  const Step window[] = {
    START,
    { "10 tid oack blksize=8 windowsize=4", "send tid ack 0; timer 210" },
    { "20 tid data 1 8", "deliver 8; timer 220" },
    { "21 tid data 3 8", "send tid ack 1; timer 221" },
    { "22 tid data 4 8", "" },
    { "30 tid data 2 8", "deliver 8; timer 230" },
    { "31 tid data 4 8", "send tid ack 2; timer 231" },
    { "31 tid data 5 8", "" },
    { "40 tid data 3 8", "deliver 8; timer 240" },
    { "41 tid data 4 8", "deliver 8; timer 241" },
    { "42 tid data 3 8", "" },
    { "43 tid data 5 8", "deliver 8; timer 243" },
    { "44 tid data 6 0", "send tid ack 6; done" },
  };

  RUN (lockstep);
  RUN (window);
}

/* TFTP-4: silence, with retransmission and back-off */
static void
test_silence (void)
{
  const Step never[] = {
    START,
    { "999 timer", "timer 1000" },
    { "1000 timer", READ "; timer 3000" },
    { "3000 timer", READ "; timer 7000" },
    { "7000 timer", READ "; timer 15000" },
    { "15000 timer", "fail Unreachable: no answer within 15 seconds" },
    { "15001 tid data 1 1", "" },
  };
  const Step later[] = {
    START,
    { "10 tid oack blksize=1000 windowsize=4", "send tid ack 0; timer 210" },
    { "210 timer", "send tid ack 0; timer 610" },
    { "220 tid data 1 1000", "deliver 1000; timer 420" },
    { "230 tid data 2 1000", "deliver 1000; timer 430" },
    { "430 timer", "send tid ack 2; timer 830" },
    { "830 timer", "send tid ack 2; timer 1630" },
    { "1630 timer", "send tid ack 2; timer 3230" },
    { "3230 timer", "send tid ack 2; timer 6430" },
    { "6430 timer", "send tid ack 2; timer 12830" },
    { "12830 timer", "send tid ack 2; timer 15230" },
    { "15230 timer", "fail Unreachable: the server fell silent for 15 seconds after 2000 bytes" },
  };

  RUN (never);
  RUN (later);
}

/* TFTP-4 */
static void
test_errors (void)
{
  const Step steps[][2] = {
    { START,
      { "10 tid error 1 File not found", "fail NotFound: the server answered with error 1 (“File not found”)" } },
    { START, { "10 tid error 1 ", "fail NotFound: the server answered with error 1" } },
    { START, { "10 tid error 0 \x1b[2J", "fail Failed: the server answered with error 0 (“\\x1b[2J”)" } },
    { START, { "10 tid error 2 denied", "fail Failed: the server answered with error 2 (“denied”)" } },
    { START, { "10 tid error 65535 ?", "fail Failed: the server answered with error 65535 (“?”)" } },
  };
  const Step middle[] = {
    START,
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 210" },
    { "20 tid error 3 disk", "fail Failed: the server answered with error 3 (“disk”)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    RUN (steps[i]);
  RUN (middle);
}

/* TFTP-1: the time-out is four round trips, at least 200 ms */
static void
test_adaptive_timeout (void)
{
  const Step steps[] = {
    START,
    { "300 tid oack blksize=1000", "send tid ack 0; timer 1500" },
    { "600 tid data 1 1000", "deliver 1000; send tid ack 1; timer 1800" },
    { "620 tid data 2 1000", "deliver 1000; send tid ack 2; timer 1680" },
    { "1680 timer", "send tid ack 2; timer 3800" },
    /* the answer to an ACK that was sent twice measures nothing, and ends the back-off */
    { "1690 tid data 3 1000", "deliver 1000; send tid ack 3; timer 2750" },
  };

  RUN (steps);
}

/* TFTP-1: the bounds on what a server may send */
static void
test_bounds (void)
{
  RsTftpSettings settings = default_settings ();
  const Step cap[] = {
    START,
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 210" },
    { "20 tid data 2 489", "send tid error 3; fail Corrupt: the file is larger than 1000 bytes" },
  };
  const Step exact[] = {
    START,
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 210" },
    { "20 tid data 2 488", "deliver 488; send tid ack 2; done" },
  };
  const Step long_block[] = {
    START,
    { "10 tid data 1 513",
      "send tid error 4; fail Failed: the server sent a block of 513 bytes where 512 were agreed" },
  };
  const Step more_than_told[] = {
    START,
    { "10 tid oack tsize=10", "send tid ack 0; timer 210" },
    { "20 tid data 1 11", "send tid error 0; fail Failed: the server sent more than the 10 bytes it had told of" },
  };
  const Step less_than_told[] = {
    START,
    { "10 tid oack tsize=10", "send tid ack 0; timer 210" },
    { "20 tid data 1 9", "deliver 9; send tid ack 1; fail Unreachable: the transfer ended before the whole file had "
                         "come (9 of 10 bytes)" },
  };

  settings.max_bytes = 1000;
  run (&settings, cap, G_N_ELEMENTS (cap));
  run (&settings, exact, G_N_ELEMENTS (exact));
  run (&settings, long_block, G_N_ELEMENTS (long_block));
  run (&settings, more_than_told, G_N_ELEMENTS (more_than_told));
  run (&settings, less_than_told, G_N_ELEMENTS (less_than_told));
}

static void
test_bad_name (void)
{
  RsTftpSettings settings = default_settings ();
  g_autoptr (GError) error = NULL;

  settings.file = "";
  g_assert_null (rs_tftp_transfer_new (&settings, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
}

/* Anything from anywhere in any order: no crash, and always an end. */
static void
test_random_datagrams (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint round = 0; round < 2000; round++)
    {
      RsTftpSettings settings = default_settings ();
      g_autoptr (RsTftpTransfer) transfer = rs_tftp_transfer_new (&settings, NULL);
      RsTftpActions actions;
      gint64 now = 0;

      rs_tftp_transfer_start (transfer, now, &actions);
      for (guint i = 0; i < 50; i++)
        {
          guint8 data[64];
          gsize length = (gsize)g_rand_int_range (rand, 0, sizeof data + 1);

          for (gsize k = 0; k < length; k++)
            data[k] = (guint8)g_rand_int_range (rand, 0, k < 4 ? 8 : 256);
          if (length > 1)
            data[0] = 0;
          now += g_rand_int_range (rand, 0, 300000);
          rs_tftp_transfer_datagram (transfer, &peers[g_rand_int_range (rand, 1, 4)].endpoint, data, length, now,
                                     &actions);
          g_assert_cmpuint (actions.n, <=, RS_TFTP_ACTIONS_MAX);
          rs_tftp_transfer_timeout (transfer, now, &actions);
        }
      now += settings.give_up;
      rs_tftp_transfer_timeout (transfer, now, &actions);
      g_assert_true (actions.n == 0 || actions.list[0].kind == RS_TFTP_ACTION_FAIL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tftp/transfer/window", test_window);
  g_test_add_func ("/tftp/transfer/options-ignored", test_options_ignored);
  g_test_add_func ("/tftp/transfer/options-refused", test_options_refused);
  g_test_add_func ("/tftp/transfer/smaller-grants", test_smaller_grants);
  g_test_add_func ("/tftp/transfer/larger-grants", test_larger_grants);
  g_test_add_func ("/tftp/transfer/strangers", test_strangers);
  g_test_add_func ("/tftp/transfer/duplicates", test_duplicates);
  g_test_add_func ("/tftp/transfer/silence", test_silence);
  g_test_add_func ("/tftp/transfer/errors", test_errors);
  g_test_add_func ("/tftp/transfer/adaptive-timeout", test_adaptive_timeout);
  g_test_add_func ("/tftp/transfer/bounds", test_bounds);
  g_test_add_func ("/tftp/transfer/bad-name", test_bad_name);
  g_test_add_func ("/tftp/transfer/random-datagrams", test_random_datagrams);
  return g_test_run ();
}
