/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A URL of a rule, what it is written as, and what is shown of it. */
#include "fuzz.h"

#include "base/error.h"
#include "base/host.h"
#include "base/mask.h"
#include "rule/url.h"

#include <arpa/inet.h>
#include <string.h>

#define URL_MAX 4096

static void
check_same (const RsUrl *a, const RsUrl *b)
{
  g_assert_cmpint (a->scheme, ==, b->scheme);
  g_assert_cmpstr (a->host, ==, b->host);
  g_assert_cmpint (a->port, ==, b->port);
  g_assert_cmpstr (a->path, ==, b->path);
}

static void
check_url (const RsUrl *url)
{
  g_autofree char *text = rs_url_to_string (url);
  g_autoptr (RsUrl) copy = rs_url_copy (url);

  check_same (url, copy);
  g_assert_cmpstr (url->user, ==, copy->user);
  g_assert_cmpstr (url->password, ==, copy->password);
  fuzz_check_line (text);
  g_assert_cmpint (url->path[0], ==, '/');
  if (url->host != NULL)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsUrl) again = rs_url_parse (text, &error);

      g_assert_no_error (error);
      check_same (url, again);
      g_assert_null (again->user);
      g_assert_null (again->password);
      g_assert_true (rs_host_is_valid (url->host));
      g_assert_cmpint (url->port, !=, 0);
    }
}

/* The same text as a host by itself. */
static void
check_host (const char *text)
{
  guint8 address[16];
  gboolean v4 = inet_pton (AF_INET, text, address) == 1, v6 = inet_pton (AF_INET6, text, address) == 1;

  g_assert_cmpint (rs_host_is_address (text), ==, v4 || v6);
  if (rs_host_is_valid (text))
    {
      g_autofree char *url_text
          = g_strdup_printf (strchr (text, ':') != NULL ? "http://[%s]:1/p" : "http://%s:1/p", text);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsUrl) url = rs_url_parse (url_text, &error);

      g_assert_cmpuint (strlen (text), <=, 253);
      g_assert_no_error (error);
      g_assert_true (g_ascii_strcasecmp (url->host, text) == 0);
    }
}

static gboolean
uses_secret (const RsUrl *url)
{
  return fuzz_holds_secret (url->user) || fuzz_holds_secret (url->password)
         || fuzz_holds_secret (strpbrk (url->path, "?#"));
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  g_autofree char *text = fuzz_rest (&input);
  g_autofree char *shown = rs_mask_url (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsUrl) url = rs_url_parse (text, &error);

  fuzz_check_line (shown);
  fuzz_check_error (url != NULL, error);
  check_host (text);
  if (url == NULL)
    {
      g_assert_cmpint (error->code, ==, RS_ERROR_INVALID_RULE);
      g_string_append (out, error->message);
      return;
    }
  g_assert_cmpuint (strlen (text), <=, URL_MAX);
  check_url (url);
  if (uses_secret (url) && fuzz_count_secrets (text) == 1)
    g_assert_false (fuzz_holds_secret (shown));
  g_string_append_printf (out, "%s %s %s %u %s %s", shown, url->host, url->path, url->port, url->user, url->password);
}
