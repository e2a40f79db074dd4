/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Freeing of what is large. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Has a thread call destroy (data), which nobody else may use any more; NULL is fine. Wiping and freeing the 100 000
 * values of a profile takes longer than the main loop may stand still. */
void rs_reclaim (gpointer       data,
                 GDestroyNotify destroy);

G_END_DECLS
