/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a proxy answers to CONNECT, in pieces. */
#include "fuzz.h"

#include "fetch/tunnel.h"

#include <string.h>

#define REQUEST "CONNECT ps.example.com:443 HTTP/1.1\r\nHost: ps.example.com:443\r\nUser-Agent: resyncd\r\n\r\n"
/* more than the head may have */
#define PADDING 32768

typedef struct
{
  GMainLoop *loop;
  GIOStream *stream;
  GError *error;
} Answer;

static void
on_connected (GObject *source, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;

  answer->stream = g_proxy_connect_finish (G_PROXY (source), result, &answer->error);
  g_main_loop_quit (answer->loop);
}

/* The pieces that the proxy's answer comes in, each after a byte of its length. */
static GInputStream *
new_answer (FuzzInput *input, GString *whole)
{
  GInputStream *stream = g_memory_input_stream_new ();
  gboolean long_one = (fuzz_byte (input) & 1) != 0;

  while (input->size > 0)
    {
      FuzzInput piece = fuzz_take (input, 1 + fuzz_byte (input));

      g_memory_input_stream_add_data (G_MEMORY_INPUT_STREAM (stream), g_memdup2 (piece.data, piece.size),
                                      (gssize)piece.size, g_free);
      g_string_append_len (whole, (const char *)piece.data, (gssize)piece.size);
    }
  if (long_one)
    {
      char *padding = g_malloc (PADDING);

      memset (padding, 'x', PADDING);
      g_memory_input_stream_add_data (G_MEMORY_INPUT_STREAM (stream), padding, PADDING, g_free);
      g_string_append_len (whole, padding, PADDING);
    }
  return stream;
}

/* Only an answer of its own that says yes, and nothing after it, opens the way to the server. */
static void
check_open (const GString *whole)
{
  const char *end = memmem (whole->str, whole->len, "\r\n\r\n", 4);

  g_assert_nonnull (end);
  g_assert_cmpuint (end + 4 - whole->str, ==, whole->len);
  g_assert_true (g_str_has_prefix (whole->str, "HTTP/1."));
}

static void
check_answer (const Answer *answer, RsTunnel *tunnel, const GString *whole, GString *out)
{
  guint status = rs_tunnel_get_status (tunnel);
  const char *challenge = rs_tunnel_get_challenge (tunnel);

  g_assert_cmpint (answer->stream != NULL, ==, answer->error == NULL);
  g_assert_true (answer->stream == NULL || status / 100 == 2);
  g_assert_cmpuint (status, <, 1000);
  if (answer->stream != NULL)
    check_open (whole);
  else
    fuzz_check_error (FALSE, answer->error);
  for (const char *p = challenge; p != NULL && *p != '\0'; p++)
    g_assert_true (*p != '\r' && *p != '\n');
  g_string_append_printf (out, "%u %s %s", status, challenge != NULL ? challenge : "–",
                          answer->error != NULL ? answer->error->message : "open");
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  g_autoptr (GString) whole = g_string_new (NULL);
  g_autoptr (GInputStream) from = new_answer (&input, whole);
  g_autoptr (GOutputStream) to = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) stream = g_simple_io_stream_new (from, to);
  g_autoptr (RsTunnel) tunnel = rs_tunnel_new ("ps.example.com:443", "resyncd", NULL);
  g_autoptr (GInetAddress) host = g_inet_address_new_from_string ("192.0.2.1");
  g_autoptr (GSocketAddress) address = rs_tunnel_address (tunnel, host, 3128, "ps.example.com", 443);
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GProxy) proxy = NULL;
  Answer answer = { g_main_loop_new (context, FALSE), NULL, NULL };

  rs_tunnel_register ();
  proxy = g_proxy_get_default_for_protocol (RS_TUNNEL_PROTOCOL);
  g_main_context_push_thread_default (context);
  g_proxy_connect_async (proxy, stream, G_PROXY_ADDRESS (address), NULL, on_connected, &answer);
  g_main_loop_run (answer.loop);
  g_main_context_pop_thread_default (context);
  check_answer (&answer, tunnel, whole, out);
  g_assert_cmpuint (g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (to)), ==, strlen (REQUEST));
  g_assert_cmpint (memcmp (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (to)), REQUEST, strlen (REQUEST)), ==, 0);
  g_clear_object (&answer.stream);
  g_clear_error (&answer.error);
  g_main_loop_unref (answer.loop);
}
