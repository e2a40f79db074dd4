/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The course of an attempt: slot after slot, rule after rule, until the first failure. */
#include "engine/attempt-private.h"

#include "base/mask.h"
#include "base/names.h"
#include "base/secret.h"
#include "base/text.h"
#include "engine/proxy.h"
#include "system/journal.h"
#include "system/reclaim.h"

#include <string.h>

const char *const rs_rule_names[RS_N_RULES]
    = { "Profile_Rule", "Profile_Rule_B", "Profile_Rule_C", "Profile_Rule_D" };

RsAttemptRequest *
rs_attempt_request_new (const char *rule,
                        const char *requester,
                        gboolean    private_macros)
{
  RsAttemptRequest *request = g_new0 (RsAttemptRequest, 1);

  request->rule = g_strdup (rule != NULL ? rule : "");
  request->requester = g_strdup (requester != NULL ? requester : "");
  request->private_macros = private_macros;
  return request;
}

RsAttemptRequest *
rs_attempt_request_new_code (RsCodeKind  kind,
                             const char *digits)
{
  RsAttemptRequest *request = rs_attempt_request_new ("", "", FALSE);

  request->code = g_strdup (digits);
  request->code_kind = kind;
  return request;
}

RsAttemptRequest *
rs_attempt_request_copy (const RsAttemptRequest *request)
{
  RsAttemptRequest *copy = rs_attempt_request_new (request->rule, request->requester, request->private_macros);

  copy->code = g_strdup (request->code);
  copy->code_kind = request->code_kind;
  return copy;
}

void
rs_attempt_request_free (RsAttemptRequest *request)
{
  if (request == NULL)
    return;
  rs_secret_free (request->rule);
  rs_secret_free (request->code);
  g_free (request->requester);
  g_free (request);
}

gboolean
rs_attempt_request_is_by_hand (const RsAttemptRequest *request)
{
  return request != NULL && (request->rule[0] != '\0' || request->code != NULL);
}

static void
onboarding_try_free (gpointer data)
{
  RsOnboardingTry *try = data;

  g_free (try->source);
  g_free (try->tried);
  g_free (try->outcome);
  g_free (try);
}

GPtrArray *
rs_onboarding_tries_new (void)
{
  return g_ptr_array_new_with_free_func (onboarding_try_free);
}

void
rs_onboarding_tries_add (GPtrArray       *tries,
                         RsOnboardingTry *one)
{
  const RsOnboardingTry *const *all = (const RsOnboardingTry *const *)tries->pdata;
  guint oldest = 0;

  if (tries->len >= RS_ONBOARDING_TRIES_MAX)
    {
      while (oldest + 1 < tries->len && strcmp (all[oldest]->source, all[oldest + 1]->source) != 0)
        oldest++;
      g_ptr_array_remove_index (tries, oldest + 1 < tries->len ? oldest : 0);
    }
  g_ptr_array_add (tries, one);
}

RsAttemptResult *
rs_attempt_result_new (void)
{
  RsAttemptResult *result = g_new0 (RsAttemptResult, 1);

  result->result = "skipped";
  result->url = g_strdup ("");
  result->message = g_strdup ("");
  result->source = g_strdup ("");
  result->rule = g_strdup ("");
  result->lease_servers = g_strdup ("");
  result->onboarding = rs_onboarding_tries_new ();
  return result;
}

void
rs_attempt_result_free (RsAttemptResult *result)
{
  if (result == NULL)
    return;
  g_free (result->url);
  g_free (result->message);
  g_free (result->source);
  g_free (result->rule);
  g_free (result->lease_servers);
  g_clear_pointer (&result->candidate, rs_candidate_free);
  g_ptr_array_unref (result->onboarding);
  g_free (result);
}

