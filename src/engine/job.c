/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests for the worker. */
#include "engine/job.h"

#include "base/host.h"
#include "base/names.h"
#include "base/secret.h"
#include "rule/register.h"
#include "system/journal.h"

#include <string.h>

#define IKM "IKM_HTTP_Encrypt_Content"

static gboolean
is_set (const char *text)
{
  return text != NULL && text[0] != '\0';
}

/* What a later version will do is refused aloud, never half done. */
static gboolean
check_supported (const RsUrl *url,
                 GError     **error)
{
  if (url->scheme != RS_SCHEME_GDS)
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED,
                       "gds:// opens the screen for an activation code; nothing can be fetched from it");
  return FALSE;
}

/* HTTP-3: what somebody else wrote goes to no server that the user class chose. */
static gboolean
may_use_account (RsSnapshot  *snapshot,
                 const RsJob *job)
{
  if (!job->use_account
      || strcmp (rs_snapshot_get (snapshot, "Profile_Authentication_Type"), "Basic Http Authentication") != 0)
    return FALSE;
  return !job->of_user_class
         || (rs_snapshot_is_of_user (snapshot, "Profile_Account_User")
             && rs_snapshot_is_of_user (snapshot, "Profile_Account_Password"));
}

static void
set_credentials (RsRequest     *request,
                 const RsParts *parts,
                 const RsJob   *job)
{
  RsSnapshot *snapshot = rs_param_store_get_snapshot (parts->params);
  const char *user = NULL, *password = NULL;

  if (job->no_credentials)
    ;
  else if (job->action != NULL && is_set (job->action->user))
    {
      user = job->action->user;
      password = job->action->password;
    }
  else if (is_set (job->url->user))
    {
      user = job->url->user;
      password = job->url->password;
    }
  request->basic_over_http = user != NULL;
  if (user == NULL && may_use_account (snapshot, job))
    {
      user = rs_snapshot_get (snapshot, "Profile_Account_User");
      password = rs_snapshot_get (snapshot, "Profile_Account_Password");
    }
  request->user = g_strdup (user != NULL ? user : "");
  request->password = g_strdup (password != NULL ? password : "");
}

/* GPP_x that an option names by its letter. */
static RsValue
find_register (const RsParts *parts,
               const char    *letter)
{
  g_autofree char *name = g_strconcat ("GPP_", letter, NULL);
  RsValue value = { .value = "" };

  if (!rs_snapshot_lookup (rs_param_store_get_snapshot (parts->params), name, &value))
    value.value = "";
  return value;
}

static gboolean
refuse (GError    **error,
        const char *what)
{
  g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, what);
  return FALSE;
}

/* PROF-10 */
static gboolean
set_alias_map (RsRequest     *request,
               const RsParts *parts,
               const char    *letter,
               GError       **error)
{
  RsValue map = find_register (parts, letter);

  request->alias_map = g_strdup (map.value);
  return rs_register_check_map (letter, map.value, error);
}

/* HTTP-1. What the user class wrote into the register shows no more of the phone than that class may read (RULE-10). */
static gboolean
set_body (RsRequest     *request,
          const RsParts *parts,
          const RsJob   *job,
          GError       **error)
{
  const char *letter = job->action->post;
  RsValue text = find_register (parts, letter);

  request->method = RS_METHOD_POST;
  if (job->no_credentials)
    return refuse (error, "--post is not for a server that the user class names");
  if (text.origin == RS_ORIGIN_USER && rs_facts_shows_private (parts->facts, text.value))
    {
      refuse (error, "the user class wrote it and may not read a parameter that it uses");
      g_prefix_error (error, "GPP_%s: ", letter);
      return FALSE;
    }
  request->body = rs_register_body (letter, text.value, job->url, TRUE, rs_facts_get_macros (parts->facts), error);
  return request->body != NULL;
}

static void
set_report (RsRequest     *request,
            const RsParts *parts,
            const RsJob   *job)
{
  const char *method = rs_snapshot_get (rs_param_store_get_snapshot (parts->params), "HTTP_Report_Method");
  gboolean post = job->url->scheme != RS_SCHEME_TFTP && g_strcmp0 (method, "PUT") != 0;

  request->upload = TRUE;
  request->method = post ? RS_METHOD_POST : RS_METHOD_PUT;
  request->body = g_strdup (job->report);
}

/* What it goes on from, and the room for it, whoever opens its file adds. */
static gboolean
set_image (RsRequest      *request,
           const RsConfig *config,
           const RsJob    *job,
           GError        **error)
{
  const RsRuleAction *action = job->action;

  request->stall_timeout = config->firmware_stall_timeout;
  request->max_rate = config->firmware_max_rate;
  return action == NULL || (action->key == NULL && action->alias == NULL && action->post == NULL)
         || refuse (error, "--key, --alias and --post are not for firmware");
}

static gboolean
set_options (RsRequest     *request,
             const RsParts *parts,
             const RsJob   *job,
             GError       **error)
{
  const RsRuleAction *action = job->action;

  if (job->kind == RS_JOB_IMAGE)
    return set_image (request, parts->config, job, error);
  request->ikm = g_strdup (rs_snapshot_get (rs_param_store_get_snapshot (parts->params), IKM));
  if (job->form != NULL)
    {
      request->method = RS_METHOD_POST;
      request->body = g_strdup (job->form);
    }
  if (action == NULL)
    return TRUE;
  request->key = g_strdup (action->key);
  if (job->report != NULL)
    {
      set_report (request, parts, job);
      return TRUE;
    }
  return (action->alias == NULL || set_alias_map (request, parts, action->alias, error))
         && (action->post == NULL || set_body (request, parts, job, error));
}

