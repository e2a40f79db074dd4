/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lease that NetworkManager holds. Its signals only say that something may be different; what is, is read from
 * libnm's cache afterwards, once for all the signals of a moment. So no order of signals has to be right, and a
 * restarted NetworkManager is a change like any other. */
#define G_LOG_DOMAIN "resyncd-discovery"

#include "discovery/lease.h"

#include "base/text.h"
#include "discovery/informer.h"

#include <NetworkManager.h>

/* How long a device that has an address already may wait for its DHCP client (seconds): a network may have no DHCP at
 * all. */
#define PATIENCE 10

#define RS_TYPE_MANAGER_NETWORK (rs_manager_network_get_type ())
G_DECLARE_FINAL_TYPE (RsManagerNetwork, rs_manager_network, RS, MANAGER_NETWORK, RsNetwork)

struct _RsManagerNetwork
{
  RsNetwork     parent_instance;

  char         *interface; /* "" any */
  GCancellable *cancellable;
  NMClient     *client;
  GHashTable   *devices;   /* NMDevice → Watch */
  char         *chosen;    /* the interface that counts */
  guint         idle;
  RsInformer   *informer;
};

G_DEFINE_FINAL_TYPE (RsManagerNetwork, rs_manager_network, RS_TYPE_NETWORK)

static const char *const config_properties[] = {
  NM_DEVICE_DHCP4_CONFIG,
  NM_DEVICE_DHCP6_CONFIG,
  NM_DEVICE_IP4_CONFIG,
  NM_DEVICE_IP6_CONFIG,
};

typedef struct
{
  RsManagerNetwork *network; /* owns this */
  NMDevice         *device;
  GObject          *configs[G_N_ELEMENTS (config_properties)]; /* replaced by new objects at each activation */
  guint             timeout;
  gboolean          had_lease; /* in this activation */
  gboolean          impatient; /* waited PATIENCE for DHCP in vain */
} Watch;

typedef enum
{
  RANK_NONE,
  RANK_ADDRESS, /* an address without DHCP */
  RANK_LEASE,
} Rank;

static void
schedule (RsManagerNetwork *self);

static void
watch_free (Watch *watch)
{
  g_signal_handlers_disconnect_by_data (watch->device, watch->network);
  for (guint i = 0; i < G_N_ELEMENTS (watch->configs); i++)
    {
      if (watch->configs[i] != NULL)
        g_signal_handlers_disconnect_by_data (watch->configs[i], watch->network);
      g_clear_object (&watch->configs[i]);
    }
  g_clear_handle_id (&watch->timeout, g_source_remove);
  g_object_unref (watch->device);
  g_free (watch);
}

static Watch *
watch_new (RsManagerNetwork *self,
           NMDevice         *device)
{
  static const char *const signals[] = {
    "notify::" NM_DEVICE_INTERFACE,    "notify::" NM_DEVICE_HW_ADDRESS, "notify::" NM_DEVICE_STATE,
    "notify::" NM_DEVICE_DHCP4_CONFIG, "notify::" NM_DEVICE_DHCP6_CONFIG, "notify::" NM_DEVICE_IP4_CONFIG,
    "notify::" NM_DEVICE_IP6_CONFIG,
  };
  Watch *watch = g_new0 (Watch, 1);

  watch->network = self;
  watch->device = g_object_ref (device);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_object (device, signals[i], G_CALLBACK (schedule), self, G_CONNECT_SWAPPED);
  return watch;
}

static void
watch_follow (Watch *watch)
{
  for (guint i = 0; i < G_N_ELEMENTS (watch->configs); i++)
    {
      g_autoptr (GObject) config = NULL;

      g_object_get (watch->device, config_properties[i], &config, NULL);
      if (config == watch->configs[i])
        continue;
      if (watch->configs[i] != NULL)
        g_signal_handlers_disconnect_by_data (watch->configs[i], watch->network);
      g_set_object (&watch->configs[i], config);
      if (config != NULL)
        g_signal_connect_object (
            config, NM_IS_DHCP_CONFIG (config) ? "notify::" NM_DHCP_CONFIG_OPTIONS : "notify::" NM_IP_CONFIG_ADDRESSES,
            G_CALLBACK (schedule), watch->network, G_CONNECT_SWAPPED);
    }
}

