/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A map is short: its pairs are compared one after the other, each from the innermost element outwards. */
#include "profile/alias.h"

#include "base/error.h"
#include "params/assignment.h"
#include "profile/profile.h"

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

/* "/a/b" into its names; NULL: it is no such path. Takes text. */
static GStrv
split_path (char *text)
{
  GStrv names = text[0] == '/' ? g_strsplit (text + 1, "/", -1) : NULL;

  g_free (text);
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

static const char *
skip_blanks (const char *p,
             const char *end)
{
  while (p < end && g_ascii_isspace (*p))
    p++;
  return p;
}

static char *
side (const char *start,
      const char *end)
{
  return g_strchomp (g_strndup (start, (gsize)(end - start)));
}

/* Reads the pair that stands between text and end. What was expected in the place of what stands at *at; NULL: it is a pair, and *at is where its
 * name stands. */
static const char *
read_pair (const char  *text,
           const char  *end,
           Pair        *pair,
           const char **at)
{
  const char *left = skip_blanks (text, end), *equals = memchr (left, '=', (gsize)(end - left)), *right;
  g_autofree char *target = NULL;

  *at = left;
  if (equals == NULL)
    return PAIR;
  right = skip_blanks (equals + 1, end);
  target = side (right, end);
  *at = right;
  if (!g_str_has_prefix (target, TARGET) || !rs_assignment_name_is_valid (target + strlen (TARGET)))
    return TARGET "Name on the right side";
  *at = left;
  pair->path = split_path (side (left, equals));
  if (pair->path == NULL)
    return "a path of elements such as /device/name on the left side";
  pair->depth = g_strv_length (pair->path);
  pair->name = g_strdup (target + strlen (TARGET));
  *at = right + strlen (TARGET);
  return NULL;
}

/* What is told of each pair, which may be taken: where its name stands, or what was expected at that place. FALSE: enough. */
typedef gboolean (*Told) (guint       number,
                          Pair       *pair,
                          const char *at,
                          const char *expected,
                          gpointer    data);

static void
read_map (const char *text,
          Told        told,
          gpointer    data)
{
  gboolean more = TRUE;
  guint number = 0;

  for (const char *p = text, *end; more; p = end + 1)
    {
      Pair pair = { 0 };
      const char *at, *expected = "no more than " G_STRINGIFY (RS_ALIASES_MAX) " pairs";

      end = p + strcspn (p, ";");
      more = *end != '\0';
      at = skip_blanks (p, end);
      /* nothing stands behind the last semicolon */
      if (!more && at == end && number > 0)
        return;
      if (++number <= RS_ALIASES_MAX)
        expected = read_pair (p, end, &pair, &at);
      else
        more = FALSE;
      more = told (number, &pair, at, expected, data) && more;
      pair_clear (&pair);
    }
}

typedef struct
{
  GArray *pairs;
  GError **error;
  gboolean bad;
} Parsing;

static gboolean
add_pair (guint       number,
          Pair       *pair,
          const char *at,
          const char *expected,
          gpointer    data)
{
  Parsing *parsing = data;

  parsing->bad = expected != NULL;
  if (parsing->bad)
    g_set_error (parsing->error, RS_ERROR, RS_ERROR_INVALID_VALUE, "The alias map, pair %u: expected %s", number, expected);
  else
    g_array_append_vals (parsing->pairs, pair, 1);
  if (!parsing->bad)
    *pair = (Pair){ 0 };
  return !parsing->bad;
}

RsAliases *
rs_aliases_parse (const char *text,
                  GError    **error)
{
  g_autoptr (RsAliases) aliases = g_new0 (RsAliases, 1);
  Parsing parsing = { g_array_new (FALSE, FALSE, sizeof (Pair)), error, FALSE };

  aliases->pairs = parsing.pairs;
  g_array_set_clear_func (aliases->pairs, pair_clear);
  read_map (text, add_pair, &parsing);
  return parsing.bad ? NULL : g_steal_pointer (&aliases);
}

typedef struct
{
  const char *text;
  GArray *all; /* RsProfileAlias */
} Listing;

static void
alias_clear (gpointer data)
{
  RsProfileAlias *alias = data;

  g_free (alias->name);
}

static gboolean
list_pair (guint       number,
           Pair       *pair,
           const char *at,
           const char *expected,
           gpointer    data)
{
  Listing *listing = data;
  RsProfileAlias alias = { number, (guint)g_utf8_pointer_to_offset (listing->text, at) + 1, expected,
                           g_steal_pointer (&pair->name) };

  g_array_append_val (listing->all, alias);
  return TRUE;
}

GArray *
rs_profile_aliases (const char *map)
{
  Listing listing = { map, g_array_new (FALSE, FALSE, sizeof (RsProfileAlias)) };

  g_array_set_clear_func (listing.all, alias_clear);
  read_map (map, list_pair, &listing);
  return listing.all;
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
