/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How slot one of a resync is filled, and what the customization state becomes. */
#include "plan/onboarding.h"

#define MINUTES(n) ((gint64) (n) * 60 * G_USEC_PER_SEC)
#define NOW MINUTES (60)

/* DISC-1 DISC-2 DISC-6 DISC-14 STATE-3 RULE-2 */
static void
test_mode (void)
{
  static const struct
  {
    const char *what;
    RsOnboardingFacts facts;
    RsMode mode;
    gboolean lease_counts; /* where it is not asked, it is what the same facts say */
  } cases[] = {
    /* never provisioned */
    { "out of the box", { .rule_is_factory = TRUE }, RS_MODE_DISCOVER, TRUE },
    { "a path was set earlier", { .rule_is_factory = FALSE }, RS_MODE_RULE_FIRST, TRUE },
    { "a server was set earlier", { .rule_names_server = TRUE }, RS_MODE_RULE_FIRST, TRUE },
    { "an integrator's factory rule names a server",
      { .rule_is_factory = TRUE, .rule_names_server = TRUE },
      RS_MODE_RULE_FIRST,
      TRUE },
    { "emptied", { .rule_is_empty = TRUE }, RS_MODE_RULE, FALSE },
    { "a server by hand, just now", { .rule_names_server = TRUE, .hand_set = NOW - 1 }, RS_MODE_RULE, TRUE },
    { "a server by hand, 9:59 ago",
      { .rule_names_server = TRUE, .hand_set = NOW - MINUTES (10) + G_USEC_PER_SEC },
      RS_MODE_RULE,
      TRUE },
    { "a server by hand, 10 minutes ago",
      { .rule_names_server = TRUE, .hand_set = NOW - MINUTES (10) },
      RS_MODE_RULE_FIRST,
      TRUE },
    { "a path by hand, just now", { .hand_set = NOW }, RS_MODE_RULE, TRUE },
    { "a path by hand, long ago", { .hand_set = 1 }, RS_MODE_RULE_FIRST, TRUE },
    { "a rule with the request", { .rule_is_factory = TRUE, .explicit_rule = TRUE }, RS_MODE_RULE, TRUE },
    { "emptied by hand", { .rule_is_empty = TRUE, .hand_set = 1 }, RS_MODE_RULE, FALSE },
    { "the same lease, and another warning", { .rule_is_factory = TRUE, .lease_is_same = TRUE }, RS_MODE_DISCOVER, FALSE },
    { "lease changed", { .rule_is_factory = TRUE, .lease_changed = TRUE }, RS_MODE_DISCOVER, TRUE },

    /* provisioned */
    { "by discovery",
      { .provisioned = TRUE, .rule_is_factory = TRUE, .have_remembered = TRUE },
      RS_MODE_REMEMBERED,
      FALSE },
    { "DHCP names another",
      { .provisioned = TRUE, .rule_is_factory = TRUE, .have_remembered = TRUE, .lease_changed = TRUE },
      RS_MODE_DISCOVER,
      TRUE },
    { "the profile set a path",
      { .provisioned = TRUE, .have_remembered = TRUE },
      RS_MODE_RULE_FIRST,
      FALSE },
    { "… and DHCP names another",
      { .provisioned = TRUE, .have_remembered = TRUE, .lease_changed = TRUE },
      RS_MODE_DISCOVER,
      TRUE },
    { "the profile set a server",
      { .provisioned = TRUE, .rule_names_server = TRUE, .have_remembered = TRUE },
      RS_MODE_RULE,
      FALSE },
    { "… and DHCP names another",
      { .provisioned = TRUE, .rule_names_server = TRUE, .have_remembered = TRUE, .lease_changed = TRUE },
      RS_MODE_RULE,
      FALSE },
    { "an integrator's factory rule",
      { .provisioned = TRUE, .rule_is_factory = TRUE, .rule_names_server = TRUE },
      RS_MODE_RULE,
      FALSE },
    { "… and DHCP names another",
      { .provisioned = TRUE, .rule_is_factory = TRUE, .rule_names_server = TRUE, .lease_changed = TRUE },
      RS_MODE_RULE,
      FALSE },
    { "by a request's own rule", { .provisioned = TRUE, .rule_is_factory = TRUE }, RS_MODE_RULE, FALSE },
    { "emptied",
      { .provisioned = TRUE, .rule_is_empty = TRUE, .have_remembered = TRUE, .lease_changed = TRUE },
      RS_MODE_RULE,
      FALSE },
    { "a rule with the request",
      { .provisioned = TRUE, .rule_is_factory = TRUE, .have_remembered = TRUE, .explicit_rule = TRUE },
      RS_MODE_RULE,
      FALSE },
    { "a server by hand, long ago",
      { .provisioned = TRUE, .rule_names_server = TRUE, .hand_set = 1 },
      RS_MODE_RULE,
      FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].what);
      g_assert_cmpint (rs_onboarding_mode (&cases[i].facts, NOW), ==, cases[i].mode);
      g_assert_cmpint (rs_onboarding_lease_counts (&cases[i].facts), ==, cases[i].lease_counts);
    }
}

