/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where an unprovisioned phone looks, in which order, and what it leaves out. */
#include "plan/candidates.h"

#include <string.h>

#define SECONDS(n) ((gint64) (n) * G_USEC_PER_SEC)

static const char *const two_paths[] = { "/$PN.cfg", "/Cisco/$MA.cfg", NULL };

static const char *
macro (const char *name,
       gpointer    data)
{
  if (strcmp (name, "PN") == 0)
    return "CP-8851";
  if (strcmp (name, "MA") == 0)
    return "000e08aabbcc";
  if (strcmp (name, "A") == 0)
    return "files.example.com";
  if (strcmp (name, "B") == 0)
    return "bad host";
  if (strcmp (name, "SA") == 0)
    return "secret";
  return NULL;
}

static const RsMacros macros = { macro, NULL };

/* Everything there is to try while every server says that it has no such file. */
static char *
try_all (RsCandidates *candidates)
{
  g_autoptr (GString) all = g_string_new (NULL);
  for (;;)
    {
      g_autoptr (RsCandidate) candidate = rs_candidates_next (candidates, SECONDS (1));
      if (candidate == NULL)
        return g_string_free (g_steal_pointer (&all), FALSE);
      g_autofree char *url = rs_url_to_string (candidate->url);
      g_string_append_printf (all, "%s%s", all->len > 0 ? " " : "", url);
      rs_candidates_report (candidates, RS_TRY_FAILED);
    }
}

/* DISC-4 PHONE-5 */
static void
test_kinds (void)
{
  static const struct
  {
    RsCandidateKind kind;
    const char *text;
    const char *urls;
  } cases[] = {
    { RS_CANDIDATE_URL, "http://h/p.xml",
      "http://h/p.xml http://h/p.xml/CP-8851.cfg http://h/p.xml/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_URL, "https://h:8443/phones/",
      "https://h:8443/phones/ https://h:8443/phones/CP-8851.cfg https://h:8443/phones/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_URL, "https://h/phones//",
      "https://h/phones// https://h/phones/CP-8851.cfg https://h/phones/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_URL, "tftp://192.0.2.1/$PN.cfg",
      "tftp://192.0.2.1/CP-8851.cfg tftp://192.0.2.1/CP-8851.cfg/CP-8851.cfg "
      "tftp://192.0.2.1/CP-8851.cfg/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_URL, "http://h/get?m=$MA",
      "http://h/get?m=000e08aabbcc http://h/get/CP-8851.cfg?m=000e08aabbcc "
      "http://h/get/Cisco/000e08aabbcc.cfg?m=000e08aabbcc" },
    { RS_CANDIDATE_URL, "http://h?u=/a/b",
      "http://h/?u=/a/b http://h/CP-8851.cfg?u=/a/b http://h/Cisco/000e08aabbcc.cfg?u=/a/b" },
    { RS_CANDIDATE_URL, "http://h/", "http://h/CP-8851.cfg http://h/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_URL, "http://h", "http://h/CP-8851.cfg http://h/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_URL, "h/dir", "tftp://h/dir tftp://h/dir/CP-8851.cfg tftp://h/dir/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_URL, "http://$A/$$x",
      "http://files.example.com/$x http://files.example.com/$x/CP-8851.cfg "
      "http://files.example.com/$x/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_BASE, "http://h", "http://h/CP-8851.cfg http://h/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_BASE, "http://h/", "http://h/CP-8851.cfg http://h/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_BASE, "https://[2001:db8::5]:8443",
      "https://[2001:db8::5]:8443/CP-8851.cfg https://[2001:db8::5]:8443/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_HOST, "h",
      "tftp://h/CP-8851.cfg tftp://h/Cisco/000e08aabbcc.cfg http://h/CP-8851.cfg http://h/Cisco/000e08aabbcc.cfg "
      "https://h/CP-8851.cfg https://h/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_HOST, "192.0.2.1:8080",
      "tftp://192.0.2.1:8080/CP-8851.cfg tftp://192.0.2.1:8080/Cisco/000e08aabbcc.cfg "
      "http://192.0.2.1:8080/CP-8851.cfg http://192.0.2.1:8080/Cisco/000e08aabbcc.cfg "
      "https://192.0.2.1:8080/CP-8851.cfg https://192.0.2.1:8080/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_HOST, "[2001:db8::5]",
      "tftp://[2001:db8::5]/CP-8851.cfg tftp://[2001:db8::5]/Cisco/000e08aabbcc.cfg http://[2001:db8::5]/CP-8851.cfg "
      "http://[2001:db8::5]/Cisco/000e08aabbcc.cfg https://[2001:db8::5]/CP-8851.cfg "
      "https://[2001:db8::5]/Cisco/000e08aabbcc.cfg" },
    { RS_CANDIDATE_HOST, "$A",
      "tftp://files.example.com/CP-8851.cfg tftp://files.example.com/Cisco/000e08aabbcc.cfg "
      "http://files.example.com/CP-8851.cfg http://files.example.com/Cisco/000e08aabbcc.cfg "
      "https://files.example.com/CP-8851.cfg https://files.example.com/Cisco/000e08aabbcc.cfg" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsCandidates) candidates = rs_candidates_new (two_paths, &macros, SECONDS (60));
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_test_message ("%s", cases[i].text);
      g_assert_true (rs_candidates_add (candidates, "dhcp-66", cases[i].kind, cases[i].text, warnings));
      g_assert_cmpuint (warnings->len, ==, 0);
      g_autofree char *urls = try_all (candidates);
      g_assert_cmpstr (urls, ==, cases[i].urls);
    }
}

