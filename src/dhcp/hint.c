/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads one server text. The checks are those of a URL's grammar, with macros as holes in it: where a macro stands,
 * only the characters around it can be judged; the expanded text is parsed as a URL later. */
#include "dhcp/hint.h"

#include "base/host.h"
#include "base/secret.h"

#include <arpa/inet.h>
#include <string.h>

#define HOST_MAX 253

typedef struct
{
  const char *start;
  const char *end;
} Span;

static const char *const schemes[] = { "tftp", "http", "https" };

static RsServerHint *
hint_new_take (RsHintKind kind,
               char      *text)
{
  RsServerHint *hint = g_new0 (RsServerHint, 1);

  hint->kind = kind;
  hint->text = text;
  return hint;
}

void
rs_server_hint_free (RsServerHint *hint)
{
  g_free (hint->text);
  g_free (hint);
}

static const char *
skip_digits (const char *p,
             const char *end)
{
  while (p < end && g_ascii_isdigit (*p))
    p++;
  return p;
}

/* What follows the macro at p, which points to a "$"; NULL where no macro can be read. */
static const char *
skip_macro (const char *p,
            const char *end)
{
  const char *name;
  gboolean braced;

  p++;
  if (p < end && *p == '$')
    return p + 1;
  braced = p < end && *p == '(';
  name = braced ? ++p : p;
  while (p < end && (g_ascii_isupper (*p) || g_ascii_isdigit (*p)))
    p++;
  if (p == name || !g_ascii_isupper (*name))
    return NULL;
  if (!braced)
    return p;
  for (guint i = 0; i < 2 && p < end && *p == ':'; i++)
    {
      const char *number = p + 1;

      p = skip_digits (number, end);
      if (p == number)
        return NULL;
    }
  return p < end && *p == ')' ? p + 1 : NULL;
}

static gboolean
has_macro (Span span)
{
  return memchr (span.start, '$', span.end - span.start) != NULL;
}

/* Whether the four bytes can be a server's address. Loopback is left to whoever connects: it may be meant (HTTP-12). */
static gboolean
ipv4_is_usable (const guint8 address[4])
{
  return address[0] != 0 && address[0] < 224;
}

static gboolean
host_is_valid (Span span)
{
  g_autofree char *host = g_strndup (span.start, span.end - span.start);
  guint8 address[4];

  if (!rs_host_is_valid (host))
    return FALSE;
  if (inet_pton (AF_INET, host, address) == 1)
    return ipv4_is_usable (address);
  return strchr (host, ':') == NULL;
}

/* A host of which macros make a part: only the characters can be checked. */
static gboolean
host_pattern_is_valid (Span span)
{
  for (const char *p = span.start; p < span.end;)
    {
      if (*p == '$')
        {
          p = p[1] != '$' ? skip_macro (p, span.end) : NULL;
          if (p == NULL)
            return FALSE;
        }
      else if (g_ascii_isalnum (*p) || strchr ("-._", *p) != NULL)
        p++;
      else
        return FALSE;
    }
  return span.end - span.start <= HOST_MAX;
}

static gboolean
port_is_valid (Span span)
{
  gsize length = span.end - span.start;
  guint port = 0;

  if (has_macro (span))
    return host_pattern_is_valid (span);
  if (length == 0 || length > 5)
    return FALSE;
  for (const char *p = span.start; p < span.end; p++)
    {
      if (!g_ascii_isdigit (*p))
        return FALSE;
      port = port * 10 + g_ascii_digit_value (*p);
    }
  return port > 0 && port <= G_MAXUINT16;
}

static gboolean
ipv6_is_valid (Span span)
{
  g_autofree char *host = g_strndup (span.start, span.end - span.start);
  struct in6_addr address;

  return inet_pton (AF_INET6, host, &address) == 1 && !IN6_IS_ADDR_UNSPECIFIED (&address)
         && !IN6_IS_ADDR_MULTICAST (&address);
}

/* The first ":" outside of a macro, or the end. */
static const char *
find_colon (Span span)
{
  const char *p = span.start;

  while (p < span.end && *p != ':')
    {
      const char *after = *p == '$' ? skip_macro (p, span.end) : NULL;

      p = after != NULL ? after : p + 1;
    }
  return p;
}

/* host[:port], and of IPv6 [address][:port]. */
static const char *
check_server (Span span)
{
  Span host = { span.start, find_colon (span) }, port = { NULL, span.end };

  if (span.start < span.end && *span.start == '[')
    {
      const char *bracket = memchr (span.start, ']', span.end - span.start);

      if (bracket == NULL || !ipv6_is_valid ((Span){ span.start + 1, bracket }))
        return "no IPv6 address stands in the brackets";
      host.end = bracket + 1;
    }
  else if (host.end < span.end && memchr (host.end + 1, ':', span.end - host.end - 1) != NULL)
    return "an IPv6 address with a scheme, a port or a path needs brackets";
  else if (has_macro (host) ? !host_pattern_is_valid (host) : !host_is_valid (host))
    return "that is no host";
  if (host.end == span.end)
    return NULL;
  port.start = host.end + 1;
  return *host.end == ':' && port_is_valid (port) ? NULL : "that is no port";
}

