/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of the daemon in the reader's language: sentences hold sentences, as "at %s: %s" does. */
#include "config.h"

#include "ctl/sentences.h"
#include "ctl/story.h"

#include <glib/gi18n.h>
#include <string.h>

#define HOLE "%s"
#define MAX_HOLES 5
#define MAX_DEPTH 8

static char *tell (const char *sentence,
                   guint       depth);

/* What stands in the holes of a pattern; NULL: the text is no such sentence. */
static GStrv
match (const char *pattern,
       const char *text)
{
  g_auto (GStrv) parts = g_strsplit (pattern, HOLE, MAX_HOLES + 1);
  guint holes = g_strv_length (parts) - 1;
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();

  if (!g_str_has_prefix (text, parts[0]))
    return NULL;
  text += strlen (parts[0]);
  for (guint i = 1; i <= holes; i++)
    {
      const char *end = i == holes && g_str_has_suffix (text, parts[i]) ? text + strlen (text) - strlen (parts[i])
                        : i < holes                                     ? strstr (text, parts[i])
                                                                        : NULL;
      g_autofree char *hole = end != NULL ? g_strndup (text, (gsize)(end - text)) : NULL;

      if (hole == NULL)
        return NULL;
      g_strv_builder_add (found, hole);
      text = end + strlen (parts[i]);
    }
  return text[0] == '\0' ? g_strv_builder_end (found) : NULL;
}

static char *
fill (const char *pattern,
      GStrv       holes,
      guint       depth)
{
  g_auto (GStrv) parts = g_strsplit (pattern, HOLE, MAX_HOLES + 1);
  g_autoptr (GString) text = g_string_new (parts[0]);

  for (guint i = 0; holes[i] != NULL && parts[i + 1] != NULL; i++)
    {
      g_autofree char *told = tell (holes[i], depth + 1);

      g_string_append_printf (text, "%s%s", told, parts[i + 1]);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A URL, a file or a rule may stand before the sentence: the length of that, with its colon. */
static gsize
name_length (const char *sentence)
{
  gsize length = strcspn (sentence, " ");

  return length > 1 && sentence[length - 1] == ':' && sentence[length] == ' ' ? length + 1 : 0;
}

static char *
tell (const char *sentence,
      guint       depth)
{
  gsize name = name_length (sentence);

  if (depth >= MAX_DEPTH)
    return g_strdup (sentence);
  if (name > 0)
    {
      g_autofree char *told = tell (sentence + name, depth + 1);

      return g_strdup_printf ("%.*s%s", (int)name, sentence, told);
    }
  for (gsize i = 0; rs_sentences[i] != NULL; i++)
    {
      g_auto (GStrv) holes = match (rs_sentences[i], sentence);

      if (holes != NULL)
        return fill (_(rs_sentences[i]), holes, depth);
    }
  return g_strdup (sentence);
}

char *
rs_story_words (const char *sentence)
{
  return tell (sentence, 0);
}
