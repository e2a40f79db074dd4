/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Secrets in texts of which nobody says that they are URLs: values of general purpose, values that were meant for something else. */
#include "base/mask.h"

#include <string.h>

#define FIELD_ENDS "?&;, \t\r\n"

/* Whether one of the words, in any case. */
static gboolean
is_one_of (const char *const *words, const char *word, gsize length)
{
  for (; *words != NULL; words++)
    {
      if (strlen (*words) == length && g_ascii_strncasecmp (*words, word, length) == 0)
        return TRUE;
    }
  return FALSE;
}

/* The bytes of the word at p: "api_key", "x-auth" and "userPass" have two. */
static gsize
word_length (const char *p, const char *end)
{
  const char *q = p;

  while (q < end && g_ascii_isalnum (*q) && (q == p || !g_ascii_isupper (*q) || !g_ascii_islower (q[-1])))
    q++;
  return (gsize)(q - p);
}

gboolean
rs_mask_is_secret_name (const char *name, gsize length)
{
  static const char *const words[]
      = { "key", "pw", "tok", "pass", "psw", "psk", "pin", "auth", "authorization", "sig", "signature", "otp", "ikm", "passcode", "userpass",
          "adminpass", "authkey", "accesskey", "credential", "credentials", NULL };
  static const char *const parts[] = { "password", "passwd", "passphrase", "pwd", "token", "secret", "apikey" };
  g_autofree char *lower = g_ascii_strdown (name, (gssize)length);
  const char *end = name + length;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      if (strstr (lower, parts[i]) != NULL)
        return TRUE;
    }
  for (const char *p = name; p < end;)
    {
      gsize n = word_length (p, end);

      if (is_one_of (words, p, n))
        return TRUE;
      p += MAX (n, 1);
    }
  return FALSE;
}

/* NAME=VALUE, where the name is that of a secret. */
static gboolean
has_secret_field (const char *text)
{
  for (const char *p = text; *p != '\0';)
    {
      gsize n = strcspn (p, FIELD_ENDS), name = strcspn (p, "=" FIELD_ENDS);

      if (name + 1 < n && p[name] == '=' && rs_mask_is_secret_name (p, name))
        return TRUE;
      p += n + (p[n] != '\0');
    }
  return FALSE;
}

/* "sip:alice@example.com" names somebody; with a second colon a password may stand in it. */
static gboolean
is_address (const char *word, const char *colon, const char *at)
{
  static const char *const schemes[] = { "sip", "sips", "mailto", NULL };
  const char *scheme = colon;

  while (scheme > word && g_ascii_isalpha (scheme[-1]))
    scheme--;
  return is_one_of (schemes, scheme, (gsize)(colon - scheme)) && memchr (colon + 1, ':', (gsize)(at - colon - 1)) == NULL;
}

/* "user:password@", wherever it stands. */
static gboolean
has_account (const char *text)
{
  const char *word = text;

  for (const char *p = text; *p != '\0'; p++)
    {
      const char *colon = *p == '@' ? memchr (word, ':', (gsize)(p - word)) : NULL;

      if (colon != NULL && !is_address (word, colon, p))
        return TRUE;
      if (*p == '@' || g_ascii_isspace (*p))
        word = p + 1;
    }
  return FALSE;
}

/* "--key", "--uid" or "--pwd": the text may be a rule. */
static gboolean
has_secret_option (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '-'
          && (g_ascii_strncasecmp (p, "--key", 5) == 0 || g_ascii_strncasecmp (p, "--uid", 5) == 0 || g_ascii_strncasecmp (p, "--pwd", 5) == 0))
        return TRUE;
    }
  return FALSE;
}

char *
rs_mask_text (const char *text)
{
  const char *url = strstr (text, "://");

  if (has_secret_option (text))
    return rs_mask_rule (text);
  if ((url != NULL && strpbrk (url, "@?#") != NULL) || has_account (text))
    return rs_mask_url (text);
  if (has_secret_field (text))
    return strchr (text, '?') != NULL ? rs_mask_url (text) : g_strdup (RS_MASK);
  return g_strdup (text);
}
