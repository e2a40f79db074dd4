/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the daemon says of its tries, in the language of the reader. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The daemon speaks English, for journals and programs. A sentence that is not known, or not translated, is returned as it is.
 * (transfer full) */
char *rs_story_words (const char *sentence) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
