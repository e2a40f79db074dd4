/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The grammar: what a rule may be, and where the others go wrong. */
#include "rule/rule.h"

#include "base/error.h"
#include "macros.h"

typedef struct
{
  const char *text;
  guint column;
  const char *found;    /* as it must be said */
  const char *expected; /* what is said of it must hold this */
} Bad;

static void
check_bad (const Bad *cases, gsize n, RsRuleKind kind)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRule) rule = rs_rule_parse (cases[i].text, kind, &error);
      g_autofree char *where = g_strdup_printf ("column %u: found %s, expected ", cases[i].column, cases[i].found);

      if (rule != NULL)
        g_error ("%s should be no rule", cases[i].text);
      g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_RULE);
      if (!g_str_has_prefix (error->message, where) || strstr (error->message + strlen (where), cases[i].expected) == NULL)
        g_error ("%s: %s", cases[i].text, error->message);
    }
}

static void
check_good (const char *const *cases, gsize n, RsRuleKind kind)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRule) rule = rs_rule_parse (cases[i], kind, &error);

      if (rule == NULL)
        g_error ("%s: %s", cases[i], error->message);
      g_assert_false (rs_rule_is_empty (rule));
    }
}

/* RULE-1 */
static void
test_good (void)
{
  static const char *const cases[] = {
    "/$PN.cfg",
    "gds://",
    "http://h/$MA%41%$A%4$A$$",
    "[--srv] https://example.com/$PSN.xml",
    "tftp://192.168.1.5/CP_x8xx_MPP.cfg",
    "  http://h/p  ",
    "\thttp://h/p\n",
    "(1 = 1)?",
    "(1 = 1)? |",
    "(1 = 1)?http://h/a|(1=2)?|http://h/b",
    "(1 = 1)?http://h/a|",
    "(A = \"b\";)!",
    "(A = \"b\";)! http://h/a",
    "( 1 = 1 ) ? ( A = \"b\" ) ! [ --key k ] http://h/a",
    "(1=1)?(A=\"b\";B=\"c\")![--key k]http://h/a|(A=\"d\")!",
    "[--key \"a|b] (c)\"]http://h/(x)!y",
    "(\"a|b)?\" eq \"$A\")?http://h/p",
    "(A = \"x|y)!z\";)!http://h/p",
    "($(MA:0:6) = \"00\")?/a|/b",
    "[--key k]$A",
    "http://$SERV:$PORT/$PATH?a=$MA",
    "$SCHEME://$SERV$PATH",
    "http://h:$A/p",
    "http://$A:$B@h/p",
  };

  check_good (cases, G_N_ELEMENTS (cases), RS_RULE_PROFILE);
}

/* RULE-2, RULE-8 */
static void
test_empty (void)
{
  static const char *const cases[] = { "", " \t\r\n", "#", "# http://h/p", "  #[--key x", "#|((" };
  static const RsRuleKind kinds[]
      = { RS_RULE_PROFILE, RS_RULE_UPGRADE, RS_RULE_REPORT, RS_RULE_CUSTOM_CA, RS_RULE_TRIGGER };
  g_autoptr (RsRule) none = rs_rule_parse (NULL, RS_RULE_PROFILE, NULL);
  g_autoptr (RsRule) inner = rs_rule_parse ("http://h/p#x", RS_RULE_PROFILE, NULL);

  g_assert_true (rs_rule_is_empty (none));
  g_assert_false (rs_rule_is_empty (inner));
  for (guint i = 0; i < G_N_ELEMENTS (cases) * G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRule) rule
          = rs_rule_parse (cases[i / G_N_ELEMENTS (kinds)], kinds[i % G_N_ELEMENTS (kinds)], &error);

      g_assert_no_error (error);
      g_assert_true (rs_rule_is_empty (rule));
      g_assert_false (rs_rule_names_server (rule));
      g_assert_false (rs_rule_has_private_options (rule));
    }
}

