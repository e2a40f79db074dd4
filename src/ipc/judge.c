/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an outcome may not say, each field by itself being good. */
#include "ipc/judge.h"

#include <string.h>

static gboolean
is_set (const char *text)
{
  return text != NULL && text[0] != '\0';
}

static gboolean
has_profile (const RsOutcome *outcome)
{
  return is_set (outcome->digest) || outcome->assignments->len > 0 || outcome->notes->len > 0;
}

/* What other jobs than that of a profile bring. */
static gboolean
has_other (const RsOutcome *outcome)
{
  return is_set (outcome->certificate) || is_set (outcome->subject) || is_set (outcome->proxies) || is_set (outcome->servers);
}

static gboolean
has_validators (const RsOutcome *outcome)
{
  return is_set (outcome->etag) || is_set (outcome->last_modified);
}

/* What is wrong with what came, or NULL. */
static const char *
content_fault (const RsOutcome *outcome)
{
  guint n_others = (is_set (outcome->certificate) ? 1 : 0) + (is_set (outcome->proxies) ? 1 : 0) + (is_set (outcome->servers) ? 1 : 0);

  if (is_set (outcome->certificate) != is_set (outcome->subject))
    return "a certificate or its name, and not both";
  if (n_others > 1 || (n_others > 0 && has_profile (outcome)))
    return "what only several jobs could bring";
  if (n_others == 0 && (outcome->digest == NULL || strlen (outcome->digest) != RS_DIGEST_LENGTH))
    return "a profile without its digest";
  return NULL;
}

/* What a redirect may not hold, or NULL. */
static const char *
redirect_fault (const RsOutcome *outcome)
{
  if (outcome->http_status != 301 && outcome->http_status != 302)
    return "a redirect without its status";
  if (outcome->not_modified || has_profile (outcome) || has_other (outcome) || has_validators (outcome))
    return "a redirect with what it leads to";
  return is_set (outcome->url) ? NULL : "a redirect to nowhere";
}

/* What a good outcome may not hold, or NULL. */
static const char *
success_fault (const RsOutcome *outcome)
{
  if (outcome->code != RS_ERROR_FAILED || is_set (outcome->message))
    return "a success with an error";
  if (outcome->overload || outcome->silent || outcome->dates_only || outcome->pin_refused)
    return "a success with a reason to fail";
  if (outcome->redirects > 0)
    return redirect_fault (outcome);
  if (outcome->not_modified)
    {
      if (outcome->http_status != 304)
        return "not modified without status 304";
      return has_profile (outcome) || has_other (outcome) ? "not modified, and yet a profile" : NULL;
    }
  if (outcome->http_status != 0 && (outcome->http_status < 200 || outcome->http_status > 299))
    return "a success with a status other than 2xx";
  return content_fault (outcome);
}

/* What a download can end with. The others are the daemon's own words: of a caller, of somebody who cancels. */
static gboolean
is_worker_code (RsError code)
{
  return code == RS_ERROR_FAILED || code == RS_ERROR_INVALID_VALUE || code == RS_ERROR_INVALID_ARGUMENT
         || code == RS_ERROR_NOT_FOUND || code == RS_ERROR_UNREACHABLE || code == RS_ERROR_UNTRUSTED
         || code == RS_ERROR_CORRUPT || code == RS_ERROR_STORAGE;
}

/* What a failure may not hold, or NULL. */
static const char *
failure_fault (const RsOutcome *outcome)
{
  if (!is_worker_code (outcome->code))
    return "a failure that no download has";
  if (!is_set (outcome->message))
    return "a failure without a message";
  if (outcome->not_modified || outcome->redirects > 0 || has_profile (outcome) || has_other (outcome))
    return "a failure with a profile";
  if (has_validators (outcome))
    return "a failure with the validators of a profile";
  if (outcome->overload && rs_error_class (outcome->code) != RS_CLASS_C)
    return "an overload of another class than C";
  if (outcome->silent && outcome->http_status != 0)
    return "a silent server with a status";
  if (outcome->dates_only && outcome->code != RS_ERROR_UNTRUSTED)
    return "dates of a certificate, and yet trusted";
  return NULL;
}

