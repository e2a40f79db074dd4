/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Proxy_Mode, from parameters and lease to a request. A proxy auto-configuration file is a program of somebody else's:
 * a worker of its own fetches and asks it, without any secret in its request. */
#include "engine/proxy.h"

#include "base/host.h"
#include "base/mask.h"
#include "base/secret.h"
#include "base/text.h"
#include "dhcp/options.h"
#include "engine/facts.h"
#include "engine/job.h"
#include "rule/url.h"
#include "system/journal.h"

#include <string.h>

#define OPTION_WPAD 252
#define WPAD_PATH "/wpad.dat"
#define PAC_BYTES (256 * 1024)
#define PAC_SECONDS 15
/* How long a word of the file is taken for its word: a resync asks for some dozens of files. That there was none counts as
 * long as it takes to try them all; who has mended the file shall not wait. */
#define ANSWER_KEPT (60 * (gint64)G_USEC_PER_SEC)
#define FAULT_KEPT (5 * (gint64)G_USEC_PER_SEC)
#define WORDS_MAX 32

typedef struct
{
  RsOutcome *outcome; /* of the question */
  gint64 until;       /* boot */
} Word;

/* What one file said, by target. */
struct _RsProxies
{
  char *url;
  char *own_address; /* of the phone that it was told to */
  GHashTable *words;
};

typedef struct
{
  const RsParts *parts;
  RsRequest *request;
  RsRequest *question; /* to the file */
  char *url;           /* of the file */
  gboolean guessed;    /* by DNS: there may be none */
  int file; /* of an image; -1: it is none */
  RsProgressFunc progress;
  RsPartFunc part;
  gpointer progress_data;
} Run;

static void
word_free (gpointer data)
{
  Word *word = data;

  rs_outcome_free (word->outcome);
  g_free (word);
}

RsProxies *
rs_proxies_new (void)
{
  RsProxies *proxies = g_new0 (RsProxies, 1);

  proxies->words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, word_free);
  return proxies;
}

void
rs_proxies_free (RsProxies *proxies)
{
  if (proxies == NULL)
    return;
  g_hash_table_unref (proxies->words);
  g_free (proxies->url);
  g_free (proxies->own_address);
  g_free (proxies);
}

static void
run_free (gpointer data)
{
  Run *run = data;

  rs_request_free (run->request);
  rs_request_free (run->question);
  g_free (run->url);
  g_free (run);
}

static const char *
value_of (const RsParts *parts, const char *name)
{
  const char *value = rs_snapshot_get (rs_param_store_get_snapshot (parts->params), name);

  return value != NULL ? value : "";
}

/* Whether the user class named the proxy, or the file that does. */
static gboolean
user_named_proxy (RsSnapshot *snapshot)
{
  if (strcmp (rs_snapshot_get (snapshot, "Proxy_Mode"), "Auto") == 0)
    return rs_snapshot_is_of_user (snapshot, "PAC_URL");
  return rs_snapshot_is_of_user (snapshot, "Proxy_Host") || rs_snapshot_is_of_user (snapshot, "Proxy_Port");
}

/* What a user of the proxy is called, where it asks. What somebody else wrote goes to no proxy that the user class chose. */
static void
set_account (const RsParts *parts, RsRequest *request)
{
  RsSnapshot *snapshot = rs_param_store_get_snapshot (parts->params);
  gboolean own = rs_snapshot_is_of_user (snapshot, "Proxy_Username") && rs_snapshot_is_of_user (snapshot, "Proxy_Password");
  gboolean asks = rs_snapshot_get_bool (snapshot, "Proxy_Server_Requires_Authentication") && (own || !user_named_proxy (snapshot));

  rs_secret_free (request->proxy_user);
  rs_secret_free (request->proxy_password);
  request->proxy_user = g_strdup (asks ? value_of (parts, "Proxy_Username") : "");
  request->proxy_password = g_strdup (asks ? value_of (parts, "Proxy_Password") : "");
}

/* "host:port"; a port in Proxy_Host itself goes before Proxy_Port. */
static char *
manual_proxy (const RsParts *parts)
{
  const char *host = value_of (parts, "Proxy_Host");
  const char *port = value_of (parts, "Proxy_Port");
  gboolean has_port = *host == '[' ? strstr (host, "]:") != NULL : strchr (host, ':') != NULL;

  if (*host == '\0' || has_port)
    return g_strdup (host);
  return g_strdup_printf ("%s:%s", host, *port != '\0' && strcmp (port, "0") != 0 ? port : "3128");
}

