/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a phone reports (REPORT-1), as XML that it would take as a profile itself. */
#pragma once

#include "params/snapshot.h"

G_BEGIN_DECLS

/* How a parameter stood when it was last reported: what it is now is compared with it. Of 16 hexadecimal digits, and not to be told to
 * anybody. For a parameter that the report leaves out "". */
#define RS_REPORT_MARK 16

/* name → mark of the parameters that differ from their defaults, both strings owned. for_user: of a report that the user class asked for.
 * secrets: names of parameters that are secrets though the catalogue does not say so (rs_rule_secrets ()); NULL: none. */
GHashTable *rs_report_marks (RsSnapshot *snapshot,
                             gboolean    for_user,
                             GHashTable *secrets);

/* <flat-profile> with each parameter, its value and what the user class may do with it; before (marks of the last report; NULL: there was
 * none) leaves out those that are as they were then. Left out always: secrets, rules, texts with a URL that has an account or a query (STORE-3),
 * or with a field such as "password=x", and what XML cannot hold; for_user: also what the user class may not read (RULE-10). */
char       *rs_report_profile (RsSnapshot *snapshot,
                               GHashTable *before,
                               gboolean    for_user,
                               GHashTable *secrets);

/* The status page, a{sv}, as <status> beside an empty <flat-profile>: an element each key, and in it one each member of what is no text
 * or number. */
char       *rs_report_status (GVariant *status);

G_END_DECLS