/* RULE-10: what was found is said as it stands there, where it can be no secret */
static void
test_found (void)
{
  static const Bad cases[] = {
    { "(>11.0 && <12.0)? /x", 8, "“&&”", "“and” or the end of the condition" },
    { "(1 = 1,2 = 2)? /x", 6, "“1,2”", "an integer, a version" },
    { "(1 = 1 + 2)? /x", 8, "“+”", "“and” or the end" },
    { "(1 & 2)? /x", 4, "“&”", "a comparison: =" },
    { "https://h:80a/x", 13, "a letter", "a port from 1 to 65535" },
    { "[--post aa] https://h/", 9, "“aa”", "one letter from a to p" },
    { "[--post abcd] https://h/", 9, "a longer word", "one letter from a to p" },
    { "(1=1)? # x", 10, "text behind a “#”", "“|” or the end of the rule: a “#” makes a comment only where it is the first character" },
    { "($PRVTMR > 9223372036854775807)? /x", 12, "“9223372036854775807”", "in quotes; a number has at most 18 digits" },
    { "(>1.9223372036854775807)? /x", 3, "“1.9223372036854775807”", "in quotes; a number has at most 18 digits" },
    { "(1=1) https://h/", 7, "“https://h/”", "“?” after a condition" },
    { "(1=1) /x", 7, "“/”", "“?” after a condition" },
    { "[--pwd a&b --key] /x", 17, "“]”", "a value after --key" },
  };

  check_bad (cases, G_N_ELEMENTS (cases), RS_RULE_PROFILE);
}

/* RULE-10, STORE-3: a key that lost its quotes or its option is not said, in whatever rule it stands */
static void
test_found_secrets (void)
{
  static const char *const cases[] = {
    "[--key hunter two] /x", "[--key \"a\" hunter] /x", "[hunter] /x", "[--pwd \"a\"hunter] /x", "https://joe:hunter/x",
    "https://h/ hunter", "https://joe:my hunter@h/", "https://h/ [--key hunter]", "(A = hunter;)! /x", "(A = \"a\" hunter;)! /x",
    "[--post hunter] /x", "[--srv --alias hunter] /x", "--key hunter https://h/", "(1=1)? [--key a b] hunter",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRule) rule = rs_rule_parse (cases[i], RS_RULE_PROFILE, &error);

      g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_RULE);
      if (strstr (error->message, "hunter") != NULL)
        g_error ("%s: %s", cases[i], error->message);
    }
}

