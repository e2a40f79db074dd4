/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each deed is one system call, most of them by number: what the C library would do around it is not the question. */
#include "deeds.h"

#include "cage/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/* The same in the bits that the kernel looks at; where a long has no more, the same. */
#define BEYOND(number) ((long)((gulong)(number) | (sizeof (long) > 4 ? (gulong)1 << (8 * sizeof (long) - 32) : 0)))

char *scratch;
int given_fd;

/* Results of system calls as errno. */
static int
result (long value)
{
  return value < 0 ? errno : 0;
}

static const char *
in_scratch (const char *name)
{
  static char path[256];

  g_snprintf (path, sizeof path, "%s/%s", scratch, name);
  return path;
}

static const char *
of_parent (const char *name)
{
  static char path[64];

  g_snprintf (path, sizeof path, "/proc/%d/%s", (int)getppid (), name);
  return path;
}

#define DEED(name, call)                                                                                               \
  static int do_##name (void)                                                                                          \
  {                                                                                                                    \
    return result (call);                                                                                              \
  }

/* files */
DEED (open_write, open (in_scratch ("store"), O_WRONLY))
DEED (open_both, open (in_scratch ("store"), O_RDWR))
DEED (open_append, open (in_scratch ("store"), O_WRONLY | O_APPEND))
DEED (open_truncate, open (in_scratch ("store"), O_RDONLY | O_TRUNC))
DEED (create, open (in_scratch ("new"), O_RDONLY | O_CREAT, 0600))
DEED (open_nameless, open (scratch, O_RDWR | O_TMPFILE, 0600))
DEED (truncate, truncate (in_scratch ("store"), 0))
DEED (unlink, syscall (SYS_unlinkat, AT_FDCWD, in_scratch ("store"), 0))
DEED (mkdir, syscall (SYS_mkdirat, AT_FDCWD, in_scratch ("new"), 0700))
DEED (mknod, syscall (SYS_mknodat, AT_FDCWD, in_scratch ("new"), S_IFIFO | 0600, 0))
DEED (symlink, syscall (SYS_symlinkat, "store", AT_FDCWD, in_scratch ("new")))
DEED (chmod, syscall (SYS_fchmodat, AT_FDCWD, in_scratch ("store"), 0600))
DEED (chown, syscall (SYS_fchownat, AT_FDCWD, in_scratch ("store"), -1, -1, 0))
DEED (set_times, syscall (SYS_utimensat, AT_FDCWD, in_scratch ("store"), NULL, 0))
DEED (set_attribute, syscall (SYS_setxattr, in_scratch ("store"), "user.x", "", 0, 0))
DEED (list, open (scratch, O_RDONLY | O_DIRECTORY))
DEED (read_store, open (in_scratch ("store"), O_RDONLY))
DEED (read_accounts, open ("/etc/passwd", O_RDONLY))
DEED (read_parent_memory, open (of_parent ("mem"), O_RDONLY))
DEED (read_parent_variables, open (of_parent ("environ"), O_RDONLY))
DEED (read_given, open (in_scratch ("given"), O_RDONLY))
DEED (change_folder, syscall (SYS_chdir, "/"))
DEED (copy_descriptor, syscall (SYS_dup, given_fd))
DEED (open_by_handle, syscall (SYS_open_by_handle_at, AT_FDCWD, NULL, 0))
DEED (watch_files, syscall (SYS_inotify_init1, 0))

static int
do_rename (void)
{
  g_autofree char *to = g_build_filename (scratch, "new", NULL);

  return result (syscall (SYS_renameat2, AT_FDCWD, in_scratch ("store"), AT_FDCWD, to, 0));
}

static int
do_link (void)
{
  g_autofree char *to = g_build_filename (scratch, "new", NULL);

  return result (syscall (SYS_linkat, AT_FDCWD, in_scratch ("store"), AT_FDCWD, to, 0));
}

static int
do_openat2 (void)
{
  guint64 how[3] = { O_WRONLY, 0, 0 };

  return result (syscall (SYS_openat2, AT_FDCWD, in_scratch ("store"), how, sizeof how));
}

/* programs and processes */
static int
do_exec (void)
{
  char *const nothing[] = { NULL };

  execve ("/bin/true", nothing, nothing);
  return errno;
}

static int
do_execveat (void)
{
  char *const nothing[] = { NULL };

  return result (syscall (SYS_execveat, AT_FDCWD, "/bin/true", nothing, nothing, 0));
}

/* Who is born of a deed that should fail leaves at once. */
static int
born (long child)
{
  if (child == 0)
    _exit (0);
  return result (child);
}