/* NULL: no lease. An empty dictionary is one that is still to come. */
static GHashTable *
get_dictionary (NMDhcpConfig *config)
{
  GHashTable *dictionary = config != NULL ? nm_dhcp_config_get_options (config) : NULL;

  return dictionary != NULL && g_hash_table_size (dictionary) > 0 ? dictionary : NULL;
}

/* The first address that others can reach, or NULL. */
static const char *
get_address (NMIPConfig *config)
{
  GPtrArray *addresses = config != NULL ? nm_ip_config_get_addresses (config) : NULL;

  for (guint i = 0; addresses != NULL && i < addresses->len; i++)
    {
      const char *text = nm_ip_address_get_address (addresses->pdata[i]);
      g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

      if (address != NULL && !g_inet_address_get_is_link_local (address) && !g_inet_address_get_is_loopback (address))
        return text;
    }
  return NULL;
}

/* Whether a device without a lease may be the phone's network, and not something that containers or tunnels brought
 * along. */
static gboolean
is_phone_port (RsManagerNetwork *self,
               NMDevice         *device)
{
  switch (nm_device_get_device_type (device))
    {
    case NM_DEVICE_TYPE_ETHERNET:
    case NM_DEVICE_TYPE_VETH:
    case NM_DEVICE_TYPE_WIFI:
    case NM_DEVICE_TYPE_VLAN:
    case NM_DEVICE_TYPE_BOND:
      return TRUE;
    default:
      return self->interface[0] != '\0';
    }
}

static gboolean
lose_patience (gpointer data)
{
  Watch *watch = data;

  watch->timeout = 0;
  watch->impatient = TRUE;
  schedule (watch->network);
  return G_SOURCE_REMOVE;
}

static void
stop_waiting (Watch *watch,
              gboolean has_lease)
{
  g_clear_handle_id (&watch->timeout, g_source_remove);
  watch->impatient = FALSE;
  watch->had_lease = has_lease;
}

static Rank
watch_rank (Watch *watch)
{
  NMDevice *device = watch->device;
  NMDhcpConfig *dhcp4 = nm_device_get_dhcp4_config (device), *dhcp6 = nm_device_get_dhcp6_config (device);

  /* before that the address may not be in use yet, and a download would fail at once */
  if (nm_device_get_state (device) != NM_DEVICE_STATE_ACTIVATED)
    {
      stop_waiting (watch, FALSE);
      return RANK_NONE;
    }
  if (get_dictionary (dhcp4) != NULL || get_dictionary (dhcp6) != NULL)
    {
      stop_waiting (watch, TRUE);
      return RANK_LEASE;
    }
  if (!is_phone_port (watch->network, device)
      || (get_address (nm_device_get_ip4_config (device)) == NULL
          && get_address (nm_device_get_ip6_config (device)) == NULL))
    return RANK_NONE;
  /* a NetworkManager that ends takes the lease away first and the device a moment later */
  if ((dhcp4 == NULL && dhcp6 == NULL && !watch->had_lease) || watch->impatient)
    return RANK_ADDRESS;
  if (watch->timeout == 0)
    watch->timeout = g_timeout_add_seconds (PATIENCE, lose_patience, watch);
  return RANK_NONE;
}

