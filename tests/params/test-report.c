/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports as XML. (REPORT-1) */
#include "fixture.h"

#include "params/changeset.h"
#include "params/report.h"

#include <string.h>

static const char catalogue_text[] = "[Text]\nType=string\nDefault=t\n"
                                     "[Plain]\nType=string\n"
                                     "[Count]\nType=int\nDefault=5\nRange=1-9\n"
                                     "[None]\nType=int\nRange=1-9\n"
                                     "[Pass]\nType=password\n"
                                     "[Hidden]\nType=string\nSecret=true\n"
                                     "[Rule]\nType=rule\nDefault=/x\n"
                                     "[Where]\nType=url\n"
                                     "[A]\nType=text\n[B]\nType=text\n[C]\nType=text\n[D]\nType=text\n"
                                     "[Mine]\nType=int\nDefault=5\nAccess=rw\n";

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<flat-profile>\n"
#define TAIL "</flat-profile>\n"

/* Takes snapshot; name, value or NULL for as it is, access. */
static RsSnapshot *
with (RsSnapshot *snapshot, const char *name, const char *value, RsAccess access)
{
  g_autoptr (GPtrArray) list = rs_assignments_new ();
  g_autoptr (RsChangeset) changes = NULL;
  RsSnapshot *next;

  g_ptr_array_add (list, rs_assignment_new (name, value != NULL ? RS_ASSIGN_VALUE : RS_ASSIGN_KEEP, value, access, 0));
  changes = rs_changeset_from_profile (snapshot, list, RS_ORIGIN_PROFILE);
  g_assert_cmpuint (changes->n_applied, ==, 1);
  next = rs_snapshot_ref (changes->next);
  rs_snapshot_unref (snapshot);
  return next;
}

static RsSnapshot *
start (void)
{
  g_autoptr (RsCatalogue) catalogue = fixture_catalogue (catalogue_text);

  return rs_snapshot_new (catalogue);
}

/* REPORT-1, STORE-3: everything but secrets, rules and URLs that hold something; an empty text is one that is read as empty */
static void
test_whole (void)
{
  g_autoptr (RsSnapshot) snapshot = start ();
  g_autofree char *fresh = rs_report_profile (snapshot, NULL, FALSE, NULL), *set = NULL;

  g_assert_cmpstr (fresh, ==,
                   HEAD "<A ua=\"na\"></A>\n<B ua=\"na\"></B>\n<C ua=\"na\"></C>\n<Count ua=\"na\">5</Count>\n<D ua=\"na\"></D>\n"
                        "<Mine ua=\"rw\">5</Mine>\n<None ua=\"na\"></None>\n<Plain ua=\"na\"></Plain>\n"
                        "<Text ua=\"na\">t</Text>\n<Where ua=\"na\"></Where>\n" TAIL);
  snapshot = with (snapshot, "Text", "", RS_ACCESS_RO);
  snapshot = with (snapshot, "Plain", "a<b & \"c\" > Gr\303\274\303\237e", RS_ACCESS_RW);
  snapshot = with (snapshot, "Pass", "canary-1", RS_ACCESS_RW);
  snapshot = with (snapshot, "Hidden", "canary-2", RS_ACCESS_RW);
  snapshot = with (snapshot, "Rule", "[--key canary-3]http://h/x", RS_ACCESS_RW);
  snapshot = with (snapshot, "Where", "http://h/x?t=canary-4", RS_ACCESS_RW);
  snapshot = with (snapshot, "A", "https://joe:canary-5@h/x", RS_ACCESS_RW);
  snapshot = with (snapshot, "B", "https://h/x?key=canary-6", RS_ACCESS_RW);
  snapshot = with (snapshot, "C", "mac=$MA&password=canary-7", RS_ACCESS_RW);
  snapshot = with (snapshot, "D", "https://h/x", RS_ACCESS_RW);
  set = rs_report_profile (snapshot, NULL, FALSE, NULL);
  g_assert_cmpstr (set, ==,
                   HEAD "<Count ua=\"na\">5</Count>\n<D ua=\"rw\">https://h/x</D>\n<Mine ua=\"rw\">5</Mine>\n<None ua=\"na\"></None>\n"
                        "<Plain ua=\"rw\">a&lt;b &amp; \"c\" &gt; Gr\303\274\303\237e</Plain>\n<Text ua=\"ro\">\"\"</Text>\n" TAIL);
}

/* STORE-3: what rules use as a secret, whatever it looks like; a report that follows tells it once it is none any more */
static void
test_secrets (void)
{
  g_autoptr (RsSnapshot) snapshot = start ();
  g_autoptr (GHashTable) secrets = g_hash_table_new (g_str_hash, g_str_equal), marks = NULL;
  g_autofree char *whole = NULL, *delta = NULL, *later = NULL;

  g_hash_table_add (secrets, (gpointer) "A");
  snapshot = with (snapshot, "A", "canary", RS_ACCESS_UNSET);
  snapshot = with (snapshot, "B", "shown", RS_ACCESS_UNSET);
  whole = rs_report_profile (snapshot, NULL, FALSE, secrets);
  g_assert_null (strstr (whole, "canary"));
  g_assert_nonnull (strstr (whole, "shown"));
  marks = rs_report_marks (snapshot, FALSE, secrets);
  g_assert_cmpstr (g_hash_table_lookup (marks, "A"), ==, "");
  delta = rs_report_profile (snapshot, marks, FALSE, secrets);
  g_assert_cmpstr (delta, ==, HEAD TAIL);
  later = rs_report_profile (snapshot, marks, FALSE, NULL);
  g_assert_cmpstr (later, ==, HEAD "<A ua=\"na\">canary</A>\n" TAIL);
}

