/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Macro values. */
#include "engine/facts.h"

#include "base/mask.h"
#include "base/secret.h"
#include "base/text.h"
#include "rule/secrets.h"

#include <string.h>

#define MAX_USER_AGENT 256

/* What one attempt asks, and how it went. */
typedef struct
{
  RsUrl *url;
  char *shown_path;
  char *server_address;
  char *error;
} Scene;

struct _RsFacts
{
  const RsIdentity *identity;
  RsClock *clock;
  RsSnapshot *snapshot;
  GHashTable *secrets; /* parameters that are secrets by the rules in force; NULL: not asked since something changed */
  RsLease *lease;
  Scene scenes[2]; /* of resyncs, and of upgrades, which run beside them */
  Scene *scene;
  char *external_ip;
  gint64 upgrade_began; /* boot clock; 0: none yet */
  gboolean upgrade_is_retry;
  char *upgrade_error;
  gint64 registrations[RS_MAX_REGISTRATIONS];
  gint64 attempt_began;  /* boot clock; 0: none yet */
  gint64 attempt_before; /* the one $PRVTMR counts from */
  RsReason reason;
  gboolean has_certificate;
  gboolean provisioned;
  char *answer; /* what the last lookup made up; wiped, for it may be a secret's neighbour */
  RsMacros macros;
  RsMacros shown;
  RsMacros next;
};

typedef const char *(*Getter) (RsFacts *facts);

static const char *
answer (RsFacts *facts,
        char    *text)
{
  rs_secret_free (facts->answer);
  facts->answer = text;
  return text;
}

static const char *
mac_plain (RsFacts *facts)
{
  const char *own = facts->identity->mac;

  if (own[0] != '\0' || facts->lease == NULL)
    return own;
  return answer (facts, rs_identity_parse_mac (facts->lease->mac));
}

static const char *
get_ma (RsFacts *facts)
{
  const char *mac = mac_plain (facts);

  return mac != NULL ? mac : "";
}

static const char *
get_mau (RsFacts *facts)
{
  return answer (facts, g_ascii_strup (get_ma (facts), -1));
}

static const char *
get_mac (RsFacts *facts)
{
  g_autofree char *plain = g_strdup (get_ma (facts));
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; plain[i] != '\0'; i++)
    {
      if (i > 0 && i % 2 == 0)
        g_string_append_c (out, ':');
      g_string_append_c (out, plain[i]);
    }
  return answer (facts, g_strdup (out->str));
}

static const char *
get_pn (RsFacts *facts)
{
  return facts->identity->model;
}

static const char *
get_psn (RsFacts *facts)
{
  return facts->identity->series;
}

static const char *
get_sn (RsFacts *facts)
{
  return facts->identity->serial;
}

static const char *
get_vendor (RsFacts *facts)
{
  return facts->identity->vendor;
}

static const char *
get_swver (RsFacts *facts)
{
  return facts->identity->software_version;
}

static const char *
get_hwver (RsFacts *facts)
{
  return facts->identity->hardware_version;
}

static const char *
get_ccert (RsFacts *facts)
{
  return facts->has_certificate ? "Installed" : "Not Installed";
}

static const char *
get_ip (RsFacts *facts)
{
  return facts->lease != NULL ? facts->lease->address : "";
}

static const char *
get_extip (RsFacts *facts)
{
  return facts->external_ip;
}

static const char *
get_prvst (RsFacts *facts)
{
  switch (facts->reason)
    {
    case RS_REASON_BOOT:
    case RS_REASON_LEASE:
      return "0";
    case RS_REASON_PERIODIC:
    case RS_REASON_DAILY:
    case RS_REASON_RULES:
    case RS_REASON_UPGRADE:
      return "1";
    case RS_REASON_RETRY:
      return "2";
    case RS_REASON_NONE:
    case RS_REASON_USER:
    case RS_REASON_WEB:
    case RS_REASON_SIP_NOTIFY:
    case RS_REASON_REPORT:
      break;
    }
  return "-1";
}

