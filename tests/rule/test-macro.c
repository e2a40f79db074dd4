/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Macro expansion. */
#include "rule/macro.h"

#include "base/error.h"
#include "base/secret.h"
#include "macros.h"

static void
check (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *out = rs_macro_expand (text, &test_macros, FALSE, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (out, ==, expected);
}

/* PHONE-3 */
static void
test_names (void)
{
  static const char *const cases[][2] = {
    { "$A$C", "ABCDEFgamma" },
    { "$P", "letter-p" },
    { "$MA", "000e08aabbcc" },
    { "$MAU", "000E08AABBCC" },
    { "$MAC", "00:0e:08:aa:bb:cc" },
    { "$PN.cfg", "CP-8851-3PCC.cfg" },
    { "$PSN.xml", "8851-3PCC.xml" },
    { "$SN/$CCERT/$IP", "FCH1234/Not Installed/192.0.2.7" },
    { "<$EXTIP>", "<>" },
    { "$SWVER $HWVER", "sip88xx.11-3-2MPP0001-609 1.0.0" },
    { "$PRVST$UPGST$UPGERR", "-11" },
    { "$PRVTMR $UPGTMR $UPGCOND", "700 60 0" },
    { "$REGTMR1 $REGTMR12", "20 240" },
    { "$SCHEME://$SERV:$PORT$PATH", "https://ps.example.com:443/p.xml" },
    { "$METH://$SERVIP", "https://192.0.2.1" },
    { "[$ERR]", "[]" },
    { "$UID1 $UID16 $AUTHID1 $DISPLAYNAME1", "alice sixteen auth Alice" },
    { "$ISCUST $VERSION $VENDOR", "0 11.3.2 Cisco" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check (cases[i][0], cases[i][1]);
}

/* PHONE-3 */
static void
test_known (void)
{
  static const char *const known[] = {
    "$",      "A",      "H",       "P",       "SA",       "SD",      "MA",           "MAU",    "MAC",     "PN",
    "PSN",    "SN",     "CCERT",   "IP",      "EXTIP",    "SWVER",   "HWVER",        "PRVST",  "UPGST",   "UPGERR",
    "PRVTMR", "UPGTMR", "REGTMR1", "REGTMR9", "REGTMR10", "UPGCOND", "SCHEME",       "METH",   "SERV",    "SERVIP",
    "PORT",   "PATH",   "ERR",     "UID1",    "UID16",    "AUTHID2", "DISPLAYNAME3", "ISCUST", "VERSION", "VENDOR",
  };
  static const char *const unknown[] = { "",      "Q",    "S",      "SE",        "MAX",         "ma",    "UID", "UID0",
                                         "UID01", "UIDX", "REGTMR", "REGTMR100", "DISPLAYNAME", "GPP_A", "MAC " };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      if (!rs_macro_is_known (known[i]))
        g_error ("%s should be known", known[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      if (rs_macro_is_known (unknown[i]))
        g_error ("%s should not be known", unknown[i]);
    }
  g_assert_false (rs_macro_is_known (NULL));
}

/* PHONE-4 */
static void
test_forms (void)
{
  static const char *const cases[][2] = {
    { "", "" },
    { "plain text", "plain text" },
    /* the longest known name wins */
    { "$MAUX", "000E08AABBCCX" },
    { "$MAX", "000e08aabbccX" },
    { "$UID16x", "sixteenx" },
    { "$UID1x", "alicex" },
    { "$PNA", "CP-8851-3PCCA" },
    { "$PORTAL", "443AL" },
    { "$PA", "letter-pA" },
    { "$(PN)A", "CP-8851-3PCCA" },
    /* offset and length */
    { "$(A:2)", "CDEF" },
    { "$(A:2:3)", "CDE" },
    { "$(A:0:1)$(A:5:1)", "AF" },
    { "$(A:0)", "ABCDEF" },
    { "$(A:6)", "" },
    { "$(A:99)", "" },
    { "$(A:4:99)", "EF" },
    { "$(A:0:0)", "" },
    { "$(A:99999999999999999999:1)", "" },
    { "$(A:0:99999999999999999999)", "ABCDEF" },
    { "$(MAU:8:4)", "BBCC" },
    /* in characters, not bytes */
    { "$(D:2:2)", "üß" },
    { "$(D:3)", "ße" },
    { "$(E:0:1)", "" },
    /* dollars */
    { "$$", "$" },
    { "$$A", "$A" },
    { "$$$A", "$ABCDEF" },
    { "$($)A", "$A" },
    { "a$", "a$" },
    { "$ A", "$ A" },
    /* unknown and malformed ones stay */
    { "$Q", "$Q" },
    { "$UID", "$UID" },
    { "$UID0", "$UID0" },
    { "$UID2", "$UID2" },
    { "$(Q)", "$(Q)" },
    { "$(MAX)", "$(MAX)" },
    { "$(A", "$(A" },
    { "$(A:)", "$(A:)" },
    { "$(A:x)", "$(A:x)" },
    { "$(A:1:)", "$(A:1:)" },
    { "$(A:1:2:3)", "$(A:1:2:3)" },
    { "$(A:-1)", "$(A:-1)" },
    { "$( A)", "$( A)" },
    { "$()", "$()" },
    { "$", "$" },
    /* one pass */
    { "$B", "$C|(x)?[--srv]!" },
    { "$$($C)", "$(gamma)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check (cases[i][0], cases[i][1]);
}

/* PHONE-3 */
static void
test_secrets (void)
{
  static const char *const refused[] = { "$SA", "x$(SB)", "$SC.cfg", "$(SD:0:1)", "$SAFE" };
  g_autoptr (GError) error = NULL;
  g_auto (RsSecretString) out = rs_macro_expand ("<$SA$(SB:0:2)$SD>", &test_macros, TRUE, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (out, ==, "<s3cretot$SD>");
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) refusal = NULL;
      g_autofree char *none = rs_macro_expand (refused[i], &test_macros, FALSE, &refusal);

      g_assert_null (none);
      g_assert_error (refusal, RS_ERROR, RS_ERROR_INVALID_RULE);
      g_assert_nonnull (strstr (refusal->message, "--key"));
    }
  /* these only begin like one */
  check ("$SERV$SN$SWVER", "ps.example.comFCH1234sip88xx.11-3-2MPP0001-609");
}

static const char *
long_macro (const char *name, gpointer data)
{
  return data;
}

/* PHONE-4 */
static void
test_bounds (void)
{
  g_autofree char *filled = g_strnfill (32 * 1024, 'x');
  const RsMacros macros = { long_macro, filled };
  const RsMacros empty = { NULL, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *twice = rs_macro_expand ("$A$A", &macros, TRUE, &error);
  g_autofree char *more = NULL, *plain = NULL, *none = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (twice), ==, 64 * 1024);
  more = rs_macro_expand ("$A$A.", &macros, FALSE, &error);
  g_assert_null (more);
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_RULE);
  plain = rs_macro_expand ("$A$$$MA", &empty, FALSE, NULL);
  g_assert_cmpstr (plain, ==, "$A$$MA");
  none = rs_macro_expand ("$A$$$MA", NULL, FALSE, NULL);
  g_assert_cmpstr (none, ==, "$A$$MA");
}

/* PHONE-4 */
static void
test_invalid_utf8 (void)
{
  const RsMacros macros = { long_macro, (gpointer) "a\xff\xc3" };
  g_autofree char *out = rs_macro_expand ("$(A:1:1)|$(A:2)|\xfe", &macros, FALSE, NULL);

  g_assert_cmpstr (out, ==, "\xff|\xc3|\xfe");
}

/* RULE-10 */
static void
test_used (void)
{
  static const char *const cases[][2] = {
    { "", "" },
    { "no macros $ $$A $Q", "" },
    { "$MAU$MA$(MAU:1:2) $METH $SCHEME", "MAU MA SCHEME" },
    { "[--key $SA]http://h/$PN?$(A:3)&$UID12", "SA PN A UID12" },
    { "($SWVER >= 1.0)?(X = \"$C\";)!|$D", "SWVER C D" },
  };
  g_auto (GStrv) none = rs_macro_names (NULL);

  g_assert_cmpuint (g_strv_length (none), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) names = rs_macro_names (cases[i][0]);
      g_autofree char *joined = g_strjoinv (" ", names);

      g_assert_cmpstr (joined, ==, cases[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/macro/names", test_names);
  g_test_add_func ("/rule/macro/known", test_known);
  g_test_add_func ("/rule/macro/forms", test_forms);
  g_test_add_func ("/rule/macro/secrets", test_secrets);
  g_test_add_func ("/rule/macro/bounds", test_bounds);
  g_test_add_func ("/rule/macro/invalid-utf8", test_invalid_utf8);
  g_test_add_func ("/rule/macro/used", test_used);
  return g_test_run ();
}
