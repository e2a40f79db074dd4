/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One file read by TFTP, as a machine: datagrams and the passing of time go in, what is to be done comes out. The
 * socket, the clock and the buffer belong to the caller. Times are microseconds of any clock that does not jump. */
#pragma once

#include "tftp/endpoint.h"

G_BEGIN_DECLS

#define RS_TFTP_BLKSIZE    1428 /* what is asked for: an Ethernet frame with every header and some tunnel's, whole */
#define RS_TFTP_WINDOWSIZE 64

typedef struct
{
  RsTftpEndpoint server; /* where the request goes */
  const char *file;
  guint blksize;     /* asked for; 0: RS_TFTP_BLKSIZE */
  guint windowsize;  /* asked for; 0: RS_TFTP_WINDOWSIZE */
  guint64 max_bytes; /* a longer file ends the transfer */
  gint64 give_up;    /* microseconds without any progress after which the server counts as silent */
} RsTftpSettings;

typedef enum
{
  RS_TFTP_ACTION_SEND,    /* data, length: a datagram to "to" */
  RS_TFTP_ACTION_DELIVER, /* data, length: the next bytes of the file */
  RS_TFTP_ACTION_RESTART, /* what was delivered so far is void: the file comes again from its first byte */
  RS_TFTP_ACTION_TIMER,   /* call rs_tftp_transfer_timeout () at "at"; replaces the timer before it */
  RS_TFTP_ACTION_DONE,    /* the file is whole */
  RS_TFTP_ACTION_FAIL, /* error: NOT_FOUND (error 1), UNREACHABLE (silence, cut short), CORRUPT (over max_bytes), FAILED
                        */
} RsTftpActionKind;

/* data and error point into the machine or the datagram just given: valid until the next call. */
typedef struct
{
  RsTftpActionKind kind;
  RsTftpEndpoint to;
  const guint8 *data;
  gsize length;
  gint64 at;
  const GError *error;
} RsTftpAction;

#define RS_TFTP_ACTIONS_MAX 6

/* In the order they are to be done. After DONE or FAIL the machine answers every event with no action. */
typedef struct
{
  guint n;
  RsTftpAction list[RS_TFTP_ACTIONS_MAX];
} RsTftpActions;

typedef struct _RsTftpTransfer RsTftpTransfer;

/* RS_ERROR_INVALID_ARGUMENT: the file's name cannot be asked for. */
RsTftpTransfer *rs_tftp_transfer_new (const RsTftpSettings *settings, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void rs_tftp_transfer_free (RsTftpTransfer *transfer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsTftpTransfer, rs_tftp_transfer_free)

void rs_tftp_transfer_start (RsTftpTransfer *transfer, gint64 now, RsTftpActions *actions);
void rs_tftp_transfer_datagram (RsTftpTransfer *transfer, const RsTftpEndpoint *from, const guint8 *data, gsize length,
                                gint64 now, RsTftpActions *actions);
/* May come early: then the answer is the timer again. */
void rs_tftp_transfer_timeout (RsTftpTransfer *transfer, gint64 now, RsTftpActions *actions);

/* Nobody takes the file any more: the server, if it has answered, is told that there is no room. The transfer is over, without FAIL. */
void rs_tftp_transfer_refuse (RsTftpTransfer *transfer, RsTftpActions *actions);

/* The size that the server told; 0: it did not. */
guint64 rs_tftp_transfer_get_total (RsTftpTransfer *transfer);

G_END_DECLS
