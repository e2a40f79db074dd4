/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests come in here, bounded in size, time and number, and go out as replies and lines of the journal. */
#include "redirect/server.h"

#include "base/text.h"
#include "redirect/answer.h"
#include "redirect/clients.h"
#include "redirect/guesses.h"
#include "system/journal.h"
#include "system/reclaim.h"

#include <libsoup/soup.h>
#include <string.h>

#define MAX_OPEN 512
#define MAX_OPEN_OF_CLIENT 64
#define CLIENT_BITS 64 /* of IPv6 */
#define TOO_MANY_REQUESTS 429 /* libsoup has no name for it */
#define STORAGE_RETRY_SECONDS 60

struct _RsServer
{
  RsBook *book;
  RsUses *uses;
  RsClients *clients;
  RsGuesses *guesses;
  SoupServer *soup;
  char *client_header;
  gboolean warned; /* of a proxy that does not say who asks */
  guint patience;
  GQueue open; /* Open, in the order in which they began */
};

/* A connection, and the request that it brings or may bring. */
typedef struct
{
  RsServer *server;
  SoupServerMessage *message;
  char *client; /* NULL: a proxy, behind which anybody may be */
  guint timer;  /* 0: it was hung up on */
} Open;

/* A reply that waits for the disk. */
typedef struct
{
  RsServer *server;
  SoupServerMessage *message;
  RsAnswer answer;
  char *client;
} Counting;

/* (transfer full). One that has left already has no address any more. */
static GInetAddress *
peer_of (SoupServerMessage *message)
{
  GSocketAddress *peer = soup_server_message_get_remote_address (message);

  return G_IS_INET_SOCKET_ADDRESS (peer) ? g_object_ref (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (peer)))
                                         : g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
}

static gboolean
is_proxy (const RsServer *server,
          GInetAddress   *peer)
{
  return server->client_header[0] != '\0' && g_inet_address_get_is_loopback (peer);
}

/* Each proxy adds whom it was asked by, so the last address is the word of the one on this machine, and what stands before it may be
 * anybody's. */
static GInetAddress *
read_client (SoupServerMessage *message,
             const char        *header)
{
  const char *said = soup_message_headers_get_list (soup_server_message_get_request_headers (message), header);
  const char *comma = said != NULL ? strrchr (said, ',') : NULL;
  g_autofree char *last = g_strstrip (g_strdup (comma != NULL ? comma + 1 : said != NULL ? said : ""));

  return g_inet_address_new_from_string (last);
}

/* All that come through such a proxy are one client, which soon has to wait. */
static void
warn_of_proxy (RsServer *server)
{
  if (server->warned)
    return;
  server->warned = TRUE;
  rs_journal_print (G_LOG_LEVEL_WARNING, NULL, "a request from this machine has no address in %s: all whom its proxy does not name"
                    " so count as one client, with the limits of one", server->client_header);
}

/* Who asks; a proxy on this machine says so in a header, and nobody else is believed. */
static GInetAddress *
address_of (RsServer          *server,
            SoupServerMessage *message)
{
  g_autoptr (GInetAddress) peer = peer_of (message);
  GInetAddress *named;

  if (!is_proxy (server, peer))
    return g_steal_pointer (&peer);
  named = read_client (message, server->client_header);
  if (named == NULL)
    warn_of_proxy (server);
  return named != NULL ? named : g_steal_pointer (&peer);
}

static void
set_retry_after (SoupServerMessage *message,
                 guint              seconds)
{
  g_autofree char *text = g_strdup_printf ("%u", seconds);

  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Retry-After", text);
}

static void
reply (SoupServerMessage *message,
       guint              status,
       const char        *body)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  if (status == SOUP_STATUS_METHOD_NOT_ALLOWED)
    soup_message_headers_replace (headers, "Allow", "GET, POST");
  soup_server_message_set_status (message, status, NULL);
  if (body != NULL)
    soup_server_message_set_response (message, "text/xml; charset=utf-8", SOUP_MEMORY_COPY, body, strlen (body));
  else
    soup_message_headers_set_content_length (headers, 0);
}

static void
log_answer (const char     *client,
            const RsAnswer *answer)
{
  gboolean good = answer->status == SOUP_STATUS_OK;

  rs_journal_print (good ? G_LOG_LEVEL_MESSAGE : G_LOG_LEVEL_WARNING, NULL, "%s, phone %s: %u: %s", client,
                    answer->mac != NULL ? answer->mac : "?", answer->status, answer->why);
}

static void
finish (SoupServerMessage *message,
        const char        *client,
        const RsAnswer    *answer)
{
  reply (message, answer->status, answer->body);
  log_answer (client, answer);
}

