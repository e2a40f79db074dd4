/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diff: what a profile would change on this phone. A file is read here and the values come from the daemon; what would become of them is worked out
 * by the code that the daemon applies profiles with. What is on a server the daemon has fetched. Nothing is applied. */
#include "config.h"

#include "base/mask.h"
#include "base/names.h"
#include "ctl/bus.h"
#include "ctl/offline.h"
#include "ctl/output.h"
#include "params/difference.h"
#include "rule/secrets.h"

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

static void
print_difference (const RsDifference *difference)
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

/* What a profile comes to, whoever worked it out. */
typedef struct
{
  GArray *differences; /* RsDifference */
  GArray *skipped;     /* Skipped */
  guint n_skipped;     /* more than those are told of */
  char *reboot;        /* the parameter that asks for a restart; "" none */
} Comparison;

typedef struct
{
  guint line; /* 0: none */
  char *name;
  char *message;
} Skipped;

static void
skipped_clear (gpointer data)
{
  Skipped *skipped = data;

  g_free (skipped->name);
  g_free (skipped->message);
}

static void
comparison_clear (Comparison *comparison)
{
  g_clear_pointer (&comparison->differences, g_array_unref);
  g_clear_pointer (&comparison->skipped, g_array_unref);
  g_clear_pointer (&comparison->reboot, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Comparison, comparison_clear)

static void
comparison_init (Comparison *comparison,
                 const char *reboot)
{
  *comparison = (Comparison){ .skipped = g_array_new (FALSE, FALSE, sizeof (Skipped)), .reboot = g_strdup (reboot) };
  g_array_set_clear_func (comparison->skipped, skipped_clear);
}

static void
add_skipped (Comparison *comparison,
             guint       line,
             const char *name,
             const char *message)
{
  Skipped skipped = { line, g_strdup (name), g_strdup (message) };

  g_array_append_val (comparison->skipped, skipped);
  comparison->n_skipped = comparison->skipped->len;
}

static void
print_all (const char       *source,
           const Comparison *comparison)
{
  g_autofree char *raw = g_filename_display_name (source);
  g_autofree char *file = rs_output_safe (raw);

  for (guint i = 0; i < comparison->differences->len; i++)
    print_difference (&g_array_index (comparison->differences, RsDifference, i));
  for (guint i = 0; i < comparison->skipped->len; i++)
    {
      const Skipped *skipped = &g_array_index (comparison->skipped, Skipped, i);
      g_autofree char *message = rs_output_safe (skipped->message);

      g_print (_("%s:%u: skipped: %s\n"), file, skipped->line, message);
    }
  g_print (ngettext ("%s: %u parameter would change", "%s: %u parameters would change", comparison->differences->len), file,
           comparison->differences->len);
  g_print (ngettext (", %u would be skipped\n", ", %u would be skipped\n", comparison->n_skipped), comparison->n_skipped);
  if (comparison->reboot[0] != '\0')
    g_print (_("The phone would ask for a restart, for %s.\n"), comparison->reboot);
}

static void
add_changes (JsonBuilder *builder,
             GArray      *differences)
{
  json_builder_set_member_name (builder, "changes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < differences->len; i++)
    {
      const RsDifference *difference = &g_array_index (differences, RsDifference, i);

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
json_of (const Comparison *comparison)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_changes (builder, comparison->differences);
  json_builder_set_member_name (builder, "skipped");
  json_builder_begin_array (builder);
  for (guint i = 0; i < comparison->skipped->len; i++)
    {
      const Skipped *skipped = &g_array_index (comparison->skipped, Skipped, i);

      json_builder_begin_object (builder);
      rs_json_add_number (builder, "line", skipped->line);
      rs_json_add_text (builder, "name", skipped->name);
      rs_json_add_text (builder, "message", skipped->message);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  rs_json_add_bool (builder, "reboot", comparison->reboot[0] != '\0');
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* --- what a server has: the phone fetches it --- */

static RsDifference
difference_told (GVariant *one)
{
  const char *name = "", *from = "", *to = "", *access_from = "", *access_to = "";
  RsDifference difference = { .certain = TRUE };

  g_variant_lookup (one, "name", "&s", &name);
  g_variant_lookup (one, "from", "&s", &from);
  g_variant_lookup (one, "to", "&s", &to);
  g_variant_lookup (one, "access-from", "&s", &access_from);
  g_variant_lookup (one, "access-to", "&s", &access_to);
  g_variant_lookup (one, "secret", "b", &difference.secret);
  g_variant_lookup (one, "same", "b", &difference.same);
  if (!rs_access_from_name (access_from, &difference.access_from))
    difference.access_from = RS_ACCESS_UNSET;
  if (!rs_access_from_name (access_to, &difference.access_to))
    difference.access_to = RS_ACCESS_UNSET;
  difference.name = g_strdup (name);
  difference.from = g_strdup (from);
  difference.to = g_strdup (to);
  return difference;
}

/* FALSE: said. */
static gboolean
compare_url (RsCtl      *ctl,
             Comparison *comparison)
{
  g_autoptr (GVariant) reply = rs_bus_call_slow (ctl, RS_IFACE_MAIN, "Preview", g_variant_new ("(s)", ctl->words[0]), "(aa{sv}a(uss)s)");
  g_autoptr (GVariant) told = NULL;
  g_autoptr (GVariant) skipped = NULL;
  const char *reboot, *name, *message;
  GVariantIter iter;
  guint line;

  if (reply == NULL)
    return FALSE;
  g_variant_get_child (reply, 2, "&s", &reboot);
  comparison_init (comparison, reboot);
  told = g_variant_get_child_value (reply, 0);
  comparison->differences = rs_differences_new ();
  for (gsize i = 0; i < g_variant_n_children (told); i++)
    {
      g_autoptr (GVariant) one = g_variant_get_child_value (told, i);
      RsDifference difference = difference_told (one);

      g_array_append_val (comparison->differences, difference);
    }
  skipped = g_variant_get_child_value (reply, 1);
  g_variant_iter_init (&iter, skipped);
  while (g_variant_iter_next (&iter, "(u&s&s)", &line, &name, &message))
    add_skipped (comparison, line, name, message);
  return TRUE;
}

/* --- what a file has: it is read here --- */

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

/* What the rules of either make a secret. */
static GHashTable *
secrets_of (RsSnapshot *then,
            RsSnapshot *now)
{
  const RsRuleWorld before = { NULL, rs_snapshot_value_of, rs_snapshot_secret_of, then };
  const RsRuleWorld after = { NULL, rs_snapshot_value_of, rs_snapshot_secret_of, now };

  return rs_rule_secrets_of_both (&before, &after, NULL);
}

/* FALSE: said. */
static gboolean
compare_file (RsCtl      *ctl,
              Comparison *comparison)
{
  g_autoptr (RsConfig) config = rs_offline_config (ctl);
  g_autoptr (RsCatalogue) catalogue = rs_offline_catalogue (ctl, FALSE);
  g_autoptr (RsProfile) profile = catalogue != NULL ? read_profile (ctl, config) : NULL;
  g_autoptr (RsChangeset) changes = NULL;
  g_autoptr (GHashTable) secrets = NULL;
  g_auto (Phone) phone = { 0 };

  if (profile == NULL || !ask_phone (ctl, catalogue, profile->assignments, &phone))
    return FALSE;
  changes = rs_changeset_from_profile (phone.values, profile->assignments, RS_ORIGIN_PROFILE);
  comparison_init (comparison, changes->reboot ? changes->reboot_name : "");
  secrets = secrets_of (phone.values, changes->next);
  comparison->differences = rs_differences_of (phone.values, changes, phone.hidden, secrets);
  for (guint i = 0; i < changes->faults->len; i++)
    {
      const RsFault *fault = g_ptr_array_index (changes->faults, i);

      add_skipped (comparison, fault->line, fault->name, fault->message);
    }
  comparison->n_skipped = changes->n_bad + changes->n_unknown;
  return TRUE;
}

RsExit
rs_cmd_diff (RsCtl *ctl)
{
  gboolean url = strstr (ctl->words[0], "://") != NULL;
  g_auto (Comparison) comparison = { 0 };
  g_autofree char *shown = NULL;

  if (url && (ctl->key != NULL || ctl->ikm != NULL || ctl->alias != NULL))
    return rs_fail_usage (ctl, rs_command_find ("diff"), _("Keys and maps for a URL are written as in a rule: \"[--key KEY] URL\""));
  if (!(url ? compare_url (ctl, &comparison) : compare_file (ctl, &comparison)))
    return ctl->exit;
  shown = url ? rs_mask_rule (ctl->words[0]) : g_strdup (ctl->words[0]);
  if (ctl->json)
    rs_output_json (json_of (&comparison), FALSE);
  else
    print_all (shown, &comparison);
  return RS_EXIT_DONE;
}
