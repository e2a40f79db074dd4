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

/* The text of the first step that makes a rule fail; NULL: none does. (transfer full) */
static char *
find_fault (GVariant *steps)
{
  for (gsize i = 0; i < g_variant_n_children (steps); i++)
    {
      g_autoptr (GVariant) step = g_variant_get_child_value (steps, i);
      const char *kind = "", *text = "";

      g_variant_lookup (step, "step", "&s", &kind);
      g_variant_lookup (step, "text", "&s", &text);
      if (g_str_equal (kind, "fault"))
        return g_strdup (text);
    }
  return NULL;
}

/* The document of a failure, with the steps up to it. */
static JsonNode *
failure_of (GVariant   *steps,
            const char *fault)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  rs_json_add_text (builder, "error", rs_error_name (RS_ERROR_INVALID_RULE));
  rs_json_add_text (builder, "message", fault);
  json_builder_set_member_name (builder, "steps");
  json_builder_add_value (builder, json_gvariant_serialize (steps));
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

RsExit
rs_cmd_explain (RsCtl *ctl)
{
  const char *rule = ctl->n_words > 0 ? ctl->words[0] : "";
  g_autoptr (GVariant) steps = ctl->offline ? rs_desk_explain (ctl, rule) : ask (ctl, rule);

  g_autofree char *fault = NULL;

  if (steps == NULL)
    return ctl->exit;
  fault = find_fault (steps);
  if (ctl->json)
    rs_output_json (fault != NULL ? failure_of (steps, fault) : json_gvariant_serialize (steps), FALSE);
  else
    print_steps (steps);
  return fault != NULL ? RS_EXIT_FAILED : RS_EXIT_DONE;
}
