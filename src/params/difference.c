/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each parameter of a changeset, now and then. */
#include "params/difference.h"

#include "base/mask.h"

#include <string.h>

static void
difference_clear (gpointer data)
{
  RsDifference *difference = data;

  g_free (difference->name);
  g_free (difference->from);
  g_free (difference->to);
}

GArray *
rs_differences_new (void)
{
  GArray *differences = g_array_new (FALSE, FALSE, sizeof (RsDifference));

  g_array_set_clear_func (differences, difference_clear);
  return differences;
}

static char *
show (const RsValue *value,
      gboolean       secret)
{
  return secret && value->value[0] != '\0' ? g_strdup (RS_MASK) : rs_param_mask (value->param, value->value);
}

static RsDifference
difference_of (RsSnapshot        *before,
               const RsChangeset *changes,
               const char        *name,
               gboolean           certain,
               gboolean           secret)
{
  RsValue from, to;

  rs_snapshot_lookup (before, name, &from);
  rs_snapshot_lookup (changes->next, name, &to);
  return (RsDifference){
    .name = g_strdup (from.param->name),
    .from = certain ? show (&from, secret) : g_strdup (RS_MASK),
    .to = show (&to, secret),
    .access_from = from.access,
    .access_to = to.access,
    .secret = secret || from.param->secret,
    .same = strcmp (from.value, to.value) == 0,
    .certain = certain,
  };
}

GArray *
rs_differences_of (RsSnapshot        *before,
                   const RsChangeset *changes,
                   GHashTable        *unknown,
                   GHashTable        *secrets)
{
  GArray *differences = rs_differences_new ();

  for (guint i = 0; i < changes->changed->len; i++)
    {
      const char *name = g_ptr_array_index (changes->changed, i);
      RsDifference difference = difference_of (before, changes, name, unknown == NULL || !g_hash_table_contains (unknown, name),
                                               g_hash_table_contains (secrets, name));

      g_array_append_val (differences, difference);
    }
  return differences;
}
