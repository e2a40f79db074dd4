/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a profile, a rule or a caller wants set: names and texts, not yet checked against the catalogue. */
#pragma once

#include "params/catalogue.h"

G_BEGIN_DECLS

/* Bounds that parser, message and caller share, in bytes without the final NUL. */
#define RS_ASSIGNMENT_NAME_MAX 256
#define RS_ASSIGNMENT_VALUE_MAX 65536

typedef enum
{
  RS_ASSIGN_VALUE, /* value is the text */
  RS_ASSIGN_EMPTY, /* an empty element: default, or "" for text (PROF-5) */
  RS_ASSIGN_KEEP,  /* access only, the value stays (PROF-9) */
} RsAssignKind;

typedef struct
{
  char        *name;
  char        *value; /* NULL unless RS_ASSIGN_VALUE; as long as it is; wiped when freed */
  RsAssignKind kind;
  RsAccess     access; /* RS_ACCESS_UNSET: keep what was */
  guint        line;   /* in the profile, from 1; 0: none */
  guint        column; /* of its element or name, from 1; only where a profile is read at a desk, else 0 */
} RsAssignment;

RsAssignment *rs_assignment_new (const char  *name,
                                 RsAssignKind kind,
                                 const char  *value,
                                 RsAccess     access,
                                 guint        line);
void          rs_assignment_free (RsAssignment *assignment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsAssignment, rs_assignment_free)

/* Whether a text may stand as the name of a parameter, known or not: 1 to RS_ASSIGNMENT_NAME_MAX printable ASCII
 * characters without blanks. */
gboolean      rs_assignment_name_is_valid (const char *name);

/* An empty GPtrArray that owns RsAssignment. */
GPtrArray    *rs_assignments_new (void);

G_END_DECLS