/* DISC-2: whatever the facts, there is an answer, and a provisioned phone discovers only for a new lease */
static void
test_every_fact (void)
{
  for (guint bits = 0; bits < 1 << 8; bits++)
    {
      RsOnboardingFacts facts = {
        .provisioned = (bits & 1) != 0,
        .rule_is_factory = (bits & 2) != 0,
        .rule_is_empty = (bits & 4) != 0,
        .rule_names_server = (bits & 8) != 0,
        .have_remembered = (bits & 16) != 0,
        .lease_changed = (bits & 32) != 0,
        .explicit_rule = (bits & 64) != 0,
        .hand_set = (bits & 128) != 0 ? NOW : 0,
      };
      RsMode mode = rs_onboarding_mode (&facts, NOW);
      g_assert_cmpint (mode, >=, RS_MODE_RULE);
      g_assert_cmpint (mode, <=, RS_MODE_RULE_FIRST);
      if (facts.explicit_rule || facts.rule_is_empty)
        g_assert_cmpint (mode, ==, RS_MODE_RULE);
      if (facts.provisioned && mode == RS_MODE_DISCOVER)
        g_assert_true (facts.lease_changed);
      if (mode == RS_MODE_REMEMBERED)
        g_assert_true (facts.provisioned && facts.have_remembered);
      if (facts.provisioned && !facts.lease_changed)
        g_assert_false (rs_onboarding_lease_counts (&facts));
    }
}

/* STATE-1 */
static void
test_applied (void)
{
  enum
  {
    DHCP = RS_PROVISIONED_BY_DHCP,
    SRV = RS_PROVISIONED_BY_SRV,
    HAND = RS_PROVISIONED_BY_HAND,
    REDIRECT = RS_PROVISIONED_BY_REDIRECT,
    CODE = RS_PROVISIONED_BY_CODE,
  };
  static const struct
  {
    const char *state;
    const char *after[5];
  } cases[] = {
    /*                    DHCP           SRV            HAND           REDIRECT    CODE */
    { "Open",           { "Aborted",      "Aborted",      "Aborted",      "Acquired", "GDS-Acquired" } },
    { "Pending",        { "Aborted",      "Aborted",      "Aborted",      "Acquired", "GDS-Acquired" } },
    { "Custom-Pending", { "Aborted",      "Aborted",      "Aborted",      "Acquired", "GDS-Acquired" } },
    { "Acquired",       { "Acquired",     "Acquired",     "Acquired",     "Acquired", "GDS-Acquired" } },
    { "Aborted",        { "Aborted",      "Aborted",      "Aborted",      "Acquired", "GDS-Acquired" } },
    { "Unavailable",    { "Aborted",      "Aborted",      "Aborted",      "Acquired", "GDS-Acquired" } },
    { "GDS-Pending",    { "Aborted",      "Aborted",      "Aborted",      "Acquired", "GDS-Acquired" } },
    { "GDS-Acquired",   { "GDS-Acquired", "GDS-Acquired", "GDS-Acquired", "Acquired", "GDS-Acquired" } },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RsCustomization state;
      g_assert_true (rs_customization_from_name (cases[i].state, &state));
      for (guint by = DHCP; by <= CODE; by++)
        g_assert_cmpstr (rs_customization_name (rs_onboarding_applied (state, by)), ==, cases[i].after[by]);
    }
}

