/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every type and every form of Range: what is taken, in which canonical form, and what is refused. */
#include "fixture.h"

#include "base/error.h"
#include "base/mask.h"
#include "base/text.h"
#include "params/constraint.h"

#include <string.h>

/* A parameter named X of a catalogue made for it. */
static RsCatalogue *
one (const char *type,
     const char *range,
     const char *initial)
{
  g_autofree char *text = g_strdup_printf ("[X]\nType=%s\nRange=%s\nDefault=%s\n", type, range, initial);

  return fixture_catalogue (text);
}

/* NULL where it is refused, and then the error is of the right kind. */
static char *
normalize (const char *type,
           const char *range,
           const char *initial,
           const char *value)
{
  g_autoptr (RsCatalogue) catalogue = one (type, range, initial);
  g_autoptr (GError) error = NULL;
  char *normal = rs_param_normalize (rs_catalogue_find (catalogue, "X"), value, &error);

  if (normal == NULL)
    g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE);
  else
    g_assert_no_error (error);
  return normal;
}

typedef struct
{
  const char *type, *range, *initial, *value, *normal;
} Case;

static void
run (const Case *cases,
     gsize       n)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *normal = normalize (cases[i].type, cases[i].range, cases[i].initial, cases[i].value);
      g_autofree char *shown = rs_text_escape (cases[i].value, 40);

      g_test_message ("%s (%s) ← “%s”", cases[i].type, cases[i].range, shown);
      g_assert_cmpstr (normal, ==, cases[i].normal);
    }
}

/* PROF-3 */
static void
test_bool (void)
{
  static const Case cases[] = {
    { "bool", "", "No", "Yes", "Yes" },    { "bool", "", "No", "yes", "Yes" },   { "bool", "", "No", "1", "Yes" },
    { "bool", "", "No", "Enable", "Yes" }, { "bool", "", "Yes", "No", "No" },    { "bool", "", "Yes", "no", "No" },
    { "bool", "", "Yes", "0", "No" },      { "bool", "", "Yes", "Disable", "No" }, { "bool", "", "Yes", "", NULL },
    { "bool", "", "", "", "" },            { "bool", "", "Yes", "maybe", NULL }, { "bool", "", "Yes", " Yes", NULL },
    { "bool", "", "Yes", "2", NULL },
  };

  run (cases, G_N_ELEMENTS (cases));
}

/* PROF-6 */
static void
test_int (void)
{
  static const Case cases[] = {
    { "int", "", "3", "0", "0" },
    { "int", "", "3", "007", "7" },
    { "int", "", "3", "2147483647", "2147483647" },
    { "int", "", "3", "2147483648", NULL },
    { "int", "", "3", "-1", NULL },
    { "int", "", "3", "", NULL },
    { "int", "", "", "", "" },
    { "int", "", "3", "3 ", NULL },
    { "int", "", "3", "+3", NULL },
    { "int", "", "3", "3.0", NULL },
    { "int", "", "3", "0x10", NULL },
    { "int", "", "3", "99999999999999999999", NULL },
    { "int", "0-65535 s", "3", "65535", "65535" },
    { "int", "0-65535 s", "3", "65536", NULL },
    { "int", "0-65535 x20 s", "3", "65535", "65535" },
    { "int", "50-999 records", "50", "49", NULL },
    { "int", "-10-10", "0", "-10", "-10" },
    { "int", "-10--5", "-7", "-5", "-5" },
    { "int", "-10--5", "-7", "-4", NULL },
    { "int", "128-149|151-158|161-254", "", "149", "149" },
    { "int", "128-149|151-158|161-254", "", "150", NULL },
    { "int", "128-149|151-158|161-254", "", "254", "254" },
    { "int", "128-149|151-158|161-254", "", "255", NULL },
  };

  run (cases, G_N_ELEMENTS (cases));
}

