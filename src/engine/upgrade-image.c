/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The image as a file: fetched by a worker into a descriptor that is opened here, gone on with after whatever interrupted it, and removed when it is of no
 * more use (UPG-3). Disks are touched in a thread. */
#include "engine/upgrade-private.h"

#include "base/names.h"
#include "base/text.h"
#include "engine/job.h"
#include "engine/proxy.h"
#include "system/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define NAME "image"
/* what an image leaves of the disk, and as much as the files of the store have, twice: a file is written beside the one that it replaces */
#define RESERVE (1 << 20)
/* how often the flash is told how far the download is; until the phone restarts the copy in memory counts */
#define FLASH_PAUSE (20 * (gint64)G_USEC_PER_SEC)

char *
rs_upgrade_image_path (const RsUpgrade *upgrade)
{
  return g_build_filename (upgrade->folder, NAME, NULL);
}

typedef struct
{
  char *folder;
  char *store; /* whose files shall be written afterwards, too */
  gboolean anew; /* what is there is of something else */
  int file;
  guint64 room;
} Opening;

static void
opening_free (gpointer data)
{
  Opening *opening = data;

  if (opening->file >= 0)
    close (opening->file);
  g_free (opening->folder);
  g_free (opening->store);
  g_free (opening);
}

/* The installer may have made it its own. */
static int
open_image (int      folder,
            gboolean anew)
{
  const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
  struct stat image;
  int file = -1;

  if (!anew && (fstatat (folder, NAME, &image, AT_SYMLINK_NOFOLLOW) != 0 || S_ISREG (image.st_mode)))
    file = openat (folder, NAME, flags, 0600);
  if (file >= 0)
    return file;
  if (unlinkat (folder, NAME, 0) != 0 && errno != ENOENT && unlinkat (folder, NAME, AT_REMOVEDIR) != 0)
    return -1;
  return openat (folder, NAME, flags | O_EXCL, 0600);
}

static guint64
reserve_of (const char *store)
{
  g_autoptr (GDir) folder = g_dir_open (store, 0, NULL);
  guint64 bytes = 0;
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (store, name, NULL);
      struct stat file;

      if (lstat (path, &file) == 0 && S_ISREG (file.st_mode))
        bytes += (guint64)file.st_size;
    }
  return RESERVE + 2 * bytes;
}

static gboolean
open_in_folder (Opening *opening)
{
  guint64 reserve = reserve_of (opening->store);
  struct statvfs disk;
  struct stat image;
  int folder;

  if (mkdir (opening->folder, 0700) != 0 && errno != EEXIST)
    return FALSE;
  folder = open (opening->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (folder < 0)
    return FALSE;
  opening->file = open_image (folder, opening->anew);
  close (folder);
  if (opening->file < 0 || fstat (opening->file, &image) != 0 || fstatvfs (opening->file, &disk) != 0)
    return FALSE;
  opening->room = (guint64)disk.f_bavail * disk.f_frsize + (guint64)image.st_blocks * 512;
  opening->room -= MIN (opening->room, reserve);
  return TRUE;
}

static void
open_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  if (open_in_folder (task_data))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, RS_ERROR, RS_ERROR_STORAGE, "%s/" NAME ": %s", ((Opening *)task_data)->folder, g_strerror (errno));
}

gboolean
rs_upgrade_image_is_complete (const RsUpgrade *upgrade)
{
  const RsState *state = rs_state_store_get (upgrade->engine->parts.state);
  g_autofree char *path = rs_upgrade_image_path (upgrade);
  struct stat image;

  /* who installs may be another one since it was fetched (UPG-4) */
  if (upgrade->installer != NULL && rs_installer_is_https_only (upgrade->installer) && !g_str_has_prefix (state->upgrade_url, "https://"))
    return FALSE;
  return state->image_complete && strcmp (state->image_context, rs_upgrade_plan_get_memory (upgrade->plan)->context) == 0
         && stat (path, &image) == 0 && image.st_size == state->image_total;
}

