/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The activation screen: whether a code is wanted, what came of the last one, and when the next one is taken. (DISC-11, STATE-5) */
#include "engine/engine-private.h"

#include "base/names.h"
#include "base/secret.h"
#include "base/text.h"
#include "engine/redirect.h"
#include "rule/rule.h"
#include "system/journal.h"

#include <string.h>

gboolean
rs_attempt_may_activate (const RsParts *parts)
{
  RsSnapshot *snapshot = rs_param_store_get_snapshot (parts->params);
  RsValue value = { 0 };

  if (parts->config->activation_url[0] == '\0')
    return FALSE;
  /* a catalogue without the parameter says nothing against it */
  return !rs_snapshot_lookup (snapshot, "Webex_Onboard_Enable", &value) || rs_snapshot_get_bool (snapshot, "Webex_Onboard_Enable");
}

static void
on_step_saved (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (GError) error = NULL;

  /* it stays in memory, and is written with what comes next */
  if (!rs_state_store_save_finish (RS_STATE_STORE (source), result, &error))
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_STORE_FAILED, "the state could not be written: %s", error->message);
}

/* A phone that loses its power between the profile and the state is told by "Custom-Pending" who provisioned it. */
static void
step (RsStateStore    *store,
      RsOnboardingStep step)
{
  const RsState *old = rs_state_store_get (store);
  g_autoptr (RsState) state = rs_state_copy (old);
  RsCustomization before = RS_CUSTOM_OPEN, after;

  if (!rs_customization_from_name (old->customization, &before))
    before = RS_CUSTOM_ABORTED;
  /* what a lost state is taken for has ended nothing (STATE-4) */
  if (!old->provisioned && before == RS_CUSTOM_ABORTED)
    before = RS_CUSTOM_OPEN;
  after = rs_onboarding_step (before, step);
  if (after == before)
    return;
  rs_text_set (&state->customization, rs_customization_name (after));
  if (after == RS_CUSTOM_CUSTOM_PENDING)
    rs_state_store_save_async (store, state, on_step_saved, NULL);
  else
    rs_state_store_set_volatile (store, state);
}

void
rs_attempt_code_named (Attempt *attempt)
{
  g_autoptr (RsState) state = rs_state_copy (rs_state_store_get (attempt->parts->state));

  state->code_named = TRUE;
  rs_state_store_save_async (attempt->parts->state, state, on_step_saved, NULL);
}

void
rs_attempt_step (Attempt         *attempt,
                 RsOnboardingStep next)
{
  step (attempt->parts->state, next);
  attempt->progress ("discovering", "", 0, 0, attempt->progress_data);
}

static gboolean
rule_is_gds (RsEngine *engine)
{
  const char *text = rs_snapshot_get (rs_param_store_get_snapshot (engine->parts.params), rs_rule_names[0]);
  g_autoptr (RsRule) rule = text != NULL && strstr (text, "://") != NULL ? rs_rule_parse (text, RS_RULE_PROFILE, NULL) : NULL;
  RsRuleOutline outline;

  return rule != NULL && rs_rule_outline (rule, 1, &outline) && !outline.conditional && outline.url != NULL && outline.scheme_known
         && outline.scheme == RS_SCHEME_GDS;
}

static gboolean
is_pending (const RsState *state)
{
  RsCustomization customization = RS_CUSTOM_OPEN;

  return rs_customization_from_name (state->customization, &customization) && customization == RS_CUSTOM_GDS_PENDING;
}

gboolean
rs_engine_wants_code (RsEngine *engine)
{
  return engine->screen && !engine->resetting && rs_attempt_may_activate (&engine->parts);
}

gboolean
rs_engine_code_was_applied (RsEngine *engine)
{
  RsValue value = { 0 };

  return rs_state_store_get (engine->parts.state)->code_named
         && rs_snapshot_lookup (rs_param_store_get_snapshot (engine->parts.params), rs_rule_names[0], &value)
         && value.origin == RS_ORIGIN_PROFILE && !rule_is_gds (engine);
}

void
rs_engine_activation_look (RsEngine *engine)
{
  const RsState *state = rs_state_store_get (engine->parts.state);
  gboolean gds = !engine->resetting && rs_attempt_may_activate (&engine->parts) && rule_is_gds (engine);

  if (gds)
    step (engine->parts.state, RS_STEP_SCREEN);
  else if (state->provisioned)
    engine->screen = FALSE;
  /* once it is up it stays while the other ways are tried again (DISC-12) */
  if (gds || (is_pending (state) && !state->provisioned))
    engine->screen = TRUE;
}

