/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every kind of network has: the present lease, and one signal when it becomes another. */
#include "discovery/network.h"

#include "discovery/lease.h"

#include <string.h>

typedef struct
{
  RsLease *lease;
} RsNetworkPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (RsNetwork, rs_network, G_TYPE_OBJECT)

static guint lease_changed_signal;

static void
rs_network_init (RsNetwork *network)
{
  RsNetworkPrivate *priv = rs_network_get_instance_private (network);

  priv->lease = rs_lease_new ();
}

static void
rs_network_finalize (GObject *object)
{
  RsNetworkPrivate *priv = rs_network_get_instance_private (RS_NETWORK (object));

  rs_lease_free (priv->lease);
  G_OBJECT_CLASS (rs_network_parent_class)->finalize (object);
}

static void
rs_network_class_init (RsNetworkClass *class)
{
  G_OBJECT_CLASS (class)->finalize = rs_network_finalize;
  lease_changed_signal = g_signal_new ("lease-changed", RS_TYPE_NETWORK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 0);
}

void
rs_network_start (RsNetwork *network)
{
  RS_NETWORK_GET_CLASS (network)->start (network);
}

const RsLease *
rs_network_get_lease (RsNetwork *network)
{
  RsNetworkPrivate *priv = rs_network_get_instance_private (network);

  return priv->lease;
}

void
rs_network_look_again (RsNetwork *network)
{
  RsNetworkClass *class = RS_NETWORK_GET_CLASS (network);

  if (class->look_again != NULL)
    class->look_again (network);
}

void
rs_network_want (RsNetwork     *network,
                 gboolean       v6,
                 const guint16 *codes,
                 gsize          n_codes)
{
  RsNetworkClass *class = RS_NETWORK_GET_CLASS (network);

  if (class->want != NULL)
    class->want (network, v6, codes, n_codes);
}

static gboolean
same_warnings (const RsLease *a,
               const RsLease *b)
{
  if (a->warnings->len != b->warnings->len)
    return FALSE;
  for (guint i = 0; i < a->warnings->len; i++)
    {
      if (strcmp (a->warnings->pdata[i], b->warnings->pdata[i]) != 0)
        return FALSE;
    }
  return TRUE;
}

void
rs_network_set_lease (RsNetwork *network,
                      RsLease   *lease)
{
  RsNetworkPrivate *priv = rs_network_get_instance_private (network);

  /* an equal one is thrown away, so that what rs_network_get_lease () gave stays valid */
  if (lease->connected == priv->lease->connected && g_str_equal (lease->identity, priv->lease->identity)
      && same_warnings (lease, priv->lease))
    {
      rs_lease_free (lease);
      return;
    }
  rs_lease_free (priv->lease);
  priv->lease = lease;
  g_signal_emit (network, lease_changed_signal, 0);
}
