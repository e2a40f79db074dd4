/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the resync machine asks of a list of delays besides drawing from it. */
#pragma once

#include "plan/schedule.h"

G_BEGIN_DECLS

/* Seconds that no element with its random part exceeds; 0: empty, or all are never. */
guint64  rs_delay_list_longest (const RsDelayList *list);

/* NULL is the empty list. */
gboolean rs_delay_list_equal (const RsDelayList *one,
                              const RsDelayList *other);

G_END_DECLS
