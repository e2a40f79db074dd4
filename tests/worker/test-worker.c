/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon's side of a worker against the liar: whatever the child does, one outcome comes, once, after the child is
 * gone. */
#include "worker/worker.h"

#include "request.h"

#include "worker/child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  GMainLoop *loop;
  RsOutcome *outcome;
  guint n_progress;
  RsStage stages[8];
} Result;

static char *liar;

static void
on_progress (const RsProgress *progress, gpointer data)
{
  Result *result = data;

  g_assert_null (result->outcome);
  if (result->n_progress < G_N_ELEMENTS (result->stages))
    result->stages[result->n_progress] = progress->stage;
  result->n_progress++;
}

static void
assert_no_child (void)
{
  int status;

  g_assert_cmpint (waitpid (-1, &status, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
}

static void
on_finished (GObject *source, GAsyncResult *async, gpointer data)
{
  Result *result = data;

  g_assert_null (result->outcome);
  result->outcome = rs_worker_run_finish (async);
  g_assert_nonnull (result->outcome);
  assert_no_child ();
  g_main_loop_quit (result->loop);
}

/* Takes request. */
static RsOutcome *
run_request (const char *program, RsRequest *taken, guint deadline, GCancellable *cancellable, Result *result)
{
  g_autoptr (RsRequest) request = taken;
  Result own = { 0 };

  if (result == NULL)
    result = &own;
  result->loop = g_main_loop_new (NULL, FALSE);
  rs_worker_run_async (program, request, deadline, on_progress, result, cancellable, on_finished, result);
  g_clear_pointer (&request, rs_request_free);
  g_main_loop_run (result->loop);
  g_main_loop_unref (result->loop);
  return result->outcome;
}

static RsOutcome *
run (const char *program, const char *path, guint deadline, GCancellable *cancellable, Result *result)
{
  return run_request (program, new_request (path), deadline, cancellable, result);
}

static void
test_outcome (void)
{
  Result result = { 0 };
  g_autoptr (RsOutcome) outcome = run (liar, "/outcome", 30, NULL, &result);

  g_assert_true (outcome->ok);
  g_assert_cmpstr (outcome->message, ==, "");
  g_assert_cmpuint (outcome->assignments->len, ==, 2);
  g_assert_cmpuint (result.n_progress, ==, 2);
  g_assert_cmpint (result.stages[0], ==, RS_STAGE_CONNECTING);
  g_assert_cmpint (result.stages[1], ==, RS_STAGE_DOWNLOADING);
}

/* an outcome of half a megabyte arrives whole, and a cancelled one not at all */
static void
test_large (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (RsOutcome) outcome = run (liar, "/large", 30, NULL, NULL);
  g_autoptr (RsOutcome) cancelled = NULL;

  g_assert_true (outcome->ok);
  g_assert_cmpuint (outcome->assignments->len, ==, 8);
  g_assert_cmpuint (strlen (((RsAssignment *)outcome->assignments->pdata[7])->value), ==, 60000);
  g_cancellable_cancel (cancellable);
  cancelled = run (liar, "/large", 30, cancellable, NULL);
  g_assert_cmpint (cancelled->code, ==, RS_ERROR_CANCELLED);
}

/* the most memory that this process has had since it last asked, in bytes */
static gsize
peak_memory (gboolean from_now)
{
  g_autofree char *status = NULL;

  if (from_now)
    g_assert_true (g_file_set_contents_full ("/proc/self/clear_refs", "5", 1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  return strtoul (strstr (status, "VmHWM:") + strlen ("VmHWM:"), NULL, 10) * 1024;
}

/* With the limits as they are, no worker makes the daemon take more memory than its unit has (256 MiB): the largest outcome that a file can
 * come to is taken within a part of that, and a larger one is refused before it is read */
static void
test_memory (void)
{
  for (guint legal = 0; legal <= 1; legal++)
    {
      RsRequest *request = new_request (legal ? "/full" : "/heavy");
      g_autoptr (RsOutcome) outcome = NULL;
      gsize before = peak_memory (TRUE), more;

      request->max_bytes = 8u << 20;
      request->max_parameters = 20000;
      outcome = run_request (liar, request, 30, NULL, NULL);
      more = peak_memory (FALSE) - before;
      g_test_message ("%s: %zu bytes more", legal ? "full" : "heavy", more);
      g_assert_cmpint (outcome->ok, ==, legal);
      if (!legal)
        g_assert_true (g_str_has_prefix (outcome->message, "worker lied: The outcome has "));
      g_assert_cmpuint (more, <, legal ? 128u << 20 : 8u << 20);
    }
}

/* HTTP-5: whatever the worker's end is, it is class C and says what happened */
static void
test_deaths (void)
{
  const struct
  {
    const char *path;
    const char *message;
  } table[] = {
    { "/status", "worker died: exit status 3" },
    { "/outcome-and-status", "worker died: exit status 4" },
    { "/crash", "worker died: signal 11 (SIGSEGV)" },
    { "/crash-after", "worker died: signal 11 (SIGSEGV)" },
    { "/forbidden", "worker was killed by its sandbox, for a system call that no download makes: signal 31 (SIGSYS)" },
    { "/nothing", "worker died: it ended without an outcome" },
    { "/half", "worker died: it ended without an outcome" },
    { "/garbage", "worker lied: A frame of the unknown type 120" },
    { "/oversize", "worker lied: The frame of the outcome says it has 4294967295 bytes; from 1 to 67108864 may come" },
    { "/large-progress", "worker lied: The frame of the progress says it has 100000 bytes; from 1 to 64 may come" },
    { "/second", "worker lied: a second outcome" },
    { "/large-second", "worker lied: a second outcome" },
    { "/large-crash-after", "worker died: signal 11 (SIGSEGV)" },
    { "/junk-after", "worker lied: A frame of the unknown type 120" },
    { "/request-back", "worker lied: a request instead of an outcome" },
    { "/flood", "worker lied: a flood of progress" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (RsOutcome) outcome = NULL;

      g_test_message ("%s", table[i].path);
      outcome = run (liar, table[i].path, 30, NULL, NULL);
      g_assert_false (outcome->ok);
      g_assert_cmpstr (outcome->message, ==, table[i].message);
      g_assert_cmpint (outcome->code, ==, RS_ERROR_FAILED);
      g_assert_cmpint (rs_error_class (outcome->code), ==, RS_CLASS_C);
      g_assert_cmpuint (outcome->assignments->len, ==, 0);
    }
}

/* HTTP-8: an outcome that does not fit its request is no outcome */
static void
test_lies (void)
{
  const char *const paths[] = { "/not-normal", "/too-many", "/not-modified", "/other-scheme", "/large-not-normal",
                                "/large-too-many" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (RsOutcome) outcome = NULL;

      g_test_message ("%s", paths[i]);
      outcome = run (liar, paths[i], 30, NULL, NULL);
      g_assert_false (outcome->ok);
      g_assert_cmpint (outcome->code, ==, RS_ERROR_FAILED);
      g_assert_true (g_str_has_prefix (outcome->message, "worker lied: "));
    }
}

/* a lie in each of the 25 fields of an outcome and the three of a progress, beside nothing but truth */
static void
test_every_field (void)
{
  static const char *const says[]
      = { "a failure without a message", "code", "message", "a status below 100", "not modified", "reason to fail",
          "reason to fail", "reason to fail", "retry_after", "url", "server_address", "etag", "last_modified", "digest",
          "not both", "not both", "several jobs", "reason to fail", "several jobs", "redirects",
          "Assignment 1", "Assignment 1", "Assignment 1", "Assignment 1", "columns", "Note 1", "stage", "bytes", "total" };

  for (guint i = 0; i < G_N_ELEMENTS (says); i++)
    {
      g_autofree char *path = g_strdup_printf ("/lie-%u", i);
      g_autoptr (RsOutcome) outcome = run (liar, path, 30, NULL, NULL);

      g_test_message ("%u: %s", i, outcome->message);
      g_assert_false (outcome->ok);
      g_assert_cmpint (outcome->code, ==, RS_ERROR_FAILED);
      g_assert_true (g_str_has_prefix (outcome->message, "worker lied: "));
      g_assert_nonnull (strstr (outcome->message, says[i]));
      g_assert_cmpuint (outcome->assignments->len, ==, 0);
    }
}

/* HTTP-5 */
static void
test_deadline (void)
{
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (RsOutcome) outcome = run (liar, "/hang", 1, NULL, NULL);

  g_assert_false (outcome->ok);
  g_assert_cmpint (outcome->code, ==, RS_ERROR_UNREACHABLE);
  g_assert_cmpstr (outcome->message, ==, "timed out: the worker had not finished after 1 seconds and was killed");
  g_assert_cmpint (g_get_monotonic_time () - begun, >=, G_USEC_PER_SEC);
}

/* A worker that stays after its word, closes its stream, or leaves somebody behind who holds it. */
static void
test_grace (void)
{
  const char *const paths[] = { "/hang-after", "/close-and-hang", "/fork" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (RsOutcome) outcome = NULL;

      g_test_message ("%s", paths[i]);
      outcome = run (liar, paths[i], 30, NULL, NULL);
      g_assert_false (outcome->ok);
      g_assert_cmpstr (outcome->message, ==, "worker died: it had nothing more to say, did not end, and was killed");
    }
}

static gboolean
on_cancel (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_REMOVE;
}

static void
test_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (RsOutcome) outcome = NULL;
  g_autoptr (RsOutcome) at_once = NULL;

  g_timeout_add (50, on_cancel, cancellable);
  outcome = run (liar, "/hang", 30, cancellable, NULL);
  g_assert_cmpint (outcome->code, ==, RS_ERROR_CANCELLED);
  g_assert_false (outcome->ok);
  at_once = run (liar, "/hang", 30, cancellable, NULL);
  g_assert_cmpint (at_once->code, ==, RS_ERROR_CANCELLED);
}

static void
test_no_start (void)
{
  g_autoptr (RsOutcome) missing = run ("/nonexistent/worker", "/outcome", 5, NULL, NULL);
  g_autoptr (RsOutcome) bad_request = run (liar, "no slash", 5, NULL, NULL);

  g_assert_false (missing->ok);
  g_assert_cmpint (missing->code, ==, RS_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (missing->message, "the worker cannot be started: "));
  g_assert_cmpint (bad_request->code, ==, RS_ERROR_INVALID_ARGUMENT);
}

static void
test_noise (void)
{
  g_autoptr (RsOutcome) outcome = run (liar, "/noise", 30, NULL, NULL);

  g_assert_true (outcome->ok);
}

/* What a child has of its parent: nothing that it does not need. */
static void
test_surroundings (void)
{
  g_autoptr (RsOutcome) outcome = NULL;
  sigset_t signals, before;

  g_setenv ("RESYNCD_TEST_SECRET", "1", TRUE);
  sigemptyset (&signals);
  sigaddset (&signals, SIGUSR1);
  sigprocmask (SIG_BLOCK, &signals, &before);
  outcome = run (liar, "/surroundings", 30, NULL, NULL);
  sigprocmask (SIG_SETMASK, &before, NULL);
  g_assert_cmpint (outcome->code, ==, RS_ERROR_CORRUPT);
  g_test_message ("%s", outcome->message);
  g_assert_null (strstr (outcome->message, "SECRET"));
  g_assert_null (strstr (outcome->message, " PATH"));
  g_assert_null (strstr (outcome->message, " HOME"));
  g_assert_nonnull (strstr (outcome->message, "; fds 0 1 2 3; core 0; no-new-privs 1; death 9; cwd /; usr1 open; umask 77"));
}

/* Where reading an outcome takes long, as on a slow phone, the call takes so many seconds more. */
static guint slow_reading;

RsOutcome *__real_rs_outcome_from_payload (GBytes *payload, const RsRequest *request, GError **error);
RsOutcome *__wrap_rs_outcome_from_payload (GBytes *payload, const RsRequest *request, GError **error);

RsOutcome *
__wrap_rs_outcome_from_payload (GBytes *payload, const RsRequest *request, GError **error)
{
  g_usleep (slow_reading * G_USEC_PER_SEC);
  return __real_rs_outcome_from_payload (payload, request, error);
}

/* a worker that did its work and ended is not blamed for the time that the daemon takes to read what it said */
static void
test_slow_reading (void)
{
  g_autoptr (RsOutcome) outcome = NULL;

  slow_reading = 4;
  outcome = run (liar, "/large", 30, NULL, NULL);
  slow_reading = 0;
  g_assert_cmpstr (outcome->message, ==, "");
  g_assert_true (outcome->ok);
  g_assert_cmpuint (outcome->assignments->len, ==, 8);
}

static void
start_nothing (GObject *source, GAsyncResult *result, gpointer data)
{
  rs_outcome_free (rs_worker_run_finish (result));
}

/* Being a daemon that is about to be killed. */
static int
be_daemon (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (RsRequest) request = new_request ("/tell-pid");

  rs_worker_run_async (g_getenv ("LIAR"), request, 60, NULL, NULL, NULL, start_nothing, NULL);
  g_main_loop_run (loop);
  return 0;
}

/* Where the start of a child is held up, as by a disk that hangs, the call waits here. */
typedef struct
{
  gboolean hangs, ended;
  char *path;
  GCancellable *cancellable;
  GAsyncReadyCallback callback;
  gpointer data;
} Held;

static Held held;

void __real_rs_child_start_async (const char *path, int image, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
void __wrap_rs_child_start_async (const char *path, int image, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

static void
on_late (GObject *source, GAsyncResult *result, gpointer data)
{
  held.callback (source, result, data);
  held.ended = TRUE;
}

void
__wrap_rs_child_start_async (const char *path, int image, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  if (!held.hangs)
    {
      __real_rs_child_start_async (path, image, cancellable, callback, data);
      return;
    }
  held = (Held){ .path = g_strdup (path), .cancellable = g_object_ref (cancellable), .callback = callback, .data = data };
}

static gboolean
has_child (void)
{
  siginfo_t info;

  return waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* HTTP-5: a worker whose start hangs is an attempt that timed out; what starts too late ends at once, or does not start at all */
static void
test_start_hangs (void)
{
  for (guint begun = 0; begun < 2; begun++)
    {
      g_autoptr (RsOutcome) outcome = NULL;

      held = (Held){ .hangs = TRUE };
      outcome = run (liar, "/tell-pid", 1, NULL, NULL);
      g_assert_cmpint (outcome->code, ==, RS_ERROR_UNREACHABLE);
      g_assert_cmpstr (outcome->message, ==, "timed out: the worker had not begun after 1 seconds; look at the disk it lies on");
      /* its turn comes; with begun it was being made when the time was over */
      __real_rs_child_start_async (held.path, -1, begun ? NULL : held.cancellable, on_late, held.data);
      while (!held.ended || has_child ())
        g_main_context_iteration (NULL, FALSE);
      g_free (held.path);
      g_object_unref (held.cancellable);
    }
}

/* STATE-4: no child outlives its daemon, however that ends */
static void
test_daemon_dies (void)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) daemon = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *pid = NULL;
  g_autofree char *more = NULL;

  g_subprocess_launcher_setenv (launcher, "LIAR", liar, TRUE);
  daemon = g_subprocess_launcher_spawn (launcher, &error, "/proc/self/exe", "--daemon", NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (daemon));
  pid = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (kill (atoi (pid), 0), ==, 0);
  g_subprocess_force_exit (daemon);
  g_assert_true (g_subprocess_wait (daemon, NULL, &error));
  /* the child holds the pipe: its end is the child's */
  more = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (more);
}

int
main (int argc, char **argv)
{
  int status;

  if (argc > 1 && g_str_equal (argv[1], "--daemon"))
    return be_daemon ();
  g_test_init (&argc, &argv, NULL);
  liar = g_test_build_filename (G_TEST_BUILT, "worker", "liar", NULL);
  g_test_add_func ("/worker/outcome", test_outcome);
  g_test_add_func ("/worker/memory", test_memory);
  g_test_add_func ("/worker/large", test_large);
  g_test_add_func ("/worker/slow-reading", test_slow_reading);
  g_test_add_func ("/worker/deaths", test_deaths);
  g_test_add_func ("/worker/lies", test_lies);
  g_test_add_func ("/worker/every-field", test_every_field);
  g_test_add_func ("/worker/deadline", test_deadline);
  g_test_add_func ("/worker/grace", test_grace);
  g_test_add_func ("/worker/cancel", test_cancel);
  g_test_add_func ("/worker/no-start", test_no_start);
  g_test_add_func ("/worker/start-hangs", test_start_hangs);
  g_test_add_func ("/worker/noise", test_noise);
  g_test_add_func ("/worker/surroundings", test_surroundings);
  g_test_add_func ("/worker/daemon-dies", test_daemon_dies);
  status = g_test_run ();
  g_free (liar);
  return status;
}
