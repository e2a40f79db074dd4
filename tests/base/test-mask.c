/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may be shown of URLs and rules. */
#include "base/mask.h"

#include <string.h>

typedef struct
{
  const char *text;
  const char *shown; /* NULL: as it is */
} Case;

static void
check (const Case *cases, gsize n, char *(*mask) (const char *))
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *shown = mask (cases[i].text);

      g_assert_cmpstr (shown, ==, cases[i].shown != NULL ? cases[i].shown : cases[i].text);
    }
}

/* STORE-3 */
static void
test_url (void)
{
  static const Case cases[] = {
    { "", NULL },
    { "/CP-8851.cfg", NULL },
    { "$PN.cfg", NULL },
    { "tftp://192.0.2.1/$MA.cfg", NULL },
    { "https://ps.example.com:8443/a/b.xml", NULL },
    { "https://[2001:db8::1]:8443/a", NULL },
    { "$SCHEME://$SERV:$PORT/$(MA:3:2).cfg", NULL },
    { "http://$(SERV)/x", NULL },
    { "gds://", NULL },
    { "http://joe:pw@h/p", "http://h/p" },
    { "http://joe@h:81/p", "http://h:81/p" },
    { "http://joe:p@w@h/p", "http://h/p" },
    { "http://$UID1:$A@h/p", "http://h/p" },
    { "http://joe:pw@[::1]/p", "http://[::1]/p" },
    { "http://h/p?token=abc", "http://h/p?…" },
    { "http://h/p?a;b=\"c'd|e", "http://h/p?…" },
    { "http://h?token", "http://h?…" },
    { "http://h/p#token", "http://h/p?…" },
    { "http://joe#pw@h/p", "http://•••?…" },
    { "http://joe?pw@h/p", "http://•••?…" },
    { "http://joe:pw@h/p?token@x/", "http://h/p?…" },
    { "http://h/p?u=http://joe:pw@x/", "http://h/p?…" },
    /* no URLs, but somebody meant one */
    { "http://joe:pw/d@h/p", "http://•••@h/p" },
    { "http://joe:1/d@h/p", "http://•••@h/p" },
    { "http://joe:pw", "http://•••" },
    { "http://joe:pw/p", "http://•••/p" },
    { "http:/joe:pw@h/p", "•••@h/p" },
    { "http//joe:pw@h/p", "•••@h/p" },
    { "joe:pw@h/p", "h/p" },
    { "joe:pw/p", "•••/p" },
    { "http://joe:p w@h/p", "http://h/p" },
    { "http://h/p pw", "http://h/p •••" },
    { "http://h/\x1b[2Jp\xff", "http://h/\\x1b[2Jp\\xff" },
    { "http://joe:p\"w@h/p", "http://h/p" },
  };
  g_autofree char *none = rs_mask_url (NULL);
  g_autofree char *filled = g_strnfill (600, 'a'), *shown = rs_mask_url (filled);

  check (cases, G_N_ELEMENTS (cases), rs_mask_url);
  g_assert_cmpstr (none, ==, "");
  g_assert_true (g_str_has_suffix (shown, "a…"));
  g_assert_cmpuint (strlen (shown), ==, 512 + strlen ("…"));
}

