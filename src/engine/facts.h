/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the macros of a rule stand for (PHONE-3): one object that knows the phone, its parameters, its lease and the attempt that runs. */
#pragma once

#include "discovery/network.h"
#include "params/snapshot.h"
#include "plan/resync.h"
#include "rule/macro.h"
#include "rule/url.h"
#include "system/clock.h"
#include "system/identity.h"

G_BEGIN_DECLS

#define RS_MAX_REGISTRATIONS 16

typedef struct _RsFacts RsFacts;

/* Borrows identity; both live as long as the daemon. */
RsFacts *rs_facts_new (const RsIdentity *identity,
                       RsClock          *clock,
                       gboolean          has_certificate);
void     rs_facts_free (RsFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsFacts, rs_facts_free)

void     rs_facts_set_snapshot (RsFacts    *facts,
                                RsSnapshot *snapshot);
void     rs_facts_set_lease (RsFacts       *facts,
                             const RsLease *lease);
/* From the SIP application (PHONE-6). FALSE: no such line. since: wall clock, µs, when the registration was lost; 0: registered. */
void     rs_facts_set_external_ip (RsFacts    *facts,
                                   const char *address);
gboolean rs_facts_set_registration (RsFacts *facts,
                                    guint    line,
                                    gint64   since);
void     rs_facts_set_provisioned (RsFacts *facts,
                                   gboolean provisioned);
/* The attempt that begins: $PRVST; $PRVTMR counts from the one before; no URL yet. */
void     rs_facts_begin_attempt (RsFacts *facts,
                                 RsReason reason);
/* The URL in use: $SCHEME, $SERV, $PORT, $PATH. NULL: none. */
void     rs_facts_set_url (RsFacts     *facts,
                           const RsUrl *url);
void     rs_facts_set_server_address (RsFacts    *facts,
                                      const char *address);
/* $ERR of the last attempt; "" after a success. */
void     rs_facts_set_error (RsFacts    *facts,
                             const char *message);

/* Whether a text with macros, such as a rule, uses a parameter that the user class may not read. Who of that class stored it was allowed to
 * then; the parameter may have been closed since, and a server of that class's choice is no place for it (RULE-10). */
gboolean rs_facts_shows_private (RsFacts    *facts,
                                 const char *text);

/* While it is so, $SCHEME, $SERV, $PORT, $PATH, $SERVIP and $ERR are of the upgrade, and what sets them does so there: upgrades run beside
 * resyncs. */
void rs_facts_speak_of_upgrade (RsFacts *facts,
                                gboolean speak);

/* $UPGTMR counts from here. */
void rs_facts_begin_upgrade (RsFacts *facts);

/* $UPGST, $UPGERR. */
void rs_facts_set_upgrade (RsFacts    *facts,
                           gboolean    is_retry,
                           const char *error);

/* For rs_macro_expand () and rs_rule_evaluate (); valid as long as facts. */
const RsMacros *rs_facts_get_macros (RsFacts *facts);

/* The same for a log: secrets are masked, those that only the rules in force make ones too, and so is the query of $PATH (STORE-3). */
const RsMacros *rs_facts_get_shown_macros (RsFacts *facts);

/* The same as an attempt will find them that somebody asks for now: $PRVST is -1, and there is no URL yet. */
const RsMacros *rs_facts_get_next_macros (RsFacts *facts);

/* The User-Agent of a request (PHONE-2). open: others can read it than the server that a rule means; then HTTP_User_Agent_Name is not followed
 * where it uses a secret (STORE-3). */
char    *rs_facts_user_agent (RsFacts *facts,
                              gboolean open);

G_END_DECLS
