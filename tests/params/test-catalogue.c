/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The catalogue that is shipped, and what the builder makes of an integrator's file, good or bad. */
#include "fixture.h"

#include "base/error.h"
#include "params/constraint.h"

#include <string.h>

/* PROF-2: all parameters of the phone, every default legal and already in canonical form */
static void
test_shipped (void)
{
  g_autoptr (RsCatalogue) catalogue = fixture_shipped ();
  g_autoptr (GPtrArray) all = rs_catalogue_list (catalogue, "");

  g_assert_cmpuint (rs_catalogue_n_entries (catalogue), ==, 808);
  g_assert_cmpuint (rs_catalogue_size (catalogue), ==, 3576);
  g_assert_cmpuint (all->len, ==, 3576);
  for (guint i = 0; i < all->len; i++)
    {
      const RsParam *param = all->pdata[i];
      g_autoptr (GError) error = NULL;
      g_autofree char *normal = rs_param_normalize (param, param->default_value, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (normal, ==, param->default_value);
      g_assert_true (rs_catalogue_find (catalogue, param->name) == param);
      g_assert_cmpstr (param->summary, !=, "");
      if (i > 0)
        g_assert_cmpstr (((const RsParam *)all->pdata[i - 1])->name, <, param->name);
    }
}

/* PROF-13: rw on the tab User, else na, but for the account that the user enters */
static void
test_access (void)
{
  g_autoptr (RsCatalogue) catalogue = fixture_shipped ();
  g_autoptr (GPtrArray) all = rs_catalogue_list (catalogue, "");

  for (guint i = 0; i < all->len; i++)
    {
      const RsParam *param = all->pdata[i];
      gboolean user = strcmp (param->tab, "User") == 0 || g_str_has_prefix (param->name, "Profile_Account_");

      g_assert_cmpstr (rs_access_name (param->access), ==, user ? "rw" : "na");
    }
}

/* STORE-3: every password is a secret */
static void
test_secrets (void)
{
  g_autoptr (RsCatalogue) catalogue = fixture_shipped ();
  g_autoptr (GPtrArray) all = rs_catalogue_list (catalogue, "");
  guint n = 0;

  for (guint i = 0; i < all->len; i++)
    {
      const RsParam *param = all->pdata[i];

      g_assert_cmpint (param->secret, ==, param->type == RS_TYPE_PASSWORD);
      n += param->secret;
    }
  g_assert_cmpuint (n, >, 31);
  g_assert_true (rs_catalogue_find (catalogue, "GPP_SD")->secret);
  g_assert_true (rs_catalogue_find (catalogue, "IKM_HTTP_Encrypt_Content")->secret);
}

static const struct
{
  const char *name, *canonical, *initial;
} names[] = {
  { "Profile_Rule", "Profile_Rule", "/$PN.cfg" },
  { "Resync_Error_Retry_Delay", "Resync_Error_Retry_Delay",
    "60,120,240,480,960,1920,3840,7680,15360,30720,61440,86400" },
  { "DHCP_Option_To_Use", "DHCP_Option_To_Use", "66,160,159,150,60,43,125" },
  { "Line_Enable_1_", "Line_Enable_1_", "Yes" },
  { "Line_Enable_16_", "Line_Enable_16_", "Yes" },
  { "Line_Enable_0_", NULL, NULL },
  { "Line_Enable_17_", NULL, NULL },
  { "Line_Enable_01_", NULL, NULL },
  { "Line_Enable_{n}_", NULL, NULL },
  { "GPP_A", "GPP_A", "" },
  { "GPP_P", "GPP_P", "" },
  { "GPP_Q", NULL, NULL },
  { "GPP_SA", "GPP_SA", "" },
  { "GPP_SE", NULL, NULL },
  { "Extension_7_", "Extension_7_", "7" },
  { "Extension_10_", "Extension_10_", "10" },
  { "Quick_Number_0_Name", "Quick_Number_0_Name", "" },
  { "Speed_Dial_2_Name", "Speed_Dial_2_Name", "" },
  { "Speed_Dial_1_Name", NULL, NULL },
  { "Unit_3_Key_40_", "Unit_3_Key_40_", "" },
  { "Unit_3_Short_Name_40", "Unit_3_Short_Name_40_", "$USER" },
  { "Unit_4_Key_1_", NULL, NULL },
  { "Video_Encryption_Method_2_", "Viedo_Encryption_Method_2_", "AES 128" },
  { "SIP_Transport_2_", "SIP_Transport_2_", "UDP" },
  { "SIP_Transport", "SIP_Transport_1_", "UDP" },
  { "Callinfo_subscribe_16", "CallInfo_Subscribe_16_", "No" },
  { "Custom_CA_URL", "Custom_CA_Rule", "" },
  { "Report_To_Server", "Report_to_Server", "On Request" },
  { "profile_rule", NULL, NULL },
  { "Profile_Rule ", NULL, NULL },
  { "", NULL, NULL },
};

/* PROF-2: names and aliases, case-sensitive, families under each expanded name */
static void
test_names (void)
{
  g_autoptr (RsCatalogue) catalogue = fixture_shipped ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const RsParam *param = rs_catalogue_find (catalogue, names[i].name);

      g_test_message ("%s", names[i].name);
      g_assert_cmpstr (param != NULL ? param->name : NULL, ==, names[i].canonical);
      if (param != NULL)
        g_assert_cmpstr (param->default_value, ==, names[i].initial);
    }
}

