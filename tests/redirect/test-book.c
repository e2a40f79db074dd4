/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the provider wrote, and which phones have used it. */
#include "disk.h"

#include "redirect/book.h"
#include "redirect/uses.h"

#include <glib/gstdio.h>

#define DIGEST "0123456789abcdef"
#define MAC "00562b043615"

/* A day counts to its end, in UTC; an instant is one. */
static void
test_expires (void)
{
  static const char text[] = "[code 1111111111111111]\nRule=http://a/\nExpires=2027-03-01\n"
                             "[code 2222222222222222]\nRule=http://a/\nExpires=2027-03-01T12:00:00Z\n"
                             "[code 3333333333333333]\nRule=http://a/\n";
  static const char *const codes[] = { "1111111111111111", "2222222222222222", "3333333333333333" };
  g_autoptr (GDateTime) night = g_date_time_new_utc (2027, 3, 2, 0, 0, 0), noon = g_date_time_new_utc (2027, 3, 1, 12, 0, 0);
  const gint64 expires[] = { g_date_time_to_unix (night) * G_USEC_PER_SEC, g_date_time_to_unix (noon) * G_USEC_PER_SEC, 0 };
  char *folder = disk_folder ();
  g_autofree char *path = g_build_filename (folder, "redirect.conf", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsBook) book = NULL;

  disk_write (folder, "redirect.conf", text);
  book = rs_book_read (path, "secret", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      const RsBookCode *code = rs_book_find_code (book, RS_BOOK_ACTIVATION, codes[i]);

      g_assert_nonnull (code);
      g_assert_cmpint (code->expires, ==, expires[i]);
    }
  disk_remove (folder);
}

typedef struct
{
  const char *obstacle; /* to be removed when the use is known to be written or not */
  gboolean answered, written;
} Use;

static void
on_noted (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Use *use = data;
  g_autoptr (GError) error = NULL;

  use->answered = TRUE;
  use->written = rs_uses_note_finish (result, &error);
  if (!use->written)
    g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  if (use->obstacle != NULL)
    g_assert_cmpint (g_rmdir (use->obstacle), ==, 0);
}

/* A phone that asks again while its use is being written relies on that write. Where it fails, and the next one does not, the phone that is
 * told where the code leads has used it, now and after a restart. */
static void
test_failed_write (void)
{
  char *folder = disk_folder ();
  g_autofree char *path = g_build_filename (folder, "uses.conf", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsUses) uses = rs_uses_open (folder, &error);
  Use first = { path }, again = { NULL };

  g_assert_no_error (error);
  /* nothing is renamed to what is a folder */
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  rs_uses_note_async (uses, DIGEST, MAC, on_noted, &first);
  rs_uses_note_async (uses, DIGEST, MAC, on_noted, &again);
  while (!again.answered)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (first.answered);
  g_assert_false (first.written);
  g_assert_true (again.written);
  g_assert_true (rs_uses_has (uses, DIGEST, MAC));
  g_assert_cmpuint (rs_uses_count (uses, DIGEST), ==, 1);

  g_clear_pointer (&uses, rs_uses_free);
  uses = rs_uses_open (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rs_uses_count (uses, DIGEST), ==, 1);
  g_clear_pointer (&uses, rs_uses_free);
  disk_remove (folder);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redirect/book/expires", test_expires);
  g_test_add_func ("/redirect/uses/failed-write", test_failed_write);
  return g_test_run ();
}
