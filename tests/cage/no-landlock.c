/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* no-landlock ERRNO PROGRAM ARGUMENT…: runs a program as on a kernel without Landlock, which says ENOSYS, one that was
 * booted without it, EOPNOTSUPP, or in a container that forbids it, EPERM. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
errno_of (const char *name)
{
  for (int code = 1; code < 200; code++)
    {
      if (strerrorname_np (code) != NULL && strcmp (strerrorname_np (code), name) == 0)
        return code;
    }
  return 0;
}

int
main (int argc, char **argv)
{
  scmp_filter_ctx context = seccomp_init (SCMP_ACT_ALLOW);
  int code = argc > 2 ? errno_of (argv[1]) : 0;

  if (code == 0 || context == NULL
      || seccomp_rule_add (context, SCMP_ACT_ERRNO (code), SCMP_SYS (landlock_create_ruleset), 0) != 0
      || seccomp_load (context) != 0)
    return EXIT_FAILURE;
  seccomp_release (context);
  execvp (argv[2], argv + 2);
  perror (argv[2]);
  return EXIT_FAILURE;
}
