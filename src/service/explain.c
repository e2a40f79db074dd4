/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Explanations of rules to a caller: what it may not read stays hidden. The steps themselves are the rule language's. */
#include "service/explain.h"

#include "base/error.h"
#include "base/mask.h"
#include "base/secret.h"
#include "base/text.h"
#include "params/alias.h"
#include "params/changeset.h"
#include "rule/explain.h"
#include "service/authority.h"

#include <string.h>

/* of values in all: the daemon does nothing else meanwhile */
#define MAX_SUPPOSED (128 * 1024)

typedef struct
{
  RsEngine *engine;
  const RsCaller *caller;
  GHashTable *supposed; /* name → value; wiped */
  GVariantBuilder steps;
} Explaining;

/* What is supposed stands in the place of what is stored. */
static const char *
rule_of (const char *parameter,
         gpointer    data)
{
  const Explaining *explaining = data;
  const char *supposed = g_hash_table_lookup (explaining->supposed, parameter);

  return supposed != NULL ? supposed : rs_snapshot_get (rs_engine_get_snapshot (explaining->engine), parameter);
}

static gboolean
is_secret (const char *parameter,
           gpointer    data)
{
  const Explaining *explaining = data;

  return rs_snapshot_is_secret (rs_engine_get_snapshot (explaining->engine), parameter);
}

static gboolean
shows_macro (const char *macro,
             gpointer    data)
{
  const Explaining *explaining = data;
  g_autofree char *parameter = rs_macro_parameter (macro);
  RsSnapshot *snapshot = rs_engine_get_snapshot (explaining->engine);

  if (parameter != NULL && rs_snapshot_is_secret (snapshot, parameter))
    return FALSE;
  return rs_authority_macro (explaining->caller, snapshot, rs_engine_get_config (explaining->engine), macro);
}

static char *
show_value (const char *name,
            const char *value,
            gpointer    data)
{
  const Explaining *explaining = data;
  RsValue now;

  if (!rs_snapshot_lookup (rs_engine_get_snapshot (explaining->engine), name, &now)
      || !rs_authority_read (explaining->caller, &now, rs_engine_get_config (explaining->engine)))
    return g_strdup (RS_MASK);
  return rs_param_mask (now.param, value);
}

static gboolean
check_value (const char *name,
             const char *value,
             gpointer    data,
             GError    **error)
{
  const Explaining *explaining = data;

  return rs_changeset_check_value (rs_snapshot_get_catalogue (rs_engine_get_snapshot (explaining->engine)), name, value, error);
}

static gboolean
check_map (const char *map,
           gpointer    data,
           GError    **error)
{
  return rs_aliases_check (map, error);
}

static void
add_step (const char *kind,
          const char *text,
          int         truth,
          gpointer    data)
{
  Explaining *explaining = data;

  rs_explain_add_step (&explaining->steps, kind, text, truth);
}

/* Parameters go by their own name, whatever alias they were given by. */
static gboolean
read_supposed (Explaining *explaining,
               GVariant   *supposed,
               GError    **error)
{
  const char *name, *value;
  gsize length = 0;
  GVariantIter iter;
  RsValue now;

  explaining->supposed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)rs_secret_free);
  if (supposed == NULL)
    return TRUE;
  g_variant_iter_init (&iter, supposed);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
    {
      if (rs_snapshot_lookup (rs_engine_get_snapshot (explaining->engine), name, &now))
        name = now.param->name;
      else if (rs_macro_is_known (name))
        {
          if (!rs_supposed_check (name, error))
            return FALSE;
        }
      else
        {
          g_autofree char *shown = rs_text_escape (name, 80);

          g_set_error (error, RS_ERROR, RS_ERROR_INVALID_NAME, "“%s” is neither a parameter nor a macro", shown);
          return FALSE;
        }
      length += strlen (value);
      if (length > MAX_SUPPOSED)
        {
          g_set_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE, "no more than %d bytes can be supposed", MAX_SUPPOSED);
          return FALSE;
        }
      g_hash_table_insert (explaining->supposed, g_strdup (name), g_strdup (value));
    }
  return TRUE;
}

static gboolean
explain_one (Explaining        *explaining,
             const RsExplainer *explainer,
             const char        *rule,
             GError           **error)
{
  return rs_authority_rule (explaining->caller, rs_engine_get_snapshot (explaining->engine),
                            rs_engine_get_config (explaining->engine), rule, error)
         && rs_rule_explain (explainer, rule, rs_caller_is_privileged (explaining->caller), error);
}

/* The stored profile rules, or the one of that name (NULL: those). What is only supposed of Profile_Rule is no matter of where the phone goes. */
static void
explain_stored (const Explaining  *explaining,
                const RsExplainer *explainer,
                const char        *name)
{
  const char *names[RS_N_RULES + 1] = { name };
  gboolean stored = !g_hash_table_contains (explaining->supposed, rs_rule_names[0]);
  RsElsewhere elsewhere = { NULL, FALSE };

  for (guint i = 0; name == NULL && i < RS_N_RULES; i++)
    names[i] = rs_rule_names[i];
  if (stored && strcmp (names[0], rs_rule_names[0]) == 0)
    elsewhere.text = rs_engine_tell_search (explaining->engine, &elsewhere.instead);
  rs_rules_explain (explainer, names, &elsewhere);
  g_free (elsewhere.text);
}

/* A profile rule is evaluated when an attempt begins, all others with what the last one left. name: of the rule; NULL: a profile rule. */
static const RsMacros *
facts_of (RsEngine   *engine,
          const char *name)
{
  RsFacts *facts = rs_engine_get_facts (engine);
  gboolean profile = name == NULL || rs_rule_kind_of (name) == RS_RULE_PROFILE;

  return profile ? rs_facts_get_next_macros (facts) : rs_facts_get_macros (facts);
}

GVariant *
rs_explain (RsEngine       *engine,
            const RsCaller *caller,
            const char     *rule,
            GVariant       *supposed,
            GError        **error)
{
  Explaining explaining = { engine, caller, NULL, G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}")) };
  RsSupposed macros;
  const RsExplainer explainer
      = { { &macros.macros, rule_of, is_secret, &explaining }, shows_macro, show_value, check_value, check_map, add_step };
  g_autoptr (GVariant) steps = NULL;
  RsValue named = { 0 };
  gboolean by_name = rs_snapshot_lookup (rs_engine_get_snapshot (engine), rule, &named) && named.param->type == RS_TYPE_RULE;
  gboolean ok = read_supposed (&explaining, supposed, error);

  rs_supposed_init (&macros, facts_of (engine, by_name ? named.param->name : NULL), explaining.supposed);
  if (ok && rule[0] != '\0' && !by_name)
    ok = explain_one (&explaining, &explainer, rule, error);
  else if (ok)
    explain_stored (&explaining, &explainer, by_name ? named.param->name : NULL);
  steps = g_variant_builder_end (&explaining.steps);
  g_hash_table_unref (explaining.supposed);
  return ok ? g_steal_pointer (&steps) : NULL;
}