void
rs_attempt_free (gpointer data)
{
  Attempt *attempt = data;

  for (guint i = 0; i < RS_N_RULES; i++)
    {
      rs_secret_free (attempt->rules_before[i]);
      rs_reclaim (attempt->carried[i], (GDestroyNotify)g_ptr_array_unref);
    }
  rs_attempt_request_free (attempt->request);
  rs_attempt_result_free (attempt->result);
  g_free (attempt->error_message);
  g_free (attempt->error_url);
  g_clear_pointer (&attempt->url, rs_url_free);
  g_clear_pointer (&attempt->action, rs_rule_action_free);
  g_clear_pointer (&attempt->server, rs_candidate_free);
  g_free (attempt->shown);
  g_free (attempt->context);
  rs_reclaim (attempt->outcome, (GDestroyNotify)rs_outcome_free);
  g_clear_pointer (&attempt->sources, g_ptr_array_unref);
  g_clear_pointer (&attempt->passed_over, g_ptr_array_unref);
  g_clear_pointer (&attempt->candidates, rs_candidates_free);
  g_clear_pointer (&attempt->candidate, rs_candidate_free);
  rs_secret_free (attempt->ca_rule);
  g_free (attempt->ca_context);
  g_free (attempt->own_path);
  g_free (attempt->floor_scheme);
  rs_secret_free (attempt->hint);
  g_clear_pointer (&attempt->report, rs_rule_free);
  g_clear_pointer (&attempt->status, g_variant_unref);
  g_clear_pointer (&attempt->marks, g_hash_table_unref);
  g_free (attempt);
}

Attempt *
rs_attempt_new (const RsParts *parts)
{
  Attempt *attempt = g_new0 (Attempt, 1);

  attempt->parts = parts;
  attempt->result = rs_attempt_result_new ();
  return attempt;
}

static const char *
value_of (Attempt    *attempt,
          const char *name)
{
  const char *value = rs_snapshot_get (rs_param_store_get_snapshot (attempt->parts->params), name);

  return value != NULL ? value : "";
}

void
rs_attempt_begin (Attempt *attempt)
{
  attempt->passed_over = g_ptr_array_new_with_free_func (g_free);
  attempt->sources = rs_servers_from_lease (attempt->parts, attempt->passed_over);
  g_free (attempt->result->lease_servers);
  attempt->result->lease_servers = rs_servers_identity (attempt->sources);
  for (guint i = 0; i < RS_N_RULES; i++)
    attempt->rules_before[i] = g_strdup (value_of (attempt, rs_rule_names[i]));
}

static gboolean
rules_changed (Attempt *attempt)
{
  for (guint i = 0; i < RS_N_RULES; i++)
    {
      if (strcmp (attempt->rules_before[i], value_of (attempt, rs_rule_names[i])) != 0)
        return TRUE;
    }
  return FALSE;
}

static const char *
result_name (Attempt      *attempt,
             const GError *error)
{
  if (error == NULL)
    return attempt->n_fetched == 0                       ? "skipped"
           : attempt->n_unchanged == attempt->n_fetched ? "unchanged"
                                                         : "success";
  switch (rs_error_code (error))
    {
    case RS_ERROR_CANCELLED:
      return "cancelled";
    case RS_ERROR_NOT_FOUND:
      return "file-not-found";
    case RS_ERROR_CORRUPT:
      return "corrupt-profile";
    default:
      return "failed";
    }
}

static char *
success_message (Attempt *attempt)
{
  if (attempt->report != NULL)
    return g_strdup (attempt->n_fetched == 0 ? "no rule asked for a report" : "the server has the report");
  if (attempt->n_fetched == 0)
    return g_strdup ("no rule asked for a profile");
  if (attempt->n_fetched == attempt->n_unchanged)
    return g_strdup ("the profile has not changed");
  return g_strdup_printf (attempt->result->changed == 1 ? "%u parameter changed" : "%u parameters changed",
                          attempt->result->changed);
}

void
rs_attempt_finish (GTask        *task,
                   const GError *error)
{
  Attempt *attempt = g_task_get_task_data (task);
  RsAttemptResult *result = attempt->result;

  result->result = result_name (attempt, error);
  result->rules_changed = rules_changed (attempt);
  g_free (result->message);
  if (error == NULL)
    {
      result->class = RS_CLASS_A;
      result->retry_after = 0;
      result->overload = FALSE;
      result->message = success_message (attempt);
    }
  else
    {
      result->code = rs_error_code (error);
      result->class = rs_error_class (result->code);
      result->message = rs_text_escape (error->message, 0);
    }
  rs_facts_set_error (attempt->parts->facts, error != NULL && !result->wait_for_clock ? result->message : "");
  g_task_return_pointer (task, g_steal_pointer (&attempt->result), (GDestroyNotify)rs_attempt_result_free);
  g_object_unref (task);
}

