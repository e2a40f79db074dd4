/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of profile/ share. */
#include "support.h"

#include "base/error.h"

#include <gio/gio.h>
#include <string.h>
#include <time.h>

RsProfile *
read_good (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  guint line = 99, column = 99;
  RsProfile *profile = rs_profile_read (bytes, NULL, &line, &column, &error);

  g_assert_no_error (error);
  g_assert_nonnull (profile);
  g_assert_cmpuint (line, ==, 0);
  g_assert_cmpuint (column, ==, 0);
  g_bytes_unref (bytes);
  return profile;
}

char *
read_corrupt (GBytes                 *bytes,
              const RsProfileOptions *options,
              guint                  *line,
              guint                  *column)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsProfile) profile = rs_profile_read (bytes, options, line, column, &error);

  g_assert_null (profile);
  g_assert_error (error, RS_ERROR, RS_ERROR_CORRUPT);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_bytes_unref (bytes);
  return g_strdup (error->message);
}

const RsAssignment *
assignment_of (const RsProfile *profile,
               const char      *name)
{
  for (guint i = 0; i < profile->assignments->len; i++)
    {
      const RsAssignment *assignment = profile->assignments->pdata[i];

      if (strcmp (assignment->name, name) == 0)
        return assignment;
    }
  g_error ("no assignment of %s", name);
}

const RsProfileNote *
note_of (const RsProfile *profile,
         guint            i)
{
  g_assert_cmpuint (i, <, profile->notes->len);
  return profile->notes->pdata[i];
}

GBytes *
sample (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "profile", "samples", name, NULL);
  g_autoptr (GError) error = NULL;
  char *data;
  gsize length;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, length);
}

GBytes *
gzip (GBytes *bytes)
{
  g_autoptr (GConverter) deflater = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6));
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gsize length, offset = 0;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  GConverterResult result;

  do
    {
      guint8 buffer[65536];
      gsize read = 0, written = 0;

      result = g_converter_convert (deflater, data + offset, length - offset, buffer, sizeof buffer,
                                    G_CONVERTER_INPUT_AT_END, &read, &written, NULL);
      g_assert_cmpint (result, !=, G_CONVERTER_ERROR);
      offset += read;
      g_byte_array_append (out, buffer, written);
    }
  while (result != G_CONVERTER_FINISHED);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

GBytes *
joined (GBytes *a,
        GBytes *b)
{
  GByteArray *out = g_byte_array_new ();

  g_byte_array_append (out, g_bytes_get_data (a, NULL), g_bytes_get_size (a));
  g_byte_array_append (out, g_bytes_get_data (b, NULL), g_bytes_get_size (b));
  g_bytes_unref (a);
  g_bytes_unref (b);
  return g_byte_array_free_to_bytes (out);
}

GBytes *
repeated (const char *head,
          const char *body,
          guint       n,
          const char *tail)
{
  GString *text = g_string_new (head);
  g_auto (GStrv) parts = g_strsplit (body, "%u", -1);

  for (guint i = 0; i < n; i++)
    {
      for (guint k = 0; parts[k] != NULL; k++)
        {
          if (k > 0)
            g_string_append_printf (text, "%u", i);
          g_string_append (text, parts[k]);
        }
    }
  g_string_append (text, tail);
  return g_string_free_to_bytes (text);
}

double
cpu_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}
