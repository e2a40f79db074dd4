/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* state.conf on the flash, and a copy in the runtime folder that also holds what the flash is spared (LOG-3). The
 * copy is never older than the flash: each write of the flash is followed by one of the copy, and both carry a
 * serial. */
#include "store/state-private.h"

#include "store/sealed.h"
#include "system/file.h"
#include "system/identity.h"

#include <string.h>

#define NAME "state.conf"
#define MAX_SIZE (1024 * 1024)

/* What a write puts where; made on the main loop, used in the thread. */
typedef struct
{
  char *dir;
  char *volatile_dir;
  RsLock *lock;
  GBytes *flash;   /* NULL: the flash is left alone */
  GBytes *runtime; /* NULL: no runtime folder */
  gboolean forget; /* a factory reset ends, and keeps no history */
  RsState *state;  /* what flash holds */
} Write;

struct _RsStateStore
{
  GObject parent_instance;

  char *dir;
  char *volatile_dir; /* NULL: none */
  char *boot;         /* id of this boot */
  RsLock *lock;       /* NULL: none */
  RsState *state;     /* in memory */
  RsState *saved;     /* on the flash */
  guint64 serial;
  GPtrArray *waiting; /* GTask of saves that the next write answers */
  GPtrArray *writing; /* GTask of saves that the present write answers; NULL: none runs */
  gboolean volatile_due;
  gboolean guess;     /* what was opened could not be read */
};

G_DEFINE_FINAL_TYPE (RsStateStore, rs_state_store, G_TYPE_OBJECT)

static void start_write (RsStateStore *store);

static void
write_free (gpointer data)
{
  Write *write = data;

  g_free (write->dir);
  g_free (write->volatile_dir);
  g_clear_pointer (&write->lock, rs_lock_unref);
  g_clear_pointer (&write->flash, g_bytes_unref);
  g_clear_pointer (&write->runtime, g_bytes_unref);
  rs_state_free (write->state);
  g_free (write);
}

static void
rs_state_store_finalize (GObject *object)
{
  RsStateStore *store = RS_STATE_STORE (object);

  g_free (store->dir);
  g_free (store->volatile_dir);
  g_free (store->boot);
  g_clear_pointer (&store->lock, rs_lock_unref);
  rs_state_free (store->state);
  rs_state_free (store->saved);
  g_ptr_array_unref (store->waiting);
  g_clear_pointer (&store->writing, g_ptr_array_unref);
  G_OBJECT_CLASS (rs_state_store_parent_class)->finalize (object);
}

static void
rs_state_store_class_init (RsStateStoreClass *class)
{
  G_OBJECT_CLASS (class)->finalize = rs_state_store_finalize;
}

