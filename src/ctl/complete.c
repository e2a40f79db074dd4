/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Completion: the shell asks this program what may stand next, so that it never knows less than the tables. */
#include "config.h"

#include "ctl/help.h"
#include "ctl/offline.h"
#include "ctl/options.h"

#include <stdio.h>
#include <string.h>

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

/* The folder of --catalogue, where it was written. */
static char *
catalogue_of (guint              index,
              const char *const *words)
{
  for (guint i = 1; i < index; i++)
    {
      if (g_str_has_prefix (words[i], "--catalogue="))
        return g_strdup (words[i] + strlen ("--catalogue="));
      if (g_str_equal (words[i], "--catalogue"))
        return g_strdup (words[i + 1]);
    }
  return NULL;
}

/* Of all parameters, or of those that hold rules. */
static void
offer_names (guint              index,
             const char *const *words,
             const char        *suffix,
             gboolean           rules)
{
  RsCtl ctl = { .catalogue = catalogue_of (index, words) };
  g_autoptr (RsCatalogue) catalogue = rs_offline_catalogue (&ctl, TRUE);
  g_autoptr (GPtrArray) parameters = NULL;

  rs_ctl_clear (&ctl);
  if (catalogue == NULL)
    return;
  if (suffix[0] != '\0')
    puts (":nospace");
  parameters = rs_catalogue_list (catalogue, words[index]);
  for (guint i = 0; i < parameters->len; i++)
    {
      const RsParam *param = g_ptr_array_index (parameters, i);

      if (!rules || param->type == RS_TYPE_RULE)
        offer (param->name, suffix, "");
    }
}

/* The values of --address and --why are anybody's guess; those of --config and --catalogue are files, and --set begins with a name. */
static RsExit
offer_value (guint              index,
             const char *const *words)
{
  const char *option = words[index - 1];

  if (g_str_equal (option, "--config") || g_str_equal (option, "--catalogue"))
    puts (":files");
  else if (g_str_equal (option, "--set"))
    offer_names (index, words, "=", FALSE);
  return RS_EXIT_DONE;
}

static void
offer_words (const RsCommand   *command,
             guint              index,
             const char *const *words)
{
  switch (command->words)
    {
    case RS_WORDS_RULE:
      offer_names (index, words, "", TRUE);
      break;
    case RS_WORDS_NAME:
      offer_names (index, words, "", FALSE);
      break;
    case RS_WORDS_ASSIGNMENT:
      offer_names (index, words, "=", FALSE);
      break;
    case RS_WORDS_FILE:
      puts (":files");
      break;
    case RS_WORDS_PROGRAM:
      puts (":programs");
      break;
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
    return offer_value (index, words);
  command = word != 0 ? rs_command_find (words[word]) : NULL;
  if (words[index][0] == '-')
    offer_options (command != NULL ? command->options : RS_OPTION_NONE, words[index]);
  else if (word == 0)
    offer_commands (words[index]);
  else if (command != NULL)
    offer_words (command, index, words);
  return RS_EXIT_DONE;
}
