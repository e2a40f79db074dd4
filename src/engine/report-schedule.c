/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports that nobody asks for: plan/report.h says when, and a request with the reason of reports goes the way of all requests. */
#include "engine/engine-private.h"

#include "engine/attempt-private.h"

static gint64
now (RsEngine *engine)
{
  return rs_clock_boot (engine->parts.clock);
}

static RsReportConfig
read_config (RsEngine *engine)
{
  RsSnapshot *snapshot = rs_param_store_get_snapshot (engine->parts.params);
  const char *rule = rs_snapshot_get (snapshot, RS_REPORT_RULE);

  return (RsReportConfig){
    .enabled = rule != NULL && rule[0] != '\0' && rs_snapshot_get_bool (snapshot, "Provision_Enable"),
    .mode = rs_report_mode_from_name (rs_snapshot_get (snapshot, "Report_to_Server")),
    .delay = (guint32)rs_snapshot_get_uint (snapshot, "Upload_Delay_On_Local_Change"),
    .period = (guint32)rs_snapshot_get_uint (snapshot, "periodic_upload_to_server"),
  };
}

static void
arm (RsEngine *engine)
{
  if (engine->reports.due != 0)
    rs_timer_arm (engine->report_timer, engine->reports.due);
  else
    rs_timer_disarm (engine->report_timer);
}

static void
on_due (gpointer data)
{
  RsEngine *engine = data;
  RsEvent event = { .kind = RS_EVENT_REQUEST };

  event.request.reason = RS_REASON_REPORT;
  rs_report_plan_begun (&engine->reports);
  if (!rs_engine_feed (engine, &event, NULL, NULL))
    rs_report_plan_put_off (&engine->reports, now (engine));
  arm (engine);
}

void
rs_engine_reports_start (RsEngine *engine,
                         gboolean  first_of_boot)
{
  RsReportConfig config = read_config (engine);

  if (engine->report_timer == NULL)
    engine->report_timer = rs_timer_new (engine->parts.clock, on_due, engine);
  rs_report_plan_start (&engine->reports, &config, first_of_boot, now (engine));
  arm (engine);
}

void
rs_engine_reports_config (RsEngine *engine)
{
  RsReportConfig config = read_config (engine);

  rs_report_plan_config (&engine->reports, &config, now (engine));
  arm (engine);
}

void
rs_engine_reports_changed (RsEngine *engine)
{
  rs_report_plan_changed (&engine->reports, now (engine));
  arm (engine);
}

void
rs_engine_reports_begun (RsEngine *engine)
{
  rs_report_plan_begun (&engine->reports);
  arm (engine);
}

void
rs_engine_reports_finished (RsEngine *engine,
                            gboolean  arrived)
{
  rs_report_plan_finished (&engine->reports, arrived, now (engine));
  arm (engine);
}
