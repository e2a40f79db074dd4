/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the rules of a file would let everybody on the way read, as far as a desk can know it: the server of a path is whichever the network
 * names, and it may be one of tftp. */
#include "config.h"

#include "ctl/checking.h"

#include "base/mask.h"
#include "base/secret.h"
#include "rule/macro.h"
#include "rule/rule.h"

#include <glib/gi18n.h>
#include <string.h>

typedef enum
{
  WAY_NONE,    /* nothing is fetched from a server that the rule means */
  WAY_CLOSED,  /* https */
  WAY_OPEN,    /* http or tftp */
  WAY_UNKNOWN, /* a server that the network names, or a macro, decides */
} Way;

static Way
way_of (const RsChecking    *checking,
        const RsRuleOutline *outline,
        RsScheme            *scheme)
{
  g_auto (RsSecretString) text = outline->url != NULL ? rs_checking_expand (checking, outline->url, NULL) : NULL;
  const char *end = text != NULL ? strstr (text, "://") : NULL;
  g_autofree char *name = end != NULL ? g_ascii_strdown (text, end - text) : NULL;

  *scheme = outline->scheme;
  if (text == NULL)
    return WAY_NONE;
  if ((name == NULL || !rs_scheme_from_name (name, scheme)) && !outline->scheme_known)
    return WAY_UNKNOWN;
  if (*scheme == RS_SCHEME_GDS)
    return WAY_NONE;
  return *scheme == RS_SCHEME_HTTPS ? WAY_CLOSED : WAY_OPEN;
}

/* The content of a file may be sealed by itself. */
static gboolean
is_sealed (const RsChecking    *checking,
           const RsRuleOutline *outline,
           Way                  way,
           RsScheme             scheme)
{
  return outline->has_key || (checking->encrypted && (way == WAY_UNKNOWN || scheme == RS_SCHEME_HTTP));
}

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

/* A field of the query whose name is that of a secret, with a value. */
static gboolean
has_secret_query (const char *url)
{
  const char *query = strchr (url, '?');
  g_auto (GStrv) fields = query != NULL ? g_strsplit_set (query + 1, "&;", -1) : NULL;

  for (guint i = 0; fields != NULL && fields[i] != NULL; i++)
    {
      gsize name = strcspn (fields[i], "=");

      if (fields[i][name] == '=' && rs_mask_is_secret_name (fields[i], name) && is_secret_value (fields[i] + name + 1))
        return TRUE;
    }
  return FALSE;
}

/* "user@", or "user:password@", before a server. */
static gboolean
has_userinfo (const char *url,
              gboolean    with_password)
{
  const char *server = strstr (url, "://");
  const char *at = server != NULL ? memchr (server + 3, '@', strcspn (server + 3, "/?# ")) : NULL;

  return at != NULL && (!with_password || memchr (server + 3, ':', (gsize) (at - server - 3)) != NULL);
}

static gboolean
value_holds_secret (const RsChecking *checking,
                    const RsParam    *param,
                    const char       *value,
                    gboolean          within);

/* within: this rule is itself a value that a rule assigns. */
static gboolean
alternative_holds_secret (const RsChecking *checking,
                          const RsRule     *rule,
                          guint             number,
                          gboolean          within)
{
  RsRuleOutline outline;
  gboolean found;

  rs_rule_outline (rule, number, &outline);
  found = outline.secret_given || (outline.url != NULL && (has_userinfo (outline.url, TRUE) || has_secret_query (outline.url)));
  for (guint i = 0; !found && !within && i < outline.n_settings; i++)
    {
      const RsParam *param;
      RsRuleSettingOutline setting;

      rs_rule_setting (rule, number, i, &setting);
      param = rs_catalogue_find (checking->catalogue, setting.name);
      found = param != NULL && setting.value != NULL && value_holds_secret (checking, param, setting.value, TRUE);
      rs_secret_free (setting.value);
    }
  return found;
}

