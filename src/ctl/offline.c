/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading for the offline commands: from where the daemon would read, within the bounds it would keep. */
#include "config.h"

#include "ctl/offline.h"

#include "ctl/output.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536
#define MAX_KEY 4096 /* bytes */
#define MAX_MAP 65536 /* bytes */

static void
print_warnings (const RsCtl *ctl,
                GPtrArray   *warnings)
{
  for (guint i = 0; !ctl->json && i < warnings->len; i++)
    {
      g_autofree char *safe = rs_output_safe (g_ptr_array_index (warnings, i));

      g_printerr ("resyncctl: %s\n", safe);
    }
}

RsConfig *
rs_offline_config (RsCtl *ctl)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) files = rs_config_files (ctl->config, RS_VENDOR_CONF_DIR, RS_CONF_DIR);
  RsConfig *config = rs_config_load ((const char *const *) files, warnings);

  print_warnings (ctl, warnings);
  return config;
}

RsCatalogue *
rs_offline_catalogue (RsCtl   *ctl,
                      gboolean quiet)
{
  const char *const dirs[] = { ctl->catalogue != NULL ? ctl->catalogue : RS_CATALOGUE_DIR, NULL };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  RsCatalogue *catalogue = rs_catalogue_load (dirs, warnings, &error);

  if (quiet)
    return catalogue;
  print_warnings (ctl, warnings);
  if (catalogue == NULL)
    rs_fail (ctl, RS_EXIT_FAILED, rs_error_code (error), "%s", error->message);
  return catalogue;
}

/* Appends all that fd gives, up to one byte more than max. FALSE: errno. */
static gboolean
read_all (int         fd,
          GByteArray *bytes,
          guint64     max)
{
  while (bytes->len <= max)
    {
      gsize have = bytes->len, want = MIN (CHUNK, max + 1 - have);
      gssize got;

      g_byte_array_set_size (bytes, have + want);
      got = read (fd, bytes->data + have, want);
      g_byte_array_set_size (bytes, have + (got > 0 ? (gsize) got : 0));
      if (got == 0)
        return TRUE;
      if (got < 0 && errno != EINTR)
        return FALSE;
    }
  return TRUE;
}

GBytes *
rs_offline_load (const char *path,
                 guint64     max,
                 GError    **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *name = g_filename_display_name (path);
  gboolean standard = g_str_equal (path, "-");
  int fd = standard ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC);
  gboolean whole = fd >= 0 && read_all (fd, bytes, max);
  int failure = errno;
  gsize length;

  if (fd >= 0 && !standard)
    close (fd);
  if (!whole)
    {
      g_set_error (error, RS_ERROR, failure == ENOENT ? RS_ERROR_NOT_FOUND : RS_ERROR_FAILED, _("%s cannot be read: %s"), name,
                   g_strerror (failure));
      return NULL;
    }
  if (bytes->len > max)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, _("%s is larger than MaxProfileBytes allows"), name);
      return NULL;
    }
  length = bytes->len;
  return rs_secret_bytes_new_take (g_byte_array_free (g_steal_pointer (&bytes), FALSE), length);
}

GBytes *
rs_offline_read (RsCtl      *ctl,
                 const char *path,
                 guint64     max)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = rs_offline_load (path, max, &error);

  if (bytes == NULL)
    rs_fail (ctl, RS_EXIT_FAILED, rs_error_code (error), "%s", error->message);
  return bytes;
}

/* In place of @FILE the first line of that file, so that the key is in no list of processes. */
static gboolean
read_key (RsCtl *ctl,
          char **key)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *path = NULL;
  const char *data;
  gsize length;

  if (*key == NULL || (*key)[0] != '@')
    return TRUE;
  path = g_strdup (*key + 1);
  bytes = rs_offline_read (ctl, path, MAX_KEY);
  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &length);
  rs_secret_free (*key);
  *key = g_strndup (data != NULL ? data : "", length);
  (*key)[strcspn (*key, "\r\n")] = '\0';
  return TRUE;
}

/* In place of @FILE that file: a map may have many lines. */
static gboolean
read_map (RsCtl *ctl)
{
  g_autoptr (GBytes) bytes = NULL;
  const char *data;
  gsize length;

  if (ctl->alias == NULL || ctl->alias[0] != '@')
    return TRUE;
  bytes = rs_offline_read (ctl, ctl->alias + 1, MAX_MAP);
  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &length);
  g_free (ctl->alias);
  ctl->alias = g_strndup (data != NULL ? data : "", length);
  return TRUE;
}

gboolean
rs_offline_options (RsCtl            *ctl,
                    const RsConfig   *config,
                    RsProfileOptions *options)
{
  if (!read_key (ctl, &ctl->key) || !read_key (ctl, &ctl->ikm) || !read_map (ctl))
    return FALSE;
  *options = (RsProfileOptions){
    .max_bytes = config->max_profile_bytes,
    .max_parameters = config->max_parameters,
    .complete = TRUE,
    .key = ctl->key,
    .ikm = ctl->ikm,
    .alias_map = ctl->alias,
    .at_a_desk = TRUE,
  };
  return TRUE;
}
