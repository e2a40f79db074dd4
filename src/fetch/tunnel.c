/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One request and the head of its answer, asynchronously. */
#include "fetch/tunnel.h"

#include "base/error.h"
#include "base/secret.h"

#include <libsoup/soup.h>
#include <string.h>

#define HEAD_MAX 16384
#define READ_SIZE 1024
#define ADDRESS_KEY "rs-tunnel"
/* libsoup takes "ICY" and empty lines in front, too */
#define HEAD_BEGIN "HTTP/1."

struct _RsTunnel
{
  GObject parent_instance;
  char *target;
  char *user_agent;
  char *authorization;
  guint status;
  char *challenge;
};

G_DEFINE_FINAL_TYPE (RsTunnel, rs_tunnel, G_TYPE_OBJECT)

/* The proxy of GIO: it has no state, which is the address's. */
#define RS_TYPE_TUNNEL_PROXY (rs_tunnel_proxy_get_type ())
G_DECLARE_FINAL_TYPE (RsTunnelProxy, rs_tunnel_proxy, RS, TUNNEL_PROXY, GObject)

struct _RsTunnelProxy
{
  GObject parent_instance;
};

static void tunnel_proxy_init (GProxyInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RsTunnelProxy, rs_tunnel_proxy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY, tunnel_proxy_init))

typedef struct
{
  GIOStream *stream;
  RsTunnel *tunnel;
  char *request;
  GByteArray *head;
} Opening;

static void
opening_free (gpointer data)
{
  Opening *opening = data;

  g_object_unref (opening->stream);
  g_object_unref (opening->tunnel);
  rs_secret_free (opening->request);
  g_byte_array_unref (opening->head);
  g_free (opening);
}

static char *
new_request (const RsTunnel *self)
{
  gboolean answers = self->authorization != NULL;

  return g_strconcat ("CONNECT ", self->target, " HTTP/1.1\r\nHost: ", self->target, "\r\n",
                      *self->user_agent != '\0' ? "User-Agent: " : "", self->user_agent,
                      *self->user_agent != '\0' ? "\r\n" : "", answers ? "Proxy-Authorization: " : "",
                      answers ? self->authorization : "", answers ? "\r\n" : "", "\r\n", NULL);
}

/* Takes task. */
static void
fail (GTask *task, const char *text)
{
  g_task_return_new_error (task, RS_ERROR, RS_ERROR_FAILED, "%s", text);
  g_object_unref (task);
}

/* The head is there, up to its empty line. Takes task. */
static void
judge (GTask *task, gsize length)
{
  Opening *opening = g_task_get_task_data (task);
  RsTunnel *tunnel = opening->tunnel;
  SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  guint status = 0;

  if (length > strlen (HEAD_BEGIN) && memcmp (opening->head->data, HEAD_BEGIN, strlen (HEAD_BEGIN)) == 0
      && soup_headers_parse_response ((const char *)opening->head->data, (int)length, headers, NULL, &status, NULL))
    {
      tunnel->status = status;
      g_free (tunnel->challenge);
      tunnel->challenge = g_strdup (soup_message_headers_get_list (headers, "Proxy-Authenticate"));
    }
  soup_message_headers_unref (headers);
  if (tunnel->status == 0)
    fail (task, "what the proxy answers is no HTTP");
  else if (tunnel->status / 100 != 2)
    fail (task, "the proxy does not connect");
  else if (opening->head->len > length)
    /* a server of TLS waits for the client's first word */
    fail (task, "the proxy says more than an answer to CONNECT");
  else
    {
      g_task_return_pointer (task, g_object_ref (opening->stream), g_object_unref);
      g_object_unref (task);
    }
}

