/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The page: who the phone is, what it does, what comes next, what happened, what needs a person. What is not known is
 * left out. */
#include "config.h"

#include "ctl/status-page.h"

#include "ctl/output.h"
#include "ctl/progress.h"
#include "ctl/story.h"
#include "ctl/words.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#define LABEL_WIDTH 20

typedef struct
{
  GVariant *properties;
  GVariant *status;
  guint64   now;
  gboolean  colour;
} Page;

static const char *
start_of (const Page *page,
          const char *colour)
{
  return page->colour ? colour : "";
}

static const char *
end_of (const Page *page)
{
  return page->colour ? "\033[0m" : "";
}

static const char *
text_of (GVariant   *dictionary,
         const char *key)
{
  const char *text = "";

  g_variant_lookup (dictionary, key, "&s", &text);
  return text;
}

/* One "label: value" row; nothing where there is no value. */
static void
print_row (const Page *page,
           const char *label,
           const char *value)
{
  g_autofree char *safe = rs_output_safe (value);
  gsize length = g_utf8_strlen (label, -1);

  if (value[0] == '\0')
    return;
  g_print ("%s%s:%s%*s %s\n", start_of (page, "\033[1m"), label, end_of (page),
           (int) (length < LABEL_WIDTH ? LABEL_WIDTH - length : 0), "", safe);
}

static void
print_heading (const Page *page,
               const char *heading)
{
  g_print ("\n%s%s%s\n", start_of (page, "\033[1m"), heading, end_of (page));
}

static void
print_identity (const Page *page)
{
  print_row (page, _("Model"), text_of (page->status, "model"));
  print_row (page, _("MAC address"), text_of (page->status, "mac"));
  print_row (page, _("Serial number"), text_of (page->status, "serial"));
  print_row (page, _("Software"), text_of (page->status, "software-version"));
  print_row (page, _("Hardware"), text_of (page->status, "hardware-version"));
  print_row (page, _("Client certificate"), text_of (page->status, "client-certificate"));
  print_row (page, _("Custom CA"), text_of (page->status, "custom-ca"));
}

static void
print_progress (const Page *page)
{
  g_autofree char *line = NULL;
  const char *stage, *url;
  guint64 bytes, total;

  /* what lingers of an attempt that has ended is no progress */
  if (g_str_equal (text_of (page->properties, "State"), "idle")
      || !g_variant_lookup (page->properties, "Progress", "(&s&stt)", &stage, &url, &bytes, &total) || stage[0] == '\0')
    return;
  line = rs_progress_text (stage, url, bytes, total);
  print_row (page, _("Progress"), line);
}

static void
print_next (const Page *page)
{
  g_autofree char *ahead = NULL;
  g_autofree char *local = NULL;
  g_autofree char *line = NULL;
  const char *reason = text_of (page->status, "next-reason");
  guint64 next = 0;

  g_variant_lookup (page->properties, "NextResync", "t", &next);
  if (next == 0)
    return;
  ahead = rs_time_ahead (next, page->now);
  local = rs_time_local (next);
  if (reason[0] != '\0')
    /* translators: "in 12 min (periodic), 2026-01-31 12:00:00" */
    line = g_strdup_printf (_("%s (%s), %s"), ahead, rs_word (reason), local);
  else
    line = g_strdup_printf ("%s, %s", ahead, local);
  print_row (page, _("Next resync"), line);
}

/* A token, or "call: " and who holds the phone busy. */
static void
print_waiting (const Page *page)
{
  const char *waiting = text_of (page->status, "waiting-for");
  g_autofree char *call = NULL;

  if (g_str_has_prefix (waiting, "call: "))
    call = g_strdup_printf (_("the end of a call (%s)"), waiting + strlen ("call: "));
  print_row (page, _("Waiting for"), call != NULL ? call : rs_word (waiting));
}

