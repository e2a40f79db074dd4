/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Atomic and durable files by the bare system calls. GLib's own helpers hide a failing fsync of the directory, and some
 * of them put a half-written file in place of a good one when the disk is full. */
#include "system/file.h"

#include "base/error.h"
#include "base/secret.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY ".tmp-"
#define PREVIOUS ".previous"
#define TRIES 100
#define READ_STEP 4096
#define BROKEN_KEPT 2

/* Where something is done; closes its descriptor at the end of the scope. */
typedef struct
{
  const char *dir;
  const char *name;
  int         fd; /* of the directory; -1: not open */
} Place;

static void
place_clear (Place *place)
{
  if (place->fd >= 0)
    close (place->fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static gboolean
fail (const Place *place,
      const char  *what,
      int          code,
      GError     **error)
{
  g_set_error (error, RS_ERROR, RS_ERROR_STORAGE, "%s/%s: %s: %s", place->dir, place->name, what, g_strerror (code));
  return FALSE;
}

static gboolean
open_place (Place      *place,
            const char *dir,
            const char *name,
            GError    **error)
{
  place->dir = dir;
  place->name = name;
  place->fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return place->fd >= 0 || fail (place, "cannot open the directory", errno, error);
}

/* A name that no other file has, for a file that is not to be seen yet. */
static char *
temporary_name (const Place *place)
{
  return g_strdup_printf (".%s" TEMPORARY "%08x", place->name, g_random_int ());
}

static int
create_temporary (const Place *place,
                  char       **name)
{
  for (guint i = 0; i < TRIES; i++)
    {
      g_autofree char *candidate = temporary_name (place);
      int fd = openat (place->fd, candidate, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

      if (fd >= 0)
        *name = g_steal_pointer (&candidate);
      if (fd >= 0 || errno != EEXIST)
        return fd;
    }
  return -1;
}

static gboolean
write_all (int    fd,
           GBytes *content)
{
  gsize left;
  const char *p = g_bytes_get_data (content, &left);

  while (left > 0)
    {
      ssize_t n = write (fd, p, left);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      p += n;
      left -= n;
    }
  return TRUE;
}

/* Writes and closes fd; *what says which step failed. */
static gboolean
fill (int          fd,
      GBytes      *content,
      const char **what)
{
  int code = 0;

  if (!write_all (fd, content))
    {
      code = errno;
      *what = "cannot write";
    }
  else if (fsync (fd) != 0)
    {
      code = errno;
      *what = "cannot make it durable";
    }
  if (close (fd) != 0 && code == 0)
    {
      code = errno;
      *what = "cannot close";
    }
  errno = code;
  return code == 0;
}

/* A second, temporary name for a file, or NULL. */
static char *
link_temporary (const Place *place,
                const char  *from)
{
  for (guint i = 0; i < TRIES; i++)
    {
      g_autofree char *candidate = temporary_name (place);

      if (linkat (place->fd, from, place->fd, candidate, 0) == 0)
        return g_steal_pointer (&candidate);
      if (errno != EEXIST)
        return NULL;
    }
  return NULL;
}

/* Gives the file at from a second name, in place of what had it. FALSE and ENOENT: there is no such file. */
static gboolean
link_over (const Place *place,
           const char  *from,
           const char  *to)
{
  g_autofree char *temporary = link_temporary (place, from);
  int code;

  if (temporary == NULL)
    return FALSE;
  code = renameat (place->fd, temporary, place->fd, to) == 0 ? 0 : errno;
  /* rename does nothing where both names are the same file already, and the temporary one stays */
  unlinkat (place->fd, temporary, 0);
  errno = code;
  return code == 0;
}

/* Puts the temporary file in place. Where the directory cannot be made durable the old file is put back: what is said
 * to have failed must not show up later. */
static gboolean
put_in_place (const Place *place,
              const char  *temporary,
              const char  *backup,
              gboolean     had_old,
              const char **what)
{
  int code;

  if (renameat (place->fd, temporary, place->fd, place->name) != 0)
    {
      *what = "cannot rename";
      return FALSE;
    }
  if (fsync (place->fd) == 0)
    return TRUE;
  code = errno;
  *what = "cannot make the directory durable";
  if (had_old)
    link_over (place, backup, place->name);
  else
    unlinkat (place->fd, place->name, 0);
  fsync (place->fd);
  errno = code;
  return FALSE;
}

/* Keeps the present file under another name and puts the new one in its place. */
static gboolean
replace (const Place *place,
         const char  *temporary,
         gboolean     keep_previous,
         const char **what)
{
  g_autofree char *backup = keep_previous ? g_strconcat (place->name, PREVIOUS, NULL) : temporary_name (place);
  gboolean had_old = link_over (place, place->name, backup), ok;
  int code;

  if (!had_old && errno != ENOENT)
    {
      *what = "cannot keep the previous file";
      return FALSE;
    }
  ok = put_in_place (place, temporary, backup, had_old, what);
  code = errno;
  if (!keep_previous)
    unlinkat (place->fd, backup, 0);
  errno = code;
  return ok;
}

gboolean
rs_file_save (const char *dir,
              const char *name,
              GBytes     *content,
              gboolean    keep_previous,
              GError    **error)
{
  g_auto (Place) place = { .fd = -1 };
  g_autofree char *temporary = NULL;
  const char *what = NULL;
  int fd, code;

  if (!open_place (&place, dir, name, error))
    return FALSE;
  fd = create_temporary (&place, &temporary);
  if (fd < 0)
    return fail (&place, "cannot create a temporary file", errno, error);
  if (fill (fd, content, &what) && replace (&place, temporary, keep_previous, &what))
    return TRUE;
  code = errno;
  unlinkat (place.fd, temporary, 0);
  return fail (&place, what, code, error);
}

/* Grows without leaving what was read behind. */
static void
grow (char **buffer,
      gsize *capacity,
      gsize  used)
{
  gsize larger = *capacity * 2;
  char *copy = g_malloc (larger);

  memcpy (copy, *buffer, used);
  rs_wipe (*buffer, used);
  g_free (*buffer);
  *buffer = copy;
  *capacity = larger;
}

static gboolean
read_all (const Place *place,
          int          fd,
          gsize        expected,
          gsize        max,
          GBytes     **content,
          GError     **error)
{
  gsize capacity = MAX (expected + 1, READ_STEP), used = 0;
  char *buffer = g_malloc (capacity);
  ssize_t n;
  int code;

  do
    {
      if (used == capacity)
        grow (&buffer, &capacity, used);
      n = read (fd, buffer + used, capacity - used);
      if (n > 0)
        used += n;
    }
  while (used <= max && (n > 0 || (n < 0 && errno == EINTR)));
  code = errno;
  *content = rs_secret_bytes_new_take (buffer, used);
  if (n >= 0 && used <= max)
    return TRUE;
  g_clear_pointer (content, g_bytes_unref);
  if (n < 0)
    return fail (place, "cannot read", code, error);
  g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "%s/%s: larger than %" G_GSIZE_FORMAT " bytes", place->dir,
               place->name, max);
  return FALSE;
}

static gboolean
refuse_kind (const Place *place,
             GError     **error)
{
  g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "%s/%s: no regular file", place->dir, place->name);
  return FALSE;
}

gboolean
rs_file_read (const char *dir,
              const char *name,
              gsize       max,
              GBytes    **content,
              GError    **error)
{
  g_auto (Place) place = { .fd = -1 }, file = { .fd = -1 };
  struct stat status;

  *content = NULL;
  if (!open_place (&place, dir, name, error))
    return FALSE;
  file.fd = openat (place.fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (file.fd < 0 && errno == ENOENT)
    return TRUE;
  /* a symbolic link, a socket */
  if (file.fd < 0 && (errno == ELOOP || errno == ENXIO))
    return refuse_kind (&place, error);
  if (file.fd < 0)
    return fail (&place, "cannot open", errno, error);
  if (fstat (file.fd, &status) != 0)
    return fail (&place, "cannot read", errno, error);
  if (!S_ISREG (status.st_mode))
    return refuse_kind (&place, error);
  return read_all (&place, file.fd, MIN ((guint64)status.st_size, max), max, content, error);
}

static int
compare_strings (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

GStrv
rs_file_list (const char *dir,
              const char *prefix)
{
  GPtrArray *names = g_ptr_array_new ();
  DIR *stream = opendir (dir);
  struct dirent *entry;

  while (stream != NULL && (entry = readdir (stream)) != NULL)
    {
      if (g_str_has_prefix (entry->d_name, prefix) && strcmp (entry->d_name, ".") != 0
          && strcmp (entry->d_name, "..") != 0)
        g_ptr_array_add (names, g_strdup (entry->d_name));
    }
  if (stream != NULL)
    closedir (stream);
  g_ptr_array_sort (names, compare_strings);
  g_ptr_array_add (names, NULL);
  return (GStrv)g_ptr_array_free (names, FALSE);
}

static gboolean
exists (const Place *place,
        const char  *name)
{
  struct stat status;

  return fstatat (place->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* "NAME.broken-" for NAME as for NAME.previous. */
static char *
broken_prefix (const Place *place)
{
  gsize length = strlen (place->name);

  if (g_str_has_suffix (place->name, PREVIOUS))
    length -= strlen (PREVIOUS);
  return g_strdup_printf ("%.*s.broken-", (int)length, place->name);
}

/* NAME.broken-20260131T235959Z, or with a number behind it. */
static char *
broken_name (const Place *place,
             gint64       time)
{
  g_autofree char *prefix = broken_prefix (place);
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  g_autofree char *stamp = date != NULL ? g_date_time_format (date, "%Y%m%dT%H%M%SZ") : g_strdup ("0");
  char *name = g_strconcat (prefix, stamp, NULL);

  for (guint i = 1; exists (place, name) && i < TRIES; i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s%s-%u", prefix, stamp, i);
    }
  return name;
}

/* Leaves the one just made and the latest of the others. */
static void
remove_older (const Place *place,
              const char  *made)
{
  g_autofree char *prefix = broken_prefix (place);
  g_auto (GStrv) names = rs_file_list (place->dir, prefix);
  guint n = g_strv_length (names), kept = 1;

  for (guint i = n; i-- > 0;)
    {
      if (strcmp (names[i], made) == 0 || kept++ < BROKEN_KEPT)
        continue;
      /* a full folder of that name stays; it is no copy of ours */
      if (unlinkat (place->fd, names[i], 0) != 0)
        unlinkat (place->fd, names[i], AT_REMOVEDIR);
    }
}

gboolean
rs_file_set_aside (const char *dir,
                   const char *name,
                   gint64      time,
                   char      **new_name,
                   GError    **error)
{
  g_auto (Place) place = { .fd = -1 };
  g_autofree char *broken = NULL;

  if (!open_place (&place, dir, name, error))
    return FALSE;
  broken = broken_name (&place, time);
  if (renameat (place.fd, name, place.fd, broken) != 0)
    return fail (&place, "cannot set it aside", errno, error);
  remove_older (&place, broken);
  if (fsync (place.fd) != 0)
    return fail (&place, "cannot make the directory durable", errno, error);
  if (new_name != NULL)
    *new_name = g_steal_pointer (&broken);
  return TRUE;
}

gboolean
rs_file_remove (const char *dir,
                const char *name,
                GError    **error)
{
  g_auto (Place) place = { .fd = -1 };

  if (!open_place (&place, dir, name, error))
    return FALSE;
  if (unlinkat (place.fd, name, 0) != 0)
    {
      if (errno == ENOENT)
        return TRUE;
      if (errno != EISDIR || unlinkat (place.fd, name, AT_REMOVEDIR) != 0)
        return fail (&place, "cannot remove", errno, error);
    }
  return fsync (place.fd) == 0 || fail (&place, "cannot make the directory durable", errno, error);
}

void
rs_file_sweep (const char *dir)
{
  g_auto (GStrv) names = rs_file_list (dir, ".");

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (dir, names[i], NULL);

      if (strstr (names[i], TEMPORARY) != NULL)
        unlink (path);
    }
}
