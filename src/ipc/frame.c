/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bytes on the socket pair. Each type of frame has its own greatest length, so that a progress cannot make the
 * daemon wait for 64 MiB. */
#include "ipc/frame.h"

#include "base/secret.h"

#include <string.h>

/* GVariant wants its data on 8; the frame begins where its header leaves the payload there */
#define PAYLOAD_OFFSET 8

G_STATIC_ASSERT (RS_FRAME_HEADER <= PAYLOAD_OFFSET);

static const struct
{
  const char *name;
  gsize       max; /* 0: no such type */
} frames[] = {
  [RS_FRAME_REQUEST] = { "request", 256 * 1024 + RS_BODY_MAX },
  [RS_FRAME_PROGRESS] = { "progress", 64 },
  [RS_FRAME_OUTCOME] = { "outcome", RS_FRAME_MAX },
  [RS_FRAME_PART] = { "part", 2048 },
};

GBytes *
rs_frame_build (RsFrameType type,
                GVariant  **children,
                gsize       n_children,
                GError    **error)
{
  g_autoptr (GVariant) tuple = g_variant_ref_sink (g_variant_new_tuple (children, n_children));
  g_autoptr (GBytes) block = NULL;
  gsize length = g_variant_get_size (tuple);
  guint32 length_le = GUINT32_TO_LE ((guint32)length);
  guint8 *data, *header;

  if (length > frames[type].max)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT,
                   "The %s takes %" G_GSIZE_FORMAT " bytes; at most %" G_GSIZE_FORMAT " can be sent", frames[type].name,
                   length, frames[type].max);
      return NULL;
    }
  data = g_malloc (PAYLOAD_OFFSET + length);
  header = data + PAYLOAD_OFFSET - RS_FRAME_HEADER;
  memset (data, 0, PAYLOAD_OFFSET);
  memcpy (header, &length_le, sizeof length_le);
  header[sizeof length_le] = (guint8)type;
  g_variant_store (tuple, data + PAYLOAD_OFFSET);
  block = rs_secret_bytes_new_take (data, PAYLOAD_OFFSET + length);
  return g_bytes_new_from_bytes (block, header - data, RS_FRAME_HEADER + length);
}

gboolean
rs_frame_read_header (const guint8 header[RS_FRAME_HEADER],
                      RsFrameType *type,
                      gsize       *length,
                      GError     **error)
{
  guint32 length_le;
  guint8 code = header[sizeof length_le];
  gsize said;

  memcpy (&length_le, header, sizeof length_le);
  said = GUINT32_FROM_LE (length_le);
  if (code >= G_N_ELEMENTS (frames) || frames[code].max == 0)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "A frame of the unknown type %u", code);
      return FALSE;
    }
  if (said == 0 || said > frames[code].max)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED,
                   "The frame of the %s says it has %" G_GSIZE_FORMAT " bytes; from 1 to %" G_GSIZE_FORMAT " may come",
                   frames[code].name, said, frames[code].max);
      return FALSE;
    }
  *type = code;
  *length = said;
  return TRUE;
}

GVariant *
rs_frame_open (RsFrameType         frame,
               const GVariantType *type,
               GBytes             *payload,
               GError            **error)
{
  g_autoptr (GBytes) bytes = g_bytes_ref (payload);
  g_autoptr (GVariant) tuple = NULL;
  gsize length;
  const void *data = g_bytes_get_data (payload, &length);

  if (length == 0 || length > frames[frame].max)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "The %s has %" G_GSIZE_FORMAT " bytes", frames[frame].name,
                   length);
      return NULL;
    }
  if ((guintptr)data % PAYLOAD_OFFSET != 0)
    {
      g_bytes_unref (bytes);
      bytes = rs_secret_bytes_new_take (g_memdup2 (data, length), length);
    }
  tuple = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));
  return g_steal_pointer (&tuple);
}

gboolean
rs_frame_confirm (RsFrameType type,
                  GBytes     *payload,
                  GBytes     *frame,
                  GError    **error)
{
  g_autoptr (GBytes) owned = frame;
  g_autoptr (GBytes) canonical = NULL;

  if (owned != NULL)
    canonical = g_bytes_new_from_bytes (owned, RS_FRAME_HEADER, g_bytes_get_size (owned) - RS_FRAME_HEADER);
  if (canonical == NULL || !g_bytes_equal (canonical, payload))
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "The %s is not in normal form", frames[type].name);
      return FALSE;
    }
  return TRUE;
}
