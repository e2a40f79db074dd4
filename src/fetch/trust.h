/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whom HTTPS believes (HTTP-9): the roots of CaFile, of Custom_CA_Rule and of the system, one after the other, unless
 * CrlFile names the certificate; and, in words, why somebody was not believed. */
#pragma once

#include "ipc/message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* where Debian keeps the system's roots */
#define RS_SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

#define RS_TYPE_TRUST (rs_trust_get_type ())
G_DECLARE_FINAL_TYPE (RsTrust, rs_trust, RS, TRUST, GTlsDatabase)

/* RS_ERROR_FAILED: a file of the request cannot be read, or does not hold what it should. */
GTlsDatabase *rs_trust_new (const RsRequest *request, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What is wrong with a certificate, as the end of a sentence: "its certificate has expired (on 2024-01-31)". */
char *rs_trust_describe (GTlsCertificate *certificate, GTlsCertificateFlags flags, const char *host);

/* Whether the dates are all that is wrong (HTTP-11). */
gboolean rs_trust_is_dates_only (GTlsCertificateFlags flags);

G_END_DECLS
