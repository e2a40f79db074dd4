/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a URL (RULE-7) from left to right. No message quotes the text: it may hold a password. */
#include "rule/url-parse.h"

#include "base/host.h"
#include "base/secret.h"
#include "rule/fault.h"

#include <string.h>

#define MAX_LENGTH      4096
#define MAX_PORT_DIGITS 5

typedef struct
{
  const char *text;
  guint column;
} Context;

static gboolean
fault (const Context *context, const char *at, GError **error, const char *message)
{
  rs_rule_fault (error, context->column + rs_rule_column (context->text, at) - 1, "%s", message);
  return FALSE;
}

static gboolean
check_characters (const Context *context, GError **error)
{
  const char *p = context->text;

  if (*p == '\0')
    return fault (context, p, error, "expected a URL");
  for (; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char_validated (p, -1);

      if (p - context->text >= MAX_LENGTH)
        return fault (context, p, error, "expected the end of the URL: it is longer than 4096 bytes");
      if (c == (gunichar)-1 || c == (gunichar)-2)
        return fault (context, p, error, "expected UTF-8");
      if (g_unichar_isspace (c))
        return fault (context, p, error, "expected the end of the URL: a blank in it is written %20");
      if (!g_unichar_isgraph (c))
        return fault (context, p, error, "expected the URL to go on without control characters");
    }
  return TRUE;
}

/* The "://" that ends a scheme, or NULL: a query may hold one as well. */
static const char *
find_scheme_end (const char *text)
{
  const char *p = text;

  while (g_ascii_isalnum (*p) || *p == '+' || *p == '-' || *p == '.')
    p++;
  return g_str_has_prefix (p, "://") ? p : NULL;
}

static gboolean
parse_scheme (const Context *context, RsUrl *url, const char **rest, GError **error)
{
  const char *end = find_scheme_end (context->text);
  g_autofree char *name = NULL;

  *rest = context->text;
  url->scheme = RS_SCHEME_TFTP;
  if (end == NULL)
    return TRUE;
  name = g_strndup (context->text, (gsize)(end - context->text));
  if (!rs_scheme_from_name (name, &url->scheme))
    return fault (context, context->text, error, "expected tftp://, http://, https:// or gds://");
  url->scheme_given = TRUE;
  *rest = end + 3;
  return TRUE;
}

/* One character, which "%XX" may stand for; '\0' where that is malformed. */
static char
decode_one (const char **p, const char *end)
{
  const char *q = *p;

  *p = q + 1;
  if (*q != '%')
    return *q;
  if (end - q < 3 || !g_ascii_isxdigit (q[1]) || !g_ascii_isxdigit (q[2]))
    return '\0';
  *p = q + 3;
  return (char)(g_ascii_xdigit_value (q[1]) * 16 + g_ascii_xdigit_value (q[2]));
}

/* NULL where a "%" is not followed by two digits, or they make a control character or no UTF-8. */
static char *
decode (const char *start, const char *end)
{
  g_auto (RsSecretString) out = g_malloc0 ((gsize)(end - start) + 1);
  char *q = out;

  for (const char *p = start; p < end;)
    {
      char c = decode_one (&p, end);

      if ((guint8)c < 0x20 || c == 0x7f)
        return NULL;
      *q++ = c;
    }
  return g_utf8_validate (out, -1, NULL) ? g_steal_pointer (&out) : NULL;
}

static gboolean
parse_userinfo (const Context *context, RsUrl *url, const char *start, const char *end, GError **error)
{
  const char *colon = memchr (start, ':', (gsize)(end - start));
  const char *user_end = colon != NULL ? colon : end;

  if (url->scheme == RS_SCHEME_TFTP)
    return fault (context, start, error, "expected a host: only http and https take a user name");
  url->user = decode (start, user_end);
  if (url->user == NULL)
    return fault (context, start, error, "expected a user name of printable characters, others as %XX");
  if (colon == NULL)
    return TRUE;
  url->password = decode (colon + 1, end);
  if (url->password == NULL)
    return fault (context, colon + 1, error, "expected a password of printable characters, others as %XX");
  return TRUE;
}

