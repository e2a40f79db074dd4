/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assignments are what leaves a parser and what a message carries: plain values, wiped when freed, for a profile
 * holds passwords. Each is one block, with its texts behind it: profiles have many. */
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
  gboolean has_value = kind == RS_ASSIGN_VALUE;
  gsize name_size = strlen (name) + 1;
  gsize value_size = has_value && value != NULL ? strlen (value) + 1 : 1;
  RsAssignment *assignment = g_malloc (sizeof (RsAssignment) + name_size + value_size);
  char *texts = (char *)(assignment + 1);

  memcpy (texts, name, name_size);
  memcpy (texts + name_size, has_value && value != NULL ? value : "", value_size);
  assignment->name = texts;
  assignment->value = has_value ? texts + name_size : NULL;
  assignment->kind = kind;
  assignment->access = access;
  assignment->line = line;
  assignment->column = 0;
  return assignment;
}

void
rs_assignment_free (RsAssignment *assignment)
{
  if (assignment == NULL)
    return;
  if (assignment->value != NULL)
    rs_wipe (assignment->value, strlen (assignment->value));
  g_free (assignment);
}

GPtrArray *
rs_assignments_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)rs_assignment_free);
}
