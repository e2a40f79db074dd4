/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parser of Range, a form a function; and the small readers that range and value share. */
#include "params/constraint.h"

#include "base/error.h"

#include <string.h>

#define MILLION 1000000
#define NUMBER_DIGITS 15

gboolean
rs_constraint_holds (const RsConstraint *constraint,
                     gint64              number)
{
  for (guint i = 0; i < constraint->n_spans; i++)
    {
      if (number >= constraint->spans[i].min && number <= constraint->spans[i].max)
        return TRUE;
    }
  return FALSE;
}

gboolean
rs_words_has (const char *words,
              const char *word,
              gsize       length)
{
  for (const char *p = words; *p != '\0' && *p != ';';)
    {
      gsize n = strcspn (p, "|;");

      if (n == length && memcmp (p, word, n) == 0)
        return TRUE;
      p += n;
      if (*p == '|')
        p++;
    }
  return FALSE;
}

gboolean
rs_decimal_parse (const char *text,
                  gsize       length,
                  gint64     *millionths)
{
  gint64 value = 0, unit = MILLION;
  gsize digits = 0, i = 0;

  for (; i < length && g_ascii_isdigit (text[i]) && digits <= 9; i++, digits++)
    value = value * 10 + (text[i] - '0') * MILLION;
  if (digits > 9)
    return FALSE;
  if (i < length && text[i] == '.')
    {
      for (i++; i < length && g_ascii_isdigit (text[i]) && unit > 1; i++, digits++)
        {
          unit /= 10;
          value += (text[i] - '0') * unit;
        }
      if (unit == MILLION)
        return FALSE;
    }
  if (i < length || digits == 0)
    return FALSE;
  *millionths = value;
  return TRUE;
}

static gboolean
digits_to_number (const char *text,
                  gsize       length,
                  gint64     *number)
{
  *number = 0;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return FALSE;
      *number = *number * 10 + (text[i] - '0');
    }
  return TRUE;
}

gboolean
rs_time_parse (const char *text,
               gsize       length,
               gint64     *minutes,
               char       *separator)
{
  gboolean negative = length > 0 && text[0] == '-', separated;
  gint64 hour, minute;
  gsize hour_digits;

  text += negative;
  length -= negative;
  if (length < 4 || length > 5)
    return FALSE;
  separated = text[length - 3] == ':' || text[length - 3] == '/';
  hour_digits = length - (separated ? 3 : 2);
  if (hour_digits > 2 || !digits_to_number (text, hour_digits, &hour)
      || !digits_to_number (text + length - 2, 2, &minute) || minute > 59)
    return FALSE;
  *separator = separated ? text[length - 3] : '\0';
  *minutes = (hour * 60 + minute) * (negative ? -1 : 1);
  return TRUE;
}

/* The parsers below advance *p over what they took. */

static gboolean
take (const char **p,
      const char  *text)
{
  if (!g_str_has_prefix (*p, text))
    return FALSE;
  *p += strlen (text);
  return TRUE;
}

static gboolean
take_number (const char **p,
             gint64      *number)
{
  gboolean negative = **p == '-';
  const char *start = *p + negative, *q = start;
  gint64 value = 0;

  for (; g_ascii_isdigit (*q); q++)
    {
      if (q - start >= NUMBER_DIGITS)
        return FALSE;
      value = value * 10 + (*q - '0');
    }
  if (q == start)
    return FALSE;
  *number = negative ? -value : value;
  *p = q;
  return TRUE;
}

static gboolean
take_span (const char **p,
           RsSpan      *span)
{
  return take_number (p, &span->min) && take (p, "-") && take_number (p, &span->max) && span->min <= span->max;
}

/* " s", " x20 s", " records": for people only */
static void
take_unit (const char **p)
{
  const char *q = *p;

  while (*q == ' ' && g_ascii_isalnum (q[1]))
    {
      for (q++; g_ascii_isalnum (*q);)
        q++;
    }
  *p = q;
}

