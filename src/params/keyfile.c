/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keyfile reader: one line at a time into a buffer of its own, so that groups, keys and values
 * are plain strings. */
#include "params/keyfile.h"

#include "base/secret.h"
#include "base/text.h"

#include <string.h>

void
rs_keyfile_init (RsKeyfile  *reader,
                 const char *data,
                 gsize       length)
{
  memset (reader, 0, sizeof *reader);
  /* nothing has no address to count from */
  if (data == NULL)
    data = "";
  reader->start = reader->next = data;
  reader->end = data + length;
  reader->group_buffer = g_string_new (NULL);
  /* roomy enough that lines seldom make it grow: what it leaves behind then is not wiped */
  reader->line_buffer = g_string_sized_new (1024);
}

void
rs_keyfile_clear (RsKeyfile *reader)
{
  if (reader->line_buffer != NULL)
    {
      rs_wipe (reader->line_buffer->str, reader->line_buffer->allocated_len);
      g_string_free (reader->line_buffer, TRUE);
      g_string_free (reader->group_buffer, TRUE);
    }
  memset (reader, 0, sizeof *reader);
}

static RsKeyfileToken
fault (RsKeyfile  *reader,
       const char *what)
{
  reader->fault = what;
  return RS_KEYFILE_FAULT;
}

/* A buffer that must grow is replaced, not reallocated: the old one may hold a secret. */
static void
copy_line (RsKeyfile  *reader,
           const char *line,
           gsize       length)
{
  GString *buffer = reader->line_buffer;

  if (length >= buffer->allocated_len)
    {
      rs_wipe (buffer->str, buffer->allocated_len);
      g_string_free (buffer, TRUE);
      buffer = reader->line_buffer = g_string_sized_new (2 * length);
    }
  g_string_truncate (buffer, 0);
  g_string_append_len (buffer, line, length);
}

static RsKeyfileToken
read_group (RsKeyfile *reader)
{
  char *text = reader->line_buffer->str;
  gsize length = reader->line_buffer->len;

  reader->group = NULL;
  if (length < 3 || text[length - 1] != ']')
    return fault (reader, "a group is written [NAME]");
  text[length - 1] = '\0';
  if (strpbrk (text + 1, "[]") != NULL)
    return fault (reader, "a group's name holds no brackets");
  g_string_assign (reader->group_buffer, text + 1);
  reader->group = reader->group_buffer->str;
  return RS_KEYFILE_GROUP;
}

static RsKeyfileToken
read_entry (RsKeyfile *reader)
{
  char *text = reader->line_buffer->str, *equals = strchr (text, '=');

  if (equals == NULL || equals == text)
    return fault (reader, "expected NAME=VALUE, [GROUP] or #COMMENT");
  *equals = '\0';
  g_strchomp (text);
  if (reader->group == NULL)
    return fault (reader, "this line stands in no group");
  reader->key = text;
  reader->value = equals + 1;
  while (g_ascii_isspace (*reader->value))
    reader->value++;
  return RS_KEYFILE_ENTRY;
}

RsKeyfileToken
rs_keyfile_next (RsKeyfile *reader)
{
  while (reader->next < reader->end)
    {
      const char *line = reader->next, *newline = memchr (line, '\n', reader->end - line);
      gsize length = (newline != NULL ? newline : reader->end) - line;

      reader->next = newline != NULL ? newline + 1 : reader->end;
      reader->line++;
      reader->offset = line - reader->start;
      reader->key = NULL;
      reader->value = NULL;
      if (length > RS_KEYFILE_LINE_MAX)
        return fault (reader, "this line is too long");
      if (!rs_text_is_utf8 (line, length))
        return fault (reader, "this line is no UTF-8 text");
      copy_line (reader, line, length);
      g_strstrip (reader->line_buffer->str);
      reader->line_buffer->len = strlen (reader->line_buffer->str);
      if (reader->line_buffer->len == 0 || reader->line_buffer->str[0] == '#')
        continue;
      return reader->line_buffer->str[0] == '[' ? read_group (reader) : read_entry (reader);
    }
  return RS_KEYFILE_END;
}

/* What \c stands for; 0: nothing. */
static char
escaped (char c)
{
  switch (c)
    {
    case 's':
      return ' ';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case ';':
    case '\\':
      return c;
    default:
      return '\0';
    }
}

gboolean
rs_keyfile_unescape (char *value)
{
  char *out = value;

  for (const char *p = value; *p != '\0'; p++)
    {
      if (*p == '\\')
        {
          char c = escaped (*++p);

          if (c == '\0')
            return FALSE;
          *out++ = c;
        }
      else
        *out++ = *p;
    }
  *out = '\0';
  return TRUE;
}

void
rs_keyfile_append_escaped (GString    *out,
                           const char *value)
{
  for (const char *p = value; *p != '\0'; p++)
    {
      gboolean edge = p == value || p[1] == '\0';

      if (*p == '\\')
        g_string_append (out, "\\\\");
      else if (*p == '\n')
        g_string_append (out, "\\n");
      else if (*p == '\r')
        g_string_append (out, "\\r");
      else if (*p == '\t')
        g_string_append (out, "\\t");
      else if (*p == ' ' && edge)
        g_string_append (out, "\\s");
      else
        g_string_append_c (out, *p);
    }
}

static gboolean
add_element (GStrvBuilder *list,
             const char   *start,
             const char   *end)
{
  g_autofree char *element = NULL;

  while (start < end && g_ascii_isspace (*start))
    start++;
  while (end > start && g_ascii_isspace (end[-1]))
    end--;
  element = g_strndup (start, end - start);
  if (!rs_keyfile_unescape (element))
    return FALSE;
  if (element[0] != '\0')
    g_strv_builder_add (list, element);
  return TRUE;
}

GStrv
rs_keyfile_split (const char *value,
                  char        separator,
                  guint       max)
{
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  g_auto (GStrv) elements = NULL;
  const char *start = value;

  for (const char *p = value;; p++)
    {
      if (*p == '\\' && p[1] != '\0')
        {
          p++;
          continue;
        }
      if (*p != separator && *p != '\0')
        continue;
      if (!add_element (list, start, p))
        return NULL;
      if (*p == '\0')
        break;
      start = p + 1;
    }
  elements = g_strv_builder_end (list);
  return g_strv_length (elements) <= max ? g_steal_pointer (&elements) : NULL;
}
