/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The slots of an attempt: evaluates each rule, puts in the server it does not name, fetches and applies. */
#include "engine/rules.h"

#include "base/mask.h"
#include "base/text.h"
#include "engine/redirect.h"

#include <string.h>

static void next_slot (GTask *task);

/* The parameter that the rule is the value of. */
static const char *
parameter_name (const Attempt *attempt)
{
  return attempt->report != NULL ? RS_REPORT_RULE : rs_rule_names[attempt->slot];
}

static const char *
slot_name (const Attempt *attempt)
{
  return rs_attempt_has_own_rule (attempt) ? "rule" : parameter_name (attempt);
}

static const char *
slot_rule (const Attempt *attempt)
{
  if (rs_attempt_has_own_rule (attempt))
    return attempt->request->rule;
  if (attempt->hint != NULL)
    return attempt->hint;
  return rs_snapshot_get (rs_param_store_get_snapshot (attempt->parts->params), parameter_name (attempt));
}

static void
slot_done (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  attempt->slot++;
  next_slot (task);
}

/* A stored validator that still speaks of this rule at this URL, while no value has changed since (HTTP-8). */
static const RsValidator *
valid_validator (const Attempt *attempt)
{
  const RsValidator *validator;

  if (rs_attempt_has_own_rule (attempt) || attempt->hint != NULL)
    return NULL;
  validator = rs_param_store_get_validator (attempt->parts->params, rs_rule_names[attempt->slot]);
  if (validator == NULL || strcmp (validator->context, attempt->context) != 0
      || validator->generation != rs_param_store_get_generation (attempt->parts->params))
    return NULL;
  return validator;
}

static GError *
outcome_error (const Attempt *attempt)
{
  return g_error_new (RS_ERROR, attempt->outcome->code, "%s", attempt->outcome->message);
}

/* On a phone that was never provisioned the rules are no more than the first place to look at (DISC-2, STATE-3). */
static gboolean
is_first_look (const Attempt *attempt)
{
  return attempt->mode == RS_MODE_RULE_FIRST && !attempt->provisioned && !attempt->result->applied && attempt->candidates == NULL;
}

/* Whether another server may be looked for (DISC-14). A rule that somebody set on a provisioned phone is not given up for a server that answers: its
 * profile is that path's and no default one (RULE-2, HTTP-6). */
static gboolean
may_look_elsewhere (const Attempt *attempt,
                    RsError        code)
{
  if (code == RS_ERROR_STORAGE || code == RS_ERROR_CANCELLED)
    return FALSE;
  if (is_first_look (attempt))
    return TRUE;
  if (attempt->slot > 0 || attempt->outcome == NULL)
    return FALSE;
  if (attempt->mode == RS_MODE_REMEMBERED)
    return TRUE;
  return attempt->mode == RS_MODE_RULE_FIRST && attempt->own_path != NULL && code == RS_ERROR_UNREACHABLE
         && attempt->outcome->http_status == 0;
}

/* Whether somebody set Profile_Rule since the attempt began: then the search is over before it began (DISC-1). */
static gboolean
rule_was_set (const Attempt *attempt)
{
  const char *rule = rs_snapshot_get (rs_param_store_get_snapshot (attempt->parts->params), rs_rule_names[0]);

  return g_strcmp0 (attempt->rules_before[0], rule != NULL ? rule : "") != 0;
}

/* A rule led to no profile, for whatever reason; where another server may have one (DISC-2, DISC-14), look for it. */
static void
look_elsewhere (GTask        *task,
                const GError *error)
{
  Attempt *attempt = g_task_get_task_data (task);
  RsError code = rs_error_code (error);

  if (attempt->hint != NULL)
    {
      rs_attempt_hint_failed (task, error);
      return;
    }
  if (!may_look_elsewhere (attempt, code) || rule_was_set (attempt))
    {
      rs_attempt_finish (task, error);
      return;
    }
  /* where there is nobody else to ask, this is what went wrong */
  rs_attempt_set_failure (attempt, code, error->message);
  if (!attempt->provisioned)
    rs_attempt_note_try (attempt, RS_CONFIGURED, attempt->shown, rs_attempt_without_url (attempt, error->message));
  g_clear_pointer (&attempt->server, rs_candidate_free);
  attempt->slot = 0;
  rs_attempt_discover (task, slot_done);
}

