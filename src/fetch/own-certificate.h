/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The phone's own certificate and its key (HTTP-9), for a server that asks who it is. */
#pragma once

#include "ipc/message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether a part of it is on a token. */
gboolean rs_own_certificate_needs_token (const RsRequest *request);

/* Loads the module of the token, which stays; to be called before the cage is closed. Nobody logs in. */
void rs_own_certificate_warm_up (const RsRequest *request);

/* NULL without an error: none is configured. RS_ERROR_FAILED: it cannot be had, and the message says what to check. The
 * PIN is in the URI, and GnuTLS tries such a one once, when the handshake wants the key. */
GTlsCertificate *rs_own_certificate_load (const RsRequest *request, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
