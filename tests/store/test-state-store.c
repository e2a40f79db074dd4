/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the daemon remembers: written when it is new, never lost to a broken file, and easy on the flash. */
#include "disk.h"

#include "base/error.h"
#include "store/sealed.h"
#include "store/state-private.h"
#include "system/file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_KILLS 60

typedef struct
{
  char         *folder, *runtime;
  RsStateStore *store;
  GPtrArray    *warnings;
} Fixture;

static Fixture *
fixture_new (char *folder)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->folder = folder;
  fixture->runtime = disk_folder ();
  return fixture;
}

static void
fixture_free (Fixture *fixture)
{
  g_clear_object (&fixture->store);
  g_clear_pointer (&fixture->warnings, g_ptr_array_unref);
  disk_remove (fixture->folder);
  disk_remove (fixture->runtime);
  g_free (fixture);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

static gboolean
try_open (Fixture *fixture,
          GError **error)
{
  g_clear_object (&fixture->store);
  g_clear_pointer (&fixture->warnings, g_ptr_array_unref);
  fixture->warnings = g_ptr_array_new_with_free_func (g_free);
  fixture->store = rs_state_store_open (fixture->folder, fixture->runtime, fixture->warnings, error);
  return fixture->store != NULL;
}

static const RsState *
open_state (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = try_open (fixture, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
  return rs_state_store_get (fixture->store);
}

static void
on_saved (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static gboolean
save (Fixture       *fixture,
      const RsState *state,
      GError       **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  rs_state_store_save_async (fixture->store, state, on_saved, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return rs_state_store_save_finish (fixture->store, result, error);
}

/* A copy of what is in memory, to be changed; free it. */
static RsState *
draft (Fixture *fixture)
{
  return rs_state_copy (rs_state_store_get (fixture->store));
}

static void
set_text (char      **place,
          const char *text)
{
  g_free (*place);
  *place = g_strdup (text);
}

static gboolean
save_customization (Fixture    *fixture,
                    const char *customization,
                    GError    **error)
{
  g_autoptr (RsState) state = draft (fixture);

  set_text (&state->customization, customization);
  state->provisioned = strcmp (customization, "Open") != 0;
  return save (fixture, state, error);
}

static void
assert_equal (const RsState *a,
              const RsState *b)
{
  g_autofree char *one = rs_state_to_text (a), *other = rs_state_to_text (b);

  g_assert_cmpstr (one, ==, other);
}

/* A state with something in every field. */
static RsState *
full_state (void)
{
  RsState *state = rs_state_new ();

  set_text (&state->customization, "Acquired");
  set_text (&state->failure_reason, "a\nreason; with \"all\" of \\it ü");
  set_text (&state->profile_source, "dhcp-66");
  set_text (&state->candidate_scheme, "https");
  set_text (&state->candidate_host, "2001:db8::1");
  set_text (&state->candidate_path, "/$PN.cfg?a=b;c");
  set_text (&state->lease_servers, "66=a;160=b");
  set_text (&state->boot_id, "0123"), set_text (&state->story, "[('redirect', \"it's\", '\\n', 1)]");
  set_text (&state->next_reason, "retry"), set_text (&state->lease_identity, "eth0 192.0.2.5");
  state->provisioned = state->candidate_srv = state->next_retry_after = TRUE;
  state->candidate_port = 8443;
  state->last_success = 1700000000000001;
  state->next_due = 1700000000000002;
  state->code_wait = state->retry_index = 7;
  state->last_wall = 1700000000000003;
  state->resetting = TRUE;
  for (guint i = 1; i <= 5; i++)
    {
      g_autofree char *message = g_strdup_printf ("message %u", i);

      rs_state_push_attempt (state->provisioning, i, "success", "tftp://a/b", message);
      rs_state_push_attempt (state->upgrade, 10 * i, "failed", "http://a/?…", message);
    }
  return state;
}

/* STATE-4, LOG-3: every field survives; a fresh phone is Open */
static void
test_fields (void)
{
  g_autoptr (Fixture) fixture = fixture_new (disk_folder ());
  g_autoptr (RsState) state = full_state (), fresh = rs_state_new ();
  g_autofree char *path = g_build_filename (fixture->folder, "state.conf", NULL);
  struct stat status;

  assert_equal (open_state (fixture), fresh);
  g_assert_cmpstr (fresh->customization, ==, "Open");
  g_assert_true (save (fixture, state, NULL));
  disk_remove (fixture->runtime);
  fixture->runtime = disk_folder ();
  assert_equal (open_state (fixture), state);
  g_assert_cmpuint (fixture->warnings->len, ==, 0);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
}

/* LOG-3: the last three, newest first, bounded */
static void
test_attempts (void)
{
  g_autoptr (RsState) state = full_state ();
  g_autofree char *endless = g_strnfill (100000, 'x'), *wide = NULL;
  g_autoptr (GString) text = g_string_new ("x");

  g_assert_cmpint (state->provisioning[0].time, ==, 5);
  g_assert_cmpint (state->provisioning[2].time, ==, 3);
  g_assert_cmpstr (state->provisioning[1].message, ==, "message 4");
  rs_state_push_attempt (state->upgrade, 60, "failed", endless, endless);
  g_assert_cmpuint (strlen (state->upgrade[0].url), ==, 2048);
  g_assert_cmpuint (strlen (state->upgrade[0].message), ==, 512);
  for (guint i = 0; i < 600; i++)
    g_string_append (text, "€");
  rs_state_push_attempt (state->upgrade, 61, "failed", "\xff", text->str);
  g_assert_true (g_utf8_validate (state->upgrade[0].message, -1, NULL));
  g_assert_true (g_utf8_validate (state->upgrade[0].url, -1, NULL));
  g_assert_cmpuint (strlen (state->upgrade[0].message), <=, 512);
  g_assert_cmpuint (strlen (state->upgrade[0].message), >, 508);
}

static char *
trace (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "state.conf", NULL);
  struct stat status;

  if (stat (path, &status) != 0)
    return g_strdup ("none");
  return g_strdup_printf ("%lu %ld.%09ld", (unsigned long)status.st_ino, (long)status.st_mtim.tv_sec,
                          (long)status.st_mtim.tv_nsec);
}

static void
assert_trace (Fixture    *fixture,
              const char *before,
              gboolean    same)
{
  g_autofree char *now = trace (fixture);

  g_assert_cmpint (strcmp (now, before) == 0, ==, same);
}

/* PROF-12, LOG-3: what is on the flash already is not written again */
static void
test_equal_is_not_written (void)
{
  g_autoptr (Fixture) fixture = fixture_new (disk_folder ());
  g_autoptr (RsState) state = full_state ();
  g_autofree char *before = NULL;

  open_state (fixture);
  g_assert_true (save (fixture, state, NULL));
  before = trace (fixture);
  g_assert_true (save (fixture, state, NULL));
  open_state (fixture);
  g_assert_true (save (fixture, state, NULL));
  assert_trace (fixture, before, TRUE);
  state->retry_index++;
  g_assert_true (save (fixture, state, NULL));
  assert_trace (fixture, before, FALSE);
}

static void
on_joined (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_assert_true (rs_state_store_save_finish (RS_STATE_STORE (source), result, NULL));
  (*(guint *)data)++;
}

/* Several saves at once are one write of the last state, and each is answered when its state is durable. */
static void
test_joined (void)
{
  g_autoptr (Fixture) fixture = fixture_new (disk_folder ());
  guint n_done = 0;

  open_state (fixture);
  for (guint i = 1; i <= 20; i++)
    {
      g_autoptr (RsState) state = draft (fixture);

      state->retry_index = i;
      rs_state_store_save_async (fixture->store, state, on_joined, &n_done);
      g_assert_cmpuint (rs_state_store_get (fixture->store)->retry_index, ==, i);
    }
  while (n_done < 20)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (rs_state_store_get_saved (fixture->store)->retry_index, ==, 20);
  g_assert_cmpuint (open_state (fixture)->retry_index, ==, 20);
}

/* What was begun is on its disk. */
static void
settle (Fixture *fixture)
{
  while (rs_state_store_is_busy (fixture->store))
    g_main_context_iteration (NULL, TRUE);
}

/* Says that the copy in the runtime folder is of another boot. */
static void
restart_phone (Fixture *fixture)
{
  g_autofree char *text = disk_read (fixture->runtime, "state.conf");
  char *boot = strstr (text, " boot "), *seal = strstr (text, "#complete ");
  g_autoptr (GBytes) sealed = NULL;

  boot[strlen (" boot ")] ^= 1;
  *seal = '\0';
  sealed = rs_sealed_close (g_string_new (text));
  g_assert_true (rs_file_save (fixture->runtime, "state.conf", sealed, FALSE, NULL));
}

/* LOG-3: an unchanged resync is remembered without a write to the flash, until the phone is restarted */
static void
test_volatile (void)
{
  g_autoptr (Fixture) fixture = fixture_new (disk_folder ());
  g_autoptr (RsState) state = full_state ();
  g_autofree char *before = NULL;

  open_state (fixture);
  g_assert_true (save (fixture, state, NULL));
  before = trace (fixture);
  rs_state_push_attempt (state->provisioning, 99, "unchanged", "tftp://a/b", "");
  state->last_success = 99;
  rs_state_store_set_volatile (fixture->store, state);
  g_assert_cmpint (rs_state_store_get (fixture->store)->provisioning[0].time, ==, 99);
  g_assert_cmpint (rs_state_store_get_saved (fixture->store)->provisioning[0].time, ==, 5);
  settle (fixture);
  assert_trace (fixture, before, TRUE);
  g_assert_cmpint (open_state (fixture)->provisioning[0].time, ==, 99);
  g_assert_cmpint (rs_state_store_get (fixture->store)->provisioning[1].time, ==, 5);
  restart_phone (fixture);
  g_assert_cmpint (open_state (fixture)->provisioning[0].time, ==, 5);
}

/* LOG-3: what the flash learned later counts, and a broken or missing copy is no harm */
static void
test_volatile_is_second (void)
{
  g_autoptr (Fixture) fixture = fixture_new (disk_folder ());
  g_autoptr (RsState) state = full_state ();
  g_autofree char *copy = NULL;

  open_state (fixture);
  state->retry_index = 1;
  rs_state_store_set_volatile (fixture->store, state);
  settle (fixture);
  copy = disk_read (fixture->runtime, "state.conf");
  state->retry_index = 2;
  g_assert_true (save (fixture, state, NULL));
  disk_write (fixture->runtime, "state.conf", copy);
  g_assert_cmpuint (open_state (fixture)->retry_index, ==, 2);
  disk_write (fixture->runtime, "state.conf", "broken");
  g_assert_cmpuint (open_state (fixture)->retry_index, ==, 2);
  disk_remove (fixture->runtime);
  fixture->runtime = g_strdup ("/nonexistent");
  g_assert_cmpuint (open_state (fixture)->retry_index, ==, 2);
  state->retry_index = 3;
  g_assert_true (save (fixture, state, NULL));
  rs_state_store_set_volatile (fixture->store, state);
  settle (fixture);
  g_assert_cmpuint (open_state (fixture)->retry_index, ==, 3);
  g_free (fixture->runtime);
  fixture->runtime = disk_folder ();
}

static const struct
{
  const char *first, *second; /* saved one after the other; NULL: none */
  gboolean    break_present, break_previous;
  const char *customization; /* of the phone after its restart */
  gboolean    provisioned;
} unreadable[] = {
  { NULL, NULL, FALSE, FALSE, "Open", FALSE },
  { "Aborted", "Acquired", FALSE, FALSE, "Acquired", TRUE },
  { "Aborted", "Acquired", TRUE, FALSE, "Aborted", TRUE },
  { "Acquired", "Acquired", TRUE, FALSE, "Acquired", TRUE },
  { "Aborted", "Acquired", FALSE, TRUE, "Acquired", TRUE },
  { "Aborted", "Acquired", TRUE, TRUE, "Aborted", TRUE },
  { "Pending", "GDS-Acquired", TRUE, TRUE, "Aborted", TRUE },
  /* the phone had left its box, and the file that said so is broken */
  { "Open", "Acquired", TRUE, FALSE, "Aborted", TRUE },
  { "Acquired", NULL, TRUE, FALSE, "Aborted", TRUE },
  { "Open", "Open", TRUE, TRUE, "Aborted", TRUE },
  { "Open", "Open", FALSE, FALSE, "Open", FALSE },
};

static void
save_numbered (Fixture    *fixture,
               const char *customization,
               guint       number)
{
  g_autoptr (RsState) state = draft (fixture);

  state->retry_index = number;
  rs_state_store_set_volatile (fixture->store, state);
  g_assert_true (save_customization (fixture, customization, NULL));
}

/* STATE-4: an unreadable store never returns the phone to Open, and stays read the same way at every further start */
static void
test_unreadable (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (unreadable); i++)
    {
      g_autoptr (Fixture) fixture = fixture_new (disk_folder ());
      guint n_bad = unreadable[i].break_present + unreadable[i].break_previous;

      g_test_message ("%u", i);
      open_state (fixture);
      if (unreadable[i].first != NULL)
        save_numbered (fixture, unreadable[i].first, 1);
      if (unreadable[i].second != NULL)
        save_numbered (fixture, unreadable[i].second, 2);
      g_clear_object (&fixture->store);
      disk_remove (fixture->runtime);
      fixture->runtime = disk_folder ();
      if (unreadable[i].break_present)
        disk_write (fixture->folder, "state.conf", "");
      if (unreadable[i].break_previous)
        disk_write (fixture->folder, "state.conf.previous", "[state]\ncustomization=Open\n");
      for (guint start = 0; start < 3; start++)
        {
          const RsState *state = open_state (fixture);

          g_assert_cmpstr (state->customization, ==, unreadable[i].customization);
          g_assert_cmpint (state->provisioned, ==, unreadable[i].provisioned);
          if (start == 0 && unreadable[i].break_present)
            g_assert_cmpuint (fixture->warnings->len, ==, n_bad);
        }
    }
}

/* STATE-4: only a factory reset does: the marker is durable, survives every start, and what comes after it leaves no
 * older generation behind */
static void
test_reset (void)
{
  g_autoptr (Fixture) fixture = fixture_new (disk_folder ());
  g_autoptr (RsState) marker = full_state (), fresh = rs_state_new ();
  g_autofree char *names = NULL;

  open_state (fixture);
  g_assert_true (save_customization (fixture, "Acquired", NULL));
  g_assert_true (save (fixture, marker, NULL));
  disk_write (fixture->folder, "state.conf.broken-20260101T000000Z", "x");
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (open_state (fixture)->resetting);
      if (i == 1)
        restart_phone (fixture);
    }
  fresh->wrong_codes = 7;
  g_assert_true (save (fixture, fresh, NULL));
  assert_equal (open_state (fixture), fresh);
  restart_phone (fixture);
  assert_equal (open_state (fixture), fresh);
  names = disk_list (fixture->folder, "");
  g_assert_cmpstr (names, ==, "state.conf");
}

/* STORE-2: the disk is full: it is said, memory keeps the state, and the next save brings it to the flash */
static void
test_full (void)
{
  g_autoptr (Fixture) fixture = fixture_new (disk_small (32 * 1024));
  g_autofree char *rest = g_strnfill (24 * 1024, 'x'), *path = g_build_filename (fixture->folder, "rest", NULL);
  g_autoptr (RsState) state = full_state ();
  g_autoptr (GError) error = NULL;

  open_state (fixture);
  g_assert_true (save_customization (fixture, "Pending", NULL));
  disk_write (fixture->folder, "rest", rest);
  disk_write (fixture->folder, "more", "x");
  g_assert_false (save (fixture, state, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  assert_equal (rs_state_store_get (fixture->store), state);
  g_assert_cmpstr (rs_state_store_get_saved (fixture->store)->customization, ==, "Pending");
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_true (save (fixture, state, NULL));
  assert_equal (open_state (fixture), state);
}

/* STORE-2: a state too large to be read again is not written, which is no fault of the disk, and lets nobody in */
static void
test_too_large (void)
{
  g_autoptr (Fixture) fixture = fixture_new (disk_folder ());
  g_autoptr (RsLock) lock = rs_lock_new (fixture->folder), other = rs_lock_new (fixture->folder);
  g_autoptr (RsState) state = full_state ();
  g_autoptr (GError) error = NULL;

  open_state (fixture);
  g_assert_true (save_customization (fixture, "Pending", NULL));
  g_free (state->lease_servers);
  state->lease_servers = g_strnfill (2 << 20, 'x');
  rs_state_store_set_lock (fixture->store, lock);
  g_assert_false (save (fixture, state, &error));
  g_assert_false (rs_lock_take (other, 0, NULL));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  disk_remove (fixture->runtime);
  fixture->runtime = disk_folder ();
  g_assert_cmpstr (open_state (fixture)->customization, ==, "Pending");
}

/* STORE-2: neither the file nor its volatile copy is written while another daemon has the folder */
static void
test_another (void)
{
  g_autoptr (Fixture) fixture = fixture_new (disk_folder ());
  g_autoptr (RsLock) lock = rs_lock_new (fixture->folder), other = rs_lock_new (fixture->folder);
  g_autoptr (GError) error = NULL;

  open_state (fixture);
  g_assert_true (save_customization (fixture, "Aborted", NULL));
  rs_state_store_set_lock (fixture->store, lock);
  g_assert_true (rs_lock_take (other, 0, NULL));
  g_assert_false (save_customization (fixture, "Acquired", &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
  g_assert_nonnull (strstr (error->message, "another resyncd"));
  rs_state_store_set_volatile (fixture->store, rs_state_store_get (fixture->store));
  settle (fixture);
  g_assert_cmpstr (open_state (fixture)->customization, ==, "Aborted");
}

/* STORE-5 */
static void
test_io_error (void)
{
  g_autoptr (Fixture) fixture = fixture_new (disk_folder ());
  g_autoptr (GError) error = NULL;

  open_state (fixture);
  g_assert_true (save_customization (fixture, "Acquired", NULL));
  disk_put_unreadable (fixture->folder, "state.conf");
  g_assert_false (try_open (fixture, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_STORAGE);
}

static void
save_for_ever (Fixture *fixture,
               guint    k)
{
  open_state (fixture);
  for (;;)
    {
      g_autoptr (RsState) state = draft (fixture);

      state->retry_index = ++k;
      state->last_success = k;
      if (!save (fixture, state, NULL))
        _exit (1);
    }
}

/* STATE-4, STORE-1: killed at any moment of a save */
static void
test_killed (void)
{
  g_autoptr (Fixture) fixture = fixture_new (disk_folder ());
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autofree char *names = NULL;
  guint last = 0, n_moved = 0;
  /* microseconds; more where the machine is so busy that children do not come to save */
  gint longest = 10000;

  /* as often as it takes to find some in the middle of a save */
  for (guint i = 0; i < N_KILLS || n_moved <= N_KILLS / 10; i++)
    {
      pid_t child = fork ();
      const RsState *state;
      int status;

      if (child == 0)
        save_for_ever (fixture, last);
      g_usleep (g_rand_int_range (rand, 0, longest));
      kill (child, SIGKILL);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFSIGNALED (status));
      state = open_state (fixture);
      g_assert_cmpuint (fixture->warnings->len, ==, 0);
      g_assert_cmpint (state->last_success, ==, state->retry_index);
      g_assert_cmpuint (state->retry_index, >=, last);
      n_moved += state->retry_index > last;
      longest += state->retry_index > last ? 0 : 500;
      last = state->retry_index;
    }
  names = disk_list (fixture->runtime, "");
  g_assert_cmpstr (names, ==, "state.conf");
}

int
main (int    argc,
      char **argv)
{
  disk_enter_namespace ();
  g_test_init (&argc, &argv, NULL);
  /* first: a child is made while there is but one thread */
  g_test_add_func ("/store/state/killed", test_killed);
  g_test_add_func ("/store/state/fields", test_fields);
  g_test_add_func ("/store/state/attempts", test_attempts);
  g_test_add_func ("/store/state/equal-is-not-written", test_equal_is_not_written);
  g_test_add_func ("/store/state/joined", test_joined);
  g_test_add_func ("/store/state/volatile", test_volatile);
  g_test_add_func ("/store/state/volatile-is-second", test_volatile_is_second);
  g_test_add_func ("/store/state/unreadable", test_unreadable);
  g_test_add_func ("/store/state/reset", test_reset);
  g_test_add_func ("/store/state/full", test_full);
  g_test_add_func ("/store/state/too-large", test_too_large);
  g_test_add_func ("/store/state/another", test_another);
  g_test_add_func ("/store/state/io-error", test_io_error);
  return g_test_run ();
}
