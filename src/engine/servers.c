/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lease → sources → candidates. */
#include "engine/servers.h"

#include "base/text.h"
#include "dhcp/options.h"
#include "params/snapshot.h"

#include <string.h>

#define MAX_CODES 32
#define SOURCE_BUDGET (60 * G_USEC_PER_SEC)

/* An integer list of the catalogue as option codes; n+r elements make no sense here and are passed over. */
static GArray *
codes_of (const char *list)
{
  g_auto (GStrv) parts = rs_text_split_list (list, ',', MAX_CODES);
  GArray *codes = g_array_new (FALSE, FALSE, sizeof (guint16));

  for (guint i = 0; parts != NULL && parts[i] != NULL; i++)
    {
      guint64 code;
      guint16 short_code;

      if (!rs_text_to_uint64 (parts[i], 1, G_MAXUINT16, &code, NULL))
        continue;
      short_code = (guint16)code;
      g_array_append_val (codes, short_code);
    }
  return codes;
}

static void
append_sources (const RsParts *parts,
                const char    *parameter,
                gboolean       v6,
                GPtrArray     *warnings,
                GPtrArray     *out)
{
  const RsLease *lease = rs_network_get_lease (parts->network);
  RsSnapshot *snapshot = rs_param_store_get_snapshot (parts->params);
  g_autoptr (GArray) order = codes_of (rs_snapshot_get (snapshot, parameter));
  g_autoptr (GPtrArray) sources = NULL;

  sources = rs_dhcp_sources (lease->options, (const guint16 *)(const void *)order->data, order->len, v6,
                             parts->config->vendor_enterprise, parts->config->vendor_sub, warnings);
  g_ptr_array_extend_and_steal (out, g_steal_pointer (&sources));
}

static void
want (const RsParts *parts,
      const char    *parameter,
      gboolean       v6)
{
  g_autoptr (GArray) codes = codes_of (rs_snapshot_get (rs_param_store_get_snapshot (parts->params), parameter));

  rs_network_want (parts->network, v6, (const guint16 *)(const void *)codes->data, codes->len);
}

void
rs_servers_want (const RsParts *parts)
{
  want (parts, "DHCP_Option_To_Use", FALSE);
  want (parts, "DHCPv6_Option_To_Use", TRUE);
}

GPtrArray *
rs_servers_from_lease (const RsParts *parts,
                       GPtrArray     *warnings)
{
  const GPtrArray *of_lease = rs_network_get_lease (parts->network)->warnings;
  GPtrArray *sources = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_dhcp_source_free);

  for (guint i = 0; i < of_lease->len; i++)
    g_ptr_array_add (warnings, g_strdup (g_ptr_array_index (of_lease, i)));
  append_sources (parts, "DHCP_Option_To_Use", FALSE, warnings, sources);
  append_sources (parts, "DHCPv6_Option_To_Use", TRUE, warnings, sources);
  return sources;
}

char *
rs_servers_identity (GPtrArray *sources)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < sources->len; i++)
    {
      const RsDhcpSource *source = g_ptr_array_index (sources, i);

      for (guint k = 0; k < source->hints->len; k++)
        {
          const RsServerHint *hint = g_ptr_array_index (source->hints, k);
          g_string_append_printf (text, "%s=%s\n", source->name, hint->text);
        }
    }
  /* a digest: the text may hold a query that no file should */
  return text->len > 0 ? g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, -1) : g_strdup ("");
}

gboolean
rs_servers_reach (GPtrArray  *sources,
                  const char *floor_scheme)
{
  if (strcmp (floor_scheme, "https") != 0)
    return TRUE;
  for (guint i = 0; i < sources->len; i++)
    {
      const RsDhcpSource *source = g_ptr_array_index (sources, i);

      for (guint k = 0; k < source->hints->len; k++)
        {
          const RsServerHint *hint = g_ptr_array_index (source->hints, k);

          /* a host is tried over https, too */
          if (hint->kind == RS_HINT_HOST || g_ascii_strncasecmp (hint->text, "https://", strlen ("https://")) == 0)
            return TRUE;
        }
    }
  return FALSE;
}

gboolean
rs_servers_put_in_remembered (const RsParts *parts,
                              RsRuleAction  *action)
{
  const RsState *state = rs_state_store_get (parts->state);
  RsUrl *url = action->url;

  if (state->candidate_host[0] == '\0')
    return FALSE;
  url->host = g_strdup (state->candidate_host);
  if (!url->scheme_given && rs_scheme_from_name (state->candidate_scheme, &url->scheme))
    url->port = state->candidate_port;
  action->srv = action->srv || (state->candidate_srv && url->scheme != RS_SCHEME_TFTP);
  return TRUE;
}

static RsCandidateKind
kind_of (RsHintKind kind)
{
  return kind == RS_HINT_URL ? RS_CANDIDATE_URL : kind == RS_HINT_BASE ? RS_CANDIDATE_BASE : RS_CANDIDATE_HOST;
}

RsCandidates *
rs_servers_candidates (const RsParts *parts,
                       GPtrArray     *sources,
                       const char    *own_path,
                       gboolean       only_own,
                       GPtrArray     *warnings)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) paths = NULL;
  RsCandidates *candidates;

  if (own_path != NULL)
    g_strv_builder_add (builder, own_path);
  if (!only_own)
    g_strv_builder_addv (builder, (const char **)parts->config->default_paths);
  paths = g_strv_builder_end (builder);
  candidates = rs_candidates_new ((const char *const *)paths, rs_facts_get_macros (parts->facts), SOURCE_BUDGET);
  for (guint i = 0; i < sources->len; i++)
    {
      const RsDhcpSource *source = g_ptr_array_index (sources, i);

      for (guint k = 0; k < source->hints->len; k++)
        {
          const RsServerHint *hint = g_ptr_array_index (source->hints, k);

          /* a hint that cannot be used is said in warnings; the others go on */
          (void)rs_candidates_add (candidates, source->name, kind_of (hint->kind), hint->text, warnings);
        }
    }
  return candidates;
}
