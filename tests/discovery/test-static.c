/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Manager=none, and when the signal comes. */
#include "discovery/network.h"

#include "dhcp/options.h"
#include "discovery/lease.h"

#include <string.h>

static void
count (RsNetwork *network,
       guint     *n)
{
  ++*n;
}

static void
run_until_idle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static char *
options_to_text (const RsLease *lease)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < lease->options->len; i++)
    {
      const RsDhcpOption *option = lease->options->pdata[i];

      g_string_append_printf (text, "%s%s%u=%.*s", i > 0 ? " " : "", option->v6 ? "v6-" : "", option->code,
                              (int)g_bytes_get_size (option->value),
                              (const char *)g_bytes_get_data (option->value, NULL));
    }
  return g_string_free (text, FALSE);
}

/* DISC-3: the list as resyncd.conf has it */
static void
test_options (void)
{
  static const struct
  {
    const char *options, *text;
    guint       n_warnings;
  } cases[] = {
    { "66=192.0.2.5;160=https://a/\\;https://b/", "66=192.0.2.5 160=https://a/;https://b/", 0 },
    { "160=https://b/;66=192.0.2.5;", "66=192.0.2.5 160=https://b/", 0 },
    { " 66 = 192.0.2.5 ; ; v6-17=x", "66= 192.0.2.5 v6-17=x", 0 },
    { "v6-160=https://a/?x=1&y=2;160=c", "160=c v6-160=https://a/?x=1&y=2", 0 },
    { "66=a\\\\b\\c", "66=a\\b\\c", 0 },
    { "66=a;66=b", "66=a", 0 },
    { "66=", "66=", 0 },
    { "", "", 0 },
    { NULL, "", 0 },
    { "66", "", 1 },
    { "0=a;255=a;-1=a;x=a;=a;v6-=a;v6-0=a;v6-65536=a;66=b", "66=b", 8 },
    { "v6-65535=a", "v6-65535=a", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (RsNetwork) network = rs_network_new_static (cases[i].options, NULL, warnings);
      g_autofree char *text = NULL;

      rs_network_start (network);
      run_until_idle ();
      text = options_to_text (rs_network_get_lease (network));
      g_assert_cmpstr (text, ==, cases[i].text);
      g_assert_cmpuint (warnings->len, ==, cases[i].n_warnings);
    }
}

/* STORE-3: a warning does not show a value */
static void
test_warning (void)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (RsNetwork) network = rs_network_new_static ("x66=https://u:secret@a/\n", "b d", NULL);
  g_autoptr (RsNetwork) other = rs_network_new_static ("x66=https://u:secret@a/", "a b", warnings);

  g_assert_cmpuint (warnings->len, ==, 2);
  for (guint i = 0; i < warnings->len; i++)
    g_assert_null (strstr (warnings->pdata[i], "secret"));
}

/* DISC-6: it is said once, after the start and not within it */
static void
test_signal (void)
{
  g_autoptr (RsNetwork) network = rs_network_new_static ("66=192.0.2.5", "phones.lab", NULL);
  guint n = 0;

  g_signal_connect (network, "lease-changed", G_CALLBACK (count), &n);
  g_assert_false (rs_network_get_lease (network)->connected);
  rs_network_start (network);
  g_assert_cmpuint (n, ==, 0);
  run_until_idle ();
  g_assert_cmpuint (n, ==, 1);
  g_assert_true (rs_network_get_lease (network)->connected);
  g_assert_cmpstr (rs_network_get_lease (network)->domain, ==, "phones.lab");
  rs_network_start (network);
  run_until_idle ();
  g_assert_cmpuint (n, ==, 1);
}

/* DISC-6: an equal lease is no change, and what was given out stays valid; a lost and a different one are changes */
static void
test_set (void)
{
  g_autoptr (RsNetwork) network = rs_network_new_static ("66=192.0.2.5", NULL, NULL);
  const RsLease *before;
  RsLease *lease;
  guint n = 0;

  rs_network_start (network);
  run_until_idle ();
  g_signal_connect (network, "lease-changed", G_CALLBACK (count), &n);
  before = rs_network_get_lease (network);
  rs_network_set_lease (network, rs_lease_copy (before));
  g_assert_cmpuint (n, ==, 0);
  g_assert_true (rs_network_get_lease (network) == before);

  lease = rs_lease_copy (before);
  rs_lease_set (&lease->address, "192.0.2.77");
  rs_lease_seal (lease);
  rs_network_set_lease (network, lease);
  g_assert_cmpuint (n, ==, 1);

  rs_network_set_lease (network, rs_lease_new ());
  g_assert_cmpuint (n, ==, 2);
  g_assert_false (rs_network_get_lease (network)->connected);
  rs_network_set_lease (network, rs_lease_new ());
  g_assert_cmpuint (n, ==, 2);
}

/* DISC-6: an owner that lets go before the main loop ran */
static void
test_early_end (void)
{
  RsNetwork *network = rs_network_new_static ("66=192.0.2.5", NULL, NULL);

  rs_network_start (network);
  g_object_add_weak_pointer (G_OBJECT (network), (gpointer *)&network);
  g_object_unref (network);
  g_assert_null (network);
  run_until_idle ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/discovery/static/options", test_options);
  g_test_add_func ("/discovery/static/warning", test_warning);
  g_test_add_func ("/discovery/static/signal", test_signal);
  g_test_add_func ("/discovery/static/set", test_set);
  g_test_add_func ("/discovery/static/early-end", test_early_end);
  return g_test_run ();
}
