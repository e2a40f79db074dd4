/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The second step: the system calls that a download makes, as measured with libsoup 3.2, GLib 2.74, glib-networking
 * 2.74 and glibc 2.36. The filter sees numbers, not what a pointer leads to: which files there are is Landlock's part. */
#include "cage/cage.h"

#include "base/error.h"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Calls that can do no more than what the descriptors and the memory of the process allow. */
static const int plain_calls[] = {
  SCMP_SYS (read), SCMP_SYS (write), SCMP_SYS (readv), SCMP_SYS (writev), SCMP_SYS (pread64), SCMP_SYS (close),
  SCMP_SYS (lseek), SCMP_SYS (fstat), SCMP_SYS (newfstatat), SCMP_SYS (poll), SCMP_SYS (ppoll), SCMP_SYS (eventfd2),
  SCMP_SYS (pipe2),
  /* memory and time */
  SCMP_SYS (brk), SCMP_SYS (munmap), SCMP_SYS (mremap), SCMP_SYS (madvise), SCMP_SYS (getrandom),
  SCMP_SYS (clock_gettime), SCMP_SYS (gettimeofday), SCMP_SYS (time), SCMP_SYS (clock_nanosleep),
  SCMP_SYS (nanosleep), SCMP_SYS (getrusage), SCMP_SYS (sysinfo), SCMP_SYS (uname),
  /* threads and the own process */
  SCMP_SYS (futex), SCMP_SYS (set_robust_list), SCMP_SYS (rseq), SCMP_SYS (gettid), SCMP_SYS (getpid),
  SCMP_SYS (getppid), SCMP_SYS (sched_yield), SCMP_SYS (sched_getattr), SCMP_SYS (sched_getaffinity),
  SCMP_SYS (rt_sigprocmask), SCMP_SYS (rt_sigaction), SCMP_SYS (rt_sigreturn),
  SCMP_SYS (sigaltstack), SCMP_SYS (restart_syscall), SCMP_SYS (exit), SCMP_SYS (exit_group),
  /* sockets */
  SCMP_SYS (connect), SCMP_SYS (bind), SCMP_SYS (sendto), SCMP_SYS (recvfrom), SCMP_SYS (recvmsg), SCMP_SYS (getsockname), SCMP_SYS (getpeername), SCMP_SYS (getsockopt),
};

/* Calls on sockets that the worker made itself. */
static const int own_calls[] = { SCMP_SYS (sendmsg), SCMP_SYS (sendmmsg), SCMP_SYS (setsockopt), SCMP_SYS (shutdown) };

/* What a C library of 32 bits calls in place of some of these: with wide offsets and times, and where it has calls of its own. */
static const int narrow_calls[] = {
  SCMP_SYS (_llseek), SCMP_SYS (fstat64), SCMP_SYS (fstatat64), SCMP_SYS (statx), SCMP_SYS (ppoll_time64),
  SCMP_SYS (clock_gettime64), SCMP_SYS (clock_nanosleep_time64), SCMP_SYS (futex_time64), SCMP_SYS (send), SCMP_SYS (recv),
  SCMP_SYS (sigreturn),
};
#define IS_NARROW (GLIB_SIZEOF_VOID_P == 4)

