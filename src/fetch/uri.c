/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Building and joining of URLs, on GUri. */
#include "fetch/uri.h"

#include "base/mask.h"
#include "base/text.h"

#include <libsoup/soup.h>
#include <string.h>

#define LOCATION_MAX 4096

/* What may stand in a URI as it is (RFC 3986), "%" of escapes included. Servers and rules are not always careful with
 * the rest. */
static char *
encode (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const guchar *p = (const guchar *)text; *p != '\0'; p++)
    {
      if (g_ascii_isalnum (*p) || strchr ("-._~:/?#[]@!$&'()*+,;=%", *p) != NULL)
        g_string_append_c (out, (char)*p);
      else
        g_string_append_printf (out, "%%%02X", *p);
    }
  return g_string_free (out, FALSE);
}

static int
scheme_port (const char *scheme)
{
  return g_str_equal (scheme, "https") ? 443 : g_str_equal (scheme, "http") ? 80 : 69;
}

/* The same without userinfo, fragment and the scheme's own port, and with "/" for no path. */
static GUri *
strip (GUri *uri)
{
  const char *path = g_uri_get_path (uri);
  int port = g_uri_get_port (uri);

  if (port == scheme_port (g_uri_get_scheme (uri)))
    port = -1;
  return g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri), port,
                      *path != '\0' ? path : "/", g_uri_get_query (uri), NULL);
}

GUri *
rs_uri_from_request (const RsRequest *request, GError **error)
{
  const char *open = strchr (request->host, ':') != NULL ? "[" : "";
  const char *close = *open != '\0' ? "]" : "";
  const char *slash = *request->path == '/' ? "" : "/";
  g_autofree char *path = encode (request->path);
  g_autofree char *text
      = g_strdup_printf ("%s://%s%s%s:%u%s%s", request->scheme, open, request->host, close, request->port, slash, path);
  g_autoptr (GUri) uri = g_uri_parse (text, SOUP_HTTP_URI_FLAGS, NULL);

  if (uri == NULL)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "the URL cannot be asked; check the rule");
      return NULL;
    }
  return strip (uri);
}

static gboolean
is_host (const char *host)
{
  if (host == NULL || *host == '\0' || strlen (host) > 253)
    return FALSE;
  for (; *host != '\0'; host++)
    {
      if (!g_ascii_isalnum (*host) && strchr (".-_:", *host) == NULL)
        return FALSE;
    }
  return TRUE;
}

static const char *
redirect_fault (GUri *base, GUri *target)
{
  const char *scheme = g_uri_get_scheme (target);
  gboolean secure = g_str_equal (g_uri_get_scheme (base), "https");

  if (!g_str_equal (scheme, "http") && !g_str_equal (scheme, "https"))
    return "only http and https are followed";
  if (secure && g_str_equal (scheme, "http"))
    return "from https to http none is followed";
  return is_host (g_uri_get_host (target)) ? NULL : "it names no host";
}

GUri *
rs_uri_redirect (GUri *base, const char *location, GError **error)
{
  /* the query may be a secret, and so may an account */
  g_autofree char *masked = rs_mask_url (location);
  g_autofree char *shown = rs_text_escape (masked, 200);
  g_autofree char *encoded = NULL;
  g_autoptr (GUri) target = NULL;
  const char *fault = NULL;

  if (strlen (location) > LOCATION_MAX)
    fault = "it is too long";
  else
    {
      encoded = encode (location);
      target = g_uri_parse_relative (base, encoded, SOUP_HTTP_URI_FLAGS, NULL);
      fault = target != NULL ? redirect_fault (base, target) : "it is no URL";
    }
  if (fault != NULL)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the server redirects to “%s”: %s", shown, fault);
      return NULL;
    }
  return strip (target);
}

gboolean
rs_uri_same_host (GUri *a, GUri *b)
{
  return g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0;
}

guint16
rs_uri_port (GUri *uri)
{
  int port = g_uri_get_port (uri);

  return (guint16)(port > 0 ? port : scheme_port (g_uri_get_scheme (uri)));
}

gboolean
rs_uri_same_server (GUri *a, GUri *b)
{
  guint16 from = rs_uri_port (a), to = rs_uri_port (b);
  gboolean upgrade = from == 80 && to == 443 && g_str_equal (g_uri_get_scheme (a), "http")
                     && g_str_equal (g_uri_get_scheme (b), "https");

  return rs_uri_same_host (a, b) && (from == to || upgrade);
}

gboolean
rs_uri_same_origin (GUri *a, GUri *b, guint16 port)
{
  return g_str_equal (g_uri_get_scheme (a), g_uri_get_scheme (b)) && rs_uri_same_host (a, b)
         && (rs_uri_port (b) == rs_uri_port (a) || rs_uri_port (b) == port);
}

GUri *
rs_uri_at (GUri *uri, const char *host, guint16 port)
{
  return g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL, host, port, g_uri_get_path (uri),
                      g_uri_get_query (uri), NULL);
}

char *
rs_uri_target (GUri *uri)
{
  const char *query = g_uri_get_query (uri);

  return query != NULL ? g_strconcat (g_uri_get_path (uri), "?", query, NULL) : g_strdup (g_uri_get_path (uri));
}

char *
rs_uri_decode_file (const char *path)
{
  GString *out = g_string_new (NULL);

  for (const char *p = path; *p != '\0'; p++)
    {
      int high = *p == '%' ? g_ascii_xdigit_value (p[1]) : -1;
      int low = high >= 0 ? g_ascii_xdigit_value (p[2]) : -1;
      int byte = low >= 0 ? high * 16 + low : -1;

      if (byte >= 0x20 && byte != 0x7f)
        {
          g_string_append_c (out, (char)byte);
          p += 2;
        }
      else
        g_string_append_c (out, *p);
    }
  return g_string_free (out, FALSE);
}
