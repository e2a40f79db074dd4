/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of delays. */
#include "plan/schedule-private.h"

#include "base/error.h"

#include <string.h>

/* Draws the fraction per mille of what may be drawn; 1000 is the most. */
static guint32
draw (guint32  max,
      gpointer data)
{
  return (guint32) ((guint64) max * GPOINTER_TO_UINT (data) / 1000);
}

#define DRAW(per_mille) (&(RsRandom){ draw, GUINT_TO_POINTER (per_mille) })

static RsDelayList *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  RsDelayList *list = rs_delay_list_parse (text, &error);
  g_assert_no_error (error);
  g_assert_nonnull (list);
  return list;
}

/* RULE-11 SCHED-3 SCHED-4 */
static void
test_pick (void)
{
  static const struct
  {
    const char *text;
    guint index;
    guint per_mille;
    guint64 seconds;
  } cases[] = {
    { "3600", 0, 0, 3600 },
    { "3600", 9, 1000, 3600 },
    { "60,120,240", 0, 0, 60 },
    { "60,120,240", 1, 0, 120 },
    { "60,120,240", 2, 0, 240 },
    { "60,120,240", 3, 0, 240 },
    { "60,120,240", G_MAXUINT, 0, 240 },
    { " 60 , 120 ", 1, 0, 120 },
    { "600+30", 0, 0, 600 },
    { "600+30", 0, 500, 615 },
    { "600+30", 0, 1000, 630 },
    { "60,600+30,7", 1, 1000, 630 },
    { "60,600+30,7", 4, 1000, 7 },
    { "0", 0, 1000, 0 },
    { "60,0", 0, 0, 60 },
    { "60,0", 1, 0, 0 },
    { "60,0", 8, 0, 0 },
    { "0,60", 0, 0, 0 },
    { "0,60", 1, 0, 60 },
    { "0+0", 0, 1000, 0 },
    { "0+30", 0, 0, 1 },
    { "0+30", 0, 1000, 30 },
    { "", 0, 1000, 0 },
    { "  ", 5, 1000, 0 },
    { "2147483647+2147483647", 0, 1000, 4294967294 },
    { "60,120,240,480,960,1920,3840,7680,15360,30720,61440,86400", 10, 0, 61440 },
    { "60,120,240,480,960,1920,3840,7680,15360,30720,61440,86400", 12, 0, 86400 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsDelayList) list = parse (cases[i].text);
      g_test_message ("“%s” at %u", cases[i].text, cases[i].index);
      g_assert_cmpuint (rs_delay_list_pick (list, cases[i].index, DRAW (cases[i].per_mille)), ==, cases[i].seconds);
    }
  g_autoptr (RsDelayList) nothing = parse (NULL);
  g_assert_cmpuint (rs_delay_list_pick (nothing, 0, DRAW (0)), ==, 0);
  g_assert_cmpuint (rs_delay_list_pick (NULL, 0, DRAW (0)), ==, 0);
}

/* RULE-11 */
static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    const char *named;
  } cases[] = {
    { ",", "element 1" },
    { "60,", "element 2" },
    { ",60", "element 1" },
    { "60,,120", "element 2" },
    { "60;120", "element 1" },
    { "-1", "element 1" },
    { "+5", "element 1" },
    { "5+", "element 1" },
    { "5+5+5", "element 1" },
    { "5 + 5", "element 1" },
    { "60,5+-1", "element 2" },
    { "60,120s", "element 2" },
    { "60 120", "element 1" },
    { "0x10", "element 1" },
    { "1e3", "element 1" },
    { "1.5", "element 1" },
    { "2147483648", "element 1" },
    { "1,1+2147483648", "element 2" },
    { "18446744073709551617", "element 1" },
    { "never", "element 1" },
    { "６０", "element 1" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsDelayList) list = rs_delay_list_parse (cases[i].text, &error);
      g_test_message ("“%s”", cases[i].text);
      g_assert_null (list);
      g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE);
      g_assert_nonnull (strstr (error->message, cases[i].named));
    }
}

/* RULE-11 */
static void
test_length (void)
{
  g_autoptr (GString) text = g_string_new ("1");
  for (guint i = 2; i <= 64; i++)
    g_string_append_printf (text, ",%u", i);
  g_autoptr (RsDelayList) list = parse (text->str);
  g_assert_cmpuint (rs_delay_list_pick (list, 63, DRAW (0)), ==, 64);

  g_string_append (text, ",65");
  g_autoptr (GError) error = NULL;
  g_assert_null (rs_delay_list_parse (text->str, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE);
}

/* SCHED-4 */
static void
test_raise (void)
{
  static const struct
  {
    const char *text;
    gboolean raised;
    const char *becomes;
  } cases[] = {
    { "1", TRUE, "60" },
    { "59", TRUE, "60" },
    { "60", FALSE, "60" },
    { "61,3600", FALSE, "61,3600" },
    { "0", FALSE, "0" },
    { "", FALSE, "" },
    { "0,59,60,61", TRUE, "0,60,60,61" },
    { "30+100", TRUE, "60+100" },
    { "0+30", TRUE, "60+30" },
    { "60+5,0", FALSE, "60+5,0" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsDelayList) list = parse (cases[i].text);
      g_autoptr (RsDelayList) becomes = parse (cases[i].becomes);
      g_test_message ("“%s”", cases[i].text);
      g_assert_cmpint (rs_delay_list_raise (list), ==, cases[i].raised);
      g_assert_true (rs_delay_list_equal (list, becomes));
      g_assert_false (rs_delay_list_raise (list));
    }
}

/* RULE-11 */
static void
test_compare (void)
{
  static const struct
  {
    const char *one;
    const char *other;
    gboolean equal;
    guint64 longest;
  } cases[] = {
    { "60,120", "60, 120", TRUE, 120 },
    { "60,120", "60", FALSE, 120 },
    { "60", "60+1", FALSE, 60 },
    { "10+50,20", "10+50,20", TRUE, 60 },
    { "", "0", FALSE, 0 },
    { "", NULL, TRUE, 0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsDelayList) one = parse (cases[i].one);
      g_autoptr (RsDelayList) other = cases[i].other != NULL ? parse (cases[i].other) : NULL;
      g_assert_cmpint (rs_delay_list_equal (one, other), ==, cases[i].equal);
      g_assert_cmpint (rs_delay_list_equal (other, one), ==, cases[i].equal);
      g_assert_cmpuint (rs_delay_list_longest (one), ==, cases[i].longest);
    }
  g_assert_cmpuint (rs_delay_list_longest (NULL), ==, 0);
}

/* SCHED-3 */
static void
test_clear (void)
{
  RsScheduleConfig config = { .periodic = parse ("1"), .error_retry = parse ("2"), .at_minute = 3, .enabled = TRUE };
  rs_schedule_config_clear (&config);
  g_assert_null (config.periodic);
  g_assert_null (config.error_retry);
  g_assert_cmpint (config.at_minute, ==, -1);
  g_assert_false (config.enabled);
  rs_schedule_config_clear (&config);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/schedule/pick", test_pick);
  g_test_add_func ("/plan/schedule/refused", test_refused);
  g_test_add_func ("/plan/schedule/length", test_length);
  g_test_add_func ("/plan/schedule/raise", test_raise);
  g_test_add_func ("/plan/schedule/compare", test_compare);
  g_test_add_func ("/plan/schedule/clear", test_clear);
  return g_test_run ();
}
