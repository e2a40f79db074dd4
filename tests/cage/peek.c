/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded into a worker. When it first goes to a server, and so has closed its cage, this tries to read each file of $PEEK
 * (separated by colons), and to connect to the phone's own port 9, and says on standard error what came of it: its name and errno. When a proxy auto-configuration file asks
 * for deed.example, the same is done with the files of $DEED, with sockets, and with $DEED_PROGRAM, which is started. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
tell (const char *what, const char *name, int fd)
{
  dprintf (STDERR_FILENO, "%s %s %d\n", what, name, fd < 0 ? errno : 0);
  if (fd >= 0)
    close (fd);
}

static void
read_files (const char *what, const char *files)
{
  char path[256];

  for (; files != NULL && *files != '\0'; files += strcspn (files, ":"), files += *files == ':')
    {
      snprintf (path, sizeof path, "%.*s", (int)strcspn (files, ":"), files);
      tell (what, path, open (path, O_RDONLY));
    }
}

static void
peek (void)
{
  const struct sockaddr_in discard = { .sin_family = AF_INET, .sin_port = htons (9), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  static const char *files;
  int fd;

  if (files != NULL)
    return;
  files = getenv ("PEEK");
  read_files ("peek", files);
  fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || syscall (SYS_connect, fd, &discard, sizeof discard) != 0)
    tell ("peek", "tcp", -1);
  close (fd);
}

int
connect (int fd, const struct sockaddr *address, socklen_t length)
{
  if (address->sa_family != AF_UNIX)
    peek ();
  return (int)syscall (SYS_connect, fd, address, length);
}

/* TFTP does not connect */
ssize_t
sendmsg (int fd, const struct msghdr *message, int flags)
{
  peek ();
  return syscall (SYS_sendmsg, fd, message, flags);
}

/* The engine of such files calls it from its own thread. */
int
getaddrinfo (const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
  char *const arguments[] = { getenv ("DEED_PROGRAM"), NULL };

  if (strcmp (name, "deed.example") != 0)
    return EAI_NONAME;
  read_files ("deed", getenv ("DEED"));
  tell ("deed", "udp", socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  tell ("deed", "tcp", socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (arguments[0] != NULL)
    tell ("deed", "program", execv (arguments[0], arguments));
  return EAI_NONAME;
}
