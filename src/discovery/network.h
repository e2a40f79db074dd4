/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The phone's network as the daemon sees it: one lease at a time. Behind this door stand NetworkManager (libnm, signals, never polled) and, for
 * Manager=none, the keys of resyncd.conf. (DISC-6) */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean   connected;
  char      *interface;  /* "" unknown */
  char      *address;    /* $IP; "" none */
  char      *mac;        /* of the interface, 00:0e:08:aa:bb:cc; "" unknown */
  char      *domain;     /* as DHCP gave it; "" none */
  GPtrArray *options;    /* RsDhcpOption, sorted; those this program cares for */
  char      *identity;   /* a text that is equal for leases that differ only in times: "merely renews" */
} RsLease;

RsLease *rs_lease_copy (const RsLease *lease);
void     rs_lease_free (RsLease *lease);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsLease, rs_lease_free)

#define RS_TYPE_NETWORK (rs_network_get_type ())
G_DECLARE_DERIVABLE_TYPE (RsNetwork, rs_network, RS, NETWORK, GObject)

struct _RsNetworkClass
{
  GObjectClass parent_class;
};

/* interface: NULL or "": any. The first device with a lease counts; its loss moves to another one that has one. */
RsNetwork *rs_network_new_manager (const char *interface);

/* Manager=none: options as resyncd.conf writes them, "66=192.0.2.5;160=https://a/\;https://b/". Never fails: what cannot be read is said in
 * warnings. Says "connected" from an idle after rs_network_start (). */
RsNetwork *rs_network_new_static (const char *options,
                                  const char *domain,
                                  GPtrArray  *warnings);

/* Begins; from then on "lease-changed" (no arguments) comes whenever the content of the lease changed (by identity, or connected), also where
 * NetworkManager comes, goes, or the link is lost and returns. */
void           rs_network_start (RsNetwork *network);

/* The present lease, never NULL; valid until the next signal. connected FALSE: no lease. */
const RsLease *rs_network_get_lease (RsNetwork *network);

/* For the implementations. */
void           rs_network_set_lease (RsNetwork *network,
                                     RsLease   *lease);

G_END_DECLS
