/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads values of a rule. A value is kept as a text that only expansion changes: a "$" that an escape made is doubled,
 * a macro that was written is put in parentheses, so that what is expanded is exactly what rs_macro_names () sees in
 * the rule (RULE-10). */
#include "rule/cursor.h"

#include "base/mask.h"
#include "base/secret.h"
#include "rule/fault.h"
#include "rule/macro-scan.h"
#include "rule/options.h"

#include <string.h>

#define OCTAL_DIGITS 3
#define MAX_WORD     32

void
rs_rule_text_clear (RsRuleText *text)
{
  rs_secret_free (text->source);
  memset (text, 0, sizeof *text);
}

char *
rs_rule_text_expand (const RsRuleText *text, const RsMacros *macros, GError **error)
{
  char *expanded = rs_macro_expand (text->source, macros, TRUE, error);

  /* it counts in the source, which escapes have left behind */
  if (expanded == NULL && error != NULL)
    {
      g_clear_error (error);
      rs_rule_fault_macros (error, text->column);
    }
  return expanded;
}

guint
rs_cursor_column (const RsCursor *cursor, const char *at)
{
  RsColumns *columns = cursor->columns;

  if (columns->at == NULL || at < columns->at)
    *columns = (RsColumns){ cursor->text, 1 };
  columns->column += rs_rule_column (columns->at, at) - 1;
  columns->at = at;
  return columns->column;
}

/* The bytes of a word of letters, digits and some signs, or 0: what goes on otherwise might have been meant for something else. */
static gsize
word_length (const RsCursor *cursor, const char *at, const char *signs)
{
  const char *p = at;

  while (p < cursor->end && (g_ascii_isalnum (*p) || strchr (signs, *p) != NULL))
    p++;
  if (p - at > MAX_WORD || (p < cursor->end && !g_ascii_isspace (*p) && strchr ("()=<>!|\"", *p) == NULL))
    return 0;
  return (gsize)(p - at);
}

/* Whether the condition around a place asks for a register: what it is compared with may be as secret as that one. */
static gboolean
asks_register (const RsCursor *cursor, const char *at)
{
  const char *start = at;
  RsMacroUse use;

  while (start > cursor->text && start[-1] != '|' && (start[-1] != '(' || (start - 1 > cursor->text && start[-2] == '$')))
    start--;
  for (const char *p = start; p < cursor->end; p++)
    {
      if (*p == '$' && rs_macro_scan (p, &use) && use.name[0] != '$' && use.name[1] == '\0')
        return TRUE;
    }
  return FALSE;
}

/* A word of a condition, or NULL. */
static char *
quote_word (const RsCursor *cursor, const char *at)
{
  gsize n = word_length (cursor, at, "._-,&*+");

  return n > 0 && !asks_register (cursor, at) ? rs_rule_quote (at, n) : NULL;
}

/* Any other word, where the rule may be shown with it: where another word in its place shows. */
static char *
quote_shown (const RsCursor *cursor, const char *at)
{
  gsize n = word_length (cursor, at, "._-"), places = 0, differ = 0;
  g_auto (RsSecretString) other = n > 0 ? g_strdup (cursor->text) : NULL;
  g_autofree char *shown = NULL, *other_shown = NULL;

  if (n == 0)
    return NULL;
  for (char *p = other + (at - cursor->text), *end = p + n; p < end; p++)
    {
      places += g_ascii_isalnum (*p);
      *p = g_ascii_isdigit (*p) ? "1032547698"[*p - '0'] : g_ascii_isalpha (*p) ? *p == 'q' ? 'z' : 'q' : *p;
    }
  shown = rs_mask_rule (cursor->text);
  other_shown = rs_mask_rule (other);
  if (strlen (shown) != strlen (other_shown))
    return NULL;
  for (gsize i = 0; shown[i] != '\0'; i++)
    differ += shown[i] != other_shown[i];
  return places > 0 && differ == places ? rs_rule_quote (at, n) : NULL;
}

/* Whether what stands before a place, and a blank, is a URL with a query, which may go on behind the blank. */
static gboolean
is_behind_query (const RsCursor *cursor, const char *at)
{
  const char *end = at, *start;

  while (end > cursor->text && g_ascii_isspace (end[-1]))
    end--;
  for (start = end; start > cursor->text && !g_ascii_isspace (start[-1]); start--)
    ;
  return memchr (start, '?', (gsize)(end - start)) != NULL;
}

/* A URL with a scheme, as the whole rule would be shown with it, or NULL. */
static char *
quote_url (const RsCursor *cursor, const char *at)
{
  const char *end = at;
  g_autofree char *scheme = g_strndup (at, MIN (strcspn (at, ":"), MAX_WORD));
  g_auto (RsSecretString) url = NULL;
  g_autofree char *shown = NULL;
  RsScheme known;

  if (is_behind_query (cursor, at) || !rs_scheme_from_name (scheme, &known) || !g_str_has_prefix (at + strlen (scheme), "://"))
    return NULL;
  while (end < cursor->end && !g_ascii_isspace (*end) && *end != '|')
    end++;
  url = g_strndup (at, (gsize)(end - at));
  shown = rs_mask_url (url);
  return rs_rule_shows (cursor->text, shown) ? rs_rule_quote (shown, strlen (shown)) : NULL;
}

