/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between an image that is here and a phone that runs it: the installer, which image is in which slot, and the restart (UPG-4, UPG-5, UPG-6). */
#include "engine/upgrade-private.h"

#include "base/names.h"
#include "base/text.h"
#include "rule/version.h"
#include "system/journal.h"

#include <string.h>

#define LIMIT "Downgrade_Rev_Limit"

/* A line of upgrade_slots. */
static char *
slot_line (const RsSlots *slots,
           const char    *url)
{
  return g_strdup_printf ("%s %s %s", slots->other, slots->other_mark, url);
}

/* line: what is in the slot now; NULL nothing. What is known of the slot that runs stays. */
static void
set_slot (RsState    *state,
          const char *slot,
          const char *line)
{
  g_auto (GStrv) lines = g_strsplit (state->upgrade_slots, "\n", 8);
  g_autofree char *prefix = g_strconcat (slot, " ", NULL);
  g_autoptr (GString) text = g_string_new (line);

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0' && !g_str_has_prefix (lines[i], prefix))
      g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", lines[i]);
  rs_text_set (&state->upgrade_slots, text->str);
}

/* Which image is in the other slot. */
static void
note_slot (RsState       *state,
           const RsSlots *slots)
{
  g_autofree char *line = NULL;

  if (slots->other_mark[0] == '\0')
    return;
  line = slot_line (slots, state->image_url);
  set_slot (state, slots->other, line);
}

/* UPG-4 */
static gboolean
has_image (const RsUpgrade *upgrade,
           const RsSlots   *slots)
{
  const RsState *state = rs_state_store_get (upgrade->engine->parts.state);
  g_auto (GStrv) lines = g_strsplit (state->upgrade_slots, "\n", 8);
  g_autofree char *url = rs_upgrade_url_digest (upgrade);
  g_autofree char *line = slot_line (slots, url);

  return slots->other_mark[0] != '\0' && g_strv_contains ((const char *const *)lines, line);
}

/* Whether an install was noted of which it is not known what came of it. */
static gboolean
is_open (const RsState *state)
{
  return state->install_from[0] != '\0' || state->install_version[0] != '\0';
}

void
rs_upgrade_note_over (RsState *state,
                      gboolean bad)
{
  rs_text_set (&state->install_from, "");
  rs_text_set (&state->install_version, "");
  if (bad)
    set_slot (state, state->install_slot, NULL);
}

char *
rs_upgrade_doubt (const RsState *state)
{
  gboolean under_way = rs_upgrade_is_written (rs_upgrade_step_from_name (state->upgrade_step))
                       && strcmp (state->install_context, state->upgrade_context) == 0;

  return is_open (state) && !under_way ? g_strdup (state->install_context) : NULL;
}

/* Whether what was noted before an install is of the one that is under way. */
static gboolean
is_noted (const RsUpgrade *upgrade)
{
  const RsState *state = rs_state_store_get (upgrade->engine->parts.state);

  return is_open (state)
         && strcmp (state->install_context, rs_upgrade_plan_get_memory (upgrade->plan)->context) == 0;
}

/* A slot counts as written when it was activated as well: of several that belong together the first is complete before the last is begun. */
static gboolean
is_written (const RsUpgrade *upgrade,
            const RsSlots   *slots)
{
  const RsState *state = rs_state_store_get (upgrade->engine->parts.state);

  return is_noted (upgrade) && slots->other_mark[0] != '\0' && strcmp (slots->other, state->install_slot) == 0
         && strcmp (slots->other_mark, state->install_mark) != 0 && strcmp (slots->other_activation, state->install_activation) != 0;
}

/* Whether something was done to the slot that runs since the install was noted: a boot loader may come up from the other one without that. */
static gboolean
was_changed (const RsState *state,
             const RsSlots *slots)
{
  return strcmp (slots->booted_mark, state->install_mark) != 0 || strcmp (slots->booted_activation, state->install_activation) != 0;
}

