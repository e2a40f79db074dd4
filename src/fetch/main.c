/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resyncd-worker: does one job that resyncd gives it over a socket pair, and ends. Everything that a server sends is
 * read in here, so that whatever goes wrong with it is one failed attempt of the daemon. */
#include "fetch/channel.h"
#include "fetch/confine.h"
#include "fetch/http-session.h"
#include "fetch/job.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

static void
send_progress (const RsProgress *progress, gpointer data)
{
  g_autoptr (GBytes) frame = rs_progress_to_frame (progress);

  /* nobody is left to work for */
  if (!rs_channel_write (RS_CHANNEL_FD, frame))
    exit (EXIT_FAILURE);
}

static void
send_part (const RsPart *part, gpointer data)
{
  g_autoptr (GBytes) frame = rs_part_to_frame (part, NULL);

  if (frame != NULL && !rs_channel_write (RS_CHANNEL_FD, frame))
    exit (EXIT_FAILURE);
}

static GBytes *
outcome_frame (const RsOutcome *outcome)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsOutcome) instead = NULL;
  g_autofree char *text = NULL;
  GBytes *frame = rs_outcome_to_frame (outcome, &error);

  if (frame != NULL)
    return frame;
  text = g_strdup_printf ("the result cannot be passed on: %s", error->message);
  instead = rs_outcome_new_error (RS_ERROR_FAILED, text);
  return rs_outcome_to_frame (instead, NULL);
}

static RsOutcome *
do_job (void)
{
  const RsJobListener listener = { send_progress, send_part, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRequest) request = rs_channel_read_request (RS_CHANNEL_FD, &error);
  g_autofree char *text = NULL;

  if (request == NULL)
    {
      text = g_strdup_printf ("the worker could not read its request: %s", error->message);
      return rs_outcome_new_error (RS_ERROR_FAILED, text);
    }
  if (!rs_confine (request, &error))
    return rs_outcome_new_error (RS_ERROR_FAILED, error->message);
  return rs_job_run (request, &listener);
}

static gboolean
is_started_by_resyncd (void)
{
  struct stat status;

  return fstat (RS_CHANNEL_FD, &status) == 0 && S_ISSOCK (status.st_mode);
}

int
main (void)
{
  g_autoptr (RsOutcome) outcome = NULL;
  g_autoptr (GBytes) frame = NULL;

  /* one heap for all threads: each further one would reserve 64 MB of addresses */
  mallopt (M_ARENA_MAX, 1);
  /* a library that has lost its way while it reads a server's bytes goes no further */
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  rs_http_prepare_process ();
  if (!is_started_by_resyncd ())
    {
      fprintf (stderr, "resyncd-worker is a part of resyncd and is started by it alone.\n");
      return EXIT_FAILURE;
    }
  outcome = do_job ();
  frame = outcome_frame (outcome);
  return frame != NULL && rs_channel_write (RS_CHANNEL_FD, frame) ? EXIT_SUCCESS : EXIT_FAILURE;
}
