/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of the dictionaries that NetworkManager shows, as Debian 12 has them with either DHCP client. */
#include "discovery/lease.h"

#include "base/text.h"
#include "dhcp/options.h"

#include <string.h>

static char *
options_to_text (const RsLease *lease)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < lease->options->len; i++)
    {
      const RsDhcpOption *option = lease->options->pdata[i];
      g_autofree char *hex = rs_text_hex (g_bytes_get_data (option->value, NULL), g_bytes_get_size (option->value));

      g_string_append_printf (text, "%s%s%u=%s", i > 0 ? " " : "", option->v6 ? "v6-" : "", option->code, hex);
    }
  return g_string_free (text, FALSE);
}

/* pairs: key, value, …, NULL */
static void
read_pairs (RsLease           *lease,
            gboolean           v6,
            const char *const *pairs)
{
  g_autoptr (GHashTable) dictionary = g_hash_table_new (g_str_hash, g_str_equal);

  for (; *pairs != NULL; pairs += 2)
    g_hash_table_insert (dictionary, (gpointer)pairs[0], (gpointer)pairs[1]);
  rs_lease_read_dhcp (lease, v6, dictionary);
}

static RsLease *
lease_of (const char *const *v4,
          const char *const *v6)
{
  RsLease *lease = rs_lease_new ();

  lease->connected = TRUE;
  if (v4 != NULL)
    read_pairs (lease, FALSE, v4);
  if (v6 != NULL)
    read_pairs (lease, TRUE, v6);
  rs_lease_seal (lease);
  return lease;
}

/* DISC-3, DISC-5: our own names and nothing of dhclient's */
static void
test_dhclient (void)
{
  static const char *const v4[] = {
    "ip_address", "10.77.0.145", "domain_name", "phones.lab", "expiry", "1700000000", "dhcp_lease_time", "120",
    "phone_160", "104 116 116 112 58 47 47 97 0", "phone_043", "1 4 222 173 190 239", "phone_150", "10 77 0 1",
    "phone_060", "97 98", "vendor_class_identifier", "http://wrong/", "requested_phone_066", "1", "tftp_server_name", "http://wrong/",
    "vendor_encapsulated_options", "1:4:de:ad", "v4_portparams", "104 116 29808", "v4_captive_portal", "http://wrong/",
    "tftp_server_address", "10.0.0.9", "bootfile_name", "wrong.cfg", "filename", "wrong.cfg", "unknown_120", "1:a:4d",
    "phone_66", "104", "phone_0066", "104", "phone_000", "104", "phone_255", "104", "phone_", "104", "phone_06x", "104",
    "dhcp6_phone_017", "1", "wpad", "http://a/", NULL,
  };
  static const char *const v6[] = {
    "ip6_address", "fd77::105", "dhcp6_domain_search", "six.lab other.lab", "dhcp6_phone_017", "0 0 13 233 0 1 0 1 65",
    "dhcp6_vendor_opts", "0:0", "phone_159", "104", "wpad", "http://wrong/", NULL,
  };
  g_autoptr (RsLease) lease = lease_of (v4, v6);
  g_autofree char *options = options_to_text (lease);

  g_assert_cmpstr (options, ==, "43=0104deadbeef 60=6162 150=0a4d0001 160=687474703a2f2f6100 252=687474703a2f2f612f v6-17=00000de90001000141");
  g_assert_cmpstr (lease->address, ==, "10.77.0.145");
  g_assert_cmpstr (lease->domain, ==, "phones.lab");
}

/* DISC-3: NetworkManager's own client shows none of the options; the name of a boot file is no server */
static void
test_internal (void)
{
  static const char *const v4[] = {
    "ip_address", "10.77.0.145", "domain_name", "phones.lab", "bootfile_name", "phone-boot.cfg", "filename", "http://wrong/",
    "next_server", "10.77.0.1", "private_230", "70:72:69", "dhcp_client_identifier", "01:02:00:5e:00:53:01", NULL,
  };
  g_autoptr (RsLease) lease = lease_of (v4, NULL);

  g_assert_cmpuint (lease->options->len, ==, 0);
  g_assert_cmpstr (lease->domain, ==, "phones.lab");
}

/* DISC-7: only DHCPv6, so the domain is the first of its list */
static void
test_v6_only (void)
{
  static const char *const v6[] = { "ip6_address", "fd77::105", "dhcp6_domain_search", "six.lab. other.lab.", NULL };
  g_autoptr (RsLease) lease = lease_of (NULL, v6);

  g_assert_cmpstr (lease->address, ==, "fd77::105");
  g_assert_cmpstr (lease->domain, ==, "six.lab");
}

