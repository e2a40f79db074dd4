/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How an upgrade began and ended, for the operator, the journal, the history and the bus (LOG-1, LOG-3, UPG-6). */
#include "engine/upgrade-private.h"

#include "base/mask.h"
#include "base/names.h"
#include "base/text.h"
#include "engine/say.h"
#include "system/journal.h"

#include <string.h>

typedef struct
{
  RsEngine *engine;
  guint64 attempt;
  const char *result;
  char *url;
  char *message;
  const char *error; /* NULL: none */
} Finished;

static void
finished_free (gpointer data)
{
  Finished *finished = data;

  g_object_unref (finished->engine);
  g_free (finished->url);
  g_free (finished->message);
  g_free (finished);
}

static gboolean
on_finished (gpointer data)
{
  Finished *finished = data;

  g_signal_emit_by_name (finished->engine, "upgrade-finished", finished->attempt, finished->result, finished->url, finished->message,
                         finished->error);
  return G_SOURCE_REMOVE;
}

/* In a moment: who asked has to be given the number first. */
static void
announce (RsUpgrade  *upgrade,
          guint64     attempt,
          const char *result,
          const char *url,
          const char *message,
          const char *error)
{
  Finished *finished = g_new (Finished, 1);

  *finished = (Finished){ g_object_ref (upgrade->engine), attempt, result, g_strdup (url), g_strdup (message), error };
  g_idle_add_full (G_PRIORITY_DEFAULT, on_finished, finished, finished_free);
}

/* With the URL of the upgrade in the macros, and none of the resync that may run beside it. */
static void
say (RsUpgrade            *upgrade,
     RsSaying              saying,
     const RsJournalField *fields)
{
  RsFacts *facts = upgrade->engine->parts.facts;
  const RsState *state = rs_state_store_get (upgrade->engine->parts.state);
  g_autoptr (RsUrl) kept = upgrade->action == NULL ? rs_url_parse (state->upgrade_url, NULL) : NULL;
  const RsUrl *url = upgrade->action != NULL ? upgrade->action->url : kept;

  rs_facts_speak_of_upgrade (facts, TRUE);
  rs_facts_set_url (facts, url);
  rs_facts_set_error (facts, upgrade->message);
  rs_engine_say (upgrade->engine, saying, fields);
  rs_facts_speak_of_upgrade (facts, FALSE);
}

static void
tell (RsUpgrade  *upgrade,
      guint64     attempt,
      gboolean    good,
      const char *result,
      const char *message,
      RsSaying    saying)
{
  const RsState *state = rs_state_store_get (upgrade->engine->parts.state);
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, attempt);
  g_autofree char *text = g_strdup_printf ("upgrade %s %s: %s", number, result, message);
  const RsJournalField fields[] = {
    { "ATTEMPT", number },
    { "RESULT", result },
    { "ERROR", good ? NULL : rs_error_name (upgrade->code) },
    { "URL", state->upgrade_url[0] != '\0' ? state->upgrade_url : NULL },
    { NULL, NULL },
  };

  rs_journal_send (good ? G_LOG_LEVEL_MESSAGE : G_LOG_LEVEL_WARNING, good ? RS_MESSAGE_UPGRADE : RS_MESSAGE_UPGRADE_FAILED, text, fields);
  say (upgrade, saying, fields);
}

void
rs_upgrade_begun (RsUpgrade *upgrade)
{
  g_autofree char *url = upgrade->action != NULL ? rs_url_to_string (upgrade->action->url) : g_strdup ("");
  RsState *state = rs_upgrade_edit (upgrade);

  g_free (state->upgrade_url);
  state->upgrade_url = rs_mask_url (url);
  rs_upgrade_keep (upgrade, state, FALSE);
  rs_facts_begin_upgrade (upgrade->engine->parts.facts);
  if (upgrade->action != NULL)
    tell (upgrade, upgrade->attempt, TRUE, "begins", rs_state_store_get (upgrade->engine->parts.state)->upgrade_url, RS_SAY_UPGRADE_REQUEST);
}

