/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How often each client may ask. Time comes in as an argument. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RsClients RsClients;

/* requests: a minute, 0: no limit. wrong_codes: after so many the client waits, twice as long after each further one. */
RsClients *rs_clients_new (guint requests,
                           guint wrong_codes);
void       rs_clients_free (RsClients *clients);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsClients, rs_clients_free)

/* Counts a request of the client at the monotonic instant now, µs. Seconds that it has to wait; 0: it may go on. */
guint      rs_clients_ask (RsClients  *clients,
                           const char *client,
                           gint64      now);

/* Seconds before its next code is looked at; 0: now. */
guint      rs_clients_code_wait (RsClients  *clients,
                                 const char *client,
                                 gint64      now);
void       rs_clients_wrong_code (RsClients  *clients,
                                  const char *client,
                                  gint64      now);

/* How many are known. */
guint      rs_clients_n_known (const RsClients *clients);

G_END_DECLS