/* DISC-4 DISC-5 PHONE-3 STORE-3 */
static void
test_refused (void)
{
  static const struct
  {
    RsCandidateKind kind;
    const char *text;
  } cases[] = {
    { RS_CANDIDATE_URL, "gds://" },
    { RS_CANDIDATE_URL, "http:///p" },
    { RS_CANDIDATE_URL, "http://h/a b" },
    { RS_CANDIDATE_URL, "http://h:0/p" },
    { RS_CANDIDATE_URL, "http://h:99999/p" },
    { RS_CANDIDATE_URL, "ftp://h/p" },
    { RS_CANDIDATE_URL, "http://h/\001" },
    { RS_CANDIDATE_URL, "http://h/$SA.xml" },
    { RS_CANDIDATE_URL, "http://$B/p" },
    { RS_CANDIDATE_BASE, "http://" },
    { RS_CANDIDATE_BASE, "" },
    { RS_CANDIDATE_HOST, "" },
    { RS_CANDIDATE_HOST, "two hosts" },
    { RS_CANDIDATE_HOST, "h/p" },
    { RS_CANDIDATE_HOST, "u:hush@h" },
    { RS_CANDIDATE_HOST, "h?hush" },
    { RS_CANDIDATE_HOST, "[2001:db8::5" },
    { RS_CANDIDATE_HOST, "2001:db8::5" },
    { RS_CANDIDATE_URL, "tftp://u:hush@h/p" },
    { RS_CANDIDATE_URL, "http://u:hush@h h/p?hush" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsCandidates) candidates = rs_candidates_new (two_paths, &macros, SECONDS (60));
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_test_message ("%s", cases[i].text);
      g_assert_false (rs_candidates_add (candidates, "dhcp-160", cases[i].kind, cases[i].text, warnings));
      g_assert_false (rs_candidates_add (candidates, "dhcp-160", cases[i].kind, cases[i].text, NULL));
      g_assert_cmpuint (warnings->len, ==, 1);
      const char *warning = g_ptr_array_index (warnings, 0);
      g_assert_true (g_str_has_prefix (warning, "dhcp-160: "));
      g_assert_null (strstr (warning, "hush"));
      g_assert_null (strstr (warning, "secret"));
      g_assert_null (strchr (warning, '\001'));
      g_assert_null (rs_candidates_next (candidates, 0));
    }
}

