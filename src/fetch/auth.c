/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which answer comes next, and when there is none. */
#include "fetch/auth.h"

#include "base/secret.h"
#include "fetch/challenge.h"

#define ANSWERS_MAX 2

const RsAuthWords rs_auth_server = {
  "the server wants a user name and password; check --uid and --pwd of the rule",
  "the server does not accept the user name and password; check --uid and --pwd of the rule",
  "the server wants the password in the clear over plain http, which is done only for --uid and --pwd of the rule "
  "itself; use https",
  "the server wants Basic, in which no user name can hold a “:”; check --uid of the rule",
  "the server wants an authentication that is neither Basic nor Digest",
};

const RsAuthWords rs_auth_proxy = {
  "the proxy wants a user name and password; check Proxy_Server_Requires_Authentication and Proxy_Username",
  "the proxy does not accept the user name and password; check Proxy_Username and Proxy_Password",
  "the proxy wants the password in the clear",
  "the proxy wants Basic, in which no user name can hold a “:”; check Proxy_Username",
  "the proxy wants an authentication that is neither Basic nor Digest",
};

gboolean
rs_auth_next (RsAuth *auth, const RsAuthQuestion *question, const char **why)
{
  g_autofree char *cnonce = g_strdup_printf ("%08x%08x", g_random_int (), g_random_int ());
  const RsCredentials credentials
      = { question->method, question->target, question->user, question->password, cnonce };
  g_autoptr (RsChallenge) challenge = NULL;
  gboolean refused = FALSE;

  g_clear_pointer (&auth->answer, rs_secret_free);
  if (*question->user == '\0' && *question->password == '\0')
    *why = auth->words->wants;
  else if (auth->n_answers >= ANSWERS_MAX)
    *why = auth->words->refuses;
  else
    {
      challenge = rs_challenge_choose (question->challenges != NULL ? question->challenges : "", question->allow_basic,
                                       &refused);
      auth->answer = rs_challenge_answer (challenge, &credentials);
      auth->once = challenge->scheme != RS_AUTH_BASIC;
      *why = refused                                  ? auth->words->clear
             : challenge->scheme == RS_AUTH_BASIC ? auth->words->colon
                                                      : auth->words->other;
    }
  auth->n_answers++;
  return auth->answer != NULL;
}

void
rs_auth_passed (RsAuth *auth)
{
  /* its nonce was used, and it names the target: whoever is strict takes it for a replay */
  if (auth->once)
    g_clear_pointer (&auth->answer, rs_secret_free);
  auth->n_answers = 0;
}

void
rs_auth_clear (RsAuth *auth)
{
  g_clear_pointer (&auth->answer, rs_secret_free);
  auth->n_answers = 0;
}
