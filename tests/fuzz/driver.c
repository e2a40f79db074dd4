/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a target over the files of folders, one case a file: so the seeds, and what once fell, are tried by every build,
 * whatever its compiler. */
#include <glib.h>
#include <stdint.h>

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
run_file (gconstpointer path)
{
  g_autofree char *content = NULL;
  g_autofree char *exact = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (path, &content, &length, &error);
  g_assert_no_error (error);
  /* without the NUL that GLib puts behind it, so that a sanitizer sees who reads beyond the end */
  exact = g_memdup2 (content, length);
  LLVMFuzzerTestOneInput ((const uint8_t *)exact, length);
}

static void
add_files (const char *folder, GPtrArray *paths)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *)a, *(const char *const *)b);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  g_test_init (&argc, &argv, NULL);
  LLVMFuzzerInitialize (&argc, &argv);
  for (int i = 1; i < argc; i++)
    add_files (argv[i], paths);
  g_assert_cmpuint (paths->len, >, 0);
  g_ptr_array_sort (paths, compare);
  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *folder = g_path_get_dirname (paths->pdata[i]);
      g_autofree char *kind = g_path_get_basename (folder);
      g_autofree char *name = g_path_get_basename (paths->pdata[i]);
      g_autofree char *test = g_strdup_printf ("/%s/%s", kind, name);

      g_test_add_data_func (test, paths->pdata[i], run_file);
    }
  return g_test_run ();
}
