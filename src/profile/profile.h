/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the bytes of a profile to assignments: the content decides what it is (PROF-8). From memory to memory; runs in
 * the worker and in resyncctl check, decode. */
#pragma once

#include "params/assignment.h"

G_BEGIN_DECLS

typedef struct
{
  guint64     max_bytes;       /* of the decoded profile; 0: 8 MiB */
  guint       max_parameters;  /* 0: 20000 */
  gboolean    complete;        /* the transport proved the length (Content-Length, TFTP); plain text needs it */
  const char *key;             /* --key: AES-CBC (later issue); NULL */
  const char *ikm;             /* IKM_HTTP_Encrypt_Content (later issue); NULL */
  const char *alias_map;       /* text of GPP_x for --alias x (later issue); NULL */
} RsProfileOptions;

typedef struct
{
  guint line;
  guint column;  /* 0: not known */
  char *message; /* no secret, escaped */
} RsProfileNote;

typedef struct
{
  GPtrArray *assignments; /* RsAssignment, in the order of the file, duplicates left in */
  GPtrArray *notes;       /* RsProfileNote: bad ua=, ignored wrappers … never fatal; at most 1000 */
  char      *digest;      /* hexadecimal SHA-256 of the decoded bytes (PROF-12) */
  GBytes    *plain;       /* the decoded XML or text */
} RsProfile;

void       rs_profile_free (RsProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsProfile, rs_profile_free)

/* RS_ERROR_CORRUPT with what was wrong and where (line, column): empty file, HTML page, cut short, not well-formed,
 * DOCTYPE, too deep, too many, no <flat-profile>, more than max_bytes after decoding. line and column (each may be
 * NULL) are set too, 0 where not known. */
RsProfile *rs_profile_read (GBytes                 *bytes,
                            const RsProfileOptions *options,
                            guint                  *line,
                            guint                  *column,
                            GError                **error) G_GNUC_WARN_UNUSED_RESULT;

/* Only the decoding (gzip, later decryption), as resyncctl decode wants it. */
GBytes    *rs_profile_decode (GBytes                 *bytes,
                              const RsProfileOptions *options,
                              GError                **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
