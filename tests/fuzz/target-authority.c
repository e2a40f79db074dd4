/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file that shall become a root of trust, in PEM or DER. */
#include "fuzz.h"

#include "fetch/authority.h"

#include <string.h>

#define SUBJECT_MAX 200
#define PEM_MAX 32768
#define BEGIN "-----BEGIN CERTIFICATE-----"
#define CERTIFICATES_MAX 4

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (const char *p = strstr (text, part); p != NULL; p = strstr (p + 1, part))
    n++;
  return n;
}

/* What was taken is taken again, as it stands, and holds nothing but certificates. */
static void
check_authority (const RsAuthority *authority, gint64 now)
{
  g_autoptr (GBytes) pem = g_bytes_new (authority->pem, strlen (authority->pem));
  g_autoptr (GError) error = NULL;
  g_autoptr (RsAuthority) again = rs_authority_read (pem, now, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (again->pem, ==, authority->pem);
  g_assert_cmpstr (again->subject, ==, authority->subject);
  fuzz_check_line (authority->subject);
  g_assert_cmpstr (authority->subject, !=, "");
  g_assert_cmpuint (strlen (authority->subject), <=, SUBJECT_MAX);
  g_assert_cmpuint (strlen (authority->pem), <=, PEM_MAX);
  g_assert_true (g_str_has_prefix (authority->pem, BEGIN));
  g_assert_cmpuint (count (authority->pem, "-----BEGIN "), ==, count (authority->pem, BEGIN));
  g_assert_cmpuint (count (authority->pem, BEGIN), <=, CERTIFICATES_MAX);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  gint64 now = fuzz_uint32 (&input);
  g_autoptr (GBytes) file = fuzz_bytes (&input, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsAuthority) authority = rs_authority_read (file, now, &error);

  fuzz_check_error (authority != NULL, error);
  if (authority == NULL)
    {
      g_assert_cmpint (error->code, ==, RS_ERROR_CORRUPT);
      g_string_append (out, error->message);
      return;
    }
  check_authority (authority, now);
  g_string_append (out, authority->subject);
}