static int
do_fork (void)
{
  return born (syscall (SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static int
do_vfork (void)
{
  return born (syscall (SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0));
}

static int
do_new_space (void)
{
  /* as a thread, which alone is allowed: what forbids it is that it asks for a space of its own */
  return born (syscall (SYS_clone, CLONE_THREAD | CLONE_VM | CLONE_SIGHAND | CLONE_NEWUSER, 0, 0, 0, 0));
}

static int
do_clone3 (void)
{
  guint64 arguments[8] = { 0, 0, 0, 0, SIGCHLD };

  return born (syscall (SYS_clone3, arguments, sizeof arguments));
}

DEED (trace_parent, ptrace (PTRACE_SEIZE, getppid (), NULL, NULL))
DEED (kill_parent, kill (getppid (), 0))
DEED (tgkill_parent, syscall (SYS_tgkill, getppid (), getppid (), 0))
DEED (tkill_parent, syscall (SYS_tkill, getppid (), 0))
DEED (pidfd_of_parent, syscall (SYS_pidfd_open, getppid (), 0))
DEED (limit_parent, syscall (SYS_prlimit64, getppid (), 7, NULL, NULL))
DEED (raise_priority, syscall (SYS_setpriority, 0, 0, -1))
DEED (new_session, syscall (SYS_setsid))

/* The kernel lets a process have its way with others of its user; asks it what has become of the parent. */
static int
do_slow_parent_down (void)
{
  struct
  {
    guint32 size, policy;
    guint64 flags;
    gint32 nice;
    guint32 priority;
    guint64 deadline[3];
  } wanted = { .size = 48, .policy = SCHED_BATCH }, found = { 0 };
  int told = result (syscall (SYS_sched_setattr, getppid (), &wanted, 0));

  if (told != 0)
    return told;
  told = result (syscall (SYS_sched_getattr, getppid (), &found, sizeof found, 0));
  return told == 0 && found.policy != SCHED_BATCH ? EPERM : told;
}

static int
do_read_parent (void)
{
  char byte;
  struct iovec own = { &byte, 1 }, other = { &byte, 1 };

  return result (process_vm_readv (getppid (), &own, 1, &other, 1, 0));
}

/* sockets */
DEED (shutdown_inherited, shutdown (STDERR_FILENO, SHUT_WR))
DEED (message_inherited, syscall (SYS_sendmsg, RS_CAGE_GIVEN_MAX, &(struct msghdr){ 0 }, 0))
DEED (messages_inherited, syscall (SYS_sendmmsg, STDERR_FILENO, NULL, 0, 0))
DEED (set_option_inherited, syscall (SYS_setsockopt, STDERR_FILENO, SOL_SOCKET, SO_LINGER, NULL, 0))
DEED (set_flags_inherited, syscall (SYS_fcntl, STDERR_FILENO, F_SETFL, O_NONBLOCK))
DEED (set_flags_channel, syscall (SYS_fcntl, RS_CAGE_GIVEN_MAX, F_SETFL, O_NONBLOCK))
/* numbers that the kernel cuts to those of a descriptor that was inherited */
DEED (shutdown_beyond, syscall (SYS_shutdown, BEYOND (STDERR_FILENO), SHUT_WR))
DEED (message_beyond, syscall (SYS_sendmsg, BEYOND (RS_CAGE_GIVEN_MAX), &(struct msghdr){ 0 }, 0))
DEED (messages_beyond, syscall (SYS_sendmmsg, BEYOND (RS_CAGE_GIVEN_MAX), NULL, 0, 0))
DEED (set_option_beyond, syscall (SYS_setsockopt, BEYOND (STDERR_FILENO), SOL_SOCKET, SO_LINGER, NULL, 0))
DEED (set_flags_beyond, syscall (SYS_fcntl, BEYOND (RS_CAGE_GIVEN_MAX), F_SETFL, O_NONBLOCK))
DEED (socket_unix_beyond, syscall (SYS_socket, BEYOND (AF_UNIX), SOCK_STREAM, 0))
DEED (socket_raw_beyond, syscall (SYS_socket, AF_INET, BEYOND (SOCK_RAW), IPPROTO_ICMP))
DEED (socket_unix, socket (AF_UNIX, SOCK_STREAM, 0))
DEED (socket_unix_datagram, socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
DEED (socket_packet, socket (AF_PACKET, SOCK_RAW, 0))
DEED (socket_raw, socket (AF_INET, SOCK_RAW, IPPROTO_ICMP))
DEED (socket_ping, socket (AF_INET, SOCK_DGRAM, IPPROTO_ICMP))
DEED (socket_sctp, socket (AF_INET6, SOCK_STREAM, IPPROTO_SCTP))
DEED (socket_netfilter, socket (AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER))
DEED (socket_crypto, socket (AF_ALG, SOCK_SEQPACKET, 0))
DEED (socket_vsock, socket (AF_VSOCK, SOCK_STREAM, 0))

static int
do_socketpair (void)
{
  int pair[2];

  return result (socketpair (AF_UNIX, SOCK_STREAM, 0, pair));
}

static int
do_listen (void)
{
  return result (listen (socket (AF_INET, SOCK_STREAM, 0), 1));
}

/* The parent listens there. */
static int
do_abstract_socket (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int length = g_snprintf (address.sun_path + 1, sizeof address.sun_path - 1, "%s", scratch);
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  if (fd < 0)
    return errno;
  return result (connect (fd, (const struct sockaddr *)&address,
                          (socklen_t)(G_STRUCT_OFFSET (struct sockaddr_un, sun_path) + 1 + (gsize)length)));
}

/* as a server would */
static int
do_bind (void)
{
  const struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { g_htonl (INADDR_LOOPBACK) } };

  return result (bind (socket (AF_INET, SOCK_STREAM, 0), (const struct sockaddr *)&address, sizeof address));
}

/* memory and code */
static int
map (int protection, int flags, gsize length)
{
  void *place = mmap (NULL, length, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

  return place == MAP_FAILED ? errno : 0;
}

static int
do_map_code (void)
{
  return map (PROT_READ | PROT_EXEC, 0, 4096);
}

static int
do_make_code (void)
{
  void *place = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return result (mprotect (place, 4096, PROT_READ | PROT_EXEC));
}

DEED (pkey_protect, syscall (SYS_pkey_mprotect, NULL, 0, PROT_EXEC, -1))
DEED (nameless_memory, syscall (SYS_memfd_create, "x", 0))
DEED (shared_memory, syscall (SYS_shmget, 0, 4096, 0600))
DEED (lock_memory, syscall (SYS_mlockall, 0))
DEED (fault_handler, syscall (SYS_userfaultfd, 0))

/* the kernel */
DEED (io_uring, syscall (SYS_io_uring_setup, 1, NULL))
DEED (bpf, syscall (SYS_bpf, 0, NULL, 0))
DEED (perf, syscall (SYS_perf_event_open, NULL, 0, -1, -1, 0))
DEED (keyctl, syscall (SYS_keyctl, 0, 0, 0, 0, 0))
DEED (add_key, syscall (SYS_add_key, NULL, NULL, NULL, 0, 0))
DEED (setuid, syscall (SYS_setuid, getuid ()))
DEED (setgroups, syscall (SYS_setgroups, 0, NULL))
DEED (capset, syscall (SYS_capset, NULL, NULL))
DEED (unshare, syscall (SYS_unshare, CLONE_NEWUSER))
DEED (setns, syscall (SYS_setns, -1, 0))
DEED (mount, syscall (SYS_mount, NULL, NULL, NULL, 0, NULL))
DEED (new_mount, syscall (SYS_fsopen, "tmpfs", 0))
DEED (chroot, syscall (SYS_chroot, "/"))
DEED (personality, syscall (SYS_personality, 0xffffffff))
DEED (module, syscall (SYS_finit_module, -1, "", 0))
DEED (reboot, syscall (SYS_reboot, 0, 0, 0, NULL))
DEED (set_clock, syscall (SYS_clock_settime, 0, NULL))
DEED (host_name, syscall (SYS_sethostname, "x", -1))
DEED (prctl_unlock, prctl (PR_SET_SECCOMP, 0, 0, 0, 0))
DEED (prctl_memory, prctl (PR_SET_MM, PR_SET_MM_BRK, 0, 0, 0))
DEED (prctl_core, prctl (PR_SET_DUMPABLE, 1, 0, 0, 0))
DEED (prctl_orphan, prctl (PR_SET_PDEATHSIG, 0, 0, 0, 0))
DEED (another_filter, syscall (SYS_seccomp, 2, 0, NULL))
DEED (type_ahead, ioctl (0, TIOCSTI, "x"))
DEED (lock_file, fcntl (given_fd, F_SETLEASE, F_RDLCK))
DEED (raise_limit, syscall (SYS_prlimit64, 0, 7, NULL, NULL))

#ifdef __x86_64__
/* by the numbers of the other way in that such a machine has */
DEED (foreign_call, syscall (0x40000000 | SYS_getpid))
#endif

#define CALL(name) #name, do_##name, KILLED
#define WITH(name, filter) #name, do_##name, filter

const Deed deeds[] = {
  { CALL (open_write), EACCES, 1 },
  { CALL (open_both), EACCES, 1 },
  { CALL (open_append), EACCES, 1 },
  { CALL (open_truncate), EACCES, 1 },
  { CALL (create), EACCES, 1 },
  { CALL (open_nameless), EACCES, 1 },
  { CALL (openat2), EACCES, 1 },
  { CALL (truncate), EACCES, 3 },
  { CALL (rename), EACCES, 1 },
  { CALL (unlink), EACCES, 1 },
  { CALL (link), EACCES, 1 },
  { CALL (symlink), EACCES, 1 },
  { CALL (mkdir), EACCES, 1 },
  { CALL (mknod), EACCES, 1 },
  { WITH (list, DONE), EACCES, 1 },
  { WITH (read_store, DONE), EACCES, 1 },
  { WITH (read_accounts, DONE), EACCES, 1 },
  { WITH (read_parent_memory, DONE), EACCES, 1 },
  { WITH (read_parent_variables, DONE), EACCES, 1 },
  { WITH (read_given, DONE) },
  { CALL (chmod) },
  { CALL (chown) },
  { CALL (set_times) },
  { CALL (set_attribute) },
  { CALL (change_folder) },
  { CALL (copy_descriptor) },
  { CALL (open_by_handle) },
  { CALL (watch_files) },
  { CALL (lock_file) },
  { CALL (type_ahead) },
  { CALL (exec), EACCES, 1 },
  { CALL (execveat), EACCES, 1 },
  { CALL (trace_parent), EPERM, 1, TRUE },
  { CALL (read_parent), EPERM, 1 },
  { CALL (kill_parent), EPERM, 6 },
  { CALL (tgkill_parent), EPERM, 6 },
  { CALL (tkill_parent), EPERM, 6 },
  { WITH (clone3, ENOSYS) },
  { CALL (fork) },
  { CALL (vfork) },
  { CALL (new_space) },
  { CALL (pidfd_of_parent) },
  { CALL (limit_parent) },
  { CALL (raise_limit) },
  { CALL (raise_priority) },
  { CALL (new_session) },
  { WITH (slow_parent_down, EPERM) },
  { WITH (bind, DONE), EACCES, 4 },
  { WITH (abstract_socket, EACCES), EPERM, 6 },
  { CALL (shutdown_inherited) },
  { CALL (message_inherited) },
  { CALL (messages_inherited) },
  { CALL (set_option_inherited) },
  { CALL (set_flags_inherited) },
  { CALL (set_flags_channel) },
  { CALL (shutdown_beyond) },
  { CALL (message_beyond) },
  { CALL (messages_beyond) },
  { CALL (set_option_beyond) },
  { CALL (set_flags_beyond) },
  { CALL (socket_unix_beyond) },
  { CALL (socket_raw_beyond) },
  { WITH (socket_unix, EACCES) },
  { WITH (socket_unix_datagram, EACCES) },
  { CALL (socketpair) },
  { CALL (listen) },
  { CALL (socket_packet) },
  { CALL (socket_raw) },
  { CALL (socket_ping) },
  { CALL (socket_sctp) },
  { CALL (socket_netfilter) },
  { CALL (socket_crypto) },
  { CALL (socket_vsock) },
  { WITH (map_code, EACCES) },
  { CALL (make_code) },
  { CALL (pkey_protect) },
  { CALL (nameless_memory) },
  { CALL (shared_memory) },
  { CALL (lock_memory) },
  { CALL (fault_handler) },
  { CALL (io_uring) },
  { CALL (bpf) },
  { CALL (perf) },
  { CALL (keyctl) },
  { CALL (add_key) },
  { CALL (setuid) },
  { CALL (setgroups) },
  { CALL (capset) },
  { CALL (unshare) },
  { CALL (setns) },
  { CALL (mount) },
  { CALL (new_mount) },
  { CALL (chroot) },
  { CALL (personality) },
  { CALL (module) },
  { CALL (reboot) },
  { CALL (set_clock) },
  { CALL (host_name) },
  { CALL (prctl_unlock) },
  { CALL (prctl_memory) },
  { CALL (prctl_core), .for_checks = TRUE },
  { CALL (prctl_orphan), .for_checks = TRUE },
  { CALL (another_filter) },
#ifdef __x86_64__
  { WITH (foreign_call, KILLED_ALWAYS) },
#endif
};

const guint n_deeds = G_N_ELEMENTS (deeds);