static gboolean
parse_spans (const char   *range,
             RsConstraint *constraint)
{
  const char *p = range;

  do
    {
      if (constraint->n_spans == RS_MAX_SPANS || !take_span (&p, &constraint->spans[constraint->n_spans]))
        return FALSE;
      constraint->n_spans++;
    }
  while (take (&p, "|"));
  take_unit (&p);
  constraint->kind = RS_CONSTRAINT_SPANS;
  return *p == '\0';
}

static gboolean
take_decimal (const char **p,
              gint64      *millionths)
{
  gsize length = strspn (*p, "0123456789.");

  if (!rs_decimal_parse (*p, length, millionths))
    return FALSE;
  *p += length;
  return TRUE;
}

static gboolean
parse_decimal (const char   *range,
               RsConstraint *constraint)
{
  const char *p = range;
  RsSpan *span = constraint->spans;

  if (!take_decimal (&p, &span->min) || !take (&p, "-") || !take_decimal (&p, &span->max) || span->min > span->max)
    return FALSE;
  take_unit (&p);
  if (!take (&p, " (decimal)")
      && (!take (&p, " (step ") || !take_decimal (&p, &constraint->step) || constraint->step == 0 || !take (&p, ")")))
    return FALSE;
  constraint->kind = RS_CONSTRAINT_DECIMAL;
  constraint->n_spans = 1;
  return *p == '\0';
}

static gboolean
parse_chars (const char   *range,
             RsConstraint *constraint)
{
  const char *p = range;
  RsSpan *span = constraint->spans;

  if (take (&p, "max "))
    {
      if (!take_number (&p, &span->max) || span->max < 1)
        return FALSE;
      span->min = 0;
    }
  else
    {
      if (take (&p, "0 or "))
        {
          span->min = span->max = 0;
          span++;
        }
      if (!take_span (&p, span) || span->min < 0)
        return FALSE;
    }
  constraint->kind = RS_CONSTRAINT_CHARS;
  constraint->n_spans = span - constraint->spans + 1;
  return take (&p, " chars") && *p == '\0';
}

static gboolean
parse_lines (const char   *range,
             RsConstraint *constraint)
{
  const char *p = range;
  gint64 lines, under;

  if (!take_number (&p, &lines) || lines < 1 || lines > 1000 || !take (&p, " lines, each under ")
      || !take_number (&p, &under) || under < 1 || !take (&p, " chars") || *p != '\0')
    return FALSE;
  constraint->kind = RS_CONSTRAINT_LINES;
  constraint->max_lines = lines;
  constraint->n_spans = 1;
  constraint->spans[0].max = under - 1;
  return TRUE;
}

/* WORD{|WORD}: no word empty, none twice, none with blanks around it */
static gboolean
take_words (const char **p)
{
  const char *start = *p, *q = start;

  for (;;)
    {
      gsize n = strcspn (q, "|;");

      if (n == 0 || q[0] == ' ' || q[n - 1] == ' ')
        return FALSE;
      for (const char *other = start; other < q; other += strcspn (other, "|") + 1)
        {
          if (strcspn (other, "|") == n && memcmp (other, q, n) == 0)
            return FALSE;
        }
      q += n;
      if (*q != '|')
        break;
      q++;
    }
  *p = q;
  return TRUE;
}

static gboolean
parse_words (const char      *range,
             const char      *words,
             RsConstraintKind kind,
             RsConstraint    *constraint)
{
  const char *p = words;

  constraint->kind = kind;
  constraint->words = words;
  return take_words (&p) && *p == '\0';
}

static gboolean
parse_fields (const char   *range,
              RsConstraint *constraint)
{
  const char *p = range;

  do
    {
      const char *key = p;

      while (g_ascii_isalpha (*p))
        p++;
      if (p == key || !take (&p, "=") || !take_words (&p))
        return FALSE;
    }
  while (take (&p, ";"));
  constraint->kind = RS_CONSTRAINT_FIELDS;
  constraint->words = range;
  return *p == '\0';
}

static gboolean
parse_time (const char   *range,
            RsConstraint *constraint)
{
  const char *dash = range[0] != '\0' ? strchr (range + 1, '-') : NULL;
  RsSpan *span = constraint->spans;
  char other;

  if (dash == NULL || !rs_time_parse (range, dash - range, &span->min, &constraint->separator)
      || !rs_time_parse (dash + 1, strlen (dash + 1), &span->max, &other) || other != constraint->separator
      || span->min > span->max)
    return FALSE;
  constraint->kind = RS_CONSTRAINT_TIME;
  constraint->n_spans = 1;
  return TRUE;
}

