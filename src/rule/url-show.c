/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a URL has its parts is decided by the text that macros have made of it: a password may bring the "@" behind it. */
#include "rule/url-show.h"

#include "base/mask.h"
#include "base/secret.h"

#include <string.h>

typedef struct
{
  const char *written;
  const char *expanded;
  const GArray *places; /* RsMacroPlace */
  gboolean (*shows) (const RsMacroUse *use, gpointer data);
  gpointer data;
} Source;

static gboolean
is_hidden (const Source *source, const RsMacroPlace *place)
{
  RsMacroUse use;

  return rs_macro_scan (source->written + place->written_start, &use) && !source->shows (&use, source->data);
}

/* Whether a macro stands between two bytes of the expanded text. One that stands for nothing does on the edges, too: that it does is its own
 * business. */
static gboolean
stands_in (const RsMacroPlace *place, gsize start, gsize end)
{
  if (place->start == place->end)
    return place->start >= start && place->start <= end;
  return place->start < end && place->end > start;
}

/* Whether any that is hidden does. */
static gboolean
hides (const Source *source, gsize start, gsize end)
{
  for (guint i = 0; i < source->places->len; i++)
    {
      const RsMacroPlace *place = &g_array_index (source->places, RsMacroPlace, i);

      if (stands_in (place, start, end) && is_hidden (source, place))
        return TRUE;
    }
  return FALSE;
}

/* The bytes of the expanded text from start to end. */
static void
append (GString *out, const Source *source, gsize start, gsize end)
{
  for (guint i = 0; i < source->places->len; i++)
    {
      const RsMacroPlace *place = &g_array_index (source->places, RsMacroPlace, i);

      if (!stands_in (place, start, end) || !is_hidden (source, place))
        continue;
      if (place->start > start)
        g_string_append_len (out, source->expanded + start, (gssize)(place->start - start));
      if (!g_str_has_suffix (out->str, RS_MASK))
        g_string_append (out, RS_MASK);
      start = MIN (place->end, end);
    }
  g_string_append_len (out, source->expanded + start, (gssize)(end - start));
}

/* Where a scheme ends, and where the server does, as they were read. */
static void
find_server (const RsUrl *url, const char *text, gsize *start, gsize *end)
{
  const char *server = url->scheme_given ? strstr (text, "://") + 3 : text;

  *start = (gsize)(server - text);
  *end = *start + (url->host != NULL ? strcspn (server, "/?#") : 0);
}

/* Whether an "@" behind the server says that there may be a password whose "/", "?" or "#" was not written %XX. */
static gboolean
may_be_account (const char *text, gsize end, gsize query)
{
  return memchr (text + end, '@', query - end) != NULL || (end == query && strchr (text + query, '@') != NULL);
}

static char *
show (const RsUrl *url, const Source *source)
{
  const char *text = source->expanded, *at;
  gsize start, end, query = strcspn (text, "?#");
  GString *out;

  find_server (url, text, &start, &end);
  if (may_be_account (text, end, query))
    return g_strdup (RS_MASK);
  out = g_string_new (NULL);
  at = g_strrstr_len (text + start, (gssize)(end - start), "@");
  if (url->host != NULL)
    {
      g_string_append_printf (out, "%s://", rs_scheme_name (url->scheme));
      append (out, source, at != NULL ? (gsize)(at + 1 - text) : start, end);
    }
  if (hides (source, end, query))
    {
      g_string_append (out, text[end] != '/' ? "/" : "");
      append (out, source, end, query);
    }
  else
    g_string_append_len (out, url->path, (gssize)strcspn (url->path, "?#"));
  /* by http a fragment stays here */
  if (text[query] == '?' || (text[query] != '\0' && (!url->scheme_given || url->scheme == RS_SCHEME_TFTP)))
    g_string_append (out, "?…");
  return g_string_free (out, FALSE);
}

char *
rs_url_show (const RsUrl *url, const char *written, const RsMacros *macros, gboolean (*shows) (const RsMacroUse *use, gpointer data),
             gpointer data)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (RsMacroPlace));
  g_auto (RsSecretString) expanded = rs_macro_expand_placed (written, macros, TRUE, places, 1, NULL);
  const Source source = { written, expanded, places, shows, data };
  g_auto (RsSecretString) text = NULL;

  if (expanded == NULL)
    return g_strdup (RS_MASK);
  if (url->scheme != RS_SCHEME_GDS && hides (&source, 0, G_MAXSIZE))
    return show (url, &source);
  text = url->host != NULL || url->scheme == RS_SCHEME_GDS ? rs_url_to_string (url) : g_strdup (url->path);
  return rs_mask_url (text);
}
