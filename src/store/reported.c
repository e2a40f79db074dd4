/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of a name and its mark, sorted, under the seal of store/. */
#include "store/reported.h"

#include "base/error.h"
#include "store/sealed.h"
#include "system/file.h"

#include <string.h>

#define MAX_SIZE (16u << 20)

static const char *const names[RS_REPORTED_SLOTS] = { "reported-1.conf", "reported-2.conf" };

struct _RsReported
{
  char *dir;
  RsLock *lock; /* NULL: none */
  GHashTable *marks[RS_REPORTED_SLOTS];
};

typedef struct
{
  char *dir;
  RsLock *lock;
  guint slot;
  GBytes *content; /* NULL: clear */
} Write;

GHashTable *
rs_marks_from_text (const char *text,
                    gsize       length,
                    GError    **error)
{
  g_autofree char *whole = g_strndup (text, length);
  g_auto (GStrv) lines = g_strsplit (whole, "\n", -1);
  g_autoptr (GHashTable) marks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      char *blank = strchr (lines[i], ' ');

      if (blank == NULL)
        {
          g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "line %u is no name and mark", i + 1);
          return NULL;
        }
      *blank = '\0';
      g_hash_table_insert (marks, g_strdup (lines[i]), g_strdup (blank + 1));
    }
  return g_steal_pointer (&marks);
}

static gboolean
take_in (const char *text,
         gsize       length,
         gpointer    data,
         GError    **error)
{
  GHashTable **marks = data;

  *marks = rs_marks_from_text (text, length, error);
  return *marks != NULL;
}

RsReported *
rs_reported_open (const char *dir,
                  RsLock     *lock,
                  GPtrArray  *warnings)
{
  RsReported *reported = g_new0 (RsReported, 1);

  reported->dir = g_strdup (dir);
  reported->lock = lock != NULL ? rs_lock_ref (lock) : NULL;
  for (guint i = 0; i < RS_REPORTED_SLOTS; i++)
    {
      g_autoptr (GError) error = NULL;
      RsSealedSource source;

      if (!rs_sealed_load (dir, names[i], MAX_SIZE, take_in, &reported->marks[i], warnings, &source, &error))
        g_ptr_array_add (warnings, g_strdup_printf ("%s: %s; the next report is a whole one", names[i], error->message));
    }
  return reported;
}

void
rs_reported_free (RsReported *reported)
{
  if (reported == NULL)
    return;
  for (guint i = 0; i < RS_REPORTED_SLOTS; i++)
    g_clear_pointer (&reported->marks[i], g_hash_table_unref);
  g_clear_pointer (&reported->lock, rs_lock_unref);
  g_free (reported->dir);
  g_free (reported);
}

GHashTable *
rs_reported_get (RsReported *reported,
                 guint       slot)
{
  return reported->marks[slot];
}

static gboolean
is_same (GHashTable *a,
         GHashTable *b)
{
  GHashTableIter iter;
  gpointer name, mark;

  if (a == NULL || b == NULL || g_hash_table_size (a) != g_hash_table_size (b))
    return FALSE;
  g_hash_table_iter_init (&iter, a);
  while (g_hash_table_iter_next (&iter, &name, &mark))
    {
      if (g_strcmp0 (g_hash_table_lookup (b, name), mark) != 0)
        return FALSE;
    }
  return TRUE;
}

GString *
rs_marks_to_text (GHashTable *marks)
{
  GString *body = g_string_new (NULL);
  g_autoptr (GList) sorted = g_list_sort (g_hash_table_get_keys (marks), (GCompareFunc)strcmp);

  for (GList *one = sorted; one != NULL; one = one->next)
    g_string_append_printf (body, "%s %s\n", (char *)one->data, (char *)g_hash_table_lookup (marks, one->data));
  return body;
}

static void
write_free (gpointer data)
{
  Write *write = data;

  g_clear_pointer (&write->content, g_bytes_unref);
  g_clear_pointer (&write->lock, rs_lock_unref);
  g_free (write->dir);
  g_free (write);
}

static gboolean
clear (const char *dir,
       GError    **error)
{
  for (guint i = 0; i < RS_REPORTED_SLOTS; i++)
    {
      if (!rs_file_remove (dir, names[i], error) || !rs_sealed_forget (dir, names[i], error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_file (const Write *write,
            GError     **error)
{
  gboolean good;

  if (!rs_lock_enter (write->lock, error))
    return FALSE;
  good = write->content != NULL ? rs_file_save (write->dir, names[write->slot], write->content, FALSE, error)
                                : clear (write->dir, error);
  rs_lock_set_failed (write->lock, !good);
  rs_lock_leave (write->lock);
  return good;
}

static void
in_thread (GTask        *task,
           gpointer      source,
           gpointer      data,
           GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;

  if (write_file (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* Takes content. */
static void
start (RsReported         *reported,
       guint               slot,
       GBytes             *content,
       GAsyncReadyCallback callback,
       gpointer            data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  Write *write = g_new0 (Write, 1);

  write->dir = g_strdup (reported->dir);
  write->lock = reported->lock != NULL ? rs_lock_ref (reported->lock) : NULL;
  write->slot = slot;
  write->content = content;
  g_task_set_task_data (task, write, write_free);
  g_task_run_in_thread (task, in_thread);
}

void
rs_reported_save_async (RsReported         *reported,
                        guint               slot,
                        GHashTable         *marks,
                        GAsyncReadyCallback callback,
                        gpointer            data)
{
  gboolean same = is_same (marks, reported->marks[slot]);

  g_clear_pointer (&reported->marks[slot], g_hash_table_unref);
  reported->marks[slot] = marks;
  if (same)
    {
      g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
      g_task_return_boolean (task, TRUE);
    }
  else
    start (reported, slot, rs_sealed_close (rs_marks_to_text (marks)), callback, data);
}

gboolean
rs_reported_save_finish (RsReported   *reported,
                         GAsyncResult *result,
                         GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
rs_reported_clear_async (RsReported         *reported,
                         GAsyncReadyCallback callback,
                         gpointer            data)
{
  for (guint i = 0; i < RS_REPORTED_SLOTS; i++)
    g_clear_pointer (&reported->marks[i], g_hash_table_unref);
  start (reported, 0, NULL, callback, data);
}

gboolean
rs_reported_clear_finish (RsReported   *reported,
                          GAsyncResult *result,
                          GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
