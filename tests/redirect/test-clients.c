/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits of clients, with the time as an argument. */
#include "redirect/clients.h"

#define SECOND ((gint64)G_USEC_PER_SEC)

static void
test_requests (void)
{
  g_autoptr (RsClients) clients = rs_clients_new (60, 5);

  for (guint i = 0; i < 60; i++)
    g_assert_cmpuint (rs_clients_ask (clients, "a", 0), ==, 0);
  g_assert_cmpuint (rs_clients_ask (clients, "a", 0), ==, 2);
  /* another has its own */
  g_assert_cmpuint (rs_clients_ask (clients, "b", 0), ==, 0);
  /* one a second comes back */
  g_assert_cmpuint (rs_clients_ask (clients, "a", 2 * SECOND), ==, 0);
  g_assert_cmpuint (rs_clients_ask (clients, "a", 2 * SECOND), ==, 0);
  g_assert_cmpuint (rs_clients_ask (clients, "a", 2 * SECOND), >, 0);
  /* and never more than a minute's */
  for (guint i = 0; i < 60; i++)
    g_assert_cmpuint (rs_clients_ask (clients, "a", 3600 * SECOND), ==, 0);
  g_assert_cmpuint (rs_clients_ask (clients, "a", 3600 * SECOND), >, 0);
}

static void
test_no_limit (void)
{
  g_autoptr (RsClients) clients = rs_clients_new (0, 5);

  for (guint i = 0; i < 100000; i++)
    g_assert_cmpuint (rs_clients_ask (clients, "a", 0), ==, 0);
}

/* DISC-11: 30 s after the fifth, then twice as long each time, to an hour and a little more */
static void
test_wrong_codes (void)
{
  static const guint waits[] = { 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3840, 3840 };
  g_autoptr (RsClients) clients = rs_clients_new (600, 5);
  gint64 now = 0;

  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      rs_clients_wrong_code (clients, "a", now);
      g_assert_cmpuint (rs_clients_code_wait (clients, "a", now), ==, waits[i]);
      g_assert_cmpuint (rs_clients_code_wait (clients, "b", now), ==, 0);
      if (waits[i] > 0)
        g_assert_cmpuint (rs_clients_code_wait (clients, "a", now + waits[i] * SECOND - 1), ==, 1);
      now += waits[i] * SECOND;
      g_assert_cmpuint (rs_clients_code_wait (clients, "a", now), ==, 0);
    }
  /* a day later it begins anew */
  now += 24 * 3600 * SECOND + 1;
  rs_clients_wrong_code (clients, "a", now);
  g_assert_cmpuint (rs_clients_code_wait (clients, "a", now), ==, 0);
}

/* However many there are, the table is bounded, and who came last is remembered. */
static void
test_many (void)
{
  g_autoptr (RsClients) clients = rs_clients_new (1, 1);

  for (guint i = 0; i < 100000; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      rs_clients_wrong_code (clients, name, 0);
      rs_clients_wrong_code (clients, "always", 0);
    }
  g_assert_cmpuint (rs_clients_n_known (clients), ==, 65536);
  g_assert_cmpuint (rs_clients_code_wait (clients, "always", 0), ==, 3840);
  g_assert_cmpuint (rs_clients_code_wait (clients, "99999", 0), ==, 30);
  g_assert_cmpuint (rs_clients_code_wait (clients, "0", 0), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redirect/clients/requests", test_requests);
  g_test_add_func ("/redirect/clients/no-limit", test_no_limit);
  g_test_add_func ("/redirect/clients/wrong-codes", test_wrong_codes);
  g_test_add_func ("/redirect/clients/many", test_many);
  return g_test_run ();
}
