/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DHCP option values, from bytes to server texts. The only thing from the network that the daemon itself reads:
 * bounded, character-checked (DISC-3, DISC-4, DISC-5). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The longest value that counts: of DHCPv4 sixteen pieces (RFC 3396). */
#define RS_DHCP_VALUE_MAX (16 * 255)

typedef struct
{
  guint16 code;
  gboolean v6;
  GBytes *value;
} RsDhcpOption;

/* Takes a reference of its own on value. */
RsDhcpOption *rs_dhcp_option_new (guint16  code,
                                  gboolean v6,
                                  GBytes  *value);
void          rs_dhcp_option_free (RsDhcpOption *option);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsDhcpOption, rs_dhcp_option_free)

/* "104 116 … 0", as NetworkManager shows our dhclient options: decimal bytes. At most 4096 bytes. NULL: not of that
 * form. */
GBytes       *rs_dhcp_bytes_from_decimal (const char *text) G_GNUC_WARN_UNUSED_RESULT;

typedef enum
{
  RS_HINT_URL,      /* a URL with a path: as it is, then with each default path appended */
  RS_HINT_BASE,     /* a URL without a path (a lone "/" is none and left out): each default path */
  RS_HINT_HOST,     /* a bare host or address, [:port] allowed: tftp, http, https, each with each default path */
} RsHintKind;

typedef struct
{
  RsHintKind kind;
  char      *text; /* macros not yet expanded; URLs start with tftp://, http:// or https:// */
} RsServerHint;

void rs_server_hint_free (RsServerHint *hint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsServerHint, rs_server_hint_free)

typedef struct
{
  char      *name;    /* "dhcp-66", "dhcp6-17" … for profile-source */
  GPtrArray *hints;   /* RsServerHint, in order; may be empty where acs_url is set */
  char      *acs_url; /* option 43 sub 1, 125 (sub 11) and 17 (sub 1) with enterprise 3561: for TR-069; NULL */
} RsDhcpSource;

void rs_dhcp_source_free (RsDhcpSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsDhcpSource, rs_dhcp_source_free)

/* order: codes of DHCP_Option_To_Use (v4) or DHCPv6_Option_To_Use (v6), each in turn; vendor_enterprise/vendor_sub:
 * [Discovery] VendorOption, 0/0 none. Returns the sources that yield anything, in order (RsDhcpSource). What is passed
 * over is said in warnings (char *, escaped, without the value's query or userinfo; NULL: nobody listens). Bounds: 255
 * bytes a v4 value times 16 (long options), 16 hints a source, 64 in all. */
GPtrArray *rs_dhcp_sources (GPtrArray     *options,
                            const guint16 *order,
                            gsize          n_order,
                            gboolean       v6,
                            guint32        vendor_enterprise,
                            guint16        vendor_sub,
                            GPtrArray     *warnings) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
