/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The exchange. Each request has a session of its own, to addresses that were judged before, and none of libsoup's
 * helpers: its redirects, its authentication (which reads the body of a 401 without a bound), its decoders and HTTP/2
 * (which hangs when the peer dies) are all off. */
#include "fetch/http.h"

#include "base/secret.h"
#include "fetch/address.h"
#include "fetch/auth.h"
#include "fetch/http-answer.h"
#include "fetch/http-body.h"
#include "fetch/http-fault.h"
#include "fetch/http-session.h"
#include "fetch/own-certificate.h"
#include "fetch/resolve.h"
#include "fetch/route.h"
#include "fetch/trust.h"
#include "fetch/tunnel.h"
#include "fetch/uri.h"

#include <libsoup/soup.h>

#define PRELIMINARY_MAX 10 /* 100 Continue and the like */

struct _RsHttp
{
  RsJob *job;
  GUri *uri;
  const RsRoute *server; /* asked in the place of the URI's host; NULL: the host */
  gboolean first_server; /* still the one that the rule names: only it gets the credentials */
  guint redirects;
  RsAuth server_auth;
  RsAuth proxy_auth;
  GPtrArray *routes; /* RsRoute */
  guint route;       /* the present one */
  GPtrArray *addresses; /* of the server, or of the proxy; NULL: not looked up */
  RsTunnel *tunnel;     /* of the present request; NULL: none is needed */
  gboolean token_used;  /* the present request needs the key of a token */
  gboolean connected;   /* the present request has reached somebody */
  GTlsDatabase *trust;
  SoupSession *session;
  SoupMessage *message;
  RsHttpBody *body;
  guint preliminary;         /* answers before the answer */
  GCancellable *cancellable; /* of the present request */
  guint connect_timer;
};

static void start_request (RsHttp *self);
static gboolean try_next_route (RsHttp *self);

static void
stop_connect_timer (RsHttp *self)
{
  g_clear_handle_id (&self->connect_timer, g_source_remove);
}

/* Lets go of the present request, wherever it stands; no body is read to its end for politeness. */
static void
drop_request (RsHttp *self)
{
  stop_connect_timer (self);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->body, rs_http_body_free);
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);
  if (self->session != NULL)
    soup_session_abort (self->session);
  g_clear_object (&self->session);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->tunnel);
}

static const RsRoute *
get_route (RsHttp *self)
{
  return self->routes->pdata[self->route];
}

static gboolean
is_secure (RsHttp *self)
{
  return g_str_equal (g_uri_get_scheme (self->uri), "https");
}

static void
fail (RsHttp *self, RsError code, RsFailFlags flags, const char *text)
{
  rs_job_fail (self->job, code, flags, "%s", text);
}

static gboolean
on_connect_timeout (gpointer data)
{
  RsHttp *self = data;

  self->connect_timer = 0;
  if (!try_next_route (self))
    rs_http_fail_silent (self->job, self->first_server);
  return G_SOURCE_REMOVE;
}

static void
on_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *connection, gpointer data)
{
  RsHttp *self = data;

  if (event == G_SOCKET_CLIENT_CONNECTED)
    self->connected = TRUE;
  /* with TLS this comes after the handshake */
  if (event == G_SOCKET_CLIENT_COMPLETE)
    stop_connect_timer (self);
}

static gboolean
on_request_certificate (SoupMessage *message, GTlsClientConnection *connection, gpointer data)
{
  RsHttp *self = data;
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;

  /* only the server that the rule names learns who the phone is */
  if (!self->first_server)
    return FALSE;
  certificate = rs_own_certificate_load (rs_job_request (self->job), &error);
  if (error != NULL)
    fail (self, rs_error_code (error), RS_FAIL_PLAIN, error->message);
  if (certificate == NULL)
    return FALSE;
  self->token_used = rs_own_certificate_needs_token (rs_job_request (self->job));
  soup_message_set_tls_client_certificate (message, certificate);
  return TRUE;
}

