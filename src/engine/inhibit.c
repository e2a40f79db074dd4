/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inhibitors as pipes: the holder's death closes its end as well as its will. Each has a name in the runtime folder, so that a daemon that is started
 * again finds those that are still held; who has closed one meanwhile has left a pipe without a writer. */
#include "engine/inhibit.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_TEXT 256
#define MAX_WHO 48
/* inhibitor.NUMBER.USER.WHO; who is cut so that it fits into a name: a character may be shown as \x01, which a name has as %5Cx01 */
#define PREFIX "inhibitor."
#define MAX_NAMED 32

struct _RsInhibitors
{
  char *folder;
  guint64 last;    /* number */
  GPtrArray *open; /* Inhibitor, oldest first */
  RsInhibitFunc func;
  gpointer data;
};

typedef struct
{
  RsInhibitors *owner;
  char *path;
  char *who;
  guint32 uid;
  int fd;
  guint source;
} Inhibitor;

static void
inhibitor_free (gpointer data)
{
  Inhibitor *inhibitor = data;

  g_clear_handle_id (&inhibitor->source, g_source_remove);
  close (inhibitor->fd);
  g_free (inhibitor->path);
  g_free (inhibitor->who);
  g_free (inhibitor);
}

/* The holder closed its end. What it writes is thrown away. */
static gboolean
on_event (int          fd,
          GIOCondition condition,
          gpointer     data)
{
  Inhibitor *inhibitor = data;
  RsInhibitors *owner = inhibitor->owner;
  char waste[256];

  if (!(condition & (G_IO_HUP | G_IO_ERR)) && read (fd, waste, sizeof waste) > 0)
    return G_SOURCE_CONTINUE;
  inhibitor->source = 0;
  unlink (inhibitor->path);
  g_ptr_array_remove (owner->open, inhibitor);
  owner->func (owner->open->len, owner->data);
  return G_SOURCE_REMOVE;
}

RsInhibitors *
rs_inhibitors_new (const char   *folder,
                   RsInhibitFunc func,
                   gpointer      data)
{
  RsInhibitors *inhibitors = g_new0 (RsInhibitors, 1);

  inhibitors->folder = g_strdup (folder);
  inhibitors->open = g_ptr_array_new_with_free_func (inhibitor_free);
  inhibitors->func = func;
  inhibitors->data = data;
  return inhibitors;
}

void
rs_inhibitors_free (RsInhibitors *inhibitors)
{
  if (inhibitors == NULL)
    return;
  g_ptr_array_unref (inhibitors->open);
  g_free (inhibitors->folder);
  g_free (inhibitors);
}

/* Takes path, who and fd. */
static void
add (RsInhibitors *inhibitors,
     char         *path,
     guint32       uid,
     char         *who,
     int           fd)
{
  Inhibitor *inhibitor = g_new (Inhibitor, 1);

  *inhibitor = (Inhibitor){ inhibitors, path, who, uid, fd, g_unix_fd_add (fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_event, inhibitor) };
  g_ptr_array_add (inhibitors->open, inhibitor);
}

/* Whether anybody has the other end. */
static gboolean
is_held (int fd)
{
  char waste[256];
  gssize n;

  do
    n = read (fd, waste, sizeof waste);
  while (n > 0);
  return n < 0 && errno == EAGAIN;
}

static void
take_up (RsInhibitors *inhibitors,
         const char   *name)
{
  g_auto (GStrv) parts = g_strsplit (name + strlen (PREFIX), ".", 3);
  g_autofree char *path = g_build_filename (inhibitors->folder, name, NULL);
  g_autofree char *who = g_strv_length (parts) == 3 ? g_uri_unescape_string (parts[2], NULL) : NULL;
  guint64 number, uid;
  int fd;

  if (who == NULL || !rs_text_to_uint64 (parts[0], 1, G_MAXINT64, &number, NULL) || !rs_text_to_uint64 (parts[1], 0, G_MAXUINT32, &uid, NULL))
    return;
  inhibitors->last = MAX (inhibitors->last, number);
  fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (fd >= 0 && is_held (fd))
    {
      add (inhibitors, g_steal_pointer (&path), (guint32)uid, g_steal_pointer (&who), fd);
      return;
    }
  if (fd >= 0)
    close (fd);
  unlink (path);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

void
rs_inhibitors_take_up (RsInhibitors *inhibitors)
{
  g_autoptr (GDir) folder = g_dir_open (inhibitors->folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    if (g_str_has_prefix (name, PREFIX))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    take_up (inhibitors, names->pdata[i]);
  if (inhibitors->open->len > 0)
    inhibitors->func (inhibitors->open->len, inhibitors->data);
}

static gboolean
text_is_good (const char *text)
{
  return text[0] != '\0' && strlen (text) <= MAX_TEXT;
}

/* Both ends of a pipe with that name; FALSE with errno. */
static gboolean
open_pipe (const char *path,
           int         fds[2])
{
  if (mkfifo (path, 0600) != 0)
    return FALSE;
  fds[0] = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  fds[1] = fds[0] >= 0 ? open (path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
  if (fds[1] >= 0)
    return TRUE;
  if (fds[0] >= 0)
    close (fds[0]);
  unlink (path);
  return FALSE;
}

int
rs_inhibitors_open (RsInhibitors *inhibitors,
                    guint32       uid,
                    const char   *who,
                    const char   *why,
                    GError      **error)
{
  g_autofree char *shown = NULL;
  g_autofree char *named = NULL;
  g_autofree char *escaped = NULL;
  g_autofree char *path = NULL;
  guint mine = 0;
  int fds[2];

  if (!text_is_good (who) || !text_is_good (why))
    {
      g_set_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "who and why must have 1 to %d bytes", MAX_TEXT);
      return -1;
    }
  for (guint i = 0; i < inhibitors->open->len; i++)
    {
      const Inhibitor *other = g_ptr_array_index (inhibitors->open, i);
      mine += other->uid == uid;
    }
  if (mine >= RS_INHIBITORS_A_USER)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_BUSY, "user %u holds %d inhibitors already; close one first", uid,
                   RS_INHIBITORS_A_USER);
      return -1;
    }
  shown = rs_text_escape (who, MAX_WHO);
  named = rs_text_escape (who, MAX_NAMED);
  escaped = g_uri_escape_string (named, NULL, TRUE);
  path = g_strdup_printf ("%s/" PREFIX "%08" G_GUINT64_FORMAT ".%u.%s", inhibitors->folder, ++inhibitors->last, uid, escaped);
  if (!open_pipe (path, fds))
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "cannot make an inhibitor: %s", g_strerror (errno));
      return -1;
    }
  add (inhibitors, g_steal_pointer (&path), uid, g_steal_pointer (&shown), fds[0]);
  inhibitors->func (inhibitors->open->len, inhibitors->data);
  return fds[1];
}

const char *
rs_inhibitors_first (RsInhibitors *inhibitors)
{
  const Inhibitor *first = inhibitors->open->len > 0 ? g_ptr_array_index (inhibitors->open, 0) : NULL;

  return first != NULL ? first->who : NULL;
}
