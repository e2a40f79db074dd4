/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes XML by hand: elements with text, and one attribute. */
#include "params/report.h"

#include "base/mask.h"

#include <string.h>

/* Whether XML 1.0 can hold it: no control characters but three, and none of what Unicode calls no character. */
static gboolean
fits_xml (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if ((c < 0x20 && strchr ("\t\n\r", (int)c) == NULL) || c == 0xfffe || c == 0xffff)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_reported (const RsValue *value,
             gboolean       for_user,
             GHashTable    *secrets)
{
  g_autofree char *masked = NULL;

  if (secrets != NULL && g_hash_table_contains (secrets, value->param->name))
    return FALSE;
  if (value->param->secret || value->param->type == RS_TYPE_RULE || !fits_xml (value->value))
    return FALSE;
  if (for_user && value->access == RS_ACCESS_NA)
    return FALSE;
  /* what a general purpose parameter holds may be a URL as well */
  masked = value->param->type == RS_TYPE_URL ? rs_mask_url (value->value) : rs_mask_text (value->value);
  return strcmp (masked, value->value) == 0;
}

static void
append_text (GString    *out,
             const char *text)
{
  for (; *text != '\0'; text++)
    {
      switch (*text)
        {
        case '&':
          g_string_append (out, "&amp;");
          break;
        case '<':
          g_string_append (out, "&lt;");
          break;
        case '>':
          g_string_append (out, "&gt;");
          break;
        default:
          g_string_append_c (out, *text);
        }
    }
}

/* An empty element would be the default of what is no text. (PROF-5) */
static void
append_parameter (GString       *out,
                  const RsValue *value)
{
  gboolean empty = value->value[0] == '\0' && value->param->default_value[0] != '\0';

  g_string_append_printf (out, "<%s ua=\"%s\">", value->param->name, rs_access_name (value->access));
  append_text (out, empty ? "\"\"" : value->value);
  g_string_append_printf (out, "</%s>\n", value->param->name);
}

static char *
mark_of (const RsValue *value,
         gboolean       for_user,
         GHashTable    *secrets)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  if (!is_reported (value, for_user, secrets))
    return g_strdup ("");
  g_checksum_update (sum, (const guchar *)rs_access_name (value->access), -1);
  g_checksum_update (sum, (const guchar *)value->value, -1);
  return g_strndup (g_checksum_get_string (sum), RS_REPORT_MARK);
}

typedef struct
{
  GHashTable *marks;
  gboolean for_user;
  GHashTable *secrets;
} Marking;

static void
add_mark (const RsValue *value,
          gpointer       data)
{
  const Marking *marking = data;

  g_hash_table_insert (marking->marks, g_strdup (value->param->name), mark_of (value, marking->for_user, marking->secrets));
}

GHashTable *
rs_report_marks (RsSnapshot *snapshot,
                 gboolean    for_user,
                 GHashTable *secrets)
{
  Marking marking = { g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free), for_user, secrets };

  rs_snapshot_foreach_stored (snapshot, add_mark, &marking);
  return marking.marks;
}

/* Whether the parameter is as it was when these marks were made. */
static gboolean
is_as_before (const RsValue *value,
              GHashTable    *before)
{
  const char *mark = g_hash_table_lookup (before, value->param->name);
  g_autofree char *now = NULL;

  if (mark == NULL)
    return strcmp (value->value, value->param->default_value) == 0 && value->access == value->param->access;
  now = mark_of (value, FALSE, NULL);
  return strcmp (mark, now) == 0;
}

char *
rs_report_profile (RsSnapshot *snapshot,
                   GHashTable *before,
                   gboolean    for_user,
                   GHashTable *secrets)
{
  GString *out = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<flat-profile>\n");
  g_autoptr (GPtrArray) all = rs_catalogue_list (rs_snapshot_get_catalogue (snapshot), "");

  for (guint i = 0; i < all->len; i++)
    {
      const RsParam *param = g_ptr_array_index (all, i);
      RsValue value;

      if (rs_snapshot_lookup (snapshot, param->name, &value) && is_reported (&value, for_user, secrets)
          && (before == NULL || !is_as_before (&value, before)))
        append_parameter (out, &value);
    }
  g_string_append (out, "</flat-profile>\n");
  return g_string_free (out, FALSE);
}

/* A value as text, or its members each in an element. Texts of the status page are escaped where they enter it. */
static void
append_variant (GString  *out,
                GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    append_text (out, g_variant_get_string (value, NULL));
  else if (!g_variant_is_container (value))
    {
      g_autofree char *text = g_variant_print (value, FALSE);
      append_text (out, text);
    }
  else
    for (gsize i = 0; i < g_variant_n_children (value); i++)
      {
        g_autoptr (GVariant) member = g_variant_get_child_value (value, i);

        g_string_append (out, "<item>");
        append_variant (out, member);
        g_string_append (out, "</item>");
      }
}

char *
rs_report_status (GVariant *status)
{
  GString *out = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<device>\n<status>\n");
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, status);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    {
      g_string_append_printf (out, "<%s>", key);
      append_variant (out, value);
      g_string_append_printf (out, "</%s>\n", key);
    }
  g_string_append (out, "</status>\n<flat-profile>\n</flat-profile>\n</device>\n");
  return g_string_free (out, FALSE);
}