/* libsoup reads these for as long as they come, and lets nothing else in the loop have a turn. */
static void
on_got_informational (SoupMessage *message, gpointer data)
{
  RsHttp *self = data;

  if (++self->preliminary <= PRELIMINARY_MAX)
    return;
  fail (self, RS_ERROR_FAILED, RS_FAIL_PLAIN, "the server sends preliminary answers without end");
  g_cancellable_cancel (self->cancellable);
}

static void
on_got_headers (SoupMessage *message, gpointer data)
{
  RsHttp *self = data;

  stop_connect_timer (self);
  if (!rs_http_answer_check (self->job, message))
    g_cancellable_cancel (self->cancellable);
}

static void
on_file (RsHttp *self, GInputStream *body)
{
  if (rs_http_answer_take_file (self->job, self->message))
    self->body = rs_http_body_read (self->job, soup_message_get_response_headers (self->message), body, FALSE, self->cancellable);
}

/* The rest of an image, where that was asked for; else it comes from its first byte, and what there was is given up. */
static void
on_rest (RsHttp *self, GInputStream *body)
{
  gboolean partial = soup_message_get_status (self->message) == SOUP_STATUS_PARTIAL_CONTENT;

  if (rs_job_get_part (self->job) == NULL)
    rs_http_answer_other (self->job, self->message);
  else if (partial && rs_http_answer_is_rest (self->job, self->message))
    self->body = rs_http_body_read (self->job, soup_message_get_response_headers (self->message), body, TRUE, self->cancellable);
  else
    {
      rs_job_forget_part (self->job);
      rs_auth_passed (&self->server_auth);
      rs_auth_passed (&self->proxy_auth);
      start_request (self);
    }
}

/* The next request goes there. What is known of the present server holds as long as it leads to the same, whether it knows
 * its port as that of the URL or as its own. */
static void
follow (RsHttp *self, GUri *target)
{
  gboolean same = self->server != NULL ? rs_uri_same_origin (self->uri, target, self->server->port)
                                       : rs_uri_same_host (self->uri, target);

  self->first_server = self->first_server && ((same && self->server != NULL) || rs_uri_same_server (self->uri, target));
  if (!same)
    {
      self->server = NULL;
      rs_job_set_server (self->job, NULL);
    }
  if (!same && get_route (self)->host == NULL)
    g_clear_pointer (&self->addresses, g_ptr_array_unref);
  /* who redirects has taken what it was answered, and what comes next may want another answer */
  rs_auth_clear (&self->server_auth);
  rs_auth_passed (&self->proxy_auth);
  g_uri_unref (self->uri);
  self->uri = g_uri_ref (target);
  start_request (self);
}

static void
on_redirect (RsHttp *self)
{
  const char *location = soup_message_headers_get_one (soup_message_get_response_headers (self->message), "Location");
  g_autoptr (GUri) target = NULL;
  g_autoptr (GError) error = NULL;

  if (location == NULL)
    {
      fail (self, RS_ERROR_FAILED, RS_FAIL_PLAIN,
            "the server redirects without saying where to; check its configuration");
      return;
    }
  target = rs_uri_redirect (self->uri, location, &error);
  if (target == NULL)
    {
      fail (self, rs_error_code (error), RS_FAIL_PLAIN, error->message);
      return;
    }
  /* DISC-11: a code is a credential (HTTP-2) */
  if (rs_job_request (self->job)->kind == RS_JOB_REDIRECT && rs_job_request (self->job)->method == RS_METHOD_POST
      && !rs_uri_same_server (self->uri, target))
    {
      fail (self, RS_ERROR_FAILED, RS_FAIL_PLAIN, "the service redirects to another host, which does not get the code");
      return;
    }
  if (self->redirects >= RS_REDIRECTS_MAX)
    {
      rs_job_fail (self->job, RS_ERROR_FAILED, RS_FAIL_PLAIN,
                   "more than %d redirects; two servers may be pointing at each other", RS_REDIRECTS_MAX);
      return;
    }
  self->redirects++;
  if (!rs_uri_same_host (self->uri, target) && rs_job_request (self->job)->proxies_found)
    rs_job_end_redirect (self->job, target, self->redirects);
  else
    follow (self, target);
}

