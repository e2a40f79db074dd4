/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A raw socket of IP sends, for it needs no port; a packet socket hears, for the client that holds the lease has the port, and with it
 * whatever comes there. */
#include "inform/wire.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKET_MAX 4096 /* a phone's network has 1500, and what comes in pieces does not count */

struct _RsWire
{
  gboolean v6;
  int      in, out;
  guint8   server[4];
  unsigned index; /* of the interface */
  guint8   source[16];
  guint8   packet[PACKET_MAX];
};

/* All servers and relays of the link (RFC 8415, 7.1). */
static const struct in6_addr all_servers = { { { 0xff, 2, [13] = 1, [15] = 2 } } };

static gboolean
fail (GError    **error,
      const char *interface,
      const char *what)
{
  int code = errno;
  RsError class = code == EPERM || code == EACCES ? RS_ERROR_FAILED : RS_ERROR_UNREACHABLE;

  g_set_error (error, RS_ERROR, class, "%s: %s: %s", interface, what, g_strerror (code));
  return FALSE;
}

/* Packets of UDP to the client's port, from the IP header on; the reader looks at all else. */
static gboolean
attach_filter (int      fd,
               gboolean v6)
{
  struct sock_filter four[] = {
    BPF_STMT (BPF_LD | BPF_B | BPF_ABS, 9),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 4),
    BPF_STMT (BPF_LDX | BPF_B | BPF_MSH, 0),
    BPF_STMT (BPF_LD | BPF_H | BPF_IND, 2),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, RS_DHCP_CLIENT, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, PACKET_MAX),
    BPF_STMT (BPF_RET | BPF_K, 0),
  };
  struct sock_filter six[] = {
    BPF_STMT (BPF_LD | BPF_B | BPF_ABS, 6),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
    BPF_STMT (BPF_LD | BPF_H | BPF_ABS, 42),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, RS_DHCP6_CLIENT, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, PACKET_MAX),
    BPF_STMT (BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = v6 ? (struct sock_fprog){ G_N_ELEMENTS (six), six } : (struct sock_fprog){ G_N_ELEMENTS (four), four };

  return setsockopt (fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

/* It hears nothing before it is bound. */
static gboolean
open_in (RsWire     *wire,
         const char *interface,
         GError    **error)
{
  guint16 protocol = g_htons (wire->v6 ? ETH_P_IPV6 : ETH_P_IP);
  struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = protocol, .sll_ifindex = (int)wire->index };
  int on = 1;

  wire->in = socket (AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (wire->in < 0 || !attach_filter (wire->in, wire->v6)
      || setsockopt (wire->in, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) != 0
      || bind (wire->in, (const struct sockaddr *)&address, sizeof address) != 0)
    return fail (error, interface, "packets cannot be heard");
  return TRUE;
}

/* A raw socket is given a copy of every packet of UDP. */
static gboolean
hear_nothing (int fd)
{
  struct sock_filter none[] = { BPF_STMT (BPF_RET | BPF_K, 0) };
  struct sock_fprog program = { G_N_ELEMENTS (none), none };

  return setsockopt (fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

static gboolean
open_out (RsWire               *wire,
          const RsDhcpQuestion *question,
          GError              **error)
{
  gsize length = strlen (question->interface);
  int on = 1;

  wire->out = socket (wire->v6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
  if (wire->out < 0 || !hear_nothing (wire->out)
      || setsockopt (wire->out, SOL_SOCKET, SO_BINDTODEVICE, question->interface, (socklen_t)length) != 0
      || setsockopt (wire->out, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0)
    return fail (error, question->interface, "packets cannot be sent");
  return TRUE;
}

/* Whose address the messages have: of IPv4 the lease's, of IPv6 the interface's own, of the link. */
static gboolean
take_source (RsWire               *wire,
             const RsDhcpQuestion *question,
             GError              **error)
{
  struct sockaddr_in four = { .sin_family = AF_INET };
  struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = all_servers, .sin6_scope_id = wire->index };
  socklen_t size = sizeof six;

  if (!wire->v6)
    {
      memcpy (&four.sin_addr, question->address, sizeof question->address);
      memcpy (wire->source, question->address, sizeof question->address);
      if (bind (wire->out, (const struct sockaddr *)&four, sizeof four) != 0)
        return fail (error, question->interface, "the address of the lease");
      return TRUE;
    }
  if (connect (wire->out, (const struct sockaddr *)&six, sizeof six) != 0
      || getsockname (wire->out, (struct sockaddr *)&six, &size) != 0)
    return fail (error, question->interface, "the address of the link");
  memcpy (wire->source, &six.sin6_addr, sizeof wire->source);
  return TRUE;
}

RsWire *
rs_wire_open (const RsDhcpQuestion *question,
              GError              **error)
{
  g_autoptr (RsWire) wire = g_new0 (RsWire, 1);

  wire->v6 = question->v6;
  wire->in = wire->out = -1;
  memcpy (wire->server, question->server, sizeof wire->server);
  wire->index = if_nametoindex (question->interface);
  if (wire->index == 0)
    {
      fail (error, question->interface, "the interface");
      return NULL;
    }
  return open_in (wire, question->interface, error) && open_out (wire, question, error) && take_source (wire, question, error)
             ? g_steal_pointer (&wire)
             : NULL;
}

void
rs_wire_free (RsWire *wire)
{
  if (wire->in >= 0)
    close (wire->in);
  if (wire->out >= 0)
    close (wire->out);
  g_free (wire);
}

int
rs_wire_get_fd (const RsWire *wire)
{
  return wire->in;
}

gboolean
rs_wire_send (RsWire  *wire,
              GBytes  *payload,
              gboolean broadcast,
              GError **error)
{
  struct sockaddr_in four = { .sin_family = AF_INET };
  struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = all_servers, .sin6_scope_id = wire->index };
  RsDatagram datagram = { .v6 = wire->v6, .source_port = wire->v6 ? RS_DHCP6_CLIENT : RS_DHCP_CLIENT };
  g_autoptr (GBytes) udp = NULL;
  ssize_t sent;

  if (broadcast)
    four.sin_addr.s_addr = INADDR_BROADCAST;
  else
    memcpy (&four.sin_addr, wire->server, sizeof wire->server);
  memcpy (datagram.source, wire->source, sizeof datagram.source);
  if (wire->v6)
    memcpy (datagram.destination, &all_servers, sizeof datagram.destination);
  else
    memcpy (datagram.destination, &four.sin_addr, sizeof four.sin_addr);
  datagram.destination_port = wire->v6 ? RS_DHCP6_SERVER : RS_DHCP_SERVER;
  datagram.payload = g_bytes_get_data (payload, &datagram.length);
  udp = rs_datagram_build (&datagram);
  sent = sendto (wire->out, g_bytes_get_data (udp, NULL), g_bytes_get_size (udp), 0,
                 wire->v6 ? (const struct sockaddr *)&six : (const struct sockaddr *)&four, wire->v6 ? sizeof six : sizeof four);
  if (sent >= 0)
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_UNREACHABLE, "the message cannot be sent: %s", g_strerror (errno));
  return FALSE;
}

/* Whether the checksum of UDP was made already: a packet of this machine, between namespaces, may never have one. */
static gboolean
is_whole (struct msghdr *message)
{
  for (struct cmsghdr *part = CMSG_FIRSTHDR (message); part != NULL; part = CMSG_NXTHDR (message, part))
    {
      struct tpacket_auxdata data;

      if (part->cmsg_level != SOL_PACKET || part->cmsg_type != PACKET_AUXDATA)
        continue;
      memcpy (&data, CMSG_DATA (part), sizeof data);
      return (data.tp_status & TP_STATUS_CSUMNOTREADY) == 0;
    }
  return TRUE;
}

const char *
rs_wire_receive (RsWire     *wire,
                 RsDatagram *datagram)
{
  union
  {
    struct cmsghdr align;
    char           bytes[CMSG_SPACE (sizeof (struct tpacket_auxdata))];
  } control;
  struct iovec buffer = { wire->packet, sizeof wire->packet };
  struct msghdr message = { .msg_iov = &buffer, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  ssize_t size = recvmsg (wire->in, &message, 0);

  if (size < 0)
    return "";
  if ((message.msg_flags & MSG_TRUNC) != 0)
    return "it is too long";
  return rs_datagram_read (wire->packet, (gsize)size, wire->v6, is_whole (&message), datagram);
}
