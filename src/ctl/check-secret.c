/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which values of a file nobody on the way may read: what the catalogue says, keys and accounts in rules and URLs, and the registers that bring
 * such things to them. */
#include "config.h"

#include "ctl/checking.h"

#include "base/mask.h"
#include "base/secret.h"

#include <string.h>

/* What everybody may know of a phone is no secret; what a provider keeps in GPP_x may be one. */
static const char *
look_up_secret (const char *name,
                gpointer    data)
{
  return name[1] == '\0' ? "x" : "";
}

static gboolean
is_secret_value (const char *value)
{
  const RsMacros macros = { look_up_secret, NULL };
  g_auto (RsSecretString) expanded = rs_macro_expand (value, &macros, FALSE, NULL);

  return expanded == NULL || expanded[0] != '\0';
}

/* The bytes of the value of the next field whose name is that of a secret, from *p on; 0: there is none. A query has its fields with a “=”, a body may
 * have them otherwise. */
static gsize
next_secret_field (const char **p,
                   const char  *marks)
{
  static const char ends[] = "?&;,{} \t\r\n";

  while (**p != '\0')
    {
      const char *name = *p, *mark = name, *end = name + strcspn (name, ends);
      gsize length;

      while (mark < end && strchr (marks, *mark) == NULL)
        mark++;
      *p = *end != '\0' ? end + 1 : end;
      if (mark == end)
        continue;
      *p = mark + 1 + strspn (mark + 1, " \"'");
      length = strcspn (*p, "?&;,{}\"' \t\r\n");
      if (length > 0 && rs_mask_is_secret_name (name, (gsize) (mark - name)))
        return length;
      *p += length;
    }
  return 0;
}

static gboolean
has_secret_field (const char *text,
                  const char *marks)
{
  gsize length;

  for (const char *p = text; (length = next_secret_field (&p, marks)) > 0; p += length)
    {
      g_auto (RsSecretString) value = g_strndup (p, length);

      if (is_secret_value (value))
        return TRUE;
    }
  return FALSE;
}

/* A field of the query whose name is that of a secret, with a value. */
gboolean
rs_secret_in_query (const char *url)
{
  const char *query = strchr (url, '?');

  return query != NULL && has_secret_field (query + 1, "=");
}

/* "user@", or "user:password@", before a server. */
gboolean
rs_secret_in_userinfo (const char *url,
                       gboolean    with_password)
{
  const char *server = strstr (url, "://");
  const char *at = server != NULL ? memchr (server + 3, '@', strcspn (server + 3, "/?# ")) : NULL;

  return at != NULL && (!with_password || memchr (server + 3, ':', (gsize) (at - server - 3)) != NULL);
}

static gboolean
value_holds_secret (const RsChecking *checking,
                    const RsParam    *param,
                    const char       *value);

/* What an alternative assigns. */
static gboolean
settings_hold_secret (const RsChecking *checking,
                      const RsRule     *rule,
                      guint             number)
{
  gboolean found = FALSE;
  RsRuleOutline outline;

  rs_rule_outline (rule, number, &outline);
  for (guint i = 0; !found && i < outline.n_settings; i++)
    {
      const RsParam *param;
      RsRuleSettingOutline setting;

      rs_rule_setting (rule, number, i, &setting);
      param = rs_catalogue_find (checking->catalogue, setting.name);
      found = param != NULL && setting.value != NULL && value_holds_secret (checking, param, setting.value);
      rs_secret_free (setting.value);
    }
  return found;
}

static gboolean
is_literal (const char *option)
{
  g_auto (GStrv) names = option != NULL && option[0] != '\0' ? rs_macro_names (option) : NULL;

  return names != NULL && names[0] == NULL;
}

/* told: what goes along with the request is told already. */
static gboolean
alternative_holds_secret (const RsChecking *checking,
                          const RsRule     *rule,
                          guint             number,
                          gboolean          told)
{
  RsRuleOutline outline;

  rs_rule_outline (rule, number, &outline);
  return is_literal (outline.key) || settings_hold_secret (checking, rule, number)
         || (!told
             && (is_literal (outline.password)
                 || (outline.url != NULL && (rs_secret_in_userinfo (outline.url, TRUE) || rs_secret_in_query (outline.url)))));
}

/* told: the alternative of which the request's secrets are told already; 0: none. */
gboolean
rs_secret_in_rule (const RsChecking *checking,
                   const RsRule     *rule,
                   guint             told)
{
  RsRuleOutline outline;

  for (const RsRule *one = rule; one != NULL; one = rs_rule_next (one))
    {
      for (guint i = 1; rs_rule_outline (one, i, &outline); i++)
        {
          if (alternative_holds_secret (checking, one, i, one == rule && i == told))
            return TRUE;
        }
    }
  return FALSE;
}

/* Whether somebody on the way could use what a value holds. A rule in a rule is shorter than that one, by far. */
static gboolean
value_holds_secret (const RsChecking *checking,
                    const RsParam    *param,
                    const char       *value)
{
  g_autoptr (RsRule) rule = NULL;

  if (value[0] == '\0')
    return FALSE;
  if (param->secret)
    return TRUE;
  if (param->type != RS_TYPE_RULE)
    return rs_secret_in_userinfo (value, TRUE) || rs_secret_in_query (value);
  rule = rs_rule_parse (value, rs_rule_kind_of (param->name), NULL);
  return rule != NULL && rs_secret_in_rule (checking, rule, 0);
}

