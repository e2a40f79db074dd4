/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The machine that writes a file. (TFTP-5) */
#include "script.h"

#include "base/error.h"

#include <string.h>

#define WRITE(size) "send server write f octet tsize=" #size " blksize=1428 timeout=1; timer 1000"
#define BARE "send server write f octet"
#define SEND(steps, length) script_run_upload (length, steps, G_N_ELEMENTS (steps))

/* TFTP-5: options granted, whole and as the server likes them; the last block is shorter, and may be empty */
static void
test_whole (void)
{
  static const Step two[] = {
    { "0 start", WRITE (1500) },
    { "10 tid oack tsize=1500 blksize=1428 timeout=1", "send tid data 1 1428 from 0; timer 1010" },
    { "20 tid ack 1", "send tid data 2 72 from 148; timer 1020" },
    { "30 tid ack 2", "done" },
    { "40 tid ack 2", "" },
    { "50 timer", "" },
  };
  static const Step smaller[] = {
    { "0 start", WRITE (1024) },
    { "10 tid oack blksize=512", "send tid data 1 512 from 0; timer 1010" },
    { "20 tid ack 1", "send tid data 2 512 from 0; timer 1020" },
    { "30 tid ack 2", "send tid data 3 0 from 0; timer 1030" },
    { "40 tid ack 3", "done" },
  };
  static const Step empty[] = {
    { "0 start", WRITE (0) },
    { "10 tid ack 0", "send tid data 1 0 from 0; timer 1010" },
    { "20 tid ack 1", "done" },
  };

  SEND (two, 1500);
  SEND (smaller, 1024);
  SEND (empty, 0);
}

/* TFTP-1, TFTP-5: a server that ignores options gets blocks of 512; one that refuses them is asked without */
static void
test_without_options (void)
{
  static const Step ignored[] = {
    { "0 start", WRITE (600) },
    { "10 tid ack 0", "send tid data 1 512 from 0; timer 1010" },
    { "20 tid ack 1", "send tid data 2 88 from 0; timer 1020" },
    { "30 tid ack 2", "done" },
  };
  static const Step refused[] = {
    { "0 start", WRITE (600) },
    { "10 tid error 8 no options", BARE "; timer 1010" },
    { "15 tid2 oack blksize=512", "" },
    { "20 tid2 ack 0", "send tid2 data 1 512 from 0; timer 1020" },
    { "30 tid2 ack 1", "send tid2 data 2 88 from 0; timer 1030" },
    { "40 tid2 ack 2", "done" },
  };

  SEND (ignored, 600);
  SEND (refused, 600);
}

/* TFTP-3: what came before is answered by nothing, only the timer sends again and backs off; strangers get error 5 */
static void
test_disturbed (void)
{
  static const Step steps[] = {
    { "0 start", WRITE (600) },
    { "1000 timer", "send server write f octet tsize=600 blksize=1428 timeout=1; timer 3000" },
    { "1010 other ack 0", "send other error 5" },
    { "1010 tid ack 1", "" },
    { "1010 tid data 1 4", "" },
    { "1010 tid junk", "" },
    { "1020 tid ack 0", "send tid data 1 512 from 0; timer 2020" },
    { "1500 timer", "timer 2020" },
    { "2020 timer", "send tid data 1 512 from 0; timer 4020" },
    { "2030 tid ack 0", "" },
    { "2030 tid ack 2", "" },
    { "2030 tid2 ack 1", "send tid2 error 5" },
    { "2030 tid2 error 4 x", "" },
    { "2040 tid oack blksize=8", "" },
    { "4020 timer", "send tid data 1 512 from 0; timer 8020" },
    { "4030 tid ack 1", "send tid data 2 88 from 0; timer 5030" },
    { "4040 tid ack 1", "" },
    { "4050 tid ack 2", "done" },
  };

  SEND (steps, 600);
}

/* TFTP-4, TFTP-5: errors of the server, silence, and options larger than asked */
static void
test_failures (void)
{
  static const Step missing[] = {
    { "0 start", WRITE (1) },
    { "10 tid error 1 no such folder", "fail NotFound: the server answered with error 1 (“no such folder”)" },
  };
  static const Step full[] = {
    { "0 start", WRITE (1) },
    { "10 tid oack tsize=1", "send tid data 1 1 from 0; timer 1010" },
    { "20 tid error 3 disk full", "fail Failed: the server answered with error 3 (“disk full”)" },
  };
  static const Step larger[] = {
    { "0 start", WRITE (1) },
    { "10 tid oack blksize=1429",
      "send tid error 8; fail Failed: the server granted options that cannot be: an option is larger than asked for" },
  };
  static const Step windows[] = {
    { "0 start", WRITE (1) },
    { "10 tid oack windowsize=4",
      "send tid error 8; fail Failed: the server granted options that cannot be: an option is larger than asked for" },
  };
  static const Step silent[] = {
    { "0 start", WRITE (1) },
    { "15000 timer", "fail Unreachable: no answer within 15 seconds" },
  };
  static const Step fell_silent[] = {
    { "0 start", WRITE (1) },
    { "10 tid ack 0", "send tid data 1 1 from 0; timer 1010" },
    { "15010 timer", "fail Unreachable: the server fell silent for 15 seconds after 0 bytes" },
  };

  SEND (missing, 1);
  SEND (full, 1);
  SEND (larger, 1);
  SEND (windows, 1);
  SEND (silent, 1);
  SEND (fell_silent, 1);
}

/* TFTP-2, TFTP-5: more than 65535 blocks of 512 arrive whole, their numbers going round */
static void
test_wraps (void)
{
  gsize length = 512 * 65540 + 7, got = 0;
  guint8 *data = g_malloc0 (length);
  g_autoptr (GBytes) bytes = g_bytes_new_take (data, length);
  RsTftpUploadSettings settings = { .server = *script_peer ("server"), .file = "f", .bytes = bytes, .give_up = 1000000 };
  g_autoptr (RsTftpUpload) upload = rs_tftp_upload_new (&settings, NULL);
  guint8 ack[4] = { 0, 4, 0, 0 };
  RsTftpActions actions;

  rs_tftp_upload_start (upload, 0, &actions);
  do
    {
      rs_tftp_upload_datagram (upload, script_peer ("tid"), ack, sizeof ack, 0, &actions);
      g_assert_cmpuint (actions.n, >, 0);
      if (actions.list[0].kind != RS_TFTP_ACTION_SEND)
        break;
      got += actions.list[0].length - 4;
      memcpy (ack + 2, actions.list[0].data + 2, 2);
    }
  while (got <= length);
  g_assert_cmpint (actions.list[0].kind, ==, RS_TFTP_ACTION_DONE);
  g_assert_cmpuint (got, ==, length);
}

/* TFTP-5 */
static void
test_names (void)
{
  g_autofree char *long_name = g_strnfill (500, 'x');
  const char *const names[] = { "", "a\nb", long_name };
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      RsTftpUploadSettings settings = { .server = *script_peer ("server"), .file = names[i], .bytes = bytes };
      g_autoptr (GError) error = NULL;

      g_assert_null (rs_tftp_upload_new (&settings, &error));
      g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tftp/upload/whole", test_whole);
  g_test_add_func ("/tftp/upload/without-options", test_without_options);
  g_test_add_func ("/tftp/upload/disturbed", test_disturbed);
  g_test_add_func ("/tftp/upload/failures", test_failures);
  g_test_add_func ("/tftp/upload/wraps", test_wraps);
  g_test_add_func ("/tftp/upload/names", test_names);
  return g_test_run ();
}
