/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One run of a worker. Three things go on at once: the request is written, replies are read, and the end of the process
 * is awaited; the run is over when all three are. Whatever goes wrong kills the process and leaves the rest to that.
 * Only a clean run counts: an outcome, exactly one, then the end of the stream and exit status 0. */
#include "worker/worker.h"

#include "base/names.h"
#include "base/secret.h"
#include "cage/cage.h"
#include "system/journal.h"
#include "worker/child.h"
#include "worker/decode.h"
#include "worker/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* seconds that a worker may take to end once it has nothing more to say, and its stream once it has ended */
#define GRACE 3
/* bytes of an outcome whose reading the main loop would feel; smaller ones are not worth a thread */
#define LARGE_OUTCOME (256 * 1024)

typedef struct
{
  GTask *task;        /* NULL: it is answered already, and the child was not there yet */
  RsRequest *request; /* to check the outcome against */
  GBytes *frame;
  GSubprocess *process;
  GSocketConnection *connection;
  GCancellable *io;
  RsProgressFunc progress;
  RsPartFunc part; /* of an image; NULL: of none */
  gpointer progress_data;
  int image; /* -1: none */
  guint deadline;
  guint deadline_source;
  int deadline_fd;
  guint grace_source;
  GSource *cancel_source;
  guint pending;
  RsTalk talk;
  guint8 header[RS_FRAME_HEADER];
  RsFrameType type;
  guint8 *payload;
  gsize payload_length;
  RsOutcome *outcome;
  gboolean decoding; /* an outcome is being read in a thread */
  gboolean cancelled;
  gboolean timed_out;
  char *fault; /* what it did wrong; the first counts */
} Run;

static void read_header (Run *run);

const char *
rs_worker_sandbox_warning (gboolean allow_weak)
{
  if (rs_cage_landlock_abi () > 0)
    return NULL;
  return allow_weak ? "[Worker] AllowWeakSandbox: this kernel has no Landlock, and a server that takes a worker over can "
                      "read all files that resyncd can, such as the stored parameters"
                    : "this kernel has no Landlock, and nothing is downloaded without it; use one that has, or set "
                      "AllowWeakSandbox=true in [Worker] of resyncd.conf";
}

static void
kill_child (Run *run)
{
  if (run->process != NULL)
    g_subprocess_force_exit (run->process);
}

static void
blame (Run *run, const char *fault)
{
  if (run->fault == NULL)
    run->fault = g_strdup (fault);
  kill_child (run);
}

static void
drop_payload (Run *run)
{
  rs_wipe (run->payload, run->payload_length);
  g_clear_pointer (&run->payload, g_free);
  run->payload_length = 0;
}

static void
run_free (Run *run)
{
  g_clear_handle_id (&run->deadline_source, g_source_remove);
  g_clear_handle_id (&run->grace_source, g_source_remove);
  if (run->deadline_fd >= 0)
    close (run->deadline_fd);
  if (run->image >= 0)
    close (run->image);
  if (run->cancel_source != NULL)
    g_source_destroy (run->cancel_source);
  g_clear_pointer (&run->cancel_source, g_source_unref);
  drop_payload (run);
  g_clear_object (&run->connection);
  g_clear_object (&run->process);
  g_clear_object (&run->io);
  g_clear_pointer (&run->frame, g_bytes_unref);
  g_clear_pointer (&run->request, rs_request_free);
  g_clear_pointer (&run->outcome, rs_outcome_free);
  g_free (run->fault);
  g_free (run);
}

static RsOutcome *
conclude (Run *run)
{
  g_autofree char *text = NULL;

  if (run->cancelled)
    return rs_outcome_new_error (RS_ERROR_CANCELLED, "cancelled");
  if (run->timed_out)
    {
      text = g_strdup_printf (run->process != NULL ? "timed out: the worker had not finished after %u seconds and was killed"
                                                   : "timed out: the worker had not begun after %u seconds; look at the disk it lies on",
                              run->deadline);
      return rs_outcome_new_error (RS_ERROR_UNREACHABLE, text);
    }
  text = run->fault != NULL ? g_strdup (run->fault) : rs_child_end_fault (run->process);
  if (text == NULL && run->outcome == NULL)
    text = g_strdup ("worker died: it ended without an outcome");
  if (text != NULL)
    rs_journal_print (G_LOG_LEVEL_WARNING, rs_child_was_caught (run->process) ? RS_MESSAGE_WORKER_CAUGHT : RS_MESSAGE_WORKER_DIED,
                      "%s://%s: %s", run->request->scheme, run->request->host, text);
  return text != NULL ? rs_outcome_new_error (RS_ERROR_FAILED, text) : g_steal_pointer (&run->outcome);
}

