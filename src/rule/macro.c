/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Macro expansion: one pass, from the text to its copy. */
#include "rule/macro.h"

#include "base/secret.h"
#include "base/text.h"
#include "rule/fault.h"
#include "rule/macro-scan.h"

#include <string.h>

static const char *
lookup (const RsMacros *macros, const RsMacroUse *use)
{
  if (strcmp (use->name, "$") == 0)
    return "$";
  return macros != NULL && macros->lookup != NULL ? macros->lookup (use->name, macros->data) : NULL;
}

/* Goes n characters on, or to the end. Bytes that are no UTF-8 count as characters of their own. */
static const char *
skip_characters (const char *p, guint32 n)
{
  if (n == RS_MACRO_TO_END)
    return p + strlen (p);
  for (; n > 0 && *p != '\0'; n--)
    {
      gunichar c = g_utf8_get_char_validated (p, -1);

      p = c == (gunichar)-1 || c == (gunichar)-2 ? p + 1 : g_utf8_next_char (p);
    }
  return p;
}

/* What is put in the place of a piece of the text: length bytes of value. FALSE: more was read for it than is left. */
static gboolean
find_value (const char **value, gsize *length, const RsMacroUse *use, gsize *left)
{
  const char *start = *value;
  gsize read;

  if (*left == 0)
    return FALSE;
  *value = skip_characters (start, use->offset);
  *length = (gsize)(skip_characters (*value, use->count) - *value);
  read = (gsize)(*value - start) + *length;
  *left -= MIN (read, *left);
  return *left > 0;
}

static void
note_place (GArray *places, const GString *out, gsize length, gsize written, const RsMacroUse *use)
{
  RsMacroPlace place = { out->len, out->len + length, written, written + use->length };

  if (places != NULL)
    g_array_append_val (places, place);
}

static gboolean
expand (GString *out, const char *text, const RsMacros *macros, gboolean allow_secrets, GArray *places, guint column,
        GError **error)
{
  gsize of_this_text = RS_MACRO_WORK, *left = macros != NULL && macros->left != NULL ? macros->left : &of_this_text;
  RsMacroUse use;

  for (const char *p = text; *p != '\0'; p += use.length)
    {
      const char *value = NULL;
      gsize n = strcspn (p, "$"), length;
      gboolean too_much = FALSE;

      if (n > 0)
        use.length = n;
      else if (!rs_macro_scan (p, &use))
        use.length = 1;
      else if (use.secret && !allow_secrets)
        {
          g_autofree char *found = rs_rule_quote (p, use.length);

          rs_rule_fault (error, column + rs_rule_column (text, p) - 1, found,
                         "no $SA to $SD here: they may stand only in --key, --uid and --pwd of a stored rule");
          return FALSE;
        }
      else
        value = lookup (macros, &use);
      length = use.length;
      if (value != NULL)
        {
          too_much = !find_value (&value, &length, &use, left);
          note_place (places, out, length, (gsize)(p - text), &use);
        }
      if (too_much || out->len + length > RS_MACRO_RESULT)
        {
          rs_rule_fault_macros (error, column + rs_rule_column (text, p) - 1);
          return FALSE;
        }
      g_string_append_len (out, value != NULL ? value : p, (gssize)length);
    }
  return TRUE;
}

char *
rs_macro_expand_placed (const char *text, const RsMacros *macros, gboolean allow_secrets, GArray *places, guint column,
                        GError **error)
{
  /* sized so that a secret never moves: what is moved from is not wiped */
  GString *out = g_string_sized_new (allow_secrets ? RS_MACRO_RESULT : strlen (text));
  char *result = NULL;

  if (expand (out, text, macros, allow_secrets, places, column, error))
    result = g_strndup (out->str, out->len);
  if (allow_secrets)
    rs_wipe (out->str, out->len);
  g_string_free (out, TRUE);
  return result;
}

char *
rs_macro_expand (const char *text, const RsMacros *macros, gboolean allow_secrets, GError **error)
{
  return rs_macro_expand_placed (text, macros, allow_secrets, NULL, 1, error);
}

/* Macros that stand for a parameter of a line: $UID3 is User_ID_3_. */
static const struct
{
  const char *prefix;
  const char *parameter;
} line_macros[] = {
  { "UID", "User_ID_" },
  { "AUTHID", "Auth_ID_" },
  { "DISPLAYNAME", "Display_Name_" },
};

char *
rs_macro_parameter (const char *macro)
{
  guint64 line;

  if (strlen (macro) == 1 && macro[0] >= 'A' && macro[0] <= 'P')
    return g_strconcat ("GPP_", macro, NULL);
  if (strlen (macro) == 2 && macro[0] == 'S' && macro[1] >= 'A' && macro[1] <= 'D')
    return g_strconcat ("GPP_", macro, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (line_macros); i++)
    {
      const char *digits = macro + strlen (line_macros[i].prefix);

      if (g_str_has_prefix (macro, line_macros[i].prefix) && rs_text_to_uint64 (digits, 1, 99, &line, NULL))
        return g_strconcat (line_macros[i].parameter, digits, "_", NULL);
    }
  return NULL;
}

GStrv
rs_macro_names (const char *text)
{
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *p = text != NULL ? text : "";
  RsMacroUse use;

  while ((p = strchr (p, '$')) != NULL)
    {
      if (!rs_macro_scan (p, &use))
        {
          p++;
          continue;
        }
      if (strcmp (use.name, "$") != 0 && g_hash_table_add (seen, g_strdup (use.name)))
        g_strv_builder_add (list, use.name);
      p += use.length;
    }
  return g_strv_builder_end (list);
}