/* RULE-1, RULE-10 */
static void
test_structure (void)
{
  static const Bad cases[] = {
    { "http://h/$MA/%zz", 14, "“%”", "two hexadecimal digits after “%”: the sign itself is written %25" },
    { "(1 = 1)? https://$A/x?%4 | /x", 23, "“%”", "two hexadecimal digits" },
    { "http://h/a|http://h/b", 11, "“|”", "only the last alternative" },
    { "|http://h/b", 1, "“|”", "an alternative before this “|”" },
    { "(1=1)?a||b", 9, "“|”", "an alternative before this “|”" },
    { "| [--srv] http://h/b", 1, "“|”", "an alternative before this “|”" },
    { "[--key k] a » b", 13, "the typographic quotation mark U+00BB", "the end of the rule" },
    { "(A=\"b\")!a|b", 10, "“|”", "only the last alternative" },
    { "http://h/a b", 12, "a letter", "“|” or the end" },
    { "http://h/a [--key k]", 12, "“[”", "“|” or the end" },
    { "(1=1", 1, "a “(” that nothing closes", "“)”" },
    { "(1=1?a", 1, "a “(” that nothing closes", "“)”" },
    { "(\"1)?a", 1, "a “(” that nothing closes", "“)”" },
    { "((1=1)?a", 1, "a “(” that nothing closes", "“)”" },
    { "(1=1)a", 6, "“a”", "“?” after a condition or “!”" },
    { "(1=1)", 6, "the end", "“?” after a condition or “!”" },
    { "(1=1)?(2=2)?a", 7, "a condition", "one condition, then assignments" },
    { "(A=\"b\")!(1=1)?a", 9, "a condition", "one condition, then assignments" },
    { "(A=\"b\")!(C=\"d\")!a", 9, "assignments", "one condition, then assignments" },
    { "[--srv](1=1)?a", 8, "“(”", "a URL" },
    { "[--srv][--key k]a", 8, "“[”", "a URL" },
    { "[--srv]", 8, "the end", "a URL" },
    { "[--srv] |", 9, "“|”", "a URL" },
    { "(1=1)?[--srv]", 14, "the end", "a URL" },
    { "http://h/\x01", 10, "“\\x01”", "control characters" },
    { "http://h/\xc2\x85", 10, "“\\x85”", "control characters" },
    { "ü http://h/\xff", 12, "“\\xff”", "UTF-8" },
    { "http://h:99999/p", 10, "“99999”", "a port" },
    { "ü=|http://h:0/", 3, "“|”", "only the last" },
    { "(1=1)?ftp://h/p", 7, "“ftp”", "tftp://" },
    { "[--srv] gds://x", 15, "a letter", "nothing after gds://" },
    { "http://h:x/$MA.cfg", 10, "a letter", "a port" },
    { "h:x/$MA.cfg", 3, "a letter", "a port" },
    { "ftp://h/$MA.cfg", 1, "“ftp”", "tftp://" },
    { "http://<server ip address>/sip88xx.loads", 8, "“<”", "a host name" },
    { "http://h/$SA", 10, "“$SA”", "--key, --uid and --pwd" },
    { "http://h/?k=$(SD:1)", 13, "“$(SD:1)”", "--key, --uid and --pwd" },
    { "(\"$SA\" eq \"x\")?a", 3, "“$SA”", "--key, --uid and --pwd" },
    { "($SB = 1)?a", 2, "“$SB”", "--key, --uid and --pwd" },
    { "(A = \"$SC\")!a", 7, "“$SC”", "--key, --uid and --pwd" },
    { "[::1]/p", 2, "“:”", "IPv6" },
    { "[]a", 2, "“]”", "--srv" },
    { "[ key k]a", 3, "a letter", "--srv" },
    { "http://h/a http://u:p@h/b?c", 12, "“http://h/b?…”", "“|” or the end" },
    { "http://h/a ftp://h/b", 12, "a letter", "“|” or the end" },
    { "http://h/a[--srv]", 11, "“[”", "a URL behind all options" },
    { "http://h/a?b[--key", 13, "“[”", "a URL behind all options" },
    { "[--srv]http://h/a[--srv]", 18, "“[”", "a URL behind all options" },
    { "--srv http://h/a", 1, "“--srv”", "options in brackets" },
    { "--srv", 1, "“--srv”", "options in brackets" },
    { "(1=1)?--keyx|a", 7, "“-”", "options in brackets" },
    { "(A=\"b\")! --uid u h/p", 10, "“--uid”", "options in brackets" },
  };

  check_bad (cases, G_N_ELEMENTS (cases), RS_RULE_PROFILE);
}

