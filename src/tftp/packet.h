/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TFTP datagrams from and to bytes: RFC 1350, and the options of RFC 2347, 2348, 2349 and 7440. */
#pragma once

#include "base/error.h"

G_BEGIN_DECLS

typedef enum
{
  RS_TFTP_OPCODE_READ = 1,
  RS_TFTP_OPCODE_WRITE = 2,
  RS_TFTP_OPCODE_DATA = 3,
  RS_TFTP_OPCODE_ACK = 4,
  RS_TFTP_OPCODE_ERROR = 5,
  RS_TFTP_OPCODE_OACK = 6,
} RsTftpOpcode;

/* RFC 1350 appendix, RFC 2347 section 2 */
typedef enum
{
  RS_TFTP_ERROR_UNDEFINED = 0,
  RS_TFTP_ERROR_NOT_FOUND = 1,
  RS_TFTP_ERROR_FULL = 3,
  RS_TFTP_ERROR_ILLEGAL = 4,
  RS_TFTP_ERROR_UNKNOWN_TID = 5,
  RS_TFTP_ERROR_OPTION = 8,
} RsTftpErrorCode;

/* Bounds of the options (RFC 2348, 2349, 7440). */
#define RS_TFTP_BLKSIZE_MIN     8
#define RS_TFTP_BLKSIZE_MAX     65464
#define RS_TFTP_BLKSIZE_DEFAULT 512
#define RS_TFTP_WINDOWSIZE_MAX  65535
#define RS_TFTP_TIMEOUT_MAX     255

typedef struct
{
  guint blksize;    /* bytes; 0: not there */
  guint timeout;    /* seconds; 0: not there */
  guint windowsize; /* blocks; 0: not there */
  gboolean has_tsize;
  guint64 tsize; /* bytes; 0 in a request asks for it */
} RsTftpOptions;

/* What a client sends: never longer than a request may be (RFC 2347 section 2). */
typedef struct
{
  gsize length;
  guint8 data[512];
} RsTftpDatagram;

typedef struct
{
  RsTftpOpcode opcode;   /* DATA, ACK, ERROR or OACK: what a server sends */
  guint16 number;        /* the block of DATA and ACK, the code of ERROR */
  const guint8 *payload; /* of DATA, the text of ERROR, the options of OACK; points into the datagram */
  gsize length;
} RsTftpPacket;

/* FALSE: too short, or no packet that a server sends. */
gboolean rs_tftp_packet_read (const guint8 *data, gsize length, RsTftpPacket *packet) G_GNUC_WARN_UNUSED_RESULT;

/* Reads the payload of an OACK. RS_ERROR_FAILED: a pair cut short, no number, out of the option's bounds, an unknown
 * option or one that is there twice. */
gboolean rs_tftp_options_read (const guint8 *data, gsize length, RsTftpOptions *options,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A request to read or write, in octet mode. RS_ERROR_INVALID_ARGUMENT: the name is empty, holds control characters, or is too long
 * for a request. */
gboolean rs_tftp_request_write (RsTftpOpcode opcode, const char *file, const RsTftpOptions *options,
                                RsTftpDatagram *datagram, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void rs_tftp_ack_write (guint16 block, RsTftpDatagram *datagram);
/* message: plain ASCII, cut after 100 bytes */
void rs_tftp_error_write (RsTftpErrorCode code, const char *message, RsTftpDatagram *datagram);

G_END_DECLS
