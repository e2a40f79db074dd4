/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of parameters.conf; for the store and its tests. A keyfile, one line a parameter:
 *
 *   [Store]
 *   Format=1
 *   Generation=12
 *   [Validator Profile_Rule]
 *   Context=…   ETag=…   LastModified=…   Digest=…   Generation=12
 *   [Parameters]
 *   Count=profile,rw,7         value set by a profile, access set to rw
 *   Text=user,,hello\nworld    access as in the catalogue
 *   Mine=default,ro            only the access differs
 */
#pragma once

#include "store/param-store.h"

G_BEGIN_DECLS

/* All that the file holds. Immutable once made, shared between main loop and I/O thread; the arrays may be shared by
 * several of these. */
typedef struct
{
  gatomicrefcount ref_count;
  RsSnapshot     *snapshot;
  GPtrArray      *validators; /* RsValidator, each rule once */
  GPtrArray      *foreign;    /* char *, lines that the catalogue does not take; kept, an update may know them */
  guint64         generation;
} RsParamSet;

/* Takes one reference of each. */
RsParamSet *rs_param_set_new (RsSnapshot *snapshot,
                              GPtrArray  *validators,
                              GPtrArray  *foreign,
                              guint64     generation);
RsParamSet *rs_param_set_ref (RsParamSet *set);
void        rs_param_set_unref (RsParamSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsParamSet, rs_param_set_unref)

/* Empty arrays of the right kind. */
GPtrArray  *rs_validators_new (void);
GPtrArray  *rs_foreign_new (void);

/* The body of the file, roomy enough that a seal can be put under it without a copy being left behind. */
GString    *rs_param_set_to_text (const RsParamSet *set);

/* RS_ERROR_CORRUPT: it is none. warnings (char *): what could not be taken over into the snapshot. */
RsParamSet *rs_param_set_from_text (RsCatalogue *catalogue,
                                    const char  *text,
                                    gsize        length,
                                    GPtrArray   *warnings,
                                    GError     **error) G_GNUC_WARN_UNUSED_RESULT;

/* The foreign lines that are still to be kept beside a snapshot: not those of parameters that it stores. */
GPtrArray  *rs_foreign_beside (GPtrArray  *foreign,
                               RsSnapshot *snapshot);

G_END_DECLS
