/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The error domain and its classes. */
#include "base/error.h"

/* The names of the D-Bus contract. (HTTP-4, HTTP-5, TFTP-4) */
static void
test_names (void)
{
  static const struct
  {
    RsError code;
    const char *name;
    const char *class;
    gboolean transient;
  } cases[] = {
    { RS_ERROR_FAILED, "Failed", "C", TRUE },
    { RS_ERROR_INVALID_RULE, "InvalidRule", "C", FALSE },
    { RS_ERROR_INVALID_NAME, "InvalidName", "C", FALSE },
    { RS_ERROR_INVALID_VALUE, "InvalidValue", "C", FALSE },
    { RS_ERROR_INVALID_CODE, "InvalidCode", "C", FALSE },
    { RS_ERROR_INVALID_ARGUMENT, "InvalidArgument", "C", FALSE },
    { RS_ERROR_NOT_ALLOWED, "NotAllowed", "C", FALSE },
    { RS_ERROR_BUSY, "Busy", "C", TRUE },
    { RS_ERROR_DISABLED, "Disabled", "C", FALSE },
    { RS_ERROR_NOT_FOUND, "NotFound", "B", TRUE },
    { RS_ERROR_UNREACHABLE, "Unreachable", "C", TRUE },
    { RS_ERROR_UNTRUSTED, "Untrusted", "C", TRUE },
    { RS_ERROR_CORRUPT, "Corrupt", "B", TRUE },
    { RS_ERROR_STORAGE, "Storage", "C", TRUE },
    { RS_ERROR_CANCELLED, "Cancelled", "C", TRUE },
  };

  g_assert_cmpuint (G_N_ELEMENTS (cases), ==, RS_N_ERRORS);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RsError code = RS_N_ERRORS;

      g_assert_cmpstr (rs_error_name (cases[i].code), ==, cases[i].name);
      g_assert_true (rs_error_from_name (cases[i].name, &code));
      g_assert_cmpint (code, ==, cases[i].code);
      g_assert_cmpstr (rs_class_name (rs_error_class (code)), ==, cases[i].class);
      g_assert_cmpint (rs_error_is_transient (code), ==, cases[i].transient);
    }
  g_assert_cmpstr (rs_class_name (RS_CLASS_A), ==, "A");
}

static void
test_unknown (void)
{
  RsError code = RS_ERROR_BUSY;

  g_assert_false (rs_error_from_name ("failed", &code));
  g_assert_false (rs_error_from_name ("", &code));
  g_assert_false (rs_error_from_name (NULL, &code));
  g_assert_cmpint (code, ==, RS_ERROR_BUSY);
  g_assert_cmpstr (rs_error_name (RS_N_ERRORS), ==, "Failed");
  g_assert_cmpstr (rs_error_name ((RsError)-1), ==, "Failed");
  g_assert_cmpint (rs_error_class (RS_N_ERRORS), ==, RS_CLASS_C);
  g_assert_true (rs_error_is_transient ((RsError)-1));
}

static void
test_code (void)
{
  g_autoptr (GError) own = g_error_new_literal (RS_ERROR, RS_ERROR_STORAGE, "x");
  g_autoptr (GError) odd = g_error_new_literal (RS_ERROR, 4711, "x");
  g_autoptr (GError) foreign = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOENT, "x");

  g_assert_cmpint (rs_error_code (own), ==, RS_ERROR_STORAGE);
  g_assert_cmpint (rs_error_code (odd), ==, RS_ERROR_FAILED);
  g_assert_cmpint (rs_error_code (foreign), ==, RS_ERROR_FAILED);
  g_assert_cmpint (rs_error_code (NULL), ==, RS_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/error/names", test_names);
  g_test_add_func ("/base/error/unknown", test_unknown);
  g_test_add_func ("/base/error/code", test_code);
  return g_test_run ();
}