/* RULE-3, RULE-4, RULE-10 */
static void
test_conditions (void)
{
  static const char *const good[] = {
    "(1=1)?a",
    "(>=11.0.1)?a",
    "( ! 2.0.4 )?a",
    "(eq 2.0.4)?a",
    "(5.1.1(18)<=$SWVER)?a",
    "(\"a\"eq\"b\"and\"c\"ne\"d\")?a",
    "($PRVTMR GT 600 AND $PRVST lt 2 And -1 LE $PRVST)?a",
    "(sip78xx.11-3-2MPP0001-609.loads gt $SWVER)?a",
    "($A$B eq 1)?a",
    "(\"\" = \"$EXTIP\")?a",
    "(1 != 2 and !3 and < 4)?a",
  };
  static const Bad bad[] = {
    { "()?a", 2, "“)”", "an integer, a version" },
    { "( )?a", 3, "“)”", "an integer, a version" },
    { "(1)?a", 3, "“)”", "a comparison" },
    { "(1 = )?a", 6, "“)”", "an integer, a version" },
    { "(1 == 1)?a", 5, "“=”", "an integer, a version" },
    { "(1 = 1 and)?a", 11, "“)”", "an integer, a version" },
    { "(1 = 1 and and)?a", 12, "“and”", "an integer, a version" },
    { "(1 = 1 or 1 = 2)?a", 8, "“or”", "“and”" },
    { "(1 = 1 2 = 2)?a", 8, "“2”", "“and”" },
    { "(Installed eq \"$CCERT\")?a", 2, "“Installed”", "an integer, a version" },
    { "(1..2 = 1)?a", 2, "“1..2”", "an integer, a version" },
    { "($SWVER ge 1.2.)?a", 12, "“1.2.”", "an integer, a version" },
    { "($SWVER ge v1.2)?a", 12, "“v1.2”", "an integer, a version" },
    { "(\"a\" < \"b\")?a", 6, "“<”", "no order" },
    { "($A ge \"b\")?a", 5, "“ge”", "no order" },
    { "(\"a\" gt 1)?a", 6, "“gt”", "no order" },
    { "(\"a\" eq \"b\" and \"c\" lt 5)?a", 21, "“lt”", "no order" },
    { "(\"a\\200\" = \"b\")?a", 3, "octal codes that make no UTF-8", "UTF-8" },
    { "(\"a\\012\" = \"b\")?a", 4, "the octal code of a control character", "a printable character" },
  };

  check_good (good, G_N_ELEMENTS (good), RS_RULE_PROFILE);
  check_bad (bad, G_N_ELEMENTS (bad), RS_RULE_PROFILE);
}

/* RULE-5, RULE-10 */
static void
test_assignments (void)
{
  static const char *const good[] = {
    "(A=\"\")!",
    "(Profile_Rule=\"http://h/$MA\";GPP_A = \"x\" ; )!",
    "(Wi-Fi_User_ID_1_ = \"x\"; G722.2_Enable_1_ = \"Yes\";)!/p",
  };
  static const Bad bad[] = {
    { "()!", 2, "“)”", "the name of a parameter" },
    { "(A)!", 3, "“)”", "“=”" },
    { "(A=b)!", 4, "a letter", "a value in quotes" },
    { "(A=)!", 4, "“)”", "a value in quotes" },
    { "(A=\"b\" c)!", 8, "a letter", "“;”" },
    { "(A=\"b\",C=\"d\")!", 7, "“,”", "“;”" },
    { "(A=\"b\";;)!", 8, "“;”", "the name of a parameter" },
    { "(A B=\"b\")!", 4, "a letter", "“=”" },
    { "($A=\"b\")!", 2, "“$A”", "the name of a parameter" },
    { "(A=\"b\\177\")!", 6, "the octal code of a control character", "a printable character" },
  };

  check_good (good, G_N_ELEMENTS (good), RS_RULE_PROFILE);
  check_bad (bad, G_N_ELEMENTS (bad), RS_RULE_PROFILE);
}