static gboolean
is_installed (const RsAttempt *attempt)
{
  return attempt->time != 0 && strcmp (attempt->result, "installed") == 0;
}

const char *
rs_upgrade_what_is_installed (const RsUpgrade *upgrade)
{
  const RsAttempt *last = &rs_state_store_get (upgrade->engine->parts.state)->upgrade[0];

  return is_installed (last) ? last->message : "an image is installed, and runs after a restart";
}

void
rs_upgrade_note_trial (const RsUpgrade *upgrade,
                       RsState         *state)
{
  g_autofree char *message = g_strdup_printf ("version %s runs, and is kept once the phone was provisioned by it",
                                              upgrade->engine->identity->software_version);

  if (is_installed (&state->upgrade[0]))
    rs_text_set (&state->upgrade[0].message, message);
}

static void
set_error (RsUpgrade  *upgrade,
           const char *message)
{
  RsState *state = rs_upgrade_edit (upgrade);

  rs_text_set (&state->upgrade_error, message);
  rs_upgrade_keep (upgrade, state, FALSE);
  rs_engine_status_changed (upgrade->engine);
}

void
rs_upgrade_tell_trial (RsUpgrade *upgrade,
                       gboolean   on_trial)
{
  g_autofree char *before = NULL;

  if (on_trial == (upgrade->trial != NULL) || upgrade->engine->resetting)
    return;
  before = g_steal_pointer (&upgrade->trial);
  if (on_trial)
    {
      upgrade->trial = g_strdup_printf ("version %s runs, and the phone could not be provisioned by it yet: the boot loader may come back to the one before",
                                        upgrade->engine->identity->software_version);
      rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_UPGRADE_FAILED, "%s", upgrade->trial);
      set_error (upgrade, upgrade->trial);
    }
  /* an end has said what came of it */
  else if (strcmp (rs_state_store_get (upgrade->engine->parts.state)->upgrade_error, before) == 0)
    set_error (upgrade, "");
}

/* What the phone runs after the restart that an install asked for takes the place of that line. */
static void
remember (RsState    *state,
          gint64      now,
          const char *result,
          const char *message)
{
  RsAttempt *last = &state->upgrade[0];

  if (is_installed (last) && strcmp (result, "installed") != 0
      && strcmp (last->url, state->upgrade_url) == 0)
    {
      last->time = now;
      rs_text_set (&last->result, result);
      rs_text_set (&last->message, message);
    }
  else
    rs_state_push_attempt (state->upgrade, now, result, state->upgrade_url, message);
}

static char *
message_of (RsUpgrade   *upgrade,
            RsUpgradeEnd end)
{
  const char *running = upgrade->engine->identity->software_version;

  switch (end)
    {
    case RS_UPGRADE_INSTALLED:
      return g_strdup_printf ("%s%s is installed, and runs after a restart", upgrade->version[0] != '\0' ? "version " : "the image",
                              upgrade->version);
    case RS_UPGRADE_SUCCESS:
      return g_strdup_printf ("version %s runs", running);
    case RS_UPGRADE_FELL_BACK:
      return g_strdup_printf ("after the restart the phone runs version %s again, not what was installed", running);
    case RS_UPGRADE_INTERRUPTED:
      return g_strdup ("interrupted by a restart; a rule for one upgrade is not kept");
    case RS_UPGRADE_CANCELLED:
      return g_strdup ("cancelled, or the rule asks for something else now");
    case RS_UPGRADE_OVERTAKEN:
      return g_strdup_printf ("version %s runs; another was asked for before the phone was provisioned by it", running);
    case RS_UPGRADE_SKIPPED:
      return g_strdup ("the rule asks for no upgrade");
    case RS_UPGRADE_KNOWN:
      return g_strdup ("what the rule names was installed before");
    case RS_UPGRADE_RUNS:
      return g_strdup_printf ("the image has version %s, which runs", running);
    case RS_UPGRADE_FAILED:
      break;
    }
  return rs_text_escape (upgrade->message, 0);
}

