/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Explanations without a phone. The walk is the one of the daemon; only what the macros stand for is another. */
#include "config.h"

#include "ctl/desk.h"

#include "base/error.h"
#include "base/mask.h"
#include "base/secret.h"
#include "ctl/offline.h"
#include "ctl/output.h"
#include "params/alias.h"
#include "params/changeset.h"
#include "rule/explain.h"

#include <glib/gi18n.h>
#include <string.h>

static const char *const profile_rules[] = { "Profile_Rule", "Profile_Rule_B", "Profile_Rule_C", "Profile_Rule_D", NULL };

typedef struct
{
  GHashTable *facts;   /* macro → value: of the configuration */
  GHashTable *given;   /* macro → value: of --set */
  RsSnapshot *values;  /* the catalogue's, and those of --set */
  GPtrArray *missing;  /* macros that were asked for and that nobody gave */
  GVariantBuilder steps;
} Desk;

static void
desk_init (Desk        *desk,
           RsCatalogue *catalogue)
{
  *desk = (Desk){ .values = rs_snapshot_new (catalogue), .steps = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}")) };
  desk->facts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  desk->given = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  desk->missing = g_ptr_array_new_with_free_func (g_free);
}

static void
desk_clear (Desk *desk)
{
  g_clear_pointer (&desk->facts, g_hash_table_unref);
  g_clear_pointer (&desk->given, g_hash_table_unref);
  g_clear_pointer (&desk->missing, g_ptr_array_unref);
  g_clear_pointer (&desk->values, rs_snapshot_unref);
  g_variant_builder_clear (&desk->steps);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Desk, desk_clear)

/* One letter case, and colons or none. */
static char *
mac_text (const char *mac,
          gboolean    upper,
          gboolean    colons)
{
  g_autoptr (GString) out = g_string_new (NULL);
  guint n = 0;

  for (const char *p = mac; *p != '\0'; p++)
    {
      if (!g_ascii_isxdigit (*p))
        continue;
      if (colons && n > 0 && n % 2 == 0)
        g_string_append_c (out, ':');
      g_string_append_c (out, upper ? g_ascii_toupper (*p) : g_ascii_tolower (*p));
      n++;
    }
  return g_strdup (out->str);
}

static void
set_fact (Desk       *desk,
          const char *macro,
          const char *value)
{
  g_hash_table_insert (desk->facts, (gpointer) macro, g_strdup (value));
}

/* What a phone just out of a restart would say, as far as the configuration and --set know it: one follows from the other (PHONE-1). */
static void
set_facts (Desk           *desk,
           const RsConfig *config)
{
  const char *model = g_hash_table_lookup (desk->given, "PN"), *mac = g_hash_table_lookup (desk->given, "MA");
  const char *software = g_hash_table_lookup (desk->given, "SWVER");

  model = model != NULL ? model : config->model;
  mac = mac != NULL ? mac : config->mac_address;
  software = software != NULL ? software : config->software_version;
  set_fact (desk, "VENDOR", config->vendor);
  set_fact (desk, "PN", model);
  set_fact (desk, "PSN", config->series[0] != '\0' ? config->series : model);
  set_fact (desk, "SN", config->serial_number);
  set_fact (desk, "SWVER", software);
  set_fact (desk, "VERSION", software);
  set_fact (desk, "HWVER", config->hardware_version);
  g_hash_table_insert (desk->facts, (gpointer) "MA", mac_text (mac, FALSE, FALSE));
  g_hash_table_insert (desk->facts, (gpointer) "MAU", mac_text (mac, TRUE, FALSE));
  g_hash_table_insert (desk->facts, (gpointer) "MAC", mac_text (mac, FALSE, TRUE));
  set_fact (desk, "CCERT", config->certificate_file[0] != '\0' ? "Installed" : "Not Installed");
  set_fact (desk, "PRVST", "-1");
  set_fact (desk, "PRVTMR", "0");
  set_fact (desk, "UPGST", "1");
  set_fact (desk, "UPGTMR", "0");
  set_fact (desk, "ISCUST", "0");
}

static const char *
look_up (const char *name,
         gpointer    data)
{
  Desk *desk = data;
  g_autofree char *parameter = rs_macro_parameter (name);
  const char *value = parameter != NULL ? rs_snapshot_get (desk->values, parameter) : g_hash_table_lookup (desk->facts, name);

  if (parameter != NULL)
    return value;
  if (g_str_has_prefix (name, "REGTMR"))
    return "0";
  if ((value == NULL || value[0] == '\0') && !g_ptr_array_find_with_equal_func (desk->missing, name, g_str_equal, NULL))
    g_ptr_array_add (desk->missing, g_strdup (name));
  return value != NULL ? value : "";
}

static const char *
rule_of (const char *parameter,
         gpointer    data)
{
  const Desk *desk = data;

  return rs_snapshot_get (desk->values, parameter);
}

static gboolean
is_secret (const char *parameter,
           gpointer    data)
{
  const Desk *desk = data;

  return rs_snapshot_is_secret (desk->values, parameter);
}

static gboolean
shows_macro (const char *macro,
             gpointer    data)
{
  g_autofree char *parameter = rs_macro_parameter (macro);

  return parameter == NULL || !is_secret (parameter, data);
}

static char *
show_value (const char *name,
            const char *value,
            gpointer    data)
{
  const Desk *desk = data;
  RsValue now;

  return rs_snapshot_lookup (desk->values, name, &now) ? rs_param_mask (now.param, value) : g_strdup (RS_MASK);
}

static gboolean
check_value (const char *name,
             const char *value,
             gpointer    data,
             GError    **error)
{
  const Desk *desk = data;

  return rs_changeset_check_value (rs_snapshot_get_catalogue (desk->values), name, value, error);
}

