/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates that count no more (HTTP-9): the revocation lists of CrlFile. Whoever can write that file is trusted as
 * with CaFile beside it: signatures are not looked at, and a list that has grown old still counts. */
#pragma once

#include "base/error.h"

#include <gnutls/x509.h>

G_BEGIN_DECLS

typedef struct _RsRevocation RsRevocation;

/* One list in DER, or any number in PEM. RS_ERROR_FAILED: it cannot be read, or holds none. */
RsRevocation *rs_revocation_load (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void rs_revocation_free (RsRevocation *revocation);

/* Whether a list of its issuer names it. */
gboolean rs_revocation_holds (const RsRevocation *revocation, gnutls_x509_crt_t certificate);

G_END_DECLS
