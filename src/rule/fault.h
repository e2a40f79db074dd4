/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors of the rule language: they all say the column, what was found there and what was expected (RULE-10), and quote nothing that may be
 * secret. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The column of at in text: characters, from 1. */
guint rs_rule_column (const char *text, const char *at);

/* Sets RS_ERROR_INVALID_RULE "column N: found FOUND, expected …". */
void rs_rule_fault (GError **error, guint column, const char *found, const char *format, ...) G_GNUC_PRINTF (4, 5);

/* That macros stand for more than there may be. */
void rs_rule_fault_macros (GError **error, guint column);

/* The column that such an error's message begins with, and in *what the message behind it; 0: it is none. */
guint rs_rule_fault_column (const char *message, const char **what);

/* Whether a word may stand in a message about that rule: the rule would be shown with it as well (STORE-3). */
gboolean rs_rule_shows (const char *rule, const char *word);

/* What was found, for a message: in quotes, escaped, of a bounded length. For what is no secret. */
char *rs_rule_quote (const char *start, gsize length);

/* The same of what stands at a place where secrets may stand: a sign, the name of a macro, a blank, the end of the text, and of anything else no
 * more than that it is "a letter" or "a digit". */
char *rs_rule_quote_sign (const char *at);

/* Whether a quotation mark stands there that is none of the language, such as “: a word processor or a web page made it of a ". */
gboolean rs_rule_is_typographic_quote (const char *at);

G_END_DECLS
