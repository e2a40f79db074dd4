/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The servers that SRV records of the lease's domain name (DISC-7). A worker asks the DNS; what it brings is only text here, and each piece of it becomes
 * a candidate or is passed over. */
#include "engine/attempt-private.h"

#include "base/text.h"

#define LOOKUP_SECONDS 60
#define SERVERS_AT_MOST 32

static const char *
domain_of (const Attempt *attempt)
{
  return rs_network_get_lease (attempt->parts->network)->domain;
}

/* Nothing in it is secret: it speaks with no server. */
static RsRequest *
new_question (const Attempt *attempt)
{
  const RsConfig *config = attempt->parts->config;
  gint64 left = rs_candidates_left (attempt->candidates, rs_clock_boot (attempt->parts->clock));
  RsRequest *request = g_new0 (RsRequest, 1);

  request->kind = RS_JOB_SRV;
  request->scheme = g_strdup ("https");
  request->host = g_strdup (domain_of (attempt));
  request->port = rs_scheme_port (RS_SCHEME_HTTPS);
  request->path = g_strdup ("/");
  request->srv_by_chance = config->srv_weight_rfc2782;
  request->max_bytes = request->max_parameters = 1;
  request->connect_timeout = config->connect_timeout;
  request->transfer_timeout = (guint)CLAMP (left / G_USEC_PER_SEC, 1, LOOKUP_SECONDS);
  request->allow_weak_sandbox = config->allow_weak_sandbox;
  return request;
}

static void
add_servers (Attempt    *attempt,
             const char *list)
{
  g_auto (GStrv) servers = rs_text_split_list (list, ';', SERVERS_AT_MOST);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; servers != NULL && servers[i] != NULL; i++)
    {
      /* one that cannot be used is said in warnings; the others go on */
      (void)rs_candidates_add_srv (attempt->candidates, domain_of (attempt), servers[i], warnings);
    }
  rs_attempt_log_warnings (warnings);
}

static void
on_found (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  GTask *task = data;
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (RsOutcome) outcome = rs_worker_run_finish (result);

  if (rs_attempt_check_cancelled (task))
    return;
  if (outcome->ok)
    add_servers (attempt, outcome->servers);
  else
    rs_attempt_note_try (attempt, RS_CANDIDATE_SRV, domain_of (attempt), outcome->message);
  attempt->next (task);
}

void
rs_attempt_find_srv (GTask        *task,
                     RsAttemptNext done)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (RsRequest) request = NULL;

  rs_candidates_begin (attempt->candidates, RS_CANDIDATE_SRV, rs_clock_boot (attempt->parts->clock));
  request = new_question (attempt);
  attempt->next = done;
  rs_worker_run_async (attempt->parts->worker_path, request, request->transfer_timeout + RS_WORKER_SECONDS_MORE, NULL, NULL,
                       g_task_get_cancellable (task), on_found, task);
}