static char *
seconds_since (RsFacts *facts,
               gint64   then)
{
  gint64 age = then != 0 ? rs_clock_boot (facts->clock) - then : 0;

  return g_strdup_printf ("%" G_GINT64_FORMAT, age / G_USEC_PER_SEC);
}

static const char *
get_prvtmr (RsFacts *facts)
{
  return answer (facts, seconds_since (facts, facts->attempt_before));
}

static const char *
get_upgst (RsFacts *facts)
{
  return facts->upgrade_is_retry ? "2" : "1";
}

static const char *
get_upgerr (RsFacts *facts)
{
  return facts->upgrade_error;
}

static const char *
get_upgtmr (RsFacts *facts)
{
  return answer (facts, seconds_since (facts, facts->upgrade_began));
}

static const char *
get_empty (RsFacts *facts)
{
  return "";
}

static const char *
get_scheme (RsFacts *facts)
{
  return facts->scene->url != NULL ? rs_scheme_name (facts->scene->url->scheme) : "";
}

static const char *
get_serv (RsFacts *facts)
{
  return facts->scene->url != NULL && facts->scene->url->host != NULL ? facts->scene->url->host : "";
}

static const char *
get_servip (RsFacts *facts)
{
  return facts->scene->server_address[0] != '\0' ? facts->scene->server_address : get_serv (facts);
}

static const char *
get_port (RsFacts *facts)
{
  return facts->scene->url != NULL ? answer (facts, g_strdup_printf ("%u", facts->scene->url->port)) : "";
}

static const char *
get_path (RsFacts *facts)
{
  return facts->scene->url != NULL ? facts->scene->url->path : "";
}

static const char *
get_err (RsFacts *facts)
{
  return facts->scene->error;
}

static const char *
get_iscust (RsFacts *facts)
{
  return facts->provisioned ? "1" : "0";
}

static const struct
{
  const char *name;
  Getter get;
} getters[] = {
  { "MA", get_ma },         { "MAU", get_mau },       { "MAC", get_mac },       { "PN", get_pn },
  { "PSN", get_psn },       { "SN", get_sn },         { "CCERT", get_ccert },   { "IP", get_ip },
  { "EXTIP", get_extip },   { "SWVER", get_swver },   { "HWVER", get_hwver },   { "PRVST", get_prvst },
  { "PRVTMR", get_prvtmr }, { "UPGST", get_upgst },   { "UPGTMR", get_upgtmr }, { "UPGERR", get_upgerr },
  { "UPGCOND", get_empty }, { "SCHEME", get_scheme }, { "METH", get_scheme },   { "SERV", get_serv },
  { "SERVIP", get_servip }, { "PORT", get_port },     { "PATH", get_path },     { "ERR", get_err },
  { "ISCUST", get_iscust }, { "VERSION", get_swver }, { "VENDOR", get_vendor },
};

static const char *
parameter (RsFacts    *facts,
           const char *name)
{
  return facts->snapshot != NULL ? rs_snapshot_get (facts->snapshot, name) : NULL;
}

static const char *
get_registration (RsFacts    *facts,
                  const char *name)
{
  guint64 line;
  gint64 since, age;

  if (!g_str_has_prefix (name, "REGTMR") || !rs_text_to_uint64 (name + 6, 1, RS_MAX_REGISTRATIONS, &line, NULL))
    return NULL;
  since = facts->registrations[line - 1];
  age = since != 0 ? MAX (rs_clock_wall (facts->clock) - since, 0) : 0;
  return answer (facts, g_strdup_printf ("%" G_GINT64_FORMAT, age / G_USEC_PER_SEC));
}

static const char *
lookup (const char *name,
        gpointer    data)
{
  RsFacts *facts = data;
  g_autofree char *of = rs_macro_parameter (name);

  if (of != NULL)
    return parameter (facts, of);
  for (guint i = 0; i < G_N_ELEMENTS (getters); i++)
    {
      if (strcmp (name, getters[i].name) == 0)
        return getters[i].get (facts);
    }
  return get_registration (facts, name);
}