/* DISC-5: values in another form than bytes, domains that are none */
static void
test_refused (void)
{
  static const struct
  {
    const char *key, *value, *options, *domain;
    gboolean    said;
  } cases[] = {
    { "phone_066", "104 116", "66=6874", "", FALSE },
    { "phone_066", "http://a/", "", "", TRUE },
    { "phone_066", "68:74", "", "", TRUE },
    { "phone_066", "", "", "", TRUE },
    { "wpad", "http://a/", "252=687474703a2f2f612f", "", FALSE },
    { "wpad", "68:74:74:70:3a:2f:2f:61:a", "252=687474703a2f2f61", "", FALSE },
    { "wpad", "68:74:74:70:3a:2f:2f:61:d:a:0", "252=687474703a2f2f61", "", FALSE },
    { "wpad", "http://a/ \n", "252=687474703a2f2f612f", "", FALSE },
    { "wpad", "a:b:", "252=613a623a", "", FALSE },
    { "wpad", "a:bcd", "252=613a626364", "", FALSE },
    { "wpad", "", "", "", FALSE },
    { "wpad", "\n", "", "", FALSE },
    { "wpad", "0:0", "", "", FALSE },
    { "domain_name", "phones.lab", "", "phones.lab", FALSE },
    { "domain_name", "phones.lab other.lab", "", "phones.lab", FALSE },
    { "domain_name", "phones.lab.", "", "phones.lab", FALSE },
    { "domain_name", ".", "", "", FALSE },
    { "domain_name", "$(reboot)", "", "", TRUE },
    { "domain_name", "a..b", "", "", TRUE },
    { "domain_name", ".a", "", "", TRUE },
    { "domain_name", "-a", "", "", TRUE },
    { "domain_name", "a/b", "", "", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *pairs[] = { cases[i].key, cases[i].value, NULL };
      g_autoptr (RsLease) lease = NULL;
      g_autofree char *options = NULL;

      lease = lease_of (pairs, NULL);
      g_assert_cmpuint (lease->warnings->len, ==, cases[i].said ? 1 : 0);
      for (guint k = 0; k < lease->warnings->len; k++)
        g_assert_nonnull (strstr (lease->warnings->pdata[k], " is ignored: "));
      options = options_to_text (lease);
      g_assert_cmpstr (options, ==, cases[i].options);
      g_assert_cmpstr (lease->domain, ==, cases[i].domain);
    }
}

/* DISC-6: what makes a lease another one */
static void
test_identity (void)
{
  static const char *const base_pairs[] = { "ip_address", "10.0.0.1", "domain_name", "a.lab", "phone_066", "104 116", NULL };
  static const char *const renewed[]
    = { "phone_066", "104 116", "domain_name", "a.lab", "ip_address", "10.0.0.1", "expiry", "5", "dhcp_renewal_time", "7", NULL };
  static const char *const others[][7] = {
    { "ip_address", "10.0.0.2", "domain_name", "a.lab", "phone_066", "104 116", NULL },
    { "ip_address", "10.0.0.1", "domain_name", "b.lab", "phone_066", "104 116", NULL },
    { "ip_address", "10.0.0.1", "domain_name", "a.lab", "phone_066", "104 117", NULL },
    { "ip_address", "10.0.0.1", "domain_name", "a.lab", "phone_067", "104 116", NULL },
    { "ip_address", "10.0.0.1", "domain_name", "a.lab", NULL },
  };
  g_autoptr (RsLease) lease = lease_of (base_pairs, NULL);
  g_autoptr (RsLease) same = lease_of (renewed, NULL);
  g_autoptr (RsLease) copy = rs_lease_copy (lease);
  g_autoptr (RsLease) none = rs_lease_new ();

  g_assert_cmpstr (lease->identity, ==, same->identity);
  g_assert_cmpstr (lease->identity, ==, copy->identity);
  g_assert_true (copy->connected);
  g_assert_cmpuint (copy->options->len, ==, 1);
  g_assert_true (copy->options->pdata[0] != lease->options->pdata[0]);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (RsLease) other = lease_of (others[i], NULL);

      g_assert_cmpstr (lease->identity, !=, other->identity);
    }
  rs_lease_seal (none);
  g_assert_cmpstr (none->identity, ==, "");
  g_assert_false (none->connected);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/discovery/dhclient", test_dhclient);
  g_test_add_func ("/discovery/internal", test_internal);
  g_test_add_func ("/discovery/v6-only", test_v6_only);
  g_test_add_func ("/discovery/refused", test_refused);
  g_test_add_func ("/discovery/identity", test_identity);
  return g_test_run ();
}
