/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is no profile: the message says what it is instead, and where. */
#include "support.h"

#include "base/error.h"

#include <string.h>

/* PROF-4 PROF-11: line and column of the fault, as an editor counts them, and what is said. */
static void
test_not_well_formed (void)
{
  static const struct
  {
    const char *text;
    guint line, column;
    const char *said;
  } cases[] = {
    { "<flat-profile>\n<A>1</B>\n</flat-profile>", 2, 5, "<A> of line 2" },
    { "<flat-profile>\n<A>1\n</flat-profile>", 3, 1, "<A> of line 2" },
    { "<flat-profile>\n<A>1</A>\n</flat-profil>", 3, 1, "<flat-profile> of line 1" },
    { "<flat-profile>\n<A>1</A>\n", 3, 1, "cut short, the element <flat-profile>" },
    { "<flat-profile>\n<A>1", 2, 5, "cut short, the element <A>" },
    { "<flat-profile>\n<A>1</A>\n</flat-profile", 3, 15, "cut short" },
    /* what stands in a value may be a part of a password */
    { "<flat-profile>\n<A>a<secret></A></flat-profile>", 2, 13, "an element inside <A> of line 2" },
    { "<flat-profile>\n<A>a<secret>b<secret>c", 2, 23, "cut short, an element inside <A> does not end" },
    { "<flat-profil>\n<A>a<secret></A></flat-profil>", 2, 13, "an element inside <A> of line 2" },
    { "<x><flat-profile>\n<A>a<b/></A><B>1</C></flat-profile></x>", 2, 17, "the element <B> of line 2" },
    { "<flat-profile>\n<A>R&D</A></flat-profile>", 2, 7, "write “&amp;”" },
    { "<flat-profile>\n<A>R & D</A></flat-profile>", 2, 7, "&amp;" },
    { "<flat-profile>\n<A>1 < 2</A></flat-profile>", 2, 7, "&lt;" },
    { "<flat-profile>\n<A>&nbsp;</A></flat-profile>", 2, 10, "an entity other than" },
    { "<flat-profile>\n<A>&secret;</A></flat-profile>", 2, 12, "an entity other than" },
    { "<flat-profile>\n<A>&#0;</A></flat-profile>", 2, 8, "cannot stand in XML" },
    { "<flat-profile>\n<A>&#x110000;</A></flat-profile>", 2, 14, "cannot stand in XML" },
    { "<flat-profile>\n<A ua=rw>1</A></flat-profile>", 2, 7, "needs quotes" },
    { "<flat-profile>\n<A ua>1</A></flat-profile>", 2, 6, "attribute without a value" },
    { "<flat-profile>\n<A ua='na' ua='rw'>1</A></flat-profile>", 2, 19, "twice" },
    { "<flat-profile>\n<A ua='<'>1</A></flat-profile>", 2, 8, "in the value of an attribute" },
    { "<flat-profile>\n<A>]]></A></flat-profile>", 2, 4, "]]&gt;" },
    { "<flat-profile>\n<!-- a -- b --><A/></flat-profile>", 2, 8, "“--” in a comment" },
    { "<flat-profile>\n<A>a\001b</A></flat-profile>", 2, 5, "cannot stand in XML" },
    { "<flat-profile>\n<1A>x</1A></flat-profile>", 2, 2, "begins no name" },
    { "<flat-profile/>\n<flat-profile/>", 2, 1, "after the end of the root" },
    { "<flat-profile/>\nmore", 2, 1, "after the end of the root" },
    { "<flat-profile/>\n<!-- cut", 2, 9, "after the end of the root" },
    { "\n<?xml version='1.0'?><flat-profile/>", 2, 6, "very first in the file" },
    { "<?xml version='1.0' encoding='UTF-8'\n<flat-profile/>", 2, 1, "Not well-formed" },
    { "<!-- only a comment -->", 1, 24, "Not well-formed" },
    { "<", 1, 2, "cut short" },
    { "<flat-profile>\nGr\303\274\303\237e<A>\n</flat-profile>", 3, 1, "<A> of line 2" },
    { "<flat-profile>\n<A>\303\274\303\274&x</A></flat-profile>", 2, 8, "&amp;" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint line, column;
      g_autofree char *message
          = read_corrupt (g_bytes_new_static (cases[i].text, strlen (cases[i].text)), NULL, &line, &column);
      g_autofree char *place = g_strdup_printf ("(line %u, column %u)", line, column);

      g_test_message ("%u: %s", i, message);
      g_assert_cmpuint (line, ==, cases[i].line);
      g_assert_cmpuint (column, ==, cases[i].column);
      g_assert_nonnull (strstr (message, cases[i].said));
      g_assert_true (g_str_has_suffix (message, place));
      g_assert_null (strstr (message, "secret"));
    }
}

/* PROF-8 PROF-11: what came instead. */
static void
test_not_a_profile (void)
{
  static const struct
  {
    const char *data;
    gssize length;
    const char *said;
  } cases[] = {
    { "", 0, "is empty" },
    { " \n\t", -1, "is empty" },
    { "\xef\xbb\xbf", -1, "is empty" },
    { "\xff\xfe", -1, "is empty" },
    { "\xef\xbb\xbf\n", -1, "is empty" },
    { "Salted__12345678abcdefghabcdefgh", -1, "encrypted" },
    { "<!DOCTYPE html>\n<html><head><meta charset=utf-8></head></html>", -1, "web page" },
    { "<!doctype HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">\n<html></html>", -1, "web page" },
    { "\r\n\r\n<HTML><BODY>404</BODY></HTML>", -1, "web page" },
    { "<?xml version=\"1.0\"?>\n<!-- x -->\n<!DOCTYPE html><html xmlns=\"http://www.w3.org/1999/xhtml\"/>", -1,
      "web page" },
    { "\xef\xbb\xbf<html/>", -1, "web page" },
    { "\xff\xfe<\0h\0t\0m\0l\0>\0", 14, "web page" },
    { "<head><title>x</title></head>", -1, "web page" },
    { "<script>location='/login'</script>", -1, "web page" },
    { "<body onload=\"x()\">", -1, "web page" },
    { "<html>\xe4\xf6\xfc</html>", -1, "web page" },
    { "404 Not Found", -1, "no profile" },
    { "{\"error\": \"not found\"}", -1, "no profile" },
    { "Profile_Rule = \"https://x/\" ;", -1, "no profile" },
    { "PK\003\004", -1, "no profile" },
    { "\0\0\0\0", 4, "no profile" },
    { "\0", 1, "no profile" },
    { "\x1f", 1, "no profile" },
    { "\177ELF", -1, "no profile" },
    /* UTF-32, whose zeros would be a record size of RFC 8188 */
    { "\0\0\0<\0\0\0f\0\0\0l\0\0\0a\0\0\0t\0\0\0/\0\0\0>\0\0\0\n\0\0\0\n\0\0\0\n", 40, "no profile" },
    { "<htmlish/>", -1, "without a <flat-profile>; the root element is <htmlish>" },
    { "<device><flatprofile/></device>", -1, "the root element is <device>" },
    { "<device><Flat-Profile/></device>", -1, "without a <flat-profile>" },
    { "<x:flat-profile/>", -1, "without a <flat-profile>" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize length = cases[i].length < 0 ? strlen (cases[i].data) : (gsize)cases[i].length;
      g_autofree char *message = read_corrupt (g_bytes_new_static (cases[i].data, length), NULL, NULL, NULL);
      g_autofree char *packed = read_corrupt (gzip (g_bytes_new_static (cases[i].data, length)), NULL, NULL, NULL);

      g_test_message ("%u: %s", i, message);
      g_assert_nonnull (strstr (message, cases[i].said));
      g_assert_cmpstr (packed, ==, message);
    }
}

/* PROF-11 DISC-13 */
static void
test_portal (void)
{
  g_autofree char *message = read_corrupt (sample ("portal.html"), NULL, NULL, NULL);

  g_assert_nonnull (strstr (message, "captive portal"));
}

/* PROF-4: bytes that are not of the encoding, and encodings that are not read. */
static void
test_encodings (void)
{
  static const struct
  {
    const char *data;
    gssize length;
    guint line, column;
    const char *said;
  } cases[] = {
    { "<flat-profile>\n<A>\xfc</A></flat-profile>", -1, 2, 4, "not UTF-8" },
    { "<flat-profile>\n<A>\303\274\xc3</A></flat-profile>", -1, 2, 5, "not UTF-8" },
    { "<flat-profile>\n<A>\xed\xa0\x80</A></flat-profile>", -1, 2, 4, "not UTF-8" },
    { "<flat-profile>\n<A>\xc0\xbc</A></flat-profile>", -1, 2, 4, "not UTF-8" },
    { "<flat-profile>\n<A>\0</A></flat-profile>", 36, 2, 4, "NUL" },
    { "<?xml version='1.0' encoding='US-ASCII'?>\n<flat-profile><A>\303\274</A></flat-profile>", -1, 2, 18,
      "not ASCII" },
    { "<?xml version='1.0' encoding='UTF-7'?>\n<flat-profile>+ADw-A/+AD4-</flat-profile>", -1, 1, 1, "“UTF-7”" },
    { "<?xml version='1.0' encoding='windows-1252'?>\n<A>\x80\x81</A>", -1, 2, 5, "windows-1252 has no character for" },
    { "<?xml version='1.0' encoding='windows-1251'?>\n<flat-profile/>", -1, 1, 1, "“windows-1251”" },
    { "<?xml version='1.0' encoding='UTF-16'?>\n<flat-profile/>", -1, 1, 1, "“UTF-16”" },
    { "<?xml version='1.0' encoding='EBCDIC-CP-US'?>\n<flat-profile/>", -1, 1, 1, "EBCDIC" },
    { "<?xml version='1.0' encoding='\033[31m'?>\n<flat-profile/>", -1, 1, 1, "\\x1b" },
    { "\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><flat-profile/>", -1, 1, 1, "“ISO-8859-1”" },
    { "\xff\xfe<\0\n\0\x00\xd8>\0", 10, 2, 1, "not UTF-16" },
    { "\xff\xfe<\0a\0/", 7, 1, 3, "half a character" },
    { "\xfe\xff\0<\0\0\0>", 8, 1, 2, "NUL" },
    { "\0\0\0<\0\0\0a\0\0\0/\0\0\0>", 16, 0, 0, "no profile" },
    { "<\0\0\0a\0\0\0/\0\0\0>\0\0\0", 16, 1, 2, "NUL" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize length = cases[i].length < 0 ? strlen (cases[i].data) : (gsize)cases[i].length;
      guint line, column;
      g_autofree char *message = read_corrupt (g_bytes_new_static (cases[i].data, length), NULL, &line, &column);

      g_test_message ("%u: %s", i, message);
      g_assert_cmpuint (line, ==, cases[i].line);
      g_assert_cmpuint (column, ==, cases[i].column);
      g_assert_nonnull (strstr (message, cases[i].said));
    }
}

/* PROF-11: cut at every byte, in each encoding; only what follows the last “>” may be missing. */
static void
test_truncated (void)
{
  static const char *const names[] = { "office.xml", "preprovisioning.xml", "latin1.xml" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) whole = sample (names[i]);
      gsize length;
      const char *data = g_bytes_get_data (whole, &length);
      gsize end = (const char *)memrchr (data, '>', length) + 1 - data;
      guint lines = 1;

      for (gsize n = 0; n <= length; n++)
        {
          g_autoptr (GBytes) cut = g_bytes_new_from_bytes (whole, 0, n);

          if (n < end)
            {
              guint line, column;
              g_autofree char *message = read_corrupt (g_steal_pointer (&cut), NULL, &line, &column);

              /* no place is told of a file that is empty; else it is not behind the cut */
              lines += n > 0 && data[n - 1] == '\n';
              g_assert_cmpuint (line, <=, lines);
              g_assert_true (line > 0 || n == 0);
              g_assert_nonnull (message);
            }
          else
            {
              g_autoptr (RsProfile) profile = read_good (g_steal_pointer (&cut));
              g_assert_cmpuint (profile->assignments->len, >, 0);
            }
        }
    }
}

/* Seeded damage: never a crash, and what is read is within its bounds. */
static void
test_mutated (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  g_autoptr (GBytes) whole = sample ("office.xml");
  gsize length;
  const guint8 *data = g_bytes_get_data (whole, &length);
  guint good = 0;

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree guint8 *mutant = g_memdup2 (data, length);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (RsProfile) profile = NULL;
      g_autoptr (GError) error = NULL;

      for (guint k = g_rand_int_range (rand, 1, 6); k > 0; k--)
        {
          gsize at = g_rand_int_range (rand, 0, length);
          mutant[at]
              = g_rand_boolean (rand) ? g_rand_int_range (rand, 0, 256) : data[g_rand_int_range (rand, 0, length)];
        }
      bytes = g_bytes_new (mutant, length);
      profile = rs_profile_read (bytes, NULL, NULL, NULL, &error);
      g_assert_true ((profile == NULL) == (error != NULL));
      if (profile == NULL)
        {
          g_assert_error (error, RS_ERROR, RS_ERROR_CORRUPT);
          g_assert_null (strstr (error->message, "s3cret"));
          continue;
        }
      good++;
      for (guint k = 0; k < profile->assignments->len; k++)
        {
          const RsAssignment *assignment = profile->assignments->pdata[k];

          g_assert_true (rs_assignment_name_is_valid (assignment->name));
          g_assert_true (assignment->value == NULL || g_utf8_validate (assignment->value, -1, NULL));
        }
    }
  g_test_message ("%u of 5000 mutants were profiles", good);
  g_assert_cmpuint (good, >, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/corrupt/not-well-formed", test_not_well_formed);
  g_test_add_func ("/profile/corrupt/not-a-profile", test_not_a_profile);
  g_test_add_func ("/profile/corrupt/portal", test_portal);
  g_test_add_func ("/profile/corrupt/encodings", test_encodings);
  g_test_add_func ("/profile/corrupt/truncated", test_truncated);
  g_test_add_func ("/profile/corrupt/mutated", test_mutated);
  return g_test_run ();
}