static void
test_list (void)
{
  g_autoptr (RsCatalogue) catalogue = fixture_shipped ();
  g_autoptr (GPtrArray) rules = rs_catalogue_list (catalogue, "Profile_Rule"),
                        none = rs_catalogue_list (catalogue, "zzz");

  g_assert_cmpuint (rules->len, ==, 5);
  g_assert_cmpstr (((const RsParam *)rules->pdata[0])->name, ==, "Profile_Rule");
  g_assert_cmpstr (((const RsParam *)rules->pdata[3])->name, ==, "Profile_Rule_D");
  g_assert_cmpstr (((const RsParam *)rules->pdata[4])->name, ==, "Profile_Rule_Menu");
  g_assert_cmpuint (none->len, ==, 0);
}

/* PROF-6: what check suggests for an unknown name */
static void
test_nearest (void)
{
  static const struct
  {
    const char *name, *nearest;
  } cases[] = {
    { "Profile_Rul", "Profile_Rule" },
    { "Profle_Rule", "Profile_Rule" },
    { "Profile__Rule", "Profile_Rule" },
    { "profile_rule", "Profile_Rule" },
    { "PROFILE_RULE", "Profile_Rule" },
    { "Resync_Periodical", "Resync_Periodic" },
    { "Resnyc_Periodic", "Resync_Periodic" },
    { "Log_Resync_Reqest_Msg", "Log_Resync_Request_Msg" }, /* aliases are names as well */
    { "Unit_2_Short_Nmae_1", "Unit_2_Short_Name_1" },
    { "Completely_Different_Thing", NULL },
    { "x", NULL },
    { "", NULL },
  };
  g_autoptr (RsCatalogue) catalogue = fixture_shipped ();
  g_autofree char *endless = g_strnfill (100000, 'a');
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (rs_catalogue_nearest (catalogue, cases[i].name), ==, cases[i].nearest);
  g_assert_null (rs_catalogue_nearest (catalogue, endless));
  for (guint i = 0; i < 200; i++)
    g_assert_null (rs_catalogue_nearest (catalogue, "A_Name_That_Is_As_Long_As_Many_Are"));
  g_test_message ("%" G_GINT64_FORMAT " µs a name", (g_get_monotonic_time () - start) / 200);
}

/* Building is fast enough to do it at every start. */
static void
test_speed (void)
{
  gint64 best = G_MAXINT64;

  for (guint i = 0; i < 5; i++)
    {
      gint64 start = g_get_monotonic_time ();
      g_autoptr (RsCatalogue) catalogue = fixture_shipped ();

      best = MIN (best, g_get_monotonic_time () - start);
    }
  g_test_message ("%" G_GINT64_FORMAT " µs", best);
  /* 4 ms on the slowest machine that was tried; sanitizers are some ten times slower */
  g_assert_cmpint (best, <, 200 * 1000);
}

typedef struct
{
  const char *text;
  guint       line;
  const char *says;
} Fault;

