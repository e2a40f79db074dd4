/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The services that know where a phone belongs: asked by a worker of their own, over HTTPS only. What they answer is a hint: a
 * rule that is tried at once, and stored only with the profile that it leads to. (DISC-10, DISC-11, DISC-13) */
#include "engine/redirect.h"

#include "base/mask.h"
#include "base/secret.h"
#include "base/text.h"

#include <string.h>

#define MAX_REPLY_SECONDS 60

static void ask_next (GTask *task);

/* The URLs that are asked, in order; NULL: no more. */
static const char *
service_url (const Attempt *attempt)
{
  const RsConfig *config = attempt->parts->config;
  const char *const redirect[] = { config->redirect_url, config->redirect_fallback_url };
  const char *url = NULL;

  if (rs_attempt_has_code (attempt) && attempt->request->code_kind == RS_CODE_ACTIVATION)
    return attempt->service == 0 ? config->activation_url : NULL;
  if (attempt->service < G_N_ELEMENTS (redirect))
    url = redirect[attempt->service];
  return url;
}

static const char *
service_source (const Attempt *attempt)
{
  return rs_attempt_has_code (attempt) ? RS_CODE_SOURCE : "redirect";
}

/* Says what became of one service, or of the server that it named. */
static void
note (Attempt    *attempt,
      RsError     code,
      const char *message)
{
  rs_attempt_note_try (attempt, service_source (attempt), attempt->shown, message);
  rs_attempt_set_failure (attempt, code, message);
}

/* What is left to say where no service led to a profile. */
static void
give_up (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!rs_attempt_has_code (attempt))
    {
      RsAttemptNext failed = attempt->services_failed;

      if (attempt->unknown)
        rs_attempt_step (attempt, RS_STEP_UNKNOWN);
      failed (task);
      return;
    }
  /* a service that did not answer has not said that the code is wrong */
  if (attempt->unknown && attempt->error_message == NULL)
    {
      attempt->result->code_wrong = TRUE;
      error = g_error_new_literal (RS_ERROR, RS_ERROR_INVALID_CODE, RS_INVALID_CODE);
    }
  else
    error = g_error_new_literal (RS_ERROR, attempt->error_code, attempt->error_message);
  rs_attempt_finish (task, error);
}

void
rs_attempt_hint_failed (GTask        *task,
                        const GError *error)
{
  Attempt *attempt = g_task_get_task_data (task);
  RsError code = rs_error_code (error);

  g_clear_pointer (&attempt->hint, rs_secret_free);
  if (code == RS_ERROR_STORAGE || code == RS_ERROR_CANCELLED)
    {
      rs_attempt_finish (task, error);
      return;
    }
  note (attempt, code, rs_attempt_without_url (attempt, error->message));
  /* a code has led somewhere: it goes to nobody else */
  if (rs_attempt_has_code (attempt))
    {
      give_up (task);
      return;
    }
  attempt->service++;
  ask_next (task);
}

/* The last one counts. (transfer none), NULL: there is none. */
static const char *
find_rule (const RsOutcome *outcome)
{
  const char *rule = NULL;

  for (guint i = 0; i < outcome->assignments->len; i++)
    {
      const RsAssignment *one = g_ptr_array_index (outcome->assignments, i);

      if (one->kind == RS_ASSIGN_VALUE && strcmp (one->name, rs_rule_names[0]) == 0)
        rule = one->value;
    }
  return rule != NULL && rule[0] != '\0' ? rule : NULL;
}

static gboolean
check_rule (const char *text,
            GError    **error)
{
  g_autoptr (RsRule) rule = rs_rule_parse (text, RS_RULE_PROFILE, error);

  return rule != NULL && rs_rule_check_hint (rule, error);
}

static void
try_hint (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRule) rule = rs_rule_parse (attempt->hint, RS_RULE_PROFILE, &error);

  g_free (attempt->result->rule);
  attempt->result->rule = rs_mask_rule (attempt->hint);
  g_clear_pointer (&attempt->action, rs_rule_action_free);
  /* PHONE-3: a rule that is not stored yet knows nothing of SA … SD */
  if (rule != NULL)
    attempt->action = rs_rule_evaluate (rule, rs_facts_get_macros (attempt->parts->facts), FALSE, &error);
  if (attempt->action != NULL && (attempt->action->skip || attempt->action->url->host == NULL))
    error = g_error_new_literal (RS_ERROR, RS_ERROR_CORRUPT, "the rule that the service gives names no server for this phone");
  if (error != NULL)
    rs_attempt_hint_failed (task, error);
  else
    rs_attempt_fetch_rule (task);
}

static void
on_known (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  const char *rule = find_rule (attempt->outcome);
  g_autoptr (GError) error = NULL;

  if (!check_rule (rule, &error))
    {
      g_autofree char *message = g_strdup_printf ("the rule that it gives is none for this phone: %s", error->message);

      note (attempt, RS_ERROR_CORRUPT, message);
      attempt->service++;
      ask_next (task);
      return;
    }
  rs_attempt_note_try (attempt, service_source (attempt), attempt->shown, "it says where this phone belongs");
  attempt->hint = g_strdup (rule);
  attempt->known = TRUE;
  attempt->unknown = FALSE;
  if (rs_attempt_has_code (attempt))
    {
      /* what another service said of it does not count any more */
      g_clear_pointer (&attempt->error_message, g_free);
      rs_attempt_code_named (attempt);
    }
  else
    rs_attempt_step (attempt, RS_STEP_NAMED);
  try_hint (task);
}

