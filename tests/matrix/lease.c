/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lease.h"

GPtrArray *
lease_options (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  GPtrArray *options = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_dhcp_option_free);

  for (guint i = 0; words[i] != NULL && words[i][0] != '\0'; i++)
    {
      gboolean v6 = g_str_has_prefix (words[i], "v6-");
      char *digits = NULL;
      guint16 code = (guint16)g_ascii_strtoull (words[i] + (v6 ? 3 : 0), &digits, 10);
      g_autoptr (GByteArray) value = g_byte_array_new ();
      g_autoptr (GBytes) bytes = NULL;

      for (digits++; *digits != '\0'; digits += 2)
        {
          guint8 byte = (guint8)(g_ascii_xdigit_value (digits[0]) << 4 | g_ascii_xdigit_value (digits[1]));
          g_byte_array_append (value, &byte, 1);
        }
      bytes = g_byte_array_free_to_bytes (g_steal_pointer (&value));
      g_ptr_array_add (options, rs_dhcp_option_new (code, v6, bytes));
    }
  return options;
}

GPtrArray *
lease_sources (GPtrArray *options,
               GPtrArray *warnings)
{
  static const guint16 order[] = { 66, 160, 159, 150, 60, 43, 125 }, order6[] = { 17, 160, 159 };
  g_autoptr (GPtrArray) six = rs_dhcp_sources (options, order6, G_N_ELEMENTS (order6), TRUE, 32473, 7, warnings);
  GPtrArray *sources = rs_dhcp_sources (options, order, G_N_ELEMENTS (order), FALSE, 32473, 7, warnings);

  g_ptr_array_extend_and_steal (sources, g_steal_pointer (&six));
  return sources;
}

char *
lease_identity (GPtrArray *sources)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < sources->len; i++)
    {
      const RsDhcpSource *source = sources->pdata[i];

      for (guint k = 0; k < source->hints->len; k++)
        g_string_append_printf (text, "%s=%s\n", source->name, ((const RsServerHint *)source->hints->pdata[k])->text);
    }
  return g_string_free (text, FALSE);
}