/* STATE-1 STATE-4: a name that is none gives no state, least of all Open */
static void
test_names (void)
{
  static const char *const names[]
      = { "Open", "Pending", "Custom-Pending", "Acquired", "Aborted", "Unavailable", "GDS-Pending", "GDS-Acquired" };
  static const char *const bad[] = { "", "open", "Opened", "GDS", "Custom Pending", "x" };
  RsCustomization state = RS_CUSTOM_ACQUIRED;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_true (rs_customization_from_name (names[i], &state));
      g_assert_cmpstr (rs_customization_name (state), ==, names[i]);
    }
  state = RS_CUSTOM_ACQUIRED;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (rs_customization_from_name (bad[i], &state));
  g_assert_false (rs_customization_from_name (NULL, &state));
  g_assert_cmpint (state, ==, RS_CUSTOM_ACQUIRED);
  g_assert_cmpstr (rs_customization_name (99), ==, "");
}

/* STATE-1 STATE-2 DISC-10 DISC-11: every state × every step; what ended the search is taken back by a person only */
static void
test_steps (void)
{
  static const char after[] = "Pending Custom-Pending Unavailable GDS-Pending";
  static const struct
  {
    const char *state;
    const char *after; /* of ASK, NAMED, UNKNOWN, SCREEN */
  } cases[] = {
    { "Open", after },
    { "Pending", after },
    { "Custom-Pending", after },
    { "Unavailable", after },
    { "GDS-Pending", after },
    { "Aborted", "Aborted Aborted Aborted GDS-Pending" },
    { "Acquired", "Acquired Acquired Acquired GDS-Pending" },
    { "GDS-Acquired", "GDS-Acquired GDS-Acquired GDS-Acquired GDS-Pending" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) expected = g_strsplit (cases[i].after, " ", 0);
      RsCustomization state;

      g_assert_true (rs_customization_from_name (cases[i].state, &state));
      for (guint step = RS_STEP_ASK; step <= RS_STEP_SCREEN; step++)
        g_assert_cmpstr (rs_customization_name (rs_onboarding_step (state, step)), ==, expected[step]);
    }
}

/* DISC-6 */
static void
test_downgrade (void)
{
  static const struct
  {
    const char *present;
    const char *next;
    gboolean down;
  } cases[] = {
    { "https", "http", TRUE },  { "https", "tftp", TRUE },   { "HTTPS", "http", TRUE },   { "https", NULL, TRUE },
    { "https", "", TRUE },      { "https", "https", FALSE }, { "https", "HTTPS", FALSE }, { "http", "tftp", FALSE },
    { "http", "https", FALSE }, { "tftp", "http", FALSE },   { "tftp", "tftp", FALSE },   { "", "tftp", FALSE },
    { NULL, "tftp", FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (rs_onboarding_downgrades (cases[i].present, cases[i].next), ==, cases[i].down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/onboarding/mode", test_mode);
  g_test_add_func ("/plan/onboarding/every-fact", test_every_fact);
  g_test_add_func ("/plan/onboarding/applied", test_applied);
  g_test_add_func ("/plan/onboarding/names", test_names);
  g_test_add_func ("/plan/onboarding/steps", test_steps);
  g_test_add_func ("/plan/onboarding/downgrade", test_downgrade);
  return g_test_run ();
}
