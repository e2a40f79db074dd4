/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was reported, on disk. (REPORT-1) */
#include "disk.h"

#include "store/reported.h"

#include <glib/gstdio.h>

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static GHashTable *
marks (const char *name, const char *mark)
{
  GHashTable *made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  g_hash_table_insert (made, g_strdup (name), g_strdup (mark));
  g_hash_table_insert (made, g_strdup ("Left_Out"), g_strdup (""));
  return made;
}

static gboolean
save (RsReported *reported, guint slot, GHashTable *made)
{
  g_autoptr (GAsyncResult) result = NULL;

  rs_reported_save_async (reported, slot, made, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return rs_reported_save_finish (reported, result, NULL);
}

static const char *
mark_of (RsReported *reported, guint slot, const char *name)
{
  GHashTable *found = rs_reported_get (reported, slot);

  return found != NULL ? g_hash_table_lookup (found, name) : NULL;
}

/* REPORT-1, STATE-4: each slot is there again after a start, until a reset; what is the same is not written */
static void
test_again (void)
{
  char *folder = disk_folder ();
  g_autofree char *path = g_build_filename (folder, "reported-2.conf", NULL);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (RsReported) first = rs_reported_open (folder, NULL, warnings), second = NULL, third = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  GStatBuf before, after;

  g_assert_null (rs_reported_get (first, 0));
  g_assert_true (save (first, 1, marks ("GPP_A", "0123456789abcdef")));
  g_assert_cmpint (g_stat (path, &before), ==, 0);
  g_assert_cmpuint (before.st_mode & 0777, ==, 0600);
  g_assert_true (save (first, 1, marks ("GPP_A", "0123456789abcdef")));
  g_assert_cmpint (g_stat (path, &after), ==, 0);
  g_assert_cmpuint (after.st_ino, ==, before.st_ino);
  second = rs_reported_open (folder, NULL, warnings);
  g_assert_null (rs_reported_get (second, 0));
  g_assert_cmpstr (mark_of (second, 1, "GPP_A"), ==, "0123456789abcdef");
  g_assert_cmpstr (mark_of (second, 1, "Left_Out"), ==, "");
  rs_reported_clear_async (second, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (rs_reported_clear_finish (second, result, NULL));
  g_assert_null (rs_reported_get (second, 1));
  third = rs_reported_open (folder, NULL, warnings);
  g_assert_null (rs_reported_get (third, 1));
  g_assert_cmpuint (warnings->len, ==, 0);
  disk_remove (folder);
}

/* STORE-5, REPORT-1: a file that was changed is set aside, and the next report is a whole one */
static void
test_changed (void)
{
  char *folder = disk_folder ();
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (RsReported) reported = NULL;

  disk_write (folder, "reported-1.conf", "GPP_A 0123456789abcdef\n#complete 00\n");
  reported = rs_reported_open (folder, NULL, warnings);
  g_assert_null (rs_reported_get (reported, 0));
  g_assert_cmpuint (warnings->len, >, 0);
  disk_remove (folder);
}

/* STORE-2: where it cannot be written it stands in memory, and that is said */
static void
test_no_folder (void)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (RsReported) reported = rs_reported_open ("/nonexistent", NULL, warnings);

  g_assert_false (save (reported, 0, marks ("GPP_A", "0123456789abcdef")));
  g_assert_cmpstr (mark_of (reported, 0, "GPP_A"), ==, "0123456789abcdef");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/reported/again", test_again);
  g_test_add_func ("/store/reported/changed", test_changed);
  g_test_add_func ("/store/reported/no-folder", test_no_folder);
  return g_test_run ();
}
