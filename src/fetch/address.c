/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one place that says which addresses are out of bounds; HTTP and TFTP both come through here with what they are
 * about to connect to. */
#include "fetch/address.h"

#include <string.h>

static const guint8 mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

GInetAddress *
rs_address_plain (GInetAddress *address)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
      && memcmp (bytes, mapped_prefix, sizeof mapped_prefix) == 0)
    return g_inet_address_new_from_bytes (bytes + sizeof mapped_prefix, G_SOCKET_FAMILY_IPV4);
  return g_object_ref (address);
}

/* All of 0.0.0.0/8 means this host, and the limited broadcast everybody on the link. */
static const char *
ipv4_fault (const guint8 *bytes)
{
  static const guint8 broadcast[4] = { 255, 255, 255, 255 };

  if (bytes[0] == 0)
    return "an unspecified address";
  if (memcmp (bytes, broadcast, sizeof broadcast) == 0)
    return "a broadcast address";
  return NULL;
}

static gboolean
is_literal (GInetAddress *address, const char *literal)
{
  g_autoptr (GInetAddress) named
      = literal != NULL && *literal != '\0' ? g_inet_address_new_from_string (literal) : NULL;
  g_autoptr (GInetAddress) plain = named != NULL ? rs_address_plain (named) : NULL;

  return plain != NULL && g_inet_address_equal (plain, address);
}

const char *
rs_address_fault (GInetAddress *address, const char *literal)
{
  g_autoptr (GInetAddress) plain = rs_address_plain (address);

  if (is_literal (plain, literal))
    return NULL;
  if (g_inet_address_get_is_loopback (plain))
    return "a loopback address";
  if (g_inet_address_get_is_link_local (plain))
    return "a link-local address";
  if (g_inet_address_get_is_multicast (plain))
    return "a multicast address";
  if (g_inet_address_get_is_any (plain))
    return "an unspecified address";
  return g_inet_address_get_family (plain) == G_SOCKET_FAMILY_IPV4 ? ipv4_fault (g_inet_address_to_bytes (plain))
                                                                   : NULL;
}

char *
rs_address_to_string (GInetAddress *address)
{
  g_autoptr (GInetAddress) plain = rs_address_plain (address);
  char *text = g_inet_address_to_string (plain);
  char *zone = strchr (text, '%');

  if (zone != NULL)
    *zone = '\0';
  return text;
}

void
rs_address_to_endpoint (GInetAddress *address, guint16 port, RsTftpEndpoint *endpoint)
{
  g_autoptr (GInetAddress) plain = rs_address_plain (address);

  memset (endpoint, 0, sizeof *endpoint);
  endpoint->address_length = (guint8)g_inet_address_get_native_size (plain);
  memcpy (endpoint->address, g_inet_address_to_bytes (plain), endpoint->address_length);
  endpoint->port = port;
}
