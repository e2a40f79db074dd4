/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Header and text. Nothing that a server or a profile says can end a field, begin another one or make a line. */
#include "syslog/message.h"

#include "base/text.h"

#include <string.h>

#define APPLICATION "resyncd"
#define FACILITY_DAEMON 3
#define HOST_MAX 255
#define BOM "\xef\xbb\xbf"
#define CUT "…"

gboolean
rs_severity_from_name (const char *name,
                       RsSeverity *severity)
{
  static const char *const names[] = { "EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_strcmp0 (name, names[i]) == 0)
        {
          *severity = i;
          return TRUE;
        }
    }
  return FALSE;
}

static void
append_host (GString    *out,
             const char *host)
{
  gsize length = strnlen (host, HOST_MAX);

  if (length == 0)
    g_string_append_c (out, '-');
  for (gsize i = 0; i < length; i++)
    g_string_append_c (out, g_ascii_isgraph (host[i]) ? host[i] : '_');
}

static void
append_3164 (GString               *out,
             const RsSyslogMessage *message)
{
  static const char *const months[]
      = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  GDateTime *time = message->time;

  if (time != NULL)
    {
      g_string_append_printf (out, "%s %2d %02d:%02d:%02d ", months[g_date_time_get_month (time) - 1],
                              g_date_time_get_day_of_month (time), g_date_time_get_hour (time), g_date_time_get_minute (time),
                              g_date_time_get_second (time));
      append_host (out, message->host);
      g_string_append_c (out, ' ');
    }
  g_string_append (out, APPLICATION ": ");
}

static void
append_5424 (GString               *out,
             const RsSyslogMessage *message)
{
  g_autofree char *zone = message->time != NULL ? g_date_time_format (message->time, "%:z") : NULL;
  g_autofree char *day = message->time != NULL ? g_date_time_format (message->time, "%Y-%m-%dT%H:%M:%S") : NULL;

  g_string_append (out, "1 ");
  if (message->time != NULL)
    g_string_append_printf (out, "%s.%03d%s ", day, g_date_time_get_microsecond (message->time) / 1000, zone);
  else
    g_string_append (out, "- ");
  append_host (out, message->host);
  g_string_append_printf (out, " " APPLICATION " - %s - ", message->id);
}

/* As many whole characters of the text as have room. */
static char *
fit (const char *text,
     gsize       room)
{
  const char *end = text;

  if (strlen (text) <= room)
    return g_strdup (text);
  while ((gsize)(g_utf8_next_char (end) - text) <= room - strlen (CUT))
    end = g_utf8_next_char (end);
  return g_strdup_printf ("%.*s" CUT, (int)(end - text), text);
}

char *
rs_syslog_format (const RsSyslogMessage *message,
                  RsSyslogFormat         format)
{
  GString *out = g_string_new (NULL);
  g_autofree char *text = NULL;

  g_string_append_printf (out, "<%d>", FACILITY_DAEMON * 8 + (int)message->severity);
  if (format == RS_SYSLOG_RFC3164)
    append_3164 (out, message);
  else
    append_5424 (out, message);
  text = fit (message->text, RS_SYSLOG_MAX - out->len - strlen (BOM));
  if (format == RS_SYSLOG_RFC5424 && rs_text_ascii_prefix (text, strlen (text)) < strlen (text))
    g_string_append (out, BOM);
  g_string_append (out, text);
  return g_string_free (out, FALSE);
}
