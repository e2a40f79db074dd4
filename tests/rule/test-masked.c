/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Masking and grammar agree: what a rule that parses uses as a key, an account or a query is not shown. */
#include "rule/rule.h"

#include "base/mask.h"
#include "macros.h"

#define SECRET "hunter2"

static gboolean
holds_secret (const char *text)
{
  return text != NULL && strstr (text, SECRET) != NULL;
}

static gboolean
is_secret_in (const RsRuleAction *action)
{
  const char *query = action->url != NULL ? strpbrk (action->url->path, "?#") : NULL;

  for (guint i = 0; i < action->assignments->len; i++)
    {
      const RsRuleAssignment *assignment = g_ptr_array_index (action->assignments, i);

      if (holds_secret (assignment->value))
        return TRUE;
    }
  return holds_secret (action->key) || holds_secret (action->user) || holds_secret (action->password)
         || (action->url != NULL && (holds_secret (action->url->user) || holds_secret (action->url->password)))
         || holds_secret (query);
}

/* Pieces in random order, most of them near to a rule, with the secret in one of them. */
static char *
make_rule (void)
{
  static const char *const starts[]
      = { "", "", "", " ", "#", "(1=1)?", "(1=2)?/a|", "($PRVST = -1)?", "(\"a\"=\"a|)?\")?" };
  static const char *const groups[] = { "", "", "(A=\"%s\";)!", "( A = \"x;%s\" ; B=\"\")!", "(A=\"(%s\")!" };
  static const char *const options[] = {
    "",
    "",
    "[--key %s]",
    "[ --srv --uid \"%s\" ]",
    "[--pwd x%sy --post a]",
    "[--key \"a ] | ( %s\"]",
    "[--key \"a\\\" --uid \"%s\"]",
    "[--key 'a --pwd \"'%s\"]",
    "[--uid a|%s]",
    "[--key \\042 --pwd (%s]",
    "[--key \"\\\" --pwd \"x](%s|y\"]",
    "[--uid [%s]",
    "[--key a[b --pwd %s]",
  };
  static const char *const urls[] = {
    "http://h/p",
    "http://h/?%s",
    "http://u:%s@h/p",
    "http://%s@h",
    "https://$SERV:$PORT/?a=%s&b",
    "/p?[x]%s",
    "p?(%s)",
    "http://h/p?\"%s",
    "http://h/]p?]%s",
    "http://u:a@%s@h/p",
    "http://u:a;%s@[::1]/",
    "p?;%s;",
    "http://u[:%s]@h/p",
    "http://u:(%s@h/p",
    "http://u--key:%s@h/p",
    "http://h/p#%s",
    "http://u:'%s@h/(p)",
    "//h/?%s",
  };
  const char *const pieces[] = {
    starts[g_test_rand_int_range (0, G_N_ELEMENTS (starts))],
    groups[g_test_rand_int_range (0, G_N_ELEMENTS (groups))],
    options[g_test_rand_int_range (0, G_N_ELEMENTS (options))],
    urls[g_test_rand_int_range (0, G_N_ELEMENTS (urls))],
    g_test_rand_bit () ? "" : " | ",
  };
  GString *rule = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    g_string_append (rule, pieces[i]);
  g_string_replace (rule, "%s", SECRET, 0);
  return g_string_free (rule, FALSE);
}

/* STORE-3 */
static void
test_agree (void)
{
  guint secrets = 0;

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *text = make_rule (), *shown = NULL;
      g_autoptr (RsRule) rule = rs_rule_parse (text, RS_RULE_PROFILE, NULL);
      g_autoptr (RsRuleAction) action = rule != NULL ? rs_rule_evaluate (rule, &test_macros, TRUE, NULL) : NULL;

      shown = rs_mask_rule (text);
      if (strstr (shown, SECRET) != NULL)
        g_error ("%s is shown as %s", text, shown);
      secrets += action != NULL && is_secret_in (action);
    }
  g_assert_cmpuint (secrets, >, 1000);
}

/* What holds no secret is shown as it is, and a masked rule, masked again, stays. (STORE-3) */
static void
test_plain (void)
{
  static const char *const cases[] = {
    "/$PN.cfg",
    "[--srv] https://example.com/$PSN.xml",
    "(\"$EXTIP\" eq \"10.0.0.1\" and < 12.0(3))? [--srv --alias a] http://$SERV:$PORT/$(MA:0:6).xml | "
    "192.168.1.130/init.cfg",
    "gds://",
    "https://[2001:db8::1]:8443/a%7Cb",
    "[--key •••]http://h/p?…",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = rs_mask_rule (cases[i]);

      g_assert_cmpstr (shown, ==, cases[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/masked/agree", test_agree);
  g_test_add_func ("/rule/masked/plain", test_plain);
  return g_test_run ();
}
