/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In which order a phone asks who provides for it, and whom it does not ask. */
#include "plan/sources.h"

enum
{
  PROVISIONED = 1 << 0,
  DOMAIN = 1 << 1,
  REDIRECT = 1 << 2,
  ACTIVATION = 1 << 3,
  ALL = 1 << 4,
};

static const char names[] = "dsra";

static char *
walk (guint known)
{
  const RsSourceFacts facts = {
    .provisioned = (known & PROVISIONED) != 0,
    .has_domain = (known & DOMAIN) != 0,
    .has_redirect = (known & REDIRECT) != 0,
    .has_activation = (known & ACTIVATION) != 0,
  };
  GString *asked = g_string_new (NULL);

  for (RsSource source = rs_source_first (&facts); source != RS_SOURCE_NONE; source = rs_source_next (source, &facts))
    g_string_append_c (asked, names[source]);
  return g_string_free (asked, FALSE);
}

/* DISC-1 DISC-2 DISC-7 STATE-5: d DHCP, s DNS SRV, r the redirect service, a the activation screen */
static void
test_order (void)
{
  static const char *const expected[ALL] = {
    [0] = "d",
    [DOMAIN] = "ds",
    [REDIRECT] = "dr",
    [DOMAIN | REDIRECT] = "dsr",
    [ACTIVATION] = "da",
    [DOMAIN | ACTIVATION] = "dsa",
    [REDIRECT | ACTIVATION] = "dra",
    [DOMAIN | REDIRECT | ACTIVATION] = "dsra",
    [PROVISIONED] = "d",
    [PROVISIONED | DOMAIN] = "ds",
    [PROVISIONED | REDIRECT] = "d",
    [PROVISIONED | DOMAIN | REDIRECT] = "ds",
    [PROVISIONED | ACTIVATION] = "d",
    [PROVISIONED | DOMAIN | ACTIVATION] = "ds",
    [PROVISIONED | REDIRECT | ACTIVATION] = "d",
    [PROVISIONED | DOMAIN | REDIRECT | ACTIVATION] = "ds",
  };

  for (guint known = 0; known < ALL; known++)
    {
      g_autofree char *asked = walk (known);

      g_test_message ("%x", known);
      g_assert_cmpstr (asked, ==, expected[known]);
    }
}

/* DISC-12: after the last one there is none */
static void
test_end (void)
{
  const RsSourceFacts facts = { .has_domain = TRUE, .has_redirect = TRUE, .has_activation = TRUE };

  g_assert_cmpint (rs_source_next (RS_SOURCE_ACTIVATION, &facts), ==, RS_SOURCE_NONE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/sources/order", test_order);
  g_test_add_func ("/plan/sources/end", test_end);
  return g_test_run ();
}
