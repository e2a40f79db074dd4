/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a phone remembers while a case is walked. */
#pragma once

#include "plan/onboarding.h"

G_BEGIN_DECLS

typedef struct
{
  RsCustomization state;
  gboolean        provisioned;
  char           *source;
  char           *rule;       /* "": the factory's */
  char           *remembered; /* URL; "": none */
  gboolean        by_records; /* whose servers SRV records name */
  char           *lease;      /* what DHCP named then */
  gint64          hand_set;
} Phone;

/* Takes a copy of the text. */
void        phone_set (char      **field,
                       const char *text);
/* "http" or "https"; "": nothing is remembered. */
const char *phone_remembered_scheme (const Phone *phone);
/* sources: those that the lease names now. */
void        phone_facts (const Phone       *phone,
                         GPtrArray         *sources,
                         RsOnboardingFacts *facts);
void        phone_clear (Phone *phone);
/* To the factory's. */
void        phone_reset (Phone *phone);
/* remembered: NULL where it stays. */
void        phone_provisioned (Phone          *phone,
                               RsProvisionedBy by,
                               const char     *source,
                               const char     *remembered,
                               const char     *lease);

G_END_DECLS
