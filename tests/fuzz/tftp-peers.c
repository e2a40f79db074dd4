/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tftp-peers.h"

#include "tftp/packet.h"

#include <string.h>

const RsTftpEndpoint *
fuzz_tftp_peer (guint who)
{
  static const RsTftpEndpoint peers[] = {
    { { 192, 0, 2, 1 }, 4, 69 },
    { { 192, 0, 2, 1 }, 4, 2000 },
    { { 192, 0, 2, 1 }, 4, 2001 },
    { { 192, 0, 2, 9 }, 4, 2000 },
  };

  return &peers[who % G_N_ELEMENTS (peers)];
}

void
fuzz_tftp_check_receiver (const RsTftpAction *action, const RsTftpEndpoint *server, const RsTftpEndpoint *from)
{
  g_assert_cmpuint (action->length, >=, 4);
  g_assert_cmpint (action->data[0], ==, 0);
  if (rs_tftp_endpoint_same_host (&action->to, server))
    return;
  g_assert_cmpint (action->data[1], ==, RS_TFTP_OPCODE_ERROR);
  g_assert_true (from != NULL && rs_tftp_endpoint_equal (from, &action->to));
}

GByteArray *
fuzz_tftp_error (FuzzInput *input)
{
  FuzzInput text = fuzz_take (input, fuzz_byte (input) % 128);
  const guint8 head[] = { 0, RS_TFTP_OPCODE_ERROR, 0, fuzz_byte (input) };
  GByteArray *data = g_byte_array_new ();

  g_byte_array_append (data, head, sizeof head);
  if (text.size > 0)
    g_byte_array_append (data, text.data, (guint)text.size);
  return g_byte_array_append (data, (const guint8 *)"", 1);
}

GByteArray *
fuzz_tftp_options (FuzzInput *input, guint *blksize)
{
  static const char *const names[] = { "blksize", "windowsize", "tsize", "timeout" };
  const guint8 head[] = { 0, RS_TFTP_OPCODE_OACK };
  GByteArray *data = g_byte_array_new ();
  guint8 which = fuzz_byte (input);

  g_byte_array_append (data, head, sizeof head);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      guint16 number = fuzz_uint16 (input);
      g_autofree char *value = g_strdup_printf ("%u", number);

      if ((which & 1u << i) == 0)
        continue;
      g_byte_array_append (data, (const guint8 *)names[i], (guint)strlen (names[i]) + 1);
      g_byte_array_append (data, (const guint8 *)value, (guint)strlen (value) + 1);
      if (i == 0)
        *blksize = number;
    }
  return data;
}
