/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Masking of URLs and rules. Follows the grammar of rules where a text keeps to it and hides whatever has no place in
 * it: what cannot be parsed may hold a key as well. Where a rule's structure is in doubt, the rest of the text is
 * hidden. */
#include "base/mask.h"

#include "base/text.h"

#include <string.h>

#define QUERY "?…"
/* as the grammar has it */
#define MAX_RULE (16 * 1024)
/* those of g_ascii_isspace () */
#define BLANKS " \t\r\n\f"

typedef struct
{
  GString *out;
  const char *p;
  gboolean conditional; /* the alternative has a condition: another one may follow */
} Masker;

static gboolean
has (const char *start, const char *end, const char *needle)
{
  return g_strstr_len (start, end - start, needle) != NULL;
}

static const char *
find_any (const char *start, const char *end, const char *set)
{
  while (start < end && strchr (set, *start) == NULL)
    start++;
  return start;
}

static const char *
find_blank (const char *start, const char *end)
{
  return find_any (start, end, BLANKS);
}

/* Hides, but not twice in a row. */
static void
hide (Masker *masker)
{
  const gsize n = strlen (RS_MASK);
  const GString *out = masker->out;

  if (out->len < n || memcmp (out->str + out->len - n, RS_MASK, n) != 0)
    g_string_append (masker->out, RS_MASK);
}

static void
hide_rest (Masker *masker)
{
  hide (masker);
  masker->p += strlen (masker->p);
}

static void
copy (Masker *masker, const char *end)
{
  g_string_append_len (masker->out, masker->p, end - masker->p);
  masker->p = end;
}

static void
copy_blanks (Masker *masker)
{
  const char *end = masker->p;

  while (g_ascii_isspace (*end))
    end++;
  copy (masker, end);
}

/* --- URLs --- */

/* A macro at p, as far as its form goes, or one character. */
static const char *
skip_macro (const char *p, const char *end)
{
  const char *close = end - p > 2 && p[0] == '$' && p[1] == '(' ? memchr (p, ')', (gsize)(end - p)) : NULL;

  return close != NULL ? close + 1 : p + 1;
}

static gboolean
is_port (const char *start, const char *end)
{
  if (start < end && *start == '$')
    return TRUE;
  return start < end && end - start <= 5 && strspn (start, "0123456789") >= (gsize)(end - start);
}

/* host[:port] as a URL may have it, macros included; anything else may be a password whose “@” is missing. */
static gboolean
is_host_and_port (const char *start, const char *end)
{
  const char *p = start;

  if (p < end && *p == '[')
    {
      p += 1 + strspn (p + 1, "0123456789abcdefABCDEF:.");
      if (p >= end || *p++ != ']')
        return FALSE;
    }
  while (p < end && (g_ascii_isalnum (*p) || strchr (".-_$%", *p) != NULL))
    p = skip_macro (p, end);
  return p == end || (*p == ':' && is_port (p + 1, end));
}

/* What follows "scheme://", or start. */
static const char *
find_authority (const char *start, const char *end)
{
  const char *p = start;

  while (p < end && (g_ascii_isalnum (*p) || strchr ("+-.$()", *p) != NULL))
    p++;
  return end - p >= 3 && strncmp (p, "://", 3) == 0 ? p + 3 : start;
}

/* Everything up to the last "@" goes, wherever it stands: a password may hold a "/" that should have been written %2F.
 */
static void
append_hierarchy (GString *out, const char *start, const char *end)
{
  const char *authority = find_authority (start, end);
  const char *at = g_strrstr_len (authority, end - authority, "@"), *slash = find_any (authority, end, "/"), *blank;

  g_string_append_len (out, start, authority - start);
  if (at != NULL && slash < at)
    g_string_append (out, RS_MASK "@");
  if (at != NULL)
    authority = at + 1;
  slash = find_any (authority, end, "/");
  if ((authority > start || slash < end) && !is_host_and_port (authority, slash))
    {
      g_string_append (out, RS_MASK);
      authority = slash;
    }
  blank = find_blank (authority, end);
  g_string_append_len (out, authority, blank - authority);
  if (blank < end)
    g_string_append (out, " " RS_MASK);
}

