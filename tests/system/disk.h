/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Folders for tests, and disks so small that they are soon full: tmpfs in a mount namespace of the test's own, which
 * root may make, and in a user namespace anybody. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* To be called first in main (), while there is one thread. */
void  disk_enter_namespace (void);

/* A new empty folder; remove it with disk_remove (). */
char *disk_folder (void);
/* The same on a tmpfs of that many bytes. */
char *disk_small (gsize bytes);
/* Everything in it, and itself; frees the name. */
void  disk_remove (char *folder);

/* Makes a disk_small () read-only, or writable again. */
void  disk_set_read_only (const char *folder,
                          gboolean    read_only);
/* Puts a file there, seen in place of what had that name, whose reading gives EIO. */
void  disk_put_unreadable (const char *folder,
                           const char *name);

void  disk_write (const char *folder,
                  const char *name,
                  const char *text);
/* NULL: there is no such file. */
char *disk_read (const char *folder,
                 const char *name);
/* The names in it that start with prefix, sorted, with a blank between. */
char *disk_list (const char *folder,
                 const char *prefix);

G_END_DECLS
