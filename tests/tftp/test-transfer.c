/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The transfer machine, by scripts: what is asked for, what may be granted and sent, and by whom. */
#include "script.h"

#include "base/error.h"

/* TFTP-1 */
static void
test_window (void)
{
  const Step steps[] = {
    START,
    { "10 tid oack tsize=5000 blksize=1428 timeout=1 windowsize=2", "send tid ack 0; timer 120" },
    { "20 tid data 1 1428", "deliver 1428; timer 130" },
    { "21 tid data 2 1428", "deliver 1428; send tid ack 2; timer 131" },
    { "30 tid data 3 1428", "deliver 1428; timer 139" },
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
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 120" },
    { "20 tid data 2 512", "deliver 512; send tid ack 2; timer 130" },
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
    { "10 tid oack blksize=1000", "send tid ack 0; timer 120" },
    { "20 tid data 1 1000", "deliver 1000; send tid ack 1; timer 130" },
    { "30 tid data 2 999", "deliver 999; send tid ack 2; done" },
  };
  const Step window_only[] = {
    START,
    { "10 tid oack WINDOWSIZE=3", "send tid ack 0; timer 120" },
    { "20 tid data 1 512", "deliver 512; timer 130" },
    { "20 tid data 2 512", "deliver 512; timer 130" },
    { "20 tid data 3 512", "deliver 512; send tid ack 3; timer 130" },
    { "30 tid data 4 0", "send tid ack 4; done" },
  };
  const Step nothing[] = {
    START,
    { "10 tid oack", "send tid ack 0; timer 120" },
    { "20 tid data 1 511", "deliver 511; send tid ack 1; done" },
  };
  const Step size_unknown[] = {
    START,
    { "10 tid oack tsize=0", "send tid ack 0; timer 120" },
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
    { "10 tid oack blksize=1000 windowsize=2", "send tid ack 0; timer 120" },
    { "11 tid2 oack blksize=512", "send tid2 error 5" },
    { "12 tid2 data 1 1000", "send tid2 error 5" },
    { "12 tid2 error 1 gone", "" },
    { "13 other data 1 1000", "send other error 5" },
    { "14 tid oack blksize=8", "" },
    { "15 tid ack 0", "" },
    { "20 tid data 1 1000", "deliver 1000; timer 130" },
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
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 120" },
    { "11 tid data 1 512", "" },
    { "12 tid data 1 512", "" },
    { "20 tid data 2 512", "deliver 512; send tid ack 2; timer 130" },
    { "21 tid data 1 512", "" },
    { "22 tid data 2 512", "" },
    { "30 tid data 3 5", "deliver 5; send tid ack 3; done" },
  };
  const Step window[] = {
    START,
    { "10 tid oack blksize=8 windowsize=4", "send tid ack 0; timer 120" },
    { "20 tid data 1 8", "deliver 8; timer 130" },
    { "21 tid data 3 8", "send tid ack 1; timer 131" },
    { "22 tid data 4 8", "" },
    { "30 tid data 2 8", "deliver 8; timer 140" },
    { "31 tid data 4 8", "send tid ack 2; timer 141" },
    { "31 tid data 5 8", "" },
    { "40 tid data 3 8", "deliver 8; timer 150" },
    { "41 tid data 4 8", "deliver 8; timer 151" },
    { "42 tid data 3 8", "" },
    { "43 tid data 5 8", "deliver 8; timer 153" },
    { "44 tid data 6 0", "send tid ack 6; done" },
  };

  RUN (lockstep);
  RUN (window);
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
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 120" },
    { "20 tid error 3 disk", "fail Failed: the server answered with error 3 (“disk”)" },
  };
  /* what would be a reason to ask without options comes too late to be one */
  const Step options_late[] = {
    START,
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 120" },
    { "20 tid error 8 no", "fail Failed: the server answered with error 8 (“no”)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    RUN (steps[i]);
  RUN (middle);
  RUN (options_late);
}

/* TFTP-1: the bounds on what a server may send */
static void
test_bounds (void)
{
  RsTftpSettings settings = script_settings ();
  const Step cap[] = {
    START,
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 120" },
    { "20 tid data 2 489", "send tid error 3; fail Corrupt: the file is larger than 1000 bytes" },
  };
  const Step exact[] = {
    START,
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 120" },
    { "20 tid data 2 488", "deliver 488; send tid ack 2; done" },
  };
  const Step long_block[] = {
    START,
    { "10 tid data 1 513",
      "send tid error 4; fail Failed: the server sent a block of 513 bytes where 512 were agreed" },
  };
  const Step more_than_told[] = {
    START,
    { "10 tid oack tsize=10", "send tid ack 0; timer 120" },
    { "20 tid data 1 11", "send tid error 0; fail Failed: the server sent more than the 10 bytes it had told of" },
  };
  const Step less_than_told[] = {
    START,
    { "10 tid oack tsize=10", "send tid ack 0; timer 120" },
    { "20 tid data 1 9", "deliver 9; send tid ack 1; fail Unreachable: the transfer ended before the whole file had "
                         "come (9 of 10 bytes)" },
  };

  settings.max_bytes = 1000;
  script_run (&settings, cap, G_N_ELEMENTS (cap));
  script_run (&settings, exact, G_N_ELEMENTS (exact));
  script_run (&settings, long_block, G_N_ELEMENTS (long_block));
  script_run (&settings, more_than_told, G_N_ELEMENTS (more_than_told));
  script_run (&settings, less_than_told, G_N_ELEMENTS (less_than_told));
}

/* UPG-3: a file that nobody takes any more is refused where the server said its size, or in the middle */
static void
test_refused (void)
{
  const Step told[] = {
    START,
    { "10 tid oack tsize=5000 blksize=1428", "send tid ack 0; timer 120" },
    { "10 refuse", "send tid error 3" },
    { "20 tid data 1 1428", "" },
    { "9999 timer", "" },
    { "9999 refuse", "" },
  };
  const Step on_the_way[] = {
    START,
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 120" },
    { "20 tid data 2 512", "deliver 512; send tid ack 2; timer 130" },
    { "20 refuse", "send tid error 3" },
    { "30 tid data 3 512", "" },
  };
  /* nobody is there yet who could be told */
  const Step unheard[] = {
    START,
    { "10 refuse", "" },
    { "20 tid data 1 512", "" },
  };

  RUN (told);
  RUN (on_the_way);
  RUN (unheard);
}

/* Gives one datagram of the server's; how many bytes came of it. */
static gsize
delivered (RsTftpTransfer *transfer, const guint8 *data, gsize length)
{
  RsTftpActions actions;
  gsize n = 0;

  rs_tftp_transfer_datagram (transfer, script_peer ("tid"), data, length, 1000, &actions);
  for (guint i = 0; i < actions.n; i++)
    n += actions.list[i].kind == RS_TFTP_ACTION_DELIVER ? actions.list[i].length : 0;
  return n;
}

/* TFTP-2: in a window block 1 after 65535 may be the one that comes after a lost block 0, and is not taken for it */
static void
test_from_65535_to_1 (void)
{
  static const char granted[] = "\0\6blksize\0" "8\0windowsize\0" "2";
  RsTftpSettings settings = script_settings ();
  g_autoptr (RsTftpTransfer) transfer = NULL;
  RsTftpActions actions;
  guint8 block[12] = { 0, 3 };

  settings.max_bytes = 1 << 20;
  transfer = rs_tftp_transfer_new (&settings, NULL);
  rs_tftp_transfer_start (transfer, 0, &actions);
  g_assert_cmpuint (delivered (transfer, (const guint8 *)granted, sizeof granted), ==, 0);
  for (guint number = 1; number <= G_MAXUINT16; number++)
    {
      block[2] = (guint8)(number >> 8);
      block[3] = (guint8)number;
      g_assert_cmpuint (delivered (transfer, block, sizeof block), ==, 8);
    }
  block[2] = 0;
  block[3] = 1;
  g_assert_cmpuint (delivered (transfer, block, sizeof block), ==, 0);
  block[3] = 0;
  g_assert_cmpuint (delivered (transfer, block, sizeof block), ==, 8);
}

static void
test_bad_name (void)
{
  RsTftpSettings settings = script_settings ();
  g_autoptr (GError) error = NULL;

  settings.file = "";
  g_assert_null (rs_tftp_transfer_new (&settings, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
}

/* Anything from anywhere in any order: no crash, and always an end. */
static void
test_random_datagrams (void)
{
  const char *const names[] = { "tid", "tid2", "other" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint round = 0; round < 2000; round++)
    {
      RsTftpSettings settings = script_settings ();
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
          rs_tftp_transfer_datagram (transfer, script_peer (names[g_rand_int_range (rand, 0, G_N_ELEMENTS (names))]), data, length, now,
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
  g_test_add_func ("/tftp/transfer/errors", test_errors);
  g_test_add_func ("/tftp/transfer/bounds", test_bounds);
  g_test_add_func ("/tftp/transfer/refused", test_refused);
  g_test_add_func ("/tftp/transfer/from-65535-to-1", test_from_65535_to_1);
  g_test_add_func ("/tftp/transfer/bad-name", test_bad_name);
  g_test_add_func ("/tftp/transfer/random-datagrams", test_random_datagrams);
  return g_test_run ();
}
