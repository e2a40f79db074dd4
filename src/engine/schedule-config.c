/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From parameters to what the plan needs to know about time. */
#include "engine/engine-private.h"

static guint32
number (RsSnapshot *snapshot,
        const char *name)
{
  return (guint32)MIN (rs_snapshot_get_uint (snapshot, name), G_MAXUINT32);
}

/* A value that the catalogue let through is a list; the empty list where it is not. */
static RsDelayList *
list (RsSnapshot *snapshot,
      const char *name)
{
  RsDelayList *delays = rs_delay_list_parse (rs_snapshot_get (snapshot, name), NULL);

  if (delays == NULL)
    delays = rs_delay_list_parse ("", NULL);
  return delays;
}

gboolean
rs_schedule_config_read (RsScheduleConfig *config,
                         RsSnapshot       *snapshot)
{
  gboolean raised;

  config->periodic = list (snapshot, "Resync_Periodic");
  config->error_retry = list (snapshot, "Resync_Error_Retry_Delay");
  raised = rs_delay_list_raise (config->error_retry);
  config->at_minute = rs_schedule_parse_at (rs_snapshot_get (snapshot, "Resync_At__HHmm_"));
  config->at_random = MAX (number (snapshot, "Resync_At_Random_Delay"), 600);
  config->random_delay = number (snapshot, "Resync_Random_Delay");
  config->forced_delay = number (snapshot, "Forced_Resync_Delay");
  config->on_reset = rs_snapshot_get_bool (snapshot, "Resync_On_Reset");
  config->enabled = rs_snapshot_get_bool (snapshot, "Provision_Enable");
  return raised;
}