/* The registers that a text uses in the place of a secret. letters: a set of "A", "SA" … */
static void
add_registers (GHashTable *letters,
               const char *text)
{
  g_auto (GStrv) names = text != NULL ? rs_macro_names (text) : NULL;

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    g_hash_table_add (letters, g_strdup (names[i]));
}

static void
add_settings (const RsChecking *checking,
              GHashTable       *letters,
              const RsRule     *rule,
              guint             number,
              guint             n_settings)
{
  for (guint i = 0; i < n_settings; i++)
    {
      const RsParam *param;
      RsRuleSettingOutline setting;

      rs_rule_setting (rule, number, i, &setting);
      param = rs_catalogue_find (checking->catalogue, setting.name);
      if (param != NULL && param->secret)
        add_registers (letters, setting.source);
      rs_secret_free (setting.value);
    }
}

/* A register that is sent as a body, where one of its fields is a secret. */
gboolean
rs_secret_in_body (const RsChecking *checking,
                   const char       *letter)
{
  const RsAssignment *body = letter != NULL ? rs_checking_find (checking, letter) : NULL;

  return body != NULL && body->kind == RS_ASSIGN_VALUE && has_secret_field (body->value, "=:");
}

static void
add_query (GHashTable *letters,
           const char *url)
{
  const char *p = strchr (url, '?');
  gsize length;

  for (; p != NULL && (length = next_secret_field (&p, "=")) > 0; p += length)
    {
      g_autofree char *value = g_strndup (p, length);

      add_registers (letters, value);
    }
}

/* What a rule in force takes for a secret, and whether it is a safe one. */
static void
survey_rule (RsChecking         *checking,
             const RsAssignment *assignment,
             RsRuleKind          kind,
             GHashTable         *letters)
{
  g_autoptr (RsRule) rule = rs_rule_parse (assignment->value, kind, NULL);
  RsRuleOutline outline;

  for (const RsRule *one = rule; one != NULL; one = rs_rule_next (one))
    {
      gboolean reached = TRUE;

      for (guint i = 1; rs_rule_outline (one, i, &outline); i++)
        {
          gboolean may_take = rs_checking_may_take (NULL, one, i, &reached, NULL);

          add_registers (letters, outline.key);
          add_registers (letters, outline.password);
          add_settings (checking, letters, one, i, outline.n_settings);
          if (outline.url != NULL)
            add_query (letters, outline.url);
          if (rs_secret_in_body (checking, outline.post))
            add_registers (letters, (const char[]){ '$', outline.post[0], '\0' });
          checking->closed |= kind == RS_RULE_PROFILE && may_take && rs_checking_is_closed (checking, &outline);
        }
    }
}

static gboolean
is_register_of (const RsParam *param,
                GHashTable    *letters)
{
  return g_str_has_prefix (param->name, "GPP_") && g_hash_table_contains (letters, param->name + strlen ("GPP_"));
}

static void
find_in_force (RsChecking *checking)
{
  const GPtrArray *assignments = checking->profile->assignments;

  for (guint i = 0; i < assignments->len; i++)
    {
      RsAssignment *assignment = g_ptr_array_index (assignments, i);
      const RsParam *param = rs_catalogue_find (checking->catalogue, assignment->name);

      if (param != NULL && assignment->kind != RS_ASSIGN_KEEP)
        g_hash_table_insert (checking->in_force, (gpointer) param, assignment);
      if (param != NULL && assignment->kind != RS_ASSIGN_KEEP && strcmp (param->name, "IKM_HTTP_Encrypt_Content") == 0)
        checking->encrypted = assignment->kind == RS_ASSIGN_VALUE && assignment->value[0] != '\0';
    }
}

void
rs_checking_survey (RsChecking *checking)
{
  const GPtrArray *assignments = checking->profile->assignments;
  g_autoptr (GHashTable) letters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gpointer param, assignment;
  GHashTableIter iter;

  find_in_force (checking);
  g_hash_table_iter_init (&iter, checking->in_force);
  while (g_hash_table_iter_next (&iter, &param, &assignment))
    {
      const RsParam *rule = param;
      RsRuleKind kind = rs_rule_kind_of (rule->name);

      if (rule->type == RS_TYPE_RULE && ((const RsAssignment *) assignment)->kind == RS_ASSIGN_VALUE)
        survey_rule (checking, assignment, kind, letters);
    }
  for (guint i = 0; i < assignments->len; i++)
    {
      RsAssignment *one = g_ptr_array_index (assignments, i);
      const RsParam *of = rs_catalogue_find (checking->catalogue, one->name);

      if (of != NULL && one->kind == RS_ASSIGN_VALUE
          && (value_holds_secret (checking, of, one->value)
              || (is_register_of (of, letters) && rs_checking_counts (checking, one) && is_secret_value (one->value))))
        g_ptr_array_add (checking->secrets, one);
    }
}
