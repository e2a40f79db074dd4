/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gzip: bytes as they are, or a good file of one or two members that is then cut or has something behind it. */
#include "fuzz.h"

#include "base/error.h"
#include "profile/gunzip.h"

#include <gio/gio.h>
#include <string.h>

#define PLAIN_MAX (64 * 1024)

enum
{
  MODE_RAW,
  MODE_GOOD,
  MODE_CUT,
  MODE_TAIL,
  N_MODES,
};

static void
append_member (GByteArray *file, FuzzInput plain, guint level)
{
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, (int)(level % 10));
  guint8 buffer[4096];
  GConverterResult result;

  do
    {
      gsize consumed, written;

      result = g_converter_convert (G_CONVERTER (compressor), plain.data, plain.size, buffer, sizeof buffer,
                                    G_CONVERTER_INPUT_AT_END, &consumed, &written, NULL);
      g_assert_cmpint (result, !=, G_CONVERTER_ERROR);
      (void)fuzz_take (&plain, consumed);
      g_byte_array_append (file, buffer, (guint)written);
    }
  while (result != G_CONVERTER_FINISHED);
}

/* Whether the file is what gunzip would take whole. */
static void
check_made (GBytes *got, const GByteArray *file, FuzzInput plain, guint mode)
{
  if (mode == MODE_GOOD)
    {
      g_autoptr (GBytes) wanted = g_bytes_new (plain.data, plain.size);

      g_assert_cmpint (got != NULL, ==, plain.size <= PLAIN_MAX);
      g_assert_true (got == NULL || g_bytes_equal (got, wanted));
    }
  else
    g_assert_true (got == NULL || file->len == 0);
}

static GBytes *
gunzip (const GByteArray *file, GString *out)
{
  g_autoptr (GBytes) bytes = g_bytes_new (file->data, file->len);
  g_autoptr (GError) error = NULL;
  GBytes *plain = rs_gunzip (bytes, PLAIN_MAX, &error);

  fuzz_check_error (plain != NULL, error);
  if (plain != NULL)
    {
      g_assert_cmpuint (g_bytes_get_size (plain), <=, PLAIN_MAX);
      g_string_append_printf (out, "%u", g_bytes_hash (plain));
    }
  else
    {
      g_assert_cmpint (error->code, ==, RS_ERROR_CORRUPT);
      g_string_append (out, error->message);
    }
  return plain;
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  guint mode = fuzz_byte (&input) % N_MODES;
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GBytes) got = NULL;
  g_autoptr (GBytes) plain = NULL;
  guint8 level, tail;
  guint16 split, cut;
  FuzzInput first, all;

  if (mode == MODE_RAW)
    {
      g_byte_array_append (file, input.data, (guint)input.size);
      got = gunzip (file, out);
      return;
    }
  level = fuzz_byte (&input);
  split = fuzz_uint16 (&input);
  cut = fuzz_uint16 (&input);
  tail = fuzz_byte (&input);
  plain = fuzz_bytes (&input, (level & 0x80) != 0);
  all.data = g_bytes_get_data (plain, &all.size);
  input = all;
  first = fuzz_take (&input, split);
  append_member (file, first, level);
  if (input.size > 0)
    append_member (file, input, level / 10);
  if (mode == MODE_CUT)
    g_byte_array_set_size (file, cut % file->len);
  else if (mode == MODE_TAIL)
    g_byte_array_append (file, &tail, 1);
  /* what is left after a cut between two members is a good file */
  got = gunzip (file, out);
  if (mode != MODE_CUT || input.size == 0)
    check_made (got, file, all, mode);
}
