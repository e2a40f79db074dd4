/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keyfile reader: tokens with their lines, faults that are one line's, escapes both ways. */
#include "params/keyfile.h"

#include <string.h>

/* Writes what the reader finds as one text: "1[A]2a=b3!" */
static char *
trace (const char *text,
       gsize       length)
{
  g_auto (RsKeyfile) reader = { 0 };
  g_autoptr (GString) out = g_string_new (NULL);
  RsKeyfileToken token;

  rs_keyfile_init (&reader, text, length);
  while ((token = rs_keyfile_next (&reader)) != RS_KEYFILE_END)
    {
      g_string_append_printf (out, "%u", reader.line);
      if (token == RS_KEYFILE_GROUP)
        g_string_append_printf (out, "[%s]", reader.group);
      else if (token == RS_KEYFILE_ENTRY)
        g_string_append_printf (out, "%s=%s;", reader.key, reader.value);
      else
        g_string_append_c (out, '!');
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_tokens (void)
{
  static const struct
  {
    const char *text, *trace;
  } cases[] = {
    { "", "" },
    { "# only\n\n  # comments\n", "" },
    { "[A]\nb=c", "1[A]2b=c;" },
    { "[A]\n\n b = c d \n", "1[A]3b=c d;" },
    { "[A]\nb=\n", "1[A]2b=;" },
    { "[A]\nb==c=\n", "1[A]2b==c=;" },
    { "b=c\n[A]\n", "1!2[A]" },
    { "[A\nb=c\n", "1!2!" },
    { "[]\n", "1!" },
    { "[a[b]\n", "1!" },
    { "[A]\nnothing\nc=d\n", "1[A]2!3c=d;" },
    { "[A]\n=c\n", "1[A]2!" },
    { "[A]\nb=\xff\nc=d\n", "1[A]2!3c=d;" },
    { "[A B]\r\nb=c\r\n", "1[A B]2b=c;" },
    { "[A]\n[B]\nx[de]=y\n", "1[A]2[B]3x[de]=y;" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *found = trace (cases[i].text, strlen (cases[i].text));
      g_assert_cmpstr (found, ==, cases[i].trace);
    }
}

static void
test_nul_and_length (void)
{
  g_autoptr (GString) text = g_string_new ("[A]\nb=");
  g_autofree char *found = NULL, *nul = trace ("[A]\nb=c\0d\ne=f", 13);

  g_assert_cmpstr (nul, ==, "1[A]2!3e=f;");
  for (guint i = 0; i < RS_KEYFILE_LINE_MAX; i++)
    g_string_append_c (text, 'x');
  g_string_append (text, "\nc=d\n");
  found = trace (text->str, text->len);
  g_assert_cmpstr (found, ==, "1[A]2!3c=d;");
}

static void
test_offset (void)
{
  const char *text = "[A]\n# c\nb=c\n";
  g_auto (RsKeyfile) reader = { 0 };

  rs_keyfile_init (&reader, text, strlen (text));
  g_assert_cmpint (rs_keyfile_next (&reader), ==, RS_KEYFILE_GROUP);
  g_assert_cmpuint (reader.offset, ==, 0);
  g_assert_cmpint (rs_keyfile_next (&reader), ==, RS_KEYFILE_ENTRY);
  g_assert_cmpuint (reader.offset, ==, 8);
}

/* STORE-1: newlines and any UTF-8 survive */
static void
test_escapes (void)
{
  static const char *const texts[]
      = { "", " ", "  ", " a ", "a\nb\r\tc", "\\", "\\n", "a\\;b", "ü€😀", "a;b", "\n", "\n ", "=", "[x]", "#", "a  b" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GString) line = g_string_new ("[A]\nkey=");
      g_auto (RsKeyfile) reader = { 0 };

      rs_keyfile_append_escaped (line, texts[i]);
      g_string_append (line, "\n");
      rs_keyfile_init (&reader, line->str, line->len);
      g_assert_cmpint (rs_keyfile_next (&reader), ==, RS_KEYFILE_GROUP);
      g_assert_cmpint (rs_keyfile_next (&reader), ==, RS_KEYFILE_ENTRY);
      g_assert_true (rs_keyfile_unescape (reader.value));
      g_assert_cmpstr (reader.value, ==, texts[i]);
    }
}

static void
test_bad_escapes (void)
{
  static const char *const texts[] = { "\\", "a\\", "\\x41", "\\\\\\", "\\N" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = g_strdup (texts[i]);
      g_assert_false (rs_keyfile_unescape (text));
    }
}

static void
test_split (void)
{
  static const struct
  {
    const char *text, *joined;
    guint max;
  } cases[] = {
    { "", "", 2 },
    { "a", "a", 2 },
    { " a ; b ;", "a|b", 2 },
    { ";;a;;", "a", 2 },
    { "160=https://a/\\;https://b/;66=c", "160=https://a/;https://b/|66=c", 2 },
    { "a\\\\;b", "a\\|b", 2 },
    { "a;b;c", NULL, 2 },
    { "a\\q", NULL, 2 },
    { "a\\", NULL, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) list = rs_keyfile_split (cases[i].text, ';', cases[i].max);
      g_autofree char *joined = list != NULL ? g_strjoinv ("|", list) : NULL;

      g_assert_cmpstr (joined, ==, cases[i].joined);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/params/keyfile/tokens", test_tokens);
  g_test_add_func ("/params/keyfile/nul-and-length", test_nul_and_length);
  g_test_add_func ("/params/keyfile/offset", test_offset);
  g_test_add_func ("/params/keyfile/escapes", test_escapes);
  g_test_add_func ("/params/keyfile/bad-escapes", test_bad_escapes);
  g_test_add_func ("/params/keyfile/split", test_split);
  return g_test_run ();
}
