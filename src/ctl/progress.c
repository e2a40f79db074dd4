/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The moving line. It is rewritten in place and gone when the answer is printed. */
#include "config.h"

#include "ctl/progress.h"

#include "ctl/output.h"
#include "ctl/words.h"

#include <glib/gi18n.h>
#include <unistd.h>

struct _RsProgress
{
  gboolean shown; /* whether there is a line to remove */
  gboolean silent;
};

RsProgress *
rs_progress_new (const RsCtl *ctl)
{
  RsProgress *progress = g_new0 (RsProgress, 1);

  progress->silent = ctl->json || !rs_output_is_terminal (STDERR_FILENO);
  return progress;
}

void
rs_progress_free (RsProgress *progress)
{
  if (progress->shown)
    g_printerr ("\r\033[K");
  g_free (progress);
}

char *
rs_progress_text (const char *stage,
                  const char *url,
                  guint64     bytes,
                  guint64     total)
{
  g_autofree char *done = g_format_size (bytes);
  g_autofree char *all = g_format_size (total);

  if (bytes == 0)
    return g_strdup_printf ("%s %s", rs_word (stage), url);
  if (total == 0)
    return g_strdup_printf ("%s %s %s", rs_word (stage), url, done);
  /* translators: a stage, a URL, a size so far and the whole size */
  return g_strdup_printf (_("%s %s %s of %s"), rs_word (stage), url, done, all);
}

void
rs_progress_say (RsProgress *progress,
                 const char *line)
{
  g_printerr ("%s%s\n", progress->shown ? "\r\033[K" : "", line);
  progress->shown = FALSE;
}

static char *
line_of (GVariant *properties)
{
  g_autofree char *text = NULL;
  const char *state, *stage, *url, *message;
  guint64 bytes, total;
  gint32 percent;

  if (g_variant_lookup (properties, "Progress", "(&s&stt)", &stage, &url, &bytes, &total) && stage[0] != '\0')
    text = rs_progress_text (stage, url, bytes, total);
  else if (g_variant_lookup (properties, "Progress", "(i&si)", &percent, &message, NULL))
    text = g_strdup_printf ("%d %% %s", percent, message);
  else if (g_variant_lookup (properties, "State", "&s", &state))
    text = g_strdup (rs_word (state));
  return text != NULL ? rs_output_safe (text) : NULL;
}

void
rs_progress_update (RsProgress *progress,
                    GVariant   *arguments)
{
  g_autoptr (GVariant) properties = NULL;
  g_autofree char *line = NULL;

  if (progress->silent || !g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  properties = g_variant_get_child_value (arguments, 1);
  line = line_of (properties);
  if (line == NULL)
    return;
  g_printerr ("\r\033[K%s", line);
  progress->shown = TRUE;
}
