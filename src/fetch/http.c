/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The exchange. Each request has a session of its own, to addresses that were judged before, and none of libsoup's
 * helpers: its redirects, its authentication (which reads the body of a 401 without a bound), its decoders and HTTP/2
 * (which hangs when the peer dies) are all off. */
#include "fetch/http.h"

#include "base/secret.h"
#include "base/text.h"
#include "fetch/address.h"
#include "fetch/answer.h"
#include "fetch/challenge.h"
#include "fetch/http-fault.h"
#include "fetch/pinned.h"
#include "fetch/resolve.h"
#include "fetch/trust.h"
#include "fetch/uri.h"

#include <libsoup/soup.h>

#define REDIRECTS_MAX   5
#define ANSWERS_MAX     2 /* to 401 */
#define READ_SIZE       16384
#define PRELIMINARY_MAX 10 /* 100 Continue and the like */

struct _RsHttp
{
  RsJob *job;
  GUri *uri;
  gboolean first_server; /* still the one that the rule names: only it gets the credentials */
  guint redirects;
  guint answers;
  char *authorization;  /* of the next request; NULL: none */
  GPtrArray *addresses; /* of the host; NULL: not looked up */
  GTlsDatabase *trust;
  SoupSession *session;
  SoupMessage *message;
  GInputStream *body;
  gboolean sized;  /* the answer has a Content-Length that counts */
  gboolean framed; /* it says by itself where it ends */
  guint64 expected;
  guint64 received;
  guint preliminary;         /* answers before the answer */
  GCancellable *cancellable; /* of the present request */
  guint connect_timer;
};

static void start_request (RsHttp *self);

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
}

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
  g_clear_object (&self->body);
  g_clear_object (&self->message);
  if (self->session != NULL)
    soup_session_abort (self->session);
  g_clear_object (&self->session);
  g_clear_object (&self->cancellable);
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
  rs_http_fail_silent (self->job, self->first_server);
  return G_SOURCE_REMOVE;
}

static void
on_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *connection, gpointer data)
{
  /* with TLS this comes after the handshake */
  if (event == G_SOCKET_CLIENT_COMPLETE)
    stop_connect_timer (data);
}

static gboolean
on_request_certificate (SoupMessage *message, GTlsClientConnection *connection, gpointer data)
{
  RsHttp *self = data;
  const RsRequest *request = rs_job_request (self->job);
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;

  /* only the server that the rule names learns who the phone is */
  if (*request->certificate_file == '\0' || !self->first_server)
    return FALSE;
  if (*request->private_key_file != '\0')
    certificate = g_tls_certificate_new_from_files (request->certificate_file, request->private_key_file, &error);
  else
    certificate = g_tls_certificate_new_from_file (request->certificate_file, &error);
  if (certificate == NULL)
    {
      g_autofree char *why = rs_text_escape (error->message, 0);

      rs_job_fail (self->job, RS_ERROR_FAILED, RS_FAIL_PLAIN,
                   "the server asks for the phone's certificate, which cannot be read: %s; check CertificateFile and "
                   "PrivateKeyFile in resyncd.conf",
                   why);
      return FALSE;
    }
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

/* What must be settled before libsoup goes on to the body. */
static void
on_got_headers (SoupMessage *message, gpointer data)
{
  RsHttp *self = data;
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *length_field = soup_message_headers_get_list (headers, "Content-Length");
  guint64 max = rs_job_request (self->job)->max_bytes;
  guint status = soup_message_get_status (message);
  guint64 length;

  stop_connect_timer (self);
  rs_job_set_answer (self->job, status, 0);
  if (length_field != NULL && !rs_answer_length (length_field, &length))
    fail (self, RS_ERROR_FAILED, RS_FAIL_PLAIN, "the answer's Content-Length is no number; the server is at fault");
  else if (length_field != NULL && status == SOUP_STATUS_OK && length > max && !rs_job_request (self->job)->upload)
    rs_job_fail (self->job, RS_ERROR_CORRUPT, RS_FAIL_PLAIN,
                 "the file has %" G_GUINT64_FORMAT " bytes, more than the %" G_GUINT64_FORMAT
                 " that are allowed; if it is right, raise MaxProfileBytes in resyncd.conf",
                 length, max);
  else if (status == SOUP_STATUS_MISDIRECTED_REQUEST)
    /* libsoup would read its body whole before it said so */
    rs_job_fail (self->job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "HTTP 421: %s", rs_answer_advice (status));
  else
    return;
  g_cancellable_cancel (self->cancellable);
}

static void read_more (RsHttp *self);

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  RsHttp *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  gsize length;
  const guint8 *part;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (bytes == NULL)
    {
      rs_http_fail_body (self->job, error);
      return;
    }
  part = g_bytes_get_data (bytes, &length);
  self->received += length;
  if (length > 0)
    {
      if (rs_job_append (self->job, part, length))
        read_more (self);
    }
  /* libsoup takes any end of a chunked body for its end, and some of others: only a length proves anything. It also takes
   * the end of the connection for that of the headers; then nothing follows. */
  else if ((self->sized && self->received < self->expected) || (!self->framed && self->received == 0))
    rs_http_fail_body (self->job, NULL);
  else
    rs_job_end_file (self->job, self->sized);
}

