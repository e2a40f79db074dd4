/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check: what a phone would say of profiles, before it has them. */
#include "config.h"

#include "ctl/offline.h"
#include "ctl/output.h"
#include "ctl/report.h"

#include <glib/gi18n.h>

static void
checked_clear (gpointer data)
{
  RsChecked *checked = data;

  rs_findings_free (checked->findings);
}

/* FALSE: said. */
static gboolean
check_files (RsCtl  *ctl,
             GArray *files)
{
  g_autoptr (RsConfig) config = rs_offline_config (ctl);
  g_autoptr (RsCatalogue) catalogue = rs_offline_catalogue (ctl, FALSE);
  RsProfileOptions options;

  if (catalogue == NULL || !rs_offline_options (ctl, config, &options))
    return FALSE;
  for (guint i = 0; i < ctl->n_words; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = rs_offline_load (ctl->words[i], config->max_profile_bytes, &error);
      RsChecked checked = { ctl->words[i], NULL };

      /* one that cannot be read keeps nobody from hearing of the others */
      checked.findings = bytes != NULL ? rs_findings_of (bytes, &options, catalogue) : rs_findings_of_none (error);
      g_array_append_val (files, checked);
      if (!ctl->json && !ctl->sarif)
        rs_report_print (&g_array_index (files, RsChecked, i));
    }
  if (ctl->json)
    rs_output_json (rs_report_json ((const RsChecked *) (gpointer) files->data, files->len), FALSE);
  if (ctl->sarif)
    rs_output_json (rs_report_sarif ((const RsChecked *) (gpointer) files->data, files->len), FALSE);
  return TRUE;
}

RsExit
rs_cmd_check (RsCtl *ctl)
{
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (RsChecked));

  g_array_set_clear_func (files, checked_clear);
  if (ctl->json && ctl->sarif)
    return rs_fail_usage (ctl, rs_command_find ("check"), _("--json and --sarif exclude each other"));
  if (!check_files (ctl, files))
    return ctl->exit;
  for (guint i = 0; i < files->len; i++)
    {
      if (!g_array_index (files, RsChecked, i).findings->ok)
        return RS_EXIT_FAILED;
    }
  return RS_EXIT_DONE;
}
