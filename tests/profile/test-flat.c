/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a flat profile says: the parameters and their values, and what is passed over. */
#include "support.h"

#include <string.h>

typedef struct
{
  const char *xml; /* the content of <flat-profile> */
  RsAssignKind kind;
  const char *value;
} ValueCase;

/* PROF-4 PROF-5: the text of one element, and what it sets. */
static const ValueCase values[] = {
  { "<A>plain</A>", RS_ASSIGN_VALUE, "plain" },
  { "<A>  trimmed\t\n </A>", RS_ASSIGN_VALUE, "trimmed" },
  { "<A>two\nlines</A>", RS_ASSIGN_VALUE, "two lines" },
  { "<A>two\r\nlines</A>", RS_ASSIGN_VALUE, "two lines" },
  { "<A>\n  one\n  two\n</A>", RS_ASSIGN_VALUE, "one   two" },
  { "<A>a\tb</A>", RS_ASSIGN_VALUE, "a b" },
  { "<A>\n\t\tone\n\t\ttwo&#9;three\n\t</A>", RS_ASSIGN_VALUE, "one   two three" },
  { "<A>inner  blanks   stay</A>", RS_ASSIGN_VALUE, "inner  blanks   stay" },
  { "<A>&lt;&gt;&amp;&quot;&apos;</A>", RS_ASSIGN_VALUE, "<>&\"'" },
  { "<A>&amp;lt;</A>", RS_ASSIGN_VALUE, "&lt;" },
  { "<A>&#65;&#x42;&#x20ac;&#128512;</A>", RS_ASSIGN_VALUE, "AB€😀" },
  { "<A>a&#10;b&#13;c</A>", RS_ASSIGN_VALUE, "a b c" },
  { "<A><![CDATA[<b>&amp;</b>]]></A>", RS_ASSIGN_VALUE, "<b>&amp;</b>" },
  { "<A>x<![CDATA[y]]>z</A>", RS_ASSIGN_VALUE, "xyz" },
  { "<A>x<!-- not this -->y</A>", RS_ASSIGN_VALUE, "xy" },
  { "<A>x<?not this?>y</A>", RS_ASSIGN_VALUE, "xy" },
  { "<A>Grüße, 電話</A>", RS_ASSIGN_VALUE, "Grüße, 電話" },
  { "<A>\302\240x\302\240</A>", RS_ASSIGN_VALUE, "\302\240x\302\240" },
  { "<A/>", RS_ASSIGN_EMPTY, NULL },
  { "<A></A>", RS_ASSIGN_EMPTY, NULL },
  { "<A ></A >", RS_ASSIGN_EMPTY, NULL },
  { "<A> \n\t </A>", RS_ASSIGN_EMPTY, NULL },
  { "<A><!-- nothing --></A>", RS_ASSIGN_EMPTY, NULL },
  { "<A><![CDATA[]]></A>", RS_ASSIGN_EMPTY, NULL },
  { "<A>&#32;</A>", RS_ASSIGN_EMPTY, NULL },
  { "<A>\"\"</A>", RS_ASSIGN_VALUE, "" },
  { "<A> \"\" </A>", RS_ASSIGN_VALUE, "" },
  { "<A>&quot;&quot;</A>", RS_ASSIGN_VALUE, "" },
  { "<A>\"\"\"</A>", RS_ASSIGN_VALUE, "\"\"\"" },
  { "<A>\"x\"</A>", RS_ASSIGN_VALUE, "\"x\"" },
  { "<A>''</A>", RS_ASSIGN_VALUE, "''" },
};

static void
test_values (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *text = g_strconcat ("<flat-profile>", values[i].xml, "</flat-profile>", NULL);
      g_autoptr (RsProfile) profile = read_good (g_bytes_new (text, strlen (text)));
      const RsAssignment *assignment;

      g_test_message ("%s", values[i].xml);
      g_assert_cmpuint (profile->assignments->len, ==, 1);
      g_assert_cmpuint (profile->notes->len, ==, 0);
      assignment = assignment_of (profile, "A");
      g_assert_cmpint (assignment->kind, ==, values[i].kind);
      g_assert_cmpstr (assignment->value, ==, values[i].value);
      g_assert_cmpint (assignment->access, ==, RS_ACCESS_UNSET);
      g_assert_cmpuint (assignment->line, ==, 1);
    }
}

