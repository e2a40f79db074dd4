/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two messages between resyncd and resyncd-inform, as liars would write them; and packets of IP and UDP. */
#include "dhcp/datagram.h"
#include "dhcp/question.h"

#include <string.h>

#define QUESTION "(yysayayayaysaq)"

static RsDhcpQuestion
new_question (void)
{
  return (RsDhcpQuestion){ .interface = "eth0", .mac = { 2 }, .address = { 10, 0, 0, 9 }, .server = { 10, 0, 0, 1 },
                           .server_length = 4, .id = "\1\2\3", .id_length = 3, .vendor_class = "dslforum.org",
                           .codes = { 43, 66, 160 }, .n_codes = 3 };
}

/* DISC-5: what was written is read, field by field */
static void
test_question (void)
{
  RsDhcpQuestion question = new_question (), six = new_question (), read;
  g_autoptr (GBytes) bytes = rs_dhcp_question_to_bytes (&question), bytes6 = NULL;

  g_assert_true (rs_dhcp_question_from_bytes (bytes, &read));
  g_assert_cmpmem (&read, sizeof read, &question, sizeof question);
  six.v6 = TRUE;
  six.server_length = 0;
  six.vendor_class[0] = '\0';
  six.codes[2] = 65535;
  bytes6 = rs_dhcp_question_to_bytes (&six);
  g_assert_true (rs_dhcp_question_from_bytes (bytes6, &read));
  g_assert_cmpuint (read.codes[2], ==, 65535);
  g_assert_cmpuint (read.server_length, ==, 0);
  g_assert_true (rs_dhcp_question_asks (&read, 65535));
  g_assert_false (rs_dhcp_question_asks (&read, 67));
}

/* DISC-5: a question out of a bound is neither written nor read */
static void
test_bad_questions (void)
{
  static const char *const texts[] = {
    /* the one that is good, to know that the form is right */
    "(1, 4, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66])",
    "(2, 4, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 5, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 6, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 4, '', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 4, '..', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 4, 'a/b', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 4, 'a b', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 4, '0123456789abcdef', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 4, 'eth0', [2,0,0,0,0], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 4, 'eth0', [2,0,0,0,0,1,2], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [10,0,0], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [0,0,0,0], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [127,0,0,1], [10,0,0,1], [1,2], 'x', [66])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [224,0,0,1], [1,2], 'x', [66])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [255,255,255,255], [1,2], 'x', [66])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [10,0,0], [1,2], 'x', [66])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1], 'x', [66])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x\\n', [66])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', @aq [])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [0])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [255])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66,66])",
    "(1, 4, 'eth0', [2,0,0,0,0,1], [10,0,0,9], [10,0,0,1], [1,2], 'x', [66,43])",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) tuple = g_variant_parse (G_VARIANT_TYPE (QUESTION), texts[i], NULL, NULL, &error);
      g_autoptr (GBytes) bytes = NULL;
      RsDhcpQuestion read;

      g_assert_no_error (error);
      bytes = g_variant_get_data_as_bytes (tuple);
      g_test_message ("%s", texts[i]);
      g_assert_cmpint (rs_dhcp_question_from_bytes (bytes, &read), ==, i == 0);
    }
}

/* DISC-5: long identities, classes and lists: as long as they may be, and one more */
static void
test_bounds (void)
{
  for (guint more = 0; more <= 1; more++)
    {
      for (guint which = 0; which < 2; which++)
        {
          RsDhcpQuestion question = new_question ();

          question.v6 = TRUE;
          if (which == 0)
            question.id_length = RS_QUESTION_ID_MAX + more;
          else
            question.n_codes = RS_QUESTION_CODES_MAX + more;
          for (guint i = 0; i < RS_QUESTION_CODES_MAX; i++)
            question.codes[i] = (guint16)(i + 1);
          {
            g_autoptr (GBytes) bytes = rs_dhcp_question_to_bytes (&question);

            g_assert_cmpint (bytes == NULL, ==, more);
          }
        }
    }
}

static GBytes *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) tuple = g_variant_parse (G_VARIANT_TYPE ("(yysa(qay))"), text, NULL, NULL, &error);

  g_assert_no_error (error);
  return g_variant_get_data_as_bytes (tuple);
}