static void
give_outcome (Run *run)
{
  g_autoptr (GTask) task = g_steal_pointer (&run->task);

  g_task_return_pointer (task, conclude (run), (GDestroyNotify)rs_outcome_free);
}

static void
finish (Run *run)
{
  give_outcome (run);
  run_free (run);
}

/* One of the three is done. */
static void
release (Run *run)
{
  if (--run->pending == 0)
    finish (run);
}

static gboolean
on_grace (gpointer data)
{
  Run *run = data;

  run->grace_source = 0;
  blame (run, "worker died: it had nothing more to say, did not end, and was killed");
  g_cancellable_cancel (run->io);
  return G_SOURCE_REMOVE;
}

static void
start_grace (Run *run)
{
  if (run->grace_source == 0 && !run->decoding)
    run->grace_source = g_timeout_add_seconds (GRACE, on_grace, run);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;

  /* a worker that does not take its request ends without an outcome, and that says enough */
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_clear_pointer (&run->frame, g_bytes_unref);
  release (run);
}

/* From now on. */
static gboolean
arm_deadline (Run *run)
{
  const struct itimerspec when = { .it_value.tv_sec = run->deadline };

  return timerfd_settime (run->deadline_fd, 0, &when, NULL) == 0;
}

static void
blame_lie (Run *run, const GError *error)
{
  g_autofree char *text = g_strconcat ("worker lied: ", error->message, NULL);

  blame (run, text);
}

/* FALSE: it says too much. */
static gboolean
may_say_more (Run *run)
{
  const char *fault = rs_talk_add_word (&run->talk, g_get_monotonic_time ());

  if (fault != NULL)
    blame (run, fault);
  return fault == NULL;
}

static gboolean
is_listening (Run *run)
{
  return run->outcome == NULL && !run->cancelled && !run->timed_out;
}

/* As long as bytes of an image come it has time. */
static void
note_bytes (Run *run, guint64 bytes)
{
  const char *fault;

  if (run->image < 0 || run->timed_out || !rs_talk_note_bytes (&run->talk, bytes, &fault))
    return;
  if (fault != NULL)
    blame (run, fault);
  arm_deadline (run);
}

static void
take_progress (Run *run, GBytes *payload)
{
  g_autoptr (GError) error = NULL;
  RsProgress progress;

  if (!rs_progress_from_payload (payload, &progress, &error))
    {
      blame_lie (run, error);
      return;
    }
  if (!may_say_more (run))
    return;
  note_bytes (run, progress.bytes);
  if (run->progress != NULL && is_listening (run))
    run->progress (&progress, run->progress_data);
}

static void
take_part (Run *run, GBytes *payload)
{
  g_autoptr (GError) error = NULL;
  g_auto (RsPart) part = { 0 };

  if (!rs_part_from_payload (payload, run->request, &part, &error))
    blame_lie (run, error);
  else if (may_say_more (run) && is_listening (run))
    run->part (&part, run->progress_data);
}

/* What became of the file is seen there. */
static gboolean
image_is_there (Run *run, GError **error)
{
  struct stat status;

  if (run->image < 0 || !run->outcome->ok || run->outcome->redirects > 0)
    return TRUE;
  if (fstat (run->image, &status) == 0 && status.st_size > 0 && (guint64)status.st_size <= run->request->max_bytes)
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "An image that is not in its file");
  return FALSE;
}

static void
accept_outcome (Run *run, RsOutcome *outcome, const GError *error)
{
  g_autoptr (GError) reason = NULL;

  run->outcome = outcome;
  if (outcome == NULL)
    blame_lie (run, error);
  else if (!image_is_there (run, &reason))
    blame_lie (run, reason);
  else
    start_grace (run);
}

