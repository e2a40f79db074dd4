/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The URL of a rule. */
#include "rule/url.h"

#include "base/error.h"
#include "base/host.h"
#include "macros.h"

#include <string.h>

/* RULE-7 */
static void
test_good (void)
{
  static const struct
  {
    const char *text;
    RsScheme scheme;
    gboolean scheme_given;
    const char *host;
    guint16 port;
    gboolean port_given;
    const char *path;
    const char *shown; /* NULL: as the text */
  } cases[] = {
    { "tftp://192.168.1.5/CP_x8xx_MPP.cfg", RS_SCHEME_TFTP, TRUE, "192.168.1.5", 69, FALSE, "/CP_x8xx_MPP.cfg", NULL },
    { "192.168.1.130/profiles/init.cfg", RS_SCHEME_TFTP, FALSE, "192.168.1.130", 69, FALSE, "/profiles/init.cfg",
      "tftp://192.168.1.130/profiles/init.cfg" },
    { "ps.example.com:6969/a/b.cfg", RS_SCHEME_TFTP, FALSE, "ps.example.com", 6969, TRUE, "/a/b.cfg",
      "tftp://ps.example.com:6969/a/b.cfg" },
    { "/CP-8851-3PCC.cfg", RS_SCHEME_TFTP, FALSE, NULL, 69, FALSE, "/CP-8851-3PCC.cfg", "tftp:///CP-8851-3PCC.cfg" },
    { "CP-8851-3PCC.cfg", RS_SCHEME_TFTP, FALSE, NULL, 69, FALSE, "/CP-8851-3PCC.cfg", "tftp:///CP-8851-3PCC.cfg" },
    { "a:b", RS_SCHEME_TFTP, FALSE, NULL, 69, FALSE, "/a:b", "tftp:///a:b" },
    { "x.cfg?u=http://h/y", RS_SCHEME_TFTP, FALSE, NULL, 69, FALSE, "/x.cfg?u=http://h/y",
      "tftp:///x.cfg?u=http://h/y" },
    { "/x.cfg?u=http://h/y", RS_SCHEME_TFTP, FALSE, NULL, 69, FALSE, "/x.cfg?u=http://h/y",
      "tftp:///x.cfg?u=http://h/y" },
    { "https://example.com/8851-3PCC.xml", RS_SCHEME_HTTPS, TRUE, "example.com", 443, FALSE, "/8851-3PCC.xml", NULL },
    { "http://ps.example.com:8080/p", RS_SCHEME_HTTP, TRUE, "ps.example.com", 8080, TRUE, "/p", NULL },
    { "http://h:80/p", RS_SCHEME_HTTP, TRUE, "h", 80, TRUE, "/p", "http://h/p" },
    { "https://h:65535/p", RS_SCHEME_HTTPS, TRUE, "h", 65535, TRUE, "/p", NULL },
    { "http://h", RS_SCHEME_HTTP, TRUE, "h", 80, FALSE, "/", "http://h/" },
    { "http://h?mac=1", RS_SCHEME_HTTP, TRUE, "h", 80, FALSE, "/?mac=1", "http://h/?mac=1" },
    { "http://h/p?a=b&c=d/e@f:g", RS_SCHEME_HTTP, TRUE, "h", 80, FALSE, "/p?a=b&c=d/e@f:g", NULL },
    { "http://h/a@b", RS_SCHEME_HTTP, TRUE, "h", 80, FALSE, "/a@b", NULL },
    { "http://h/a%7Cb%20c", RS_SCHEME_HTTP, TRUE, "h", 80, FALSE, "/a%7Cb%20c", NULL },
    { "http://h/(a)!b[c]d|e", RS_SCHEME_HTTP, TRUE, "h", 80, FALSE, "/(a)!b[c]d|e", NULL },
    { "http://h/Grüße.xml", RS_SCHEME_HTTP, TRUE, "h", 80, FALSE, "/Grüße.xml", NULL },
    { "http:///p.xml", RS_SCHEME_HTTP, TRUE, NULL, 80, FALSE, "/p.xml", NULL },
    { "HTTPS://PS.Example.COM/A", RS_SCHEME_HTTPS, TRUE, "ps.example.com", 443, FALSE, "/A",
      "https://ps.example.com/A" },
    { "http://h/./a/../b/%2e%2E/c/.?d=/../#e", RS_SCHEME_HTTP, TRUE, "h", 80, FALSE, "/c/?d=/../", "http://h/c/?d=/../" },
    { "https://h/../..", RS_SCHEME_HTTPS, TRUE, "h", 443, FALSE, "/", "https://h/" },
    { "https://h/a//../.b/..c/...", RS_SCHEME_HTTPS, TRUE, "h", 443, FALSE, "/a/.b/..c/...", "https://h/a/.b/..c/..." },
    { "http://h#a?b", RS_SCHEME_HTTP, TRUE, "h", 80, FALSE, "/", "http://h/" },
    { "tftp://h/./a#b", RS_SCHEME_TFTP, TRUE, "h", 69, FALSE, "/./a#b", NULL },
    { "https://[2001:db8::5]/p", RS_SCHEME_HTTPS, TRUE, "2001:db8::5", 443, FALSE, "/p", NULL },
    { "tftp://[2001:DB8::5]:6969/p", RS_SCHEME_TFTP, TRUE, "2001:db8::5", 6969, TRUE, "/p",
      "tftp://[2001:db8::5]:6969/p" },
    { "gds://", RS_SCHEME_GDS, TRUE, NULL, 0, FALSE, "/", NULL },
    { "GDS://", RS_SCHEME_GDS, TRUE, NULL, 0, FALSE, "/", "gds://" },
    { "//p", RS_SCHEME_TFTP, FALSE, NULL, 69, FALSE, "//p", "tftp:////p" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsUrl) url = rs_url_parse (cases[i].text, &error);
      g_autoptr (RsUrl) copy = NULL;
      g_autofree char *shown = NULL;

      g_assert_no_error (error);
      copy = rs_url_copy (url);
      shown = rs_url_to_string (copy);
      g_assert_cmpint (copy->scheme, ==, cases[i].scheme);
      g_assert_cmpint (copy->scheme_given, ==, cases[i].scheme_given);
      g_assert_cmpstr (copy->host, ==, cases[i].host);
      g_assert_cmpuint (copy->port, ==, cases[i].port);
      g_assert_cmpint (copy->port_given, ==, cases[i].port_given);
      g_assert_cmpstr (copy->path, ==, cases[i].path);
      g_assert_null (copy->user);
      g_assert_null (copy->password);
      g_assert_cmpstr (shown, ==, cases[i].shown != NULL ? cases[i].shown : cases[i].text);
    }
  g_assert_null (rs_url_copy (NULL));
}

