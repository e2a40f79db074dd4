/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One pass from statement to statement. */
#include "profile/statements.h"

#include "base/error.h"
#include "base/secret.h"
#include "params/assignment.h"
#include "profile/place.h"

#include <string.h>

typedef struct
{
  const char *text;
  const char *p;
  const char *end;
  RsPlace     place;
} Cursor;

static gboolean
is_at (const Cursor *cursor,
       char          c)
{
  return cursor->p < cursor->end && *cursor->p == c;
}

static gboolean
accept (Cursor *cursor,
        char    c)
{
  if (!is_at (cursor, c))
    return FALSE;
  cursor->p++;
  return TRUE;
}

static void
skip_blanks (Cursor *cursor)
{
  for (; cursor->p < cursor->end; cursor->p++)
    {
      if (*cursor->p == '#')
        {
          const char *newline = memchr (cursor->p, '\n', cursor->end - cursor->p);

          cursor->p = newline != NULL ? newline : cursor->end - 1;
        }
      else if (!g_ascii_isspace (*cursor->p))
        return;
    }
}

/* The bytes of a name. */
static gsize
skip_name (Cursor *cursor)
{
  const char *start = cursor->p;

  while (cursor->p < cursor->end && (g_ascii_isalnum (*cursor->p) || *cursor->p == '_' || *cursor->p == '-' || *cursor->p == '.'))
    cursor->p++;
  return cursor->p - start;
}

gboolean
rs_statements_begin (const guint8 *data,
                     gsize         length)
{
  Cursor cursor = { (const char *)data, (const char *)data, (const char *)data + length };

  skip_blanks (&cursor);
  if (skip_name (&cursor) == 0)
    return FALSE;
  skip_blanks (&cursor);
  return cursor.p < cursor.end && strchr ("?!\";", *cursor.p) != NULL && *cursor.p != '\0';
}

static RsAccess
read_access (Cursor *cursor)
{
  if (accept (cursor, '!'))
    return RS_ACCESS_RW;
  return accept (cursor, '?') ? RS_ACCESS_RO : RS_ACCESS_UNSET;
}

static gboolean
refuse (Cursor     *cursor,
        const char *at,
        GError    **error,
        const char *format,
        ...) G_GNUC_PRINTF (4, 5);

/* Leaves the cursor where the fault is. */
static gboolean
refuse (Cursor     *cursor,
        const char *at,
        GError    **error,
        const char *format,
        ...)
{
  g_autofree char *what = NULL;
  guint line = rs_place_line (&cursor->place, at - cursor->text);
  guint column = rs_place_column (&cursor->place, at - cursor->text);
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  cursor->p = at;
  g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "%s (line %u, column %u)", what, line,
               column);
  return FALSE;
}

/* Without the blanks around it, and on one line: each line break and each tab is a blank, and CR LF is one. */
static char *
tidy (const char *start,
      gsize       length)
{
  const char *end = start + length;
  char *value = g_malloc (length + 1), *to = value;

  for (const char *p = start; p < end; p++)
    {
      if (p[0] == '\r' && p + 1 < end && p[1] == '\n')
        continue;
      *to++ = *p == '\r' || *p == '\n' || *p == '\t' ? ' ' : *p;
    }
  *to = '\0';
  return g_strstrip (value);
}

/* The value at a quote; NULL: it has no end, or is too long. */
static char *
read_value (Cursor  *cursor,
            GError **error)
{
  const char *quote = cursor->p++;
  const char *stop = memchr (cursor->p, '"', cursor->end - cursor->p);

  if (stop == NULL)
    {
      refuse (cursor, quote, error, "Expected a second quote after this one; the file may have been cut short");
      return NULL;
    }
  if (stop - cursor->p > RS_ASSIGNMENT_VALUE_MAX)
    {
      refuse (cursor, quote, error, "The value is longer than %d bytes", RS_ASSIGNMENT_VALUE_MAX);
      return NULL;
    }
  quote = cursor->p;
  cursor->p = stop + 1;
  return tidy (quote, stop - quote);
}

static gboolean
read_statement (Cursor    *cursor,
                GPtrArray *assignments,
                GError   **error)
{
  const char *start = cursor->p;
  g_autofree char *name = g_strndup (start, skip_name (cursor));
  g_auto (RsSecretString) value = NULL;
  RsAssignment *assignment;
  RsAccess access;

  if (name[0] == '\0')
    return refuse (cursor, start, error, "Expected the name of a parameter");
  if (!rs_assignment_name_is_valid (name))
    return refuse (cursor, start, error, "The name of the parameter is too long");
  skip_blanks (cursor);
  access = read_access (cursor);
  skip_blanks (cursor);
  if (is_at (cursor, '"'))
    {
      value = read_value (cursor, error);
      if (value == NULL)
        return FALSE;
    }
  skip_blanks (cursor);
  if (!accept (cursor, ';'))
    return refuse (cursor, cursor->p, error, "Expected %s",
                   value != NULL ? "“;” after the value" : "“?”, “!”, a value in quotes or “;”");
  assignment = rs_assignment_new (name, value != NULL ? RS_ASSIGN_VALUE : RS_ASSIGN_KEEP, value, access,
                                  rs_place_line (&cursor->place, start - cursor->text));
  assignment->column = rs_place_column (&cursor->place, start - cursor->text);
  g_ptr_array_add (assignments, assignment);
  return TRUE;
}

gboolean
rs_statements_read (const char *text,
                    gsize       length,
                    guint       max_parameters,
                    GPtrArray  *assignments,
                    guint      *line,
                    guint      *column,
                    GError    **error)
{
  Cursor cursor = { text, text, text + length };
  gboolean good = TRUE;

  rs_place_init (&cursor.place, text, length);
  skip_blanks (&cursor);
  while (good && cursor.p < cursor.end)
    {
      good = assignments->len < max_parameters
                 ? read_statement (&cursor, assignments, error)
                 : refuse (&cursor, cursor.p, error, "More than %u parameters; MaxParameters bounds a profile", max_parameters);
      if (good)
        skip_blanks (&cursor);
    }
  if (!good)
    {
      *line = rs_place_line (&cursor.place, cursor.p - text);
      *column = rs_place_column (&cursor.place, cursor.p - text);
    }
  return good;
}

gsize
rs_statements_find_value (const char *text,
                          gsize       length,
                          gsize       start)
{
  Cursor cursor = { text, text + start, text + length };

  skip_name (&cursor);
  skip_blanks (&cursor);
  read_access (&cursor);
  skip_blanks (&cursor);
  return accept (&cursor, '"') ? (gsize)(cursor.p - text) : 0;
}
