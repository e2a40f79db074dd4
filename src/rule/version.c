/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads and compares versions: the short form of people and the long one of image names. */
#include "rule/version.h"

#include <string.h>

#define IMAGE_SUFFIX ".loads"
/* a number of more digits could overflow */
#define MAX_DIGITS 18
/* from here on the last part may have no number */
#define FIRST_BUILD 3

/* "sip78xx." and its like begin with two letters at least, so that "v1.2" is not taken for one. */
static const char *
skip_model (const char *text)
{
  const char *p = text;

  if (!g_ascii_isalpha (p[0]) || !g_ascii_isalpha (p[1]))
    return text;
  while (g_ascii_isalnum (*p) || *p == '_' || *p == '-')
    p++;
  return *p == '.' ? p + 1 : text;
}

static gboolean
parse_part (const char **p, const char *end, gboolean needs_number, RsVersion *version, guint index)
{
  const char *q = *p;
  guint digits = 0, letters = 0;

  for (; q < end && g_ascii_isdigit (*q); q++)
    {
      if (++digits > MAX_DIGITS)
        return FALSE;
      version->parts[index].number = version->parts[index].number * 10 + (guint64)(*q - '0');
    }
  for (; q < end && g_ascii_isalnum (*q); q++)
    {
      if (letters >= RS_VERSION_SUFFIX_MAX)
        return FALSE;
      version->parts[index].suffix[letters++] = g_ascii_tolower (*q);
    }
  *p = q;
  return digits > 0 || (letters > 0 && !needs_number);
}

/* "(18)", which must be the end. */
static gboolean
parse_parenthesis (const char *p, const char *end, RsVersion *version, guint index)
{
  p++;
  return index < RS_VERSION_PARTS && parse_part (&p, end, FALSE, version, index) && p == end - 1 && *p == ')';
}

/* Behind the last part. */
static const char *
end_of (const char *text)
{
  gsize length = strlen (text), suffix = strlen (IMAGE_SUFFIX);

  if (length >= suffix && g_ascii_strcasecmp (text + length - suffix, IMAGE_SUFFIX) == 0)
    length -= suffix;
  return text + length;
}

gboolean
rs_version_parse (const char *text, RsVersion *version)
{
  const char *p = skip_model (text), *end = end_of (p);

  memset (version, 0, sizeof *version);
  for (guint i = 0; i < RS_VERSION_PARTS; i++)
    {
      const char *part = p;

      if (!parse_part (&p, end, i < FIRST_BUILD, version, i) || (p < end && !g_ascii_isdigit (*part)))
        return FALSE;
      if (p == end)
        return TRUE;
      if (*p == '(')
        return parse_parenthesis (p, end, version, i + 1);
      if (*p != '.' && *p != '-')
        return FALSE;
      p++;
    }
  return FALSE;
}

static int
compare_numbers (guint64 a, guint64 b)
{
  return (a > b) - (a < b);
}

static guint64
take_number (const char **p)
{
  guint64 number = 0;

  /* a suffix has 31 characters: wraps at worst, and the same way on both sides */
  for (; g_ascii_isdigit (**p); (*p)++)
    number = number * 10 + (guint64)(**p - '0');
  return number;
}

static int
compare_suffixes (const char *a, const char *b)
{
  while (*a != '\0' && *b != '\0')
    {
      int order = g_ascii_isdigit (*a) && g_ascii_isdigit (*b) ? compare_numbers (take_number (&a), take_number (&b))
                                                               : *a++ - *b++;

      if (order != 0)
        return order;
    }
  return (*a != '\0') - (*b != '\0');
}

int
rs_version_compare (const RsVersion *a, const RsVersion *b)
{
  int order = 0;

  for (guint i = 0; i < RS_VERSION_PARTS && order == 0; i++)
    {
      order = compare_numbers (a->parts[i].number, b->parts[i].number);
      if (order == 0)
        order = compare_suffixes (a->parts[i].suffix, b->parts[i].suffix);
    }
  return order;
}