/* Whether somebody on the way could use what a value holds. */
static gboolean
value_holds_secret (const RsChecking *checking,
                    const RsParam    *param,
                    const char       *value,
                    gboolean          within)
{
  g_autoptr (RsRule) rule = NULL;
  RsRuleOutline outline;

  if (value[0] == '\0')
    return FALSE;
  if (param->secret)
    return TRUE;
  if (param->type != RS_TYPE_RULE)
    return has_userinfo (value, TRUE) || has_secret_query (value);
  rule = rs_rule_parse (value, rs_rule_kind_of (param->name), NULL);
  for (const RsRule *one = rule; one != NULL; one = rs_rule_next (one))
    {
      for (guint i = 1; rs_rule_outline (one, i, &outline); i++)
        {
          if (alternative_holds_secret (checking, one, i, within))
            return TRUE;
        }
    }
  return FALSE;
}

/* Whether a profile rule fetches so that nobody on the way can read it: then that one may be the rule of the file with the secrets. */
static gboolean
is_closed_rule (const RsChecking *checking,
                const RsParam    *param,
                const char       *value)
{
  gboolean profile = param->type == RS_TYPE_RULE && rs_rule_kind_of (param->name) == RS_RULE_PROFILE;
  g_autoptr (RsRule) rule = profile ? rs_rule_parse (value, RS_RULE_PROFILE, NULL) : NULL;
  RsRuleOutline outline;
  RsScheme scheme;

  for (guint i = 1; rule != NULL && rs_rule_outline (rule, i, &outline); i++)
    {
      Way way = way_of (checking, &outline, &scheme);

      if (way == WAY_CLOSED || (way != WAY_NONE && is_sealed (checking, &outline, way, scheme)))
        return TRUE;
    }
  return FALSE;
}

void
rs_checking_survey (RsChecking *checking)
{
  const GPtrArray *assignments = checking->profile->assignments;

  for (guint i = 0; i < assignments->len; i++)
    {
      RsAssignment *assignment = g_ptr_array_index (assignments, i);
      const RsParam *param = rs_catalogue_find (checking->catalogue, assignment->name);

      if (param == NULL || assignment->kind != RS_ASSIGN_VALUE)
        continue;
      if (g_str_has_prefix (param->name, "GPP_"))
        g_hash_table_insert (checking->registers, (gpointer) (param->name + strlen ("GPP_")), assignment);
      if (!value_holds_secret (checking, param, assignment->value, FALSE))
        continue;
      g_ptr_array_add (checking->secrets, assignment);
      g_hash_table_add (checking->holders, assignment);
      checking->encrypted |= strcmp (param->name, "IKM_HTTP_Encrypt_Content") == 0;
    }
  for (guint i = 0; !checking->closed && i < assignments->len; i++)
    {
      const RsAssignment *assignment = g_ptr_array_index (assignments, i);
      const RsParam *param = rs_catalogue_find (checking->catalogue, assignment->name);

      checking->closed = param != NULL && assignment->kind == RS_ASSIGN_VALUE && is_closed_rule (checking, param, assignment->value);
    }
}

typedef struct
{
  RsChecking *checking;
  const RsAssignment *assignment;
  const RsRuleOutline *outline;
  Way way; /* open or unknown */
  RsScheme scheme;
} Clear;

static void
warn (const Clear *clear,
      const char  *message)
{
  rs_checking_add (clear->checking, clear->assignment, clear->outline->url_column, RS_FOUND_CLEAR_TEXT, FALSE, "%s", message);
}

