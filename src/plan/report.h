/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When the phone reports by itself (REPORT-2). Instants are of the boot clock, µs. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RS_REPORT_ON_REQUEST, /* and at start */
  RS_REPORT_ON_CHANGE,
  RS_REPORT_PERIODIC,
} RsReportMode;

/* Report_to_Server, Upload_Delay_On_Local_Change, periodic_upload_to_server. */
typedef struct
{
  gboolean     enabled; /* there is a Report_Rule, and Provision_Enable is Yes */
  RsReportMode mode;
  guint32      delay;  /* seconds */
  guint32      period; /* seconds */
} RsReportConfig;

/* "On Request" for any other text. */
RsReportMode rs_report_mode_from_name (const char *name);

typedef struct
{
  RsReportConfig config;
  gint64         due; /* 0: none */
} RsReportPlan;

/* Each takes an event and decides anew what is due. first_of_boot: as with resyncs, a restarted daemon has reported. */
void rs_report_plan_start (RsReportPlan         *plan,
                           const RsReportConfig *config,
                           gboolean              first_of_boot,
                           gint64                now);
void rs_report_plan_config (RsReportPlan         *plan,
                            const RsReportConfig *config,
                            gint64                now);
/* The user or an admin changed a value: those that follow within the delay are in the same report. */
void rs_report_plan_changed (RsReportPlan *plan,
                             gint64        now);
/* A report begins, whoever asked for it: it has all that was changed before. */
void rs_report_plan_begun (RsReportPlan *plan);
void rs_report_plan_finished (RsReportPlan *plan,
                              gboolean      arrived,
                              gint64        now);
/* What is due cannot begin now: again soon. */
void rs_report_plan_put_off (RsReportPlan *plan,
                             gint64        now);

G_END_DECLS
