/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is made of any text before it is shown, and the small readers of base/. */
#include "fuzz.h"

#include "base/mask.h"
#include "base/text.h"

#include <string.h>

static void
check_url (const char *text, GString *out)
{
  g_autofree char *shown = rs_mask_url (text);
  g_autofree char *again = rs_mask_url (shown);

  fuzz_check_line (shown);
  g_assert_cmpuint (strlen (again), <=, strlen (shown) + 2 * strlen (RS_MASK));
  g_string_append_printf (out, "%s %s %d\n", shown, again, rs_mask_is_masked (shown));
}

static void
check_rule (const char *text, GString *out)
{
  g_autofree char *shown = rs_mask_rule (text);
  g_autofree char *again = rs_mask_rule (shown);

  fuzz_check_line (shown);
  g_string_append_printf (out, "%s %s\n", shown, again);
}

static void
check_escape (const guint8 *data, gsize size, gsize max, GString *out)
{
  g_autofree char *shown = rs_text_escape_bytes (data, size, max);
  g_autofree char *hex = rs_text_hex (data, size);

  fuzz_check_line (shown);
  g_assert_cmpint (g_utf8_strlen (shown, -1), <=, (max != 0 ? max : 512) * 8 + 1);
  g_assert_cmpuint (strlen (hex), ==, 2 * size);
  g_string_append_printf (out, "%s %s\n", shown, hex);
}

static void
check_list (const char *text, char separator, GString *out)
{
  g_auto (GStrv) list = rs_text_split_list (text, separator, 20);

  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    {
      g_assert_cmpuint (i, <, 20);
      g_assert_cmpstr (list[i], !=, "");
      g_assert_null (strchr (list[i], separator));
      g_string_append_printf (out, "%s|", list[i]);
    }
}

/* A number is what its digits say, and nothing else is one. */
static void
check_number (const char *text)
{
  g_autofree char *written = NULL;
  guint64 number = 0;
  gint64 negative = 0;

  if (rs_text_to_uint64 (text, 0, G_MAXUINT64, &number, NULL))
    {
      written = g_strdup_printf ("%" G_GUINT64_FORMAT, number);
      g_assert_cmpuint (strspn (text, "0123456789"), ==, strlen (text));
      g_assert_cmpstr (written, ==, text + MIN (strspn (text, "0"), strlen (text) - 1));
    }
  if (rs_text_to_int64 (text, G_MININT64, G_MAXINT64, &negative, NULL) && text[0] != '-')
    g_assert_cmpint (negative, ==, (gint64)number);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  guint8 max = fuzz_byte (&input);
  char separator = (char)(fuzz_byte (&input) | 1);
  g_autofree char *text = fuzz_rest (&input);

  check_url (text, out);
  check_rule (text, out);
  check_escape (input.data, input.size, max, out);
  check_list (text, separator, out);
  check_number (text);
}
