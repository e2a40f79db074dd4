/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one place where an error of the rule language is worded. */
#include "rule/fault.h"

#include "base/error.h"

#include <string.h>

#define COLUMN "column "

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

void
rs_rule_fault (GError **error, guint column, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, RS_ERROR, RS_ERROR_INVALID_RULE, COLUMN "%u: %s", column, message);
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
