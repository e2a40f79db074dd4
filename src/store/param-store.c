/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store of record. Commits stand in a queue; a thread builds the changeset of each and writes it, and only then it
 * becomes what is in force. A large profile is 100 ms of computing, which the main loop must not feel. */
#include "store/param-store.h"

#include "base/error.h"
#include "params/assignment.h"
#include "store/param-text.h"
#include "store/sealed.h"
#include "system/file.h"
#include "system/reclaim.h"

#include <string.h>

#define NAME "parameters.conf"
#define MAX_SIZE (64u << 20)
/* names in one signal: some milliseconds of the main loop, and of everybody on the bus who hears of them */
#define SLICE 5000

/* A commit or a clearing that waits or runs. While it runs it is the thread's. */
typedef struct
{
  RsCommitFunc func; /* NULL: clear */
  gpointer     func_data;
  RsParamSet  *next; /* what is in force when the write is done; NULL: what is */
  RsChangeset *changes;
  guint        n_told; /* of the names that changed */
} Job;

struct _RsParamStore
{
  GObject parent_instance;

  char        *dir;
  RsLock      *lock; /* NULL: none */
  RsCatalogue *catalogue;
  RsParamSet  *present; /* in force, and on disk; the same for as long as a thread is busy */
  GQueue       waiting; /* GTask, each with its Job */
  gboolean     is_busy;
  RsTrace      trace;
};