/* PROF-3 */
static void
test_access (void)
{
  static const struct
  {
    const char *attributes;
    RsAccess access;
    gboolean noted;
  } cases[] = {
    { "", RS_ACCESS_UNSET, FALSE },
    { " ua=\"na\"", RS_ACCESS_NA, FALSE },
    { " ua=\"ro\"", RS_ACCESS_RO, FALSE },
    { " ua='rw'", RS_ACCESS_RW, FALSE },
    { " ua = \"rw\" ", RS_ACCESS_RW, FALSE },
    { " x=\"1\" ua=\"ro\" permission=\"R\"", RS_ACCESS_RO, FALSE },
    { " ua=\"r&#119;\"", RS_ACCESS_RW, FALSE },
    { " ua=\"\"", RS_ACCESS_UNSET, TRUE },
    { " ua=\"RW\"", RS_ACCESS_UNSET, TRUE },
    { " ua=\"rw \"", RS_ACCESS_UNSET, TRUE },
    { " ua=\"write\"", RS_ACCESS_UNSET, TRUE },
    { " UA=\"rw\"", RS_ACCESS_UNSET, TRUE },
    { " Ua=\"rw\" x=\"1\"", RS_ACCESS_UNSET, TRUE },
    { " UA=\"rw\" ua=\"ro\"", RS_ACCESS_RO, FALSE },
    { " xml:ua=\"rw\"", RS_ACCESS_UNSET, FALSE },
    { " uax=\"rw\"", RS_ACCESS_UNSET, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("<flat-profile>\n <A%s>1</A>\n</flat-profile>", cases[i].attributes);
      g_autoptr (RsProfile) profile = read_good (g_bytes_new (text, strlen (text)));
      const RsAssignment *assignment = assignment_of (profile, "A");

      g_test_message ("%s", cases[i].attributes);
      g_assert_cmpint (assignment->access, ==, cases[i].access);
      g_assert_cmpstr (assignment->value, ==, "1");
      g_assert_cmpuint (profile->notes->len, ==, cases[i].noted);
      if (cases[i].noted)
        {
          g_assert_cmpuint (note_of (profile, 0)->line, ==, 2);
          g_assert_cmpuint (note_of (profile, 0)->column, ==, 2);
          g_assert_true (g_str_has_prefix (note_of (profile, 0)->message, cases[i].attributes[1] == 'u' ? "A: ua=" : "A: U"));
          g_assert_nonnull (strstr (note_of (profile, 0)->message, "the access stays"));
        }
    }
}

/* PROF-1: where the flat profile may stand, and what beside it is passed over. names: what is set, in order. */
static void
test_places (void)
{
  static const struct
  {
    const char *text, *names;
    guint n_notes;
  } cases[] = {
    { "<flat-profile/>", "", 0 },
    { "<flat-profile></flat-profile>", "", 0 },
    { "<flat-profile><A>1</A></flat-profile>", "A", 0 },
    { "<device><flat-profile><A>1</A></flat-profile></device>", "A", 0 },
    { "<a><b><c><flat-profile><A>1</A></flat-profile></c></b></a>", "A", 0 },
    { "<device><x>1</x>text<flat-profile><A>1</A></flat-profile>text<y/></device>", "A", 0 },
    { "<device><flat-profile><A/></flat-profile><router-configuration><B/><C><D/></C></router-configuration></device>",
      "A", 0 },
    { "<device><flat-profile><A/></flat-profile><flat-profile><B/><A/></flat-profile></device>", "A B A", 1 },
    { "<flat-profile><flat-profile><A>1</A></flat-profile><B/></flat-profile>", "B", 1 },
    { "<flat-profile><A><B>1</B></A><C/></flat-profile>", "C", 1 },
    { "<flat-profile><A>x<B/>y</A><C/></flat-profile>", "C", 1 },
    { "<flat-profile><A><B/><B/><B><X/></B></A></flat-profile>", "", 1 },
    { "<flat-profile>stray<A/> more </flat-profile>", "A", 2 },
    { "<Flat-Profile><flat-profile><A/></flat-profile></Flat-Profile>", "A", 0 },
    { "<flat-profile xmlns=\"urn:x\" version='1'><A/></flat-profile>", "A", 0 },
    { "<flat-profile><x:A/></flat-profile>", "x:A", 0 },
    { "<flat-profile xmlns:x='urn:y'><x:A ua='rw'/></flat-profile>", "x:A", 0 },
    { "<flat-profile><\303\234ber/><B/></flat-profile>", "B", 1 },
    { "<flat-profile><B/></flat-profile>\n<!-- end -->\n<?end?>\n", "B", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsProfile) profile = read_good (g_bytes_new_static (cases[i].text, strlen (cases[i].text)));
      g_autoptr (GString) names = g_string_new (NULL);

      g_test_message ("%s", cases[i].text);
      for (guint k = 0; k < profile->assignments->len; k++)
        g_string_append_printf (names, "%s%s", k > 0 ? " " : "",
                                ((RsAssignment *)profile->assignments->pdata[k])->name);
      g_assert_cmpstr (names->str, ==, cases[i].names);
      g_assert_cmpuint (profile->notes->len, ==, cases[i].n_notes);
    }
}

/* PROF-2: names are case-sensitive and as written, unknown ones are for the catalogue to skip, duplicates stay in their
 * order. */
static void
test_order (void)
{
  g_autoptr (RsProfile) profile = read_good (TEXT ("<flat-profile>\n"
                                                   "<Profile_Rule>one</Profile_Rule>\n"
                                                   "<No_Such_Thing ua=\"ro\">x</No_Such_Thing>\n"
                                                   "<profile_rule>two</profile_rule>\n\n"
                                                   "<Profile_Rule ua=\"na\">three</Profile_Rule>\n"
                                                   "</flat-profile>\n"));
  static const struct
  {
    const char *name, *value;
    guint line;
  } expected[] = { { "Profile_Rule", "one", 2 },
                   { "No_Such_Thing", "x", 3 },
                   { "profile_rule", "two", 4 },
                   { "Profile_Rule", "three", 6 } };

  g_assert_cmpuint (profile->assignments->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const RsAssignment *assignment = profile->assignments->pdata[i];

      g_assert_cmpstr (assignment->name, ==, expected[i].name);
      g_assert_cmpstr (assignment->value, ==, expected[i].value);
      g_assert_cmpuint (assignment->line, ==, expected[i].line);
    }
}

/* Lines are those of the start tag's "<", also where tag, value or comment spans several, and behind 16 KiB. */
static void
test_lines (void)
{
  g_autofree char *padding = g_strnfill (40000, ' ');
  g_autoptr (GString) text = g_string_new ("<flat-profile>\n<!-- a\n\n comment --><A\n  ua='rw'\n>1\n\n</A><B>2</B>\n");
  g_autoptr (RsProfile) profile = NULL;

  g_string_append_printf (text, "%s\n<C>3</C>\n\n\n%s<D ua='x'/>stray\n</flat-profile>", padding, padding);
  profile = read_good (g_bytes_new (text->str, text->len));
  g_assert_cmpuint (assignment_of (profile, "A")->line, ==, 4);
  g_assert_cmpuint (assignment_of (profile, "B")->line, ==, 8);
  g_assert_cmpuint (assignment_of (profile, "C")->line, ==, 10);
  g_assert_cmpuint (assignment_of (profile, "D")->line, ==, 13);
  g_assert_cmpuint (profile->notes->len, ==, 2);
  g_assert_cmpuint (note_of (profile, 0)->line, ==, 13);
  g_assert_cmpuint (note_of (profile, 0)->column, ==, 40001);
  g_assert_cmpuint (note_of (profile, 1)->line, ==, 13);
  g_assert_cmpuint (note_of (profile, 1)->column, ==, 40001 + strlen ("<D ua='x'/>"));
}

/* STORE-3: a note shows what a server wrote only escaped and cut, and never a value. */
static void
test_notes_are_safe (void)
{
  g_autoptr (RsProfile) profile = read_good (
      TEXT ("<flat-profile><Admin_Password ua='&#x202e;&#9;&#x85;aaaaaaaaaaaaaaaaaaaaaaaaaaa'>s3cret</Admin_Password>"
            "s3cret<User_Password>s3cret<b>s3cret</b></User_Password></flat-profile>"));

  g_assert_cmpuint (profile->notes->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const char *message = note_of (profile, i)->message;

      g_assert_null (strstr (message, "s3cret"));
      g_assert_cmpuint (strlen (message), <, 200);
      g_assert_null (strchr (message, '\t'));
      g_assert_null (strstr (message, "\342\200\256"));
    }
}

/* PROF-1 PROF-3 PROF-4 PROF-5: a profile as a provider writes it. */
static void
test_office (void)
{
  static const struct
  {
    const char *name, *value;
    RsAccess access;
    guint line;
  } expected[] = {
    { "Restricted_Access_Domains", NULL, RS_ACCESS_NA, 6 },
    { "Admin_Password", "correct & horse <battery>", RS_ACCESS_NA, 8 },
    { "Primary_NTP_Server", "ntp.example.com", RS_ACCESS_NA, 11 },
    { "Profile_Rule", "[--uid phone --pwd \"s3cret\"]https://prov.example.com/$PN/$MA.xml?v=1&m=$MAU", RS_ACCESS_NA,
      18 },
    { "Station_Name", "Empfang Süd — 2. OG", RS_ACCESS_RW, 22 },
    { "Voice_Mail_Number", "", RS_ACCESS_RW, 23 },
    { "Display_Name_1_", "Grüße & Küsse", RS_ACCESS_NA, 24 },
    { "Password_1_", "<a&b>", RS_ACCESS_NA, 26 },
    { "Speaker_Volume", "8", RS_ACCESS_UNSET, 29 },
  };
  g_autoptr (RsProfile) profile = read_good (sample ("office.xml"));

  g_assert_cmpuint (profile->assignments->len, ==, 19);
  g_assert_cmpuint (profile->notes->len, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const RsAssignment *assignment = assignment_of (profile, expected[i].name);

      g_assert_cmpstr (assignment->value, ==, expected[i].value);
      g_assert_cmpint (assignment->kind, ==, expected[i].value != NULL ? RS_ASSIGN_VALUE : RS_ASSIGN_EMPTY);
      g_assert_cmpint (assignment->access, ==, expected[i].access);
      g_assert_cmpuint (assignment->line, ==, expected[i].line);
    }
}

/* PROF-4: ISO-8859-1 and line ends of another system come out as UTF-8. */
static void
test_latin1 (void)
{
  g_autoptr (RsProfile) profile = read_good (sample ("latin1.xml"));

  g_assert_cmpuint (profile->assignments->len, ==, 2);
  g_assert_cmpstr (assignment_of (profile, "Station_Name")->value, ==, "Büro Müller");
  g_assert_cmpstr (assignment_of (profile, "Text_Logo")->value, ==, "Guten Tag");
  g_assert_cmpint (assignment_of (profile, "Text_Logo")->access, ==, RS_ACCESS_RO);
  g_assert_cmpuint (assignment_of (profile, "Text_Logo")->line, ==, 4);
}

static GBytes *
as_utf16 (const char *text,
          gboolean    big_endian,
          gboolean    bom)
{
  glong n;
  g_autofree gunichar2 *units = g_utf8_to_utf16 (text, -1, NULL, &n, NULL);
  GByteArray *out = g_byte_array_new ();

  for (glong i = bom ? -1 : 0; i < n; i++)
    {
      gunichar2 unit = i < 0 ? 0xfeff : units[i];
      guint8 pair[2] = { unit >> 8, unit & 0xff };

      if (!big_endian)
        {
          pair[0] = unit & 0xff;
          pair[1] = unit >> 8;
        }
      g_byte_array_append (out, pair, 2);
    }
  return g_byte_array_free_to_bytes (out);
}

/* PROF-4 */
static void
test_encodings (void)
{
  static const char text[] = "<?xml version='1.0' encoding='UTF-16'?><flat-profile><A>Grüße 😀</A></flat-profile>";
  static const char plain[] = "<flat-profile><A>Grüße 😀</A></flat-profile>";

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (RsProfile) profile = read_good (as_utf16 (i < 2 ? text : plain, i % 2 == 0, i != 3 && i != 1));
      g_assert_cmpstr (assignment_of (profile, "A")->value, ==, "Grüße 😀");
    }
  {
    g_autoptr (RsProfile) marked = read_good (joined (TEXT ("\xef\xbb\xbf"), TEXT (plain)));
    g_autoptr (RsProfile) ascii
        = read_good (TEXT ("<?xml version=\"1.0\" encoding = 'us-ascii' ?><flat-profile><A>x</A></flat-profile>"));
    g_autoptr (RsProfile) latin
        = read_good (TEXT ("<?xml version='1.0' encoding='iso-8859-1'?><flat-profile><A>Gr\xfc\xdf"
                           "e</A></flat-profile>"));
    g_autoptr (RsProfile) windows
        = read_good (TEXT ("<?xml version='1.0' encoding='Windows-1252'?><flat-profile><A>\x80 \x84Gr\xfc\xdf"
                           "e\x93 \x9f \x96 \xa0\xff</A></flat-profile>"));
    g_autoptr (RsProfile) wrong
        = read_good (TEXT ("<?xml version='1.0'?><flat-profile><A encoding='UTF-7'>x</A></flat-profile>"));

    g_assert_cmpstr (assignment_of (marked, "A")->value, ==, "Grüße 😀");
    g_assert_cmpstr (assignment_of (ascii, "A")->value, ==, "x");
    g_assert_cmpstr (assignment_of (latin, "A")->value, ==, "Grüße");
    g_assert_cmpstr (assignment_of (windows, "A")->value, ==, "€ „Grüße“ Ÿ – \302\240ÿ");
    g_assert_cmpstr (assignment_of (wrong, "A")->value, ==, "x");
  }
}

