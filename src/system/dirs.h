/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where things lie: systemd's variables first, then the built-in places, so that tests need neither root nor systemd. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *state;      /* 0700, exists */
  char *runtime;    /* exists */
  char *conf;       /* $CONFIGURATION_DIRECTORY or /etc/resyncd; may be absent */
  GStrv catalogues; /* read in order */
  int lock;         /* the one descriptor that stays open on that disk; -1: not taken */
} RsDirs;

/* state_dir, catalogue: from the command line, or NULL. Makes the state and runtime folders where they are missing. RS_ERROR_STORAGE says which could
 * not be made. */
RsDirs *rs_dirs_new (const char *state_dir,
                     const char *catalogue,
                     GError    **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes the state folder for this process: two daemons must not write there. Nothing is done where it is taken already. Waits up to the given
 * seconds for another one to go. RS_ERROR_BUSY: it did not. */
gboolean rs_dirs_lock (RsDirs *dirs,
                       guint   seconds,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Leaves the state folder, so that a disk that fails can be mounted anew. */
void    rs_dirs_unlock (RsDirs *dirs);
void    rs_dirs_free (RsDirs *dirs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsDirs, rs_dirs_free)

G_END_DECLS