static const struct
{
  const char *result;
  gboolean good;
  RsSaying saying;
  RsError code;
} ends[] = {
  [RS_UPGRADE_INSTALLED] = { "installed", TRUE, RS_SAY_NOTHING, 0 },
  [RS_UPGRADE_SUCCESS] = { "success", TRUE, RS_SAY_UPGRADE_SUCCESS, 0 },
  [RS_UPGRADE_FAILED] = { "failed", FALSE, RS_SAY_UPGRADE_FAILURE, 0 },
  [RS_UPGRADE_FELL_BACK] = { "failed", FALSE, RS_SAY_UPGRADE_FAILURE, RS_ERROR_FAILED },
  [RS_UPGRADE_INTERRUPTED] = { "failed", FALSE, RS_SAY_UPGRADE_FAILURE, RS_ERROR_FAILED },
  [RS_UPGRADE_CANCELLED] = { "cancelled", FALSE, RS_SAY_UPGRADE_FAILURE, RS_ERROR_CANCELLED },
  [RS_UPGRADE_OVERTAKEN] = { "cancelled", FALSE, RS_SAY_UPGRADE_FAILURE, RS_ERROR_CANCELLED },
  [RS_UPGRADE_SKIPPED] = { "skipped", TRUE, RS_SAY_NOTHING, 0 },
  [RS_UPGRADE_KNOWN] = { "skipped", TRUE, RS_SAY_NOTHING, 0 },
  [RS_UPGRADE_RUNS] = { "skipped", TRUE, RS_SAY_NOTHING, 0 },
};

static gboolean
is_attempt (RsUpgradeEnd end)
{
  return end != RS_UPGRADE_SKIPPED && end != RS_UPGRADE_KNOWN;
}

void
rs_upgrade_end (RsUpgrade   *upgrade,
                guint64      attempt,
                RsUpgradeEnd end)
{
  RsEngine *engine = upgrade->engine;
  g_autofree char *message = message_of (upgrade, end);
  g_autofree char *url = NULL;

  if (end != RS_UPGRADE_FAILED)
    rs_upgrade_fault (upgrade, ends[end].code, ends[end].good ? "" : message);
  if (is_attempt (end) && !engine->resetting)
    {
      RsState *state = rs_upgrade_edit (upgrade);

      remember (state, rs_clock_wall (engine->parts.clock), ends[end].result, message);
      rs_text_set (&state->upgrade_error, ends[end].good ? "" : message);
      if (end == RS_UPGRADE_SUCCESS || end == RS_UPGRADE_FELL_BACK)
        rs_upgrade_note_over (state, end == RS_UPGRADE_FELL_BACK);
      /* in one write: a phone that loses its power does not forget that it ended, and how */
      rs_upgrade_note_memory (upgrade, state);
      rs_upgrade_keep (upgrade, state, TRUE);
    }
  if (is_attempt (end))
    tell (upgrade, attempt, ends[end].good, ends[end].result, message, ends[end].saying);
  url = g_strdup (is_attempt (end) ? rs_state_store_get (engine->parts.state)->upgrade_url : "");
  announce (upgrade, attempt, ends[end].result, url, message, ends[end].good ? NULL : rs_error_name (upgrade->code));
  if (end == RS_UPGRADE_INSTALLED)
    rs_engine_require_reboot (engine, message);
  if (end == RS_UPGRADE_INSTALLED || upgrade->bad_image)
    rs_upgrade_image_forget (upgrade);
  upgrade->bad_image = FALSE;
  if (end != RS_UPGRADE_INSTALLED)
    g_clear_pointer (&upgrade->action, rs_rule_action_free);
  rs_engine_status_changed (engine);
}
