/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What macros stand for: a table over a made-up phone. */
#include "engine/facts.h"

#include "base/mask.h"
#include "params/changeset.h"

#include <string.h>

#define CATALOGUE                                                                                                      \
  "[GPP_{n}]\nIndex=A-P\nType=text\nDefault=\n[GPP_S{n}]\nIndex=A-D\nType=password\nDefault=\nSecret=true\n"             \
  "[User_ID_{n}_]\nIndex=1-16\nType=string\nDefault=\n[Auth_ID_{n}_]\nIndex=1-16\nType=string\nDefault=\n"          \
  "[Display_Name_{n}_]\nIndex=1-16\nType=string\nDefault=\n[HTTP_User_Agent_Name]\nType=string\nDefault=\n" \
  "[Profile_Rule]\nType=rule\nDefault=\n"

static void
set (GPtrArray  *assignments,
     const char *name,
     const char *value)
{
  g_ptr_array_add (assignments, rs_assignment_new (name, RS_ASSIGN_VALUE, value, RS_ACCESS_UNSET, 0));
}

/* rule: what stands in Profile_Rule. */
static RsSnapshot *
snapshot_with_rule (const char *name,
                    const char *value,
                    RsOrigin    origin,
                    const char *rule)
{
  g_autoptr (RsCatalogueBuilder) builder = rs_catalogue_builder_new ();
  g_autoptr (GBytes) text = g_bytes_new_static (CATALOGUE, strlen (CATALOGUE));
  g_autoptr (GPtrArray) assignments = rs_assignments_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RsCatalogue) catalogue = NULL;
  g_autoptr (RsSnapshot) empty = NULL;
  g_autoptr (RsChangeset) changes = NULL;
  gboolean added = rs_catalogue_builder_add (builder, "test.conf", text, &error);

  g_assert_no_error (error);
  g_assert_true (added);
  catalogue = rs_catalogue_builder_end (builder);
  empty = rs_snapshot_new (catalogue);
  set (assignments, name, value);
  set (assignments, "GPP_A", "hidden");
  set (assignments, "Profile_Rule", rule);
  changes = rs_changeset_from_values (empty, assignments, origin, &error);
  g_assert_no_error (error);
  return rs_snapshot_ref (changes->next);
}

static RsSnapshot *
snapshot_with (const char *name,
               const char *value,
               RsOrigin    origin)
{
  return snapshot_with_rule (name, value, origin, "");
}

static RsIdentity *
phone (void)
{
  return rs_identity_new ("Cisco", "CP-7832-3PCC", "7832-3PCC", "00562b043615", "FCH9", "11.0.1", "V02", "/nonexistent");
}

