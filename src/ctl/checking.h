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
  GPtrArray       *secrets;   /* RsAssignment: those whose values nobody on the way may read */
  GHashTable      *holders;   /* the same, as a set */
  GHashTable      *registers; /* "A" → RsAssignment: GPP_A … GPP_P as the file sets them last */
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

/* Looks through the file for what its rules are to be judged by. */
void     rs_checking_survey (RsChecking *checking);

/* A text with what the file itself gives $A … $P; other macros stay as they are. RS_ERROR_INVALID_RULE: it uses $SA … $SD. */
char    *rs_checking_expand (const RsChecking *checking,
                             const char       *text,
                             GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* Secrets that an alternative would carry over the network for all to read, and those of the file that it would fetch so. */
void     rs_checking_clear_text (RsChecking          *checking,
                                 const RsAssignment  *assignment,
                                 RsRuleKind           kind,
                                 const RsRuleOutline *outline);

/* Comparisons of an alternative that cannot come out otherwise, or cannot be made. */
void     rs_checking_condition (RsChecking         *checking,
                                const RsAssignment *assignment,
                                const RsRule       *rule,
                                guint               alternative);

/* All that can be said of a value of type rule. param: of the assignment. */
void     rs_checking_rule (RsChecking         *checking,
                           const RsAssignment *assignment,
                           const RsParam      *param);

G_END_DECLS
