/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One task for each call; GLib's pool has the threads. */
#include "system/reclaim.h"

#include <malloc.h>

typedef struct
{
  gpointer       data;
  GDestroyNotify destroy;
} Reclaim;

static void
reclaim_in_thread (GTask        *task,
                   gpointer      source,
                   gpointer      data,
                   GCancellable *cancellable)
{
  static GMutex one_at_a_time;
  const Reclaim *reclaim = data;

  reclaim->destroy (reclaim->data);
  /* What was freed lies between what is still used, and would stay with the process. Two at once would only wait for one
   * another; and where a sanitizer allocates instead of the C library, they would both be the first to use its heap. */
  g_mutex_lock (&one_at_a_time);
  malloc_trim (0);
  g_mutex_unlock (&one_at_a_time);
}

void
rs_reclaim (gpointer       data,
            GDestroyNotify destroy)
{
  g_autoptr (GTask) task = NULL;
  Reclaim *reclaim;

  if (data == NULL)
    return;
  task = g_task_new (NULL, NULL, NULL, NULL);
  reclaim = g_new (Reclaim, 1);
  *reclaim = (Reclaim){ data, destroy };
  g_task_set_task_data (task, reclaim, g_free);
  g_task_run_in_thread (task, reclaim_in_thread);
}
