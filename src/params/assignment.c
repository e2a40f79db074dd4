/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assignments are what leaves a parser and what a message carries: plain values, wiped when freed, for a profile
 * holds passwords. */
#include "params/assignment.h"

#include "base/secret.h"

#include <string.h>

gboolean
rs_assignment_name_is_valid (const char *name)
{
  gsize length = strnlen (name, RS_ASSIGNMENT_NAME_MAX + 1);

  if (length == 0 || length > RS_ASSIGNMENT_NAME_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isgraph (name[i]))
        return FALSE;
    }
  return TRUE;
}

RsAssignment *
rs_assignment_new (const char  *name,
                   RsAssignKind kind,
                   const char  *value,
                   RsAccess     access,
                   guint        line)
{
  RsAssignment *assignment = g_new (RsAssignment, 1);

  assignment->name = g_strdup (name);
  assignment->value = kind == RS_ASSIGN_VALUE ? g_strdup (value != NULL ? value : "") : NULL;
  assignment->kind = kind;
  assignment->access = access;
  assignment->line = line;
  return assignment;
}

void
rs_assignment_free (RsAssignment *assignment)
{
  if (assignment == NULL)
    return;
  g_free (assignment->name);
  rs_secret_free (assignment->value);
  g_free (assignment);
}

GPtrArray *
rs_assignments_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)rs_assignment_free);
}