static const Fault faults[] = {
  { "Type=int\n", 1, "no group" },
  { "[A]\nType=int\n[B\nType=int\n", 3, "[NAME]" },
  { "[A]\nType=integer\n", 2, "expected a type" },
  { "# c\n[A]\nDefault=1\n[B]\nType=int\n", 2, "no Type" },
  { "[A]\nType=int\nColour=red\n", 3, "unknown key" },
  { "[A]\nType=string\nDefault=a\nDefault=b\n", 4, "twice" },
  { "[A]\nType=string\n\n[A]\nType=string\n", 4, "twice" },
  { "[A]\nType=string\nSecret=yes\n", 3, "true or false" },
  { "[A]\nType=string\nAccess=all\n", 3, "na, ro or rw" },
  { "[A]\nType=string\nAccess=\n", 3, "na, ro or rw" },
  { "[A]\nType=string\nDefault=a\\qb\n", 3, "backslash" },
  { "[A]\nType=string\nSummary=\xff\n", 3, "UTF-8" },
  { "[A_{n}]\nType=string\nIndex=16-1\n", 3, "Index" },
  { "[A_{n}]\nType=string\nIndex=A-3\n", 3, "Index" },
  { "[A_{n}]\nType=string\nIndex=1-3;m=1-2\n", 3, "Index" },
  { "[A_{n}]\nType=string\nIndex=n=1-3;n=1-2\n", 3, "Index" },
  { "[A_{n}]\nType=string\nIndex=n=1-99999;m=1-99999\n", 3, "Index" },
  { "[A_{n}]\nType=string\n", 1, "{n}" },
  { "[A]\nType=string\nIndex=1-3\n", 1, "{n}" },
  { "[A_{m}]\nType=string\nIndex=1-3\n", 1, "{n}" },
  { "[A_{n}_{m}]\nType=string\nIndex=n=1-3\n", 1, "{n}" },
  { "[A B]\nType=string\n", 1, "name" },
  { "[A=B]\nType=string\n", 1, "name" },
  { "[A]\nType=string\nAliases=b c\n", 3, "alias" },
  { "[A]\nType=int\nRange=1\n", 1, "Range" },
  { "[A]\nType=int\nRange=1-3\nDefault=4\n", 1, "the default cannot be “4”" },
  { "[A]\nType=enum\nRange=x|y\nDefault=z\n", 1, "the default" },
  { "[A]\nType=password\nDefault=a\\nb\n", 1, "the default cannot be this value" },
  { "[A_{n}]\nType=enum\nIndex=1-3\nRange=1|2\nDefault={n}\n", 1, "the default" },
};

/* A bad file is named with its line and left out whole. */
static void
test_faults (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (RsCatalogueBuilder) builder = rs_catalogue_builder_new ();
      g_autofree char *text = g_strconcat ("", faults[i].text, NULL), *where = NULL;
      g_autoptr (GBytes) good = g_bytes_new_static ("[Good]\nType=int\nDefault=1\n", 25), bad = NULL;
      g_autoptr (RsCatalogue) catalogue = NULL;
      g_autoptr (GError) error = NULL;

      bad = g_bytes_new (text, strlen (text));
      where = g_strdup_printf ("bad.conf:%u: ", faults[i].line);
      g_assert_true (rs_catalogue_builder_add (builder, "good.conf", good, &error));
      g_assert_false (rs_catalogue_builder_add (builder, "bad.conf", bad, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
      g_assert_true (g_str_has_prefix (error->message, where));
      g_assert_nonnull (strstr (error->message, faults[i].says));
      catalogue = rs_catalogue_builder_end (builder);
      g_assert_cmpuint (rs_catalogue_size (catalogue), ==, 1);
    }
}

static RsCatalogue *
two (const char *first,
     const char *second)
{
  g_autoptr (RsCatalogueBuilder) builder = rs_catalogue_builder_new ();
  g_autoptr (GBytes) a = g_bytes_new (first, strlen (first)), b = g_bytes_new (second, strlen (second));
  g_autoptr (GError) error = NULL;

  g_assert_true (rs_catalogue_builder_add (builder, "a.conf", a, &error));
  g_assert_true (rs_catalogue_builder_add (builder, "b.conf", b, &error));
  return rs_catalogue_builder_end (builder);
}

/* An integrator's file adds, replaces whole families, and replaces single members. */
static void
test_later_wins (void)
{
  g_autoptr (RsCatalogue) catalogue
      = two ("[A]\nType=int\nDefault=1\nAliases=Old\n[L_{n}_]\nType=int\nIndex=1-3\nDefault=0\n"
             "[M_{n}_]\nType=int\nIndex=1-3\nDefault=0\n",
             "[A]\nType=string\nDefault=x\n[L_{n}_]\nType=int\nIndex=1-2\nDefault=5\n"
             "[M_2_]\nType=int\nDefault=9\nAliases=Old\n[N]\nType=bool\nAliases=A;N\n");

  g_assert_cmpuint (rs_catalogue_n_entries (catalogue), ==, 5);
  g_assert_cmpuint (rs_catalogue_size (catalogue), ==, 7);
  g_assert_cmpstr (rs_catalogue_find (catalogue, "A")->default_value, ==, "x");
  g_assert_cmpstr (rs_catalogue_find (catalogue, "L_2_")->default_value, ==, "5");
  g_assert_null (rs_catalogue_find (catalogue, "L_3_"));
  g_assert_cmpstr (rs_catalogue_find (catalogue, "M_1_")->default_value, ==, "0");
  g_assert_cmpstr (rs_catalogue_find (catalogue, "M_2_")->default_value, ==, "9");
  g_assert_cmpstr (rs_catalogue_find (catalogue, "Old")->name, ==, "M_2_");
}

/* HTTP-8: the digest says whether a value would be read otherwise now */
static void
test_digest (void)
{
  static const char *const texts[] = {
    "[A]\nType=int\nDefault=1\n",        "[A]\nType=int\nDefault=2\n",
    "[A]\nType=string\nDefault=1\n",     "[A]\nType=int\nDefault=1\nRange=0-5\n",
    "[A]\nType=int\nDefault=1\nAliases=B\n", "[B]\nType=int\nDefault=1\n",
  };
  g_autoptr (RsCatalogue) again = fixture_catalogue ("# other words\n[A]\nSummary=text\nDefault=01\nType=int\nTab=T\n");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (RsCatalogue) catalogue = fixture_catalogue (texts[i]);

      g_assert_cmpuint (strlen (rs_catalogue_digest (catalogue)), ==, 64);
      g_assert_cmpint (strcmp (rs_catalogue_digest (catalogue), rs_catalogue_digest (again)) == 0, ==, i == 0);
    }
}