static void
rs_state_store_init (RsStateStore *store)
{
  store->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

/* The head of a file: a comment to the keyfile, ours to read. */
static GBytes *
seal (const RsStateStore *store,
      const RsState      *state)
{
  g_autofree char *text = rs_state_to_text (state);
  GString *body = g_string_new (NULL);

  g_string_append_printf (body, "#serial %" G_GUINT64_FORMAT " boot %s\n%s", store->serial, store->boot, text);
  return rs_sealed_close (body);
}

typedef struct
{
  RsState *state;
  guint64 serial;
  char *boot;
} Loaded;

static void
loaded_clear (Loaded *loaded)
{
  g_clear_pointer (&loaded->state, rs_state_free);
  g_clear_pointer (&loaded->boot, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Loaded, loaded_clear)

static gboolean
take_in (const char *text,
         gsize       length,
         gpointer    data,
         GError    **error)
{
  Loaded *loaded = data;
  g_autofree char *head = g_strndup (text, MIN (length, 200));
  char *serial = g_str_has_prefix (head, "#serial ") ? head + strlen ("#serial ") : NULL;
  char *boot = serial != NULL ? strstr (serial, " boot ") : NULL;

  loaded_clear (loaded);
  loaded->state = rs_state_from_text (text, length, error);
  if (loaded->state == NULL)
    return FALSE;
  if (boot != NULL)
    {
      boot += strlen (" boot ");
      boot[strcspn (boot, "\n")] = '\0';
      loaded->boot = g_strdup (boot);
      loaded->serial = g_ascii_strtoull (serial, NULL, 10);
    }
  return TRUE;
}

/* Whether what was lost may have been more than what is left says. */
static gboolean
is_doubtful (const RsState *state,
             RsSealedSource source)
{
  if (source == RS_SEALED_PREVIOUS)
    return !state->resetting && strcmp (state->customization, "Open") == 0;
  return source == RS_SEALED_LOST;
}

/* A phone whose state cannot be read is not out of its box (STATE-4). */
static RsState *
state_of (const Loaded  *flash,
          RsSealedSource source,
          gboolean      *guess)
{
  RsState *state = flash->state != NULL ? rs_state_copy (flash->state) : rs_state_new ();

  *guess = is_doubtful (state, source);
  if (*guess)
    {
      g_free (state->customization);
      state->customization = g_strdup ("Aborted");
      state->provisioned = TRUE;
    }
  return state;
}

/* The copy counts while the phone has not been restarted, and nothing newer is on the flash. */
static void
read_volatile (RsStateStore *store,
               guint64       flash_serial)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_auto (Loaded) runtime = { 0 };
  RsSealedSource source;

  if (store->volatile_dir == NULL
      || !rs_sealed_load (store->volatile_dir, NAME, MAX_SIZE, take_in, &runtime, warnings, &source, NULL)
      || runtime.state == NULL || g_strcmp0 (runtime.boot, store->boot) != 0 || runtime.serial < flash_serial)
    return;
  rs_state_free (store->state);
  store->state = g_steal_pointer (&runtime.state);
  store->serial = runtime.serial;
  store->guess = FALSE;
}

RsStateStore *
rs_state_store_open (const char *dir,
                     const char *volatile_dir,
                     GPtrArray  *warnings,
                     GError    **error)
{
  g_autoptr (RsStateStore) store = g_object_new (RS_TYPE_STATE_STORE, NULL);
  g_auto (Loaded) flash = { 0 };
  RsSealedSource source;

  if (!rs_sealed_load (dir, NAME, MAX_SIZE, take_in, &flash, warnings, &source, error))
    return NULL;
  store->dir = g_strdup (dir);
  store->volatile_dir = g_strdup (volatile_dir);
  store->boot = rs_identity_boot_id ("");
  store->serial = flash.serial;
  store->state = state_of (&flash, source, &store->guess);
  store->saved = flash.state != NULL ? g_steal_pointer (&flash.state) : rs_state_new ();
  if (volatile_dir != NULL)
    rs_file_sweep (volatile_dir);
  if (source != RS_SEALED_LOST)
    read_volatile (store, flash.serial);
  return g_steal_pointer (&store);
}

gboolean
rs_state_store_is_guess (RsStateStore *store)
{
  return store->guess;
}

void
rs_state_store_set_lock (RsStateStore *store,
                         RsLock       *lock)
{
  store->lock = rs_lock_ref (lock);
}

const RsState *
rs_state_store_get (RsStateStore *store)
{
  return store->state;
}

const RsState *
rs_state_store_get_saved (RsStateStore *store)
{
  return store->saved;
}

static gboolean
save_flash (const Write *write,
            GError     **error)
{
  return rs_file_save (write->dir, NAME, write->flash, !write->forget, error)
         && (!write->forget || rs_sealed_forget (write->dir, NAME, error));
}

static gboolean
write_flash (const Write *write,
             GError     **error)
{
  gboolean written;

  if (write->flash == NULL)
    return TRUE;
  if (g_bytes_get_size (write->flash) > MAX_SIZE)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_STORAGE, "%s would be larger than %d bytes", NAME, MAX_SIZE);
      return FALSE;
    }
  written = save_flash (write, error);
  rs_lock_set_failed (write->lock, !written);
  return written;
}

