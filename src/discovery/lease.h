/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a lease is put together; for the kinds of network. */
#pragma once

#include "discovery/network.h"

G_BEGIN_DECLS

/* Not connected, everything empty. */
RsLease *rs_lease_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* Copies the text into a field of the lease; NULL is "". */
void     rs_lease_set (char      **field,
                       const char *value);

/* Sets the domain where it is a name that can be asked for (letters, digits, "-", "_", "."; at most 253), else leaves
 * it and adds a warning. */
void     rs_lease_set_domain (RsLease    *lease,
                              const char *domain);

/* The value's reference stays the caller's. A second one of the same code is left out. */
void     rs_lease_add_option (RsLease *lease,
                              guint16  code,
                              gboolean v6,
                              GBytes  *value);

/* Reads NetworkManager's dictionary of one lease (text to text): options under our own names (phone_066,
 * dhcp6_phone_017, as decimal bytes), and domain and address where the lease has none yet. Nothing else is believed:
 * dhclient's texts are not what the server sent (data/networkmanager/dhclient.conf). */
void     rs_lease_read_dhcp (RsLease    *lease,
                             gboolean    v6,
                             GHashTable *dictionary);

/* "68:74:74:70", as NetworkManager shows identities, and dhclient what is not all printable. NULL: not of that form. */
GBytes  *rs_lease_bytes_from_hex (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* Sorts options and warnings, and makes the identity. Last of all. */
void     rs_lease_seal (RsLease *lease);

G_END_DECLS
