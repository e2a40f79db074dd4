/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plain-text form. (PROF-9) */
#include "support.h"

#include "base/error.h"

#include <string.h>

#define WHOLE(text) (text), sizeof (text) - 1

static RsProfile *
read_text (const char *text, gsize length, gboolean complete, GError **error)
{
  const RsProfileOptions options = { .complete = complete, .max_parameters = 5 };
  g_autoptr (GBytes) bytes = g_bytes_new (text, length);

  return rs_profile_read (bytes, &options, NULL, NULL, error);
}

/* Each assignment as name=value, access and line. */
static char *
shown (const RsProfile *profile)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < profile->assignments->len; i++)
    {
      const RsAssignment *one = g_ptr_array_index (profile->assignments, i);

      g_assert_cmpint (one->kind == RS_ASSIGN_VALUE, ==, one->value != NULL);
      g_assert_cmpint (one->kind, !=, RS_ASSIGN_EMPTY);
      g_string_append_printf (out, "%s%s=%s %s@%u", i > 0 ? "|" : "", one->name, one->value != NULL ? one->value : "(keep)",
                              rs_access_name (one->access), one->line);
    }
  return g_string_free (out, FALSE);
}

/* PROF-4, PROF-9 */
static void
test_good (void)
{
  static const struct
  {
    const char *text, *want;
  } table[] = {
    { "GPP_A \"one\" ;", "GPP_A=one @1" },
    { "GPP_A\"one\";", "GPP_A=one @1" },
    { "# first\n\n  GPP_A ! \"one\" ; # of two\nGPP_B ?\n\t\"two\"\n;", "GPP_A=one rw@3|GPP_B=two ro@4" },
    { "GPP_A!\"a\";GPP_B?\"b\";GPP_C!;GPP_D?;GPP_E;", "GPP_A=a rw@1|GPP_B=b ro@1|GPP_C=(keep) rw@1|GPP_D=(keep) ro@1|GPP_E=(keep) @1" },
    { "GPP_A \"\" ;", "GPP_A= @1" },
    { "GPP_A \" two\r\n lines \" ;", "GPP_A=two  lines @1" },
    { "GPP_A \"\ttwo\n\ttabs\tmore\t\" ;", "GPP_A=two  tabs more @1" },
    { "GPP_A \"# ; ! ? \\042 Gr\303\274\303\237e <x> &amp;\" ;", "GPP_A=# ; ! ? \\042 Gr\303\274\303\237e <x> &amp; @1" },
    { "GPP_A # between\n ! # and\n \"x\" # and\n ; # the end", "GPP_A=x rw@1" },
    { "\357\273\277Wi-Fi_1_ \"x\";G722.2 \"y\";", "Wi-Fi_1_=x @1|G722.2=y @1" },
    { "GPP_A \"one\";\nGPP_A \"two\";\n", "GPP_A=one @1|GPP_A=two @2" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsProfile) profile = read_text (table[i].text, strlen (table[i].text), TRUE, &error);
      g_autofree char *got = NULL;

      g_assert_no_error (error);
      got = shown (profile);
      g_assert_cmpstr (got, ==, table[i].want);
      g_assert_cmpuint (strlen (profile->digest), ==, 64);
    }
}