static void
on_rule_applied (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  if (attempt->hint != NULL)
    rs_attempt_keep_hint (attempt);
  /* a path that DHCP's server served: that server is remembered (DISC-14) */
  if (attempt->server != NULL && attempt->result->applied)
    {
      g_clear_pointer (&attempt->result->candidate, rs_candidate_free);
      attempt->result->candidate = g_steal_pointer (&attempt->server);
    }
  slot_done (task);
}

static gboolean
missing_file_is_fine (const Attempt *attempt)
{
  RsSnapshot *snapshot = rs_param_store_get_snapshot (attempt->parts->params);

  return attempt->outcome->code == RS_ERROR_NOT_FOUND && !rs_snapshot_get_bool (snapshot, "Resync_Fails_On_FNF");
}

static void
on_rule_fetched (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  const RsOutcome *outcome = attempt->outcome;
  const RsValidator *validator = valid_validator (attempt);
  g_autoptr (GError) error = NULL;

  if (outcome->ok && outcome->not_modified && validator == NULL)
    {
      /* a value was changed while the server looked: ask for the whole profile */
      attempt->again (task);
      return;
    }
  if (outcome->ok
      && (outcome->not_modified || (validator != NULL && strcmp (validator->digest, outcome->digest) == 0)))
    {
      attempt->n_fetched++;
      attempt->n_unchanged++;
      attempt->result->applied = TRUE;
      if (!outcome->not_modified && !rs_attempt_has_own_rule (attempt))
        rs_attempt_note_carried (attempt);
      slot_done (task);
      return;
    }
  if (outcome->ok)
    {
      attempt->n_fetched++;
      rs_attempt_apply (task, on_rule_applied, look_elsewhere);
      return;
    }
  if (attempt->hint == NULL && missing_file_is_fine (attempt))
    {
      rs_attempt_set_failure (attempt, outcome->code, outcome->message);
      attempt->n_fetched++;
      attempt->n_unchanged++;
      slot_done (task);
      return;
    }
  error = outcome_error (attempt);
  /* the first look and a hint are parts of a search, which asks the other servers first (HTTP-11) */
  if (attempt->hint != NULL || is_first_look (attempt))
    rs_attempt_note_dates (attempt);
  else if (outcome->dates_only && !rs_clock_is_set (attempt->parts->clock))
    {
      attempt->result->wait_for_clock = TRUE;
      rs_attempt_finish (task, error);
      return;
    }
  look_elsewhere (task, error);
}

gboolean
rs_attempt_put_in_server (Attempt *attempt,
                          GError **error)
{
  RsUrl *url = attempt->action->url;
  RsCandidate *first;
  g_autoptr (RsCandidates) candidates = NULL;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  if (url->host != NULL)
    return TRUE;
  if (attempt->request != NULL && attempt->request->requester[0] != '\0')
    {
      url->host = g_strdup (attempt->request->requester);
      return TRUE;
    }
  if (rs_servers_put_in_remembered (attempt->parts, attempt->action))
    return TRUE;
  candidates = rs_servers_candidates (attempt->parts, attempt->sources, NULL, FALSE, warnings);
  rs_attempt_log_warnings (warnings);
  first = rs_candidates_next (candidates, rs_clock_boot (attempt->parts->clock));
  if (first == NULL)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_UNREACHABLE,
                   "%s names no server, no server has provisioned this phone yet and DHCP names none", slot_name (attempt));
      return FALSE;
    }
  url->host = g_strdup (first->url->host);
  if (!url->scheme_given)
    {
      url->scheme = first->url->scheme;
      url->port = first->url->port;
    }
  if (!rs_attempt_has_own_rule (attempt) && attempt->slot == 0 && attempt->report == NULL)
    {
      g_clear_pointer (&first->url, rs_url_free);
      first->url = rs_url_copy (url);
      rs_text_set (&first->path_text, attempt->action->url_text);
      attempt->server = first;
    }
  else
    rs_candidate_free (first);
  return TRUE;
}