/* RULE-7 */
static void
test_userinfo (void)
{
  static const struct
  {
    const char *text;
    const char *user;
    const char *password;
    const char *shown;
  } cases[] = {
    { "http://joe:pw@h/p", "joe", "pw", "http://h/p" },
    { "https://joe@h:8443/p", "joe", NULL, "https://h:8443/p" },
    { "http://joe:@h/p", "joe", "", "http://h/p" },
    { "http://:pw@h/p", "", "pw", "http://h/p" },
    { "http://j%40e:p%3A%2fw%25@h/p", "j@e", "p:/w%", "http://h/p" },
    { "http://joe:a:b@h/p", "joe", "a:b", "http://h/p" },
    { "http://joe:a@b@h/p", "joe", "a@b", "http://h/p" },
    { "http://joe:gr%C3%BC@[::2]:81/p", "joe", "grü", "http://[::2]:81/p" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsUrl) url = rs_url_parse (cases[i].text, &error);
      g_autoptr (RsUrl) copy = NULL;
      g_autofree char *shown = NULL;

      g_assert_no_error (error);
      copy = rs_url_copy (url);
      shown = rs_url_to_string (copy);
      g_assert_cmpstr (copy->user, ==, cases[i].user);
      g_assert_cmpstr (copy->password, ==, cases[i].password);
      g_assert_cmpstr (shown, ==, cases[i].shown);
    }
}

