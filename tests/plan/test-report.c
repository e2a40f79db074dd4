/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a phone reports by itself. (REPORT-2) */
#include "plan/report.h"

#define S(n) ((gint64)(n) * G_USEC_PER_SEC)
#define CONFIG(mode) { TRUE, mode, 60, 3600 }

/* REPORT-2: at the first start of a boot, then on request only */
static void
test_on_request (void)
{
  static const RsReportConfig config = CONFIG (RS_REPORT_ON_REQUEST), none = { FALSE, RS_REPORT_ON_REQUEST, 60, 3600 };
  RsReportPlan plan;

  rs_report_plan_start (&plan, &config, TRUE, S (5));
  g_assert_cmpint (plan.due, ==, S (5));
  rs_report_plan_begun (&plan);
  rs_report_plan_finished (&plan, TRUE, S (6));
  g_assert_cmpint (plan.due, ==, 0);
  rs_report_plan_changed (&plan, S (7));
  g_assert_cmpint (plan.due, ==, 0);
  rs_report_plan_begun (&plan);
  rs_report_plan_finished (&plan, FALSE, S (8));
  g_assert_cmpint (plan.due, ==, 0);
  rs_report_plan_start (&plan, &config, FALSE, S (5));
  g_assert_cmpint (plan.due, ==, 0);
  rs_report_plan_start (&plan, &none, TRUE, S (5));
  g_assert_cmpint (plan.due, ==, 0);
}

/* REPORT-2: some time after the first of several changes; a report that fails is owed, one that was asked for pays */
static void
test_on_change (void)
{
  static const RsReportConfig config = CONFIG (RS_REPORT_ON_CHANGE);
  RsReportPlan plan;

  rs_report_plan_start (&plan, &config, TRUE, S (5));
  g_assert_cmpint (plan.due, ==, 0);
  rs_report_plan_changed (&plan, S (10));
  rs_report_plan_changed (&plan, S (40));
  g_assert_cmpint (plan.due, ==, S (70));
  rs_report_plan_begun (&plan);
  /* while it is on its way */
  rs_report_plan_changed (&plan, S (71));
  rs_report_plan_finished (&plan, TRUE, S (72));
  g_assert_cmpint (plan.due, ==, S (131));
  rs_report_plan_begun (&plan);
  rs_report_plan_finished (&plan, FALSE, S (140));
  g_assert_cmpint (plan.due, ==, S (200));
  rs_report_plan_begun (&plan);
  rs_report_plan_finished (&plan, TRUE, S (150));
  g_assert_cmpint (plan.due, ==, 0);
}

/* REPORT-2: from the start, and from each report, whether it arrived or not */
static void
test_periodic (void)
{
  static const RsReportConfig config = CONFIG (RS_REPORT_PERIODIC);
  RsReportPlan plan;

  rs_report_plan_start (&plan, &config, TRUE, S (5));
  g_assert_cmpint (plan.due, ==, S (3605));
  rs_report_plan_changed (&plan, S (10));
  g_assert_cmpint (plan.due, ==, S (3605));
  for (guint arrived = 0; arrived < 2; arrived++)
    {
      rs_report_plan_begun (&plan);
      rs_report_plan_finished (&plan, arrived, S (3610));
      g_assert_cmpint (plan.due, ==, S (7210));
    }
  rs_report_plan_put_off (&plan, S (7210));
  g_assert_cmpint (plan.due, ==, S (7220));
}

/* REPORT-2: another configuration counts from now; the same one moves nothing */
static void
test_config (void)
{
  static const RsReportConfig change = CONFIG (RS_REPORT_ON_CHANGE), none = { FALSE, RS_REPORT_PERIODIC, 60, 3600 };
  RsReportConfig periodic = CONFIG (RS_REPORT_PERIODIC);
  RsReportPlan plan;

  rs_report_plan_start (&plan, &change, TRUE, S (5));
  rs_report_plan_changed (&plan, S (10));
  rs_report_plan_config (&plan, &change, S (20));
  g_assert_cmpint (plan.due, ==, S (70));
  rs_report_plan_config (&plan, &periodic, S (30));
  g_assert_cmpint (plan.due, ==, S (3630));
  periodic.period = 600;
  rs_report_plan_config (&plan, &periodic, S (40));
  g_assert_cmpint (plan.due, ==, S (640));
  periodic.delay = 900;
  rs_report_plan_config (&plan, &periodic, S (50));
  g_assert_cmpint (plan.due, ==, S (640));
  rs_report_plan_config (&plan, &none, S (60));
  g_assert_cmpint (plan.due, ==, 0);
}

/* REPORT-2 */
static void
test_modes (void)
{
  g_assert_cmpint (rs_report_mode_from_name ("On Request"), ==, RS_REPORT_ON_REQUEST);
  g_assert_cmpint (rs_report_mode_from_name ("On Local Change"), ==, RS_REPORT_ON_CHANGE);
  g_assert_cmpint (rs_report_mode_from_name ("Periodically"), ==, RS_REPORT_PERIODIC);
  g_assert_cmpint (rs_report_mode_from_name (NULL), ==, RS_REPORT_ON_REQUEST);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/report/on-request", test_on_request);
  g_test_add_func ("/plan/report/on-change", test_on_change);
  g_test_add_func ("/plan/report/periodic", test_periodic);
  g_test_add_func ("/plan/report/config", test_config);
  g_test_add_func ("/plan/report/modes", test_modes);
  return g_test_run ();
}
