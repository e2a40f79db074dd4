/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* None of libsoup's helpers: its redirects, its decoders and HTTP/2 (which hangs when the peer dies) are off here, its
 * authentication in the message. */
#include "fetch/http-session.h"

#include "fetch/pinned.h"
#include "fetch/uri.h"

void
rs_http_prepare_process (void)
{
  static const struct
  {
    const char *name;
    const char *value;
  } variables[] = {
    { "SOUP_FORCE_HTTP1", "1" },
    { "G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
    { "GIO_USE_TLS", "gnutls" },
    /* GIO's own choices would start threads, read settings or listen to the network */
    { "GIO_USE_PROXY_RESOLVER", "dummy" },
    { "GIO_USE_NETWORK_MONITOR", "base" },
    { "GIO_USE_VFS", "local" },
    { "GSETTINGS_BACKEND", "memory" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_setenv (variables[i].name, variables[i].value, TRUE);
}

void
rs_http_warm_up (void)
{
  g_autoptr (SoupSession) session = soup_session_new ();

  g_tls_backend_get_default ();
  rs_tunnel_register ();
}

GUri *
rs_http_asked_uri (const RsRoute *route, GUri *uri, const RsRoute *server)
{
  if (server != NULL && route->host != NULL && g_str_equal (g_uri_get_scheme (uri), "http"))
    return rs_uri_at (uri, server->host, server->port);
  return g_uri_ref (uri);
}

char *
rs_http_end_name (GUri *uri, const RsRoute *server)
{
  return server != NULL ? rs_route_name (server->host, server->port)
                        : rs_route_name (g_uri_get_host (uri), rs_uri_port (uri));
}

/* Where the connection goes. */
static GSocketAddress *
new_address (const RsRoute *route, GUri *asked, const RsRoute *server, RsTunnel *tunnel, GInetAddress *address)
{
  const char *host = g_uri_get_host (asked);
  guint16 port = rs_uri_port (asked);
  g_autofree char *uri = NULL;

  if (route->host == NULL)
    return g_inet_socket_address_new (address, server != NULL ? server->port : port);
  if (tunnel != NULL)
    return rs_tunnel_address (tunnel, address, route->port, host, port);
  /* libsoup, which then asks for the whole URL, looks at this one */
  uri = g_strdup_printf ("http://proxy:%u", route->port);
  return g_object_new (G_TYPE_PROXY_ADDRESS, "address", address, "port", (guint)route->port, "protocol", "http",
                       "destination-hostname", host, "destination-port", (guint)port, "uri", uri, NULL);
}

SoupSession *
rs_http_session_new (const RsRoute *route, GUri *uri, const RsRoute *server, GPtrArray *addresses, RsTunnel *tunnel,
                     guint timeout)
{
  g_autoptr (GPtrArray) places = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GSocketConnectable) pinned = NULL;
  /* that there is one makes GIO and libsoup look for addresses of proxies; it is never asked itself */
  g_autoptr (GProxyResolver) resolver = route->host != NULL ? g_simple_proxy_resolver_new (NULL, NULL) : NULL;
  SoupSession *session;

  for (guint i = 0; i < addresses->len; i++)
    g_ptr_array_add (places, new_address (route, uri, server, tunnel, addresses->pdata[i]));
  pinned = rs_pinned_address_new (g_uri_get_host (uri), rs_uri_port (uri), places);
  session = g_object_new (SOUP_TYPE_SESSION, "remote-connectable", pinned, "timeout", timeout, NULL);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_SNIFFER);
  soup_session_set_proxy_resolver (session, resolver);
  return session;
}