/* A URL text between start and end, with whatever it holds where it is none. */
static void
append_url (GString *out, const char *start, const char *end)
{
  const char *query = find_any (start, end, "?#"), *authority = find_authority (start, query);

  /* where a host ends at a "?" or "#" and an "@" follows, it may be a password that holds one */
  if (query < end && find_any (authority, query, "/") == query && memchr (query, '@', (gsize)(end - query)) != NULL)
    {
      g_string_append_len (out, start, authority - start);
      g_string_append (out, RS_MASK);
    }
  else
    append_hierarchy (out, start, query);
  if (query < end)
    g_string_append (out, QUERY);
}

char *
rs_mask_url (const char *url)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (url != NULL)
    append_url (out, url, url + strlen (url));
  return rs_text_escape (out->str, 0);
}

/* --- options --- */

/* The length of --key, --uid or --pwd at p, in any case; 0: none. */
static gsize
match_secret_option (const char *p)
{
  static const char *const names[] = { "--key", "--uid", "--pwd" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_ascii_strncasecmp (p, names[i], strlen (names[i])) == 0)
        return strlen (names[i]);
    }
  return 0;
}

/* The length of an option at p that holds no secret, with its value; 0: none. */
static gsize
match_public_option (const char *p)
{
  static const char *const flags[] = { "--srv", "--delta", "--status" };
  static const char *const letters[] = { "--post", "--alias" };
  gsize n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      if (g_str_has_prefix (p, flags[i]))
        n = strlen (flags[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (letters); i++)
    {
      if (g_str_has_prefix (p, letters[i]))
        {
          n = strlen (letters[i]) + strspn (p + strlen (letters[i]), BLANKS);
          if (p[n] == '"' && g_ascii_isalpha (p[n + 1]) && p[n + 2] == '"')
            n += 3;
          else
            n = g_ascii_isalpha (p[n]) ? n + 1 : 0;
        }
    }
  return p[n] == '\0' || p[n] == ']' || g_ascii_isspace (p[n]) ? n : 0;
}

/* Steps over one value. Quotes that may have been meant otherwise than the grammar reads them end in NULL: nobody knows
 * where. */
static const char *
skip_value (const char *p)
{
  const char *stop;

  if (*p == '"')
    {
      stop = strchr (p + 1, '"');
      if (stop == NULL || stop[-1] == '\\')
        return NULL;
      p = stop + 1;
    }
  stop = p + strcspn (p, "]" BLANKS);
  return *p == '\'' && (stop < p + 2 || stop[-1] != '\'') ? NULL : stop;
}

static void
mask_value (Masker *masker)
{
  const char *stop = skip_value (masker->p);

  if (stop == NULL)
    {
      hide_rest (masker);
      return;
    }
  hide (masker);
  masker->p = stop;
}

static void
mask_option (Masker *masker)
{
  gsize n = match_secret_option (masker->p);

  if (n == 0)
    {
      n = match_public_option (masker->p);
      if (n > 0)
        copy (masker, masker->p + n);
      else
        mask_value (masker);
      return;
    }
  copy (masker, masker->p + n);
  masker->p += strspn (masker->p, "=" BLANKS);
  g_string_append_c (masker->out, ' ');
  /* without a value of its own the next option is not its value */
  if (*masker->p != ']' && strncmp (masker->p, "--", 2) != 0)
    mask_value (masker);
}

static void
mask_bracket (Masker *masker)
{
  copy (masker, masker->p + 1);
  copy_blanks (masker);
  while (*masker->p != '\0' && *masker->p != ']')
    {
      mask_option (masker);
      copy_blanks (masker);
    }
  if (*masker->p == ']')
    copy (masker, masker->p + 1);
}

/* --- groups --- */

/* A word of a condition outside quotes: a macro, a number, a version, an operator. */
static gboolean
is_condition_word (const char *word, const char *end)
{
  static const char *const words[] = { "and", "eq", "ne", "lt", "le", "gt", "ge" };
  gsize n = (gsize)(end - word);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (strlen (words[i]) == n && g_ascii_strncasecmp (word, words[i], n) == 0)
        return TRUE;
    }
  for (const char *p = word; p < end; p++)
    {
      if (!g_ascii_isalnum (*p) && strchr ("$._-():", *p) == NULL)
        return FALSE;
    }
  return *word == '$' || g_ascii_isdigit (word[*word == '-' ? 1 : 0]) || g_ascii_strncasecmp (word, "sip", 3) == 0;
}

