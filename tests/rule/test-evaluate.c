/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules say to do on an invented phone. */
#include "rule/rule.h"

#include "base/error.h"
#include "macros.h"

static RsRuleAction *
evaluate (const char *text, RsRuleKind kind, gboolean allow_secrets, GError **error)
{
  g_autoptr (RsRule) rule = rs_rule_parse (text, kind, error);

  if (rule == NULL)
    g_error ("%s: %s", text, (*error)->message);
  return rs_rule_evaluate (rule, &test_macros, allow_secrets, error);
}

/* alternative 0: skipped; url NULL: nothing to fetch */
typedef struct
{
  const char *text;
  guint alternative;
  const char *url;
} Case;

static void
check (const Case *cases, gsize n, RsRuleKind kind)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRuleAction) action = evaluate (cases[i].text, kind, FALSE, &error);
      g_autofree char *url = NULL;

      if (action == NULL)
        g_error ("%s: %s", cases[i].text, error->message);
      url = action->url != NULL ? rs_url_to_string (action->url) : NULL;
      g_assert_cmpuint (action->alternative, ==, cases[i].alternative);
      g_assert_cmpstr (url, ==, cases[i].url);
      g_assert_cmpint (action->skip, ==, cases[i].url == NULL);
      g_assert_cmpint (action->url_text == NULL, ==, action->skip);
    }
}

/* RULE-1, RULE-2 */
static void
test_alternatives (void)
{
  static const Case cases[] = {
    { "", 0, NULL },
    { "# http://h/p", 0, NULL },
    { "http://h/p", 1, "http://h/p" },
    { "(1=1)?http://h/a|http://h/b", 1, "http://h/a" },
    { "(1=2)?http://h/a|http://h/b", 2, "http://h/b" },
    { "(1=2)?http://h/a|(1=1)?http://h/b|http://h/c", 2, "http://h/b" },
    { "(1=2)?http://h/a|(1=3)?http://h/b", 0, NULL },
    { "(1=2)?http://h/a|", 2, NULL },
    { "(1=1)?|http://h/b", 1, NULL },
    { "(1=1)?(A=\"b\")!|http://h/b", 1, NULL },
    /* what stands behind the one that is taken is not looked at */
    { "(1=1)?http://h/a|($CCERT = 1)?http://h/b", 1, "http://h/a" },
    { "(1=1)?http://h/a|http://h:$E/b", 1, "http://h/a" },
  };

  check (cases, G_N_ELEMENTS (cases), RS_RULE_PROFILE);
}

/* RULE-7, PHONE-4 */
static void
test_urls (void)
{
  static const Case cases[] = {
    { "/$PN.cfg", 1, "tftp:///CP-8851-3PCC.cfg" },
    { "$PN.cfg", 1, "tftp:///CP-8851-3PCC.cfg" },
    { "192.168.1.130/profiles/init.cfg", 1, "tftp://192.168.1.130/profiles/init.cfg" },
    { "tftp://192.168.1.5/CP_x8xx_MPP.cfg", 1, "tftp://192.168.1.5/CP_x8xx_MPP.cfg" },
    { "[--srv] https://example.com/$PSN.xml", 1, "https://example.com/8851-3PCC.xml" },
    { "$SCHEME://$SERV:$PORT$PATH", 1, "https://ps.example.com/p.xml" },
    { "$SERVIP/$(MA:6:6)/$MAU.cfg?sn=$SN", 1, "tftp://192.0.2.1/aabbcc/000E08AABBCC.cfg?sn=FCH1234" },
    { "$F", 1, "http://files.example.com/x.xml" },
    { "http://h/$$A%7C", 1, "http://h/$A%7C" },
    { "http://h/$Q$EXTIP", 1, "http://h/$Q" },
    { "gds://", 1, "gds://" },
    /* what an expansion yields is data */
    { "http://h/$B", 1, "http://h/$C|(x)?[--srv]!" },
    { "$B", 1, "tftp:///$C|(x)?[--srv]!" },
    { "(1=1)?http://h/$B|http://h/b", 1, "http://h/$C|(x)?[--srv]!" },
    { "(\"$B\" = \"$$C|(x)?[--srv]!\")?http://h/a|http://h/b", 1, "http://h/a" },
  };
  g_autoptr (RsRuleAction) action = NULL;

  check (cases, G_N_ELEMENTS (cases), RS_RULE_PROFILE);
  action = evaluate ("  (1=2)?/x | [--srv]https://$SERV/$MA  ", RS_RULE_PROFILE, FALSE, NULL);
  g_assert_cmpstr (action->url_text, ==, "https://$SERV/$MA");
  g_assert_true (action->srv);
}

