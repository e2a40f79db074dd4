/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads values of a rule. A value is kept as a text that only expansion changes: a "$" that an escape made is doubled,
 * a macro that was written is put in parentheses, so that what is expanded is exactly what rs_macro_names () sees in
 * the rule (RULE-10). */
#include "rule/cursor.h"

#include "base/secret.h"
#include "rule/fault.h"
#include "rule/macro-scan.h"

#include <string.h>

#define OCTAL_DIGITS 3

void
rs_rule_text_clear (RsRuleText *text)
{
  rs_secret_free (text->source);
  memset (text, 0, sizeof *text);
}

char *
rs_rule_text_expand (const RsRuleText *text, const RsMacros *macros, GError **error)
{
  return rs_macro_expand (text->source, macros, TRUE, error);
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

gboolean
rs_cursor_fault (const RsCursor *cursor, const char *at, GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  rs_rule_fault (error, rs_cursor_column (cursor, at), "%s", message);
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
    return rs_cursor_fault (cursor, p, error, "expected the octal code of a printable character");
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
    ok = rs_cursor_fault (cursor, start, error, "expected octal codes that make UTF-8");
  return ok;
}

gboolean
rs_cursor_read_quoted (RsCursor *cursor, RsRuleText *text, GError **error)
{
  const char *quote = cursor->p, *stop;

  if (!rs_cursor_accept (cursor, '"'))
    return rs_cursor_fault (cursor, quote, error, "expected a value in quotes");
  stop = memchr (cursor->p, '"', (gsize)(cursor->end - cursor->p));
  if (stop == NULL)
    return rs_cursor_fault (cursor, quote, error, "expected a second quote after this one");
  text->quoted = TRUE;
  if (!rs_cursor_read_until (cursor, stop, TRUE, text, error))
    return FALSE;
  cursor->p = stop + 1;
  return TRUE;
}

gboolean
rs_cursor_refuse_secret (const RsCursor *cursor, const RsRuleText *text, GError **error)
{
  if (!text->secret)
    return TRUE;
  rs_rule_fault (error, text->column, "expected no $SA to $SD here: they may stand only in --key, --uid and --pwd");
  return FALSE;
}