/* PHONE-3, PHONE-6 */
static void
test_table (void)
{
  static const struct
  {
    const char *text, *want;
  } table[] = {
    { "$MA $MAU $MAC", "00562b043615 00562B043615 00:56:2b:04:36:15" },
    { "$PN $PSN $SN $VENDOR", "CP-7832-3PCC 7832-3PCC FCH9 Cisco" },
    { "$SWVER $HWVER $VERSION", "11.0.1 V02 11.0.1" },
    { "$CCERT|$IP|$EXTIP", "Installed|192.0.2.9|" },
    { "$PRVST $PRVTMR $UPGST $UPGTMR", "2 90 1 0" },
    { "$SCHEME $METH $SERV $SERVIP $PORT $PATH", "https https prov.test 192.0.2.1 8443 /a/b.xml?c=d" },
    { "$ERR $ISCUST", "no such file 1" },
    { "$REGTMR1 $REGTMR2 $REGTMR16", "0 60 0" },
    { "$UID2|$AUTHID2|$DISPLAYNAME2", "alice||" },
    { "$A$P", "hidden" },
    { "$UNKNOWN $UID99", "$UNKNOWN $UID99" },
  };
  g_autoptr (RsIdentity) identity = phone ();
  g_autoptr (RsClock) clock = rs_clock_new_fake (G_GINT64_CONSTANT (1800000000000000), 500 * G_USEC_PER_SEC, 0);
  g_autoptr (RsFacts) facts = rs_facts_new (identity, clock, TRUE);
  g_autoptr (RsSnapshot) snapshot = snapshot_with ("User_ID_2_", "alice", RS_ORIGIN_ADMIN);
  g_autoptr (RsUrl) url = rs_url_parse ("https://prov.test:8443/a/b.xml?c=d", NULL);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  const RsLease lease = { TRUE, (char *)"eth0", (char *)"192.0.2.9", (char *)"", (char *)"", none, none, (char *)"" };

  rs_facts_set_snapshot (facts, snapshot);
  rs_facts_set_lease (facts, &lease);
  rs_facts_begin_attempt (facts, RS_REASON_BOOT);
  rs_clock_fake_advance (clock, 90 * G_USEC_PER_SEC);
  rs_facts_begin_attempt (facts, RS_REASON_RETRY);
  rs_facts_set_url (facts, url);
  rs_facts_set_server_address (facts, "192.0.2.1");
  rs_facts_set_error (facts, "no such file");
  rs_facts_set_provisioned (facts, TRUE);
  g_assert_true (rs_facts_set_registration (facts, 2, rs_clock_wall (clock) - 60 * G_USEC_PER_SEC));
  g_assert_false (rs_facts_set_registration (facts, 17, 0));
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *got = rs_macro_expand (table[i].text, rs_facts_get_macros (facts), FALSE, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (got, ==, table[i].want);
    }
  /* as the next attempt will find them */
  {
    g_autofree char *next
        = rs_macro_expand ("$PRVST $PRVTMR $MA|$SCHEME$METH$SERV$SERVIP$PORT$PATH|$ERR", rs_facts_get_next_macros (facts), FALSE, NULL);

    g_assert_cmpstr (next, ==, "-1 0 00562b043615||no such file");
  }
}

/* STORE-3, LOG-1: in a log there is no secret and no query; an attempt begins without the URL of the one before (PHONE-3) */
static void
test_shown (void)
{
  g_autoptr (RsIdentity) identity = phone ();
  g_autoptr (RsClock) clock = rs_clock_new_fake (0, 0, 0);
  g_autoptr (RsFacts) facts = rs_facts_new (identity, clock, FALSE);
  g_autoptr (RsSnapshot) snapshot = snapshot_with ("GPP_SA", "secret", RS_ORIGIN_ADMIN);
  g_autoptr (RsUrl) url = rs_url_parse ("http://u:p@prov.test/a/b.xml?token=secret", NULL);
  const RsMacros *shown = rs_facts_get_shown_macros (facts);
  g_autofree char *text = NULL;
  g_autofree char *after = NULL;

  rs_facts_set_snapshot (facts, snapshot);
  rs_facts_set_url (facts, url);
  text = rs_macro_expand ("$PN $SCHEME://$SERV:$PORT$PATH $(PATH:5)", shown, FALSE, NULL);
  g_assert_cmpstr (text, ==, "CP-7832-3PCC http://prov.test:80/a/b.xml?… xml?…");
  g_assert_cmpstr (shown->lookup ("SA", shown->data), ==, RS_MASK);
  g_assert_null (rs_macro_expand ("$SA", shown, FALSE, NULL));
  rs_facts_begin_attempt (facts, RS_REASON_BOOT);
  after = rs_macro_expand ("$SCHEME$SERV$SERVIP$PORT$PATH", shown, FALSE, NULL);
  g_assert_cmpstr (after, ==, "");
}

