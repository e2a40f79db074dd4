/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* explain: the steps of a rule as the daemon sees them now, or as they would be on a phone that is only supposed. */
#include "config.h"

#include "base/names.h"
#include "base/secret.h"
#include "ctl/bus.h"
#include "ctl/desk.h"
#include "ctl/output.h"

#include <glib/gi18n.h>

static void
print_steps (GVariant *steps)
{
  g_autoptr (GVariant) step = NULL;
  GVariantIter iter;
  gboolean first = TRUE;

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
      /* what follows the name of a rule belongs to it */
      g_print ("%s%-11s %s%s\n", first || !g_str_equal (kind, "rule") ? "" : "\n", kind, safe, verdict);
      first = FALSE;
      g_clear_pointer (&step, g_variant_unref);
    }
}

/* The values of --set for the daemon; NULL: said. */
static GVariant *
supposed_of (RsCtl *ctl)
{
  GVariantBuilder values;

  g_variant_builder_init (&values, G_VARIANT_TYPE ("a{ss}"));
  for (guint i = 0; ctl->set[i] != NULL; i++)
    {
      g_autofree char *name = NULL;
      g_auto (RsSecretString) value = NULL;

      if (!rs_desk_split (ctl, ctl->set[i], &name, &value))
        {
          g_variant_builder_clear (&values);
          return NULL;
        }
      g_variant_builder_add (&values, "{ss}", name, value);
    }
  return g_variant_builder_end (&values);
}

/* What the daemon says of the phone as it is, or as it would be; NULL: said. */
static GVariant *
ask (RsCtl      *ctl,
     const char *rule)
{
  g_autoptr (GVariant) reply = NULL;
  GVariant *supposed;

  if (ctl->set == NULL)
    reply = rs_bus_call (ctl, RS_IFACE_MAIN, "Explain", g_variant_new ("(s)", rule), "(aa{sv})", NULL);
  else
    {
      supposed = supposed_of (ctl);
      if (supposed == NULL)
        return NULL;
      reply = rs_bus_call (ctl, RS_IFACE_MAIN, "ExplainWith", g_variant_new ("(s@a{ss})", rule, supposed), "(aa{sv})", NULL);
    }
  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

RsExit
rs_cmd_explain (RsCtl *ctl)
{
  const char *rule = ctl->n_words > 0 ? ctl->words[0] : "";
  g_autoptr (GVariant) steps = ctl->offline ? rs_desk_explain (ctl, rule) : ask (ctl, rule);

  if (steps == NULL)
    return ctl->exit;
  if (ctl->json)
    rs_output_json (json_gvariant_serialize (steps), FALSE);
  else
    print_steps (steps);
  return RS_EXIT_DONE;
}
