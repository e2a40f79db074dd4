/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When next: retry and period lists, the daily time, random delays. Randomness and the present come in as arguments.
 * (RULE-11, SCHED-2, -3, -4, HTTP-5) */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A uniform number from 0 to max, both included. */
typedef guint32 (*RsRandomFunc) (guint32  max,
                                 gpointer data);

typedef struct
{
  RsRandomFunc func;
  gpointer     data;
} RsRandom;

typedef struct _RsDelayList RsDelayList;

/* "a,b+r,c": seconds; empty text is the empty list. At most 64 elements, each at most 2^31-1. RS_ERROR_INVALID_VALUE
 * names the element. */
RsDelayList *rs_delay_list_parse (const char *text,
                                  GError    **error) G_GNUC_WARN_UNUSED_RESULT;
void         rs_delay_list_free (RsDelayList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsDelayList, rs_delay_list_free)

/* Raises elements from 1 to 59 to 60 (SCHED-4); TRUE where it did. */
gboolean     rs_delay_list_raise (RsDelayList *list);

/* Seconds of the index-th element (the last repeats) with its random part; 0: never. */
guint64      rs_delay_list_pick (const RsDelayList *list,
                                 guint              index,
                                 const RsRandom    *random);

/* The parameters that decide when, read from a snapshot by the engine. */
typedef struct
{
  RsDelayList *periodic;        /* Resync_Periodic */
  RsDelayList *error_retry;     /* Resync_Error_Retry_Delay, raised */
  gint         at_minute;       /* Resync_At__HHmm_ as minute of the day, 0 … 1440; -1: not set */
  guint32      at_random;       /* seconds, Resync_At_Random_Delay (at least 600) */
  guint32      random_delay;    /* Resync_Random_Delay, in units of 20 s */
  guint32      forced_delay;    /* Forced_Resync_Delay, seconds */
  gboolean     on_reset;        /* Resync_On_Reset */
  gboolean     enabled;         /* Provision_Enable */
} RsScheduleConfig;

void rs_schedule_config_clear (RsScheduleConfig *config);

/* "HHmm" or "HH:mm", 0000 … 2400 → minute of the day (2400 is 1440, the next midnight); -1 for "" and what is none. */
gint rs_schedule_parse_at (const char *text);

/* The next instant (wall, µs) at which the local wall clock shows the minute, strictly after now; days on which that
 * minute does not exist (daylight saving) use the first instant after the gap; one that exists twice uses the first.
 * tz: (transfer none). */
gint64 rs_schedule_next_at (gint       minute,
                            gint64     now_wall,
                            GTimeZone *tz);

G_END_DECLS
