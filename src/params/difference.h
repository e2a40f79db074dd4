/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a changeset would change, as it may be shown: for who wants to know before it is applied. */
#pragma once

#include "params/changeset.h"

G_BEGIN_DECLS

typedef struct
{
  char       *name;
  char       *from; /* masked, as rs_param_mask () does */
  char       *to;
  RsAccess    access_from;
  RsAccess    access_to;
  gboolean    secret;
  gboolean    same;    /* only the access changes; what is masked shows no difference */
  gboolean    certain; /* FALSE: of a secret that is not known, so that it may be the same */
} RsDifference;

/* An empty array of RsDifference that frees their texts. */
GArray *rs_differences_new (void);

/* RsDifference of each parameter that changes, in the order of their names. unknown: names of secrets for whose values before holds something else;
 * NULL: none. secrets: names of parameters that are secrets though the catalogue does not say so (rs_rule_secrets ()). (transfer full) */
GArray *rs_differences_of (RsSnapshot        *before,
                           const RsChangeset *changes,
                           GHashTable        *unknown,
                           GHashTable        *secrets);

G_END_DECLS