/* Names and passwords that go along with the request. */
static void
check_credentials (const Clear *clear)
{
  const RsRuleOutline *outline = clear->outline;
  gboolean open = clear->way == WAY_OPEN;

  if (open && clear->scheme == RS_SCHEME_TFTP && outline->has_login)
    rs_checking_add (clear->checking, clear->assignment, outline->url_column, RS_FOUND_PASSED_OVER, FALSE,
                     _("--uid and --pwd have no effect here: tftp knows no users"));
  else if (outline->has_password || has_userinfo (outline->url, FALSE))
    warn (clear, open ? _("The password of this rule would cross the network in the clear; use https")
                      : _("The password of this rule may cross the network in the clear: no scheme is written, so that the server which the "
                          "phone finds decides; use https"));
  if (has_secret_query (outline->url))
    warn (clear, open ? _("The secret in the query would cross the network in the clear; use https")
                      : _("The secret in the query may cross the network in the clear: no scheme is written, so that the server which the "
                          "phone finds decides; use https"));
}

/* What the rule itself holds was told with its credentials. NULL: the file holds no other. */
static const RsAssignment *
other_secret (const Clear *clear,
              guint       *more)
{
  const GPtrArray *secrets = clear->checking->secrets;
  gboolean own = g_hash_table_contains (clear->checking->holders, clear->assignment);
  const RsAssignment *first = secrets->len > 0 ? g_ptr_array_index (secrets, 0) : NULL;

  if (secrets->len <= (own ? 1 : 0))
    return NULL;
  *more = secrets->len - (own ? 2 : 1);
  return own && first == clear->assignment ? g_ptr_array_index (secrets, 1) : first;
}

static char *
describe (const Clear        *clear,
          const RsAssignment *secret,
          guint               more)
{
  if (clear->way == WAY_OPEN && more == 0)
    return g_strdup_printf (_("The secret in %s (line %u) would cross the network in the clear, without --key; use https or --key"), secret->name,
                            secret->line);
  if (clear->way == WAY_OPEN)
    return g_strdup_printf (ngettext ("The secret in %s (line %u) and %u more would cross the network in the clear, without --key; use https or "
                                      "--key",
                                      "The secret in %s (line %u) and %u more would cross the network in the clear, without --key; use https or "
                                      "--key", more),
                            secret->name, secret->line, more);
  if (more == 0)
    return g_strdup_printf (_("The secret in %s (line %u) may cross the network in the clear, without --key: no scheme is written, so that the "
                              "server which the phone finds decides; use https or --key"),
                            secret->name, secret->line);
  return g_strdup_printf (ngettext ("The secret in %s (line %u) and %u more may cross the network in the clear, without --key: no scheme is "
                                    "written, so that the server which the phone finds decides; use https or --key",
                                    "The secret in %s (line %u) and %u more may cross the network in the clear, without --key: no scheme is "
                                    "written, so that the server which the phone finds decides; use https or --key", more),
                          secret->name, secret->line, more);
}

static void
check_file (const Clear *clear)
{
  guint more = 0;
  const RsAssignment *secret = other_secret (clear, &more);
  g_autofree char *message = secret != NULL ? describe (clear, secret, more) : NULL;

  if (message != NULL)
    warn (clear, message);
}

void
rs_checking_clear_text (RsChecking          *checking,
                        const RsAssignment  *assignment,
                        RsRuleKind           kind,
                        const RsRuleOutline *outline)
{
  Clear clear = { checking, assignment, outline, WAY_NONE, RS_SCHEME_TFTP };

  clear.way = way_of (checking, outline, &clear.scheme);
  if (clear.way == WAY_NONE || clear.way == WAY_CLOSED)
    return;
  check_credentials (&clear);
  /* what comes back: a profile like this one, or a CA that is to be trusted */
  if (kind == RS_RULE_CUSTOM_CA)
    warn (&clear, clear.way == WAY_OPEN ? _("Anybody on the way could put another CA in the place of this one; use https")
                                        : _("Anybody on the way could put another CA in the place of this one where the server that the phone "
                                            "finds is one of tftp or http; use https"));
  else if (kind == RS_RULE_PROFILE && !checking->closed && !is_sealed (checking, outline, clear.way, clear.scheme))
    check_file (&clear);
}