static gboolean
is_newer (const RsUpgrade *upgrade,
          const RsSlots   *slots)
{
  const RsState *state = rs_state_store_get (upgrade->engine->parts.state);
  RsUpgradeStep step = rs_upgrade_plan_get_memory (upgrade->plan)->step;

  if (step == RS_UPGRADE_INSTALL && !is_noted (upgrade))
    return FALSE;
  if (slots != NULL && slots->booted[0] != '\0' && state->install_from[0] != '\0')
    return strcmp (slots->booted, state->install_from) != 0
           && (step == RS_UPGRADE_REBOOT || step == RS_UPGRADE_CONFIRM || was_changed (state, slots));
  return strcmp (upgrade->engine->identity->software_version, state->install_version) != 0;
}

/* What an installer cannot tell may stand in the name of the file, as in sip78xx.11-3-1.loads. */
static char *
version_text (const RsUpgrade *upgrade)
{
  if (upgrade->version[0] != '\0')
    return g_strdup (upgrade->version);
  return g_path_get_basename (rs_state_store_get (upgrade->engine->parts.state)->upgrade_url);
}

/* UPG-5 */
static gboolean
is_recent (RsUpgrade *upgrade)
{
  const char *text = rs_snapshot_get (rs_param_store_get_snapshot (upgrade->engine->parts.params), LIMIT);
  g_autofree char *version_of_image = version_text (upgrade);
  g_autofree char *message = NULL;
  RsVersion limit, version;

  if (text == NULL || text[0] == '\0')
    return TRUE;
  if (!rs_version_parse (text, &limit))
    message = g_strdup_printf (LIMIT " is “%s”, which is no version: nothing is installed", text);
  else if (!rs_version_parse (version_of_image, &version))
    message = g_strdup_printf (LIMIT " is %s, and the version of the image cannot be told: %s", text,
                               upgrade->version[0] != '\0' ? upgrade->version : "the installer does not know it, or refuses the image");
  else if (rs_version_compare (&version, &limit) < 0)
    message = g_strdup_printf ("the image has version %s, and " LIMIT " is %s", version_of_image, text);
  if (message != NULL)
    rs_upgrade_fault (upgrade, RS_ERROR_NOT_ALLOWED, message);
  return message == NULL;
}

/* What the server has under the same name by now may be another image: who asks for it by hand gets that. */
static gboolean
is_in_slot (const RsUpgrade *upgrade,
            const RsSlots   *slots)
{
  const RsUpgradeMemory *memory = rs_upgrade_plan_get_memory (upgrade->plan);

  if (memory->step != RS_UPGRADE_DOWNLOAD)
    return is_written (upgrade, slots);
  return !memory->own && (is_written (upgrade, slots) || has_image (upgrade, slots));
}

/* Nothing that it has written counts. */
static void
forget_install (RsUpgrade *upgrade)
{
  RsState *state = rs_upgrade_edit (upgrade);

  rs_upgrade_note_over (state, FALSE);
  rs_upgrade_keep (upgrade, state, TRUE);
}

static void
on_looked (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (RsUpgrade) upgrade = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RsSlots) slots = rs_installer_look_finish (result, &error);
  RsUpgradeStep step;
  RsUpgradeLook looked = { 0 };

  if (upgrade->engine == NULL)
    return;
  step = rs_upgrade_plan_get_memory (upgrade->plan)->step;
  looked.failed = slots == NULL;
  looked.newer = is_newer (upgrade, slots);
  if (slots == NULL)
    rs_upgrade_fault_of (upgrade, error);
  else
    {
      looked.installing = slots->installing;
      looked.complete = rs_upgrade_image_is_complete (upgrade);
      looked.written = is_in_slot (upgrade, slots);
    }
  /* the phone started, and not from that */
  if (step == RS_UPGRADE_NOTHING && slots != NULL && !slots->installing && !looked.newer && !upgrade->engine->resetting)
    forget_install (upgrade);
  if (looked.written)
    rs_text_set (&upgrade->version, slots->other_version);
  /* it is not verified again, and the limit may have changed since it was */
  if (step == RS_UPGRADE_DOWNLOAD && looked.written)
    looked.failed = !is_recent (upgrade);
  rs_upgrade_feed_looked (upgrade, &looked);
}

