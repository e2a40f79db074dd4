/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests come in here, bounded in size, time and number, and go out as replies and lines of the journal. */
#include "redirect/server.h"

#include "base/text.h"
#include "redirect/answer.h"
#include "redirect/clients.h"
#include "system/journal.h"

#include <libsoup/soup.h>
#include <string.h>

#define MAX_OPEN 512
#define TOO_MANY_REQUESTS 429 /* libsoup has no name for it */
#define STORAGE_RETRY_SECONDS 60

struct _RsServer
{
  RsBook *book;
  RsUses *uses;
  RsClients *clients;
  SoupServer *soup;
  char *client_header;
  guint patience;
  GHashTable *open; /* SoupServerMessage → id of its timer */
};

/* A reply that waits for the disk. */
typedef struct
{
  RsServer *server;
  SoupServerMessage *message;
  RsAnswer answer;
  char *client;
} Counting;

/* A site with IPv6 has as many addresses as it likes: its network counts. */
static char *
network_of (GInetAddress *address)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4)
    return g_inet_address_to_string (address);
  return g_strdup_printf ("%02x%02x:%02x%02x:%02x%02x:%02x%02x::/64", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5],
                          bytes[6], bytes[7]);
}

/* Who asks; a proxy on this machine says so in a header, and nobody else is believed. */
static char *
client_of (RsServer          *server,
           SoupServerMessage *message)
{
  GSocketAddress *peer = soup_server_message_get_remote_address (message);
  GInetAddress *address
      = G_IS_INET_SOCKET_ADDRESS (peer) ? g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (peer)) : NULL;
  const char *said = NULL;
  g_autoptr (GInetAddress) named = NULL;

  if (address == NULL)
    return g_strdup ("?");
  if (server->client_header[0] != '\0' && g_inet_address_get_is_loopback (address))
    said = soup_message_headers_get_one (soup_server_message_get_request_headers (message), server->client_header);
  if (said != NULL)
    named = g_inet_address_new_from_string (said);
  return network_of (named != NULL ? named : address);
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

static void
on_request (SoupServer        *soup,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           data)
{
  RsServer *server = data;
  g_autoptr (GBytes) body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  g_autofree char *client = client_of (server, message);
  GUri *uri = soup_server_message_get_uri (message);
  gint64 now = g_get_monotonic_time ();
  g_auto (RsAnswer) answer = { 0 };
  RsAsked asked = {
    .method = soup_server_message_get_method (message),
    .path = g_uri_get_path (uri),
    .query = g_uri_get_query (uri),
  };
  guint wait;

  asked.body = g_bytes_get_data (body, &asked.length);
  wait = rs_answer_has_code (server->book, &asked) ? rs_clients_code_wait (server->clients, client, now) : 0;
  if (wait > 0)
    {
      set_retry_after (message, wait);
      answer.status = TOO_MANY_REQUESTS;
      answer.why = "has guessed wrong codes, and has to wait";
    }
  else
    rs_answer_find (server->book, server->uses, &asked, g_get_real_time (), &answer);
  if (answer.wrong_code)
    rs_clients_wrong_code (server->clients, client, now);
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

/* Before the body is read. */
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
  g_autofree char *client = client_of (server, message);
  goffset length = soup_message_headers_get_content_length (headers);
  guint wait = rs_clients_ask (server->clients, client, g_get_monotonic_time ());

  if (wait > 0)
    {
      set_retry_after (message, wait);
      reply (message, TOO_MANY_REQUESTS, NULL);
    }
  /* libsoup would read such a body to its end before it answers */
  else if ((encoding != SOUP_ENCODING_NONE && encoding != SOUP_ENCODING_CONTENT_LENGTH) || length < 0 || length > RS_ANSWER_BODY_MAX)
    hang_up (message);
}

typedef struct
{
  RsServer *server;
  SoupServerMessage *message;
} Patience;

static gboolean
on_patience (gpointer data)
{
  Patience *patience = data;

  g_hash_table_insert (patience->server->open, patience->message, GUINT_TO_POINTER (0));
  hang_up (patience->message);
  return G_SOURCE_REMOVE;
}

static void
forget (gpointer data,
        GObject *message)
{
  RsServer *server = data;
  guint timer = GPOINTER_TO_UINT (g_hash_table_lookup (server->open, message));

  if (timer != 0)
    g_source_remove (timer);
  g_hash_table_remove (server->open, message);
}

/* libsoup does not tell the end of every request, but it lets each go. */
static void
on_started (SoupServer        *soup,
            SoupServerMessage *message,
            gpointer           data)
{
  RsServer *server = data;
  Patience *patience = g_new (Patience, 1);
  guint timer;

  *patience = (Patience){ server, message };
  timer = g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, server->patience, on_patience, patience, g_free);
  g_hash_table_insert (server->open, message, GUINT_TO_POINTER (timer));
  g_object_weak_ref (G_OBJECT (message), forget, server);
  if (g_hash_table_size (server->open) > MAX_OPEN)
    hang_up (message);
}

static void
forget_all (RsServer *server)
{
  GHashTableIter iter;
  gpointer message, timer;

  g_hash_table_iter_init (&iter, server->open);
  while (g_hash_table_iter_next (&iter, &message, &timer))
    {
      g_object_weak_unref (message, forget, server);
      if (GPOINTER_TO_UINT (timer) != 0)
        g_source_remove (GPOINTER_TO_UINT (timer));
    }
  g_hash_table_unref (server->open);
}

static gboolean
set_certificate (RsServer *server,
                 GError  **error)
{
  const RsBook *book = server->book;
  g_autoptr (GTlsCertificate) certificate = NULL;

  if (book->certificate_file[0] == '\0')
    return TRUE;
  certificate = g_tls_certificate_new_from_files (book->certificate_file, book->private_key_file, error);
  if (certificate == NULL)
    {
      g_prefix_error (error, "%s, %s: ", book->certificate_file, book->private_key_file);
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
  server->clients = rs_clients_new (book->requests, book->wrong_codes);
  server->client_header = g_strdup (book->client_header);
  server->patience = book->patience;
  server->open = g_hash_table_new (NULL, NULL);
  server->soup = soup_server_new (NULL, NULL);
  soup_server_add_early_handler (server->soup, NULL, on_headers, server, NULL);
  soup_server_add_handler (server->soup, NULL, on_request, server, NULL);
  g_signal_connect (server->soup, "request-started", G_CALLBACK (on_started), server);
  if (set_certificate (server, &why) && start_listening (server, &why))
    return server;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, why->message);
  rs_server_free (server);
  return NULL;
}

void
rs_server_set_book (RsServer *server,
                    RsBook   *book)
{
  rs_book_free (server->book);
  server->book = book;
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
  rs_uses_free (server->uses);
  rs_book_free (server->book);
  g_free (server->client_header);
  g_free (server);
}
