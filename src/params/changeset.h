/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From assignments to the next snapshot: checks each against the catalogue and says what changed. Pure: nothing is in
 * force until the store has the result on disk. */
#pragma once

#include "params/snapshot.h"

G_BEGIN_DECLS

typedef enum
{
  RS_FAULT_WARNING, /* the assignment was skipped, the rest goes on */
  RS_FAULT_UNKNOWN, /* no such parameter: skipped and counted (PROF-2) */
} RsFaultKind;

typedef struct
{
  char       *name;    /* escaped */
  char       *message; /* says what, never a secret */
  guint       line;    /* 0: none */
  RsFaultKind kind;
} RsFault;

void rs_fault_free (RsFault *fault);

typedef struct
{
  RsSnapshot *next;            /* equals the given snapshot (same pointer) when nothing changed */
  GPtrArray  *changed;         /* canonical names (const char *, of the catalogue) whose value or access changed, sorted */
  GPtrArray  *faults;          /* RsFault: at most 1000 are kept */
  guint       n_applied;       /* assignments that were good */
  guint       n_unknown;
  guint       n_bad;           /* values that were skipped (PROF-6) */
  gboolean    reboot;          /* a changed parameter asks for a restart; its name: */
  const char *reboot_name;
} RsChangeset;

void rs_changeset_free (RsChangeset *changeset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsChangeset, rs_changeset_free)

/* What a profile or a rule carries: lenient, every good assignment counts, the last of duplicates wins, PROF-5 for empty
 * elements: "" for text types, the default for others, but a value whose origin is USER is kept where the
 * access given with it is RW. Never fails. */
RsChangeset *rs_changeset_from_profile (RsSnapshot *current,
                                        GPtrArray  *assignments,
                                        RsOrigin    origin);

/* Whether such an assignment would count. RS_ERROR_INVALID_NAME or _INVALID_VALUE as its fault would say it. */
gboolean     rs_changeset_check_value (RsCatalogue *catalogue,
                                       const char  *name,
                                       const char  *value,
                                       GError     **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a caller sets: strict, all or nothing (Parameters.Set). NULL with RS_ERROR_INVALID_NAME or _INVALID_VALUE. */
RsChangeset *rs_changeset_from_values (RsSnapshot *current,
                                       GPtrArray  *assignments,
                                       RsOrigin    origin,
                                       GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Back to the catalogue's value (origin DEFAULT); access stays. NULL with RS_ERROR_INVALID_NAME. */
RsChangeset *rs_changeset_from_reset (RsSnapshot        *current,
                                      const char *const *names,
                                      GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* For the store: a snapshot from stored entries. An entry the catalogue does not know or whose value it refuses is left
 * out with a fault and its name; nothing is lost on disk by that until the next commit. */
typedef struct
{
  const char *name;
  const char *value; /* NULL: only the access differs */
  RsOrigin    origin;
  RsAccess    access; /* UNSET: the catalogue's */
  gboolean    left_out; /* set by rs_snapshot_from_stored () */
} RsStoredEntry;

RsSnapshot *rs_snapshot_from_stored (RsCatalogue   *catalogue,
                                     RsStoredEntry *entries,
                                     gsize          n_entries,
                                     GPtrArray     *faults);

G_END_DECLS