/* What stands there, as an error may say it. */
static char *
quote (const RsCursor *cursor, const char *at)
{
  gsize option = rs_rule_match_option (at);
  char *shown = NULL;

  if (option > 0)
    return rs_rule_quote (at, option);
  if (cursor->shows == RS_SHOWS_WORDS)
    shown = quote_word (cursor, at);
  else if (cursor->shows == RS_SHOWS_URLS)
    shown = quote_url (cursor, at);
  if (shown == NULL && cursor->shows != RS_SHOWS_WORDS)
    shown = quote_shown (cursor, at);
  return shown != NULL ? shown : rs_rule_quote_sign (at);
}

static gboolean
fault (const RsCursor *cursor, const char *at, GError **error, const char *found, const char *format, va_list args)
{
  g_autofree char *expected = g_strdup_vprintf (format, args);

  rs_rule_fault (error, rs_cursor_column (cursor, at), found, "%s", expected);
  return FALSE;
}

gboolean
rs_cursor_fault (const RsCursor *cursor, const char *at, GError **error, const char *format, ...)
{
  g_autofree char *found = quote (cursor, at);
  va_list args;

  va_start (args, format);
  fault (cursor, at, error, found, format, args);
  va_end (args);
  return FALSE;
}

gboolean
rs_cursor_fault_found (const RsCursor *cursor, const char *at, GError **error, const char *found, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  fault (cursor, at, error, found, format, args);
  va_end (args);
  return FALSE;
}

void
rs_cursor_skip_blanks (RsCursor *cursor)
{
  while (cursor->p < cursor->end && g_ascii_isspace (*cursor->p))
    cursor->p++;
}

gboolean
rs_cursor_is_at (const RsCursor *cursor, char c)
{
  return cursor->p < cursor->end && *cursor->p == c;
}

gboolean
rs_cursor_accept (RsCursor *cursor, char c)
{
  if (!rs_cursor_is_at (cursor, c))
    return FALSE;
  cursor->p++;
  return TRUE;
}

gboolean
rs_rule_is_octal (const char *p, const char *stop)
{
  return stop - p > OCTAL_DIGITS && p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' && p[2] <= '7'
         && p[3] >= '0' && p[3] <= '7';
}

static void
append_literal (GString *out, char c)
{
  if (c == '$')
    g_string_append_c (out, c);
  g_string_append_c (out, c);
}

static gboolean
append_octal (RsCursor *cursor, GString *out, GError **error)
{
  const char *p = cursor->p;
  guint8 c = (guint8)((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0'));

  if (c < 0x20 || c == 0x7f)
    return rs_cursor_fault_found (cursor, p, error, "the octal code of a control character",
                                  "that of a printable character");
  append_literal (out, (char)c);
  cursor->p += 1 + OCTAL_DIGITS;
  return TRUE;
}

/* Parentheses keep a name from growing by what an escape after it makes. */
static void
append_macro (RsCursor *cursor, GString *out, const RsMacroUse *use, gboolean before_escape, RsRuleText *text)
{
  gboolean dollar = strcmp (use->name, "$") == 0;

  if (before_escape && !use->parenthesised && !dollar)
    g_string_append_printf (out, "$(%s)", use->name);
  else
    g_string_append_len (out, cursor->p, (gssize)use->length);
  text->macros |= !dollar;
  text->secret |= use->secret;
  cursor->p += use->length;
}

gboolean
rs_cursor_read_until (RsCursor *cursor, const char *stop, gboolean escapes, RsRuleText *text, GError **error)
{
  const char *start = cursor->p;
  /* large enough for any outcome: a secret that moves leaves a copy behind */
  GString *out = g_string_sized_new (3 * (gsize)(stop - start) + 1);
  gboolean ok = TRUE;

  text->column = rs_cursor_column (cursor, start);
  while (ok && cursor->p < stop)
    {
      RsMacroUse use;

      if (escapes && rs_rule_is_octal (cursor->p, stop))
        ok = append_octal (cursor, out, error);
      else if (*cursor->p == '$' && rs_macro_scan (cursor->p, &use))
        append_macro (cursor, out, &use, escapes && rs_rule_is_octal (cursor->p + use.length, stop), text);
      else
        append_literal (out, *cursor->p++);
    }
  text->source = g_string_free (out, FALSE);
  if (ok && !g_utf8_validate (text->source, -1, NULL))
    ok = rs_cursor_fault_found (cursor, start, error, "octal codes that make no UTF-8", "those of UTF-8");
  return ok;
}

gboolean
rs_cursor_read_quoted (RsCursor *cursor, RsRuleText *text, GError **error)
{
  const char *quote = cursor->p, *stop;

  if (!rs_cursor_accept (cursor, '"'))
    return rs_cursor_fault (cursor, quote, error, "a value in quotes");
  stop = memchr (cursor->p, '"', (gsize)(cursor->end - cursor->p));
  if (stop == NULL)
    return rs_cursor_fault_found (cursor, quote, error, "a quote that nothing closes", "a second quote after this one");
  text->quoted = TRUE;
  if (!rs_cursor_read_until (cursor, stop, TRUE, text, error))
    return FALSE;
  cursor->p = stop + 1;
  return TRUE;
}

gboolean
rs_cursor_refuse_secret (const RsCursor *cursor, const char *start, const RsRuleText *text, GError **error)
{
  if (!text->secret)
    return TRUE;
  return rs_cursor_fault (cursor, rs_macro_find_secret (start, (gsize)(cursor->p - start)), error,
                          "no $SA to $SD here: they may stand only in --key, --uid and --pwd");
}
