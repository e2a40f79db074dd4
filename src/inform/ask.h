/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One question and its answer. */
#pragma once

#include "dhcp/question.h"

G_BEGIN_DECLS

/* Takes up to a minute, and blocks. Gives every privilege up before it reads the first byte of the network. peer: who asked; NULL where it
 * hung up meanwhile. */
RsDhcpAnswer *rs_ask (const RsDhcpQuestion *question,
                      int                   peer) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
