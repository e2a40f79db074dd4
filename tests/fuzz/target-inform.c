/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a stranger on the network sends to resyncd-inform, as whole packets and as answers whose head is right, and what
 * resyncd and resyncd-inform tell each other. */
#include "fuzz.h"

#include "dhcp/inform.h"

#include <string.h>

#define XID 0x00123456u

static const RsDhcpQuestion questions[] = {
  { FALSE, "eth0", { 2, 0, 0x5e, 0, 0x53, 1 }, { 10, 77, 0, 145 }, { 10, 77, 0, 1 }, 4, "\1\2\0\x5e\0\x53\1", 7, "dslforum.org",
    { 43, 60, 66, 67, 120, 125, 150, 159, 160 }, 9 },
  { TRUE, "eth0", { 2, 0, 0x5e, 0, 0x53, 1 }, { 0 }, { 0 }, 0, "\0\3\0\1\2\0\x5e\0\x53\1", 10, "", { 17, 59, 159, 160 }, 4 },
};

static void
show_options (GPtrArray *options, GString *out)
{
  for (guint i = 0; i < options->len; i++)
    {
      const RsDhcpOption *option = options->pdata[i];

      g_string_append_printf (out, " %u:%" G_GSIZE_FORMAT "/%u", option->code, g_bytes_get_size (option->value),
                              g_bytes_hash (option->value));
    }
}

/* What holds of options, whoever they came from: asked for, in order, and good for the daemon to be told of. */
static void
check_options (const RsDhcpQuestion *question, GPtrArray *options)
{
  g_autoptr (RsDhcpAnswer) answer = rs_dhcp_answer_new (RS_ANSWER_GIVEN, ""), read = NULL;
  g_autoptr (GBytes) bytes = NULL, again = NULL;

  for (guint i = 0; i < options->len; i++)
    {
      const RsDhcpOption *option = options->pdata[i];

      g_assert_true (rs_dhcp_question_asks (question, option->code));
      g_assert_cmpint (option->v6, ==, question->v6);
      g_assert_cmpuint (g_bytes_get_size (option->value), <=, RS_DHCP_VALUE_MAX);
      g_ptr_array_add (answer->options, rs_dhcp_option_new (option->code, option->v6, option->value));
    }
  bytes = rs_dhcp_answer_to_bytes (answer);
  g_assert_nonnull (bytes);
  read = rs_dhcp_answer_from_bytes (bytes, question);
  g_assert_nonnull (read);
  again = rs_dhcp_answer_to_bytes (read);
  g_assert_true (g_bytes_equal (bytes, again));
}

static void
try_datagram (const RsDhcpQuestion *question, const RsDatagram *datagram, GString *out)
{
  const char *reason = NULL;
  g_autoptr (GPtrArray) options = rs_inform_read (question, XID, datagram, &reason);

  g_assert_cmpint (options == NULL, ==, reason != NULL);
  if (reason != NULL)
    {
      fuzz_check_line (reason);
      g_string_append (out, reason);
      return;
    }
  check_options (question, options);
  show_options (options, out);
}

static void
try_packet (const RsDhcpQuestion *question, FuzzInput *input, GString *out)
{
  gboolean whole = (fuzz_byte (input) & 1) != 0;
  g_autofree guint8 *exact = g_memdup2 (input->size > 0 ? input->data : (const guint8 *)"", MAX (input->size, 1));
  RsDatagram datagram;
  const char *reason = rs_datagram_read (exact, input->size, question->v6, whole, &datagram);

  if (reason != NULL)
    {
      g_string_append (out, reason);
      return;
    }
  g_assert_true (datagram.payload > exact && datagram.payload + datagram.length <= exact + input->size);
  try_datagram (question, &datagram, out);
}

/* An answer of the lease's server to this message: whatever follows its head is the input. */
static void
try_answer (const RsDhcpQuestion *question, FuzzInput *input, GString *out)
{
  static const guint8 head4[] = { 2, 1, 6, 0, 0, 0x12, 0x34, 0x56 };
  static const guint8 head6[] = { 7, 0x12, 0x34, 0x56, 0, 1, 0, 10, 0, 3, 0, 1, 2, 0, 0x5e, 0, 0x53, 1, 0, 2, 0, 4, 0, 3, 0, 1 };
  g_autoptr (GByteArray) message = g_byte_array_new ();
  g_autofree guint8 *exact = NULL;
  RsDatagram datagram = { .v6 = question->v6, .source = { 10, 77, 0, 1 }, .destination = { 10, 77, 0, 145 } };

  datagram.source_port = question->v6 ? RS_DHCP6_SERVER : RS_DHCP_SERVER;
  datagram.destination_port = question->v6 ? RS_DHCP6_CLIENT : RS_DHCP_CLIENT;
  if (question->v6)
    g_byte_array_append (message, head6, sizeof head6);
  else
    {
      /* the names of server and boot file, where options may go on */
      FuzzInput fields = fuzz_take (input, 192);

      g_byte_array_append (message, head4, sizeof head4);
      g_byte_array_set_size (message, 240);
      memset (message->data + sizeof head4, 0, 240 - sizeof head4);
      memcpy (message->data + 28, question->mac, sizeof question->mac);
      if (fields.size > 0)
        memcpy (message->data + 44, fields.data, fields.size);
      memcpy (message->data + 236, "\x63\x82\x53\x63", 4);
      g_byte_array_append (message, (const guint8 *)"\65\1\5\66\4\12\115\0\1", 9);
    }
  if (input->size > 0)
    g_byte_array_append (message, input->data, (guint)input->size);
  exact = g_memdup2 (message->data, message->len);
  datagram.payload = exact;
  datagram.length = message->len;
  try_datagram (question, &datagram, out);
}

static void
try_messages (const RsDhcpQuestion *question, FuzzInput *input, GString *out)
{
  g_autoptr (GBytes) bytes = g_bytes_new (input->data, input->size);
  g_autoptr (RsDhcpAnswer) answer = rs_dhcp_answer_from_bytes (bytes, question);
  RsDhcpQuestion read, again;

  if (rs_dhcp_question_from_bytes (bytes, &read))
    {
      g_autoptr (GBytes) written = rs_dhcp_question_to_bytes (&read), message = rs_inform_build (&read, XID, 0);

      g_assert_true (rs_dhcp_question_from_bytes (written, &again));
      g_assert_cmpmem (&read, sizeof read, &again, sizeof again);
      g_string_append_printf (out, "%s %u", read.interface, g_bytes_hash (message));
    }
  if (answer != NULL)
    {
      fuzz_check_line (answer->message);
      check_options (question, answer->options);
      g_string_append (out, answer->message);
      show_options (answer->options, out);
    }
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  guint8 which = fuzz_byte (&input);
  const RsDhcpQuestion *question = &questions[which & 1];

  switch (which >> 1 & 3)
    {
    case 0:
      try_packet (question, &input, out);
      break;
    case 1:
      try_answer (question, &input, out);
      break;
    default:
      try_messages (question, &input, out);
      break;
    }
}