/* RULE-7, RULE-10 */
static void
test_bad (void)
{
  static const struct
  {
    const char *text;
    guint column;
    const char *found, *expected;
  } cases[] = {
    { "", 1, "the end", "a URL" },
    { "http://", 8, "the end", "a server or a path" },
    { "tftp://", 8, "the end", "a server or a path" },
    { "ftp://h/p", 1, "“ftp”", "tftp://" },
    { "://h/p", 1, "“:”", "tftp://" },
    { "httpx://h/p", 1, "“httpx”", "tftp://" },
    { "gds://server", 7, "a letter", "nothing after" },
    { "gds:///", 7, "“/”", "nothing after" },
    { "http://h:99999/p", 10, "“99999”", "a port from 1 to 65535" },
    { "http://h:0/p", 10, "“0”", "a port" },
    { "http://h:65536/", 10, "“65536”", "a port" },
    { "http://h:/p", 10, "“/”", "a port" },
    { "http://h:8o/p", 11, "a letter", "a port" },
    { "http://h:123456/p", 15, "a digit", "a port" },
    { "http://h:-1/p", 10, "“-”", "a port" },
    { "http://h:secret", 10, "a letter", "a port" },
    { "http:/h/p", 6, "“/”", "a port" },
    { "h:x/p", 3, "a letter", "a port" },
    { "http://:80/p", 8, "“:”", "a host name" },
    { "http://@h/", 0, NULL, NULL }, /* an empty user name is one */
    { "http://u:p@/p", 12, "“/”", "a host name" },
    { "http://-h/p", 8, "“-h”", "a host name" },
    { "http://a..b/p", 8, "“a..b”", "a host name" },
    { "http://h*/p", 8, "something else", "a host name" },
    { "http://256.1.1.1/p", 8, "“256.1.1.1”", "a host name" },
    { "http://127.1/p", 8, "“127.1”", "a host name" },
    { "http://2130706433/p", 8, "“2130706433”", "a host name" },
    { "http://0x7f.0x1/p", 8, "“0x7f.0x1”", "a host name" },
    { "http://h.example.0x7F/p", 8, "“h.example.0x7F”", "a host name" },
    { "http://grün.example/p", 8, "something else", "a host name" },
    { "http://h%41/p", 8, "something else", "a host name" },
    { "“http://h/p”", 1, "the typographic quotation mark U+201C", "a host name" },
    { "http://h:“/p", 10, "the typographic quotation mark U+201C", "a port" },
    { "http://<server>/p", 8, "“<”", "a host name" },
    { "http://<server ip address>/x", 15, "a blank", "blank" },
    { "http://h/a b", 11, "a blank", "blank" },
    { "http://h/a\tb", 11, "a blank", "blank" },
    { "http://ü/a b", 11, "a blank", "blank" },
    { "http://h/a\nb", 11, "a blank", "blank" },
    { "http://h/\x01", 10, "“\\x01”", "control characters" },
    { "http://h/\x7f", 10, "“\\x7f”", "control characters" },
    { "http://h/\xe2\x80\xae", 10, "“\\u202e”", "control characters" },
    { "http://h/\xff", 10, "“\\xff”", "UTF-8" },
    { "[::1]/p", 1, "“[”", "a scheme such as http://" },
    { "2001:db8::1/p", 1, "more than one “:”", "in brackets" },
    { "http://2001:db8::1/p", 8, "more than one “:”", "in brackets" },
    { "http://[::1/p", 12, "“/”", "]" },
    { "http://[h]/p", 9, "a letter", "an IPv6 address" },
    { "http://[192.0.2.1]/p", 9, "a digit", "an IPv6 address" },
    { "http://[fe80::1%25eth0]/p", 9, "a letter", "an IPv6 address" },
    { "http://[]/p", 9, "“]”", "an IPv6 address" },
    { "http://[::1]x/p", 13, "a letter", "a port" },
    { "http://[::1]:x/p", 14, "a letter", "a port" },
    { "tftp://u:p@h/p", 8, "a user name", "only http and https" },
    { "u@h/p", 1, "a user name", "only http and https" },
    { "http://u%4:p@h/p", 8, "a control character, no UTF-8 or a stray “%”", "a user name" },
    { "http://u:p%zz@h/p", 10, "a control character, no UTF-8 or a stray “%”", "a password" },
    { "http://u:p%00@h/p", 10, "a control character, no UTF-8 or a stray “%”", "a password" },
    { "http://u%0ax:p@h/p", 8, "a control character, no UTF-8 or a stray “%”", "a user name" },
    { "http://h/%zz", 10, "“%”", "two hexadecimal digits after “%”: the sign itself is written %25" },
    { "http://h/a%2", 11, "“%”", "two hexadecimal digits" },
    { "/a%", 3, "“%”", "two hexadecimal digits" },
    { "a%41%4g", 5, "“%”", "two hexadecimal digits" },
    { "https://h/x?a=5%&b", 16, "“%”", "two hexadecimal digits" },
    { "http://u:%ff@h/p", 10, "a control character, no UTF-8 or a stray “%”", "a password" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsUrl) url = rs_url_parse (cases[i].text, &error);
      g_autofree char *where = g_strdup_printf ("column %u: found %s, expected ", cases[i].column, cases[i].found);

      if (cases[i].expected == NULL)
        {
          g_assert_no_error (error);
          continue;
        }
      g_assert_null (url);
      g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_RULE);
      if (!g_str_has_prefix (error->message, where) || strstr (error->message + strlen (where), cases[i].expected) == NULL)
        g_error ("%s: %s", cases[i].text, error->message);
    }
  g_assert_null (rs_url_parse (NULL, NULL));
}

