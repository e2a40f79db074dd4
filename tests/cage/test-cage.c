/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inside the cage, one child process a deed: what is refused is refused, by whom it should be, and what a download needs
 * is not. */
#include "cage/cage.h"
#include "config.h"
#include "deeds.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1 << 20)

typedef enum
{
  LANDLOCK = 1,
  FILTER = 2,
  WHOLE = 3,
} Layers;

static char *given;

/* A child that cannot get into its cage. */
#define NO_CAGE 255

static void
enter (Layers layers)
{
  const char *paths[] = { given, "/nowhere/at/all", NULL };
  const RsCage cage = { .paths = paths, .tcp = TRUE, .memory = 16 * MIB, .seconds = 10 };

  if (((layers & LANDLOCK) != 0 && !rs_cage_confine (&cage, NULL))
      || ((layers & FILTER) != 0 && !rs_cage_seal (&cage, NULL)))
    _exit (NO_CAGE);
}

/* What the child said as its exit status: 0, an errno; or KILLED, or minus another signal. */
static int
outcome_of (pid_t child)
{
  int status;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFSIGNALED (status))
    return WTERMSIG (status) == SIGSYS ? KILLED : -WTERMSIG (status);
  g_assert_cmpint (WEXITSTATUS (status), !=, NO_CAGE);
  return WEXITSTATUS (status);
}

/* Does it in a child of its own. */
static int
attempt (Layers layers, int (*act) (void))
{
  pid_t child = fork ();

  if (child == 0)
    {
      enter (layers);
      _exit (act ());
    }
  return outcome_of (child);
}

static int
by_filter (const Deed *deed)
{
  if (deed->filter == KILLED_ALWAYS)
    return KILLED;
  if (RS_SANITIZE && deed->filter == KILLED)
    return deed->for_checks ? DONE : EPERM;
  return deed->filter;
}

static int
by_landlock (const Deed *deed)
{
  return deed->landlock != 0 && rs_cage_landlock_abi () >= deed->abi ? deed->landlock : DONE;
}

static int
by_whole (const Deed *deed)
{
  return by_filter (deed) != DONE ? by_filter (deed) : by_landlock (deed);
}

static void
assert_deeds (Layers layers, int (*expected) (const Deed *deed))
{
  for (guint i = 0; i < n_deeds; i++)
    {
      int found = attempt (layers, deeds[i].act);

      g_test_message ("%s: %d", deeds[i].name, found);
      if (found != expected (&deeds[i]))
        g_error ("%s: %d instead of %d", deeds[i].name, found, expected (&deeds[i]));
    }
}

static void
test_whole (void)
{
  assert_deeds (WHOLE, by_whole);
}

/* as on a kernel without Landlock */
static void
test_filter_alone (void)
{
  assert_deeds (FILTER, by_filter);
}

/* what it holds back by itself, should a call that the filter lets through turn out to do more */
static void
test_landlock_alone (void)
{
  for (guint i = 0; i < n_deeds; i++)
    {
      if (by_landlock (&deeds[i]) != DONE)
        g_assert_cmpint (attempt (LANDLOCK, deeds[i].act), ==, deeds[i].landlock);
    }
  g_assert_cmpint (rs_cage_landlock_abi (), >=, 1);
}

static gpointer
read_in_thread (gpointer data)
{
  int fd = open (data, O_RDONLY);

  return GINT_TO_POINTER (fd < 0 ? errno : 0);
}

static gpointer
write_in_thread (gpointer data)
{
  int fd = open (data, O_WRONLY);

  return GINT_TO_POINTER (fd < 0 ? errno : 0);
}

static gpointer
wait_and_write (gpointer data)
{
  int *pipes = data;
  char byte;

  g_assert_cmpint (read (pipes[0], &byte, 1), ==, 1);
  return write_in_thread (given);
}

static int
in_new_thread (GThreadFunc act, const char *path)
{
  return GPOINTER_TO_INT (g_thread_join (g_thread_new (NULL, act, (gpointer)path)));
}

static int
do_read_in_thread (void)
{
  return in_new_thread (read_in_thread, "/etc/passwd");
}

static int
do_read_given_in_thread (void)
{
  return in_new_thread (read_in_thread, given);
}

static int
do_write_in_thread (void)
{
  return in_new_thread (write_in_thread, given);
}

/* what comes of a call that the filter kills for */
static int
killed (void)
{
  return RS_SANITIZE ? EPERM : KILLED;
}

