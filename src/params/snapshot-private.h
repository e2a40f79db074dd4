/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How snapshots are made; for params/ only. */
#pragma once

#include "params/snapshot.h"

G_BEGIN_DECLS

/* A text that snapshots share; wiped when the last one goes. */
typedef struct _RsShared RsShared;

RsShared   *rs_shared_new (const char *text);
RsShared   *rs_shared_ref (RsShared *shared);
void        rs_shared_unref (RsShared *shared);
const char *rs_shared_text (RsShared *shared);

typedef struct
{
  const RsParam *param;
  RsShared      *value;  /* NULL: the catalogue's */
  RsOrigin       origin; /* DEFAULT where value is NULL */
  RsAccess       access; /* UNSET: the catalogue's */
} RsStored;

/* Takes the values. The entries are sorted by parameter; those that say nothing are left out. */
RsSnapshot     *rs_snapshot_new_take (RsCatalogue *catalogue,
                                      RsStored    *entries,
                                      gsize        n_entries);

/* The stored entries, sorted by parameter, borrowed. */
const RsStored *rs_snapshot_entries (RsSnapshot *snapshot,
                                     gsize      *n_entries);

/* One of them or NULL. */
const RsStored *rs_snapshot_entry (RsSnapshot    *snapshot,
                                   const RsParam *param);

G_END_DECLS
