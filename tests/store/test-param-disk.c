/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store of record on a bad day: the disk is full or read-only, the file is broken, the daemon is killed. */
#include "fixture-store.h"

#include "disk.h"
#include "base/error.h"
#include "system/file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_PARAMETERS 50
#define N_KILLS 200

/* Each of the 50 parameters P_n gets a text of its own that holds k. */
static GStrv
generation (guint k)
{
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();

  for (guint i = 0; i < N_PARAMETERS; i++)
    {
      g_autofree char *one = g_strdup_printf ("P_%u=%u of %u, and some words to fill a line with", i, k, i);
      g_strv_builder_add (list, one);
    }
  return g_strv_builder_end (list);
}

static gboolean
commit (StoreFixture *fixture,
        guint         k,
        GError      **error)
{
  g_auto (GStrv) assignments = generation (k);

  return fixture_store_commit (fixture, (const char *const *)assignments, NULL, error);
}

/* The k of which the store holds all; -1: it holds nothing. Fails the test where it holds two. */
static gint64
held (StoreFixture *fixture)
{
  const char *first = fixture_store_get (fixture, "P_0");
  guint64 k = g_ascii_strtoull (first, NULL, 10);

  for (guint i = 0; i < N_PARAMETERS; i++)
    {
      g_autofree char *one = g_strdup_printf ("P_%u", i), *expected = g_strdup ("");

      if (first[0] != '\0')
        {
          g_free (expected);
          expected = g_strdup_printf ("%u of %u, and some words to fill a line with", (guint)k, i);
        }
      g_assert_cmpstr (fixture_store_get (fixture, one), ==, expected);
    }
  return first[0] != '\0' ? (gint64)k : -1;
}

/* STORE-2: a full disk fails the commit with Storage, memory and disk stay, and it goes through once there is room */
static void
test_full (void)
{
  g_autoptr (StoreFixture) fixture = fixture_store_new (disk_small (64 * 1024), NULL);
  g_autofree char *rest = g_strnfill (48 * 1024, 'x'), *path = g_build_filename (fixture->folder, "rest", NULL);
  g_autofree char *large = g_strnfill (12 * 1024, 'x'), *before = NULL, *after = NULL, *names = NULL;
  g_autoptr (GError) error = NULL;

  fixture_store_reopen (fixture);
  g_assert_true (commit (fixture, 1, &error));
  disk_write (fixture->folder, "rest", rest);
  before = disk_read (fixture->folder, "parameters.conf");
  g_string_truncate (fixture->log, 0);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_false (fixture_store_set (fixture, "Text", large, &error));
      g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
      g_clear_error (&error);
    }
  g_assert_cmpstr (fixture->log->str, ==, "done done done ");
  g_assert_cmpint (held (fixture), ==, 1);
  g_assert_cmpstr (fixture_store_get (fixture, "Text"), ==, "t");
  g_assert_cmpuint (rs_param_store_get_generation (fixture->store), ==, 1);
  after = disk_read (fixture->folder, "parameters.conf");
  g_assert_cmpstr (after, ==, before);
  names = disk_list (fixture->folder, "");
  g_assert_cmpstr (names, ==, "parameters.conf rest");
  g_assert_cmpint (g_unlink (path), ==, 0);
  fixture_store_must_set (fixture, "Text", large);
  fixture_store_reopen (fixture);
  g_assert_cmpint (held (fixture), ==, 1);
  g_assert_cmpstr (fixture_store_get (fixture, "Text"), ==, large);
}