void
rs_attempt_set_url (Attempt     *attempt,
                    const RsUrl *url)
{
  g_autofree char *text = rs_url_to_string (url);

  if (attempt->url != url)
    {
      g_clear_pointer (&attempt->url, rs_url_free);
      attempt->url = rs_url_copy (url);
    }
  g_free (attempt->shown);
  attempt->shown = rs_mask_url (text);
  rs_text_set (&attempt->result->url, attempt->shown);
  rs_facts_set_url (attempt->parts->facts, url);
}

gboolean
rs_attempt_has_own_rule (const Attempt *attempt)
{
  return attempt->request != NULL && attempt->request->rule[0] != '\0';
}

gboolean
rs_attempt_has_code (const Attempt *attempt)
{
  return attempt->request != NULL && attempt->request->code != NULL;
}

gboolean
rs_attempt_is_onboarding (const Attempt *attempt)
{
  return attempt->candidate != NULL || attempt->hint != NULL || (attempt->slot == 0 && attempt->mode == RS_MODE_REMEMBERED);
}

static guint
weight (RsError code)
{
  return code == RS_ERROR_UNREACHABLE ? 0 : code == RS_ERROR_NOT_FOUND ? 1 : 2;
}

void
rs_attempt_set_failure (Attempt    *attempt,
                        RsError     code,
                        const char *message)
{
  if (attempt->error_message != NULL && weight (code) < weight (attempt->error_code))
    return;
  attempt->error_code = code;
  attempt->error_status = attempt->result->http_status;
  rs_text_set (&attempt->error_message, message);
  rs_text_set (&attempt->error_url, attempt->result->url);
}

void
rs_attempt_log_warnings (GPtrArray *warnings)
{
  for (guint i = 0; i < warnings->len; i++)
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_OPTION_IGNORED, "%s", (char *)g_ptr_array_index (warnings, i));
}

gboolean
rs_attempt_check_cancelled (GTask *task)
{
  g_autoptr (GError) error = NULL;

  if (!g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    return FALSE;
  g_set_error_literal (&error, RS_ERROR, RS_ERROR_CANCELLED, "cancelled");
  rs_attempt_finish (task, error);
  return TRUE;
}

static void
on_progress (const RsProgress *progress,
             gpointer          data)
{
  Attempt *attempt = g_task_get_task_data (data);

  attempt->progress (rs_stage_name (progress->stage), attempt->shown, progress->bytes, progress->total,
                     attempt->progress_data);
}

static void
on_fetched (GObject      *source,
            GAsyncResult *async_result,
            gpointer      data)
{
  GTask *task = data;
  Attempt *attempt = g_task_get_task_data (task);

  rs_reclaim (attempt->outcome, (GDestroyNotify)rs_outcome_free);
  attempt->outcome = rs_proxies_run_finish (async_result);
  attempt->result->http_status = attempt->outcome->http_status;
  /* whatever another server says: who comes again at once comes with its whole site (HTTP-5) */
  attempt->result->overload |= attempt->outcome->overload;
  /* every server that wants to be left alone is: the longest time counts (HTTP-7) */
  attempt->result->retry_after = MAX (attempt->result->retry_after, attempt->outcome->retry_after);
  /* a redirect to https is only the word of a worker that listened to a server whom nobody had verified */
  attempt->result->clock_borne_out |= attempt->secure && attempt->outcome->ok;
  rs_facts_set_server_address (attempt->parts->facts, attempt->outcome->server_address);
  if (attempt->outcome->url[0] != '\0')
    {
      g_free (attempt->result->url);
      attempt->result->url = rs_mask_url (attempt->outcome->url);
    }
  if (!rs_attempt_check_cancelled (task))
    attempt->next (task);
}

void
rs_attempt_fetch (GTask        *task,
                  const RsJob  *job,
                  RsAttemptNext done)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRequest) request = rs_job_request (attempt->parts, job, &error);

  attempt->next = done;
  if (request == NULL)
    {
      rs_reclaim (attempt->outcome, (GDestroyNotify)rs_outcome_free);
      attempt->outcome = rs_outcome_new_error (rs_error_code (error), error->message);
      attempt->result->http_status = 0;
      done (task);
      return;
    }
  attempt->progress ("connecting", attempt->shown, 0, 0, attempt->progress_data);
  attempt->secure = strcmp (request->scheme, "https") == 0;
  rs_proxies_run_async (attempt->parts, g_steal_pointer (&request), on_progress, task, g_task_get_cancellable (task),
                        on_fetched, task);
}