/* PHONE-4, RULE-10: after expansion a column is still that of what was written, and what a macro stands for is not quoted */
static void
test_expanded (void)
{
  static const struct
  {
    const char *text, *shown;
  } cases[] = {
    { "https://$SERV/$(MA:0:6)/$$.xml", "https://ps.example.com/000e08/$.xml" },
    { "https://$SERV:$A/x", "column 15: found what “$A” stands for, expected a port" },
    { "https://$SERV:x/x", "column 15: found a letter, expected a port" },
    { "https://ü$SERV/$SA", "column 16: found “$SA”, expected no $SA to $SD here" },
    { "$MA://x", "column 1: found what “$MA” stands for, expected tftp://" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsUrl) url = rs_url_expand (cases[i].text, &test_macros, &error);
      g_autofree char *shown = url != NULL ? rs_url_to_string (url) : g_strdup (error->message);

      if (!g_str_has_prefix (shown, cases[i].shown))
        g_error ("%s: %s", cases[i].text, shown);
    }
}

/* DISC-10, PHONE-4: a value is cut first and encoded then, what stands around it is not, and columns remain those of what was written */
static void
test_expanded_escaped (void)
{
  static const struct
  {
    const char *text, *shown;
  } cases[] = {
    { "https://h/r?id=$MAU:$G:$PN", "https://h/r?id=000E08AABBCC:a%20b:CP-8851-3PCC" },
    { "https://h/$(G:0:2)-$(G:1:2)$(G:2)%20", "https://h/a%20-%20bb%20" },
    { "https://h/$(D:1:2)/$$A$E", "https://h/r%C3%BC/$A" },
    { "$F?$B", "http://files.example.com/x.xml?%24C%7C%28x%29%3F%5B--srv%5D%21" },
    { "https://h/$G/%2", "column 14: found “%”, expected " },
    { "https://h/$G/$SA", "column 14: found “$SA”, expected no $SA to $SD here" },
    { "https://$G/x", "column 9: found what “$G” stands for, expected a host" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsUrl) url = rs_url_expand_escaped (cases[i].text, &test_macros, &error);
      g_autofree char *shown = url != NULL ? rs_url_to_string (url) : g_strdup (error->message);

      if (url != NULL ? strcmp (shown, cases[i].shown) != 0 : !g_str_has_prefix (shown, cases[i].shown))
        g_error ("%s: %s", cases[i].text, shown);
    }
}

/* STORE-3 */
static void
test_errors_hold_no_secret (void)
{
  static const char *const cases[] = {
    "http://joe:hunter2",     "http://joe:hunter2/x@h/",   "http://joe:hunter2@/p", "tftp://joe:hunter2@h/p",
    "http://joe:hunter2%@h/", "http://joe:hunter2@h h/p",  "ftp://joe:hunter2@h/p", "http://h:0/?hunter2",
    "hunter2://h/p",          "http://[hunter2/p?hunter2",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RsUrl) url = rs_url_parse (cases[i], &error);

      g_assert_null (url);
      g_assert_null (strstr (error->message, "hunter2"));
    }
}