static void
on_unauthorized (RsHttp *self)
{
  const RsRequest *request = rs_job_request (self->job);
  g_autofree char *target = rs_uri_target (self->uri);
  const RsAuthQuestion question = {
    .challenges
    = soup_message_headers_get_list (soup_message_get_response_headers (self->message), "WWW-Authenticate"),
    .allow_basic = is_secure (self) || request->basic_over_http,
    .method = soup_message_get_method (self->message),
    .target = target,
    .user = request->user,
    .password = request->password,
  };
  const char *why = "after a redirect to another host or port, which does not get the rule's user name and password";
  gboolean has_user = *request->user != '\0' || *request->password != '\0';

  /* the proxy has let it through */
  rs_auth_passed (&self->proxy_auth);
  if ((has_user && !self->first_server) || !rs_auth_next (&self->server_auth, &question, &why))
    rs_job_fail (self->job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "HTTP 401: %s", why);
  else
    start_request (self);
}

/* To the request itself, or to that for a tunnel. A proxy is asked over plain http, and its password is for that. */
static void
on_proxy_unauthorized (RsHttp *self, const char *challenges)
{
  const RsRequest *request = rs_job_request (self->job);
  g_autoptr (GUri) asked = rs_http_asked_uri (get_route (self), self->uri, self->server);
  g_autofree char *target = is_secure (self) ? rs_http_end_name (self->uri, self->server) : g_uri_to_string (asked);
  const RsAuthQuestion question = {
    .challenges = challenges,
    .allow_basic = TRUE,
    .method = is_secure (self) ? "CONNECT" : soup_message_get_method (self->message),
    .target = target,
    .user = request->proxy_user,
    .password = request->proxy_password,
  };
  const char *why;

  rs_job_set_answer (self->job, SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED, 0);
  if (rs_auth_next (&self->proxy_auth, &question, &why))
    start_request (self);
  else
    rs_job_fail (self->job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "HTTP 407: %s", why);
}

/* Of a server that is asked directly, or through a tunnel, it is an answer like any other. */
static void
on_407 (RsHttp *self)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);

  if (get_route (self)->host != NULL && self->tunnel == NULL)
    on_proxy_unauthorized (self, soup_message_headers_get_list (headers, "Proxy-Authenticate"));
  else
    rs_http_answer_other (self->job, self->message);
}

static void
note_server (RsHttp *self)
{
  GSocketAddress *remote = soup_message_get_remote_address (self->message);

  /* who stands behind a proxy only that knows */
  if (get_route (self)->host == NULL && G_IS_INET_SOCKET_ADDRESS (remote))
    rs_job_set_server_address (
        self->job, rs_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote))));
}

/* The request was not answered: by whom? */
static void
on_send_error (RsHttp *self, const GError *error)
{
  guint status = self->tunnel != NULL ? rs_tunnel_get_status (self->tunnel) : 0;

  if (status == SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED)
    on_proxy_unauthorized (self, rs_tunnel_get_challenge (self->tunnel));
  else if (status != 0 && status / 100 != 2)
    rs_http_fail_tunnel (self->job, status);
  /* The server had a certificate in hand, and its key did not come. Why not is not told: a token hides its keys from who has
   * not logged in. To try again could lock it. */
  else if (self->token_used && g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED))
    fail (self, RS_ERROR_FAILED, RS_FAIL_PIN,
          "the server asks for the phone's certificate, and its token does not take the PIN (pin-value) or has no "
          "such key, which is not tried again before the URI is another one; check PrivateKeyFile in resyncd.conf");
  else if (!try_next_route (self))
    rs_http_fail_send (self->job, self->message, error, self->first_server);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer data)
{
  RsHttp *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) body = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  guint status;

  if (rs_job_has_ended (self->job) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  stop_connect_timer (self);
  note_server (self);
  if (body == NULL)
    {
      on_send_error (self, error);
      return;
    }
  status = soup_message_get_status (self->message);
  if (rs_job_request (self->job)->upload && SOUP_STATUS_IS_SUCCESSFUL (status))
    {
      rs_job_end_upload (self->job);
      return;
    }
  switch (status)
    {
    case SOUP_STATUS_OK:
      on_file (self, body);
      break;
    case SOUP_STATUS_PARTIAL_CONTENT:
    case SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE:
    /* where a Range was sent: for some servers that is a fault of the request */
    case SOUP_STATUS_BAD_REQUEST:
    case SOUP_STATUS_NOT_IMPLEMENTED:
      on_rest (self, body);
      break;
    case SOUP_STATUS_NOT_MODIFIED:
      rs_http_answer_not_modified (self->job, self->message);
      break;
    case SOUP_STATUS_MOVED_PERMANENTLY:
    case SOUP_STATUS_FOUND:
      on_redirect (self);
      break;
    case SOUP_STATUS_UNAUTHORIZED:
      on_unauthorized (self);
      break;
    case SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED:
      on_407 (self);
      break;
    default:
      rs_http_answer_other (self->job, self->message);
    }
}