static void
test_later_threads (void)
{
  g_assert_cmpint (attempt (WHOLE, do_read_in_thread), ==, EACCES);
  g_assert_cmpint (attempt (WHOLE, do_read_given_in_thread), ==, 0);
  g_assert_cmpint (attempt (LANDLOCK, do_write_in_thread), ==, EACCES);
  g_assert_cmpint (attempt (WHOLE, do_write_in_thread), ==, killed ());
}

/* the module of a token may lock what it reads, and is told that it may not write; another job is ended for either */
static void
test_token (void)
{
  for (int token = 0; token < 2; token++)
    {
      const char *paths[] = { given, NULL };
      const RsCage cage = { .paths = paths, .memory = 16 * MIB, .seconds = 10, .token = token };
      pid_t child = fork ();

      if (child == 0)
        {
          struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
          int fd;

          if (!rs_cage_confine (&cage, NULL) || !rs_cage_seal (&cage, NULL))
            _exit (NO_CAGE);
          fd = open (given, O_RDONLY);
          if (fd >= 0 && fcntl (fd, F_SETLKW, &lock) == 0 && open (given, O_RDWR) >= 0)
            _exit (0);
          _exit (errno);
        }
      g_assert_cmpint (outcome_of (child), ==, token ? EACCES : killed ());
    }
}

static int
write_in_file (int fd, off_t at)
{
  char back[4];

  if (pwrite (fd, "data", 4, at) != 4 || pread (fd, back, 4, at) != 4 || ftruncate (fd, 2) != 0 || fdatasync (fd) != 0)
    return errno;
  return 0;
}

/* UPG-3: the file of an image is written, up to its length, by its descriptor and through no other; without one nothing is */
static void
test_file (void)
{
  const struct
  {
    guint64 bytes;
    int fd;
    off_t at;
    int code;
  } table[] = {
    { 100, RS_CAGE_FILE, 0, 0 },
    { 100, RS_CAGE_FILE, 96, 0 },
    { 100, RS_CAGE_FILE, 100, RS_SANITIZE ? 0 : EFBIG },
    { 100, RS_CAGE_FILE + 1, 0, killed () },
    { 0, RS_CAGE_FILE, 0, killed () },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const char *none[] = { NULL };
      const RsCage cage = { .paths = none, .memory = 16 * MIB, .seconds = 10, .file_bytes = table[i].bytes };
      pid_t child = fork ();

      if (child == 0)
        {
          FILE *file = tmpfile ();

          if (dup2 (fileno (file), RS_CAGE_FILE) < 0 || dup2 (fileno (file), RS_CAGE_FILE + 1) < 0
              || !rs_cage_confine (&cage, NULL) || !rs_cage_seal (&cage, NULL))
            _exit (NO_CAGE);
          _exit (write_in_file (table[i].fd, table[i].at));
        }
      g_test_message ("%u", i);
      g_assert_cmpint (outcome_of (child), ==, table[i].code);
    }
}

/* the filter holds threads that were there before it, and Landlock those from between the two steps */
static void
test_earlier_thread (void)
{
  const RsCage cage = { .tcp = TRUE };
  int pipes[2];
  pid_t child;

  g_assert_cmpint (pipe (pipes), ==, 0);
  child = fork ();
  if (child == 0)
    {
      GThread *thread;

      enter (LANDLOCK);
      thread = g_thread_new (NULL, wait_and_write, pipes);
      if (in_new_thread (read_in_thread, "/etc/passwd") != EACCES || !rs_cage_seal (&cage, NULL) || write (pipes[1], "x", 1) != 1)
        _exit (NO_CAGE);
      _exit (GPOINTER_TO_INT (g_thread_join (thread)));
    }
  g_assert_cmpint (outcome_of (child), ==, killed ());
  close (pipes[0]);
  close (pipes[1]);
}

/* 1: neither kind of socket that there is to be; else an errno of TCP */
static int
try_sockets (void)
{
  int udp = socket (AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), tcp = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP);
  int code = tcp < 0 ? errno : 0;

  return udp < 0 ? 1 : code;
}

static gpointer
wait_and_try_sockets (gpointer data)
{
  int *pipes = data;
  char byte;

  g_assert_cmpint (read (pipes[0], &byte, 1), ==, 1);
  return GINT_TO_POINTER (try_sockets ());
}