static void
on_counted (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  Counting *counting = data;
  g_autoptr (SoupServerMessage) message = counting->message;
  g_autoptr (GError) error = NULL;

  if (!rs_uses_note_finish (result, &error))
    {
      rs_journal_print (G_LOG_LEVEL_CRITICAL, NULL, "the use of a code cannot be counted: %s", error->message);
      g_clear_pointer (&counting->answer.body, g_free);
      counting->answer.status = SOUP_STATUS_SERVICE_UNAVAILABLE;
      counting->answer.why = "the code is not counted, so it leads nowhere yet";
      set_retry_after (message, STORAGE_RETRY_SECONDS);
    }
  finish (message, counting->client, &counting->answer);
  soup_server_message_unpause (message);
  rs_answer_clear (&counting->answer);
  g_free (counting->client);
  g_free (counting);
}

/* Takes the content of answer. */
static void
count (RsServer          *server,
       SoupServerMessage *message,
       const char        *client,
       RsAnswer          *answer)
{
  Counting *counting = g_new (Counting, 1);

  *counting = (Counting){ server, g_object_ref (message), *answer, g_strdup (client) };
  *answer = (RsAnswer){ 0 };
  soup_server_message_pause (message);
  rs_uses_note_async (server->uses, counting->answer.code->digest, counting->answer.mac, on_counted, counting);
}

/* A code that comes too soon after wrong ones gets the same answer whether or not it is right. */
static void
limit_guesses (RsServer          *server,
               SoupServerMessage *message,
               GInetAddress      *address,
               RsAnswer          *answer)
{
  RsGuess guess = { address, answer->mac, answer->digits };
  gint64 now = g_get_monotonic_time ();
  guint wait = rs_guesses_wait (server->guesses, &guess, now);

  if (wait == 0)
    {
      rs_guesses_note (server->guesses, &guess, !answer->wrong_code, now);
      return;
    }
  g_clear_pointer (&answer->body, g_free);
  answer->code = NULL;
  answer->status = TOO_MANY_REQUESTS;
  answer->why = "has to wait, for too many wrong codes came";
  set_retry_after (message, wait);
}

static void
on_request (SoupServer        *soup,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           data)
{
  RsServer *server = data;
  g_autoptr (GBytes) body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  g_autoptr (GInetAddress) address = address_of (server, message);
  g_autofree char *client = rs_clients_name (address, CLIENT_BITS);
  GUri *uri = soup_server_message_get_uri (message);
  g_auto (RsAnswer) answer = { 0 };
  RsAsked asked = {
    .method = soup_server_message_get_method (message),
    .path = g_uri_get_path (uri),
    .query = g_uri_get_query (uri),
  };

  asked.body = g_bytes_get_data (body, &asked.length);
  rs_answer_find (server->book, server->uses, &asked, g_get_real_time (), &answer);
  if (answer.has_code)
    limit_guesses (server, message, address, &answer);
  if (answer.code != NULL)
    count (server, message, client, &answer);
  else
    finish (message, client, &answer);
}