/* PROF-9, PROF-11: what is wrong has its place, and there is no profile */
static void
test_bad (void)
{
  static const struct
  {
    const char *text;
    gsize length;
    const char *fault;
  } table[] = {
    { WHOLE ("GPP_A \"one\""), "Expected “;” after the value (line 1, column 12)" },
    { WHOLE ("GPP_A \"one\" GPP_B \"two\";"), "“;” after the value (line 1, column 13)" },
    { WHOLE ("GPP_A \"one\";\nGPP_B \"t\303\274o"), "Expected a second quote after this one; the file may have been cut short (line 2, column 7)" },
    { WHOLE ("GPP_A \"one\";\nGPP_B"), "“?”, “!”, a value in quotes or “;” (line 2, column 6)" },
    { WHOLE ("GPP_A \"\303\274\";  GPP_B = \"two\";"), "“?”, “!”, a value in quotes or “;” (line 1, column 19)" },
    { WHOLE ("GPP_A ?! \"one\";"), "or “;” (line 1, column 8)" },
    { WHOLE ("GPP_A;;"), "Expected the name of a parameter (line 1, column 7)" },
    { WHOLE ("GPP_A;\n<flat-profile/>"), "Expected the name of a parameter (line 2, column 1)" },
    { WHOLE ("A;B;C;D;E;\nF;"), "More than 5 parameters; MaxParameters bounds a profile (line 2, column 1)" },
    { WHOLE ("GPP_A \"\377\";"), "UTF-8" },
    { WHOLE ("GPP_A \"a\0b\";"), "Not well-formed" },
    /* does not even begin so */
    { WHOLE ("GPP_A = \"one\";"), "no profile" },
    { WHOLE ("404 page not found\n"), "no profile" },
    { WHOLE ("# nothing\n"), "no profile" },
    { WHOLE ("GPP_A"), "no profile" },
    { WHOLE ("{\"GPP_A\": \"one\"}"), "no profile" },
    { WHOLE ("\"GPP_A\" \"one\";"), "no profile" },
    { WHOLE ("GPP_A\0;"), "no profile" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsProfile) profile = read_text (table[i].text, table[i].length, TRUE, &error);

      g_assert_null (profile);
      g_assert_error (error, RS_ERROR, RS_ERROR_CORRUPT);
      if (strstr (error->message, table[i].fault) == NULL)
        g_error ("%s: %s", table[i].text, error->message);
    }
}

/* PROF-6: a fault has line and column for who shows it */
static void
test_place (void)
{
  const RsProfileOptions options = { .complete = TRUE };
  guint line = 0, column = 0;
  g_autofree char *message = read_corrupt (TEXT ("A \"1\";\n\nB \"2\" C;"), &options, &line, &column);

  g_assert_cmpuint (line, ==, 3);
  g_assert_cmpuint (column, ==, 7);
}

/* PROF-9, PROF-11: a file that may have been cut between two statements is none, unless the transport or gzip proves its end */
static void
test_cut (void)
{
  static const char text[] = "GPP_A \"one\";\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (RsProfile) open = read_text (text, strlen (text), FALSE, &error), packed = read_good (gzip (TEXT (text)));

  g_assert_null (open);
  g_assert_error (error, RS_ERROR, RS_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, "may have been cut short"));
  g_assert_cmpstr (assignment_of (packed, "GPP_A")->value, ==, "one");
}

/* ENC-1, PROF-8, PROF-9: encrypted it is one as well, and one that was changed is told like any other */
static void
test_encrypted (void)
{
  static const guint8 salt[RS_PROFILE_SALT] = { 1 };
  const RsProfileOptions options = { .complete = TRUE, .key = "k" }, other = { .complete = TRUE, .key = "other" };
  g_autoptr (GBytes) text = TEXT ("GPP_A \"one\";\n");
  g_autoptr (GBytes) file = rs_profile_encrypt (text, "k", NULL, FALSE, salt, NULL);
  g_autoptr (RsProfile) profile = rs_profile_read (file, &options, NULL, NULL, NULL);
  g_autofree char *message = NULL;

  g_assert_cmpstr (assignment_of (profile, "GPP_A")->value, ==, "one");
  message = read_corrupt (g_bytes_ref (file), &other, NULL, NULL);
  g_assert_cmpstr (message, ==, RS_PROFILE_SEALED);
}

/* PROF-9: values and names within bounds */
static void
test_bounds (void)
{
  for (guint more = 0; more < 2; more++)
    {
      g_autofree char *letters = g_strnfill (RS_ASSIGNMENT_VALUE_MAX + more, 'v');
      g_autofree char *value = g_strdup_printf ("A \"%s\";", letters);
      g_autofree char *named = g_strdup_printf ("%.*s \"v\";", (int)(RS_ASSIGNMENT_NAME_MAX + more), letters);
      g_autoptr (RsProfile) long_value = read_text (value, strlen (value), TRUE, NULL);
      g_autoptr (RsProfile) long_name = read_text (named, strlen (named), TRUE, NULL);

      g_assert_cmpint (long_value != NULL, ==, more == 0);
      g_assert_cmpint (long_name != NULL, ==, more == 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/statements/good", test_good);
  g_test_add_func ("/profile/statements/bad", test_bad);
  g_test_add_func ("/profile/statements/place", test_place);
  g_test_add_func ("/profile/statements/cut", test_cut);
  g_test_add_func ("/profile/statements/encrypted", test_encrypted);
  g_test_add_func ("/profile/statements/bounds", test_bounds);
  return g_test_run ();
}
