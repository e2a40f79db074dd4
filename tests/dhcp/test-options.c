/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What option values yield: a table a form. In values, "\0" is a NUL of the wire; hints are written "K text", joined by
 * one blank, where K is u (URL), b (URL without a path), h (host). */
#include "dhcp/options.h"

#include <string.h>

typedef struct
{
  guint16     code;
  const char *value;
  gsize       length;
  const char *hints;
  guint       n_warnings;
} Case;

#define VALUE(text) text, sizeof (text) - 1

static GPtrArray *
new_options (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)rs_dhcp_option_free);
}

static void
add_option (GPtrArray  *options,
            guint16     code,
            gboolean    v6,
            const void *value,
            gsize       length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (value, length);

  g_ptr_array_add (options, rs_dhcp_option_new (code, v6, bytes));
}

static char *
hints_to_text (const RsDhcpSource *source)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < source->hints->len; i++)
    {
      const RsServerHint *hint = source->hints->pdata[i];

      g_string_append_printf (text, "%s%c %s", i > 0 ? " " : "", "ubh"[hint->kind], hint->text);
    }
  return g_string_free (text, FALSE);
}

/* One option, alone in the lease and in the order. */
static void
check_hints (const Case *c,
             gboolean    v6)
{
  g_autoptr (GPtrArray) options = new_options ();
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) sources = NULL;
  g_autofree char *hints = NULL;
  g_autofree char *shown = g_strescape (c->value, NULL);

  add_option (options, c->code, v6, c->value, c->length);
  sources = rs_dhcp_sources (options, &c->code, 1, v6, 0, 0, warnings);
  hints = sources->len > 0 ? hints_to_text (sources->pdata[0]) : g_strdup ("");
  g_test_message ("option %u, \"%s\"", c->code, shown);
  for (guint i = 0; i < warnings->len; i++)
    g_test_message ("  %s", (const char *)warnings->pdata[i]);
  g_assert_cmpstr (hints, ==, c->hints);
  g_assert_cmpuint (warnings->len, ==, c->n_warnings);
  if (sources->len > 0)
    {
      g_autofree char *name = g_strdup_printf (v6 ? "dhcp6-%u" : "dhcp-%u", c->code);
      const RsDhcpSource *source = sources->pdata[0];

      g_assert_cmpuint (sources->len, ==, 1);
      g_assert_cmpstr (source->name, ==, name);
      g_assert_null (source->acs_url);
    }
}

