/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store of record on a healthy disk: what is kept, in which order things happen, what is not written. */
#include "fixture-store.h"

#include "disk.h"
#include "base/error.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

static StoreFixture *
opened (void)
{
  StoreFixture *fixture = fixture_store_new (disk_folder (), NULL);

  fixture_store_reopen (fixture);
  return fixture;
}

/* A missing file is an empty store, and opening alone writes nothing. */
static void
test_empty (void)
{
  g_autoptr (StoreFixture) fixture = opened ();
  g_autofree char *names = disk_list (fixture->folder, "");

  g_assert_cmpstr (names, ==, "");
  g_assert_cmpuint (fixture->warnings->len, ==, 0);
  g_assert_cmpstr (fixture_store_get (fixture, "Count"), ==, "5");
  g_assert_cmpuint (rs_param_store_get_generation (fixture->store), ==, 0);
  g_assert_null (rs_param_store_get_validator (fixture->store, "Profile_Rule"));
}

/* STORE-1: any value survives, with origin and access */
static void
test_values (void)
{
  static const char *const values[]
      = { "",    " ",  "a\nb\n\n", "\ttab", "back\\slash\\n", "ü€😀",         ",,,", "a=b", "# no comment",
          "[x]", "a ", "\n",       "\\s",   "profile,rw,x",   "\xe2\x80\xa8" };
  g_autoptr (StoreFixture) fixture = opened ();

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      RsValue value;

      fixture_store_must_set (fixture, "Text", values[i]);
      fixture_store_reopen (fixture);
      g_assert_cmpuint (fixture->warnings->len, ==, 0);
      g_assert_true (rs_snapshot_lookup (rs_param_store_get_snapshot (fixture->store), "Text", &value));
      g_assert_cmpstr (value.value, ==, values[i]);
      g_assert_cmpint (value.origin, ==, RS_ORIGIN_PROFILE);
      g_assert_cmpint (value.access, ==, RS_ACCESS_NA);
    }
}

static RsChangeset *
build_access (RsSnapshot *current,
              GPtrArray  *validators,
              gpointer    data,
              GError    **error)
{
  g_autoptr (GPtrArray) assignments = rs_assignments_new ();

  g_ptr_array_add (assignments, rs_assignment_new ("Count", RS_ASSIGN_KEEP, NULL, RS_ACCESS_RO, 0));
  g_ptr_array_add (assignments, rs_assignment_new ("Flag", RS_ASSIGN_VALUE, "No", RS_ACCESS_RW, 0));
  g_ptr_array_add (assignments, rs_assignment_new ("Pass", RS_ASSIGN_VALUE, "geheim", RS_ACCESS_UNSET, 0));
  return rs_changeset_from_values (current, assignments, *(RsOrigin *)data, error);
}

