/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changesets: assignments are put, one after another, over entries taken from the current snapshot; then old and new
 * entries are merged into the next one. The work grows with what is assigned and with what is stored, not with both. */
#include "params/changeset.h"

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "params/snapshot-private.h"

#include <string.h>

#define FAULTS_MAX 1000
#define SHOWN_MAX 80

/* A changeset being made. */
typedef struct
{
  RsSnapshot    *current;
  GHashTable    *touched; /* RsParam → RsStored, as it will be */
  RsChangeset   *set;
  RsOrigin       origin;
  const RsParam *last; /* found */
} Work;

void
rs_fault_free (RsFault *fault)
{
  if (fault == NULL)
    return;
  g_free (fault->name);
  g_free (fault->message);
  g_free (fault);
}

void
rs_changeset_free (RsChangeset *changeset)
{
  if (changeset == NULL)
    return;
  rs_snapshot_unref (changeset->next);
  g_clear_pointer (&changeset->changed, g_ptr_array_unref);
  g_clear_pointer (&changeset->faults, g_ptr_array_unref);
  g_free (changeset);
}

static void
add_fault (GPtrArray  *faults,
           RsFaultKind kind,
           const char *name,
           const char *message,
           guint       line)
{
  RsFault *fault;

  if (faults == NULL || faults->len >= FAULTS_MAX)
    return;
  fault = g_new (RsFault, 1);
  fault->name = rs_text_escape (name, SHOWN_MAX);
  fault->message = g_strdup (message);
  fault->line = line;
  fault->kind = kind;
  g_ptr_array_add (faults, fault);
}

static void
stored_free (gpointer data)
{
  RsStored *entry = data;

  rs_shared_unref (entry->value);
  g_free (entry);
}

static void
work_begin (Work       *work,
            RsSnapshot *current,
            RsOrigin    origin)
{
  *work = (Work){ .current = current, .origin = origin };
  work->touched = g_hash_table_new_full (NULL, NULL, NULL, stored_free);
  work->set = g_new0 (RsChangeset, 1);
  work->set->changed = g_ptr_array_new ();
  work->set->faults = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_fault_free);
}

/* The entry of a parameter as the work so far leaves it, to be changed. */
static RsStored *
work_entry (Work          *work,
            const RsParam *param)
{
  RsStored *entry = g_hash_table_lookup (work->touched, param);
  const RsStored *old;

  if (entry != NULL)
    return entry;
  entry = g_new0 (RsStored, 1);
  entry->param = param;
  old = rs_snapshot_entry (work->current, param);
  if (old != NULL)
    {
      *entry = *old;
      rs_shared_ref (entry->value);
    }
  g_hash_table_insert (work->touched, (gpointer)param, entry);
  return entry;
}

/* Takes value; NULL: back to the catalogue's. */
static void
entry_set (RsStored *entry,
           RsShared *value,
           RsOrigin  origin)
{
  rs_shared_unref (entry->value);
  entry->value = value;
  entry->origin = value != NULL ? origin : RS_ORIGIN_DEFAULT;
}

static void
entry_set_access (RsStored *entry,
                  RsAccess  access)
{
  if (access != RS_ACCESS_UNSET)
    entry->access = access == entry->param->access ? RS_ACCESS_UNSET : access;
}

static gboolean
is_text (RsParamType type)
{
  return type == RS_TYPE_STRING || type == RS_TYPE_TEXT || type == RS_TYPE_PASSWORD || type == RS_TYPE_RULE
         || type == RS_TYPE_URL || type == RS_TYPE_HOSTPORT;
}

static gboolean
fail_unknown (const char *name,
              GError    **error)
{
  g_autofree char *shown = rs_text_escape (name, SHOWN_MAX);

  g_set_error (error, RS_ERROR, RS_ERROR_INVALID_NAME, "“%s” is no parameter of this phone", shown);
  return FALSE;
}

gboolean
rs_changeset_check_value (RsCatalogue *catalogue,
                          const char  *name,
                          const char  *value,
                          GError     **error)
{
  const RsParam *param = rs_catalogue_find (catalogue, name);
  g_auto (RsSecretString) normal = NULL;

  if (param == NULL)
    return fail_unknown (name, error);
  normal = rs_param_normalize (param, value, error);
  return normal != NULL;
}

/* PROF-5. What the user has set stays where the profile leaves the parameter to the user. */
static void
apply_empty (Work     *work,
             RsStored *entry,
             RsAccess  access)
{
  const RsStored *old = rs_snapshot_entry (work->current, entry->param);
  g_autofree char *empty = NULL;

  if (access == RS_ACCESS_RW && old != NULL && old->value != NULL && old->origin == RS_ORIGIN_USER)
    {
      entry_set (entry, rs_shared_ref (old->value), RS_ORIGIN_USER);
      return;
    }
  /* a text whose range does not allow an empty one is, for that matter, no text */
  if (is_text (entry->param->type))
    empty = rs_param_normalize (entry->param, "", NULL);
  entry_set (entry, empty != NULL ? rs_shared_new (empty) : NULL, work->origin);
}