/* RULE-6, RULE-10 */
static void
test_options (void)
{
  static const char *const good[] = {
    "[--key k]a",
    "[ --key \"k k\" --uid u --pwd p --srv --post a --alias P ]http://h/p",
    "[--srv --key $SA --uid $SB --pwd $SC$(SD:0:2)]$F",
    "[--key \"\"]a",
    "[--key -k --uid a--b]a",
    "[--key a\"b --uid it's]a",
    "[--key \\135\\040\\043]a",
    "[--key\tk\n--srv]a",
    "[--key k|k]a",
    "[--alias \"a\" --post \"\\120\"]a",
  };
  static const Bad bad[] = {
    { "[--foo]a", 2, "the unknown option “--foo”", "--key, --uid, --pwd, --srv, --post or --alias" },
    { "[--srv --FOO-bar x]a", 8, "the unknown option “--FOO-bar”", "--key, --uid, --pwd, --srv, --post or --alias" },
    { "[--KEY k]a", 2, "the unknown option “--KEY”", "--key, --uid, --pwd, --srv, --post or --alias" },
    { "[--]a", 2, "the unknown option “--”", "--key, --uid, --pwd, --srv, --post or --alias" },
    { "[--aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee x]a", 2, "the unknown option “--aaaaaaaaaabbbbbbbbbbcccccccccc”",
      "--key, --uid, --pwd, --srv, --post or --alias" },
    { "[--delta]a", 2, "“--delta”, which this kind of rule does not take",
      "--key, --uid, --pwd, --srv, --post or --alias" },
    { "[--status]a", 2, "“--status”, which this kind of rule does not take",
      "--key, --uid, --pwd, --srv, --post or --alias" },
    { "[--key]a", 7, "“]”", "a value after --key" },
    { "[--key ]a", 8, "“]”", "a value after --key" },
    { "[--key --srv]a", 8, "“--srv”", "a value after --key" },
    { "[--key=k]a", 7, "“=”", "a value after --key" },
    { "[--key\"k\"]a", 7, "“\"”", "a value after --key" },
    { "[--keyk]a", 7, "a letter", "a value after --key" },
    { "[--PWDk]a", 7, "a letter", "a value after --pwd" },
    { "[--key k", 1, "a “[” that nothing closes", "“]”" },
    { "[--srv", 1, "a “[” that nothing closes", "“]”" },
    { "[--key \"k]a", 8, "a quote that nothing closes", "a second quote" },
    { "[--key \"k\"x]a", 11, "a letter", "a blank or “]”" },
    { "[--key k x]a", 10, "a letter", "an option" },
    { "[--key k -x]a", 10, "“-”", "an option" },
    { "[--key k --key l]a", 10, "“--key”", "--key only once" },
    { "[--srv --srv]a", 8, "“--srv”", "--srv only once" },
    { "[--srv x]a", 8, "a letter", "an option" },
    { "[--key \"k\" --pwd p--uid u]a", 25, "a letter", "an option such as" },
    { "[--srv=x]a", 7, "“=”", "a blank or “]”" },
    { "[--post]a", 8, "“]”", "a value after --post" },
    { "[--post q]a", 9, "“q”", "one letter from a to p" },
    { "[--post ab]a", 9, "“ab”", "one letter from a to p" },
    { "[--alias \"ab\"]a", 10, "“ab”", "one letter from a to p" },
    { "[--alias \"\"]a", 10, "“”", "one letter from a to p" },
    { "[--alias $A]a", 10, "“$A”", "one letter from a to p" },
    { "[--post \\161]a", 9, "“q”", "one letter from a to p" },
    { "[--key \\000]a", 8, "the octal code of a control character", "a printable character" },
    { "[--key x\\012y]a", 9, "the octal code of a control character", "a printable character" },
    { "[--key \"x\\351y\"]a", 9, "octal codes that make no UTF-8", "UTF-8" },
  };

  check_good (good, G_N_ELEMENTS (good), RS_RULE_PROFILE);
  check_bad (bad, G_N_ELEMENTS (bad), RS_RULE_PROFILE);
}