/* DISC-5: what resyncd-inform may not say */
static void
test_answers (void)
{
  static const struct
  {
    const char *text;
    gboolean    v6, good;
  } cases[] = {
    { "(1, 0, '', [(43, [1]), (66, b'http://a'), (160, @ay [])])", FALSE, TRUE },
    { "(1, 0, '', @a(qay) [])", FALSE, TRUE },
    { "(1, 1, 'nobody answered', @a(qay) [])", FALSE, TRUE },
    { "(1, 2, '', @a(qay) [])", FALSE, TRUE },
    { "(0, 0, '', @a(qay) [])", FALSE, FALSE },
    { "(2, 0, '', @a(qay) [])", FALSE, FALSE },
    { "(1, 3, '', @a(qay) [])", FALSE, FALSE },
    { "(1, 0, 'x', @a(qay) [])", FALSE, FALSE },
    { "(1, 1, 'x', [(43, [1])])", FALSE, FALSE },
    { "(1, 2, 'x', [(43, [1])])", FALSE, FALSE },
    { "(1, 0, '', [(67, [1])])", FALSE, FALSE },
    { "(1, 0, '', [(43, [1]), (43, [2])])", FALSE, FALSE },
    { "(1, 0, '', [(66, [1]), (43, [2])])", FALSE, FALSE },
    { "(1, 0, '', [(43, [1]), (43, [2])])", TRUE, FALSE },
    { "(1, 0, '', [(17, [1]), (17, [2]), (66, [3])])", TRUE, TRUE },
    { "(1, 0, '', [(17, [1]), (17, [2])])", FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RsDhcpQuestion question = new_question ();
      g_autoptr (GBytes) bytes = parse (cases[i].text), again = NULL;
      g_autoptr (RsDhcpAnswer) answer = NULL;

      question.v6 = cases[i].v6;
      if (question.v6 || i == G_N_ELEMENTS (cases) - 1)
        question.codes[0] = 17;
      if (cases[i].v6 && !cases[i].good)
        question.codes[0] = 43;
      answer = rs_dhcp_answer_from_bytes (bytes, &question);
      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (answer != NULL, ==, cases[i].good);
      if (answer == NULL)
        continue;
      for (guint k = 0; k < answer->options->len; k++)
        g_assert_cmpint (((RsDhcpOption *)answer->options->pdata[k])->v6, ==, cases[i].v6);
      again = rs_dhcp_answer_to_bytes (answer);
      g_assert_true (g_bytes_equal (bytes, again));
    }
}

/* DISC-5: cut, longer, out of normal form: no message at all; an option or a list that is too long; a text is made harmless */
static void
test_lies (void)
{
  RsDhcpQuestion question = new_question ();
  g_autoptr (GBytes) bytes = parse ("(1, 0, '', [(43, [1]), (66, b'http://a')])");
  g_autoptr (GBytes) shouted = parse ("(1, 2, 'a\\n\\u001b[1mb', @a(qay) [])");
  g_autoptr (RsDhcpAnswer) harmless = rs_dhcp_answer_from_bytes (shouted, &question), written = NULL;
  g_autofree guint8 *big = g_malloc0 (RS_DHCP_VALUE_MAX + 1);
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  g_assert_cmpstr (harmless->message, ==, "a\\x0a\\x1b[1mb");
  for (gsize cut = 0; cut <= length + 1; cut++)
    {
      g_autofree guint8 *copy = g_malloc0 (length + 1);
      g_autoptr (GBytes) wrong = NULL;
      g_autoptr (RsDhcpAnswer) answer = NULL;

      memcpy (copy, data, length);
      wrong = g_bytes_new (copy, cut);
      answer = rs_dhcp_answer_from_bytes (wrong, &question);
      g_assert_cmpint (answer != NULL, ==, cut == length);
    }
  for (guint more = 0; more <= 1; more++)
    {
      g_autoptr (GBytes) value = g_bytes_new (big, RS_DHCP_VALUE_MAX + more), message = NULL;

      g_clear_pointer (&written, rs_dhcp_answer_free);
      written = rs_dhcp_answer_new (RS_ANSWER_GIVEN, "");
      g_ptr_array_add (written->options, rs_dhcp_option_new (66, FALSE, value));
      message = rs_dhcp_answer_to_bytes (written);
      g_assert_cmpint (message == NULL, ==, more);
    }
}

static RsDatagram
new_datagram (gboolean v6)
{
  return (RsDatagram){ .v6 = v6, .source = { 10, 0, 0, 1 }, .destination = { 10, 0, 0, 9 }, .source_port = 67,
                       .destination_port = 68, .payload = (const guint8 *)"hello", .length = 5 };
}

/* Changes a byte, and has the header's checksum fit again. */
static void
change (GByteArray *packet,
        gsize       at,
        guint8      byte)
{
  guint32 sum = 0;

  packet->data[at] = byte;
  packet->data[10] = packet->data[11] = 0;
  for (guint i = 0; i < 20; i += 2)
    sum += (guint32)packet->data[i] << 8 | packet->data[i + 1];
  sum = (sum & 0xffff) + (sum >> 16);
  packet->data[10] = (guint8)(~sum >> 8 & 0xff);
  packet->data[11] = (guint8)(~sum & 0xff);
}

/* A packet with the datagram in it. */
static GByteArray *
new_packet (gboolean v6)
{
  RsDatagram datagram = new_datagram (v6);
  g_autoptr (GBytes) udp = rs_datagram_build (&datagram);
  guint8 head4[20] = { 0x45, 0, 0, 33, 0, 7, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 9 };
  guint8 head6[40] = { 0x60, 0, 0, 0, 0, 13, 17, 64 };
  GByteArray *packet = g_byte_array_new ();

  memcpy (head6 + 8, datagram.source, 16);
  memcpy (head6 + 24, datagram.destination, 16);
  g_byte_array_append (packet, v6 ? head6 : head4, v6 ? sizeof head6 : sizeof head4);
  g_byte_array_append (packet, g_bytes_get_data (udp, NULL), (guint)g_bytes_get_size (udp));
  if (!v6)
    change (packet, 8, 64);
  return packet;
}

/* DISC-5: what was built is read; a byte of padding is no harm */
static void
test_packets (void)
{
  for (guint v6 = 0; v6 <= 1; v6++)
    {
      RsDatagram expected = new_datagram (v6), read;
      g_autoptr (GByteArray) packet = new_packet (v6);

      for (guint i = 0; i < 2; i++)
        {
          g_assert_cmpstr (rs_datagram_read (packet->data, packet->len, v6, TRUE, &read), ==, NULL);
          g_assert_cmpmem (read.payload, read.length, "hello", 5);
          g_assert_cmpmem (read.source, 16, expected.source, 16);
          g_assert_cmpmem (read.destination, 16, expected.destination, 16);
          g_assert_cmpuint (read.source_port, ==, 67);
          g_assert_cmpuint (read.destination_port, ==, 68);
          g_byte_array_append (packet, (const guint8 *)"x", 1);
        }
    }
}

/* DISC-5: each bit of a packet counts, but for those that say nothing of what is in it; and cut it is none */
static void
test_bits (void)
{
  for (guint v6 = 0; v6 <= 1; v6++)
    {
      g_autoptr (GByteArray) packet = new_packet (v6);
      RsDatagram read;

      for (gsize bit = 0; bit < 8 * packet->len; bit++)
        {
          /* of IPv6 traffic class, flow label and hop limit are in no checksum */
          gboolean free_bit = v6 && ((bit >= 4 && bit < 32) || (bit >= 56 && bit < 64));

          packet->data[bit / 8] ^= (guint8)(0x80 >> bit % 8);
          g_assert_cmpint (rs_datagram_read (packet->data, packet->len, v6, TRUE, &read) == NULL, ==, free_bit);
          packet->data[bit / 8] ^= (guint8)(0x80 >> bit % 8);
        }
      for (gsize length = 0; length < packet->len; length++)
        {
          g_autofree guint8 *exact = g_memdup2 (packet->data, MAX (length, 1));

          g_assert_nonnull (rs_datagram_read (exact, length, v6, TRUE, &read));
        }
    }
}

/* DISC-5: fragments, other protocols, lengths that do not fit, checksums that are not there */
static void
test_odd_packets (void)
{
  static const struct
  {
    gsize       at;
    guint8      byte;
    const char *said;
  } cases[] = {
    { 6, 0x20, "it is a fragment" }, { 6, 0x60, "it is a fragment" }, { 7, 1, "it is a fragment" }, { 6, 0x1f, "it is a fragment" },
    { 6, 0x40, NULL }, { 6, 0, NULL }, { 9, 6, "it is not of UDP" }, { 9, 1, "it is not of UDP" },
    { 3, 27, "it is cut within the header of UDP" }, { 3, 32, "the length of UDP does not fit" }, { 3, 34, "the lengths of IP do not fit" },
    { 3, 19, "the lengths of IP do not fit" }, { 0, 0x44, "the lengths of IP do not fit" }, { 0, 0x65, "it is no packet of IPv4" },
  };
  g_autoptr (GByteArray) six = new_packet (TRUE);
  RsDatagram read;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) packet = new_packet (FALSE);

      change (packet, cases[i].at, cases[i].byte);
      g_test_message ("case %u", i);
      g_assert_cmpstr (rs_datagram_read (packet->data, packet->len, FALSE, TRUE, &read), ==, cases[i].said);
    }
  for (guint whole = 0; whole <= 1; whole++)
    {
      g_autoptr (GByteArray) packet = new_packet (FALSE);

      packet->data[26] ^= 1;
      /* on a network that is none nobody has made it yet */
      g_assert_cmpint (rs_datagram_read (packet->data, packet->len, FALSE, whole, &read) == NULL, ==, !whole);
      packet->data[26] = packet->data[27] = 0;
      g_assert_null (rs_datagram_read (packet->data, packet->len, FALSE, whole, &read));
    }
  six->data[46] = six->data[47] = 0;
  g_assert_cmpstr (rs_datagram_read (six->data, six->len, TRUE, TRUE, &read), ==, "the checksum of UDP is wrong");
  six->data[6] = 44;
  g_assert_cmpstr (rs_datagram_read (six->data, six->len, TRUE, TRUE, &read), ==, "it is not of UDP");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dhcp/question/question", test_question);
  g_test_add_func ("/dhcp/question/bad-questions", test_bad_questions);
  g_test_add_func ("/dhcp/question/bounds", test_bounds);
  g_test_add_func ("/dhcp/question/answers", test_answers);
  g_test_add_func ("/dhcp/question/lies", test_lies);
  g_test_add_func ("/dhcp/question/packets", test_packets);
  g_test_add_func ("/dhcp/question/bits", test_bits);
  g_test_add_func ("/dhcp/question/odd-packets", test_odd_packets);
  return g_test_run ();
}
