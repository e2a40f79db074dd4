/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tries that a job has to answer a server's 401, or a proxy's 407 (HTTP-3, HTTP-10). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whom to answer, and how it is spoken of. */
typedef struct
{
  const char *wants;   /* there is no user to name */
  const char *refuses; /* it took no answer */
  const char *clear;   /* it wants the password in the clear, where that may not be */
  const char *colon;   /* it wants Basic, which has no way to write the user */
  const char *other;   /* it wants neither Basic nor Digest */
} RsAuthWords;

extern const RsAuthWords rs_auth_server, rs_auth_proxy;

typedef struct
{
  const RsAuthWords *words;
  char *answer; /* of the next request; NULL: none */
  gboolean once; /* it holds for one request, as by Digest */
  guint n_answers;
} RsAuth;

/* What the answer is about. */
typedef struct
{
  const char *challenges; /* of the field; NULL: none */
  gboolean allow_basic;
  const char *method;
  const char *target;
  const char *user;
  const char *password;
} RsAuthQuestion;

/* Makes the next answer. FALSE: there is none, and *why says so. */
gboolean rs_auth_next (RsAuth *auth, const RsAuthQuestion *question, const char **why) G_GNUC_WARN_UNUSED_RESULT;

/* A request was let through, and another one follows: forgets an answer that held for that one, and begins to count anew. */
void rs_auth_passed (RsAuth *auth);

/* Wipes the answer, and begins to count anew. */
void rs_auth_clear (RsAuth *auth);

G_END_DECLS