/* STORE-3, PHONE-2: a register that a rule uses as a secret is one in a log, and in the name by which the phone asks where others read it */
static void
test_registers (void)
{
  static const struct
  {
    const char *rule;
    gboolean secret;
  } table[] = {
    { "", FALSE },
    { "https://prov.test/$A", FALSE },
    { "[--key $A] https://prov.test/", TRUE },
    { "[--uid u --pwd $A] https://prov.test/", TRUE },
    { "https://prov.test/?token=$A", TRUE },
    { "https://u:$A@prov.test/", TRUE },
  };
  g_autoptr (RsIdentity) identity = phone ();
  g_autoptr (RsClock) clock = rs_clock_new_fake (0, 0, 0);
  g_autoptr (RsFacts) facts = rs_facts_new (identity, clock, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (RsSnapshot) snapshot
          = snapshot_with_rule ("HTTP_User_Agent_Name", "ua $A", RS_ORIGIN_ADMIN, table[i].rule);
      g_autofree char *text = NULL, *open = NULL, *closed = NULL;

      rs_facts_set_snapshot (facts, snapshot);
      text = rs_macro_expand ("req $A", rs_facts_get_shown_macros (facts), FALSE, NULL);
      open = rs_facts_user_agent (facts, TRUE);
      closed = rs_facts_user_agent (facts, FALSE);
      g_assert_cmpstr (text, ==, table[i].secret ? "req " RS_MASK : "req hidden");
      g_assert_cmpstr (open, ==, table[i].secret ? "Cisco-CP-7832-3PCC/11.0.1 (00562b043615)" : "ua hidden");
      g_assert_cmpstr (closed, ==, "ua hidden");
    }
}

/* PHONE-3 */
static void
test_reasons (void)
{
  static const struct
  {
    RsReason reason;
    const char *want;
  } table[] = {
    { RS_REASON_USER, "-1" },   { RS_REASON_WEB, "-1" },     { RS_REASON_SIP_NOTIFY, "-1" }, { RS_REASON_BOOT, "0" },
    { RS_REASON_PERIODIC, "1" }, { RS_REASON_DAILY, "1" }, { RS_REASON_RETRY, "2" },
  };
  g_autoptr (RsIdentity) identity = phone ();
  g_autoptr (RsClock) clock = rs_clock_new_fake (0, 0, 0);
  g_autoptr (RsFacts) facts = rs_facts_new (identity, clock, FALSE);
  const RsMacros *macros = rs_facts_get_macros (facts);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      rs_facts_begin_attempt (facts, table[i].reason);
      g_assert_cmpstr (macros->lookup ("PRVST", macros->data), ==, table[i].want);
    }
  g_assert_cmpstr (macros->lookup ("CCERT", macros->data), ==, "Not Installed");
}

/* PHONE-2; of the user class it shows no parameter that is closed to it (RULE-10) */
static void
test_user_agent (void)
{
  static const struct
  {
    const char *name;
    RsOrigin origin;
    const char *want;
  } table[] = {
    { "", RS_ORIGIN_ADMIN, "Cisco-CP-7832-3PCC/11.0.1 (00562b043615)" },
    { "Phone $MAU", RS_ORIGIN_ADMIN, "Phone 00562B043615" },
    { "Phone $MAU", RS_ORIGIN_USER, "Phone 00562B043615" },
    { "Leaks $SA", RS_ORIGIN_ADMIN, "Cisco-CP-7832-3PCC/11.0.1 (00562b043615)" },
    { "Site $A.", RS_ORIGIN_PROFILE, "Site hidden." },
    { "Site $A.", RS_ORIGIN_USER, "Cisco-CP-7832-3PCC/11.0.1 (00562b043615)" },
  };
  g_autoptr (RsIdentity) identity = phone ();
  g_autoptr (RsClock) clock = rs_clock_new_fake (0, 0, 0);
  g_autoptr (RsFacts) facts = rs_facts_new (identity, clock, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (RsSnapshot) snapshot = snapshot_with ("HTTP_User_Agent_Name", table[i].name, table[i].origin);
      g_autofree char *agent = NULL;

      rs_facts_set_snapshot (facts, snapshot);
      agent = rs_facts_user_agent (facts, FALSE);
      g_assert_cmpstr (agent, ==, table[i].want);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/facts/macros", test_table);
  g_test_add_func ("/facts/shown", test_shown);
  g_test_add_func ("/facts/registers", test_registers);
  g_test_add_func ("/facts/reasons", test_reasons);
  g_test_add_func ("/facts/user-agent", test_user_agent);
  return g_test_run ();
}
