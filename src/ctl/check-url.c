/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URLs that can be read and lead elsewhere than they look: what names no server as RULE-7 has it is a path on the server that the phone finds, and
 * a sign too many is a part of the path. */
#include "config.h"

#include "ctl/checking.h"

#include "rule/macro-scan.h"

#include <glib/gi18n.h>
#include <string.h>

/* Names that no file ends with: two letters are a country, but for these. */
static gboolean
is_top_level (const char *label,
              gsize       length)
{
  static const char *const domains[] = { "com", "net", "org", "info", "biz", "local", "lan", "home", "internal", "example", "test", NULL };
  static const char *const files[] = { "gz", "sh", "py", "js", NULL };
  g_autofree char *name = g_ascii_strdown (label, (gssize) length);

  if (g_strv_contains (domains, name))
    return TRUE;
  return length == 2 && g_ascii_isalpha (name[0]) && g_ascii_isalpha (name[1]) && !g_strv_contains (files, name);
}

/* Whether a text without any "/" is a server by its looks. */
static gboolean
is_server (const char *text)
{
  gsize length = strcspn (text, ":"), digits = text[length] == ':' ? strspn (text + length + 1, "0123456789") : 0;
  g_autofree char *host = g_strndup (text, length);
  const char *dot = strrchr (host, '.');

  if (text[length] == ':' && (digits == 0 || text[length + 1 + digits] != '\0'))
    return FALSE;
  if (g_hostname_is_ip_address (host))
    return TRUE;
  return dot != NULL && host[strspn (host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")] == '\0'
         && is_top_level (dot + 1, strlen (dot + 1));
}

/* A server that is none, as something is missing; *at: where. */
static const char *
find_lost_server (const char *url,
                  gsize      *at)
{
  gsize word = strcspn (url, ":/?#$");
  g_autofree char *scheme = g_strndup (url, word);
  RsScheme known;

  *at = 0;
  if (url[0] == '/' && url[1] == '/')
    return _("No scheme stands before “//”: this is a path on the server that the phone finds; write https:// or http://");
  if (!g_str_has_prefix (url, "gds:") && url[strcspn (url, "/?#$")] == '\0' && is_server (url))
    return _("This is the name of a file on the server that the phone finds: a server has a “/” behind it, or https:// before it");
  *at = word;
  if (url[word] == '/' && rs_scheme_from_name (scheme, &known))
    return _("No “:” stands here: this is a server of that name, and no scheme; write https:// or http://");
  *at = word + strlen ("://");
  if (g_str_has_prefix (url + word, ":///"))
    return _("No server stands here: this is a path on the server that the phone finds");
  return NULL;
}

/* A sign of the path that is meant for something else. */
static const char *
find_stray_sign (const char *url,
                 gsize      *at)
{
  gsize path = strcspn (url, "?#");

  *at = strcspn (url, "\\?#");
  if (url[*at] == '\\')
    return _("“\\” is a part of the URL's path; a “/” separates what stands in a URL");
  *at = path - 1;
  if (path > 0 && url[path] == '\0' && strchr (";,", url[path - 1]) != NULL)
    return _("This sign is a part of the URL's path");
  return NULL;
}

void
rs_checking_parts (RsChecking         *checking,
                   const RsAssignment *assignment)
{
  static const char *const parts[] = { "SCHEME", "METH", "SERV", "SERVIP", "PORT", "PATH", NULL };
  const char *rule = assignment->value;
  RsMacroUse use;

  for (const char *p = strchr (rule, '$'); p != NULL; p = strchr (p, '$'))
    {
      gboolean is_macro = rs_macro_scan (p, &use);

      if (is_macro && g_strv_contains (parts, use.name))
        {
          rs_checking_add (checking, assignment, (guint) g_utf8_pointer_to_offset (rule, p) + 1, RS_FOUND_CONSTANT, FALSE,
                           _("$%s is empty here: it is a part of the URL that was fetched, for messages and bodies"), use.name);
          return;
        }
      p += is_macro ? use.length : 1;
    }
}

void
rs_checking_url (RsChecking          *checking,
                 const RsAssignment  *assignment,
                 const RsRuleOutline *outline)
{
  gsize at = 0;
  const char *message;

  if (outline->url == NULL)
    return;
  if (outline->second_url_column > 0)
    {
      rs_checking_add (checking, assignment, outline->second_url_column, RS_FOUND_BAD_RULE, FALSE,
                       _("This is a part of the URL's path: a “;” or “,” separates no servers in a rule"));
      return;
    }
  message = find_stray_sign (outline->url, &at);
  if (message == NULL)
    message = find_lost_server (outline->url, &at);
  if (message != NULL)
    rs_checking_add (checking, assignment, outline->url_column + (guint) g_utf8_strlen (outline->url, (gssize) at), RS_FOUND_BAD_RULE, FALSE, "%s",
                     message);
}
