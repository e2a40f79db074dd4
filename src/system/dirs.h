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
} RsDirs;

/* state_dir, catalogue: from the command line, or NULL. Makes the state and runtime folders where they are missing. RS_ERROR_STORAGE says which could
 * not be made. */
RsDirs *rs_dirs_new (const char *state_dir,
                     const char *catalogue,
                     GError    **error) G_GNUC_WARN_UNUSED_RESULT;
void    rs_dirs_free (RsDirs *dirs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsDirs, rs_dirs_free)

G_END_DECLS
