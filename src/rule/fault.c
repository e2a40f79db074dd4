/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one place where an error of the rule language is worded. */
#include "rule/fault.h"

#include "base/error.h"
#include "base/mask.h"
#include "base/text.h"
#include "rule/macro-scan.h"

#include <string.h>

#define COLUMN "column "
#define MAX_FOUND 40

guint
rs_rule_column (const char *text, const char *at)
{
  guint column = 1;

  /* counts by lead bytes: the text need not be valid UTF-8 up to here */
  for (const char *p = text; p < at; p++)
    {
      if (((guint8)*p & 0xc0) != 0x80)
        column++;
    }
  return column;
}

gboolean
rs_rule_shows (const char *rule, const char *word)
{
  g_autofree char *shown = rs_mask_rule (rule);

  return strstr (shown, word) != NULL;
}

void
rs_rule_fault (GError **error, guint column, const char *found, const char *format, ...)
{
  g_autofree char *expected = NULL;
  va_list args;

  va_start (args, format);
  expected = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, RS_ERROR, RS_ERROR_INVALID_RULE, COLUMN "%u: found %s, expected %s", column, found, expected);
}

void
rs_rule_fault_macros (GError **error, guint column)
{
  rs_rule_fault (error, column, "more text than may come of macros", "%d bytes at most, and %d in the whole rule", RS_MACRO_RESULT,
                 RS_MACRO_WORK);
}

guint
rs_rule_fault_column (const char *message, const char **what)
{
  const char *digits = message + strlen (COLUMN);
  char *end;
  guint64 column;

  *what = message;
  if (!g_str_has_prefix (message, COLUMN) || !g_ascii_isdigit (*digits))
    return 0;
  column = g_ascii_strtoull (digits, &end, 10);
  if (!g_str_has_prefix (end, ": ") || column > G_MAXUINT)
    return 0;
  *what = end + 2;
  return column;
}

char *
rs_rule_quote (const char *start, gsize length)
{
  g_autofree char *shown = rs_text_escape_bytes (start, length, MAX_FOUND);

  return g_strdup_printf ("“%s”", shown);
}

gboolean
rs_rule_is_typographic_quote (const char *at)
{
  gunichar c = g_utf8_get_char_validated (at, -1);

  return c > 0x7f && g_utf8_strchr ("‘’‚‛“”„‟«»‹›", -1, c) != NULL;
}

char *
rs_rule_quote_sign (const char *at)
{
  gunichar c = g_utf8_get_char_validated (at, -1);
  RsMacroUse use;

  if (*at == '\0')
    return g_strdup ("the end");
  if (c == (gunichar)-1 || c == (gunichar)-2)
    return rs_rule_quote (at, 1);
  if (g_unichar_isspace (c))
    return g_strdup ("a blank");
  if (!g_unichar_isgraph (c))
    return rs_rule_quote (at, (gsize)(g_utf8_next_char (at) - at));
  if (*at == '$' && rs_macro_scan (at, &use) && use.length <= MAX_FOUND)
    return rs_rule_quote (at, use.length);
  if (g_ascii_ispunct (*at))
    return rs_rule_quote (at, 1);
  if (rs_rule_is_typographic_quote (at))
    return g_strdup_printf ("the typographic quotation mark U+%04X", c);
  return g_strdup (g_unichar_isalpha (c) ? "a letter" : g_unichar_isdigit (c) ? "a digit" : "a character");
}
