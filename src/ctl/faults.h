/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is wrong with a profile, as resyncctl check lists it. */
#pragma once

#include "params/catalogue.h"
#include "profile/profile.h"

G_BEGIN_DECLS

typedef struct
{
  guint       line;   /* from 1; 0: not known */
  guint       column; /* in characters, from 1; 0: not known */
  gboolean    error;  /* something that the profile asks for would not happen; else a warning */
  char       *name;   /* the parameter's, escaped; "" where the fault is not about one */
  char       *message;
  const char *suggestion; /* a known name near to an unknown one; NULL. Of the catalogue. */
} RsFound;

typedef struct
{
  GPtrArray *faults;     /* RsFound, in the order of the file */
  guint      parameters; /* that would be set */
  guint      left_out;   /* faults beyond those listed */
  gboolean   ok;         /* no fault is an error */
} RsFindings;

void        rs_findings_free (RsFindings *findings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsFindings, rs_findings_free)

/* Reads the bytes of a profile as the phone would; options as for rs_profile_read (). */
RsFindings *rs_findings_of (GBytes                 *bytes,
                            const RsProfileOptions *options,
                            RsCatalogue            *catalogue) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
