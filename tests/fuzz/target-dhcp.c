/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DHCP options: codes with their bytes, or a text as NetworkManager shows them. */
#include "fuzz.h"

#include "dhcp/hint.h"
#include "rule/url.h"

#include <string.h>

#define HINTS_MAX 64
#define SOURCE_HINTS_MAX 16
#define DECIMAL_MAX 4096

static const guint16 codes[] = { 66, 160, 159, 150, 60, 67, 43, 125, 17, 59, 120, 200 };

static const char *
find_scheme_end (const char *text)
{
  const char *end = strstr (text, "://");

  return end != NULL ? end + 3 : NULL;
}

static void
check_hint (const RsServerHint *hint, GString *out)
{
  const char *reason = NULL;
  RsServerHint *again = rs_server_hint_parse (hint->text, &reason);
  const char *rest = find_scheme_end (hint->text);

  for (const char *p = hint->text; *p != '\0'; p++)
    g_assert_true (*p > ' ' && *p <= '~');
  g_assert_cmpint (hint->kind != RS_HINT_HOST, ==, rest != NULL);
  g_assert_true (rest == NULL || g_str_has_prefix (hint->text, "tftp://") || g_str_has_prefix (hint->text, "http://")
                 || g_str_has_prefix (hint->text, "https://"));
  /* what was read once is read the same again */
  g_assert_nonnull (again);
  g_assert_cmpint (again->kind, ==, hint->kind);
  g_assert_cmpstr (again->text, ==, hint->text);
  rs_server_hint_free (again);
  /* and what needs no macro is a URL that can be asked */
  if (strchr (hint->text, '$') == NULL && hint->kind != RS_HINT_HOST)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsUrl) url = rs_url_parse (hint->text, &error);

      g_assert_no_error (error);
      g_assert_nonnull (url->host);
    }
  g_string_append_printf (out, " %d %s", hint->kind, hint->text);
}

static void
check_source (const RsDhcpSource *source, GString *out)
{
  g_assert_true (source->hints->len > 0 || source->acs_url != NULL);
  g_assert_cmpuint (source->hints->len, <=, SOURCE_HINTS_MAX);
  g_string_append_printf (out, "%s: %s", source->name, source->acs_url);
  for (guint i = 0; i < source->hints->len; i++)
    check_hint (source->hints->pdata[i], out);
  if (source->acs_url != NULL)
    {
      g_assert_true (g_str_has_prefix (source->acs_url, "http"));
      g_assert_null (strchr (source->acs_url, '@'));
    }
}

static GPtrArray *
read_options (FuzzInput *input)
{
  GPtrArray *options = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_dhcp_option_free);

  while (input->size > 0)
    {
      guint8 which = fuzz_byte (input);
      FuzzInput value = fuzz_take (input, (which & 0x40) != 0 ? fuzz_uint16 (input) : fuzz_byte (input));
      g_autoptr (GBytes) bytes = g_bytes_new (value.data, value.size);

      g_ptr_array_add (options,
                       rs_dhcp_option_new (codes[(which & 0x3f) % G_N_ELEMENTS (codes)], (which & 0x80) != 0, bytes));
    }
  return options;
}

static void
try_options (FuzzInput *input, GString *out)
{
  gboolean v6 = fuzz_byte (input) & 1;
  guint32 enterprise = fuzz_uint16 (input);
  guint16 sub = fuzz_uint16 (input);
  g_autoptr (GPtrArray) options = read_options (input);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) sources
      = rs_dhcp_sources (options, codes, G_N_ELEMENTS (codes), v6, enterprise, sub, warnings);
  guint n_hints = 0;

  for (guint i = 0; i < sources->len; i++)
    {
      const RsDhcpSource *source = sources->pdata[i];

      check_source (source, out);
      n_hints += source->hints->len;
    }
  g_assert_cmpuint (n_hints, <=, HINTS_MAX);
  fuzz_check_lines (warnings);
  for (guint i = 0; i < warnings->len; i++)
    g_string_append (out, warnings->pdata[i]);
}

/* As NetworkManager shows an option, and as a server by itself. */
static void
try_text (const char *text, GString *out)
{
  g_autoptr (GBytes) bytes = rs_dhcp_bytes_from_decimal (text);
  const char *reason = NULL;
  RsServerHint *hint = NULL;

  g_assert_true (bytes == NULL || (g_bytes_get_size (bytes) >= 1 && g_bytes_get_size (bytes) <= DECIMAL_MAX));
  for (const char *p = text; *p > ' ' && *p <= '~'; p++)
    {
      if (p[1] == '\0')
        hint = rs_server_hint_parse (text, &reason);
    }
  if (hint != NULL)
    check_hint (hint, out);
  g_string_append_printf (out, "%s", reason);
  if (hint != NULL)
    rs_server_hint_free (hint);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  g_autofree char *text = fuzz_rest (&input);

  try_text (text, out);
  try_options (&input, out);
}
