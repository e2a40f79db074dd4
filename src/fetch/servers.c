/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each server gets an exchange of its own, with nothing left of the one before. */
#include "fetch/servers.h"

#include "base/names.h"
#include "fetch/http.h"
#include "fetch/route.h"
#include "fetch/srv-lookup.h"
#include "fetch/uri.h"

typedef struct
{
  RsJob *job;
  gboolean done;
  GPtrArray *servers; /* RsRoute; NULL: error says why */
  GError *error;
} Lookup;

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer data)
{
  Lookup *lookup = data;

  lookup->servers = rs_srv_look_up_finish (result, &lookup->error);
  lookup->done = TRUE;
  rs_job_wake (lookup->job);
}

/* NULL: there is none, for the reason in error, or the job has ended meanwhile. */
static GPtrArray *
look_up (RsJob *job, const char *scheme, GError **error)
{
  const RsRequest *request = rs_job_request (job);
  /* where the job ends first the answer comes when nobody runs the loop any more */
  Lookup *lookup = g_new0 (Lookup, 1);
  GPtrArray *servers;

  lookup->job = job;
  rs_srv_look_up_async (scheme, request->host, request->srv_by_chance, request->connect_timeout, on_looked_up, lookup);
  while (!lookup->done && !rs_job_has_ended (job))
    rs_job_wait (job);
  if (!lookup->done)
    return NULL;
  servers = lookup->servers;
  if (servers == NULL)
    g_propagate_error (error, lookup->error);
  g_free (lookup);
  return servers;
}

/* The servers of both schemes, https before http (DISC-7). */
static void
list_servers (RsJob *job)
{
  static const char *const schemes[] = { "https", "http" };
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GError) fault = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (schemes) && !rs_job_has_ended (job); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) servers = look_up (job, schemes[i], &error);

      for (guint k = 0; servers != NULL && k < servers->len; k++)
        {
          const RsRoute *server = servers->pdata[k];

          g_string_append_printf (list, "%s%s://%s:%u", list->len > 0 ? ";" : "", schemes[i], server->host, server->port);
        }
      if (fault == NULL && error != NULL && rs_error_code (error) != RS_ERROR_NOT_FOUND)
        fault = g_steal_pointer (&error);
    }
  if (list->len > 0)
    rs_job_end_servers (job, list->str);
  else if (fault != NULL)
    rs_job_fail (job, rs_error_code (fault), RS_FAIL_PLAIN, "%s", fault->message);
  else
    rs_job_fail (job, RS_ERROR_NOT_FOUND, RS_FAIL_PLAIN, "no SRV record of " RS_SRV_HTTPS " or " RS_SRV_HTTP " for %s",
                 rs_job_request (job)->host);
}

/* An empty list: the host itself. NULL: the job has ended. */
static GPtrArray *
find_servers (RsJob *job)
{
  const RsRequest *request = rs_job_request (job);
  g_autoptr (GUri) uri = rs_uri_from_request (request, NULL);
  g_autofree char *url = uri != NULL ? g_uri_to_string (uri) : NULL;
  g_autoptr (GPtrArray) servers = NULL;
  g_autoptr (GError) error = NULL;

  rs_job_set_url (job, url);
  if (*request->srv_target != '\0')
    servers = rs_routes_parse (request->srv_target, &error);
  else if (request->srv)
    servers = look_up (job, request->scheme, &error);
  if (servers != NULL || rs_job_has_ended (job))
    return g_steal_pointer (&servers);
  /* a name server that gives no answer to this may still know the host (DISC-9) */
  if (error == NULL || rs_error_code (error) == RS_ERROR_NOT_FOUND || rs_error_code (error) == RS_ERROR_UNREACHABLE)
    return g_ptr_array_new ();
  rs_job_fail (job, rs_error_code (error), RS_FAIL_PLAIN, "%s", error->message);
  return NULL;
}

static void
ask (RsJob *job, const RsRoute *server, GPtrArray *exchanges)
{
  RsHttp *http = rs_http_start (job, server);

  g_ptr_array_add (exchanges, http);
  while (!rs_job_has_ended (job))
    rs_job_wait (job);
  rs_http_stop (http);
}

void
rs_servers_run (RsJob *job)
{
  g_autoptr (GPtrArray) servers = NULL;
  g_autoptr (GPtrArray) exchanges = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_http_free);

  if (rs_job_request (job)->kind == RS_JOB_SRV)
    {
      list_servers (job);
      return;
    }
  servers = find_servers (job);
  if (servers == NULL)
    return;
  ask (job, servers->len > 0 ? servers->pdata[0] : NULL, exchanges);
  for (guint i = 1; i < servers->len && rs_job_go_on (job); i++)
    ask (job, servers->pdata[i], exchanges);
}
