/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a proxy auto-configuration file must be before it is run, and what its answer must be afterwards. */
#include "fetch/proxy-file.h"

#include "cage/cage.h"
#include "fetch/pac.h"
#include "fetch/route.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static void
on_answer (const char *answer, const char *fault, gpointer data)
{
  RsJob *job = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) routes = answer != NULL ? rs_routes_parse_answer (answer, &error) : NULL;
  g_autofree char *proxies = routes != NULL ? rs_routes_to_string (routes) : NULL;

  if (routes != NULL)
    rs_job_end_proxies (job, proxies);
  else
    rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "the proxy auto-configuration file is of no use: %s",
                 error != NULL ? error->message : fault);
}

/* From here on the worker is in the hands of the file. */
void
rs_proxy_file_ask (RsJob *job, GBytes *body)
{
  const RsRequest *request = rs_job_request (job);
  gsize length;
  const char *data = g_bytes_get_data (body, &length);
  g_autofree char *text = g_strndup (data, length);
  const char *script = g_str_has_prefix (text, BYTE_ORDER_MARK) ? text + strlen (BYTE_ORDER_MARK) : text;
  g_autoptr (GError) error = NULL;

  if (script[strspn (script, " \t\r\n")] == '<')
    /* what a portal or a server for all names has at any path; nobody has made a file here */
    rs_job_fail (job, RS_ERROR_NOT_FOUND, RS_FAIL_PLAIN, "this is a page, and no proxy auto-configuration file");
  else if (strlen (text) < length)
    rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "the proxy auto-configuration file is of no use: it holds a NUL");
  else if (!rs_cage_narrow (&error))
    rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "%s", error->message);
  else
    rs_pac_ask (script, request->target, request->own_address, on_answer, job);
}