#define NEW_SPACES                                                                                                     \
  (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
/* O_TMPFILE is with O_WRONLY or O_RDWR always */
#define OPEN_FOR_MORE (O_ACCMODE | O_CREAT | O_TRUNC)

typedef struct
{
  scmp_filter_ctx context;
  int result; /* of the first rule that was refused, a negative errno */
} Filter;

static void
add (Filter *filter, guint32 action, int call, guint n, const struct scmp_arg_cmp *arguments)
{
  if (filter->result == 0)
    filter->result = seccomp_rule_add_array (filter->context, action, call, n, arguments);
}

/* One argument decides. */
static void
add_if (Filter *filter, guint32 action, int call, struct scmp_arg_cmp argument)
{
  add (filter, action, call, 1, &argument);
}

static void
add_plain (Filter *filter)
{
  for (gsize i = 0; i < G_N_ELEMENTS (plain_calls); i++)
    add (filter, SCMP_ACT_ALLOW, plain_calls[i], 0, NULL);
  for (gsize i = 0; IS_NARROW && i < G_N_ELEMENTS (narrow_calls); i++)
    add (filter, SCMP_ACT_ALLOW, narrow_calls[i], 0, NULL);
}

/* A call with a descriptor that the worker made itself. Not with what the daemon gave it: its journal may be one that others
 * write to, and a descriptor that comes with a message is closed by who gets the message, which takes as long as its maker wants
 * (SO_LINGER). The kernel looks at 32 bits of a descriptor and a filter at 64, so that a number beyond those could pass for a
 * larger one and mean any: the bits that a descriptor can have are compared, as an order from the highest down. */
static void
add_own (Filter *filter, const RsCage *cage, int call, const struct scmp_arg_cmp *also)
{
  const guint last = cage->file_bytes > 0 ? RS_CAGE_FILE : RS_CAGE_GIVEN_MAX;

  for (guint bit = 1; bit < RS_CAGE_DESCRIPTORS; bit <<= 1)
    {
      const scmp_datum_t from_here = (RS_CAGE_DESCRIPTORS - 1) & ~(bit - 1);
      struct scmp_arg_cmp arguments[2] = { SCMP_A0_64 (SCMP_CMP_MASKED_EQ, from_here, (last & from_here) | bit) };

      if ((last & bit) != 0)
        continue;
      if (also != NULL)
        arguments[1] = *also;
      add (filter, SCMP_ACT_ALLOW, call, also != NULL ? 2 : 1, arguments);
    }
}

/* TCP and UDP alone: no raw sockets, no protocols that nobody has looked at for years. */
static void
add_sockets (Filter *filter, const RsCage *cage)
{
  static const int families[] = { AF_INET, AF_INET6 };
  static const int protocols[][2] = {
    { SOCK_STREAM, 0 }, { SOCK_STREAM, IPPROTO_TCP }, { SOCK_DGRAM, 0 }, { SOCK_DGRAM, IPPROTO_UDP },
  };
  const scmp_datum_t type = ~(scmp_datum_t)(SOCK_CLOEXEC | SOCK_NONBLOCK);
  const struct scmp_arg_cmp routes[]
      = { SCMP_A0_64 (SCMP_CMP_EQ, AF_NETLINK), SCMP_A2_64 (SCMP_CMP_EQ, NETLINK_ROUTE) };

  for (gsize f = 0; f < G_N_ELEMENTS (families); f++)
    {
      for (gsize p = 0; p < G_N_ELEMENTS (protocols); p++)
        {
          const struct scmp_arg_cmp arguments[] = { SCMP_A0_64 (SCMP_CMP_EQ, families[f]),
                                                    SCMP_A1_64 (SCMP_CMP_MASKED_EQ, type, protocols[p][0]),
                                                    SCMP_A2_64 (SCMP_CMP_EQ, protocols[p][1]) };

          add (filter, SCMP_ACT_ALLOW, SCMP_SYS (socket), G_N_ELEMENTS (arguments), arguments);
        }
    }
  /* the C library asks which addresses the machine has */
  add (filter, SCMP_ACT_ALLOW, SCMP_SYS (socket), G_N_ELEMENTS (routes), routes);
  for (gsize i = 0; i < G_N_ELEMENTS (own_calls); i++)
    add_own (filter, cage, own_calls[i], NULL);
  /* it asks the name service cache, and GLib the journal; both do without */
  add_if (filter, SCMP_ACT_ERRNO (EACCES), SCMP_SYS (socket), SCMP_A0_64 (SCMP_CMP_EQ, AF_UNIX));
}

/* No new code: a module of the name service that would be loaded now is one that is not there. */
static void
add_memory (Filter *filter)
{
  /* the old mmap () of 32-bit x86 has its arguments behind a pointer */
  const int map = IS_NARROW ? SCMP_SYS (mmap2) : SCMP_SYS (mmap);

  add_if (filter, SCMP_ACT_ALLOW, map, SCMP_A2_64 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  add_if (filter, SCMP_ACT_ERRNO (EACCES), map, SCMP_A2_64 (SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
  add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (mprotect), SCMP_A2_64 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* New threads, and no new process. The flags of clone3 () lie behind a pointer; without it the C library takes the
 * other. */
static void
add_threads (Filter *filter)
{
  const scmp_datum_t thread = CLONE_THREAD | CLONE_VM | CLONE_SIGHAND;

  add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (clone), SCMP_A0_64 (SCMP_CMP_MASKED_EQ, thread | NEW_SPACES, thread));
  add_if (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), SCMP_A0_64 (SCMP_CMP_NE, 0));
  /* GLib gives each thread the priority that it has; of a process of the same user it could be any. It ends where that fails, so
   * it is told that it was done */
  add (filter, SCMP_ACT_ERRNO (0), SCMP_SYS (sched_setattr), 0, NULL);
  /* abort () */
  add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (tgkill), SCMP_A0_64 (SCMP_CMP_EQ, (scmp_datum_t)getpid ()));
  add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (prctl), SCMP_A0_64 (SCMP_CMP_EQ, PR_SET_NAME));
}

static void
add_descriptors (Filter *filter, const RsCage *cage)
{
  static const int controls[] = { F_GETFL, F_GETFD, F_SETFD };
  /* flags of the open file: it is the daemon's as well where the daemon gave it */
  const struct scmp_arg_cmp set_flags = SCMP_A1_64 (SCMP_CMP_EQ, F_SETFL);
  const int control = IS_NARROW ? SCMP_SYS (fcntl64) : SCMP_SYS (fcntl);

  add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (openat), SCMP_A2_64 (SCMP_CMP_MASKED_EQ, OPEN_FOR_MORE, O_RDONLY));
  for (gsize i = 0; i < G_N_ELEMENTS (controls); i++)
    add_if (filter, SCMP_ACT_ALLOW, control, SCMP_A1_64 (SCMP_CMP_EQ, controls[i]));
  add_own (filter, cage, control, &set_flags);
  add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (ioctl), SCMP_A1_64 (SCMP_CMP_EQ, FIONREAD));
  /* a name server at a link-local address, as routers advertise, comes with its interface ("fe80::1%eth0"), whose number the C library asks */
  add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (ioctl), SCMP_A1_64 (SCMP_CMP_EQ, SIOCGIFINDEX));
  /* GLib asks whether a warning goes to a terminal */
  add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (ioctl), SCMP_A1_64 (SCMP_CMP_EQ, TCGETS));
}