static void
read_more (RsHttp *self)
{
  g_input_stream_read_bytes_async (self->body, READ_SIZE, G_PRIORITY_DEFAULT, self->cancellable, on_read, self);
}

static void
take_validators (RsHttp *self, const char *etag, const char *last_modified)
{
  rs_job_set_validators (self->job, rs_answer_validator (etag, RS_VALIDATOR_MAX),
                         rs_answer_validator (last_modified, RS_VALIDATOR_MAX));
}

/* Takes body. */
static void
on_file (RsHttp *self, GInputStream *body)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  SoupEncoding encoding = soup_message_headers_get_encoding (headers);

  self->sized = encoding == SOUP_ENCODING_CONTENT_LENGTH;
  self->framed = encoding != SOUP_ENCODING_EOF;
  self->expected = self->sized ? (guint64)soup_message_headers_get_content_length (headers) : 0;
  self->received = 0;
  take_validators (self, soup_message_headers_get_one (headers, "ETag"),
                   soup_message_headers_get_one (headers, "Last-Modified"));
  rs_job_set_aes128gcm (self->job,
                        rs_answer_is_aes128gcm (soup_message_headers_get_list (headers, "Content-Encoding")));
  rs_job_begin_file (self->job, self->expected);
  self->body = body;
  read_more (self);
}

static void
on_not_modified (RsHttp *self)
{
  const RsRequest *request = rs_job_request (self->job);
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  const char *etag = soup_message_headers_get_one (headers, "ETag");
  const char *last_modified = soup_message_headers_get_one (headers, "Last-Modified");

  if (*request->if_none_match == '\0' && *request->if_modified_since == '\0')
    {
      rs_job_fail (self->job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "HTTP 304: %s", rs_answer_advice (304));
      return;
    }
  take_validators (self, etag != NULL ? etag : request->if_none_match,
                   last_modified != NULL ? last_modified : request->if_modified_since);
  rs_job_end_not_modified (self->job);
}

static void
on_redirect (RsHttp *self)
{
  const char *location = soup_message_headers_get_one (soup_message_get_response_headers (self->message), "Location");
  g_autoptr (GUri) target = NULL;
  g_autoptr (GError) error = NULL;
  gboolean same_host;

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
  if (self->redirects >= REDIRECTS_MAX)
    {
      rs_job_fail (self->job, RS_ERROR_FAILED, RS_FAIL_PLAIN,
                   "more than %d redirects; two servers may be pointing at each other", REDIRECTS_MAX);
      return;
    }
  self->redirects++;
  same_host = rs_uri_same_host (self->uri, target);
  self->first_server = self->first_server && rs_uri_same_server (self->uri, target);
  if (!same_host)
    g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_clear_pointer (&self->authorization, rs_secret_free);
  g_clear_pointer (&self->uri, g_uri_unref);
  self->uri = g_steal_pointer (&target);
  start_request (self);
}

/* The answer to the strongest challenge, or NULL with the reason why there is none. */
static char *
answer_challenge (RsHttp *self, const char **why)
{
  const RsRequest *request = rs_job_request (self->job);
  const char *field
      = soup_message_headers_get_list (soup_message_get_response_headers (self->message), "WWW-Authenticate");
  gboolean secure = g_str_equal (g_uri_get_scheme (self->uri), "https");
  gboolean refused = FALSE;
  g_autofree char *target = rs_uri_target (self->uri);
  g_autofree char *cnonce = g_strdup_printf ("%08x%08x", g_random_int (), g_random_int ());
  RsCredentials credentials
      = { soup_message_get_method (self->message), target, request->user, request->password, cnonce };
  g_autoptr (RsChallenge) challenge = NULL;
  char *answer;

  *why = rs_answer_advice (401);
  if (*request->user == '\0' && *request->password == '\0')
    return NULL;
  if (!self->first_server)
    {
      *why = "after a redirect to another host or port, which does not get the rule's user name and password";
      return NULL;
    }
  if (self->answers >= ANSWERS_MAX)
    {
      *why = "the server does not accept the user name and password; check --uid and --pwd of the rule";
      return NULL;
    }
  challenge = rs_challenge_choose (field != NULL ? field : "", secure || request->basic_over_http, &refused);
  answer = rs_challenge_answer (challenge, &credentials);
  if (answer == NULL)
    *why
        = refused
              ? "the server wants the password in the clear over plain http, which is done only for --uid and --pwd of "
                "the rule itself; use https"
              : "the server wants an authentication that is neither Basic nor Digest";
  return answer;
}

static void
on_unauthorized (RsHttp *self)
{
  const char *why;
  char *answer = answer_challenge (self, &why);

  if (answer == NULL)
    {
      rs_job_fail (self->job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "HTTP 401: %s", why);
      return;
    }
  self->answers++;
  rs_secret_free (self->authorization);
  self->authorization = answer;
  start_request (self);
}