static void ask_file (GTask *task);

/* Whoever it is to whom a server redirects learns nothing of the phone's own (HTTP-2). FALSE: that is no URL. */
static gboolean
take_redirect (RsRequest *request, const RsOutcome *outcome)
{
  g_autoptr (RsUrl) url = rs_url_parse (outcome->url, NULL);
  char **own[] = { &request->user, &request->password, &request->certificate_file, &request->private_key_file,
                   &request->token_paths };

  if (url == NULL || url->host == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    g_clear_pointer (own[i], rs_secret_free);
  rs_text_set (&request->scheme, rs_scheme_name (url->scheme));
  rs_text_set (&request->host, url->host);
  rs_text_set (&request->path, url->path);
  request->port = url->port;
  request->redirects = outcome->redirects;
  /* the records were those of the host before */
  request->srv = FALSE;
  rs_text_set (&request->srv_target, "");
  return TRUE;
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Run *run = g_task_get_task_data (task);
  g_autoptr (RsOutcome) outcome = rs_worker_run_finish (result);

  rs_job_note_outcome (run->parts, run->request, outcome);
  if (outcome->redirects > 0 && take_redirect (run->request, outcome))
    {
      ask_file (task);
      return;
    }
  if (outcome->redirects > 0)
    {
      rs_outcome_free (outcome);
      outcome = rs_outcome_new_error (RS_ERROR_FAILED, "the server redirects to what is no URL of a server");
    }
  /* that somebody else does not answer says nothing of the server that was named */
  outcome->silent = outcome->silent && run->request->redirects == 0;
  g_task_return_pointer (task, g_steal_pointer (&outcome), (GDestroyNotify)rs_outcome_free);
  g_object_unref (task);
}

/* found: a file named the proxies. Takes task. */
static void
go (GTask *task, const char *proxies, gboolean found)
{
  Run *run = g_task_get_task_data (task);

  rs_text_set (&run->request->proxies, proxies);
  run->request->proxies_found = found;
  if (*proxies != '\0')
    set_account (run->parts, run->request);
  if (run->file >= 0)
    rs_worker_run_image_async (run->parts->worker_path, run->request, run->file, run->progress, run->part, run->progress_data,
                               g_task_get_cancellable (task), on_run, task);
  else
    rs_worker_run_async (run->parts->worker_path, run->request, run->request->transfer_timeout + RS_WORKER_SECONDS_MORE,
                         run->progress, run->progress_data, g_task_get_cancellable (task), on_run, task);
}

/* Of DHCP: a URL as it is, a server by its usual path. */
static char *
url_of_hint (const RsParts *parts, const RsServerHint *hint)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = rs_macro_expand (hint->text, rs_facts_get_macros (parts->facts), FALSE, &error);

  /* what cannot be expanded is no URL either, and the message says so */
  if (text == NULL)
    return g_strdup ("");
  if (hint->kind == RS_HINT_URL)
    return g_steal_pointer (&text);
  return g_strconcat (hint->kind == RS_HINT_HOST ? "http://" : "", text, WPAD_PATH, NULL);
}

/* Where the file may be that says which proxy to take; NULL: nobody names one. *guessed: only a name that it would have. */
static char *
file_url (const RsParts *parts, gboolean *guessed)
{
  static const guint16 code = OPTION_WPAD;
  const RsLease *lease = rs_network_get_lease (parts->network);
  const char *configured = value_of (parts, "PAC_URL");
  g_autoptr (GPtrArray) sources = NULL;

  *guessed = FALSE;
  if (*configured != '\0')
    return g_strdup (configured);
  if (!rs_snapshot_get_bool (rs_param_store_get_snapshot (parts->params), "Use_Auto_Discovery__WPAD_"))
    return NULL;
  sources = rs_dhcp_sources (lease->options, &code, 1, FALSE, 0, 0, NULL);
  if (sources->len > 0)
    {
      const RsDhcpSource *source = sources->pdata[0];

      return url_of_hint (parts, source->hints->pdata[0]);
    }
  *guessed = TRUE;
  return *lease->domain != '\0' ? g_strdup_printf ("http://wpad.%s" WPAD_PATH, lease->domain) : NULL;
}