static gboolean
parse_ip (const char   *range,
          RsConstraint *constraint)
{
  if (strcmp (range, "IPv4") == 0)
    constraint->kind = RS_CONSTRAINT_IPV4;
  else if (strcmp (range, "IPv6") == 0)
    constraint->kind = RS_CONSTRAINT_IPV6;
  return constraint->kind != RS_CONSTRAINT_NONE;
}

static gboolean
parse_string (const char   *range,
              RsConstraint *constraint)
{
  if (g_str_has_suffix (range, " chars"))
    return parse_chars (range, constraint);
  if (g_str_has_prefix (range, "subset of "))
    return parse_words (range, range + strlen ("subset of "), RS_CONSTRAINT_SUBSET, constraint);
  if (g_ascii_isdigit (range[0]))
    return parse_decimal (range, constraint);
  return parse_fields (range, constraint);
}

static const char *
expected (RsParamType type)
{
  switch (type)
    {
    case RS_TYPE_INT:
    case RS_TYPE_INTLIST:
      return "“A-B” or several with “|” between, and a unit";
    case RS_TYPE_STRING:
      return "“max N chars”, “A-B chars”, “0 or A-B chars”, “A-B (decimal)”, “A-B (step C)”, “subset of …|…” or fields "
             "“k=a|b;…”";
    case RS_TYPE_TEXT:
      return "“max N chars”, “A-B chars”, “0 or A-B chars” or “N lines, each under M chars”";
    case RS_TYPE_PASSWORD:
    case RS_TYPE_URL:
    case RS_TYPE_HOSTPORT:
    case RS_TYPE_RULE:
      return "“max N chars”, “A-B chars” or “0 or A-B chars”";
    case RS_TYPE_ENUM:
      return "the words that may be chosen, with “|” between, none twice";
    case RS_TYPE_IP:
      return "“IPv4” or “IPv6”";
    case RS_TYPE_TIME:
      return "“FROM-TO” as 0000-2400, 00:00-24:00 or 00/00-24/00";
    case RS_TYPE_BOOL:
    default:
      return "no Range";
    }
}

static gboolean
parse_range (RsParamType   type,
             const char   *range,
             RsConstraint *constraint)
{
  switch (type)
    {
    case RS_TYPE_INT:
    case RS_TYPE_INTLIST:
      return parse_spans (range, constraint);
    case RS_TYPE_STRING:
      return parse_string (range, constraint);
    case RS_TYPE_TEXT:
      return parse_lines (range, constraint) || parse_chars (range, constraint);
    case RS_TYPE_PASSWORD:
    case RS_TYPE_URL:
    case RS_TYPE_HOSTPORT:
    case RS_TYPE_RULE:
      return parse_chars (range, constraint);
    case RS_TYPE_ENUM:
      return parse_words (range, range, RS_CONSTRAINT_WORDS, constraint);
    case RS_TYPE_IP:
      return parse_ip (range, constraint);
    case RS_TYPE_TIME:
      return parse_time (range, constraint);
    case RS_TYPE_BOOL:
    default:
      return FALSE;
    }
}

gboolean
rs_constraint_parse (RsParamType   type,
                     const char   *range,
                     RsConstraint *constraint,
                     GError      **error)
{
  gboolean needed = type == RS_TYPE_ENUM || type == RS_TYPE_TIME;

  memset (constraint, 0, sizeof *constraint);
  if (range[0] == '\0' && !needed)
    {
      if (type == RS_TYPE_INT || type == RS_TYPE_INTLIST)
        {
          constraint->kind = RS_CONSTRAINT_SPANS;
          constraint->n_spans = 1;
          constraint->spans[0].max = G_MAXINT32;
        }
      return TRUE;
    }
  if (parse_range (type, range, constraint))
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "the Range of type %s must be %s", rs_param_type_name (type),
               expected (type));
  return FALSE;
}
