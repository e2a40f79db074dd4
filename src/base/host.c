/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may stand as a host. Strict, for what looks like a name here and is read as an address elsewhere ("127.1",
 * "0x7f000001") would get around the refusal of local addresses (HTTP-12). */
#include "base/host.h"

#include <arpa/inet.h>
#include <string.h>

#define MAX_NAME  253
#define MAX_LABEL 63

static gboolean
is_address (const char *host, int family)
{
  struct in6_addr address;

  return inet_pton (family, host, &address) == 1;
}

gboolean
rs_host_is_address (const char *host)
{
  return host != NULL && (is_address (host, AF_INET) || is_address (host, AF_INET6));
}

static gboolean
is_label (const char *label, gsize length)
{
  if (length == 0 || length > MAX_LABEL || label[0] == '-' || label[length - 1] == '-')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (label[i]) && label[i] != '-' && label[i] != '_')
        return FALSE;
    }
  return TRUE;
}

/* The C library reads a last part in decimal, octal or hexadecimal digits as that of an address. */
static gboolean
is_number (const char *label, gsize length)
{
  gboolean hexadecimal = length > 1 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X');

  for (gsize i = hexadecimal ? 2 : 0; i < length; i++)
    {
      if (hexadecimal ? !g_ascii_isxdigit (label[i]) : !g_ascii_isdigit (label[i]))
        return FALSE;
    }
  return TRUE;
}

gboolean
rs_host_is_valid (const char *host)
{
  if (host == NULL || host[0] == '\0' || strlen (host) > MAX_NAME)
    return FALSE;
  if (rs_host_is_address (host))
    return TRUE;
  for (const char *label = host;;)
    {
      gsize n = strcspn (label, ".");
      const char *next = label + n + (label[n] == '.' ? 1 : 0);

      if (!is_label (label, n))
        return FALSE;
      if (*next == '\0')
        return !is_number (label, n);
      label = next;
    }
}