G_DEFINE_FINAL_TYPE (RsParamStore, rs_param_store, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_REPLACED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void start_next (RsParamStore *store);

static void
job_free (gpointer data)
{
  Job *job = data;

  /* what could not be written is as large as what was */
  rs_reclaim (job->next, (GDestroyNotify)rs_param_set_unref);
  rs_reclaim (job->changes, (GDestroyNotify)rs_changeset_free);
  g_free (job);
}

static void
rs_param_store_finalize (GObject *object)
{
  RsParamStore *store = RS_PARAM_STORE (object);

  g_free (store->dir);
  g_clear_pointer (&store->lock, rs_lock_unref);
  g_clear_pointer (&store->present, rs_param_set_unref);
  g_clear_pointer (&store->catalogue, rs_catalogue_unref);
  G_OBJECT_CLASS (rs_param_store_parent_class)->finalize (object);
}

static void
rs_param_store_class_init (RsParamStoreClass *class)
{
  G_OBJECT_CLASS (class)->finalize = rs_param_store_finalize;
  /* GPtrArray of const char *, the names, sorted */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", RS_TYPE_PARAM_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);
  signals[SIGNAL_REPLACED] = g_signal_new ("replaced", RS_TYPE_PARAM_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 0);
}

static void
rs_param_store_init (RsParamStore *store)
{
  g_queue_init (&store->waiting);
}

typedef struct
{
  RsCatalogue *catalogue;
  GPtrArray   *warnings;
  RsParamSet  *set;
} Loading;

static gboolean
take_in (const char *text,
         gsize       length,
         gpointer    data,
         GError    **error)
{
  Loading *loading = data;

  loading->set = rs_param_set_from_text (loading->catalogue, text, length, loading->warnings, error);
  return loading->set != NULL;
}

static RsParamSet *
empty_set (RsCatalogue *catalogue,
           guint64      generation)
{
  return rs_param_set_new (rs_snapshot_new (catalogue), rs_validators_new (), rs_foreign_new (), generation);
}

/* What an earlier generation holds is no more what the server knows of. */
static RsParamSet *
without_validators (RsParamSet *set)
{
  RsParamSet *bare = rs_param_set_new (rs_snapshot_ref (set->snapshot), rs_validators_new (),
                                       g_ptr_array_ref (set->foreign), set->generation);

  rs_param_set_unref (set);
  return bare;
}

static RsTrace
trace_of (const RsParamSet *set,
          RsSealedSource    source)
{
  if (set != NULL && set->validators->len > 0)
    return RS_TRACE_PROFILE;
  return source == RS_SEALED_PREVIOUS || source == RS_SEALED_LOST ? RS_TRACE_LOST : RS_TRACE_NONE;
}

RsParamStore *
rs_param_store_open (const char  *dir,
                     RsCatalogue *catalogue,
                     GPtrArray   *warnings,
                     GError     **error)
{
  g_autoptr (RsParamStore) store = g_object_new (RS_TYPE_PARAM_STORE, NULL);
  Loading loading = { catalogue, warnings, NULL };
  RsSealedSource source;

  store->dir = g_strdup (dir);
  store->catalogue = rs_catalogue_ref (catalogue);
  rs_file_sweep (dir);
  if (!rs_sealed_load (dir, NAME, MAX_SIZE, take_in, &loading, warnings, &source, error))
    return NULL;
  store->trace = trace_of (loading.set, source);
  if (loading.set == NULL)
    store->present = empty_set (catalogue, 0);
  else
    store->present = source == RS_SEALED_PRESENT ? loading.set : without_validators (loading.set);
  return g_steal_pointer (&store);
}

RsTrace
rs_param_store_get_trace (RsParamStore *store)
{
  return store->trace;
}

void
rs_param_store_set_lock (RsParamStore *store,
                         RsLock       *lock)
{
  store->lock = rs_lock_ref (lock);
}

RsSnapshot *
rs_param_store_get_snapshot (RsParamStore *store)
{
  return store->present->snapshot;
}

guint64
rs_param_store_get_generation (RsParamStore *store)
{
  return store->present->generation;
}

static const RsValidator *
find_validator (GPtrArray  *validators,
                const char *rule_name)
{
  for (guint i = 0; i < validators->len; i++)
    {
      const RsValidator *validator = validators->pdata[i];

      if (strcmp (validator->rule_name, rule_name) == 0)
        return validator;
    }
  return NULL;
}

const RsValidator *
rs_param_store_get_validator (RsParamStore *store,
                              const char   *rule_name)
{
  return find_validator (store->present->validators, rule_name);
}

static char *
clean (const char *text)
{
  return g_strdup (text != NULL && g_utf8_validate (text, -1, NULL) ? text : "");
}

/* A copy that can be written, or NULL where the validator says that there is none any more. */
static RsValidator *
stamped (const RsValidator *validator,
         guint64            generation)
{
  RsValidator *copy = g_new (RsValidator, 1);

  copy->rule_name = g_strdup (validator->rule_name);
  copy->context = clean (validator->context);
  copy->etag = clean (validator->etag);
  copy->last_modified = clean (validator->last_modified);
  copy->digest = clean (validator->digest);
  copy->generation = generation;
  if (copy->etag[0] != '\0' || copy->last_modified[0] != '\0' || copy->digest[0] != '\0')
    return copy;
  rs_validator_free (copy);
  return NULL;
}

static gboolean
is_rule_name (const char *name)
{
  return name != NULL && rs_assignment_name_is_valid (name) && strpbrk (name, "[]") == NULL;
}

/* The present validators with the given ones in place of those of the same rules. */
static GPtrArray *
merge_validators (GPtrArray *present,
                  GPtrArray *given,
                  guint64    generation)
{
  GPtrArray *merged = rs_validators_new ();

  for (guint i = 0; i < present->len; i++)
    {
      const RsValidator *old = present->pdata[i];

      if (find_validator (given, old->rule_name) == NULL)
        g_ptr_array_add (merged, rs_validator_copy (old));
    }
  for (guint i = 0; i < given->len; i++)
    {
      const RsValidator *one = given->pdata[i];
      RsValidator *copy = is_rule_name (one->rule_name) ? stamped (one, generation) : NULL;

      if (copy != NULL && find_validator (merged, copy->rule_name) == NULL)
        g_ptr_array_add (merged, copy);
      else
        rs_validator_free (copy);
    }
  return merged;
}

static gboolean
is_same_validator (const RsValidator *a,
                   const RsValidator *b)
{
  return a->generation == b->generation && strcmp (a->context, b->context) == 0 && strcmp (a->etag, b->etag) == 0
         && strcmp (a->last_modified, b->last_modified) == 0 && strcmp (a->digest, b->digest) == 0;
}

static gboolean
are_same_validators (GPtrArray *a,
                     GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      const RsValidator *one = a->pdata[i], *other = find_validator (b, one->rule_name);

      if (other == NULL || !is_same_validator (one, other))
        return FALSE;
    }
  return TRUE;
}

