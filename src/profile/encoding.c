/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The XML parser is given UTF-8 and told so. It would convert by itself, through iconv, from anything down to UTF-7, in
 * which a "<" can be written so that no fence sees it. */
#include "profile/encoding.h"

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "profile/place.h"
#include "profile/sniff.h"

#include <string.h>

/* A declaration longer than this is none that anybody writes. */
#define DECLARATION_MAX 256

/* The value of encoding="…" in the XML declaration, or NULL. */
static char *
declared_encoding (const char *text,
                   gsize       length)
{
  g_autofree char *declaration = NULL;
  const char *p, *end;

  if (length < 6 || memcmp (text, "<?xml", 5) != 0 || !g_ascii_isspace (text[5]))
    return NULL;
  declaration = g_strndup (text, MIN (length, DECLARATION_MAX));
  end = strstr (declaration, "?>");
  p = strstr (declaration, "encoding");
  if (p == NULL || (end != NULL && p > end))
    return NULL;
  p += strlen ("encoding");
  while (g_ascii_isspace (*p) || *p == '=')
    p++;
  if (*p != '"' && *p != '\'')
    return NULL;
  end = strchr (p + 1, *p);
  return end != NULL ? g_strndup (p + 1, end - p - 1) : NULL;
}

static gboolean
refuse (const char *text,
        gsize       length,
        gsize       offset,
        guint      *line,
        guint      *column,
        const char *what,
        GError    **error)
{
  RsPlace place;

  rs_place_init (&place, text, length);
  *line = rs_place_line (&place, offset);
  *column = rs_place_column (&place, offset);
  g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "Not well-formed: %s (line %u, column %u)", what, *line, *column);
  return FALSE;
}

/* Valid UTF-8 without NUL, which XML has no place for. */
static gboolean
check_utf8 (const char *text,
            gsize       length,
            gboolean    ascii,
            guint      *line,
            guint      *column,
            GError    **error)
{
  gsize plain = rs_text_ascii_prefix (text, length);
  const char *end = text + length;

  if (!g_utf8_validate_len (text + plain, length - plain, &end))
    return refuse (text, length, end - text, line, column,
                   *end == '\0' ? "a NUL character" : "a byte that is not UTF-8", error);
  for (const char *p = text + plain; ascii && p < end; p++)
    {
      if ((guchar)*p > 0x7f)
        return refuse (text, length, p - text, line, column, "a byte that is not ASCII, though the file says so",
                       error);
    }
  return TRUE;
}

static GBytes *
from_latin1 (const guint8 *data,
             gsize         length)
{
  gsize wide = 0;
  char *text, *p;

  for (gsize i = 0; i < length; i++)
    wide += data[i] > 0x7f;
  p = text = g_malloc (length + wide + 1);
  for (gsize i = 0; i < length; i++)
    p += g_unichar_to_utf8 (data[i], p);
  return rs_secret_bytes_new_take (text, p - text);
}

static GBytes *
from_utf16 (const guint8 *data,
            gsize         length,
            gboolean      big_endian,
            guint        *line,
            guint        *column,
            GError      **error)
{
  gsize n = length / 2;
  g_autofree gunichar2 *units = g_new (gunichar2, n + 1);
  char *text;
  glong read = 0, written = 0;
  gboolean whole;

  for (gsize i = 0; i < n; i++)
    units[i] = big_endian ? data[2 * i] << 8 | data[2 * i + 1] : data[2 * i + 1] << 8 | data[2 * i];
  units[n] = 0;
  text = g_utf16_to_utf8 (units, n, &read, &written, NULL);
  whole = text != NULL && (gsize)read == n && length % 2 == 0;
  if (!whole)
    {
      gboolean nul = text != NULL && (gsize)read < n && units[read] == 0;

      /* what is good up to there tells the place */
      if (text == NULL)
        text = g_utf16_to_utf8 (units, read, &read, &written, NULL);
      refuse (text, written, written, line, column,
              nul ? "a NUL character" : "half a character, or one that is not UTF-16", error);
    }
  rs_wipe (units, n * sizeof *units);
  if (whole)
    return rs_secret_bytes_new_take (text, written);
  rs_secret_free (text);
  return NULL;
}

static gboolean
is_one_of (const char        *name,
           const char *const *names)
{
  for (; *names != NULL; names++)
    {
      if (g_ascii_strcasecmp (name, *names) == 0)
        return TRUE;
    }
  return FALSE;
}

static GBytes *
from_bytes (GBytes  *bytes,
            gsize    bom,
            guint   *line,
            guint   *column,
            GError **error)
{
  static const char *const utf8[] = { "UTF-8", "UTF8", NULL };
  static const char *const ascii[] = { "US-ASCII", "ASCII", NULL };
  static const char *const latin1[] = { "ISO-8859-1", "ISO8859-1", "ISO_8859-1", "LATIN1", NULL };
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  const char *text = (const char *)data + bom;
  g_autofree char *name = NULL, *shown = NULL, *what = NULL;
  g_autoptr (GBytes) converted = NULL;

  length -= bom;
  name = declared_encoding (text, length);
  if (name == NULL || is_one_of (name, utf8) || is_one_of (name, ascii))
    {
      if (!check_utf8 (text, length, name != NULL && is_one_of (name, ascii), line, column, error))
        return NULL;
      return g_bytes_new_from_bytes (bytes, bom, length);
    }
  if (bom == 0 && is_one_of (name, latin1))
    {
      converted = from_latin1 (data, length);
      text = g_bytes_get_data (converted, &length);
      return check_utf8 (text, length, FALSE, line, column, error) ? g_steal_pointer (&converted) : NULL;
    }
  shown = rs_text_escape (name, 40);
  if (bom > 0 || g_ascii_strncasecmp (name, "UTF-16", 6) == 0)
    what = g_strdup_printf ("the file says that its encoding is “%s”, and its bytes are not", shown);
  else
    what = g_strdup_printf ("the encoding “%s”, where UTF-8, UTF-16, ISO-8859-1 or ASCII can be read", shown);
  refuse (text, length, 0, line, column, what, error);
  return NULL;
}

GBytes *
rs_encoding_to_utf8 (GBytes  *bytes,
                     guint   *line,
                     guint   *column,
                     GError **error)
{
  g_autoptr (GBytes) converted = NULL;
  gsize length, bom;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  RsEncoding encoding = rs_sniff_encoding (data, length, &bom);
  const char *text;

  if (encoding == RS_ENCODING_BYTES)
    return from_bytes (bytes, bom, line, column, error);
  converted = from_utf16 (data + bom, length - bom, encoding == RS_ENCODING_UTF16BE, line, column, error);
  if (converted == NULL)
    return NULL;
  text = g_bytes_get_data (converted, &length);
  return check_utf8 (text, length, FALSE, line, column, error) ? g_steal_pointer (&converted) : NULL;
}
