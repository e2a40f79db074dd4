/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changesets: what a profile may do leniently and a caller only strictly, and what is said of it. */
#include "fixture.h"

#include "base/error.h"
#include "params/changeset.h"

#include <string.h>

static const char catalogue_text[] = "[Text]\nType=string\nDefault=t\nAliases=Old_Text\n"
                                     "[Plain]\nType=string\n"
                                     "[Flag]\nType=bool\nDefault=Yes\n"
                                     "[Count]\nType=int\nDefault=5\nRange=1-9\n"
                                     "[Word]\nType=enum\nDefault=a\nRange=a|b\nReboot=true\n"
                                     "[Step]\nType=string\nDefault=0.5\nRange=0-1 (decimal)\n"
                                     "[Pass]\nType=password\n"
                                     "[Rule]\nType=rule\nDefault=/x\n"
                                     "[Mine]\nType=int\nDefault=5\nAccess=rw\n"
                                     "[Line_{n}_]\nType=int\nIndex=1-3\nDefault={n}\n";

typedef struct
{
  const char *name, *value; /* NULL: empty element; "(keep)": access only */
  RsAccess    access;
} Given;

static GPtrArray *
assignments (const Given *given,
             gsize        n)
{
  GPtrArray *list = rs_assignments_new ();

  for (gsize i = 0; i < n && given[i].name != NULL; i++)
    {
      RsAssignKind kind = given[i].value == NULL                   ? RS_ASSIGN_EMPTY
                          : strcmp (given[i].value, "(keep)") == 0 ? RS_ASSIGN_KEEP
                                                                   : RS_ASSIGN_VALUE;

      g_ptr_array_add (list, rs_assignment_new (given[i].name, kind, given[i].value, given[i].access, i + 1));
    }
  return list;
}

/* All that is stored, as one text: "Count=5 profile na;" */
static void
add_stored (const RsValue *value,
            gpointer       data)
{
  g_string_append_printf (data, "%s=%s %s %s;", value->param->name, value->value, rs_origin_name (value->origin),
                          rs_access_name (value->access));
}

static char *
dump (RsSnapshot *snapshot)
{
  GString *out = g_string_new (NULL);

  rs_snapshot_foreach_stored (snapshot, add_stored, out);
  return g_string_free (out, FALSE);
}

static char *
join_changed (RsChangeset *set)
{
  g_autoptr (GPtrArray) names = g_ptr_array_copy (set->changed, NULL, NULL);

  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **)names->pdata);
}

typedef struct
{
  const char *what;
  Given       before[4]; /* what the user has set */
  Given       profile[6];
  const char *stored, *changed;
} Case;

