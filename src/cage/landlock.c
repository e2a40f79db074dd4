/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The structures of the kernel's interface are spelt out here: headers of Debian 12 describe the second ABI, kernels go
 * up to the seventh. One size of the attributes does for all of them, for a kernel takes more than it knows as long as
 * the rest is zero. */
#include "cage/landlock.h"

#include "base/error.h"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CREATE_RULESET_VERSION 1

#define RULE_PATH_BENEATH 1
#define RULE_NET_PORT     2

/* rights on files */
#define READ_FILE (G_GUINT64_CONSTANT (1) << 2)
#define READ_DIR  (G_GUINT64_CONSTANT (1) << 3)

/* rights on TCP */
#define BIND_TCP    (G_GUINT64_CONSTANT (1) << 0)
#define CONNECT_TCP (G_GUINT64_CONSTANT (1) << 1)

/* what stays inside */
#define SCOPE_ABSTRACT_SOCKETS (G_GUINT64_CONSTANT (1) << 0)
#define SCOPE_SIGNALS          (G_GUINT64_CONSTANT (1) << 1)

#define PORT_DNS 53

typedef struct
{
  guint64 handled_access_fs;
  guint64 handled_access_net; /* from ABI 4 */
  guint64 scoped;             /* from ABI 6 */
} RulesetAttributes;

typedef struct
{
  guint64 allowed_access;
  gint32 parent_fd;
} __attribute__ ((packed)) PathRule;

typedef struct
{
  guint64 allowed_access;
  guint64 port;
} PortRule;

/* The dynamic linker's; where these are links to each other, the rules are the same. */
static const char *const libraries[] = { "/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache", NULL };

/* For reports of sanitizers. */
static const char *const checkers[] = { "/proc/self", "/proc/self/exe", NULL };

guint
rs_cage_landlock_abi (void)
{
  long abi = syscall (SYS_landlock_create_ruleset, NULL, (gsize)0, CREATE_RULESET_VERSION);

  return abi > 0 ? (guint)abi : 0;
}

/* Everything that can be done to files: 13 rights in the first ABI, then moving between folders, cutting short, and the
 * controls of devices. */
static guint64
all_file_rights (guint abi)
{
  guint n = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;

  return (G_GUINT64_CONSTANT (1) << n) - 1;
}

static gboolean
refused (GError **error, const char *what)
{
  g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the worker cannot be locked in: Landlock refuses %s: %s", what,
               g_strerror (errno));
  return FALSE;
}

static gboolean
allow_reading (int ruleset, const char *path, GError **error)
{
  PathRule rule = { .allowed_access = READ_FILE, .parent_fd = open (path, O_PATH | O_CLOEXEC) };
  struct stat status;
  gboolean good;

  /* what is not there cannot be read anyway */
  if (rule.parent_fd < 0)
    return TRUE;
  if (fstat (rule.parent_fd, &status) == 0 && S_ISDIR (status.st_mode))
    rule.allowed_access |= READ_DIR;
  good = syscall (SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0 || refused (error, path);
  close (rule.parent_fd);
  return good;
}

static gboolean
allow_reading_all (int ruleset, const char *const *paths, GError **error)
{
  for (; *paths != NULL; paths++)
    {
      if (!allow_reading (ruleset, *paths, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
allow_dns (int ruleset, GError **error)
{
  const PortRule rule = { CONNECT_TCP, PORT_DNS };

  return syscall (SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0) == 0 || refused (error, "a port");
}

static gboolean
fill_and_enforce (int ruleset, const RulesetAttributes *attributes, const RsCage *cage, GError **error)
{
  if (!allow_reading_all (ruleset, libraries, error) || !allow_reading_all (ruleset, cage->paths, error)
      || (RS_SANITIZE && !allow_reading_all (ruleset, checkers, error))
      || ((attributes->handled_access_net & CONNECT_TCP) != 0 && !allow_dns (ruleset, error)))
    return FALSE;
  return syscall (SYS_landlock_restrict_self, ruleset, 0) == 0 || refused (error, "to close");
}

gboolean
rs_landlock_restrict (guint abi, const RsCage *cage, GError **error)
{
  RulesetAttributes attributes = { .handled_access_fs = all_file_rights (abi) };
  gboolean good;
  int ruleset;

  if (abi >= 4)
    attributes.handled_access_net = cage->tcp ? BIND_TCP : BIND_TCP | CONNECT_TCP;
  if (abi >= 6)
    attributes.scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
  ruleset = (int)syscall (SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
  if (ruleset < 0)
    return refused (error, "a set of rules");
  good = fill_and_enforce (ruleset, &attributes, cage, error);
  close (ruleset);
  return good;
}
