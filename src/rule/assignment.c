/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads assignments. Whether the names exist and the values fit is the catalogue's business, as with a profile. */
#include "rule/assignment.h"

#include "rule/rule-private.h"

#include <string.h>

#define MAX_NAME 128

static void
clear_setting (gpointer data)
{
  RsRuleSetting *setting = data;

  g_free (setting->name);
  rs_rule_text_clear (&setting->value);
}

static gboolean
read_name (RsCursor *cursor, RsRuleSetting *setting, GError **error)
{
  const char *start = cursor->p;

  while (cursor->p < cursor->end && (g_ascii_isalnum (*cursor->p) || strchr ("_.-", *cursor->p) != NULL))
    cursor->p++;
  if (cursor->p == start || cursor->p - start > MAX_NAME)
    return rs_cursor_fault (cursor, start, error, "the name of a parameter");
  setting->name = g_strndup (start, (gsize)(cursor->p - start));
  setting->column = rs_cursor_column (cursor, start);
  return TRUE;
}

static gboolean
read_setting (RsCursor *cursor, RsRuleSetting *setting, GError **error)
{
  const char *value;

  if (!read_name (cursor, setting, error))
    return FALSE;
  rs_cursor_skip_blanks (cursor);
  if (!rs_cursor_accept (cursor, '='))
    return rs_cursor_fault (cursor, cursor->p, error, "“=” after the name");
  rs_cursor_skip_blanks (cursor);
  value = cursor->p;
  if (!rs_cursor_read_quoted (cursor, &setting->value, error)
      || !rs_cursor_refuse_secret (cursor, value, &setting->value, error))
    return FALSE;
  rs_cursor_skip_blanks (cursor);
  if (!rs_cursor_accept (cursor, ';') && cursor->p < cursor->end)
    return rs_cursor_fault (cursor, cursor->p, error, "“;” or the end of the assignments");
  rs_cursor_skip_blanks (cursor);
  return TRUE;
}

GArray *
rs_rule_settings_parse (RsCursor *cursor, GError **error)
{
  g_autoptr (GArray) settings = g_array_new (FALSE, FALSE, sizeof (RsRuleSetting));

  g_array_set_clear_func (settings, clear_setting);
  rs_cursor_skip_blanks (cursor);
  do
    {
      RsRuleSetting setting = { 0 };
      gboolean ok = read_setting (cursor, &setting, error);

      g_array_append_val (settings, setting);
      if (!ok)
        return NULL;
    }
  while (cursor->p < cursor->end);
  return g_steal_pointer (&settings);
}