static void
print_state (const Page *page)
{
  g_autofree char *source = rs_word_source (text_of (page->status, "profile-source"));
  g_autofree char *failure = rs_story_words (text_of (page->status, "failure-reason"));

  print_row (page, _("State"), rs_word (text_of (page->properties, "State")));
  print_row (page, _("Customization"), text_of (page->properties, "CustomizationState"));
  print_progress (page);
  print_waiting (page);
  print_row (page, _("Profile rule"), text_of (page->properties, "ProfileRule"));
  print_row (page, _("Server from"), source);
  print_next (page);
  print_row (page, _("Last failure"), failure);
}

/* When, how and where; below it what was said. */
static void
print_attempt (guint64     time,
               const char *result,
               const char *url,
               const char *message)
{
  g_autofree char *local = rs_time_local (time);
  g_autofree char *line = g_strdup_printf ("%s  %s  %s", local, rs_word (result), url);
  g_autofree char *safe = rs_output_safe (line);
  g_autofree char *words = rs_story_words (rs_word_message (url, message));
  g_autofree char *said = rs_output_safe (words);

  g_print ("  %s\n", safe);
  if (said[0] != '\0')
    g_print ("    %s\n", said);
}

/* "provisioning-1" … "-3" or "upgrade-1" … under a heading, where there is any. */
static void
print_attempts (const Page *page,
                const char *prefix,
                const char *heading)
{
  gboolean any = FALSE;

  for (int i = 1; i <= 3; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s-%d", prefix, i);
      const char *result, *url, *message;
      guint64 time;

      if (!g_variant_lookup (page->status, key, "(t&s&s&s)", &time, &result, &url, &message) || time == 0)
        continue;
      if (!any)
        print_heading (page, heading);
      any = TRUE;
      print_attempt (time, result, url, message);
    }
}

char *
rs_status_try (GVariant *entry)
{
  const char *source, *tried, *outcome;
  guint64 time;
  g_autofree char *local = NULL, *where = NULL, *words = NULL, *line = NULL;

  g_variant_get (entry, "(&s&s&st)", &source, &tried, &outcome, &time);
  local = rs_time_local (time);
  where = rs_word_source (source);
  words = rs_story_words (outcome);
  line = g_strdup_printf ("%s  %s%s%s  %s", local, where, tried[0] != '\0' ? "  " : "", tried, words);
  return rs_output_safe (line);
}

static void
print_onboarding (const Page *page)
{
  g_autoptr (GVariant) list = g_variant_lookup_value (page->status, "onboarding", RS_STATUS_TRIES);
  gsize n = list != NULL ? g_variant_n_children (list) : 0;

  if (n == 0)
    return;
  print_heading (page, _("How it looked for its server"));
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (list, i);
      g_autofree char *line = rs_status_try (entry);

      g_print ("  %s\n", line);
    }
}

static void
print_warnings (const Page *page)
{
  g_autofree const char **warnings = NULL;

  if (!g_variant_lookup (page->status, "warnings", "^a&s", &warnings) || warnings[0] == NULL)
    return;
  print_heading (page, _("Needs attention"));
  for (gsize i = 0; warnings[i] != NULL; i++)
    {
      g_autofree char *safe = rs_output_safe (warnings[i]);

      g_print ("  %s%s%s\n", start_of (page, "\033[31m"), safe, end_of (page));
    }
}

void
rs_status_print (GVariant *properties,
                 guint64   now)
{
  g_autoptr (GVariant) status = g_variant_lookup_value (properties, "Status", G_VARIANT_TYPE_VARDICT);
  Page page = { properties, status, now, rs_output_has_colour (STDOUT_FILENO) };

  if (page.status == NULL)
    page.status = status = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  print_identity (&page);
  print_state (&page);
  print_attempts (&page, "provisioning", _("Provisioning, newest first"));
  print_attempts (&page, "upgrade", _("Upgrades, newest first"));
  print_onboarding (&page);
  print_warnings (&page);
}
