/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The catalogue that phones have, for the targets that need one. */
#include "fuzz.h"

#include "params/catalogue.h"

#include <string.h>

RsCatalogue *
fuzz_catalogue (void)
{
  static RsCatalogue *catalogue;
  g_autoptr (RsCatalogueBuilder) builder = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (catalogue != NULL)
    return catalogue;
  builder = rs_catalogue_builder_new ();
  dir = g_dir_open (FUZZ_CATALOGUE, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (FUZZ_CATALOGUE, name, NULL);
      g_autofree char *text = NULL;
      g_autoptr (GBytes) bytes = NULL;
      gsize length;

      if (!g_str_has_suffix (name, ".conf") || !g_file_get_contents (path, &text, &length, NULL))
        continue;
      bytes = g_bytes_new (text, length);
      g_assert_true (rs_catalogue_builder_add (builder, name, bytes, NULL));
    }
  catalogue = rs_catalogue_builder_end (builder);
  g_assert_cmpuint (rs_catalogue_size (catalogue), >, 100);
  return catalogue;
}
