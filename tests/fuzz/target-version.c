/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Three versions, and whether comparing puts them in an order. */
#include "fuzz.h"

#include "rule/version.h"

#include <string.h>

#define N 3

static int
sign (int number)
{
  return (number > 0) - (number < 0);
}

static gboolean
read_one (FuzzInput *input, RsVersion *version, GString *out)
{
  g_autofree char *text = fuzz_line (input);

  if (!rs_version_parse (text, version))
    return FALSE;
  g_assert_cmpstr (text, !=, "");
  for (guint i = 0; i < RS_VERSION_PARTS; i++)
    {
      const char *suffix = version->parts[i].suffix;

      g_assert_nonnull (memchr (suffix, '\0', sizeof version->parts[i].suffix));
      for (; *suffix != '\0'; suffix++)
        g_assert_true (g_ascii_isalnum (*suffix));
      g_string_append_printf (out, "%" G_GUINT64_FORMAT "%s ", version->parts[i].number, version->parts[i].suffix);
    }
  return TRUE;
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  RsVersion versions[N];
  int order[N][N];

  for (guint i = 0; i < N; i++)
    {
      if (!read_one (&input, &versions[i], out))
        return;
    }
  for (guint i = 0; i < N; i++)
    {
      for (guint j = 0; j < N; j++)
        order[i][j] = sign (rs_version_compare (&versions[i], &versions[j]));
    }
  for (guint i = 0; i < N; i++)
    {
      g_assert_cmpint (order[i][i], ==, 0);
      for (guint j = 0; j < N; j++)
        {
          g_assert_cmpint (order[i][j], ==, -order[j][i]);
          for (guint k = 0; k < N; k++)
            g_assert_false (order[i][j] <= 0 && order[j][k] <= 0 && order[i][k] > 0);
        }
    }
  g_string_append_printf (out, "%d%d%d", order[0][1], order[1][2], order[0][2]);
}