/* DISC-14 */
static void
test_candidate (void)
{
  g_autoptr (RsCandidates) candidates = rs_candidates_new (two_paths, &macros, SECONDS (60));
  g_assert_true (
      rs_candidates_add (candidates, "dhcp-160", RS_CANDIDATE_URL, "https://u:p@$A:8443/d/$MA.xml?x=$PN", NULL));

  g_autoptr (RsCandidate) first = rs_candidates_next (candidates, 0);
  g_assert_cmpstr (first->source, ==, "dhcp-160");
  g_assert_cmpstr (first->path_text, ==, "/d/$MA.xml?x=$PN");
  g_assert_cmpint (first->url->scheme, ==, RS_SCHEME_HTTPS);
  g_assert_cmpstr (first->url->host, ==, "files.example.com");
  g_assert_cmpuint (first->url->port, ==, 8443);
  g_assert_cmpstr (first->url->path, ==, "/d/000e08aabbcc.xml?x=CP-8851");
  g_assert_cmpstr (first->url->user, ==, "u");
  g_assert_cmpstr (first->url->password, ==, "p");

  g_autoptr (RsCandidate) second = rs_candidates_next (candidates, 0);
  g_assert_cmpstr (second->path_text, ==, "/d/$MA.xml/$PN.cfg?x=$PN");
}

/* DISC-4: a host that is silent on a scheme loses that scheme's other paths, and only those, whoever names it */
static void
test_silent (void)
{
  static const struct
  {
    const char *url;
    RsTryResult result;
  } expected[] = {
    { "tftp://h/CP-8851.cfg", RS_TRY_SILENT },
    { "http://h/CP-8851.cfg", RS_TRY_FAILED },
    { "http://h/Cisco/000e08aabbcc.cfg", RS_TRY_SILENT },
    { "https://h/CP-8851.cfg", RS_TRY_SILENT },
    { "http://h:8080/CP-8851.cfg", RS_TRY_FAILED },
    { "http://h:8080/Cisco/000e08aabbcc.cfg", RS_TRY_FAILED },
    { "http://other/x", RS_TRY_FAILED },
    { "http://other/x/CP-8851.cfg", RS_TRY_SILENT },
  };
  g_autoptr (RsCandidates) candidates = rs_candidates_new (two_paths, &macros, SECONDS (60));
  rs_candidates_report (candidates, RS_TRY_SILENT); /* of nothing */
  g_assert_true (rs_candidates_add (candidates, "dhcp-66", RS_CANDIDATE_HOST, "h", NULL));
  g_assert_true (rs_candidates_add (candidates, "dhcp-150", RS_CANDIDATE_URL, "tftp://H/again", NULL));
  g_assert_true (rs_candidates_add (candidates, "dhcp-150", RS_CANDIDATE_BASE, "http://h:8080", NULL));
  g_assert_true (rs_candidates_add (candidates, "dhcp-150", RS_CANDIDATE_URL, "http://other/x", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (RsCandidate) candidate = rs_candidates_next (candidates, 0);
      g_assert_nonnull (candidate);
      g_autofree char *url = rs_url_to_string (candidate->url);
      g_assert_cmpstr (url, ==, expected[i].url);
      rs_candidates_report (candidates, expected[i].result);
    }
  g_assert_null (rs_candidates_next (candidates, 0));
  g_assert_null (rs_candidates_next (candidates, 0));
}

/* HTTP-7, DISC-4: who asked to be left alone is, by whatever path and scheme; who did not answer by one may by another */
static void
test_leave_out (void)
{
  static const struct
  {
    RsTryResult result;
    const char *left;
  } cases[] = {
    { RS_TRY_SILENT, "tftp://h/x https://h/x http://h:8080/x" },
    { RS_TRY_BUSY, "http://h:8080/x" },
  };
  static const char *const path[] = { "/x", NULL };
  g_autoptr (RsUrl) asked = rs_url_parse ("http://h/elsewhere.xml", NULL);

  for (guint i = 0; i < 2 * G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsCandidates) candidates = rs_candidates_new (path, &macros, SECONDS (60));
      const RsTryResult result = cases[i / 2].result;
      g_autofree char *left = NULL;

      if (i % 2 == 1)
        {
          g_autoptr (RsCandidate) first = NULL;

          g_assert_true (rs_candidates_add (candidates, "dhcp-66", RS_CANDIDATE_URL, "http://h/elsewhere.xml", NULL));
          first = rs_candidates_next (candidates, 0);
          rs_candidates_report (candidates, result);
          g_assert_cmpstr (first->path_text, ==, "/elsewhere.xml");
        }
      else
        rs_candidates_leave_out (candidates, asked, result);
      g_assert_true (rs_candidates_add (candidates, "dhcp-160", RS_CANDIDATE_HOST, "H", NULL));
      g_assert_true (rs_candidates_add (candidates, "dhcp-160", RS_CANDIDATE_BASE, "http://h:8080", NULL));
      left = try_all (candidates);
      g_assert_cmpstr (left, ==, cases[i / 2].left);
    }
}