/* The URL that the file is asked about: of its path and query it learns nothing. */
static char *
target_of (const RsRequest *request)
{
  gboolean v6 = strchr (request->host, ':') != NULL;
  RsScheme scheme;

  if (rs_scheme_from_name (request->scheme, &scheme) && request->port == rs_scheme_port (scheme))
    return g_strdup_printf (v6 ? "%s://[%s]/" : "%s://%s/", request->scheme, request->host);
  return g_strdup_printf (v6 ? "%s://[%s]:%u/" : "%s://%s:%u/", request->scheme, request->host, request->port);
}

/* TLS as for the request itself, but nothing of the phone's own. */
static RsRequest *
new_question (const RsParts *parts, const RsRequest *request, const RsUrl *url, gboolean literally)
{
  RsRequest *question = g_new0 (RsRequest, 1);

  question->kind = RS_JOB_PROXY;
  question->scheme = g_strdup (rs_scheme_name (url->scheme));
  question->host = g_strdup (url->host);
  question->port = url->port;
  question->path = g_strdup (url->path);
  question->user_agent = rs_facts_user_agent (parts->facts, TRUE);
  question->ca_file = g_strdup (request->ca_file);
  question->system_ca = request->system_ca;
  question->custom_ca = g_strdup (request->custom_ca);
  question->crl_file = g_strdup (request->crl_file);
  question->clock_is_set = request->clock_is_set;
  question->literal_address = g_strdup (literally && rs_host_is_address (url->host) ? url->host : "");
  question->max_bytes = PAC_BYTES;
  question->max_parameters = 1;
  question->connect_timeout = MIN (request->connect_timeout, PAC_SECONDS);
  question->transfer_timeout = MIN (request->transfer_timeout, PAC_SECONDS);
  question->allow_weak_sandbox = request->allow_weak_sandbox;
  question->own_address = g_strdup (rs_network_get_lease (parts->network)->address);
  question->target = target_of (request);
  return question;
}

/* Takes outcome, and returns it. */
static const RsOutcome *
remember (const Run *run, RsOutcome *outcome)
{
  RsProxies *proxies = run->parts->proxies;
  Word *word;

  if (g_strcmp0 (proxies->url, run->url) != 0 || g_strcmp0 (proxies->own_address, run->question->own_address) != 0
      || g_hash_table_size (proxies->words) >= WORDS_MAX)
    {
      g_hash_table_remove_all (proxies->words);
      rs_text_set (&proxies->url, run->url);
      rs_text_set (&proxies->own_address, run->question->own_address);
    }
  word = g_new (Word, 1);
  word->outcome = outcome;
  word->until = rs_clock_boot (run->parts->clock) + (outcome->ok ? ANSWER_KEPT : FAULT_KEPT);
  g_hash_table_replace (proxies->words, g_strdup (run->question->target), word);
  return outcome;
}

/* What the file said not long ago; NULL: nothing. */
static const RsOutcome *
remembered (const Run *run)
{
  const RsProxies *proxies = run->parts->proxies;
  const Word *word = g_hash_table_lookup (proxies->words, run->question->target);

  if (word == NULL || rs_clock_boot (run->parts->clock) >= word->until || strcmp (proxies->url, run->url) != 0
      || strcmp (proxies->own_address, run->question->own_address) != 0)
    return NULL;
  return word->outcome;
}

/* The request has failed with what the file, or its server, did. */
static RsOutcome *
fault_of (const Run *run, const RsOutcome *outcome)
{
  gboolean later = rs_error_class (outcome->code) == RS_CLASS_C;
  g_autofree char *shown = rs_mask_url (run->url);
  /* a worker that was killed could not say of what it died */
  gboolean named = g_str_has_prefix (outcome->message, shown);
  g_autofree char *text = g_strconcat ("Proxy_Mode is Auto, and no proxy is known: ", named ? "" : shown, named ? "" : ": ",
                                       outcome->message, NULL);
  RsOutcome *fault = rs_outcome_new_error (later ? outcome->code : RS_ERROR_FAILED, text);

  fault->dates_only = outcome->dates_only;
  return fault;
}

