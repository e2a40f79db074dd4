/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Masking of URLs and rules. Works on tokens, not on a parsed rule: what cannot be parsed may hold a key as well. */
#include "base/mask.h"

#include "base/text.h"

#include <string.h>

static gboolean
ends_url (char c)
{
  return c == '\0' || g_ascii_isspace (c) || c == '|' || c == ';' || c == '"' || c == '\'';
}

/* Appends the URL-like token that starts at p and returns what follows it. */
static const char *
append_url (GString    *out,
            const char *p)
{
  const char *end = p, *authority, *slash, *at = NULL, *query;

  while (!ends_url (*end))
    end++;
  authority = g_strstr_len (p, end - p, "://");
  authority = authority != NULL ? authority + 3 : p;
  slash = authority;
  while (slash < end && *slash != '/' && *slash != '?' && *slash != '#')
    slash++;
  for (const char *q = authority; q < slash; q++)
    {
      if (*q == '@')
        at = q;
    }
  query = slash;
  while (query < end && *query != '?' && *query != '#')
    query++;
  if (at != NULL)
    {
      g_string_append_len (out, p, authority - p);
      g_string_append_len (out, at + 1, query - at - 1);
    }
  else
    g_string_append_len (out, p, query - p);
  if (query < end)
    g_string_append (out, "?…");
  return end;
}

char *
rs_mask_url (const char *url)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (url == NULL)
    return g_strdup ("");
  /* the rest of a text with blanks in it is no URL and may be anything */
  if (*append_url (out, url) != '\0')
    g_string_append (out, "…");
  return rs_text_escape (out->str, 0);
}

static const char *
skip_option_value (const char *p)
{
  char quote;

  while (g_ascii_isspace (*p) || *p == '=')
    p++;
  quote = *p;
  if (quote != '"' && quote != '\'')
    {
      while (*p != '\0' && !g_ascii_isspace (*p) && *p != ']')
        p++;
      return p;
    }
  for (p++; *p != '\0' && *p != quote; p++)
    {
      if (*p == '\\' && p[1] != '\0')
        p++;
    }
  return *p == quote ? p + 1 : p;
}

char *
rs_mask_rule (const char *rule)
{
  static const char *const secret_options[] = { "--key", "--uid", "--pwd" };
  GString *out = g_string_new (NULL);
  const char *p = rule != NULL ? rule : "";
  gboolean after_parenthesis = FALSE; /* a "?" or "!" here ends a condition or assignments and starts no query */

  while (*p != '\0')
    {
      const char *option = NULL;

      for (guint i = 0; i < G_N_ELEMENTS (secret_options); i++)
        {
          if (g_ascii_strncasecmp (p, secret_options[i], strlen (secret_options[i])) == 0)
            option = secret_options[i];
        }
      if (option != NULL)
        {
          p = skip_option_value (p + strlen (option));
          g_string_append_printf (out, "%s " RS_MASK, option);
        }
      else if (ends_url (*p) || strchr ("[]()", *p) != NULL || (strchr ("?!", *p) != NULL && after_parenthesis))
        {
          after_parenthesis = *p == ')';
          g_string_append_c (out, *p++);
        }
      else
        p = append_url (out, p);
    }
  return g_string_free (out, FALSE);
}

gboolean
rs_mask_is_masked (const char *text)
{
  return text != NULL && strstr (text, RS_MASK) != NULL;
}