/* NULL: it had better wait for what the informer asks. */
static RsLease *
watch_read (Watch *watch)
{
  RsInformer *informer = watch->network->informer;
  NMDevice *device = watch->device;
  const char *mac = nm_device_get_hw_address (device);
  const char *address = get_address (nm_device_get_ip4_config (device));
  GHashTable *dhcp4 = get_dictionary (nm_device_get_dhcp4_config (device));
  GHashTable *dhcp6 = get_dictionary (nm_device_get_dhcp6_config (device));
  g_autoptr (RsLease) lease = rs_lease_new ();
  gboolean complete4, complete6;

  lease->connected = TRUE;
  rs_lease_set (&lease->interface, nm_device_get_iface (device));
  if (mac != NULL)
    {
      g_free (lease->mac);
      lease->mac = g_ascii_strdown (mac, -1);
    }
  if (dhcp4 != NULL)
    rs_lease_read_dhcp (lease, FALSE, dhcp4);
  else
    rs_lease_set (&lease->address, address);
  if (dhcp6 != NULL)
    rs_lease_read_dhcp (lease, TRUE, dhcp6);
  if (lease->address[0] == '\0')
    rs_lease_set (&lease->address, get_address (nm_device_get_ip6_config (device)));
  complete4 = rs_informer_complete (informer, lease, FALSE, dhcp4);
  complete6 = rs_informer_complete (informer, lease, TRUE, dhcp6);
  return complete4 && complete6 ? g_steal_pointer (&lease) : NULL;
}

/* Watches what there is now, and forgets what has gone. */
static void
follow_devices (RsManagerNetwork *self)
{
  const GPtrArray *devices = nm_client_get_devices (self->client);
  g_autoptr (GHashTable) gone = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer device;

  g_hash_table_iter_init (&iter, self->devices);
  while (g_hash_table_iter_next (&iter, &device, NULL))
    g_hash_table_add (gone, device);
  for (guint i = 0; i < devices->len; i++)
    {
      Watch *watch = g_hash_table_lookup (self->devices, devices->pdata[i]);

      if (watch == NULL)
        {
          watch = watch_new (self, devices->pdata[i]);
          g_hash_table_insert (self->devices, devices->pdata[i], watch);
        }
      g_hash_table_remove (gone, devices->pdata[i]);
      watch_follow (watch);
    }
  g_hash_table_iter_init (&iter, gone);
  while (g_hash_table_iter_next (&iter, &device, NULL))
    g_hash_table_remove (self->devices, device);
}

static Watch *
choose (RsManagerNetwork *self)
{
  const GPtrArray *devices = nm_client_get_devices (self->client);
  Watch *best = NULL;
  Rank best_rank = RANK_NONE;

  for (guint i = 0; i < devices->len; i++)
    {
      Watch *watch = g_hash_table_lookup (self->devices, devices->pdata[i]);
      const char *interface = nm_device_get_iface (watch->device);
      Rank rank;

      if (self->interface[0] != '\0' && g_strcmp0 (interface, self->interface) != 0)
        continue;
      rank = watch_rank (watch);
      if (rank > best_rank || (rank == best_rank && rank > RANK_NONE && g_strcmp0 (interface, self->chosen) == 0))
        {
          best = watch;
          best_rank = rank;
        }
    }
  return best;
}

static gboolean
refresh (gpointer data)
{
  RsManagerNetwork *self = data;
  Watch *watch;
  RsLease *lease;

  self->idle = 0;
  follow_devices (self);
  watch = choose (self);
  if (watch == NULL)
    rs_informer_forget (self->informer);
  lease = watch != NULL ? watch_read (watch) : rs_lease_new ();
  if (lease == NULL)
    return G_SOURCE_REMOVE;
  /* the interface is remembered while there is no lease at all: it is the one to come back to */
  if (watch != NULL)
    rs_lease_set (&self->chosen, lease->interface);
  rs_lease_seal (lease);
  rs_network_set_lease (RS_NETWORK (self), lease);
  return G_SOURCE_REMOVE;
}

static void
schedule (RsManagerNetwork *self)
{
  if (self->idle == 0)
    self->idle = g_idle_add (refresh, self);
}

static void
on_informed (gpointer data)
{
  schedule (data);
}