/* How the profile is found, told by the first slot that brings one. */
static void
set_source (Attempt        *attempt,
            const char     *source,
            RsProvisionedBy by)
{
  if (attempt->result->applied)
    return;
  rs_text_set (&attempt->result->source, source);
  attempt->result->by = by;
}

/* Whether the rule is a stored one that the user class wrote. */
static gboolean
user_wrote_rule (const Attempt *attempt)
{
  return !rs_attempt_has_own_rule (attempt) && attempt->hint == NULL
         && rs_snapshot_is_of_user (rs_param_store_get_snapshot (attempt->parts->params), parameter_name (attempt));
}

/* Whether the user class gave the rule, stored or for this attempt. */
static gboolean
user_gave_rule (const Attempt *attempt)
{
  return rs_attempt_has_own_rule (attempt) ? !attempt->request->private_macros : user_wrote_rule (attempt);
}

static void fetch_url (GTask *task);

void
rs_attempt_fetch_rule (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  gboolean named = attempt->action->url->host != NULL;
  g_autoptr (GError) error = NULL;

  if (attempt->action->url->scheme == RS_SCHEME_GDS)
    {
      rs_attempt_open_screen (task, slot_done, look_elsewhere);
      return;
    }
  if (!rs_attempt_put_in_server (attempt, &error))
    {
      look_elsewhere (task, error);
      return;
    }
  rs_attempt_set_url (attempt, attempt->action->url);
  g_free (attempt->context);
  attempt->context = rs_job_context (attempt->parts, slot_rule (attempt), attempt->url, attempt->action);
  if (attempt->hint != NULL)
    set_source (attempt, attempt->result->source,
                rs_attempt_has_code (attempt) ? RS_PROVISIONED_BY_CODE : RS_PROVISIONED_BY_REDIRECT);
  else if (attempt->server != NULL)
    set_source (attempt, attempt->server->source, RS_PROVISIONED_BY_DHCP);
  else
    set_source (attempt, rs_attempt_has_own_rule (attempt) ? "manual" : RS_CONFIGURED, RS_PROVISIONED_BY_HAND);
  attempt->named = named;
  fetch_url (task);
}

/* The rule's URL, as it stands now; conditional where nothing has changed since. */
static void
fetch_url (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  RsJob job = { 0 };

  attempt->again = fetch_url;
  job.url = attempt->url;
  job.action = attempt->action;
  job.validator = valid_validator (attempt);
  job.named_literally = attempt->named || attempt->parts->config->manager_none;
  /* a server that an unprivileged caller put in is not shown what was meant for another */
  job.use_account = attempt->named || attempt->request == NULL || attempt->request->requester[0] == '\0';
  job.of_user_class = user_gave_rule (attempt);
  job.no_credentials = !job.use_account && !attempt->request->private_macros;
  rs_attempt_fetch (task, &job, on_rule_fetched);
}