/* RULE-11, PROF-6 */
static void
test_intlist (void)
{
  static const Case cases[] = {
    { "intlist", "", "3600", "60,120,240", "60,120,240" },
    { "intlist", "", "3600", " 60 , 120+30 ", "60,120+30" },
    { "intlist", "", "3600", "060", "60" },
    { "intlist", "", "3600", "60 + 5", "60+5" },
    { "intlist", "", "3600", "0", "0" },
    { "intlist", "", "3600", "", "" },
    { "intlist", "", "3600", "60,,120", NULL },
    { "intlist", "", "3600", "60,", NULL },
    { "intlist", "", "3600", "60+", NULL },
    { "intlist", "", "3600", "+60", NULL },
    { "intlist", "", "3600", "60+5+5", NULL },
    { "intlist", "", "3600", "-60", NULL },
    { "intlist", "", "3600", "60;120", NULL },
    { "intlist", "", "3600", "2147483648", NULL },
    { "intlist", "1-254", "66", "66,160", "66,160" },
    { "intlist", "1-254", "66", "66,255", NULL },
  };
  g_autoptr (GString) many = g_string_new ("1");
  g_autofree char *longest = NULL, *too_long = NULL;

  run (cases, G_N_ELEMENTS (cases));
  for (guint i = 1; i < 64; i++)
    g_string_append (many, ",1");
  longest = normalize ("intlist", "", "3600", many->str);
  g_assert_cmpstr (longest, ==, many->str);
  g_string_append (many, ",1");
  too_long = normalize ("intlist", "", "3600", many->str);
  g_assert_null (too_long);
}

/* PROF-6 */
static void
test_enum (void)
{
  static const Case cases[] = {
    { "enum", "Https|Http", "Https", "Http", "Http" },
    { "enum", "Https|Http", "Https", "http", NULL },
    { "enum", "Https|Http", "Https", "Https|Http", NULL },
    { "enum", "Https|Http", "Https", "", NULL },
    { "enum", "Https|Http", "", "", "" },
    { "enum", "Voicemail|Voicemail, Missed Call", "Voicemail", "Voicemail, Missed Call", "Voicemail, Missed Call" },
    { "enum", "DP-9800-KEM", "DP-9800-KEM", "DP", NULL },
  };

  run (cases, G_N_ELEMENTS (cases));
}

/* PROF-6 */
static void
test_texts (void)
{
  static const Case cases[] = {
    { "string", "", "", "", "" },
    { "string", "", "x", "", "" },
    { "string", "", "", " ü €; ", " ü €; " },
    { "string", "", "", "a\nb", NULL },
    { "string", "", "", "a\tb", NULL },
    { "string", "", "", "a\x01", NULL },
    { "string", "", "", "a\x7f", NULL },
    { "string", "", "", "a\xc2\x85", NULL },
    { "string", "", "", "\xff", NULL },
    { "string", "max 3 chars", "", "äöü", "äöü" },
    { "string", "max 3 chars", "", "abcd", NULL },
    { "string", "2-4 chars", "ab", "a", NULL },
    { "string", "2-4 chars", "ab", "", NULL },
    { "string", "0 or 2-4 chars", "ab", "", "" },
    { "string", "0 or 2-4 chars", "ab", "a", NULL },
    { "string", "0 or 2-4 chars", "ab", "abcd", "abcd" },
    { "string", "0 or 2-4 chars", "ab", "abcde", NULL },
    { "password", "max 3 chars", "", "abc", "abc" },
    { "password", "max 3 chars", "", "abcd", NULL },
    { "password", "", "", "a\nb", NULL },
    { "text", "", "", "a\nb\tc", "a\nb\tc" },
    { "text", "", "", "a\r\nb\rc", "a\nb\nc" },
    { "text", "", "", "a\x1b[0m", NULL },
    { "text", "max 3 chars", "", "a\nbc", NULL },
    { "text", "2 lines, each under 4 chars", "", "äöü\nabc", "äöü\nabc" },
    { "text", "2 lines, each under 4 chars", "", "abcd", NULL },
    { "text", "2 lines, each under 4 chars", "", "a\nb\nc", NULL },
    { "rule", "", "", "[--key $SA]https://a/$MA.cfg", "[--key $SA]https://a/$MA.cfg" },
    { "rule", "", "", "( \"a\" eq b )? /x | /y", "( \"a\" eq b )? /x | /y" },
    { "rule", "", "", "(1=1)?\r\n\t/a |\n/b", "(1=1)?   /a | /b" },
    { "rule", "", "", "/a\x0b/b", NULL },
    { "rule", "max 4 chars", "", "/abcd", NULL },
  };

  run (cases, G_N_ELEMENTS (cases));
}