static void
on_result (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

/* STORE-1, STORE-3: origin and access; the file is a keyfile of mode 0600, and so is the generation before */
static void
test_file (void)
{
  g_autoptr (StoreFixture) fixture = opened ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (RsChangeset) changes = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = g_build_filename (fixture->folder, "parameters.conf", NULL), *text = NULL, *pass = NULL;
  g_autofree char *previous = g_strconcat (path, ".previous", NULL), *names = NULL;
  RsOrigin origin = RS_ORIGIN_CWMP;
  struct stat status;
  RsValue value;

  fixture_store_must_set (fixture, "Text", "first");
  rs_param_store_commit_async (fixture->store, build_access, &origin, on_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  changes = rs_param_store_commit_finish (fixture->store, result, NULL);
  g_assert_nonnull (changes);
  fixture_store_reopen (fixture);
  g_assert_true (rs_snapshot_lookup (rs_param_store_get_snapshot (fixture->store), "Count", &value));
  g_assert_cmpint (value.access, ==, RS_ACCESS_RO);
  g_assert_cmpint (value.origin, ==, RS_ORIGIN_DEFAULT);
  g_assert_true (rs_snapshot_lookup (rs_param_store_get_snapshot (fixture->store), "Flag", &value));
  g_assert_cmpstr (value.value, ==, "No");
  g_assert_cmpint (value.access, ==, RS_ACCESS_RW);
  g_assert_cmpint (value.origin, ==, RS_ORIGIN_CWMP);
  g_assert_true (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL));
  text = g_key_file_get_string (file, "Parameters", "Text", NULL);
  pass = g_key_file_get_string (file, "Parameters", "Pass", NULL);
  g_assert_cmpstr (text, ==, "profile,,first");
  g_assert_cmpstr (pass, ==, "cwmp,,geheim");
  names = disk_list (fixture->folder, "");
  g_assert_cmpstr (names, ==, "parameters.conf parameters.conf.previous");
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  g_assert_cmpint (stat (previous, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
}

typedef struct
{
  StoreFixture *fixture;
  GString      *seen;
  guint         n_done;
} Order;

static RsChangeset *
build_next (RsSnapshot *current,
            GPtrArray  *validators,
            gpointer    data,
            GError    **error)
{
  Order *order = data;
  g_autofree char *next = g_strdup_printf ("%d", atoi (rs_snapshot_get (current, "Count")) + 1);
  g_autoptr (GPtrArray) assignments = rs_assignments_new ();

  g_string_append_printf (order->seen, "%s ", rs_snapshot_get (current, "Count"));
  g_ptr_array_add (assignments, rs_assignment_new ("Count", RS_ASSIGN_VALUE, next, RS_ACCESS_UNSET, 0));
  return rs_changeset_from_values (current, assignments, RS_ORIGIN_USER, error);
}

static void
on_next (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (RsChangeset) changes = rs_param_store_commit_finish (RS_PARAM_STORE (source), result, NULL);
  Order *order = data;

  g_assert_nonnull (changes);
  g_assert_true (rs_param_store_get_snapshot (RS_PARAM_STORE (source)) == changes->next || order->n_done > 0);
  /* a commit from within a callback takes its turn like any other */
  if (order->n_done == 0)
    rs_param_store_commit_async (RS_PARAM_STORE (source), build_next, order, on_next, order);
  order->n_done++;
}

/* STORE-1: commits go one after another, each over the values that the one before has put in force */
static void
test_order (void)
{
  g_autoptr (StoreFixture) fixture = opened ();
  Order order = { fixture, g_string_new (NULL), 0 };

  for (guint i = 0; i < 5; i++)
    rs_param_store_commit_async (fixture->store, build_next, &order, on_next, &order);
  /* nothing is in force yet */
  g_assert_cmpstr (fixture_store_get (fixture, "Count"), ==, "5");
  while (order.n_done < 6)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (order.seen->str, ==, "5 6 7 8 9 10 ");
  g_assert_cmpstr (fixture_store_get (fixture, "Count"), ==, "11");
  g_assert_cmpuint (rs_param_store_get_generation (fixture->store), ==, 6);
  g_string_free (order.seen, TRUE);
}

static void
on_changed (RsParamStore *store,
            GPtrArray    *names,
            gpointer      data)
{
  StoreFixture *fixture = data;
  g_autofree char *text = disk_read (fixture->folder, "parameters.conf");

  /* what the phone would be told is on the disk, whole and under its final name */
  g_assert_nonnull (strstr (text, "Text=profile,,new"));
  g_assert_nonnull (strstr (text, "#complete "));
  g_assert_cmpstr (fixture_store_get (fixture, "Text"), ==, "new");
  g_string_append (fixture->log, "checked ");
}

/* STORE-4: "changed" after the write is durable, before the caller's answer; memory not earlier than that either */
static void
test_changed (void)
{
  g_autoptr (StoreFixture) fixture = opened ();
  const char *assignments[] = { "Text=new", "Count=5", "Flag=No", NULL };

  g_signal_connect (fixture->store, "changed", G_CALLBACK (on_changed), fixture);
  g_assert_true (fixture_store_commit (fixture, assignments, NULL, NULL));
  g_assert_cmpstr (fixture->log->str, ==, "changed:Flag,Text checked done ");
}

static const RsValidator validator = { (char *)"Profile_Rule", (char *)"context", (char *)"\"etag; \xc3\xbc\"",
                                       (char *)"Mon, 01",      (char *)"abcdef",  0 };

/* PROF-12: what changes nothing is not written */
static void
test_unchanged (void)
{
  const char *assignments[] = { "Text=new", "Count=7", NULL }, *nothing[] = { NULL };
  g_autoptr (StoreFixture) fixture = opened ();
  g_autofree char *before = NULL, *after = NULL, *later = NULL;

  g_assert_true (fixture_store_commit (fixture, nothing, NULL, NULL));
  before = fixture_store_trace (fixture);
  g_assert_cmpstr (before, ==, "none");
  g_assert_true (fixture_store_commit (fixture, assignments, &validator, NULL));
  g_clear_pointer (&before, g_free);
  before = fixture_store_trace (fixture);
  g_string_truncate (fixture->log, 0);
  g_assert_true (fixture_store_commit (fixture, assignments, NULL, NULL));
  g_assert_true (fixture_store_commit (fixture, nothing, NULL, NULL));
  /* the profile was sent once more, and is the same */
  g_assert_true (fixture_store_commit (fixture, assignments, &validator, NULL));
  after = fixture_store_trace (fixture);
  g_assert_cmpstr (after, ==, before);
  fixture_store_reopen (fixture);
  g_assert_true (fixture_store_commit (fixture, assignments, &validator, NULL));
  later = fixture_store_trace (fixture);
  g_assert_cmpstr (later, ==, before);
  g_assert_cmpstr (fixture->log->str, ==, "done done done done ");
}

/* HTTP-8: validators in the same transaction, good until a value changes */
static void
test_validators (void)
{
  const char *nothing[] = { NULL };
  g_autoptr (StoreFixture) fixture = opened ();
  RsValidator other = validator,
              gone = { (char *)"Profile_Rule", (char *)"context", (char *)"", (char *)"", (char *)"", 0 };
  const RsValidator *found;

  fixture_store_must_set (fixture, "Text", "one");
  g_assert_true (fixture_store_commit (fixture, nothing, &validator, NULL));
  fixture_store_reopen (fixture);
  found = rs_param_store_get_validator (fixture->store, "Profile_Rule");
  g_assert_cmpstr (found->context, ==, validator.context);
  g_assert_cmpstr (found->etag, ==, validator.etag);
  g_assert_cmpstr (found->last_modified, ==, validator.last_modified);
  g_assert_cmpstr (found->digest, ==, validator.digest);
  g_assert_cmpuint (found->generation, ==, 1);
  g_assert_cmpuint (rs_param_store_get_generation (fixture->store), ==, 1);
  fixture_store_must_set (fixture, "Count", "9");
  g_assert_cmpuint (rs_param_store_get_generation (fixture->store), ==, 2);
  g_assert_cmpuint (rs_param_store_get_validator (fixture->store, "Profile_Rule")->generation, ==, 1);
  other.rule_name = (char *)"Profile_Rule_B";
  g_assert_true (fixture_store_commit (fixture, nothing, &other, NULL));
  g_assert_true (fixture_store_commit (fixture, nothing, &gone, NULL));
  fixture_store_reopen (fixture);
  g_assert_null (rs_param_store_get_validator (fixture->store, "Profile_Rule"));
  g_assert_cmpuint (rs_param_store_get_validator (fixture->store, "Profile_Rule_B")->generation, ==, 2);
}

/* A server's header of any bytes cannot make the file unreadable. */
static void
test_bad_validator (void)
{
  const char *nothing[] = { NULL };
  g_autoptr (StoreFixture) fixture = opened ();
  RsValidator bad = validator, worse = validator;

  bad.etag = (char *)"\xff\xfe";
  bad.last_modified = (char *)"a\nb=c\n[x]";
  worse.rule_name = (char *)"x]\n[y";
  g_assert_true (fixture_store_commit (fixture, nothing, &bad, NULL));
  g_assert_true (fixture_store_commit (fixture, nothing, &worse, NULL));
  fixture_store_reopen (fixture);
  g_assert_cmpuint (fixture->warnings->len, ==, 0);
  g_assert_cmpstr (rs_param_store_get_validator (fixture->store, "Profile_Rule")->etag, ==, "");
  g_assert_cmpstr (rs_param_store_get_validator (fixture->store, "Profile_Rule")->last_modified, ==, "a\nb=c\n[x]");
}

/* A commit that its caller calls off, or whose values are bad, leaves no trace. */
static void
test_refused (void)
{
  g_autoptr (StoreFixture) fixture = opened ();
  g_autoptr (GError) error = NULL;
  g_autofree char *trace = NULL;

  g_assert_false (fixture_store_set (fixture, "Count", "many", &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE);
  g_clear_error (&error);
  g_assert_false (fixture_store_set (fixture, "Nix", "x", &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_NAME);
  trace = fixture_store_trace (fixture);
  g_assert_cmpstr (trace, ==, "none");
  fixture_store_must_set (fixture, "Count", "6");
  g_assert_cmpstr (fixture->log->str, ==, "done done changed:Count done ");
}

/* STATE-4: nothing of what was stored is left, not in older generations either */
static void
test_clear (void)
{
  const char *nothing[] = { NULL };
  g_autoptr (StoreFixture) fixture = opened ();
  g_autofree char *names = NULL, *again = NULL;
  g_autoptr (GError) error = NULL;

  fixture_store_must_set (fixture, "Pass", "geheim");
  fixture_store_must_set (fixture, "Count", "7");
  fixture_store_must_set (fixture, "Flag", "Yes");
  g_assert_true (fixture_store_commit (fixture, nothing, &validator, NULL));
  disk_write (fixture->folder, "parameters.conf.broken-20260101T000000Z", "Pass=geheim");
  disk_write (fixture->folder, ".parameters.conf.tmp-12345678", "Pass=geheim");
  disk_write (fixture->folder, "state.conf", "not mine");
  g_string_truncate (fixture->log, 0);
  g_assert_true (fixture_store_clear (fixture, &error));
  g_assert_cmpstr (fixture->log->str, ==, "changed:Count,Pass done ");
  names = disk_list (fixture->folder, "");
  g_assert_cmpstr (names, ==, "state.conf");
  g_assert_cmpstr (fixture_store_get (fixture, "Pass"), ==, "");
  g_assert_null (rs_param_store_get_validator (fixture->store, "Profile_Rule"));
  g_assert_true (fixture_store_clear (fixture, &error));
  fixture_store_must_set (fixture, "Count", "8");
  fixture_store_reopen (fixture);
  g_assert_cmpstr (fixture_store_get (fixture, "Count"), ==, "8");
  g_assert_cmpstr (fixture_store_get (fixture, "Pass"), ==, "");
}

/* STORE-1: what the catalogue of this image does not take waits for one that does */
static void
test_foreign (void)
{
  g_autoptr (StoreFixture) fixture
      = fixture_store_new (disk_folder (), "[A]\nType=text\n[B]\nType=int\nDefault=1\n[C]\nType=int\n"
                                           "Default=1\n[D]\nType=text\n");

  fixture_store_reopen (fixture);
  fixture_store_must_set (fixture, "A", "a\nb ");
  fixture_store_must_set (fixture, "B", "2");
  fixture_store_must_set (fixture, "C", "300");
  fixture_store_must_set (fixture, "D", "d");
  fixture_store_set_catalogue (
      fixture, "[B]\nType=int\nDefault=1\n[C]\nType=int\nDefault=1\nRange=1-9\n[D]\nType=int\nDefault=4\n");
  fixture_store_reopen (fixture);
  g_assert_cmpuint (fixture->warnings->len, ==, 3);
  g_assert_cmpstr (fixture_store_get (fixture, "B"), ==, "2");
  g_assert_cmpstr (fixture_store_get (fixture, "C"), ==, "1");
  fixture_store_must_set (fixture, "B", "3");
  fixture_store_must_set (fixture, "D", "5");
  fixture_store_reopen (fixture);
  g_assert_cmpuint (fixture->warnings->len, ==, 2);
  fixture_store_must_set (fixture, "B", "4");
  fixture_store_set_catalogue (fixture,
                               "[A]\nType=text\n[B]\nType=int\nDefault=1\n[C]\nType=int\nDefault=1\n[D]\nType=text\n");
  fixture_store_reopen (fixture);
  g_assert_cmpuint (fixture->warnings->len, ==, 0);
  g_assert_cmpstr (fixture_store_get (fixture, "A"), ==, "a\nb ");
  g_assert_cmpstr (fixture_store_get (fixture, "B"), ==, "4");
  g_assert_cmpstr (fixture_store_get (fixture, "C"), ==, "300");
  g_assert_cmpstr (fixture_store_get (fixture, "D"), ==, "5");
}

/* Nobody waits for a store that goes away in the middle of a write. */
static void
test_gone (void)
{
  g_autoptr (StoreFixture) fixture = opened ();
  RsOrigin origin = RS_ORIGIN_USER;
  g_autoptr (GAsyncResult) result = NULL;

  rs_param_store_commit_async (fixture->store, build_access, &origin, on_result, &result);
  g_signal_handlers_disconnect_by_data (fixture->store, fixture);
  g_clear_object (&fixture->store);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&result);
  fixture_store_reopen (fixture);
  g_assert_cmpstr (fixture_store_get (fixture, "Pass"), ==, "geheim");
}

static RsChangeset *
build_many (RsSnapshot *current,
            GPtrArray  *validators,
            gpointer    data,
            GError    **error)
{
  g_autoptr (GPtrArray) assignments = rs_assignments_new ();
  guint n = *(guint *)data;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("P_%u", i), *value = g_strdup_printf ("value %u of many", i);
      g_ptr_array_add (assignments, rs_assignment_new (name, RS_ASSIGN_VALUE, value, RS_ACCESS_UNSET, 0));
    }
  return rs_changeset_from_values (current, assignments, RS_ORIGIN_PROFILE, error);
}

typedef struct
{
  guint n; /* parameters to set */
  GThread *builder;
  guint n_signals, n_names, longest;
  guint n_turns; /* of the main loop since the first signal */
  gboolean done;
} Told;

static RsChangeset *
build_told (RsSnapshot *current,
            GPtrArray  *validators,
            gpointer    data,
            GError    **error)
{
  Told *told = data;

  told->builder = g_thread_self ();
  return build_many (current, validators, &told->n, error);
}

static void
on_told (RsParamStore *store,
         GPtrArray    *names,
         gpointer      data)
{
  Told *told = data;

  g_assert_false (told->done);
  /* all of it is in force before the first of it is told */
  g_assert_cmpuint (rs_snapshot_n_stored (rs_param_store_get_snapshot (store)), ==, told->n);
  told->n_signals++;
  told->n_names += names->len;
  told->longest = MAX (told->longest, names->len);
}

static void
on_told_all (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Told *told = data;

  told->done = TRUE;
}

/* STORE-4: the main loop neither builds a large changeset nor tells of it at once, and all is told before the end */
static void
test_slices (void)
{
  g_autoptr (StoreFixture) fixture = fixture_store_new (disk_folder (), "[P_{n}]\nType=string\nIndex=0-99999\n");
  Told told = { .n = 12345 };

  fixture_store_reopen (fixture);
  g_signal_connect (fixture->store, "changed", G_CALLBACK (on_told), &told);
  rs_param_store_commit_async (fixture->store, build_told, &told, on_told_all, &told);
  while (!told.done)
    {
      g_main_context_iteration (NULL, TRUE);
      told.n_turns += told.n_signals > 0;
    }
  g_assert_true (told.builder != g_thread_self ());
  g_assert_cmpuint (told.n_names, ==, told.n);
  g_assert_cmpuint (told.longest, <=, 5000);
  g_assert_cmpuint (told.n_signals, ==, 3);
  g_assert_cmpuint (told.n_turns, >=, told.n_signals);
}

/* Microseconds of processors to save and load n parameters. */
static gint64
time_of (guint n)
{
  g_autoptr (StoreFixture) fixture = fixture_store_new (disk_folder (), "[P_{n}]\nType=string\nIndex=0-99999\n");
  g_autoptr (GAsyncResult) result = NULL;
  clock_t start;

  fixture_store_reopen (fixture);
  start = clock ();
  rs_param_store_commit_async (fixture->store, build_many, &n, on_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  fixture_store_reopen (fixture);
  g_assert_cmpuint (rs_snapshot_n_stored (rs_param_store_get_snapshot (fixture->store)), ==, n);
  g_assert_cmpstr (fixture_store_get (fixture, "P_12345"), ==, "value 12345 of many");
  return (gint64)(clock () - start) * G_USEC_PER_SEC / CLOCKS_PER_SEC;
}

/* STORE-1: 100 000 parameters in linear time */
static void
test_large (void)
{
  gint64 small = time_of (25000), large = time_of (100000);

  g_test_message ("25000: %" G_GINT64_FORMAT " µs, 100000: %" G_GINT64_FORMAT " µs", small, large);
  g_assert_cmpint (large, <, 12 * small + 200000);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/params/empty", test_empty);
  g_test_add_func ("/store/params/values", test_values);
  g_test_add_func ("/store/params/file", test_file);
  g_test_add_func ("/store/params/order", test_order);
  g_test_add_func ("/store/params/changed", test_changed);
  g_test_add_func ("/store/params/unchanged", test_unchanged);
  g_test_add_func ("/store/params/validators", test_validators);
  g_test_add_func ("/store/params/bad-validator", test_bad_validator);
  g_test_add_func ("/store/params/refused", test_refused);
  g_test_add_func ("/store/params/clear", test_clear);
  g_test_add_func ("/store/params/foreign", test_foreign);
  g_test_add_func ("/store/params/gone", test_gone);
  g_test_add_func ("/store/params/slices", test_slices);
  g_test_add_func ("/store/params/large", test_large);
  return g_test_run ();
}
