/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From Report_Rule to a server that has the report. What has arrived is noted before the next rule is looked at, so that a delta is one to
 * what the server knows. */
#include "engine/report.h"

#include "base/names.h"
#include "base/text.h"
#include "engine/attempt-private.h"
#include "engine/rules.h"
#include "params/report.h"
#include "rule/secrets.h"
#include "system/journal.h"

static void run_next (GTask *task);

static void
rule_done (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  attempt->report_rule = rs_rule_next (attempt->report_rule);
  attempt->slot++;
  run_next (task);
}

static void
on_noted (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Attempt *attempt = g_task_get_task_data (data);
  g_autoptr (GError) error = NULL;

  /* the report did arrive; at worst the next delta says it again */
  if (!rs_reported_save_finish (attempt->parts->reported, result, &error))
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_STORE_FAILED, "what was reported could not be noted: %s", error->message);
  rule_done (data);
}

/* What becomes of one rule is nothing to the other, whose server may be another. */
static void
rule_failed (GTask      *task,
             RsError     code,
             const char *message)
{
  rs_attempt_set_failure (g_task_get_task_data (task), code, message);
  rule_done (task);
}

static void
on_sent (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  if (!attempt->outcome->ok)
    {
      rule_failed (task, attempt->outcome->code, attempt->outcome->message);
      return;
    }
  attempt->n_fetched++;
  if (attempt->marks != NULL)
    rs_reported_save_async (attempt->parts->reported, attempt->slot, g_steal_pointer (&attempt->marks), on_noted, task);
  else
    rule_done (task);
}

/* RULE-10 */
static gboolean
of_user_class (const Attempt *attempt)
{
  return rs_snapshot_is_of_user (rs_param_store_get_snapshot (attempt->parts->params), RS_REPORT_RULE);
}

/* Where a report goes, as the rule has it: macros may write the time into its URL. */
static char *
destination_of (const RsRuleAction *action)
{
  const char *host = action->url->host != NULL ? action->url->host : "";
  g_autofree char *text = g_strdup_printf ("%s:%u\n%s", host, action->url->port, action->url_text);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

/* What the rule is to send. A delta is one to what that server has, and not another one that the rule named before. The status page is public anyway. */
static char *
make_report (Attempt *attempt)
{
  RsSnapshot *snapshot = rs_param_store_get_snapshot (attempt->parts->params);
  const RsRuleWorld world = { rs_facts_get_macros (attempt->parts->facts), rs_snapshot_value_of, rs_snapshot_secret_of, snapshot };
  g_autoptr (GHashTable) secrets = NULL;
  GHashTable *before = attempt->action->delta ? rs_reported_get (attempt->parts->reported, attempt->slot) : NULL;
  g_autofree char *destination = NULL;

  g_clear_pointer (&attempt->marks, g_hash_table_unref);
  if (attempt->action->status)
    return rs_report_status (attempt->status);
  secrets = rs_rule_secrets (&world, NULL);
  attempt->marks = rs_report_marks (snapshot, of_user_class (attempt), secrets);
  /* no rule is in a report, so that this place among the marks is free */
  destination = destination_of (attempt->action);
  if (before != NULL && g_strcmp0 (g_hash_table_lookup (before, RS_REPORT_RULE), destination) != 0)
    before = NULL;
  g_hash_table_replace (attempt->marks, g_strdup (RS_REPORT_RULE), g_steal_pointer (&destination));
  return rs_report_profile (snapshot, before, of_user_class (attempt), secrets);
}

static void
send_report (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  RsUrl *url = attempt->action->url;
  gboolean named = url->host != NULL;
  g_autofree char *report = NULL;
  g_autoptr (GError) error = NULL;
  RsJob job = { 0 };

  if (url->scheme != RS_SCHEME_GDS && !rs_attempt_put_in_server (attempt, &error))
    {
      rule_failed (task, rs_error_code (error), error->message);
      return;
    }
  rs_attempt_set_url (attempt, url);
  report = make_report (attempt);
  job.url = attempt->url;
  job.action = attempt->action;
  job.named_literally = named || attempt->parts->config->manager_none;
  job.use_account = TRUE;
  job.of_user_class = of_user_class (attempt);
  job.report = report;
  rs_attempt_fetch (task, &job, on_sent);
}

static void
finish (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (attempt->error_message != NULL)
    {
      error = g_error_new (RS_ERROR, attempt->error_code, "%s", attempt->error_message);
      attempt->result->http_status = attempt->error_status;
      rs_text_set (&attempt->result->url, attempt->error_url);
    }
  rs_attempt_finish (task, error);
}

static void
run_next (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (rs_attempt_check_cancelled (task))
    return;
  if (attempt->report_rule == NULL)
    finish (task);
  else if (!rs_attempt_evaluate (attempt, attempt->report_rule, &error))
    rule_failed (task, rs_error_code (error), error->message);
  else if (attempt->action->assignments->len > 0)
    rs_attempt_assign (task, attempt->action->skip ? rule_done : send_report);
  else if (attempt->action->skip)
    rule_done (task);
  else
    send_report (task);
}

void
rs_report_run_async (const RsParts        *parts,
                     GVariant             *status,
                     RsAttemptProgressFunc progress,
                     gpointer              progress_data,
                     GCancellable         *cancellable,
                     GAsyncReadyCallback   callback,
                     gpointer              data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Attempt *attempt = rs_attempt_new (parts);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_task_set_check_cancellable (task, FALSE);
  attempt->progress = progress;
  attempt->progress_data = progress_data;
  attempt->status = status != NULL ? g_variant_ref (status) : g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  g_task_set_task_data (task, attempt, rs_attempt_free);
  rs_attempt_begin (attempt);
  attempt->report = rs_rule_parse (rs_snapshot_get (rs_param_store_get_snapshot (parts->params), RS_REPORT_RULE), RS_RULE_REPORT,
                                   &error);
  attempt->report_rule = attempt->report;
  if (attempt->report == NULL)
    {
      g_prefix_error (&error, RS_REPORT_RULE ": ");
      rs_attempt_finish (task, error);
      return;
    }
  run_next (task);
}