/* STORE-3 */
static void
test_rule (void)
{
  static const Case cases[] = {
    { "", NULL },
    { "/$PN.cfg", NULL },
    { "gds://", NULL },
    { "[--srv] https://example.com/$PSN.xml", NULL },
    { "[--srv --post a --alias B]http://h/p", NULL },
    { "[--delta]http://a/x; [ --status ]http://b/y;", NULL },
    { "(\"$EXTIP\" eq \"10.0.0.1\" and $SWVER >= 11.0.1(5) and \"$PN\" != \"CP-8851\")? http://h/a | /$PN.cfg", NULL },
    { "(< sip88xx.11-3-2MPP0001-609.loads)?http://h/a|(!2.0)?http://h/b", NULL },
    { "$PRVTMR > 600 and \"$A\" ne \"x\" AND $PRVST eq -1", NULL },
    { "# comment", NULL },
    { "[--key abc]http://h/p", "[--key •••]http://h/p" },
    { "[--key \"a b]c|d\" --uid joe --pwd $SA --srv]http://h/p?q",
      "[--key ••• --uid ••• --pwd ••• --srv]http://h/p?…" },
    { "[--key\t\"\\043\\042\\135\"]http://h/p", "[--key •••]http://h/p" },
    { "[--key \\101\\040bc]http://h/p", "[--key •••]http://h/p" },
    { "[--key a|b]http://h/p", "[--key •••]http://h/p" },
    { "[--key a\"b --uid c\"d]http://h/p", "[--key ••• --uid •••]http://h/p" },
    { "[--key 'ab' --srv]/p", "[--key ••• --srv]/p" },
    { "[--post a --key k --alias b]/p", "[--post a --key ••• --alias b]/p" },
    { "(\"$A\" eq \"1\")?[--key k]http://u:p@h/p?q|[--pwd w]http://u:p@i/p?q",
      "(\"$A\" eq \"1\")?[--key •••]http://h/p?…|[--pwd •••]http://i/p?…" },
    { "(Name = \"value; x\"; Admin_Password=\"pw)\";)!http://h/p",
      "(Name = \"•••\"; Admin_Password= \"•••\";)!http://h/p" },
    { "($A = 1)?( X = \"[--key k]\" )! /p", "($A = 1)?( X = \"•••\")! /p" },
    { "(\"$A\" eq \"http://u:p@h/\")?/p", "(\"$A\" eq \"•••\")?/p" },
    { "[--uid u]http://a/x?q; [--status --pwd w]http://b/y?r;",
      "[--uid •••]http://a/x?… [--status --pwd •••]http://b/y?…" },
    { "http://a/x?q http://b/y?r", "http://a/x?… http://b/y?…" },
    { "http://u:p@[2001:db8::1]/p?a[]=1&b[--x]=2", "http://[2001:db8::1]/p?…" },
    { "#[--key abc]http://u:p@h/p?q", "#[--key •••]http://h/p?…" },
    { "http://h/a;b?c;d", "http://h/a;b?…" },
    { "/a\tb\n", "/a •••\\x0a" },
  };
  g_autofree char *none = rs_mask_rule (NULL);

  check (cases, G_N_ELEMENTS (cases), rs_mask_rule);
  g_assert_cmpstr (none, ==, "");
}

