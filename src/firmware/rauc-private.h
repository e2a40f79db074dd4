/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What RAUC says of its slots. */
#pragma once

#include "firmware/installer.h"

G_BEGIN_DECLS

/* reply: of GetSlotStatus, "(a(sa{sv}))". (transfer full) */
RsSlots *rs_rauc_read_slots (GVariant *reply);

G_END_DECLS
