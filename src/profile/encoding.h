/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: the text of an XML file as UTF-8. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads byte order mark and XML declaration and gives valid UTF-8 without mark and without NUL. UTF-8, UTF-16,
 * ISO-8859-1, windows-1252 and ASCII are taken; anything else, or bytes that are not of the encoding, is
 * RS_ERROR_CORRUPT with line and column (of the result). Shares the memory of bytes where nothing had to change. */
GBytes *rs_encoding_to_utf8 (GBytes  *bytes,
                             guint   *line,
                             guint   *column,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
