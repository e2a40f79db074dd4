/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What systemd is told: ready, what goes on, still alive. All of it does nothing where no systemd listens. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void  rs_notify_ready (void);
void  rs_notify_stopping (void);
/* The line that "systemctl status" shows. */
void  rs_notify_status (const char *status);
/* Pets the watchdog from the main loop at half the time systemd asked for; returns the source's id, 0 where it asked for none. */
guint rs_notify_watchdog_start (void);

G_END_DECLS
