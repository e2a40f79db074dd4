/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of a worker that need no server: addresses, URLs, and the fields of answers. */
#include "fetch/address.h"
#include "fetch/answer.h"
#include "fetch/route.h"
#include "fetch/uri.h"

/* HTTP-12 */
static void
test_addresses (void)
{
  const struct
  {
    const char *address;
    const char *literal;
    const char *fault;
  } table[] = {
    { "192.0.2.1", "", NULL },
    { "10.0.0.1", "", NULL },
    { "192.168.1.130", NULL, NULL },
    { "2001:db8::1", "", NULL },
    { "fd00::1", "", NULL },
    { "64:ff9b::7f00:1", "", NULL },
    { "127.0.0.1", "", "a loopback address" },
    { "127.255.255.254", "", "a loopback address" },
    { "::1", "", "a loopback address" },
    { "::ffff:127.0.0.1", "", "a loopback address" },
    { "169.254.1.1", "", "a link-local address" },
    { "::ffff:169.254.169.254", "", "a link-local address" },
    { "fe80::1", "", "a link-local address" },
    { "224.0.0.1", "", "a multicast address" },
    { "239.255.255.250", "", "a multicast address" },
    { "ff02::1", "", "a multicast address" },
    { "0.0.0.0", "", "an unspecified address" },
    { "0.1.2.3", "", "an unspecified address" },
    { "::", "", "an unspecified address" },
    { "255.255.255.255", "", "a broadcast address" },
    { "127.0.0.1", "127.0.0.1", NULL },
    { "::ffff:127.0.0.1", "127.0.0.1", NULL },
    { "127.0.0.1", "::ffff:127.0.0.1", NULL },
    { "127.0.0.2", "127.0.0.1", "a loopback address" },
    { "::1", "127.0.0.1", "a loopback address" },
    { "::1", "0:0::1", NULL },
    { "fe80::1", "FE80::1", NULL },
    { "127.0.0.1", "localhost", "a loopback address" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GInetAddress) address = g_inet_address_new_from_string (table[i].address);

      g_test_message ("%s", table[i].address);
      g_assert_cmpstr (rs_address_fault (address, table[i].literal), ==, table[i].fault);
    }
}

static void
test_address_text (void)
{
  g_autoptr (GInetAddress) mapped = g_inet_address_new_from_string ("::ffff:192.0.2.7");
  g_autofree char *text = rs_address_to_string (mapped);
  RsTftpEndpoint endpoint;

  g_assert_cmpstr (text, ==, "192.0.2.7");
  rs_address_to_endpoint (mapped, 69, &endpoint);
  g_assert_cmpuint (endpoint.address_length, ==, 4);
  g_assert_cmpuint (endpoint.address[3], ==, 7);
  g_assert_cmpuint (endpoint.port, ==, 69);
}