/* PROF-6 */
static void
test_string_ranges (void)
{
  static const Case cases[] = {
    { "string", "0-64 s (decimal)", "0.5", "64", "64" },
    { "string", "0-64 s (decimal)", "0.5", "063.500", "63.5" },
    { "string", "0-64 s (decimal)", "0.5", ".5", "0.5" },
    { "string", "0-64 s (decimal)", "0.5", "0", "0" },
    { "string", "0-64 s (decimal)", "0.5", "64.000001", NULL },
    { "string", "0-64 s (decimal)", "0.5", "-1", NULL },
    { "string", "0-64 s (decimal)", "0.5", "5.", NULL },
    { "string", "0-64 s (decimal)", "0.5", ".", NULL },
    { "string", "0-64 s (decimal)", "0.5", "1e1", NULL },
    { "string", "0-64 s (decimal)", "0.5", "0,5", NULL },
    { "string", "0-64 s (decimal)", "0.5", "0.1234567", NULL },
    { "string", "0-64 s (decimal)", "0.5", "12345678901234567890", NULL },
    { "string", "0-64 s (decimal)", "0.5", "", NULL },
    { "string", "0.01-0.13 s (step 0.01)", "0.02", "0.13", "0.13" },
    { "string", "0.01-0.13 s (step 0.01)", "0.02", "0.030", "0.03" },
    { "string", "0.01-0.13 s (step 0.01)", "0.02", "0.015", NULL },
    { "string", "0.01-0.13 s (step 0.01)", "0.02", "0.14", NULL },
    { "string", "subset of Sun|Mon|Tue", "Mon", "Tue|Sun", "Sun|Tue" },
    { "string", "subset of Sun|Mon|Tue", "Mon", "Mon|Mon", "Mon" },
    { "string", "subset of Sun|Mon|Tue", "Mon", "", "" },
    { "string", "subset of Sun|Mon|Tue", "Mon", "Mon|", NULL },
    { "string", "subset of Sun|Mon|Tue", "Mon", "Wed", NULL },
    { "string", "c=g|r|a|o;p=b|n", "", "c=r;p=b", "c=r;p=b" },
    { "string", "c=g|r|a|o;p=b|n", "", "p=n", "p=n" },
    { "string", "c=g|r|a|o;p=b|n", "", "c=g;", "c=g" },
    { "string", "c=g|r|a|o;p=b|n", "", "", "" },
    { "string", "c=g|r|a|o;p=b|n", "", ";", NULL },
    { "string", "c=g|r|a|o;p=b|n", "", "c=x", NULL },
    { "string", "c=g|r|a|o;p=b|n", "", "c=b", NULL },
    { "string", "c=g|r|a|o;p=b|n", "", "c=g|r", NULL },
    { "string", "c=g|r|a|o;p=b|n", "", "c=g;c=r", NULL },
    { "string", "c=g|r|a|o;p=b|n", "", "c", NULL },
    { "string", "c=g|r|a|o;p=b|n", "", "=g", NULL },
    { "string", "c=g|r|a|o;p=b|n", "", "c=g;;p=b", NULL },
  };

  run (cases, G_N_ELEMENTS (cases));
}

/* PROF-6 */
static void
test_ip (void)
{
  static const Case cases[] = {
    { "ip", "", "", "192.0.2.1", "192.0.2.1" },     { "ip", "", "", "2001:DB8::0:1", "2001:db8::1" },
    { "ip", "", "", "192.0.2", NULL },              { "ip", "", "", "192.0.2.256", NULL },
    { "ip", "", "", "192.0.2.1 ", NULL },           { "ip", "", "", "host", NULL },
    { "ip", "", "", "", "" },                       { "ip", "", "192.0.2.1", "", NULL },
    { "ip", "IPv4", "", "192.0.2.1", "192.0.2.1" }, { "ip", "IPv4", "", "::1", NULL },
    { "ip", "IPv6", "", "::1", "::1" },             { "ip", "IPv6", "", "192.0.2.1", NULL },
  };

  run (cases, G_N_ELEMENTS (cases));
}