static const Case cases[] = {
  { "nothing", { { 0 } }, { { 0 } }, "", "" },
  { "PROF-2: what is not named stays",
    { { "Count", "7" } },
    { { "Text", "x" } },
    "Count=7 user na;Text=x profile na;",
    "Text" },
  { "PROF-2: an alias is its parameter", { { 0 } }, { { "Old_Text", "x" } }, "Text=x profile na;", "Text" },
  { "PROF-2: unknown names are skipped",
    { { 0 } },
    { { "Nix", "x" }, { "Count", "2" }, { "count", "3" } },
    "Count=2 profile na;",
    "Count" },
  { "PROF-2: the last of duplicates wins",
    { { 0 } },
    { { "Count", "2" }, { "Count", "3" } },
    "Count=3 profile na;",
    "Count" },
  { "PROF-2: a bad last one is skipped",
    { { 0 } },
    { { "Count", "2" }, { "Count", "30" } },
    "Count=2 profile na;",
    "Count" },
  { "the catalogue's value given by a profile is the profile's",
    { { 0 } },
    { { "Count", "05" } },
    "Count=5 profile na;",
    "" },
  { "PROF-3: access is set", { { 0 } }, { { "Count", "6", RS_ACCESS_RW } }, "Count=6 profile rw;", "Count" },
  { "PROF-3: access alone",
    { { "Count", "7" } },
    { { "Count", "(keep)", RS_ACCESS_RO } },
    "Count=7 user ro;",
    "Count" },
  { "PROF-3: missing access keeps what was",
    { { "Count", "7", RS_ACCESS_RW } },
    { { "Count", "8" } },
    "Count=8 profile rw;",
    "Count" },
  { "PROF-3: the catalogue's access is no difference",
    { { "Count", "7", RS_ACCESS_RW } },
    { { "Count", "8", RS_ACCESS_NA } },
    "Count=8 profile na;",
    "Count" },
  { "PROF-3: words of booleans", { { 0 } }, { { "Flag", "0" } }, "Flag=No profile na;", "Flag" },
  { "access differs and nothing else",
    { { 0 } },
    { { "Mine", "(keep)", RS_ACCESS_NA } },
    "Mine=5 default na;",
    "Mine" },
  { "PROF-5: empty text", { { 0 } }, { { "Text", NULL } }, "Text= profile na;", "Text" },
  { "PROF-5: empty rule", { { 0 } }, { { "Rule", NULL } }, "Rule= profile na;", "Rule" },
  { "PROF-5: empty number is the catalogue's", { { "Count", "7" } }, { { "Count", NULL } }, "", "Count" },
  { "PROF-5: empty boolean is the catalogue's", { { "Flag", "No" } }, { { "Flag", NULL } }, "", "Flag" },
  { "PROF-5: a text that cannot be empty is the catalogue's", { { "Step", "1" } }, { { "Step", NULL } }, "", "Step" },
  { "PROF-5: rw keeps what the user set",
    { { "Count", "7" } },
    { { "Count", NULL, RS_ACCESS_RW } },
    "Count=7 user rw;",
    "Count" },
  { "PROF-5: rw keeps a user's text",
    { { "Text", "u" } },
    { { "Text", NULL, RS_ACCESS_RW } },
    "Text=u user rw;",
    "Text" },
  { "PROF-5: ro does not", { { "Text", "u" } }, { { "Text", NULL, RS_ACCESS_RO } }, "Text= profile ro;", "Text" },
  { "PROF-5: rw from before does not", { { "Mine", "7" } }, { { "Mine", NULL } }, "", "Mine" },
  { "PROF-5: rw and nothing set", { { 0 } }, { { "Text", NULL, RS_ACCESS_RW } }, "Text= profile rw;", "Text" },
  { "PROF-5: the last of duplicates is empty and rw",
    { { "Text", "u" } },
    { { "Text", "p" }, { "Text", NULL, RS_ACCESS_RW } },
    "Text=u user rw;",
    "Text" },
  { "PROF-5: \"\" is the empty string", { { 0 } }, { { "Text", "" }, { "Count", "" } }, "Text= profile na;", "Text" },
  { "PROF-6: bad values are skipped, the rest counts",
    { { 0 } },
    { { "Count", "10" }, { "Word", "c" }, { "Flag", "maybe" }, { "Pass", "a\nb" }, { "Text", "x" } },
    "Text=x profile na;",
    "Text" },
  { "PROF-6: a bad value does not change the access", { { 0 } }, { { "Count", "10", RS_ACCESS_RW } }, "", "" },
  { "PROF-12: the same again", { { "Count", "7" } }, { { "Count", "(keep)" } }, "Count=7 user na;", "" },
  { "a profile takes over what the user set, to the same value",
    { { "Count", "7" } },
    { { "Count", "7" } },
    "Count=7 profile na;",
    "" },
  { "members of a family", { { 0 } }, { { "Line_2_", "9" }, { "Line_4_", "9" } }, "Line_2_=9 profile na;", "Line_2_" },
};

/* PROF-2, PROF-3, PROF-5, PROF-6, PROF-12 */
static void
test_profile (void)
{
  g_autoptr (RsCatalogue) catalogue = fixture_catalogue (catalogue_text);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) before = assignments (cases[i].before, 4), profile = assignments (cases[i].profile, 6);
      g_autoptr (RsSnapshot) fresh = rs_snapshot_new (catalogue);
      g_autoptr (RsChangeset) user = rs_changeset_from_values (fresh, before, RS_ORIGIN_USER, NULL), set = NULL;
      g_autofree char *stored = NULL, *changed = NULL;

      g_test_message ("%s", cases[i].what);
      g_assert_nonnull (user);
      set = rs_changeset_from_profile (user->next, profile, RS_ORIGIN_PROFILE);
      stored = dump (set->next);
      changed = join_changed (set);
      g_assert_cmpstr (stored, ==, cases[i].stored);
      g_assert_cmpstr (changed, ==, cases[i].changed);
      g_assert_cmpuint (set->n_applied + set->n_bad + set->n_unknown, ==, profile->len);
    }
}

