/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resyncctl: the command line of resyncd. Reads the command line, runs one command, and makes sure that what was
 * printed arrived. */
#include "config.h"

#include "ctl/help.h"
#include "ctl/options.h"
#include "ctl/output.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static RsExit
run (RsCtl *ctl,
     int    argc,
     char **argv)
{
  const RsCommand *command = NULL;
  g_autofree char *message = NULL;
  g_autofree char *help = NULL;

  if (!rs_options_parse (ctl, argc, argv, &command, &message))
    return rs_fail_usage (ctl, command, message);
  if (ctl->version)
    {
      g_print ("resyncctl %s\n", RS_VERSION);
      return RS_EXIT_DONE;
    }
  if (ctl->help)
    {
      help = rs_help_text (command);
      g_print ("%s", help);
      return RS_EXIT_DONE;
    }
  return command->run (ctl);
}

/* Index and words of a call by the completion script. */
static RsExit
complete (int    argc,
          char **argv)
{
  int index = argc > 2 ? atoi (argv[2]) : 0;

  if (index < 1 || index > argc - 3)
    return RS_EXIT_USAGE;
  return rs_complete ((guint) index, (const char *const *) argv + 3);
}

/* An answer that did not reach its reader is none. */
static RsExit
flush (RsExit exit)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return exit;
  g_printerr ("resyncctl: %s: %s\n", _("The output cannot be written"), g_strerror (errno));
  return exit == RS_EXIT_DONE ? RS_EXIT_FAILED : exit;
}

int
main (int    argc,
      char **argv)
{
  RsCtl ctl = { 0 };
  RsExit exit;

  setlocale (LC_ALL, "");
  bindtextdomain (RS_GETTEXT_DOMAIN, RS_LOCALEDIR);
  bind_textdomain_codeset (RS_GETTEXT_DOMAIN, "UTF-8");
  textdomain (RS_GETTEXT_DOMAIN);
  g_set_prgname ("resyncctl");
  if (argc > 1 && g_str_equal (argv[1], RS_COMPLETE))
    return flush (complete (argc, argv));
  exit = run (&ctl, argc, argv);
  rs_ctl_clear (&ctl);
  return flush (exit);
}
