/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One instant at most is due; a later cause never puts off an earlier one. */
#include "plan/report.h"

#define SECONDS(n) ((gint64)(n) * G_USEC_PER_SEC)
/* before a report that failed, or that found no room in the queue, is tried again */
#define AGAIN 60
#define SOON 10

RsReportMode
rs_report_mode_from_name (const char *name)
{
  if (g_strcmp0 (name, "On Local Change") == 0)
    return RS_REPORT_ON_CHANGE;
  return g_strcmp0 (name, "Periodically") == 0 ? RS_REPORT_PERIODIC : RS_REPORT_ON_REQUEST;
}

static gint64
next_period (const RsReportPlan *plan,
             gint64              now)
{
  return plan->config.enabled && plan->config.mode == RS_REPORT_PERIODIC ? now + SECONDS (plan->config.period) : 0;
}

void
rs_report_plan_start (RsReportPlan         *plan,
                      const RsReportConfig *config,
                      gboolean              first_of_boot,
                      gint64                now)
{
  *plan = (RsReportPlan){ .config = *config };
  plan->due = config->enabled && config->mode == RS_REPORT_ON_REQUEST && first_of_boot ? now : next_period (plan, now);
}

void
rs_report_plan_config (RsReportPlan         *plan,
                       const RsReportConfig *config,
                       gint64                now)
{
  gboolean same = config->enabled == plan->config.enabled && config->mode == plan->config.mode
                  && (config->mode != RS_REPORT_PERIODIC || config->period == plan->config.period);

  plan->config = *config;
  if (!same)
    plan->due = next_period (plan, now);
}

void
rs_report_plan_changed (RsReportPlan *plan,
                        gint64        now)
{
  if (plan->config.enabled && plan->config.mode == RS_REPORT_ON_CHANGE && plan->due == 0)
    plan->due = now + SECONDS (plan->config.delay);
}

void
rs_report_plan_begun (RsReportPlan *plan)
{
  plan->due = 0;
}

void
rs_report_plan_finished (RsReportPlan *plan,
                         gboolean      arrived,
                         gint64        now)
{
  /* a change that was to be reported still is */
  gboolean owed = !arrived && plan->config.enabled && plan->config.mode == RS_REPORT_ON_CHANGE;

  if (plan->due == 0)
    plan->due = owed ? now + SECONDS (MAX (plan->config.delay, AGAIN)) : next_period (plan, now);
}

void
rs_report_plan_put_off (RsReportPlan *plan,
                        gint64        now)
{
  plan->due = now + SECONDS (SOON);
}
