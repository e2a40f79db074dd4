/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line by GOption: one table of options, of which each command has some. Options may stand before and after
 * the command. */
#include "config.h"

#include "ctl/options.h"

#include "base/secret.h"
#include "base/text.h"

#include <glib/gi18n.h>
#include <string.h>

static const RsOption options[] = {
  { RS_OPTION_WAIT, "wait", 0, G_OPTION_ARG_CALLBACK, 0, N_("Wait until the running attempt or the onboarding ends"),
    "SECONDS" },
  { RS_OPTION_FORCE, "force", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (RsCtl, force),
    N_("Begin at once, even while the phone is busy"), NULL },
  { RS_OPTION_NO_WAIT, "no-wait", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (RsCtl, no_wait),
    N_("Do not wait for the end"), NULL },
  { RS_OPTION_WHY, "why", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (RsCtl, why),
    N_("What keeps the phone busy"), "TEXT" },
  { RS_OPTION_KEY, "key", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (RsCtl, key),
    N_("Key of a profile in the manner of openssl enc; @FILE holds it"), "KEY" },
  { RS_OPTION_KEY, "ikm", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (RsCtl, ikm),
    N_("Key of a profile after RFC 8188; @FILE holds it"), "KEY" },
  { RS_OPTION_ALIAS, "alias", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (RsCtl, alias),
    N_("Alias map, as GPP_x holds it for --alias x; @FILE holds it"), "MAP" },
  { RS_OPTION_SARIF, "sarif", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (RsCtl, sarif),
    N_("Print the faults as a SARIF 2.1.0 log"), NULL },
  { RS_OPTION_EXPLAIN, "set", 0, G_OPTION_ARG_STRING_ARRAY, G_STRUCT_OFFSET (RsCtl, set),
    N_("Suppose that a parameter or macro has this value; may be given again"), "NAME=VALUE" },
  { RS_OPTION_EXPLAIN, "offline", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (RsCtl, offline),
    N_("Explain at a desk, with the defaults of the catalogue"), NULL },
  { RS_OPTION_GZIP, "gzip", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (RsCtl, gzip), N_("Compress first"), NULL },
  { RS_OPTION_YES, "yes", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (RsCtl, yes), N_("Really do it"), NULL },
  { RS_OPTION_GLOBAL, "address", 0, G_OPTION_ARG_STRING, G_STRUCT_OFFSET (RsCtl, address),
    N_("Use the bus at this D-Bus address"), "ADDR" },
  { RS_OPTION_GLOBAL, "session", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (RsCtl, session),
    N_("Use the session bus, not the system bus"), NULL },
  { RS_OPTION_GLOBAL, "json", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (RsCtl, json), N_("Print JSON"), NULL },
  { RS_OPTION_GLOBAL, "config", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (RsCtl, config),
    N_("Read this configuration only (offline commands)"), "FILE" },
  { RS_OPTION_GLOBAL, "catalogue", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (RsCtl, catalogue),
    N_("Read the parameters from this folder (offline commands, diff)"), "DIR" },
  { RS_OPTION_GLOBAL, "version", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (RsCtl, version),
    N_("Print the version and exit"), NULL },
  { RS_OPTION_GLOBAL, "help", 'h', G_OPTION_ARG_NONE, G_STRUCT_OFFSET (RsCtl, help),
    N_("Print this help and exit"), NULL },
};

const RsOption *
rs_options (gsize *n)
{
  *n = G_N_ELEMENTS (options);
  return options;
}

static gboolean
on_wait (const char *name,
         const char *value,
         gpointer    data,
         GError    **error)
{
  RsCtl *ctl = data;
  guint64 seconds;

  ctl->wait = TRUE;
  if (value == NULL)
    return TRUE;
  if (!rs_text_to_uint64 (value, 1, G_MAXINT32, &seconds, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("--wait takes a number of seconds from 1"));
      return FALSE;
    }
  ctl->wait_seconds = seconds;
  return TRUE;
}

/* The GOption entries of a mask, with their places in ctl. */
static GArray *
entries_of (RsOptionMask mask,
            RsCtl       *ctl)
{
  GArray *entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      const RsOption *option = &options[i];
      GOptionEntry entry = { option->name, option->letter, 0, option->kind, NULL, NULL, NULL };

      if ((option->mask & mask) == 0)
        continue;
      if (option->kind == G_OPTION_ARG_CALLBACK)
        {
          entry.flags = G_OPTION_FLAG_OPTIONAL_ARG;
          entry.arg_data = (gpointer) on_wait;
        }
      else
        entry.arg_data = (guint8 *) ctl + option->offset;
      g_array_append_val (entries, entry);
    }
  return entries;
}

static GOptionContext *
context_new (const RsCommand *command,
             RsCtl           *ctl)
{
  const GOptionEntry words = { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &ctl->words, NULL, NULL };
  GOptionContext *context = g_option_context_new (NULL);
  GOptionGroup *group = g_option_group_new ("resyncctl", "", "", ctl, NULL);
  g_autoptr (GArray) entries = entries_of (command->options | RS_OPTION_GLOBAL, ctl);

  g_array_append_val (entries, words);
  g_option_group_add_entries (group, (const GOptionEntry *) (gpointer) entries->data);
  g_option_context_set_help_enabled (context, FALSE);
  /* what follows the first word of a program to run is the program's */
  g_option_context_set_strict_posix (context, command->words == RS_WORDS_PROGRAM);
  g_option_context_set_main_group (context, group);
  return context;
}