/* DISC-4 */
static void
test_once (void)
{
  g_autoptr (RsCandidates) candidates = rs_candidates_new (two_paths, &macros, SECONDS (60));
  g_assert_true (rs_candidates_add (candidates, "dhcp-66", RS_CANDIDATE_BASE, "http://h", NULL));
  g_assert_true (rs_candidates_add (candidates, "dhcp-66", RS_CANDIDATE_BASE, "http://h:80/", NULL));
  g_assert_true (rs_candidates_add (candidates, "dhcp-66", RS_CANDIDATE_URL, "http://h/$PN.cfg", NULL));
  g_assert_true (rs_candidates_add (candidates, "dhcp-160", RS_CANDIDATE_BASE, "HTTP://H", NULL));
  g_assert_true (rs_candidates_add (candidates, "dhcp-160", RS_CANDIDATE_BASE, "http://u:p@h", NULL));
  g_autofree char *urls = try_all (candidates);
  g_assert_cmpstr (urls, ==,
                   "http://h/CP-8851.cfg http://h/Cisco/000e08aabbcc.cfg http://h/CP-8851.cfg/CP-8851.cfg "
                   "http://h/CP-8851.cfg/Cisco/000e08aabbcc.cfg http://h/CP-8851.cfg http://h/Cisco/000e08aabbcc.cfg");
}

/* DISC-4: a source has its time, and the next one its own; what one had no time for, the next may still try */
static void
test_budget (void)
{
  static const struct
  {
    gint64 at;
    const char *url;
  } expected[] = {
    { 100, "http://a/CP-8851.cfg" },
    { 159, "http://a/Cisco/000e08aabbcc.cfg" },
    { 160, "http://b/CP-8851.cfg" },
    { 219, "http://b/Cisco/000e08aabbcc.cfg" },
    { 219, "http://c/CP-8851.cfg" },
    { 500, NULL },
  };
  g_autoptr (RsCandidates) candidates = rs_candidates_new (two_paths, &macros, SECONDS (60));
  g_assert_true (rs_candidates_add (candidates, "dhcp-66", RS_CANDIDATE_BASE, "http://a", NULL));
  g_assert_true (rs_candidates_add (candidates, "dhcp-66", RS_CANDIDATE_BASE, "http://c", NULL));
  g_assert_true (rs_candidates_add (candidates, "dhcp-160", RS_CANDIDATE_BASE, "http://b", NULL));
  g_assert_true (rs_candidates_add (candidates, "dhcp-160", RS_CANDIDATE_BASE, "http://c", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (RsCandidate) candidate = rs_candidates_next (candidates, SECONDS (expected[i].at));
      g_autofree char *url = candidate != NULL ? rs_url_to_string (candidate->url) : NULL;
      g_assert_cmpstr (url, ==, expected[i].url);
      rs_candidates_report (candidates, RS_TRY_FAILED);
    }
}

/* DISC-5 */
static void
test_bounds (void)
{
  static const char *const odd_paths[] = { "$PN.cfg", "", "/bad path", NULL };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (RsCandidates) candidates = rs_candidates_new (two_paths, &macros, SECONDS (60));
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *text = g_strdup_printf ("http://h%u", i);
      g_assert_true (rs_candidates_add (candidates, "dhcp-66", RS_CANDIDATE_BASE, text, warnings));
    }
  g_assert_cmpuint (warnings->len, ==, 1);
  g_autofree char *urls = try_all (candidates);
  g_auto (GStrv) each = g_strsplit (urls, " ", -1);
  g_assert_cmpuint (g_strv_length (each), ==, 256);

  g_ptr_array_set_size (warnings, 0);
  g_autoptr (RsCandidates) odd = rs_candidates_new (odd_paths, &macros, SECONDS (60));
  g_assert_true (rs_candidates_add (odd, "dhcp-66", RS_CANDIDATE_BASE, "http://h", warnings));
  g_autofree char *odd_urls = try_all (odd);
  g_assert_cmpstr (odd_urls, ==, "http://h/CP-8851.cfg http://h/");
  g_assert_cmpuint (warnings->len, ==, 1);

  g_autoptr (RsCandidates) bare = rs_candidates_new (NULL, &macros, SECONDS (60));
  g_assert_true (rs_candidates_add (bare, "dhcp-66", RS_CANDIDATE_URL, "http://h/x", NULL));
  g_assert_false (rs_candidates_add (bare, "dhcp-66", RS_CANDIDATE_BASE, "http://h", NULL));
  g_autofree char *bare_urls = try_all (bare);
  g_assert_cmpstr (bare_urls, ==, "http://h/x");
}

