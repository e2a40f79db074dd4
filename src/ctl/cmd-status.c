/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* status, and the waiting for what runs. */
#include "config.h"

#include "base/names.h"
#include "ctl/bus.h"
#include "ctl/output.h"
#include "ctl/progress.h"
#include "ctl/status-page.h"
#include "ctl/words.h"

#include <glib/gi18n.h>
#include <unistd.h>

typedef struct
{
  RsCtl      *ctl;
  RsProgress *progress;
  GVariant   *properties; /* once it is over; NULL: said why not */
  char       *said;       /* the state that was said last; NULL: none */
  guint64     told;       /* the time of the last try that was told; 0: not looked yet */
} Waiting;

/* Whether a phone out of its box has something before it that it has not tried yet. */
static gboolean
is_about_to_look (GVariant *properties)
{
  g_autoptr (GVariant) status = g_variant_lookup_value (properties, "Status", G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) attempt = status != NULL ? g_variant_lookup_value (status, "provisioning-1", NULL) : NULL;
  g_autoptr (GVariant) tried = status != NULL ? g_variant_lookup_value (status, "onboarding", NULL) : NULL;
  const char *customization = "";
  guint64 next = 0;

  g_variant_lookup (properties, "CustomizationState", "&s", &customization);
  g_variant_lookup (properties, "NextResync", "t", &next);
  return g_str_equal (customization, "Open") && next != 0 && attempt == NULL &&
         (tried == NULL || g_variant_n_children (tried) == 0);
}

static gboolean
is_over (GVariant *properties)
{
  const char *state = "";

  if (!g_variant_lookup (properties, "State", "&s", &state))
    return FALSE;
  /* nobody knows when a person enters a code */
  return g_str_equal (state, "activation-code") || (g_str_equal (state, "idle") && !is_about_to_look (properties));
}

/* Who waits wants to know for what. On a terminal the moving line says it from then on. */
static void
say_what_for (Waiting  *waiting,
              GVariant *properties)
{
  const char *state = "";

  g_variant_lookup (properties, "State", "&s", &state);
  if (waiting->ctl->json || g_strcmp0 (state, waiting->said) == 0
      || (waiting->said != NULL && rs_output_is_terminal (STDERR_FILENO)))
    return;
  g_free (waiting->said);
  waiting->said = g_strdup (state);
  g_printerr ("%s\n", rs_word (state));
}

/* What it has tried since the waiting began, a line each; before, the page at the end tells. */
static void
tell_tries (Waiting  *waiting,
            GVariant *properties)
{
  g_autoptr (GVariant) status = g_variant_lookup_value (properties, "Status", G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) tries = status != NULL ? g_variant_lookup_value (status, "onboarding", RS_STATUS_TRIES) : NULL;
  gsize n = tries != NULL ? g_variant_n_children (tries) : 0;
  gboolean first = waiting->told == 0;
  guint64 latest = MAX (waiting->told, 1);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (tries, i);
      guint64 time;

      g_variant_get_child (entry, 3, "t", &time);
      if (!first && time > waiting->told && !waiting->ctl->json)
        {
          g_autofree char *line = rs_status_try (entry);

          rs_progress_say (waiting->progress, line);
        }
      latest = MAX (latest, time);
    }
  waiting->told = latest;
}

/* Asks anew what a signal only hints at: signals may lag behind. TRUE: the waiting is over. */
static gboolean
look (Waiting *waiting)
{
  g_autoptr (GVariant) properties = rs_bus_get_all (waiting->ctl, RS_IFACE_MAIN);

  if (properties != NULL && !is_over (properties))
    {
      say_what_for (waiting, properties);
      tell_tries (waiting, properties);
      return FALSE;
    }
  waiting->properties = g_steal_pointer (&properties);
  return TRUE;
}

static gboolean
on_event (const char *interface,
          const char *member,
          GVariant   *arguments,
          gpointer    data)
{
  Waiting *waiting = data;
  g_autoptr (GVariant) changed = NULL;
  g_autoptr (GVariant) state = NULL;
  g_autoptr (GVariant) status = NULL;
  const char *of;

  if (!g_str_equal (member, "PropertiesChanged") || !g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(sa{sv}as)")))
    return FALSE;
  g_variant_get (arguments, "(&s@a{sv}as)", &of, &changed, NULL);
  if (!g_str_equal (of, RS_IFACE_MAIN))
    return FALSE;
  rs_progress_update (waiting->progress, arguments);
  state = g_variant_lookup_value (changed, "State", NULL);
  status = g_variant_lookup_value (changed, "Status", NULL);
  return (state != NULL || status != NULL) && look (waiting);
}

/* The properties once nothing runs any more; NULL: said. */
static GVariant *
wait_for_end (RsCtl *ctl)
{
  g_autoptr (RsProgress) progress = rs_progress_new (ctl);
  Waiting waiting = { ctl, progress, NULL, NULL };
  g_autoptr (RsWatch) watch = rs_watch_new (ctl, on_event, &waiting);

  if (watch == NULL)
    return NULL;
  if (!look (&waiting))
    rs_watch_run (watch, FALSE, ctl->wait_seconds);
  g_free (waiting.said);
  return waiting.properties;
}

RsExit
rs_cmd_status (RsCtl *ctl)
{
  g_autoptr (GVariant) properties = ctl->wait ? wait_for_end (ctl) : rs_bus_get_all (ctl, RS_IFACE_MAIN);

  if (properties == NULL)
    return ctl->exit;
  if (ctl->json)
    rs_output_json (rs_status_json (properties), FALSE);
  else
    rs_status_print (properties, (guint64) g_get_real_time ());
  return RS_EXIT_DONE;
}
