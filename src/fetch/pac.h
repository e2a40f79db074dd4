/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks a proxy auto-configuration file, a program in JavaScript of somebody else's (HTTP-10), by libpacparser. Its engine is an
 * old one, and nothing here relies on it: a file that makes it loop, crash or eat its memory ends one worker that holds no
 * secret. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* As a PAC file calls them, the characters of a list of proxies. */
#define RS_PAC_ANSWER_MAX 4096

/* answer: what the file says, at most RS_PAC_ANSWER_MAX bytes of any kind; NULL: it has none, and fault says why in one line of UTF-8.
 * Both are the caller's. */
typedef void (*RsPacFunc) (const char *answer, const char *fault, gpointer data);

/* Loads the library, which is no dependency of the program: only a network with such a file needs it. To be called before the
 * cage is closed; without it rs_pac_ask () says what is missing. */
void rs_pac_load (void);

/* Runs script in a thread of its own, and calls func once from the main loop; where it never ends, never. target: the URL that a
 * proxy is wanted for; own_address: of the phone, "" unknown. Once in a process. */
void rs_pac_ask (const char *script, const char *target, const char *own_address, RsPacFunc func, gpointer data);

G_END_DECLS
