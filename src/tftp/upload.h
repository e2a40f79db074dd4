/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One file written by TFTP (TFTP-5), as a machine that gives the same actions as the one that reads. One block is on its way at a time:
 * what a phone writes is small. */
#pragma once

#include "tftp/transfer.h"

G_BEGIN_DECLS

typedef struct
{
  RsTftpEndpoint server; /* where the request goes */
  const char *file;
  GBytes *bytes;   /* what is written there */
  guint blksize;   /* asked for; 0: RS_TFTP_BLKSIZE */
  gint64 give_up;  /* microseconds without any progress after which the server counts as silent */
} RsTftpUploadSettings;

typedef struct _RsTftpUpload RsTftpUpload;

/* RS_ERROR_INVALID_ARGUMENT: the file's name cannot be asked for. */
RsTftpUpload *rs_tftp_upload_new (const RsTftpUploadSettings *settings, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void rs_tftp_upload_free (RsTftpUpload *upload);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsTftpUpload, rs_tftp_upload_free)

/* As of rs_tftp_transfer_start () and its like; never DELIVER nor RESTART. DONE: the server has acknowledged the last block. */
void rs_tftp_upload_start (RsTftpUpload *upload, gint64 now, RsTftpActions *actions);
void rs_tftp_upload_datagram (RsTftpUpload *upload, const RsTftpEndpoint *from, const guint8 *data, gsize length, gint64 now,
                              RsTftpActions *actions);
void rs_tftp_upload_timeout (RsTftpUpload *upload, gint64 now, RsTftpActions *actions);

G_END_DECLS
