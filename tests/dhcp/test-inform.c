/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DHCPINFORM and Information-request: what is sent, and which answers count. */
#include "dhcp/inform.h"

#include <string.h>

#define XID 0x12345678u
#define HEAD 240

static const guint8 server[4] = { 10, 77, 0, 1 }, phone[4] = { 10, 77, 0, 145 }, everybody[4] = { 255, 255, 255, 255 };

static RsDhcpQuestion
new_question (gboolean v6)
{
  RsDhcpQuestion question = { .v6 = v6, .interface = "eth0", .mac = { 2, 0, 0x5e, 0, 0x53, 1 }, .server_length = 4,
                              .id = "\1\2\0\x5e\0\x53\1", .id_length = 7, .vendor_class = "dslforum.org",
                              .codes = { 43, 66, 125, 159, 160 }, .n_codes = 5 };

  memcpy (question.server, server, 4);
  memcpy (question.address, phone, 4);
  if (v6)
    {
      question.server_length = 0;
      question.codes[0] = 17;
      question.codes[1] = 159;
      question.codes[2] = 160;
      question.n_codes = 3;
    }
  return question;
}

/* A good DHCPACK whose options are those of the text, after type and server. */
static GByteArray *
new_ack (const char *options,
         gsize       length)
{
  GByteArray *message = g_byte_array_new ();
  guint8 head[HEAD] = { 2, 1, 6, 0, 0x12, 0x34, 0x56, 0x78, [28] = 2, 0, 0x5e, 0, 0x53, 1, [236] = 0x63, 0x82, 0x53, 0x63 };

  g_byte_array_append (message, head, sizeof head);
  g_byte_array_append (message, (const guint8 *)"\65\1\5\66\4\12\115\0\1", 9);
  g_byte_array_append (message, (const guint8 *)options, (guint)length);
  return message;
}

static RsDatagram
new_datagram (const GByteArray *message)
{
  RsDatagram datagram = { .source_port = 67, .destination_port = 68, .payload = message->data, .length = message->len };

  memcpy (datagram.source, server, 4);
  memcpy (datagram.destination, phone, 4);
  return datagram;
}

