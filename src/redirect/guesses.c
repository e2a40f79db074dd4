/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Four counts of what was wrong: of a phone, of its network, of the site around that, and of all names of so many digits. */
#include "redirect/guesses.h"

#include "redirect/clients.h"

#define DAY G_TIME_SPAN_DAY
#define PHONES_OF_A_NETWORK 20 /* so many may use up their wrong codes in a day */
#define NETWORKS_OF_A_SITE 4
#define NETWORK_BITS 64
#define SITE_BITS 48
#define SHORTEST_NAME 3
#define LONGEST_GUESSED_NAME 8
#define SHARE_OF_NAMES 10 /* one of so many, a day */

struct _RsGuesses
{
  RsClients *phones;   /* "NETWORK MAC" */
  RsClients *networks;
  RsClients *sites;
  RsClients *names[LONGEST_GUESSED_NAME + 1]; /* by digits; NULL: as good as endless. Of one client, "". */
};

RsGuesses *
rs_guesses_new (guint wrong_codes)
{
  RsGuesses *guesses = g_new0 (RsGuesses, 1);
  guint of_network = wrong_codes * PHONES_OF_A_NETWORK;
  guint count = 1;

  guesses->phones = rs_clients_new (0, DAY, wrong_codes);
  guesses->networks = rs_clients_new (of_network, DAY, 0);
  guesses->sites = rs_clients_new (of_network * NETWORKS_OF_A_SITE, DAY, 0);
  for (guint i = 1; i <= LONGEST_GUESSED_NAME; i++)
    {
      count *= 10;
      if (i >= SHORTEST_NAME)
        guesses->names[i] = rs_clients_new (count / SHARE_OF_NAMES, DAY, 0);
    }
  return guesses;
}

void
rs_guesses_free (RsGuesses *guesses)
{
  if (guesses == NULL)
    return;
  rs_clients_free (guesses->phones);
  rs_clients_free (guesses->networks);
  rs_clients_free (guesses->sites);
  for (guint i = 0; i < G_N_ELEMENTS (guesses->names); i++)
    rs_clients_free (guesses->names[i]);
  g_free (guesses);
}

static char *
phone_of (const char    *network,
          const RsGuess *guess)
{
  return g_strconcat (network, " ", guess->mac, NULL);
}

/* NULL: there are too many such codes to be guessed. */
static RsClients *
names_of (const RsGuesses *guesses,
          const RsGuess   *guess)
{
  return guess->digits < G_N_ELEMENTS (guesses->names) ? guesses->names[guess->digits] : NULL;
}

guint
rs_guesses_wait (const RsGuesses *guesses,
                 const RsGuess   *guess,
                 gint64           now)
{
  g_autofree char *network = rs_clients_name (guess->address, NETWORK_BITS);
  g_autofree char *site = rs_clients_name (guess->address, SITE_BITS);
  g_autofree char *phone = phone_of (network, guess);
  RsClients *names = names_of (guesses, guess);
  guint wait = rs_clients_code_wait (guesses->phones, phone, now);

  wait = MAX (wait, rs_clients_wait (guesses->networks, network, now));
  wait = MAX (wait, rs_clients_wait (guesses->sites, site, now));
  return names != NULL ? MAX (wait, rs_clients_wait (names, "", now)) : wait;
}

/* Only the phone's own count ends with a code that is right: who has one good name could else guess on for ever. */
void
rs_guesses_note (RsGuesses     *guesses,
                 const RsGuess *guess,
                 gboolean       right,
                 gint64         now)
{
  g_autofree char *network = rs_clients_name (guess->address, NETWORK_BITS);
  g_autofree char *site = rs_clients_name (guess->address, SITE_BITS);
  g_autofree char *phone = phone_of (network, guess);
  RsClients *names = names_of (guesses, guess);

  if (right)
    {
      rs_clients_right_code (guesses->phones, phone);
      return;
    }
  rs_clients_wrong_code (guesses->phones, phone, now);
  rs_clients_ask (guesses->networks, network, now);
  rs_clients_ask (guesses->sites, site, now);
  if (names != NULL)
    rs_clients_ask (names, "", now);
}
