/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Comparing of addresses, which is what keeps strangers out of a transfer (TFTP-3). */
#include "tftp/endpoint.h"

#include <string.h>

gboolean
rs_tftp_endpoint_same_host (const RsTftpEndpoint *a, const RsTftpEndpoint *b)
{
  return a->address_length == b->address_length && memcmp (a->address, b->address, a->address_length) == 0;
}

gboolean
rs_tftp_endpoint_equal (const RsTftpEndpoint *a, const RsTftpEndpoint *b)
{
  return a->port == b->port && rs_tftp_endpoint_same_host (a, b);
}
