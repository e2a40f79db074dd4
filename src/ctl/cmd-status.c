/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* status, and the waiting for what runs. */
#include "config.h"

#include "base/names.h"
#include "ctl/bus.h"
#include "ctl/output.h"
#include "ctl/progress.h"
#include "ctl/status-page.h"

#include <glib/gi18n.h>

static gboolean
is_idle (GVariant *properties)
{
  const char *state = "";

  return g_variant_lookup (properties, "State", "&s", &state) && g_str_equal (state, "idle");
}

static gboolean
on_event (const char *interface,
          const char *member,
          GVariant   *arguments,
          gpointer    data)
{
  g_autoptr (GVariant) properties = NULL;
  const char *of;

  if (!g_str_equal (member, "PropertiesChanged") || !g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(sa{sv}as)")))
    return FALSE;
  g_variant_get (arguments, "(&s@a{sv}as)", &of, &properties, NULL);
  if (!g_str_equal (of, RS_IFACE_MAIN))
    return FALSE;
  rs_progress_update (data, arguments);
  return is_idle (properties);
}

/* The properties once nothing runs any more; NULL: said. */
static GVariant *
wait_for_idle (RsCtl *ctl)
{
  g_autoptr (RsProgress) progress = rs_progress_new (ctl);
  g_autoptr (RsWatch) watch = rs_watch_new (ctl, on_event, progress);
  g_autoptr (GVariant) properties = NULL;

  if (watch == NULL)
    return NULL;
  properties = rs_bus_get_all (ctl, RS_IFACE_MAIN);
  if (properties == NULL || is_idle (properties))
    return g_steal_pointer (&properties);
  if (rs_watch_run (watch, FALSE, ctl->wait_seconds) != RS_EXIT_DONE)
    return NULL;
  return rs_bus_get_all (ctl, RS_IFACE_MAIN);
}

RsExit
rs_cmd_status (RsCtl *ctl)
{
  g_autoptr (GVariant) properties = ctl->wait ? wait_for_idle (ctl) : rs_bus_get_all (ctl, RS_IFACE_MAIN);

  if (properties == NULL)
    return ctl->exit;
  if (ctl->json)
    rs_output_json (rs_status_json (properties), FALSE);
  else
    rs_status_print (properties, (guint64) g_get_real_time ());
  return RS_EXIT_DONE;
}