/* Of the URIs of a token, with the PIN in them. */
static char *
token_digest (const RsConfig *config)
{
  g_autofree char *uris = g_strconcat (config->certificate_file, "\n", config->private_key_file, NULL);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, uris, -1);
}

gboolean
rs_job_token_is_barred (const RsParts *parts)
{
  g_autofree char *digest = token_digest (parts->config);

  return strcmp (rs_state_store_get (parts->state)->refused_token, digest) == 0;
}

static void
on_bar_saved (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (GError) error = NULL;

  /* it stays in memory, and is written with what comes next */
  if (!rs_state_store_save_finish (RS_STATE_STORE (source), result, &error))
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_STORE_FAILED, "the state could not be written: %s", error->message);
}

void
rs_job_note_outcome (const RsParts   *parts,
                     const RsRequest *request,
                     const RsOutcome *outcome)
{
  g_autoptr (RsState) state = NULL;

  if (!outcome->pin_refused || !rs_request_may_use_token (request))
    return;
  state = rs_state_copy (rs_state_store_get (parts->state));
  g_free (state->refused_token);
  state->refused_token = token_digest (parts->config);
  rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_CONFIG, "%s", RS_TOKEN_BARRED);
  rs_state_store_save_async (parts->state, state, on_bar_saved, NULL);
}

/* A token that has refused the PIN is not asked again: some wrong ones lock it for good. A server that only asks who the phone is shall not fail for
 * that. */
static void
set_certificate (RsRequest     *request,
                 const RsParts *parts)
{
  const RsConfig *config = parts->config;

  if (config->certificate_file[0] == '\0' || rs_job_token_is_barred (parts))
    return;
  request->certificate_file = g_strdup (config->certificate_file);
  request->private_key_file = g_strdup (config->private_key_file);
  request->token_paths = g_strjoinv (";", config->token_paths);
}

static guint64
max_bytes (const RsConfig *config,
           RsJobKind       kind)
{
  switch (kind)
    {
    case RS_JOB_PROFILE:
      return config->max_profile_bytes;
    case RS_JOB_REDIRECT:
      return RS_REDIRECT_MAX;
    case RS_JOB_IMAGE:
      return config->max_firmware_bytes;
    case RS_JOB_AUTHORITY:
    case RS_JOB_PROXY:
    case RS_JOB_SRV:
      break;
    }
  return RS_CERTIFICATE_MAX;
}

RsRequest *
rs_job_request (const RsParts *parts,
                const RsJob   *job,
                GError       **error)
{
  const RsConfig *config = parts->config;
  const RsUrl *url = job->url;
  g_autoptr (RsRequest) request = g_new0 (RsRequest, 1);

  if (!check_supported (url, error) || !set_options (request, parts, job, error))
    return NULL;
  request->kind = job->kind;
  request->scheme = g_strdup (rs_scheme_name (url->scheme));
  request->host = g_strdup (url->host);
  request->port = url->port;
  request->path = g_strdup (url->path);
  request->user_agent = rs_facts_user_agent (parts->facts, url->scheme != RS_SCHEME_HTTPS);
  set_credentials (request, parts, job);
  /* the answer to a POST depends on its body */
  if (job->validator != NULL && request->method == RS_METHOD_GET)
    {
      request->if_none_match = g_strdup (job->validator->etag);
      request->if_modified_since = g_strdup (job->validator->last_modified);
    }
  request->ca_file = g_strdup (config->ca_file != NULL ? config->ca_file : "");
  request->crl_file = g_strdup (config->crl_file != NULL ? config->crl_file : "");
  request->custom_ca = g_strdup (rs_state_store_get (parts->state)->custom_ca);
  request->system_ca = config->system_ca;
  set_certificate (request, parts);
  request->clock_is_set = rs_clock_is_set (parts->clock);
  request->literal_address = g_strdup (job->named_literally && rs_host_is_address (url->host) ? url->host : "");
  request->max_bytes = max_bytes (config, job->kind);
  request->max_parameters = job->kind == RS_JOB_REDIRECT ? RS_REDIRECT_PARAMETERS_MAX : config->max_parameters;
  request->connect_timeout = config->connect_timeout;
  request->transfer_timeout
      = job->max_seconds > 0 ? MIN (job->max_seconds, config->transfer_timeout) : config->transfer_timeout;
  request->allow_weak_sandbox = config->allow_weak_sandbox;
  request->srv = job->srv || (job->action != NULL && job->action->srv);
  request->srv_by_chance = config->srv_weight_rfc2782;
  request->srv_target = g_strdup (job->srv_target);
  return g_steal_pointer (&request);
}

char *
rs_job_context (const RsParts      *parts,
                const char         *rule_text,
                const RsUrl        *url,
                const RsRuleAction *action)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *url_text = rs_url_to_string (url);
  const char *ikm = rs_snapshot_get (rs_param_store_get_snapshot (parts->params), IKM);
  const char *key = action != NULL ? action->key : NULL;
  const char *map = action != NULL && action->alias != NULL ? find_register (parts, action->alias).value : NULL;
  const char *parts_of[] = { rule_text, url_text, key, rs_catalogue_digest (parts->catalogue), ikm, map };

  for (guint i = 0; i < G_N_ELEMENTS (parts_of); i++)
    {
      const char *one = parts_of[i] != NULL ? parts_of[i] : "";

      g_checksum_update (sum, (const guchar *)one, strlen (one) + 1);
    }
  return g_strdup (g_checksum_get_string (sum));
}
