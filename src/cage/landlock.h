/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Landlock as the kernel has it, whatever the headers of the build know: the file system, TCP ports, abstract sockets
 * and signals, each from the ABI on that brought it. */
#pragma once

#include "cage/cage.h"

G_BEGIN_DECLS

/* Holds the calling thread and those it starts later. abi: of rs_cage_landlock_abi (), not 0. */
gboolean rs_landlock_restrict (guint abi, const RsCage *cage, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
