/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: what the elements of a <flat-profile> mean. */
#pragma once

#include "profile/profile.h"

G_BEGIN_DECLS

/* Appends to assignments and notes what a valid UTF-8 text holds. alias_map: NULL or "" for none (PROF-10). RS_ERROR_CORRUPT, or
 * RS_ERROR_INVALID_VALUE where the alias map is none: then there are no assignments. */
gboolean rs_flat_read (const char *text,
                       gsize       length,
                       guint       max_parameters,
                       const char *alias_map,
                       GPtrArray  *assignments,
                       GPtrArray  *notes,
                       guint      *line,
                       guint      *column,
                       GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
