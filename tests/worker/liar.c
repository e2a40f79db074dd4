/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A worker that does what its request's path says, most of it wrong: what the daemon must survive when a server has
 * taken a worker over. */
#include "liar.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define FD     3

static RsRequest *
read_request (void)
{
  guint8 header[RS_FRAME_HEADER];
  g_autoptr (GBytes) payload = NULL;
  RsFrameType type;
  gsize length;
  guint8 *data;
  gssize n = recv (FD, header, sizeof header, MSG_WAITALL);

  /* one that was started too late has nobody who asks */
  if (n == 0)
    _exit (0);
  g_assert_cmpint (n, ==, sizeof header);
  g_assert_true (rs_frame_read_header (header, &type, &length, NULL));
  g_assert_cmpint (type, ==, RS_FRAME_REQUEST);
  data = g_malloc (length);
  g_assert_cmpint (recv (FD, data, length, MSG_WAITALL), ==, length);
  payload = g_bytes_new_take (data, length);
  return rs_request_from_payload (payload, NULL);
}

static void
send_bytes (const void *data, gsize length)
{
  const char *p = data;

  while (length > 0)
    {
      gssize n = send (FD, p, length, MSG_NOSIGNAL);

      if (n < 0)
        _exit (0);
      p += n;
      length -= (gsize)n;
    }
}

/* Takes frame. */
void
send_frame (GBytes *frame)
{
  gsize length;
  gconstpointer data;

  g_assert_nonnull (frame);
  data = g_bytes_get_data (frame, &length);
  send_bytes (data, length);
  g_bytes_unref (frame);
}

static RsOutcome *
new_sized_success (guint n_assignments, const char *value)
{
  RsOutcome *outcome = rs_outcome_new ();

  outcome->ok = TRUE;
  outcome->http_status = 200;
  g_free (outcome->digest);
  outcome->digest = g_strdup (DIGEST);
  for (guint i = 0; i < n_assignments; i++)
    g_ptr_array_add (outcome->assignments, rs_assignment_new ("GPP_A", RS_ASSIGN_VALUE, value, RS_ACCESS_UNSET, i + 1));
  return outcome;
}

static RsOutcome *
new_success (guint n_assignments)
{
  return new_sized_success (n_assignments, "a");
}

void
send_success (guint n_assignments)
{
  g_autoptr (RsOutcome) outcome = new_success (n_assignments);

  send_frame (rs_outcome_to_frame (outcome, NULL));
}

/* An outcome so large that the daemon reads it beside its main loop. */
static void
send_large (guint n_assignments)
{
  g_autofree char *value = g_strnfill (60000, 'v');
  g_autoptr (RsOutcome) outcome = new_sized_success (n_assignments, value);

  send_frame (rs_outcome_to_frame (outcome, NULL));
}

void
send_progress (RsStage stage, guint64 bytes)
{
  RsProgress progress = { stage, bytes, 100 };

  send_frame (rs_progress_to_frame (&progress));
}

static void
send_header (guint32 length, guint8 type)
{
  guint8 header[RS_FRAME_HEADER]
      = { (guint8)length, (guint8)(length >> 8), (guint8)(length >> 16), (guint8)(length >> 24), type };

  send_bytes (header, sizeof header);
}

void
hang (void)
{
  for (;;)
    pause ();
}

/* What it is and has, as the message of an outcome. */
static void
send_surroundings (void)
{
  g_autoptr (GString) text = g_string_new ("env");
  g_autoptr (RsOutcome) outcome = NULL;
  g_auto (GStrv) variables = g_listenv ();
  g_autofree char *cwd = g_get_current_dir ();
  struct rlimit core;
  int death = 0;
  sigset_t blocked;
  DIR *fds = opendir ("/proc/self/fd");

  for (guint i = 0; variables[i] != NULL; i++)
    g_string_append_printf (text, " %s", variables[i]);
  g_string_append (text, "; fds");
  for (struct dirent *entry; (entry = readdir (fds)) != NULL;)
    {
      if (entry->d_name[0] != '.' && atoi (entry->d_name) != dirfd (fds))
        g_string_append_printf (text, " %s", entry->d_name);
    }
  closedir (fds);
  getrlimit (RLIMIT_CORE, &core);
  prctl (PR_GET_PDEATHSIG, &death);
  sigprocmask (SIG_SETMASK, NULL, &blocked);
  g_string_append_printf (text, "; core %lu; no-new-privs %d; death %d; cwd %s; usr1 %s; umask %o", (gulong)core.rlim_max,
                          prctl (PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), death, cwd,
                          sigismember (&blocked, SIGUSR1) ? "blocked" : "open", umask (0));
  outcome = rs_outcome_new_error (RS_ERROR_CORRUPT, text->str);
  send_frame (rs_outcome_to_frame (outcome, NULL));
}

static void
do_outcome (void)
{
  send_progress (RS_STAGE_CONNECTING, 0);
  send_progress (RS_STAGE_DOWNLOADING, 50);
  send_success (2);
}

static void
do_exit_status (void)
{
  _exit (3);
}