/* before a program of somebody else's runs: no TCP any more, in whichever thread, and names are still looked up; only a cage that
 * was made for it can be narrowed */
static void
test_narrow (void)
{
  for (int narrows = 0; narrows < 2; narrows++)
    {
      const char *none[] = { NULL };
      const RsCage cage = { .paths = none, .tcp = TRUE, .memory = 16 * MIB, .seconds = 10, .narrows = narrows };
      pid_t child = fork ();

      if (child == 0)
        {
          GThread *thread;
          int pipes[2], before;

          if (pipe (pipes) != 0 || !rs_cage_confine (&cage, NULL))
            _exit (NO_CAGE);
          thread = g_thread_new (NULL, wait_and_try_sockets, pipes);
          if (!rs_cage_seal (&cage, NULL))
            _exit (NO_CAGE);
          before = try_sockets ();
          if (!rs_cage_narrow (NULL))
            _exit (EPERM);
          if (before != 0 || try_sockets () != EACCES || write (pipes[1], "x", 1) != 1
              || GPOINTER_TO_INT (g_thread_join (thread)) != EACCES)
            _exit (1);
          _exit (0);
        }
      g_assert_cmpint (outcome_of (child), ==, narrows ? 0 : killed ());
    }
}

static gpointer
sleep_in_thread (gpointer data)
{
  pause ();
  return NULL;
}

/* Landlock would not hold it */
static void
test_thread_too_early (void)
{
  pid_t child = fork ();

  if (child == 0)
    {
      const char *none[] = { NULL };
      const RsCage cage = { .paths = none, .memory = 16 * MIB, .seconds = 10 };
      g_autoptr (GError) error = NULL;

      g_thread_new (NULL, sleep_in_thread, NULL);
      _exit (rs_cage_confine (&cage, &error) || strstr (error->message, "threads") == NULL);
    }
  g_assert_cmpint (outcome_of (child), ==, 0);
}

/* A job of TFTP has no business with TCP, but for the DNS. */
static int
connect_to (guint16 port)
{
  const struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_port = g_htons (port), .sin_addr = { g_htonl (INADDR_LOOPBACK) } };
  int fd = socket (AF_INET, SOCK_STREAM, 0);
  int code = connect (fd, (const struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;

  close (fd);
  return code;
}

static void
test_ports (void)
{
  static const struct
  {
    gboolean tcp;
    guint16 port;
    int code;
  } table[] = { { FALSE, 53, ECONNREFUSED }, { FALSE, 1, EACCES }, { TRUE, 1, ECONNREFUSED } };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const char *none[] = { NULL };
      const RsCage cage = { .paths = none, .tcp = table[i].tcp, .memory = 16 * MIB, .seconds = 10 };
      pid_t child = fork ();

      if (child == 0)
        _exit (rs_cage_confine (&cage, NULL) ? connect_to (table[i].port) : NO_CAGE);
      g_assert_cmpint (outcome_of (child), ==, rs_cage_landlock_abi () >= 4 ? table[i].code : ECONNREFUSED);
    }
}