static void
add_header (SoupMessage *message, const char *name, const char *value)
{
  if (value != NULL && *value != '\0')
    soup_message_headers_replace (soup_message_get_request_headers (message), name, value);
}

/* What comes after what there is of an image, if it is still the same (RFC 9110 section 13.1.5). */
static void
add_range (SoupMessage *message, const RsPart *part)
{
  g_autofree char *range = part != NULL ? g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-", part->bytes) : NULL;

  add_header (message, "Range", range);
  add_header (message, "If-Range", part != NULL ? part->validator : NULL);
}

static SoupMessage *
new_message (RsHttp *self, GUri *asked)
{
  const RsRequest *request = rs_job_request (self->job);
  static const char *const methods[] = { "GET", "POST", "PUT" };
  SoupMessage *message = soup_message_new_from_uri (methods[request->method], asked);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  /* the feature itself must stay: without it libsoup expects somebody else to answer, and reads the whole body of a 401
   */
  soup_message_disable_feature (message, SOUP_TYPE_AUTH_MANAGER);
  add_header (message, "User-Agent", request->user_agent);
  add_header (message, "If-None-Match", request->if_none_match);
  add_header (message, "If-Modified-Since", request->if_modified_since);
  add_range (message, rs_job_get_part (self->job));
  add_header (message, "Authorization", self->server_auth.answer);
  /* through a tunnel it would go to the server */
  if (get_route (self)->host != NULL && self->tunnel == NULL)
    add_header (message, "Proxy-Authorization", self->proxy_auth.answer);
  rs_body_attach (rs_job_body (self->job), message);
  g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), self);
  g_signal_connect (message, "request-certificate", G_CALLBACK (on_request_certificate), self);
  g_signal_connect (message, "got-informational", G_CALLBACK (on_got_informational), self);
  g_signal_connect (message, "got-headers", G_CALLBACK (on_got_headers), self);
  return message;
}

static void
send_request (RsHttp *self)
{
  g_autoptr (GUri) asked = rs_http_asked_uri (get_route (self), self->uri, self->server);

  if (get_route (self)->host != NULL && is_secure (self))
    {
      g_autofree char *target = rs_http_end_name (self->uri, self->server);

      self->tunnel = rs_tunnel_new (target, rs_job_request (self->job)->user_agent, self->proxy_auth.answer);
    }
  self->connect_timer = g_timeout_add (rs_job_request (self->job)->connect_timeout * 1000, on_connect_timeout, self);
  self->session = rs_http_session_new (get_route (self), asked, self->server, self->addresses, self->tunnel,
                                       rs_job_get_patience (self->job));
  self->message = new_message (self, asked);
  soup_session_send_async (self->session, self->message, G_PRIORITY_DEFAULT, self->cancellable, on_sent, self);
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer data)
{
  RsHttp *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) addresses = rs_resolve_finish (result, &error);

  if (rs_job_has_ended (self->job) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (addresses == NULL && try_next_route (self))
    return;
  if (addresses == NULL)
    {
      fail (self, rs_error_code (error), self->first_server ? RS_FAIL_SILENT : RS_FAIL_PLAIN, error->message);
      return;
    }
  self->addresses = g_steal_pointer (&addresses);
  send_request (self);
}