/* RULE-7 */
static void
test_length (void)
{
  g_autofree char *filled = g_strnfill (4096, 'a'), *longer = g_strnfill (4097, 'a');
  g_autoptr (GError) error = NULL;
  g_autoptr (RsUrl) url = rs_url_parse (filled, &error);
  g_autoptr (RsUrl) none = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (url->path), ==, 4097);
  none = rs_url_parse (longer, &error);
  g_assert_null (none);
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_RULE);
}

/* RULE-7, DISC-5 */
static void
test_hosts (void)
{
  static const char *const good[]
      = { "h",           "a.b.c", "a-b_c.example",       "1a.example", "0xg",     "example.com.",
          "192.0.2.255", "::1",   "2001:db8::192.0.2.1", "fe80::1",    "3com.com" };
  static const char *const bad[]
      = { "",          ".",         "a..b",     "-a",       "a-",    "a b",   "a/b", "a:1",          "1.2.3",
          "1.2.3.4.5", "010.0.0.1", "1.2.3.4.", "0x1",      "a.123", "[::1]", "::g", "fe80::1%eth0", "a;b",
          "$(reboot)", "`x`",       "a\nb",     "\xc3\xbc", "a.0x" };
  g_autofree char *label = g_strnfill (63, 'a'), *name = NULL, *longer = g_strnfill (64, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      if (!rs_host_is_valid (good[i]))
        g_error ("%s should be a host", good[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      if (rs_host_is_valid (bad[i]))
        g_error ("%s should be no host", bad[i]);
    }
  g_assert_false (rs_host_is_valid (NULL));
  g_assert_true (rs_host_is_valid (label));
  g_assert_false (rs_host_is_valid (longer));
  name = g_strdup_printf ("%s.%s.%s.%.61s", label, label, label, label);
  g_assert_true (rs_host_is_valid (name));
  name[strlen (name) - 1] = '.';
  g_assert_true (rs_host_is_valid (name));
  g_free (name);
  name = g_strdup_printf ("%s.%s.%s.%.62s", label, label, label, label);
  g_assert_false (rs_host_is_valid (name));
  g_assert_true (rs_host_is_address ("192.0.2.1"));
  g_assert_true (rs_host_is_address ("2001:db8::1"));
  g_assert_false (rs_host_is_address ("example.com"));
  g_assert_false (rs_host_is_address ("1.2.3"));
  g_assert_false (rs_host_is_address (NULL));
}

/* RULE-7 */
static void
test_schemes (void)
{
  static const struct
  {
    RsScheme scheme;
    const char *name;
    guint16 port;
  } cases[] = { { RS_SCHEME_TFTP, "tftp", 69 },
                { RS_SCHEME_HTTP, "http", 80 },
                { RS_SCHEME_HTTPS, "https", 443 },
                { RS_SCHEME_GDS, "gds", 0 } };
  RsScheme scheme;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpstr (rs_scheme_name (cases[i].scheme), ==, cases[i].name);
      g_assert_cmpuint (rs_scheme_port (cases[i].scheme), ==, cases[i].port);
      g_assert_true (rs_scheme_from_name (cases[i].name, &scheme));
      g_assert_cmpint (scheme, ==, cases[i].scheme);
    }
  g_assert_false (rs_scheme_from_name ("file", &scheme));
  g_assert_false (rs_scheme_from_name ("", &scheme));
  g_assert_false (rs_scheme_from_name (NULL, &scheme));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/url/good", test_good);
  g_test_add_func ("/rule/url/userinfo", test_userinfo);
  g_test_add_func ("/rule/url/bad", test_bad);
  g_test_add_func ("/rule/url/expanded", test_expanded);
  g_test_add_func ("/rule/url/expanded-escaped", test_expanded_escaped);
  g_test_add_func ("/rule/url/no-secret-in-errors", test_errors_hold_no_secret);
  g_test_add_func ("/rule/url/length", test_length);
  g_test_add_func ("/rule/url/hosts", test_hosts);
  g_test_add_func ("/rule/url/schemes", test_schemes);
  return g_test_run ();
}
