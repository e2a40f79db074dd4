/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of delays, and a time of the day with the instants at which it comes. */
#include "fuzz.h"

#include "plan/schedule.h"

#define DAY ((gint64)24 * 3600 * G_USEC_PER_SEC)
/* beyond the last element of the longest list */
#define PICKS 70
/* the largest element, with as large a random part */
#define DELAY_MAX (2 * (guint64)G_MAXINT32)

static guint32
nothing (guint32 max, gpointer data)
{
  return 0;
}

static guint32
everything (guint32 max, gpointer data)
{
  return max;
}

static void
try_delays (const char *text, GString *out)
{
  const RsRandom least = { nothing, NULL }, most = { everything, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RsDelayList) list = rs_delay_list_parse (text, &error);

  fuzz_check_error (list != NULL, error);
  if (list == NULL)
    return;
  rs_delay_list_raise (list);
  g_assert_false (rs_delay_list_raise (list));
  for (guint i = 0; i < PICKS; i++)
    {
      guint64 low = rs_delay_list_pick (list, i, &least), high = rs_delay_list_pick (list, i, &most);

      g_assert_cmpuint (low, <=, high);
      g_assert_cmpuint (high, <=, DELAY_MAX);
      g_assert_true (low == 0 || low >= 60);
      g_string_append_printf (out, "%" G_GUINT64_FORMAT " ", high);
    }
  g_assert_cmpuint (rs_delay_list_pick (list, PICKS, &most), ==, rs_delay_list_pick (list, G_MAXUINT, &most));
}

static void
try_time (const char *text, FuzzInput *input, GString *out)
{
  static const char *const zones[] = { "UTC", "CET-1CEST,M3.5.0,M10.5.0/3", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0" };
  gint minute = rs_schedule_parse_at (text);
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (zones[fuzz_byte (input) % G_N_ELEMENTS (zones)]);
  gint64 now = (gint64)fuzz_uint32 (input) * G_USEC_PER_SEC + fuzz_uint16 (input);

  g_assert_cmpint (minute, >=, -1);
  g_assert_cmpint (minute, <=, 24 * 60);
  g_assert_nonnull (zone);
  /* day after day, with one day that clocks change */
  for (guint i = 0; minute >= 0 && i < 3; i++)
    {
      gint64 next = rs_schedule_next_at (minute, now, zone);

      g_assert_cmpint (next, >, now);
      g_assert_cmpint (next, <=, now + DAY + DAY / 12);
      g_string_append_printf (out, "%" G_GINT64_FORMAT " ", next);
      now = next;
    }
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  g_autofree char *delays = fuzz_line (&input);
  g_autofree char *at = fuzz_line (&input);

  try_delays (delays, out);
  try_time (at, &input, out);
}