const char *
rs_outcome_contradiction (const RsOutcome *outcome)
{
  if (outcome->http_status > 0 && outcome->http_status < 100)
    return "a status below 100";
  if (outcome->retry_after > 0 && outcome->http_status != 429 && outcome->http_status != 503)
    return "a time to retry without status 429 or 503";
  return outcome->ok ? success_fault (outcome) : failure_fault (outcome);
}

/* Whether asking in one scheme may end in a URL of another: redirects lead from http to https, never back (HTTP-2). */
static gboolean
may_lead_to (const char *scheme,
             const char *url)
{
  g_autofree char *own = g_strconcat (scheme, "://", NULL);

  return g_str_has_prefix (url, own) || (strcmp (scheme, "http") == 0 && g_str_has_prefix (url, "https://"));
}

/* What the answer with an image may not hold, or NULL. */
static const char *
image_fault (const RsOutcome *outcome)
{
  if (outcome->assignments->len > 0 || outcome->notes->len > 0)
    return "a profile where an image was asked for";
  return outcome->http_status > 200 && outcome->http_status != 206 ? "an image with a status other than 200 and 206" : NULL;
}

/* What the answer to an upload may not hold, or the answer with an image or a profile, or NULL. */
static const char *
kind_fault (const RsOutcome *outcome,
            const RsRequest *request)
{
  if (!outcome->ok)
    return outcome->code == RS_ERROR_STORAGE && request->kind != RS_JOB_IMAGE ? "a failure that only an image has" : NULL;
  if (outcome->redirects > 0)
    return NULL;
  if (request->kind == RS_JOB_IMAGE)
    return image_fault (outcome);
  if (!request->upload)
    return outcome->http_status > 200 && !outcome->not_modified ? "a profile with a status other than 200" : NULL;
  if (outcome->assignments->len > 0 || outcome->notes->len > 0 || has_validators (outcome))
    return "a profile from where a report went";
  return NULL;
}

/* Whether what came is what a job of that kind brings. */
static gboolean
is_of_kind (const RsOutcome *outcome,
            RsJobKind        kind)
{
  if (!outcome->ok || outcome->not_modified || outcome->redirects > 0)
    return TRUE;
  return is_set (outcome->certificate) == (kind == RS_JOB_AUTHORITY)
         && is_set (outcome->proxies) == (kind == RS_JOB_PROXY) && is_set (outcome->servers) == (kind == RS_JOB_SRV);
}

/* An image that was whole already: nobody was asked. */
static gboolean
may_be_silent (const RsRequest *request)
{
  return request->kind == RS_JOB_IMAGE && request->part.bytes > 0 && request->part.bytes == request->part.total;
}

const char *
rs_outcome_mismatch (const RsOutcome *outcome,
                     const RsRequest *request)
{
  gboolean http = rs_request_is_http (request);

  if (!is_of_kind (outcome, request->kind))
    return "what another kind of job brings";
  if (outcome->redirects > 0 && (!request->proxies_found || outcome->redirects <= request->redirects))
    return "a redirect that the worker was to follow";
  if (outcome->assignments->len > request->max_parameters)
    return "more assignments than were asked for";
  if (outcome->not_modified && !is_set (request->if_none_match) && !is_set (request->if_modified_since))
    return "not modified, though the request was not conditional";
  if (is_set (outcome->url) && !may_lead_to (request->scheme, outcome->url))
    return "a URL that the request cannot lead to";
  if (!http && (outcome->http_status != 0 || has_validators (outcome) || outcome->dates_only))
    return "words of HTTP where none was spoken";
  if (outcome->pin_refused && !rs_request_may_use_token (request))
    return "the PIN of a token that was not to be asked";
  if (http && outcome->ok && !may_be_silent (request) && (outcome->http_status == 0) != (request->kind == RS_JOB_SRV))
    return request->kind == RS_JOB_SRV ? "a status of HTTP from the DNS" : "a success without a status";
  return kind_fault (outcome, request);
}
