/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole frames over a stream socket. */
#include "fetch/channel.h"

#include "base/secret.h"

#include <errno.h>
#include <sys/socket.h>

static gboolean
read_whole (int fd, guint8 *data, gsize length)
{
  while (length > 0)
    {
      gssize n = recv (fd, data, length, 0);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data += n;
      length -= (gsize)n;
    }
  return TRUE;
}

RsRequest *
rs_channel_read_request (int fd, GError **error)
{
  guint8 header[RS_FRAME_HEADER];
  g_autoptr (GBytes) payload = NULL;
  RsFrameType type;
  gsize length;
  guint8 *data;

  if (!read_whole (fd, header, sizeof header))
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "no request came");
      return NULL;
    }
  if (!rs_frame_read_header (header, &type, &length, error))
    return NULL;
  if (type != RS_FRAME_REQUEST)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "a frame that is no request");
      return NULL;
    }
  data = g_malloc (length);
  payload = rs_secret_bytes_new_take (data, length);
  if (!read_whole (fd, data, length))
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "the request was cut short");
      return NULL;
    }
  return rs_request_from_payload (payload, error);
}

gboolean
rs_channel_write (int fd, GBytes *frame)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (frame, &length);

  while (length > 0)
    {
      gssize n = send (fd, data, length, MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      data += n;
      length -= (gsize)n;
    }
  return TRUE;
}
