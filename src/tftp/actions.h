/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the two machines, of a file that comes and of one that goes, say what is to be done; for tftp/ only. */
#pragma once

#include "tftp/transfer.h"

G_BEGIN_DECLS

/* One more, empty but for its kind. */
RsTftpAction *rs_tftp_actions_add (RsTftpActions *actions, RsTftpActionKind kind);

/* Data is borrowed, as in RsTftpAction. */
void rs_tftp_actions_add_send (RsTftpActions *actions, const guint8 *data, gsize length, const RsTftpEndpoint *to);

G_END_DECLS
