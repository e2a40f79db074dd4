/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be said of a rule before its macros are known. */
#include "base/error.h"
#include "rule/fault.h"
#include "rule/macro-scan.h"
#include "rule/rule-private.h"

#include <string.h>

#define MAX_FOREIGN 16

RsRuleKind
rs_rule_kind_of (const char *parameter)
{
  if (g_str_has_prefix (parameter, "Resync_Trigger_"))
    return RS_RULE_TRIGGER;
  if (strcmp (parameter, "Upgrade_Rule") == 0)
    return RS_RULE_UPGRADE;
  if (strcmp (parameter, "Report_Rule") == 0)
    return RS_RULE_REPORT;
  if (strcmp (parameter, "Custom_CA_Rule") == 0)
    return RS_RULE_CUSTOM_CA;
  return RS_RULE_PROFILE;
}

gboolean
rs_rule_is_empty (const RsRule *rule)
{
  return rule->alternatives->len == 0;
}

const RsRule *
rs_rule_next (const RsRule *rule)
{
  return rule->next;
}

/* $A … $P at the start may stand for a whole URL. */
static gboolean
starts_with_register (const char *url)
{
  RsMacroUse use;

  return url[0] == '$' && rs_macro_scan (url, &use) && use.name[1] == '\0' && use.name[0] != '$';
}

static gboolean
names_server (const char *url)
{
  const char *scheme = strstr (url, "://");
  gsize server = strcspn (url, "/?#");

  if (g_str_has_prefix (url, "gds://") || starts_with_register (url))
    return TRUE;
  if (scheme != NULL && scheme + 1 == url + server)
    return scheme[3] != '/' && scheme[3] != '\0';
  return server > 0 && url[server] == '/';
}

gboolean
rs_rule_names_server (const RsRule *rule)
{
  for (guint i = 0; i < rule->alternatives->len; i++)
    {
      const RsAlternative *alternative = g_ptr_array_index (rule->alternatives, i);

      if (alternative->url != NULL && names_server (alternative->url))
        return TRUE;
    }
  return rule->next != NULL && rs_rule_names_server (rule->next);
}

gboolean
rs_rule_has_private_options (const RsRule *rule)
{
  for (guint i = 0; i < rule->alternatives->len; i++)
    {
      const RsAlternative *alternative = g_ptr_array_index (rule->alternatives, i);

      if (rs_rule_options_are_private (&alternative->options))
        return TRUE;
    }
  return rule->next != NULL && rs_rule_has_private_options (rule->next);
}

/* As far as the text itself says it: a path is fetched from whatever server is used, and a macro may bring a scheme along. */
static gboolean
find_scheme (const char *url, RsScheme *scheme)
{
  const char *end = strstr (url, "://");
  g_autofree char *name = end != NULL ? g_strndup (url, (gsize)(end - url)) : NULL;

  *scheme = RS_SCHEME_TFTP;
  if (name != NULL && strcspn (name, "/?#$") == strlen (name))
    return rs_scheme_from_name (name, scheme);
  return url[0] != '$' && names_server (url);
}

static gboolean
is_given (const RsRuleText *text)
{
  return text->source != NULL && !text->macros;
}

/* A ";" separates servers in options of DHCP (DISC-4), and nothing in a rule, nor does a ",". A query may hold whatever it likes. */
static guint
find_second_url (const RsAlternative *alternative)
{
  const char *end = alternative->url + strcspn (alternative->url, "?#"), *p = alternative->url;

  while ((p = strpbrk (p, ";,")) != NULL && p < end)
    {
      static const char *const schemes[] = { "tftp://", "http://", "https://" };

      p++;
      for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
        {
          if (g_ascii_strncasecmp (p, schemes[i], strlen (schemes[i])) == 0)
            return alternative->url_column + rs_rule_column (alternative->url, p) - 1;
        }
    }
  return 0;
}

gboolean
rs_rule_outline (const RsRule *rule, guint alternative, RsRuleOutline *outline)
{
  const RsAlternative *one;

  if (alternative < 1 || alternative > rule->alternatives->len)
    return FALSE;
  one = g_ptr_array_index (rule->alternatives, alternative - 1);
  *outline = (RsRuleOutline){
    .conditional = one->condition != NULL,
    .url = one->url,
    .url_column = one->url_column,
    .key = one->options.key.source,
    .user = one->options.user.source,
    .password = one->options.password.source,
    .key_column = one->options.key.column,
    .user_column = one->options.user.column,
    .password_column = one->options.password.column,
    .has_login = one->options.user.source != NULL || one->options.password.source != NULL,
    .secret_given = is_given (&one->options.key) || is_given (&one->options.password),
    .srv = one->options.srv,
    .delta = one->options.delta,
    .status = one->options.status,
    .post = one->options.post,
    .alias = one->options.alias,
    .n_settings = one->settings != NULL ? one->settings->len : 0,
  };
  if (one->url != NULL)
    outline->second_url_column = find_second_url (one);
  outline->scheme_known = one->url != NULL && find_scheme (one->url, &outline->scheme);
  return TRUE;
}

