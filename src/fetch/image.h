/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file that an image goes into (UPG-3): one descriptor, which the daemon opened. It is written as the bytes come, and
 * what is said of it is on disk. */
#pragma once

#include "ipc/message.h"

G_BEGIN_DECLS

/* The descriptor's number. */
#define RS_IMAGE_FD 4

typedef struct _RsImage RsImage;

/* fd: borrowed. RS_ERROR_FAILED: it is no file that can be written. */
RsImage *rs_image_new (int fd, const RsRequest *request, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void rs_image_free (RsImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsImage, rs_image_free)

/* Reads a piece of what the file has of the request's part. TRUE: there is more to read; when there is not, rs_image_get_part () says
 * whether the file still has it. */
gboolean rs_image_recall (RsImage *image) G_GNUC_WARN_UNUSED_RESULT;

/* What there is to go on from; bytes are 0 where there is nothing. Without digest. */
const RsPart *rs_image_get_part (const RsImage *image);

/* There is nothing to go on from any more. */
void rs_image_forget (RsImage *image);

/* The file begins to come, from its first byte; total: 0 not known. validator: "" none; source: as in RsPart. Checks its size before
 * anything is written.
 * RS_ERROR_CORRUPT: over max_bytes; RS_ERROR_STORAGE: more than there is room for, or the disk failed. */
gboolean rs_image_begin (RsImage *image, guint64 total, const char *validator, const char *source, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What comes after the part begins to come; errors as before. */
gboolean rs_image_begin_rest (RsImage *image, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Errors as before. */
gboolean rs_image_append (RsImage *image, const guint8 *data, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* All that was written is on disk from here on. *part (to be cleared): what to go on from, with its digest; bytes 0 where nobody can. */
gboolean rs_image_sync (RsImage *image, RsPart *part, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Bytes that the file has, or of which it is known that it has them. */
guint64 rs_image_get_bytes (const RsImage *image);

/* SHA-256 of them. */
char *rs_image_get_digest (const RsImage *image);

G_END_DECLS