static const char *const malformed[] = {
  /* accounts */
  "http://u-hunter2[-&SN:x@h/p",
  "http://hunter2[1:x@h/p?q",
  /* options */
  "[--key hunter2",
  "[--key \"hunter2]http://h/p",
  "[--key \"a\\\"hunter2]\" --srv]http://h/p",
  "[--key \"a\\\" --uid \"x](hunter2|hunter2\"]http://h/p",
  "[--key \"a\"hunter2]http://h/p",
  "[--key 'a hunter2]http://h/p",
  "[--key my hunter2 key]http://h/p",
  "[--key=hunter2]http://h/p",
  "[--key = hunter2]http://h/p",
  "[--keyhunter2]http://h/p",
  "[--KEY hunter2]http://h/p",
  "[-key hunter2]http://h/p",
  "[key hunter2]http://h/p",
  "[\xe2\x80\x93key hunter2]http://h/p",
  "[\xe2\x80\x94pwd \"hunter2\"]http://h/p",
  "[ --key hunter2 ]http://h/p",
  "[--key --uid hunter2]http://h/p",
  "[--post hunter2]http://h/p",
  "[--srvhunter2]http://h/p",
  "[--srv=hunter2]http://h/p",
  "[--unknown hunter2]http://h/p",
  "[\"--key\" hunter2]http://h/p",
  "[hunter2]http://h/p",
  "[--key a]hunter2]http://h/p",
  "[--key a hunter2|b]http://h/p",
  "[--srv][--key hunter2]http://h/p",
  "--key hunter2 http://h/p",
  "--key \"hunter2\"]http://h/p",
  "(--key hunter2)http://h/p",
  "(--key hunter2)?http://h/p",
  "(--pwd \"hunter2\")!http://h/p",
  "http://h/p [--key hunter2]",
  "http://h/p[--key hunter2]",
  "a[--srp?b]c[--srv]hunter2/d",
  "http://h/p[\xe2\x80\x93key hunter2]",
  "http://h/p --key hunter2",
  "http://h/p--key hunter2",
  "/p | [--key hunter2]http://h/p",
  "/p | --pwd hunter2",
  "http://h/p (--key hunter2)",
  "$A --uid hunter2",
  "$PRVST = 1 --uid hunter2",
  /* groups */
  "(\"$A\" eq \"1\" [--key hunter2]http://h/p",
  "(X = \"hunter2\";)! http://h/p",
  "(X = hunter2;)! http://h/p",
  "(X = \"a\" hunter2;)! http://h/p",
  "(X hunter2;)! http://h/p",
  "(X = \"a\"; hunter2)! http://h/p",
  "(X = \"hunter2\";) http://h/p",
  "(X = \"hunter2\";)? http://h/p",
  "( hunter2 )? http://h/p",
  "(\"a\" eq \"http://h/?hunter2\")? http://h/p",
  "(\"a\" eq \"hunter2@h\")? http://h/p",
  /* userinfo and query */
  "http://joe:hunter2@h/p",
  "http://hunter2@h/p",
  "http://joe:hunter2",
  "http://joe:hunter2/@h/p",
  "http://joe:/hunter2@h/p",
  "http://joe:hun ter2@h/p hunter2",
  "http://joe:x hunter2@h/p",
  "http://joe:x|hunter2@h/p",
  "http://joe:x[hunter2@h/p",
  "http://joe:x]hunter2@h/p",
  "http://joe:x;hunter2@h/p",
  "http://joe:x\"hunter2\"@h/p",
  "http://joe:x?hunter2@h/p",
  "http://joe:x#hunter2@h/p",
  "http:///joe:hunter2@h/p",
  "http:joe:hunter2@h/p",
  "joe:hunter2@h",
  "joe:hunter2 http://h/p",
  "http://h/p?hunter2",
  "http://h/p?a hunter2",
  "http://h/p?a|hunter2",
  "http://h/p?a;hunter2",
  "http://h/p?a\"hunter2",
  "http://h/p?a'hunter2",
  "http://h/p?a]hunter2",
  "http://h/p?a[x]hunter2",
  "http://h/p?a (hunter2)",
  "http://h/p?a=http://joe:hunter2@h/",
  "/p?hunter2",
  "p?hunter2",
  "$A?k=hunter2",
  "$A?123=$PN hunter2",
  "?hunter2",
  "(1 = 1)? ?hunter2",
  "($PRVTMR > 1 ? http://joe:hunter2@h/",
  "$PRVTMR > 1 ? http://joe:hunter2@h/",
  "# http://joe:hunter2@h/p?hunter2",
  "##[--key hunter2",
  "\x01[--key hunter2]\x02/p",
  "\xff[--key hunter2\xff]/p",
  "[\v--key hunter2]/p",
  "[--key\vhunter2]/p",
  "[--key a\v hunter2]/p",
  "[\v]/p?hunter2",
};

/* Whatever is wrong with a rule, "hunter2" is not shown. (STORE-3) */
static void
test_malformed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_autofree char *shown = rs_mask_rule (malformed[i]);

      if (strstr (shown, "hunter2") != NULL)
        g_error ("%s is shown as %s", malformed[i], shown);
      g_assert_true (g_utf8_validate (shown, -1, NULL));
    }
}

/* Cuts a rule at every place and swaps characters of it: the words that are secret in the whole never appear. (STORE-3)
 */