static void
note_part (RsState      *state,
           const RsPart *part)
{
  state->image_bytes = part != NULL ? (gint64)part->bytes : 0;
  state->image_total = part != NULL ? (gint64)part->total : 0;
  rs_text_set (&state->image_validator, part != NULL && part->bytes > 0 ? part->validator : "");
  rs_text_set (&state->image_digest, part != NULL && part->bytes > 0 ? part->digest : "");
  rs_text_set (&state->image_source, part != NULL && part->bytes > 0 ? part->source : "");
}

static void
on_part (const RsPart *part,
         gpointer      data)
{
  RsUpgrade *upgrade = data;
  gint64 now;
  gboolean durable;
  RsState *state;

  if (upgrade->engine == NULL || upgrade->engine->resetting)
    return;
  now = rs_clock_boot (upgrade->engine->parts.clock);
  durable = now - upgrade->part_saved >= FLASH_PAUSE;
  if (durable)
    upgrade->part_saved = now;
  state = rs_upgrade_edit (upgrade);
  note_part (state, part);
  rs_upgrade_keep (upgrade, state, durable);
}

static void
on_progress (const RsProgress *progress,
             gpointer          data)
{
  RsUpgrade *upgrade = data;
  gint percentage = progress->total > 0 ? (gint)MIN (progress->bytes * 100 / progress->total, 100) : 0;
  g_autofree char *size = g_format_size (progress->bytes);
  g_autofree char *message = g_strdup_printf ("Downloading, %s", size);

  if (upgrade->engine != NULL)
    g_signal_emit_by_name (upgrade->engine, "upgrade-progress", percentage,
                           progress->stage == RS_STAGE_CONNECTING ? "Connecting" : message, 0);
}

typedef struct
{
  RsUpgrade *upgrade;
  GTask *opening; /* has the file */
} Download;

static guint64
length_of (const Download *download)
{
  const Opening *opening = g_task_get_task_data (download->opening);
  struct stat image;

  return fstat (opening->file, &image) == 0 ? (guint64)image.st_size : 0;
}

static void
on_downloaded (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autofree Download *download = data;
  g_autoptr (RsUpgrade) upgrade = download->upgrade;
  g_autoptr (GTask) opening = download->opening;
  g_autoptr (RsOutcome) outcome = rs_proxies_run_finish (result);
  guint64 length = length_of (download);
  RsState *state;

  /* nobody may have it open for writing when it is installed */
  g_task_set_task_data (opening, NULL, NULL);
  g_clear_object (&upgrade->running);
  if (upgrade->engine == NULL)
    return;
  if (!upgrade->engine->resetting)
    {
      state = rs_upgrade_edit (upgrade);
      state->image_complete = outcome->ok;
      if (outcome->ok)
        state->image_bytes = state->image_total = (gint64)length;
      rs_upgrade_keep (upgrade, state, TRUE);
    }
  if (!outcome->ok)
    rs_upgrade_fault (upgrade, outcome->code, outcome->message);
  rs_upgrade_feed_outcome (upgrade, outcome);
}

/* What is known of the part that is there, where it is one of this image. */
static void
set_part (const RsUpgrade *upgrade,
          RsRequest       *request)
{
  const RsState *state = rs_state_store_get (upgrade->engine->parts.state);

  if (strcmp (request->scheme, "tftp") == 0 || state->image_bytes <= 0 || state->image_validator[0] == '\0' || state->image_source[0] == '\0')
    return;
  request->part.bytes = (guint64)state->image_bytes;
  request->part.total = (guint64)state->image_total;
  request->part.validator = g_strdup (state->image_validator);
  request->part.digest = g_strdup (state->image_digest);
  request->part.source = g_strdup (state->image_source);
}

static RsRequest *
new_request (RsUpgrade *upgrade,
             GError   **error)
{
  const RsParts *parts = &upgrade->engine->parts;
  RsJob job = { .kind = RS_JOB_IMAGE, .url = upgrade->action->url, .action = upgrade->action, .use_account = TRUE };

  job.named_literally = upgrade->named || parts->config->manager_none;
  /* who asks by hand is not of that class */
  job.of_user_class = !rs_upgrade_plan_get_memory (upgrade->plan)->own
                      && rs_snapshot_is_of_user (rs_param_store_get_snapshot (parts->params), RS_UPGRADE_RULE);
  return rs_job_request (parts, &job, error);
}

