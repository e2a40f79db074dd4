/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Written with pwrite (), for the position of the descriptor is the daemon's as well. */
#include "fetch/image.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGEST_SIZE 32
#define PIECE       65536 /* of what is read again */

struct _RsImage
{
  int fd;
  const RsRequest *request;
  gnutls_hash_hd_t hash; /* of the bytes */
  guint64 bytes; /* of the file that count, from the first on */
  RsPart part; /* its bytes are those that were on disk last */
  gboolean recalling;
};

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, RS_ERROR, RS_ERROR_STORAGE, "the image cannot be %s: %s", what, g_strerror (errno));
  return FALSE;
}

static gboolean
start_hash (RsImage *image, GError **error)
{
  if (image->hash != NULL)
    gnutls_hash_deinit (image->hash, NULL);
  image->hash = NULL;
  image->bytes = 0;
  if (gnutls_hash_init (&image->hash, GNUTLS_DIG_SHA256) == 0)
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "the cipher library refused");
  return FALSE;
}

static void
note_bytes (RsImage *image, const guint8 *data, gsize length)
{
  gnutls_hash (image->hash, data, length);
  image->bytes += length;
}

RsImage *
rs_image_new (int fd, const RsRequest *request, GError **error)
{
  g_autoptr (RsImage) image = g_new0 (RsImage, 1);
  struct stat status;
  int flags = fcntl (fd, F_GETFL);

  image->fd = fd;
  image->request = request;
  if (flags < 0 || (flags & O_ACCMODE) != O_RDWR || (flags & O_APPEND) != 0 || fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "the worker was given no file for the image");
      return NULL;
    }
  if (!start_hash (image, error))
    return NULL;
  image->recalling = request->part.bytes > 0 && rs_request_is_http (request);
  return g_steal_pointer (&image);
}

void
rs_image_free (RsImage *image)
{
  if (image == NULL)
    return;
  if (image->hash != NULL)
    gnutls_hash_deinit (image->hash, NULL);
  rs_part_clear (&image->part);
  g_free (image);
}

static void
set_part (RsImage *image, guint64 bytes, guint64 total, const char *validator, const char *source)
{
  rs_part_clear (&image->part);
  image->part.bytes = bytes;
  image->part.total = total;
  image->part.validator = g_strdup (validator);
  image->part.source = g_strdup (source);
}

/* Whether the bytes that were read are those of the part. */
static void
judge_part (RsImage *image)
{
  const RsPart *part = &image->request->part;
  g_autofree char *digest = rs_image_get_digest (image);

  image->recalling = FALSE;
  if (image->bytes == part->bytes && g_str_equal (digest, part->digest))
    set_part (image, part->bytes, part->total, part->validator, part->source);
  else
    image->bytes = 0;
}

gboolean
rs_image_recall (RsImage *image)
{
  g_autofree guint8 *piece = NULL;
  guint64 wanted = image->request->part.bytes;
  gssize n = 0;

  if (!image->recalling)
    return FALSE;
  piece = g_malloc (PIECE);
  if (image->bytes < wanted)
    n = pread (image->fd, piece, (gsize)MIN (wanted - image->bytes, PIECE), (off_t)image->bytes);
  if (n > 0)
    note_bytes (image, piece, (gsize)n);
  if (n <= 0 || image->bytes == wanted)
    judge_part (image);
  return image->recalling;
}

const RsPart *
rs_image_get_part (const RsImage *image)
{
  return &image->part;
}

void
rs_image_forget (RsImage *image)
{
  rs_part_clear (&image->part);
}

/* Whether so much may be written; total is known or is what there would be at least. */
static gboolean
check_size (const RsImage *image, guint64 total, GError **error)
{
  guint64 max = image->request->max_bytes, room = image->request->room;

  if (total > max)
    g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT,
                 "the image has %" G_GUINT64_FORMAT " bytes or more, and %" G_GUINT64_FORMAT
                 " are allowed; if it is right, raise MaxFirmwareBytes in resyncd.conf",
                 total, max);
  else if (total > room)
    g_set_error (error, RS_ERROR, RS_ERROR_STORAGE,
                 "the image has %" G_GUINT64_FORMAT " bytes or more, and the disk has room for %" G_GUINT64_FORMAT, total, room);
  return total <= max && total <= room;
}

gboolean
rs_image_begin (RsImage *image, guint64 total, const char *validator, const char *source, GError **error)
{
  rs_part_clear (&image->part);
  if (!check_size (image, total, error) || !start_hash (image, error))
    return FALSE;
  if (ftruncate (image->fd, 0) != 0)
    return fail (error, "begun");
  if (total > 0 && *validator != '\0')
    set_part (image, 0, total, validator, source);
  return TRUE;
}

gboolean
rs_image_begin_rest (RsImage *image, GError **error)
{
  if (!check_size (image, image->part.total, error))
    return FALSE;
  /* what comes after the part is of nobody knows what */
  return ftruncate (image->fd, (off_t)image->bytes) == 0 || fail (error, "cut");
}

gboolean
rs_image_append (RsImage *image, const guint8 *data, gsize length, GError **error)
{
  if (!check_size (image, image->bytes + length, error))
    return FALSE;
  while (length > 0)
    {
      gssize n = pwrite (image->fd, data, length, (off_t)image->bytes);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail (error, "written");
      note_bytes (image, data, (gsize)n);
      data += n;
      length -= (gsize)n;
    }
  return TRUE;
}

gboolean
rs_image_sync (RsImage *image, RsPart *part, GError **error)
{
  if (fdatasync (image->fd) != 0)
    {
      rs_part_clear (&image->part);
      return fail (error, "brought to disk");
    }
  if (image->part.validator == NULL || image->bytes == 0)
    return TRUE;
  image->part.bytes = image->bytes;
  *part = (RsPart){ image->bytes, image->part.total, g_strdup (image->part.validator), rs_image_get_digest (image),
                     g_strdup (image->part.source) };
  return TRUE;
}

guint64
rs_image_get_bytes (const RsImage *image)
{
  return image->bytes;
}

char *
rs_image_get_digest (const RsImage *image)
{
  gnutls_hash_hd_t copy = gnutls_hash_copy (image->hash);
  guint8 digest[DIGEST_SIZE];

  /* without one nothing is passed on */
  if (copy == NULL)
    return g_strdup ("");
  gnutls_hash_deinit (copy, digest);
  return rs_text_hex (digest, sizeof digest);
}