/* DISC-7 DISC-8 DISC-4: each server in turn with each path, under the domain's name; one that is silent loses its other paths, and no other
 * server of that name does */
static void
test_srv (void)
{
  static const struct
  {
    const char *url;
    const char *target;
    RsTryResult result;
  } expected[] = {
    { "http://h/CP-8851.cfg", NULL, RS_TRY_FAILED },
    { "http://h/Cisco/000e08aabbcc.cfg", NULL, RS_TRY_FAILED },
    { "https://example.com/CP-8851.cfg", "pr1.example.com:5060", RS_TRY_SILENT },
    { "https://example.com/CP-8851.cfg", "pr2.example.net:443", RS_TRY_FAILED },
    { "https://example.com/Cisco/000e08aabbcc.cfg", "pr2.example.net:443", RS_TRY_FAILED },
    { "http://example.com/CP-8851.cfg", "pr1.example.com:5060", RS_TRY_FAILED },
    { "http://example.com/Cisco/000e08aabbcc.cfg", "pr1.example.com:5060", RS_TRY_FAILED },
  };
  static const char *const servers[] = {
    "https://pr1.example.com:5060", "https://PR2.example.net:443", "https://pr1.example.com:5060/", "http://pr1.example.com:5060",
  };
  g_autoptr (RsCandidates) candidates = rs_candidates_new (two_paths, &macros, SECONDS (60));

  g_assert_true (rs_candidates_add (candidates, "dhcp-66", RS_CANDIDATE_BASE, "http://h", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (RsCandidate) candidate = rs_candidates_next (candidates, 0);
      if (candidate == NULL && i == 2)
        {
          for (guint k = 0; k < G_N_ELEMENTS (servers); k++)
            g_assert_true (rs_candidates_add_srv (candidates, "example.com", servers[k], NULL));
          candidate = rs_candidates_next (candidates, 0);
        }
      g_assert_nonnull (candidate);
      g_autofree char *url = rs_url_to_string (candidate->url);
      g_assert_cmpstr (url, ==, expected[i].url);
      g_assert_cmpstr (candidate->srv_target, ==, expected[i].target);
      g_assert_cmpstr (candidate->source, ==, i < 2 ? "dhcp-66" : "dns-srv");
      g_assert_true (i < 2 || g_str_has_suffix (candidate->path_text, i % 2 == 1 || i == 2 ? "/$PN.cfg" : "/Cisco/$MA.cfg"));
      rs_candidates_report (candidates, expected[i].result);
    }
  g_assert_null (rs_candidates_next (candidates, 0));
}

/* DISC-5 DISC-7: what a worker says that an SRV record says */
static void
test_srv_refused (void)
{
  static const struct
  {
    const char *domain;
    const char *server;
  } cases[] = {
    { "example.com", "" },
    { "example.com", "pr1.example.com:5060" },
    { "example.com", "tftp://pr1.example.com:69" },
    { "example.com", "gds://" },
    { "example.com", "https://pr1.example.com" },
    { "example.com", "https://pr1.example.com:0" },
    { "example.com", "https://pr1.example.com:65536" },
    { "example.com", "https://u:p@pr1.example.com:443" },
    { "example.com", "https://pr1.example.com:443/x" },
    { "example.com", "https://pr1.example.com:443?x" },
    { "example.com", "https://127.0.0.1:443" },
    { "example.com", "https://127.1:443" },
    { "example.com", "https://[::1]:443" },
    { "example.com", "https://pr1 example.com:443" },
    { "example.com", "https://$MA.example.com:443" },
    { "$MA.example.com", "https://pr1.example.com:443" },
    { "192.0.2.1", "https://pr1.example.com:443" },
    { "example.com/x", "https://pr1.example.com:443" },
    { "", "https://pr1.example.com:443" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsCandidates) candidates = rs_candidates_new (two_paths, &macros, SECONDS (60));
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_test_message ("%s at %s", cases[i].domain, cases[i].server);
      g_assert_false (rs_candidates_add_srv (candidates, cases[i].domain, cases[i].server, warnings));
      g_assert_cmpuint (warnings->len, ==, 1);
      g_assert_null (rs_candidates_next (candidates, 0));
    }
}

/* DISC-4: the time for the look-up of servers is their source's, and each source has room for as many URLs */
static void
test_begin (void)
{
  g_autoptr (RsCandidates) candidates = rs_candidates_new (two_paths, &macros, SECONDS (60));
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *text = g_strdup_printf ("http://h%u", i);
      g_assert_true (rs_candidates_add (candidates, "dhcp-66", RS_CANDIDATE_BASE, text, warnings));
    }
  g_autofree char *urls = try_all (candidates);
  g_assert_cmpuint (warnings->len, ==, 1);

  rs_candidates_begin (candidates, RS_CANDIDATE_SRV, SECONDS (100));
  g_assert_cmpint (rs_candidates_left (candidates, SECONDS (130)), ==, SECONDS (30));
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *text = g_strdup_printf ("https://h%u.example.com:443", i);
      g_assert_true (rs_candidates_add_srv (candidates, "example.com", text, warnings));
    }
  g_assert_cmpuint (warnings->len, ==, 2);
  g_autoptr (RsCandidate) first = rs_candidates_next (candidates, SECONDS (140));
  g_assert_cmpstr (first->srv_target, ==, "h0.example.com:443");
  rs_candidates_report (candidates, RS_TRY_FAILED);
  g_assert_cmpint (rs_candidates_left (candidates, SECONDS (150)), ==, SECONDS (10));
  g_autoptr (RsCandidate) second = rs_candidates_next (candidates, SECONDS (159));
  g_assert_nonnull (second);
  g_assert_null (rs_candidates_next (candidates, SECONDS (160)));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/candidates/kinds", test_kinds);
  g_test_add_func ("/plan/candidates/refused", test_refused);
  g_test_add_func ("/plan/candidates/candidate", test_candidate);
  g_test_add_func ("/plan/candidates/silent", test_silent);
  g_test_add_func ("/plan/candidates/leave-out", test_leave_out);
  g_test_add_func ("/plan/candidates/once", test_once);
  g_test_add_func ("/plan/candidates/budget", test_budget);
  g_test_add_func ("/plan/candidates/bounds", test_bounds);
  g_test_add_func ("/plan/candidates/srv", test_srv);
  g_test_add_func ("/plan/candidates/srv-refused", test_srv_refused);
  g_test_add_func ("/plan/candidates/begin", test_begin);
  return g_test_run ();
}
