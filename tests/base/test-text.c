/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strict numbers, lists, and text that is safe to show. */
#include "base/text.h"

#include "base/error.h"

#include <string.h>

static void
test_numbers (void)
{
  static const struct
  {
    const char *text;
    gboolean is_unsigned;
    gboolean is_signed;
    gint64 value;
  } cases[] = {
    { "0", TRUE, TRUE, 0 },
    { "10", TRUE, TRUE, 10 },
    { "007", TRUE, TRUE, 7 },
    { "100", TRUE, TRUE, 100 },
    { "101", FALSE, FALSE, 0 },
    { "-5", FALSE, TRUE, -5 },
    { "-6", FALSE, FALSE, 0 },
    { "+1", FALSE, FALSE, 0 },
    { "", FALSE, FALSE, 0 },
    { " 1", FALSE, FALSE, 0 },
    { "\v1", FALSE, FALSE, 0 },
    { "-\v1", FALSE, FALSE, 0 },
    { "-+1", FALSE, FALSE, 0 },
    { "1 ", FALSE, FALSE, 0 },
    { "1x", FALSE, FALSE, 0 },
    { "0x10", FALSE, FALSE, 0 },
    { "1.0", FALSE, FALSE, 0 },
    { "1e1", FALSE, FALSE, 0 },
    { "-", FALSE, FALSE, 0 },
    { "--1", FALSE, FALSE, 0 },
    { "1\n", FALSE, FALSE, 0 },
    { NULL, FALSE, FALSE, 0 },
    { "99999999999999999999999", FALSE, FALSE, 0 },
    { "-99999999999999999999999", FALSE, FALSE, 0 },
    { "18446744073709551617", FALSE, FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) first = NULL;
      g_autoptr (GError) second = NULL;
      guint64 u = 4711;
      gint64 s = 4711;

      g_assert_cmpint (rs_text_to_uint64 (cases[i].text, 0, 100, &u, &first), ==, cases[i].is_unsigned);
      g_assert_cmpint (rs_text_to_int64 (cases[i].text, -5, 100, &s, &second), ==, cases[i].is_signed);
      g_assert_cmpuint (u, ==, cases[i].is_unsigned ? (guint64)cases[i].value : 4711);
      g_assert_cmpint (s, ==, cases[i].is_signed ? cases[i].value : 4711);
      if (!cases[i].is_unsigned)
        g_assert_error (first, RS_ERROR, RS_ERROR_INVALID_VALUE);
      if (!cases[i].is_signed)
        g_assert_error (second, RS_ERROR, RS_ERROR_INVALID_VALUE);
    }
}

static void
test_number_bounds (void)
{
  g_autoptr (GError) error = NULL;
  guint64 u;
  gint64 s;

  g_assert_true (rs_text_to_uint64 ("18446744073709551615", 0, G_MAXUINT64, &u, NULL));
  g_assert_cmpuint (u, ==, G_MAXUINT64);
  g_assert_true (rs_text_to_int64 ("-9223372036854775808", G_MININT64, G_MAXINT64, &s, NULL));
  g_assert_cmpint (s, ==, G_MININT64);
  g_assert_false (rs_text_to_uint64 ("9", 10, 20, &u, NULL));
  g_assert_false (rs_text_to_uint64 ("4\x1b[2J", 10, 20, &u, &error));
  g_assert_cmpstr (error->message, ==, "“4\\x1b[2J” is not a whole number from 10 to 20");
}

