/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of an attempt share: attempt.c goes through the rules, discover.c through the candidates, redirect.c to the services, apply.c commits what came. */
#pragma once

#include "engine/attempt.h"
#include "engine/job.h"
#include "engine/servers.h"
#include "plan/codes.h"
#include "plan/sources.h"
#include "worker/worker.h"

G_BEGIN_DECLS

/* What comes after an asynchronous step. */
typedef void (*RsAttemptNext) (GTask *task);

typedef struct
{
  const RsParts *parts;
  RsAttemptRequest *request; /* NULL: automatic */
  gint64 hand_set;
  RsAttemptProgressFunc progress;
  gpointer progress_data;
  RsAttemptResult *result;
  /* the failure that says most about why discovery found nothing; message NULL: none yet */
  char *error_message;
  RsError error_code;
  char *error_url;
  guint error_status;
  gboolean dates_only;  /* a certificate failed by its dates alone, and the clock was never set (HTTP-11) */

  guint slot;
  guint n_slots;
  RsMode mode;          /* of slot 0 */
  gboolean provisioned; /* before this attempt */
  gboolean own_rule;    /* Profile_Rule is not the factory's */
  char *rules_before[RS_N_RULES];
  GPtrArray *carried[RS_N_RULES]; /* RsAssignment: what each slot's profile held in this run; NULL: not known */
  guint n_fetched;
  guint n_unchanged;

  /* Custom_CA_Rule */
  char *ca_rule;        /* as it was when it was last looked at; NULL: not yet */
  char *ca_context;     /* of the load that runs */
  gboolean ca_asked;    /* for what ca_rule says now */
  gboolean ca_checked;  /* after the last slot */
  RsAttemptNext ca_done;

  /* the fetch that runs */
  RsUrl *url;
  RsRuleAction *action;
  char *shown;          /* url, masked; before it is known the rule */
  char *context;        /* rs_job_context () */
  RsCandidate *server;  /* that DHCP names and that was put into the rule's URL; NULL: it names its own */
  gboolean secure;      /* it asks by https from the start */
  RsOutcome *outcome;
  RsAttemptNext next;   /* after the fetch */
  RsAttemptNext again;  /* the same fetch once more */
  gboolean named;       /* the rule itself names the server */

  /* of an attempt that reports; NULL: it fetches profiles */
  RsRule *report;
  const RsRule *report_rule; /* of its rules the one at work */
  GVariant *status;          /* the status page when it began */
  GHashTable *marks;         /* what is on its way; NULL: no parameters */

  /* discovery */
  GPtrArray *sources;
  GPtrArray *passed_over; /* char *: what the lease names and the phone cannot use */
  RsSourceFacts ways;
  RsSource way; /* the present one */
  RsCandidates *candidates;
  RsAttemptNext slot_done;
  RsAttemptNext last_resort; /* after all candidates failed; NULL: there is none */
  RsCandidate *candidate; /* being tried; NULL: a rule is */
  char *own_path;
  char *floor_scheme;     /* DISC-6: no candidate below it; "" none */

  /* the redirect and activation services */
  guint service;          /* the one that is asked */
  gboolean known;         /* one of them gave a rule for the phone, or the code … */
  gboolean unknown;       /* … or none did yet, and one does not know it */
  RsAttemptNext services_failed;
  char *hint;             /* the rule that one of them gave, while it is tried; NULL: none is. Wiped. */
} Attempt;

Attempt *rs_attempt_new (const RsParts *parts);
void     rs_attempt_free (gpointer data);

/* Notes how things stand: what the lease names, and the rules. */
void     rs_attempt_begin (Attempt *attempt);

/* Ends the attempt: fills result from what was seen and returns the task. error NULL: it went well. */
void rs_attempt_finish (GTask        *task,
                        const GError *error);

#define RS_REPORT_RULE "Report_Rule"

/* Whether a person entered a code, and this attempt takes it to its service. */
gboolean rs_attempt_has_code (const Attempt *attempt);

/* Onboarding goes a step on: the customization state follows at once, and is on disk where a power cut would lose what it says. */
/* A code led to a server. On disk, for who loses the power between the profile and the state. */
void     rs_attempt_code_named (Attempt *attempt);
void     rs_attempt_step (Attempt         *attempt,
                          RsOnboardingStep step);

