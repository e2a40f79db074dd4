/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sealed files: whatever is done to one, it is either whole or known not to be, and then its generation before
 * counts. */
#include "disk.h"

#include "base/error.h"
#include "store/sealed.h"
#include "system/file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_SIZE 4096

static void
save (const char *folder,
      const char *body)
{
  g_autoptr (GBytes) content = rs_sealed_close (g_string_new (body));

  g_assert_true (rs_file_save (folder, "f.conf", content, TRUE, NULL));
}

/* Takes any body but one that says no. */
static gboolean
take_in (const char *text,
         gsize       length,
         gpointer    data,
         GError    **error)
{
  if (g_strstr_len (text, length, "no") != NULL)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_CORRUPT, "it says no");
      return FALSE;
    }
  g_free (*(char **)data);
  *(char **)data = g_strndup (text, length);
  return TRUE;
}

typedef struct
{
  RsSealedSource source;
  char          *text; /* NULL: nothing was taken in */
  guint          n_warnings;
} Loaded;

static void
loaded_clear (Loaded *loaded)
{
  g_clear_pointer (&loaded->text, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Loaded, loaded_clear)

static gboolean
try_load (const char *folder,
          Loaded     *loaded,
          GError    **error)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  gboolean ok;

  loaded_clear (loaded);
  ok = rs_sealed_load (folder, "f.conf", MAX_SIZE, take_in, &loaded->text, warnings, &loaded->source, error);
  loaded->n_warnings = warnings->len;
  for (guint i = 0; i < warnings->len; i++)
    g_assert_nonnull (strstr (warnings->pdata[i], "f.conf.broken-"));
  return ok;
}

static void
assert_loads (const char    *folder,
              RsSealedSource source,
              const char    *text,
              guint          n_warnings)
{
  g_auto (Loaded) loaded = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean ok = try_load (folder, &loaded, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
  g_assert_cmpint (loaded.source, ==, source);
  g_assert_cmpstr (loaded.text, ==, text);
  g_assert_cmpuint (loaded.n_warnings, ==, n_warnings);
}

static guint
count_broken (const char *folder)
{
  g_auto (GStrv) names = rs_file_list (folder, "f.conf.broken-");

  return g_strv_length (names);
}

static void
test_good (void)
{
  char *folder = disk_folder ();

  assert_loads (folder, RS_SEALED_NONE, NULL, 0);
  save (folder, "one\n");
  assert_loads (folder, RS_SEALED_PRESENT, "one\n", 0);
  save (folder, "");
  assert_loads (folder, RS_SEALED_PRESENT, "", 0);
  save (folder, "three");
  assert_loads (folder, RS_SEALED_PRESENT, "three", 0);
  disk_remove (folder);
}

/* STORE-5: cut at every byte, the generation before is used */
static void
test_cut (void)
{
  const char *body = "[A]\nb=c\nlonger=a value\n";
  char *folder = disk_folder ();
  g_autofree char *path = g_build_filename (folder, "f.conf", NULL), *whole = NULL;

  save (folder, "one");
  save (folder, body);
  whole = disk_read (folder, "f.conf");
  for (gsize length = 0; length < strlen (whole); length++)
    {
      g_autofree char *cut = g_strndup (whole, length);

      disk_write (folder, "f.conf", cut);
      assert_loads (folder, RS_SEALED_PREVIOUS, "one", 1);
      g_assert_cmpuint (count_broken (folder), <=, 2);
      g_assert_cmpint (g_access (path, F_OK), !=, 0);
    }
  disk_write (folder, "f.conf", whole);
  /* what was set aside is said until somebody takes it away */
  assert_loads (folder, RS_SEALED_PRESENT, body, 1);
  disk_remove (folder);
}

/* STORE-5: any byte changed, or something behind the end */
static void
test_changed (void)
{
  char *folder = disk_folder ();
  g_autofree char *whole = NULL, *longer = NULL;

  save (folder, "one");
  save (folder, "[A]\nb=c\n");
  whole = disk_read (folder, "f.conf");
  for (gsize i = 0; i < strlen (whole); i++)
    {
      g_autofree char *changed = g_strdup (whole);

      changed[i] ^= 1;
      disk_write (folder, "f.conf", changed);
      assert_loads (folder, RS_SEALED_PREVIOUS, "one", 1);
    }
  longer = g_strconcat (whole, "\n", NULL);
  disk_write (folder, "f.conf", longer);
  assert_loads (folder, RS_SEALED_PREVIOUS, "one", 1);
  disk_remove (folder);
}

static void
put_folder (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "f.conf", NULL);

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
}

static void
put_link (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "f.conf", NULL);

  g_assert_cmpint (symlink ("f.conf.previous", path), ==, 0);
}

