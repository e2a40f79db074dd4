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
  const char *key;             /* --key, for openssl enc (ENC-1); NULL or "": none */
  const char *ikm;             /* IKM_HTTP_Encrypt_Content, for RFC 8188 (ENC-2); NULL or "": none */
  gboolean    aes128gcm;       /* the transport said Content-Encoding: aes128gcm */
  gboolean    at_a_desk;       /* an encrypted file that opens and is no profile is told what is wrong with it. On a phone it is
                                * not: whoever changes bytes on the way must not learn from the answer what became of them (ENC-3) */
  const char *alias_map;       /* text of GPP_x for --alias x (PROF-10); NULL or "": none */
} RsProfileOptions;

typedef struct
{
  guint line;
  guint column;  /* 0: not known */
  char *name;    /* of the parameter that it is about, escaped; "": none */
  char *message; /* no secret, escaped */
} RsProfileNote;

typedef struct
{
  GPtrArray *assignments; /* RsAssignment, in the order of the file, duplicates left in */
  GPtrArray *notes;       /* RsProfileNote: bad ua=, ignored wrappers … never fatal; at most 1000 */
  guint      notes_left_out; /* beyond those */
  char      *digest;      /* hexadecimal SHA-256 of the decoded bytes (PROF-12) */
  GBytes    *plain;       /* the decoded XML or text */
  GBytes    *text;        /* at_a_desk: the same in UTF-8, where places are looked up; else NULL */
} RsProfile;

void       rs_profile_free (RsProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsProfile, rs_profile_free)

/* RS_ERROR_INVALID_VALUE: the alias map is none. RS_ERROR_CORRUPT with what was wrong and where (line, column): empty file, HTML page, cut short, not well-formed,
 * DOCTYPE, too deep, too many, no <flat-profile>, more than max_bytes after decoding; of the plain-text form what is no statement, or that nothing
 * proves its end. line and column (each may be
 * NULL) are set too, 0 where not known. */
RsProfile *rs_profile_read (GBytes                 *bytes,
                            const RsProfileOptions *options,
                            guint                  *line,
                            guint                  *column,
                            GError                **error) G_GNUC_WARN_UNUSED_RESULT;

/* Where a character (from 1) of an assignment's value stands in the file: entities, CDATA sections and comments in front of it are counted
 * as they are written. For a profile that was read at a desk. FALSE: it has no such character. */
gboolean   rs_profile_locate (const RsProfile    *profile,
                              const RsAssignment *assignment,
                              guint               character,
                              guint              *line,
                              guint              *column);

/* The message for every encrypted file that could not be read: another key, a changed byte, a cut file, a record out of its order. (ENC-3) */
#define RS_PROFILE_SEALED "The profile cannot be decrypted: the key is another one, or the file was changed or cut short"

/* Only the decoding (gzip, decryption), as resyncctl decode wants it: also of what is no profile, as far as it is a text. */
GBytes    *rs_profile_decode (GBytes                 *bytes,
                              const RsProfileOptions *options,
                              GError                **error) G_GNUC_WARN_UNUSED_RESULT;

#define RS_PROFILE_SALT 16 /* bytes */

/* A file that rs_profile_read () reads with the same key or ikm (not empty; ikm NULL: key counts): openssl enc with SHA-256, which
 * `openssl enc -d -aes-256-cbc -md sha256` reads, or RFC 8188 with the likeliest reading of ikm, in records of 4096 bytes. salt:
 * random, of the caller. (ENC-4) */
GBytes    *rs_profile_encrypt (GBytes       *plain,
                               const char   *key,
                               const char   *ikm,
                               gboolean      gzip,
                               const guint8  salt[RS_PROFILE_SALT],
                               GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
