/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One attempt from the call to its outcome. The listening begins before the call: a short attempt may end before its
 * number is known here. */
#include "config.h"

#include "ctl/attempt.h"

#include "ctl/bus.h"
#include "ctl/output.h"
#include "ctl/progress.h"
#include "ctl/story.h"
#include "ctl/words.h"

#include <glib/gi18n.h>

typedef struct
{
  const RsAttemptKind *kind;
  RsProgress          *progress;
  GVariant            *outcome; /* the arguments of the signal */
  guint64              number;
} Attempt;

static gboolean
on_event (const char *interface,
          const char *member,
          GVariant   *arguments,
          gpointer    data)
{
  Attempt *attempt = data;
  guint64 number;

  if (g_str_equal (member, "PropertiesChanged"))
    rs_progress_update (attempt->progress, arguments);
  if (!g_str_equal (interface, attempt->kind->signal_interface) || !g_str_equal (member, attempt->kind->signal) ||
      !g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(tsssa{sv})")))
    return FALSE;
  g_variant_get_child (arguments, 0, "t", &number);
  if (number != attempt->number)
    return FALSE;
  attempt->outcome = g_variant_ref (arguments);
  return TRUE;
}

static void
add_text (JsonBuilder *builder,
          const char  *name,
          const char  *text)
{
  json_builder_set_member_name (builder, name);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

/* result NULL: not waited for. error NULL: it went well. */
static void
print_json (guint64     number,
            const char *result,
            const char *url,
            const char *message,
            const char *error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "attempt");
  json_builder_add_int_value (builder, (gint64) number);
  add_text (builder, "result", result);
  add_text (builder, "url", url);
  add_text (builder, "message", message);
  if (error != NULL)
    add_text (builder, "error", error);
  json_builder_end_object (builder);
  rs_output_json (json_builder_get_root (builder), FALSE);
}

static void
print_text (const char *result,
            const char *url,
            const char *message,
            gboolean    good)
{
  g_autofree char *words = rs_story_words (rs_word_message (url, message));
  g_autofree char *raw = g_strdup_printf ("%s%s%s%s%s", rs_word (result), url[0] != '\0' ? " " : "", url,
                                          message[0] != '\0' ? ": " : "", words);
  g_autofree char *line = rs_output_safe (raw);

  if (good)
    g_print ("%s\n", line);
  else
    g_printerr ("resyncctl: %s\n", line);
}

static void
print_accepted (guint64 number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);

  g_print (_("Attempt %s begins when the phone is ready for it\n"), text);
}

static RsExit
print_outcome (RsCtl   *ctl,
               Attempt *attempt)
{
  g_autoptr (GVariant) details = NULL;
  const char *result, *url, *message, *error = "Failed";
  gboolean good;

  g_variant_get (attempt->outcome, "(t&s&s&s@a{sv})", NULL, &result, &url, &message, &details);
  good = g_str_equal (result, "success") || g_str_equal (result, "unchanged") || g_str_equal (result, "skipped") ||
         g_str_equal (result, "installed");
  g_variant_lookup (details, "error", "&s", &error);
  if (ctl->json)
    print_json (attempt->number, result, url, message, good ? NULL : error);
  else
    print_text (result, url, message, good);
  return good ? RS_EXIT_DONE : RS_EXIT_FAILED;
}

static RsExit
start (RsCtl   *ctl,
       Attempt *attempt,
       GVariant *arguments)
{
  g_autoptr (GVariant) reply = NULL;

  reply = rs_bus_call (ctl, attempt->kind->interface, attempt->kind->method, arguments, "(t)", NULL);
  if (reply == NULL)
    return ctl->exit;
  g_variant_get (reply, "(t)", &attempt->number);
  return RS_EXIT_DONE;
}

RsExit
rs_attempt_run (RsCtl               *ctl,
                const RsAttemptKind *kind,
                GVariant            *arguments)
{
  Attempt attempt = { .kind = kind };
  g_autoptr (GVariant) held = g_variant_ref_sink (arguments);
  g_autoptr (RsWatch) watch = rs_watch_new (ctl, on_event, &attempt);
  g_autoptr (GVariant) outcome = NULL;
  RsExit exit;

  if (watch == NULL)
    return ctl->exit;
  exit = start (ctl, &attempt, held);
  if (exit != RS_EXIT_DONE)
    return exit;
  if (ctl->no_wait)
    {
      if (ctl->json)
        print_json (attempt.number, NULL, NULL, NULL, NULL);
      else
        print_accepted (attempt.number);
      return RS_EXIT_DONE;
    }
  attempt.progress = rs_progress_new (ctl);
  exit = rs_watch_run (watch, FALSE, 0);
  rs_progress_free (attempt.progress);
  outcome = attempt.outcome;
  return exit == RS_EXIT_DONE ? print_outcome (ctl, &attempt) : exit;
}
