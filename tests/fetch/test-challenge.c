/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Basic and Digest: the answers of the RFCs' own examples, and challenges as servers write them. */
#include "fetch/challenge.h"

#include <string.h>

/* HTTP-3: RFC 7616 section 3.9.1, RFC 2617 section 3.5 (with and without qop), RFC 7617 section 2 */
static void
test_examples (void)
{
  const RsCredentials mufasa
      = { "GET", "/dir/index.html", "Mufasa", "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ" };
  const RsCredentials old = { "GET", "/dir/index.html", "Mufasa", "Circle Of Life", "0a4f113b" };
  const RsCredentials aladdin = { "GET", "/", "Aladdin", "open sesame", "" };
  const struct
  {
    const char *field;
    const RsCredentials *credentials;
    const char *answer;
  } table[] = {
    { "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, "
      "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
      &mufasa,
      "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
      "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
      "uri=\"/dir/index.html\", response=\"8ca523f5e9506fed4657c9700eebdbec\", "
      "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", algorithm=MD5, qop=auth, nc=00000001, "
      "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\"" },
    { "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, "
      "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
      &mufasa,
      "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
      "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
      "uri=\"/dir/index.html\", response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\", "
      "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", algorithm=SHA-256, qop=auth, nc=00000001, "
      "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\"" },
    { "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
      "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
      &old,
      "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
      "uri=\"/dir/index.html\", response=\"6629fae49393a05397450978507c4ef1\", "
      "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\", "
      "qop=auth, nc=00000001, cnonce=\"0a4f113b\"" },
    { "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"", &old,
      "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
      "uri=\"/dir/index.html\", response=\"670fd8c2df070c60b045671b8b24ff02\"" },
    { "Basic realm=\"WallyWorld\"", &aladdin, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (RsChallenge) challenge = rs_challenge_choose (table[i].field, TRUE, NULL);
      g_autofree char *answer = rs_challenge_answer (challenge, table[i].credentials);

      g_assert_cmpstr (answer, ==, table[i].answer);
    }
}

#define DIGEST "Digest realm=\"r\", nonce=\"n\""

/* HTTP-3: the strongest that is allowed, however they are written */
static void
test_choice (void)
{
  const struct
  {
    const char *field;
    gboolean allow_basic;
    RsAuthScheme scheme;
    gboolean basic_refused;
  } table[] = {
    { "", TRUE, RS_AUTH_NONE, FALSE },
    { ",,, ,", TRUE, RS_AUTH_NONE, FALSE },
    { "Basic", TRUE, RS_AUTH_BASIC, FALSE },
    { "basic realm=x", TRUE, RS_AUTH_BASIC, FALSE },
    { "Basic realm=\"x\"", FALSE, RS_AUTH_NONE, TRUE },
    { "Basic realm=\"x\", " DIGEST, TRUE, RS_AUTH_DIGEST_MD5, FALSE },
    { "Basic realm=\"x\", " DIGEST, FALSE, RS_AUTH_DIGEST_MD5, TRUE },
    { DIGEST ", Basic realm=\"x\"", TRUE, RS_AUTH_DIGEST_MD5, FALSE },
    { DIGEST ", algorithm=SHA-256, " DIGEST ", algorithm=MD5", TRUE, RS_AUTH_DIGEST_SHA256, FALSE },
    { DIGEST ", algorithm=MD5, " DIGEST ", algorithm=\"sha-256\"", TRUE, RS_AUTH_DIGEST_SHA256, FALSE },
    { DIGEST ", algorithm=SHA-512-256, Basic", TRUE, RS_AUTH_BASIC, FALSE },
    { DIGEST ", algorithm=MD5-sess", TRUE, RS_AUTH_DIGEST_MD5, FALSE },
    { DIGEST ", qop=auth-int", TRUE, RS_AUTH_NONE, FALSE },
    { "Digest realm=\"r\"", TRUE, RS_AUTH_NONE, FALSE },
    { "Digest nonce=\"n\"", TRUE, RS_AUTH_NONE, FALSE },
    { "Negotiate, NTLM, Bearer realm=\"a, Basic b\"", TRUE, RS_AUTH_NONE, FALSE },
    { "Negotiate TlRMTVNTUAABAAAA=, Basic realm=\"x\"", TRUE, RS_AUTH_BASIC, FALSE },
    { "Bearer realm=\"say \\\"Basic\\\", or\", Digest realm = \"r\" , nonce = n", TRUE, RS_AUTH_DIGEST_MD5, FALSE },
    { "Digest realm=\"r, nonce=\"n\"", TRUE, RS_AUTH_NONE, FALSE },
    { "Digest realm=\"r\", nonce=\"n\x01\"", TRUE, RS_AUTH_NONE, FALSE },
    { "\"Basic\"", TRUE, RS_AUTH_BASIC, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      gboolean refused;
      g_autoptr (RsChallenge) challenge = NULL;

      g_test_message ("%s", table[i].field);
      challenge = rs_challenge_choose (table[i].field, table[i].allow_basic, &refused);
      g_assert_cmpint (challenge->scheme, ==, table[i].scheme);
      g_assert_cmpint (refused, ==, table[i].basic_refused);
    }
}

/* HTTP-3: RFC 7616 section 3.4.2 by hand: H(H(user:realm:password):nonce:cnonce) takes the place of
 * H(user:realm:password) */
static void
test_session (void)
{
  const RsCredentials credentials = { "GET", "/x", "u", "p", "c" };
  g_autoptr (RsChallenge) challenge = rs_challenge_choose (DIGEST ", qop=auth, algorithm=MD5-sess", TRUE, NULL);
  g_autofree char *answer = rs_challenge_answer (challenge, &credentials);
  g_autofree char *base = g_compute_checksum_for_string (G_CHECKSUM_MD5, "u:r:p", -1);
  g_autofree char *session = g_strconcat (base, ":n:c", NULL);
  g_autofree char *a1 = g_compute_checksum_for_string (G_CHECKSUM_MD5, session, -1);
  g_autofree char *a2 = g_compute_checksum_for_string (G_CHECKSUM_MD5, "GET:/x", -1);
  g_autofree char *all = g_strconcat (a1, ":n:00000001:c:auth:", a2, NULL);
  g_autofree char *response = g_compute_checksum_for_string (G_CHECKSUM_MD5, all, -1);

  g_assert_nonnull (strstr (answer, response));
  g_assert_nonnull (strstr (answer, "algorithm=MD5-sess"));
}

/* HTTP-3: RFC 7616 section 3.4.4 by hand: the name is sent as H(user:realm), and hashed with the rest as it is */
static void
test_userhash (void)
{
  const RsCredentials credentials = { "GET", "/x", "u", "p", "c" };
  g_autoptr (RsChallenge) hidden
      = rs_challenge_choose (DIGEST ", qop=auth, algorithm=SHA-256, userhash=true", TRUE, NULL);
  g_autoptr (RsChallenge) open
      = rs_challenge_choose (DIGEST ", qop=auth, algorithm=SHA-256, userhash=false", TRUE, NULL);
  g_autofree char *hidden_answer = rs_challenge_answer (hidden, &credentials);
  g_autofree char *open_answer = rs_challenge_answer (open, &credentials);
  g_autofree char *name = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "u:r", -1);
  g_autofree char *begin = g_strdup_printf ("Digest username=\"%s\", realm=\"r\", ", name);
  g_autofree char *same = g_strconcat ("Digest username=\"u\"", hidden_answer + strlen ("Digest username=\"\"") + strlen (name),
                                       NULL);

  g_assert_true (g_str_has_prefix (hidden_answer, begin));
  g_assert_true (g_str_has_suffix (same, ", userhash=true"));
  same[strlen (same) - strlen (", userhash=true")] = '\0';
  g_assert_cmpstr (open_answer, ==, same);
}

static void
test_quoting (void)
{
  const RsCredentials credentials = { "GET", "/", "a\"b\\c", "p", "c" };
  const RsCredentials colon = { "GET", "/", "a:b", "p", "c" };
  g_autoptr (RsChallenge) digest = rs_challenge_choose ("Digest realm=\"say \\\"r\\\"\", nonce=n", TRUE, NULL);
  g_autoptr (RsChallenge) basic = rs_challenge_choose ("Basic", TRUE, NULL);
  g_autofree char *answer = rs_challenge_answer (digest, &credentials);

  g_assert_cmpstr (digest->realm, ==, "say \"r\"");
  g_assert_true (g_str_has_prefix (answer, "Digest username=\"a\\\"b\\\\c\", realm=\"say \\\"r\\\"\", nonce=\"n\""));
  g_assert_null (rs_challenge_answer (basic, &colon));
}

static void
test_random_fields (void)
{
  static const char alphabet[] = "Digest Basic=\"\\,realmnonce \t";
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (guint round = 0; round < 20000; round++)
    {
      char field[80];
      guint length = (guint)g_rand_int_range (rand, 0, sizeof field);
      g_autoptr (RsChallenge) challenge = NULL;

      for (guint i = 0; i < length; i++)
        field[i] = alphabet[g_rand_int_range (rand, 0, sizeof alphabet - 1)];
      field[length] = '\0';
      challenge = rs_challenge_choose (field, TRUE, NULL);
      g_assert_nonnull (challenge);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fetch/challenge/examples", test_examples);
  g_test_add_func ("/fetch/challenge/choice", test_choice);
  g_test_add_func ("/fetch/challenge/session", test_session);
  g_test_add_func ("/fetch/challenge/userhash", test_userhash);
  g_test_add_func ("/fetch/challenge/quoting", test_quoting);
  g_test_add_func ("/fetch/challenge/random-fields", test_random_fields);
  return g_test_run ();
}
