/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A map is short: its pairs are compared one after the other, each from the innermost element outwards. */
#include "params/alias.h"

#include "base/error.h"
#include "params/assignment.h"

#include <string.h>

#define TARGET "/flat-profile/"
#define PAIR "“/path/to/element = " TARGET "Name ;”"
#define FAULTS_MAX 5 /* that an error tells */

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
  const char *text;
  GArray *pairs;
  GString *faults;
  guint n_faults;
} Parsing;

static void
add_fault (Parsing    *parsing,
           guint       number,
           const char *at,
           const char *expected)
{
  guint line = 1, column = 1;

  for (const char *p = parsing->text; p < at; p++)
    {
      line += *p == '\n';
      column = *p == '\n' ? 1 : column + ((*p & 0xc0) != 0x80);
    }
  if (parsing->n_faults++ < FAULTS_MAX)
    g_string_append_printf (parsing->faults, "%s pair %u (line %u, column %u): expected %s", parsing->faults->len == 0 ? "The alias map," : ";",
                            number, line, column, expected);
}

static gboolean
add_pair (guint       number,
          Pair       *pair,
          const char *at,
          const char *expected,
          gpointer    data)
{
  Parsing *parsing = data;

  if (expected != NULL)
    {
      add_fault (parsing, number, at, expected);
      return TRUE;
    }
  g_array_append_vals (parsing->pairs, pair, 1);
  *pair = (Pair){ 0 };
  return TRUE;
}

RsAliases *
rs_aliases_parse (const char *text,
                  GError    **error)
{
  g_autoptr (RsAliases) aliases = g_new0 (RsAliases, 1);
  g_autoptr (GString) faults = g_string_new (NULL);
  Parsing parsing = { text, g_array_new (FALSE, FALSE, sizeof (Pair)), faults, 0 };

  aliases->pairs = parsing.pairs;
  g_array_set_clear_func (aliases->pairs, pair_clear);
  read_map (text, add_pair, &parsing);
  if (parsing.n_faults == 0)
    return g_steal_pointer (&aliases);
  if (parsing.n_faults > FAULTS_MAX)
    g_string_append_printf (faults, "; and %u more", parsing.n_faults - FAULTS_MAX);
  g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_VALUE, faults->str);
  return NULL;
}

gboolean
rs_aliases_check (const char *text,
                  GError    **error)
{
  g_autoptr (RsAliases) aliases = rs_aliases_parse (text, error);

  return aliases != NULL;
}

typedef struct
{
  const char *text;
  GArray *all; /* RsAliasPair */
} Listing;

static void
alias_clear (gpointer data)
{
  RsAliasPair *alias = data;

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
  RsAliasPair alias = { number, (guint)g_utf8_pointer_to_offset (listing->text, at) + 1, expected, g_steal_pointer (&pair->name) };

  g_array_append_val (listing->all, alias);
  return TRUE;
}

GArray *
rs_aliases_list (const char *map)
{
  Listing listing = { map, g_array_new (FALSE, FALSE, sizeof (RsAliasPair)) };

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
