/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tokens of the bus interface in the language of the reader. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "waiting-idle" → "waiting until the phone is idle". A token that is not known is returned as it is. */
const char *rs_word (const char *token);

/* The same of where a server or profile came from: "dhcp-66" → "DHCP option 66". An activation code that was entered has the name of
 * the state that asks for one. (transfer full) */
char       *rs_word_source (const char *source) G_GNUC_WARN_UNUSED_RESULT;

/* The part of a message that does not repeat the URL it is printed with. Borrowed. */
const char *rs_word_message (const char *url,
                             const char *message);

G_END_DECLS
