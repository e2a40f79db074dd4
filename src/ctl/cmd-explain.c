/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* explain: the steps of a rule as the daemon sees them now. */
#include "config.h"

#include "base/names.h"
#include "ctl/bus.h"
#include "ctl/output.h"

#include <glib/gi18n.h>

static void
print_steps (GVariant *steps)
{
  g_autoptr (GVariant) step = NULL;
  GVariantIter iter;

  g_variant_iter_init (&iter, steps);
  while (g_variant_iter_next (&iter, "@a{sv}", &step))
    {
      const char *kind = "", *text = "";
      const char *verdict = "";
      g_autofree char *safe = NULL;
      gboolean holds;

      g_variant_lookup (step, "step", "&s", &kind);
      g_variant_lookup (step, "text", "&s", &text);
      if (g_variant_lookup (step, "true", "b", &holds))
        verdict = holds ? _(": true") : _(": false");
      safe = rs_output_safe (text);
      g_print ("%-10s  %s%s\n", kind, safe, verdict);
      g_clear_pointer (&step, g_variant_unref);
    }
}

RsExit
rs_cmd_explain (RsCtl *ctl)
{
  const char *rule = ctl->n_words > 0 ? ctl->words[0] : "";
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) steps = NULL;

  reply = rs_bus_call (ctl, RS_IFACE_MAIN, "Explain", g_variant_new ("(s)", rule), "(aa{sv})", NULL);
  if (reply == NULL)
    return ctl->exit;
  steps = g_variant_get_child_value (reply, 0);
  if (ctl->json)
    rs_output_json (json_gvariant_serialize (steps), FALSE);
  else
    print_steps (steps);
  return RS_EXIT_DONE;
}
