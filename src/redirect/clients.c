/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A bucket for each client, and how often it guessed wrong. Those that came longest ago are forgotten first. */
#include "redirect/clients.h"

#include <string.h>

#define MAX_CLIENTS 65536
#define MINUTE (60 * (gint64)G_USEC_PER_SEC)
#define SHORTEST_WAIT (30 * (gint64)G_USEC_PER_SEC)
#define WAIT_DOUBLINGS 7 /* to a little more than an hour */
#define FORGIVEN (24 * 60 * MINUTE)
#define LONGEST_QUEUE (60 * MINUTE)

typedef struct
{
  char *name;
  GList link;    /* in order of their last request */
  gint64 asked;  /* the last time */
  double left;   /* in the bucket then */
  gint64 turn;   /* of the last one that was told to come later */
  guint wrong;
  gint64 guessed; /* wrongly, the last time */
  gint64 until;   /* no code before */
} Client;

struct _RsClients
{
  guint budget;
  double rate; /* a µs */
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
rs_clients_new (guint  budget,
                gint64 period,
                guint  wrong_codes)
{
  RsClients *clients = g_new0 (RsClients, 1);

  clients->budget = budget;
  clients->rate = budget / (double)period;
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
  client->left = clients->budget;
  g_hash_table_insert (clients->table, client->name, client);
  g_queue_push_tail_link (&clients->order, &client->link);
  return client;
}

char *
rs_clients_name (GInetAddress *address,
                 guint         bits)
{
  static const guint8 mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
  const guint8 *bytes = g_inet_address_to_bytes (address);
  g_autoptr (GInetAddress) plain = NULL;
  g_autoptr (GString) name = g_string_new (NULL);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4)
    return g_inet_address_to_string (address);
  /* a server that listens on both is told IPv4 so */
  if (memcmp (bytes, mapped, sizeof mapped) == 0)
    {
      plain = g_inet_address_new_from_bytes (bytes + sizeof mapped, G_SOCKET_FAMILY_IPV4);
      return g_inet_address_to_string (plain);
    }
  for (guint i = 0; i < bits / 8; i += 2)
    g_string_append_printf (name, "%02x%02x:", bytes[i], bytes[i + 1]);
  g_string_append_printf (name, ":/%u", bits);
  return g_string_free (g_steal_pointer (&name), FALSE);
}

/* What came back since it asked, and whose turn has come. */
static double
left_now (const RsClients *clients,
          const Client    *client,
          gint64           now)
{
  return MIN (client->left + (double)(now - client->asked) * clients->rate, clients->budget);
}

/* Microseconds until so many more may ask. */
static gint64
time_for (const RsClients *clients,
          double           requests)
{
  return (gint64)(requests / clients->rate);
}

static guint
whole_seconds (gint64 time)
{
  return 1 + (guint)(time / G_USEC_PER_SEC);
}

guint
rs_clients_ask (RsClients  *clients,
                const char *name,
                gint64      now)
{
  Client *client;
  gint64 next;

  if (clients->budget == 0)
    return 0;
  client = find (clients, name, now);
  client->left = left_now (clients, client, now);
  client->asked = now;
  if (client->left >= 1)
    {
      client->left--;
      return 0;
    }
  next = MAX (client->turn + time_for (clients, 1), now + time_for (clients, 1 - client->left));
  client->turn = MIN (next, now + LONGEST_QUEUE);
  return whole_seconds (client->turn - now);
}

guint
rs_clients_wait (const RsClients *clients,
                 const char      *name,
                 gint64           now)
{
  const Client *client = g_hash_table_lookup (clients->table, name);
  double left = client != NULL ? left_now (clients, client, now) : 1;

  return left < 1 ? whole_seconds (time_for (clients, 1 - left)) : 0;
}

guint
rs_clients_code_wait (const RsClients *clients,
                      const char      *name,
                      gint64           now)
{
  const Client *client = g_hash_table_lookup (clients->table, name);

  return client != NULL && client->until > now ? 1 + (guint)((client->until - now - 1) / G_USEC_PER_SEC) : 0;
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

void
rs_clients_right_code (RsClients  *clients,
                       const char *name)
{
  Client *client = g_hash_table_lookup (clients->table, name);

  if (client == NULL)
    return;
  client->wrong = 0;
  client->until = 0;
}
