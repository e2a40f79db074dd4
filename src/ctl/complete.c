/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Completion: the shell asks this program what may stand next, so that it never knows less than the tables. */
#include "config.h"

#include "ctl/help.h"
#include "ctl/options.h"

#include <stdio.h>

static void
offer (const char *candidate,
       const char *suffix,
       const char *prefix)
{
  if (g_str_has_prefix (candidate, prefix))
    printf ("%s%s\n", candidate, suffix);
}

static void
offer_options (RsOptionMask mask,
               const char  *prefix)
{
  gsize n;
  const RsOption *options = rs_options (&n);

  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *text = g_strconcat ("--", options[i].name, NULL);

      if (options[i].mask & (mask | RS_OPTION_GLOBAL))
        offer (text, "", prefix);
    }
}

static void
offer_commands (const char *prefix)
{
  gsize n;
  const RsCommand *commands = rs_commands (&n);

  for (gsize i = 0; i < n; i++)
    offer (commands[i].name, "", prefix);
}

/* The values of --address and --why are anybody's guess; those of --config and --catalogue are files. */
static RsExit
offer_value (const char *option)
{
  if (g_str_equal (option, "--config") || g_str_equal (option, "--catalogue"))
    puts (":files");
  return RS_EXIT_DONE;
}

static void
offer_words (const RsCommand *command,
             const char      *prefix)
{
  switch (command->words)
    {
    case RS_WORDS_FILE:
      puts (":files");
      break;
    case RS_WORDS_PROGRAM:
      puts (":programs");
      break;
    case RS_WORDS_NAME:
    case RS_WORDS_ASSIGNMENT:
    case RS_WORDS_TEXT:
    default:
      break;
    }
}

RsExit
rs_complete (guint              index,
             const char *const *words)
{
  const RsCommand *command;
  /* only what stands before the cursor decides */
  int word = rs_options_find_word ((int) index, (char **) words);

  if (rs_options_takes_next (words[index - 1]))
    return offer_value (words[index - 1]);
  command = word != 0 ? rs_command_find (words[word]) : NULL;
  if (words[index][0] == '-')
    offer_options (command != NULL ? command->options : RS_OPTION_NONE, words[index]);
  else if (word == 0)
    offer_commands (words[index]);
  else if (command != NULL)
    offer_words (command, words[index]);
  return RS_EXIT_DONE;
}
