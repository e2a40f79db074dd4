/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Alias maps: elements of any XML that stand for parameters. */
#include "support.h"

#include "base/error.h"
#include "params/alias.h"

#include <string.h>

/* "Name=value Name=value" of a good profile. */
static char *
read_with (const char *map,
           const char *xml)
{
  const RsProfileOptions options = { .alias_map = map };
  g_autoptr (GBytes) bytes = g_bytes_new_static (xml, strlen (xml));
  g_autoptr (GError) error = NULL;
  g_autoptr (RsProfile) profile = rs_profile_read (bytes, &options, NULL, NULL, &error);
  g_autoptr (GString) out = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < profile->assignments->len; i++)
    {
      const RsAssignment *assignment = g_ptr_array_index (profile->assignments, i);

      g_string_append_printf (out, "%s%s=%s", i > 0 ? " " : "", assignment->name, assignment->value != NULL ? assignment->value : "");
    }
  return g_strdup (out->str);
}

/* PROF-10 */
static void
test_read (void)
{
  static const struct
  {
    const char *map, *xml, *want;
  } table[] = {
    /* a path is the tail of an element's */
    { "/lan/ip = /flat-profile/GPP_A ;", "<router><lan><ip>1</ip></lan><wan><ip>2</ip></wan></router>", "GPP_A=1" },
    { "/ip=/flat-profile/GPP_A", "<router><lan><ip>1</ip></lan><wan><ip>2</ip></wan></router>", "GPP_A=1 GPP_A=2" },
    { "/router/wan/ip = /flat-profile/GPP_A;", "<router><lan><ip>1</ip></lan><wan><ip>2</ip></wan></router>", "GPP_A=2" },
    { "/a/router/ip = /flat-profile/GPP_A;/ip=/flat-profile/GPP_B;", "<router><ip>1</ip></router>", "GPP_B=1" },
    /* canonical elements in the same file still apply */
    { "/name = /flat-profile/Station_Name ;\n/key = /flat-profile/GPP_SA ;",
      "<device><name>desk</name><flat-profile><GPP_B>x</GPP_B></flat-profile><key>k</key></device>", "Station_Name=desk GPP_B=x GPP_SA=k" },
    /* also in the place of a parameter, and below one that is passed over */
    { "/flat-profile/Own = /flat-profile/GPP_A ;", "<flat-profile><Own>1</Own><GPP_C>2</GPP_C></flat-profile>", "GPP_A=1 GPP_C=2" },
    { "/deep/er = /flat-profile/GPP_A ;", "<flat-profile><GPP_C>2<deep><er>1</er></deep></GPP_C></flat-profile>", "GPP_A=1" },
    { "/b = /flat-profile/GPP_A ;", "<a><b ua=\"ro\"> x\ny </b><b/></a>", "GPP_A=x y GPP_A=" },
    /* the first pair counts; a name that is longer than the elements */
    { "/b=/flat-profile/GPP_A;/b=/flat-profile/GPP_B;", "<a><b>1</b></a>", "GPP_A=1" },
    { "/b=/flat-profile/A_name_that_is_much_longer_than_the_element;", "<a><b></b></a>", "A_name_that_is_much_longer_than_the_element=" },
    { "", "<flat-profile><GPP_B>x</GPP_B></flat-profile>", "GPP_B=x" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *got = read_with (table[i].map, table[i].xml);

      g_assert_cmpstr (got, ==, table[i].want);
    }
}

/* PROF-10: XML in which neither stands is no profile */
static void
test_nothing (void)
{
  const RsProfileOptions options = { .alias_map = "/lan/ip = /flat-profile/GPP_A ;" };
  g_autofree char *message = read_corrupt (TEXT ("<router><ip>1</ip></router>"), &options, NULL, NULL);

  g_assert_nonnull (strstr (message, "without a <flat-profile> and without an element of the alias map"));
}

/* PROF-10: at most 30 pairs, each of them whole */
static void
test_bad_maps (void)
{
  static const struct
  {
    const char *map, *part;
  } table[] = {
    { ";", "pair 1" },
    { "x", "The alias map, pair 1 (line 1, column 1): expected “/path" },
    { "/a /flat-profile/B", "pair 1" },
    { "/a = B", "pair 1 (line 1, column 6): expected /flat-profile/Name" },
    { "/a = /flat-profile/", "/flat-profile/Name" },
    { "/a = /flat-profile/B C", "/flat-profile/Name" },
    { "/a = /flat-profile/B; ; /c = /flat-profile/D;", "pair 2" },
    { "a = /flat-profile/B", "pair 1 (line 1, column 1): expected a path" },
    { "/ = /flat-profile/B", "path" },
    { "/a//b = /flat-profile/B", "path" },
    { "/a/ = /flat-profile/B", "path" },
    { "/a b = /flat-profile/B", "path" },
    /* all of them, up to a bound */
    { "/\303\274 = B; /b = /flat-profile/B;\n x", "pair 1 (line 1, column 6): expected /flat-profile/Name on the right side; pair 3 (line 2, column 2): expected “/path" },
    { "/a = /flat-profile/B; x; x; x; x; x; x; x;", "pair 6 (line 1, column 35): expected “/path/to/element = /flat-profile/Name ;”; and 2 more" },
  };
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (RsAliases) good = NULL, bad = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) fault = NULL;
      g_autoptr (RsAliases) aliases = rs_aliases_parse (table[i].map, &fault);

      g_assert_null (aliases);
      g_assert_error (fault, RS_ERROR, RS_ERROR_INVALID_VALUE);
      g_assert_nonnull (strstr (fault->message, table[i].part));
    }
  for (guint i = 0; i < RS_ALIASES_MAX; i++)
    g_string_append_printf (many, "/a%u = /flat-profile/B%u;", i, i);
  good = rs_aliases_parse (many->str, &error);
  g_assert_no_error (error);
  g_assert_nonnull (good);
  g_string_append (many, "/c = /flat-profile/D");
  bad = rs_aliases_parse (many->str, &error);
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE);
  g_assert_nonnull (strstr (error->message, "pair 31 (line 1, column 731): expected no more than 30"));
  g_assert_null (bad);
}

