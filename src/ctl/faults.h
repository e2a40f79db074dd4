/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is wrong with a profile, as resyncctl check lists it. */
#pragma once

#include "params/catalogue.h"
#include "profile/profile.h"

G_BEGIN_DECLS

/* What kind of fault it is: in documents by a name, for people by its own words. */
typedef enum
{
  RS_FOUND_UNREADABLE,    /* there is no file, or it is too large */
  RS_FOUND_CORRUPT,       /* the file is no profile */
  RS_FOUND_PASSED_OVER,   /* something in it has no effect */
  RS_FOUND_UNKNOWN_NAME,
  RS_FOUND_BAD_VALUE,
  RS_FOUND_BAD_RULE,
  RS_FOUND_DUPLICATE,
  RS_FOUND_CLEAR_TEXT,    /* a secret would cross the network for all to read */
  RS_FOUND_UNKNOWN_MACRO,
  RS_FOUND_BAD_ALIAS_MAP,
  RS_FOUND_RAISED,        /* the phone takes more than the value says */
  RS_FOUND_CONSTANT,      /* a comparison that comes out the same on every phone */
} RsFoundKind;
#define RS_FOUND_KINDS 12
#define RS_FOUND_RANKS 3

typedef struct
{
  RsFoundKind kind;
  guint       line;   /* from 1; 0: not known */
  guint       column; /* in characters, from 1; 0: not known */
  gboolean    error;  /* something that the profile asks for would not happen; else a warning */
  char       *name;   /* the parameter's, escaped; "" where the fault is not about one */
  char       *message;
  const char *suggestion; /* a known name near to an unknown one; NULL. Of the catalogue. */
} RsFound;

typedef struct
{
  GPtrArray *faults;     /* RsFound, in the order of the file; of more than a thousand first the errors, then the secrets in the clear */
  guint      parameters; /* that would be set */
  guint      errors;     /* that there are, listed or not */
  guint      warnings;
  guint      of_rank[RS_FOUND_RANKS]; /* errors, secrets in the clear, the rest */
  gboolean   ok;         /* no fault is an error */
} RsFindings;

void        rs_findings_free (RsFindings *findings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsFindings, rs_findings_free)

/* Reads the bytes of a profile as the phone would; options as for rs_profile_read (), at a desk. */
RsFindings *rs_findings_of (GBytes                 *bytes,
                            const RsProfileOptions *options,
                            RsCatalogue            *catalogue) G_GNUC_WARN_UNUSED_RESULT;

/* Of a file that could not be read. */
RsFindings *rs_findings_of_none (const GError *error) G_GNUC_WARN_UNUSED_RESULT;

/* How many there are beyond those listed. */
guint       rs_findings_left_out (const RsFindings *findings);

/* "unknown-name" … */
const char *rs_found_kind_name (RsFoundKind kind);

G_END_DECLS