static gboolean
apply (Work               *work,
       const RsAssignment *assignment,
       GError            **error)
{
  const RsParam *param
      = rs_catalogue_find_next (rs_snapshot_get_catalogue (work->current), assignment->name, &work->last);
  g_auto (RsSecretString) value = NULL;
  RsStored *entry;

  if (param == NULL)
    return fail_unknown (assignment->name, error);
  if (assignment->kind == RS_ASSIGN_VALUE)
    {
      value = rs_param_normalize (param, assignment->value, error);
      if (value == NULL)
        return FALSE;
    }
  entry = work_entry (work, param);
  if (assignment->kind == RS_ASSIGN_VALUE)
    entry_set (entry, rs_shared_new (value), work->origin);
  else if (assignment->kind == RS_ASSIGN_EMPTY)
    apply_empty (work, entry, assignment->access);
  entry_set_access (entry, assignment->access);
  return TRUE;
}

static const char *
value_of (const RsParam  *param,
          const RsStored *entry)
{
  return entry != NULL && entry->value != NULL ? rs_shared_text (entry->value) : param->default_value;
}

/* Says in the changeset what is another than before; FALSE: nothing at all, not even the origin. */
static gboolean
note_change (Work           *work,
             const RsStored *old,
             const RsStored *entry)
{
  static const RsStored nothing = { 0 };
  const RsParam *param = entry->param;
  gboolean other_value = strcmp (value_of (param, old), value_of (param, entry)) != 0;
  gboolean set;

  if (old == NULL)
    old = &nothing;
  set = (old->value != NULL) != (entry->value != NULL);
  if (other_value || old->access != entry->access)
    g_ptr_array_add (work->set->changed, (gpointer)param->name);
  if (other_value && param->reboot && !work->set->reboot)
    {
      work->set->reboot = TRUE;
      work->set->reboot_name = param->name;
    }
  return other_value || set || old->access != entry->access || old->origin != entry->origin;
}

static int
compare_stored (gconstpointer a,
                gconstpointer b)
{
  const RsStored *x = *(RsStored *const *)a, *y = *(RsStored *const *)b;

  return (x->param > y->param) - (x->param < y->param);
}

/* Copies an entry with a reference of its own. */
static void
push (GArray         *merged,
      const RsStored *entry)
{
  rs_shared_ref (entry->value);
  g_array_append_vals (merged, entry, 1);
}

/* Merges what is touched over what was there, both sorted. */
static gboolean
merge (Work      *work,
       GPtrArray *touched,
       GArray    *merged)
{
  gboolean changed = FALSE;
  gsize n_old, i = 0;
  const RsStored *old = rs_snapshot_entries (work->current, &n_old);

  for (guint j = 0; j < touched->len; j++)
    {
      const RsStored *entry = touched->pdata[j];
      gboolean same;

      while (i < n_old && old[i].param < entry->param)
        push (merged, &old[i++]);
      same = i < n_old && old[i].param == entry->param;
      if (note_change (work, same ? &old[i] : NULL, entry))
        changed = TRUE;
      push (merged, entry);
      i += same;
    }
  while (i < n_old)
    push (merged, &old[i++]);
  return changed;
}

static RsChangeset *
work_end (Work *work)
{
  g_autoptr (GPtrArray) touched = g_ptr_array_sized_new (g_hash_table_size (work->touched));
  g_autoptr (GArray) merged = g_array_new (FALSE, FALSE, sizeof (RsStored));
  g_autoptr (RsSnapshot) next = NULL;
  GHashTableIter iter;
  gpointer entry;
  gboolean changed;

  g_hash_table_iter_init (&iter, work->touched);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    g_ptr_array_add (touched, entry);
  g_ptr_array_sort (touched, compare_stored);
  changed = merge (work, touched, merged);
  next = rs_snapshot_new_take (rs_snapshot_get_catalogue (work->current), (RsStored *)(gpointer)merged->data,
                               merged->len);
  work->set->next = changed ? g_steal_pointer (&next) : rs_snapshot_ref (work->current);
  g_hash_table_unref (work->touched);
  return work->set;
}

static RsChangeset *
work_fail (Work *work)
{
  g_hash_table_unref (work->touched);
  rs_changeset_free (work->set);
  return NULL;
}

