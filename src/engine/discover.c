/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Discovery: one way after another, and of each its candidates, one worker each, until a profile applies (DISC-1, DISC-4, DISC-13). */
#include "engine/redirect.h"

#include "base/host.h"
#include "base/mask.h"
#include "base/text.h"

#include <string.h>

#define MAX_TRY_SECONDS 60
#define SOURCE_DHCP "dhcp"

static void go_way (GTask *task);
static void next_way (GTask *task);
static void try_next (GTask *task);

void
rs_attempt_note_try (Attempt    *attempt,
                     const char *source,
                     const char *tried,
                     const char *outcome)
{
  RsOnboardingTry *try = g_new0 (RsOnboardingTry, 1);

  try->source = g_strdup (source);
  try->tried = g_strdup (tried);
  try->outcome = rs_text_escape (outcome, 0);
  try->time = rs_clock_wall (attempt->parts->clock);
  rs_onboarding_tries_add (attempt->result->onboarding, try);
  attempt->progress (RS_STAGE_TRIED, "", 0, 0, attempt->progress_data);
}

static void
note_try (Attempt    *attempt,
          const char *outcome)
{
  rs_attempt_note_try (attempt, attempt->candidate->source, attempt->shown, outcome);
}

const char *
rs_attempt_without_url (const Attempt *attempt,
                        const char    *message)
{
  gsize length = strlen (attempt->shown);

  return strncmp (message, attempt->shown, length) == 0 && g_str_has_prefix (message + length, ": ")
             ? message + length + strlen (": ")
             : message;
}

static void
note_failure (Attempt    *attempt,
              RsError     code,
              const char *message)
{
  message = rs_attempt_without_url (attempt, message);
  note_try (attempt, message);
  rs_attempt_set_failure (attempt, code, message);
}

void
rs_attempt_note_dates (Attempt *attempt)
{
  attempt->dates_only |= attempt->outcome->dates_only && !rs_clock_is_set (attempt->parts->clock);
}

static void
on_applied (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  note_try (attempt, "the profile was applied");
  attempt->result->by = attempt->candidate->srv_target != NULL ? RS_PROVISIONED_BY_SRV : RS_PROVISIONED_BY_DHCP;
  g_clear_pointer (&attempt->result->candidate, rs_candidate_free);
  attempt->result->candidate = g_steal_pointer (&attempt->candidate);
  attempt->slot_done (task);
}

static void
on_refused (GTask        *task,
            const GError *error)
{
  Attempt *attempt = g_task_get_task_data (task);

  /* a full disk is not the server's fault: another candidate would meet it too */
  if (rs_error_code (error) == RS_ERROR_STORAGE || rs_error_code (error) == RS_ERROR_CANCELLED)
    {
      rs_attempt_finish (task, error);
      return;
    }
  note_failure (attempt, rs_error_code (error), error->message);
  rs_candidates_report (attempt->candidates, RS_TRY_FAILED);
  try_next (task);
}

/* A server that has no time for this phone has none for its next question (HTTP-7), and one that does not answer none for another path (DISC-4). */
static RsTryResult
how_it_went (const RsOutcome *outcome)
{
  return outcome->silent                                              ? RS_TRY_SILENT
         : outcome->http_status == 429 || outcome->http_status == 503 ? RS_TRY_BUSY
                                                                      : RS_TRY_FAILED;
}

static void
on_candidate_fetched (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  const RsOutcome *outcome = attempt->outcome;

  if (outcome->ok)
    {
      attempt->n_fetched++;
      rs_attempt_apply (task, on_applied, on_refused);
      return;
    }
  note_failure (attempt, outcome->code, outcome->message);
  rs_attempt_note_dates (attempt);
  rs_candidates_report (attempt->candidates, how_it_went (outcome));
  try_next (task);
}

/* Whether there was anybody to turn to. */
static gboolean
somebody_was_asked (const Attempt *attempt)
{
  const GPtrArray *tries = attempt->result->onboarding;

  for (guint i = 0; i < tries->len; i++)
    {
      const RsOnboardingTry *try = g_ptr_array_index (tries, i);

      if (try->tried[0] != '\0' && strcmp (try->source, RS_CONFIGURED) != 0)
        return TRUE;
    }
  return FALSE;
}

/* Every way has failed; where there is a screen, a person may know one. */
static void
give_up (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  RsAttemptNext last_resort = g_steal_pointer (&attempt->last_resort);
  g_autoptr (GError) error = NULL;

  if (last_resort != NULL)
    {
      last_resort (task);
      return;
    }
  if (attempt->error_message == NULL)
    error = g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE,
                         "DHCP names no provisioning server; set one with Profile_Rule, or have the DHCP server send"
                         " option 66, 150, 159 or 160");
  else if (!somebody_was_asked (attempt))
    error = g_error_new (RS_ERROR, attempt->error_code, "%s", attempt->error_message);
  else
    error = g_error_new (RS_ERROR, attempt->error_code, "%s: %s",
                         attempt->services_failed != NULL ? "no way led to a profile" : "no server that was found gave a profile",
                         attempt->error_message);
  if (attempt->error_message != NULL)
    {
      attempt->result->http_status = attempt->error_status;
      rs_text_set (&attempt->result->url, attempt->error_url);
    }
  attempt->result->wait_for_clock = attempt->dates_only;
  if (attempt->way == RS_SOURCE_ACTIVATION)
    {
      rs_attempt_step (attempt, RS_STEP_SCREEN);
      g_prefix_error (&error, "enter an activation code; ");
    }
  rs_attempt_finish (task, error);
}