static void
test_mutations (void)
{
  static const char rule[]
      = "(\"$A\" eq \"x\")?(N = \"hunter2\";)![--key \"hunter2\" --uid hunter2 --srv]https://joe:hunter2@h:1/p?hunter2";
  static const char swaps[] = "\"'\\ ()[]|?!@:/=-#;$x";
  guint changed = 0;

  for (gsize i = 0; rule[i] != '\0'; i++)
    {
      for (gsize j = 0; swaps[j] != '\0'; j++)
        {
          g_autofree char *text = g_strdup (rule), *shown = NULL;

          text[i] = swaps[j];
          /* without its "?" the query is a path */
          if (&rule[i] == strrchr (rule, '?'))
            text[i] = '?';
          shown = rs_mask_rule (text);
          if (strstr (shown, "hunter2") != NULL)
            g_error ("%s is shown as %s", text, shown);
          changed++;
        }
    }
  for (gsize i = 0; &rule[i] < strrchr (rule, '?'); i++)
    {
      g_autofree char *text = g_strdup_printf ("%.*s%s", (int)i, rule, rule + i + 1), *shown = rs_mask_rule (text);

      if (strstr (shown, "hunter2") != NULL)
        g_error ("%s is shown as %s", text, shown);
    }
  for (gsize i = 0; rule[i] != '\0'; i++)
    {
      g_autofree char *text = g_strndup (rule, i), *shown = rs_mask_rule (text);
      g_autofree char *tail = rs_mask_rule (rule + i);

      if (strstr (shown, "hunter2") != NULL)
        g_error ("%s is shown as %s", text, shown);
      g_assert_true (g_utf8_validate (tail, -1, NULL));
    }
  g_assert_cmpuint (changed, ==, strlen (rule) * strlen (swaps));
}

/* STORE-3 */
static void
test_length (void)
{
  g_autofree char *filled = g_strnfill (16 * 1024, 'a'), *longer = g_strnfill (16 * 1024 + 1, 'a');
  g_autofree char *shown = rs_mask_rule (filled), *hidden = rs_mask_rule (longer);

  g_assert_cmpstr (shown, ==, filled);
  g_assert_cmpstr (hidden, ==, RS_MASK);
}

/* STORE-3 */
static void
test_is_masked (void)
{
  g_autofree char *rule = rs_mask_rule ("[--key abc]/p");

  g_assert_true (rs_mask_is_masked (rule));
  g_assert_true (rs_mask_is_masked (RS_MASK));
  g_assert_false (rs_mask_is_masked ("••"));
  g_assert_false (rs_mask_is_masked (""));
  g_assert_false (rs_mask_is_masked (NULL));
}

/* STORE-3: accounts, queries and named secrets in texts of any kind, and what only looks like them */
static void
test_text (void)
{
  static const Case cases[] = {
    { "", NULL },
    { "plain text, with a comma: and a colon", NULL },
    { "https://h:8443/x", NULL },
    { "http://192.0.2.1;http://192.0.2.2;tftp://192.0.2.3", NULL },
    { "sip:alice@example.com", NULL },
    { "fnc=sd;ext=sips:alice@example.com;nme=Alice", NULL },
    { "Jo <jo@example.com>", NULL },
    { "fnc=blf;author=x;monkey=y;compass=n", NULL },
    { "password=", NULL },
    { "the key is = none", NULL },
    { "a\nb", NULL },
    { "http://joe:pw@h/x", "http://h/x" },
    { "joe:pw@h:3128", "h:3128" },
    { "sip:joe:pw@h", "h" },
    { "http://a/;http://joe:p;w@b/", "http://" RS_MASK "@b/" },
    { "https://h/x?a=b", "https://h/x?…" },
    { "/x?key=abc", "/x?…" },
    { "mac=$MA&key=abc", RS_MASK },
    { "user=joe;userPass=abc", RS_MASK },
    { "X-Auth-Token=abc", RS_MASK },
    { "pw=abc", RS_MASK },
    { "a=b\napi_key=abc", RS_MASK },
  };

  check (cases, G_N_ELEMENTS (cases), rs_mask_text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/mask/url", test_url);
  g_test_add_func ("/base/mask/text", test_text);
  g_test_add_func ("/base/mask/rule", test_rule);
  g_test_add_func ("/base/mask/malformed", test_malformed);
  g_test_add_func ("/base/mask/mutations", test_mutations);
  g_test_add_func ("/base/mask/length", test_length);
  g_test_add_func ("/base/mask/is-masked", test_is_masked);
  return g_test_run ();
}
