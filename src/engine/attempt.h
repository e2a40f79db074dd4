/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One attempt to provision the phone: its rules in order, or the one it was given, or the candidates of discovery; each fetched by a worker
 * and applied as one transaction. (SCHED-9, PROF-7, DISC-1, DISC-14) */
#pragma once

#include "engine/parts.h"
#include "plan/candidates.h"
#include "plan/codes.h"
#include "plan/onboarding.h"

G_BEGIN_DECLS

/* What an explicit request brought along. */
typedef struct
{
  char    *rule;      /* "" means the configured rules */
  char    *requester; /* host that stands in where the URL names none; "" none */
  gboolean private_macros; /* the rule comes from root or an admin: SA … SD may stand in it */
  char      *code;         /* digits of an activation code or of a profile's name (DISC-11); NULL: none. Wiped. */
  RsCodeKind code_kind;
} RsAttemptRequest;

RsAttemptRequest *rs_attempt_request_new (const char *rule,
                                          const char *requester,
                                          gboolean    private_macros);
/* digits are copied. */
RsAttemptRequest *rs_attempt_request_new_code (RsCodeKind  kind,
                                               const char *digits);
RsAttemptRequest *rs_attempt_request_copy (const RsAttemptRequest *request);
void              rs_attempt_request_free (RsAttemptRequest *request);
/* Whether it says itself where the profile is: a rule, or a code. NULL: an automatic one, which does not. */
gboolean          rs_attempt_request_is_by_hand (const RsAttemptRequest *request);

typedef struct
{
  const char *result;  /* "success", "unchanged", "file-not-found", "corrupt-profile", "failed", "cancelled", "skipped" */
  RsClass     class;
  RsError     code;    /* where class is not A */
  char       *url;     /* masked; "" none */
  char       *message; /* masked */
  char       *rule;    /* the last rule that was run, masked; "" none */
  const char *reboot_name; /* a parameter that changed and asks for a restart; NULL none */
  char       *source;  /* "configured", "manual", "dhcp-66" …; "" none */
  guint       http_status;
  guint       changed; /* parameters */
  guint32     retry_after; /* seconds; the longest that a server named (HTTP-7); 0 none */
  gboolean    explicit_rule; /* the request brought a rule of its own */
  gboolean    rules_changed;
  gboolean    overload;   /* of a server that was asked, where none gave the profile (HTTP-5) */
  gboolean    wait_for_clock;
  gboolean    clock_borne_out; /* a certificate was good by the wall clock: by https from the start */
  gboolean    applied;  /* at least one profile was applied or found unchanged: the phone is provisioned */
  RsProvisionedBy by;
  gboolean    has_code;   /* a person entered one … */
  gboolean    code_wrong; /* … and its service does not know it (DISC-11) */
  RsCandidate *candidate; /* the one that provisioned the phone; NULL: none */
  char       *lease_servers; /* what DHCP named when the attempt began */
  GPtrArray  *onboarding; /* RsOnboardingTry, what discovery tried */
} RsAttemptResult;

#define RS_ONBOARDING_TRIES_MAX 64

typedef struct
{
  char  *source;
  char  *tried;   /* masked URL */
  char  *outcome; /* in words */
  gint64 time;    /* wall, µs */
} RsOnboardingTry;

/* (transfer full), of RsOnboardingTry. */
GPtrArray       *rs_onboarding_tries_new (void);

/* Takes one. Where there is no room the oldest goes of which a later one of its source tells as well: each source keeps its end. */
void             rs_onboarding_tries_add (GPtrArray       *tries,
                                          RsOnboardingTry *one);

#define RS_ONBOARDING_TYPE G_VARIANT_TYPE ("a(ssst)")

/* Those from the number first on, as Status shows them. Floating. */
GVariant        *rs_onboarding_tries_to_variant (GPtrArray *tries,
                                                 guint      first);

/* "skipped", all empty. */
RsAttemptResult *rs_attempt_result_new (void);
void rs_attempt_result_free (RsAttemptResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsAttemptResult, rs_attempt_result_free)

typedef void (*RsAttemptProgressFunc) (const char *stage,
                                       const char *url,
                                       guint64     bytes,
                                       guint64     total,
                                       gpointer    data);

/* What a search has tried grows in onboarding (RsOnboardingTry), and a stage of this name is said each time. */
#define RS_STAGE_TRIED "tried"

/* request may be NULL (automatic). hand_set: boot instant at which a person set a rule (STATE-3), 0 none. */
void rs_attempt_run_async (const RsParts          *parts,
                           const RsAttemptRequest *request,
                           gint64                  hand_set,
                           GPtrArray              *onboarding,
                           RsAttemptProgressFunc   progress,
                           gpointer                progress_data,
                           GCancellable           *cancellable,
                           GAsyncReadyCallback     callback,
                           gpointer                data);

/* Never NULL. (transfer full) */
RsAttemptResult *rs_attempt_run_finish (GAsyncResult *result);

G_END_DECLS