/* The next candidate that does not go below the scheme the phone was provisioned with (DISC-6). */
static gboolean
take_candidate (Attempt *attempt)
{
  for (;;)
    {
      const char *scheme;

      g_clear_pointer (&attempt->candidate, rs_candidate_free);
      attempt->candidate = rs_candidates_next (attempt->candidates, rs_clock_boot (attempt->parts->clock));
      if (attempt->candidate == NULL)
        return FALSE;
      scheme = rs_scheme_name (attempt->candidate->url->scheme);
      rs_attempt_set_url (attempt, attempt->candidate->url);
      if (attempt->floor_scheme[0] == '\0' || !rs_onboarding_downgrades (attempt->floor_scheme, scheme))
        return TRUE;
      note_failure (attempt, RS_ERROR_UNTRUSTED,
                    "left out: this phone was provisioned over https and does not go below it");
      rs_candidates_report (attempt->candidates, RS_TRY_FAILED);
    }
}

/* A person who waits before the phone is told also of the ways that lead nowhere. */
static void
note_dhcp (Attempt *attempt)
{
  if (attempt->provisioned)
    return;
  for (guint i = 0; i < attempt->passed_over->len; i++)
    rs_attempt_note_try (attempt, SOURCE_DHCP, "", g_ptr_array_index (attempt->passed_over, i));
  if (attempt->sources->len == 0)
    rs_attempt_note_try (attempt, SOURCE_DHCP, "", "the lease names no provisioning server");
}

/* Begins with the present way. */
static void
go_way (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  switch (attempt->way)
    {
    case RS_SOURCE_DHCP:
      note_dhcp (attempt);
      try_next (task);
      break;
    case RS_SOURCE_SRV:
      rs_attempt_find_srv (task, try_next);
      break;
    case RS_SOURCE_REDIRECT:
      rs_attempt_ask_redirect (task, next_way);
      break;
    case RS_SOURCE_ACTIVATION:
    case RS_SOURCE_NONE:
      give_up (task);
      break;
    }
}

static void
note_late (Attempt *attempt)
{
  g_autoptr (GPtrArray) late = rs_candidates_take_late (attempt->candidates);

  for (guint i = 0; i < late->len; i++)
    rs_attempt_note_try (attempt, g_ptr_array_index (late, i), "", "left out: the time of this way was over");
}

static void
next_way (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  if (attempt->way == RS_SOURCE_DHCP && !attempt->ways.has_domain && !attempt->provisioned)
    rs_attempt_note_try (attempt, RS_CANDIDATE_SRV, "", "the lease names no domain");
  attempt->way = rs_source_next (attempt->way, &attempt->ways);
  go_way (task);
}

static void
try_next (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  RsJob job = { 0 };
  gint64 left;

  if (rs_attempt_check_cancelled (task))
    return;
  if (!take_candidate (attempt))
    {
      note_late (attempt);
      next_way (task);
      return;
    }
  rs_text_set (&attempt->result->source, attempt->candidate->source);
  left = rs_candidates_left (attempt->candidates, rs_clock_boot (attempt->parts->clock));
  g_free (attempt->context);
  attempt->context = rs_job_context (
      attempt->parts,
      rs_snapshot_get (rs_param_store_get_snapshot (attempt->parts->params), rs_rule_names[0]), attempt->url, NULL);
  job.url = attempt->url;
  job.srv_target = attempt->candidate->srv_target;
  job.named_literally = attempt->parts->config->manager_none;
  job.max_seconds = (guint)CLAMP (left / G_USEC_PER_SEC, 1, MAX_TRY_SECONDS);
  rs_attempt_fetch (task, &job, on_candidate_fetched);
}

void
rs_attempt_discover (GTask        *task,
                     RsAttemptNext slot_done)
{
  Attempt *attempt = g_task_get_task_data (task);
  const char *domain = rs_network_get_lease (attempt->parts->network)->domain;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  attempt->slot_done = slot_done;
  rs_network_look_again (attempt->parts->network);
  attempt->progress ("discovering", "", 0, 0, attempt->progress_data);
  attempt->candidates = rs_servers_candidates (attempt->parts, attempt->sources, attempt->own_path,
                                               attempt->provisioned && attempt->own_rule, warnings);
  rs_attempt_log_warnings (warnings);
  if (attempt->outcome != NULL)
    rs_candidates_leave_out (attempt->candidates, attempt->url, how_it_went (attempt->outcome));
  attempt->ways.provisioned = attempt->provisioned;
  attempt->ways.has_domain = rs_host_is_valid (domain) && !rs_host_is_address (domain);
  attempt->ways.has_redirect = attempt->parts->config->redirect_url[0] != '\0';
  attempt->ways.has_activation = rs_attempt_may_activate (attempt->parts);
  attempt->way = rs_source_first (&attempt->ways);
  go_way (task);
}