/* What the commit makes of what is in force: its changes, and what is to be written, if anything is. */
static gboolean
build_next (RsParamStore *store,
            Job          *job,
            GError      **error)
{
  const RsParamSet *present = store->present;
  g_autoptr (GPtrArray) given = rs_validators_new (), validators = NULL;
  guint64 generation;

  job->changes = job->func (present->snapshot, given, job->func_data, error);
  if (job->changes == NULL)
    return FALSE;
  /* a generation is one of values and access; that somebody has set what was there already makes no new one */
  generation = present->generation + (job->changes->changed->len > 0 ? 1 : 0);
  validators = merge_validators (present->validators, given, generation);
  if (job->changes->next != present->snapshot || !are_same_validators (validators, present->validators))
    job->next = rs_param_set_new (rs_snapshot_ref (job->changes->next), g_steal_pointer (&validators),
                                  rs_foreign_beside (present->foreign, job->changes->next), generation);
  return TRUE;
}

/* Nothing is written where another daemon has the folder. */
static gboolean
enter (RsParamStore *store,
       GError      **error)
{
  g_autoptr (GError) reason = NULL;

  if (rs_lock_enter (store->lock, &reason))
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_STORAGE, "%s/" NAME ": %s", store->dir, reason->message);
  return FALSE;
}

static void
leave (RsParamStore *store,
       gboolean      written)
{
  rs_lock_set_failed (store->lock, !written);
  rs_lock_leave (store->lock);
}

static gboolean
write_next (RsParamStore *store,
            const Job    *job,
            GError      **error)
{
  g_autoptr (GBytes) content = NULL;
  gboolean written;

  if (job->next == NULL)
    return TRUE;
  content = rs_sealed_close (rs_param_set_to_text (job->next));
  if (g_bytes_get_size (content) > MAX_SIZE)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_STORAGE, "%s would be larger than %u bytes", NAME, MAX_SIZE);
      return FALSE;
    }
  if (!enter (store, error))
    return FALSE;
  written = rs_file_save (store->dir, NAME, content, TRUE, error);
  leave (store, written);
  return written;
}