/* STORE-3, DISC-5 */
static void
test_escape (void)
{
  static const struct
  {
    const char *text;
    gsize max;
    const char *shown;
  } cases[] = {
    { "", 0, "" },
    { NULL, 0, "" },
    { "plain Grüße 漢字 🙂", 0, "plain Grüße 漢字 🙂" },
    { "a\tb\r\nc\x1b[2J\x7f", 0, "a\\x09b\\x0d\\x0ac\\x1b[2J\\x7f" },
    { "\xc2\x80\xc2\x9b", 0, "\\x80\\x9b" },
    { "\xe2\x80\xae\xe2\x81\xa6\xef\xbb\xbf\xe2\x80\xa8\xe2\x80\x8f", 0, "\\u202e\\u2066\\ufeff\\u2028\\u200f" },
    { "a\xff\xc3", 0, "a\\xff\\xc3" },
    { "\xed\xa0\x80", 0, "\\xed\\xa0\\x80" },
    { "\xc0\xaf", 0, "\\xc0\\xaf" },
    { "abc", 3, "abc" },
    { "abcd", 3, "abc…" },
    { "äöüß", 2, "äö…" },
    { "\x01\x02\x03", 2, "\\x01\\x02…" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = rs_text_escape (cases[i].text, cases[i].max);

      g_assert_cmpstr (shown, ==, cases[i].shown);
    }
}

/* STORE-3 */
static void
test_escape_bytes (void)
{
  g_autofree char *filled = g_strnfill (513, 'x');
  g_autofree char *zero = rs_text_escape_bytes ("a\0b\0", 4, 0);
  g_autofree char *empty = rs_text_escape_bytes (NULL, 0, 0);
  g_autofree char *cut = rs_text_escape (filled, 0), *whole = rs_text_escape (filled, G_MAXSIZE);
  /* a character that the end cuts in two */
  g_autofree char *half = rs_text_escape_bytes ("\xc3\xa4", 1, 0);

  g_assert_cmpstr (zero, ==, "a\\x00b\\x00");
  g_assert_cmpstr (empty, ==, "");
  g_assert_cmpuint (strlen (cut), ==, 512 + strlen ("…"));
  g_assert_cmpstr (whole, ==, filled);
  g_assert_cmpstr (half, ==, "\\xc3");
}

/* Any byte: the outcome is UTF-8 without controls. (STORE-3) */
static void
test_escape_all_bytes (void)
{
  for (guint a = 0; a < 256; a++)
    {
      for (guint b = 0; b < 256; b++)
        {
          const guint8 bytes[] = { (guint8)a, (guint8)b };
          g_autofree char *shown = rs_text_escape_bytes (bytes, sizeof bytes, 0);

          g_assert_true (g_utf8_validate (shown, -1, NULL));
          for (const char *p = shown; *p != '\0'; p = g_utf8_next_char (p))
            g_assert_false (g_unichar_iscntrl (g_utf8_get_char (p)));
        }
    }
}

static void
test_list (void)
{
  static const struct
  {
    const char *text;
    guint max;
    const char *joined; /* NULL: too many */
  } cases[] = {
    { NULL, 3, "" },        { "", 3, "" },           { " ; ;", 3, "" },
    { "a", 3, "a" },        { "a;b;c", 3, "a|b|c" }, { " a ; b b;; c ", 3, "a|b b|c" },
    { "a;b;c;d", 3, NULL }, { "a;;;;;b", 2, "a|b" }, { "a", 0, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) list = rs_text_split_list (cases[i].text, ';', cases[i].max);
      g_autofree char *joined = list != NULL ? g_strjoinv ("|", list) : NULL;

      g_assert_cmpstr (joined, ==, cases[i].joined);
    }
}

static void
test_hex (void)
{
  g_autofree char *some = rs_text_hex ("\x00\x0e\xff", 3), *none = rs_text_hex (NULL, 0);

  g_assert_cmpstr (some, ==, "000eff");
  g_assert_cmpstr (none, ==, "");
}

static void
test_set (void)
{
  char *text = g_strdup ("one");

  rs_text_set (&text, "two");
  g_assert_cmpstr (text, ==, "two");
  /* part of the very string that goes */
  rs_text_set (&text, text + 1);
  g_assert_cmpstr (text, ==, "wo");
  rs_text_set (&text, NULL);
  g_assert_null (text);
}

static void
test_find_close (void)
{
  /* the text, and where its ")" is: -1 for none */
  const struct
  {
    const char *text;
    int at;
  } table[] = {
    { "()", 1 }, { "(a)b)", 2 }, { "(a(b)c)d", 6 }, { "(\")\")", 4 }, { "(\"(\")", 4 }, { "(", -1 }, { "((a)", -1 }, { "(\")", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const char *text = table[i].text, *close = rs_text_find_close (text, text + strlen (text));

      g_assert_cmpint (close == NULL ? -1 : close - text, ==, table[i].at);
    }
  /* what lies beyond the end does not count */
  g_assert_null (rs_text_find_close (table[1].text, table[1].text + 2));
}

/* wherever the first byte stands that is none, also beside the eight that are looked at together */
static void
test_ascii_prefix (void)
{
  static const char others[] = { '\0', '\x80', '\xc3', '\xff' };
  char text[25];

  g_assert_cmpuint (rs_text_ascii_prefix ("", 0), ==, 0);
  for (gsize length = 1; length <= sizeof text; length++)
    {
      memset (text, '\x01', sizeof text);
      text[length - 1] = '\x7f';
      g_assert_cmpuint (rs_text_ascii_prefix (text, length), ==, length);
      for (gsize i = 0; i < length; i++)
        {
          for (gsize k = 0; k < G_N_ELEMENTS (others); k++)
            {
              memset (text, 'x', sizeof text);
              text[i] = others[k];
              g_assert_cmpuint (rs_text_ascii_prefix (text, length), ==, i);
            }
        }
    }
}

static void
test_is_utf8 (void)
{
  static const struct
  {
    const char *text;
    gsize length;
    gboolean is_utf8;
  } table[] = {
    { "", 0, TRUE },
    { "eight or more of plain text", 27, TRUE },
    { "eight or more, then \xc3\xa9", 22, TRUE },
    { "\xc3\xa9, then eight or more", 22, TRUE },
    { "eight or more, then \xc3", 21, FALSE },
    { "eight or more, then \0", 21, FALSE },
    { "\xc0\x80", 2, FALSE },
    { "\xed\xa0\x80", 3, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    g_assert_cmpint (rs_text_is_utf8 (table[i].text, table[i].length), ==, table[i].is_utf8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/text/numbers", test_numbers);
  g_test_add_func ("/base/text/number-bounds", test_number_bounds);
  g_test_add_func ("/base/text/escape", test_escape);
  g_test_add_func ("/base/text/escape-bytes", test_escape_bytes);
  g_test_add_func ("/base/text/escape-all-bytes", test_escape_all_bytes);
  g_test_add_func ("/base/text/list", test_list);
  g_test_add_func ("/base/text/hex", test_hex);
  g_test_add_func ("/base/text/set", test_set);
  g_test_add_func ("/base/text/find-close", test_find_close);
  g_test_add_func ("/base/text/ascii-prefix", test_ascii_prefix);
  g_test_add_func ("/base/text/utf8", test_is_utf8);
  return g_test_run ();
}
