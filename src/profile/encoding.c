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

/* What windows-1252 has from 0x80 to 0x9f; 0: nothing. All else is as in ISO-8859-1. */
static const gunichar2 windows_1252[]
    = { 0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178 };

/* A byte is a character. special: those from 0x80 on, or NULL. */
static GBytes *
from_single_bytes (const guint8    *data,
                   gsize            length,
                   const gunichar2 *special,
                   guint           *line,
                   guint           *column,
                   GError         **error)
{
  gsize wide = 0;
  char *text, *p;

  for (gsize i = 0; i < length; i++)
    wide += data[i] > 0x7f;
  p = text = g_malloc (length + 2 * wide + 1);
  for (gsize i = 0; i < length; i++)
    {
      gboolean is_special = special != NULL && (data[i] & 0xe0) == 0x80;
      gunichar character = is_special ? special[data[i] & 0x1f] : data[i];

      if (is_special && character == 0)
        {
          refuse (text, p - text, p - text, line, column, "a byte that windows-1252 has no character for", error);
          rs_wipe (text, p - text);
          g_free (text);
          return NULL;
        }
      p += g_unichar_to_utf8 (character, p);
    }
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
  static const char *const windows[] = { "windows-1252", "CP1252", "CP-1252", NULL };
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
  if (bom == 0 && (is_one_of (name, latin1) || is_one_of (name, windows)))
    {
      converted = from_single_bytes (data, length, is_one_of (name, windows) ? windows_1252 : NULL, line, column, error);
      if (converted == NULL)
        return NULL;
      text = g_bytes_get_data (converted, &length);
      return check_utf8 (text, length, FALSE, line, column, error) ? g_steal_pointer (&converted) : NULL;
    }
  shown = rs_text_escape (name, 40);
  if (bom > 0 || g_ascii_strncasecmp (name, "UTF-16", 6) == 0)
    what = g_strdup_printf ("the file says that its encoding is “%s”, and its bytes are not", shown);
  else
    what = g_strdup_printf ("the encoding “%s”, where UTF-8, UTF-16, ISO-8859-1, windows-1252 or ASCII can be read", shown);
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