/* STORE-2: the same on a disk that has become read-only, also for a factory reset */
static void
test_read_only (void)
{
  g_autoptr (StoreFixture) fixture = fixture_store_new (disk_small (256 * 1024), NULL);
  g_autoptr (GError) error = NULL;

  fixture_store_reopen (fixture);
  g_assert_true (commit (fixture, 1, &error));
  g_assert_true (commit (fixture, 2, &error));
  disk_set_read_only (fixture->folder, TRUE);
  g_assert_false (commit (fixture, 3, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_false (fixture_store_clear (fixture, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_cmpint (held (fixture), ==, 2);
  fixture_store_reopen (fixture);
  g_assert_cmpint (held (fixture), ==, 2);
  disk_set_read_only (fixture->folder, FALSE);
  g_assert_true (commit (fixture, 3, &error));
  g_assert_cmpint (held (fixture), ==, 3);
}

/* STORE-2: a failed commit does not hold up those behind it */
static void
test_queue_goes_on (void)
{
  g_autoptr (StoreFixture) fixture = fixture_store_new (disk_small (32 * 1024), NULL);
  g_autofree char *large = g_strnfill (40 * 1024, 'x');
  g_autoptr (GError) error = NULL;

  fixture_store_reopen (fixture);
  g_assert_false (fixture_store_set (fixture, "Text", large, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  fixture_store_must_set (fixture, "Count", "7");
  fixture_store_reopen (fixture);
  g_assert_cmpstr (fixture_store_get (fixture, "Count"), ==, "7");
}

static const RsValidator validator
    = { (char *)"Profile_Rule", (char *)"c", (char *)"etag", (char *)"", (char *)"d", 0 };

/* A store of two generations: Count 6 with its validator, then 7 with its own; Pass is a secret of both. */
static StoreFixture *
two_generations (void)
{
  StoreFixture *fixture = fixture_store_new (disk_folder (), NULL);
  const char *first[] = { "Count=6", "Pass=s", NULL }, *second[] = { "Count=7", NULL };

  fixture_store_reopen (fixture);
  g_assert_true (fixture_store_commit (fixture, first, &validator, NULL));
  g_assert_true (fixture_store_commit (fixture, second, &validator, NULL));
  return fixture;
}

/* STORE-5, HTTP-8: cut at any byte: the generation before counts, whole, and no conditional request is made of it */
static void
test_cut (void)
{
  g_autoptr (StoreFixture) fixture = two_generations ();
  g_autofree char *whole = disk_read (fixture->folder, "parameters.conf");

  for (gsize length = 0; length < strlen (whole); length++)
    {
      g_autofree char *cut = g_strndup (whole, length);

      disk_write (fixture->folder, "parameters.conf", cut);
      fixture_store_reopen (fixture);
      g_assert_cmpuint (fixture->warnings->len, ==, 1);
      g_assert_cmpstr (fixture_store_get (fixture, "Count"), ==, "6");
      g_assert_cmpstr (fixture_store_get (fixture, "Pass"), ==, "s");
      g_assert_null (rs_param_store_get_validator (fixture->store, "Profile_Rule"));
    }
  disk_write (fixture->folder, "parameters.conf", whole);
  fixture_store_reopen (fixture);
  g_assert_cmpstr (fixture_store_get (fixture, "Count"), ==, "7");
}

/* STORE-5: the same for each changed byte */
static void
test_changed (void)
{
  g_autoptr (StoreFixture) fixture = two_generations ();
  g_autofree char *whole = disk_read (fixture->folder, "parameters.conf");

  for (gsize i = 0; i < strlen (whole); i++)
    {
      g_autofree char *changed = g_strdup (whole);

      changed[i] ^= 2;
      disk_write (fixture->folder, "parameters.conf", changed);
      fixture_store_reopen (fixture);
      g_assert_cmpstr (fixture_store_get (fixture, "Count"), ==, "6");
    }
}

/* STORE-5: no generation is left: the defaults, and it is said */
static void
test_lost (void)
{
  g_autoptr (StoreFixture) fixture = two_generations ();
  g_auto (GStrv) broken = NULL;

  for (guint i = 0; i < 2; i++)
    {
      disk_write (fixture->folder, "parameters.conf", "");
      disk_write (fixture->folder, "parameters.conf.previous", "[Store]\nFormat=1\n");
      fixture_store_reopen (fixture);
      g_assert_cmpuint (fixture->warnings->len, ==, 2);
      g_assert_cmpstr (fixture_store_get (fixture, "Count"), ==, "5");
    }
  broken = rs_file_list (fixture->folder, "parameters.conf.broken-");
  g_assert_cmpuint (g_strv_length (broken), ==, 2);
  fixture_store_must_set (fixture, "Count", "8");
  fixture_store_reopen (fixture);
  /* what was set aside is said until somebody takes it away */
  g_assert_cmpuint (fixture->warnings->len, ==, 1);
  g_assert_cmpstr (fixture_store_get (fixture, "Count"), ==, "8");
}

/* STORE-5: an I/O error ends the daemon with a message; nothing is set aside for it */
static void
test_io_error (void)
{
  g_autoptr (StoreFixture) fixture = two_generations ();
  g_autoptr (GError) error = NULL;
  g_autofree char *names = NULL;

  disk_put_unreadable (fixture->folder, "parameters.conf");
  g_assert_false (fixture_store_open (fixture, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  g_assert_nonnull (strstr (error->message, "parameters.conf"));
  names = disk_list (fixture->folder, "");
  g_assert_cmpstr (names, ==, "parameters.conf parameters.conf.previous");
}

/* STORE-5: what is sealed and is no parameter file: of a later format, or of another kind */
static const char *const sealed_texts[] = {
  "",
  "[Store]\nFormat=2\nGeneration=1\n[Parameters]\n",
  "[Store]\nGeneration=1\n[Parameters]\n",
  "[Store]\nFormat=1\nGeneration=-1\n",
  "[Store]\nFormat=1\nColour=red\n",
  "[Store]\nFormat=1\n[Parameters]\nCount\n",
  "[Store]\nFormat=1\n[Parameters]\nCount=7\n",
  "[Store]\nFormat=1\n[Parameters]\nCount=nobody,,7\n",
  "[Store]\nFormat=1\n[Parameters]\nCount=user,xx,7\n",
  "[Store]\nFormat=1\n[Parameters]\nCount=user,rw\n",
  "[Store]\nFormat=1\n[Parameters]\nCount=default,rw,7\n",
  "[Store]\nFormat=1\n[Parameters]\nText=user,,a\\q\n",
  "[Store]\nFormat=1\n[Validator A]\nColour=red\n",
  "[Other]\nFormat=1\n",
};

static void
test_sealed_but_other (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sealed_texts); i++)
    {
      g_autoptr (StoreFixture) fixture = two_generations ();
      g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, sealed_texts[i], -1);
      g_autofree char *text = g_strconcat (sealed_texts[i], "#complete ", digest, "\n", NULL);

      disk_write (fixture->folder, "parameters.conf", text);
      fixture_store_reopen (fixture);
      g_assert_cmpuint (fixture->warnings->len, ==, 1);
      g_assert_cmpstr (fixture_store_get (fixture, "Count"), ==, "6");
    }
}

/* The child: one commit after another until it is killed. */
static void
commit_for_ever (StoreFixture *fixture,
                 guint         k)
{
  fixture_store_reopen (fixture);
  for (;;)
    {
      if (!commit (fixture, ++k, NULL))
        _exit (1);
    }
}

/* STORE-1, PROF-7: killed 200 times at any moment of a commit: the old or the new set is there, whole, and never an
 * older one than was seen before */
static void
test_killed (void)
{
  g_autoptr (StoreFixture) fixture = fixture_store_new (disk_folder (), NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  g_autofree char *names = NULL;
  gint64 last = 0;
  guint n_moved = 0;
  /* microseconds; more where the machine is so busy that children do not come to commit */
  gint longest = 12000;

  /* as often as it takes to find some in the middle of a commit */
  for (guint i = 0; i < N_KILLS || n_moved <= N_KILLS / 10; i++)
    {
      pid_t child = fork ();
      gint64 k;
      int status;

      if (child == 0)
        commit_for_ever (fixture, (guint)last);
      g_usleep (g_rand_int_range (rand, 0, longest));
      kill (child, SIGKILL);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFSIGNALED (status));
      fixture_store_reopen (fixture);
      g_assert_cmpuint (fixture->warnings->len, ==, 0);
      k = held (fixture);
      g_assert_cmpint (k, >=, last > 0 ? last : -1);
      n_moved += k > last;
      longest += k > last ? 0 : 500;
      last = MAX (k, 0);
    }
  g_test_message ("%u children came to commit; the last set is number %" G_GINT64_FORMAT, n_moved, last);
  names = disk_list (fixture->folder, "");
  g_assert_cmpstr (names, ==, "parameters.conf parameters.conf.previous");
}

/* STORE-2: another daemon that took the folder after a write had failed keeps it; what is refused for its size alone lets nobody in */
static void
test_another (void)
{
  g_autoptr (StoreFixture) fixture = fixture_store_new (disk_small (256 * 1024), NULL);
  g_autoptr (RsLock) lock = rs_lock_new (fixture->folder), other = rs_lock_new (fixture->folder);
  g_autofree char *huge = g_strnfill (65 << 20, 'x'), *before = NULL, *after = NULL;
  const RsValidator large = { (char *)"Profile_Rule", (char *)"", huge, (char *)"", (char *)"", 0 };
  const char *nothing[] = { NULL };
  g_autoptr (GError) error = NULL;

  fixture_store_reopen (fixture);
  g_assert_true (rs_lock_take (lock, 0, NULL));
  rs_param_store_set_lock (fixture->store, lock);
  g_assert_true (commit (fixture, 1, &error));
  g_assert_false (fixture_store_commit (fixture, nothing, &large, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_false (rs_lock_take (other, 0, NULL));
  disk_set_read_only (fixture->folder, TRUE);
  g_assert_false (commit (fixture, 2, NULL));
  disk_set_read_only (fixture->folder, FALSE);
  g_assert_true (rs_lock_take (other, 0, NULL));
  before = disk_read (fixture->folder, "parameters.conf");
  g_assert_false (commit (fixture, 2, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  g_assert_nonnull (strstr (error->message, "another resyncd"));
  g_assert_false (fixture_store_clear (fixture, NULL));
  after = disk_read (fixture->folder, "parameters.conf");
  g_assert_cmpstr (after, ==, before);
  g_clear_pointer (&other, rs_lock_unref);
  g_assert_true (commit (fixture, 3, NULL));
  g_assert_cmpint (held (fixture), ==, 3);
}

int
main (int    argc,
      char **argv)
{
  disk_enter_namespace ();
  g_test_init (&argc, &argv, NULL);
  /* first: a child is made while there is but one thread */
  g_test_add_func ("/store/disk/killed", test_killed);
  g_test_add_func ("/store/disk/full", test_full);
  g_test_add_func ("/store/disk/read-only", test_read_only);
  g_test_add_func ("/store/disk/another", test_another);
  g_test_add_func ("/store/disk/queue-goes-on", test_queue_goes_on);
  g_test_add_func ("/store/disk/cut", test_cut);
  g_test_add_func ("/store/disk/changed", test_changed);
  g_test_add_func ("/store/disk/lost", test_lost);
  g_test_add_func ("/store/disk/io-error", test_io_error);
  g_test_add_func ("/store/disk/sealed-but-other", test_sealed_but_other);
  return g_test_run ();
}
