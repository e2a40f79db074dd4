/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a phone that looks for its provider has tried: told in Status, and kept with the state, which is written for the attempt anyway. */
#include "engine/engine-private.h"

#include "base/text.h"

#include <string.h>

/* bytes of texts that the flash keeps: the latest tries */
#define KEPT_MAX 8192

GVariant *
rs_onboarding_tries_to_variant (GPtrArray *tries,
                                guint      first)
{
  GVariantBuilder list = G_VARIANT_BUILDER_INIT (RS_ONBOARDING_TYPE);

  for (guint i = first; i < tries->len; i++)
    {
      const RsOnboardingTry *try = g_ptr_array_index (tries, i);

      g_variant_builder_add (&list, "(ssst)", try->source, try->tried, try->outcome, (guint64)try->time);
    }
  return g_variant_builder_end (&list);
}

static guint
first_kept (GPtrArray *tries)
{
  gsize bytes = 0;
  guint first = tries->len;

  for (; first > 0; first--)
    {
      const RsOnboardingTry *try = g_ptr_array_index (tries, first - 1);

      bytes += strlen (try->source) + strlen (try->tried) + strlen (try->outcome);
      if (bytes > KEPT_MAX)
        break;
    }
  return first;
}

void
rs_engine_tell_story (RsEngine        *engine,
                      RsAttemptResult *result,
                      RsState         *state)
{
  g_autoptr (GVariant) kept = NULL;
  g_autofree char *text = NULL;

  if (result->onboarding->len == 0)
    return;
  if (result->has_code)
    {
      g_ptr_array_extend_and_steal (engine->onboarding, g_ptr_array_ref (result->onboarding));
      if (engine->onboarding->len > RS_ONBOARDING_TRIES_MAX)
        g_ptr_array_remove_range (engine->onboarding, 0, engine->onboarding->len - RS_ONBOARDING_TRIES_MAX);
    }
  else
    {
      g_ptr_array_unref (engine->onboarding);
      engine->onboarding = g_ptr_array_ref (result->onboarding);
    }
  kept = g_variant_ref_sink (rs_onboarding_tries_to_variant (engine->onboarding, first_kept (engine->onboarding)));
  text = g_variant_print (kept, FALSE);
  rs_text_set (&state->story, text);
}

void
rs_engine_recall_story (RsEngine *engine)
{
  const char *text = rs_state_store_get (engine->parts.state)->story;
  g_autoptr (GVariant) kept = g_variant_parse (RS_ONBOARDING_TYPE, text, NULL, NULL, NULL);
  gsize n = kept != NULL ? g_variant_n_children (kept) : 0;

  for (gsize i = 0; i < n; i++)
    {
      RsOnboardingTry *try = g_new0 (RsOnboardingTry, 1);
      guint64 time;

      g_variant_get_child (kept, i, "(ssst)", &try->source, &try->tried, &try->outcome, &time);
      try->time = (gint64)time;
      g_ptr_array_add (engine->onboarding, try);
    }
}
