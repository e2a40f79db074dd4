/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: what the elements of a <flat-profile> mean. */
#pragma once

#include "profile/profile.h"

G_BEGIN_DECLS

typedef struct
{
  guint       max_parameters;
  const char *alias_map; /* NULL or "" for none (PROF-10) */
  gboolean    columns;   /* of the assignments, too: that costs a walk over the lines */
} RsFlatOptions;

/* Appends to assignments and notes what a valid UTF-8 text holds; of notes a thousand at most, and how many more there are to *left_out. RS_ERROR_CORRUPT, or
 * RS_ERROR_INVALID_VALUE where the alias map is none: then there are no assignments. */
gboolean rs_flat_read (const char          *text,
                       gsize                length,
                       const RsFlatOptions *options,
                       GPtrArray           *assignments,
                       GPtrArray           *notes,
                       guint               *left_out,
                       guint               *line,
                       guint               *column,
                       GError             **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