static void
do_outcome_and_status (void)
{
  send_success (1);
  _exit (4);
}

void
do_crash (void)
{
  signal (SIGSEGV, SIG_DFL);
  raise (SIGSEGV);
}

/* as its sandbox would end it */
static void
do_forbidden (void)
{
  raise (SIGSYS);
}

static void
do_crash_after (void)
{
  send_success (1);
  do_crash ();
}

static void
do_nothing (void)
{
}

static void
do_hang_after (void)
{
  send_success (1);
  hang ();
}

static void
do_close_and_hang (void)
{
  close (FD);
  hang ();
}

static void
do_garbage (void)
{
  g_autofree char *text = g_strnfill (100, 'x');

  send_bytes (text, 100);
}

static void
do_oversize (void)
{
  send_header (G_MAXUINT32, RS_FRAME_OUTCOME);
  hang ();
}

static void
do_large_progress (void)
{
  send_header (100000, RS_FRAME_PROGRESS);
  hang ();
}

static void
send_noise (guint length)
{
  g_autofree char *noise = g_malloc (length);

  memset (noise, 0xff, length);
  send_header (length, RS_FRAME_OUTCOME);
  send_bytes (noise, length);
}

static void
do_not_normal (void)
{
  send_noise (300);
}

static void
do_large (void)
{
  send_large (8);
}

static void
do_large_not_normal (void)
{
  send_noise (1000000);
}

static void
do_large_too_many (void)
{
  send_large (11);
}

/* The largest that the limits of resyncd.conf let through: names of full length, and all text in the values. */
static void
do_full (void)
{
  g_autofree char *name = g_strnfill (RS_ASSIGNMENT_NAME_MAX, 'n');
  g_autofree char *value = g_strnfill ((2 * (8u << 20)) / 20000, 'v');
  g_autoptr (RsOutcome) outcome = new_success (0);

  for (guint i = 0; i < 20000; i++)
    g_ptr_array_add (outcome->assignments, rs_assignment_new (name, RS_ASSIGN_VALUE, value, RS_ACCESS_UNSET, i + 1));
  send_frame (rs_outcome_to_frame (outcome, NULL));
}

/* more than any file of those limits says, in fewer pieces than they allow */
static void
do_heavy (void)
{
  g_autofree char *value = g_strnfill (RS_ASSIGNMENT_VALUE_MAX - 1, 'v');
  g_autoptr (RsOutcome) outcome = new_sized_success (990, value);

  send_frame (rs_outcome_to_frame (outcome, NULL));
}

static void
do_large_second (void)
{
  send_large (8);
  send_success (1);
  hang ();
}

static void
do_large_crash_after (void)
{
  send_large (8);
  do_crash ();
}

static void
do_half (void)
{
  g_autoptr (RsOutcome) outcome = new_success (1);
  g_autoptr (GBytes) frame = rs_outcome_to_frame (outcome, NULL);

  send_bytes (g_bytes_get_data (frame, NULL), g_bytes_get_size (frame) / 2);
}

static void
do_second (void)
{
  send_success (1);
  send_success (2);
  hang ();
}

static void
do_junk_after (void)
{
  send_success (1);
  do_garbage ();
}

static void
do_request_back (void)
{
  RsRequest request = { .scheme = (char *)"http",
                        .host = (char *)"h",
                        .port = 80,
                        .path = (char *)"/",
                        .max_bytes = 1,
                        .max_parameters = 1,
                        .connect_timeout = 1,
                        .transfer_timeout = 1 };

  send_frame (rs_request_to_frame (&request, NULL));
}

static void
do_too_many (void)
{
  send_success (1000);
}

static void
do_not_modified (void)
{
  g_autoptr (RsOutcome) outcome = rs_outcome_new ();

  outcome->ok = outcome->not_modified = TRUE;
  outcome->http_status = 304;
  send_frame (rs_outcome_to_frame (outcome, NULL));
}

static void
do_other_scheme (void)
{
  g_autoptr (RsOutcome) outcome = new_success (1);

  g_free (outcome->url);
  outcome->url = g_strdup ("tftp://h/x");
  send_frame (rs_outcome_to_frame (outcome, NULL));
}

/* A lie for each field of an outcome, in the order of the wire, and what one more has. */
static const char *const outcome_lies[] = {
  "false",
  "byte 15",
  "'a\\nb'",
  "uint32 99",
  "true",
  "true",
  "true",
  "true",
  "uint32 86401",
  "'file:///etc/passwd'",
  "'localhost'",
  "'\\t'",
  "'\\u007f'",
  "'0'",
  "'x'",
  "'x'",
  "'DIRECT'",
  "true",
  "'https://h:1'",
  "byte 6",
  "@ay [0x20, 0]",
  "@ay [0xff, 0]",
  "@ay [9]",
  "@ay [9]",
  "@au []",
  "['a\\nb']",
};
static const char *const part_lies[] = { "uint64 11", "uint64 500001", "'W/\"v\"'", "'0'", "'0'" };
static const char *const progress_lies[] = { "byte 3", "uint64 9223372036854775808", "uint64 18446744073709551615" };

