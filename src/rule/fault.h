/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors of the rule language: they all say the column and what was expected there (RULE-10), and quote nothing that
 * may be secret. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The column of at in text: characters, from 1. */
guint rs_rule_column (const char *text, const char *at);

/* Sets RS_ERROR_INVALID_RULE "column N: " and the message. */
void rs_rule_fault (GError **error, guint column, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* The column that such an error's message begins with, and in *what the message behind it; 0: it is none. */
guint rs_rule_fault_column (const char *message, const char **what);

G_END_DECLS