static void
on_other_status (RsHttp *self, guint status)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  gboolean overload = rs_answer_is_overload (status);
  guint retry_after = 0;

  if (overload)
    retry_after
        = rs_answer_retry_after (soup_message_headers_get_one (headers, "Retry-After"),
                                 soup_message_headers_get_one (headers, "Date"), g_get_real_time () / G_USEC_PER_SEC);
  rs_job_set_answer (self->job, status, retry_after);
  rs_job_fail (self->job, rs_answer_code (status), overload ? RS_FAIL_OVERLOAD : RS_FAIL_PLAIN, "HTTP %u: %s", status,
               rs_answer_advice (status));
}

static void
note_server (RsHttp *self)
{
  GSocketAddress *remote = soup_message_get_remote_address (self->message);

  if (G_IS_INET_SOCKET_ADDRESS (remote))
    rs_job_set_server_address (
        self->job, rs_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote))));
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
      rs_http_fail_send (self->job, self->message, error, self->first_server);
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
      on_file (self, g_steal_pointer (&body));
      break;
    case SOUP_STATUS_NOT_MODIFIED:
      on_not_modified (self);
      break;
    case SOUP_STATUS_MOVED_PERMANENTLY:
    case SOUP_STATUS_FOUND:
      on_redirect (self);
      break;
    case SOUP_STATUS_UNAUTHORIZED:
      on_unauthorized (self);
      break;
    default:
      on_other_status (self, status);
    }
}

static SoupSession *
new_session (RsHttp *self)
{
  g_autoptr (GSocketConnectable) pinned
      = rs_pinned_address_new (g_uri_get_host (self->uri), rs_uri_port (self->uri), self->addresses);
  SoupSession *session = g_object_new (SOUP_TYPE_SESSION, "remote-connectable", pinned, "timeout",
                                       rs_job_request (self->job)->connect_timeout, NULL);

  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_SNIFFER);
  soup_session_set_proxy_resolver (session, NULL);
  return session;
}

static void
add_header (SoupMessage *message, const char *name, const char *value)
{
  if (value != NULL && *value != '\0')
    soup_message_headers_replace (soup_message_get_request_headers (message), name, value);
}

static SoupMessage *
new_message (RsHttp *self)
{
  const RsRequest *request = rs_job_request (self->job);
  static const char *const methods[] = { "GET", "POST", "PUT" };
  SoupMessage *message = soup_message_new_from_uri (methods[request->method], self->uri);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  /* the feature itself must stay: without it libsoup expects somebody else to answer, and reads the whole body of a 401
   */
  soup_message_disable_feature (message, SOUP_TYPE_AUTH_MANAGER);
  add_header (message, "User-Agent", request->user_agent);
  add_header (message, "If-None-Match", request->if_none_match);
  add_header (message, "If-Modified-Since", request->if_modified_since);
  add_header (message, "Authorization", self->authorization);
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
  self->connect_timer = g_timeout_add (rs_job_request (self->job)->connect_timeout * 1000, on_connect_timeout, self);
  self->session = new_session (self);
  self->message = new_message (self);
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
  const RsRequest *request = rs_job_request (self->job);

  if (self->trust != NULL || !g_str_equal (g_uri_get_scheme (self->uri), "https"))
    return TRUE;
  self->trust = rs_trust_new (request->ca_file, request->system_ca, error);
  if (self->trust == NULL)
    return FALSE;
  g_tls_backend_set_default_database (g_tls_backend_get_default (), self->trust);
  return TRUE;
}

static void
start_request (RsHttp *self)
{
  const RsRequest *request = rs_job_request (self->job);
  g_autofree char *url = g_uri_to_string (self->uri);
  g_autoptr (GError) error = NULL;

  drop_request (self);
  self->preliminary = 0;
  rs_job_set_url (self->job, url);
  if (!prepare_trust (self, &error))
    {
      fail (self, rs_error_code (error), RS_FAIL_PLAIN, error->message);
      return;
    }
  self->cancellable = g_cancellable_new ();
  if (self->addresses != NULL)
    send_request (self);
  else
    rs_resolve_async (g_uri_get_host (self->uri), request->literal_address, request->connect_timeout, self->cancellable,
                      on_resolved, self);
}

RsHttp *
rs_http_start (RsJob *job)
{
  RsHttp *self = g_new0 (RsHttp, 1);
  g_autoptr (GError) error = NULL;

  self->job = job;
  self->first_server = TRUE;
  self->uri = rs_uri_from_request (rs_job_request (job), &error);
  if (self->uri == NULL)
    fail (self, rs_error_code (error), RS_FAIL_PLAIN, error->message);
  else
    start_request (self);
  return self;
}

void
rs_http_free (RsHttp *self)
{
  if (self == NULL)
    return;
  drop_request (self);
  g_clear_pointer (&self->uri, g_uri_unref);
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_clear_object (&self->trust);
  rs_secret_free (self->authorization);
  g_free (self);
}
