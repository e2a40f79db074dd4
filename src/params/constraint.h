/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Range of a catalogue entry, compiled. The grammar is strict and every form is enforced; what the catalogue
 * writes is also what people read:
 *
 *   int, intlist   A-B{|A-B} [UNIT]         0-65535 s    128-149|151-158|161-254
 *   string         A-B [UNIT] (decimal)     0-64 s (decimal)
 *                  A-B [UNIT] (step C)      0.01-0.13 s (step 0.01)
 *                  subset of WORD{|WORD}    subset of Saturday|Sunday
 *                  K=WORD{|WORD}{;K=…}      c=g|r|a|o;p=b|n (fields of a script, each at most once)
 *   string, text, password, url, hostport, rule
 *                  max N chars    A-B chars    0 or A-B chars
 *   text           N lines, each under M chars
 *   enum           WORD{|WORD}              Https|Http
 *   ip             IPv4    IPv6
 *   time           FROM-TO                  0000-2400    00:00-24:00    -14/00-14/00 (also says how times are written)
 *
 * No Range: whole numbers are 0 to 2147483647, texts have the common bound. */
#pragma once

#include "params/catalogue.h"

G_BEGIN_DECLS

#define RS_MAX_SPANS 8

typedef enum
{
  RS_CONSTRAINT_NONE,
  RS_CONSTRAINT_SPANS,   /* spans */
  RS_CONSTRAINT_DECIMAL, /* spans[0] and step, in millionths */
  RS_CONSTRAINT_CHARS,   /* spans, of characters */
  RS_CONSTRAINT_LINES,   /* max_lines of at most spans[0].max characters */
  RS_CONSTRAINT_WORDS,   /* words */
  RS_CONSTRAINT_SUBSET,  /* words */
  RS_CONSTRAINT_FIELDS,  /* words */
  RS_CONSTRAINT_IPV4,
  RS_CONSTRAINT_IPV6,
  RS_CONSTRAINT_TIME,    /* spans[0] in minutes, separator */
} RsConstraintKind;

typedef struct
{
  gint64 min, max;
} RsSpan;

typedef struct
{
  RsConstraintKind kind;
  guint            n_spans;
  RsSpan           spans[RS_MAX_SPANS];
  gint64           step; /* 0: any */
  guint            max_lines;
  char             separator; /* of a time; 0: none, HHmm */
  const char      *words;     /* WORD{|WORD} or K=WORD{|WORD}{;…}; points into the text that was parsed */
} RsConstraint;

/* RS_ERROR_INVALID_ARGUMENT says what was expected. range must live as long as *constraint. */
gboolean rs_constraint_parse (RsParamType   type,
                              const char   *range,
                              RsConstraint *constraint,
                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether one of the spans holds the number. */
gboolean rs_constraint_holds (const RsConstraint *constraint,
                              gint64              number);

/* Whether words (WORD{|WORD}, up to the end or a ';') has the word of that length. */
gboolean rs_words_has (const char *words,
                       const char *word,
                       gsize       length);

/* "12.5" → 12500000: digits, at most six of them after a point. */
gboolean rs_decimal_parse (const char *text,
                           gsize       length,
                           gint64     *millionths);

/* "HHmm", "HH:mm", "HH/mm", with a sign "-HH/mm" → minutes; *separator is the sign between, 0: none. At most 99
 * hours. */
gboolean rs_time_parse (const char *text,
                        gsize       length,
                        gint64     *minutes,
                        char       *separator);

G_END_DECLS