/* By the catalogue, or by what the rules in force do with it. */
static gboolean
is_secret (RsFacts    *facts,
           const char *parameter)
{
  const RsRuleWorld world = { &facts->macros, rs_snapshot_value_of, rs_snapshot_secret_of, facts->snapshot };

  if (facts->snapshot == NULL)
    return FALSE;
  if (facts->secrets == NULL)
    facts->secrets = rs_rule_secrets (&world, NULL);
  return rs_snapshot_is_secret (facts->snapshot, parameter) || g_hash_table_contains (facts->secrets, parameter);
}

/* What may stand where many read it: no secret, and of the URL no query (STORE-3). */
static const char *
lookup_shown (const char *name,
              gpointer    data)
{
  RsFacts *facts = data;
  g_autofree char *of = rs_macro_parameter (name);

  if (of != NULL && is_secret (facts, of))
    return RS_MASK;
  return strcmp (name, "PATH") == 0 ? facts->scene->shown_path : lookup (name, data);
}

/* $PRVTMR will count from the attempt that is now the last, and nothing of its URL will be left. Who explains asks as who resyncs does. */
static const char *
lookup_next (const char *name,
             gpointer    data)
{
  static const char *const of_url[] = { "SCHEME", "SERV", "SERVIP", "PORT", "PATH", NULL };
  RsFacts *facts = data;

  if (g_strv_contains (of_url, name))
    return "";
  if (strcmp (name, "PRVST") == 0)
    return "-1";
  if (strcmp (name, "PRVTMR") == 0)
    return answer (facts, seconds_since (facts, facts->attempt_began));
  return lookup (name, data);
}

RsFacts *
rs_facts_new (const RsIdentity *identity,
              RsClock          *clock,
              gboolean          has_certificate)
{
  RsFacts *facts = g_new0 (RsFacts, 1);

  facts->identity = identity;
  facts->clock = rs_clock_ref (clock);
  facts->has_certificate = has_certificate;
  facts->external_ip = g_strdup ("");
  facts->upgrade_error = g_strdup ("");
  for (guint i = 0; i < G_N_ELEMENTS (facts->scenes); i++)
    {
      facts->scenes[i].shown_path = g_strdup ("");
      facts->scenes[i].server_address = g_strdup ("");
      facts->scenes[i].error = g_strdup ("");
    }
  facts->scene = &facts->scenes[0];
  facts->macros = (RsMacros){ lookup, facts };
  facts->shown = (RsMacros){ lookup_shown, facts };
  facts->next = (RsMacros){ lookup_next, facts };
  return facts;
}

void
rs_facts_free (RsFacts *facts)
{
  if (facts == NULL)
    return;
  g_clear_pointer (&facts->snapshot, rs_snapshot_unref);
  g_clear_pointer (&facts->secrets, g_hash_table_unref);
  g_clear_pointer (&facts->lease, rs_lease_free);
  for (guint i = 0; i < G_N_ELEMENTS (facts->scenes); i++)
    {
      g_clear_pointer (&facts->scenes[i].url, rs_url_free);
      g_free (facts->scenes[i].shown_path);
      g_free (facts->scenes[i].server_address);
      g_free (facts->scenes[i].error);
    }
  rs_clock_unref (facts->clock);
  g_free (facts->external_ip);
  g_free (facts->upgrade_error);
  rs_secret_free (facts->answer);
  g_free (facts);
}

void
rs_facts_set_snapshot (RsFacts    *facts,
                       RsSnapshot *snapshot)
{
  rs_snapshot_ref (snapshot);
  g_clear_pointer (&facts->snapshot, rs_snapshot_unref);
  facts->snapshot = snapshot;
  g_clear_pointer (&facts->secrets, g_hash_table_unref);
}

void
rs_facts_set_lease (RsFacts       *facts,
                    const RsLease *lease)
{
  g_clear_pointer (&facts->lease, rs_lease_free);
  facts->lease = rs_lease_copy (lease);
}

void
rs_facts_set_external_ip (RsFacts    *facts,
                          const char *address)
{
  rs_text_set (&facts->external_ip, address);
}

gboolean
rs_facts_set_registration (RsFacts *facts,
                           guint    line,
                           gint64   since)
{
  if (line < 1 || line > RS_MAX_REGISTRATIONS)
    return FALSE;
  facts->registrations[line - 1] = since;
  return TRUE;
}

