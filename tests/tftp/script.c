/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads events, writes answers. */
#include "script.h"

#include "base/error.h"
#include "tftp/packet.h"

#include <string.h>

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

const RsTftpEndpoint *
script_peer (const char *name)
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
  if (data[1] == RS_TFTP_OPCODE_READ || data[1] == RS_TFTP_OPCODE_WRITE)
    {
      const char *mode = text + strlen (text) + 1;

      g_string_append_printf (out, "%s %s %s", data[1] == RS_TFTP_OPCODE_READ ? "read" : "write", text, mode);
      append_options (out, mode + strlen (mode) + 1, (const char *)data + length);
    }
  else if (data[1] == RS_TFTP_OPCODE_DATA)
    g_string_append_printf (out, "data %u %" G_GSIZE_FORMAT " from %u", number, length - 4, length > 4 ? data[4] : 0);
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

/* The events of either machine; one of the two is NULL. */
typedef struct
{
  RsTftpTransfer *transfer;
  RsTftpUpload *upload;
} Machine;

static void
start (const Machine *machine, gint64 now, RsTftpActions *actions)
{
  if (machine->upload != NULL)
    rs_tftp_upload_start (machine->upload, now, actions);
  else
    rs_tftp_transfer_start (machine->transfer, now, actions);
}

static void
time_out (const Machine *machine, gint64 now, RsTftpActions *actions)
{
  if (machine->upload != NULL)
    rs_tftp_upload_timeout (machine->upload, now, actions);
  else
    rs_tftp_transfer_timeout (machine->transfer, now, actions);
}

static void
take (const Machine *machine, const char *from, const GByteArray *datagram, gint64 now, RsTftpActions *actions)
{
  if (machine->upload != NULL)
    rs_tftp_upload_datagram (machine->upload, script_peer (from), datagram->data, datagram->len, now, actions);
  else
    rs_tftp_transfer_datagram (machine->transfer, script_peer (from), datagram->data, datagram->len, now, actions);
}

static void
do_event (const Machine *machine, const char *event, RsTftpActions *actions)
{
  g_auto (GStrv) words = g_strsplit (event, " ", -1);
  gint64 now = g_ascii_strtoll (words[0], NULL, 10) * 1000;
  g_autoptr (GByteArray) datagram = NULL;

  if (g_str_equal (words[1], "start"))
    start (machine, now, actions);
  else if (g_str_equal (words[1], "timer"))
    time_out (machine, now, actions);
  else if (g_str_equal (words[1], "refuse"))
    rs_tftp_transfer_refuse (machine->transfer, actions);
  else
    {
      datagram = datagram_from_words (words + 2);
      take (machine, words[1], datagram, now, actions);
    }
}

static void
run (const Machine *machine, const Step *steps, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GString) answer = g_string_new (NULL);
      RsTftpActions actions;

      g_test_message ("%s", steps[i].event);
      do_event (machine, steps[i].event, &actions);
      for (guint k = 0; k < actions.n; k++)
        append_action (answer, &actions.list[k]);
      g_assert_cmpstr (answer->str, ==, steps[i].answer);
    }
}

void
script_run (const RsTftpSettings *settings, const Step *steps, guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsTftpTransfer) transfer = rs_tftp_transfer_new (settings, &error);
  const Machine machine = { transfer, NULL };

  g_assert_no_error (error);
  run (&machine, steps, n);
}

void
script_run_upload (gsize length, const Step *steps, guint n)
{
  guint8 *data = g_malloc (length + 1);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (RsTftpUpload) upload = NULL;
  RsTftpUploadSettings settings = { .server = *script_peer ("server"), .file = "f", .give_up = 15 * 1000 * 1000 };
  Machine machine = { NULL, NULL };

  for (gsize i = 0; i < length; i++)
    data[i] = (guint8)i;
  bytes = g_bytes_new_take (data, length);
  settings.bytes = bytes;
  machine.upload = upload = rs_tftp_upload_new (&settings, NULL);
  g_assert_nonnull (upload);
  run (&machine, steps, n);
}

RsTftpSettings
script_settings (void)
{
  RsTftpSettings settings
      = { .server = *script_peer ("server"), .file = "f", .max_bytes = 100000, .give_up = 15 * 1000 * 1000 };

  return settings;
}