void
rs_upgrade_look_around (RsUpgrade *upgrade)
{
  RsUpgradeLook nobody = { .failed = TRUE };

  if (upgrade->installer != NULL)
    {
      rs_installer_look_async (upgrade->installer, on_looked, rs_upgrade_hold (upgrade));
      return;
    }
  nobody.newer = is_newer (upgrade, NULL);
  rs_upgrade_fault (upgrade, RS_ERROR_DISABLED, "[Firmware] Backend is none: nobody installs");
  rs_upgrade_feed_looked (upgrade, &nobody);
}

/* Who asks for it by hand has it installed all the same. */
static gboolean
runs_already (const RsUpgrade *upgrade)
{
  return !rs_upgrade_plan_get_memory (upgrade->plan)->own && upgrade->version[0] != '\0'
         && strcmp (upgrade->version, upgrade->engine->identity->software_version) == 0;
}

static void
on_verified (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (RsUpgrade) upgrade = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *version = rs_installer_verify_finish (result, &error);
  gboolean good;

  g_clear_object (&upgrade->running);
  if (upgrade->engine == NULL)
    return;
  rs_text_set (&upgrade->version, version != NULL ? version : "");
  if (version == NULL)
    rs_upgrade_fault_of (upgrade, error);
  good = version != NULL && is_recent (upgrade);
  upgrade->bad_image = version != NULL && !good;
  if (good && runs_already (upgrade))
    rs_upgrade_feed_simple (upgrade, RS_UPGRADE_EVENT_RUNS);
  else
    rs_upgrade_feed_done (upgrade, good);
}

void
rs_upgrade_verify (RsUpgrade *upgrade)
{
  g_autofree char *path = rs_upgrade_image_path (upgrade);

  g_signal_emit_by_name (upgrade->engine, "upgrade-progress", 0, "Verifying", 0);
  upgrade->running = g_cancellable_new ();
  rs_installer_verify_async (upgrade->installer, path, upgrade->running, on_verified, rs_upgrade_hold (upgrade));
}

static void
on_slot_kept (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (RsUpgrade) upgrade = data;
  g_autoptr (GError) error = NULL;

  /* the image is in the slot all the same; it would be fetched once more at most */
  if (!rs_state_store_save_finish (RS_STATE_STORE (source), result, &error))
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_STORE_FAILED, "what is in the slot could not be written: %s", error->message);
  if (upgrade->engine != NULL)
    rs_upgrade_feed_done (upgrade, TRUE);
}

/* What is in the slot now is known for the next time, and so that it is not written twice: before anybody is told that it is there. */
static void
on_slot_known (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (RsUpgrade) upgrade = data;
  g_autoptr (RsSlots) slots = rs_installer_look_finish (result, NULL);

  if (upgrade->engine == NULL)
    return;
  if (slots != NULL && !upgrade->engine->resetting)
    {
      g_autoptr (RsState) state = rs_upgrade_edit (upgrade);

      /* who was waited for may have been told by the daemon before */
      if (upgrade->version[0] == '\0')
        rs_text_set (&upgrade->version, slots->other_version);
      note_slot (state, slots);
      rs_state_store_save_async (upgrade->engine->parts.state, state, on_slot_kept, rs_upgrade_hold (upgrade));
    }
  else
    rs_upgrade_feed_done (upgrade, TRUE);
}

/* RAUC may have ended after its work was done. */
static void
on_left (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (RsUpgrade) upgrade = data;
  g_autoptr (RsSlots) slots = rs_installer_look_finish (result, NULL);

  if (upgrade->engine == NULL)
    return;
  rs_upgrade_feed_done (upgrade, slots != NULL && !slots->installing && is_written (upgrade, slots));
}

static void
on_installed (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (RsUpgrade) upgrade = data;
  g_autoptr (GError) error = NULL;
  gboolean good = rs_installer_finish (result, &error);

  if (upgrade->engine == NULL)
    return;
  if (good)
    {
      rs_installer_look_async (upgrade->installer, on_slot_known, rs_upgrade_hold (upgrade));
      return;
    }
  rs_upgrade_fault_of (upgrade, error);
  upgrade->bad_image = rs_error_code (error) == RS_ERROR_FAILED;
  if (rs_error_code (error) == RS_ERROR_UNREACHABLE)
    {
      rs_installer_look_async (upgrade->installer, on_left, rs_upgrade_hold (upgrade));
      return;
    }
  if (!upgrade->engine->resetting)
    forget_install (upgrade);
  rs_upgrade_feed_done (upgrade, FALSE);
}

