/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wiping and comparing of secrets. */
#include "base/secret.h"

#include <string.h>

/* STORE-3 */
static void
test_wipe (void)
{
  char text[] = "secret and more";

  rs_wipe (text, 6);
  g_assert_cmpmem (text, sizeof text, "\0\0\0\0\0\0 and more", sizeof text);
  rs_wipe (text, 0);
  rs_wipe (NULL, 0);
  g_assert_cmpmem (text, sizeof text, "\0\0\0\0\0\0 and more", sizeof text);
}

/* STORE-3 */
static void
test_string (void)
{
  g_auto (RsSecretString) none = NULL;
  char *text = g_strdup ("secret");

  rs_secret_clear (&text);
  g_assert_null (text);
  rs_secret_free (NULL);
  rs_secret_free (g_strdup (""));
  g_assert_null (none);
}

/* STORE-3 */
static void
test_equal (void)
{
  static const struct
  {
    const char *secret;
    const char *candidate;
    gboolean equal;
  } cases[] = {
    { "", "", TRUE },        { "a", "a", TRUE },       { "abc", "abc", TRUE },     { "abc", "abd", FALSE },
    { "abc", "ab", FALSE },  { "abc", "abca", FALSE }, { "abc", "abcabc", FALSE }, { "", "a", FALSE },
    { "a", "", FALSE },      { "", "\xff", FALSE },    { "Grüße", "Grüße", TRUE }, { "a", "A", FALSE },
    { "aa", "aaaa", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (rs_secret_equal (cases[i].secret, cases[i].candidate), ==, cases[i].equal);
}

/* STORE-3 */
static void
test_bytes (void)
{
  g_autoptr (GBytes) bytes = rs_secret_bytes_new_take (g_memdup2 ("a\0b", 3), 3);
  g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, 1, 2);
  g_autoptr (GBytes) empty = rs_secret_bytes_new_take (NULL, 0);
  gsize size;

  g_assert_cmpmem (g_bytes_get_data (part, NULL), g_bytes_get_size (part), "\0b", 2);
  g_bytes_get_data (empty, &size);
  g_assert_cmpuint (size, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/secret/wipe", test_wipe);
  g_test_add_func ("/base/secret/string", test_string);
  g_test_add_func ("/base/secret/equal", test_equal);
  g_test_add_func ("/base/secret/bytes", test_bytes);
  return g_test_run ();
}