static void
put_large (const char *folder)
{
  g_autofree char *large = g_strnfill (MAX_SIZE, 'x');
  g_autoptr (GBytes) content = rs_sealed_close (g_string_new (large));

  g_assert_true (rs_file_save (folder, "f.conf", content, FALSE, NULL));
}

static void
put_garbage (const char *folder)
{
  disk_write (folder, "f.conf", "\x01\xff garbage\n\n");
}

static void
put_refused (const char *folder)
{
  g_autoptr (GBytes) content = rs_sealed_close (g_string_new ("sealed, but no"));

  g_assert_true (rs_file_save (folder, "f.conf", content, FALSE, NULL));
}

/* STORE-5: a folder, a link, a file too large, garbage, a whole file that its reader does not take */
static void
test_kinds (void)
{
  void (*const kinds[]) (const char *folder) = { put_folder, put_link, put_large, put_garbage, put_refused };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      char *folder = disk_folder ();
      g_autofree char *path = g_build_filename (folder, "f.conf", NULL);

      save (folder, "one");
      save (folder, "two");
      g_assert_cmpint (g_remove (path), ==, 0);
      kinds[i](folder);
      assert_loads (folder, RS_SEALED_PREVIOUS, "one", 1);
      g_assert_cmpuint (count_broken (folder), ==, 1);
      /* cut off before anything was written again: as before, and said once more */
      assert_loads (folder, RS_SEALED_PREVIOUS, "one", 1);
      save (folder, "three");
      assert_loads (folder, RS_SEALED_PRESENT, "three", 1);
      disk_remove (folder);
    }
}

/* STORE-5, STATE-4: no generation is good: lost, which is not the same as never written; two copies at most */
static void
test_lost (void)
{
  char *folder = disk_folder ();

  for (guint i = 0; i < 3; i++)
    {
      disk_write (folder, "f.conf", "broken");
      disk_write (folder, "f.conf.previous", "broken as well");
      assert_loads (folder, RS_SEALED_LOST, NULL, 2);
      g_assert_cmpuint (count_broken (folder), ==, 2);
      assert_loads (folder, RS_SEALED_LOST, NULL, 1);
    }
  g_assert_true (rs_sealed_forget (folder, "f.conf", NULL));
  assert_loads (folder, RS_SEALED_NONE, NULL, 0);
  disk_remove (folder);
}

/* STORE-5: an I/O error says nothing about the content; nothing is set aside */
static void
test_io_error (void)
{
  char *folder = disk_folder ();
  g_auto (Loaded) loaded = { 0 };
  g_autoptr (GError) error = NULL;

  save (folder, "one");
  save (folder, "two");
  disk_put_unreadable (folder, "f.conf");
  g_assert_false (try_load (folder, &loaded, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  g_assert_cmpuint (loaded.n_warnings, ==, 0);
  g_assert_cmpuint (count_broken (folder), ==, 0);
  disk_remove (folder);
}

/* STORE-5: where setting aside fails the daemon must not go on as if nothing were there */
static void
test_cannot_set_aside (void)
{
  char *folder = disk_small (64 * 1024);
  g_auto (Loaded) loaded = { 0 };
  g_autoptr (GError) error = NULL;

  save (folder, "one");
  disk_write (folder, "f.conf", "broken");
  disk_set_read_only (folder, TRUE);
  g_assert_false (try_load (folder, &loaded, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  disk_set_read_only (folder, FALSE);
  disk_remove (folder);
}

/* STATE-4 */
static void
test_forget (void)
{
  char *folder = disk_folder ();
  g_autofree char *names = NULL;

  save (folder, "one");
  save (folder, "two");
  disk_write (folder, "f.conf.broken-20260101T000000Z", "x");
  disk_write (folder, "f.config", "x");
  g_assert_true (rs_sealed_forget (folder, "f.conf", NULL));
  names = disk_list (folder, "");
  g_assert_cmpstr (names, ==, "f.conf f.config");
  assert_loads (folder, RS_SEALED_PRESENT, "two", 0);
  disk_remove (folder);
}

int
main (int    argc,
      char **argv)
{
  disk_enter_namespace ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/sealed/good", test_good);
  g_test_add_func ("/store/sealed/cut", test_cut);
  g_test_add_func ("/store/sealed/changed", test_changed);
  g_test_add_func ("/store/sealed/kinds", test_kinds);
  g_test_add_func ("/store/sealed/lost", test_lost);
  g_test_add_func ("/store/sealed/io-error", test_io_error);
  g_test_add_func ("/store/sealed/cannot-set-aside", test_cannot_set_aside);
  g_test_add_func ("/store/sealed/forget", test_forget);
  return g_test_run ();
}