/* Where another service knew the phone, what became of that says more; and of a code it is a verdict only where nobody failed. */
static void
note_unknown (Attempt *attempt)
{
  /* the number is what a person at the phone reads to the provider */
  g_autofree char *message = rs_attempt_has_code (attempt)
                                 ? g_strdup (RS_INVALID_CODE)
                                 : g_strdup_printf ("it does not know this phone (%s)", attempt->parts->identity->mac);

  attempt->unknown |= !attempt->known;
  if (attempt->known || rs_attempt_has_code (attempt))
    rs_attempt_note_try (attempt, service_source (attempt), attempt->shown, message);
  else
    note (attempt, RS_ERROR_NOT_FOUND, message);
}

static void
on_answered (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  const RsOutcome *outcome = attempt->outcome;

  if (outcome->ok && find_rule (outcome) != NULL)
    {
      on_known (task);
      return;
    }
  rs_attempt_note_dates (attempt);
  if (outcome->ok || (rs_attempt_has_code (attempt) && outcome->code == RS_ERROR_NOT_FOUND))
    note_unknown (attempt);
  else
    note (attempt, outcome->code, rs_attempt_without_url (attempt, outcome->message));
  attempt->service++;
  ask_next (task);
}

static RsUrl *
read_url (Attempt    *attempt,
          const char *text,
          GError    **error)
{
  g_autoptr (RsUrl) url = rs_url_expand_escaped (text, rs_facts_get_macros (attempt->parts->facts), error);

  if (url == NULL)
    return NULL;
  if (url->scheme == RS_SCHEME_HTTPS && url->host != NULL)
    return g_steal_pointer (&url);
  g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_VALUE, "such a service is asked by https only");
  return NULL;
}

static void
ask (GTask       *task,
     const RsUrl *url)
{
  Attempt *attempt = g_task_get_task_data (task);
  const RsIdentity *identity = attempt->parts->identity;
  g_autofree char *mac = g_ascii_strup (identity->mac, -1);
  g_auto (RsSecretString) form = NULL;
  RsJob job = { .kind = RS_JOB_REDIRECT, .named_literally = TRUE, .max_seconds = MAX_REPLY_SECONDS };

  rs_attempt_set_url (attempt, url);
  if (rs_attempt_has_code (attempt))
    form = rs_code_form (attempt->request->code_kind, attempt->request->code, mac, identity->serial, identity->model);
  job.url = attempt->url;
  job.form = form;
  rs_attempt_fetch (task, &job, on_answered);
}

static void
ask_next (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  const char *text = service_url (attempt);
  g_autoptr (RsUrl) url = NULL;
  g_autoptr (GError) error = NULL;

  if (rs_attempt_check_cancelled (task))
    return;
  if (text == NULL || text[0] == '\0')
    {
      give_up (task);
      return;
    }
  url = read_url (attempt, text, &error);
  if (url != NULL)
    {
      ask (task, url);
      return;
    }
  g_free (attempt->shown);
  attempt->shown = rs_mask_url (text);
  note (attempt, RS_ERROR_FAILED, error->message);
  attempt->service++;
  ask_next (task);
}

void
rs_attempt_ask_redirect (GTask        *task,
                         RsAttemptNext failed)
{
  Attempt *attempt = g_task_get_task_data (task);

  g_clear_pointer (&attempt->candidate, rs_candidate_free);
  attempt->services_failed = failed;
  rs_text_set (&attempt->result->source, service_source (attempt));
  rs_attempt_step (attempt, RS_STEP_ASK);
  ask_next (task);
}

void
rs_attempt_ask_code (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  rs_text_set (&attempt->result->source, service_source (attempt));
  ask_next (task);
}

void
rs_attempt_keep_hint (Attempt *attempt)
{
  RsCandidate *candidate = g_new0 (RsCandidate, 1);
  const char *server = strstr (attempt->action->url_text, "://");
  const char *path = server != NULL ? strchr (server + strlen ("://"), '/') : NULL;

  rs_attempt_note_try (attempt, attempt->result->source, attempt->shown, "the profile was applied");
  candidate->source = g_strdup (attempt->result->source);
  candidate->url = rs_url_copy (attempt->action->url);
  candidate->path_text = g_strdup (path != NULL ? path : "/");
  g_clear_pointer (&attempt->result->candidate, rs_candidate_free);
  attempt->result->candidate = candidate;
  rs_secret_free (attempt->rules_before[0]);
  attempt->rules_before[0] = g_steal_pointer (&attempt->hint);
}

void
rs_attempt_open_screen (GTask        *task,
                        RsAttemptNext done,
                        void        (*refused) (GTask        *task,
                                         const GError *error))
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (rs_attempt_may_activate (attempt->parts))
    {
      rs_attempt_step (attempt, RS_STEP_SCREEN);
      done (task);
      return;
    }
  g_set_error_literal (&error, RS_ERROR, RS_ERROR_DISABLED,
                       "gds:// needs an activation service: ActivationUrl in resyncd.conf, and Webex_Onboard_Enable Yes");
  refused (task, error);
}
