/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Instead of what is in the bucket it keeps the time at which that would be full, which needs no timer. */
#include "fetch/pace.h"

#define BURST (G_USEC_PER_SEC / 10)

gint64
rs_pace_add (RsPace *pace, gsize bytes, gint64 now)
{
  if (pace->rate == 0)
    return now;
  pace->due = MAX (pace->due, now) + (gint64)(bytes * (guint64)G_USEC_PER_SEC / pace->rate);
  return pace->due - BURST;
}

gsize
rs_pace_piece (const RsPace *pace, gsize wish)
{
  return pace->rate == 0 ? wish : (gsize)CLAMP (pace->rate / (G_USEC_PER_SEC / BURST), 1, wish);
}
