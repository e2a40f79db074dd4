/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daily time, in zones whose days are not all of one length. */
#include "plan/schedule.h"

#include <string.h>

static gint64
instant (const char *text)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);
  g_assert_nonnull (time);
  return g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
}

/* SCHED-3 */
static void
test_parse (void)
{
  static const struct
  {
    const char *text;
    gint minute;
  } cases[] = {
    { "0000", 0 },     { "00:00", 0 },    { "0001", 1 },    { "0230", 150 },  { "02:30", 150 },   { "2359", 1439 },
    { "2400", 1440 },  { "24:00", 1440 }, { "2401", -1 },   { "2500", -1 },   { "0060", -1 },     { "", -1 },
    { NULL, -1 },      { "230", -1 },     { "02300", -1 },  { "2:30", -1 },   { "02:3", -1 },     { "02.30", -1 },
    { " 230", -1 },    { "-100", -1 },    { "+100", -1 },   { "02:30 ", -1 }, { "023a", -1 },     { "99:99", -1 },
    { "0x10", -1 },    { "02::3", -1 },   { "ab:cd", -1 },  { ":0230", -1 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("“%s”", cases[i].text);
      g_assert_cmpint (rs_schedule_parse_at (cases[i].text), ==, cases[i].minute);
    }
}

/* SCHED-3 */
static void
test_next (void)
{
  static const struct
  {
    const char *zone;
    const char *now;
    const char *at;
    const char *next;
  } cases[] = {
    { "UTC", "2026-11-20T12:00:00Z", "0230", "2026-11-21T02:30:00Z" },
    { "UTC", "2026-11-20T02:29:59Z", "0230", "2026-11-20T02:30:00Z" },
    { "UTC", "2026-11-20T02:29:59.999999Z", "0230", "2026-11-20T02:30:00Z" },
    { "UTC", "2026-11-20T02:30:00Z", "0230", "2026-11-21T02:30:00Z" },
    { "UTC", "2026-11-20T02:30:00.000001Z", "0230", "2026-11-21T02:30:00Z" },
    { "UTC", "2026-12-31T23:59:59Z", "0000", "2027-01-01T00:00:00Z" },
    { "UTC", "2028-02-28T12:00:00Z", "2400", "2028-02-29T00:00:00Z" },
    { "UTC", "2026-11-20T00:00:00Z", "2400", "2026-11-21T00:00:00Z" },
    { "UTC", "2026-11-20T23:59:59Z", "2400", "2026-11-21T00:00:00Z" },
    { "UTC", "2026-11-20T12:00:00Z", "2359", "2026-11-20T23:59:00Z" },
    { "UTC", "1970-01-01T00:00:00Z", "0000", "1970-01-02T00:00:00Z" },
    { "Asia/Kathmandu", "2026-11-20T12:00:00Z", "0000", "2026-11-20T18:15:00Z" },
    { "Pacific/Kiritimati", "2026-11-20T12:00:00Z", "0100", "2026-11-21T11:00:00Z" },
    { "Etc/GMT+12", "2026-11-20T13:30:00Z", "0100", "2026-11-21T13:00:00Z" },
    { "Etc/GMT+12", "2026-11-20T12:30:00Z", "0100", "2026-11-20T13:00:00Z" },
    /* Berlin: 02:00 … 02:59 is missing on 29 March */
    { "Europe/Berlin", "2026-03-28T12:00:00Z", "0159", "2026-03-29T00:59:00Z" },
    { "Europe/Berlin", "2026-03-28T12:00:00Z", "0200", "2026-03-29T01:00:00Z" },
    { "Europe/Berlin", "2026-03-28T12:00:00Z", "0230", "2026-03-29T01:00:00Z" },
    { "Europe/Berlin", "2026-03-28T12:00:00Z", "0259", "2026-03-29T01:00:00Z" },
    { "Europe/Berlin", "2026-03-28T12:00:00Z", "0300", "2026-03-29T01:00:00Z" },
    { "Europe/Berlin", "2026-03-28T12:00:00Z", "0301", "2026-03-29T01:01:00Z" },
    { "Europe/Berlin", "2026-03-29T01:00:00Z", "0230", "2026-03-30T00:30:00Z" },
    { "Europe/Berlin", "2026-03-29T12:00:00Z", "0230", "2026-03-30T00:30:00Z" },
    /* … and comes twice on 25 October: the first counts */
    { "Europe/Berlin", "2026-10-24T12:00:00Z", "0230", "2026-10-25T00:30:00Z" },
    { "Europe/Berlin", "2026-10-25T00:30:00Z", "0230", "2026-10-26T01:30:00Z" },
    { "Europe/Berlin", "2026-10-25T01:10:00Z", "0230", "2026-10-26T01:30:00Z" },
    { "Europe/Berlin", "2026-10-24T12:00:00Z", "0200", "2026-10-25T00:00:00Z" },
    { "Europe/Berlin", "2026-10-24T12:00:00Z", "0300", "2026-10-25T02:00:00Z" },
    { "Europe/Berlin", "2026-10-25T02:00:00Z", "0300", "2026-10-26T02:00:00Z" },
    /* Lord Howe: half an hour of daylight saving; 02:00 … 02:29 is missing on 4 October, 01:30 … 01:59 comes twice
     * on 5 April */
    { "Australia/Lord_Howe", "2026-10-03T12:00:00Z", "0215", "2026-10-03T15:30:00Z" },
    { "Australia/Lord_Howe", "2026-10-03T12:00:00Z", "0230", "2026-10-03T15:30:00Z" },
    { "Australia/Lord_Howe", "2026-10-03T15:30:00Z", "0215", "2026-10-04T15:15:00Z" },
    { "Australia/Lord_Howe", "2026-04-04T12:00:00Z", "0145", "2026-04-04T14:45:00Z" },
    { "Australia/Lord_Howe", "2026-04-04T14:45:00Z", "0145", "2026-04-05T15:15:00Z" },
    { "Australia/Lord_Howe", "2026-04-04T15:00:00Z", "0145", "2026-04-05T15:15:00Z" },
    /* midnight itself is missing */
    { "America/Santiago", "2026-09-05T12:00:00Z", "0000", "2026-09-06T04:00:00Z" },
    { "America/Santiago", "2026-09-05T12:00:00Z", "2400", "2026-09-06T04:00:00Z" },
    { "America/Santiago", "2026-09-06T04:00:00Z", "0000", "2026-09-07T03:00:00Z" },
    { "America/New_York", "2026-03-08T00:00:00Z", "0200", "2026-03-08T07:00:00Z" },
    { "America/New_York", "2026-11-01T00:00:00Z", "0130", "2026-11-01T05:30:00Z" },
    /* clocks go back in winter for a month (Ramadan), with the offset below standard */
    { "Africa/Casablanca", "2026-02-14T12:00:00Z", "0230", "2026-02-15T01:30:00Z" },
    /* 30 December 2011 did not take place */
    { "Pacific/Apia", "2011-12-29T14:00:00Z", "0200", "2011-12-30T10:00:00Z" },
    { "Pacific/Apia", "2011-12-30T10:00:00Z", "0200", "2011-12-30T12:00:00Z" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GTimeZone) tz = g_time_zone_new_identifier (cases[i].zone);
      g_assert_nonnull (tz);
      gint64 next = rs_schedule_next_at (rs_schedule_parse_at (cases[i].at), instant (cases[i].now), tz);
      g_autoptr (GDateTime) shown = g_date_time_new_from_unix_utc (next / G_USEC_PER_SEC);
      g_autofree char *text = g_date_time_format (shown, "%Y-%m-%dT%H:%M:%SZ");
      g_test_message ("%s, %s at %s", cases[i].zone, cases[i].now, cases[i].at);
      g_assert_cmpstr (text, ==, cases[i].next);
      g_assert_cmpint (next % G_USEC_PER_SEC, ==, 0);
    }
}

/* SCHED-3 */
static void
test_every_day_once (void)
{
  static const char *const zones[]
      = { "UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "Africa/Casablanca" };
  static const gint minutes[] = { 0, 60, 105, 135, 150, 180, 719, 1439, 1440 };
  for (guint z = 0; z < G_N_ELEMENTS (zones); z++)
    {
      g_autoptr (GTimeZone) tz = g_time_zone_new_identifier (zones[z]);
      for (guint m = 0; m < G_N_ELEMENTS (minutes); m++)
        {
          gint64 start = instant ("2025-12-31T23:00:00Z"), now = start;
          guint days = 0;
          for (; now < instant ("2027-12-31T23:00:00Z"); days++)
            {
              gint64 next = rs_schedule_next_at (minutes[m], now, tz);
              g_assert_cmpint (next, >, now);
              g_assert_cmpint (next - now, <=, 25 * (gint64) 3600 * G_USEC_PER_SEC);
              if (days > 0)
                g_assert_cmpint (next - now, >=, 23 * (gint64) 3600 * G_USEC_PER_SEC - 1);
              now = next;
            }
          g_assert_cmpuint (days, >=, 730);
          g_assert_cmpuint (days, <=, 732);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/daily/parse", test_parse);
  g_test_add_func ("/plan/daily/next", test_next);
  g_test_add_func ("/plan/daily/every-day-once", test_every_day_once);
  return g_test_run ();
}