gboolean
rs_rule_check_hint (const RsRule *rule, GError **error)
{
  RsRuleOutline outline;

  if (!rs_rule_names_server (rule))
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, "it names no server");
      return FALSE;
    }
  for (guint alternative = 1; rs_rule_outline (rule, alternative, &outline); alternative++)
    {
      if (outline.n_settings > 0 || (outline.scheme_known && outline.scheme == RS_SCHEME_GDS))
        {
          g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, "it assigns parameters, or leads to gds://");
          return FALSE;
        }
    }
  return TRUE;
}

void
rs_rule_setting (const RsRule *rule, guint alternative, guint setting, RsRuleSettingOutline *outline)
{
  const RsAlternative *one = g_ptr_array_index (rule->alternatives, alternative - 1);
  const RsRuleSetting *found = &g_array_index (one->settings, RsRuleSetting, setting);

  outline->name = found->name;
  outline->column = found->column;
  outline->source = found->value.source;
  outline->value = found->value.macros ? NULL : rs_rule_text_expand (&found->value, NULL, NULL);
}

gboolean
rs_rule_comparison (const RsRule *rule, guint alternative, guint comparison, RsRuleComparison *outline)
{
  const RsAlternative *one = g_ptr_array_index (rule->alternatives, alternative - 1);

  return one->condition != NULL && rs_condition_outline (one->condition, comparison, outline);
}

RsRuleTruth
rs_rule_truth (const RsRule *rule, guint alternative, const RsMacros *known, GError **error)
{
  const RsAlternative *one = g_ptr_array_index (rule->alternatives, alternative - 1);

  return one->condition != NULL ? rs_condition_truth (one->condition, known, error) : RS_RULE_ALWAYS;
}

char *
rs_rule_condition (const RsRule *rule, guint alternative)
{
  const RsAlternative *one = g_ptr_array_index (rule->alternatives, alternative - 1);
  /* large enough for any outcome: a secret that moves leaves a copy behind */
  GString *text = one->condition_text != NULL ? g_string_sized_new (RS_RULE_GROWTH * strlen (one->condition_text) + 1) : NULL;

  if (text == NULL)
    return NULL;
  rs_condition_print (one->condition, text);
  return g_string_free (text, FALSE);
}

/* The bytes of a macro as other systems write them; 0: there is none. brackets: each that opens, and the one that closes it. */
static gsize
match_foreign (const char *p, const char *brackets)
{
  static const char *const words[] = { "MACADDRESS", "MAC_ADDRESS", "MACADDR", "MAC_ADDR", "MODEL", "SERIAL", "SERIALNUMBER", NULL };
  const char close = strchr (brackets, *p)[1];
  gsize n = strspn (p + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  g_autofree char *name = n > 1 && n <= MAX_FOREIGN && p[1 + n] == close ? g_ascii_strup (p + 1, (gssize)n) : NULL;

  return name != NULL && (rs_macro_is_known (name) || g_strv_contains (words, name)) ? n + 2 : 0;
}

GArray *
rs_rule_unknown_macros (const char *text, gboolean of_rule)
{
  const char *brackets = of_rule ? "{}%%<>[]@@##" : "{}%%", *signs = of_rule ? "${%<[@#" : "${%";
  GArray *columns = g_array_new (FALSE, FALSE, sizeof (guint));
  const char *counted = text;
  guint column = 1;
  RsMacroUse use;

  for (const char *p = strpbrk (text, signs); p != NULL; p = strpbrk (p, signs))
    {
      gboolean is_macro = *p == '$' && rs_macro_scan (p, &use);
      gsize foreign = *p != '$' ? match_foreign (p, brackets) : 0;

      if (foreign > 0 || (*p == '$' && !is_macro && (g_ascii_isalpha (p[1]) || p[1] == '(' || p[1] == '{')))
        {
          column += rs_rule_column (counted, p) - 1;
          counted = p;
          g_array_append_val (columns, column);
        }
      p += is_macro ? use.length : MAX (foreign, *p == '$' && p[1] == '{' ? 2 : 1);
    }
  return columns;
}

/* Whether a word of capitals goes on behind a macro; a "_" may well separate two of a file's name. */
static gboolean
goes_on (const char *p)
{
  return g_ascii_isupper (p[0]) || (p[0] == '_' && g_ascii_isupper (p[1]) && g_ascii_isupper (p[2]));
}

GArray *
rs_rule_joined_macros (const char *text)
{
  GArray *columns = g_array_new (FALSE, FALSE, sizeof (guint));
  const char *counted = text;
  guint column = 1;
  RsMacroUse use;

  for (const char *p = strchr (text, '$'); p != NULL; p = strchr (p, '$'))
    {
      gboolean is_macro = rs_macro_scan (p, &use);

      if (is_macro && !use.parenthesised && use.name[0] != '$' && goes_on (p + use.length))
        {
          column += rs_rule_column (counted, p) - 1;
          counted = p;
          g_array_append_val (columns, column);
        }
      p += is_macro ? use.length : 1;
    }
  return columns;
}