/* PROF-10: at a desk each pair is told by itself, with the place of its fault or its name */
static void
test_list (void)
{
  static const struct
  {
    guint character;
    const char *name, *expected;
  } want[] = {
    { 22, "GPP_A", NULL },
    { 31, NULL, "“/path/to/element = /flat-profile/Name ;”" },
    { 43, NULL, "/flat-profile/Name on the right side" },
    { 49, NULL, "a path" },
    { 73, NULL, "“/path/to/element" },
    { 91, "Own", NULL },
  };
  g_autoptr (GArray) all = rs_aliases_list ("/\303\274/b = /flat-profile/GPP_A;\n  nothing; /c=Name; x/y=/flat-profile/GPP_B;;/z=/flat-profile/Own ; ");
  g_autoptr (GArray) none = rs_aliases_list (""), many = NULL;
  g_autoptr (GString) pairs = g_string_new (NULL);

  g_assert_cmpuint (all->len, ==, G_N_ELEMENTS (want));
  for (guint i = 0; i < all->len; i++)
    {
      const RsAliasPair *alias = &g_array_index (all, RsAliasPair, i);

      g_test_message ("%u: %u %s %s", i, alias->character, alias->name, alias->expected);
      g_assert_cmpuint (alias->number, ==, i + 1);
      g_assert_cmpuint (alias->character, ==, want[i].character);
      g_assert_cmpstr (alias->name, ==, want[i].name);
      g_assert_true (want[i].expected != NULL ? g_str_has_prefix (alias->expected, want[i].expected) : alias->expected == NULL);
    }
  g_assert_cmpuint (none->len, ==, 1);
  for (guint i = 0; i < 2 * RS_ALIASES_MAX; i++)
    g_string_append (pairs, "/a=/flat-profile/B;");
  many = rs_aliases_list (pairs->str);
  g_assert_cmpuint (many->len, ==, RS_ALIASES_MAX + 1);
  g_assert_cmpstr (g_array_index (many, RsAliasPair, RS_ALIASES_MAX).expected, ==, "no more than 30 pairs");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/alias/read", test_read);
  g_test_add_func ("/profile/alias/nothing", test_nothing);
  g_test_add_func ("/profile/alias/bad-maps", test_bad_maps);
  g_test_add_func ("/profile/alias/list", test_list);
  return g_test_run ();
}