static gboolean
parse_port (const Context *context, RsUrl *url, const char *start, const char *end, GError **error)
{
  guint port = 0;

  for (const char *p = start; p < end; p++)
    {
      if (!g_ascii_isdigit (*p) || p - start >= MAX_PORT_DIGITS)
        return fault (context, p, error, "expected a port from 1 to 65535");
      port = port * 10 + (guint)(*p - '0');
    }
  if (port < 1 || port > G_MAXUINT16)
    return fault (context, start, error, "expected a port from 1 to 65535");
  url->port = (guint16)port;
  url->port_given = TRUE;
  return TRUE;
}

/* Says where the host ends; brackets are left out of url->host. */
static gboolean
parse_host (const Context *context, RsUrl *url, const char *start, const char *end, const char **rest, GError **error)
{
  gboolean bracket = start < end && *start == '[';
  const char *stop = memchr (start, bracket ? ']' : ':', (gsize)(end - start));

  if (bracket && !url->scheme_given)
    return fault (context, start, error, "expected a scheme such as http:// before an IPv6 address");
  if (bracket && stop == NULL)
    return fault (context, end, error, "expected “]” after the IPv6 address");
  if (!bracket && stop != NULL && memchr (stop + 1, ':', (gsize)(end - stop - 1)) != NULL)
    return fault (context, start, error, "expected a scheme and, in brackets, the IPv6 address");
  start += bracket ? 1 : 0;
  stop = stop != NULL ? stop : end;
  url->host = g_ascii_strdown (start, stop - start);
  if (bracket ? strchr (url->host, ':') == NULL || !rs_host_is_address (url->host) : !rs_host_is_valid (url->host))
    return fault (context, start, error,
                  bracket ? "expected an IPv6 address" : "expected a host name or an IPv4 address");
  *rest = stop + (bracket ? 1 : 0);
  return TRUE;
}

static gboolean
parse_authority (const Context *context, RsUrl *url, const char *start, const char *end, GError **error)
{
  const char *at = g_strrstr_len (start, end - start, "@"), *rest;

  if (at != NULL && !parse_userinfo (context, url, start, at, error))
    return FALSE;
  if (!parse_host (context, url, at != NULL ? at + 1 : start, end, &rest, error))
    return FALSE;
  if (rest == end)
    return TRUE;
  if (*rest != ':')
    return fault (context, rest, error, "expected “:” and a port, or “/”");
  return parse_port (context, url, rest + 1, end, error);
}

/* Without a scheme only a "/" tells a server from a path. */
static const char *
find_authority_end (const RsUrl *url, const char *text)
{
  const char *end = text + strcspn (text, "/?#");

  return url->scheme_given || *end == '/' ? end : text;
}

static gboolean
parse (const Context *context, RsUrl *url, GError **error)
{
  const char *rest, *end;

  if (!check_characters (context, error) || !parse_scheme (context, url, &rest, error))
    return FALSE;
  url->port = rs_scheme_port (url->scheme);
  if (url->scheme == RS_SCHEME_GDS)
    {
      url->path = g_strdup ("/");
      return *rest == '\0' || fault (context, rest, error, "expected nothing after gds://");
    }
  if (*rest == '\0')
    return fault (context, rest, error, "expected a server or a path");
  end = find_authority_end (url, rest);
  if (end > rest && !parse_authority (context, url, rest, end, error))
    return FALSE;
  url->path = g_strconcat (*end == '/' ? "" : "/", end, NULL);
  return TRUE;
}

RsUrl *
rs_url_parse_at (const char *text, guint column, GError **error)
{
  const Context context = { text, column };
  g_autoptr (RsUrl) url = g_new0 (RsUrl, 1);

  return parse (&context, url, error) ? g_steal_pointer (&url) : NULL;
}

RsUrl *
rs_url_parse (const char *text, GError **error)
{
  return rs_url_parse_at (text != NULL ? text : "", 1, error);
}
