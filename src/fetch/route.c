/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading lists of proxies. */
#include "fetch/route.h"

#include "base/text.h"

#include <string.h>

#define ROUTES_MAX 8
/* what a "PROXY host" without a port means everywhere */
#define PORT_DEFAULT 80

void
rs_route_free (RsRoute *route)
{
  g_free (route->host);
  g_free (route);
}

static gboolean
is_host (const char *host)
{
  if (*host == '\0' || strlen (host) > 253)
    return FALSE;
  for (; *host != '\0'; host++)
    {
      if (!g_ascii_isalnum (*host) && strchr (".-_:", *host) == NULL)
        return FALSE;
    }
  return TRUE;
}

/* "host", "host:port", "[address]" or "[address]:port". NULL: none of these. */
static RsRoute *
parse_proxy (const char *text)
{
  const char *end = *text == '[' ? strchr (text, ']') : text + strcspn (text, ":");
  const char *rest = end != NULL && *text == '[' ? end + 1 : end;
  g_autofree char *host = NULL;
  guint64 port = PORT_DEFAULT;
  RsRoute *route;

  if (end == NULL)
    return NULL;
  host = *text == '[' ? g_strndup (text + 1, end - text - 1) : g_strndup (text, end - text);
  if (!is_host (host) || (*rest != '\0' && (*rest != ':' || !rs_text_to_uint64 (rest + 1, 1, G_MAXUINT16, &port, NULL))))
    return NULL;
  route = g_new0 (RsRoute, 1);
  route->host = g_steal_pointer (&host);
  route->port = (guint16)port;
  return route;
}

/* As a request has it: one that names no proxy is NULL. */
static RsRoute *
parse_plain (const char *text)
{
  return g_ascii_strcasecmp (text, "DIRECT") == 0 ? g_new0 (RsRoute, 1) : parse_proxy (text);
}

/* As a file answers, with its word before it. FALSE: it cannot be read. *route is NULL for what is left out. */
static gboolean
parse_worded (const char *text, RsRoute **route)
{
  static const char *const unused[] = { "SOCKS", "SOCKS4", "SOCKS5", "HTTPS", "QUIC" };
  gsize length = strcspn (text, " \t");
  const char *rest = text + length + strspn (text + length, " \t");
  g_autofree char *word = g_strndup (text, length);

  *route = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (unused); i++)
    {
      if (*rest != '\0' && g_ascii_strcasecmp (word, unused[i]) == 0)
        return TRUE;
    }
  if (*rest == '\0' && g_ascii_strcasecmp (word, "DIRECT") == 0)
    *route = g_new0 (RsRoute, 1);
  else if (g_ascii_strcasecmp (word, "PROXY") == 0 || g_ascii_strcasecmp (word, "HTTP") == 0)
    *route = parse_proxy (rest);
  return *route != NULL;
}

static GPtrArray *
parse_list (const char *list, gboolean worded, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (list, ";", -1);
  g_autoptr (GPtrArray) routes = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_route_free);

  for (guint i = 0; parts[i] != NULL && routes->len < ROUTES_MAX; i++)
    {
      RsRoute *route = NULL;

      if (*g_strstrip (parts[i]) == '\0')
        continue;
      if (worded ? !parse_worded (parts[i], &route) : (route = parse_plain (parts[i])) == NULL)
        {
          g_autofree char *shown = rs_text_escape (parts[i], 60);

          g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "“%s” names no proxy", shown);
          return NULL;
        }
      if (route != NULL)
        g_ptr_array_add (routes, route);
    }
  if (routes->len > 0)
    return g_steal_pointer (&routes);
  g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "no proxy is named that speaks HTTP");
  return NULL;
}

GPtrArray *
rs_routes_parse (const char *list, GError **error)
{
  return parse_list (*list != '\0' ? list : "DIRECT", FALSE, error);
}

GPtrArray *
rs_routes_parse_answer (const char *answer, GError **error)
{
  static const char *const nothing[] = { "", "null", "undefined" };

  for (gsize i = 0; i < G_N_ELEMENTS (nothing); i++)
    {
      if (strcmp (answer, nothing[i]) == 0)
        return parse_list ("DIRECT", TRUE, error);
    }
  return parse_list (answer, TRUE, error);
}

char *
rs_route_name (const char *host, guint16 port)
{
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}

char *
rs_routes_to_string (GPtrArray *routes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < routes->len; i++)
    {
      const RsRoute *route = routes->pdata[i];
      g_autofree char *name = route->host != NULL ? rs_route_name (route->host, route->port) : g_strdup ("DIRECT");

      g_string_append_printf (text, "%s%s", i > 0 ? ";" : "", name);
    }
  return g_string_free (text, FALSE);
}