gboolean
rs_options_takes_next (const char *argument)
{
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      if (options[i].value != NULL && options[i].kind != G_OPTION_ARG_CALLBACK && g_str_has_prefix (argument, "--") &&
          g_str_equal (argument + 2, options[i].name))
        return TRUE;
    }
  return FALSE;
}

int
rs_options_find_word (int    argc,
                      char **argv)
{
  for (int i = 1; i < argc; i++)
    {
      if (g_str_equal (argv[i], "--"))
        return 0;
      if (argv[i][0] != '-')
        return i;
      if (rs_options_takes_next (argv[i]))
        i++;
    }
  return 0;
}

/* Text that is to travel over the bus must be UTF-8; names of files and the words of a program may be any bytes. */
static gboolean
check_texts (const RsCtl     *ctl,
             const RsCommand *command)
{
  const char *texts[] = { ctl->address, ctl->why, ctl->key, ctl->ikm, ctl->alias };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      if (texts[i] != NULL && !g_utf8_validate (texts[i], -1, NULL))
        return FALSE;
    }
  for (guint i = 0; ctl->set != NULL && ctl->set[i] != NULL; i++)
    {
      if (!g_utf8_validate (ctl->set[i], -1, NULL))
        return FALSE;
    }
  if (command->words == RS_WORDS_FILE || command->words == RS_WORDS_PROGRAM)
    return TRUE;
  for (guint i = 0; i < ctl->n_words; i++)
    {
      if (!g_utf8_validate (ctl->words[i], -1, NULL))
        return FALSE;
    }
  return TRUE;
}

static char *
check_counts (const RsCtl     *ctl,
              const RsCommand *command)
{
  if (ctl->n_words < command->min_words)
    return g_strdup_printf (_("%s wants %s"), command->name, command->arguments);
  /* the surplus may be a part of a rule with a key in it, so it is not repeated */
  if (ctl->n_words > command->max_words)
    return command->max_words == 0 ? g_strdup_printf (_("%s takes no further words"), command->name)
                                   : g_strdup_printf (_("%s takes only %s; a rule with blanks in it needs quotes"),
                                                      command->name, command->arguments);
  if (ctl->session && ctl->address != NULL)
    return g_strdup (_("--session and --address exclude each other"));
  return NULL;
}

/* argv without the command's word, NULL-terminated. */
static GStrv
arguments_without (int    argc,
                   char **argv,
                   int    word)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (int i = 0; i < argc; i++)
    {
      if (i == 0 || i != word)
        g_strv_builder_add (builder, argv[i]);
    }
  return g_strv_builder_end (builder);
}

/* Whether --json was asked for, before anything is known to be right; what follows "--" is not ours. */
static gboolean
wants_json (int    argc,
            char **argv)
{
  for (int i = 1; i < argc && !g_str_equal (argv[i], "--"); i++)
    {
      if (g_str_equal (argv[i], "--json"))
        return TRUE;
    }
  return FALSE;
}

gboolean
rs_options_parse (RsCtl            *ctl,
                  int               argc,
                  char            **argv,
                  const RsCommand **command,
                  char            **message)
{
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments = NULL;
  int word = rs_options_find_word (argc, argv);

  ctl->json = wants_json (argc, argv);
  *command = rs_command_find (word != 0 ? argv[word] : "status");
  if (*command == NULL)
    {
      g_autofree char *name = rs_text_escape (argv[word], 0);

      *message = g_strdup_printf (_("There is no command “%s”"), name);
      return FALSE;
    }
  arguments = arguments_without (argc, argv, word);
  context = context_new (*command, ctl);
  if (!g_option_context_parse_strv (context, &arguments, &error))
    {
      g_autofree char *text = g_strdup (error->message);

      /* GOption took back what it had set; what stands behind "=" may be a secret */
      ctl->json = wants_json (argc, argv);
      *strchrnul (text, '=') = '\0';
      *message = rs_text_escape (text, 0);
      return FALSE;
    }
  if (ctl->words == NULL)
    ctl->words = g_new0 (char *, 1);
  ctl->n_words = g_strv_length (ctl->words);
  if (word == 0)
    *command = ctl->help ? NULL : *command;
  if (ctl->help || ctl->version)
    return TRUE;
  if (!check_texts (ctl, *command))
    {
      *message = g_strdup (_("The command line is not in UTF-8"));
      return FALSE;
    }
  *message = check_counts (ctl, *command);
  return *message == NULL;
}

void
rs_ctl_clear (RsCtl *ctl)
{
  g_clear_pointer (&ctl->address, g_free);
  g_clear_pointer (&ctl->config, g_free);
  g_clear_pointer (&ctl->catalogue, g_free);
  g_clear_pointer (&ctl->why, g_free);
  g_clear_pointer (&ctl->key, rs_secret_free);
  g_clear_pointer (&ctl->ikm, rs_secret_free);
  g_clear_pointer (&ctl->alias, g_free);
  g_clear_pointer (&ctl->set, g_strfreev);
  g_clear_pointer (&ctl->words, g_strfreev);
  g_clear_object (&ctl->bus);
}
