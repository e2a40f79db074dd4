/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads options from a table that says which rules take which. */
#include "rule/options.h"

#include "rule/fault.h"

#include <string.h>

#define MAX_NAME 32
/* "aa" and "abc" are slips, a longer word might be the password that was meant for another option */
#define MAX_SHOWN_INDEX 3

typedef enum
{
  VALUE_NONE,  /* a gboolean */
  VALUE_TEXT,  /* an RsRuleText */
  VALUE_INDEX, /* a letter from a to p, as a char * */
} Value;

#define KIND(kind) (1u << (kind))
#define ANY_FETCH  (KIND (RS_RULE_PROFILE) | KIND (RS_RULE_REPORT) | KIND (RS_RULE_UPGRADE) | KIND (RS_RULE_CUSTOM_CA))

static const struct
{
  const char *name;
  guint kinds;
  Value value;
  gsize offset;
} table[] = {
  { "--key", KIND (RS_RULE_PROFILE) | KIND (RS_RULE_REPORT), VALUE_TEXT, G_STRUCT_OFFSET (RsRuleOptions, key) },
  { "--uid", ANY_FETCH, VALUE_TEXT, G_STRUCT_OFFSET (RsRuleOptions, user) },
  { "--pwd", ANY_FETCH, VALUE_TEXT, G_STRUCT_OFFSET (RsRuleOptions, password) },
  { "--srv", ANY_FETCH, VALUE_NONE, G_STRUCT_OFFSET (RsRuleOptions, srv) },
  /* a report is the body itself, and no XML comes back that a map could be for */
  { "--post", KIND (RS_RULE_PROFILE) | KIND (RS_RULE_CUSTOM_CA), VALUE_INDEX, G_STRUCT_OFFSET (RsRuleOptions, post) },
  { "--alias", KIND (RS_RULE_PROFILE), VALUE_INDEX, G_STRUCT_OFFSET (RsRuleOptions, alias) },
  { "--delta", KIND (RS_RULE_REPORT), VALUE_NONE, G_STRUCT_OFFSET (RsRuleOptions, delta) },
  { "--status", KIND (RS_RULE_REPORT), VALUE_NONE, G_STRUCT_OFFSET (RsRuleOptions, status) },
};

void
rs_rule_options_clear (RsRuleOptions *options)
{
  rs_rule_text_clear (&options->key);
  rs_rule_text_clear (&options->user);
  rs_rule_text_clear (&options->password);
  g_clear_pointer (&options->post, g_free);
  g_clear_pointer (&options->alias, g_free);
}

gboolean
rs_rule_options_are_private (const RsRuleOptions *options)
{
  return options->key.source != NULL || options->user.source != NULL || options->password.source != NULL
         || options->post != NULL;
}

gsize
rs_rule_match_option (const char *p)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      gsize n = strlen (table[i].name);

      if (strncmp (p, table[i].name, n) == 0 && !g_ascii_isalnum (p[n]) && p[n] != '-' && p[n] != '_')
        return n;
    }
  return 0;
}

/* "--uid, --pwd or --srv": what this kind of rule takes. */
static char *
list_options (RsRuleKind kind)
{
  g_autoptr (GString) list = g_string_new (NULL);
  const char *last = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      if ((table[i].kinds & KIND (kind)) == 0)
        continue;
      if (last != NULL)
        g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", last);
      last = table[i].name;
    }
  g_string_append_printf (list, " or %s", last);
  return g_strdup (list->str);
}

/* An unknown option is named, but "--keySECRET" no further than "--key". */
static gboolean
fault_option (const RsCursor *cursor, RsRuleKind kind, const char *start, gsize length, GError **error)
{
  g_autofree char *name = rs_rule_quote (start, MIN (length, MAX_NAME)), *expected = list_options (kind);
  g_autofree char *found = rs_rule_match_option (start) == length
                               ? g_strconcat (name, ", which this kind of rule does not take", NULL)
                               : g_strconcat ("the unknown option ", name, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      gsize n = strlen (table[i].name);

      if (table[i].value == VALUE_TEXT && length > n && g_ascii_strncasecmp (start, table[i].name, n) == 0)
        return rs_cursor_fault (cursor, start + n, error, "a blank and a value after %s", table[i].name);
    }
  return rs_cursor_fault_found (cursor, start, error, found, "%s", expected);
}

