/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both clocks. What they share is the list of armed timers; the real one has a single descriptor of the kernel that is
 * set to the earliest of them, the fake one fires them as it is moved. */
#include "system/clock.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct _RsClock
{
  gatomicrefcount ref_count;
  gboolean        fake;
  gint64          wall, boot; /* fake */
  gint64          built, last;
  GList          *armed; /* RsTimer, by due, then in the order of arming */
  guint64         serial;
  RsClockFunc     jump_func;
  gpointer        jump_data;
  GMainContext   *context; /* real */
  int             timer_fd, jump_fd;
  GSource        *timer_source, *jump_source;
};

struct _RsTimer
{
  RsClock    *clock;
  RsClockFunc func;
  gpointer    data;
  gint64      due;
  guint64     serial;
  gboolean    is_armed;
};

static gint64
read_clock (clockid_t id)
{
  struct timespec now;

  clock_gettime (id, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* Sets the descriptor to the earliest timer, or to nothing. */
static void
set_descriptor (RsClock *clock)
{
  struct itimerspec spec = { 0 };

  if (clock->fake)
    return;
  if (clock->armed != NULL)
    {
      /* zero would switch it off */
      gint64 due = MAX (((RsTimer *)clock->armed->data)->due, 1);

      spec.it_value.tv_sec = due / G_USEC_PER_SEC;
      spec.it_value.tv_nsec = due % G_USEC_PER_SEC * 1000;
    }
  if (timerfd_settime (clock->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) != 0)
    g_error ("The timer cannot be set: %s", g_strerror (errno));
}

/* Fires what is due and was armed before serial, so that a function that arms its timer to the past cannot hold up the
 * loop. */
static void
fire (RsClock *clock,
      gint64   now,
      guint64  serial)
{
  GList *link = clock->armed;

  while (link != NULL)
    {
      RsTimer *timer = link->data;

      if (timer->due > now)
        break;
      if (timer->serial >= serial)
        {
          link = link->next;
          continue;
        }
      rs_timer_disarm (timer);
      timer->func (timer->data);
      /* anything may have happened to the list */
      link = clock->armed;
    }
}

static gboolean
on_timer (int          fd,
          GIOCondition condition,
          gpointer     data)
{
  g_autoptr (RsClock) clock = rs_clock_ref (data);
  guint64 expirations;

  if (read (fd, &expirations, sizeof expirations) < 0 && errno == EAGAIN)
    return G_SOURCE_CONTINUE;
  fire (clock, rs_clock_boot (clock), clock->serial);
  set_descriptor (clock);
  return G_SOURCE_CONTINUE;
}

/* The timer never expires; it only hears that the clock was set, and is armed even where it was set just now. */
static void
arm_jump (RsClock *clock)
{
  struct itimerspec spec = { .it_value = { .tv_sec = G_MAXINT32 * (gint64)64 } };

  if (timerfd_settime (clock->jump_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, NULL) != 0
      && errno != ECANCELED)
    g_warning ("Changes of the wall clock cannot be watched: %s", g_strerror (errno));
}

static gboolean
on_jump (int          fd,
         GIOCondition condition,
         gpointer     data)
{
  g_autoptr (RsClock) clock = rs_clock_ref (data);
  guint64 expirations;

  if (read (fd, &expirations, sizeof expirations) < 0 && errno != ECANCELED)
    return G_SOURCE_CONTINUE;
  arm_jump (clock);
  if (clock->jump_func != NULL)
    clock->jump_func (clock->jump_data);
  return G_SOURCE_CONTINUE;
}

static RsClock *
clock_new (gint64 built)
{
  RsClock *clock = g_new0 (RsClock, 1);

  g_atomic_ref_count_init (&clock->ref_count);
  clock->built = built;
  clock->timer_fd = clock->jump_fd = -1;
  clock->serial = 1;
  return clock;
}

static GSource *
watch (RsClock          *clock,
       int               fd,
       GUnixFDSourceFunc func)
{
  GSource *source = g_unix_fd_source_new (fd, G_IO_IN);

  g_source_set_callback (source, (GSourceFunc)(void (*) (void))func, clock, NULL);
  g_source_attach (source, clock->context);
  return source;
}

RsClock *
rs_clock_new_real (gint64 built)
{
  RsClock *clock = clock_new (built);

  clock->context = g_main_context_ref_thread_default ();
  clock->timer_fd = timerfd_create (CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (clock->timer_fd < 0)
    g_error ("There is no timer: %s", g_strerror (errno));
  clock->timer_source = watch (clock, clock->timer_fd, on_timer);
  return clock;
}

RsClock *
rs_clock_new_fake (gint64 wall,
                   gint64 boot,
                   gint64 built)
{
  RsClock *clock = clock_new (built);

  clock->fake = TRUE;
  clock->wall = wall;
  clock->boot = boot;
  return clock;
}

RsClock *
rs_clock_ref (RsClock *clock)
{
  g_atomic_ref_count_inc (&clock->ref_count);
  return clock;
}

static void
drop (GSource **source,
      int       fd)
{
  if (*source != NULL)
    {
      g_source_destroy (*source);
      g_source_unref (*source);
      close (fd);
    }
}

void
rs_clock_unref (RsClock *clock)
{
  if (clock == NULL || !g_atomic_ref_count_dec (&clock->ref_count))
    return;
  /* timers hold the clock: none is left */
  drop (&clock->timer_source, clock->timer_fd);
  drop (&clock->jump_source, clock->jump_fd);
  g_clear_pointer (&clock->context, g_main_context_unref);
  g_free (clock);
}

gint64
rs_clock_wall (RsClock *clock)
{
  return clock->fake ? clock->wall : read_clock (CLOCK_REALTIME);
}

gint64
rs_clock_boot (RsClock *clock)
{
  return clock->fake ? clock->boot : read_clock (CLOCK_BOOTTIME);
}

gboolean
rs_clock_is_set (RsClock *clock)
{
  return rs_clock_wall (clock) >= MAX (clock->built, clock->last);
}

void
rs_clock_set_last (RsClock *clock,
                   gint64   last)
{
  clock->last = last;
}

void
rs_clock_watch_jumps (RsClock    *clock,
                      RsClockFunc func,
                      gpointer    data)
{
  clock->jump_func = func;
  clock->jump_data = data;
  if (clock->fake || clock->jump_source != NULL)
    return;
  clock->jump_fd = timerfd_create (CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (clock->jump_fd < 0)
    {
      g_warning ("Changes of the wall clock cannot be watched: %s", g_strerror (errno));
      return;
    }
  clock->jump_source = watch (clock, clock->jump_fd, on_jump);
  arm_jump (clock);
}

RsTimer *
rs_timer_new (RsClock    *clock,
              RsClockFunc func,
              gpointer    data)
{
  RsTimer *timer = g_new0 (RsTimer, 1);

  timer->clock = rs_clock_ref (clock);
  timer->func = func;
  timer->data = data;
  return timer;
}

static int
compare_timers (gconstpointer a,
                gconstpointer b)
{
  const RsTimer *x = a, *y = b;

  if (x->due != y->due)
    return x->due < y->due ? -1 : 1;
  return (x->serial > y->serial) - (x->serial < y->serial);
}

void
rs_timer_arm (RsTimer *timer,
              gint64   boot)
{
  RsClock *clock = timer->clock;

  if (timer->is_armed)
    clock->armed = g_list_remove (clock->armed, timer);
  timer->is_armed = TRUE;
  timer->due = boot;
  timer->serial = clock->serial++;
  clock->armed = g_list_insert_sorted (clock->armed, timer, compare_timers);
  set_descriptor (clock);
}

void
rs_timer_disarm (RsTimer *timer)
{
  if (!timer->is_armed)
    return;
  timer->is_armed = FALSE;
  timer->clock->armed = g_list_remove (timer->clock->armed, timer);
  set_descriptor (timer->clock);
}

void
rs_timer_free (RsTimer *timer)
{
  if (timer == NULL)
    return;
  rs_timer_disarm (timer);
  rs_clock_unref (timer->clock);
  g_free (timer);
}

void
rs_clock_fake_advance (RsClock *clock,
                       gint64   microseconds)
{
  g_autoptr (RsClock) held = rs_clock_ref (clock);
  gint64 target = clock->boot + microseconds;

  g_assert (clock->fake && microseconds >= 0);
  while (clock->armed != NULL && ((RsTimer *)clock->armed->data)->due <= target)
    {
      gint64 step = MAX (((RsTimer *)clock->armed->data)->due - clock->boot, 0);

      clock->boot += step;
      clock->wall += step;
      fire (clock, clock->boot, clock->serial);
    }
  /* a function may have moved the clock itself */
  clock->wall += MAX (target - clock->boot, 0);
  clock->boot = MAX (target, clock->boot);
}

void
rs_clock_fake_set_wall (RsClock *clock,
                        gint64   wall)
{
  g_assert (clock->fake);
  clock->wall = wall;
  if (clock->jump_func != NULL)
    clock->jump_func (clock->jump_data);
}