static int
do_map_too_much (void)
{
  return mmap (NULL, 32 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

static int
do_map_enough (void)
{
  return mmap (NULL, 12 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

static int
do_open_many (void)
{
  for (guint i = 0; i < 1000; i++)
    {
      if (open (given, O_RDONLY) < 0)
        return errno;
    }
  return 0;
}

static int
do_write_given (void)
{
  return write (given_fd, "x", 1) < 0 ? errno : 0;
}

static int
do_leave_core (void)
{
  struct rlimit core;

  return getrlimit (RLIMIT_CORE, &core) != 0 || core.rlim_max != 0 || prctl (PR_GET_DUMPABLE, 0, 0, 0, 0) != RS_SANITIZE;
}

static int
do_spin (void)
{
  gint64 begun = g_get_monotonic_time ();

  while (g_get_monotonic_time () < begun + 20 * G_USEC_PER_SEC)
    ;
  return 0;
}

/* one that was stricter stays, the hard and the soft one */
static void
test_stricter_limit (void)
{
  static const struct rlimit table[][2] = { { { 16, 16 }, { 16, 16 } }, { { 16, 32 }, { 16, 32 } }, { { 16, 1000 }, { 16, 64 } } };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const struct rlimit *before = &table[i][0], *wanted = &table[i][1];
      pid_t child = fork ();

      if (child == 0)
        {
          struct rlimit found = { 0 };

          if (setrlimit (RLIMIT_NOFILE, before) != 0)
            _exit (NO_CAGE);
          enter (LANDLOCK);
          _exit (getrlimit (RLIMIT_NOFILE, &found) != 0 || found.rlim_cur != wanted->rlim_cur || found.rlim_max != wanted->rlim_max);
        }
      g_assert_cmpint (outcome_of (child), ==, 0);
    }
}

static void
test_limits (void)
{
  const char *none[] = { NULL };
  const RsCage cage = { .paths = none, .memory = 16 * MIB, .seconds = 1 };
  pid_t child;

  g_assert_cmpint (attempt (WHOLE, do_map_too_much), ==, RS_SANITIZE ? 0 : ENOMEM);
  g_assert_cmpint (attempt (WHOLE, do_map_enough), ==, 0);
  g_assert_cmpint (attempt (WHOLE, do_open_many), ==, EMFILE);
  g_assert_cmpint (attempt (WHOLE, do_write_given), ==, RS_SANITIZE ? 0 : EFBIG);
  g_assert_cmpint (attempt (LANDLOCK, do_leave_core), ==, 0);
  child = fork ();
  if (child == 0)
    _exit (rs_cage_confine (&cage, NULL) ? do_spin () : NO_CAGE);
  g_assert_cmpint (outcome_of (child), ==, -SIGXCPU);
}

/* what libraries do that a filter could trip over */
static int
do_ordinary (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_warning ("a warning");
  return !g_file_get_contents (given, &text, NULL, &error) || g_random_int_range (0, 1) != 0
         || in_new_thread (read_in_thread, given) != 0;
}

/* a failed assertion is a SIGABRT, and no system call that is not let through */
static int
do_abort (void)
{
  abort ();
}

static void
test_ordinary (void)
{
  pid_t child;

  g_assert_cmpint (attempt (WHOLE, do_ordinary), ==, 0);
  child = fork ();
  if (child == 0)
    {
      signal (SIGABRT, SIG_DFL);
      enter (WHOLE);
      _exit (do_abort ());
    }
  g_assert_cmpint (outcome_of (child), ==, -SIGABRT);
}

static void
remove_file (const char *name)
{
  g_autofree char *path = g_build_filename (scratch, name, NULL);

  g_unlink (path);
}

static int
listen_in_the_open (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int length = g_snprintf (address.sun_path + 1, sizeof address.sun_path - 1, "%s", scratch);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (const struct sockaddr *)&address,
                         (socklen_t)(G_STRUCT_OFFSET (struct sockaddr_un, sun_path) + 1 + (gsize)length)),
                   ==, 0);
  g_assert_cmpint (listen (fd, 16), ==, 0);
  return fd;
}

int
main (int argc, char **argv)
{
  g_autofree char *store = NULL;
  int listening;
  int status;

  g_test_init (&argc, &argv, NULL);
  /* a child prints a warning, and that is no failure */
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  scratch = g_dir_make_tmp ("cage-XXXXXX", NULL);
  given = g_build_filename (scratch, "given", NULL);
  given_fd = open (given, O_RDWR | O_CREAT, 0600);
  store = g_build_filename (scratch, "store", NULL);
  g_assert_true (g_file_set_contents (store, "parameters", -1, NULL));
  listening = listen_in_the_open ();
  g_test_add_func ("/cage/whole", test_whole);
  g_test_add_func ("/cage/filter-alone", test_filter_alone);
  g_test_add_func ("/cage/landlock-alone", test_landlock_alone);
  g_test_add_func ("/cage/threads/later", test_later_threads);
  g_test_add_func ("/cage/threads/earlier", test_earlier_thread);
  g_test_add_func ("/cage/narrow", test_narrow);
  g_test_add_func ("/cage/token", test_token);
  g_test_add_func ("/cage/file", test_file);
  g_test_add_func ("/cage/threads/too-early", test_thread_too_early);
  g_test_add_func ("/cage/ports", test_ports);
  g_test_add_func ("/cage/limits", test_limits);
  g_test_add_func ("/cage/stricter-limit", test_stricter_limit);
  g_test_add_func ("/cage/ordinary", test_ordinary);
  status = g_test_run ();
  close (listening);
  close (given_fd);
  remove_file ("given");
  remove_file ("store");
  g_rmdir (scratch);
  g_free (given);
  g_free (scratch);
  return status;
}