/* Whether there is an activation service that may be asked (STATE-5). */
gboolean rs_attempt_may_activate (const RsParts *parts);

/* The source of a rule of the phone's own. */
#define RS_CONFIGURED "configured"

/* A line of the story that Status tells. tried: masked; "" nothing was, for there is nobody. */
void     rs_attempt_note_try (Attempt    *attempt,
                              const char *source,
                              const char *tried,
                              const char *outcome);

/* HTTP-11: of a search it is known at the end whether it is a clock that is missing; where one server needs it another may not. */
void     rs_attempt_note_dates (Attempt *attempt);

/* What a worker says begins with the URL, which stands beside it in such a line. */
const char *rs_attempt_without_url (const Attempt *attempt,
                                    const char    *message);

/* Evaluates a rule of the attempt into attempt->action, with the authority of who wrote it (RULE-10). */
gboolean rs_attempt_evaluate (Attempt      *attempt,
                              const RsRule *rule,
                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* The server for an action's URL without one (RULE-7): who asked, who provisioned the phone, who DHCP names. */
gboolean rs_attempt_put_in_server (Attempt *attempt,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the request brought a rule of its own, for this attempt only. */
gboolean rs_attempt_has_own_rule (const Attempt *attempt);

/* Whether what is fetched decides if the phone is provisioned, and by whom: a candidate, or the one remembered. */
gboolean rs_attempt_is_onboarding (const Attempt *attempt);

/* Keeps what went wrong for the end of a discovery that finds nothing better. Of several the one counts that says most: a server that serves
 * a broken file tells more than one that has none. */
void     rs_attempt_set_failure (Attempt    *attempt,
                                 RsError     code,
                                 const char *message);

/* To the journal. */
void     rs_attempt_log_warnings (GPtrArray *warnings);

/* Ends a cancelled attempt; TRUE where it did. */
gboolean rs_attempt_check_cancelled (GTask *task);

/* Fetches attempt->url (set with rs_attempt_set_url ()); done is called on the main loop with attempt->outcome set, unless the task was cancelled. */
void rs_attempt_set_url (Attempt     *attempt,
                         const RsUrl *url);
void rs_attempt_fetch (GTask             *task,
                       const RsJob       *job,
                       RsAttemptNext      done);

/* Remembers what the slot's profile carried, for the validators of the rules after it. */
void rs_attempt_note_carried (Attempt *attempt);

/* Commits attempt->outcome as the profile of the slot, then calls done, or refused with an error. In onboarding a profile of which nothing applies is
 * RS_ERROR_CORRUPT (DISC-13). */
void rs_attempt_apply (GTask        *task,
                       RsAttemptNext done,
                       void        (*refused) (GTask        *task,
                                               const GError *error));

/* What a rule assigns (RULE-5). (transfer full), of RsAssignment */
GPtrArray *rs_attempt_assignments (const RsRuleAction *action);

/* Says in the journal which values were skipped; where: whence they came. */
void rs_attempt_log_faults (const char        *where,
                            const RsChangeset *changes);

/* Stores what a rule assigns, then calls done. */
void rs_attempt_assign (GTask        *task,
                        RsAttemptNext done);

/* Loads the custom CA where Custom_CA_Rule says so and it is not there yet, or removes it, and calls done (HTTP-9). What goes wrong with it is said
 * and is no fault of the attempt. again: looks also whether the one that is there has changed at its server. */
void rs_attempt_load_ca (GTask        *task,
                         gboolean      again,
                         RsAttemptNext done);

/* Looks for the servers that SRV records of the lease's domain name, as further candidates, and calls done (DISC-7). */
void rs_attempt_find_srv (GTask        *task,
                          RsAttemptNext done);

/* Fetches what attempt->action says, as the slot's profile. */
void rs_attempt_fetch_rule (GTask *task);

/* Slot 0 by discovery: tries the candidates; slot_done when one applied. */
void rs_attempt_discover (GTask        *task,
                          RsAttemptNext slot_done);

G_END_DECLS