/* libsoup would wait for ever for what a client does not send. */
static void
hang_up (SoupServerMessage *message)
{
  GSocket *socket = soup_server_message_get_socket (message);

  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

/* Before the body is read. One that is too long ends the connection, also where the answer is certain without it: libsoup would read it
 * to its end before it answers. */
static void
on_headers (SoupServer        *soup,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           data)
{
  RsServer *server = data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  SoupEncoding encoding = soup_message_headers_get_encoding (headers);
  g_autoptr (GInetAddress) address = address_of (server, message);
  g_autofree char *client = rs_clients_name (address, CLIENT_BITS);
  goffset length = soup_message_headers_get_content_length (headers);
  guint wait = rs_clients_ask (server->clients, client, g_get_monotonic_time ());

  if ((encoding != SOUP_ENCODING_NONE && encoding != SOUP_ENCODING_CONTENT_LENGTH) || length < 0 || length > RS_ANSWER_BODY_MAX)
    hang_up (message);
  else if (wait > 0)
    {
      set_retry_after (message, wait);
      reply (message, TOO_MANY_REQUESTS, NULL);
    }
}

static gboolean
on_patience (gpointer data)
{
  Open *open = data;

  open->timer = 0;
  hang_up (open->message);
  return G_SOURCE_REMOVE;
}

static void
end_timer (Open *open)
{
  if (open->timer != 0)
    g_source_remove (open->timer);
  open->timer = 0;
}

static void
open_free (gpointer data)
{
  Open *open = data;

  end_timer (open);
  g_free (open->client);
  g_free (open);
}

static void
forget (gpointer data,
        GObject *message)
{
  Open *open = data;

  g_queue_remove (&open->server->open, open);
  open_free (open);
}

/* Where there are too many the oldest goes: an honest request is over in no time, and what lingers is idle, slow, or means harm. Whoever
 * holds many loses its own first. */
static void
make_room (RsServer   *server,
           const char *client)
{
  Open *oldest = NULL, *oldest_of_client = NULL;
  guint all = 0, of_client = 0;

  for (const GList *link = server->open.tail; link != NULL; link = link->prev)
    {
      Open *open = link->data;

      if (open->timer == 0)
        continue;
      all++;
      oldest = open;
      if (client == NULL || g_strcmp0 (open->client, client) != 0)
        continue;
      of_client++;
      oldest_of_client = open;
    }
  if (of_client > MAX_OPEN_OF_CLIENT)
    oldest = oldest_of_client;
  else if (all <= MAX_OPEN)
    return;
  end_timer (oldest);
  hang_up (oldest->message);
}

/* libsoup does not tell the end of every request, but it lets each go. */
static void
on_started (SoupServer        *soup,
            SoupServerMessage *message,
            gpointer           data)
{
  RsServer *server = data;
  Open *open = g_new0 (Open, 1);
  g_autoptr (GInetAddress) peer = peer_of (message);

  open->server = server;
  open->message = message;
  open->client = is_proxy (server, peer) ? NULL : rs_clients_name (peer, CLIENT_BITS);
  open->timer = g_timeout_add_seconds (server->patience, on_patience, open);
  g_queue_push_tail (&server->open, open);
  g_object_weak_ref (G_OBJECT (message), forget, open);
  make_room (server, open->client);
}

static void
forget_all (RsServer *server)
{
  for (const GList *link = server->open.head; link != NULL; link = link->next)
    {
      Open *open = link->data;

      g_object_weak_unref (G_OBJECT (open->message), forget, open);
    }
  g_queue_clear_full (&server->open, open_free);
}

static gboolean
set_certificate (RsServer     *server,
                 const RsBook *book,
                 GError      **error)
{
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) why = NULL;

  if (book->certificate_file[0] == '\0')
    return TRUE;
  certificate = g_tls_certificate_new_from_files (book->certificate_file, book->private_key_file, &why);
  if (certificate == NULL)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "%s, %s: %s", book->certificate_file, book->private_key_file, why->message);
      return FALSE;
    }
  soup_server_set_tls_certificate (server->soup, certificate);
  return TRUE;
}

static gboolean
start_listening (RsServer *server,
                 GError  **error)
{
  gboolean tls = server->book->certificate_file[0] != '\0';

  for (guint i = 0; server->book->listen[i] != NULL; i++)
    {
      g_autoptr (GSocketConnectable) at = g_network_address_parse (server->book->listen[i], 0, NULL);
      GNetworkAddress *where = G_NETWORK_ADDRESS (at);
      g_autoptr (GSocketAddress) address
          = g_inet_socket_address_new_from_string (g_network_address_get_hostname (where), g_network_address_get_port (where));

      if (!soup_server_listen (server->soup, address, tls ? SOUP_SERVER_LISTEN_HTTPS : 0, error))
        {
          g_prefix_error (error, "Listen=%s: ", server->book->listen[i]);
          return FALSE;
        }
    }
  return TRUE;
}

RsServer *
rs_server_new (RsBook  *book,
               RsUses  *uses,
               GError **error)
{
  RsServer *server = g_new0 (RsServer, 1);
  g_autoptr (GError) why = NULL;

  server->book = book;
  server->uses = uses;
  server->clients = rs_clients_new (book->requests, G_TIME_SPAN_MINUTE, 0);
  server->guesses = rs_guesses_new (book->wrong_codes);
  server->client_header = g_strdup (book->client_header);
  server->patience = book->patience;
  g_queue_init (&server->open);
  server->soup = soup_server_new (NULL, NULL);
  soup_server_add_early_handler (server->soup, NULL, on_headers, server, NULL);
  soup_server_add_handler (server->soup, NULL, on_request, server, NULL);
  g_signal_connect (server->soup, "request-started", G_CALLBACK (on_started), server);
  if (set_certificate (server, book, &why) && start_listening (server, &why))
    return server;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, why->message);
  rs_server_free (server);
  return NULL;
}

gboolean
rs_server_set_book (RsServer *server,
                    RsBook   *book,
                    GError  **error)
{
  if (!set_certificate (server, book, error))
    {
      rs_book_free (book);
      return FALSE;
    }
  rs_reclaim (server->book, (GDestroyNotify)rs_book_free);
  server->book = book;
  server->warned = FALSE;
  return TRUE;
}

void
rs_server_free (RsServer *server)
{
  while (rs_uses_is_busy (server->uses))
    g_main_context_iteration (NULL, TRUE);
  soup_server_disconnect (server->soup);
  g_object_unref (server->soup);
  forget_all (server);
  rs_clients_free (server->clients);
  rs_guesses_free (server->guesses);
  rs_uses_free (server->uses);
  rs_book_free (server->book);
  g_free (server->client_header);
  g_free (server);
}