/* The database must be in place before the first use of TLS, else glib-networking loads the system's for itself. */
static gboolean
prepare_trust (RsHttp *self, GError **error)
{
  if (self->trust != NULL || !is_secure (self))
    return TRUE;
  self->trust = rs_trust_new (rs_job_request (self->job), error);
  if (self->trust == NULL)
    return FALSE;
  g_tls_backend_set_default_database (g_tls_backend_get_default (), self->trust);
  return TRUE;
}

/* Goes on with what comes after a proxy that nobody could reach. FALSE: there is nothing, or somebody was reached. */
static gboolean
try_next_route (RsHttp *self)
{
  if (self->connected || get_route (self)->host == NULL || self->route + 1 >= self->routes->len)
    return FALSE;
  self->route++;
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  rs_auth_clear (&self->proxy_auth);
  start_request (self);
  return TRUE;
}

/* Looks up the server, or the proxy, whose own look-ups nobody here can judge (HTTP-12). The rule names its host, and not
 * where the records of that lead. */
static void
look_up (RsHttp *self)
{
  const RsRequest *request = rs_job_request (self->job);
  const RsRoute *route = get_route (self);
  const char *host = self->server != NULL ? self->server->host : g_uri_get_host (self->uri);
  const char *literal = self->server != NULL ? NULL : request->literal_address;
  g_autoptr (GError) error = NULL;

  if (route->host != NULL && !rs_resolve_check_name (host, literal, &error))
    fail (self, rs_error_code (error), RS_FAIL_PLAIN, error->message);
  else if (self->addresses != NULL)
    send_request (self);
  else
    rs_resolve_async (route->host != NULL ? route->host : host,
                      route->host == NULL ? literal : request->proxies_found ? "" : route->host, request->connect_timeout,
                      self->cancellable, on_resolved, self);
}

static void
start_request (RsHttp *self)
{
  const RsRoute *route = get_route (self);
  g_autofree char *proxy = route->host != NULL ? rs_route_name (route->host, route->port) : NULL;
  g_autofree char *url = g_uri_to_string (self->uri);
  g_autoptr (GError) error = NULL;

  drop_request (self);
  self->preliminary = 0;
  self->connected = FALSE;
  self->token_used = FALSE;
  rs_job_set_url (self->job, url);
  rs_job_set_proxy (self->job, proxy);
  self->cancellable = g_cancellable_new ();
  if (prepare_trust (self, &error))
    look_up (self);
  else
    fail (self, rs_error_code (error), RS_FAIL_PLAIN, error->message);
}

RsHttp *
rs_http_start (RsJob *job, const RsRoute *server)
{
  g_autofree char *name = server != NULL ? rs_route_name (server->host, server->port) : NULL;
  RsHttp *self = g_new0 (RsHttp, 1);
  g_autoptr (GError) error = NULL;

  self->job = job;
  self->server = server;
  self->redirects = rs_job_request (job)->redirects;
  self->first_server = self->redirects == 0;
  rs_job_set_server (job, name);
  self->server_auth.words = &rs_auth_server;
  self->proxy_auth.words = &rs_auth_proxy;
  self->routes = rs_routes_parse (rs_job_request (job)->proxies, &error);
  if (self->routes != NULL)
    self->uri = rs_uri_from_request (rs_job_request (job), &error);
  if (self->uri == NULL)
    fail (self, rs_error_code (error), RS_FAIL_PLAIN, error->message);
  else
    start_request (self);
  return self;
}

void
rs_http_stop (RsHttp *self)
{
  drop_request (self);
}

void
rs_http_free (RsHttp *self)
{
  drop_request (self);
  g_clear_pointer (&self->uri, g_uri_unref);
  g_clear_pointer (&self->routes, g_ptr_array_unref);
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_clear_object (&self->trust);
  rs_auth_clear (&self->server_auth);
  rs_auth_clear (&self->proxy_auth);
  g_free (self);
}
