/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The help and the shell completion, both read from the tables of commands and options. */
#pragma once

#include "ctl/ctl.h"

G_BEGIN_DECLS

/* The help of the program (command NULL) or of one command. */
char *rs_help_text (const RsCommand *command) G_GNUC_WARN_UNUSED_RESULT;

/* What may stand at words[index] of a command line whose first word is the program: one candidate a line on standard
 * output. A line ":files", ":programs" or ":nospace" tells the shell's script what to add. The name of this call on the
 * command line is RS_COMPLETE; it is private to data/resyncctl.bash. */
#define RS_COMPLETE "__complete"
RsExit rs_complete (guint              index,
                    const char *const *words);

G_END_DECLS
