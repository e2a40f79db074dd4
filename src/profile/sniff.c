/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at the first bytes of a file. */
#include "profile/sniff.h"

#include "profile/salted.h"
#include "profile/statements.h"

#include <string.h>

/* how far a page's first tag may stand behind comments */
#define HEAD_SIZE 4096
/* "Salted__" in base64, as far as no bit of the salt is in it */
#define SALTED_BASE64 "U2FsdGVkX1"

RsEncoding
rs_sniff_encoding (const guint8 *data,
                   gsize         length,
                   gsize        *bom)
{
  *bom = 0;
  if (length >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    {
      *bom = 3;
      return RS_ENCODING_BYTES;
    }
  if (length < 2)
    return RS_ENCODING_BYTES;
  if (memcmp (data, "\xff\xfe", 2) == 0 || memcmp (data, "\xfe\xff", 2) == 0)
    *bom = 2;
  if (memcmp (data, "\xff\xfe", 2) == 0 || memcmp (data, "<", 2) == 0)
    return RS_ENCODING_UTF16LE;
  if (memcmp (data, "\xfe\xff", 2) == 0 || memcmp (data, "\0<", 2) == 0)
    return RS_ENCODING_UTF16BE;
  return RS_ENCODING_BYTES;
}

/* The first characters as ASCII, others as "?", ended by a NUL. A NUL in the file becomes a "?", too. */
static void
read_head (const guint8 *data,
           gsize         length,
           char          head[HEAD_SIZE + 1])
{
  gsize bom, n = 0;
  RsEncoding encoding = rs_sniff_encoding (data, length, &bom);
  gsize width = encoding == RS_ENCODING_BYTES ? 1 : 2;
  gsize low = encoding == RS_ENCODING_UTF16BE ? 1 : 0;

  for (gsize i = bom; i + width <= length && n < HEAD_SIZE; i += width, n++)
    {
      guint8 byte = data[i + low], high = width == 2 ? data[i + 1 - low] : 0;
      head[n] = byte == 0 || byte > 0x7f || high != 0 ? '?' : byte;
    }
  head[n] = '\0';
}

static const char *
skip_blanks (const char *p)
{
  while (g_ascii_isspace (*p))
    p++;
  return p;
}

/* Past the declaration, instructions and comments in front of the first tag. */
static const char *
skip_prolog (const char *p)
{
  for (;;)
    {
      const char *end;

      p = skip_blanks (p);
      if (g_str_has_prefix (p, "<?"))
        end = strstr (p, "?>");
      else if (g_str_has_prefix (p, "<!--"))
        end = strstr (p, "-->");
      else
        return p;
      if (end == NULL)
        return p;
      p = strchr (end, '>') + 1;
    }
}

static gboolean
is_html (const char *p)
{
  static const char *const tags[]
      = { "<html", "<head", "<body", "<title", "<meta", "<script", "<style", "<link", "<div", "<h1", "<p", "<center" };
  static const char doctype[] = "<!doctype";

  if (g_ascii_strncasecmp (p, doctype, strlen (doctype)) == 0)
    {
      p = skip_blanks (p + strlen (doctype));
      return g_ascii_strncasecmp (p, "html", 4) == 0 && !g_ascii_isalnum (p[4]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (tags); i++)
    {
      gsize length = strlen (tags[i]);

      if (g_ascii_strncasecmp (p, tags[i], length) == 0
          && (p[length] == '>' || p[length] == '/' || g_ascii_isspace (p[length])))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_statements (const guint8 *data,
               gsize         length)
{
  gsize bom;

  return rs_sniff_encoding (data, length, &bom) == RS_ENCODING_BYTES && rs_statements_begin (data + bom, length - bom);
}

RsKind
rs_sniff_kind (const guint8 *data,
               gsize         length)
{
  char head[HEAD_SIZE + 1];
  const char *p;

  if (length >= 2 && memcmp (data, "\x1f\x8b", 2) == 0)
    return RS_KIND_GZIP;
  if (rs_salted_is (data, length))
    return RS_KIND_SALTED;
  read_head (data, length, head);
  p = skip_blanks (head);
  if (*p == '\0')
    return RS_KIND_EMPTY;
  if (*p != '<' && is_statements (data, length))
    return RS_KIND_STATEMENTS;
  if (*p != '<')
    return g_str_has_prefix (p, SALTED_BASE64) ? RS_KIND_SALTED_BASE64 : RS_KIND_UNKNOWN;
  return is_html (skip_prolog (p)) ? RS_KIND_HTML : RS_KIND_XML;
}