/* The candidate that provisioned the phone, once more (DISC-14): with the factory's rule its own path, else the rule's. */
static void
fetch_remembered (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  const RsState *state = rs_state_store_get (attempt->parts->state);
  const RsMacros *macros = rs_facts_get_macros (attempt->parts->facts);
  g_autofree char *path = rs_macro_expand (state->candidate_path, macros, FALSE, NULL);
  g_autofree char *text = NULL;
  g_autoptr (RsUrl) url = NULL;
  gboolean v6 = strchr (state->candidate_host, ':') != NULL;
  RsJob job = { 0 };

  text = g_strdup_printf (v6 ? "%s://[%s]:%u%s" : "%s://%s:%u%s", state->candidate_scheme, state->candidate_host,
                          state->candidate_port, path != NULL ? path : "");
  url = rs_url_parse (text, NULL);
  if (url == NULL)
    {
      rs_attempt_discover (task, slot_done);
      return;
    }
  rs_attempt_set_url (attempt, url);
  attempt->again = fetch_remembered;
  g_free (attempt->context);
  attempt->context = rs_job_context (attempt->parts, slot_rule (attempt), attempt->url, NULL);
  set_source (attempt, state->profile_source, RS_PROVISIONED_BY_DHCP);
  job.url = attempt->url;
  job.srv = state->candidate_srv;
  job.validator = valid_validator (attempt);
  job.named_literally = attempt->parts->config->manager_none;
  job.use_account = TRUE;
  rs_attempt_fetch (task, &job, on_rule_fetched);
}

static void run_rule (GTask *task);

/* The servers that DHCP names now are of no use: the one that provisioned the phone may still be. The next resync asks the new ones again. */
static void
fall_back (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  rs_text_set (&attempt->result->lease_servers, rs_state_store_get (attempt->parts->state)->lease_servers);
  if (!attempt->own_rule)
    {
      fetch_remembered (task);
      return;
    }
  attempt->mode = RS_MODE_RULE;
  run_rule (task);
}

static gboolean
is_of_user_class (const Attempt *attempt)
{
  if (attempt->request != NULL && attempt->request->requester[0] != '\0' && !attempt->request->private_macros)
    return TRUE;
  return user_wrote_rule (attempt);
}

gboolean
rs_attempt_evaluate (Attempt      *attempt,
                     const RsRule *rule,
                     GError      **error)
{
  g_clear_pointer (&attempt->action, rs_rule_action_free);
  if (is_of_user_class (attempt) && rs_facts_shows_private (attempt->parts->facts, slot_rule (attempt)))
    g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, "it uses a parameter that the user class may not read");
  else /* PHONE-3: SA … SD are for rules that root, an admin or a profile wrote */
    attempt->action = rs_rule_evaluate (rule, rs_facts_get_macros (attempt->parts->facts), !user_gave_rule (attempt), error);
  if (attempt->action == NULL)
    g_prefix_error (error, "%s: ", slot_name (attempt));
  return attempt->action != NULL;
}

static RsRule *
parse_rule (const Attempt *attempt,
            GError       **error)
{
  RsRule *rule = rs_rule_parse (slot_rule (attempt), RS_RULE_PROFILE, error);

  if (rule == NULL)
    g_prefix_error (error, "%s: ", slot_name (attempt));
  return rule;
}

static void
run_rule (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRule) rule = parse_rule (attempt, &error);

  if (rule == NULL || !rs_attempt_evaluate (attempt, rule, &error))
    {
      look_elsewhere (task, error);
      return;
    }
  if (attempt->action->assignments->len > 0)
    rs_attempt_assign (task, attempt->action->skip ? slot_done : rs_attempt_fetch_rule);
  else if (attempt->action->skip)
    slot_done (task);
  else
    rs_attempt_fetch_rule (task);
}

static void
first_slot (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  if (rs_attempt_has_code (attempt))
    {
      rs_attempt_ask_code (task);
      return;
    }
  switch (attempt->mode)
    {
    case RS_MODE_RULE:
    case RS_MODE_RULE_FIRST:
      run_rule (task);
      break;
    case RS_MODE_REMEMBERED:
      fetch_remembered (task);
      break;
    case RS_MODE_DISCOVER:
      rs_attempt_discover (task, slot_done);
      break;
    }
}

