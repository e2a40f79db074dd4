/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: gzip, whole or not at all. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All members, one after the other. RS_ERROR_CORRUPT: cut short, a wrong check sum, anything behind the last member, or
 * more than max bytes; memory stays within twice max whatever the file says. The bytes wipe themselves. */
GBytes *rs_gunzip (GBytes  *bytes,
                   gsize    max,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
