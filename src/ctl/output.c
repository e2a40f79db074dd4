/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Printing. Standard output carries the answer and nothing else; standard error carries progress and failures in
 * words. */
#include "config.h"

#include "ctl/output.h"

#include "base/text.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define USEC_PER_MINUTE (60 * (guint64) G_USEC_PER_SEC)

gboolean
rs_output_is_terminal (int fd)
{
  return isatty (fd) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

gboolean
rs_output_has_colour (int fd)
{
  const char *no_colour = g_getenv ("NO_COLOR");

  return rs_output_is_terminal (fd) && (no_colour == NULL || no_colour[0] == '\0');
}

char *
rs_output_safe (const char *text)
{
  return rs_text_escape (text, G_MAXSIZE);
}

void
rs_output_json (JsonNode *node,
                gboolean  line)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *text = NULL;

  json_generator_set_root (generator, node);
  json_generator_set_pretty (generator, !line);
  text = json_generator_to_data (generator, NULL);
  json_node_unref (node);
  fputs (text, stdout);
  fputc ('\n', stdout);
  if (line)
    fflush (stdout);
}

JsonNode *
rs_json_nothing (void)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, object);
  return node;
}

void
rs_json_add_text (JsonBuilder *builder,
                  const char  *name,
                  const char  *text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

void
rs_json_add_number (JsonBuilder *builder,
                    const char  *name,
                    gint64       number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

void
rs_json_add_bool (JsonBuilder *builder,
                  const char  *name,
                  gboolean     value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
print_failure (const RsCtl *ctl,
               RsError      code,
               const char  *message)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (!ctl->json)
    {
      g_printerr ("resyncctl: %s\n", message);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_add_string_value (builder, rs_error_name (code));
  json_builder_set_member_name (builder, "message");
  json_builder_add_string_value (builder, message);
  json_builder_end_object (builder);
  rs_output_json (json_builder_get_root (builder), FALSE);
}

RsExit
rs_fail (RsCtl      *ctl,
         RsExit      exit,
         RsError     code,
         const char *format,
         ...)
{
  g_autofree char *raw = NULL;
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  raw = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  message = rs_output_safe (raw);
  print_failure (ctl, code, message);
  ctl->exit = exit;
  return exit;
}

RsExit
rs_fail_usage (RsCtl           *ctl,
               const RsCommand *command,
               const char      *message)
{
  const char *name = command != NULL ? command->name : "";

  rs_fail (ctl, RS_EXIT_USAGE, RS_ERROR_INVALID_ARGUMENT, "%s", message);
  if (!ctl->json)
    g_printerr (_("Try “resyncctl %s%s--help”.\n"), name, name[0] != '\0' ? " " : "");
  return RS_EXIT_USAGE;
}

char *
rs_time_rfc3339 (guint64 time)
{
  g_autoptr (GDateTime) moment = NULL;

  if (time == 0)
    return g_strdup ("");
  moment = g_date_time_new_from_unix_utc ((gint64) (time / G_USEC_PER_SEC));
  return moment != NULL ? g_date_time_format (moment, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("");
}

char *
rs_time_local (guint64 time)
{
  g_autoptr (GDateTime) moment = NULL;

  if (time == 0)
    return g_strdup ("");
  moment = g_date_time_new_from_unix_local ((gint64) (time / G_USEC_PER_SEC));
  return moment != NULL ? g_date_time_format (moment, "%Y-%m-%d %H:%M:%S") : g_strdup ("");
}

char *
rs_time_ahead (guint64 time,
               guint64 now)
{
  guint64 minutes, hours;

  if (time == 0)
    return g_strdup ("");
  if (time <= now)
    return g_strdup (_("now"));
  if (time - now < 2 * USEC_PER_MINUTE)
    return g_strdup_printf (_("in %u s"), (guint) ((time - now) / G_USEC_PER_SEC));
  minutes = (time - now) / USEC_PER_MINUTE;
  if (minutes < 120)
    return g_strdup_printf (_("in %u min"), (guint) minutes);
  hours = minutes / 60;
  if (hours < 48)
    return g_strdup_printf (_("in %u h %u min"), (guint) hours, (guint) (minutes % 60));
  return g_strdup_printf (ngettext ("in %u day", "in %u days", (gulong) (hours / 24)), (guint) (hours / 24));
}
