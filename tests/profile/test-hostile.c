/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files made to harm the reader: each ends early, in little memory, with a message, and libxml2 says nothing on
 * standard error. */
#include "support.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WRAP(xml) "<flat-profile>" xml "</flat-profile>"

/* Reads it with standard error caught, and bounds the time. */
static char *
attack (GBytes                 *bytes,
        const RsProfileOptions *options)
{
  int caught = memfd_create ("stderr", MFD_CLOEXEC), old = dup (STDERR_FILENO);
  double start = cpu_ms (), took;
  char *message;
  off_t said;

  g_assert_cmpint (dup2 (caught, STDERR_FILENO), ==, STDERR_FILENO);
  message = read_corrupt (bytes, options, NULL, NULL);
  took = cpu_ms () - start;
  said = lseek (caught, 0, SEEK_CUR);
  g_assert_cmpint (dup2 (old, STDERR_FILENO), ==, STDERR_FILENO);
  close (old);
  close (caught);
  g_test_message ("%.1f ms: %s", took, message);
  g_assert_cmpint (said, ==, 0);
  /* most take no millisecond; what grows with the square takes seconds */
  g_assert_cmpfloat (took, <, 2000 * SLOWNESS);
  g_assert_cmpuint (strlen (message), <, 600);
  return message;
}

