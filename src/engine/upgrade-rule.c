/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Upgrade_Rule, or the rule of a request, asks for as things are now (RULE-2, UPG-1). */
#include "engine/upgrade-private.h"

#include "base/text.h"
#include "engine/attempt-private.h"

#include <string.h>

static gboolean
user_wrote (const RsUpgrade *upgrade)
{
  return upgrade->own_rule[0] == '\0'
         && rs_snapshot_is_of_user (rs_param_store_get_snapshot (upgrade->engine->parts.params), RS_UPGRADE_RULE);
}

static const char *
rule_text (const RsUpgrade *upgrade)
{
  const char *stored = rs_snapshot_get (rs_param_store_get_snapshot (upgrade->engine->parts.params), RS_UPGRADE_RULE);

  if (upgrade->own_rule[0] != '\0')
    return upgrade->own_rule;
  return stored != NULL ? stored : "";
}

/* A rule that is looked at when it changes must not change itself. */
static gboolean
assigns_itself (const RsUpgrade    *upgrade,
                const RsRuleAction *action)
{
  for (guint i = 0; i < action->assignments->len; i++)
    {
      const RsRuleAssignment *one = g_ptr_array_index (action->assignments, i);
      const RsParam *param = rs_catalogue_find (upgrade->engine->parts.catalogue, one->name);

      if (param != NULL && strcmp (param->name, RS_UPGRADE_RULE) == 0)
        return TRUE;
    }
  return FALSE;
}

/* What a rule asks for beyond its language. */
static gboolean
is_possible (RsUpgrade    *upgrade,
             RsRuleAction *action,
             GError      **error)
{
  const RsParts *parts = &upgrade->engine->parts;

  upgrade->judged_named = !action->skip && action->url->host != NULL;
  if (action->assignments->len > 0 && user_wrote (upgrade))
    g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, "a rule that the user class wrote may assign nothing");
  else if (assigns_itself (upgrade, action))
    g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, "it assigns to " RS_UPGRADE_RULE " itself; use conditions for several stages");
  else if (!action->skip && action->url->scheme != RS_SCHEME_HTTPS && upgrade->installer != NULL
           && rs_installer_is_https_only (upgrade->installer))
    g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, "[Firmware] Backend=command takes images over https only");
  else if (!action->skip && !upgrade->judged_named && !rs_servers_put_in_remembered (parts, action))
    g_set_error_literal (error, RS_ERROR, RS_ERROR_UNREACHABLE,
                         "the rule names no server, and no server that was found has provisioned this phone yet");
  else
    return TRUE;
  return FALSE;
}

static RsRuleAction *
judge (RsUpgrade *upgrade,
       GError   **error)
{
  RsFacts *facts = upgrade->engine->parts.facts;
  gboolean user = user_wrote (upgrade);
  g_autoptr (RsRule) rule = rs_rule_parse (rule_text (upgrade), RS_RULE_UPGRADE, error);
  g_autoptr (RsRuleAction) action = NULL;

  if (rule == NULL)
    return NULL;
  if (user && rs_facts_shows_private (facts, rule_text (upgrade)))
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, "it uses a parameter that the user class may not read");
      return NULL;
    }
  action = rs_rule_evaluate (rule, rs_facts_get_macros (facts), !user && upgrade->own_rule[0] == '\0', error);
  return action != NULL && is_possible (upgrade, action, error) ? g_steal_pointer (&action) : NULL;
}

/* Macros that change by themselves make no other rule of one. */
static const char *
look_up_steady (const char *name,
                gpointer    data)
{
  static const char *const changing[] = { "PRVST", "PRVTMR", "UPGST", "UPGTMR", "UPGERR", "ERR", NULL };
  const RsMacros *macros = data;

  if (g_strv_contains (changing, name) || g_str_has_prefix (name, "REGTMR"))
    return "";
  return macros->lookup (name, macros->data);
}

