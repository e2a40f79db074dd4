/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Macro expansion: one pass, bounded, and nothing secret where that is not allowed. */
#include "fuzz.h"

#include "../rule/macros.h"
#include "base/error.h"
#include "base/secret.h"

#define RESULT_MAX (64 * 1024)

static void
check_names (const char *text, gboolean *secret, GString *out)
{
  g_auto (GStrv) names = rs_macro_names (text);

  *secret = FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_assert_true (rs_macro_is_known (names[i]));
      g_assert_false (g_strv_contains ((const char *const *)names + i + 1, names[i]));
      *secret |= strlen (names[i]) == 2 && names[i][0] == 'S' && names[i][1] >= 'A' && names[i][1] <= 'D';
      g_string_append_printf (out, "%s ", names[i]);
    }
}

static void
expand (const char *text, gboolean allow_secrets, gboolean has_secret, GString *out)
{
  g_autoptr (GError) error = NULL;
  g_auto (RsSecretString) expanded = rs_macro_expand (text, &test_macros, allow_secrets, &error);

  fuzz_check_error (expanded != NULL, error);
  if (expanded == NULL)
    {
      g_assert_cmpint (error->code, ==, RS_ERROR_INVALID_RULE);
      g_assert_true (has_secret || strlen (text) > RESULT_MAX / 64);
      g_string_append_printf (out, "(%s)\n", error->message);
      return;
    }
  g_assert_false (has_secret && !allow_secrets);
  g_assert_cmpuint (strlen (expanded), <=, RESULT_MAX);
  g_assert_true (!g_utf8_validate (text, -1, NULL) || g_utf8_validate (expanded, -1, NULL));
  if (strchr (text, '$') == NULL)
    g_assert_cmpstr (expanded, ==, text);
  g_string_append_printf (out, "%s\n", expanded);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  g_autofree char *text = fuzz_rest (&input);
  gboolean has_secret;

  check_names (text, &has_secret, out);
  expand (text, FALSE, has_secret, out);
  expand (text, TRUE, has_secret, out);
  g_string_append_printf (out, "%d", rs_macro_is_known (text));
}
