/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one place where an error of the rule language is worded. */
#include "rule/fault.h"

#include "base/error.h"

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
  g_set_error (error, RS_ERROR, RS_ERROR_INVALID_RULE, "column %u: %s", column, message);
}