static void
commit_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  GError *error = NULL;

  if (build_next (source, data, &error) && write_next (source, data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
clear_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  RsParamStore *store = source;
  GError *error = NULL;
  gboolean cleared = FALSE;

  if (enter (store, &error))
    {
      rs_file_sweep (store->dir);
      /* the present file goes last: without it an older generation would count again */
      cleared = rs_sealed_forget (store->dir, NAME, &error) && rs_file_remove (store->dir, NAME, &error);
      leave (store, cleared);
    }
  if (cleared)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Answers the job and lets the next one begin. */
static void
finish (RsParamStore *store,
        GTask        *task,
        GError       *error)
{
  Job *job = g_task_get_task_data (task);

  if (error != NULL)
    g_task_return_error (task, error);
  else if (job->func == NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_pointer (task, g_steal_pointer (&job->changes), (GDestroyNotify)rs_changeset_free);
  store->is_busy = FALSE;
  start_next (store);
  /* which may be the last that holds the store */
  g_object_unref (task);
}

/* Tells of the next slice of the names that changed, or ends the job where there are none any more. */
static gboolean
tell (gpointer data)
{
  GTask *task = data;
  RsParamStore *store = g_task_get_source_object (task);
  Job *job = g_task_get_task_data (task);
  const GPtrArray *changed = job->changes->changed;
  guint n = MIN (changed->len - job->n_told, SLICE);
  g_autoptr (GPtrArray) slice = g_ptr_array_sized_new (n);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (slice, changed->pdata[job->n_told++]);
  if (n > 0)
    g_signal_emit (store, signals[SIGNAL_CHANGED], 0, slice);
  if (job->n_told < changed->len)
    return G_SOURCE_CONTINUE;
  finish (store, task, NULL);
  return G_SOURCE_REMOVE;
}

/* The write is durable: now, and not before, it is in force and others learn of it (STORE-4). */
static void
on_written (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  RsParamStore *store = RS_PARAM_STORE (source);
  GTask *task = data;
  Job *job = g_task_get_task_data (task);
  RsParamSet *old;
  GError *error = NULL;
  gboolean durable = g_task_propagate_boolean (G_TASK (result), &error);

  if (!durable || job->next == NULL)
    {
      finish (store, task, error);
      return;
    }
  old = store->present;
  store->present = g_steal_pointer (&job->next);
  g_signal_emit (store, signals[SIGNAL_REPLACED], 0);
  if (tell (task))
    g_idle_add_full (G_PRIORITY_DEFAULT, tell, task, NULL);
  rs_reclaim (old, (GDestroyNotify)rs_param_set_unref);
}

/* Runs a thread for the job of task; on_written () takes the task over. */
static void
run (RsParamStore   *store,
     GTask          *task,
     GTaskThreadFunc func)
{
  g_autoptr (GTask) writing = g_task_new (store, NULL, on_written, task);

  g_task_set_task_data (writing, g_task_get_task_data (task), NULL);
  g_task_run_in_thread (writing, func);
}

static void
add_if_changed (const RsValue *value,
                gpointer       data)
{
  if (strcmp (value->value, value->param->default_value) != 0 || value->access != value->param->access)
    g_ptr_array_add (data, (gpointer)value->param->name);
}

static void
start_clear (RsParamStore *store,
             GTask        *task)
{
  Job *job = g_task_get_task_data (task);

  job->changes = g_new0 (RsChangeset, 1);
  job->changes->changed = g_ptr_array_new ();
  job->next = empty_set (store->catalogue, store->present->generation + 1);
  rs_snapshot_foreach_stored (store->present->snapshot, add_if_changed, job->changes->changed);
  run (store, task, clear_in_thread);
}

static void
start_next (RsParamStore *store)
{
  GTask *task;
  const Job *job;

  if (store->is_busy || g_queue_is_empty (&store->waiting))
    return;
  store->is_busy = TRUE;
  task = g_queue_pop_head (&store->waiting);
  job = g_task_get_task_data (task);
  if (job->func == NULL)
    start_clear (store, task);
  else
    run (store, task, commit_in_thread);
}

static void
enqueue (RsParamStore       *store,
         RsCommitFunc        func,
         gpointer            func_data,
         GAsyncReadyCallback callback,
         gpointer            data)
{
  GTask *task = g_task_new (store, NULL, callback, data);
  Job *job = g_new0 (Job, 1);

  job->func = func;
  job->func_data = func_data;
  g_task_set_task_data (task, job, job_free);
  g_queue_push_tail (&store->waiting, task);
  start_next (store);
}

void
rs_param_store_commit_async (RsParamStore       *store,
                             RsCommitFunc        func,
                             gpointer            func_data,
                             GAsyncReadyCallback callback,
                             gpointer            data)
{
  enqueue (store, func, func_data, callback, data);
}

RsChangeset *
rs_param_store_commit_finish (RsParamStore *store,
                              GAsyncResult *result,
                              GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
rs_param_store_is_busy (RsParamStore *store)
{
  return store->is_busy;
}

void
rs_param_store_clear_async (RsParamStore       *store,
                            GAsyncReadyCallback callback,
                            gpointer            data)
{
  enqueue (store, NULL, NULL, callback, data);
}

gboolean
rs_param_store_clear_finish (RsParamStore *store,
                             GAsyncResult *result,
                             GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
