/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of the contract, and the rows of it that depend on more than the member's name. */
#include "service/authority.h"

#include "base/error.h"
#include "base/names.h"
#include "engine/engine.h"
#include "rule/rule.h"

#include <string.h>

#define ROOT RS_CALLER_ROOT
#define ADMIN RS_CALLER_ADMIN
#define USER RS_CALLER_USER
#define SIP RS_CALLER_SIP

static const struct
{
  const char *interface;
  const char *member;
  guint classes;
} members[] = {
  { RS_IFACE_MAIN, "Resync", ROOT | ADMIN | USER | SIP },
  { RS_IFACE_MAIN, "Cancel", ROOT | ADMIN | USER },
  { RS_IFACE_MAIN, "SetProfileRule", ROOT | ADMIN | USER },
  { RS_IFACE_MAIN, "Explain", ROOT | ADMIN | USER },
  { RS_IFACE_MAIN, "ExplainWith", ROOT | ADMIN },
  { RS_IFACE_MAIN, "Preview", ROOT },
  { RS_IFACE_MAIN, "Inhibit", ROOT | ADMIN | USER | SIP },
  { RS_IFACE_MAIN, "SetFacts", ROOT | SIP },
  { RS_IFACE_MAIN, "FactoryReset", ROOT | ADMIN | USER },
  { RS_IFACE_PARAMETERS, "Get", ROOT | ADMIN | USER | SIP },
  { RS_IFACE_PARAMETERS, "List", ROOT | ADMIN | USER | SIP },
  { RS_IFACE_PARAMETERS, "Set", ROOT | ADMIN | USER },
  { RS_IFACE_PARAMETERS, "Reset", ROOT | ADMIN | USER },
  { RS_IFACE_PARAMETERS, "Verify", ROOT | ADMIN | USER },
  { RS_IFACE_ACTIVATION, "SubmitCode", ROOT | ADMIN | USER },
  { RS_IFACE_FIRMWARE, "Upgrade", ROOT | ADMIN },
  { RS_IFACE_FIRMWARE, "Cancel", ROOT | ADMIN },
  { RS_IFACE_CWMP, "Inform", ROOT | ADMIN },
};

gboolean
rs_authority_member (const RsCaller *caller,
                     const char     *interface,
                     const char     *member,
                     GError        **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      if (strcmp (members[i].interface, interface) == 0 && strcmp (members[i].member, member) == 0
          && (members[i].classes & caller->classes) != 0)
        return TRUE;
    }
  g_set_error (error, RS_ERROR, RS_ERROR_NOT_ALLOWED, "user %u may not call %s", caller->uid, member);
  return FALSE;
}

/* "user:PATTERN": PATTERN with * and ?. */
static gboolean
is_secret_reader (const RsCaller *caller,
                  const RsConfig *config,
                  const char     *name)
{
  gsize n = strlen (caller->user);

  for (guint i = 0; n > 0 && config->secret_readers != NULL && config->secret_readers[i] != NULL; i++)
    {
      const char *entry = config->secret_readers[i];

      if (strncmp (entry, caller->user, n) == 0 && entry[n] == ':' && g_pattern_match_simple (entry + n + 1, name))
        return TRUE;
    }
  return FALSE;
}

gboolean
rs_authority_read (const RsCaller *caller,
                   const RsValue  *value,
                   const RsConfig *config)
{
  if ((caller->classes & ROOT) != 0)
    return TRUE;
  if (value->param->secret)
    return (caller->classes & SIP) != 0 && is_secret_reader (caller, config, value->param->name);
  if ((caller->classes & (ADMIN | SIP)) != 0)
    return TRUE;
  return (caller->classes & USER) != 0 && value->access != RS_ACCESS_NA;
}

gboolean
rs_authority_write (const RsCaller *caller,
                    const RsValue  *value)
{
  if (rs_caller_is_privileged (caller))
    return TRUE;
  return (caller->classes & USER) != 0 && value->access == RS_ACCESS_RW;
}

gboolean
rs_authority_macro (const RsCaller *caller,
                    RsSnapshot     *snapshot,
                    const RsConfig *config,
                    const char     *macro)
{
  g_autofree char *name = rs_macro_parameter (macro);
  RsValue value;

  if (name == NULL || !rs_snapshot_lookup (snapshot, name, &value))
    return TRUE;
  return rs_authority_read (caller, &value, config);
}

