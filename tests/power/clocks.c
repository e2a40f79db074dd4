/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded into a program, this moves its wall clock and its boot clock while it runs, as settimeofday(2) and a suspend
 * would. The offsets are in a file that all programs of a test share ($MOVED_CLOCKS, written by clocks.py). Timers behave
 * as timerfd_create(2) says: absolute ones expire when their clock has passed them, TFD_TIMER_CANCEL_ON_SET is told of
 * each set of the wall clock (a resume sets it, too), relative ones of the wall clock do not mind. What is left of a timer
 * that was cancelled cannot be asked for. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C (1000000000)
#define N_TIMERS 256
#define LOOK_EVERY 2000000 /* ns */

/* The file. Whoever writes makes generation odd first, and even again. */
typedef struct
{
  _Atomic uint32_t generation;
  _Atomic uint32_t seen; /* the generation that the timers of the program know */
  _Atomic int64_t wall;  /* added to the clock, ns */
  _Atomic int64_t boot;
  _Atomic int64_t waited; /* added to the one by which programs wait, which timerfd_create(2) knows as well, but here */
} Offsets;

typedef struct
{
  bool used;
  clockid_t clock;
  bool absolute;    /* follows its clock */
  struct itimerspec spec; /* as set, absolute */
  bool might_cancel;
  int64_t known;    /* the offset of the wall clock that was told */
} Timer;

static Offsets *offsets;
static Timer timers[N_TIMERS]; /* by descriptor */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

__attribute__ ((constructor)) static void
begin (void)
{
  const char *path = getenv ("MOVED_CLOCKS");
  int fd = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;

  if (fd >= 0)
    offsets = mmap (NULL, sizeof *offsets, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fd < 0 || offsets == MAP_FAILED)
    err (125, "MOVED_CLOCKS");
  close (fd);
}

static bool
is_wall (clockid_t id)
{
  return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_REALTIME_ALARM || id == CLOCK_TAI;
}

static bool
is_boot (clockid_t id)
{
  return id == CLOCK_BOOTTIME || id == CLOCK_BOOTTIME_ALARM;
}

/* Both offsets are of the same moment. */
static int64_t
offset_of (clockid_t id)
{
  uint32_t before, after;
  int64_t offset;

  if (offsets == NULL)
    return 0;
  do
    {
      before = offsets->generation;
      offset = is_wall (id) ? offsets->wall : is_boot (id) ? offsets->boot : id == CLOCK_MONOTONIC ? offsets->waited : 0;
      after = offsets->generation;
    }
  while (before != after || before % 2 != 0);
  return offset;
}

static struct timespec
moved (struct timespec time, int64_t by)
{
  /* as the kernel, which has no later time than this either */
  int64_t nanoseconds = time.tv_sec >= INT64_MAX / SECOND ? INT64_MAX : time.tv_sec * SECOND + time.tv_nsec;

  if (__builtin_add_overflow (nanoseconds, by, &nanoseconds))
    nanoseconds = INT64_MAX;
  return (struct timespec){ nanoseconds / SECOND, nanoseconds % SECOND };
}

int
clock_gettime (clockid_t id, struct timespec *time)
{
  if (syscall (SYS_clock_gettime, id, time) != 0)
    return -1;
  *time = moved (*time, offset_of (id));
  return 0;
}

int
gettimeofday (struct timeval *restrict time, void *restrict zone)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  *time = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
  return 0;
}

time_t
time (time_t *seconds)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  if (seconds != NULL)
    *seconds = now.tv_sec;
  return now.tv_sec;
}

/* Has the kernel's own timer expire when the moved clock is there. */
static int
arm (int fd, const Timer *timer, struct itimerspec *old)
{
  struct itimerspec spec = timer->spec;

  spec.it_value = moved (spec.it_value, -offset_of (timer->clock));
  /* zero would disarm it */
  if (spec.it_value.tv_sec < 0 || spec.it_value.tv_nsec < 0 || (spec.it_value.tv_sec == 0 && spec.it_value.tv_nsec == 0))
    spec.it_value = (struct timespec){ 0, 1 };
  return (int)syscall (SYS_timerfd_settime, fd, TFD_TIMER_ABSTIME, &spec, old);
}

static bool
is_armed (int fd)
{
  struct itimerspec left;

  return syscall (SYS_timerfd_gettime, fd, &left) == 0 && (left.it_value.tv_sec != 0 || left.it_value.tv_nsec != 0);
}

static bool
was_set (const Timer *timer)
{
  return timer->might_cancel && timer->known != offset_of (CLOCK_REALTIME);
}