/* The file of an image is written in places, cut, and brought to disk. */
static void
add_file (Filter *filter)
{
  static const int calls[] = { SCMP_SYS (pwrite64), SCMP_SYS (ftruncate), SCMP_SYS (fdatasync) };

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    add_if (filter, SCMP_ACT_ALLOW, calls[i], SCMP_A0_64 (SCMP_CMP_EQ, RS_CAGE_FILE));
  if (IS_NARROW)
    add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (ftruncate64), SCMP_A0_64 (SCMP_CMP_EQ, RS_CAGE_FILE));
}

/* The module of a token locks the files that it reads, and notes in one of them that somebody logged in. It does without the note. */
static void
add_token (Filter *filter)
{
  static const int locks[] = { F_SETLK, F_SETLKW };

  for (gsize i = 0; i < G_N_ELEMENTS (locks); i++)
    add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (fcntl), SCMP_A1_64 (SCMP_CMP_EQ, locks[i]));
  add_if (filter, SCMP_ACT_ERRNO (EACCES), SCMP_SYS (openat), SCMP_A2_64 (SCMP_CMP_MASKED_EQ, O_ACCMODE, O_RDWR));
}

/* At its end a build with sanitizers looks for leaks, from a second process that shares its memory and traces it. */
static void
add_checkers (Filter *filter)
{
  static const int calls[] = { SCMP_SYS (ptrace), SCMP_SYS (wait4), SCMP_SYS (getdents), SCMP_SYS (readlink) };
  static const int settings[] = { PR_SET_DUMPABLE, PR_GET_DUMPABLE, PR_SET_PDEATHSIG, PR_SET_PTRACER };
  const scmp_datum_t tracer = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_UNTRACED;

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    add (filter, SCMP_ACT_ALLOW, calls[i], 0, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (prctl), SCMP_A0_64 (SCMP_CMP_EQ, settings[i]));
  add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (clone), SCMP_A0_64 (SCMP_CMP_EQ, tracer));
  add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (open), SCMP_A1_64 (SCMP_CMP_MASKED_EQ, OPEN_FOR_MORE, O_RDONLY));
}

/* A further filter can only forbid. */
static void
add_narrowing (Filter *filter)
{
  add_if (filter, SCMP_ACT_ALLOW, SCMP_SYS (seccomp), SCMP_A0_64 (SCMP_CMP_EQ, SECCOMP_SET_MODE_FILTER));
}

static void
set_attribute (Filter *filter, enum scmp_filter_attr attribute, guint32 value)
{
  if (filter->result == 0)
    filter->result = seccomp_attr_set (filter->context, attribute, value);
}

/* Takes the context. */
static gboolean
load (Filter *filter, GError **error)
{
  if (filter->result == 0)
    filter->result = seccomp_load (filter->context);
  seccomp_release (filter->context);
  if (filter->result == 0)
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the worker cannot be locked in: no filter of system calls: %s",
               g_strerror (-filter->result));
  return FALSE;
}

static Filter
new_filter (guint32 otherwise)
{
  Filter filter = { .context = seccomp_init (otherwise) };

  if (filter.context == NULL)
    filter.result = -ENOMEM;
  set_attribute (&filter, SCMP_FLTATR_CTL_TSYNC, 1);
  set_attribute (&filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  return filter;
}

gboolean
rs_cage_seal (const RsCage *cage, GError **error)
{
  Filter filter = new_filter (RS_SANITIZE ? SCMP_ACT_ERRNO (EPERM) : SCMP_ACT_KILL_PROCESS);

  add_plain (&filter);
  add_sockets (&filter, cage);
  add_memory (&filter);
  add_threads (&filter);
  add_descriptors (&filter, cage);
  if (cage->file_bytes > 0)
    add_file (&filter);
  if (cage->token)
    add_token (&filter);
  if (cage->narrows)
    add_narrowing (&filter);
  if (RS_SANITIZE)
    add_checkers (&filter);
  return load (&filter, error);
}

gboolean
rs_cage_narrow (GError **error)
{
  const scmp_datum_t type = ~(scmp_datum_t)(SOCK_CLOEXEC | SOCK_NONBLOCK);
  Filter filter = new_filter (SCMP_ACT_ALLOW);

  /* that call is no longer allowed, and was made long ago */
  set_attribute (&filter, SCMP_FLTATR_CTL_NNP, 0);
  add_if (&filter, SCMP_ACT_ERRNO (EACCES), SCMP_SYS (socket), SCMP_A1_64 (SCMP_CMP_MASKED_EQ, type, SOCK_STREAM));
  return load (&filter, error);
}
