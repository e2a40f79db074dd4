/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line: from argv to a command and its options. */
#pragma once

#include "ctl/ctl.h"

G_BEGIN_DECLS

typedef struct
{
  RsOptionMask mask; /* the bit that a command carries, or RS_OPTION_GLOBAL */
  const char  *name; /* without dashes */
  char         letter;
  GOptionArg   kind;   /* G_OPTION_ARG_CALLBACK: the value may be left out */
  gsize        offset; /* of the field in RsCtl */
  const char  *summary;
  const char  *value; /* NULL: takes none */
} RsOption;

/* All options, in the order of the help; *n of them. */
const RsOption *rs_options (gsize *n);

/* Reads argv into ctl. *command is "status" where none was named. FALSE with what is wrong in *message (g_free);
 * ctl->json is set even then if it was asked for, and *command if it was recognized. */
gboolean rs_options_parse (RsCtl            *ctl,
                           int               argc,
                           char            **argv,
                           const RsCommand **command,
                           char            **message) G_GNUC_WARN_UNUSED_RESULT;

void     rs_ctl_clear (RsCtl *ctl);

/* Whether an argument is an option that takes the next one as its value. */
gboolean rs_options_takes_next (const char *argument);

/* The index in argv of the command's word, or 0 where none was written. */
int      rs_options_find_word (int    argc,
                               char **argv);

G_END_DECLS
