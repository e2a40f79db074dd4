/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file that shall become a root of trust: what Custom_CA_Rule brings (HTTP-9). */
#pragma once

#include "base/error.h"

G_BEGIN_DECLS

typedef struct
{
  char *pem;     /* the certificates alone, whatever else the file holds */
  char *subject; /* of the first: its common name, or else its whole name; no control characters, at most 200 bytes */
} RsAuthority;

void rs_authority_free (RsAuthority *authority);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsAuthority, rs_authority_free)

/* One certificate in DER, or up to four in PEM. now: seconds since the epoch; 0: nobody knows, and dates do not count.
 * RS_ERROR_CORRUPT: it is none, or one of them must not be a root: it is no authority's, not for servers, has too weak a
 * key, or is out of date. */
RsAuthority *rs_authority_read (GBytes *file, gint64 now, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
