/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a server asks for with 401, or a proxy with 407, and the answer: Basic (RFC 7617) and Digest with MD5 or SHA-256 (RFC 7616, RFC
 * 2069). Pure: the random number comes in. libsoup's own is not used, because it reads the body of a 401 without a
 * bound and knows no SHA-256. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RS_AUTH_NONE, /* nothing that can be answered */
  RS_AUTH_BASIC,
  RS_AUTH_DIGEST_MD5,
  RS_AUTH_DIGEST_SHA256,
} RsAuthScheme;

typedef struct
{
  RsAuthScheme scheme;
  gboolean session; /* the -sess variant */
  gboolean qop;     /* qop=auth is on offer; FALSE: as RFC 2069 */
  gboolean userhash; /* the name is sent hashed */
  char *algorithm;  /* as the server wrote it; NULL: not there */
  char *realm;
  char *nonce;
  char *opaque; /* NULL: not there */
} RsChallenge;

void rs_challenge_free (RsChallenge *challenge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsChallenge, rs_challenge_free)

/* The strongest of the challenges of a WWW-Authenticate or Proxy-Authenticate field (all of them, joined by commas); Basic only where
 * allow_basic. Never NULL; its scheme may be RS_AUTH_NONE. *basic_refused (may be NULL): Basic was on offer and not
 * allowed. */
RsChallenge *rs_challenge_choose (const char *field, gboolean allow_basic, gboolean *basic_refused);

typedef struct
{
  const char *method;
  const char *target; /* of the request line; to a server path and query, also where a proxy is asked */
  const char *user;
  const char *password;
  const char *cnonce; /* Digest: hexadecimal, new for each answer */
} RsCredentials;

/* The value of an Authorization or Proxy-Authorization field; NULL: the scheme is RS_AUTH_NONE, or the user's name cannot be sent by it. Wipe
 * it after use. */
char *rs_challenge_answer (const RsChallenge *challenge, const RsCredentials *credentials) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
