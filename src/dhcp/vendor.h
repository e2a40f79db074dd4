/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options inside options: the vendor's own (43), and those that name an enterprise (125, DHCPv6 17). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const guint8 *data; /* into the option's bytes; NULL: not there */
  gsize         length;
} RsVendorValue;

/* The sub-option of option 43 (RFC 2132, 8.4; padding and end mark are passed over). FALSE: the bytes are no list of
 * sub-options, and nothing of them counts. */
gboolean rs_vendor_find (const guint8  *data,
                         gsize          length,
                         guint8         sub,
                         RsVendorValue *value) G_GNUC_WARN_UNUSED_RESULT;

/* The sub-option of one enterprise in option 125 (RFC 3925, 4) or, with v6, 17 (RFC 8415, 21.17). FALSE: as above. The
 * first of several counts. */
gboolean rs_vendor_find_enterprise (const guint8  *data,
                                    gsize          length,
                                    gboolean       v6,
                                    guint32        enterprise,
                                    guint16        sub,
                                    RsVendorValue *value) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
