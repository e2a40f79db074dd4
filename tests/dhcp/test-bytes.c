/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes as NetworkManager writes them, and bytes of any kind at all. */
#include "dhcp/options.h"

#include <string.h>

#define ROUNDS 100000
#define SEED 20231109

/* DISC-3: the decimal form, strictly */
static void
test_decimal (void)
{
  static const struct
  {
    const char *text;
    const char *bytes; /* NULL: refused */
    gsize       length;
  } cases[] = {
    { "104 116 0", "ht\0", 3 },
    { "0", "\0", 1 },
    { "255", "\377", 1 },
    { "1 004 010", "\1\4\12", 3 },
    { "", NULL, 0 },
    { " ", NULL, 0 },
    { "256", NULL, 0 },
    { "0001", NULL, 0 },
    { "1  2", NULL, 0 },
    { "1 ", NULL, 0 },
    { " 1", NULL, 0 },
    { "-1", NULL, 0 },
    { "+1", NULL, 0 },
    { "1,2", NULL, 0 },
    { "1 2x", NULL, 0 },
    { "1:2", NULL, 0 },
    { "0x10", NULL, 0 },
    { "http://a/", NULL, 0 },
    { "99999999999999999999", NULL, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = rs_dhcp_bytes_from_decimal (cases[i].text);

      g_test_message ("“%s”", cases[i].text);
      if (cases[i].bytes == NULL)
        g_assert_null (bytes);
      else
        {
          g_assert_nonnull (bytes);
          g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), cases[i].bytes, cases[i].length);
        }
    }
}

/* DISC-5: 4096 bytes and not one more */
static void
test_decimal_bound (void)
{
  g_autoptr (GString) text = g_string_new ("7");
  g_autoptr (GBytes) most = NULL;
  g_autoptr (GBytes) more = NULL;

  for (guint i = 1; i < 4096; i++)
    g_string_append (text, " 7");
  most = rs_dhcp_bytes_from_decimal (text->str);
  g_assert_nonnull (most);
  g_assert_cmpuint (g_bytes_get_size (most), ==, 4096);
  g_string_append (text, " 7");
  more = rs_dhcp_bytes_from_decimal (text->str);
  g_assert_null (more);
}

/* Noise that comes near to what is meant: pieces of it, with bytes changed. */
static gsize
make_value (GRand  *rand,
            guint8 *value,
            gsize   max)
{
  static const char *const pieces[] = {
    "http://", "https://", "tftp://",   "://",       "a.example", "192.0.2.5", "[2001:db8::1]", ":80",
    "/",       ";",        "$MA",       "$(MA:0:6)", "$(",        "$$",        "%2f",           "user@",
    "?x=1",    " ",        "\1\5hello", "\r",        "\13\4",     "\377",      "dslforum.org",
  };
  static const guint8 bbf[] = { 0, 0, 0x0d, 0xe9 };
  gsize length = 0, n = g_rand_int_range (rand, 0, 12);

  for (gsize i = 0; i < n && length + 32 < max; i++)
    {
      const char *piece = pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))];
      guint kind = g_rand_int_range (rand, 0, 8);

      if (kind == 0)
        value[length++] = g_rand_int_range (rand, 0, 256);
      else if (kind == 1)
        {
          memcpy (value + length, bbf, sizeof bbf);
          length += sizeof bbf;
        }
      else
        {
          memcpy (value + length, piece, strlen (piece));
          length += strlen (piece);
        }
    }
  if (length > 0 && g_rand_boolean (rand))
    value[g_rand_int_range (rand, 0, length)] = g_rand_int_range (rand, 0, 256);
  return length;
}

static void
check_text (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    g_assert_true (*p > 0x20 && *p < 0x7f && strchr ("`'\"|;\\<>^{}#", *p) == NULL);
}

static void
check_sources (GPtrArray *sources,
               GPtrArray *warnings)
{
  guint n = 0;

  for (guint i = 0; i < sources->len; i++)
    {
      const RsDhcpSource *source = sources->pdata[i];

      g_assert_true (source->hints->len > 0 || source->acs_url != NULL);
      n += source->hints->len;
      for (guint k = 0; k < source->hints->len; k++)
        {
          const RsServerHint *hint = source->hints->pdata[k];
          gboolean has_scheme = g_str_has_prefix (hint->text, "http://") || g_str_has_prefix (hint->text, "https://")
                                || g_str_has_prefix (hint->text, "tftp://");

          check_text (hint->text);
          g_assert_cmpint (has_scheme, ==, hint->kind != RS_HINT_HOST);
        }
      if (source->acs_url != NULL)
        {
          check_text (source->acs_url);
          g_assert_true (g_ascii_strncasecmp (source->acs_url, "http", 4) == 0);
        }
    }
  g_assert_cmpuint (n, <=, 64);
  for (guint i = 0; i < warnings->len; i++)
    {
      const char *warning = warnings->pdata[i];

      g_assert_true (g_utf8_validate (warning, -1, NULL));
      for (const char *p = warning; *p != '\0'; p++)
        g_assert_true ((guint8)*p >= 0x20 && *p != 0x7f);
    }
}

/* DISC-5: no bytes break it, and nothing but servers comes out */
static void
test_noise (void)
{
  static const guint16 codes[] = { 66, 160, 159, 150, 60, 43, 125, 17, 67 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);
  guint yielded = 0;

  for (guint i = 0; i < ROUNDS; i++)
    {
      guint8 value[512];
      gsize length = make_value (rand, value, sizeof value);
      gboolean v6 = g_rand_int_range (rand, 0, 4) == 0;
      guint16 code = codes[g_rand_int_range (rand, 0, G_N_ELEMENTS (codes))];
      /* of its own size, so that a sanitizer sees a byte read too many */
      g_autoptr (GBytes) bytes = g_bytes_new (value, length);
      g_autoptr (GPtrArray) options = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_dhcp_option_free);
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GPtrArray) sources = NULL;

      g_ptr_array_add (options, rs_dhcp_option_new (code, v6, bytes));
      sources = rs_dhcp_sources (options, codes, G_N_ELEMENTS (codes), v6, 9, 7, warnings);
      check_sources (sources, warnings);
      yielded += sources->len;
    }
  g_test_message ("%u of %u yielded something", yielded, ROUNDS);
  g_assert_cmpuint (yielded, >, ROUNDS / 100);
}

/* DISC-5: the same for the text of NetworkManager */
static void
test_decimal_noise (void)
{
  static const char characters[] = "0123456789 0123456789 :x-";
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

  for (guint i = 0; i < ROUNDS; i++)
    {
      char text[16];
      guint length = g_rand_int_range (rand, 0, sizeof text);
      g_autofree char *copy = NULL;
      g_autoptr (GBytes) bytes = NULL;

      for (guint k = 0; k < length; k++)
        text[k] = characters[g_rand_int_range (rand, 0, sizeof characters - 1)];
      copy = g_strndup (text, length);
      bytes = rs_dhcp_bytes_from_decimal (copy);
      if (bytes != NULL)
        g_assert_cmpuint (g_bytes_get_size (bytes), <=, (length + 1) / 2);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dhcp/decimal", test_decimal);
  g_test_add_func ("/dhcp/decimal-bound", test_decimal_bound);
  g_test_add_func ("/dhcp/noise", test_noise);
  g_test_add_func ("/dhcp/decimal-noise", test_decimal_noise);
  return g_test_run ();
}