static gboolean
read_name (RsCursor *cursor, RsRuleKind kind, guint *option, GError **error)
{
  const char *start = cursor->p;
  gsize length = 2;

  if (cursor->end - start < 3 || start[0] != '-' || start[1] != '-')
    return rs_cursor_fault (cursor, start, error, "an option such as --srv, or “]”");
  while (start + length < cursor->end && (g_ascii_isalnum (start[length]) || strchr ("-_", start[length]) != NULL))
    length++;
  for (*option = 0; *option < G_N_ELEMENTS (table); (*option)++)
    {
      if (strlen (table[*option].name) == length && memcmp (table[*option].name, start, length) == 0)
        break;
    }
  if (*option == G_N_ELEMENTS (table) || (table[*option].kinds & KIND (kind)) == 0)
    return fault_option (cursor, kind, start, length, error);
  cursor->p += length;
  return TRUE;
}

static gboolean
read_text (RsCursor *cursor, RsRuleText *text, GError **error)
{
  const char *stop = cursor->p;

  if (rs_cursor_is_at (cursor, '"'))
    return rs_cursor_read_quoted (cursor, text, error);
  while (stop < cursor->end && !g_ascii_isspace (*stop) && *stop != ']')
    stop++;
  return rs_cursor_read_until (cursor, stop, TRUE, text, error);
}

/* The letter of a register; it holds no secret by itself, but a longer word might. */
static gboolean
read_index (RsCursor *cursor, char **index, GError **error)
{
  const char *start = cursor->p;
  g_auto (RsRuleText) text = { 0 };
  g_autofree char *found = NULL;

  if (!read_text (cursor, &text, error))
    return FALSE;
  if (strlen (text.source) == 1 && g_ascii_toupper (text.source[0]) >= 'A' && g_ascii_toupper (text.source[0]) <= 'P')
    {
      *index = g_ascii_strup (text.source, 1);
      return TRUE;
    }
  found = strlen (text.source) <= MAX_SHOWN_INDEX ? rs_rule_quote (text.source, strlen (text.source)) : g_strdup ("a longer word");
  return rs_cursor_fault_found (cursor, start, error, found, "one letter from a to p");
}

static gboolean
read_value (RsCursor *cursor, guint option, RsRuleOptions *options, GError **error)
{
  gpointer field = (char *)options + table[option].offset;
  const char *name = cursor->p;

  if (table[option].value == VALUE_NONE)
    {
      *(gboolean *)field = TRUE;
      return TRUE;
    }
  rs_cursor_skip_blanks (cursor);
  if (cursor->p == name || cursor->p == cursor->end || *cursor->p == ']' || strncmp (cursor->p, "--", 2) == 0)
    return rs_cursor_fault (cursor, cursor->p, error, "a blank and a value after %s", table[option].name);
  return table[option].value == VALUE_TEXT ? read_text (cursor, field, error) : read_index (cursor, field, error);
}

static gboolean
read_option (RsCursor *cursor, RsRuleKind kind, guint *seen, RsRuleOptions *options, GError **error)
{
  const char *start = cursor->p;
  guint option = 0;

  if (!read_name (cursor, kind, &option, error))
    return FALSE;
  if ((*seen & (1u << option)) != 0)
    return rs_cursor_fault (cursor, start, error, "%s only once", table[option].name);
  *seen |= 1u << option;
  if (!read_value (cursor, option, options, error))
    return FALSE;
  if (cursor->p < cursor->end && !g_ascii_isspace (*cursor->p) && *cursor->p != ']')
    return rs_cursor_fault (cursor, cursor->p, error, "a blank or “]”");
  rs_cursor_skip_blanks (cursor);
  return TRUE;
}

static gboolean
read_options (RsCursor *cursor, RsRuleKind kind, RsRuleOptions *options, GError **error)
{
  const char *bracket = cursor->p++;
  guint seen = 0;

  rs_cursor_skip_blanks (cursor);
  if (cursor->end - cursor->p < 2 || strncmp (cursor->p, "--", 2) != 0)
    return rs_cursor_fault (cursor, cursor->p, error,
                            "an option such as --srv; an IPv6 address needs a scheme such as http:// before it");
  while (cursor->p < cursor->end && *cursor->p != ']')
    {
      if (!read_option (cursor, kind, &seen, options, error))
        return FALSE;
    }
  return rs_cursor_accept (cursor, ']')
         || rs_cursor_fault_found (cursor, bracket, error, "a “[” that nothing closes", "“]” after the options");
}

gboolean
rs_rule_options_parse (RsCursor *cursor, RsRuleKind kind, RsRuleOptions *options, GError **error)
{
  RsShows shows = cursor->shows;
  gboolean ok;

  cursor->shows = RS_SHOWS_SIGNS;
  ok = read_options (cursor, kind, options, error);
  cursor->shows = shows;
  return ok;
}