/* RULE-6, RULE-9 */
static void
test_kinds (void)
{
  static const char screen[] = "only a profile rule opens the activation screen";
  static const char *const upgrade[] = {
    "http://192.0.2.1/sip88xx.11-2-3MSR1-1.loads",
    "[--uid u --pwd p --srv]https://h/x.loads",
    "(<11.0.1)?http://h/a.loads|(< 12)?http://h/b.loads",
  };
  static const Bad no_upgrade[] = {
    { "[--key k]http://h/p", 2, "“--key”, which this kind of rule does not take", "--uid, --pwd or --srv" },
    { "[--srv --post a]http://h/p", 8, "“--post”, which this kind of rule does not take", "--uid, --pwd or --srv" },
    { "[--alias a]http://h/p", 2, "“--alias”, which this kind of rule does not take", "--uid, --pwd or --srv" },
    { "http://h/p; http://h/q", 13, "“http://h/q”", "“|” or the end" },
    { "gds://", 1, "“gds://”", screen },
    { "(< 12)? [--srv] GDS:// | h/p", 17, "“GDS://”", screen },
  };
  static const char *const report[] = {
    "http://h/r",
    "http://h/r;",
    "[--delta]http://h/r; [--status --key k]http://h/s;",
    "http://h/a http://h/b",
    "http://h/a ; http://h/b ;",
    "http://h/a\t; http://h/b\t;\t",
    "(1=1)?http://h/a ; | http://h/b ; [--status] $A ;",
    "(1=1)?http://h/a|http://h/b;  (1=2)?http://h/c",
  };
  static const Bad no_report[] = {
    { "http://h/a http://h/b http://h/c", 23, "“http://h/c”", "“|” or the end" },
    { ";", 1, "“;”", "a URL" },
    { "http://h/a; ;", 13, "“;”", "a URL" },
    { "http://h/a; [--status]", 23, "the end", "a URL" },
    { "http://h/a ; ;", 14, "“;”", "a URL" },
    { "http://h/a;; ;", 14, "“;”", "a URL" },
    { "http://h/a ; http://h/b ; http://h/c", 27, "“http://h/c”", "“|” or the end" },
    { "[--post a]http://h/a", 2, "“--post”, which this kind of rule does not take",
      "--key, --uid, --pwd, --srv, --delta or --status" },
    { "[--delta --alias a]http://h/a", 10, "“--alias”, which this kind of rule does not take", "--delta or --status" },
    { "http://h/a; gds://", 13, "“gds://”", screen },
    { "http://h/a|http://h/b", 11, "“|”", "only the last" },
  };
  static const char *const trigger[] = { "$PRVTMR > 600", " \"$A\" ne \"x|)\" and 1 = 1 " };
  static const Bad no_trigger[] = {
    { "($PRVTMR > 600)?", 1, "“(”", "an integer, a version" },
    { "$PRVTMR > 600)?", 14, "“)”", "“and”" },
    { "1 = 1 http://h/p", 7, "a letter", "“and”" },
    { "http://h/p", 1, "a letter", "an integer, a version" },
    { "1 = a_word_that_is_longer_than_any_number_or_version", 5, "a letter", "an integer, a version" },
  };
  static const char *const custom_ca[]
      = { "[--uid u --pwd p]https://h/ca.pem", "(1=1)?[--srv --post a]https://h/ca.pem|$A/ca.pem" };
  static const Bad no_custom_ca[] = {
    { "(GPP_A = \"x\";)! https://h/ca.pem", 1, "assignments", "a condition or a URL" },
    { "(1=1)? (GPP_A = \"x\";)!", 8, "assignments", "only loads a certificate" },
    { "[--key k]https://h/ca.pem", 2, "“--key”, which this kind of rule does not take", "--uid, --pwd, --srv or --post" },
    { "[--srv --alias a]https://h/ca.pem", 8, "“--alias”, which this kind of rule does not take", "--post" },
    { "[--delta]https://h/ca.pem", 2, "“--delta”, which this kind of rule does not take", "--post" },
    { "gds://", 1, "“gds://”", screen },
  };

  check_good (upgrade, G_N_ELEMENTS (upgrade), RS_RULE_UPGRADE);
  check_bad (no_upgrade, G_N_ELEMENTS (no_upgrade), RS_RULE_UPGRADE);
  check_good (report, G_N_ELEMENTS (report), RS_RULE_REPORT);
  check_bad (no_report, G_N_ELEMENTS (no_report), RS_RULE_REPORT);
  check_good (trigger, G_N_ELEMENTS (trigger), RS_RULE_TRIGGER);
  check_bad (no_trigger, G_N_ELEMENTS (no_trigger), RS_RULE_TRIGGER);
  check_good (custom_ca, G_N_ELEMENTS (custom_ca), RS_RULE_CUSTOM_CA);
  check_bad (no_custom_ca, G_N_ELEMENTS (no_custom_ca), RS_RULE_CUSTOM_CA);
}

