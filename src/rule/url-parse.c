/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a URL (RULE-7) from left to right. A message quotes of the text only what can be no part of a password, and of what macros have made
 * of it nothing: who reads it may not be allowed to read them. Its column is that of the text as it was written. */
#include "rule/url-parse.h"

#include "base/host.h"
#include "base/secret.h"
#include "rule/fault.h"
#include "rule/macro-scan.h"
#include "rule/url-parse.h"

#include <string.h>

#define MAX_LENGTH      4096
#define MAX_PORT_DIGITS 5
/* of those that people write, such as sftp and httpx; a longer one might be anything */
#define MAX_SCHEME      5
#define NOT_PRINTABLE   "a control character, no UTF-8 or a stray “%”"

typedef struct
{
  const char *text;
  guint column;
  const char *written;  /* before macros were expanded */
  const char *rule;     /* the text that it stands in */
  const GArray *places; /* RsMacroPlace: what they became; NULL: the text is as written */
} Context;

/* Where a byte of the text stood before expansion. macro_length: of the macro that brought it, which stood there, or 0. A macro that stands
 * for nothing is blamed for what follows. */
static gsize
find_written (const Context *context, gsize at, gsize *macro_length)
{
  gsize end = 0, written_end = 0;

  *macro_length = 0;
  for (guint i = 0; context->places != NULL && i < context->places->len; i++)
    {
      const RsMacroPlace *place = &g_array_index (context->places, RsMacroPlace, i);

      if (at < place->start)
        break;
      if (at < place->end || (at == place->start && place->start == place->end))
        {
          *macro_length = place->written_end - place->written_start;
          return place->written_start;
        }
      end = place->end;
      written_end = place->written_end;
    }
  return written_end + (at - end);
}

/* Whether a word may be quoted: such as a host or a port may have, all of it as written, and shown where the URL is. */
static gboolean
may_quote (const Context *context, const char *at, gsize length)
{
  g_autofree char *word = g_strndup (at, length);

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (at[i]) && strchr (".-_", at[i]) == NULL)
        return FALSE;
    }
  for (guint i = 0; context->places != NULL && i < context->places->len; i++)
    {
      const RsMacroPlace *place = &g_array_index (context->places, RsMacroPlace, i);
      gsize start = (gsize)(at - context->text);

      if (place->start < start + length && place->end > start)
        return FALSE;
    }
  return length > 0 && rs_rule_shows (context->rule, word);
}

/* A word, or the sign that it begins with. */
static char *
quote (const Context *context, const char *at, gsize length)
{
  if (may_quote (context, at, length))
    return rs_rule_quote (at, length);
  return length == 0 || g_ascii_ispunct (*at) || rs_rule_is_typographic_quote (at) ? rs_rule_quote_sign (at) : g_strdup ("something else");
}

/* found: NULL where it is to be said by what stands there; length: of that word, where it may be quoted; 0: only a sign may. */
static gboolean
fault_found (const Context *context, const char *at, const char *found, gsize length, GError **error, const char *expected)
{
  gsize macro_length, written = find_written (context, (gsize)(at - context->text), &macro_length);
  guint column = context->column + rs_rule_column (context->written, context->written + written) - 1;
  g_autofree char *macro = NULL, *said = NULL;

  if (macro_length > 0)
    {
      macro = rs_rule_quote (context->written + written, macro_length);
      said = g_strconcat ("what ", macro, " stands for", NULL);
    }
  else if (found == NULL)
    said = quote (context, at, length);
  rs_rule_fault (error, column, said != NULL ? said : found, "%s", expected);
  return FALSE;
}

static gboolean
fault (const Context *context, const char *at, gsize length, GError **error, const char *expected)
{
  return fault_found (context, at, NULL, length, error, expected);
}