RsChangeset *
rs_changeset_from_profile (RsSnapshot *current,
                           GPtrArray  *assignments,
                           RsOrigin    origin)
{
  Work work;

  work_begin (&work, current, origin);
  for (guint i = 0; i < assignments->len; i++)
    {
      const RsAssignment *assignment = assignments->pdata[i];
      g_autoptr (GError) error = NULL;
      gboolean unknown;

      if (apply (&work, assignment, &error))
        {
          work.set->n_applied++;
          continue;
        }
      unknown = g_error_matches (error, RS_ERROR, RS_ERROR_INVALID_NAME);
      work.set->n_unknown += unknown;
      work.set->n_bad += !unknown;
      add_fault (work.set->faults, unknown ? RS_FAULT_UNKNOWN : RS_FAULT_WARNING, assignment->name, error->message,
                 assignment->line);
    }
  return work_end (&work);
}

RsChangeset *
rs_changeset_from_values (RsSnapshot *current,
                          GPtrArray  *assignments,
                          RsOrigin    origin,
                          GError    **error)
{
  Work work;

  work_begin (&work, current, origin);
  for (guint i = 0; i < assignments->len; i++)
    {
      if (!apply (&work, assignments->pdata[i], error))
        return work_fail (&work);
      work.set->n_applied++;
    }
  return work_end (&work);
}

RsChangeset *
rs_changeset_from_reset (RsSnapshot        *current,
                         const char *const *names,
                         GError           **error)
{
  Work work;

  work_begin (&work, current, RS_ORIGIN_DEFAULT);
  for (guint i = 0; names[i] != NULL; i++)
    {
      const RsParam *param = rs_catalogue_find (rs_snapshot_get_catalogue (current), names[i]);

      if (param == NULL)
        {
          fail_unknown (names[i], error);
          return work_fail (&work);
        }
      entry_set (work_entry (&work, param), NULL, RS_ORIGIN_DEFAULT);
      work.set->n_applied++;
    }
  return work_end (&work);
}

typedef struct
{
  RsStored stored;
  gsize    order;
} Loaded;

static int
compare_loaded (gconstpointer a,
                gconstpointer b)
{
  const Loaded *x = a, *y = b;

  if (x->stored.param != y->stored.param)
    return x->stored.param > y->stored.param ? 1 : -1;
  return (x->order > y->order) - (x->order < y->order);
}

static gboolean
load_entry (RsCatalogue         *catalogue,
            const RsStoredEntry *entry,
            const RsParam      **last,
            RsStored            *stored,
            GError             **error)
{
  g_auto (RsSecretString) value = NULL;

  memset (stored, 0, sizeof *stored);
  stored->param = rs_catalogue_find_next (catalogue, entry->name, last);
  if (stored->param == NULL)
    {
      g_autofree char *name = rs_text_escape (entry->name, SHOWN_MAX);
      g_set_error (error, RS_ERROR, RS_ERROR_INVALID_NAME, "“%s” is stored but no parameter of this phone", name);
      return FALSE;
    }
  if (entry->value != NULL && entry->origin != RS_ORIGIN_DEFAULT)
    {
      value = rs_param_normalize (stored->param, entry->value, error);
      if (value == NULL)
        return FALSE;
      stored->value = rs_shared_new (value);
      stored->origin = entry->origin;
    }
  entry_set_access (stored, entry->access);
  return TRUE;
}

/* Of entries of the same parameter (an alias that has become one) the last wins. */
static RsSnapshot *
snapshot_from_loaded (RsCatalogue *catalogue,
                      GArray      *loaded)
{
  g_autofree RsStored *entries = g_new (RsStored, MAX (loaded->len, 1));
  gsize n = 0;

  g_array_sort (loaded, compare_loaded);
  for (guint i = 0; i < loaded->len; i++)
    {
      const RsStored *stored = &g_array_index (loaded, Loaded, i).stored;

      if (n > 0 && entries[n - 1].param == stored->param)
        rs_shared_unref (entries[--n].value);
      entries[n++] = *stored;
    }
  return rs_snapshot_new_take (catalogue, entries, n);
}

RsSnapshot *
rs_snapshot_from_stored (RsCatalogue   *catalogue,
                         RsStoredEntry *entries,
                         gsize          n_entries,
                         GPtrArray     *faults)
{
  const RsParam *last = NULL;
  g_autoptr (GArray) loaded = g_array_new (FALSE, FALSE, sizeof (Loaded));

  for (gsize i = 0; i < n_entries; i++)
    {
      g_autoptr (GError) error = NULL;
      Loaded next = { .order = i };

      entries[i].left_out = !load_entry (catalogue, &entries[i], &last, &next.stored, &error);
      if (!entries[i].left_out)
        g_array_append_val (loaded, next);
      else
        add_fault (faults,
                   g_error_matches (error, RS_ERROR, RS_ERROR_INVALID_NAME) ? RS_FAULT_UNKNOWN : RS_FAULT_WARNING,
                   entries[i].name, error->message, 0);
    }
  return snapshot_from_loaded (catalogue, loaded);
}
