/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A worker that was given a file: what the daemon believes of it. */
#include "request.h"

#include "worker/talk.h"
#include "worker/worker.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

typedef struct
{
  GMainLoop *loop;
  RsOutcome *outcome;
  guint n_progress;
  guint n_parts;
  guint64 part_bytes; /* of the last */
  int file;
} Job;

static char *liar;

/* how often a time was set that the worker has from then on, and the last of them */
static guint n_armed;
static gint64 armed_seconds;

int __real_timerfd_settime (int fd, int flags, const struct itimerspec *when, struct itimerspec *before);
int __wrap_timerfd_settime (int fd, int flags, const struct itimerspec *when, struct itimerspec *before);

int
__wrap_timerfd_settime (int fd, int flags, const struct itimerspec *when, struct itimerspec *before)
{
  n_armed++;
  armed_seconds = when->it_value.tv_sec;
  return __real_timerfd_settime (fd, flags, when, before);
}

static RsRequest *
new_image_request (const char *path)
{
  RsRequest *request = new_request (path);

  request->kind = RS_JOB_IMAGE;
  request->room = 500000;
  request->max_parameters = 1;
  request->stall_timeout = 30;
  return request;
}

static void
on_progress (const RsProgress *progress, gpointer data)
{
  Job *job = data;

  job->n_progress++;
}

static void
on_part (const RsPart *part, gpointer data)
{
  Job *job = data;

  g_assert_null (job->outcome);
  g_assert_cmpuint (part->total, ==, 10);
  g_assert_cmpstr (part->validator, ==, "\"v\"");
  job->n_parts++;
  job->part_bytes = part->bytes;
}

static void
on_finished (GObject *source, GAsyncResult *async, gpointer data)
{
  Job *job = data;

  job->outcome = rs_worker_run_finish (async);
  g_main_loop_quit (job->loop);
}

/* Takes request. */
static Job
run_request (RsRequest *taken)
{
  g_autoptr (RsRequest) request = taken;
  FILE *file = tmpfile ();
  Job job = { .loop = g_main_loop_new (NULL, FALSE) };

  n_armed = 0;
  job.file = dup (fileno (file));
  rs_worker_run_image_async (liar, request, fileno (file), on_progress, on_part, &job, NULL, on_finished, &job);
  /* it was borrowed for the call alone */
  fclose (file);
  g_main_loop_run (job.loop);
  g_main_loop_unref (job.loop);
  return job;
}

static Job
run (const char *path)
{
  return run_request (new_image_request (path));
}

static void
job_clear (Job *job)
{
  close (job->file);
  rs_outcome_free (job->outcome);
}

/* UPG-3: the file is written, and the daemon hears of its progress and its parts; every byte that comes gives the worker its time anew */
static void
test_image (void)
{
  Job job = run ("/image");
  char text[20];

  g_assert_true (job.outcome->ok);
  g_assert_cmpint (pread (job.file, text, sizeof text, 0), ==, 10);
  g_assert_cmpmem (text, 10, "firmware!\n", 10);
  g_assert_cmpuint (job.n_progress, ==, 4);
  g_assert_cmpuint (job.n_parts, ==, 2);
  g_assert_cmpuint (job.part_bytes, ==, 10);
  /* at the start, at 5 bytes, at 10 */
  g_assert_cmpuint (n_armed, ==, 3);
  g_assert_cmpint (armed_seconds, ==, 30 + RS_WORKER_SECONDS_MORE);
  job_clear (&job);
}

