/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way back: what rs_profile_read () would read. */
#include "profile/profile.h"

#include "base/secret.h"
#include "profile/aes128gcm.h"
#include "profile/salted.h"

#include <gio/gio.h>

/* as most of those that write RFC 8188 choose it */
#define RECORD_SIZE 4096

static GBytes *
compress (GBytes  *plain,
          GError **error)
{
  g_autoptr (GConverter) deflater = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1));
  gsize length, size, read = 0, written = 0;
  const guint8 *data = g_bytes_get_data (plain, &length);
  g_autofree guint8 *out = NULL;
  GConverterResult result;

  /* zlib's bound: bytes that cannot be compressed become a little more */
  size = length + length / 1000 + 100;
  out = g_malloc (size);
  result = g_converter_convert (deflater, data, length, out, size, G_CONVERTER_INPUT_AT_END, &read, &written, error);
  return result == G_CONVERTER_ERROR ? NULL : rs_secret_bytes_new_take (g_steal_pointer (&out), written);
}

GBytes *
rs_profile_encrypt (GBytes       *plain,
                    const char   *key,
                    const char   *ikm,
                    gboolean      gzip,
                    const guint8  salt[RS_PROFILE_SALT],
                    GError      **error)
{
  g_autoptr (GBytes) content = gzip ? compress (plain, error) : g_bytes_ref (plain);
  g_autoptr (GPtrArray) keys = NULL;

  if (content == NULL)
    return NULL;
  if (ikm == NULL)
    return rs_salted_encrypt (content, key, RS_SALTED_SHA256, salt, error);
  keys = rs_aes128gcm_keys (ikm);
  return rs_aes128gcm_encrypt (content, g_ptr_array_index (keys, 0), RECORD_SIZE, salt, error);
}