/* Whether the text reads like a condition: as the grammar has it, as far as words go, and with a comparison in it. */
static gboolean
is_condition (const char *p, const char *end)
{
  gboolean compares = FALSE;

  while (p < end)
    {
      const char *stop = find_any (p, end, BLANKS "=<>!\"");

      if (*p == '"')
        {
          stop = find_any (p + 1, end, "\"");
          if (stop == end)
            return FALSE;
          stop++;
        }
      else if (stop > p && !is_condition_word (p, stop))
        return FALSE;
      compares |= strchr ("=<>!", *p) != NULL || (stop == p + 2 && g_ascii_isalpha (*p));
      p = MAX (stop, p + 1);
    }
  return compares;
}

/* Copies a condition up to end; a text in quotes that might be a URL or options is hidden. */
static void
mask_condition (Masker *masker, const char *end)
{
  if (!is_condition (masker->p, end))
    {
      hide (masker);
      masker->p = end;
    }
  while (masker->p < end)
    {
      const char *start, *stop;

      copy (masker, find_any (masker->p, end, "\""));
      if (masker->p == end)
        return;
      start = masker->p + 1;
      stop = find_any (start, end, "\"");
      if (find_any (start, stop, "@?#/") < stop || has (start, stop, "--"))
        {
          g_string_append (masker->out, "\"" RS_MASK);
          masker->p = stop;
        }
      copy (masker, stop + 1);
    }
}

/* The "=" after a name at start, or NULL. */
static const char *
find_equals (const char *start, const char *end)
{
  const char *p = start;

  while (p < end && (g_ascii_isalnum (*p) || strchr ("_.-", *p) != NULL))
    p++;
  while (p < end && g_ascii_isspace (*p))
    p++;
  return p > start && p < end && *p == '=' ? p : NULL;
}

/* Copies the names of assignments up to end and hides the values: any parameter may be a secret. */
static void
mask_settings (Masker *masker, const char *end)
{
  copy_blanks (masker);
  while (masker->p < end)
    {
      const char *equals = find_equals (masker->p, end);
      gboolean quoted = FALSE;

      if (equals == NULL)
        {
          hide (masker);
          masker->p = end;
          return;
        }
      copy (masker, equals + 1);
      g_string_append (masker->out, " \"" RS_MASK "\"");
      for (; masker->p < end && (quoted || *masker->p != ';'); masker->p++)
        quoted = quoted != (*masker->p == '"');
      if (masker->p < end)
        copy (masker, masker->p + 1);
      copy_blanks (masker);
    }
}

static void
mask_group (Masker *masker)
{
  const char *close = rs_text_find_close (masker->p, masker->p + strlen (masker->p)), *sign = close;

  copy (masker, masker->p + 1);
  if (close == NULL)
    {
      hide_rest (masker);
      return;
    }
  do
    sign++;
  while (g_ascii_isspace (*sign));
  if (*sign == '?')
    mask_condition (masker, close);
  else if (*sign == '!')
    mask_settings (masker, close);
  else
    hide (masker);
  masker->conditional |= *sign == '?';
  masker->p = close;
  copy (masker, *sign == '?' || *sign == '!' ? sign + 1 : close + 1);
}

/* --- the rule --- */

