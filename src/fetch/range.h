/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rest of a file that was begun before (RFC 9110 sections 13.1.5 and 14): what can be asked for by, and whether what comes is that and nothing
 * else. Two different files that are glued together would look like one until somebody boots them. Pure. */
#pragma once

#include "ipc/message.h"

G_BEGIN_DECLS

/* Reads a Content-Range of bytes whose total is known, "bytes 5-6/7", strictly. FALSE: it is none, or contradicts itself. */
gboolean rs_range_read (const char *field, guint64 *first, guint64 *last, guint64 *total) G_GNUC_WARN_UNUSED_RESULT;

/* What of an answer with status 206 says which bytes these are; NULL: the field is not there. */
typedef struct
{
  const char *range;         /* Content-Range */
  const char *length;        /* Content-Length */
  const char *type;          /* Content-Type */
  const char *encoding;      /* Content-Encoding */
  const char *etag;          /* ETag */
  const char *last_modified; /* Last-Modified */
} RsRangeAnswer;

/* Why this is not everything after the part, of the same file; NULL: it is. */
const char *rs_range_fault (const RsRangeAnswer *answer, const RsPart *part);

/* By what the rest of a file can be asked for that came with these fields, each of which may be NULL: the ETag if it is strong, and only where
 * there is none Last-Modified, if by Date the file was at rest long enough (section 8.8.2.2). "" where it cannot. */
char *rs_range_validator (const char *etag, const char *last_modified, const char *date);

G_END_DECLS
