/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An attempt is announced to the operator where it asks a server, once, and its end told once, whatever rules and servers lay between. Reports are none
 * of it, nor is what asked nobody and yet went well, nor what waits for the clock: that goes on when it is set (HTTP-11). */
#include "engine/log.h"

#include "base/names.h"
#include "engine/say.h"
#include "system/journal.h"

#include <string.h>

static const char *
set_or_null (const char *text)
{
  return text[0] != '\0' ? text : NULL;
}

/* message NULL: the operator's words alone. result NULL: it runs. */
static void
tell (RsEngine              *engine,
      const char            *message_id,
      const char            *message,
      RsSaying               saying,
      const RsAttemptResult *result,
      const char            *url)
{
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, engine->running_number);
  g_autofree char *status
      = result != NULL && result->http_status != 0 ? g_strdup_printf ("%u", result->http_status) : NULL;
  gboolean good = result == NULL || result->class == RS_CLASS_A || result->wait_for_clock;
  const RsJournalField fields[] = {
    { "ATTEMPT", number },
    { "REASON", rs_reason_name (engine->running_reason) },
    { "RESULT", result != NULL ? result->result : NULL },
    { "CLASS", result != NULL ? rs_class_name (result->class) : NULL },
    { "ERROR", good ? NULL : rs_error_name (result->code) },
    { "RULE", result != NULL ? set_or_null (result->rule) : NULL },
    { "SOURCE", result != NULL ? set_or_null (result->source) : NULL },
    { "URL", url },
    { "HTTP_STATUS", status },
    { NULL, NULL },
  };

  if (message != NULL)
    rs_journal_send (good ? G_LOG_LEVEL_MESSAGE : G_LOG_LEVEL_WARNING, message_id, message, fields);
  rs_engine_say (engine, saying, fields);
}

void
rs_engine_log_begun (RsEngine *engine)
{
  g_autofree char *message
      = g_strdup_printf ("%s %" G_GUINT64_FORMAT " begins (%s)", engine->reporting ? "report" : "resync", engine->running_number,
                         rs_reason_name (engine->running_reason));

  tell (engine, RS_MESSAGE_RESYNC_STARTED, message, RS_SAY_NOTHING, NULL, NULL);
}

void
rs_engine_log_request (RsEngine   *engine,
                       const char *url)
{
  if (engine->requested || engine->reporting)
    return;
  engine->requested = TRUE;
  tell (engine, NULL, NULL, RS_SAY_REQUEST, NULL, url);
}

static const char *
message_id (const RsEngine *engine,
            gboolean        good)
{
  if (engine->reporting)
    return good ? RS_MESSAGE_REPORT_SENT : RS_MESSAGE_REPORT_FAILED;
  return good ? RS_MESSAGE_RESYNC_SUCCESS : RS_MESSAGE_RESYNC_FAILED;
}

static RsSaying
last_words (const RsEngine        *engine,
            const RsAttemptResult *result)
{
  if (engine->reporting || result->wait_for_clock || strcmp (result->result, "skipped") == 0)
    return RS_SAY_NOTHING;
  return result->class == RS_CLASS_A ? RS_SAY_SUCCESS : RS_SAY_FAILURE;
}

void
rs_engine_log_result (RsEngine              *engine,
                      const RsAttemptResult *result)
{
  /* what a worker says begins with the URL */
  gboolean show_url = result->url[0] != '\0' && !g_str_has_prefix (result->message, result->url);
  g_autofree char *message
      = g_strdup_printf ("%s %" G_GUINT64_FORMAT ": %s%s%s: %s", engine->reporting ? "report" : "resync", engine->running_number,
                         result->result, show_url ? ", " : "", show_url ? result->url : "", result->message);

  tell (engine, message_id (engine, result->class == RS_CLASS_A || result->wait_for_clock), message,
        last_words (engine, result), result, set_or_null (result->url));
}