/* DISC-6, DISC-14 */
static void
test_names_server (void)
{
  static const struct
  {
    const char *text;
    gboolean names;
  } cases[] = {
    { "/$PN.cfg", FALSE },
    { "$PN.cfg", FALSE },
    { "x.cfg?u=http://h/p", FALSE },
    { "/x?u=http://h/", FALSE },
    { "http:///p", FALSE },
    { "(1=1)?(A=\"http://h/\")!", FALSE },
    { "(\"http://h/\" = \"x\")?/p", FALSE },
    { "h/p", TRUE },
    { "192.168.1.130/profiles/init.cfg", TRUE },
    { "$SERV/p", TRUE },
    { "http://h", TRUE },
    { "http://$SERV/p", TRUE },
    { "$SCHEME://$SERV$PATH", TRUE },
    { "$A", TRUE },
    { "$(B)x.cfg", TRUE },
    { "gds://", TRUE },
    { "(1=1)?/p|h/p", TRUE },
    { "(1=1)?h/p|/p", TRUE },
    { "[--srv]https://h/p", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsRule) rule = rs_rule_parse (cases[i].text, RS_RULE_PROFILE, NULL);

      if (rs_rule_names_server (rule) != cases[i].names)
        g_error ("%s", cases[i].text);
    }
}

/* RULE-7, DISC-4: a “;” separates servers in options of DHCP, and nothing in a rule */
static void
test_second_url (void)
{
  static const struct
  {
    const char *text;
    guint column;
  } cases[] = {
    { "https://a/x;https://b/x", 13 },
    { "(1=1)?/ü;y;HTTP://b/x", 12 },
    { "a/x;tftp://b/x?c", 5 },
    { "https://a/x;y", 0 },
    { "https://a/x;httpd", 0 },
    { "https://a/x?u=1;https://b/x", 0 },
    { "https://a/x/https://b/x", 0 },
    { "(1=1)?", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsRule) rule = rs_rule_parse (cases[i].text, RS_RULE_PROFILE, NULL);
      RsRuleOutline outline;

      g_assert_true (rs_rule_outline (rule, 1, &outline));
      if (outline.second_url_column != cases[i].column)
        g_error ("%s: %u", cases[i].text, outline.second_url_column);
    }
}

/* RULE-10 */
static void
test_private_options (void)
{
  static const struct
  {
    const char *text;
    RsRuleKind kind;
    gboolean private;
  } cases[] = {
    { "http://u:p@h/p", RS_RULE_PROFILE, FALSE },
    { "[--srv --alias a]http://h/p", RS_RULE_PROFILE, FALSE },
    { "[--key k]http://h/p", RS_RULE_PROFILE, TRUE },
    { "[--uid \"\"]http://h/p", RS_RULE_PROFILE, TRUE },
    { "[--pwd p]http://h/p", RS_RULE_PROFILE, TRUE },
    { "[--post a]http://h/p", RS_RULE_PROFILE, TRUE },
    { "(1=2)?/a|(1=1)?[--key k]/b|/c", RS_RULE_PROFILE, TRUE },
    { "[--delta]/a [--status]/b", RS_RULE_REPORT, FALSE },
    { "/a [--key k]/b", RS_RULE_REPORT, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsRule) rule = rs_rule_parse (cases[i].text, cases[i].kind, NULL);

      if (rs_rule_has_private_options (rule) != cases[i].private)
        g_error ("%s", cases[i].text);
    }
}

