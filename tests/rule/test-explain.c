/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Explanations: what the rules use as a secret is in none of their steps, and what the phone would refuse is a fault. (STORE-3) */
#include "rule/explain.h"

#include "base/error.h"
#include "base/mask.h"

#include <string.h>

/* of letters that stand in no word of an explanation */
#define CANARY "zxqjzxqj"
#define PIECE "zxqj"

typedef struct
{
  GHashTable *values; /* macro or parameter → value */
  GString *steps;
} Phone;

static const char *
look_up (const char *name, gpointer data)
{
  Phone *phone = data;
  const char *value = g_hash_table_lookup (phone->values, name);

  return value != NULL ? value : "";
}

static const char *
rule_of (const char *parameter, gpointer data)
{
  Phone *phone = data;

  return g_hash_table_lookup (phone->values, parameter);
}

static gboolean
is_known (const char *parameter)
{
  return g_str_has_prefix (parameter, "GPP_") || g_str_has_prefix (parameter, "Profile_Rule") || strcmp (parameter, "Password_1_") == 0
         || strcmp (parameter, "PAC_URL") == 0 || strcmp (parameter, "Station_Name") == 0 || g_str_has_prefix (parameter, "Count");
}

static gboolean
is_secret (const char *parameter, gpointer data)
{
  return !is_known (parameter) || strcmp (parameter, "Password_1_") == 0 || g_str_has_prefix (parameter, "GPP_S");
}

static gboolean
shows_macro (const char *macro, gpointer data)
{
  return macro[0] != 'S' || strlen (macro) != 2;
}

static char *
show_value (const char *name, const char *value, gpointer data)
{
  /* what is closed to who asks is as if it were secret */
  if (is_secret (name, data) || strcmp (name, "Count_of_others") == 0)
    return g_strdup (RS_MASK);
  return g_str_has_prefix (name, "Profile_Rule") ? rs_mask_rule (value) : rs_mask_text (value);
}

static gboolean
check_value (const char *name, const char *value, gpointer data, GError **error)
{
  if (!is_known (name))
    g_set_error (error, RS_ERROR, RS_ERROR_INVALID_NAME, "“%s” is no parameter", name);
  else if (g_str_has_prefix (name, "Count") && strspn (value, "0123456789") != strlen (value))
    g_set_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE, "%s cannot be “%s”", name, value);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_map (const char *map, gpointer data, GError **error)
{
  if (map[0] == '/')
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_VALUE, "no map");
  return FALSE;
}

static void
add_step (const char *kind, const char *text, int truth, gpointer data)
{
  Phone *phone = data;

  g_string_append_printf (phone->steps, "%s: %s\n", kind, text);
}

static void
phone_init (Phone *phone)
{
  phone->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  phone->steps = g_string_new (NULL);
  g_hash_table_insert (phone->values, g_strdup ("MA"), g_strdup ("000e08aabbcc"));
  g_hash_table_insert (phone->values, g_strdup ("SWVER"), g_strdup ("12.0.1"));
}

static void
phone_clear (Phone *phone)
{
  g_hash_table_unref (phone->values);
  g_string_free (phone->steps, TRUE);
}

/* NAME=VALUE … divided by newlines. */
static void
phone_set (Phone *phone, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *equals = strchr (lines[i], '=');

      if (equals != NULL)
        g_hash_table_insert (phone->values, g_strndup (lines[i], (gsize)(equals - lines[i])), g_strdup (equals + 1));
    }
}

static void
phone_explain (Phone *phone, const char *rule)
{
  const RsExplainer explainer
      = { { &(RsMacros){ look_up, phone }, rule_of, is_secret, phone }, shows_macro, show_value, check_value, check_map, add_step };
  g_autoptr (GError) error = NULL;
  gboolean read = rs_rule_explain (&explainer, rule, TRUE, &error);

  if (!read)
    g_error ("%s: %s", rule, error->message);
}