static void
test_doctype (void)
{
  static const char *const cases[] = {
    /* a billion laughs */
    "<?xml version='1.0'?>\n<!DOCTYPE lolz [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c "
    "'&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>"
    "<!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'><!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'>]>\n" WRAP ("<A>&e;</A>"),
    /* files, the network, parameter entities, an external subset */
    "<?xml version='1.0'?>\n<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>\n" WRAP ("<A>&f;</A>"),
    "<?xml version='1.0'?>\n<!DOCTYPE x [<!ENTITY f SYSTEM 'http://127.0.0.1:1/x'>]>\n" WRAP ("<A>&f;</A>"),
    "<?xml version='1.0'?>\n<!DOCTYPE x [<!ENTITY % p SYSTEM 'file:///etc/passwd'>%p;]>\n" WRAP ("<A/>"),
    "<?xml version='1.0'?>\n<!DOCTYPE flat-profile SYSTEM 'http://127.0.0.1:1/x.dtd'>\n" WRAP ("<A/>"),
    "<?xml version='1.0'?>\n<!DOCTYPE flat-profile PUBLIC 'x' 'file:///etc/passwd'>\n" WRAP ("<A/>"),
    "<?xml version='1.0' standalone='no'?>\n<!DOCTYPE flat-profile>\n" WRAP ("<A/>"),
    "<?xml version='1.0'?>\n<!DOCTYPE flat-profile [<!ATTLIST A ua CDATA 'rw'>]>\n" WRAP ("<A/>"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message = attack (g_bytes_new_static (cases[i], strlen (cases[i])), NULL);
      g_autoptr (GString) wide = g_string_new ("\xff\xfe");
      g_autofree char *again = NULL;

      g_assert_nonnull (strstr (message, "DOCTYPE"));
      g_assert_nonnull (strstr (message, "(line 2, column 1)"));
      /* the same in UTF-16, where a search for the letters finds nothing */
      for (const char *p = cases[i]; *p != '\0'; p++)
        {
          g_string_append_c (wide, *p);
          g_string_append_c (wide, '\0');
        }
      again = attack (g_bytes_new (wide->str, wide->len), NULL);
      g_assert_nonnull (strstr (again, "DOCTYPE"));
    }
}

/* Entities without a DOCTYPE, an inclusion, a schema: nothing is fetched, nothing is expanded. */
static void
test_references (void)
{
  g_autofree char *entity = attack (TEXT (WRAP ("<A>&xxe;</A>")), NULL);
  g_autofree char *parameter = attack (TEXT (WRAP ("<A/>%xxe;&b;")), NULL);
  g_autoptr (RsProfile) inclusion = read_good (TEXT (
      "<flat-profile xmlns:xi='http://www.w3.org/2001/XInclude' xmlns:s='http://www.w3.org/2001/XMLSchema-instance' "
      "s:schemaLocation='urn:x http://127.0.0.1:1/x.xsd'><xi:include href='file:///etc/passwd' "
      "parse='text'/><A>1</A></flat-profile>"));
  g_autoptr (RsProfile) sheet
      = read_good (TEXT ("<?xml-stylesheet href='http://127.0.0.1:1/x.xsl'?>" WRAP ("<A>1</A>")));

  g_assert_nonnull (strstr (entity, "an entity other than"));
  g_assert_nonnull (strstr (parameter, "Not well-formed"));
  g_assert_cmpuint (inclusion->assignments->len, ==, 2);
  g_assert_cmpint (assignment_of (inclusion, "xi:include")->kind, ==, RS_ASSIGN_EMPTY);
  g_assert_cmpuint (sheet->assignments->len, ==, 1);
}

static GBytes *
levels (guint n)
{
  return repeated ("", "<a>", n, "");
}

static void
test_depth (void)
{
  g_autoptr (GBytes) deep = repeated ("", "<a>", 15, "<flat-profile/>");
  g_autoptr (RsProfile) good = read_good (joined (g_steal_pointer (&deep), repeated ("", "</a>", 15, "")));
  g_autofree char *deeper = NULL, *million = NULL, *closed = NULL;

  g_assert_cmpuint (good->assignments->len, ==, 0);
  deeper = attack (joined (repeated ("", "<a>", 16, "<flat-profile/>"), repeated ("", "</a>", 16, "")), NULL);
  g_assert_nonnull (strstr (deeper, "deeper than 16 (line 1, column 49)"));
  million = attack (levels (1000000), NULL);
  g_assert_nonnull (strstr (million, "deeper than 16"));
  closed = attack (joined (levels (1000000), repeated ("", "</a>", 1000000, "")), NULL);
  g_assert_nonnull (strstr (closed, "deeper than 16"));
}

typedef struct
{
  const char *what;
  const char *head, *body;
  guint n;
  const char *tail;
  const char *said;
} Long;

/* Tokens that do not end, or not soon. */
static void
test_tokens (void)
{
  static const Long cases[] = {
    { "100 000 attributes", "<flat-profile><A ", "a%u='' ", 100000, "/></flat-profile>", "longer than 65536" },
    { "5 000 attributes", "<flat-profile><A ", "a%u='' ", 5000, "/></flat-profile>", "More than 64 attributes" },
    { "65 attributes", "<flat-profile><A ", "a%u='' ", 65, "/></flat-profile>", "More than 64 attributes" },
    { "namespaces", "<flat-profile><A ", "xmlns:a%u='urn:x' ", 100000, "/></flat-profile>", "longer than 65536" },
    { "a long attribute", "<flat-profile><A ua='", "xxxxxxxxxx", 100000, "'/></flat-profile>", "longer than 65536" },
    { "a long name", "<flat-profile><", "Aaaaaaaaaa", 100000, "/></flat-profile>", "longer than 65536" },
    { "a long end tag", "<flat-profile><A></A", "          ", 100000, "></flat-profile>", "longer than 65536" },
    { "a long comment", "<flat-profile><!--", " comment  ", 100000, "--></flat-profile>", "longer than 65536" },
    { "a long instruction", "<flat-profile><?x ", "instruction", 100000, "?></flat-profile>", "longer than 65536" },
    { "a long declaration", "<?xml version='1.0' ", "          ", 100000, "?><flat-profile/>", "longer than 65536" },
    { "a long doctype", "<!DOCTYPE x [", "<!ENTITY a%u 'b'>", 100000, "]><flat-profile/>", "" },
    { "a long reference", "<flat-profile><A>&", "aaaaaaaaaa", 100000, ";</A></flat-profile>", "" },
    { "a long number", "<flat-profile><A>&#", "0000000000", 100000, "65;</A></flat-profile>", "" },
    { "a long value", "<flat-profile><A>", "a value   ", 100000, "</A></flat-profile>",
      "The value of A is longer than 65536" },
    { "a long CDATA", "<flat-profile><A><![CDATA[", "a value   ", 100000, "]]></A></flat-profile>",
      "longer than 65536" },
    { "a value of entities", "<flat-profile><A>", "&amp;", 100000, "</A></flat-profile>",
      "The value of A is longer than 65536" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message = NULL;

      g_test_message ("%s", cases[i].what);
      message = attack (repeated (cases[i].head, cases[i].body, cases[i].n, cases[i].tail), NULL);
      g_assert_nonnull (strstr (message, cases[i].said));
    }
}

/* What is just within the bounds is read. */
static void
test_at_the_bounds (void)
{
  g_autoptr (RsProfile) attributes = read_good (repeated ("<flat-profile><A ", "a%u='' ", 64, "/></flat-profile>"));
  g_autoptr (RsProfile) value
      = read_good (repeated ("<flat-profile><A>", "x", RS_ASSIGNMENT_VALUE_MAX, "</A></flat-profile>"));
  g_autoptr (RsProfile) cdata
      = read_good (repeated ("<flat-profile><A><![CDATA[", "a value<", 7000, "]]></A></flat-profile>"));
  g_autoptr (RsProfile) name
      = read_good (repeated ("<flat-profile><", "N", RS_ASSIGNMENT_NAME_MAX, "/></flat-profile>"));
  g_autoptr (RsProfile) long_name
      = read_good (repeated ("<flat-profile><", "N", RS_ASSIGNMENT_NAME_MAX + 1, "/><B/></flat-profile>"));
  g_autoptr (RsProfile) comment
      = read_good (repeated ("<flat-profile><!--", " comment  ", 5000, "--><A/></flat-profile>"));
  g_autoptr (RsProfile) passed_over
      = read_good (repeated ("<device><x>", "much text ", 200000, "</x><flat-profile><A/></flat-profile></device>"));
  g_autoptr (RsProfile) blanks = read_good (repeated ("<flat-profile>", "          ", 200000, "<A/></flat-profile>"));

  g_assert_cmpuint (attributes->assignments->len, ==, 1);
  g_assert_cmpuint (strlen (assignment_of (value, "A")->value), ==, RS_ASSIGNMENT_VALUE_MAX);
  g_assert_cmpuint (strlen (assignment_of (cdata, "A")->value), ==, 56000);
  g_assert_cmpuint (name->assignments->len, ==, 1);
  g_assert_cmpuint (long_name->assignments->len, ==, 1);
  g_assert_cmpuint (long_name->notes->len, ==, 1);
  g_assert_cmpuint (comment->assignments->len, ==, 1);
  g_assert_cmpuint (passed_over->assignments->len, ==, 1);
  g_assert_cmpuint (blanks->assignments->len, ==, 1);
}

/* As many elements as 8 MiB hold, each with n attributes whose names stand nowhere else. */
static GBytes *
many_attributes (const char *prefix,
                 guint       n)
{
  GString *text = g_string_new ("<device><flat-profile/>");

  for (guint i = 0; text->len < (7u << 20); i++)
    {
      g_string_append (text, "<x ");
      for (guint k = 0; k < n; k++)
        g_string_append_printf (text, "%sa%u_%u='x' ", prefix, i, k);
      g_string_append (text, "/>");
    }
  g_string_append (text, "</device>");
  return g_string_free_to_bytes (text);
}

static void
test_counts (void)
{
  RsProfileOptions few = { .max_parameters = 10, .max_bytes = 1000 },
                   many = { .max_bytes = 64u << 20, .max_parameters = 1000 };
  g_autofree char *parameters = attack (repeated ("<flat-profile>\n", "<A%u/>\n", 11, "</flat-profile>"), &few);
  g_autofree char *bytes = attack (repeated ("<flat-profile>", " ", 1000, "</flat-profile>"), &few);
  g_autofree char *siblings = attack (repeated ("<flat-profile>", "<A/>", 10000000, "</flat-profile>"), &many);
  g_autofree char *aside = attack (repeated ("<device><x>", "<A/>", 10000000, "</x><flat-profile/></device>"), &many);
  g_autofree char *inside = attack (repeated ("<flat-profile><A>", "<B/>", 100000, "</A></flat-profile>"), NULL);
  g_autofree char *over = attack (repeated ("<flat-profile>", " ", 8u << 20, "</flat-profile>"), NULL);
  g_autofree char *attributes = attack (many_attributes ("", 60), NULL);
  g_autofree char *spaces = attack (many_attributes ("xmlns:", 60), NULL);
  g_autofree char *spaces_of_one = attack (repeated ("<flat-profile><A ", "xmlns:a%u='x' ", 65, "/></flat-profile>"), NULL);
  g_autoptr (RsProfile) usual = read_good (repeated ("<flat-profile>", "<A%u ua='rw'/>", 20000, "</flat-profile>"));
  g_autoptr (RsProfile) exact = NULL;
  g_autoptr (GBytes) ten = repeated ("<flat-profile>\n", "<A%u/>\n", 10, "</flat-profile>");
  g_autoptr (RsProfile) notes = read_good (repeated ("<flat-profile>", "<A ua='x'/>", 20000, "</flat-profile>"));

  g_assert_nonnull (strstr (parameters, "More than 10 parameters"));
  g_assert_nonnull (strstr (parameters, "(line 12, column 1)"));
  g_assert_nonnull (strstr (bytes, "1029 bytes"));
  g_assert_nonnull (strstr (siblings, "More than 1000 parameters"));
  g_assert_nonnull (strstr (aside, "More than 3000 elements"));
  g_assert_nonnull (strstr (inside, "elements"));
  g_assert_nonnull (strstr (over, "MaxProfileBytes"));
  g_assert_nonnull (strstr (attributes, "More than 41000 attributes"));
  g_assert_nonnull (strstr (spaces, "More than 41000 attributes"));
  g_assert_nonnull (strstr (spaces_of_one, "More than 64 attributes in one element"));
  g_assert_cmpuint (usual->assignments->len, ==, 20000);
  exact = rs_profile_read (ten, &few, NULL, NULL, NULL);
  g_assert_nonnull (exact);
  g_assert_cmpuint (exact->assignments->len, ==, 10);
  g_assert_cmpuint (notes->assignments->len, ==, 20000);
  g_assert_cmpuint (notes->notes->len, ==, 1000);
}

/* A fault at the very end takes back all that came before it. */
static void
test_nothing_is_half_read (void)
{
  g_autofree char *message = attack (repeated ("<flat-profile>", "<A%u>1</A%u>", 19000, "</flat-profile>x"), NULL);

  g_assert_nonnull (strstr (message, "after the end of the root"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/hostile/doctype", test_doctype);
  g_test_add_func ("/profile/hostile/references", test_references);
  g_test_add_func ("/profile/hostile/depth", test_depth);
  g_test_add_func ("/profile/hostile/tokens", test_tokens);
  g_test_add_func ("/profile/hostile/at-the-bounds", test_at_the_bounds);
  g_test_add_func ("/profile/hostile/counts", test_counts);
  g_test_add_func ("/profile/hostile/nothing-is-half-read", test_nothing_is_half_read);
  return g_test_run ();
}