static gboolean
check_map (const char *map,
           gpointer    data,
           GError    **error)
{
  return rs_aliases_check (map, error);
}

static void
add_step (const char *kind,
          const char *text,
          int         truth,
          gpointer    data)
{
  Desk *desk = data;

  rs_explain_add_step (&desk->steps, kind, text, truth);
}

gboolean
rs_desk_split (RsCtl      *ctl,
               const char *word,
               char      **name,
               char      **value)
{
  const char *equals = strchr (word, '=');

  /* the word may be a secret whose name was forgotten, so it is not repeated */
  if (equals == NULL || equals == word)
    {
      rs_fail_usage (ctl, rs_command_find ("explain"), _("--set takes NAME=VALUE"));
      return FALSE;
    }
  *name = g_strndup (word, (gsize) (equals - word));
  *value = g_strdup (equals + 1);
  return TRUE;
}

/* A parameter goes into assignments, a macro into given. */
static gboolean
suppose (RsCtl       *ctl,
         Desk        *desk,
         RsCatalogue *catalogue,
         const char  *word,
         GPtrArray   *assignments)
{
  g_autofree char *name = NULL;
  g_auto (RsSecretString) value = NULL;
  g_autoptr (GError) error = NULL;
  const char *near;

  if (!rs_desk_split (ctl, word, &name, &value))
    return FALSE;
  if (rs_catalogue_find (catalogue, name) != NULL)
    g_ptr_array_add (assignments, rs_assignment_new (name, RS_ASSIGN_VALUE, value, RS_ACCESS_UNSET, 0));
  else if (rs_macro_is_known (name) && !rs_supposed_check (name, &error))
    {
      rs_fail (ctl, RS_EXIT_FAILED, rs_error_code (error), "%s", error->message);
      return FALSE;
    }
  else if (rs_macro_is_known (name))
    g_hash_table_insert (desk->given, g_steal_pointer (&name), g_steal_pointer (&value));
  else
    {
      near = rs_catalogue_nearest (catalogue, name);
      if (near != NULL)
        rs_fail (ctl, RS_EXIT_FAILED, RS_ERROR_INVALID_NAME, _("“%s” is neither a parameter nor a macro; is %s meant?"), name, near);
      else
        rs_fail (ctl, RS_EXIT_FAILED, RS_ERROR_INVALID_NAME, _("“%s” is neither a parameter nor a macro"), name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
suppose_all (RsCtl       *ctl,
             Desk        *desk,
             RsCatalogue *catalogue)
{
  g_autoptr (GPtrArray) assignments = rs_assignments_new ();
  g_autoptr (RsChangeset) changes = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; ctl->set != NULL && ctl->set[i] != NULL; i++)
    {
      if (!suppose (ctl, desk, catalogue, ctl->set[i], assignments))
        return FALSE;
    }
  changes = rs_changeset_from_values (desk->values, assignments, RS_ORIGIN_PROFILE, &error);
  if (changes == NULL)
    {
      rs_fail (ctl, RS_EXIT_FAILED, rs_error_code (error), "%s", error->message);
      return FALSE;
    }
  rs_snapshot_unref (desk->values);
  desk->values = rs_snapshot_ref (changes->next);
  return TRUE;
}

/* What a desk cannot know is said, for the outcome may hang on it. */
static void
print_missing (const RsCtl *ctl,
               const Desk  *desk)
{
  for (guint i = 0; !ctl->json && i < desk->missing->len; i++)
    g_printerr (_("resyncctl: $%s is not known at a desk and counts as empty; --set %s=VALUE gives it\n"),
                (const char *) g_ptr_array_index (desk->missing, i), (const char *) g_ptr_array_index (desk->missing, i));
}

static gboolean
explain_rule (RsCtl             *ctl,
              const RsExplainer *explainer,
              const char        *rule)
{
  g_autoptr (GError) error = NULL;

  if (rs_rule_explain (explainer, rule, TRUE, &error))
    return TRUE;
  rs_fail (ctl, RS_EXIT_FAILED, rs_error_code (error), "%s", error->message);
  return FALSE;
}

/* The profile rules, or the one of that name (NULL: those). */
static void
explain_stored (const RsExplainer *explainer,
                const char        *name)
{
  const char *const one[] = { name, NULL };

  rs_rules_explain (explainer, name != NULL ? one : profile_rules, NULL);
}

GVariant *
rs_desk_explain (RsCtl      *ctl,
                 const char *rule)
{
  g_autoptr (RsConfig) config = rs_offline_config (ctl);
  g_autoptr (RsCatalogue) catalogue = rs_offline_catalogue (ctl, FALSE);
  g_auto (Desk) desk = { 0 };
  const RsMacros below = { look_up, &desk };
  RsSupposed macros;
  const RsExplainer explainer
      = { { &macros.macros, rule_of, is_secret, &desk }, shows_macro, show_value, check_value, check_map, add_step };
  const RsParam *param;
  gboolean ok = TRUE;

  if (catalogue == NULL)
    return NULL;
  desk_init (&desk, catalogue);
  if (!suppose_all (ctl, &desk, catalogue))
    return NULL;
  set_facts (&desk, config);
  rs_supposed_init (&macros, &below, desk.given);
  param = rs_catalogue_find (catalogue, rule);
  if (param != NULL && param->type == RS_TYPE_RULE)
    explain_stored (&explainer, param->name);
  else if (rule[0] != '\0')
    ok = explain_rule (ctl, &explainer, rule);
  else
    explain_stored (&explainer, NULL);
  print_missing (ctl, &desk);
  return ok ? g_variant_ref_sink (g_variant_builder_end (&desk.steps)) : NULL;
}
