/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file of uses: a group, and in it for each code, by its digest, the phones that used it. Its last line proves that it is whole: a list
 * that was cut short would tell a code to one phone too many. */
#include "redirect/uses.h"

#include "redirect/book.h"
#include "store/sealed.h"
#include "system/file.h"
#include "system/lock.h"

#define FILE_NAME "uses.conf"
#define GROUP "uses"
#define MAX_FILE (256 << 20)

struct _RsUses
{
  char *dir;
  RsLock *lock;
  GHashTable *codes;  /* digest → GPtrArray of MACs */
  GPtrArray *waiting; /* GTask: for the write after the one that runs */
  GPtrArray *writing; /* of the one that runs; NULL: none */
};

typedef struct
{
  char *digest;
  char *mac;
  gboolean fresh; /* counted by this one */
} Note;

static void
note_free (gpointer data)
{
  Note *note = data;

  g_free (note->digest);
  g_free (note->mac);
  g_free (note);
}

void
rs_uses_free (RsUses *uses)
{
  if (uses == NULL)
    return;
  g_free (uses->dir);
  rs_lock_unref (uses->lock);
  g_hash_table_unref (uses->codes);
  g_ptr_array_unref (uses->waiting);
  g_free (uses);
}

static GPtrArray *
phones_of (RsUses     *uses,
           const char *digest)
{
  GPtrArray *phones = g_hash_table_lookup (uses->codes, digest);

  if (phones == NULL)
    {
      phones = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (uses->codes, g_strdup (digest), phones);
    }
  return phones;
}

static gboolean
read_codes (RsUses   *uses,
            GKeyFile *file,
            GError  **error)
{
  g_auto (GStrv) digests = g_key_file_get_keys (file, GROUP, NULL, error);

  for (guint i = 0; digests != NULL && digests[i] != NULL; i++)
    {
      g_auto (GStrv) macs = g_key_file_get_string_list (file, GROUP, digests[i], NULL, error);

      if (macs == NULL)
        return FALSE;
      for (guint k = 0; macs[k] != NULL; k++)
        g_ptr_array_add (phones_of (uses, digests[i]), g_strdup (macs[k]));
    }
  return digests != NULL;
}

static gboolean
read_content (RsUses  *uses,
              GBytes  *content,
              GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  gsize length;
  const char *text = g_bytes_get_data (content, &length);
  gssize body = text != NULL ? rs_sealed_body (text, length) : -1;

  if (body >= 0)
    return g_key_file_load_from_data (file, text, (gsize)body, G_KEY_FILE_NONE, error) && read_codes (uses, file, error);
  g_set_error_literal (error, RS_ERROR, RS_ERROR_CORRUPT, "it is not complete, or was changed");
  return FALSE;
}

static gboolean
read_file (RsUses  *uses,
           GError **error)
{
  g_autoptr (GBytes) content = NULL;
  g_autoptr (GError) why = NULL;

  rs_file_sweep (uses->dir);
  if (!rs_file_read (uses->dir, FILE_NAME, MAX_FILE, &content, error))
    return FALSE;
  if (content == NULL || read_content (uses, content, &why))
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT,
               "%s/" FILE_NAME " does not say which codes were used (%s); put " FILE_NAME ".previous in its place, or remove it to"
               " let every code count anew",
               uses->dir, why->message);
  return FALSE;
}

RsUses *
rs_uses_open (const char *dir,
              GError    **error)
{
  g_autoptr (RsUses) uses = g_new0 (RsUses, 1);

  uses->dir = g_strdup (dir);
  uses->lock = rs_lock_new (dir);
  uses->codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  uses->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  if (!rs_lock_take (uses->lock, 0, error) || !read_file (uses, error))
    return NULL;
  return g_steal_pointer (&uses);
}

static gboolean
find (const RsUses *uses,
      const char   *digest,
      const char   *mac,
      guint        *index)
{
  GPtrArray *phones = g_hash_table_lookup (uses->codes, digest);

  return phones != NULL && g_ptr_array_find_with_equal_func (phones, mac, g_str_equal, index);
}

gboolean
rs_uses_has (const RsUses *uses,
             const char   *digest,
             const char   *mac)
{
  return find (uses, digest, mac, NULL);
}

guint
rs_uses_count (const RsUses *uses,
               const char   *digest)
{
  GPtrArray *phones = g_hash_table_lookup (uses->codes, digest);

  return phones != NULL ? phones->len : 0;
}

