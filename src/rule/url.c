/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The URL as a value: schemes, copies, text. */
#include "rule/url.h"

#include "base/secret.h"

#include <string.h>

static const struct
{
  const char *name;
  guint16 port;
} schemes[] = {
  [RS_SCHEME_TFTP] = { "tftp", 69 },
  [RS_SCHEME_HTTP] = { "http", 80 },
  [RS_SCHEME_HTTPS] = { "https", 443 },
  [RS_SCHEME_GDS] = { "gds", 0 },
};

const char *
rs_scheme_name (RsScheme scheme)
{
  return schemes[scheme].name;
}

guint16
rs_scheme_port (RsScheme scheme)
{
  return schemes[scheme].port;
}

gboolean
rs_scheme_from_name (const char *name, RsScheme *scheme)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (schemes); i++)
    {
      if (g_ascii_strcasecmp (schemes[i].name, name) == 0)
        {
          *scheme = i;
          return TRUE;
        }
    }
  return FALSE;
}

RsUrl *
rs_url_copy (const RsUrl *url)
{
  RsUrl *copy;

  if (url == NULL)
    return NULL;
  copy = g_new (RsUrl, 1);
  *copy = *url;
  copy->host = g_strdup (url->host);
  copy->path = g_strdup (url->path);
  copy->user = g_strdup (url->user);
  copy->password = g_strdup (url->password);
  return copy;
}

void
rs_url_free (RsUrl *url)
{
  if (url == NULL)
    return;
  g_free (url->host);
  rs_secret_free (url->path);
  rs_secret_free (url->user);
  rs_secret_free (url->password);
  g_free (url);
}

char *
rs_url_to_string (const RsUrl *url)
{
  gboolean bracket = url->host != NULL && strchr (url->host, ':') != NULL;
  GString *out = g_string_new (NULL);

  g_string_printf (out, "%s://", rs_scheme_name (url->scheme));
  if (url->scheme == RS_SCHEME_GDS)
    return g_string_free (out, FALSE);
  if (url->host != NULL)
    g_string_append_printf (out, bracket ? "[%s]" : "%s", url->host);
  if (url->host != NULL && url->port != rs_scheme_port (url->scheme))
    g_string_append_printf (out, ":%u", url->port);
  g_string_append (out, url->path);
  return g_string_free (out, FALSE);
}