/* The copy is a comfort: without it a restarted daemon knows what the flash knows. */
static void
write_runtime (const Write *write)
{
  g_autoptr (GError) error = NULL;

  if (write->runtime != NULL && !rs_file_save (write->volatile_dir, NAME, write->runtime, FALSE, &error))
    g_debug ("%s", error->message);
}

static void
write_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  Write *write = data;
  g_autoptr (GError) reason = NULL;
  GError *error = NULL;
  gboolean entered = rs_lock_enter (write->lock, &reason);

  /* a disk that cannot even be locked does not keep the copy from being written; another daemon does */
  if (!entered && (write->flash != NULL || rs_error_code (reason) == RS_ERROR_BUSY))
    g_set_error (&error, RS_ERROR, RS_ERROR_STORAGE, "%s/" NAME ": %s", write->dir, reason->message);
  else if (write_flash (write, &error))
    write_runtime (write);
  if (entered)
    rs_lock_leave (write->lock);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_written (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  RsStateStore *store = RS_STATE_STORE (source);
  Write *write = g_task_get_task_data (G_TASK (result));
  g_autoptr (GPtrArray) answered = g_steal_pointer (&store->writing);
  g_autoptr (GError) error = NULL;
  gboolean durable = g_task_propagate_boolean (G_TASK (result), &error);

  if (durable && write->flash != NULL)
    {
      rs_state_free (store->saved);
      store->saved = g_steal_pointer (&write->state);
    }
  for (guint i = 0; i < answered->len; i++)
    {
      GTask *task = g_ptr_array_index (answered, i);

      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        g_task_return_boolean (task, TRUE);
    }
  if (store->waiting->len > 0 || store->volatile_due)
    start_write (store);
}

static gboolean
is_on_flash (const RsStateStore *store)
{
  g_autofree char *memory = rs_state_to_text (store->state);
  g_autofree char *flash = rs_state_to_text (store->saved);

  return strcmp (memory, flash) == 0;
}

/* One write at a time; it carries what is in memory when it begins. */
static void
start_write (RsStateStore *store)
{
  g_autoptr (GTask) task = NULL;
  Write *write;

  if (store->writing != NULL)
    return;
  store->writing = store->waiting;
  store->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  store->volatile_due = FALSE;
  store->serial++;
  write = g_new0 (Write, 1);
  write->dir = g_strdup (store->dir);
  write->volatile_dir = g_strdup (store->volatile_dir);
  write->lock = store->lock != NULL ? rs_lock_ref (store->lock) : NULL;
  if (store->writing->len > 0 && !is_on_flash (store))
    {
      write->flash = seal (store, store->state);
      write->state = rs_state_copy (store->state);
      write->forget = store->saved->resetting && !store->state->resetting;
    }
  if (store->volatile_dir != NULL)
    write->runtime = seal (store, store->state);
  task = g_task_new (store, NULL, on_written, NULL);
  g_task_set_task_data (task, write, write_free);
  g_task_run_in_thread (task, write_in_thread);
}

static void
set_memory (RsStateStore  *store,
            const RsState *state)
{
  RsState *copy = rs_state_copy (state);

  rs_state_free (store->state);
  store->state = copy;
}

void
rs_state_store_save_async (RsStateStore       *store,
                           const RsState      *state,
                           GAsyncReadyCallback callback,
                           gpointer            data)
{
  set_memory (store, state);
  g_ptr_array_add (store->waiting, g_task_new (store, NULL, callback, data));
  start_write (store);
}

gboolean
rs_state_store_save_finish (RsStateStore *store,
                            GAsyncResult *result,
                            GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
rs_state_store_is_busy (RsStateStore *store)
{
  return store->writing != NULL;
}

void
rs_state_store_set_volatile (RsStateStore  *store,
                             const RsState *state)
{
  set_memory (store, state);
  if (store->volatile_dir == NULL)
    return;
  store->volatile_due = TRUE;
  start_write (store);
}
