/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A store in a folder of its own. */
#include "fixture-store.h"

#include "disk.h"
#include "fixture.h"

#include <string.h>
#include <sys/stat.h>

static const char small_catalogue[]
    = "[Text]\nType=text\nDefault=t\n[Count]\nType=int\nDefault=5\n[Flag]\nType=bool\nDefault=Yes\n"
      "[Pass]\nType=password\n[Profile_Rule]\nType=rule\nDefault=/x\n[P_{n}]\nType=string\n"
      "Index=0-49\n";

StoreFixture *
fixture_store_new (char       *folder,
                   const char *catalogue)
{
  StoreFixture *fixture = g_new0 (StoreFixture, 1);

  fixture->folder = folder;
  fixture->log = g_string_new (NULL);
  fixture->catalogue = fixture_catalogue (catalogue != NULL ? catalogue : small_catalogue);
  return fixture;
}

static void
close_store (StoreFixture *fixture)
{
  g_clear_object (&fixture->store);
  g_clear_pointer (&fixture->warnings, g_ptr_array_unref);
}

void
fixture_store_free (StoreFixture *fixture)
{
  close_store (fixture);
  rs_catalogue_unref (fixture->catalogue);
  disk_remove (fixture->folder);
  g_string_free (fixture->log, TRUE);
  g_free (fixture);
}

void
fixture_store_set_catalogue (StoreFixture *fixture,
                             const char   *catalogue)
{
  rs_catalogue_unref (fixture->catalogue);
  fixture->catalogue = fixture_catalogue (catalogue);
}

static void
on_changed (RsParamStore *store,
            GPtrArray    *names,
            gpointer      data)
{
  StoreFixture *fixture = data;

  g_string_append (fixture->log, "changed:");
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (fixture->log, "%s%s", i > 0 ? "," : "", (const char *)names->pdata[i]);
  g_string_append_c (fixture->log, ' ');
}

gboolean
fixture_store_open (StoreFixture *fixture,
                    GError      **error)
{
  close_store (fixture);
  fixture->warnings = g_ptr_array_new_with_free_func (g_free);
  fixture->store = rs_param_store_open (fixture->folder, fixture->catalogue, fixture->warnings, error);
  if (fixture->store == NULL)
    return FALSE;
  g_signal_connect (fixture->store, "changed", G_CALLBACK (on_changed), fixture);
  return TRUE;
}

void
fixture_store_reopen (StoreFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = fixture_store_open (fixture, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
}

typedef struct
{
  const char *const *assignments;
  const RsValidator *validator;
  StoreFixture      *fixture;
  GAsyncResult      *result;
} Commit;

static RsChangeset *
build (RsSnapshot *current,
       GPtrArray  *validators,
       gpointer    data,
       GError    **error)
{
  Commit *commit = data;
  g_autoptr (GPtrArray) assignments = rs_assignments_new ();

  for (guint i = 0; commit->assignments[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (commit->assignments[i], "=", 2);

      g_ptr_array_add (assignments, rs_assignment_new (parts[0], RS_ASSIGN_VALUE, parts[1], RS_ACCESS_UNSET, 0));
    }
  if (commit->validator != NULL)
    g_ptr_array_add (validators, rs_validator_copy (commit->validator));
  return rs_changeset_from_values (current, assignments, RS_ORIGIN_PROFILE, error);
}

static void
on_done (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Commit *commit = data;

  g_string_append (commit->fixture->log, "done ");
  commit->result = g_object_ref (result);
}

static void
wait_for (Commit *commit)
{
  while (commit->result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

gboolean
fixture_store_commit (StoreFixture       *fixture,
                      const char *const  *assignments,
                      const RsValidator  *validator,
                      GError            **error)
{
  Commit commit = { assignments, validator, fixture, NULL };
  g_autoptr (RsChangeset) changes = NULL;

  rs_param_store_commit_async (fixture->store, build, &commit, on_done, &commit);
  wait_for (&commit);
  changes = rs_param_store_commit_finish (fixture->store, commit.result, error);
  g_object_unref (commit.result);
  return changes != NULL;
}

gboolean
fixture_store_set (StoreFixture *fixture,
                   const char   *name,
                   const char   *value,
                   GError      **error)
{
  g_autofree char *assignment = g_strdup_printf ("%s=%s", name, value);
  const char *assignments[] = { assignment, NULL };

  return fixture_store_commit (fixture, assignments, NULL, error);
}

void
fixture_store_must_set (StoreFixture *fixture,
                        const char   *name,
                        const char   *value)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = fixture_store_set (fixture, name, value, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
}

gboolean
fixture_store_clear (StoreFixture *fixture,
                     GError      **error)
{
  Commit commit = { NULL, NULL, fixture, NULL };
  gboolean ok;

  rs_param_store_clear_async (fixture->store, on_done, &commit);
  wait_for (&commit);
  ok = rs_param_store_clear_finish (fixture->store, commit.result, error);
  g_object_unref (commit.result);
  return ok;
}

const char *
fixture_store_get (StoreFixture *fixture,
                   const char   *name)
{
  return rs_snapshot_get (rs_param_store_get_snapshot (fixture->store), name);
}

char *
fixture_store_trace (StoreFixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "parameters.conf", NULL);
  struct stat status;

  if (stat (path, &status) != 0)
    return g_strdup ("none");
  return g_strdup_printf ("%lu %ld.%09ld %ld", (unsigned long)status.st_ino, (long)status.st_mtim.tv_sec,
                          (long)status.st_mtim.tv_nsec, (long)status.st_size);
}