static void
test_request_uri (void)
{
  const struct
  {
    const char *scheme, *host;
    guint16 port;
    const char *path;
    const char *uri;
    const char *target;
  } table[] = {
    { "http", "prov.example", 80, "/a.xml", "http://prov.example/a.xml", "/a.xml" },
    { "http", "prov.example", 8080, "/a.xml?m=1&n=%7C", "http://prov.example:8080/a.xml?m=1&n=%7C",
      "/a.xml?m=1&n=%7C" },
    { "https", "prov.example", 443, "/", "https://prov.example/", "/" },
    { "https", "2001:db8::1", 444, "/x", "https://[2001:db8::1]:444/x", "/x" },
    { "tftp", "192.0.2.1", 69, "a/b.cfg", "tftp://192.0.2.1/a/b.cfg", "/a/b.cfg" },
    { "tftp", "192.0.2.1", 70, "/", "tftp://192.0.2.1:70/", "/" },
    { "http", "h", 80, "/ä|\"<>^`{}\\", "http://h/%C3%A4%7C%22%3C%3E%5E%60%7B%7D%5C",
      "/%C3%A4%7C%22%3C%3E%5E%60%7B%7D%5C" },
    { "http", "h", 80, "/a#b", "http://h/a", "/a" },
    { "http", "h", 80, "/a?b=@c:d", "http://h/a?b=@c:d", "/a?b=@c:d" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      RsRequest request = { .scheme = (char *)table[i].scheme,
                            .host = (char *)table[i].host,
                            .port = table[i].port,
                            .path = (char *)table[i].path };
      g_autoptr (GError) error = NULL;
      g_autoptr (GUri) uri = rs_uri_from_request (&request, &error);
      g_autofree char *text = NULL;
      g_autofree char *target = NULL;

      g_assert_no_error (error);
      text = g_uri_to_string (uri);
      target = rs_uri_target (uri);
      g_assert_cmpstr (text, ==, table[i].uri);
      g_assert_cmpstr (target, ==, table[i].target);
      g_assert_cmpuint (rs_uri_port (uri), ==, table[i].port);
    }
}

/* HTTP-2 */
static void
test_redirects (void)
{
  g_autofree char *long_path = g_strnfill (4097, 'x');
  const struct
  {
    const char *base;
    const char *location;
    const char *result; /* NULL: refused */
    const char *reason;
  } table[] = {
    { "http://a/x/y", "http://b/z", "http://b/z", NULL },
    { "http://a/x/y", "https://b:8443/z?q", "https://b:8443/z?q", NULL },
    { "https://a/x/y", "https://b", "https://b/", NULL },
    { "http://a:81/x/y", "/z", "http://a:81/z", NULL },
    { "http://a/x/y", "z", "http://a/x/z", NULL },
    { "http://a/x/y", "../z", "http://a/z", NULL },
    { "http://a/x/y", "//c/z", "http://c/z", NULL },
    { "http://a/x/y", "?q", "http://a/x/y?q", NULL },
    { "http://a/x/y", "", "http://a/x/y", NULL },
    { "http://a/x/y", "http://u:p@b/z#f", "http://b/z", NULL },
    { "http://a/x/y", "HTTP://B/z", "http://B/z", NULL },
    { "http://a/x/y", "/with blank", "http://a/with%20blank", NULL },
    { "http://a/x/y", "file:///etc/passwd", NULL, "only http and https are followed" },
    { "http://a/x/y", "tftp://b/z", NULL, "only http and https are followed" },
    { "http://a/x/y", "javascript:alert(1)", NULL, "only http and https are followed" },
    { "https://a/x/y", "http://a/x/y", NULL, "from https to http none is followed" },
    { "https://a/x/y", "http://b/z", NULL, "from https to http none is followed" },
    { "http://a/x/y", "http://", NULL, "it names no host" },
    { "http://a/x/y", "http:///z", NULL, "it names no host" },
    { "http://a/x/y", "http://b\xc3\xa4/z", "http://xn--b-0fa/z", NULL },
    { "http://a/x/y", "http://[::1/z", NULL, "it is no URL" },
    { "http://a/x/y", "http://b:99999/z", NULL, "it is no URL" },
    { "http://a/x/y", long_path, NULL, "it is too long" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GUri) base = g_uri_parse (table[i].base, G_URI_FLAGS_ENCODED, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GUri) uri = rs_uri_redirect (base, table[i].location, &error);
      g_autofree char *text = uri != NULL ? g_uri_to_string (uri) : NULL;

      g_assert_cmpstr (text, ==, table[i].result);
      if (table[i].result != NULL)
        continue;
      g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
      g_test_message ("%.200s", error->message);
      if (table[i].reason != NULL)
        g_assert_true (g_str_has_suffix (error->message, table[i].reason));
    }
}

/* HTTP-2: who gets the credentials after a redirect */
static void
test_same_server (void)
{
  static const struct
  {
    const char *from, *to;
    gboolean same;
  } table[] = {
    { "http://a/x", "http://a/y", TRUE },          { "http://a/x", "http://A:80/y", TRUE },
    { "http://a:8080/x", "http://a:8080/y", TRUE }, { "http://a/x", "https://a/y", TRUE },
    { "http://a:80/x", "https://a:443/y", TRUE },  { "https://a:8443/x", "https://a:8443/y", TRUE },
    { "http://a/x", "http://b/x", FALSE },         { "http://a/x", "http://a.b/x", FALSE },
    { "http://a/x", "http://a:8080/x", FALSE },    { "http://a/x", "https://a:8443/x", FALSE },
    { "http://a:8080/x", "https://a/x", FALSE },   { "http://a/x", "http://a:443/x", FALSE },
    { "https://a/x", "https://a:8443/x", FALSE },  { "https://a:80/x", "https://a/x", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GUri) from = g_uri_parse (table[i].from, G_URI_FLAGS_ENCODED, NULL);
      g_autoptr (GUri) to = g_uri_parse (table[i].to, G_URI_FLAGS_ENCODED, NULL);

      g_assert_cmpint (rs_uri_same_server (from, to), ==, table[i].same);
    }
}

/* STORE-3: the query of a redirect may be a secret, and an account in it is one */
static void
test_redirect_secret (void)
{
  g_autoptr (GUri) base = g_uri_parse ("https://a/x", G_URI_FLAGS_ENCODED, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (rs_uri_redirect (base, "http://u:pw@b/z?token=1234", &error));
  g_assert_cmpstr (error->message, ==, "the server redirects to “http://b/z?…”: from https to http none is followed");
}

static void
test_file_names (void)
{
  const char *const table[][2] = {
    { "a/b.cfg", "a/b.cfg" }, { "a%20b", "a b" },   { "%7C", "|" },       { "%c3%a4", "\xc3\xa4" }, { "100%", "100%" },
    { "%zz", "%zz" },         { "a%00b", "a%00b" }, { "a%0Ab", "a%0Ab" }, { "%2", "%2" },           { "%25", "%" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *file = rs_uri_decode_file (table[i][0]);

      g_assert_cmpstr (file, ==, table[i][1]);
    }
}

#define NOW 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */

/* HTTP-7 */
static void
test_retry_after (void)
{
  const struct
  {
    const char *field;
    const char *date;
    guint seconds;
  } table[] = {
    { NULL, NULL, 0 },
    { "", NULL, 0 },
    { "120", NULL, 120 },
    { "0", NULL, 1 },
    { "1", NULL, 1 },
    { "86400", NULL, 86400 },
    { "86401", NULL, 86400 },
    { "99999999999999999999999", NULL, 86400 },
    { "-5", NULL, 0 },
    { "5x", NULL, 0 },
    { "soon", NULL, 0 },
    { "Sun, 06 Nov 1994 08:50:37 GMT", NULL, 60 },
    { "Sunday, 06-Nov-94 08:50:37 GMT", NULL, 60 },
    { "Sun Nov  6 08:50:37 1994", NULL, 60 },
    { "Sun, 06 Nov 1994 08:49:00 GMT", NULL, 1 },
    { "Sun, 06 Nov 2094 08:49:00 GMT", NULL, 86400 },
    { "Fri, 20 Nov 2026 10:00:30 GMT", "Fri, 20 Nov 2026 10:00:00 GMT", 30 },
    { "Fri, 20 Nov 2026 10:00:30 GMT", "nonsense", 86400 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    g_assert_cmpuint (rs_answer_retry_after (table[i].field, table[i].date, NOW), ==, table[i].seconds);
}

/* HTTP-8 */
static void
test_validators (void)
{
  const char *const table[][2] = {
    { NULL, "" },
    { "", "" },
    { "\"v1\"", "\"v1\"" },
    { "W/\"v1\"", "W/\"v1\"" },
    { "\"a\tb\"", "" },
    { "\"\xc3\xa4\"", "" },
    { "1234567890", "1234567890" },
    { "12345678901", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *validator = rs_answer_validator (table[i][0], 10);

      g_assert_cmpstr (validator, ==, table[i][1]);
    }
}

/* HTTP-2, HTTP-4, HTTP-5: the status table */
static void
test_statuses (void)
{
  for (guint status = 100; status < 600; status++)
    {
      RsError code = rs_answer_code (status);

      g_assert_cmpint (rs_error_class (code), ==, status == 404 ? RS_CLASS_B : RS_CLASS_C);
      g_assert_cmpint (rs_answer_is_overload (status), ==, status == 429 || status == 503);
      g_assert_cmpstr (rs_answer_advice (status), !=, "");
    }
}

static void
test_lengths (void)
{
  const char *const bad[] = { "", "-5", "+5", " 5", "5 ", "5, 5", "5,6", "0x5", "9999999999999999999999" };
  guint64 length;

  g_assert_true (rs_answer_length ("0", &length));
  g_assert_true (rs_answer_length ("8388608", &length));
  g_assert_cmpuint (length, ==, 8388608);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (rs_answer_length (bad[i], &length));
}

/* HTTP-10: what a request may hold, and what a proxy auto-configuration file may answer */
static void
test_routes (void)
{
  static const struct
  {
    const char *text;
    const char *plain; /* read as of a request; NULL: refused */
    const char *worded; /* read as an answer */
  } table[] = {
    { "", "DIRECT", "DIRECT" },
    { "DIRECT", "DIRECT", "DIRECT" },
    { "direct", "DIRECT", "DIRECT" },
    { "null", "null:80", "DIRECT" },
    { "undefined", "undefined:80", "DIRECT" },
    { "10.0.0.7:3128", "10.0.0.7:3128", NULL },
    { "10.0.0.7:3128; DIRECT", "10.0.0.7:3128;DIRECT", NULL },
    { "proxy.example", "proxy.example:80", NULL },
    { "[fd00::7]", "[fd00::7]:80", NULL },
    { "[fd00::7]:1", "[fd00::7]:1", NULL },
    { "PROXY 10.0.0.7:3128", NULL, "10.0.0.7:3128" },
    { "PROXY\t [fd00::7]:65535 ;\nDIRECT;", NULL, "[fd00::7]:65535;DIRECT" },
    { "HTTP a:1;http b:2;Proxy c", NULL, "a:1;b:2;c:80" },
    { "SOCKS a:1;SOCKS4 a:1;socks5 a:1;HTTPS a:1;QUIC a:1;PROXY b:2", NULL, "b:2" },
    { "HTTPS a:1", NULL, NULL },
    { "SOCKS", "SOCKS:80", NULL },
    { "PROXY", "PROXY:80", NULL },
    { "PROXY a b", NULL, NULL },
    { "DIRECT a", NULL, NULL },
    { "PROXY a:0", NULL, NULL },
    { "a:0", NULL, NULL },
    { "a:65536", NULL, NULL },
    { "a:+1", NULL, NULL },
    { "a:1x", NULL, NULL },
    { "a:", NULL, NULL },
    { ":1", NULL, NULL },
    { "[a", NULL, NULL },
    { "[]:1", NULL, NULL },
    { "[fd00::7]1", NULL, NULL },
    { "u:p@a:1", NULL, NULL },
    { "http://a:1", NULL, NULL },
    { "a/b", NULL, NULL },
    { "PROXY \303\244:1", NULL, NULL },
    { "PROXY \377:1", NULL, NULL },
    { ";", NULL, NULL },
    { "a;b;c;d;e;f;g;h;i", "a:80;b:80;c:80;d:80;e:80;f:80;g:80;h:80", NULL },
    { "a;b;c;d;e;f;g;h;?", "a:80;b:80;c:80;d:80;e:80;f:80;g:80;h:80", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table) * 2; i++)
    {
      const char *text = table[i / 2].text, *wanted = i % 2 == 0 ? table[i / 2].plain : table[i / 2].worded;
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) routes = i % 2 == 0 ? rs_routes_parse (text, &error) : rs_routes_parse_answer (text, &error);
      g_autofree char *found = routes != NULL ? rs_routes_to_string (routes) : NULL;

      g_test_message ("%u: %s", i / 2, error != NULL ? error->message : found);
      g_assert_cmpstr (found, ==, wanted);
      if (wanted == NULL)
        g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
    }
}

/* HTTP-10: no host is longer than a name may be, and the longest list is one that a request can hold */
static void
test_longest_routes (void)
{
  for (guint length = 253; length <= 254; length++)
    {
      g_autofree char *host = g_strnfill (length, 'a');
      g_autofree char *list = g_strjoin (":65535;", host, host, host, host, host, host, host, host, "", NULL);
      g_autoptr (GPtrArray) routes = rs_routes_parse (list, NULL);
      g_autofree char *text = routes != NULL ? rs_routes_to_string (routes) : NULL;

      g_assert_cmpint (routes != NULL, ==, length == 253);
      if (text != NULL)
        g_assert_cmpuint (strlen (text), <=, RS_PROXIES_MAX);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fetch/addresses", test_addresses);
  g_test_add_func ("/fetch/address-text", test_address_text);
  g_test_add_func ("/fetch/request-uri", test_request_uri);
  g_test_add_func ("/fetch/redirects", test_redirects);
  g_test_add_func ("/fetch/same-server", test_same_server);
  g_test_add_func ("/fetch/redirect-secret", test_redirect_secret);
  g_test_add_func ("/fetch/file-names", test_file_names);
  g_test_add_func ("/fetch/retry-after", test_retry_after);
  g_test_add_func ("/fetch/validators", test_validators);
  g_test_add_func ("/fetch/statuses", test_statuses);
  g_test_add_func ("/fetch/lengths", test_lengths);
  g_test_add_func ("/fetch/routes", test_routes);
  g_test_add_func ("/fetch/routes/longest", test_longest_routes);
  return g_test_run ();
}