void
rs_facts_set_provisioned (RsFacts *facts,
                          gboolean provisioned)
{
  facts->provisioned = provisioned;
}

void
rs_facts_begin_attempt (RsFacts *facts,
                        RsReason reason)
{
  facts->reason = reason;
  facts->attempt_before = facts->attempt_began;
  facts->attempt_began = rs_clock_boot (facts->clock);
  rs_facts_set_url (facts, NULL);
}

void
rs_facts_set_url (RsFacts     *facts,
                  const RsUrl *url)
{
  g_clear_pointer (&facts->secrets, g_hash_table_unref);
  g_clear_pointer (&facts->scene->url, rs_url_free);
  facts->scene->url = url != NULL ? rs_url_copy (url) : NULL;
  g_free (facts->scene->shown_path);
  facts->scene->shown_path = rs_mask_url (url != NULL ? url->path : NULL);
  rs_facts_set_server_address (facts, "");
}

void
rs_facts_set_server_address (RsFacts    *facts,
                             const char *address)
{
  rs_text_set (&facts->scene->server_address, address);
}

void
rs_facts_set_error (RsFacts    *facts,
                    const char *message)
{
  rs_text_set (&facts->scene->error, message);
}

void
rs_facts_speak_of_upgrade (RsFacts *facts,
                           gboolean speak)
{
  facts->scene = &facts->scenes[speak ? 1 : 0];
}

void
rs_facts_begin_upgrade (RsFacts *facts)
{
  facts->upgrade_began = rs_clock_boot (facts->clock);
}

void
rs_facts_set_upgrade (RsFacts    *facts,
                      gboolean    is_retry,
                      const char *error)
{
  facts->upgrade_is_retry = is_retry;
  rs_text_set (&facts->upgrade_error, error);
}

const RsMacros *
rs_facts_get_macros (RsFacts *facts)
{
  return &facts->macros;
}

const RsMacros *
rs_facts_get_shown_macros (RsFacts *facts)
{
  return &facts->shown;
}

const RsMacros *
rs_facts_get_next_macros (RsFacts *facts)
{
  return &facts->next;
}

gboolean
rs_facts_shows_private (RsFacts    *facts,
                        const char *text)
{
  g_auto (GStrv) names = rs_macro_names (text);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *name = rs_macro_parameter (names[i]);
      RsValue value;

      if (name != NULL && rs_snapshot_lookup (facts->snapshot, name, &value)
          && (value.param->secret || value.access == RS_ACCESS_NA))
        return TRUE;
    }
  return FALSE;
}

/* Whether a text uses a parameter that is a secret. */
static gboolean
shows_secret (RsFacts    *facts,
              const char *text)
{
  g_auto (GStrv) names = rs_macro_names (text);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *name = rs_macro_parameter (names[i]);

      if (name != NULL && is_secret (facts, name))
        return TRUE;
    }
  return FALSE;
}

/* HTTP_User_Agent_Name, or NULL where it is not set or would show what it may not. */
static const char *
own_user_agent (RsFacts *facts,
                gboolean open)
{
  RsValue own;

  if (facts->snapshot == NULL || !rs_snapshot_lookup (facts->snapshot, "HTTP_User_Agent_Name", &own) || own.value[0] == '\0'
      || (open && shows_secret (facts, own.value)))
    return NULL;
  return own.origin == RS_ORIGIN_USER && rs_facts_shows_private (facts, own.value) ? NULL : own.value;
}

char *
rs_facts_user_agent (RsFacts *facts,
                     gboolean open)
{
  const char *own = own_user_agent (facts, open);
  const char *text = own != NULL ? own : "$VENDOR-$PN/$SWVER ($MA)";
  g_autofree char *expanded = rs_macro_expand (text, &facts->macros, FALSE, NULL);

  /* a broken name of one's own must not cost the request */
  if (expanded == NULL)
    expanded = g_strdup_printf ("%s-%s/%s (%s)", facts->identity->vendor, facts->identity->model,
                                facts->identity->software_version, get_ma (facts));
  return rs_text_escape (expanded, MAX_USER_AGENT);
}