/* UPG-3: what a worker says of an image that is not so, class C */
static void
test_lies (void)
{
  static const struct
  {
    const char *path, *message;
  } table[] = {
    { "/image-without-file", "worker lied: An image that is not in its file" },
    { "/image-too-long", "worker lied: An image that is not in its file" },
    { "/image-again", "worker lied: an image that begins anew without end" },
    { "/parts", "worker lied: a flood of progress" },
    { "/flood", "worker lied: a flood of progress" },
    { "/outcome", "worker lied: Values of " },
    { "/not-modified", "worker lied: The outcome does not answer the request: not modified" },
    { "/lie-0", "worker lied: Field “part.bytes”" },
    { "/lie-1", "worker lied: A part of what was not asked for" },
    { "/lie-2", "worker lied: Field “part.validator”" },
    { "/lie-3", "worker lied: Field “digest”" },
    { "/lie-4", "worker lied: Field “source”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      Job job = run (table[i].path);

      g_test_message ("%s: %s", table[i].path, job.outcome->message);
      g_assert_false (job.outcome->ok);
      g_assert_cmpint (job.outcome->code, ==, RS_ERROR_FAILED);
      g_assert_true (g_str_has_prefix (job.outcome->message, table[i].message));
      job_clear (&job);
    }
}

/* UPG-3: of a worker that dies the last part counts */
static void
test_death (void)
{
  Job job = run ("/image-half");

  g_assert_true (g_str_has_prefix (job.outcome->message, "worker died: signal 11"));
  g_assert_cmpuint (job.part_bytes, ==, 5);
  job_clear (&job);
}

/* a part where no image was asked for is a lie */
static void
test_part_of_profile (void)
{
  RsRequest *request = new_image_request ("/part");
  Job job;

  request->kind = RS_JOB_PROFILE;
  request->stall_timeout = 0;
  request->room = 0;
  job = run_request (request);
  g_assert_cmpstr (job.outcome->message, ==, "worker lied: A part of what was not asked for");
  g_assert_cmpuint (job.n_parts, ==, 0);
  job_clear (&job);
}

/* a file that is none */
static void
test_no_file (void)
{
  g_autoptr (RsRequest) request = new_image_request ("/image");
  Job job = { .loop = g_main_loop_new (NULL, FALSE) };

  rs_worker_run_image_async (liar, request, -1, on_progress, on_part, &job, NULL, on_finished, &job);
  g_main_loop_run (job.loop);
  g_main_loop_unref (job.loop);
  g_assert_true (g_str_has_prefix (job.outcome->message, "no descriptor for the worker: "));
  rs_outcome_free (job.outcome);
}

/* how much may be said: a job's whole time at once, an image's as it goes by */
static void
test_talk (void)
{
  RsTalk job = { .seconds = 1 }, image = { .seconds = 1, .began = G_USEC_PER_SEC };
  const char *fault;

  for (guint i = 0; i < 20; i++)
    {
      g_assert_null (rs_talk_add_word (&job, 0));
      g_assert_null (rs_talk_add_word (&image, image.began));
    }
  g_assert_nonnull (rs_talk_add_word (&job, 100 * G_USEC_PER_SEC));
  for (guint i = 0; i < 20; i++)
    g_assert_null (rs_talk_add_word (&image, image.began + G_USEC_PER_SEC));
  g_assert_nonnull (rs_talk_add_word (&image, image.began + G_USEC_PER_SEC));
  g_assert_false (rs_talk_note_bytes (&image, 0, &fault));
  g_assert_true (rs_talk_note_bytes (&image, 5, &fault));
  for (guint i = 0; i < 100; i++)
    {
      g_assert_true (rs_talk_note_bytes (&image, 4, &fault) && fault == NULL);
      g_assert_true (rs_talk_note_bytes (&image, 5, &fault) && fault == NULL);
    }
  g_assert_true (rs_talk_note_bytes (&image, 4, &fault));
  g_assert_nonnull (fault);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  liar = g_test_build_filename (G_TEST_BUILT, "worker", "liar", NULL);
  g_test_add_func ("/worker/image/image", test_image);
  g_test_add_func ("/worker/image/lies", test_lies);
  g_test_add_func ("/worker/image/death", test_death);
  g_test_add_func ("/worker/image/part-of-profile", test_part_of_profile);
  g_test_add_func ("/worker/image/no-file", test_no_file);
  g_test_add_func ("/worker/image/talk", test_talk);
  status = g_test_run ();
  g_free (liar);
  return status;
}