static gboolean
check_macros (const RsCaller *caller,
              RsSnapshot     *snapshot,
              const RsConfig *config,
              const char     *text,
              GError        **error)
{
  g_auto (GStrv) macros = rs_macro_names (text);

  for (guint i = 0; macros[i] != NULL; i++)
    {
      if (!rs_authority_macro (caller, snapshot, config, macros[i]))
        {
          g_set_error (error, RS_ERROR, RS_ERROR_INVALID_RULE,
                       "the user class may not use $%s, whose parameter it may not read", macros[i]);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_rule (const RsCaller *caller,
            RsSnapshot     *snapshot,
            const RsConfig *config,
            const char     *parameter,
            const char     *text,
            GError        **error)
{
  g_autoptr (RsRule) rule = rs_rule_parse (text, rs_rule_kind_of (parameter), error);

  if (rule == NULL)
    return FALSE;
  if (rs_caller_is_privileged (caller))
    return TRUE;
  for (const RsRule *one = rule; one != NULL; one = rs_rule_next (one))
    {
      if (rs_rule_has_private_options (one))
        {
          g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE,
                               "a rule of the user class may not use --key, --uid, --pwd or --post");
          return FALSE;
        }
    }
  return check_macros (caller, snapshot, config, text, error);
}

gboolean
rs_authority_rule (const RsCaller *caller,
                   RsSnapshot     *snapshot,
                   const RsConfig *config,
                   const char     *rule,
                   GError        **error)
{
  return check_rule (caller, snapshot, config, "Profile_Rule", rule, error);
}

gboolean
rs_authority_profile_rule (const RsCaller *caller,
                           RsSnapshot     *snapshot,
                           const RsConfig *config,
                           const char     *rule,
                           GError        **error)
{
  if (rs_caller_is_privileged (caller) || rs_snapshot_get_bool (snapshot, "User_Configurable_Resync"))
    return rs_authority_rule (caller, snapshot, config, rule, error);
  g_set_error_literal (error, RS_ERROR, RS_ERROR_NOT_ALLOWED, "User_Configurable_Resync is No");
  return FALSE;
}

gboolean
rs_authority_value (const RsCaller *caller,
                    RsSnapshot     *snapshot,
                    const RsConfig *config,
                    const RsParam  *param,
                    const char     *text,
                    GError        **error)
{
  gboolean message = g_str_has_prefix (param->name, "Log_") && g_str_has_suffix (param->name, "_Msg");

  if (param->type == RS_TYPE_RULE)
    return check_rule (caller, snapshot, config, param->name, text, error);
  if (rs_caller_is_privileged (caller) || (!message && strcmp (param->name, "HTTP_User_Agent_Name") != 0))
    return TRUE;
  return check_macros (caller, snapshot, config, text, error);
}

gboolean
rs_authority_resync (const RsCaller *caller,
                     RsSnapshot     *snapshot,
                     const RsConfig *config,
                     const char     *rule,
                     RsReason        reason,
                     GError        **error)
{
  gboolean for_service = reason == RS_REASON_SIP_NOTIFY || reason == RS_REASON_REPORT;

  /* SCHED-7: the parameter gates the reason, whoever gives it */
  if (reason == RS_REASON_SIP_NOTIFY && !rs_snapshot_get_bool (snapshot, "Resync_From_SIP"))
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_NOT_ALLOWED, "Resync_From_SIP is No");
      return FALSE;
    }
  if (rs_caller_is_privileged (caller))
    return rule[0] == '\0' || rs_authority_rule (caller, snapshot, config, rule, error);
  if (for_service && rule[0] == '\0' && (caller->classes & SIP) != 0
      && rs_snapshot_get_bool (snapshot, "Resync_From_SIP"))
    return TRUE;
  if (!for_service && (caller->classes & USER) != 0)
    {
      if (!rs_snapshot_get_bool (snapshot, "User_Configurable_Resync"))
        {
          g_set_error_literal (error, RS_ERROR, RS_ERROR_NOT_ALLOWED, "User_Configurable_Resync is No");
          return FALSE;
        }
      return rule[0] == '\0' || rs_authority_rule (caller, snapshot, config, rule, error);
    }
  g_set_error (error, RS_ERROR, RS_ERROR_NOT_ALLOWED, "user %u may not ask for this resync", caller->uid);
  return FALSE;
}
