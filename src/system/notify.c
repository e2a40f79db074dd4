/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sd_notify and the watchdog. */
#include "system/notify.h"

#include <systemd/sd-daemon.h>

void
rs_notify_ready (void)
{
  sd_notify (0, "READY=1");
}

void
rs_notify_stopping (void)
{
  sd_notify (0, "STOPPING=1");
}

void
rs_notify_status (const char *status)
{
  sd_notifyf (0, "STATUS=%s", status);
}

static gboolean
pet (gpointer data)
{
  sd_notify (0, "WATCHDOG=1");
  return G_SOURCE_CONTINUE;
}

guint
rs_notify_watchdog_start (void)
{
  uint64_t microseconds = 0;

  if (sd_watchdog_enabled (0, &microseconds) <= 0)
    return 0;
  return g_timeout_add_seconds (MAX (microseconds / 2 / G_USEC_PER_SEC, 1), pet, NULL);
}