/* DISC-4: URL with and without path, bare host and address, lists */
static void
test_forms (void)
{
  static const Case cases[] = {
    { 66, VALUE ("https://prov.example.com/phones/a.xml"), "u https://prov.example.com/phones/a.xml", 0 },
    { 66, VALUE ("http://prov.example.com"), "b http://prov.example.com", 0 },
    { 66, VALUE ("http://prov.example.com/"), "b http://prov.example.com", 0 },
    { 66, VALUE ("HTTP://Prov.example.com/X"), "u http://Prov.example.com/X", 0 },
    { 66, VALUE ("tftp://192.0.2.5/a.cfg"), "u tftp://192.0.2.5/a.cfg", 0 },
    { 66, VALUE ("tftp://192.0.2.5:6969"), "b tftp://192.0.2.5:6969", 0 },
    { 66, VALUE ("https://prov.example.com?mac=$MA"), "u https://prov.example.com/?mac=$MA", 0 },
    { 66, VALUE ("https://prov.example.com:8443/a?b=c&d=%20e"), "u https://prov.example.com:8443/a?b=c&d=%20e", 0 },
    { 66, VALUE ("https://user:pa%40ss@prov.example.com/a"), "u https://user:pa%40ss@prov.example.com/a", 0 },
    { 66, VALUE ("https://[2001:db8::5]/a.xml"), "u https://[2001:db8::5]/a.xml", 0 },
    { 66, VALUE ("https://[2001:db8::5]:8443"), "b https://[2001:db8::5]:8443", 0 },
    { 66, VALUE ("192.0.2.5"), "h 192.0.2.5", 0 },
    { 66, VALUE ("192.0.2.5:6969"), "h 192.0.2.5:6969", 0 },
    { 66, VALUE ("192.0.2.5/"), "h 192.0.2.5", 0 },
    { 66, VALUE ("prov"), "h prov", 0 },
    { 66, VALUE ("prov.example.com."), "h prov.example.com.", 0 },
    { 66, VALUE ("prov_1.example.com:80"), "h prov_1.example.com:80", 0 },
    { 66, VALUE ("127.0.0.1"), "h 127.0.0.1", 0 },
    { 66, VALUE ("2001:db8::5"), "h [2001:db8::5]", 0 },
    { 66, VALUE ("2001:db8::5/"), "h [2001:db8::5]", 0 },
    { 66, VALUE ("[2001:db8::5]"), "h [2001:db8::5]", 0 },
    { 66, VALUE ("[2001:db8::5]:6969"), "h [2001:db8::5]:6969", 0 },
    { 66, VALUE ("::ffff:192.0.2.5"), "h [::ffff:192.0.2.5]", 0 },
    { 66, VALUE ("[2001:db8::5]/phones/a.cfg"), "u tftp://[2001:db8::5]/phones/a.cfg", 0 },
    { 66, VALUE ("192.0.2.5/phones/a.cfg"), "u tftp://192.0.2.5/phones/a.cfg", 0 },
    { 160, VALUE ("https://a.example/x;http://b.example;192.0.2.9"),
      "u https://a.example/x b http://b.example h 192.0.2.9", 0 },
    { 160, VALUE ("2001:db8::5;[2001:db8::6]:69;a.example"), "h [2001:db8::5] h [2001:db8::6]:69 h a.example", 0 },
    { 160, VALUE (" a.example ; ;b.example;"), "h a.example h b.example", 0 },
    { 160, VALUE ("a.example;ftp://b.example/x;c.example"), "h a.example h c.example", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_hints (&cases[i], FALSE);
}

/* DISC-4: macros are left in for whoever expands them */
static void
test_macros (void)
{
  static const Case cases[] = {
    { 66, VALUE ("https://h.example/$MAC.xml"), "u https://h.example/$MAC.xml", 0 },
    { 66, VALUE ("https://h.example/$(MA).xml"), "u https://h.example/$(MA).xml", 0 },
    { 66, VALUE ("https://h.example/$(MA:0:6)/$PN.cfg"), "u https://h.example/$(MA:0:6)/$PN.cfg", 0 },
    { 66, VALUE ("https://$(MA:6).h.example:443/x"), "u https://$(MA:6).h.example:443/x", 0 },
    { 66, VALUE ("https://$PN.h.example:$PORT/x"), "u https://$PN.h.example:$PORT/x", 0 },
    { 66, VALUE ("$PSN.h.example"), "h $PSN.h.example", 0 },
    { 66, VALUE ("https://h.example/$$(x)/a(1).cfg"), "u https://h.example/$$(x)/a(1).cfg", 0 },
    { 66, VALUE ("https://h.example/$(reboot)"), "", 1 },
    { 66, VALUE ("https://h.example/$(MA"), "", 1 },
    { 66, VALUE ("https://h.example/$(MA:)"), "", 1 },
    { 66, VALUE ("https://h.example/$(MA:1:2:3)"), "", 1 },
    { 66, VALUE ("https://h.example/$()"), "", 1 },
    { 66, VALUE ("$(reboot)"), "", 1 },
    { 66, VALUE ("$$(MA)"), "", 1 },
    { 66, VALUE ("$lower.example"), "", 1 },
    { 66, VALUE ("$"), "", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_hints (&cases[i], FALSE);
}

/* DISC-5: what is no URL and no host is ignored, and said */
static void
test_refused (void)
{
  static const Case cases[] = {
    { 66, VALUE (""), "", 1 },
    { 66, VALUE ("\0\0"), "", 1 },
    { 66, VALUE (" ; ;"), "", 1 },
    { 66, VALUE ("http://h.example/x\0y"), "", 1 },
    { 66, VALUE ("http://h.example/x\ny"), "", 1 },
    { 66, VALUE ("http://h.example/x\n"), "", 1 },
    { 66, VALUE ("http://h.example/x\177"), "", 1 },
    { 66, VALUE ("http://h.example/\303\251"), "", 1 },
    { 66, VALUE ("http://h.example/a b"), "", 1 },
    { 66, VALUE ("http://h.example/`reboot`"), "", 1 },
    { 66, VALUE ("`reboot`"), "", 1 },
    { 66, VALUE ("h.example|reboot"), "", 1 },
    { 66, VALUE ("h.example&&reboot"), "", 1 },
    { 66, VALUE ("'h.example'"), "", 1 },
    { 66, VALUE ("\"h.example\""), "", 1 },
    { 66, VALUE ("http://h.example/'a'"), "", 1 },
    { 66, VALUE ("http://h.example/a#b"), "", 1 },
    { 66, VALUE ("http://h.example/a|b"), "", 1 },
    { 66, VALUE ("http://h.example/a\\b"), "", 1 },
    { 66, VALUE ("http://h.example/<a>"), "", 1 },
    { 66, VALUE ("http://h.example/[--key x]"), "", 1 },
    { 66, VALUE ("[--key x] http://h.example/"), "", 1 },
    { 66, VALUE ("http://h.example/%zz"), "", 1 },
    { 66, VALUE ("http://h.example/%4"), "", 1 },
    { 66, VALUE ("ftp://h.example/a"), "", 1 },
    { 66, VALUE ("file:///etc/passwd"), "", 1 },
    { 66, VALUE ("gds://"), "", 1 },
    { 66, VALUE ("://h.example/"), "", 1 },
    { 66, VALUE ("file:/etc/passwd"), "", 1 },
    { 66, VALUE ("javascript:alert(1)"), "", 1 },
    { 66, VALUE ("/etc/passwd"), "", 1 },
    { 66, VALUE ("../x"), "", 1 },
    { 66, VALUE ("-h.example"), "", 1 },
    { 66, VALUE ("h-.example"), "", 1 },
    { 66, VALUE ("h..example"), "", 1 },
    { 66, VALUE ("."), "", 1 },
    { 66, VALUE ("http://"), "", 1 },
    { 66, VALUE ("http:///x"), "", 1 },
    { 66, VALUE ("http://:80/x"), "", 1 },
    { 66, VALUE ("http://h.example:0/x"), "", 1 },
    { 66, VALUE ("http://h.example:65536/x"), "", 1 },
    { 66, VALUE ("http://h.example:/x"), "", 1 },
    { 66, VALUE ("h.example:+80"), "", 1 },
    { 66, VALUE ("h.example:000080"), "", 1 },
    { 66, VALUE ("2001:db8::5/a.cfg"), "", 1 },
    { 66, VALUE ("2001:db8::5::1"), "", 1 },
    { 66, VALUE ("2001:db8:5"), "", 1 },
    { 66, VALUE ("fe80::1%eth0"), "", 1 },
    { 66, VALUE ("[2001:db8::5]69"), "", 1 },
    { 66, VALUE ("[2001:db8::5]:"), "", 1 },
    { 66, VALUE ("[2001:db8::5"), "", 1 },
    { 66, VALUE ("[prov.example.com]"), "", 1 },
    { 66, VALUE ("::"), "", 1 },
    { 66, VALUE ("[ff02::1]:69"), "", 1 },
    { 66, VALUE ("http://2001:db8::5/x"), "", 1 },
    { 66, VALUE ("http://[2001:db8::5/x"), "", 1 },
    { 66, VALUE ("http://[2001:db8::5]80/x"), "", 1 },
    { 66, VALUE ("http://[fe80::1%eth0]/x"), "", 1 },
    { 66, VALUE ("http://[::]/x"), "", 1 },
    { 66, VALUE ("http://[ff02::1]/x"), "", 1 },
    { 66, VALUE ("http://[192.0.2.5]/x"), "", 1 },
    { 66, VALUE ("256.1.1.1"), "", 1 },
    { 66, VALUE ("192.0.2"), "", 1 },
    { 66, VALUE ("1234"), "", 1 },
    { 66, VALUE ("0x7f000001"), "", 1 },
    { 66, VALUE ("h.0x1f"), "", 1 },
    { 66, VALUE ("0.0.0.0"), "", 1 },
    { 66, VALUE ("224.0.0.1"), "", 1 },
    { 66, VALUE ("255.255.255.255"), "", 1 },
    { 66, VALUE ("tftp://user@h.example/x"), "", 1 },
    { 66, VALUE ("https://user:pa%95ss@h.example/x"), "", 1 },
    { 66, VALUE ("https://user:pa%00ss@h.example/x"), "", 1 },
    { 66, VALUE ("https://user:pa%0ass@h.example/x"), "", 1 },
    { 66, VALUE ("http://a@b@h.example/x"), "", 1 },
    { 66, VALUE ("user@h.example"), "", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_hints (&cases[i], FALSE);
}

/* DISC-4: lists of addresses; DISC-5: NULs at the end are no part of a text */
static void
test_addresses (void)
{
  static const Case cases[] = {
    { 150, VALUE ("\12\115\0\1"), "h 10.77.0.1", 0 },
    { 150, VALUE ("\12\115\0\1\300\0\2\5"), "h 10.77.0.1 h 192.0.2.5", 0 },
    { 150, VALUE ("ABCD"), "h 65.66.67.68", 0 },
    { 150, VALUE ("\12\115\0\0"), "h 10.77.0.0", 0 },
    { 150, VALUE ("\12\115\0\1\0\0\0\0"), "h 10.77.0.1", 1 },
    { 150, VALUE ("\340\0\0\1\12\115\0\1"), "h 10.77.0.1", 1 },
    { 150, VALUE ("10.0.0.1"), "h 10.0.0.1", 0 },
    { 150, VALUE ("https://h.example/a"), "u https://h.example/a", 0 },
    { 150, VALUE ("http://h.example/\1x"), "", 1 },
    { 150, VALUE ("\12\115\0"), "", 1 },
    { 150, VALUE ("\12\115\0\1\12"), "", 1 },
    { 66, VALUE ("\12\115\0\1"), "h 10.77.0.1", 0 },
    { 159, VALUE ("\300\250\1\12\300\250\1\13"), "h 192.168.1.10 h 192.168.1.11", 0 },
    { 160, VALUE ("\254\20AB"), "h 172.16.65.66", 0 },
    { 66, VALUE ("http\1bad"), "", 1 },
    { 66, VALUE ("prov\0\0\0\0"), "h prov", 0 },
    { 66, VALUE ("http://h.example/cfg\0"), "u http://h.example/cfg", 0 },
    { 66, VALUE ("abc\0"), "h abc", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_hints (&cases[i], FALSE);
}

/* DISC-4: 60 is a class unless it is a URL, 67 the name of a file */
static void
test_class (void)
{
  static const Case cases[] = {
    { 60, VALUE ("dslforum.org"), "", 0 },
    { 60, VALUE ("https://h.example/$PN.cfg"), "u https://h.example/$PN.cfg", 0 },
    { 60, VALUE ("https://h.example/a b"), "", 1 },
    { 60, VALUE ("\1\2\3"), "", 0 },
    { 67, VALUE ("phone-boot.cfg"), "", 0 },
    { 67, VALUE ("http://h.example/boot.cfg"), "u http://h.example/boot.cfg", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_hints (&cases[i], FALSE);
}

/* DISC-4: DHCPv6 has texts and 17 */
static void
test_v6 (void)
{
  static const Case cases[] = {
    { 159, VALUE ("https://h.example/a"), "u https://h.example/a", 0 },
    { 160, VALUE ("https://[2001:db8::5]"), "b https://[2001:db8::5]", 0 },
    { 159, VALUE ("2001:db8::5"), "h [2001:db8::5]", 0 },
    { 160, VALUE ("\12\115\0\1"), "", 1 },
    { 43, VALUE ("\1\22http://a.example/x"), "", 1 },
    { 17, VALUE ("\0\0\15"), "", 1 },
    { 17, VALUE ("\0\0\15\351\0\1\0\5ABCD"), "", 1 },
    { 17, VALUE ("\0\0\0\11\0\1\0\4ABCD"), "", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_hints (&cases[i], TRUE);
}

typedef struct
{
  guint16     code;
  gboolean    v6;
  const char *value;
  gsize       length;
  guint32     enterprise; /* of VendorOption */
  guint16     sub;
  const char *hints;
  const char *acs_url;
  guint       n_warnings;
} VendorCase;

/* DISC-4: option 43 whole or by sub-option, 125 and 17 of TR-069, VendorOption */
static void
test_vendor (void)
{
  static const VendorCase cases[] = {
    { 43, FALSE, VALUE ("https://h.example/a"), 0, 0, "u https://h.example/a", NULL, 0 },
    { 43, FALSE, VALUE ("https://h.example/a;http://b.example\0"), 0, 0, "u https://h.example/a b http://b.example",
      NULL, 0 },
    { 43, FALSE, VALUE ("\1\22http://a.example/x"), 0, 0, "", "http://a.example/x", 0 },
    { 43, FALSE, VALUE ("\1\22HTTP://a.example/x"), 0, 0, "", "http://a.example/x", 0 },
    { 43, FALSE, VALUE ("\1\23http://a.example/x\0"), 0, 0, "", "http://a.example/x", 0 },
    { 43, FALSE, VALUE ("\2\2S1\0\1\22http://a.example/x\377\0\0"), 0, 0, "", "http://a.example/x", 0 },
    { 43, FALSE, VALUE ("\1\4\336\255\276\357\2\5hello"), 0, 0, NULL, NULL, 1 },
    { 43, FALSE, VALUE ("\2\5hello"), 0, 0, NULL, NULL, 0 },
    { 43, FALSE, VALUE ("\1\0"), 0, 0, NULL, NULL, 0 },
    { 43, FALSE, VALUE ("\1\23http://a.example/x"), 0, 0, NULL, NULL, 1 },
    { 43, FALSE, VALUE ("\1"), 0, 0, NULL, NULL, 1 },
    { 43, FALSE, VALUE ("h.example"), 0, 0, NULL, NULL, 1 },
    { 43, FALSE, VALUE ("\1\22tftp://a.example/x"), 0, 0, NULL, NULL, 1 },
    { 43, FALSE, VALUE ("\1\24http://u@a.example/x"), 0, 0, NULL, NULL, 1 },
    { 43, FALSE, VALUE ("\1\22http://a.example/ "), 0, 0, NULL, NULL, 1 },
    { 43, FALSE, VALUE ("\1\11a.example"), 0, 0, NULL, NULL, 1 },
    { 125, FALSE, VALUE ("\0\0\15\351\24\13\22http://a.example/x"), 0, 0, "", "http://a.example/x", 0 },
    { 125, FALSE, VALUE ("\0\0\15\351\24\1\22http://a.example/x"), 0, 0, NULL, NULL, 0 },
    { 125, FALSE, VALUE ("\0\0\15\351\25\13\22http://a.example/x"), 0, 0, NULL, NULL, 1 },
    { 125, FALSE, VALUE ("https://h.example/a"), 0, 0, NULL, NULL, 1 },
    { 125, FALSE, VALUE ("\0\0\0\11\13\7\11h.example"), 0, 0, NULL, NULL, 0 },
    { 125, FALSE, VALUE ("\0\0\0\11\13\7\11h.example"), 9, 7, "h h.example", NULL, 0 },
    { 125, FALSE, VALUE ("\0\0\0\11\13\7\11h.example"), 9, 8, NULL, NULL, 0 },
    { 125, FALSE, VALUE ("\0\0\0\11\13\7\11h.example\0\0\15\351\24\13\22http://a.example/x"), 9, 7, "h h.example",
      "http://a.example/x", 0 },
    { 125, FALSE, VALUE ("\0\0\15\351\13\7\11h.example"), 3561, 7, NULL, NULL, 0 },
    { 125, FALSE, VALUE ("\0\0\0\11\3\7\1`"), 9, 7, NULL, NULL, 1 },
    { 17, TRUE, VALUE ("\0\0\15\351\0\1\0\22http://a.example/x"), 0, 0, "", "http://a.example/x", 0 },
    { 17, TRUE, VALUE ("\0\0\0\11\1\7\0\11h.example"), 9, 263, "h h.example", NULL, 0 },
    { 17, TRUE, VALUE ("\0\0\15\351\0\1\0\4ABCD"), 0, 0, NULL, NULL, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const VendorCase *c = &cases[i];
      g_autoptr (GPtrArray) options = new_options ();
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GPtrArray) sources = NULL;

      g_test_message ("case %u, option %u", i, c->code);
      add_option (options, c->code, c->v6, c->value, c->length);
      sources = rs_dhcp_sources (options, &c->code, 1, c->v6, c->enterprise, c->sub, warnings);
      g_assert_cmpuint (warnings->len, ==, c->n_warnings);
      g_assert_cmpuint (sources->len, ==, c->hints != NULL ? 1 : 0);
      if (c->hints != NULL)
        {
          const RsDhcpSource *source = sources->pdata[0];
          g_autofree char *hints = hints_to_text (source);

          g_assert_cmpstr (hints, ==, c->hints);
          g_assert_cmpstr (source->acs_url, ==, c->acs_url);
        }
    }
}

/* DISC-3: the order is the parameter's, whatever that of the lease */
static void
test_order (void)
{
  static const guint16 order[] = { 66, 160, 159, 150, 66, 60, 43, 125 };
  static const char *const expected[] = { "dhcp-66", "dhcp-160", "dhcp-150", "dhcp-43" };
  g_autoptr (GPtrArray) options = new_options ();
  g_autoptr (GPtrArray) sources = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GPtrArray) v6 = NULL;

  add_option (options, 43, FALSE, VALUE ("http://d.example/"));
  add_option (options, 150, FALSE, VALUE ("\12\115\0\1"));
  add_option (options, 60, FALSE, VALUE ("dslforum.org"));
  add_option (options, 160, TRUE, VALUE ("http://six.example/"));
  add_option (options, 160, FALSE, VALUE ("http://b.example/"));
  add_option (options, 66, FALSE, VALUE ("a.example"));
  add_option (options, 120, FALSE, VALUE ("not.asked.example"));
  sources = rs_dhcp_sources (options, order, G_N_ELEMENTS (order), FALSE, 0, 0, NULL);
  g_assert_cmpuint (sources->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < sources->len; i++)
    g_assert_cmpstr (((RsDhcpSource *)sources->pdata[i])->name, ==, expected[i]);

  none = rs_dhcp_sources (options, NULL, 0, FALSE, 0, 0, NULL);
  g_assert_cmpuint (none->len, ==, 0);

  v6 = rs_dhcp_sources (options, order, G_N_ELEMENTS (order), TRUE, 0, 0, NULL);
  g_assert_cmpuint (v6->len, ==, 1);
  g_assert_cmpstr (((RsDhcpSource *)v6->pdata[0])->name, ==, "dhcp6-160");
}

/* DISC-5: the number of servers, of a source and of all, and the length of a value */
static void
test_bounds (void)
{
  guint16 order[10];
  g_autoptr (GPtrArray) options = new_options ();
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) sources = NULL;
  g_autoptr (GString) many = g_string_new (NULL);
  guint8 addresses[20 * 4];
  guint n = 0;

  for (guint i = 0; i < 300; i++)
    g_string_append_printf (many, "h%u.example;", i);
  for (guint i = 0; i < sizeof addresses; i++)
    addresses[i] = 192;
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      order[i] = 200 + i;
      add_option (options, order[i], FALSE, many->str, many->len);
    }
  order[0] = 150;
  add_option (options, 150, FALSE, addresses, sizeof addresses);
  sources = rs_dhcp_sources (options, order, G_N_ELEMENTS (order), FALSE, 0, 0, warnings);
  for (guint i = 0; i < sources->len; i++)
    {
      const RsDhcpSource *source = sources->pdata[i];

      g_assert_cmpuint (source->hints->len, <=, 16);
      n += source->hints->len;
    }
  g_assert_cmpuint (n, ==, 64);
  g_assert_cmpuint (sources->len, ==, 4);
  g_assert_cmpuint (warnings->len, ==, 10);

  g_ptr_array_set_size (options, 0);
  g_ptr_array_set_size (warnings, 0);
  g_clear_pointer (&sources, g_ptr_array_unref);
  while (many->len <= 16 * 255)
    g_string_append (many, "x.example;");
  add_option (options, 66, FALSE, many->str, 16 * 255);
  add_option (options, 160, FALSE, many->str, 16 * 255 + 1);
  sources = rs_dhcp_sources (options, (const guint16[]){ 160, 66 }, 2, FALSE, 0, 0, warnings);
  g_assert_cmpuint (sources->len, ==, 1);
  g_assert_cmpstr (((RsDhcpSource *)sources->pdata[0])->name, ==, "dhcp-66");
  g_assert_cmpuint (warnings->len, ==, 2);
}

/* DISC-5: a warning names the option, is safe to print and holds no password and no query */
static void
test_warnings (void)
{
  static const struct
  {
    const char *value;
    gsize       length;
    const char *shown;
  } cases[] = {
    { VALUE ("http://user:pass word@h.example/x?token=abc"), "“…@h.example/x?…”" },
    { VALUE ("http://h.example/x\nFake: line"), "“http://h.example/x\\x0aFake: line”" },
    { VALUE ("http://h.example/\0?token"), "“http://h.example/\\x00?…”" },
    { VALUE ("http://h.example/\342\200\256x"), "“http://h.example/\\u202ex”" },
    { VALUE ("http://u:sec;ret@h.example/x"), "“…”" },
    { VALUE ("http://h.example/%zz?password=1"), "“http://h.example/%zz?…”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) options = new_options ();
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GPtrArray) sources = NULL;

      add_option (options, 66, FALSE, cases[i].value, cases[i].length);
      sources = rs_dhcp_sources (options, (const guint16[]){ 66 }, 1, FALSE, 0, 0, warnings);
      g_assert_cmpuint (warnings->len, >=, 1);
      g_test_message ("%s", (const char *)warnings->pdata[0]);
      g_assert_true (g_str_has_prefix (warnings->pdata[0], "DHCP option 66: "));
      g_assert_nonnull (strstr (warnings->pdata[0], cases[i].shown));
      for (guint k = 0; k < warnings->len; k++)
        {
          g_assert_null (strstr (warnings->pdata[k], "sec"));
          g_assert_null (strstr (warnings->pdata[k], "ret@"));
          g_assert_true (g_utf8_strlen (warnings->pdata[k], -1) < 300);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dhcp/forms", test_forms);
  g_test_add_func ("/dhcp/macros", test_macros);
  g_test_add_func ("/dhcp/refused", test_refused);
  g_test_add_func ("/dhcp/addresses", test_addresses);
  g_test_add_func ("/dhcp/class", test_class);
  g_test_add_func ("/dhcp/v6", test_v6);
  g_test_add_func ("/dhcp/vendor", test_vendor);
  g_test_add_func ("/dhcp/order", test_order);
  g_test_add_func ("/dhcp/bounds", test_bounds);
  g_test_add_func ("/dhcp/warnings", test_warnings);
  return g_test_run ();
}