/* STORE-3: a macro is a secret in each step where some rule uses it as one */
static void
test_places (void)
{
  static const struct
  {
    const char *values, *rule;
  } cases[] = {
    { "A=" CANARY, "(\"$A\" ne \"\")? [--uid u --pwd $A --key $A] https://h/$A?password=$A" },
    { "A=" CANARY, "[--uid $A] https://h/$A" },
    { "A=" CANARY, "[--key \"x$(A:2:3)\"] https://h/$(A:0:4)" },
    { "A=" CANARY, "(GPP_SA = \"$A\";)! https://h/" },
    { "A=" CANARY, "(Password_1_ = \"$A\"; Station_Name = \"$A\";)!" },
    { "A=" CANARY, "(Pasword_1_ = \"$A\";)! https://h/$A" },
    { "A=" CANARY, "(Pasword_1_ = \"" CANARY "\";)!" },
    { "A=" CANARY, "(\"$A\" = \"" CANARY "\")? [--key $A] https://h/ | /x" },
    { "A=" CANARY, "($SWVER gt 1 and \"$A\" ne \"x\")? https://h/?t=$A | /x" },
    { "A=joe:" CANARY, "https://$A@h/x" },
    { "A=" CANARY, "https://joe:$A@h/$A" },
    { "A=" CANARY "@h", "https://joe:$A/x" },
    { "A=" CANARY "@h\nB=joe:", "https://$B$A/x" },
    { "A=" CANARY, "https://h/#$A" },
    { "A=" CANARY, "(PAC_URL = \"https://joe:$A@h/\";)! https://h/$A" },
    { "A=" CANARY, "(PAC_URL = \"https://h/?key=$A\";)! https://h/$A" },
    { "A=" CANARY, "(Profile_Rule_B = \"[--key $A] https://h/\";)! https://h/$A" },
    { "A=" CANARY, "(Profile_Rule_B = \"[--key $A\";)! https://h/$A" },
    { "A=[--key " CANARY "] https://h/", "(Profile_Rule_B = \"$A\";)!" },
    { "A=[--key " CANARY "] https://h/", "(\"$A\" ne \"\")? https://h/" },
    { "A=" CANARY "\nB={\"password\": \"$A\"}", "(\"$A\" ne \"\")? [--post b] https://h/$A" },
    { "A={\"password\": \"" CANARY "\"}", "(\"$A\" ne \"\")? [--post a] https://h/" },
    { "A=" CANARY, "(GPP_B = \"$A\"; GPP_C = \"$B\";)! [--key $C] https://h/$A" },
    { "A=" CANARY "\nProfile_Rule_B=[--pwd $A --uid u] https://h/", "https://h/$A" },
    { "A=" CANARY "\nUpgrade_Rule=(>1)? https://u:$A@h/", "(\"$A\" = \"" CANARY "\")? https://h/$A" },
    { "A=" CANARY "\nReport_Rule=https://h/ ; [--key $(A:1:2)] https://h/", "https://h/$(A:3)" },
    { "A=" CANARY "\nCustom_CA_Rule=[--pwd $A", "https://h/$A" },
    { "C=old", "(GPP_C = \"" CANARY "\"; Profile_Rule_B = \"[--key $$C] https://h/\";)! https://h/" },
    { "C=old", "(GPP_C = \"" CANARY "\"; Profile_Rule_B = \"[--key \\044C] https://h/\";)! https://h/" },
    { "B=x\nC=old", "(GPP_C = \"" CANARY "\"; GPP_B = \"pw=$$C\";)! [--post b] https://h/" },
    { "A=" CANARY "@h", "https://joe:" CANARY "$A/x" },
    { "A=x@h", "https://joe:" CANARY "$A/x?k=$A" },
    { "A=x", "https://joe:12/" CANARY "@h/?$A" },
    { "A=" CANARY, "https://$A.example/$A/$MA?$A" },
    { "UID1=" CANARY, "[--uid u --pwd $UID1] https://h/$UID1" },
    { "A=" CANARY, "(Count = \"$A\";)! [--key $A] https://h/" },
    { "SA=" CANARY, "[--key $SA] https://h/" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Phone phone;

      phone_init (&phone);
      phone_set (&phone, cases[i].values);
      phone_explain (&phone, cases[i].rule);
      if (strstr (phone.steps->str, PIECE) != NULL || phone.steps->len == 0)
        g_error ("%s with %s is told as\n%s", cases[i].rule, cases[i].values, phone.steps->str);
      phone_clear (&phone);
    }
}

/* What is no secret is told, so that an explanation explains; and so is that a secret is compared with nothing. */
static void
test_shown (void)
{
  static const struct
  {
    const char *values, *rule, *step;
  } cases[] = {
    { "A=berlin", "(\"$A\" = \"berlin\")? https://h/$A", "macro: $A = berlin\n" },
    { "A=berlin", "(\"$A\" = \"berlin\")? https://h/$A", "comparison: \"$A\" = \"berlin\": “berlin” = “berlin”\n" },
    { "A=berlin", "(\"$A\" = \"berlin\")? https://h/$A", "fetch: https://h/berlin\n" },
    { "A=berlin", "[--uid $MA --pwd $MA] https://h/$MA/$A?m=$MA", "fetch: https://h/000e08aabbcc/berlin?…\n" },
    { "A=berlin", "(Station_Name = \"$A\"; Profile_Rule_B = \"https://h/$A\";)!", "assignment: Station_Name = \"berlin\"\n" },
    { "A=berlin", "(Station_Name = \"$A\"; Profile_Rule_B = \"https://h/$A\";)!", "assignment: Profile_Rule_B = \"https://h/berlin\"\n" },
    /* of what a secret stands in, that is hidden which the secret is */
    { "A=t", "https://h/x.xml?u=$MA&t=$A", "fetch: https://h/x.xml?…\n" },
    { "A=t", "/x?$A", "fetch: /x?… from the server" },
    { "A=t", "[--key $A] http://ps-$A.example:8080/a$(A)b/$MA$A.xml?t", "fetch: http://ps-•••.example:8080/a•••b/000e08aabbcc•••.xml?…\n" },
    { "A=", "[--key x$A] http://h/$A.xml", "fetch: http://h/•••.xml\n" },
    { "A=t\nB=https://p/x.xml", "[--key $A] $B", "fetch: https://p/x.xml\n" },
    { "A=t\nB=https://joe:pw@p/x.xml?k=v", "[--key $A] $B", "fetch: https://p/x.xml?…\n" },
    { "A=pw@p", "https://joe:$A/x.xml", "fetch: https://•••/x.xml\n" },
    /* a register that is empty behind a path is no password */
    { "A=", "https://h/$A", "macro: $A = \n" },
    { "A=", "https://h/$A", "fetch: https://h/\n" },
    { "A=", "https://h/$A?x=1", "macro: $A = \n" },
    { "A=", "https://$A/x", "macro: $A = \n" },
    { "A=", "https://h/?t=$A", "macro: $A = •••\n" },
    { "A=", "https://joe:$A@h/", "macro: $A = •••\n" },
    { "A=https://joe:x@h/x?key=y", "$A/$MA.xml", "fetch: https://h/x?…\n" },
    { "A=x", "(\"$A\" ne \"\" and $SWVER > 1)? [--key $A] https://h/", "comparison: \"$A\" != \"\"\n" },
    { "A=x", "(\"$A\" ne \"\")? [--key $A] https://h/", "condition: \"$A\" ne \"\"\n" },
    { "A=and", "(\"$A\" = \"and\")? [--key $A] https://h/", "condition: •••\n" },
    { "A=x", "(\"$A\" ne \"\")? [--key $A] https://h/", "fetch: https://h/\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Phone phone;

      phone_init (&phone);
      phone_set (&phone, cases[i].values);
      phone_explain (&phone, cases[i].rule);
      if (strstr (phone.steps->str, cases[i].step) == NULL)
        g_error ("%s is told as\n%s", cases[i].rule, phone.steps->str);
      phone_clear (&phone);
    }
}

static const char *
pick (const char *const *pieces, guint n)
{
  return pieces[g_test_rand_int_range (0, (gint32)n)];
}

#define PICK(pieces) pick (pieces, G_N_ELEMENTS (pieces))

/* A rule that uses the register % as a secret, once at least, and for all sorts of things besides. */
static char *
make_rule (char letter, gboolean *secret)
{
  static const char *const conditions[] = { "", "", "(\"$%\" ne \"\")?", "(\"$(%:0:4)\" = \"" PIECE "\")?", "(\"$%$B\" ne \"" CANARY "\" and > 1)?" };
  static const char *const open_settings[] = { "", "Station_Name = \"$%\"; ", "GPP_B = \"x$(%:2)\"; ", "Count = \"$%\"; " };
  static const char *const secret_settings[]
      = { "Password_1_ = \"a$%\";", "GPP_SA = \"$(%)\";", "Nonesuch = \"$%\";", "PAC_URL = \"https://u:$(%)@h/\";",
          "Profile_Rule_B = \"[--uid $MA --pwd \\042$(%)\\042] https://h/\";", "GPP_C = \"$(%)\"; Password_1_ = \"$C\";" };
  static const char *const secret_options[] = { "[--key $%]", "[--srv --uid $MA --pwd \"$(%:0:5)\"]", "[--uid $%]", "[--post %]" };
  static const char *const open_urls[] = { "https://h/$%", "https://$%/x", "https://h/$(%:1:5)/$MA", "$%", "/$MA" };
  static const char *const secret_urls[] = { "https://$%@h/", "https://joe:$(%)@h/$%", "https://h/$MA?$%", "https://h/?a=b&c=$(%:1)", "/x#$%" };
  guint where = (guint)g_test_rand_int_range (0, 4);
  GString *rule = g_string_new (PICK (conditions));
  const char *settings = PICK (open_settings);
  char of[] = { letter, '\0' };

  if (where == 0 || settings[0] != '\0')
    g_string_append_printf (rule, "(%s%s)!", settings, where == 0 ? PICK (secret_settings) : "");
  g_string_append (rule, where == 1 ? PICK (secret_options) : "");
  g_string_append (rule, where == 2 ? PICK (secret_urls) : PICK (open_urls));
  *secret = where < 3;
  g_string_replace (rule, "%", of, 0);
  return g_string_free (rule, FALSE);
}

/* STORE-3: whatever else a rule does with it, and in whatever rule it stands */
static void
test_generated (void)
{
  static const char *const forms[] = { CANARY, "joe:" CANARY, CANARY "@h", "x?k=" CANARY, "[--key " CANARY "]/x", "a b" CANARY };
  guint shown = 0, refused = 0;

  for (guint i = 0; i < 5000; i++)
    {
      const char letter = "AHP"[g_test_rand_int_range (0, 3)], name[] = { letter, '\0' };
      gboolean secret, other_secret;
      g_autofree char *rule = make_rule (letter, &secret), *other = make_rule (letter, &other_secret);
      Phone phone;

      phone_init (&phone);
      g_hash_table_insert (phone.values, g_strdup (name), g_strdup (PICK (forms)));
      if (g_test_rand_bit ())
        g_hash_table_insert (phone.values, g_strdup ("Profile_Rule_C"), g_strdup (other));
      else
        other_secret = FALSE;
      phone_explain (&phone, rule);
      if ((secret || other_secret) && strstr (phone.steps->str, PIECE) != NULL)
        g_error ("%s beside %s with %s is told as\n%s", rule, other, look_up (name, &phone), phone.steps->str);
      shown += strstr (phone.steps->str, PIECE) != NULL;
      refused += strstr (phone.steps->str, "fault: ") != NULL;
      phone_clear (&phone);
    }
  /* the others show that it could be seen */
  g_assert_cmpuint (shown, >, 100);
  g_assert_cmpuint (refused, >, 100);
}

/* RULE-5, RULE-6, HTTP-1, PROF-10, ENC-4: what the phone would refuse, after the steps up to there */
static void
test_refused (void)
{
  static const struct
  {
    const char *values, *rule, *fault, *not_told;
  } cases[] = {
    { "A=x", "[--post a] tftp://h/x", "--post needs http or https", "fetch:" },
    { "A=x", "[--post a] h/x", "--post needs http or https", "fetch:" },
    { "A=$SB", "[--post a] https://h/x", "GPP_A: column 1: found “$SB”, expected no $SA to $SD here", "fetch:" },
    { "", "(GPP_A = \"$$SB\";)! [--post a] https://h/x", "GPP_A: column 1: found “$SB”", "fetch:" },
    { "", "[--alias a] https://h/x", "GPP_A: --alias names an empty register", "fetch:" },
    { "A=nonsense", "[--alias a] https://h/x", "no map", "fetch:" },
    { "", "[--key \"\"] https://h/x", "column 9: found an empty key, expected a key", "fetch:" },
    { "", "[--srv --key $A] https://h/x", "column 14: found an empty key", "fetch:" },
    { "", "[--srv] tftp://h/x", "Error - TFTP Scheme not supported in SRV lookups.", "fetch:" },
    { "I=%41%zz", "https://h/$I", "column 11: found what “$I” stands for, expected two hexadecimal digits after “%”", "fetch:" },
    { "I=zz", "https://h/a?%$I", "column 13: found “%”, expected two hexadecimal digits", "fetch:" },
    { "", "(Nonesuch = \"1\";)! https://h/x", "“Nonesuch” is no parameter; the phone would leave it out and go on", NULL },
    { "A=y", "(Count = \"x$A\";)! https://h/x", "Count cannot be “xy”", NULL },
    { "A=" CANARY, "(Count = \"$A\";)! [--key $A] https://h/x", "Count cannot be what this value stands for", NULL },
    { "", "(Count_of_others = \"" CANARY "\";)! https://h/x", "Count_of_others cannot be what this value stands for", CANARY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *fault = g_strconcat ("fault: ", cases[i].fault, NULL);
      Phone phone;

      phone_init (&phone);
      phone_set (&phone, cases[i].values);
      phone_explain (&phone, cases[i].rule);
      if (strstr (phone.steps->str, fault) == NULL || (cases[i].not_told != NULL && strstr (phone.steps->str, cases[i].not_told) != NULL)
          || strstr (phone.steps->str, "option: --post") > strstr (phone.steps->str, fault))
        g_error ("%s is told as\n%s", cases[i].rule, phone.steps->str);
      phone_clear (&phone);
    }
}

/* A register that the rule itself fills is good when its time comes; and where the server decides the scheme nobody can say yet. */
static void
test_taken (void)
{
  static const char *const rules[] = { "(GPP_A = \"/a/b = /flat-profile/C\";)! [--alias a] https://h/x",
                                       "(GPP_A = \"mac=$MA\";)! [--post a] https://h/x", "[--post a] /x", "(Count = \"1\";)! /x", "[--post a] gds://" };

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      Phone phone;

      phone_init (&phone);
      phone_explain (&phone, rules[i]);
      g_assert_null (strstr (phone.steps->str, "fault:"));
      g_assert_nonnull (strstr (phone.steps->str, "fetch:"));
      phone_clear (&phone);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/explain/places", test_places);
  g_test_add_func ("/rule/explain/shown", test_shown);
  g_test_add_func ("/rule/explain/generated", test_generated);
  g_test_add_func ("/rule/explain/refused", test_refused);
  g_test_add_func ("/rule/explain/taken", test_taken);
  return g_test_run ();
}
