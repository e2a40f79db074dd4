/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a request is answered (docs/redirect-service.md): from what was asked, the book and the uses; nothing of the network. */
#pragma once

#include "redirect/book.h"
#include "redirect/uses.h"

G_BEGIN_DECLS

/* The longest body that is read, in bytes, and the longest query. */
#define RS_ANSWER_BODY_MAX 2048
#define RS_ANSWER_QUERY_MAX 1024

typedef struct
{
  const char *method;
  const char *path;   /* as it came, escaped */
  const char *query;  /* the same, NULL: none */
  const char *body;   /* may hold anything */
  gsize       length;
} RsAsked;

typedef struct
{
  guint             status;
  char             *body;  /* NULL: empty */
  char             *mac;   /* who asks; NULL: it does not say */
  const char       *why;   /* for the log: what came of it; holds no code */
  gboolean          has_code;   /* it brought one */
  gboolean          wrong_code; /* which leads nowhere */
  guint             digits;     /* of the name of a profile; 0: it brought none */
  const RsBookCode *code;  /* counts for mac before the answer goes out; NULL: none does */
} RsAnswer;

/* now: wall clock, µs since the epoch. (transfer full) of the content. */
void     rs_answer_find (const RsBook  *book,
                         const RsUses  *uses,
                         const RsAsked *asked,
                         gint64         now,
                         RsAnswer      *answer);
void     rs_answer_clear (RsAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RsAnswer, rs_answer_clear)

G_END_DECLS
