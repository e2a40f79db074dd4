/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A map is short: its pairs are compared one after the other, each from the innermost element outwards. */
#include "profile/alias.h"

#include "base/error.h"
#include "params/assignment.h"

#include <string.h>

#define TARGET "/flat-profile/"
#define PAIR "/path/to/element = " TARGET "Name ;"

typedef struct
{
  GStrv path; /* from the outermost element that counts to the innermost */
  guint depth;
  char *name;
} Pair;

struct _RsAliases
{
  GArray *pairs;
};

static void
pair_clear (gpointer data)
{
  Pair *pair = data;

  g_strfreev (pair->path);
  g_free (pair->name);
}

void
rs_aliases_free (RsAliases *aliases)
{
  if (aliases == NULL)
    return;
  g_array_unref (aliases->pairs);
  g_free (aliases);
}

static gboolean
fault (GError    **error,
       guint       number,
       const char *expected)
{
  g_set_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE, "The alias map, pair %u: expected %s", number, expected);
  return FALSE;
}

/* "/a/b" into its names; NULL: it is no such path. */
static GStrv
split_path (const char *text)
{
  GStrv names = text[0] == '/' ? g_strsplit (text + 1, "/", -1) : NULL;

  for (guint i = 0; names != NULL && (i == 0 || names[i] != NULL); i++)
    {
      if (names[i] == NULL || names[i][0] == '\0' || strpbrk (names[i], " \t\r\n<>&\"'") != NULL)
        {
          g_strfreev (names);
          return NULL;
        }
    }
  return names;
}

static gboolean
add_pair (RsAliases  *aliases,
          const char *text,
          GError    **error)
{
  guint number = aliases->pairs->len + 1;
  g_auto (GStrv) sides = g_strsplit (text, "=", 2);
  Pair pair = { 0 };

  if (number > RS_ALIASES_MAX)
    return fault (error, number, "no more than " G_STRINGIFY (RS_ALIASES_MAX) " pairs");
  if (g_strv_length (sides) != 2)
    return fault (error, number, PAIR);
  g_strstrip (sides[0]);
  g_strstrip (sides[1]);
  if (!g_str_has_prefix (sides[1], TARGET) || !rs_assignment_name_is_valid (sides[1] + strlen (TARGET)))
    return fault (error, number, TARGET "Name on the right side");
  pair.path = split_path (sides[0]);
  if (pair.path == NULL)
    return fault (error, number, "a path of elements such as /device/name on the left side");
  pair.depth = g_strv_length (pair.path);
  pair.name = g_strdup (sides[1] + strlen (TARGET));
  g_array_append_val (aliases->pairs, pair);
  return TRUE;
}

RsAliases *
rs_aliases_parse (const char *text,
                  GError    **error)
{
  g_autoptr (RsAliases) aliases = g_new0 (RsAliases, 1);
  g_auto (GStrv) pairs = g_strsplit (text, ";", RS_ALIASES_MAX + 2);

  aliases->pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  g_array_set_clear_func (aliases->pairs, pair_clear);
  for (guint i = 0; pairs[i] != NULL; i++)
    {
      /* nothing stands behind the last semicolon */
      if (g_strstrip (pairs[i])[0] == '\0' && pairs[i + 1] == NULL)
        break;
      if (!add_pair (aliases, pairs[i], error))
        return NULL;
    }
  if (aliases->pairs->len > 0)
    return g_steal_pointer (&aliases);
  fault (error, 1, PAIR);
  return NULL;
}

GStrv
rs_aliases_names (const RsAliases *aliases)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < aliases->pairs->len; i++)
    g_strv_builder_add (names, g_array_index (aliases->pairs, Pair, i).name);
  return g_strv_builder_end (names);
}

static gboolean
pair_fits (const Pair        *pair,
           const char *const *path,
           guint              depth)
{
  if (pair->depth > depth)
    return FALSE;
  for (guint i = 1; i <= pair->depth; i++)
    {
      if (strcmp (pair->path[pair->depth - i], path[depth - i]) != 0)
        return FALSE;
    }
  return TRUE;
}

const char *
rs_aliases_match (const RsAliases   *aliases,
                  const char *const *path,
                  guint              depth)
{
  for (guint i = 0; i < aliases->pairs->len; i++)
    {
      const Pair *pair = &g_array_index (aliases->pairs, Pair, i);

      if (pair_fits (pair, path, depth))
        return pair->name;
    }
  return NULL;
}