/* The path and query of a URL (RFC 3986 without fragment and quotes), and userinfo. */
static gboolean
text_is_valid (Span span)
{
  for (const char *p = span.start; p < span.end; p++)
    {
      if (g_str_has_prefix (p, "$$"))
        p++;
      else if (g_str_has_prefix (p, "$("))
        {
          p = skip_macro (p, span.end);
          if (p == NULL)
            return FALSE;
          p--;
        }
      else if (*p == '%')
        {
          if (span.end - p < 3 || !g_ascii_isxdigit (p[1]) || !g_ascii_isxdigit (p[2]))
            return FALSE;
          p += 2;
        }
      else if (!g_ascii_isalnum (*p) && strchr ("-._~:/?@!$&()*+,=", *p) == NULL)
        return FALSE;
    }
  return TRUE;
}

static const char *
find_scheme (const char *text,
             gsize       length)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      if (length == strlen (schemes[i]) && g_ascii_strncasecmp (text, schemes[i], length) == 0)
        return schemes[i];
    }
  return NULL;
}

/* What the escapes stand for is text. */
static gboolean
escapes_are_text (Span span)
{
  g_auto (RsSecretString) plain = g_uri_unescape_segment (span.start, span.end, NULL);

  if (plain == NULL || !g_utf8_validate (plain, -1, NULL))
    return FALSE;
  for (const char *p = plain; *p != '\0'; p++)
    {
      if (g_ascii_iscntrl (*p))
        return FALSE;
    }
  return TRUE;
}

static const char *
check_userinfo (Span        userinfo,
                const char *scheme)
{
  if (g_str_equal (scheme, "tftp"))
    return "tftp knows no user";
  return text_is_valid (userinfo) && memchr (userinfo.start, '@', userinfo.end - userinfo.start) == NULL
                 && escapes_are_text (userinfo)
             ? NULL
             : "that is no user and password";
}

static RsServerHint *
parse_url (const char  *scheme,
           const char  *authority,
           const char **reason)
{
  Span path = { authority + strcspn (authority, "/?"), authority + strlen (authority) };
  Span server = { authority, path.start };
  const char *at = memchr (authority, '@', path.start - authority);

  if (at != NULL)
    {
      *reason = check_userinfo ((Span){ authority, at }, scheme);
      if (*reason != NULL)
        return NULL;
      server.start = at + 1;
    }
  *reason = check_server (server);
  if (*reason != NULL)
    return NULL;
  if (!text_is_valid (path))
    {
      *reason = "it holds what may not stand in a URL";
      return NULL;
    }
  if (path.end - path.start <= 1 && *path.start != '?')
    return hint_new_take (RS_HINT_BASE,
                          g_strdup_printf ("%s://%.*s", scheme, (int)(path.start - authority), authority));
  return hint_new_take (RS_HINT_URL, g_strdup_printf ("%s://%.*s%s%s", scheme, (int)(path.start - authority), authority,
                                                      *path.start == '?' ? "/" : "", path.start));
}

RsServerHint *
rs_server_hint_parse (const char  *text,
                      const char **reason)
{
  const char *separator = strstr (text, "://");
  gsize length = strcspn (text, "/");
  gboolean no_path = text[length] == '\0' || text[length + 1] == '\0';
  const Span server = { text, text + length };

  *reason = NULL;
  if (separator != NULL)
    {
      const char *scheme = find_scheme (text, separator - text);

      if (scheme != NULL)
        return parse_url (scheme, separator + 3, reason);
      *reason = "only tftp, http and https can be used";
      return NULL;
    }
  if (no_path && ipv6_is_valid (server))
    return hint_new_take (RS_HINT_HOST, g_strdup_printf ("[%.*s]", (int)length, text));
  *reason = check_server (server);
  if (*reason != NULL)
    return NULL;
  if (no_path)
    return hint_new_take (RS_HINT_HOST, g_strndup (text, length));
  return parse_url ("tftp", text, reason);
}

RsServerHint *
rs_server_hint_from_ipv4 (const guint8 address[4])
{
  if (!ipv4_is_usable (address))
    return NULL;
  return hint_new_take (RS_HINT_HOST,
                        g_strdup_printf ("%u.%u.%u.%u", address[0], address[1], address[2], address[3]));
}
