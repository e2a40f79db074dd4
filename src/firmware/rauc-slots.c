/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which slot the phone runs from, which one an image goes into, and what RAUC knows of both. */
#include "firmware/rauc-private.h"

#include "base/text.h"

#include <string.h>

/* What changes with every install of a slot. */
static char *
mark_of (GVariant *status)
{
  const char *digest = "", *installed = "";
  guint32 count = 0;
  const char *state = "";

  /* while it is written it is something else */
  if (!g_variant_lookup (status, "status", "&s", &state) || strcmp (state, "ok") != 0)
    return g_strdup ("");
  g_variant_lookup (status, "sha256", "&s", &digest);
  g_variant_lookup (status, "installed.timestamp", "&s", &installed);
  g_variant_lookup (status, "installed.count", "u", &count);
  if (digest[0] == '\0' && installed[0] == '\0' && count == 0)
    return g_strdup ("");
  return g_strdup_printf ("%s %s %u", digest, installed, count);
}

static char *
activation_of (GVariant *status)
{
  const char *activated = "";
  guint32 count = 0;

  g_variant_lookup (status, "activated.timestamp", "&s", &activated);
  g_variant_lookup (status, "activated.count", "u", &count);
  return activated[0] != '\0' || count > 0 ? g_strdup_printf ("%s %u", activated, count) : g_strdup ("");
}

/* A slot that the phone can start from. */
static gboolean
is_bootable (GVariant    *status,
             const char **class,
             const char **state)
{
  const char *bootname;

  return g_variant_lookup (status, "bootname", "&s", &bootname) && g_variant_lookup (status, "class", "&s", class)
         && g_variant_lookup (status, "state", "&s", state);
}

/* The one that the phone runs from. (transfer full) its class; NULL: there is none. */
static char *
read_booted (GVariant *all,
             RsSlots  *slots)
{
  GVariantIter iter;
  const char *name, *class, *state;
  GVariant *status;
  char *of_booted = NULL;

  g_variant_iter_init (&iter, all);
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", &name, &status))
    if (is_bootable (status, &class, &state) && strcmp (state, "booted") == 0)
      {
        rs_text_set (&slots->booted, name);
        rs_text_set (&of_booted, class);
        g_free (slots->booted_mark);
        slots->booted_mark = mark_of (status);
        g_free (slots->booted_activation);
        slots->booted_activation = activation_of (status);
      }
  return of_booted;
}

/* RAUC installs into a slot of the class of the one that runs; a recovery system is one of another class. Which one it takes where there are several is
 * not known. */
static void
read_other (GVariant   *all,
            const char *of_booted,
            RsSlots    *slots)
{
  g_autoptr (GVariant) other = NULL;
  GVariantIter iter;
  const char *name, *class, *state, *version = "";
  GVariant *status;
  guint count = 0;

  g_variant_iter_init (&iter, all);
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", &name, &status))
    if (is_bootable (status, &class, &state) && strcmp (class, of_booted) == 0 && strcmp (state, "inactive") == 0)
      {
        count++;
        rs_text_set (&slots->other, name);
        g_clear_pointer (&other, g_variant_unref);
        other = g_variant_ref (status);
      }
  if (count != 1)
    {
      rs_text_set (&slots->other, "");
      return;
    }
  g_free (slots->other_mark);
  slots->other_mark = mark_of (other);
  g_free (slots->other_activation);
  slots->other_activation = activation_of (other);
  g_variant_lookup (other, "bundle.version", "&s", &version);
  g_free (slots->other_version);
  slots->other_version = rs_text_escape (version, 64);
}

RsSlots *
rs_rauc_read_slots (GVariant *reply)
{
  RsSlots *slots = rs_slots_new ();
  g_autoptr (GVariant) all = g_variant_get_child_value (reply, 0);
  g_autofree char *of_booted = read_booted (all, slots);

  if (of_booted != NULL)
    read_other (all, of_booted, slots);
  return slots;
}
