/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assignments to the parameters that phones have: from a profile, from a caller, back to the default, one changeset
 * upon the other. */
#include "fuzz.h"

#include "base/error.h"
#include "params/changeset.h"

#include <string.h>

#define FAULTS_MAX 1000

enum
{
  HOW_PROFILE,
  HOW_VALUES,
  HOW_RESET,
  N_HOWS,
};

/* A parameter by its number, or by a name that may be none. */
static char *
read_name (FuzzInput *input)
{
  static GPtrArray *all;
  guint16 number = fuzz_uint16 (input);

  if (number == G_MAXUINT16)
    return fuzz_line (input);
  if (all == NULL)
    all = rs_catalogue_list (fuzz_catalogue (), "");
  return g_strdup (((const RsParam *)all->pdata[number % all->len])->name);
}

static void
check_value (const RsValue *value, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *normal = rs_param_normalize (value->param, value->value, &error);

  /* what is in force is in the form that values have */
  g_assert_no_error (error);
  g_assert_cmpstr (normal, ==, value->value);
  g_string_append_printf (data, "%s=%s %d %d\n", value->param->name, value->value, value->origin, value->access);
}

/* One value by itself, and that a fault of a secret one does not show it. */
static void
try_value (const RsAssignment *assignment, GString *out)
{
  const RsParam *param = rs_catalogue_find (fuzz_catalogue (), assignment->name);
  g_autoptr (GError) error = NULL;
  g_autofree char *normal = NULL;
  g_autofree char *again = NULL;

  if (param == NULL || assignment->value == NULL)
    return;
  normal = rs_param_normalize (param, assignment->value, &error);
  fuzz_check_error (normal != NULL, error);
  if (normal == NULL)
    {
      g_assert_cmpint (error->code, ==, RS_ERROR_INVALID_VALUE);
      g_assert_false (param->secret && fuzz_holds_secret (error->message));
      return;
    }
  again = rs_param_normalize (param, normal, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (normal, ==, again);
  g_string_append_printf (out, "%s\n", normal);
}

static gboolean
differs (RsSnapshot *a, RsSnapshot *b, const char *name)
{
  RsValue before, after;

  g_assert_true (rs_snapshot_lookup (a, name, &before));
  g_assert_true (rs_snapshot_lookup (b, name, &after));
  return strcmp (before.value, after.value) != 0 || before.access != after.access;
}

static void
check_changeset (RsSnapshot *current, const RsChangeset *set, GString *out)
{
  g_assert_cmpuint (set->faults->len, <=, FAULTS_MAX);
  for (guint i = 0; i < set->faults->len; i++)
    {
      const RsFault *fault = set->faults->pdata[i];

      fuzz_check_line (fault->name);
      fuzz_check_line (fault->message);
    }
  for (guint i = 0; i < set->changed->len; i++)
    {
      const char *name = set->changed->pdata[i];

      g_assert_true (i == 0 || strcmp (set->changed->pdata[i - 1], name) < 0);
      g_assert_true (differs (current, set->next, name));
    }
  g_assert_true (set->changed->len == 0 || set->next != current);
  g_assert_cmpint (set->reboot, ==, set->reboot_name != NULL);
  rs_snapshot_foreach_stored (set->next, check_value, out);
}

/* The changeset, or NULL where the assignments were refused as a whole. */
static RsChangeset *
change (RsSnapshot *current, guint8 how, GPtrArray *assignments)
{
  static const RsOrigin origins[] = { RS_ORIGIN_USER, RS_ORIGIN_ADMIN, RS_ORIGIN_PROFILE, RS_ORIGIN_CWMP };
  RsOrigin origin = origins[how / N_HOWS % G_N_ELEMENTS (origins)];
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  RsChangeset *set = NULL;

  for (guint i = 0; i < assignments->len; i++)
    g_ptr_array_add (names, ((RsAssignment *)assignments->pdata[i])->name);
  g_ptr_array_add (names, NULL);
  if (how % N_HOWS == HOW_PROFILE)
    set = rs_changeset_from_profile (current, assignments, origin);
  else if (how % N_HOWS == HOW_VALUES)
    set = rs_changeset_from_values (current, assignments, origin, &error);
  else
    set = rs_changeset_from_reset (current, (const char *const *)names->pdata, &error);
  fuzz_check_error (set != NULL, error);
  return set;
}

static void
step (RsSnapshot **current, FuzzInput *input, GString *out)
{
  guint8 how = fuzz_byte (input);
  guint n = 1 + fuzz_byte (input) % 8;
  g_autoptr (GPtrArray) assignments = rs_assignments_new ();
  g_autoptr (RsChangeset) set = NULL;

  for (guint i = 0; i < n && input->size > 0; i++)
    {
      guint8 kind = fuzz_byte (input);
      g_autofree char *name = read_name (input);
      g_autofree char *value = fuzz_line (input);

      g_ptr_array_add (assignments, rs_assignment_new (name, kind % 3, value, kind / 3 % 4, i));
      try_value (assignments->pdata[i], out);
    }
  set = change (*current, how, assignments);
  if (set == NULL)
    return;
  check_changeset (*current, set, out);
  rs_snapshot_unref (*current);
  *current = rs_snapshot_ref (set->next);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  g_autoptr (RsSnapshot) current = rs_snapshot_new (fuzz_catalogue ());

  while (input.size > 0)
    step (&current, &input, out);
}
