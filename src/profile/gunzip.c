/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GZlibDecompressor does the work and proves each member's end; the bound, the members and what stands behind them are
 * ours. */
#include "profile/gunzip.h"

#include "base/error.h"
#include "base/secret.h"

#include <gio/gio.h>
#include <string.h>

#define FIRST_SIZE 65536

typedef struct
{
  guint8 *data;
  gsize   length;
  gsize   size;
  gsize   max;
} Output;

static void
output_clear (Output *output)
{
  rs_wipe (output->data, output->length);
  g_free (output->data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Output, output_clear)

/* Not by realloc (), which would leave passwords behind. One byte over max is room enough to see that there is more. */
static void
output_grow (Output *output)
{
  gsize size = MIN (MAX (output->size * 2, FIRST_SIZE), output->max + 1);
  guint8 *data = g_malloc (size);

  if (output->length > 0)
    memcpy (data, output->data, output->length);
  rs_wipe (output->data, output->length);
  g_free (output->data);
  output->data = data;
  output->size = size;
}

static gboolean
refuse (GError    **error,
        const char *what)
{
  g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "The gzip file %s", what);
  return FALSE;
}

/* One member from *offset on. */
static gboolean
inflate_member (GConverter   *inflater,
                const guint8 *data,
                gsize         length,
                gsize        *offset,
                Output       *output,
                GError      **error)
{
  for (;;)
    {
      GConverterResult result;
      gsize read = 0, written = 0;

      if (output->length == output->size)
        output_grow (output);
      result = g_converter_convert (inflater, data + *offset, length - *offset, output->data + output->length,
                                    output->size - output->length, G_CONVERTER_INPUT_AT_END, &read, &written, NULL);
      /* with room for output left, no progress on no input means that more was to come */
      if (result == G_CONVERTER_ERROR)
        return refuse (error, *offset == length ? "is cut short" : "is damaged");
      *offset += read;
      output->length += written;
      if (output->length > output->max)
        {
          g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT,
                       "The gzip file unpacks to more than %" G_GSIZE_FORMAT " bytes; MaxProfileBytes bounds a profile",
                       output->max);
          return FALSE;
        }
      if (result == G_CONVERTER_FINISHED)
        return TRUE;
    }
}

GBytes *
rs_gunzip (GBytes  *bytes,
           gsize    max,
           GError **error)
{
  g_autoptr (GConverter) inflater = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_auto (Output) output = { .max = max };
  gsize length, offset = 0;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  do
    {
      if (length - offset < 2 || data[offset] != 0x1f || data[offset + 1] != 0x8b)
        {
          refuse (error, "has other bytes behind its end");
          return NULL;
        }
      g_converter_reset (inflater);
      if (!inflate_member (inflater, data, length, &offset, &output, error))
        return NULL;
    }
  while (offset < length);
  length = output.length;
  output.length = 0;
  return rs_secret_bytes_new_take (g_steal_pointer (&output.data), length);
}
