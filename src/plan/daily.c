/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daily time (Resync_At__HHmm_) as an instant. Local days have 23, 24 or 25 hours, now and then 23.5 or none at
 * all, so nothing here counts in days of 86400 seconds: it asks when the clock on the wall will show a time.
 * (SCHED-3) */
#include "plan/schedule.h"

#include <string.h>

#define DAY_SECONDS 86400
/* No zone is further from UTC than this, so that a local time surely lies between these bounds around the same
 * number read as UTC. */
#define FURTHEST (26 * 3600)

gint
rs_schedule_parse_at (const char *text)
{
  if (text == NULL)
    return -1;
  char digits[5] = { 0 };
  gsize length = strlen (text);
  if (length == 5 && text[2] == ':')
    {
      memcpy (digits, text, 2);
      memcpy (digits + 2, text + 3, 2);
    }
  else if (length == 4)
    memcpy (digits, text, 4);
  else
    return -1;
  for (guint i = 0; i < 4; i++)
    if (!g_ascii_isdigit (digits[i]))
      return -1;

  gint hours = (digits[0] - '0') * 10 + (digits[1] - '0');
  gint minutes = (digits[2] - '0') * 10 + (digits[3] - '0');
  if (minutes > 59 || hours * 60 + minutes > 24 * 60)
    return -1;
  return hours * 60 + minutes;
}

static gint64
offset_at (GTimeZone *tz,
           gint64     utc)
{
  return g_time_zone_get_offset (tz, g_time_zone_find_interval (tz, G_TIME_TYPE_UNIVERSAL, utc));
}

/* The first second after "before" at which the offset is another one; at "after" it is. */
static gint64
find_transition (GTimeZone *tz,
                 gint64     before,
                 gint64     after)
{
  gint64 offset = offset_at (tz, before);
  while (after - before > 1)
    {
      gint64 middle = before + (after - before) / 2;
      if (offset_at (tz, middle) == offset)
        before = middle;
      else
        after = middle;
    }
  return after;
}

/* The instant at which the clock on the wall shows local seconds: the first of two, or the end of the gap that
 * swallows it. */
static gint64
instant_of_local (GTimeZone *tz,
                  gint64     local)
{
  gint64 before = offset_at (tz, local - FURTHEST);
  gint64 after = offset_at (tz, local + FURTHEST);
  if (offset_at (tz, local - before) == before)
    return local - before;
  if (offset_at (tz, local - after) == after)
    return local - after;
  return find_transition (tz, local - FURTHEST, local + FURTHEST);
}

static gint64
floor_divide (gint64 dividend,
              gint64 divisor)
{
  gint64 quotient = dividend / divisor;
  return dividend % divisor < 0 ? quotient - 1 : quotient;
}

gint64
rs_schedule_next_at (gint       minute,
                     gint64     now_wall,
                     GTimeZone *tz)
{
  gint64 now = floor_divide (now_wall, G_USEC_PER_SEC);
  gint64 today = floor_divide (now + offset_at (tz, now), DAY_SECONDS);
  /* from the day before, for where the date line was moved or 2400 counts to the day that ends; three days on, a
   * whole day may be missing */
  for (gint64 day = today - 1; day <= today + 3; day++)
    {
      gint64 instant = instant_of_local (tz, day * DAY_SECONDS + (gint64) minute * 60) * G_USEC_PER_SEC;
      if (instant > now_wall)
        return instant;
    }
  return now_wall + (gint64) DAY_SECONDS * G_USEC_PER_SEC;
}