/* RAUC may have made it the next one, and have said so too late. */
static void
on_left_active (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  g_autoptr (RsUpgrade) upgrade = data;
  g_autoptr (RsSlots) slots = rs_installer_look_finish (result, NULL);
  const RsState *state;

  if (upgrade->engine == NULL)
    return;
  state = rs_state_store_get (upgrade->engine->parts.state);
  rs_upgrade_feed_done (upgrade, slots != NULL && strcmp (slots->other, state->install_slot) == 0
                                     && strcmp (slots->other_activation, state->install_activation) != 0);
}

static void
on_activated (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (RsUpgrade) upgrade = data;
  g_autoptr (GError) error = NULL;
  gboolean good = rs_installer_finish (result, &error);

  if (upgrade->engine == NULL)
    return;
  if (!good)
    rs_upgrade_fault_of (upgrade, error);
  if (!good && rs_error_code (error) == RS_ERROR_UNREACHABLE)
    rs_installer_look_async (upgrade->installer, on_left_active, rs_upgrade_hold (upgrade));
  else
    rs_upgrade_feed_done (upgrade, good);
}

typedef struct
{
  RsUpgrade *upgrade;
  gboolean activate;
  guint resets; /* before it */
} Install;

/* From here on the other slot may be anything: what it was is on the flash. */
static void
on_noted (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autofree Install *install = data;
  g_autoptr (RsUpgrade) upgrade = install->upgrade;
  g_autoptr (GError) error = NULL;

  if (!rs_state_store_save_finish (RS_STATE_STORE (source), result, &error))
    {
      rs_upgrade_fault_of (upgrade, error);
      rs_upgrade_feed_done (upgrade, FALSE);
      return;
    }
  if (upgrade->engine == NULL)
    return;
  if (install->resets != upgrade->resets)
    rs_upgrade_feed_done (upgrade, FALSE);
  else if (rs_upgrade_plan_is_busy (upgrade->plan))
    rs_upgrade_feed_simple (upgrade, RS_UPGRADE_EVENT_HELD);
  else if (install->activate)
    rs_installer_activate_async (upgrade->installer, rs_state_store_get (upgrade->engine->parts.state)->install_slot, on_activated,
                                 rs_upgrade_hold (upgrade));
  else
    {
      g_autofree char *path = rs_upgrade_image_path (upgrade);

      rs_installer_install_async (upgrade->installer, path, on_installed, rs_upgrade_hold (upgrade));
    }
}

/* Whether it is still to be done with what there is now. */
static gboolean
may_install (const Install *install,
             const RsSlots *slots)
{
  RsUpgrade *upgrade = install->upgrade;

  if (upgrade->engine == NULL || install->resets != upgrade->resets)
    return FALSE;
  if (slots->installing)
    {
      rs_upgrade_fault (upgrade, RS_ERROR_BUSY, "somebody else installs right now");
      return FALSE;
    }
  /* it may be hours since it was verified */
  upgrade->bad_image = !is_recent (upgrade);
  return !upgrade->bad_image;
}

static void
on_slots (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autofree Install *install = data;
  g_autoptr (RsUpgrade) upgrade = install->upgrade;
  g_autoptr (GError) error = NULL;
  g_autoptr (RsSlots) slots = rs_installer_look_finish (result, &error);
  g_autoptr (RsState) state = NULL;

  if (slots == NULL)
    rs_upgrade_fault_of (upgrade, error);
  if (slots == NULL || !may_install (install, slots))
    {
      rs_upgrade_feed_done (upgrade, FALSE);
      return;
    }
  if (slots->booted[0] != '\0' && slots->other[0] == '\0')
    rs_journal_print (G_LOG_LEVEL_WARNING, NULL, "which slot an image goes into is not known, there is none or there are several: "
                                                 "what is written is not known again");
  state = rs_upgrade_edit (upgrade);
  rs_text_set (&state->install_from, slots->booted);
  rs_text_set (&state->install_version, upgrade->engine->identity->software_version);
  rs_text_set (&state->install_slot, slots->other);
  rs_text_set (&state->install_mark, slots->other_mark);
  rs_text_set (&state->install_activation, slots->other_activation);
  rs_text_set (&state->install_context, rs_upgrade_plan_get_memory (upgrade->plan)->context);
  rs_state_store_save_async (upgrade->engine->parts.state, state, on_noted, g_steal_pointer (&install));
  g_steal_pointer (&upgrade);
}

