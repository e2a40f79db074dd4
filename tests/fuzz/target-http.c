/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fields of an answer that are read by our own code: one a line. */
#include "fuzz.h"

#include "base/error.h"
#include "base/secret.h"
#include "fetch/answer.h"
#include "fetch/challenge.h"
#include "fetch/uri.h"

#include <string.h>

#define PASSWORD "Tr0ub4dor&3"
#define DAY 86400
#define NOW 1800000000
#define VALIDATOR_MAX 64
#define LOCATION_MAX 4096

/* What goes into a header field of a request: it cannot end the field. */
static void
check_field (const char *text)
{
  for (; *text != '\0'; text++)
    g_assert_false (g_ascii_iscntrl (*text));
}

static void
try_challenge (const char *field, gboolean allow_basic, GString *out)
{
  const RsCredentials credentials = { "GET", "/p?q", "phone", PASSWORD, "0011" };
  gboolean refused = FALSE;
  g_autoptr (RsChallenge) challenge = rs_challenge_choose (field, allow_basic, &refused);
  g_auto (RsSecretString) answer = rs_challenge_answer (challenge, &credentials);

  g_assert_cmpint (answer != NULL, ==, challenge->scheme != RS_AUTH_NONE);
  g_assert_false (allow_basic && refused);
  g_assert_true (allow_basic || challenge->scheme != RS_AUTH_BASIC);
  if (answer != NULL)
    {
      check_field (answer);
      /* a server that knows it already may hear it again */
      g_assert_true (strstr (answer, PASSWORD) == NULL || strstr (field, PASSWORD) != NULL);
      g_string_append (out, answer);
    }
}

/* From https nothing leads to http, and nobody's account is taken over from a server's word. */
static void
try_location (GUri *base, const char *location, GString *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) target = rs_uri_redirect (base, location, &error);
  g_autofree char *text = NULL, *again_text = NULL, *request_target = NULL;
  g_autoptr (GUri) again = NULL;

  fuzz_check_error (target != NULL, error);
  if (target == NULL)
    {
      const char *host = g_str_has_prefix (location, "ftp://") ? location + strlen ("ftp://") : NULL;
      const char *at = host != NULL ? g_strrstr_len (host, (gssize)strcspn (host, "/"), "@") : NULL;
      const char *secret = strstr (location, FUZZ_SECRET);

      g_assert_cmpint (error->code, ==, RS_ERROR_FAILED);
      /* an account that stands before a host is not shown; the host is, whatever it is called */
      if (at != NULL && secret != NULL && secret < at && !fuzz_holds_secret (at))
        g_assert_false (fuzz_holds_secret (error->message));
      g_string_append (out, error->message);
      return;
    }
  g_assert_cmpuint (strlen (location), <=, LOCATION_MAX);
  g_assert_cmpstr (g_uri_get_scheme (target), ==, g_uri_get_scheme (base)[4] == 's' ? "https" : g_uri_get_scheme (target));
  g_assert_null (g_uri_get_userinfo (target));
  g_assert_null (g_uri_get_fragment (target));
  g_assert_cmpuint (rs_uri_port (target), !=, 0);
  request_target = rs_uri_target (target);
  g_assert_cmpint (request_target[0], ==, '/');
  check_field (request_target);
  text = g_uri_to_string (target);
  again = rs_uri_redirect (base, text, &error);
  g_assert_no_error (error);
  again_text = g_uri_to_string (again);
  g_assert_cmpstr (again_text, ==, text);
  g_assert_true (rs_uri_same_host (target, again));
  g_string_append (out, text);
}

static void
try_base (const char *scheme, const char *location, GString *out)
{
  RsRequest request = { .scheme = (char *)scheme, .host = (char *)"ps.example.com", .port = 8443, .path = (char *)"/a/b?c" };
  g_autoptr (GUri) base = rs_uri_from_request (&request, NULL);

  g_assert_nonnull (base);
  try_location (base, location, out);
}

/* The path of a request: what can be asked is a target that stays one line. */
static void
try_path (const char *path, GString *out)
{
  RsRequest request = { .scheme = (char *)"http", .host = (char *)"::1", .port = 80, .path = (char *)path };
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri = rs_uri_from_request (&request, &error);
  g_autofree char *target = NULL;
  g_autofree char *file = rs_uri_decode_file (path);

  fuzz_check_error (uri != NULL, error);
  g_assert_cmpuint (strlen (file), <=, strlen (path));
  if (uri == NULL)
    return;
  g_assert_cmpstr (g_uri_get_host (uri), ==, "::1");
  target = rs_uri_target (uri);
  g_assert_cmpint (target[0], ==, '/');
  check_field (target);
  g_string_append_printf (out, "%s %s", target, file);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  g_autofree char *challenge = fuzz_line (&input), *location = fuzz_line (&input), *retry = fuzz_line (&input);
  g_autofree char *date = fuzz_line (&input), *length_text = fuzz_line (&input), *path = fuzz_rest (&input);
  g_autofree char *etag = rs_answer_validator (challenge, VALIDATOR_MAX);
  guint seconds = rs_answer_retry_after (retry, date[0] != '\0' ? date : NULL, NOW);
  guint64 length = 0;

  try_challenge (challenge, FALSE, out);
  try_challenge (challenge, TRUE, out);
  try_base ("http", location, out);
  try_base ("https", location, out);
  try_path (path, out);
  check_field (etag);
  g_assert_cmpuint (strlen (etag), <=, VALIDATOR_MAX);
  g_assert_cmpuint (seconds, <=, DAY);
  if (rs_answer_length (length_text, &length))
    g_assert_cmpuint (length, <=, G_MAXINT64);
  g_string_append_printf (out, " %u %" G_GUINT64_FORMAT, seconds, length);
}
