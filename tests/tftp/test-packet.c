/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TFTP datagrams: what is written, byte for byte, and what is read or refused. */
#include "tftp/packet.h"

#include <string.h>

#define BYTES(text) (const guint8 *)(text), sizeof (text) - 1

static void
assert_bytes (const RsTftpDatagram *datagram, const guint8 *bytes, gsize length)
{
  g_assert_cmpmem (datagram->data, datagram->length, bytes, length);
}

/* TFTP-1 */
static void
test_request (void)
{
  RsTftpOptions options = { .blksize = 1428, .timeout = 1, .windowsize = 64, .has_tsize = TRUE };
  RsTftpOptions none = { 0 };
  RsTftpDatagram datagram;
  g_autoptr (GError) error = NULL;

  g_assert_true (rs_tftp_request_write (RS_TFTP_OPCODE_READ, "a/b.cfg", &options, &datagram, &error));
  g_assert_no_error (error);
  assert_bytes (&datagram, BYTES ("\0\1a/b.cfg\0octet\0tsize\0"
                                  "0\0blksize\0"
                                  "1428\0timeout\0"
                                  "1\0windowsize\0"
                                  "64\0"));
  g_assert_true (rs_tftp_request_write (RS_TFTP_OPCODE_READ, "x", &none, &datagram, &error));
  assert_bytes (&datagram, BYTES ("\0\1x\0octet\0"));
}

static void
test_request_refused (void)
{
  g_autofree char *longest = g_strnfill (512 - 2 - 1 - 6, 'x');
  g_autofree char *too_long = g_strnfill (512 - 2 - 6, 'x');
  const struct
  {
    const char *file;
    const char *message;
  } table[] = {
    { "", "the URL names no file" },
    { too_long, "the file name is too long for TFTP" },
    { "a\nb", "the file name holds a control character, which TFTP cannot ask for" },
    { "a\x7f", "the file name holds a control character, which TFTP cannot ask for" },
  };
  RsTftpOptions none = { 0 };
  RsTftpDatagram datagram;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (rs_tftp_request_write (RS_TFTP_OPCODE_READ, table[i].file, &none, &datagram, &error));
      g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
      g_assert_cmpstr (error->message, ==, table[i].message);
    }
  g_assert_true (rs_tftp_request_write (RS_TFTP_OPCODE_READ, longest, &none, &datagram, NULL));
  g_assert_cmpuint (datagram.length, ==, 512);
}

static void
test_ack_and_error (void)
{
  RsTftpDatagram datagram;
  g_autofree char *text = g_strnfill (600, 'e');

  rs_tftp_ack_write (0xabcd, &datagram);
  assert_bytes (&datagram, BYTES ("\0\4\xab\xcd"));
  rs_tftp_error_write (RS_TFTP_ERROR_UNKNOWN_TID, "no", &datagram);
  assert_bytes (&datagram, BYTES ("\0\5\0\5no\0"));
  rs_tftp_error_write (RS_TFTP_ERROR_OPTION, text, &datagram);
  g_assert_cmpuint (datagram.length, ==, 4 + 100 + 1);
}

static void
test_read (void)
{
  const struct
  {
    const char *bytes;
    gsize length;
    gboolean valid;
    RsTftpOpcode opcode;
    guint number;
    gsize payload;
  } table[] = {
    { "", 0, FALSE, 0, 0, 0 },
    { "\0", 1, FALSE, 0, 0, 0 },
    { "\0\3\0", 3, FALSE, 0, 0, 0 },
    { "\0\1x\0octet\0", 10, FALSE, 0, 0, 0 },
    { "\0\2x\0octet\0", 10, FALSE, 0, 0, 0 },
    { "\0\7xx", 4, FALSE, 0, 0, 0 },
    { "\1\3\0\1", 4, FALSE, 0, 0, 0 },
    { "\0\3\0\1", 4, TRUE, RS_TFTP_OPCODE_DATA, 1, 0 },
    { "\0\3\xff\xff"
      "abc",
      7, TRUE, RS_TFTP_OPCODE_DATA, 65535, 3 },
    { "\0\4\0\2", 4, TRUE, RS_TFTP_OPCODE_ACK, 2, 0 },
    { "\0\5\0\1gone", 8, TRUE, RS_TFTP_OPCODE_ERROR, 1, 4 },
    { "\0\6", 2, TRUE, RS_TFTP_OPCODE_OACK, 0, 0 },
    { "\0\6tsize", 7, TRUE, RS_TFTP_OPCODE_OACK, 0, 5 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      RsTftpPacket packet;

      g_assert_cmpint (rs_tftp_packet_read ((const guint8 *)table[i].bytes, table[i].length, &packet), ==,
                       table[i].valid);
      if (!table[i].valid)
        continue;
      g_assert_cmpint (packet.opcode, ==, table[i].opcode);
      g_assert_cmpuint (packet.number, ==, table[i].number);
      g_assert_cmpuint (packet.length, ==, table[i].payload);
    }
}

/* TFTP-1 */
static void
test_options (void)
{
  RsTftpOptions options;
  g_autoptr (GError) error = NULL;

  g_assert_true (rs_tftp_options_read (BYTES ("BLKSIZE\0"
                                              "1024\0windowsize\0"
                                              "8\0tsize\0"
                                              "123456789012\0timeout\0"
                                              "3\0"),
                                       &options, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (options.blksize, ==, 1024);
  g_assert_cmpuint (options.windowsize, ==, 8);
  g_assert_true (options.has_tsize);
  g_assert_cmpuint (options.tsize, ==, 123456789012);
  g_assert_cmpuint (options.timeout, ==, 3);
  g_assert_true (rs_tftp_options_read (BYTES (""), &options, &error));
  g_assert_cmpuint (options.blksize, ==, 0);
  g_assert_false (options.has_tsize);
}

#define CASE(text)                                                                                                     \
  {                                                                                                                    \
    text, sizeof (text) - 1                                                                                            \
  }

/* TFTP-3 */
static void
test_options_refused (void)
{
  const struct
  {
    const char *bytes;
    gsize length;
  } table[] = {
    CASE ("blksize"),
    CASE ("blksize\0"),
    CASE ("blksize\0"
          "512"),
    CASE ("blksize\0\0"),
    CASE ("blksize\0"
          "7\0"),
    CASE ("blksize\0"
          "65465\0"),
    CASE ("blksize\0"
          "512x\0"),
    CASE ("blksize\0"
          "-1\0"),
    CASE ("blksize\0"
          "512\0blksize\0"
          "512\0"),
    CASE ("timeout\0"
          "0\0"),
    CASE ("timeout\0"
          "256\0"),
    CASE ("windowsize\0"
          "0\0"),
    CASE ("windowsize\0"
          "99999999999999999999999\0"),
    CASE ("tsize\0"
          "1\0tsize\0"
          "1\0"),
    CASE ("tsize\0"
          "18446744073709551616\0"),
    CASE ("multicast\0"
          "\0"),
    CASE ("\0\0"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      RsTftpOptions options;
      g_autoptr (GError) error = NULL;

      g_assert_false (rs_tftp_options_read ((const guint8 *)table[i].bytes, table[i].length, &options, &error));
      g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tftp/packet/request", test_request);
  g_test_add_func ("/tftp/packet/request-refused", test_request_refused);
  g_test_add_func ("/tftp/packet/ack-and-error", test_ack_and_error);
  g_test_add_func ("/tftp/packet/read", test_read);
  g_test_add_func ("/tftp/packet/options", test_options);
  g_test_add_func ("/tftp/packet/options-refused", test_options_refused);
  return g_test_run ();
}
