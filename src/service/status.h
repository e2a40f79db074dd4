/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Status property: what a status page shows (contract.md lists the keys). */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

/* a{sv}, floating. Keys whose value is not known are left out. */
GVariant *rs_status_new (RsEngine           *engine,
                         const RsEngineView *view);

G_END_DECLS
