/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What GIO does not tell of a certificate. */
#pragma once

#include <gio/gio.h>
#include <gnutls/x509.h>

G_BEGIN_DECLS

/* NULL where GnuTLS cannot read what GIO could. (transfer full) */
gnutls_x509_crt_t rs_x509_from (GTlsCertificate *certificate);

/* 2048 bits of RSA, or as much of another kind: what less signs, somebody may sign as well. */
gboolean rs_x509_has_strong_key (gnutls_x509_crt_t certificate);

/* Whether it is one for servers, or for authorities of servers. */
gboolean rs_x509_is_for_servers (gnutls_x509_crt_t certificate);

/* Whether it says of itself that it is an authority's. */
gboolean rs_x509_may_sign (gnutls_x509_crt_t certificate);

G_END_DECLS