/* PROF-12: nothing changed is the same snapshot */
static void
test_unchanged (void)
{
  const Given given[] = { { "Count", "7", RS_ACCESS_RW }, { "Text", NULL }, { "Word", NULL } };
  g_autoptr (RsCatalogue) catalogue = fixture_catalogue (catalogue_text);
  g_autoptr (RsSnapshot) fresh = rs_snapshot_new (catalogue);
  g_autoptr (GPtrArray) profile = assignments (given, G_N_ELEMENTS (given));
  g_autoptr (RsChangeset) first = rs_changeset_from_profile (fresh, profile, RS_ORIGIN_PROFILE);
  g_autoptr (RsChangeset) second = rs_changeset_from_profile (first->next, profile, RS_ORIGIN_PROFILE);

  g_assert_true (first->next != fresh);
  g_assert_true (second->next == first->next);
  g_assert_cmpuint (second->changed->len, ==, 0);
  g_assert_cmpuint (second->n_applied, ==, 3);
}

/* PROF-6: faults name parameter, value and line; a secret is not in them */
static void
test_faults (void)
{
  const Given given[] = { { "Count", "99" }, { "Nix\x1b", "x" }, { "Pass", "geheim\n" }, { "Text", "fine" } };
  g_autoptr (RsCatalogue) catalogue = fixture_catalogue (catalogue_text);
  g_autoptr (RsSnapshot) fresh = rs_snapshot_new (catalogue);
  g_autoptr (GPtrArray) profile = assignments (given, G_N_ELEMENTS (given));
  g_autoptr (RsChangeset) set = rs_changeset_from_profile (fresh, profile, RS_ORIGIN_PROFILE);
  const RsFault *count = set->faults->pdata[0], *unknown = set->faults->pdata[1], *pass = set->faults->pdata[2];

  g_assert_cmpuint (set->faults->len, ==, 3);
  g_assert_cmpuint (set->n_bad, ==, 2);
  g_assert_cmpuint (set->n_unknown, ==, 1);
  g_assert_cmpuint (set->n_applied, ==, 1);
  g_assert_cmpstr (count->name, ==, "Count");
  g_assert_nonnull (strstr (count->message, "99"));
  g_assert_nonnull (strstr (count->message, "1-9"));
  g_assert_cmpuint (count->line, ==, 1);
  g_assert_cmpint (count->kind, ==, RS_FAULT_WARNING);
  g_assert_cmpstr (unknown->name, ==, "Nix\\x1b");
  g_assert_cmpint (unknown->kind, ==, RS_FAULT_UNKNOWN);
  g_assert_null (strchr (unknown->message, '\x1b'));
  g_assert_null (strstr (pass->message, "geheim"));
}

/* A profile of nothing but faults cannot fill the memory. */
static void
test_many_faults (void)
{
  g_autoptr (RsCatalogue) catalogue = fixture_catalogue (catalogue_text);
  g_autoptr (RsSnapshot) fresh = rs_snapshot_new (catalogue);
  g_autoptr (GPtrArray) profile = rs_assignments_new ();
  g_autoptr (RsChangeset) set = NULL;

  for (guint i = 0; i < 5000; i++)
    g_ptr_array_add (profile, rs_assignment_new (i % 2 ? "Nix" : "Count", RS_ASSIGN_VALUE, "x", RS_ACCESS_UNSET, i));
  set = rs_changeset_from_profile (fresh, profile, RS_ORIGIN_PROFILE);
  g_assert_cmpuint (set->faults->len, ==, 1000);
  g_assert_cmpuint (set->n_bad, ==, 2500);
  g_assert_cmpuint (set->n_unknown, ==, 2500);
}

/* Set is all or nothing. */
static void
test_strict (void)
{
  static const struct
  {
    Given given[3];
    int   code; /* -1: it is taken */
  } sets[] = {
    { { { "Count", "7" }, { "Text", "x" } }, -1 },
    { { { "Count", "7" }, { "Nix", "x" } }, RS_ERROR_INVALID_NAME },
    { { { "Count", "7" }, { "Text", "a\nb" } }, RS_ERROR_INVALID_VALUE },
    { { { "Count", "0" }, { "Text", "x" } }, RS_ERROR_INVALID_VALUE },
    { { { "", "x" } }, RS_ERROR_INVALID_NAME },
  };
  g_autoptr (RsCatalogue) catalogue = fixture_catalogue (catalogue_text);
  g_autoptr (RsSnapshot) fresh = rs_snapshot_new (catalogue);

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autoptr (GPtrArray) values = assignments (sets[i].given, 3);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsChangeset) set = rs_changeset_from_values (fresh, values, RS_ORIGIN_ADMIN, &error);

      if (sets[i].code < 0)
        {
          g_autofree char *stored = dump (set->next);
          g_assert_no_error (error);
          g_assert_cmpstr (stored, ==, "Count=7 admin na;Text=x admin na;");
        }
      else
        {
          g_assert_error (error, RS_ERROR, sets[i].code);
          g_assert_null (set);
        }
    }
}

