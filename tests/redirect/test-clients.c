/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits of clients, with the time as an argument. */
#include "redirect/clients.h"
#include "redirect/guesses.h"

#define SECOND ((gint64)G_USEC_PER_SEC)
#define DAY (24 * 3600 * SECOND)
#define ENOUGH 20000

static void
test_requests (void)
{
  g_autoptr (RsClients) clients = rs_clients_new (60, 60 * SECOND, 0);

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
  g_autoptr (RsClients) clients = rs_clients_new (0, 60 * SECOND, 0);

  for (guint i = 0; i < 100000; i++)
    g_assert_cmpuint (rs_clients_ask (clients, "a", 0), ==, 0);
}

/* DISC-11: 30 s after the fifth, then twice as long each time, to an hour and a little more */
static void
test_wrong_codes (void)
{
  static const guint waits[] = { 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3840, 3840 };
  g_autoptr (RsClients) clients = rs_clients_new (0, DAY, 5);
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
  /* and so it does after one that was right */
  for (guint i = 0; i < 5; i++)
    rs_clients_wrong_code (clients, "a", now);
  g_assert_cmpuint (rs_clients_code_wait (clients, "a", now), >, 0);
  rs_clients_right_code (clients, "a");
  for (guint i = 0; i < 4; i++)
    rs_clients_wrong_code (clients, "a", now);
  g_assert_cmpuint (rs_clients_code_wait (clients, "a", now), ==, 0);
}

/* However many there are, the table is bounded, and who came last is remembered. */
static void
test_many (void)
{
  g_autoptr (RsClients) clients = rs_clients_new (0, DAY, 1);

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

/* HTTP-7: whoever comes when told is served, also one who asks in the middle of another's wait */
static void
test_turns (void)
{
  g_autoptr (RsClients) clients = rs_clients_new (3, 60 * SECOND, 0);
  guint first, second, third;

  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (rs_clients_ask (clients, "site", 0), ==, 0);
  first = rs_clients_ask (clients, "site", 0);
  second = rs_clients_ask (clients, "site", 0);
  third = 10 + rs_clients_ask (clients, "site", 10 * SECOND);
  g_assert_true (first < second && second < third);
  g_assert_cmpuint (third, <=, 61);
  g_assert_cmpuint (rs_clients_ask (clients, "site", first * SECOND), ==, 0);
  g_assert_cmpuint (rs_clients_ask (clients, "site", second * SECOND), ==, 0);
  g_assert_cmpuint (rs_clients_ask (clients, "site", third * SECOND), ==, 0);
}

/* HTTP-7: 10 000 phones behind one address that ask at once, and obey: each is told a turn of its own, so none asks more than a few
 * times, no second has many more of them than are served, and the last is served as soon as the limit lets it be */
static void
test_storm (void)
{
  enum { PHONES = 10000, MINUTE_BUDGET = 600, SECONDS = 1200 };
  g_autoptr (RsClients) clients = rs_clients_new (MINUTE_BUDGET, 60 * SECOND, 0);
  g_autofree guint *coming = g_new0 (guint, SECONDS);
  guint served = 0, asked = 0, most = 0, last = 0;

  coming[0] = PHONES;
  for (guint second = 0; second < SECONDS; second++)
    {
      asked += coming[second];
      most = second > 0 ? MAX (most, coming[second]) : most;
      for (guint i = 0; i < coming[second]; i++)
        {
          guint wait = rs_clients_ask (clients, "site", second * SECOND);

          if (wait == 0)
            {
              served++;
              last = second;
              continue;
            }
          g_assert_cmpuint (second + wait, <, SECONDS);
          coming[second + wait]++;
        }
    }
  g_test_message ("%u requests, %u in a second, the last at %u s", asked, most, last);
  g_assert_cmpuint (served, ==, PHONES);
  g_assert_cmpuint (asked, <=, 3 * PHONES);
  g_assert_cmpuint (most, <=, 2 * MINUTE_BUDGET / 60);
  g_assert_cmpuint (last, <=, (PHONES - MINUTE_BUDGET) * 60 / MINUTE_BUDGET + 60);
}

/* One that never obeys does not put the others off for longer than an hour. */
static void
test_longest_queue (void)
{
  g_autoptr (RsClients) clients = rs_clients_new (60, 60 * SECOND, 0);
  guint wait = 0;

  for (guint i = 0; i < 10000; i++)
    wait = rs_clients_ask (clients, "a", 0);
  g_assert_cmpuint (wait, <=, 3602);
  /* and its turn does come */
  g_assert_cmpuint (rs_clients_ask (clients, "a", wait * SECOND), ==, 0);
}

static void
test_names (void)
{
  static const struct
  {
    const char *address;
    guint bits;
    const char *name;
  } table[] = {
    { "192.0.2.1", 64, "192.0.2.1" },
    { "192.0.2.1", 48, "192.0.2.1" },
    { "::ffff:192.0.2.1", 64, "192.0.2.1" },
    { "2001:db8:1:2:3::4", 64, "2001:0db8:0001:0002::/64" },
    { "2001:db8:1:2:3::4", 48, "2001:0db8:0001::/48" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GInetAddress) address = g_inet_address_new_from_string (table[i].address);
      g_autofree char *name = rs_clients_name (address, table[i].bits);

      g_assert_cmpstr (name, ==, table[i].name);
    }
}

/* Wrong ones that are looked at before the first that is not, each of another phone. next: the address of the nth. */
static guint
guess_until_told_to_wait (RsGuesses *guesses,
                          guint      digits,
                          char    *(*next) (guint n))
{
  for (guint i = 0; i < ENOUGH; i++)
    {
      g_autofree char *text = next (i);
      g_autofree char *mac = g_strdup_printf ("%012x", i);
      g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);
      RsGuess guess = { address, mac, digits };

      if (rs_guesses_wait (guesses, &guess, 0) > 0)
        return i;
      rs_guesses_note (guesses, &guess, FALSE, 0);
    }
  return ENOUGH;
}