static char *
show (GPtrArray *options)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < options->len; i++)
    {
      const RsDhcpOption *option = g_ptr_array_index (options, i);
      gsize length;
      const char *value = g_bytes_get_data (option->value, &length);

      g_string_append_printf (text, "%s%u=%.*s", i > 0 ? " " : "", option->code, (int)length, length > 0 ? value : "");
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What is said of an answer: its options, or why it does not count. */
static char *
judge (const RsDhcpQuestion *question,
       const RsDatagram     *datagram)
{
  const char *reason = NULL;
  g_autoptr (GPtrArray) options = rs_inform_read (question, XID, datagram, &reason);

  g_assert_cmpint (options == NULL, ==, reason != NULL);
  return options != NULL ? show (options) : g_strdup (reason);
}

#define OPTIONS(text) text, sizeof text - 1
#define SERVER_SAYS "\66\4\12\115\0\1"

/* DISC-3, DISC-5: options of a DHCPACK, good and bad */
static void
test_options (void)
{
  static const struct
  {
    const char *options;
    gsize       length;
    const char *said;
  } cases[] = {
    { OPTIONS ("\xff"), "" },
    { OPTIONS ("\102\3abc\xff"), "66=abc" },
    { OPTIONS ("\240\1z\0\0\102\3abc\0\xff\0\0"), "66=abc 160=z" },
    { OPTIONS ("\102\0\xff"), "66=" },
    /* not asked for */
    { OPTIONS ("\107\3abc\15\1x\xff"), "" },
    /* RFC 3396: pieces of one option, with another one between them */
    { OPTIONS ("\102\3abc\237\1y\102\2de\102\0\102\1f\xff"), "66=abcdef 159=y" },
    /* cut within its code, its length, its value; and without an end */
    { OPTIONS ("\102"), "its options do not end where they should" },
    { OPTIONS ("\102\3"), "its options do not end where they should" },
    { OPTIONS ("\102\3ab"), "its options do not end where they should" },
    { OPTIONS ("\102\xff" "abc\xff"), "its options do not end where they should" },
    { OPTIONS ("\102\3abc"), "its options do not end where they should" },
    { OPTIONS ("\0\0\0"), "its options do not end where they should" },
    { OPTIONS (""), "its options do not end where they should" },
    /* who says it twice says it in pieces, which together are another one */
    { OPTIONS ("\65\1\5\xff"), "it is no DHCPACK" },
    { OPTIONS (SERVER_SAYS "\xff"), "it is another server's than the lease's" },
    { OPTIONS ("\64\1\0\xff"), "its option overload is none" },
    { OPTIONS ("\64\1\4\xff"), "its option overload is none" },
    { OPTIONS ("\64\2\1\1\xff"), "its option overload is none" },
    { OPTIONS ("\64\0\xff"), "its option overload is none" },
    { OPTIONS ("\64\1\1\xff"), "its overloaded options do not end where they should" },
    { OPTIONS ("\64\1\2\xff"), "its overloaded options do not end where they should" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RsDhcpQuestion question = new_question (FALSE);
      g_autoptr (GByteArray) message = new_ack (cases[i].options, cases[i].length);
      RsDatagram datagram = new_datagram (message);
      g_autofree char *said = judge (&question, &datagram);

      g_test_message ("case %u", i);
      g_assert_cmpstr (said, ==, cases[i].said);
    }
}

/* DISC-3: option 52: the boot file's field is read before the server's name (RFC 3396), and neither without it */
static void
test_overload (void)
{
  static const struct
  {
    const char *options, *file, *name;
    gsize       length;
    const char *said;
  } cases[] = {
    { "\102\1a\64\1\3\xff", "\102\1b\xff", "\102\1c\240\1d\xff", 7, "66=abc 160=d" },
    { "\102\1a\64\1\1\xff", "\102\1b\xff", "\102\1c\xff", 7, "66=ab" },
    { "\102\1a\64\1\2\xff", "\102\1b\xff", "\102\1c\xff", 7, "66=ac" },
    { "\102\1a\xff", "\102\1b\xff", "\102\1c\xff", 4, "66=a" },
    /* in there it says nothing more */
    { "\64\1\1\xff", "\64\1\2\102\1b\xff", "\102\1c\xff", 4, "66=b" },
    { "\64\1\1\xff", "\102\177" "cut\xff", "\xff", 4, "its overloaded options do not end where they should" },
    { "\64\1\2\xff", "\xff", "\102\77" "cut\xff", 4, "its overloaded options do not end where they should" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RsDhcpQuestion question = new_question (FALSE);
      g_autoptr (GByteArray) message = new_ack (cases[i].options, cases[i].length);
      RsDatagram datagram = new_datagram (message);
      g_autofree char *said = NULL;

      memcpy (message->data + 108, cases[i].file, strlen (cases[i].file));
      memcpy (message->data + 44, cases[i].name, strlen (cases[i].name));
      said = judge (&question, &datagram);
      g_test_message ("case %u", i);
      g_assert_cmpstr (said, ==, cases[i].said);
    }
}

/* DISC-3: a URL of sixteen pieces, and one of seventeen */
static void
test_long (void)
{
  for (guint n = 15; n <= 17; n++)
    {
      RsDhcpQuestion question = new_question (FALSE);
      g_autoptr (GByteArray) message = new_ack ("", 0);
      g_autofree char *said = NULL;
      RsDatagram datagram;

      for (guint i = 0; i < n; i++)
        {
          char piece[257] = { (char)160, (char)255 };

          memset (piece + 2, 'a' + (int)i, 255);
          g_byte_array_append (message, (const guint8 *)piece, sizeof piece);
        }
      g_byte_array_append (message, (const guint8 *)"\xff", 1);
      datagram = new_datagram (message);
      said = judge (&question, &datagram);
      if (n > 16)
        g_assert_cmpstr (said, ==, "one of its options is too long");
      else
        {
          g_assert_cmpuint (strlen (said), ==, strlen ("160=") + 255 * n);
          for (guint i = 0; i < n; i++)
            g_assert_cmpint (said[4 + 255 * i + 254], ==, 'a' + (int)i);
        }
    }
}

/* DISC-5: an answer with one byte of its head changed, wherever that counts */
static void
test_head (void)
{
  static const struct
  {
    gsize       at;
    guint8      byte;
    const char *said; /* NULL: it counts all the same */
  } cases[] = {
    { 0, 1, "it is no reply to an Ethernet" }, { 1, 6, "it is no reply to an Ethernet" }, { 2, 16, "it is no reply to an Ethernet" },
    { 3, 1, NULL }, { 4, 0x13, "it answers another message" }, { 7, 0x79, "it answers another message" }, { 8, 1, NULL },
    { 10, 0x80, NULL }, { 12, 10, NULL }, { 16, 10, NULL }, { 20, 10, NULL }, { 24, 10, NULL },
    { 28, 3, "it is for another phone" }, { 33, 2, "it is for another phone" }, { 34, 1, NULL }, { 44, 'x', NULL }, { 108, 'x', NULL },
    { 236, 0x62, "it is of BOOTP" }, { 239, 0, "it is of BOOTP" }, { 242, 2, "it is no DHCPACK" }, { 242, 6, "it is no DHCPACK" },
    { 248, 2, "it is another server's than the lease's" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RsDhcpQuestion question = new_question (FALSE);
      g_autoptr (GByteArray) message = new_ack (OPTIONS ("\102\1a\xff"));
      RsDatagram datagram = new_datagram (message);
      g_autofree char *said = NULL;

      message->data[cases[i].at] = cases[i].byte;
      said = judge (&question, &datagram);
      g_test_message ("byte %" G_GSIZE_FORMAT, cases[i].at);
      g_assert_cmpstr (said, ==, cases[i].said != NULL ? cases[i].said : "66=a");
    }
}

/* DISC-5: cut anywhere, it is none */
static void
test_cut (void)
{
  RsDhcpQuestion question = new_question (FALSE);
  g_autoptr (GByteArray) message = new_ack (OPTIONS ("\102\1a\xff"));
  RsDatagram datagram = new_datagram (message);

  for (gsize length = 0; length < message->len; length++)
    {
      g_autofree char *said = NULL;
      g_autofree guint8 *exact = g_memdup2 (message->data, MAX (length, 1));

      datagram.payload = exact;
      datagram.length = length;
      said = judge (&question, &datagram);
      g_assert_false (g_str_has_prefix (said, "66="));
    }
}

/* DISC-5: only from the lease's server, between the ports of DHCP, to this phone or to all */
static void
test_way (void)
{
  static const guint8 other[4] = { 10, 77, 0, 2 };
  static const struct
  {
    const guint8 *source, *destination;
    guint16       source_port, destination_port;
    gboolean      v6;
    const char   *said;
  } cases[] = {
    { server, phone, 67, 68, FALSE, "66=a" },
    { server, everybody, 67, 68, FALSE, "66=a" },
    { other, phone, 67, 68, FALSE, "it comes from another address than the lease's server has" },
    { server, other, 67, 68, FALSE, "it goes to another address" },
    { server, phone, 68, 68, FALSE, "it goes between other ports" },
    { server, phone, 53, 68, FALSE, "it goes between other ports" },
    { server, phone, 67, 67, FALSE, "it goes between other ports" },
    { server, phone, 67, 68, TRUE, "it goes between other ports" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RsDhcpQuestion question = new_question (FALSE);
      g_autoptr (GByteArray) message = new_ack (OPTIONS ("\102\1a\xff"));
      RsDatagram datagram = new_datagram (message);
      g_autofree char *said = NULL;

      memcpy (datagram.source, cases[i].source, 4);
      memcpy (datagram.destination, cases[i].destination, 4);
      datagram.source_port = cases[i].source_port;
      datagram.destination_port = cases[i].destination_port;
      datagram.v6 = cases[i].v6;
      said = judge (&question, &datagram);
      g_assert_cmpstr (said, ==, cases[i].said);
    }
}

/* DISC-3: the message itself (RFC 2131, 2 and 4.4.3): asked for by address, with everything that is wanted */
static void
test_message (void)
{
  static const char expected[] = "\65\1\10" "\75\7\1\2\0\x5e\0\x53\1" "\71\2\5\300" "\74\14dslforum.org" "\67\5\53\102\175\237\240" "\xff";
  RsDhcpQuestion question = new_question (FALSE);
  g_autoptr (GBytes) bytes = rs_inform_build (&question, XID, 4999);
  gsize length;
  const guint8 *message = g_bytes_get_data (bytes, &length);
  static const guint8 zeros[192];

  g_assert_cmpuint (length, ==, 300);
  g_assert_cmpmem (message, 12, "\1\1\6\0\x12\x34\x56\x78\0\4\0\0", 12);
  g_assert_cmpmem (message + 12, 4, phone, 4);
  g_assert_cmpmem (message + 16, 12, zeros, 12);
  g_assert_cmpmem (message + 28, 6, question.mac, 6);
  g_assert_cmpmem (message + 34, 202 - 10, zeros, 192);
  g_assert_cmpmem (message + 236, 4, "\x63\x82\x53\x63", 4);
  g_assert_cmpmem (message + HEAD, sizeof expected - 1, expected, sizeof expected - 1);
  question.id_length = 0;
  question.vendor_class[0] = '\0';
  g_clear_pointer (&bytes, g_bytes_unref);
  bytes = rs_inform_build (&question, XID, 0);
  message = g_bytes_get_data (bytes, NULL);
  g_assert_cmpmem (message + HEAD, 14, "\65\1\10\71\2\5\300\67\5\53\102\175\237\240", 14);
}

static RsDatagram
new_datagram6 (const char *message,
               gsize       length)
{
  RsDatagram datagram = { .v6 = TRUE, .source = { 0xfe, 0x80 }, .destination = { 0xfe, 0x80, [15] = 2 }, .source_port = 547,
                          .destination_port = 546, .payload = (const guint8 *)message, .length = length };

  return datagram;
}

#define REPLY "\7\x34\x56\x78"
#define OURS "\0\1\0\7\1\2\0\x5e\0\x53\1"
#define THEIRS "\0\2\0\4\0\3\0\1"

/* DISC-3, DISC-5: Replies, good and bad */
static void
test_replies (void)
{
  static const struct
  {
    const char *message;
    gsize       length;
    const char *said;
  } cases[] = {
    { OPTIONS (REPLY OURS THEIRS), "" },
    { OPTIONS (REPLY THEIRS "\0\240\0\3abc\0\237\0\0\0\27\0\1x" OURS), "159= 160=abc" },
    /* of two enterprises both, of others the first */
    { OPTIONS (REPLY OURS THEIRS "\0\21\0\4aaaa\0\240\0\1x\0\240\0\1y\0\21\0\4bbbb"), "17=aaaa 17=bbbb 160=x" },
    { OPTIONS (REPLY OURS THEIRS "\0\15\0\2\0\0\0\240\0\1x"), "160=x" },
    { OPTIONS (REPLY OURS THEIRS "\0\15\0\2\0\1\0\240\0\1x"), "it says that something went wrong" },
    { OPTIONS (REPLY OURS THEIRS "\0\15\0\1\0"), "it says that something went wrong" },
    { OPTIONS ("\2\x34\x56\x78" OURS THEIRS), "it is no Reply" },
    { OPTIONS ("\15\x34\x56\x78" OURS THEIRS), "it is no Reply" },
    { OPTIONS ("\7\x34\x56"), "it is no Reply" },
    { OPTIONS (""), "it is no Reply" },
    { OPTIONS ("\7\x35\x56\x78" OURS THEIRS), "it answers another message" },
    { OPTIONS ("\7\x34\x56\x79" OURS THEIRS), "it answers another message" },
    { OPTIONS (REPLY OURS), "it does not say which server's it is" },
    { OPTIONS (REPLY OURS THEIRS THEIRS), "it does not say which server's it is" },
    { OPTIONS (REPLY THEIRS), "it does not say which phone it is for" },
    { OPTIONS (REPLY THEIRS OURS OURS), "it does not say which phone it is for" },
    { OPTIONS (REPLY THEIRS "\0\1\0\7\1\2\0\x5e\0\x53\2"), "it is for another phone" },
    { OPTIONS (REPLY THEIRS "\0\1\0\6\1\2\0\x5e\0\x53"), "it is for another phone" },
    { OPTIONS (REPLY OURS THEIRS "\0"), "its options do not end where they should" },
    { OPTIONS (REPLY OURS THEIRS "\0\240\0"), "its options do not end where they should" },
    { OPTIONS (REPLY OURS THEIRS "\0\240\0\2a"), "its options do not end where they should" },
    { OPTIONS (REPLY OURS THEIRS "\0\240\377\377a"), "its options do not end where they should" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RsDhcpQuestion question = new_question (TRUE);
      RsDatagram datagram = new_datagram6 (cases[i].message, cases[i].length);
      g_autofree char *said = judge (&question, &datagram);

      g_test_message ("case %u", i);
      g_assert_cmpstr (said, ==, cases[i].said);
    }
}

/* DISC-5: only between the ports of DHCPv6, from one host to one host; where the lease says whose it is, from that server; and
 * who did not say who it is, is told of nobody */
static void
test_way6 (void)
{
  RsDhcpQuestion question = new_question (TRUE);
  RsDatagram good = new_datagram6 (OPTIONS (REPLY OURS THEIRS "\0\240\0\1x")), bad;

  for (guint i = 0; i < 7; i++)
    {
      g_autofree char *said = NULL;

      bad = good;
      if (i == 0)
        bad.source_port = 546;
      else if (i == 1)
        bad.destination_port = 547;
      else if (i == 2)
        bad.v6 = FALSE;
      else if (i == 3)
        bad.destination[0] = 0xff;
      else if (i == 4)
        bad.source[0] = 0xff;
      else if (i == 5)
        {
          question.server_length = 4;
          memcpy (question.server, "\0\3\0\2", 4);
        }
      else
        {
          question.server_length = 0;
          question.id_length = 0;
        }
      said = judge (&question, &bad);
      g_assert_cmpstr (said, ==, i < 3 ? "it goes between other ports" : i < 5 ? "it goes to another address"
                                 : i == 5 ? "it is another server's than the lease's" : "it is for another phone");
    }
  bad = new_datagram6 (OPTIONS (REPLY THEIRS "\0\240\0\1x"));
  question.server_length = 4;
  memcpy (question.server, "\0\3\0\1", 4);
  {
    g_autofree char *said = judge (&question, &bad);

    g_assert_cmpstr (said, ==, "160=x");
  }
}

/* DISC-3: the message itself (RFC 8415, 18.2.6) */
static void
test_message6 (void)
{
  static const char expected[] = "\13\x34\x56\x78" OURS "\0\6\0\12\0\21\0\237\0\240\0\40\0\123" "\0\10\0\2\0\x7b"
                                 "\0\20\0\22\0\0\x0d\xe9\0\14dslforum.org";
  RsDhcpQuestion question = new_question (TRUE);
  g_autoptr (GBytes) bytes = rs_inform_build (&question, XID, 1234), bare = NULL, late = NULL;

  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, sizeof expected - 1);
  question.id_length = 0;
  question.vendor_class[0] = '\0';
  question.n_codes = 1;
  bare = rs_inform_build (&question, 0xff000001, 0);
  g_assert_cmpmem (g_bytes_get_data (bare, NULL), g_bytes_get_size (bare),
                   "\13\0\0\1\0\6\0\6\0\21\0\40\0\123\0\10\0\2\0\0", 20);
  late = rs_inform_build (&question, 1, 700000);
  g_assert_cmpmem ((const guint8 *)g_bytes_get_data (late, NULL) + 18, 2, "\377\377", 2);
}

/* DISC-3: how often, and how long it is waited (RFC 2131, 4.1; RFC 8415, 15) */
static void
test_waits (void)
{
  static const guint low[] = { 3000, 7000, 15000, 31000, 0, 0 }, high[] = { 5000, 9000, 17000, 33000, 0, 0 };
  guint least = 0, most = 0;

  for (guint n = 1; n <= 6; n++)
    {
      g_assert_cmpuint (rs_inform_wait (FALSE, n, 77, 0), ==, low[n - 1]);
      g_assert_cmpuint (rs_inform_wait (FALSE, n, 77, G_MAXUINT16), ==, high[n - 1]);
      least = rs_inform_wait (TRUE, n, least, 0);
      most = rs_inform_wait (TRUE, n, most, G_MAXUINT16);
      g_assert_cmpuint (n == 1 ? 900 : (guint)(1000 * 0.9 * 1.8), <=, least);
      g_assert_cmpuint (least, <, most);
      g_assert_cmpuint (most, <=, 60000);
    }
  g_assert_cmpuint (rs_inform_wait (TRUE, 7, most, 0), ==, 0);
  g_assert_cmpuint (rs_inform_wait (TRUE, 0, 0, 0), ==, 0);
  g_assert_cmpuint (rs_inform_delay (FALSE, G_MAXUINT16), ==, 0);
  g_assert_cmpuint (rs_inform_delay (TRUE, 0), ==, 0);
  g_assert_cmpuint (rs_inform_delay (TRUE, G_MAXUINT16), ==, 1000);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dhcp/inform/options", test_options);
  g_test_add_func ("/dhcp/inform/overload", test_overload);
  g_test_add_func ("/dhcp/inform/long", test_long);
  g_test_add_func ("/dhcp/inform/head", test_head);
  g_test_add_func ("/dhcp/inform/cut", test_cut);
  g_test_add_func ("/dhcp/inform/way", test_way);
  g_test_add_func ("/dhcp/inform/message", test_message);
  g_test_add_func ("/dhcp/inform/replies", test_replies);
  g_test_add_func ("/dhcp/inform/way6", test_way6);
  g_test_add_func ("/dhcp/inform/message6", test_message6);
  g_test_add_func ("/dhcp/inform/waits", test_waits);
  return g_test_run ();
}
