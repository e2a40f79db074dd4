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

  g_clear_pointer (&engine->telling, g_ptr_array_unref);
  if (result->onboarding->len == 0)
    return;
  if (!result->has_code)
    g_ptr_array_set_size (engine->onboarding, 0);
  while (result->onboarding->len > 0)
    rs_onboarding_tries_add (engine->onboarding, g_ptr_array_steal_index (result->onboarding, 0));
  kept = g_variant_ref_sink (rs_onboarding_tries_to_variant (engine->onboarding, first_kept (engine->onboarding)));
  text = g_variant_print (kept, FALSE);
  rs_text_set (&state->story, text);
}

GPtrArray *
rs_engine_get_story (RsEngine *engine)
{
  GPtrArray *shown = engine->shown_story;

  g_ptr_array_set_size (shown, 0);
  if (engine->telling == NULL || engine->telling->len == 0 || engine->code_runs)
    g_ptr_array_extend (shown, engine->onboarding, NULL, NULL);
  if (engine->telling != NULL)
    g_ptr_array_extend (shown, engine->telling, NULL, NULL);
  return shown;
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