/* After a move of the clocks. */
static void
look (int fd)
{
  static const struct itimerspec now = { .it_value = { 0, 1 } };

  if (!timers[fd].used)
    return;
  /* becomes readable */
  if (was_set (&timers[fd]))
    syscall (SYS_timerfd_settime, fd, TFD_TIMER_ABSTIME, &now, NULL);
  else if (timers[fd].absolute && is_armed (fd))
    arm (fd, &timers[fd], NULL);
}

static void *
watch (void *unused)
{
  const struct timespec pause = { 0, LOOK_EVERY };

  for (;;)
    {
      uint32_t generation = offsets->generation;

      if (generation % 2 == 0 && generation != offsets->seen)
        {
          pthread_mutex_lock (&lock);
          for (int fd = 0; fd < N_TIMERS; fd++)
            look (fd);
          pthread_mutex_unlock (&lock);
          offsets->seen = generation;
        }
      nanosleep (&pause, NULL);
    }
  return unused;
}

static void
start_watching (void)
{
  pthread_t thread;

  if (pthread_create (&thread, NULL, watch, NULL) != 0)
    errx (125, "no thread");
}

int
timerfd_create (clockid_t id, int flags)
{
  int fd = (int)syscall (SYS_timerfd_create, id, flags);

  if (fd < 0 || offsets == NULL || (!is_wall (id) && !is_boot (id)))
    return fd;
  if (fd >= N_TIMERS)
    errx (125, "too many descriptors");
  pthread_mutex_lock (&lock);
  timers[fd] = (Timer){ .used = true, .clock = id, .known = offset_of (CLOCK_REALTIME) };
  pthread_mutex_unlock (&lock);
  pthread_once (&once, start_watching);
  return fd;
}

/* The kernel counts a relative timer of the boot clock through a suspend. */
static struct timespec
absolute_boot (struct timespec relative)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  return moved (relative, now.tv_sec * SECOND + now.tv_nsec);
}

static int
set_timer (int fd, int flags, const struct itimerspec *spec, struct itimerspec *old)
{
  Timer *timer = &timers[fd];
  bool absolute = (flags & TFD_TIMER_ABSTIME) != 0;

  timer->might_cancel = is_wall (timer->clock) && absolute && (flags & TFD_TIMER_CANCEL_ON_SET) != 0;
  timer->absolute = absolute || is_boot (timer->clock);
  timer->spec = *spec;
  if (!timer->absolute)
    return (int)syscall (SYS_timerfd_settime, fd, 0, spec, old);
  if (!absolute)
    timer->spec.it_value = absolute_boot (spec->it_value);
  if (arm (fd, timer, old) != 0)
    return -1;
  if (!was_set (timer))
    return 0;
  timer->known = offset_of (CLOCK_REALTIME);
  errno = ECANCELED;
  return -1;
}

int
timerfd_settime (int fd, int flags, const struct itimerspec *spec, struct itimerspec *old)
{
  bool off = spec->it_value.tv_sec == 0 && spec->it_value.tv_nsec == 0;
  bool valid = (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) == 0 && spec->it_value.tv_sec >= 0
               && spec->it_value.tv_nsec >= 0 && spec->it_value.tv_nsec < SECOND;
  int result;

  if (fd < 0 || fd >= N_TIMERS || !timers[fd].used || !valid)
    return (int)syscall (SYS_timerfd_settime, fd, flags, spec, old);
  pthread_mutex_lock (&lock);
  if (off)
    {
      timers[fd].absolute = timers[fd].might_cancel = false;
      result = (int)syscall (SYS_timerfd_settime, fd, flags, spec, old);
    }
  else
    result = set_timer (fd, flags, spec, old);
  pthread_mutex_unlock (&lock);
  return result;
}

ssize_t
read (int fd, void *buffer, size_t size)
{
  ssize_t n = syscall (SYS_read, fd, buffer, size);

  if (n <= 0 || fd >= N_TIMERS || !timers[fd].used)
    return n;
  pthread_mutex_lock (&lock);
  if (was_set (&timers[fd]))
    {
      timers[fd].known = offset_of (CLOCK_REALTIME);
      arm (fd, &timers[fd], NULL);
      errno = ECANCELED;
      n = -1;
    }
  pthread_mutex_unlock (&lock);
  return n;
}

int
close (int fd)
{
  if (fd >= 0 && fd < N_TIMERS && timers[fd].used)
    {
      pthread_mutex_lock (&lock);
      timers[fd].used = false;
      pthread_mutex_unlock (&lock);
    }
  return (int)syscall (SYS_close, fd);
}
