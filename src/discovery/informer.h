/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the DHCP server says that NetworkManager does not show: asked for by resyncd-inform, once a lease and again at each renewal (DISC-3). */
#pragma once

#include "discovery/network.h"

G_BEGIN_DECLS

typedef struct _RsInformer RsInformer;

/* path: where resyncd-inform is asked. changed: something is known, or it is known that it will not be; from the main loop. */
RsInformer *rs_informer_new (const char *path,
                             void      (*changed) (gpointer data),
                             gpointer    data) G_GNUC_WARN_UNUSED_RESULT;
void        rs_informer_free (RsInformer *informer);

/* Options to be asked for besides those that are always, up to 32 of each kind in all. It is for the caller to look at the lease again. */
void        rs_informer_want (RsInformer    *informer,
                              gboolean       v6,
                              const guint16 *codes,
                              gsize          n_codes);

/* Puts into a lease what is missing of one kind of DHCP, or a warning that says why it is not there, and asks where that is due. dictionary: what
 * NetworkManager shows of it, NULL: there is no such lease, and what was known of one is forgotten. FALSE: an answer is on its way, and the lease had better
 * wait for it; that lasts some seconds at most. */
gboolean    rs_informer_complete (RsInformer *informer,
                                  RsLease    *lease,
                                  gboolean    v6,
                                  GHashTable *dictionary) G_GNUC_WARN_UNUSED_RESULT;

/* There is no lease at all. */
void        rs_informer_forget (RsInformer *informer);

/* Asks anew where no answer came. */
void        rs_informer_ask_again (RsInformer *informer);

G_END_DECLS