/* Takes frame, whose field n becomes the lie. */
static void
send_lie (GBytes *frame, const char *type, RsFrameType frame_type, gsize n, const char *lie)
{
  g_autoptr (GBytes) payload = g_bytes_new_from_bytes (frame, RS_FRAME_HEADER, g_bytes_get_size (frame) - RS_FRAME_HEADER);
  g_autoptr (GVariant) truth = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), payload, FALSE));
  g_autoptr (GPtrArray) fields = g_ptr_array_new ();
  g_autoptr (GVariant) tuple = NULL;

  for (gsize i = 0; i < g_variant_n_children (truth); i++)
    g_ptr_array_add (fields, i == n ? g_variant_new_parsed (lie) : g_variant_get_child_value (truth, i));
  tuple = g_variant_ref_sink (g_variant_new_tuple ((GVariant *const *)fields->pdata, fields->len));
  send_header ((guint32)g_variant_get_size (tuple), (guint8)frame_type);
  send_bytes (g_variant_get_data (tuple), g_variant_get_size (tuple));
  g_bytes_unref (frame);
}

static void
do_lie (gsize n, gboolean is_image)
{
  const RsPart part = { 5, 10, (char *)"\"v\"", (char *)DIGEST, (char *)DIGEST };
  g_autoptr (RsOutcome) outcome = new_success (1);
  RsProgress progress = { RS_STAGE_CONNECTING, 0, 0 };

  g_assert_cmpuint (n, <, G_N_ELEMENTS (outcome_lies) + G_N_ELEMENTS (progress_lies));
  if (is_image)
    {
      g_assert_cmpuint (n, <, G_N_ELEMENTS (part_lies));
      send_lie (rs_part_to_frame (&part, NULL), "(ttsss)", RS_FRAME_PART, n, part_lies[n]);
    }
  else if (n < G_N_ELEMENTS (outcome_lies))
    send_lie (rs_outcome_to_frame (outcome, NULL), "(bysubbbbussssssssbsyayayayayauas)", RS_FRAME_OUTCOME, n, outcome_lies[n]);
  else
    send_lie (rs_progress_to_frame (&progress), "(ytt)", RS_FRAME_PROGRESS, n - G_N_ELEMENTS (outcome_lies),
              progress_lies[n - G_N_ELEMENTS (outcome_lies)]);
  hang ();
}

static void
do_flood (void)
{
  for (;;)
    send_progress (RS_STAGE_DOWNLOADING, 1);
}

static void
do_noise (void)
{
  for (guint i = 0; i < 20; i++)
    fprintf (stderr, "noise %u\n", i);
  send_success (1);
}

static void
do_fork (void)
{
  if (fork () == 0)
    {
      /* ends by itself, for the test's sake */
      alarm (8);
      hang ();
    }
  send_success (1);
}

static void
do_tell_pid (void)
{
  printf ("%d\n", (int)getpid ());
  fflush (stdout);
  hang ();
}

static const struct
{
  const char *path;
  void (*act) (void);
} acts[] = {
  { "/outcome", do_outcome },
  { "/surroundings", send_surroundings },
  { "/status", do_exit_status },
  { "/outcome-and-status", do_outcome_and_status },
  { "/crash", do_crash },
  { "/crash-after", do_crash_after },
  { "/forbidden", do_forbidden },
  { "/nothing", do_nothing },
  { "/hang", hang },
  { "/hang-after", do_hang_after },
  { "/close-and-hang", do_close_and_hang },
  { "/garbage", do_garbage },
  { "/oversize", do_oversize },
  { "/large-progress", do_large_progress },
  { "/not-normal", do_not_normal },
  { "/large", do_large },
  { "/large-not-normal", do_large_not_normal },
  { "/large-too-many", do_large_too_many },
  { "/full", do_full },
  { "/heavy", do_heavy },
  { "/large-second", do_large_second },
  { "/large-crash-after", do_large_crash_after },
  { "/half", do_half },
  { "/second", do_second },
  { "/junk-after", do_junk_after },
  { "/request-back", do_request_back },
  { "/too-many", do_too_many },
  { "/not-modified", do_not_modified },
  { "/other-scheme", do_other_scheme },
  { "/flood", do_flood },
  { "/noise", do_noise },
  { "/image", do_image },
  { "/image-without-file", do_image_without_file },
  { "/image-too-long", do_image_too_long },
  { "/image-half", do_image_half },
  { "/image-again", do_image_again },
  { "/parts", do_parts },
  { "/part", do_part },
  { "/fork", do_fork },
  { "/tell-pid", do_tell_pid },
};

int
main (void)
{
  g_autoptr (RsRequest) request = read_request ();

  g_assert_nonnull (request);
  if (g_str_has_prefix (request->path, "/lie-"))
    do_lie (strtoul (request->path + strlen ("/lie-"), NULL, 10), request->kind == RS_JOB_IMAGE);
  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    {
      if (g_str_equal (acts[i].path, request->path))
        {
          acts[i].act ();
          /* without the checks that a sanitizer makes at the end: who is killed in the middle of them leaves a zombie
           */
          _exit (0);
        }
    }
  return 9;
}
