/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: what the bytes are. The content decides, never a name or a content type (PROF-8). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RS_KIND_EMPTY,   /* no byte, or nothing but white space */
  RS_KIND_GZIP,
  RS_KIND_SALTED,  /* openssl enc */
  RS_KIND_SALTED_BASE64, /* openssl enc -a, which no phone reads */
  RS_KIND_HTML,
  RS_KIND_XML,
  RS_KIND_STATEMENTS, /* the plain-text form (PROF-9) */
  RS_KIND_UNKNOWN,
} RsKind;

typedef enum
{
  RS_ENCODING_BYTES, /* ASCII or a superset of it: UTF-8, ISO-8859-1 */
  RS_ENCODING_UTF16LE,
  RS_ENCODING_UTF16BE,
} RsEncoding;

RsKind     rs_sniff_kind (const guint8 *data,
                          gsize         length);

/* By the byte order mark, whose length goes to bom, or by the first character. */
RsEncoding rs_sniff_encoding (const guint8 *data,
                              gsize         length,
                              gsize        *bom);

G_END_DECLS
