/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A check in progress, for the files that look for faults. */
#pragma once

#include "ctl/faults.h"

G_BEGIN_DECLS

typedef struct
{
  RsFindings      *findings;
  const RsProfile *profile;
  RsCatalogue     *catalogue;
  GPtrArray       *secrets;   /* RsAssignment, borrowed: those whose values nobody on the way may read */
  gboolean         encrypted; /* the file says that profiles come after RFC 8188 (IKM_HTTP_Encrypt_Content) */
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

/* All that can be said of a value of type rule. param: of the assignment. */
void     rs_checking_rule (RsChecking         *checking,
                           const RsAssignment *assignment,
                           const RsParam      *param);

G_END_DECLS
