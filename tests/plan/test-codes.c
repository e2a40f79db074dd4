/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Activation codes as they are entered, and the waits after wrong ones. */
#include "plan/codes.h"

#include "base/error.h"
#include "base/secret.h"

#include <string.h>

#define SECONDS(n) ((gint64) (n) * G_USEC_PER_SEC)

/* DISC-11 */
static void
test_forms (void)
{
  static const struct
  {
    const char *text;
    RsCodeKind kind;
    const char *digits; /* NULL: refused */
  } cases[] = {
    { "1234567890123456", RS_CODE_ACTIVATION, "1234567890123456" },
    { "1234-5678-9012-3456", RS_CODE_ACTIVATION, "1234567890123456" },
    { " 1234 5678 9012 3456 ", RS_CODE_ACTIVATION, "1234567890123456" },
    { "0000000000000000", RS_CODE_ACTIVATION, "0000000000000000" },
    { "#123", RS_CODE_PROFILE, "123" },
    { "# 12-34", RS_CODE_PROFILE, "1234" },
    { " #1234567890123456", RS_CODE_PROFILE, "1234567890123456" },
    { "", 0, NULL },
    { "#", 0, NULL },
    { "#12", 0, NULL },
    { "#12345678901234567", 0, NULL },
    { "123456789012345", 0, NULL },
    { "12345678901234567", 0, NULL },
    { "123", 0, NULL },
    { "123456789012345a", 0, NULL },
    { "12345678901234#6", 0, NULL },
    { "##123", 0, NULL },
    { "+234567890123456", 0, NULL },
    { "1234567890123456\n", 0, NULL },
    { "１２３", 0, NULL },
    { "#١٢٣", 0, NULL },
    { "                                                 1234567890123456", 0, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (RsSecretString) digits = NULL;
      g_autoptr (GError) error = NULL;
      RsCodeKind kind;
      gboolean good = rs_code_read (cases[i].text, &kind, &digits, &error);

      g_test_message ("“%s”", cases[i].text);
      g_assert_cmpint (good, ==, cases[i].digits != NULL);
      g_assert_cmpstr (digits, ==, cases[i].digits);
      if (good)
        g_assert_cmpint (kind, ==, cases[i].kind);
      else
        {
          g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_CODE);
          g_assert_true (g_str_has_prefix (error->message, "Invalid activation code"));
          g_assert_null (strstr (error->message, "1234"));
        }
    }
}

/* DISC-11: after five wrong codes each further one waits, doubling from 30 s, to a day */
static void
test_waits (void)
{
  static const guint waits[] = { 0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 30720, 61440, 86400, 86400 };

  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    g_assert_cmpint (rs_code_wait (i), ==, SECONDS (waits[i]));
  g_assert_cmpint (rs_code_wait (G_MAXUINT), ==, SECONDS (86400));
}

/* DISC-11: a restart goes on with what is left, and a clock that was set never makes it longer */
static void
test_after_a_restart (void)
{
  static const gint64 now = SECONDS (1000000);
  static const struct
  {
    gint64 wait;
    gint64 until;
    gint64 left;
  } cases[] = {
    { 0, 0, 0 },
    { 0, now + SECONDS (99), 0 },
    { SECONDS (30), now + SECONDS (20), SECONDS (20) },
    { SECONDS (30), now + SECONDS (30), SECONDS (30) },
    { SECONDS (30), now, 0 },
    { SECONDS (30), now - SECONDS (99999), 0 },
    { SECONDS (30), now + SECONDS (99999), SECONDS (30) },
    { SECONDS (120), 0, 0 },
    { SECONDS (86400), G_MAXINT64, SECONDS (86400) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (rs_code_wait_left (cases[i].wait, cases[i].until, now), ==, cases[i].left);
}

/* DISC-10 DISC-11: what the service reads */
static void
test_form (void)
{
  g_auto (RsSecretString) code = rs_code_form (RS_CODE_ACTIVATION, "1234567890123456", "00562B043615", "FCH 1&2", "CP-8851/3");
  g_auto (RsSecretString) profile = rs_code_form (RS_CODE_PROFILE, "4711", "00562B043615", "", "");

  g_assert_cmpstr (code, ==, "id=00562B043615%3AFCH%201%262%3ACP-8851%2F3&code=1234567890123456");
  g_assert_cmpstr (profile, ==, "id=00562B043615%3A%3A&profile=4711");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/codes/forms", test_forms);
  g_test_add_func ("/plan/codes/waits", test_waits);
  g_test_add_func ("/plan/codes/after-a-restart", test_after_a_restart);
  g_test_add_func ("/plan/codes/form", test_form);
  return g_test_run ();
}
