/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A bucket of requests for each client, and how often it guessed wrong. Those that came longest ago are forgotten first. */
#include "redirect/clients.h"

#define MAX_CLIENTS 65536
#define MINUTE (60 * (gint64)G_USEC_PER_SEC)
#define SHORTEST_WAIT (30 * (gint64)G_USEC_PER_SEC)
#define WAIT_DOUBLINGS 7 /* to a little more than an hour */
#define FORGIVEN (24 * 60 * MINUTE)

typedef struct
{
  char *name;
  GList link;    /* in order of their last request */
  gint64 asked;  /* the last time */
  double left;   /* requests in the bucket then */
  guint wrong;
  gint64 guessed; /* wrongly, the last time */
  gint64 until;   /* no code before */
} Client;

struct _RsClients
{
  guint requests;
  guint wrong_codes;
  GHashTable *table; /* name → Client */
  GQueue order;
};

static void
client_free (gpointer data)
{
  Client *client = data;

  g_free (client->name);
  g_free (client);
}

RsClients *
rs_clients_new (guint requests,
                guint wrong_codes)
{
  RsClients *clients = g_new0 (RsClients, 1);

  clients->requests = requests;
  clients->wrong_codes = wrong_codes;
  clients->table = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, client_free);
  g_queue_init (&clients->order);
  return clients;
}

void
rs_clients_free (RsClients *clients)
{
  if (clients == NULL)
    return;
  g_hash_table_unref (clients->table);
  g_free (clients);
}

guint
rs_clients_n_known (const RsClients *clients)
{
  return g_hash_table_size (clients->table);
}

static Client *
find (RsClients  *clients,
      const char *name,
      gint64      now)
{
  Client *client = g_hash_table_lookup (clients->table, name);

  if (client != NULL)
    {
      g_queue_unlink (&clients->order, &client->link);
      g_queue_push_tail_link (&clients->order, &client->link);
      return client;
    }
  if (g_hash_table_size (clients->table) >= MAX_CLIENTS)
    {
      Client *oldest = g_queue_pop_head_link (&clients->order)->data;
      g_hash_table_remove (clients->table, oldest->name);
    }
  client = g_new0 (Client, 1);
  client->name = g_strdup (name);
  client->link.data = client;
  client->asked = now;
  client->left = clients->requests;
  g_hash_table_insert (clients->table, client->name, client);
  g_queue_push_tail_link (&clients->order, &client->link);
  return client;
}

guint
rs_clients_ask (RsClients  *clients,
                const char *name,
                gint64      now)
{
  Client *client = find (clients, name, now);
  double rate = clients->requests / (double)MINUTE;

  if (clients->requests == 0)
    return 0;
  client->left = MIN (client->left + (double)(now - client->asked) * rate, clients->requests);
  client->asked = now;
  if (client->left < 1)
    return 1 + (guint)((1 - client->left) / rate / G_USEC_PER_SEC);
  client->left--;
  return 0;
}

guint
rs_clients_code_wait (RsClients  *clients,
                      const char *name,
                      gint64      now)
{
  const Client *client = find (clients, name, now);

  return client->until > now ? 1 + (guint)((client->until - now - 1) / G_USEC_PER_SEC) : 0;
}

void
rs_clients_wrong_code (RsClients  *clients,
                       const char *name,
                       gint64      now)
{
  Client *client = find (clients, name, now);

  if (client->wrong > 0 && now - client->guessed > FORGIVEN)
    client->wrong = 0;
  client->guessed = now;
  client->wrong++;
  if (client->wrong >= clients->wrong_codes)
    client->until = now + (SHORTEST_WAIT << MIN (client->wrong - clients->wrong_codes, WAIT_DOUBLINGS));
}
