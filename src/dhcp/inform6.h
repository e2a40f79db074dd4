/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to dhcp/: the IPv6 side of inform.h, which says what these do. */
#pragma once

#include "dhcp/inform.h"

G_BEGIN_DECLS

GBytes    *rs_inform6_build (const RsDhcpQuestion *question,
                             guint32               xid,
                             guint                 waited) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *rs_inform6_read (const RsDhcpQuestion *question,
                            guint32               xid,
                            const RsDatagram     *datagram,
                            const char          **reason) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
