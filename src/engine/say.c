/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the text of a parameter to what is sent. Journal and server get the same, without secrets and without control characters; only what is too long
 * for a datagram is cut there. */
#include "engine/say.h"

#include "base/names.h"
#include "base/text.h"
#include "syslog/message.h"

#define SERVER "Syslog_Server"
#define MAX_FIELDS 12

static const struct
{
  const char *parameter;
  const char *id;
  GLogLevelFlags level;
  RsSeverity severity;
} sayings[] = {
  [RS_SAY_REQUEST] = { "Log_Request_Msg", "RESYNC-REQUEST", G_LOG_LEVEL_MESSAGE, RS_SEVERITY_NOTICE },
  [RS_SAY_SUCCESS] = { "Log_Success_Msg", "RESYNC-SUCCESS", G_LOG_LEVEL_MESSAGE, RS_SEVERITY_NOTICE },
  [RS_SAY_FAILURE] = { "Log_Failure_Msg", "RESYNC-FAILURE", G_LOG_LEVEL_WARNING, RS_SEVERITY_WARNING },
  [RS_SAY_UPGRADE_REQUEST] = { "Log_Upgrade_Request_Msg", "UPGRADE-REQUEST", G_LOG_LEVEL_MESSAGE, RS_SEVERITY_NOTICE },
  [RS_SAY_UPGRADE_SUCCESS] = { "Log_Upgrade_Success_Msg", "UPGRADE-SUCCESS", G_LOG_LEVEL_MESSAGE, RS_SEVERITY_NOTICE },
  [RS_SAY_UPGRADE_FAILURE] = { "Log_Upgrade_Failure_Msg", "UPGRADE-FAILURE", G_LOG_LEVEL_WARNING, RS_SEVERITY_WARNING },
};

/* What the user class wrote, or sends to a server of its own, shows no more of the phone than that class may read (RULE-10). */
static char *
expand (RsEngine   *engine,
        const char *parameter,
        GError    **error)
{
  RsSnapshot *snapshot = rs_param_store_get_snapshot (engine->parts.params);
  RsFacts *facts = engine->parts.facts;
  gboolean of_user = rs_snapshot_is_of_user (snapshot, parameter) || rs_snapshot_is_of_user (snapshot, SERVER);
  const char *value = rs_snapshot_get (snapshot, parameter);

  if (value == NULL)
    return g_strdup ("");
  if (!of_user || !rs_facts_shows_private (facts, value))
    return rs_macro_expand (value, rs_facts_get_shown_macros (facts), FALSE, error);
  g_set_error_literal (error, RS_ERROR, RS_ERROR_NOT_ALLOWED,
                       "the user class wrote it, or " SERVER ", and may not read a parameter that it uses");
  return NULL;
}

/* "": there is nothing to say. */
static char *
text_of (RsEngine   *engine,
         const char *parameter)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *expanded = expand (engine, parameter, &error);

  if (expanded == NULL)
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_CONFIG, "%s is not sent: %s", parameter, error->message);
  return rs_text_escape (expanded, RS_SYSLOG_MAX);
}

/* How the operator knows the phone. */
static char *
host_name (RsEngine *engine)
{
  const char *identifier = rs_snapshot_get (rs_param_store_get_snapshot (engine->parts.params), "Syslog_Identifier");
  const char *address = rs_network_get_lease (engine->parts.network)->address;

  if (identifier != NULL && identifier[0] == '$')
    return rs_macro_expand (identifier, rs_facts_get_shown_macros (engine->parts.facts), FALSE, NULL);
  return g_strdup (address[0] != '\0' ? address : g_get_host_name ());
}

static GDateTime *
local_time (RsEngine *engine)
{
  gint64 now = rs_clock_wall (engine->parts.clock);
  g_autoptr (GTimeZone) zone = rs_engine_local_zone (engine);
  g_autoptr (GDateTime) second = g_date_time_new_from_unix_utc (now / G_USEC_PER_SEC);
  g_autoptr (GDateTime) time = g_date_time_add (second, now % G_USEC_PER_SEC);

  return rs_clock_is_set (engine->parts.clock) ? g_date_time_to_timezone (time, zone) : NULL;
}

static void
send (RsEngine   *engine,
      RsSaying    saying,
      const char *text)
{
  RsSnapshot *snapshot = rs_param_store_get_snapshot (engine->parts.params);
  const char *server = rs_snapshot_get (snapshot, SERVER);
  RsSeverity lowest = RS_SEVERITY_DEBUG;
  g_autofree char *host = NULL;
  g_autofree char *datagram = NULL;
  g_autoptr (GDateTime) time = NULL;
  RsSyslogMessage message = { .severity = sayings[saying].severity, .id = sayings[saying].id, .text = text };

  if (server == NULL || server[0] == '\0'
      || (rs_severity_from_name (rs_snapshot_get (snapshot, "Debug_Level"), &lowest) && sayings[saying].severity > lowest))
    return;
  message.host = host = host_name (engine);
  message.time = time = local_time (engine);
  datagram = rs_syslog_format (&message, engine->config->syslog_rfc3164 ? RS_SYSLOG_RFC3164 : RS_SYSLOG_RFC5424);
  rs_syslog_send (engine->syslog, server, datagram);
}

void
rs_engine_say (RsEngine             *engine,
               RsSaying              saying,
               const RsJournalField *fields)
{
  RsJournalField more[MAX_FIELDS + 2] = { { "PARAMETER", sayings[saying].parameter } };
  g_autofree char *text = NULL;

  if (saying == RS_SAY_NOTHING)
    return;
  text = text_of (engine, sayings[saying].parameter);
  if (text[0] == '\0')
    return;
  for (guint i = 0; i < MAX_FIELDS && fields[i].name != NULL; i++)
    more[i + 1] = fields[i];
  rs_journal_send (sayings[saying].level, RS_MESSAGE_OPERATOR, text, more);
  send (engine, saying, text);
}
