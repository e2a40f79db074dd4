/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strict reading and safe showing of text that came from outside. */
#include "base/text.h"

#include "base/error.h"

#include <string.h>

#define ESCAPE_DEFAULT 512

/* GLib's own conversions pass over a vertical tab in front, and take "+5". */
static gboolean
begins_with_digit (const char *text)
{
  return text != NULL && g_ascii_isdigit (text[0]);
}

gboolean
rs_text_to_uint64 (const char *text,
                   guint64     min,
                   guint64     max,
                   guint64    *value,
                   GError    **error)
{
  if (!begins_with_digit (text) || !g_ascii_string_to_unsigned (text, 10, min, max, value, NULL))
    {
      g_autofree char *shown = rs_text_escape (text, 40);
      g_set_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE,
                   "“%s” is not a whole number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, shown, min, max);
      return FALSE;
    }
  return TRUE;
}

gboolean
rs_text_to_int64 (const char *text,
                  gint64      min,
                  gint64      max,
                  gint64     *value,
                  GError    **error)
{
  const char *digits = text != NULL && text[0] == '-' ? text + 1 : text;

  if (!begins_with_digit (digits) || !g_ascii_string_to_signed (text, 10, min, max, value, NULL))
    {
      g_autofree char *shown = rs_text_escape (text, 40);
      g_set_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE,
                   "“%s” is not a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, shown, min, max);
      return FALSE;
    }
  return TRUE;
}

/* Bidirectional overrides and isolates would let a server's text rewrite the line it is shown in. */
static gboolean
is_unsafe (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
         || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

char *
rs_text_escape_bytes (const void *data,
                      gsize       length,
                      gsize       max)
{
  const char *p = data, *end = p + length;
  GString *out = g_string_sized_new (MIN (length, 128));
  gsize shown = 0;

  if (max == 0)
    max = ESCAPE_DEFAULT;
  for (; p < end && shown < max; shown++)
    {
      gunichar c = g_utf8_get_char_validated (p, end - p);

      if (c == (gunichar)-1 || c == (gunichar)-2 || c == 0)
        g_string_append_printf (out, "\\x%02x", (guint8)*p++);
      else
        {
          if (!is_unsafe (c))
            g_string_append_unichar (out, c);
          else if (c < 0x100)
            g_string_append_printf (out, "\\x%02x", c);
          else
            g_string_append_printf (out, "\\u%04x", c);
          p = g_utf8_next_char (p);
        }
    }
  if (p < end)
    g_string_append (out, "…");
  return g_string_free (out, FALSE);
}

char *
rs_text_escape (const char *text,
                gsize       max)
{
  return text != NULL ? rs_text_escape_bytes (text, strlen (text), max) : g_strdup ("");
}

GStrv
rs_text_split_list (const char *text,
                    char        separator,
                    guint       max)
{
  const char separators[2] = { separator, '\0' };
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", separators, -1);
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  guint n = 0;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_strstrip (parts[i]);
      if (parts[i][0] == '\0')
        continue;
      if (++n > max)
        return NULL;
      g_strv_builder_add (list, parts[i]);
    }
  return g_strv_builder_end (list);
}

const char *
rs_text_find_close (const char *open,
                    const char *end)
{
  gboolean quoted = FALSE;
  guint depth = 0;

  for (const char *p = open; p < end; p++)
    {
      if (*p == '"')
        quoted = !quoted;
      else if (!quoted && *p == '(')
        depth++;
      else if (!quoted && *p == ')' && --depth == 0)
        return p;
    }
  return NULL;
}

gsize
rs_text_ascii_prefix (const char *text,
                      gsize       length)
{
  const guint64 low = G_GUINT64_CONSTANT (0x0101010101010101), high = low << 7;
  gsize n = 0;

  for (guint64 eight; length - n >= sizeof eight; n += sizeof eight)
    {
      memcpy (&eight, text + n, sizeof eight);
      /* a byte above 0x7f has its high bit, and a NUL has it when one is taken away */
      if (((eight | (eight - low)) & high) != 0)
        break;
    }
  while (n < length && (guchar)(text[n] - 1) < 0x7f)
    n++;
  return n;
}

gboolean
rs_text_is_utf8 (const char *text,
                 gsize       length)
{
  gsize plain = rs_text_ascii_prefix (text, length);

  return plain == length || g_utf8_validate_len (text + plain, length - plain, NULL);
}

void
rs_text_set (char      **place,
             const char *text)
{
  char *copy = g_strdup (text);

  g_free (*place);
  *place = copy;
}

char *
rs_text_hex (const void *data,
             gsize       length)
{
  const guint8 *bytes = data;
  GString *out = g_string_sized_new (2 * length);

  for (gsize i = 0; i < length; i++)
    g_string_append_printf (out, "%02x", bytes[i]);
  return g_string_free (out, FALSE);
}