static void
test_reset (void)
{
  const Given given[] = { { "Count", "7", RS_ACCESS_RW }, { "Text", "x" }, { "Word", "b" } };
  const char *names[] = { "Count", "Old_Text", "Mine", NULL }, *unknown[] = { "Count", "Nix", NULL };
  g_autoptr (RsCatalogue) catalogue = fixture_catalogue (catalogue_text);
  g_autoptr (RsSnapshot) fresh = rs_snapshot_new (catalogue);
  g_autoptr (GPtrArray) values = assignments (given, G_N_ELEMENTS (given));
  g_autoptr (RsChangeset) before = rs_changeset_from_values (fresh, values, RS_ORIGIN_ADMIN, NULL), after = NULL,
                          failed = NULL;
  g_autofree char *stored = NULL, *changed = NULL;
  g_autoptr (GError) error = NULL;

  after = rs_changeset_from_reset (before->next, names, &error);
  g_assert_no_error (error);
  stored = dump (after->next);
  changed = join_changed (after);
  g_assert_cmpstr (stored, ==, "Count=5 default rw;Word=b admin na;");
  g_assert_cmpstr (changed, ==, "Count Text");
  failed = rs_changeset_from_reset (before->next, unknown, &error);
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_NAME);
  g_assert_null (failed);
}

static void
test_reboot (void)
{
  const Given same[] = { { "Word", "a" } }, other[] = { { "Word", "b" } };
  g_autoptr (RsCatalogue) catalogue = fixture_catalogue (catalogue_text);
  g_autoptr (RsSnapshot) fresh = rs_snapshot_new (catalogue);
  g_autoptr (GPtrArray) keep = assignments (same, 1), change = assignments (other, 1);
  g_autoptr (RsChangeset) no = rs_changeset_from_profile (fresh, keep, RS_ORIGIN_PROFILE);
  g_autoptr (RsChangeset) yes = rs_changeset_from_profile (fresh, change, RS_ORIGIN_PROFILE);

  g_assert_false (no->reboot);
  g_assert_true (yes->reboot);
  g_assert_cmpstr (yes->reboot_name, ==, "Word");
}

/* PROF-13: access before any profile is the catalogue's */
static void
test_lookup (void)
{
  g_autoptr (RsCatalogue) catalogue = fixture_catalogue (catalogue_text);
  g_autoptr (RsSnapshot) snapshot = rs_snapshot_new (catalogue);
  RsValue value;

  g_assert_true (rs_snapshot_lookup (snapshot, "Mine", &value));
  g_assert_cmpint (value.access, ==, RS_ACCESS_RW);
  g_assert_cmpint (value.origin, ==, RS_ORIGIN_DEFAULT);
  g_assert_true (rs_snapshot_lookup (snapshot, "Old_Text", &value));
  g_assert_cmpint (value.access, ==, RS_ACCESS_NA);
  g_assert_cmpstr (value.value, ==, "t");
  g_assert_false (rs_snapshot_lookup (snapshot, "Nix", &value));
  g_assert_cmpstr (rs_snapshot_get (snapshot, "Line_3_"), ==, "3");
  g_assert_null (rs_snapshot_get (snapshot, "Nix"));
  g_assert_true (rs_snapshot_get_bool (snapshot, "Flag"));
  g_assert_false (rs_snapshot_get_bool (snapshot, "Text"));
  g_assert_false (rs_snapshot_get_bool (snapshot, "Nix"));
  g_assert_cmpuint (rs_snapshot_get_uint (snapshot, "Count"), ==, 5);
  g_assert_cmpuint (rs_snapshot_get_uint (snapshot, "Text"), ==, 0);
  g_assert_cmpuint (rs_snapshot_get_uint (snapshot, "Nix"), ==, 0);
}