/* Public texts change by themselves when the wait is over. */
static void
on_wait_over (gpointer data)
{
  RS_ENGINE (data)->code_after = 0;
  rs_engine_status_changed (data);
}

static void
wait_for (RsEngine *engine,
          gint64    microseconds)
{
  engine->code_after = microseconds > 0 ? rs_clock_boot (engine->parts.clock) + microseconds : 0;
  if (engine->code_timer == NULL)
    engine->code_timer = rs_timer_new (engine->parts.clock, on_wait_over, engine);
  if (engine->code_after != 0)
    rs_timer_arm (engine->code_timer, engine->code_after);
  else
    rs_timer_disarm (engine->code_timer);
}

void
rs_engine_activation_start (RsEngine *engine)
{
  const RsState *state = rs_state_store_get (engine->parts.state);

  engine->screen = FALSE;
  engine->code_pending = FALSE;
  rs_text_set (&engine->code_error, "");
  wait_for (engine, rs_code_wait_left (state->code_wait, state->code_after, rs_clock_wall (engine->parts.clock)));
  rs_engine_activation_look (engine);
}

void
rs_engine_activation_finished (RsEngine              *engine,
                               const RsAttemptResult *result,
                               RsState               *state)
{
  gint64 wait = 0;

  if (!result->has_code)
    return;
  engine->code_pending = FALSE;
  state->code_named = FALSE;
  if (result->class == RS_CLASS_A)
    {
      state->wrong_codes = 0;
      rs_text_set (&engine->code_error, "");
    }
  else
    {
      rs_text_set (&engine->code_error, result->message);
      state->wrong_codes += result->code_wrong && state->wrong_codes < G_MAXUINT;
      /* HTTP-7; who is sent away has said nothing of the code */
      wait = result->code_wrong ? rs_code_wait (state->wrong_codes) : result->retry_after * (gint64)G_USEC_PER_SEC;
    }
  state->code_wait = wait;
  state->code_after = wait > 0 ? rs_clock_wall (engine->parts.clock) + wait : 0;
  wait_for (engine, wait);
}

gint64
rs_engine_code_after (RsEngine *engine)
{
  gint64 left = engine->code_after - rs_clock_boot (engine->parts.clock);

  return engine->code_after != 0 && left > 0 ? rs_clock_wall (engine->parts.clock) + left : 0;
}

static gboolean
check_code (RsEngine  *engine,
            RsCodeKind kind,
            GError   **error)
{
  gint64 left = engine->code_after - rs_clock_boot (engine->parts.clock);

  if (!rs_engine_wants_code (engine))
    g_set_error_literal (error, RS_ERROR, RS_ERROR_DISABLED, "no activation code is asked for now");
  else if (kind == RS_CODE_PROFILE && engine->config->redirect_url[0] == '\0')
    g_set_error_literal (error, RS_ERROR, RS_ERROR_DISABLED, "there is no redirect service that could know the name of a profile");
  else if (engine->code_pending)
    g_set_error_literal (error, RS_ERROR, RS_ERROR_BUSY, "another code is being tried");
  else if (engine->code_after != 0 && left > 0)
    g_set_error (error, RS_ERROR, RS_ERROR_BUSY, "the next code is taken in %u s",
                 (guint)((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC));
  else
    return TRUE;
  return FALSE;
}

gboolean
rs_engine_submit_code (RsEngine   *engine,
                       const char *code,
                       guint64    *attempt,
                       GError    **error)
{
  g_auto (RsSecretString) digits = NULL;
  RsCodeKind kind;

  if (!rs_code_read (code, &kind, &digits, error))
    {
      rs_text_set (&engine->code_error, RS_INVALID_CODE);
      rs_engine_status_changed (engine);
      return FALSE;
    }
  if (!check_code (engine, kind, error)
      || !rs_engine_resync (engine, rs_attempt_request_new_code (kind, digits), RS_REASON_USER, FALSE, attempt, error))
    return FALSE;
  engine->code_pending = TRUE;
  return TRUE;
}

void
rs_engine_code_dropped (RsEngine *engine)
{
  engine->code_pending = FALSE;
}
