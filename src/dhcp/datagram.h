/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A UDP datagram in an IP packet, as it comes from and goes to the wire: for a program that hears packets before the
 * kernel has looked at them (RFC 768, RFC 791, RFC 8200). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RS_UDP_HEADER 8

typedef struct
{
  gboolean      v6;
  guint8        source[16], destination[16]; /* of IPv4 the first four bytes; network order */
  guint16       source_port, destination_port;
  const guint8 *payload; /* into what was read */
  gsize         length;
} RsDatagram;

/* Reads a packet that begins with its IP header; bytes beyond its end are passed over. whole: the checksum of UDP was
 * made already, and counts; FALSE on a network that is none, where a card would have made it. NULL, or a constant text
 * that says what is wrong: fragments and extension headers are, too. */
const char *rs_datagram_read (const guint8 *packet,
                              gsize         size,
                              gboolean      v6,
                              gboolean      whole,
                              RsDatagram   *datagram) G_GNUC_WARN_UNUSED_RESULT;

/* UDP header and payload, with a checksum that holds for the two addresses. length is at most 65527. */
GBytes     *rs_datagram_build (const RsDatagram *datagram) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