/* STORE-1: from stored entries; what the catalogue does not take is left out and said */
static void
test_from_stored (void)
{
  RsStoredEntry entries[] = {
    { "Word", "b", RS_ORIGIN_PROFILE, RS_ACCESS_UNSET }, { "Gone", "x", RS_ORIGIN_PROFILE, RS_ACCESS_RW },
    { "Count", "77", RS_ORIGIN_USER, RS_ACCESS_RW },     { "Mine", NULL, RS_ORIGIN_DEFAULT, RS_ACCESS_RO },
    { "Text", "new", RS_ORIGIN_CWMP, RS_ACCESS_NA },     { "Old_Text", "older", RS_ORIGIN_USER, RS_ACCESS_RW },
    { "Flag", "1", RS_ORIGIN_ADMIN, RS_ACCESS_RO },      { "Plain", "x", RS_ORIGIN_DEFAULT, RS_ACCESS_UNSET },
  };
  g_autoptr (RsCatalogue) catalogue = fixture_catalogue (catalogue_text);
  g_autoptr (GPtrArray) faults = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_fault_free);
  g_autoptr (RsSnapshot) snapshot = rs_snapshot_from_stored (catalogue, entries, G_N_ELEMENTS (entries), faults);
  g_autofree char *stored = dump (snapshot);

  g_assert_cmpstr (stored, ==, "Flag=Yes admin ro;Mine=5 default ro;Text=older user rw;Word=b profile na;");
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    g_assert_cmpint (entries[i].left_out, ==, i == 1 || i == 2);
  g_assert_cmpuint (faults->len, ==, 2);
  g_assert_cmpstr (((const RsFault *)faults->pdata[0])->name, ==, "Gone");
  g_assert_cmpint (((const RsFault *)faults->pdata[0])->kind, ==, RS_FAULT_UNKNOWN);
  g_assert_cmpstr (((const RsFault *)faults->pdata[1])->name, ==, "Count");
  g_assert_cmpint (((const RsFault *)faults->pdata[1])->kind, ==, RS_FAULT_WARNING);
}

/* 100 000 parameters: twice as many take about twice as long. */
static gint64
time_of (RsCatalogue *catalogue,
         guint        n)
{
  g_autoptr (RsSnapshot) fresh = rs_snapshot_new (catalogue);
  g_autoptr (GPtrArray) profile = rs_assignments_new ();
  g_autoptr (RsChangeset) set = NULL;
  gint64 start;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("P_%u", (i * 7919) % 100000);
      g_ptr_array_add (profile, rs_assignment_new (name, RS_ASSIGN_VALUE, "1", RS_ACCESS_UNSET, i));
    }
  start = g_get_monotonic_time ();
  set = rs_changeset_from_profile (fresh, profile, RS_ORIGIN_PROFILE);
  g_assert_cmpuint (rs_snapshot_n_stored (set->next), ==, n);
  return g_get_monotonic_time () - start;
}

static void
test_large (void)
{
  g_autoptr (RsCatalogue) catalogue = fixture_catalogue ("[P_{n}]\nType=int\nIndex=0-99999\nDefault=0\n");
  gint64 small = time_of (catalogue, 25000), large = time_of (catalogue, 100000);

  g_test_message ("25000: %" G_GINT64_FORMAT " µs, 100000: %" G_GINT64_FORMAT " µs", small, large);
  g_assert_cmpint (large, <, 12 * small + 50000);
}

static void
test_names (void)
{
  RsOrigin origin;
  RsAccess access;

  for (guint i = 0; i <= RS_ORIGIN_CWMP; i++)
    {
      g_assert_true (rs_origin_from_name (rs_origin_name (i), &origin));
      g_assert_cmpint (origin, ==, i);
    }
  for (guint i = 0; i <= RS_ACCESS_RW; i++)
    {
      g_assert_true (rs_access_from_name (rs_access_name (i), &access));
      g_assert_cmpint (access, ==, i);
    }
  g_assert_false (rs_origin_from_name ("Profile", &origin));
  g_assert_false (rs_access_from_name ("RW", &access));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/params/changeset/profile", test_profile);
  g_test_add_func ("/params/changeset/unchanged", test_unchanged);
  g_test_add_func ("/params/changeset/faults", test_faults);
  g_test_add_func ("/params/changeset/many-faults", test_many_faults);
  g_test_add_func ("/params/changeset/strict", test_strict);
  g_test_add_func ("/params/changeset/reset", test_reset);
  g_test_add_func ("/params/changeset/reboot", test_reboot);
  g_test_add_func ("/params/changeset/lookup", test_lookup);
  g_test_add_func ("/params/changeset/from-stored", test_from_stored);
  g_test_add_func ("/params/changeset/large", test_large);
  g_test_add_func ("/params/changeset/names", test_names);
  return g_test_run ();
}
