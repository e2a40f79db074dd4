/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Good messages, and what the tests of ipc/ do with them. */
#pragma once

#include "ipc/message.h"

G_BEGIN_DECLS

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* By https, conditional, at most three parameters. */
RsRequest *sample_request (void);
/* Three assignments and a note, by https with status 200. */
RsOutcome *sample_success (void);
/* Overload, status 503. */
RsOutcome *sample_failure (void);
RsOutcome *sample_not_modified (void);
RsOutcome *sample_redirect (void);

/* The payload of a frame whose header is right. */
GBytes    *payload_of (GBytes     *frame,
                       RsFrameType expected);
GBytes    *outcome_payload (const RsOutcome *outcome);
GBytes    *request_payload (const RsRequest *request);

/* c, n times. */
char      *repeated (char  c,
                     gsize n);

#define OUTCOME_TYPE "(bysubbbbussssssssbsyayayayayauas)"

/* Replaces children of a tuple by what the texts say: "INDEX=VALUE" in GVariant's text form. */
GBytes    *tampered (GBytes            *payload,
                     const char        *type,
                     const char *const *changes);

G_END_DECLS