static void
on_decoded (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  g_autoptr (GError) error = NULL;
  RsOutcome *outcome = rs_decode_finish (result, &error);

  run->decoding = FALSE;
  accept_outcome (run, outcome, error);
  start_grace (run);
  release (run);
}

static void
decode_in_thread (Run *run, GBytes *payload)
{
  run->decoding = TRUE;
  run->pending++;
  /* that its outcome is read slowly is not the worker's fault; on_decoded () counts anew */
  g_clear_handle_id (&run->grace_source, g_source_remove);
  rs_decode_async (payload, run->request, on_decoded, run);
}

static void
take_outcome (Run *run, GBytes *payload)
{
  g_autoptr (GError) error = NULL;

  if (run->outcome != NULL || run->decoding)
    blame (run, "worker lied: a second outcome");
  else if (g_bytes_get_size (payload) > LARGE_OUTCOME)
    decode_in_thread (run, payload);
  else
    {
      RsOutcome *outcome = rs_outcome_from_payload (payload, run->request, &error);

      accept_outcome (run, outcome, error);
    }
}

/* A whole frame is there. */
static void
take_frame (Run *run)
{
  g_autoptr (GBytes) payload = rs_secret_bytes_new_take (g_steal_pointer (&run->payload), run->payload_length);

  run->payload_length = 0;
  if (run->type == RS_FRAME_PROGRESS)
    take_progress (run, payload);
  else if (run->type == RS_FRAME_OUTCOME)
    take_outcome (run, payload);
  else if (run->type == RS_FRAME_PART)
    take_part (run, payload);
  else
    blame (run, "worker lied: a request instead of an outcome");
}

/* Reading has come to its end, well or not. */
static void
end_reading (Run *run, const char *fault)
{
  drop_payload (run);
  if (fault != NULL)
    blame (run, fault);
  start_grace (run);
  release (run);
}

static void
on_payload (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  gsize n = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n, NULL) || n < run->payload_length)
    {
      end_reading (run, NULL);
      return;
    }
  take_frame (run);
  if (run->fault != NULL)
    end_reading (run, NULL);
  else
    read_header (run);
}

static void
on_header (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  g_autoptr (GError) error = NULL;
  gsize n = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n, NULL) || n < sizeof run->header)
    {
      end_reading (run, NULL);
      return;
    }
  if (!rs_frame_read_header (run->header, &run->type, &run->payload_length, &error)
      || (run->type == RS_FRAME_OUTCOME && !rs_outcome_check_length (run->payload_length, run->request, &error)))
    {
      g_autofree char *text = g_strconcat ("worker lied: ", error->message, NULL);

      run->payload_length = 0;
      end_reading (run, text);
      return;
    }
  run->payload = g_malloc (run->payload_length);
  g_input_stream_read_all_async (G_INPUT_STREAM (source), run->payload, run->payload_length, G_PRIORITY_DEFAULT,
                                 run->io, on_payload, run);
}

static void
read_header (Run *run)
{
  g_input_stream_read_all_async (g_io_stream_get_input_stream (G_IO_STREAM (run->connection)), run->header,
                                 sizeof run->header, G_PRIORITY_DEFAULT, run->io, on_header, run);
}

static void
on_reaped (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  /* what it had sent is still read; a stream that somebody else holds open is not waited for */
  start_grace (run);
  release (run);
}

static gboolean
on_deadline (int fd, GIOCondition condition, gpointer data)
{
  Run *run = data;

  run->deadline_source = 0;
  run->timed_out = TRUE;
  kill_child (run);
  /* the thread that makes it hangs, and nobody shall hang with it; on_started () ends what it makes after all */
  if (run->process == NULL)
    {
      g_cancellable_cancel (run->io);
      give_outcome (run);
    }
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer data)
{
  Run *run = data;

  run->cancelled = TRUE;
  kill_child (run);
  return G_SOURCE_REMOVE;
}