/* RULE-3, RULE-4 */
static void
test_conditions (void)
{
  static const struct
  {
    const char *condition;
    gboolean holds;
  } cases[] = {
    { "1 = 1", TRUE },
    { "1 = 2", FALSE },
    { "1 != 2", TRUE },
    { "1 ! 2", TRUE },
    { "2 < 10", TRUE },
    { "10 < 2", FALSE },
    { "2 <= 2 and 2 >= 2", TRUE },
    { "3 > 2 AND 3 > 3", FALSE },
    { "1 eq 1 and 1 ne 2 and 1 lt 2 and 1 le 1 and 2 gt 1 and 2 ge 2", TRUE },
    { "$PRVST = -1", TRUE },
    { "$PRVST lt 0", TRUE },
    { "-2 > -3", TRUE },
    { "$PRVTMR > 600", TRUE },
    { "$PRVTMR > 600 and $PRVST ne -1", FALSE },
    { "007 = 7", TRUE },
    { "\"007\" = \"7\"", FALSE },
    { "\"$MA\" eq \"000e08aabbcc\"", TRUE },
    { "\"$MA\" eq \"000E08AABBCC\"", FALSE },
    { "\"$MA\" ne \"$MAU\"", TRUE },
    { "\"$(MA:0:6)\" = \"000e08\"", TRUE },
    { "$PN = \"CP-8851-3PCC\"", TRUE },
    { "\"$CCERT\" eq \"Not Installed\"", TRUE },
    { "\"$EXTIP\" eq \"\"", TRUE },
    { "\"a\\043\\042b\" = \"a#\\042b\"", TRUE },
    { "\"\\044A\" = \"$$A\"", TRUE },
    { "$SWVER > 11.3.1", TRUE },
    { "$SWVER ge 11.3.2", TRUE },
    { "$SWVER eq sip78xx.11-3-2MPP0001-609.loads", TRUE },
    { "$SWVER < 11.4", TRUE },
    { "$SWVER lt 12", TRUE },
    { "$SWVER < 5.1.1(18)", FALSE },
    { "2.0.4(9) < 2.0.4(10)", TRUE },
    /* a missing left side is $SWVER */
    { "> 11.3.1", TRUE },
    { "!11.3.1", TRUE },
    { "lt 11", FALSE },
    { ">=11.0.1 and <12.0.0", TRUE },
    { "=\"$SWVER\"", TRUE },
    /* the rest is not looked at */
    { "1 = 2 and $CCERT = 1", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = g_strdup_printf ("(%s)?/p", cases[i].condition);
      g_autoptr (RsRuleAction) action = evaluate (text, RS_RULE_PROFILE, FALSE, &error);
      g_autoptr (RsRule) trigger = rs_rule_parse (cases[i].condition, RS_RULE_TRIGGER, &error);
      gboolean holds = !cases[i].holds;

      g_assert_no_error (error);
      if (action->skip == cases[i].holds)
        g_error ("%s", cases[i].condition);
      g_assert_true (rs_rule_condition_holds (trigger, &test_macros, &holds, &error));
      g_assert_cmpint (holds, ==, cases[i].holds);
    }
}

/* RULE-3, SCHED-6 */
static void
test_empty_trigger (void)
{
  g_autoptr (RsRule) trigger = rs_rule_parse (" # off", RS_RULE_TRIGGER, NULL);
  g_autoptr (RsRule) bad = rs_rule_parse ("$CCERT > 1", RS_RULE_TRIGGER, NULL);
  g_autoptr (GError) error = NULL;
  gboolean holds = TRUE;

  g_assert_true (rs_rule_condition_holds (trigger, &test_macros, &holds, NULL));
  g_assert_false (holds);
  g_assert_false (rs_rule_condition_holds (bad, &test_macros, &holds, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_RULE);
}

/* RULE-5 */
static void
test_assignments (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRuleAction) action
      = evaluate ("(1=2)?(X=\"no\")!|(1=1)?( GPP_B = \"$MA|$$\\044A\"; User_ID_1_=\"$B\";E = \"\" )![--srv]http://h/p",
                  RS_RULE_PROFILE, FALSE, &error);
  static const char *const expected[][2]
      = { { "GPP_B", "000e08aabbcc|$$A" }, { "User_ID_1_", "$C|(x)?[--srv]!" }, { "E", "" } };

  g_assert_no_error (error);
  g_assert_cmpuint (action->assignments->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const RsRuleAssignment *assignment = g_ptr_array_index (action->assignments, i);

      g_assert_cmpstr (assignment->name, ==, expected[i][0]);
      g_assert_cmpstr (assignment->value, ==, expected[i][1]);
    }
  g_assert_false (action->skip);
}

/* RULE-6, PHONE-3 */
static void
test_options (void)
{
  static const struct
  {
    const char *options;
    const char *key;
    const char *user;
    const char *password;
    const char *post;
    const char *alias;
    gboolean srv;
  } cases[] = {
    { "[--srv]", NULL, NULL, NULL, NULL, NULL, TRUE },
    { "[--key k]", "k", NULL, NULL, NULL, NULL, FALSE },
    { "[--key \"k ] | ( k\" --uid u --pwd p]", "k ] | ( k", "u", "p", NULL, NULL, FALSE },
    { "[--pwd $SA --uid $UID1 --key $(SB:1)x]", "therx", "alice", "s3cret", NULL, NULL, FALSE },
    { "[--post a --alias P --srv]", NULL, NULL, NULL, "A", "P", TRUE },
    { "[--key \\043a\\135]", "#a]", NULL, NULL, NULL, NULL, FALSE },
    { "[--key \"\\043\\042\\134\"]", "#\"\\", NULL, NULL, NULL, NULL, FALSE },
    { "[--key \"a\\b\\9\\12\\400\\\" --uid it's]", "a\\b\\9\\12\\400\\", "it's", NULL, NULL, NULL, FALSE },
    { "[--key \\303\\244\\134043]", "ä\\043", NULL, NULL, NULL, NULL, FALSE },
    { "[--uid \"$EXTIP\"]", NULL, "", NULL, NULL, NULL, FALSE },
    /* an escape makes no macro, not even with what stands beside it */
    { "[--key \\044SA --uid $\\123A --pwd $UID\\061]", "$SA", "$SA", "$UID1", NULL, NULL, FALSE },
    { "[--key $P\\116 --uid $MA\\125 --pwd $$A]", "letter-pN", "000e08aabbccU", "$A", NULL, NULL, FALSE },
    { "[--key $$\\044A --uid $B]", "$$A", "$C|(x)?[--srv]!", NULL, NULL, NULL, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = g_strconcat (cases[i].options, "https://h/p", NULL);
      g_autoptr (RsRuleAction) action = evaluate (text, RS_RULE_PROFILE, TRUE, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (action->url->host, ==, "h");
      g_assert_cmpstr (action->key, ==, cases[i].key);
      g_assert_cmpstr (action->user, ==, cases[i].user);
      g_assert_cmpstr (action->password, ==, cases[i].password);
      g_assert_cmpstr (action->post, ==, cases[i].post);
      g_assert_cmpstr (action->alias, ==, cases[i].alias);
      g_assert_cmpint (action->srv, ==, cases[i].srv);
    }
}

/* RULE-10, PHONE-3 */
static void
test_errors (void)
{
  static const struct
  {
    const char *text;
    gboolean allow_secrets;
    const char *message;
  } cases[] = {
    { "[--key $SA]http://h/p", FALSE, "column 8: found “$SA”, expected no $SA to $SD: only a stored rule" },
    { "[--uid u --pwd \"x$(SB)\"]http://h/p", FALSE, "column 17: found “$(SB)”, expected no $SA to $SD" },
    /* ENC-4 */
    { "[--key \"$EXTIP\"]http://h/p", TRUE, "column 9: found an empty key, expected a key to encrypt or decrypt with" },
    { "[--pwd $SC]http://h/p", TRUE, "column 8: found a control character in what the value expands to, expected printable characters" },
    { "($CCERT = 1)?/p", FALSE, "column 2: found “$CCERT”, which stands for something else, expected an integer or a version; a" },
    { "(1 = $E)?/p", FALSE, "column 6: found “$E”, which stands for something else, expected an integer or a version" },
    { "($PRVST < 1.2.3)?/p", FALSE, "column 2: found “$PRVST”, which stands for something else, expected an integer or a version" },
    { "(-1 < 1.2.3)?/p", FALSE, "column 2: found “-1”, expected an integer or a version, as on the other side" },
    { "(1.2.3 < $MAC)?/p", FALSE, "column 10: found “$MAC”, which stands for something else, expected an integer or a version" },
    /* the column is that of the rule as it was written */
    { "http://h/$G", FALSE, "column 10: found what “$G” stands for, expected the end of the URL: a blank" },
    { " [--srv] http://$MA.h/$(G)/x", FALSE, "column 23: found what “$(G)” stands for, expected the end of the URL: a blank" },
    { "http://$MA.$A:ü/$PN", FALSE, "column 15: found a letter, expected a port" },
    { "(1=1)?http://ü$MA.h/$PN|/x", FALSE, "column 14: found something else, expected a host name" },
    { "http://$MA.h..$A/$PN", FALSE, "column 8: found what “$MA” stands for, expected a host name" },
    { "http://h..$A/$PN", FALSE, "column 8: found something else, expected a host name" },
    { "http://$$x/$PN", FALSE, "column 8: found what “$$” stands for, expected a host name" },
    { "$SCHEME://$SERV:$B$PATH", FALSE, "column 17: found what “$B” stands for, expected a port" },
    { "ftp$E://h/$PN", FALSE, "column 1: found “ftp”, expected tftp://" },
    { "gds://$A", FALSE, "column 7: found what “$A” stands for, expected nothing after gds://" },
    { "http://$(A:0:3)$(A:9):$C$E", FALSE, "column 23: found what “$C” stands for, expected a port" },
    { "http://$E/x", FALSE, NULL },
    { "http://h:$E/x", FALSE, "column 10: found what “$E” stands for, expected a port" },
    { "http://h:$A/x", FALSE, "column 10: found what “$A” stands for, expected a port" },
    { "$E", FALSE, "column 1: found what “$E” stands for, expected a URL" },
    { "[--srv] tftp://h/p", FALSE, "Error - TFTP Scheme not supported in SRV lookups." },
    { "[--srv] $PN.cfg", FALSE, "Error - TFTP Scheme not supported in SRV lookups." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRuleAction) action = evaluate (cases[i].text, RS_RULE_PROFILE, cases[i].allow_secrets, &error);

      if (cases[i].message == NULL)
        {
          g_assert_null (action->url->host);
          continue;
        }
      g_assert_null (action);
      g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_RULE);
      if (!g_str_has_prefix (error->message, cases[i].message))
        g_error ("%s: %s", cases[i].text, error->message);
    }
}

/* DISC-9 */
static void
test_srv (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRuleAction) action = evaluate ("[--srv] http://example.com/$PSN.xml", RS_RULE_PROFILE, FALSE, NULL);
  g_autoptr (RsRuleAction) tftp = evaluate ("[--srv] tftp://example.com/$PSN.xml", RS_RULE_PROFILE, FALSE, &error);

  g_assert_true (action->srv);
  g_assert_null (tftp);
  g_assert_cmpstr (error->message, ==, "Error - TFTP Scheme not supported in SRV lookups.");
}

/* RULE-9 */
static void
test_report (void)
{
  g_autoptr (RsRule) rule = rs_rule_parse ("[--delta --key $SA]http://h/$MA;x; (1=2)?http://h/no|[--status]tftp://h/s;",
                                           RS_RULE_REPORT, NULL);
  const RsRule *next = rs_rule_next (rule);
  g_autoptr (RsRuleAction) first = rs_rule_evaluate (rule, &test_macros, TRUE, NULL);
  g_autoptr (RsRuleAction) second = rs_rule_evaluate (next, &test_macros, TRUE, NULL);
  static const Case upgrade[] = {
    { "(<11.0.1)?http://h/a.loads|(<11.3.2)?http://h/b.loads|(<12)?http://h/c.loads", 3, "http://h/c.loads" },
    { "[--uid u --pwd p]https://h/x.loads;", 1, "https://h/x.loads;" },
  };

  g_assert_true (first->delta);
  g_assert_false (first->status);
  g_assert_cmpstr (first->key, ==, "s3cret");
  g_assert_cmpstr (first->url->path, ==, "/000e08aabbcc;x");
  g_assert_false (second->delta);
  g_assert_true (second->status);
  g_assert_cmpuint (second->alternative, ==, 2);
  g_assert_cmpstr (second->url->path, ==, "/s");
  g_assert_null (rs_rule_next (next));
  check (upgrade, G_N_ELEMENTS (upgrade), RS_RULE_UPGRADE);
}

/* Any bytes: a rule or an error, and evaluation the same; the language's own characters, so that they meet in every
 * order. (RULE-10) */
static void
test_noise (void)
{
  static const char *const words[] = {
    "(",       ")",  "?",     "!",     "|",      "[", "]", "\"",     "\\",           "\\043", " ", "$",   "$A", "$SA",
    "$(",      ":1", "--key", "--srv", "--post", "a", "=", "<",      "and",          "eq",    "1", "1.2", ";",  "#",
    "http://", "h/", "@",     "\xff",  "\x01",   "ä", "%", "gds://", "tftp://[::1]",
  };
  guint parsed = 0;

  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (RsRule) rule = NULL;
      g_autoptr (RsRuleAction) action = NULL;
      g_autoptr (GError) error = NULL;

      for (gint n = g_test_rand_int_range (0, 12); n > 0; n--)
        g_string_append (text, words[g_test_rand_int_range (0, G_N_ELEMENTS (words))]);
      rule = rs_rule_parse (text->str, (RsRuleKind)g_test_rand_int_range (0, RS_RULE_TRIGGER + 1), &error);
      g_assert_true ((rule == NULL) == (error != NULL));
      if (rule == NULL)
        continue;
      parsed++;
      action = rs_rule_evaluate (rule, &test_macros, FALSE, &error);
      g_assert_true ((action == NULL) == (error != NULL));
    }
  g_assert_cmpuint (parsed, >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/evaluate/alternatives", test_alternatives);
  g_test_add_func ("/rule/evaluate/urls", test_urls);
  g_test_add_func ("/rule/evaluate/conditions", test_conditions);
  g_test_add_func ("/rule/evaluate/empty-trigger", test_empty_trigger);
  g_test_add_func ("/rule/evaluate/assignments", test_assignments);
  g_test_add_func ("/rule/evaluate/options", test_options);
  g_test_add_func ("/rule/evaluate/errors", test_errors);
  g_test_add_func ("/rule/evaluate/srv", test_srv);
  g_test_add_func ("/rule/evaluate/report", test_report);
  g_test_add_func ("/rule/evaluate/noise", test_noise);
  return g_test_run ();
}
