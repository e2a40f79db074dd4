/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Structured logging through GLib's writer, which finds the journal by itself. */
#include "system/journal.h"

#include "base/text.h"

#define MAX_FIELDS 16
#define MAX_TEXT 2048

static const char *
priority (GLogLevelFlags level)
{
  switch (level & G_LOG_LEVEL_MASK)
    {
    case G_LOG_LEVEL_ERROR:
    case G_LOG_LEVEL_CRITICAL:
      return "3";
    case G_LOG_LEVEL_WARNING:
      return "4";
    case G_LOG_LEVEL_MESSAGE:
      return "5";
    case G_LOG_LEVEL_DEBUG:
      return "7";
    default:
      return "6";
    }
}

/* A warning about the world is no programming error: it must not end a daemon that runs with G_DEBUG=fatal-warnings,
 * so it goes to the writer directly and past GLib's fatal mask. */
static void
write_out (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields)
{
  if ((level & G_LOG_LEVEL_MASK) == G_LOG_LEVEL_DEBUG && g_log_writer_default_would_drop (level, G_LOG_DOMAIN))
    return;
  if (g_log_writer_is_journald (2) && g_log_writer_journald (level, fields, n_fields, NULL) == G_LOG_WRITER_HANDLED)
    return;
  g_log_writer_standard_streams (level, fields, n_fields, NULL);
}

void
rs_journal_send (GLogLevelFlags        level,
                 const char           *message_id,
                 const char           *message,
                 const RsJournalField *fields)
{
  g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func (g_free);
  GLogField out[MAX_FIELDS + 4];
  gsize n = 0;
  char *text = rs_text_escape (message, MAX_TEXT);

  g_ptr_array_add (owned, text);
  out[n++] = (GLogField){ "MESSAGE", text, -1 };
  out[n++] = (GLogField){ "PRIORITY", priority (level), -1 };
  out[n++] = (GLogField){ "GLIB_DOMAIN", "resyncd", -1 };
  if (message_id != NULL)
    out[n++] = (GLogField){ "MESSAGE_ID", message_id, -1 };
  for (const RsJournalField *f = fields; f != NULL && f->name != NULL && n < G_N_ELEMENTS (out); f++)
    {
      char *name, *value;

      if (f->value == NULL)
        continue;
      name = g_strconcat ("RESYNCD_", f->name, NULL);
      value = rs_text_escape (f->value, MAX_TEXT);
      g_ptr_array_add (owned, name);
      g_ptr_array_add (owned, value);
      out[n++] = (GLogField){ name, value, -1 };
    }
  write_out (level, out, n);
}

void
rs_journal_print (GLogLevelFlags level,
                  const char    *message_id,
                  const char    *format,
                  ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  rs_journal_send (level, message_id, message, NULL);
}
