/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One fetch: from a URL and what the rule says to a worker's request, and back to an outcome. */
#pragma once

#include "engine/parts.h"
#include "ipc/message.h"
#include "rule/rule.h"

G_BEGIN_DECLS

typedef struct
{
  const RsUrl        *url;       /* with a host */
  const RsRuleAction *action;    /* NULL: a candidate of discovery */
  const RsValidator  *validator; /* for a conditional request (HTTP-8); NULL: none */
  gboolean            named_literally; /* the URL's host was written by a rule or by resyncd.conf (HTTP-12) */
  gboolean            use_account;     /* Profile_Account_User may be sent (HTTP-3) */
  gboolean            of_user_class;   /* that class gave the rule: of accounts it has its own only (HTTP-3) */
  gboolean            no_credentials;  /* not even the rule's own, and no body */
  guint               max_seconds;     /* 0: TransferTimeout */
  const char         *form;            /* what a service is told of a code (DISC-11), by POST; NULL: none */
  const char         *report;          /* what is sent there (REPORT-1); NULL: a profile is fetched */
  RsJobKind           kind;
  gboolean            srv;             /* SRV records of the host name the servers, as with --srv (DISC-9) */
  const char         *srv_target;      /* who is asked in the place of the host (DISC-8); NULL: the host */
} RsJob;

/* (transfer full) The request, of RS_JOB_IMAGE without room and part, or NULL with an error: the rule asks for what this version cannot do, or an option names a GPP_x
 * that is of no use for it. */
RsRequest *rs_job_request (const RsParts *parts,
                           const RsJob   *job,
                           GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* What every outcome is shown to: a token that refused its PIN is barred from then on, durably, until CertificateFile or PrivateKeyFile are others. */
void       rs_job_note_outcome (const RsParts   *parts,
                                const RsRequest *request,
                                const RsOutcome *outcome);
gboolean   rs_job_token_is_barred (const RsParts *parts);

#define RS_TOKEN_BARRED \
  "[Tls] PrivateKeyFile: the token did not take the PIN (pin-value) or has no such key; the phone's certificate is not used " \
  "before the URI is another one"

/* Digest over all that decides whether a stored validator still speaks of the same profile (HTTP-8). */
char      *rs_job_context (const RsParts      *parts,
                           const char         *rule_text,
                           const RsUrl        *url,
                           const RsRuleAction *action);

G_END_DECLS