void
rs_upgrade_install (RsUpgrade *upgrade,
                    gboolean   activate)
{
  Install *install = g_new (Install, 1);

  *install = (Install){ rs_upgrade_hold (upgrade), activate, upgrade->resets };
  g_signal_emit_by_name (upgrade->engine, "upgrade-progress", 0, "Installing", 0);
  rs_installer_look_async (upgrade->installer, on_slots, install);
}

void
rs_upgrade_attach (RsUpgrade *upgrade)
{
  rs_installer_attach_async (upgrade->installer, on_installed, rs_upgrade_hold (upgrade));
}

/* A phone without RAUC has nothing that counts, either. */
static void
say_not_kept (const RsUpgrade *upgrade,
              const GError    *error)
{
  if (rs_upgrade_plan_get_memory (upgrade->plan)->step == RS_UPGRADE_CONFIRM)
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_UPGRADE_FAILED, "the new version runs and is not kept yet: %s", error->message);
  else if (!upgrade->said_unkept)
    rs_journal_print (rs_error_code (error) == RS_ERROR_UNREACHABLE ? G_LOG_LEVEL_INFO : G_LOG_LEVEL_WARNING, NULL,
                      "the boot loader is not told that this boot was a good one: %s", error->message);
}

static void
on_marked (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (RsUpgrade) upgrade = data;
  g_autoptr (GError) error = NULL;
  gboolean good = rs_installer_finish (result, &error);

  if (!good && upgrade->engine != NULL)
    say_not_kept (upgrade, error);
  upgrade->said_unkept = !good;
  rs_upgrade_feed_done (upgrade, good);
}

void
rs_upgrade_mark_good (RsUpgrade *upgrade)
{
  if (upgrade->installer != NULL)
    rs_installer_mark_good_async (upgrade->installer, on_marked, rs_upgrade_hold (upgrade));
  else
    rs_upgrade_feed_done (upgrade, TRUE);
}

static void
say_no_restart (RsUpgrade  *upgrade,
                const char *message)
{
  GPtrArray *warnings = upgrade->engine->warnings;

  rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_UPGRADE_FAILED, "%s", message);
  if (!g_ptr_array_find_with_equal_func (warnings, message, g_str_equal, NULL))
    g_ptr_array_add (warnings, g_strdup (message));
  rs_engine_status_changed (upgrade->engine);
}

static void
on_reboot (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (RsUpgrade) upgrade = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autofree char *shown = NULL;
  g_autofree char *message = NULL;

  if (upgrade->engine == NULL)
    return;
  upgrade->asked = reply != NULL;
  if (reply == NULL)
    {
      g_dbus_error_strip_remote_error (error);
      shown = rs_text_escape (error->message, 0);
      message = g_strdup_printf ("logind does not restart the phone, it is asked again: %s", shown);
      say_no_restart (upgrade, message);
    }
  else
    rs_journal_print (G_LOG_LEVEL_MESSAGE, RS_MESSAGE_UPGRADE, "logind restarts the phone");
  rs_upgrade_feed_simple (upgrade, RS_UPGRADE_EVENT_ASKED);
}

void
rs_upgrade_reboot (RsUpgrade *upgrade)
{
  if (upgrade->asked)
    say_no_restart (upgrade, "logind was asked to restart the phone, and it still runs; it is asked again");
  g_dbus_connection_call (upgrade->bus, "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "Reboot",
                          g_variant_new ("(b)", FALSE), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_reboot, rs_upgrade_hold (upgrade));
}
