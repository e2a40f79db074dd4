/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list of proxies, as a request has it and as a proxy auto-configuration file answers it: bytes of anybody's. */
#include "fuzz.h"

#include "base/error.h"
#include "fetch/route.h"
#include "ipc/message.h"

#include <string.h>

#define ROUTES_MAX 8
#define HOST_MAX 253

static void
check_route (const RsRoute *route)
{
  if (route->host == NULL)
    return;
  g_assert_cmpuint (strlen (route->host), >, 0);
  g_assert_cmpuint (strlen (route->host), <=, HOST_MAX);
  /* it stands in a request line, and in messages */
  for (const char *p = route->host; *p != '\0'; p++)
    g_assert_true (g_ascii_isalnum (*p) || strchr ("-._:", *p) != NULL);
  g_assert_cmpuint (route->port, >, 0);
}

static void
check_routes (GPtrArray *routes, const GError *error, GString *out)
{
  g_autofree char *text = NULL, *again_text = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (GError) none = NULL;

  fuzz_check_error (routes != NULL, error);
  if (routes == NULL)
    {
      g_assert_cmpint (error->code, ==, RS_ERROR_FAILED);
      g_string_append (out, error->message);
      return;
    }
  g_assert_cmpuint (routes->len, >, 0);
  g_assert_cmpuint (routes->len, <=, ROUTES_MAX);
  for (guint i = 0; i < routes->len; i++)
    check_route (routes->pdata[i]);
  text = rs_routes_to_string (routes);
  g_assert_cmpuint (strlen (text), <=, RS_PROXIES_MAX);
  fuzz_check_line (text);
  again = rs_routes_parse (text, &none);
  g_assert_no_error (none);
  again_text = rs_routes_to_string (again);
  g_assert_cmpstr (again_text, ==, text);
  g_string_append (out, text);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  g_autofree char *text = fuzz_rest (&input);
  g_autoptr (GError) error = NULL, answer_error = NULL;
  g_autoptr (GPtrArray) routes = rs_routes_parse (text, &error);
  g_autoptr (GPtrArray) answer = rs_routes_parse_answer (text, &answer_error);

  check_routes (routes, error, out);
  check_routes (answer, answer_error, out);
}
