/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a profile would change: fetched as a resync by that rule would, by a worker in its cage, and applied in no part. No attempt: nothing of it is
 * in the history, the schedule or the state. */
#pragma once

#include "engine/parts.h"
#include "params/changeset.h"

G_BEGIN_DECLS

typedef struct
{
  RsSnapshot  *before;
  RsChangeset *changes; /* what the rule assigns, and then the profile */
  char        *rule;    /* wiped: it may hold secrets */
} RsPreview;

void rs_preview_free (RsPreview *preview);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsPreview, rs_preview_free)

/* rule: a profile rule of root or an admin whose URL names a server. RS_ERROR_INVALID_RULE, and whatever the fetch fails with. source: kept until it
 * ends, with parts. */
void       rs_preview_run_async (GObject            *source,
                                 const RsParts      *parts,
                                 const char         *rule,
                                 GAsyncReadyCallback callback,
                                 gpointer            data);

/* (transfer full) */
RsPreview *rs_preview_run_finish (GAsyncResult *result,
                                  GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
