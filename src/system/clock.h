/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Time behind one interface: the wall clock, the boot clock (CLOCK_BOOTTIME, counts suspend) and one-shot timers on it. Real and fake (tests). All in microseconds. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RsClock RsClock;
typedef struct _RsTimer RsTimer;
typedef void (*RsClockFunc) (gpointer data);

/* Attaches to the thread-default main context. built: microseconds since the epoch, when the program was; before that the wall clock counts as not
 * set (HTTP-11). */
RsClock *rs_clock_new_real (gint64 built);
/* Stands still until told. */
RsClock *rs_clock_new_fake (gint64 wall,
                            gint64 boot,
                            gint64 built);
RsClock *rs_clock_ref (RsClock *clock);
void     rs_clock_unref (RsClock *clock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsClock, rs_clock_unref)

gint64   rs_clock_wall (RsClock *clock);
gint64   rs_clock_boot (RsClock *clock);
gboolean rs_clock_is_set (RsClock *clock);
/* The last time that was known to be right: before that it counts as not set, either. */
void     rs_clock_set_last (RsClock *clock,
                            gint64   last);

/* Called after the wall clock was set (a jump), from TFD_TIMER_CANCEL_ON_SET. One function. */
void     rs_clock_watch_jumps (RsClock    *clock,
                               RsClockFunc func,
                               gpointer    data);

/* A one-shot timer; func runs on the main loop at or after the instant of the boot clock. Arming again moves it. */
RsTimer *rs_timer_new (RsClock    *clock,
                       RsClockFunc func,
                       gpointer    data);
void     rs_timer_arm (RsTimer *timer,
                       gint64   boot);
void     rs_timer_disarm (RsTimer *timer);
void     rs_timer_free (RsTimer *timer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsTimer, rs_timer_free)

/* Fake clock only: moves both clocks and fires what is due, in order. */
void     rs_clock_fake_advance (RsClock *clock,
                                gint64   microseconds);
/* Fake clock only: sets the wall clock alone, as a jump. */
void     rs_clock_fake_set_wall (RsClock *clock,
                                 gint64   wall);

G_END_DECLS
