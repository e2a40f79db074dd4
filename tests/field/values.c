/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a profile as a phone does and prints what it would have stored on one out of its box: a line each of name, access and value, with
 * tabs between.
 *
 *   values CATALOGUE FILE [KEY [IKM [ALIAS_MAP]]] */
#include "params/changeset.h"
#include "profile/profile.h"
#include "store/config.h"

#include <stdio.h>
#include <stdlib.h>

static void
print_value (const RsValue *value, gpointer data)
{
  printf ("%s\t%s\t%s\n", value->param->name, rs_access_name (value->access), value->value);
}

int
main (int argc, char **argv)
{
  const char *const dirs[] = { argc > 1 ? argv[1] : NULL, NULL };
  RsProfileOptions options = { .complete = TRUE,
                               .key = argc > 3 ? argv[3] : NULL,
                               .ikm = argc > 4 ? argv[4] : NULL,
                               .alias_map = argc > 5 ? argv[5] : NULL };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsCatalogue) catalogue = rs_catalogue_load (dirs, warnings, &error);
  g_autoptr (RsSnapshot) defaults = NULL;
  g_autoptr (RsProfile) profile = NULL;
  g_autoptr (RsChangeset) changes = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (catalogue == NULL || argc < 3 || !g_file_get_contents (argv[2], &text, &length, &error))
    {
      g_printerr ("%s\n", error != NULL ? error->message : "what to read?");
      return EXIT_FAILURE;
    }
  bytes = g_bytes_new (text, length);
  profile = rs_profile_read (bytes, &options, NULL, NULL, &error);
  if (profile == NULL)
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  defaults = rs_snapshot_new (catalogue);
  changes = rs_changeset_from_profile (defaults, profile->assignments, RS_ORIGIN_PROFILE);
  rs_snapshot_foreach_stored (changes->next, print_value, NULL);
  return EXIT_SUCCESS;
}