static void
client_ready (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (RsManagerNetwork) self = NULL;
  g_autofree GWeakRef *weak = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) client = g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, &error);

  self = g_weak_ref_get (weak);
  g_weak_ref_clear (weak);
  if (self == NULL)
    return;
  if (client == NULL)
    {
      g_autofree char *shown = rs_text_escape (error->message, 0);

      /* libnm itself waits for a NetworkManager that does not run, so this is the system bus */
      g_message ("NetworkManager cannot be watched, so no lease will be heard of: %s", shown);
      return;
    }
  self->client = NM_CLIENT (g_steal_pointer (&client));
  g_signal_connect_object (self->client, "notify::" NM_CLIENT_NM_RUNNING, G_CALLBACK (schedule), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, NM_CLIENT_DEVICE_ADDED, G_CALLBACK (schedule), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, NM_CLIENT_DEVICE_REMOVED, G_CALLBACK (schedule), self, G_CONNECT_SWAPPED);
  schedule (self);
}

static void
rs_manager_network_start (RsNetwork *network)
{
  RsManagerNetwork *self = RS_MANAGER_NETWORK (network);
  GWeakRef *weak;

  if (self->cancellable != NULL)
    return;
  self->cancellable = g_cancellable_new ();
  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  /* what this user may do is of no interest, and asking would wake polkit */
  g_async_initable_new_async (NM_TYPE_CLIENT, G_PRIORITY_DEFAULT, self->cancellable, client_ready, weak,
                              NM_CLIENT_INSTANCE_FLAGS, (guint)NM_CLIENT_INSTANCE_FLAGS_NO_AUTO_FETCH_PERMISSIONS,
                              NULL);
}

static void
rs_manager_network_look_again (RsNetwork *network)
{
  rs_informer_ask_again (RS_MANAGER_NETWORK (network)->informer);
}

static void
rs_manager_network_want (RsNetwork     *network,
                         gboolean       v6,
                         const guint16 *codes,
                         gsize          n_codes)
{
  RsManagerNetwork *self = RS_MANAGER_NETWORK (network);

  rs_informer_want (self->informer, v6, codes, n_codes);
  if (self->client != NULL)
    schedule (self);
}

static void
rs_manager_network_dispose (GObject *object)
{
  RsManagerNetwork *self = RS_MANAGER_NETWORK (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  /* first of all: libnm empties its objects when the client goes, and says so */
  g_hash_table_remove_all (self->devices);
  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
  g_clear_pointer (&self->informer, rs_informer_free);
  g_clear_handle_id (&self->idle, g_source_remove);
  G_OBJECT_CLASS (rs_manager_network_parent_class)->dispose (object);
}

static void
rs_manager_network_finalize (GObject *object)
{
  RsManagerNetwork *self = RS_MANAGER_NETWORK (object);

  g_hash_table_unref (self->devices);
  g_free (self->interface);
  g_free (self->chosen);
  G_OBJECT_CLASS (rs_manager_network_parent_class)->finalize (object);
}

static void
rs_manager_network_class_init (RsManagerNetworkClass *class)
{
  G_OBJECT_CLASS (class)->dispose = rs_manager_network_dispose;
  G_OBJECT_CLASS (class)->finalize = rs_manager_network_finalize;
  RS_NETWORK_CLASS (class)->start = rs_manager_network_start;
  RS_NETWORK_CLASS (class)->look_again = rs_manager_network_look_again;
  RS_NETWORK_CLASS (class)->want = rs_manager_network_want;
}

static void
rs_manager_network_init (RsManagerNetwork *self)
{
  self->devices = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)watch_free);
  self->chosen = g_strdup ("");
}

RsNetwork *
rs_network_new_manager (const char *interface,
                        const char *inform)
{
  RsManagerNetwork *self = g_object_new (RS_TYPE_MANAGER_NETWORK, NULL);

  self->interface = g_strdup (interface != NULL ? interface : "");
  self->informer = rs_informer_new (inform, on_informed, self);
  return RS_NETWORK (self);
}
