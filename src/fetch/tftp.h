/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file by TFTP, for a job: the socket under the machine of tftp/. */
#pragma once

#include "fetch/job.h"

G_BEGIN_DECLS

typedef struct _RsTftp RsTftp;

/* Ends the job from the main loop, or at once. */
RsTftp *rs_tftp_start (RsJob *job);
void rs_tftp_free (RsTftp *tftp);

G_END_DECLS