/* A name that nobody has, or a server without the file, is no proxy for this network. */
static gboolean
is_answer (const Run *run, const RsOutcome *outcome)
{
  return outcome->ok || (run->guessed && (outcome->silent || outcome->code == RS_ERROR_NOT_FOUND));
}

/* Takes task. */
static void
follow (GTask *task, const RsOutcome *outcome)
{
  const Run *run = g_task_get_task_data (task);

  if (is_answer (run, outcome))
    {
      go (task, outcome->ok ? outcome->proxies : "", outcome->ok);
      return;
    }
  g_task_return_pointer (task, fault_of (run, outcome), (GDestroyNotify)rs_outcome_free);
  g_object_unref (task);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  const Run *run = g_task_get_task_data (task);
  g_autoptr (RsOutcome) outcome = rs_worker_run_finish (result);
  g_autofree char *shown = rs_mask_url (run->url);

  if (!outcome->ok && outcome->code == RS_ERROR_CANCELLED)
    {
      g_task_return_pointer (task, g_steal_pointer (&outcome), (GDestroyNotify)rs_outcome_free);
      g_object_unref (task);
      return;
    }
  rs_journal_print (G_LOG_LEVEL_DEBUG, NULL, "%s: for %s %s", shown, run->question->target,
                    outcome->ok ? outcome->proxies : outcome->message);
  /* what fails for want of a clock is judged anew when there is one */
  if (outcome->dates_only)
    follow (task, outcome);
  else
    follow (task, remember (run, g_steal_pointer (&outcome)));
}

/* Takes task. */
static void
ask_file (GTask *task)
{
  Run *run = g_task_get_task_data (task);
  const RsParts *parts = run->parts;
  g_autoptr (GError) error = NULL;
  g_autoptr (RsUrl) url = NULL;
  gboolean literally = parts->config->manager_none || *value_of (parts, "PAC_URL") != '\0';
  const RsOutcome *word;

  g_clear_pointer (&run->question, rs_request_free);
  g_free (run->url);
  run->url = file_url (parts, &run->guessed);
  if (run->url == NULL)
    {
      go (task, "", FALSE);
      return;
    }
  url = rs_url_parse (run->url, &error);
  if (url == NULL || url->host == NULL || url->scheme == RS_SCHEME_GDS)
    {
      g_task_return_pointer (task, rs_outcome_new_error (RS_ERROR_FAILED, "Proxy_Mode is Auto, and what PAC_URL or DHCP option 252 "
                                                                          "says is no URL of a server"),
                             (GDestroyNotify)rs_outcome_free);
      g_object_unref (task);
      return;
    }
  run->question = new_question (parts, run->request, url, literally);
  word = remembered (run);
  if (word != NULL)
    follow (task, word);
  else
    rs_worker_run_async (parts->worker_path, run->question, run->question->transfer_timeout + RS_WORKER_SECONDS_MORE, NULL, NULL,
                         g_task_get_cancellable (task), on_answer, task);
}

/* Takes run and what it has. */
static void
start (Run *run, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  const char *mode = value_of (run->parts, "Proxy_Mode");

  /* a cancelled job has an outcome like any other */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, run, run_free);
  if (strcmp (run->request->scheme, "tftp") == 0)
    go (task, "", FALSE);
  else if (strcmp (mode, "Auto") == 0)
    ask_file (task);
  else if (strcmp (mode, "Manual") == 0)
    {
      g_autofree char *proxy = manual_proxy (run->parts);

      go (task, proxy, FALSE);
    }
  else
    go (task, "", FALSE);
}

void
rs_proxies_run_async (const RsParts *parts, RsRequest *request, RsProgressFunc progress, gpointer progress_data,
                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  rs_proxies_run_image_async (parts, request, -1, progress, NULL, progress_data, cancellable, callback, data);
}

void
rs_proxies_run_image_async (const RsParts *parts, RsRequest *request, int file, RsProgressFunc progress, RsPartFunc part,
                            gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  Run *run = g_new0 (Run, 1);

  run->parts = parts;
  run->request = request;
  run->file = file;
  run->progress = progress;
  run->part = part;
  run->progress_data = progress_data;
  start (run, cancellable, callback, data);
}

RsOutcome *
rs_proxies_run_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
