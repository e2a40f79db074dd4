/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inhibitors as pipes: the holder's death closes its end as well as its will. */
#include "engine/inhibit.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#define MAX_TEXT 256

struct _RsInhibitors
{
  GPtrArray *open; /* Inhibitor, oldest first */
  RsInhibitFunc func;
  gpointer data;
};

typedef struct
{
  RsInhibitors *owner;
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
  g_ptr_array_remove (owner->open, inhibitor);
  owner->func (owner->open->len, owner->data);
  return G_SOURCE_REMOVE;
}

RsInhibitors *
rs_inhibitors_new (RsInhibitFunc func,
                   gpointer      data)
{
  RsInhibitors *inhibitors = g_new0 (RsInhibitors, 1);

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
  g_free (inhibitors);
}

static gboolean
text_is_good (const char *text)
{
  return text[0] != '\0' && strlen (text) <= MAX_TEXT;
}

int
rs_inhibitors_open (RsInhibitors *inhibitors,
                    guint32       uid,
                    const char   *who,
                    const char   *why,
                    GError      **error)
{
  Inhibitor *inhibitor;
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
  if (pipe2 (fds, O_CLOEXEC) != 0)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "cannot make an inhibitor: %s", g_strerror (errno));
      return -1;
    }
  g_unix_set_fd_nonblocking (fds[0], TRUE, NULL);
  inhibitor = g_new0 (Inhibitor, 1);
  inhibitor->owner = inhibitors;
  inhibitor->who = rs_text_escape (who, 64);
  inhibitor->uid = uid;
  inhibitor->fd = fds[0];
  inhibitor->source = g_unix_fd_add (fds[0], G_IO_IN | G_IO_HUP | G_IO_ERR, on_event, inhibitor);
  g_ptr_array_add (inhibitors->open, inhibitor);
  inhibitors->func (inhibitors->open->len, inhibitors->data);
  return fds[1];
}

const char *
rs_inhibitors_first (RsInhibitors *inhibitors)
{
  const Inhibitor *first = inhibitors->open->len > 0 ? g_ptr_array_index (inhibitors->open, 0) : NULL;

  return first != NULL ? first->who : NULL;
}
