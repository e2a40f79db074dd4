/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Snapshots: a sorted array of what is stored, in one block. Parameters lie sorted in the catalogue, so that their
 * addresses sort as their names do; the texts are shared from one snapshot to the next. */
#include "params/snapshot-private.h"

#include "base/secret.h"
#include "base/text.h"
#include "params/changeset.h"

#include <string.h>

struct _RsShared
{
  gatomicrefcount ref_count;
  char            text[];
};

struct _RsSnapshot
{
  gatomicrefcount ref_count;
  RsCatalogue    *catalogue;
  gsize           n_entries;
  RsStored        entries[];
};

static const char *const origin_names[] = {
  [RS_ORIGIN_DEFAULT] = "default", [RS_ORIGIN_USER] = "user", [RS_ORIGIN_ADMIN] = "admin",
  [RS_ORIGIN_PROFILE] = "profile", [RS_ORIGIN_CWMP] = "cwmp",
};

const char *
rs_origin_name (RsOrigin origin)
{
  return (guint)origin < G_N_ELEMENTS (origin_names) ? origin_names[origin] : "";
}

gboolean
rs_origin_from_name (const char *name,
                     RsOrigin   *origin)
{
  for (guint i = 0; i < G_N_ELEMENTS (origin_names); i++)
    {
      if (g_strcmp0 (origin_names[i], name) == 0)
        {
          *origin = i;
          return TRUE;
        }
    }
  return FALSE;
}

RsShared *
rs_shared_new (const char *text)
{
  gsize size = strlen (text) + 1;
  RsShared *shared = g_malloc (sizeof (RsShared) + size);

  g_atomic_ref_count_init (&shared->ref_count);
  memcpy (shared->text, text, size);
  return shared;
}

RsShared *
rs_shared_ref (RsShared *shared)
{
  if (shared != NULL)
    g_atomic_ref_count_inc (&shared->ref_count);
  return shared;
}

void
rs_shared_unref (RsShared *shared)
{
  if (shared == NULL || !g_atomic_ref_count_dec (&shared->ref_count))
    return;
  rs_wipe (shared->text, strlen (shared->text));
  g_free (shared);
}

const char *
rs_shared_text (RsShared *shared)
{
  return shared->text;
}

RsSnapshot *
rs_snapshot_new_take (RsCatalogue *catalogue,
                      RsStored    *entries,
                      gsize        n_entries)
{
  RsSnapshot *snapshot = g_malloc (sizeof (RsSnapshot) + n_entries * sizeof (RsStored));

  g_atomic_ref_count_init (&snapshot->ref_count);
  snapshot->catalogue = rs_catalogue_ref (catalogue);
  snapshot->n_entries = 0;
  for (gsize i = 0; i < n_entries; i++)
    {
      if (entries[i].value != NULL || entries[i].access != RS_ACCESS_UNSET)
        snapshot->entries[snapshot->n_entries++] = entries[i];
    }
  return snapshot;
}

RsSnapshot *
rs_snapshot_new (RsCatalogue *catalogue)
{
  return rs_snapshot_new_take (catalogue, NULL, 0);
}

RsSnapshot *
rs_snapshot_ref (RsSnapshot *snapshot)
{
  g_atomic_ref_count_inc (&snapshot->ref_count);
  return snapshot;
}

void
rs_snapshot_unref (RsSnapshot *snapshot)
{
  if (snapshot == NULL || !g_atomic_ref_count_dec (&snapshot->ref_count))
    return;
  for (gsize i = 0; i < snapshot->n_entries; i++)
    rs_shared_unref (snapshot->entries[i].value);
  rs_catalogue_unref (snapshot->catalogue);
  g_free (snapshot);
}

RsCatalogue *
rs_snapshot_get_catalogue (RsSnapshot *snapshot)
{
  return snapshot->catalogue;
}

const RsStored *
rs_snapshot_entries (RsSnapshot *snapshot,
                     gsize      *n_entries)
{
  *n_entries = snapshot->n_entries;
  return snapshot->entries;
}

const RsStored *
rs_snapshot_entry (RsSnapshot    *snapshot,
                   const RsParam *param)
{
  gsize low = 0, high = snapshot->n_entries;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;
      const RsStored *entry = &snapshot->entries[middle];

      if (entry->param == param)
        return entry;
      if (entry->param < param)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

static void
fill_value (RsValue        *out,
            const RsParam  *param,
            const RsStored *entry)
{
  gboolean set = entry != NULL && entry->value != NULL;

  out->param = param;
  out->value = set ? entry->value->text : param->default_value;
  out->origin = set ? entry->origin : RS_ORIGIN_DEFAULT;
  out->access = entry != NULL && entry->access != RS_ACCESS_UNSET ? entry->access : param->access;
}

void
rs_snapshot_describe (RsSnapshot    *snapshot,
                      const RsParam *param,
                      RsValue       *out)
{
  fill_value (out, param, rs_snapshot_entry (snapshot, param));
}

gboolean
rs_snapshot_lookup (RsSnapshot *snapshot,
                    const char *name,
                    RsValue    *out)
{
  const RsParam *param = rs_catalogue_find (snapshot->catalogue, name);

  if (param == NULL)
    return FALSE;
  rs_snapshot_describe (snapshot, param, out);
  return TRUE;
}

gboolean
rs_snapshot_is_of_user (RsSnapshot *snapshot,
                        const char *name)
{
  RsValue value;

  return rs_snapshot_lookup (snapshot, name, &value) && value.origin == RS_ORIGIN_USER;
}

gboolean
rs_snapshot_is_secret (RsSnapshot *snapshot,
                       const char *name)
{
  const RsParam *param = rs_catalogue_find (snapshot->catalogue, name);

  return param == NULL || param->secret;
}

const char *
rs_snapshot_get (RsSnapshot *snapshot,
                 const char *name)
{
  RsValue value;

  return rs_snapshot_lookup (snapshot, name, &value) ? value.value : NULL;
}

const char *
rs_snapshot_value_of (const char *name,
                      gpointer    snapshot)
{
  return rs_snapshot_get (snapshot, name);
}

gboolean
rs_snapshot_secret_of (const char *name,
                       gpointer    snapshot)
{
  return rs_snapshot_is_secret (snapshot, name);
}

gboolean
rs_snapshot_get_bool (RsSnapshot *snapshot,
                      const char *name)
{
  RsValue value;

  if (!rs_snapshot_lookup (snapshot, name, &value))
    return FALSE;
  if (strcmp (value.value, "Yes") != 0 && strcmp (value.value, "No") != 0)
    return strcmp (value.param->default_value, "Yes") == 0;
  return strcmp (value.value, "Yes") == 0;
}

guint64
rs_snapshot_get_uint (RsSnapshot *snapshot,
                      const char *name)
{
  RsValue value;
  guint64 number = 0;

  if (!rs_snapshot_lookup (snapshot, name, &value))
    return 0;
  if (!rs_text_to_uint64 (value.value, 0, G_MAXUINT64, &number, NULL)
      && !rs_text_to_uint64 (value.param->default_value, 0, G_MAXUINT64, &number, NULL))
    return 0;
  return number;
}

void
rs_snapshot_foreach_stored (RsSnapshot    *snapshot,
                            RsSnapshotFunc func,
                            gpointer       data)
{
  for (gsize i = 0; i < snapshot->n_entries; i++)
    {
      RsValue value;

      fill_value (&value, snapshot->entries[i].param, &snapshot->entries[i]);
      func (&value, data);
    }
}

guint
rs_snapshot_n_stored (RsSnapshot *snapshot)
{
  return snapshot->n_entries;
}