/* The slot's, which stands for its URL until that is known. */
static void
show_rule (Attempt *attempt)
{
  g_free (attempt->result->rule);
  attempt->result->rule = rs_mask_rule (slot_rule (attempt));
  rs_text_set (&attempt->shown, attempt->result->rule);
}

/* No rule failed, and none brought a profile: they are for other phones, or their files are missing and may be. */
static void
look_beyond_rules (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  gboolean missing = attempt->error_message != NULL;
  g_autoptr (GError) error = g_error_new_literal (RS_ERROR, missing ? attempt->error_code : RS_ERROR_UNREACHABLE,
                                                  missing ? attempt->error_message : "no rule asked for a profile");

  attempt->slot = 0;
  show_rule (attempt);
  look_elsewhere (task, error);
}

static void
next_slot (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  if (rs_attempt_check_cancelled (task))
    return;
  /* a rule that was changed meanwhile, by itself as well, has its turn first */
  if (attempt->slot >= attempt->n_slots && is_first_look (attempt) && !rule_was_set (attempt))
    {
      look_beyond_rules (task);
      return;
    }
  if (attempt->slot >= attempt->n_slots && attempt->ca_checked)
    {
      rs_attempt_finish (task, NULL);
      return;
    }
  if (attempt->slot >= attempt->n_slots)
    {
      /* the rule that names it may have come just now, or the certificate may be another one today */
      attempt->ca_checked = TRUE;
      rs_attempt_load_ca (task, TRUE, next_slot);
      return;
    }
  show_rule (attempt);
  if (attempt->slot > 0)
    run_rule (task);
  else
    first_slot (task);
}

static void
begin (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  const RsState *state = rs_state_store_get (attempt->parts->state);
  RsOnboardingFacts facts;

  rs_attempt_begin (attempt);
  attempt->n_slots = rs_attempt_has_own_rule (attempt) || rs_attempt_has_code (attempt) ? 1 : RS_N_RULES;
  attempt->result->has_code = rs_attempt_has_code (attempt);
  rs_onboarding_facts_read (attempt->parts, &facts);
  attempt->result->explicit_rule = rs_attempt_has_own_rule (attempt);
  facts.explicit_rule = attempt->result->explicit_rule || rs_attempt_has_code (attempt);
  facts.hand_set = attempt->hand_set;
  attempt->floor_scheme = g_strdup (facts.provisioned ? state->candidate_scheme : "");
  attempt->mode = rs_onboarding_begin (attempt->parts, attempt->sources, &facts);
  attempt->own_path = g_strdup (rs_onboarding_own_path (&facts, slot_rule (attempt)));
  attempt->provisioned = facts.provisioned;
  attempt->own_rule = !facts.rule_is_factory;
  if (attempt->mode == RS_MODE_DISCOVER && facts.provisioned && facts.have_remembered)
    attempt->last_resort = fall_back;
  rs_attempt_load_ca (task, FALSE, next_slot);
}

void
rs_attempt_run_async (const RsParts          *parts,
                      const RsAttemptRequest *request,
                      gint64                  hand_set,
                      GPtrArray              *onboarding,
                      RsAttemptProgressFunc   progress,
                      gpointer                progress_data,
                      GCancellable           *cancellable,
                      GAsyncReadyCallback     callback,
                      gpointer                data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Attempt *attempt = rs_attempt_new (parts);

  /* a cancelled attempt still has a result */
  g_task_set_check_cancellable (task, FALSE);
  if (request != NULL)
    attempt->request = rs_attempt_request_copy (request);
  attempt->hand_set = hand_set;
  g_ptr_array_unref (attempt->result->onboarding);
  attempt->result->onboarding = g_ptr_array_ref (onboarding);
  attempt->progress = progress;
  attempt->progress_data = progress_data;
  g_task_set_task_data (task, attempt, rs_attempt_free);
  begin (task);
}

RsAttemptResult *
rs_attempt_run_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