/* What tells an image from another: a digest of the rule, and of the URL that it comes to. action: NULL for a rule that asks for none. (UPG-1) */
static char *
context_of (const RsUpgrade    *upgrade,
            const RsRuleAction *action)
{
  RsMacros macros = *rs_facts_get_macros (upgrade->engine->parts.facts);
  const RsMacros steady = { look_up_steady, &macros };
  const char *text = rule_text (upgrade);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *url = action != NULL ? rs_macro_expand (action->url_text, &steady, FALSE, NULL) : NULL;

  g_checksum_update (sum, (const guchar *)text, (gssize)strlen (text) + 1);
  if (url != NULL)
    g_checksum_update (sum, (const guchar *)url, (gssize)strlen (url) + 1);
  if (action != NULL && !upgrade->judged_named)
    g_checksum_update (sum, (const guchar *)action->url->host, -1);
  return g_strdup (g_checksum_get_string (sum));
}

/* Tells the plan. error: why there is nothing that was judged, or why it does not count. */
static void
answer (RsUpgrade    *upgrade,
        const GError *error)
{
  RsWanted wanted = error != NULL ? RS_WANTED_ERROR : upgrade->judged->skip ? RS_WANTED_NOTHING : RS_WANTED_IMAGE;
  g_autofree char *context = context_of (upgrade, wanted == RS_WANTED_IMAGE ? upgrade->judged : NULL);

  if (error != NULL && rs_upgrade_plan_get_memory (upgrade->plan)->step == RS_UPGRADE_NOTHING)
    {
      g_autofree char *message = g_strdup_printf (RS_UPGRADE_RULE ": %s", error->message);
      rs_upgrade_fault (upgrade, rs_error_code (error), message);
    }
  rs_text_set (&upgrade->own_rule, "");
  rs_upgrade_feed_evaluated (upgrade, wanted, context);
}

static RsChangeset *
build_assignments (RsSnapshot *current,
                   GPtrArray  *validators,
                   gpointer    data,
                   GError    **error)
{
  return rs_changeset_from_profile (current, data, RS_ORIGIN_PROFILE);
}

typedef struct
{
  RsUpgrade *upgrade;
  GPtrArray *assignments; /* RsAssignment */
} Assigning;

static void
on_assigned (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autofree Assigning *assigning = data;
  g_autoptr (RsUpgrade) upgrade = assigning->upgrade;
  g_autoptr (GPtrArray) assignments = assigning->assignments;
  g_autoptr (GError) error = NULL;
  g_autoptr (RsChangeset) changes = rs_param_store_commit_finish (RS_PARAM_STORE (source), result, &error);
  gboolean again = upgrade->judge_again;

  upgrade->assigning = upgrade->judge_again = FALSE;
  /* a reset has its own end */
  if (upgrade->engine == NULL || upgrade->engine->resetting)
    return;
  if (changes != NULL)
    rs_attempt_log_faults (RS_UPGRADE_RULE, changes);
  if (changes != NULL && changes->reboot)
    {
      g_autofree char *reboot = g_strdup_printf ("%s was changed", changes->reboot_name);
      rs_engine_require_reboot (upgrade->engine, reboot);
    }
  if (again)
    rs_upgrade_evaluate (upgrade);
  else
    answer (upgrade, error);
}

/* RULE-5 */
static void
assign (RsUpgrade *upgrade)
{
  Assigning *assigning = g_new (Assigning, 1);

  *assigning = (Assigning){ rs_upgrade_hold (upgrade), rs_attempt_assignments (upgrade->judged) };
  upgrade->assigning = TRUE;
  rs_param_store_commit_async (upgrade->engine->parts.params, build_assignments, assigning->assignments, on_assigned, assigning);
}

void
rs_upgrade_evaluate (RsUpgrade *upgrade)
{
  g_autoptr (GError) error = NULL;

  if (upgrade->assigning)
    {
      upgrade->judge_again = TRUE;
      return;
    }
  g_clear_pointer (&upgrade->judged, rs_rule_action_free);
  upgrade->judged = judge (upgrade, &error);
  if (upgrade->judged != NULL && upgrade->judged->assignments->len > 0)
    assign (upgrade);
  else
    answer (upgrade, error);
}