gboolean
rs_uses_is_busy (const RsUses *uses)
{
  return uses->writing != NULL;
}

static GBytes *
to_bytes (const RsUses *uses)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  GHashTableIter iter;
  gpointer digest, phones;
  g_autofree char *text = NULL;
  gsize length;

  g_key_file_set_comment (file, NULL, NULL, " Which phones used which code; by digests, from which short names can be found out.", NULL);
  g_hash_table_iter_init (&iter, uses->codes);
  while (g_hash_table_iter_next (&iter, &digest, &phones))
    {
      GPtrArray *macs = phones;

      if (macs->len > 0)
        g_key_file_set_string_list (file, GROUP, digest, (const char *const *)macs->pdata, macs->len);
    }
  text = g_key_file_to_data (file, &length, NULL);
  return rs_sealed_close (g_string_new_len (text, (gssize)length));
}

typedef struct
{
  char *dir;
  RsLock *lock;
  GBytes *content;
} Write;

static void
write_free (gpointer data)
{
  Write *write = data;

  g_free (write->dir);
  rs_lock_unref (write->lock);
  g_bytes_unref (write->content);
  g_free (write);
}

static void
write_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  Write *write = data;
  GError *error = NULL;
  gboolean written = rs_lock_enter (write->lock, &error);

  if (written)
    {
      written = rs_file_save (write->dir, FILE_NAME, write->content, TRUE, &error);
      rs_lock_set_failed (write->lock, !written);
      rs_lock_leave (write->lock);
    }
  if (written)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void write_next (RsUses *uses);

static void
take_back (RsUses     *uses,
           const Note *note)
{
  guint index;

  if (note->fresh && find (uses, note->digest, note->mac, &index))
    g_ptr_array_remove_index (phones_of (uses, note->digest), index);
}

static void
on_written (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  RsUses *uses = data;
  g_autoptr (GPtrArray) done = g_steal_pointer (&uses->writing);
  g_autoptr (GError) error = NULL;
  gboolean written = g_task_propagate_boolean (G_TASK (result), &error);

  for (guint i = 0; !written && i < done->len; i++)
    take_back (uses, g_task_get_task_data (done->pdata[i]));
  for (guint i = 0; i < done->len; i++)
    {
      if (written)
        g_task_return_boolean (done->pdata[i], TRUE);
      else
        g_task_return_error (done->pdata[i], g_error_copy (error));
    }
  write_next (uses);
}

/* The write that this one relied on may have failed, and been taken back. */
static void
count_again (RsUses *uses,
             Note   *note)
{
  if (rs_uses_has (uses, note->digest, note->mac))
    return;
  note->fresh = TRUE;
  g_ptr_array_add (phones_of (uses, note->digest), g_strdup (note->mac));
}

static void
write_next (RsUses *uses)
{
  g_autoptr (GTask) task = NULL;
  Write *write;

  if (uses->writing != NULL || uses->waiting->len == 0)
    return;
  for (guint i = 0; i < uses->waiting->len; i++)
    count_again (uses, g_task_get_task_data (uses->waiting->pdata[i]));
  uses->writing = g_steal_pointer (&uses->waiting);
  uses->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  write = g_new (Write, 1);
  *write = (Write){ g_strdup (uses->dir), rs_lock_ref (uses->lock), to_bytes (uses) };
  task = g_task_new (NULL, NULL, on_written, uses);
  g_task_set_task_data (task, write, write_free);
  g_task_run_in_thread (task, write_in_thread);
}

void
rs_uses_note_async (RsUses             *uses,
                    const char         *digest,
                    const char         *mac,
                    GAsyncReadyCallback callback,
                    gpointer            data)
{
  GTask *task = g_task_new (NULL, NULL, callback, data);
  Note *note = g_new (Note, 1);

  *note = (Note){ g_strdup (digest), g_strdup (mac), !rs_uses_has (uses, digest, mac) };
  g_task_set_task_data (task, note, note_free);
  if (note->fresh)
    g_ptr_array_add (phones_of (uses, digest), g_strdup (mac));
  /* one that is known and was written long ago needs no write */
  if (!note->fresh && uses->writing == NULL && uses->waiting->len == 0)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  g_ptr_array_add (uses->waiting, task);
  write_next (uses);
}

gboolean
rs_uses_note_finish (GAsyncResult *result,
                     GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