static void
test_bounds (void)
{
  g_autoptr (RsCatalogueBuilder) builder = rs_catalogue_builder_new ();
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (5 << 20), 5 << 20), many = NULL;
  const char *text = "[A_{n}]\nType=int\nIndex=0-99999\n[B_{n}]\nType=int\nIndex=0-99999\n[C]\nType=int\n";
  g_autoptr (GError) error = NULL;

  g_assert_false (rs_catalogue_builder_add (builder, "large.conf", large, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
  g_clear_error (&error);
  many = g_bytes_new (text, strlen (text));
  g_assert_false (rs_catalogue_builder_add (builder, "many.conf", many, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
}

/* Random bytes, and the shipped files with a byte changed: never a crash, always a clear answer. */
static void
test_garbage (void)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("RESYNCD_SOURCE_DIR"), "data", "catalogue", "10-att-console.conf", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (42);
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr (RsCatalogueBuilder) builder = rs_catalogue_builder_new ();
      g_autofree char *changed = g_memdup2 (text, length);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      for (guint j = 0; j <= i % 4; j++)
        changed[g_rand_int_range (rand, 0, length)] = g_rand_int (rand);
      bytes = g_bytes_new (changed, length);
      if (!rs_catalogue_builder_add (builder, "changed.conf", bytes, &error))
        g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
      else
        {
          g_autoptr (RsCatalogue) catalogue = rs_catalogue_builder_end (builder);
          g_assert_cmpuint (rs_catalogue_n_entries (catalogue), <=, 31);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/params/catalogue/shipped", test_shipped);
  g_test_add_func ("/params/catalogue/access", test_access);
  g_test_add_func ("/params/catalogue/secrets", test_secrets);
  g_test_add_func ("/params/catalogue/names", test_names);
  g_test_add_func ("/params/catalogue/list", test_list);
  g_test_add_func ("/params/catalogue/nearest", test_nearest);
  g_test_add_func ("/params/catalogue/speed", test_speed);
  g_test_add_func ("/params/catalogue/faults", test_faults);
  g_test_add_func ("/params/catalogue/later-wins", test_later_wins);
  g_test_add_func ("/params/catalogue/digest", test_digest);
  g_test_add_func ("/params/catalogue/bounds", test_bounds);
  g_test_add_func ("/params/catalogue/garbage", test_garbage);
  return g_test_run ();
}