/* Whether a text such as "tftp://" stands at p, before any blank. */
static gboolean
starts_url (const char *p)
{
  return find_authority (p, p + strcspn (p, BLANKS)) > p;
}

/* Where the URL text at start ends: at the next alternative, at options or at a second rule. In a query brackets and
 * parentheses are nothing. */
static const char *
find_url_end (const char *start)
{
  const char *p = start;
  gboolean query = FALSE;

  for (; *p != '\0' && *p != '|'; p++)
    {
      const char *next = p + strspn (p, BLANKS);
      gboolean ipv6 = p - start >= 2 && (p[-1] == '/' || p[-1] == '@');

      query |= *p == '?' || *p == '#';
      if (next > p && (starts_url (next) || g_str_has_prefix (next, "[--")))
        return p;
      if (!query && ((next > p && *next == '(') || (*p == '[' && !ipv6) || match_secret_option (p) > 0))
        return p;
    }
  return p;
}

/* Hides what stands before a "]" that closes nothing: the tail of a key that was not quoted. */
static const char *
skip_stray_bracket (Masker *masker, const char *end)
{
  for (const char *p = find_any (masker->p, end, "?#"); p > masker->p; p--)
    {
      if (p < end && *p == ']' && !has (masker->p, p, "["))
        {
          hide (masker);
          return p + 1;
        }
    }
  return masker->p;
}

static void
mask_url_part (Masker *masker)
{
  while (*masker->p != '\0' && *masker->p != '|')
    {
      const char *end = *masker->p == '(' ? masker->p : find_url_end (masker->p), *stop = end;
      /* options stand before a URL; a bracket in the middle of one is a part of it, and so is what follows, query and all */
      gboolean within = *end == '[' && end > masker->p && !g_ascii_isspace (end[-1]);

      while (stop > masker->p && g_ascii_isspace (stop[-1]))
        stop--;
      if (stop > masker->p)
        {
          masker->p = skip_stray_bracket (masker, stop);
          /* an account may hold a bracket as well */
          if (within && strchr (end, '@') != NULL)
            {
              copy (masker, find_authority (masker->p, stop));
              hide_rest (masker);
              return;
            }
          /* before another part a word alone is no path */
          if (*end != '\0' && *end != '|' && !has (masker->p, stop, "/"))
            hide (masker);
          else
            append_url (masker->out, masker->p, stop);
          masker->p = stop;
        }
      copy_blanks (masker);
      if (*masker->p == '[')
        {
          mask_bracket (masker);
          if (within)
            hide_rest (masker);
        }
      else if (*masker->p == '(')
        mask_group (masker);
      else if (match_secret_option (masker->p) > 0)
        hide_rest (masker);
    }
}

static void
mask_alternatives (Masker *masker)
{
  while (*masker->p != '\0')
    {
      masker->conditional = FALSE;
      copy_blanks (masker);
      while (*masker->p == '(')
        {
          mask_group (masker);
          copy_blanks (masker);
        }
      mask_url_part (masker);
      if (*masker->p == '|')
        copy (masker, masker->p + 1);
      /* after an alternative without a condition nothing can follow */
      if (*masker->p != '\0' && !masker->conditional)
        hide_rest (masker);
    }
}

char *
rs_mask_rule (const char *rule)
{
  g_autoptr (GString) out = g_string_new (NULL);
  Masker masker = { .out = out, .p = rule != NULL ? rule : "" };

  /* no rule is as long, and nobody waits until it has been read */
  if (strlen (masker.p) > MAX_RULE)
    return g_strdup (RS_MASK);
  copy_blanks (&masker);
  while (*masker.p == '#')
    copy (&masker, masker.p + 1);
  copy_blanks (&masker);
  if (is_condition (masker.p, masker.p + strlen (masker.p)))
    mask_condition (&masker, masker.p + strlen (masker.p));
  else
    mask_alternatives (&masker);
  return rs_text_escape (out->str, G_MAXSIZE);
}

gboolean
rs_mask_is_masked (const char *text)
{
  return text != NULL && strstr (text, RS_MASK) != NULL;
}
