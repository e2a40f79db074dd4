/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Help of the program and of each command, laid out in columns from the tables. */
#include "config.h"

#include "ctl/help.h"
#include "ctl/options.h"

#include <glib/gi18n.h>

/* One row: two blanks, the left text padded to width, the right text. */
static void
append_row (GString    *out,
            const char *left,
            gsize       width,
            const char *right)
{
  gsize length = g_utf8_strlen (left, -1);

  g_string_append_printf (out, "  %s%*s  %s\n", left, (int) (width > length ? width - length : 0), "", right);
}

static char *
option_label (const RsOption *option)
{
  const char *letter = option->letter == 'h' ? "-h, " : "";

  if (option->value == NULL)
    return g_strdup_printf ("%s--%s", letter, option->name);
  if (option->kind == G_OPTION_ARG_CALLBACK)
    return g_strdup_printf ("--%s[=%s]", option->name, option->value);
  return g_strdup_printf ("--%s=%s", option->name, option->value);
}

static void
append_options (GString     *out,
                const char  *title,
                RsOptionMask mask)
{
  gsize n, width = 0;
  const RsOption *options = rs_options (&n);
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < n; i++)
    {
      g_ptr_array_add (labels, option_label (&options[i]));
      if (options[i].mask & mask)
        width = MAX (width, (gsize) g_utf8_strlen (g_ptr_array_index (labels, i), -1));
    }
  if (width == 0)
    return;
  g_string_append_printf (out, "\n%s\n", title);
  for (gsize i = 0; i < n; i++)
    {
      if (options[i].mask & mask)
        append_row (out, g_ptr_array_index (labels, i), width, _(options[i].summary));
    }
}

static char *
command_label (const RsCommand *command)
{
  return g_strconcat (command->name, command->arguments[0] != '\0' ? " " : "", command->arguments, NULL);
}

static void
append_commands (GString *out)
{
  gsize n, width = 0;
  const RsCommand *commands = rs_commands (&n);

  g_string_append_printf (out, "\n%s\n", _("Commands:"));
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *label = command_label (&commands[i]);

      width = MAX (width, (gsize) g_utf8_strlen (label, -1));
    }
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *label = command_label (&commands[i]);

      append_row (out, label, width, _(commands[i].summary));
    }
}

char *
rs_help_text (const RsCommand *command)
{
  GString *out = g_string_new (NULL);

  if (command == NULL)
    {
      g_string_append_printf (out, "%s\n  resyncctl %s\n\n", _("Usage:"), _("[OPTION…] [COMMAND]"));
      g_string_append (out, _("Talks to resyncd, the provisioning service of this phone. Without a command: status."));
      g_string_append_c (out, '\n');
      append_commands (out);
    }
  else
    {
      g_autofree char *label = command_label (command);

      g_string_append_printf (out, "%s\n  resyncctl %s %s\n\n", _("Usage:"), _("[OPTION…]"), label);
      g_string_append_printf (out, "%s\n", _(command->summary));
      if (command->details != NULL)
        g_string_append_printf (out, "%s\n", _(command->details));
      append_options (out, _("Options of this command:"), command->options);
    }
  append_options (out, _("Options of every command:"), RS_OPTION_GLOBAL);
  if (command == NULL)
    g_string_append_printf (out, "\n%s\n", _("resyncctl COMMAND --help says more about a command, resyncctl(1) all."));
  return g_string_free (out, FALSE);
}
