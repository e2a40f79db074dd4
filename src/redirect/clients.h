/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How often each client may do a thing, and how often it guessed wrong. Time comes in as an argument: the monotonic clock, µs. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RsClients RsClients;

/* budget: how much of the thing in a period of so many µs, which comes back evenly; 0: no limit. wrong_codes: after so many the
 * client waits, twice as long after each further one. */
RsClients *rs_clients_new (guint  budget,
                           gint64 period,
                           guint  wrong_codes);
void       rs_clients_free (RsClients *clients);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsClients, rs_clients_free)

/* Who an address belongs to: itself by IPv4, however it is written, and the network of so many bits (a multiple of 16) by IPv6, for
 * a site has as many addresses as it likes. (transfer full) */
char      *rs_clients_name (GInetAddress *address,
                            guint         bits);

/* Takes one from the budget. 0: it was there; else seconds after which the client may come again. Those that are told to wait get
 * their turns one after the other, for many phones may be one client. */
guint      rs_clients_ask (RsClients  *clients,
                           const char *client,
                           gint64      now);

/* Seconds before there is one in the budget, of which nothing is taken; 0: there is. */
guint      rs_clients_wait (const RsClients *clients,
                            const char      *client,
                            gint64           now);

/* Seconds before its next code is looked at; 0: now. */
guint      rs_clients_code_wait (const RsClients *clients,
                                 const char      *client,
                                 gint64           now);
void       rs_clients_wrong_code (RsClients  *clients,
                                  const char *client,
                                  gint64      now);
/* Its wrong ones count no more. */
void       rs_clients_right_code (RsClients  *clients,
                                  const char *client);

/* How many are known. */
guint      rs_clients_n_known (const RsClients *clients);

G_END_DECLS