static void
on_opened (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (RsUpgrade) upgrade = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRequest) request = NULL;
  const Opening *opening = g_task_get_task_data (G_TASK (result));
  Download *download;

  /* a factory reset does not wait for it, and nothing is known any more of what was asked for */
  if (!g_task_propagate_boolean (G_TASK (result), &error) || upgrade->engine == NULL || g_cancellable_is_cancelled (upgrade->running)
      || (request = new_request (upgrade, &error)) == NULL)
    {
      g_clear_object (&upgrade->running);
      if (error != NULL)
        rs_upgrade_fault_of (upgrade, error);
      rs_upgrade_feed_done (upgrade, FALSE);
      return;
    }
  request->room = opening->room;
  set_part (upgrade, request);
  download = g_new (Download, 1);
  *download = (Download){ rs_upgrade_hold (upgrade), g_object_ref (G_TASK (result)) };
  rs_proxies_run_image_async (&upgrade->engine->parts, g_steal_pointer (&request), opening->file, on_progress, on_part, upgrade,
                              upgrade->running, on_downloaded, download);
}

static void
open_async (RsUpgrade *upgrade)
{
  const char *context = rs_upgrade_plan_get_memory (upgrade->plan)->context;
  RsState *state = rs_upgrade_edit (upgrade);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_opened, rs_upgrade_hold (upgrade));
  Opening *opening = g_new0 (Opening, 1);

  opening->folder = g_strdup (upgrade->folder);
  opening->store = g_strdup (upgrade->engine->dirs->state);
  opening->file = -1;
  opening->anew = strcmp (state->image_context, context) != 0 || state->image_complete;
  if (opening->anew)
    {
      rs_text_set (&state->image_context, context);
      g_free (state->image_url);
      state->image_url = rs_upgrade_url_digest (upgrade);
      state->image_complete = FALSE;
      note_part (state, NULL);
    }
  rs_upgrade_keep (upgrade, state, TRUE);
  g_task_set_task_data (task, opening, opening_free);
  g_task_run_in_thread (task, open_thread);
}

void
rs_upgrade_download (RsUpgrade *upgrade)
{
  upgrade->part_saved = rs_clock_boot (upgrade->engine->parts.clock);
  upgrade->running = g_cancellable_new ();
  /* what is on its way out shall not take the new one along */
  if (upgrade->removing)
    upgrade->download_due = TRUE;
  else
    open_async (upgrade);
}

static void
remove_thread (GTask        *task,
               gpointer      source,
               gpointer      task_data,
               GCancellable *cancellable)
{
  if (unlink (task_data) != 0 && errno != ENOENT)
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_STORE_FAILED, "%s: %s", (const char *)task_data, g_strerror (errno));
  g_task_return_boolean (task, TRUE);
}

static void
on_removed (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (RsUpgrade) upgrade = data;

  upgrade->removing = FALSE;
  if (upgrade->download_due && upgrade->engine != NULL)
    open_async (upgrade);
  upgrade->download_due = FALSE;
}

void
rs_upgrade_image_forget (RsUpgrade *upgrade)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_removed, rs_upgrade_hold (upgrade));

  upgrade->removing = TRUE;
  if (!upgrade->engine->resetting)
    {
      RsState *state = rs_upgrade_edit (upgrade);

      rs_text_set (&state->image_context, "");
      rs_text_set (&state->image_url, "");
      state->image_complete = FALSE;
      note_part (state, NULL);
      rs_upgrade_keep (upgrade, state, TRUE);
    }
  g_task_set_task_data (task, rs_upgrade_image_path (upgrade), g_free);
  g_task_run_in_thread (task, remove_thread);
}

void
rs_upgrade_image_drop (RsUpgrade *upgrade)
{
  if (rs_state_store_get (upgrade->engine->parts.state)->image_context[0] != '\0')
    rs_upgrade_image_forget (upgrade);
}
