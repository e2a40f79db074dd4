/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diff: what a profile would change on this phone. The file is read here and the values come from the daemon; what would become of them is
 * worked out by the code that the daemon applies profiles with, and nothing is applied. */
#include "config.h"

#include "base/mask.h"
#include "base/names.h"
#include "ctl/bus.h"
#include "ctl/offline.h"
#include "ctl/output.h"
#include "params/changeset.h"

#include <glib/gi18n.h>
#include <string.h>

/* For the value of a secret that is set and not told, so that taking it away is a change as well. Never shown. */
#define STAND_IN "(a secret)"

/* What the phone says that it has. */
typedef struct
{
  GVariant *listed;    /* aa{sv} of List */
  GVariant *secrets;   /* a{ss}: those of the file that the caller may read; NULL: none */
  GHashTable *hidden;  /* names of set secrets whose values it does not tell; borrowed of listed */
  RsSnapshot *values;
} Phone;

static void
phone_clear (Phone *phone)
{
  g_clear_pointer (&phone->values, rs_snapshot_unref);
  g_clear_pointer (&phone->hidden, g_hash_table_unref);
  g_clear_pointer (&phone->secrets, g_variant_unref);
  g_clear_pointer (&phone->listed, g_variant_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Phone, phone_clear)

/* The secrets that a profile sets, as far as the caller may read them; who may not is told less. */
static GVariant *
read_secrets (RsCtl       *ctl,
              RsCatalogue *catalogue,
              GPtrArray   *assignments)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GVariant) reply = NULL;

  for (guint i = 0; i < assignments->len; i++)
    {
      const RsAssignment *assignment = g_ptr_array_index (assignments, i);
      const RsParam *param = rs_catalogue_find (catalogue, assignment->name);

      if (param != NULL && param->secret)
        g_ptr_array_add (names, (gpointer) param->name);
    }
  if (names->len == 0)
    return NULL;
  g_ptr_array_add (names, NULL);
  reply = g_dbus_connection_call_sync (ctl->bus, RS_BUS_NAME, RS_OBJECT_PATH, RS_IFACE_PARAMETERS, "Get",
                                       g_variant_new ("(^as)", names->pdata), G_VARIANT_TYPE ("(a{ss})"),
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

/* One dictionary of List as the store would hold it. */
static RsStoredEntry
entry_of (Phone    *phone,
          GVariant *parameter)
{
  RsStoredEntry entry = { 0 };
  const char *origin = "", *access = "";
  gboolean secret = FALSE, set = FALSE;

  g_variant_lookup (parameter, "name", "&s", &entry.name);
  g_variant_lookup (parameter, "origin", "&s", &origin);
  g_variant_lookup (parameter, "access", "&s", &access);
  g_variant_lookup (parameter, "secret", "b", &secret);
  g_variant_lookup (parameter, "set", "b", &set);
  if (!rs_origin_from_name (origin, &entry.origin))
    entry.origin = RS_ORIGIN_DEFAULT;
  if (!rs_access_from_name (access, &entry.access))
    entry.access = RS_ACCESS_UNSET;
  if (!g_variant_lookup (parameter, "value", "&s", &entry.value) && entry.name != NULL && phone->secrets != NULL)
    g_variant_lookup (phone->secrets, entry.name, "&s", &entry.value);
  if (secret && set && entry.value == NULL)
    {
      g_hash_table_add (phone->hidden, (gpointer) entry.name);
      entry.value = STAND_IN;
    }
  return entry;
}

static void
take_values (Phone       *phone,
             RsCatalogue *catalogue)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (RsStoredEntry));
  g_autoptr (GPtrArray) parameters = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  for (gsize i = 0; i < g_variant_n_children (phone->listed); i++)
    {
      GVariant *parameter = g_variant_get_child_value (phone->listed, i);
      RsStoredEntry entry = entry_of (phone, parameter);

      g_ptr_array_add (parameters, parameter);
      if (entry.name != NULL)
        g_array_append_val (entries, entry);
    }
  phone->values = rs_snapshot_from_stored (catalogue, (RsStoredEntry *) (gpointer) entries->data, entries->len, NULL);
}

/* FALSE: said. */
static gboolean
ask_phone (RsCtl       *ctl,
           RsCatalogue *catalogue,
           GPtrArray   *assignments,
           Phone       *phone)
{
  g_autoptr (GVariant) reply = rs_bus_call (ctl, RS_IFACE_PARAMETERS, "List", g_variant_new ("(s)", ""), "(aa{sv})", NULL);

  if (reply == NULL)
    return FALSE;
  phone->listed = g_variant_get_child_value (reply, 0);
  phone->hidden = g_hash_table_new (g_str_hash, g_str_equal);
  phone->secrets = read_secrets (ctl, catalogue, assignments);
  take_values (phone, catalogue);
  return TRUE;
}

typedef struct
{
  const char *name;
  char *from, *to;
  RsAccess access_from, access_to;
  gboolean secret;
  gboolean same;    /* only the access changes; what is masked shows no difference */
  gboolean certain; /* FALSE: of a secret that the caller may not read, so that it may be the same */
} Difference;

static void
difference_clear (gpointer data)
{
  Difference *difference = data;

  g_free (difference->from);
  g_free (difference->to);
}

