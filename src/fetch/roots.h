/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which certificates of a PEM text a chain may end at. Of a system's 150 roots that is one, and only that one is kept: as objects of GIO's they all
 * take 4 MB, for as long as there is a connection. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Those (GTlsCertificate) that have the name of an issuer of the chain, or of one of its own certificates: GnuTLS looks for no others. What it cannot
 * read is none of them. (transfer full) */
GPtrArray *rs_roots_for (const char *pem, GTlsCertificate *chain);

/* Whether there are any, and all can be read. error: of GIO's, whose message says what is wrong. */
gboolean rs_roots_check (const char *pem, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
