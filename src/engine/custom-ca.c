/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Custom_CA_Rule (HTTP-9): the one root of trust that a provider can bring along. It is loaded before the rules of a resync, which may need it, and
 * looked at once more after them. It is kept in the state, which a factory reset empties. */
#include "engine/attempt-private.h"

#include "base/mask.h"
#include "base/names.h"
#include "base/secret.h"
#include "base/text.h"
#include "engine/proxy.h"
#include "system/journal.h"

#include <string.h>

#define RULE "Custom_CA_Rule"

static const char *
rule_text (const Attempt *attempt)
{
  const char *rule = rs_snapshot_get (rs_param_store_get_snapshot (attempt->parts->params), RULE);

  return rule != NULL ? rule : "";
}

static void
go_on (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  if (!rs_attempt_check_cancelled (task))
    attempt->ca_done (task);
}

static void
on_saved (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Attempt *attempt = g_task_get_task_data (data);
  g_autoptr (GError) error = NULL;

  /* it stays in memory, and is written with what comes next */
  if (!rs_state_store_save_finish (attempt->parts->state, result, &error))
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_STORE_FAILED, "the custom CA could not be written: %s", error->message);
  go_on (data);
}

static void
save (GTask         *task,
      const RsState *state)
{
  Attempt *attempt = g_task_get_task_data (task);

  rs_state_store_save_async (attempt->parts->state, state, on_saved, task);
}

static void
set_ca (RsState         *state,
        const RsOutcome *outcome,
        const char      *context)
{
  rs_text_set (&state->custom_ca, outcome != NULL ? outcome->certificate : "");
  rs_text_set (&state->custom_ca_name, outcome != NULL ? outcome->subject : "");
  rs_text_set (&state->custom_ca_etag, outcome != NULL ? outcome->etag : "");
  rs_text_set (&state->custom_ca_modified, outcome != NULL ? outcome->last_modified : "");
  rs_text_set (&state->custom_ca_context, context);
  rs_text_set (&state->custom_ca_fault, "");
}

static void
remove_ca (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (RsState) state = rs_state_copy (rs_state_store_get (attempt->parts->state));

  if (state->custom_ca[0] == '\0' && state->custom_ca_fault[0] == '\0')
    {
      go_on (task);
      return;
    }
  if (state->custom_ca[0] != '\0')
    rs_journal_print (G_LOG_LEVEL_MESSAGE, RS_MESSAGE_CUSTOM_CA, "the custom CA %s was removed, for " RULE " is empty",
                      state->custom_ca_name);
  set_ca (state, NULL, "");
  save (task, state);
}

static void
fail (GTask      *task,
      const char *message)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (RsState) state = rs_state_copy (rs_state_store_get (attempt->parts->state));
  g_autofree char *shown = rs_text_escape (message, 400);

  rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_CUSTOM_CA, RULE ": %s; %s", shown,
                    state->custom_ca[0] != '\0' ? "the CA that was loaded before stays" : "there is no custom CA");
  if (strcmp (state->custom_ca_fault, shown) == 0)
    {
      go_on (task);
      return;
    }
  rs_text_set (&state->custom_ca_fault, shown);
  save (task, state);
}

static void
on_loaded (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  GTask *task = data;
  Attempt *attempt = g_task_get_task_data (task);
  const RsState *old = rs_state_store_get (attempt->parts->state);
  g_autoptr (RsOutcome) outcome = rs_proxies_run_finish (result);
  g_autoptr (RsState) state = rs_state_copy (old);

  if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    {
      go_on (task);
      return;
    }
  if (!outcome->ok)
    {
      fail (task, outcome->message);
      return;
    }
  if (outcome->not_modified)
    rs_text_set (&state->custom_ca_fault, "");
  else
    set_ca (state, outcome, attempt->ca_context);
  if (!outcome->not_modified && strcmp (state->custom_ca, old->custom_ca) != 0)
    rs_journal_print (G_LOG_LEVEL_MESSAGE, RS_MESSAGE_CUSTOM_CA, "the custom CA %s was loaded", state->custom_ca_name);
  save (task, state);
}