static gboolean
check_characters (const Context *context, GError **error)
{
  const char *p = context->text;

  if (*p == '\0')
    return fault (context, p, 0, error, "a URL");
  for (; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char_validated (p, -1);

      if (p - context->text >= MAX_LENGTH)
        return fault (context, p, 0, error, "the end of the URL, after 4096 bytes at most");
      if (c == (gunichar)-1 || c == (gunichar)-2)
        return fault (context, p, 0, error, "UTF-8");
      if (g_unichar_isspace (c))
        return fault (context, p, 0, error, "the end of the URL: a blank in it is written %20");
      if (!g_unichar_isgraph (c))
        return fault (context, p, 0, error, "the URL to go on without control characters");
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
    return fault_found (context, context->text, strlen (name) > MAX_SCHEME ? "another scheme" : NULL, strlen (name), error,
                        "tftp://, http://, https:// or gds://");
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
    return fault_found (context, start, "a user name", 0, error, "a host: only http and https take a user name");
  url->user = decode (start, user_end);
  if (url->user == NULL)
    return fault_found (context, start, NOT_PRINTABLE, 0, error, "a user name of printable characters, others as %XX");
  if (colon == NULL)
    return TRUE;
  url->password = decode (colon + 1, end);
  if (url->password == NULL)
    return fault_found (context, colon + 1, NOT_PRINTABLE, 0, error, "a password of printable characters, others as %XX");
  return TRUE;
}

static gboolean
parse_port (const Context *context, RsUrl *url, const char *start, const char *end, GError **error)
{
  gsize digits = strspn (start, "0123456789");
  guint port = 0;

  for (const char *p = start; p < end; p++)
    {
      if (!g_ascii_isdigit (*p) || p - start >= MAX_PORT_DIGITS)
        return fault (context, p, 0, error, "a port from 1 to 65535");
      port = port * 10 + (guint)(*p - '0');
    }
  if (port < 1 || port > G_MAXUINT16)
    return fault (context, start, digits, error, "a port from 1 to 65535");
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
    return fault (context, start, 0, error, "a scheme such as http:// before an IPv6 address");
  if (bracket && stop == NULL)
    return fault (context, end, 0, error, "“]” after the IPv6 address");
  if (!bracket && stop != NULL && memchr (stop + 1, ':', (gsize)(end - stop - 1)) != NULL)
    return fault_found (context, start, "more than one “:”", 0, error, "a scheme and, in brackets, the IPv6 address");
  start += bracket ? 1 : 0;
  stop = stop != NULL ? stop : end;
  url->host = g_ascii_strdown (start, stop - start);
  if (bracket ? strchr (url->host, ':') == NULL || !rs_host_is_address (url->host) : !rs_host_is_valid (url->host))
    /* what is no address may be an account that was meant for another place: its mask hides it as well */
    return fault (context, start, bracket ? 0 : (gsize)(stop - start), error,
                  bracket ? "an IPv6 address" : "a host name or an IPv4 address");
  *rest = stop + (bracket ? 1 : 0);
  return TRUE;
}

static gboolean
parse_authority (const Context *context, RsUrl *url, const char *start, const char *end, GError **error)
{
  const char *at = g_strrstr_len (start, end - start, "@"), *rest = end;

  if (at != NULL && !parse_userinfo (context, url, start, at, error))
    return FALSE;
  if (!parse_host (context, url, at != NULL ? at + 1 : start, end, &rest, error))
    return FALSE;
  if (rest == end)
    return TRUE;
  if (*rest != ':')
    return fault (context, rest, 0, error, "“:” and a port, or “/”");
  return parse_port (context, url, rest + 1, end, error);
}

/* A "%" that begins no %XX cannot be asked for, whatever the scheme. */
static gboolean
check_escapes (const Context *context, const char *path, GError **error)
{
  for (const char *p = strchr (path, '%'); p != NULL; p = strchr (p + 3, '%'))
    {
      if (!g_ascii_isxdigit (p[1]) || !g_ascii_isxdigit (p[2]))
        return fault (context, p, 0, error, RS_URL_NO_ESCAPE);
    }
  return TRUE;
}

/* Whether a segment of a path is that many dots. Written %2E they are the same. */
static gboolean
is_dots (const char *segment, guint count)
{
  for (guint i = 0; i < count; i++)
    {
      gboolean escaped = g_ascii_strncasecmp (segment, "%2e", 3) == 0;

      if (!escaped && *segment != '.')
        return FALSE;
      segment += escaped ? 3 : 1;
    }
  return *segment == '\0';
}

/* RFC 3986 section 5.2.4: "/a/./b/../c" is "/a/c". */
static char *
remove_dots (const char *path)
{
  g_auto (GStrv) segments = g_strsplit (path, "/", -1);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  gboolean dots = FALSE;

  /* what stands before the first "/" is nothing */
  for (guint i = 0; segments[i] != NULL; i++)
    {
      gboolean up = is_dots (segments[i], 2);

      dots = up || is_dots (segments[i], 1);
      if (up && kept->len > 1)
        g_ptr_array_set_size (kept, (int)kept->len - 1);
      if (!dots)
        g_ptr_array_add (kept, segments[i]);
    }
  /* what ends in dots is a folder */
  if (dots)
    g_ptr_array_add (kept, (char *)"");
  g_ptr_array_add (kept, NULL);
  return g_strjoinv ("/", (char **)kept->pdata);
}

/* What the server is asked for: by http neither dots nor a fragment. */
static char *
path_of (const RsUrl *url, const char *text)
{
  g_auto (RsSecretString) path = g_strconcat (*text == '/' ? "" : "/", text, NULL);
  g_autofree char *written = NULL, *plain = NULL;
  gsize end;

  if (!url->scheme_given || url->scheme == RS_SCHEME_TFTP)
    return g_steal_pointer (&path);
  path[strcspn (path, "#")] = '\0';
  end = strcspn (path, "?");
  written = g_strndup (path, end);
  plain = remove_dots (written);
  return g_strconcat (plain, path + end, NULL);
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
      return *rest == '\0' || fault (context, rest, 0, error, "nothing after gds://");
    }
  if (*rest == '\0')
    return fault (context, rest, 0, error, "a server or a path");
  end = find_authority_end (url, rest);
  if (end > rest && !parse_authority (context, url, rest, end, error))
    return FALSE;
  if (!check_escapes (context, end, error))
    return FALSE;
  url->path = path_of (url, end);
  return TRUE;
}