static void
add_difference (GArray            *differences,
                const Phone       *phone,
                const RsChangeset *changes,
                const char        *name)
{
  RsValue from, to;
  Difference difference = { .certain = !g_hash_table_contains (phone->hidden, name) };

  rs_snapshot_lookup (phone->values, name, &from);
  rs_snapshot_lookup (changes->next, name, &to);
  difference.name = from.param->name;
  difference.from = difference.certain ? rs_param_mask (from.param, from.value) : g_strdup (RS_MASK);
  difference.to = rs_param_mask (to.param, to.value);
  difference.access_from = from.access;
  difference.access_to = to.access;
  difference.secret = from.param->secret;
  difference.same = strcmp (from.value, to.value) == 0;
  g_array_append_val (differences, difference);
}

static GArray *
compare (const Phone       *phone,
         const RsChangeset *changes)
{
  GArray *differences = g_array_new (FALSE, FALSE, sizeof (Difference));

  g_array_set_clear_func (differences, difference_clear);
  for (guint i = 0; i < changes->changed->len; i++)
    add_difference (differences, phone, changes, g_ptr_array_index (changes->changed, i));
  return differences;
}

static void
print_difference (const Difference *difference)
{
  g_autofree char *from = rs_output_safe (difference->from);
  g_autofree char *to = rs_output_safe (difference->to);

  g_print ("%s: ", difference->name);
  if (!difference->certain)
    g_print (_("%s → %s (which may be the same)"), from, to);
  else if (difference->same)
    g_print (_("the value stays"));
  else
    g_print ("“%s” → “%s”", from, to);
  if (difference->access_from != difference->access_to)
    g_print (_(", access %s → %s"), rs_access_name (difference->access_from), rs_access_name (difference->access_to));
  g_print ("\n");
}

static void
print_all (const char        *path,
           GArray            *differences,
           const RsChangeset *changes)
{
  g_autofree char *raw = g_filename_display_name (path);
  g_autofree char *file = rs_output_safe (raw);

  for (guint i = 0; i < differences->len; i++)
    print_difference (&g_array_index (differences, Difference, i));
  for (guint i = 0; i < changes->faults->len; i++)
    {
      const RsFault *fault = g_ptr_array_index (changes->faults, i);

      g_print (_("%s:%u: skipped: %s\n"), file, fault->line, fault->message);
    }
  g_print (ngettext ("%s: %u parameter would change", "%s: %u parameters would change", differences->len), file, differences->len);
  g_print (ngettext (", %u would be skipped\n", ", %u would be skipped\n", changes->n_bad + changes->n_unknown),
           changes->n_bad + changes->n_unknown);
  if (changes->reboot)
    g_print (_("The phone would ask for a restart, for %s.\n"), changes->reboot_name);
}

static void
add_changes (JsonBuilder *builder,
             GArray      *differences)
{
  json_builder_set_member_name (builder, "changes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < differences->len; i++)
    {
      const Difference *difference = &g_array_index (differences, Difference, i);

      json_builder_begin_object (builder);
      rs_json_add_text (builder, "name", difference->name);
      rs_json_add_text (builder, "from", difference->from);
      rs_json_add_text (builder, "to", difference->to);
      rs_json_add_text (builder, "access-from", rs_access_name (difference->access_from));
      rs_json_add_text (builder, "access-to", rs_access_name (difference->access_to));
      rs_json_add_bool (builder, "secret", difference->secret);
      rs_json_add_bool (builder, "certain", difference->certain);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static JsonNode *
json_of (GArray            *differences,
         const RsChangeset *changes)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_changes (builder, differences);
  json_builder_set_member_name (builder, "skipped");
  json_builder_begin_array (builder);
  for (guint i = 0; i < changes->faults->len; i++)
    {
      const RsFault *fault = g_ptr_array_index (changes->faults, i);

      json_builder_begin_object (builder);
      rs_json_add_number (builder, "line", fault->line);
      rs_json_add_text (builder, "name", fault->name);
      rs_json_add_text (builder, "message", fault->message);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  rs_json_add_bool (builder, "reboot", changes->reboot);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* NULL: said. */
static RsProfile *
read_profile (RsCtl          *ctl,
              const RsConfig *config)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  RsProfileOptions options;
  RsProfile *profile;

  if (!rs_offline_options (ctl, config, &options))
    return NULL;
  bytes = rs_offline_read (ctl, ctl->words[0], config->max_profile_bytes);
  if (bytes == NULL)
    return NULL;
  profile = rs_profile_read (bytes, &options, NULL, NULL, &error);
  if (profile == NULL)
    rs_fail (ctl, RS_EXIT_FAILED, rs_error_code (error), "%s", error->message);
  return profile;
}

RsExit
rs_cmd_diff (RsCtl *ctl)
{
  g_autoptr (RsConfig) config = NULL;
  g_autoptr (RsCatalogue) catalogue = NULL;
  g_autoptr (RsProfile) profile = NULL;
  g_autoptr (RsChangeset) changes = NULL;
  g_autoptr (GArray) differences = NULL;
  g_auto (Phone) phone = { 0 };

  if (strstr (ctl->words[0], "://") != NULL)
    return rs_fail (ctl, RS_EXIT_FAILED, RS_ERROR_INVALID_ARGUMENT,
                    _("The phone cannot fetch a profile without applying it; download it yourself and give the file"));
  config = rs_offline_config (ctl);
  catalogue = rs_offline_catalogue (ctl, FALSE);
  profile = catalogue != NULL ? read_profile (ctl, config) : NULL;
  if (profile == NULL || !ask_phone (ctl, catalogue, profile->assignments, &phone))
    return ctl->exit;
  changes = rs_changeset_from_profile (phone.values, profile->assignments, RS_ORIGIN_PROFILE);
  differences = compare (&phone, changes);
  if (ctl->json)
    rs_output_json (json_of (differences, changes), FALSE);
  else
    print_all (ctl->words[0], differences, changes);
  return RS_EXIT_DONE;
}
