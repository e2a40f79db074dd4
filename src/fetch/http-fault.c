/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which failure is which. */
#include "fetch/http-fault.h"

#include "base/text.h"
#include "fetch/trust.h"

#include <gnutls/gnutls.h>

#include <string.h>

static gboolean
is_io (const GError *error, GIOErrorEnum code)
{
  return g_error_matches (error, G_IO_ERROR, (int)code);
}

void
rs_http_fail_silent (RsJob *job, gboolean first_host)
{
  rs_job_fail (job, RS_ERROR_UNREACHABLE, first_host ? RS_FAIL_SILENT : RS_FAIL_PLAIN,
               "no answer within %u seconds; check that the server runs and that the network lets it through",
               rs_job_request (job)->connect_timeout);
}

static void
fail_trust (RsJob *job, SoupMessage *message)
{
  GTlsCertificateFlags flags = soup_message_get_tls_peer_certificate_errors (message);
  GTlsCertificate *certificate = soup_message_get_tls_peer_certificate (message);
  gboolean dates_only = rs_trust_is_dates_only (flags) && !rs_job_request (job)->clock_is_set;
  g_autofree char *fault = rs_trust_describe (certificate, flags, g_uri_get_host (soup_message_get_uri (message)));

  rs_job_fail (job, RS_ERROR_UNTRUSTED, dates_only ? RS_FAIL_DATES_ONLY : RS_FAIL_PLAIN,
               "the server is not trusted: %s; %s", fault,
               dates_only ? "the phone's clock is not set yet" : "nothing was taken from it");
}

/* GnuTLS says what went wrong in words only. */
static void
fail_handshake (RsJob *job, const GError *error)
{
  g_autofree char *why = rs_text_escape (error->message, 200);

  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_NOT_TLS)
      || strstr (error->message, "unexpected TLS packet") != NULL)
    rs_job_fail (job, RS_ERROR_UNTRUSTED, RS_FAIL_PLAIN,
                 "the server does not speak TLS on this port, or broke it off; check scheme and port");
  else if (strstr (error->message, "did not send a certificate") != NULL)
    /* the code of which is the same as that of a server that wants one */
    rs_job_fail (job, RS_ERROR_UNTRUSTED, RS_FAIL_PLAIN, "the server is not trusted: it showed no certificate");
  else if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED)
           || strstr (error->message, "Certificate is required") != NULL)
    rs_job_fail (job, RS_ERROR_UNTRUSTED, RS_FAIL_PLAIN,
                 "the server wants a client certificate; check CertificateFile and PrivateKeyFile in resyncd.conf");
  else if (strstr (error->message, "protocol version") != NULL
           || strstr (error->message, "unsupported version") != NULL)
    rs_job_fail (job, RS_ERROR_UNTRUSTED, RS_FAIL_PLAIN,
                 "the server speaks only a version of TLS that is too old; it must offer TLS 1.2 or newer");
  else
    rs_job_fail (job, RS_ERROR_UNTRUSTED, RS_FAIL_PLAIN, "TLS failed: %s", why);
}

/* The end of a connection without TLS's own goodbye, in the headers, ends the session of TLS; libsoup then reads once more. */
static gboolean
is_cut (const GError *error)
{
  return is_io (error, G_IO_ERROR_CONNECTION_CLOSED) || is_io (error, G_IO_ERROR_PARTIAL_INPUT)
         || (error->domain == G_TLS_ERROR && strstr (error->message, gnutls_strerror (GNUTLS_E_INVALID_SESSION)) != NULL);
}

static void
fail_network (RsJob *job, const GError *error, gboolean first_host)
{
  RsFailFlags silent = first_host ? RS_FAIL_SILENT : RS_FAIL_PLAIN;
  g_autofree char *why = rs_text_escape (error->message, 200);

  if (is_io (error, G_IO_ERROR_TIMED_OUT))
    rs_http_fail_silent (job, first_host);
  else if (is_io (error, G_IO_ERROR_CONNECTION_REFUSED))
    rs_job_fail (job, RS_ERROR_UNREACHABLE, silent | RS_FAIL_OVERLOAD,
                 "the connection was refused; check that the server runs and listens on this port");
  else if (is_io (error, G_IO_ERROR_HOST_UNREACHABLE) || is_io (error, G_IO_ERROR_NETWORK_UNREACHABLE))
    rs_job_fail (job, RS_ERROR_UNREACHABLE, silent, "no route to the server; check the phone's network");
  else if (is_cut (error))
    rs_job_fail (job, RS_ERROR_UNREACHABLE, silent, "the server ended the connection before it answered; check scheme and port, and that its headers stay"
                 " below 64 KiB");
  else
    rs_job_fail (job, RS_ERROR_UNREACHABLE, RS_FAIL_PLAIN, "the server cannot be reached: %s", why);
}

void
rs_http_fail_send (RsJob *job, SoupMessage *message, const GError *error, gboolean first_host)
{
  if (soup_message_get_tls_peer_certificate_errors (message) != 0)
    fail_trust (job, message);
  else if (error->domain == G_TLS_ERROR && !is_cut (error))
    fail_handshake (job, error);
  else if (g_error_matches (error, SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_ENCODING))
    rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN,
                 "the answer's Content-Length is no number, or its Transfer-Encoding is not chunked; the server is at "
                 "fault");
  else if (error->domain == SOUP_SESSION_ERROR)
    {
      g_autofree char *why = rs_text_escape (error->message, 200);

      rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN, "what came is no answer in HTTP (%s); check scheme and port",
                   why);
    }
  else
    fail_network (job, error, first_host);
}

void
rs_http_fail_tunnel (RsJob *job, guint status)
{
  /* what a proxy says when the server cannot be reached, or does not answer it in time */
  if (status == 502 || status == 503 || status == 504)
    rs_job_fail (job, RS_ERROR_UNREACHABLE, RS_FAIL_PLAIN,
                 "it cannot reach the server (its status is %u); check the URL, and that the server runs", status);
  else
    rs_job_fail (job, RS_ERROR_FAILED, RS_FAIL_PLAIN,
                 "it does not connect to the server (its status is %u); check the proxy's access rules", status);
}

void
rs_http_fail_body (RsJob *job, const GError *error)
{
  if (error != NULL && is_io (error, G_IO_ERROR_TIMED_OUT))
    rs_job_fail (job, RS_ERROR_UNREACHABLE, RS_FAIL_PLAIN,
                 "the server sent nothing for %u seconds in the middle of the file",
                 rs_job_get_patience (job));
  else
    rs_job_fail (job, RS_ERROR_UNREACHABLE, RS_FAIL_PLAIN, "the connection ended before the whole file had come");
}
