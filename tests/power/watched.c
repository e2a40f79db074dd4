/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watched SOCKET COMMAND...: runs a command whose fsync and fdatasync wait for somebody's leave. The kernel holds the calls
 * themselves (seccomp_unotify(2)): nothing is preloaded, nothing traced, and every other call goes at full speed. The
 * descriptor that hears of them goes to who listens at SOCKET (slow.py). */
#include <err.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* A held call behaves as one that waits for a disk: only SIGKILL ends it. */
#define FLAGS (SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)

static int
install (void)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_fsync, 1, 0),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_fdatasync, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { sizeof code / sizeof code[0], code };

  return (int)syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, FLAGS, &program);
}

static void
send_descriptor (int         fd,
                 const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  char byte = 0, control[CMSG_SPACE (sizeof fd)] = { 0 };
  struct iovec part = { &byte, 1 };
  struct msghdr message
      = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
  struct cmsghdr *head = CMSG_FIRSTHDR (&message);
  int to = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (strlen (path) >= sizeof address.sun_path)
    errx (125, "%s: too long", path);
  strcpy (address.sun_path, path);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN (sizeof fd);
  memcpy (CMSG_DATA (head), &fd, sizeof fd);
  if (connect (to, (struct sockaddr *)&address, sizeof address) != 0 || sendmsg (to, &message, 0) != 1)
    err (125, "%s", path);
  /* until the other side has it */
  if (read (to, &byte, 1) != 0)
    errx (125, "%s: nobody took the descriptor", path);
  close (to);
}

int
main (int    argc,
      char **argv)
{
  int fd;

  if (argc < 3)
    errx (125, "usage: watched SOCKET COMMAND...");
  fd = install ();
  if (fd < 0)
    err (125, "the calls cannot be watched");
  send_descriptor (fd, argv[1]);
  close (fd);
  execvp (argv[2], argv + 2);
  err (125, "%s", argv[2]);
}