/* The boot clock counts suspend as well: a job that slept with the phone for an hour has no connection left. */
static gboolean
set_deadline (Run *run, GError **error)
{
  run->deadline_fd = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (run->deadline_fd < 0 || !arm_deadline (run))
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "no timer for the worker: %s", g_strerror (errno));
      return FALSE;
    }
  run->deadline_source = g_unix_fd_add (run->deadline_fd, G_IO_IN, on_deadline, run);
  return TRUE;
}

static void
watch_cancellable (Run *run)
{
  GCancellable *cancellable = g_task_get_cancellable (run->task);

  if (cancellable == NULL)
    return;
  run->cancel_source = g_cancellable_source_new (cancellable);
  g_source_set_callback (run->cancel_source, G_SOURCE_FUNC (on_cancelled), run, NULL);
  g_source_attach (run->cancel_source, g_task_get_context (run->task));
}

/* The request as bytes, and as a copy of our own. */
static gboolean
take_request (Run *run, const RsRequest *request, GError **error)
{
  g_autoptr (GBytes) payload = NULL;

  run->frame = rs_request_to_frame (request, error);
  if (run->frame == NULL)
    return FALSE;
  payload = g_bytes_new_from_bytes (run->frame, RS_FRAME_HEADER, g_bytes_get_size (run->frame) - RS_FRAME_HEADER);
  run->request = rs_request_from_payload (payload, error);
  return run->request != NULL;
}

static void
fail (Run *run, const GError *error)
{
  run->outcome = rs_outcome_new_error (rs_error_code (error), error->message);
  finish (run);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  gconstpointer bytes;

  run->process = rs_child_start_finish (result, &socket, &error);
  if (run->task == NULL)
    {
      kill_child (run);
      run_free (run);
      return;
    }
  if (run->process == NULL)
    {
      fail (run, error);
      return;
    }
  if (run->cancelled)
    kill_child (run);
  run->connection = g_socket_connection_factory_create_connection (socket);
  run->pending = 3;
  bytes = g_bytes_get_data (run->frame, &length);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (run->connection)), bytes, length,
                                   G_PRIORITY_DEFAULT, run->io, on_written, run);
  read_header (run);
  g_subprocess_wait_async (run->process, NULL, on_reaped, run);
}

static Run *
new_run (guint deadline, RsProgressFunc progress, gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback,
         gpointer data)
{
  Run *run = g_new0 (Run, 1);

  run->task = g_task_new (NULL, cancellable, callback, data);
  /* a cancelled run ends with an outcome like any other, and not before the child is gone */
  g_task_set_check_cancellable (run->task, FALSE);
  run->io = g_cancellable_new ();
  run->progress = progress;
  run->progress_data = progress_data;
  run->deadline = MAX (deadline, 1);
  run->deadline_fd = run->image = -1;
  run->talk.seconds = run->deadline;
  return run;
}

static void
begin (Run *run, const char *path, const RsRequest *request)
{
  g_autoptr (GError) error = NULL;

  if (!take_request (run, request, &error) || !set_deadline (run, &error))
    {
      fail (run, error);
      return;
    }
  watch_cancellable (run);
  rs_child_start_async (path, run->image, run->io, on_started, run);
}

void
rs_worker_run_async (const char *path, const RsRequest *request, guint deadline, RsProgressFunc progress,
                     gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  Run *run = new_run (deadline, progress, progress_data, cancellable, callback, data);

  begin (run, path, request);
}

void
rs_worker_run_image_async (const char *path, const RsRequest *request, int file, RsProgressFunc progress, RsPartFunc part,
                           gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  guint silence = MAX (request->stall_timeout, request->transfer_timeout) + RS_WORKER_SECONDS_MORE;
  Run *run = new_run (silence, progress, progress_data, cancellable, callback, data);
  g_autoptr (GError) error = NULL;

  run->part = part;
  run->talk.began = g_get_monotonic_time ();
  run->image = fcntl (file, F_DUPFD_CLOEXEC, 0);
  if (run->image < 0)
    {
      g_set_error (&error, RS_ERROR, RS_ERROR_FAILED, "no descriptor for the worker: %s", g_strerror (errno));
      fail (run, error);
      return;
    }
  begin (run, path, request);
}

RsOutcome *
rs_worker_run_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