/* PROF-12: the digest is that of the decoded bytes, as they came. */
static void
test_digest (void)
{
  static const char *const names[] = { "office.xml", "latin1.xml", "preprovisioning.xml" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) bytes = sample (names[i]);
      g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
      g_autoptr (RsProfile) plain = read_good (g_bytes_ref (bytes));
      g_autoptr (RsProfile) packed = read_good (gzip (bytes));

      g_assert_cmpstr (plain->digest, ==, digest);
      g_assert_cmpstr (packed->digest, ==, digest);
      g_assert_true (g_bytes_equal (plain->plain, bytes));
      g_assert_true (g_bytes_equal (packed->plain, bytes));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/flat/values", test_values);
  g_test_add_func ("/profile/flat/access", test_access);
  g_test_add_func ("/profile/flat/places", test_places);
  g_test_add_func ("/profile/flat/order", test_order);
  g_test_add_func ("/profile/flat/lines", test_lines);
  g_test_add_func ("/profile/flat/notes-are-safe", test_notes_are_safe);
  g_test_add_func ("/profile/flat/office", test_office);
  g_test_add_func ("/profile/flat/latin1", test_latin1);
  g_test_add_func ("/profile/flat/encodings", test_encodings);
  g_test_add_func ("/profile/flat/digest", test_digest);
  return g_test_run ();
}
