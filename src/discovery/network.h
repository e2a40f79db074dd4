/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The phone's network as the daemon sees it: one lease at a time. Behind this door stand NetworkManager (libnm,
 * signals, never polled) and, for Manager=none, the keys of resyncd.conf. (DISC-6) */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean   connected;
  char      *interface;  /* "" unknown */
  char      *address;    /* $IP; "" none */
  char      *mac;        /* of the interface, 00:0e:08:aa:bb:cc; "" unknown */
  char      *domain;     /* as DHCP gave it, a valid name; "" none */
  GPtrArray *options;    /* RsDhcpOption, sorted; those this program cares for */
  GPtrArray *warnings; /* char *, escaped: what of the lease was not believed (DISC-5); never empty texts, often none */
  char *identity; /* a text that is equal for leases that differ only in times: "merely renews"; "" where not connected.
                     It is the same again when a link comes back or NetworkManager was restarted, and nothing else
                     changed */
} RsLease;

RsLease *rs_lease_copy (const RsLease *lease);
void     rs_lease_free (RsLease *lease);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsLease, rs_lease_free)

#define RS_TYPE_NETWORK (rs_network_get_type ())
G_DECLARE_DERIVABLE_TYPE (RsNetwork, rs_network, RS, NETWORK, GObject)

struct _RsNetworkClass
{
  GObjectClass parent_class;

  void (*start) (RsNetwork *network);
  /* NULL: there is nothing more to see */
  void (*look_again) (RsNetwork *network);
  void (*want) (RsNetwork *network, gboolean v6, const guint16 *codes, gsize n_codes);
};

/* interface: NULL or "": any. The first device with a lease counts; its loss moves to another one that has one. Where
 * none has a lease, a wired or wireless device with an address set by hand (or an interface that is named) counts:
 * connected, without options.
 * Options that NetworkManager does not show are asked for at inform, the socket of resyncd-inform; a lease waits some seconds for them, and those that come
 * later are a change of it. */
RsNetwork *rs_network_new_manager (const char *interface,
                                   const char *inform);

/* Manager=none: options as resyncd.conf writes them, raw: "66=192.0.2.5;160=https://a/\;https://b/" ("\;" is a ";" of
 * the value, "\\" a "\"; "v6-160=" is DHCPv6's 160). Never fails: what cannot be read is said in warnings (char *;
 * NULL: nobody listens). Says "connected" from an idle after rs_network_start (). */
RsNetwork *rs_network_new_static (const char *options,
                                  const char *domain,
                                  GPtrArray  *warnings);

/* Begins, once; from then on "lease-changed" (no arguments) comes whenever the content of the lease changed (by
 * identity, connected or warnings), also where NetworkManager comes, goes, or the link is lost and returns. Never from within
 * this call. */
void           rs_network_start (RsNetwork *network);

/* The present lease, never NULL; valid until the next signal. connected FALSE: no lease. */
const RsLease *rs_network_get_lease (RsNetwork *network);

/* Options of a server that count (DHCP_Option_To_Use, DHCPv6_Option_To_Use), where they have to be asked for; again when they are others. */
void           rs_network_want (RsNetwork     *network,
                                gboolean       v6,
                                const guint16 *codes,
                                gsize          n_codes);

/* Asks anew for what is not known of the present lease; a change of it says what came of that. */
void           rs_network_look_again (RsNetwork *network);

/* For the implementations. Takes the lease; emits "lease-changed" only where it differs from the present one. */
void           rs_network_set_lease (RsNetwork *network,
                                     RsLease   *lease);

G_END_DECLS