/* The server for a rule that names none is the one that provisioned the phone. */
static gboolean
put_in_server (const Attempt *attempt,
               RsRuleAction  *action,
               GError       **error)
{
  if (action->url->host != NULL || rs_servers_put_in_remembered (attempt->parts, action))
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_UNREACHABLE,
                       "the rule names no server, and no server that was found has provisioned this phone yet");
  return FALSE;
}

static gboolean
user_wrote (const Attempt *attempt)
{
  return rs_snapshot_is_of_user (rs_param_store_get_snapshot (attempt->parts->params), RULE);
}

/* What the rule says to fetch; NULL without an error: nothing. */
static RsRuleAction *
evaluate (const Attempt *attempt,
          const RsRule  *rule,
          GError       **error)
{
  gboolean user = user_wrote (attempt);
  g_autoptr (RsRuleAction) action = NULL;

  if (user && rs_facts_shows_private (attempt->parts->facts, rule_text (attempt)))
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, "it uses a parameter that the user class may not read");
      return NULL;
    }
  action = rs_rule_evaluate (rule, rs_facts_get_macros (attempt->parts->facts), !user, error);
  return action != NULL && !action->skip ? g_steal_pointer (&action) : NULL;
}

static RsRequest *
new_request (const Attempt      *attempt,
             const RsRuleAction *action,
             gboolean            named,
             GError            **error)
{
  const RsState *state = rs_state_store_get (attempt->parts->state);
  RsValidator validator = { .etag = state->custom_ca_etag, .last_modified = state->custom_ca_modified };
  gboolean same = strcmp (state->custom_ca_context, attempt->ca_context) == 0;
  RsJob job = { .kind = RS_JOB_AUTHORITY, .url = action->url, .action = action, .use_account = TRUE };

  job.of_user_class = user_wrote (attempt);
  job.validator = same ? &validator : NULL;
  job.named_literally = named || attempt->parts->config->manager_none;
  return rs_job_request (attempt->parts, &job, error);
}

/* No alternative is taken: what was loaded stays, and what went wrong before is over. */
static void
ask_nobody (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (RsState) state = rs_state_copy (rs_state_store_get (attempt->parts->state));

  if (state->custom_ca_fault[0] == '\0')
    {
      go_on (task);
      return;
    }
  rs_text_set (&state->custom_ca_fault, "");
  save (task, state);
}

static void
load (GTask        *task,
      const RsRule *rule,
      gboolean      again)
{
  Attempt *attempt = g_task_get_task_data (task);
  const RsState *state = rs_state_store_get (attempt->parts->state);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRuleAction) action = evaluate (attempt, rule, &error);
  g_autoptr (RsRequest) request = NULL;
  gboolean named;

  if (action == NULL && error == NULL)
    {
      ask_nobody (task);
      return;
    }
  named = action != NULL && action->url->host != NULL;
  if (action != NULL && put_in_server (attempt, action, &error))
    {
      g_free (attempt->ca_context);
      attempt->ca_context = rs_job_context (attempt->parts, attempt->ca_rule, action->url, action);
      if (!again && strcmp (state->custom_ca_context, attempt->ca_context) == 0)
        {
          go_on (task);
          return;
        }
      request = new_request (attempt, action, named, &error);
    }
  attempt->ca_asked = TRUE;
  if (request == NULL)
    fail (task, error->message);
  else
    rs_proxies_run_async (attempt->parts, g_steal_pointer (&request), NULL, NULL, g_task_get_cancellable (task), on_loaded, task);
}

void
rs_attempt_load_ca (GTask        *task,
                    gboolean      again,
                    RsAttemptNext done)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRule) rule = rs_rule_parse (rule_text (attempt), RS_RULE_CUSTOM_CA, &error);

  attempt->ca_done = done;
  if (attempt->ca_asked && strcmp (attempt->ca_rule, rule_text (attempt)) == 0)
    {
      go_on (task);
      return;
    }
  rs_secret_free (attempt->ca_rule);
  attempt->ca_rule = g_strdup (rule_text (attempt));
  if (rule == NULL)
    fail (task, error->message);
  else if (rs_rule_is_empty (rule))
    remove_ca (task);
  else
    load (task, rule, again);
}
