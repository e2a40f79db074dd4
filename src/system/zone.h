/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the phone was moved to another time zone (SCHED-3): /etc/localtime, and all that it leads to. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RsZoneWatch RsZoneWatch;

typedef void (*RsZoneFunc) (gpointer data);

/* func is called on the main loop when the file at path, or one of the links on the way to it, was replaced or written; often more than
 * once for one change. */
RsZoneWatch *rs_zone_watch_new (const char *path,
                                RsZoneFunc  func,
                                gpointer    data);
void         rs_zone_watch_free (RsZoneWatch *watch);

G_END_DECLS
