/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Versions and their order. */
#include "rule/version.h"

#include <string.h>

/* Each is less than the next. (RULE-4) */
static void
test_order (void)
{
  static const char *const sorted[] = {
    "0",
    "1",
    "2.0.4",
    "2.0.4(1)",
    "2.0.4(2)",
    "2.0.4(10)",
    "2.0.4(10a)",
    "2.0.5",
    "2.0.5a",
    "2.0.5b",
    "2.0.5MPP",
    "2.0.5MPP1",
    "2.0.5MPP2",
    "2.0.5MPP10",
    "2.0.5MPP10a",
    "2.0.5MSR1",
    "2.0.10",
    "2.1",
    "5.1.1(18)",
    "sip88xx.9-3-1-7MPP-BN",
    "sip88xx.9-3-1-7MPP-3",
    "sip88xx.9-3-1-7MPP-20",
    "sip88xx.11-0-0MPP-BN",
    "sip88xx.11-0-1MPP-376",
    "11.0.2",
    "sip88xx.11-2-3MSR1-1.loads",
    "sip78xx.11-3-1MPP-677",
    "11.3.2",
    "sip78xx.11-3-2MPP0001-609",
    "sip78xx.11-3-2MPP0001-610.loads",
    "sip78xx.11-3-2MPP0002-1",
    "12.0(3)",
    "sip8845_65.12-0-4-1",
    "sip8845_65.12-0-7-0001-294",
    "sip8845_65.12-0-7-0001-295.LOADS",
    "sip8845_65.12-0-7-0002-1",
    "20241105123000",
    "999999999999999999",
  };

  for (guint i = 0; i < G_N_ELEMENTS (sorted); i++)
    {
      for (guint j = 0; j < G_N_ELEMENTS (sorted); j++)
        {
          RsVersion a, b;
          int order;

          g_assert_true (rs_version_parse (sorted[i], &a));
          g_assert_true (rs_version_parse (sorted[j], &b));
          order = rs_version_compare (&a, &b);
          if ((order > 0) - (order < 0) != (i > j) - (i < j))
            g_error ("%s against %s gives %d", sorted[i], sorted[j], order);
        }
    }
}

/* RULE-4 */
static void
test_equal (void)
{
  static const char *const pairs[][2] = {
    { "11", "11.0.0" },
    { "11.0.1", "11-0-1" },
    { "11.0.1", "sip78xx.11-0-1" },
    { "11.3.2(4)", "sip78xx.11-3-2-4.loads" },
    { "12.0(3)", "12.0.3" },
    { "sip78xx.11-3-2MPP0001-609", "sip88xx.11-3-2MPP0001-609.loads" },
    { "sip78xx.11-3-2MPP0001-609", "SIP78XX.11-3-2mpp1-609" },
    { "SIP88XX.11-0-1.LOADS", "11.0.1" },
    { "sip88xx.9-3-1-7MPP-BN", "SIP78XX.9-3-1-7MPP-BN.Loads" },
    { "12.0.7.1(294)", "sip8845_65.12-0-7-0001-294" },
    { "1.02.3", "1.2.3" },
    { "7.1.3(s)", "7.1.3-S" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      RsVersion a, b;

      g_assert_true (rs_version_parse (pairs[i][0], &a));
      g_assert_true (rs_version_parse (pairs[i][1], &b));
      g_assert_cmpint (rs_version_compare (&a, &b), ==, 0);
    }
}

/* RULE-4 */
static void
test_malformed (void)
{
  static const char *const cases[] = {
    "",
    ".",
    "abc",
    "v1.2",
    "1.",
    ".1",
    "1..2",
    "1.2.",
    "1.2.3.4.5.6",
    "1.2.3.a.5",
    "1.2.3.a(5)",
    "1.a.3",
    "-1",
    "1.2 ",
    " 1.2",
    "1.2_3",
    "1.2.3(",
    "1.2.3()",
    "1.2.3(4",
    "1.2.3(4)5",
    "1.2.3)4",
    "1.2.3(4.5)",
    "1.2.3.4.5(6)",
    "sip78xx",
    "sip78xx.",
    "sip78xx.loads",
    ".loads",
    "sip78xx.x",
    "sip78xx.11-3-2MPP!",
    "1.2.3\n",
    "1234567890123456789",
    "1.2.3\xc3\xa4",
    "(1)",
    "1.2.abcdefghijklmnopqrstuvwxyzabcdefg",
    "1.2.3abcdefghijklmnopqrstuvwxyzabcdefg",
    "Not Installed",
    "00:0e:08:aa:bb:cc",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RsVersion version;

      if (rs_version_parse (cases[i], &version))
        g_error ("%s should be malformed", cases[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/version/order", test_order);
  g_test_add_func ("/rule/version/equal", test_equal);
  g_test_add_func ("/rule/version/malformed", test_malformed);
  return g_test_run ();
}
