/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Directories of the daemon. */
#include "system/dirs.h"

#include "base/error.h"
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* systemd may name several folders, separated by colons; the first is ours. */
static char *
choose (const char *given,
        const char *variable,
        const char *built_in)
{
  const char *value = given != NULL ? given : g_getenv (variable);
  const char *end;

  if (value == NULL || value[0] == '\0')
    return g_strdup (built_in);
  end = given == NULL ? strchr (value, ':') : NULL;
  return g_strndup (value, end != NULL ? (gsize)(end - value) : strlen (value));
}

static gboolean
make (const char *dir,
      const char *what,
      GError    **error)
{
  if (g_mkdir_with_parents (dir, 0700) == 0)
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_STORAGE, "cannot make the %s folder %s: %s", what, dir, g_strerror (errno));
  return FALSE;
}

RsDirs *
rs_dirs_new (const char *state_dir,
             const char *catalogue,
             GError    **error)
{
  g_autoptr (RsDirs) dirs = g_new0 (RsDirs, 1);
  g_autoptr (GStrvBuilder) catalogues = g_strv_builder_new ();

  dirs->state = choose (state_dir, "STATE_DIRECTORY", RS_STATE_DIR);
  dirs->conf = choose (NULL, "CONFIGURATION_DIRECTORY", RS_CONF_DIR);
  /* without systemd a daemon with a state folder of its own keeps what is volatile beside it, not in /run */
  if (state_dir != NULL && g_getenv ("RUNTIME_DIRECTORY") == NULL)
    dirs->runtime = g_build_filename (state_dir, "run", NULL);
  else
    dirs->runtime = choose (NULL, "RUNTIME_DIRECTORY", RS_RUNTIME_DIR);
  g_strv_builder_add (catalogues, catalogue != NULL ? catalogue : RS_CATALOGUE_DIR);
  dirs->catalogues = g_strv_builder_end (catalogues);
  if (!make (dirs->state, "state", error) || !make (dirs->runtime, "runtime", error))
    return NULL;
  /* one that was made for us may be open to others; on a read-only disk it stays so */
  (void)g_chmod (dirs->state, 0700);
  return g_steal_pointer (&dirs);
}

void
rs_dirs_free (RsDirs *dirs)
{
  if (dirs == NULL)
    return;
  g_free (dirs->state);
  g_free (dirs->runtime);
  g_free (dirs->conf);
  g_strfreev (dirs->catalogues);
  g_free (dirs);
}
