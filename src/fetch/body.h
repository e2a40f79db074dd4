/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a request sends along: the text that asks for a profile (HTTP-1), or a report, encrypted where there is a key (ENC-4). */
#pragma once

#include "ipc/message.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct
{
  GBytes     *bytes; /* NULL: nothing is sent */
  const char *type;
  const char *encoding; /* NULL: none */
} RsBody;

/* RS_ERROR_FAILED: the cipher library refused. */
gboolean rs_body_init (RsBody *body, const RsRequest *request, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void rs_body_clear (RsBody *body);

/* Puts it into the message with its header fields. */
void rs_body_attach (const RsBody *body, SoupMessage *message);

G_END_DECLS
