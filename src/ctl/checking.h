/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A check in progress, for the files that look for faults. */
#pragma once

#include "ctl/faults.h"
#include "rule/rule.h"

G_BEGIN_DECLS

typedef struct
{
  RsFindings      *findings;
  const RsProfile *profile;
  RsCatalogue     *catalogue;

  /* what the whole file tells, found once, before its rules are judged; all borrowed */
  GHashTable      *in_force;  /* RsParam → RsAssignment: the last of the file that sets it, which is the one that counts */
  GPtrArray       *secrets;   /* RsAssignment: those whose values nobody on the way may read, in force or not */
  GHashTable      *veiled;    /* names of parameters whose values are secrets because of what the rules of the file do with them */
  GHashTable      *seen;      /* registers that were checked as what some rule takes them for, with a mark of what that is */
  gboolean         encrypted; /* profiles come after RFC 8188 (IKM_HTTP_Encrypt_Content) */
  gboolean         closed;    /* some profile rule fetches so that nobody on the way can read it */
} RsChecking;

/* At a character (from 1) of its value; 0: at the element or entry itself. Faults beyond a bound are counted only. NULL: this one is beyond it. */
RsFound *rs_checking_add (RsChecking         *checking,
                          const RsAssignment *assignment,
                          guint               character,
                          RsFoundKind         kind,
                          gboolean            error,
                          const char         *format,
                          ...) G_GNUC_PRINTF (6, 7);

/* A name that the catalogue does not have. */
void     rs_checking_add_unknown (RsChecking         *checking,
                                  const RsAssignment *assignment,
                                  guint               character,
                                  const char         *name);

/* The assignment in force that sets the parameter for which a macro stands; NULL: the file sets none, or it stands for none. */
const RsAssignment *rs_checking_find (const RsChecking *checking,
                                      const char       *macro);

/* Whether the assignment is in force. */
gboolean rs_checking_counts (const RsChecking   *checking,
                             const RsAssignment *assignment);

/* A text with what the file itself gives its macros; others stay as they are. RS_ERROR_INVALID_RULE: it uses $SA … $SD, or is too long. */
char    *rs_checking_expand (const RsChecking *checking,
                             const char       *text,
                             GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* The macros of a phone that has read the file: what it does not set is something. */
RsMacros rs_checking_macros (const RsChecking *checking);

/* Whether a text depends on a parameter that the file does not set. */
gboolean rs_checking_is_open (const RsChecking *checking,
                              const char       *text);

/* What the rules of the file make a secret, by the code that the phone asks (rs_rule_secrets ()). A set of strings; free it. */
GHashTable *rs_checking_veiled (const RsChecking *checking);

/* A text with macros that others read: where one stands for such a secret, what comes of it is told. */
void     rs_checking_shown_text (RsChecking         *checking,
                                 const RsAssignment *assignment,
                                 const char         *consequence);

/* A text in which macros are expanded, but no rule: what of it looks like a macro and is none, and whether it can be expanded at all: else
 * it is a fault of that kind, and what comes of it is told. */
void     rs_checking_macro_text (RsChecking         *checking,
                                 const RsAssignment *assignment,
                                 RsFoundKind         kind,
                                 const char         *consequence);

/* What looks like a macro in a value, which is a rule or another text, and is none. */
void     rs_checking_unknown_macros (RsChecking         *checking,
                                     const RsAssignment *assignment,
                                     gboolean            of_rule);

/* What somebody on the way could use: a field of a URL's query whose name is that of a secret, with a value; "user@" before its server, or
 * "user:password@"; such a field in the register that is sent as a body (letter: NULL for none); what a rule holds, but not what goes along with
 * the request of its alternative told (0: that too). */
gboolean rs_secret_in_query (const char *url);
gboolean rs_secret_in_userinfo (const char *url,
                                gboolean    with_password);
gboolean rs_secret_in_body (const RsChecking *checking,
                            const char       *letter);
gboolean rs_secret_in_rule (const RsChecking *checking,
                            const RsRule     *rule,
                            guint             told);

/* Whether an alternative may fetch a file so that nobody on the way can read it. */
gboolean rs_checking_is_closed (const RsChecking    *checking,
                                const RsRuleOutline *outline);

/* Looks through the file for what its rules are to be judged by: first what is in force. */
void     rs_checking_survey (RsChecking *checking);

/* Secrets that an alternative (from 1) of a rule in force, or of one that it assigns, would carry over the network for all to read, and those of the
 * file that it would fetch so. param: whose rule it is; column: where this is told. */
void     rs_checking_clear_text (RsChecking         *checking,
                                 const RsAssignment *assignment,
                                 const RsParam      *param,
                                 const RsRule       *rule,
                                 guint               alternative,
                                 guint               column);

/* Whether a resync can come to an alternative: its condition may hold, and none before it always does. Asked in their order; *reached: TRUE
 * before the first. checking: where its macros are as the file sets them; NULL: wherever they may be something else. error: as of
 * rs_rule_truth (), of a condition that is reached. */
gboolean rs_checking_may_take (const RsChecking *checking,
                               const RsRule     *rule,
                               guint             alternative,
                               gboolean         *reached,
                               GError          **error);

/* Comparisons of an alternative that cannot come out otherwise, or cannot be made. */
void     rs_checking_condition (RsChecking         *checking,
                                const RsAssignment *assignment,
                                const RsRule       *rule,
                                guint               alternative);

/* A URL, as written, that leads elsewhere than it looks. */
void     rs_checking_url (RsChecking          *checking,
                          const RsAssignment  *assignment,
                          const RsRuleOutline *outline);

/* PHONE-3: macros for the parts of a URL in a profile rule. They are of the one that was fetched, and none was when such a rule is followed. */
void     rs_checking_parts (RsChecking         *checking,
                            const RsAssignment *assignment);

/* All that can be said of a value of type rule. param: of the assignment. */
void     rs_checking_rule (RsChecking         *checking,
                           const RsAssignment *assignment,
                           const RsParam      *param);

G_END_DECLS
