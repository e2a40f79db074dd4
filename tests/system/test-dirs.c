/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Directories: the command line, then systemd's variables, then the built-in places. */
#include "system/dirs.h"

#include "base/error.h"

#include <glib/gstdio.h>

static void
test_variables (void)
{
  g_autofree char *top = g_dir_make_tmp ("dirs-XXXXXX", NULL);
  g_autofree char *state = g_build_filename (top, "state", NULL);
  g_autofree char *several = g_strconcat (state, ":/somewhere/else", NULL);
  g_autofree char *run = g_build_filename (top, "run", NULL);
  g_autoptr (RsDirs) dirs = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("STATE_DIRECTORY", several, TRUE);
  g_setenv ("RUNTIME_DIRECTORY", run, TRUE);
  g_setenv ("CONFIGURATION_DIRECTORY", "/conf", TRUE);
  dirs = rs_dirs_new (NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (dirs->state, ==, state);
  g_assert_cmpstr (dirs->runtime, ==, run);
  g_assert_cmpstr (dirs->conf, ==, "/conf");
  g_assert_true (g_file_test (state, G_FILE_TEST_IS_DIR));
}

static void
test_command_line (void)
{
  g_autofree char *top = g_dir_make_tmp ("dirs-XXXXXX", NULL);
  g_autoptr (RsDirs) dirs = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("STATE_DIRECTORY", "/nowhere/else", TRUE);
  g_unsetenv ("RUNTIME_DIRECTORY");
  dirs = rs_dirs_new (top, "/the/catalogue", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (dirs->state, ==, top);
  g_assert_true (g_str_has_prefix (dirs->runtime, top));
  g_assert_cmpstr (dirs->catalogues[0], ==, "/the/catalogue");
  g_assert_null (dirs->catalogues[1]);
}

/* STORE-2 */
static void
test_failure (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (rs_dirs_new ("/dev/null/state", NULL, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  g_assert_nonnull (strstr (error->message, "/dev/null/state"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dirs/variables", test_variables);
  g_test_add_func ("/dirs/command-line", test_command_line);
  g_test_add_func ("/dirs/failure", test_failure);
  return g_test_run ();
}