static void read_more (GTask *task);

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Opening *opening = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  const guint8 *end;
  gsize length;
  gconstpointer part;

  if (bytes == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  part = g_bytes_get_data (bytes, &length);
  if (length == 0)
    {
      fail (task, "the proxy ended the connection before it answered");
      return;
    }
  g_byte_array_append (opening->head, part, length);
  end = memmem (opening->head->data, opening->head->len, "\r\n\r\n", 4);
  if (end != NULL)
    judge (task, end + 4 - opening->head->data);
  else if (opening->head->len > HEAD_MAX)
    fail (task, "the proxy's answer is too long");
  else
    read_more (task);
}

static void
read_more (GTask *task)
{
  Opening *opening = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (g_io_stream_get_input_stream (opening->stream), READ_SIZE, G_PRIORITY_DEFAULT,
                                   g_task_get_cancellable (task), on_read, task);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  GError *error = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    {
      read_more (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
tunnel_connect_async (GProxy *proxy, GIOStream *stream, GProxyAddress *address, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (proxy, cancellable, callback, data);
  Opening *opening = g_new (Opening, 1);

  opening->stream = g_object_ref (stream);
  opening->tunnel = g_object_ref (g_object_get_data (G_OBJECT (address), ADDRESS_KEY));
  opening->request = new_request (opening->tunnel);
  opening->head = g_byte_array_new ();
  opening->tunnel->status = 0;
  g_task_set_task_data (task, opening, opening_free);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (stream), opening->request, strlen (opening->request),
                                   G_PRIORITY_DEFAULT, cancellable, on_written, task);
}

static GIOStream *
tunnel_connect_finish (GProxy *proxy, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
tunnel_supports_hostname (GProxy *proxy)
{
  return TRUE;
}

static void
tunnel_proxy_init (GProxyInterface *iface)
{
  iface->connect_async = tunnel_connect_async;
  iface->connect_finish = tunnel_connect_finish;
  iface->supports_hostname = tunnel_supports_hostname;
}

static void
rs_tunnel_proxy_class_init (RsTunnelProxyClass *class)
{
}

static void
rs_tunnel_proxy_init (RsTunnelProxy *self)
{
}

static void
rs_tunnel_finalize (GObject *object)
{
  RsTunnel *self = RS_TUNNEL (object);

  g_free (self->target);
  g_free (self->user_agent);
  rs_secret_free (self->authorization);
  g_free (self->challenge);
  G_OBJECT_CLASS (rs_tunnel_parent_class)->finalize (object);
}

static void
rs_tunnel_class_init (RsTunnelClass *class)
{
  G_OBJECT_CLASS (class)->finalize = rs_tunnel_finalize;
}

static void
rs_tunnel_init (RsTunnel *self)
{
}

void
rs_tunnel_register (void)
{
  g_autoptr (GProxy) known = g_proxy_get_default_for_protocol (RS_TUNNEL_PROTOCOL);

  if (known == NULL)
    g_io_extension_point_implement (G_PROXY_EXTENSION_POINT_NAME, RS_TYPE_TUNNEL_PROXY, RS_TUNNEL_PROTOCOL, 0);
}

RsTunnel *
rs_tunnel_new (const char *target, const char *user_agent, const char *authorization)
{
  RsTunnel *self = g_object_new (RS_TYPE_TUNNEL, NULL);

  self->target = g_strdup (target);
  self->user_agent = g_strdup (user_agent);
  self->authorization = g_strdup (authorization);
  return self;
}

GSocketAddress *
rs_tunnel_address (RsTunnel *tunnel, GInetAddress *proxy, guint16 port, const char *host, guint16 host_port)
{
  GSocketAddress *address
      = g_proxy_address_new (proxy, port, RS_TUNNEL_PROTOCOL, host, host_port, NULL, NULL);

  g_object_set_data_full (G_OBJECT (address), ADDRESS_KEY, g_object_ref (tunnel), g_object_unref);
  return address;
}

guint
rs_tunnel_get_status (RsTunnel *tunnel)
{
  return tunnel->status;
}

const char *
rs_tunnel_get_challenge (RsTunnel *tunnel)
{
  return tunnel->challenge;
}