/* PROF-6 */
static void
test_hostport (void)
{
  static const Case cases[] = {
    { "hostport", "", "", "example.com", "example.com" },
    { "hostport", "", "", "_sip._udp.example.com", "_sip._udp.example.com" },
    { "hostport", "", "", "example.com:5060", "example.com:5060" },
    { "hostport", "", "", "192.0.2.1:514", "192.0.2.1:514" },
    { "hostport", "", "", "2001:db8::1", "2001:db8::1" },
    { "hostport", "", "", "[2001:db8::1]:514", "[2001:db8::1]:514" },
    { "hostport", "", "", "[2001:db8::1]", "[2001:db8::1]" },
    { "hostport", "", "", "[2001:db8::1]x", NULL },
    { "hostport", "", "", "[2001:db8::1", NULL },
    { "hostport", "", "", "[192.0.2.1]", NULL },
    { "hostport", "", "", "example.com:", NULL },
    { "hostport", "", "", "example.com:65536", NULL },
    { "hostport", "", "", "example.com:http", NULL },
    { "hostport", "", "", "http://example.com", NULL },
    { "hostport", "", "", "exa mple.com", NULL },
    { "hostport", "", "", "-example.com", NULL },
    { "hostport", "", "", ":5060", NULL },
    { "hostport", "", "", "$A", NULL },
    { "hostport", "", "", "", "" },
    { "hostport", "", "a.example", "", NULL },
    { "hostport", "max 11 chars", "", "example.com", "example.com" },
    { "hostport", "max 10 chars", "", "example.com", NULL },
  };

  run (cases, G_N_ELEMENTS (cases));
}

/* PROF-6 */
static void
test_url (void)
{
  static const Case cases[] = {
    { "url", "", "", "https://example.com/a?b=$MA", "https://example.com/a?b=$MA" },
    { "url", "", "", "wss://example.com", "wss://example.com" },
    { "url", "", "", "$SCHEME://$SERV/x", "$SCHEME://$SERV/x" },
    { "url", "", "", "/path/$PN.png", "/path/$PN.png" },
    { "url", "", "", "192.0.2.1/a.png", "192.0.2.1/a.png" },
    { "url", "", "", "example.com:8080/a", "example.com:8080/a" },
    { "url", "", "", "[2001:db8::1]/a", "[2001:db8::1]/a" },
    { "url", "", "", "example.com", "example.com" },
    { "url", "", "", "$A/x", "$A/x" },
    { "url", "", "", "/a?b=http://c/", "/a?b=http://c/" },
    { "url", "", "", "http:/example.com", NULL },
    { "url", "", "", "http://", NULL },
    { "url", "", "", "://example.com", NULL },
    { "url", "", "", "1http://example.com", NULL },
    { "url", "", "", "ht_tp://example.com", NULL },
    { "url", "", "", "https://exa mple.com", NULL },
    { "url", "", "", "<html>", NULL },
    { "url", "", "", "", "" },
    { "url", "max 8 chars", "", "http://a", "http://a" },
    { "url", "max 7 chars", "", "http://a", NULL },
  };

  run (cases, G_N_ELEMENTS (cases));
}

/* PROF-6, SCHED-3 */
static void
test_time (void)
{
  static const Case cases[] = {
    { "time", "0000-2400", "", "0330", "0330" },
    { "time", "0000-2400", "", "03:30", "0330" },
    { "time", "0000-2400", "", "3:30", "0330" },
    { "time", "0000-2400", "", "2400", "2400" },
    { "time", "0000-2400", "", "2401", NULL },
    { "time", "0000-2400", "", "0360", NULL },
    { "time", "0000-2400", "", "330", NULL },
    { "time", "0000-2400", "", "03300", NULL },
    { "time", "0000-2400", "", "-0100", NULL },
    { "time", "0000-2400", "", "3h30", NULL },
    { "time", "0000-2400", "", "", "" },
    { "time", "00:00-24:00", "07:00", "1900", "19:00" },
    { "time", "00:00-24:00", "07:00", "19/00", "19:00" },
    { "time", "00:00-24:00", "07:00", "", NULL },
    { "time", "-14/00-14/00", "00/00", "-01/30", "-01/30" },
    { "time", "-14/00-14/00", "00/00", "-0030", "-00/30" },
    { "time", "-14/00-14/00", "00/00", "-00/00", "00/00" },
    { "time", "-14/00-14/00", "00/00", "14/01", NULL },
  };

  run (cases, G_N_ELEMENTS (cases));
}

