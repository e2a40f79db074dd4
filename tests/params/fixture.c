/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Catalogues for tests. */
#include "fixture.h"

RsCatalogue *
fixture_catalogue (const char *text)
{
  g_autoptr (RsCatalogueBuilder) builder = rs_catalogue_builder_new ();
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  gboolean ok = rs_catalogue_builder_add (builder, "test.conf", bytes, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
  return rs_catalogue_builder_end (builder);
}

RsCatalogue *
fixture_shipped (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("RESYNCD_SOURCE_DIR"), "data", "catalogue", NULL);
  g_autoptr (RsCatalogueBuilder) builder = rs_catalogue_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &error);
      g_autoptr (GBytes) bytes = NULL;
      gboolean ok;

      if (!g_str_has_suffix (name, ".conf"))
        continue;
      g_assert_no_error (error);
      bytes = g_mapped_file_get_bytes (file);
      ok = rs_catalogue_builder_add (builder, name, bytes, &error);
      g_assert_no_error (error);
      g_assert_true (ok);
    }
  return rs_catalogue_builder_end (builder);
}