static char *
same_address (guint n)
{
  return g_strdup ("192.0.2.1");
}

static char *
in_one_network (guint n)
{
  return g_strdup_printf ("2001:db8::%x", n & 0xffff);
}

static char *
in_one_site (guint n)
{
  return g_strdup_printf ("2001:db8:0:%x::1", n & 0xffff);
}

static char *
anywhere (guint n)
{
  return g_strdup_printf ("2001:%x:%x::1", n >> 8, n & 0xff);
}

/* DISC-11: who invents phones is slowed by its network, who has networks by its site, and who has sites by the names that there are */
static void
test_guessing (void)
{
  static const struct
  {
    char *(*next) (guint n);
    guint digits;
    guint most;
  } table[] = {
    { same_address, 0, 100 }, { in_one_network, 0, 100 }, { in_one_site, 0, 400 },  { anywhere, 0, ENOUGH },
    { anywhere, 3, 100 },     { anywhere, 4, 1000 },      { anywhere, 5, 10000 }, { anywhere, 16, ENOUGH },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (RsGuesses) guesses = rs_guesses_new (5);

      g_assert_cmpuint (guess_until_told_to_wait (guesses, table[i].digits, table[i].next), ==, table[i].most);
    }
}

/* DISC-11: a phone that is clumsy waits by itself, and what it enters right ends that */
static void
test_clumsy (void)
{
  g_autoptr (RsGuesses) guesses = rs_guesses_new (5);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string ("192.0.2.1");
  RsGuess clumsy = { address, "00562b043615", 0 }, other = { address, "00562b043616", 0 };
  gint64 now = 0;

  for (guint i = 0; i < 4; i++)
    rs_guesses_note (guesses, &clumsy, FALSE, now);
  rs_guesses_note (guesses, &clumsy, TRUE, now);
  for (guint i = 0; i < 4; i++)
    rs_guesses_note (guesses, &clumsy, FALSE, now);
  g_assert_cmpuint (rs_guesses_wait (guesses, &clumsy, now), ==, 0);
  /* a whole day of it, each as soon as it may */
  while (now < DAY)
    {
      now += rs_guesses_wait (guesses, &clumsy, now) * SECOND;
      rs_guesses_note (guesses, &clumsy, FALSE, now);
      g_assert_cmpuint (rs_guesses_wait (guesses, &other, now), ==, 0);
    }
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
  g_test_add_func ("/redirect/clients/turns", test_turns);
  g_test_add_func ("/redirect/clients/storm", test_storm);
  g_test_add_func ("/redirect/clients/longest-queue", test_longest_queue);
  g_test_add_func ("/redirect/clients/names", test_names);
  g_test_add_func ("/redirect/guesses/guessing", test_guessing);
  g_test_add_func ("/redirect/guesses/clumsy", test_clumsy);
  return g_test_run ();
}
