/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who sent a datagram: an address and a port as bytes, so that the machine needs no socket types. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An address and port, as bytes: 4 or 16 of them. */
typedef struct
{
  guint8 address[16];
  guint8 address_length;
  guint16 port;
} RsTftpEndpoint;

gboolean rs_tftp_endpoint_same_host (const RsTftpEndpoint *a, const RsTftpEndpoint *b);
gboolean rs_tftp_endpoint_equal (const RsTftpEndpoint *a, const RsTftpEndpoint *b);

G_END_DECLS