static void
check_delta (RsSnapshot *snapshot, GHashTable *before, const char *want)
{
  g_autofree char *delta = rs_report_profile (snapshot, before, FALSE, NULL);
  g_autofree char *whole = g_strconcat (HEAD, want, TAIL, NULL);

  g_assert_cmpstr (delta, ==, whole);
}

/* REPORT-1: what is set, set back, closed or opened since; what is left out is left out of a delta as well */
static void
test_delta (void)
{
  g_autoptr (RsSnapshot) snapshot = start ();
  g_autoptr (GHashTable) fresh = rs_report_marks (snapshot, FALSE, NULL), set = NULL;

  check_delta (snapshot, fresh, "");
  snapshot = with (snapshot, "Count", "7", RS_ACCESS_UNSET);
  snapshot = with (snapshot, "Pass", "canary", RS_ACCESS_UNSET);
  snapshot = with (snapshot, "Where", "http://h/x", RS_ACCESS_UNSET);
  check_delta (snapshot, fresh, "<Count ua=\"na\">7</Count>\n<Where ua=\"na\">http://h/x</Where>\n");
  set = rs_report_marks (snapshot, FALSE, NULL);
  check_delta (snapshot, set, "");
  g_assert_cmpstr (g_hash_table_lookup (set, "Pass"), ==, "");
  g_assert_cmpuint (strlen (g_hash_table_lookup (set, "Count")), ==, RS_REPORT_MARK);
  snapshot = with (snapshot, "Count", "5", RS_ACCESS_UNSET);
  snapshot = with (snapshot, "Text", NULL, RS_ACCESS_RW);
  snapshot = with (snapshot, "Pass", "other", RS_ACCESS_UNSET);
  snapshot = with (snapshot, "Where", "http://u:p@h/x", RS_ACCESS_UNSET);
  check_delta (snapshot, set, "<Count ua=\"na\">5</Count>\n<Text ua=\"rw\">t</Text>\n");
  snapshot = with (snapshot, "Count", "7", RS_ACCESS_UNSET);
  check_delta (snapshot, set, "<Text ua=\"rw\">t</Text>\n");
}

/* REPORT-1, RULE-10: a report for the user class has nothing that it may not read; who may read it hears of it in the next delta */
static void
test_for_user (void)
{
  g_autoptr (RsSnapshot) snapshot = start ();
  g_autoptr (GHashTable) marks = NULL;
  g_autofree char *whole = NULL, *delta = NULL;

  snapshot = with (snapshot, "Plain", "private", RS_ACCESS_UNSET);
  snapshot = with (snapshot, "Text", "shown", RS_ACCESS_RO);
  whole = rs_report_profile (snapshot, NULL, TRUE, NULL);
  g_assert_cmpstr (whole, ==, HEAD "<Mine ua=\"rw\">5</Mine>\n<Text ua=\"ro\">shown</Text>\n" TAIL);
  marks = rs_report_marks (snapshot, TRUE, NULL);
  g_assert_cmpstr (g_hash_table_lookup (marks, "Plain"), ==, "");
  snapshot = with (snapshot, "Text", "closed", RS_ACCESS_NA);
  snapshot = with (snapshot, "Mine", "6", RS_ACCESS_UNSET);
  delta = rs_report_profile (snapshot, marks, TRUE, NULL);
  g_assert_cmpstr (delta, ==, HEAD "<Mine ua=\"rw\">6</Mine>\n" TAIL);
  check_delta (snapshot, marks,
               "<Mine ua=\"rw\">6</Mine>\n<Plain ua=\"na\">private</Plain>\n<Text ua=\"na\">closed</Text>\n");
}

/* REPORT-1 */
static void
test_status (void)
{
  g_autoptr (GVariant) status = g_variant_ref_sink (g_variant_new_parsed (
      "{'model': <'CP <1>'>, 'next-resync': <uint64 17>, 'provisioning-1': <(uint64 5, 'success', 'http://h/?…', 'R&D')>,"
      " 'warnings': <['one', 'two']>}"));
  g_autofree char *text = rs_report_status (status);

  g_assert_cmpstr (text, ==,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<device>\n<status>\n<model>CP &lt;1&gt;</model>\n"
                   "<next-resync>17</next-resync>\n<provisioning-1><item>5</item><item>success</item><item>http://h/?…</item>"
                   "<item>R&amp;D</item></provisioning-1>\n<warnings><item>one</item><item>two</item></warnings>\n</status>\n"
                   "<flat-profile>\n</flat-profile>\n</device>\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/params/report/whole", test_whole);
  g_test_add_func ("/params/report/secrets", test_secrets);
  g_test_add_func ("/params/report/delta", test_delta);
  g_test_add_func ("/params/report/for-user", test_for_user);
  g_test_add_func ("/params/report/status", test_status);
  return g_test_run ();
}