/* RULE-9, RULE-10 */
static void
test_bounds (void)
{
  g_autofree char *filled = g_strnfill (16 * 1024 + 1, ' ');
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRule) whole = NULL, longer = rs_rule_parse (filled, RS_RULE_PROFILE, &error), more = NULL, grown = NULL;

  g_assert_null (longer);
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_RULE);
  g_assert_cmpstr (error->message, ==, "column 1: found a longer rule, expected 16384 bytes at most");
  g_clear_error (&error);
  for (guint i = 0; i < 63; i++)
    g_string_append (many, "(1=2)?|");
  whole = rs_rule_parse (many->str, RS_RULE_PROFILE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (whole);
  g_string_append (many, "(1=2)?|");
  more = rs_rule_parse (many->str, RS_RULE_PROFILE, &error);
  g_assert_null (more);
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_RULE);
  g_assert_cmpstr (error->message, ==, "column 449: found one alternative more, expected 64 alternatives at most");
  g_clear_error (&error);
  /* short as it is written, and not as it is printed */
  g_string_assign (many, "(");
  for (guint i = 0; i < 2000; i++)
    g_string_append (many, "=1 and ");
  g_string_append (many, "=1)?");
  grown = rs_rule_parse (many->str, RS_RULE_PROFILE, &error);
  g_assert_null (grown);
  g_assert_cmpstr (error->message, ==,
                   "column 1: found a rule that is longer with its quotes and blanks, expected 16384 bytes at most");
  g_assert_true (rs_rule_next (whole) == NULL);
}

/* No message holds what may be secret. (STORE-3, RULE-10) */
static void
test_errors_hold_no_secret (void)
{
  static const char *const cases[] = {
    "[--key hunter2",         "[--key=hunter2]a",         "[--keyhunter2]a",
    "[--key \"hunter2]a",     "[--key a hunter2]a",       "[--key \"a\"hunter2]a",
    "[--key hunter2 --foo]a", "[--pwd hunter2]ftp://h/p", "http://joe:hunter2@h h/p",
    "http://joe:hunter2",     "http://joe:hunter2@h:x/p", "(A = hunter2)!a",
    "(A = \"hunter2)!a",      "(\"hunter2\" < 1)?a",      "[--pwdhunter2 x]a",
    "[--Uidhunter2 x]a",      "[--post hunter2]a",        "[hunter2]a",
    "http://h/p?hunter2 x",   "tftp://joe:hunter2@h/p",   "http://h/p?a http://joe:hunter2@h",
    "http://h/p http://h?hunter2", "[--key a http://hunter2]a", "--keyhunter2 a",
    "[--alias \"hunter2\"]a",  "(A = \"b\" hunter2)!a",    "(A hunter2)!a",
    "http://h/p gds://hunter2@h", "[--srv]gds://hunter2",  "http://joe:hunter2 w://hunter2",
    "[--key \"hunter2\" hunter2 --uid \"u\"]a", "(1 = \"a hunter2)?a",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRule) rule = rs_rule_parse (cases[i], RS_RULE_PROFILE, &error);

      g_assert_null (rule);
      if (strstr (error->message, "hunter2") != NULL)
        g_error ("%s", error->message);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/parse/good", test_good);
  g_test_add_func ("/rule/parse/empty", test_empty);
  g_test_add_func ("/rule/parse/found", test_found);
  g_test_add_func ("/rule/parse/found-secrets", test_found_secrets);
  g_test_add_func ("/rule/parse/structure", test_structure);
  g_test_add_func ("/rule/parse/conditions", test_conditions);
  g_test_add_func ("/rule/parse/assignments", test_assignments);
  g_test_add_func ("/rule/parse/options", test_options);
  g_test_add_func ("/rule/parse/kinds", test_kinds);
  g_test_add_func ("/rule/parse/names-server", test_names_server);
  g_test_add_func ("/rule/parse/second-url", test_second_url);
  g_test_add_func ("/rule/parse/private-options", test_private_options);
  g_test_add_func ("/rule/parse/bounds", test_bounds);
  g_test_add_func ("/rule/parse/no-secret-in-errors", test_errors_hold_no_secret);
  return g_test_run ();
}
