/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A limit of the rate ([Firmware] MaxRate): a bucket of bytes that fills evenly and holds those of a tenth of a second, so that the calls
 * beside a download do not suffer in bursts. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 rate; /* bytes a second; 0: no limit */
  gint64 due;   /* when all that came was due, microseconds on any clock */
} RsPace;

/* So many bytes came. When the next may, which can be past. */
gint64 rs_pace_add (RsPace *pace, gsize bytes, gint64 now);

/* How many bytes to take at once, at most the wish and at least one. */
gsize rs_pace_piece (const RsPace *pace, gsize wish);

G_END_DECLS
