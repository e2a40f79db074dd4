/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Headers of IP and UDP. What does not fit together is no datagram at all. */
#include "dhcp/datagram.h"

#include <string.h>

#define PROTOCOL_UDP 17
#define HEADER4 20
#define HEADER6 40
#define FRAGMENT 0x3fff /* more of them, or not the first; "do not fragment" is no harm */

static guint16
read16 (const guint8 *data)
{
  return (guint16)(data[0] << 8 | data[1]);
}

static void
write16 (guint8 *data,
         guint   value)
{
  data[0] = value >> 8 & 0xff;
  data[1] = value & 0xff;
}

static guint32
add (guint32       sum,
     const guint8 *data,
     gsize         length)
{
  for (gsize i = 0; i + 1 < length; i += 2)
    sum += read16 (data + i);
  if (length % 2 != 0)
    sum += (guint32)data[length - 1] << 8;
  return sum;
}

static guint16
fold (guint32 sum)
{
  while (sum > 0xffff)
    sum = (sum & 0xffff) + (sum >> 16);
  return (guint16)sum;
}

/* 0xffff where the checksum inside fits. udp: header and payload. */
static guint16
sum_udp (const RsDatagram *datagram,
         const guint8     *udp,
         gsize             length)
{
  gsize address = datagram->v6 ? 16 : 4;
  guint32 sum = PROTOCOL_UDP + (guint32)length;

  sum = add (sum, datagram->source, address);
  sum = add (sum, datagram->destination, address);
  return fold (add (sum, udp, length));
}

static const char *
read_udp (const guint8 *udp,
          gsize         size,
          gboolean      whole,
          RsDatagram   *datagram)
{
  gsize length;

  if (size < RS_UDP_HEADER)
    return "it is cut within the header of UDP";
  length = read16 (udp + 4);
  if (length < RS_UDP_HEADER || length > size)
    return "the length of UDP does not fit";
  /* in IPv4 none may have been made at all */
  if (read16 (udp + 6) == 0 ? datagram->v6 : whole && sum_udp (datagram, udp, length) != 0xffff)
    return "the checksum of UDP is wrong";
  datagram->source_port = read16 (udp);
  datagram->destination_port = read16 (udp + 2);
  datagram->payload = udp + RS_UDP_HEADER;
  datagram->length = length - RS_UDP_HEADER;
  return NULL;
}

static const char *
read4 (const guint8 *packet,
       gsize         size,
       gboolean      whole,
       RsDatagram   *datagram)
{
  gsize header, total;

  if (size < HEADER4 || packet[0] >> 4 != 4)
    return "it is no packet of IPv4";
  header = (gsize)(packet[0] & 15) * 4;
  total = read16 (packet + 2);
  if (header < HEADER4 || header > total || total > size)
    return "the lengths of IP do not fit";
  if (fold (add (0, packet, header)) != 0xffff)
    return "the checksum of IP is wrong";
  if ((read16 (packet + 6) & FRAGMENT) != 0)
    return "it is a fragment";
  if (packet[9] != PROTOCOL_UDP)
    return "it is not of UDP";
  memcpy (datagram->source, packet + 12, 4);
  memcpy (datagram->destination, packet + 16, 4);
  return read_udp (packet + header, total - header, whole, datagram);
}

static const char *
read6 (const guint8 *packet,
       gsize         size,
       gboolean      whole,
       RsDatagram   *datagram)
{
  gsize length;

  if (size < HEADER6 || packet[0] >> 4 != 6)
    return "it is no packet of IPv6";
  length = read16 (packet + 4);
  if (length > size - HEADER6)
    return "the lengths of IP do not fit";
  if (packet[6] != PROTOCOL_UDP)
    return "it is not of UDP";
  memcpy (datagram->source, packet + 8, 16);
  memcpy (datagram->destination, packet + 24, 16);
  return read_udp (packet + HEADER6, length, whole, datagram);
}

const char *
rs_datagram_read (const guint8 *packet,
                  gsize         size,
                  gboolean      v6,
                  gboolean      whole,
                  RsDatagram   *datagram)
{
  *datagram = (RsDatagram){ .v6 = v6 };
  return v6 ? read6 (packet, size, whole, datagram) : read4 (packet, size, whole, datagram);
}

GBytes *
rs_datagram_build (const RsDatagram *datagram)
{
  gsize length = RS_UDP_HEADER + datagram->length;
  guint8 *udp = g_malloc0 (length);
  guint16 sum;

  write16 (udp, datagram->source_port);
  write16 (udp + 2, datagram->destination_port);
  write16 (udp + 4, (guint)length);
  memcpy (udp + RS_UDP_HEADER, datagram->payload, datagram->length);
  sum = (guint16)~sum_udp (datagram, udp, length);
  /* 0 would say that there is none */
  write16 (udp + 6, sum != 0 ? sum : 0xffff);
  return g_bytes_new_take (udp, length);
}