static char *
times (const char *text,
       gsize       n)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    g_string_append (out, text);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* PROF-6: at most 64 KiB, whatever the type */
static void
test_length (void)
{
  g_autofree char *most = times ("x", 65536), *more = times ("x", 65537), *taken = NULL, *refused = NULL;

  taken = normalize ("text", "", "", most);
  g_assert_cmpstr (taken, ==, most);
  refused = normalize ("text", "", "", more);
  g_assert_null (refused);
}

/* STORE-3: a masked text is never stored back */
static void
test_mask (void)
{
  static const char *const types[] = { "string", "text", "password", "rule" };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *whole = normalize (types[i], "", "", RS_MASK);
      g_autofree char *part = normalize (types[i], "", "", "[--key " RS_MASK "] /a");

      g_assert_null (whole);
      g_assert_null (part);
    }
}

/* STORE-3: of a secret is shown whether there is one, of a rule no password */
static void
test_shown (void)
{
  static const struct
  {
    RsParam param;
    const char *value, *want;
  } cases[] = {
    { { .type = RS_TYPE_STRING }, "plain", "plain" },
    { { .type = RS_TYPE_PASSWORD, .secret = TRUE }, "hunter2", RS_MASK },
    { { .type = RS_TYPE_STRING, .secret = TRUE }, "", "" },
    { { .type = RS_TYPE_RULE }, "[--pwd hunter2] https://a/b?c", "[--pwd " RS_MASK "] https://a/b?…" },
    { { .type = RS_TYPE_RULE, .secret = TRUE }, "/a", RS_MASK },
    { { .type = RS_TYPE_TEXT }, "https://joe:hunter2@a/b?c", "https://a/b?…" },
    { { .type = RS_TYPE_URL }, "https://a/b?key=hunter2", "https://a/b?…" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *got = rs_param_mask (&cases[i].param, cases[i].value);

      g_assert_cmpstr (got, ==, cases[i].want);
    }
}

/* STORE-3: messages show a value only where it is no secret, with control characters escaped, cut */
static void
test_messages (void)
{
  static const struct
  {
    const char *group, *value;
    gboolean shown;
  } cases[] = {
    { "Type=password\nRange=max 3 chars", "hunter2secret", FALSE },
    { "Type=string\nSecret=true\nRange=max 3 chars", "hunter2secret", FALSE },
    { "Type=rule\nRange=max 3 chars", "[--key hunter2secret] /a", FALSE },
    { "Type=url\nRange=max 3 chars", "https://a:hunter2secret@b/", FALSE },
    { "Type=url\nRange=max 3 chars", "https://b/?p=hunter2secret", FALSE },
    { "Type=hostport", "joe:hunter2secret@proxy:3128", FALSE },
    { "Type=hostport", "http://joe:hunter2secret@proxy", FALSE },
    { "Type=ip", "hunter2secret@192.0.2.1", FALSE },
    { "Type=int", "http://h/?x=hunter2secret", FALSE },
    { "Type=string\nRange=max 3 chars", "joe:hunter2secret@h", FALSE },
    { "Type=enum\nRange=A|B", "password=hunter2secret", FALSE },
    { "Type=string\nRange=max 3 chars", "hunter2secret", TRUE },
    { "Type=int\nRange=1-3", "hunter2secret", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("[X]\n%s\n", cases[i].group);
      g_autofree char *bad = g_strdup_printf ("%s\n\x1b", cases[i].value);
      g_autoptr (RsCatalogue) catalogue = fixture_catalogue (text);
      g_autoptr (GError) error = NULL;
      g_autofree char *normal = rs_param_normalize (rs_catalogue_find (catalogue, "X"), bad, &error);

      g_assert_null (normal);
      g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE);
      g_assert_true (g_str_has_prefix (error->message, "X cannot be "));
      g_assert_cmpint (strstr (error->message, "hunter2secret") != NULL, ==, cases[i].shown);
      g_assert_null (strpbrk (error->message, "\n\x1b"));
      g_assert_cmpuint (strlen (error->message), <, 400);
    }
}

static const struct
{
  RsParamType type;
  const char *range;
} bad_ranges[] = {
  { RS_TYPE_BOOL, "Yes|No" },
  { RS_TYPE_INT, "0" },
  { RS_TYPE_INT, "5-1" },
  { RS_TYPE_INT, "0-5|" },
  { RS_TYPE_INT, "0-5 (decimal)" },
  { RS_TYPE_INT, "0-5  s" },
  { RS_TYPE_INT, "max 5 chars" },
  { RS_TYPE_INT, "0-1|0-1|0-1|0-1|0-1|0-1|0-1|0-1|0-1" },
  { RS_TYPE_INT, "0-9999999999999999" },
  { RS_TYPE_INTLIST, "a-b" },
  { RS_TYPE_STRING, "max chars" },
  { RS_TYPE_STRING, "max 0 chars" },
  { RS_TYPE_STRING, "max -3 chars" },
  { RS_TYPE_STRING, "max 3 chars " },
  { RS_TYPE_STRING, "0 or 5-2 chars" },
  { RS_TYPE_STRING, "0-5" },
  { RS_TYPE_STRING, "0.1-0.5 (step 0)" },
  { RS_TYPE_STRING, "0.5-0.1 (step 0.1)" },
  { RS_TYPE_STRING, "0.5-0.9 (step 0.1" },
  { RS_TYPE_STRING, "subset of " },
  { RS_TYPE_STRING, "subset of a|a" },
  { RS_TYPE_STRING, "subset of a||b" },
  { RS_TYPE_STRING, "c=" },
  { RS_TYPE_STRING, "c=a;" },
  { RS_TYPE_STRING, "=a" },
  { RS_TYPE_STRING, "anything" },
  { RS_TYPE_TEXT, "0 lines, each under 3 chars" },
  { RS_TYPE_TEXT, "2 lines" },
  { RS_TYPE_PASSWORD, "a|b" },
  { RS_TYPE_ENUM, "" },
  { RS_TYPE_ENUM, "a| b" },
  { RS_TYPE_ENUM, "a|b|a" },
  { RS_TYPE_ENUM, "a|" },
  { RS_TYPE_ENUM, "a;b" },
  { RS_TYPE_IP, "ipv4" },
  { RS_TYPE_TIME, "" },
  { RS_TYPE_TIME, "0000" },
  { RS_TYPE_TIME, "00:00-2400" },
  { RS_TYPE_TIME, "2400-0000" },
  { RS_TYPE_TIME, "-" },
};

static void
test_bad_ranges (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_ranges); i++)
    {
      g_autoptr (GError) error = NULL;
      RsConstraint constraint;

      g_test_message ("%s: %s", rs_param_type_name (bad_ranges[i].type), bad_ranges[i].range);
      g_assert_false (rs_constraint_parse (bad_ranges[i].type, bad_ranges[i].range, &constraint, &error));
      g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/params/value/bool", test_bool);
  g_test_add_func ("/params/value/int", test_int);
  g_test_add_func ("/params/value/intlist", test_intlist);
  g_test_add_func ("/params/value/enum", test_enum);
  g_test_add_func ("/params/value/texts", test_texts);
  g_test_add_func ("/params/value/string-ranges", test_string_ranges);
  g_test_add_func ("/params/value/ip", test_ip);
  g_test_add_func ("/params/value/hostport", test_hostport);
  g_test_add_func ("/params/value/url", test_url);
  g_test_add_func ("/params/value/time", test_time);
  g_test_add_func ("/params/value/length", test_length);
  g_test_add_func ("/params/value/mask", test_mask);
  g_test_add_func ("/params/value/shown", test_shown);
  g_test_add_func ("/params/value/messages", test_messages);
  g_test_add_func ("/params/value/bad-ranges", test_bad_ranges);
  return g_test_run ();
}
