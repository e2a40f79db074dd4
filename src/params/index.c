/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Index ranges and the expansion of names. */
#include "params/index.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

#define INDEX_MAX 99999

static gboolean
parse_bound (const char *text,
             gboolean   *letter,
             guint      *value)
{
  guint64 number;

  *letter = g_ascii_isupper (text[0]) && text[1] == '\0';
  if (*letter)
    {
      *value = text[0];
      return TRUE;
    }
  if (!rs_text_to_uint64 (text, 0, INDEX_MAX, &number, NULL))
    return FALSE;
  *value = number;
  return TRUE;
}

/* "1-16", "A-D", "7" */
static gboolean
parse_bounds (const char   *text,
              RsIndexRange *range)
{
  g_auto (GStrv) bounds = g_strsplit (text, "-", 3);
  guint n = g_strv_length (bounds);
  gboolean other;

  if (n < 1 || n > 2 || !parse_bound (bounds[0], &range->letters, &range->from)
      || !parse_bound (bounds[n - 1], &other, &range->to))
    return FALSE;
  return range->letters == other && range->from <= range->to;
}

static gboolean
parse_ranges (const char *text,
              RsIndex    *index)
{
  g_auto (GStrv) parts = g_strsplit (text, ";", RS_INDEX_VARIABLES + 1);
  guint64 members = 1;

  index->n = g_strv_length (parts);
  if (index->n > RS_INDEX_VARIABLES)
    return FALSE;
  for (guint i = 0; i < index->n; i++)
    {
      RsIndexRange *range = &index->ranges[i];
      gboolean named = g_ascii_islower (parts[i][0]) && parts[i][1] == '=';

      if (!named && index->n > 1)
        return FALSE;
      range->variable = named ? parts[i][0] : 'n';
      if (!parse_bounds (parts[i] + (named ? 2 : 0), range) || (i > 0 && range->variable == index->ranges[0].variable))
        return FALSE;
      members *= range->to - range->from + 1;
    }
  return members <= RS_INDEX_MEMBERS;
}

gboolean
rs_index_parse (const char *text,
                RsIndex    *index,
                GError    **error)
{
  memset (index, 0, sizeof *index);
  if (text[0] == '\0' || parse_ranges (text, index))
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT,
               "an Index is written 1-16, A-P, 3 or n=1-3;m=1-40 and has at most %d members", RS_INDEX_MEMBERS);
  return FALSE;
}

guint
rs_index_size (const RsIndex *index)
{
  guint size = 1;

  for (guint i = 0; i < index->n; i++)
    size *= index->ranges[i].to - index->ranges[i].from + 1;
  return size;
}

/* The range that the placeholder at p ("{n}") names, or NULL. */
static const RsIndexRange *
placeholder (const RsIndex *index,
             const char    *p)
{
  if (p[0] != '{' || p[1] == '\0' || p[2] != '}')
    return NULL;
  for (guint i = 0; i < index->n; i++)
    {
      if (index->ranges[i].variable == p[1])
        return &index->ranges[i];
    }
  return NULL;
}

gboolean
rs_index_fits (const RsIndex *index,
               const char    *pattern)
{
  gboolean seen[RS_INDEX_VARIABLES] = { FALSE };

  for (const char *p = pattern; *p != '\0'; p++)
    {
      const RsIndexRange *range = placeholder (index, p);

      if (range != NULL)
        {
          seen[range - index->ranges] = TRUE;
          p += 2;
        }
      else if (*p == '{' || *p == '}')
        return FALSE;
    }
  for (guint i = 0; i < index->n; i++)
    {
      if (!seen[i])
        return FALSE;
    }
  return TRUE;
}

gboolean
rs_index_expand (const RsIndex *index,
                 const char    *pattern,
                 guint          member,
                 GString       *out)
{
  guint values[RS_INDEX_VARIABLES] = { 0 };
  gboolean seen[RS_INDEX_VARIABLES] = { FALSE };

  for (guint i = index->n; i-- > 0;)
    {
      guint size = index->ranges[i].to - index->ranges[i].from + 1;

      values[i] = index->ranges[i].from + member % size;
      member /= size;
    }
  g_string_truncate (out, 0);
  for (const char *p = pattern; *p != '\0'; p++)
    {
      const RsIndexRange *range = placeholder (index, p);
      guint i = range != NULL ? range - index->ranges : 0;

      if (range == NULL)
        {
          g_string_append_c (out, *p);
          continue;
        }
      seen[i] = TRUE;
      p += 2;
      if (range->letters)
        g_string_append_c (out, values[i]);
      else
        g_string_append_printf (out, "%u", values[i]);
    }
  for (guint i = 0; i < index->n; i++)
    {
      if (!seen[i] && values[i] != index->ranges[i].from)
        return FALSE;
    }
  return TRUE;
}
