/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The status page as a dictionary. */
#include "service/status.h"

#include "base/text.h"

static void
add_text (GVariantBuilder *dict,
          const char      *key,
          const char      *text)
{
  if (text != NULL && text[0] != '\0')
    g_variant_builder_add (dict, "{sv}", key, g_variant_new_string (text));
}

static void
add_attempts (GVariantBuilder *dict,
              const char      *prefix,
              const RsAttempt *attempts)
{
  for (guint i = 0; i < RS_HISTORY; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s-%u", prefix, i + 1);

      if (attempts[i].time == 0)
        continue;
      g_variant_builder_add (dict, "{sv}", key,
                             g_variant_new ("(tsss)", (guint64)attempts[i].time, attempts[i].result, attempts[i].url,
                                            attempts[i].message));
    }
}

static void
add_identity (GVariantBuilder  *dict,
              RsEngine         *engine,
              const RsIdentity *identity)
{
  const RsMacros *macros = rs_facts_get_macros (rs_engine_get_facts (engine));

  add_text (dict, "model", identity->model);
  add_text (dict, "serial", identity->serial);
  add_text (dict, "mac", macros->lookup ("MA", macros->data));
  add_text (dict, "software-version", identity->software_version);
  add_text (dict, "hardware-version", identity->hardware_version);
  add_text (dict, "client-certificate", macros->lookup ("CCERT", macros->data));
}

/* The name of the custom CA, and what came of its last load. */
static void
add_custom_ca (GVariantBuilder *dict,
               const RsState   *state)
{
  gboolean have = state->custom_ca[0] != '\0', fault = state->custom_ca_fault[0] != '\0';
  g_autofree char *text = NULL;

  if (have && fault)
    text = g_strdup_printf ("%s: loaded before; then: %s", state->custom_ca_name, state->custom_ca_fault);
  else if (have)
    text = g_strdup_printf ("%s: loaded", state->custom_ca_name);
  else if (fault)
    text = g_strdup_printf ("not loaded: %s", state->custom_ca_fault);
  add_text (dict, "custom-ca", text);
}

static void
add_onboarding (GVariantBuilder *dict,
                GPtrArray       *tries)
{
  if (tries->len > 0)
    g_variant_builder_add (dict, "{sv}", "onboarding", rs_onboarding_tries_to_variant (tries, 0));
}

static void
add_warnings (GVariantBuilder *dict,
              GPtrArray       *warnings)
{
  GVariantBuilder list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("as"));

  if (warnings->len == 0)
    return;
  for (guint i = 0; i < warnings->len; i++)
    {
      g_autofree char *shown = rs_text_escape (g_ptr_array_index (warnings, i), 0);
      g_variant_builder_add (&list, "s", shown);
    }
  g_variant_builder_add (dict, "{sv}", "warnings", g_variant_builder_end (&list));
}

GVariant *
rs_status_new (RsEngine           *engine,
               const RsEngineView *view)
{
  const RsState *state = rs_engine_get_state (engine);
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_text (&dict, "customization-state", state->customization);
  add_attempts (&dict, "provisioning", state->provisioning);
  add_attempts (&dict, "upgrade", state->upgrade);
  add_text (&dict, "failure-reason", state->failure_reason);
  add_text (&dict, "profile-source", state->profile_source);
  if (view->next != 0)
    g_variant_builder_add (&dict, "{sv}", "next-resync", g_variant_new_uint64 ((guint64)view->next));
  add_text (&dict, "next-reason", view->next_reason);
  add_text (&dict, "waiting-for", view->waiting_for);
  add_identity (&dict, engine, rs_engine_get_identity (engine));
  add_custom_ca (&dict, state);
  add_onboarding (&dict, view->onboarding);
  add_warnings (&dict, view->warnings);
  return g_variant_builder_end (&dict);
}