static RsUrl *
read_url (const Context *context, GError **error)
{
  g_autoptr (RsUrl) url = g_new0 (RsUrl, 1);

  return parse (context, url, error) ? g_steal_pointer (&url) : NULL;
}

RsUrl *
rs_url_parse_expanded (const char *text, const char *written, const GArray *places, guint column, GError **error)
{
  const Context context = { text, column, written, written, places };

  return read_url (&context, error);
}

RsUrl *
rs_url_parse_at (const char *text, const char *rule, guint column, GError **error)
{
  const Context context = { text, column, text, rule, NULL };

  return read_url (&context, error);
}

RsUrl *
rs_url_parse (const char *text, GError **error)
{
  const char *read = text != NULL ? text : "";

  return rs_url_parse_at (read, read, 1, error);
}

RsUrl *
rs_url_expand (const char *text, const RsMacros *macros, GError **error)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (RsMacroPlace));
  g_auto (RsSecretString) expanded = rs_macro_expand_placed (text, macros, FALSE, places, 1, error);

  return expanded != NULL ? rs_url_parse_expanded (expanded, text, places, 1, error) : NULL;
}

/* What each macro became, percent-encoded in place. The "$" that "$$" became is the text's own. */
static char *
escape_values (const char *expanded, const char *text, GArray *places)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gsize taken = 0;

  for (guint i = 0; i < places->len; i++)
    {
      RsMacroPlace *place = &g_array_index (places, RsMacroPlace, i);
      g_autofree char *value = g_strndup (expanded + place->start, place->end - place->start);

      g_string_append_len (out, expanded + taken, (gssize)(place->start - taken));
      taken = place->end;
      place->start = out->len;
      if (text[place->written_start + 1] == '$')
        g_string_append (out, value);
      else
        g_string_append_uri_escaped (out, value, ":/", FALSE);
      place->end = out->len;
    }
  g_string_append (out, expanded + taken);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

RsUrl *
rs_url_expand_escaped (const char *text, const RsMacros *macros, GError **error)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (RsMacroPlace));
  g_autofree char *expanded = rs_macro_expand_placed (text, macros, FALSE, places, 1, error);
  g_autofree char *escaped = expanded != NULL ? escape_values (expanded, text, places) : NULL;

  return escaped != NULL ? rs_url_parse_expanded (escaped, text, places, 1, error) : NULL;
}
