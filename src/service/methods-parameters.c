/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The methods of org.resyncd.Provisioning1.Parameters. */
#include "service/methods.h"

#include "base/error.h"
#include "base/mask.h"
#include "base/secret.h"
#include "base/text.h"
#include "service/authority.h"

#include <string.h>

#define MAX_NAMES 20000
#define MAX_GUESS_DELAY 32 /* seconds */
#define MAX_CANDIDATE 1024

static void
fail_unknown (GError    **error,
              RsSnapshot *snapshot,
              const char *name)
{
  const char *nearest = rs_catalogue_nearest (rs_snapshot_get_catalogue (snapshot), name);
  g_autofree char *shown = rs_text_escape (name, 80);

  g_set_error (error, RS_ERROR, RS_ERROR_INVALID_NAME, "there is no parameter “%s”%s%s%s", shown,
               nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

/* What the caller may see of a value it may read: keys and passwords in rules are for root and admins (STORE-3). */
static char *
shown_value (const RsCaller *caller,
             const RsValue  *value)
{
  if (value->param->type == RS_TYPE_RULE && !rs_caller_is_privileged (caller))
    return rs_mask_rule (value->value);
  return g_strdup (value->value);
}

static void
add_value (GVariantBuilder *values,
           const RsCaller  *caller,
           const char      *name,
           const RsValue   *value)
{
  /* thousands may be asked for: a format would have to be read for each */
  g_variant_builder_add_value (values, g_variant_new_dict_entry (g_variant_new_string (name),
                                                                 g_variant_new_take_string (shown_value (caller, value))));
}

static void
get_all (RsMethodContext *context,
         const RsCaller  *caller,
         GVariantBuilder *values)
{
  RsSnapshot *snapshot = rs_engine_get_snapshot (context->engine);
  const RsConfig *config = rs_engine_get_config (context->engine);
  g_autoptr (GPtrArray) all = rs_catalogue_list (rs_snapshot_get_catalogue (snapshot), "");

  for (guint i = 0; i < all->len; i++)
    {
      const RsParam *param = g_ptr_array_index (all, i);
      RsValue value;

      rs_snapshot_describe (snapshot, param, &value);
      if (rs_authority_read (caller, &value, config))
        add_value (values, caller, param->name, &value);
    }
}

static gboolean
get_named (RsMethodContext   *context,
           const RsCaller    *caller,
           const char *const *names,
           GVariantBuilder   *values,
           GError           **error)
{
  RsSnapshot *snapshot = rs_engine_get_snapshot (context->engine);
  const RsConfig *config = rs_engine_get_config (context->engine);
  const RsParam *last = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    {
      const RsParam *param = rs_catalogue_find_next (rs_snapshot_get_catalogue (snapshot), names[i], &last);
      RsValue value;

      if (param == NULL)
        {
          fail_unknown (error, snapshot, names[i]);
          return FALSE;
        }
      rs_snapshot_describe (snapshot, param, &value);
      if (!rs_authority_read (caller, &value, config))
        {
          g_set_error (error, RS_ERROR, RS_ERROR_NOT_ALLOWED, "user %u may not read %s", caller->uid, value.param->name);
          return FALSE;
        }
      /* under the name that was asked for, which may be an alias */
      add_value (values, caller, names[i], &value);
    }
  return TRUE;
}

static gboolean
count_is_fine (gsize    n,
               GError **error)
{
  if (n <= MAX_NAMES)
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "at most %d parameters a call", MAX_NAMES);
  return FALSE;
}

void
rs_method_get (RsMethodContext       *context,
               const RsCaller        *caller,
               GDBusMethodInvocation *invocation,
               GVariant              *arguments)
{
  g_auto (GVariantBuilder) values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
  g_autofree const char **names = NULL;
  GError *error = NULL;

  g_variant_get_child (arguments, 0, "^a&s", &names);
  if (!count_is_fine (g_strv_length ((char **)names), &error))
    {
      rs_method_fail (invocation, error);
      return;
    }
  if (names[0] == NULL)
    get_all (context, caller, &values);
  else if (!get_named (context, caller, names, &values, &error))
    {
      rs_method_fail (invocation, error);
      return;
    }
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(@a{ss})", g_variant_builder_end (&values)));
}

static void
add_text (GVariantBuilder *dict,
          const char      *key,
          const char      *text)
{
  g_variant_builder_add (dict, "{sv}", key, g_variant_new_string (text));
}

static GVariant *
describe (const RsCaller *caller,
          const RsValue  *value)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const RsParam *param = value->param;
  GVariant *description;

  add_text (&dict, "name", param->name);
  add_text (&dict, "type", rs_param_type_name (param->type));
  add_text (&dict, "default", param->secret ? "" : param->default_value);
  add_text (&dict, "range", param->range);
  add_text (&dict, "access", rs_access_name (value->access));
  add_text (&dict, "tab", param->tab);
  add_text (&dict, "section", param->section);
  add_text (&dict, "summary", param->summary);
  add_text (&dict, "origin", rs_origin_name (value->origin));
  g_variant_builder_add (&dict, "{sv}", "secret", g_variant_new_boolean (param->secret));
  g_variant_builder_add (&dict, "{sv}", "reboot", g_variant_new_boolean (param->reboot));
  g_variant_builder_add (&dict, "{sv}", "set", g_variant_new_boolean (value->origin != RS_ORIGIN_DEFAULT));
  if (!param->secret)
    {
      g_autofree char *shown = shown_value (caller, value);
      add_text (&dict, "value", shown);
    }
  description = g_variant_builder_end (&dict);
  /* makes one block of the many: with thousands of parameters they would take tens of megabytes, which the heap keeps */
  g_variant_get_data (description);
  return description;
}

void
rs_method_list (RsMethodContext       *context,
                const RsCaller        *caller,
                GDBusMethodInvocation *invocation,
                GVariant              *arguments)
{
  RsSnapshot *snapshot = rs_engine_get_snapshot (context->engine);
  const RsConfig *config = rs_engine_get_config (context->engine);
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autoptr (GPtrArray) params = NULL;
  const char *prefix;

  g_variant_get_child (arguments, 0, "&s", &prefix);
  params = rs_catalogue_list (rs_snapshot_get_catalogue (snapshot), prefix);
  for (guint i = 0; i < params->len; i++)
    {
      const RsParam *param = g_ptr_array_index (params, i);
      RsValue value;

      rs_snapshot_describe (snapshot, param, &value);
      if (rs_authority_read (caller, &value, config))
        g_variant_builder_add_value (&list, describe (caller, &value));
    }
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(@aa{sv})", g_variant_builder_end (&list)));
}

static gboolean
check_write (const RsCaller *caller,
             RsSnapshot     *snapshot,
             const RsConfig *config,
             const char     *name,
             const char     *text,
             GError        **error)
{
  RsValue value;

  if (!rs_snapshot_lookup (snapshot, name, &value))
    {
      fail_unknown (error, snapshot, name);
      return FALSE;
    }
  if (!rs_authority_write (caller, &value))
    {
      g_set_error (error, RS_ERROR, RS_ERROR_NOT_ALLOWED, "user %u may not set %s", caller->uid, value.param->name);
      return FALSE;
    }
  return text == NULL || rs_authority_value (caller, snapshot, config, value.param, text, error);
}

static gboolean
may_write (RsSnapshot *current,
           const char *name,
           const char *value,
           gpointer    data,
           GError    **error)
{
  const RsStanding *standing = data;

  return check_write (standing->caller, current, standing->config, name, value, error);
}

void
rs_method_set (RsMethodContext       *context,
               const RsCaller        *caller,
               GDBusMethodInvocation *invocation,
               GVariant              *arguments)
{
  g_autoptr (GVariant) values = g_variant_get_child_value (arguments, 0);
  g_autoptr (GPtrArray) assignments = rs_assignments_new ();
  RsSnapshot *snapshot = rs_engine_get_snapshot (context->engine);
  const RsConfig *config = rs_engine_get_config (context->engine);
  GError *error = NULL;
  GVariantIter iter;
  const char *name, *text;

  if (!count_is_fine (g_variant_n_children (values), &error))
    {
      rs_method_fail (invocation, error);
      return;
    }
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &text))
    {
      if (!check_write (caller, snapshot, config, name, text, &error))
        {
          rs_method_fail (invocation, error);
          return;
        }
      g_ptr_array_add (assignments, rs_assignment_new (name, RS_ASSIGN_VALUE, text, RS_ACCESS_UNSET, 0));
    }
  rs_engine_set_async (context->engine, g_steal_pointer (&assignments), rs_method_origin (caller),
                       rs_method_permission (context, caller, may_write), rs_method_on_set, invocation);
}

void
rs_method_reset (RsMethodContext       *context,
                 const RsCaller        *caller,
                 GDBusMethodInvocation *invocation,
                 GVariant              *arguments)
{
  g_autofree const char **names = NULL;
  RsSnapshot *snapshot = rs_engine_get_snapshot (context->engine);
  const RsConfig *config = rs_engine_get_config (context->engine);
  GError *error = NULL;

  g_variant_get_child (arguments, 0, "^a&s", &names);
  if (!count_is_fine (g_strv_length ((char **)names), &error))
    {
      rs_method_fail (invocation, error);
      return;
    }
  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!check_write (caller, snapshot, config, names[i], NULL, &error))
        {
          rs_method_fail (invocation, error);
          return;
        }
    }
  rs_engine_reset_async (context->engine, names, rs_method_permission (context, caller, may_write), rs_method_on_set,
                         invocation);
}

/* Wrong guesses of a secret, by user and parameter. One guess at a time; each wrong one doubles the wait of the next answer. */
typedef struct
{
  guint wrong;
  gboolean pending;
} Guess;

typedef struct
{
  Guess *guess; /* lives as long as the context */
  GDBusMethodInvocation *invocation;
  gboolean match;
} Answer;

static gboolean
on_answer (gpointer data)
{
  g_autofree Answer *answer = data;

  answer->guess->pending = FALSE;
  answer->guess->wrong = answer->match ? 0 : answer->guess->wrong + 1;
  g_dbus_method_invocation_return_value (answer->invocation, g_variant_new ("(b)", answer->match));
  return G_SOURCE_REMOVE;
}

static Guess *
guess_of (RsMethodContext *context,
          const RsCaller  *caller,
          const char      *name)
{
  g_autofree char *key = g_strdup_printf ("%u %s", caller->uid, name);
  Guess *guess = g_hash_table_lookup (context->guesses, key);

  if (guess == NULL)
    {
      guess = g_new0 (Guess, 1);
      g_hash_table_insert (context->guesses, g_steal_pointer (&key), guess);
    }
  return guess;
}

void
rs_method_verify (RsMethodContext       *context,
                  const RsCaller        *caller,
                  GDBusMethodInvocation *invocation,
                  GVariant              *arguments)
{
  RsSnapshot *snapshot = rs_engine_get_snapshot (context->engine);
  const char *name, *candidate;
  RsValue value;
  GError *error = NULL;
  Guess *guess = NULL;
  Answer *answer;

  g_variant_get (arguments, "(&s&s)", &name, &candidate);
  if (!rs_snapshot_lookup (snapshot, name, &value))
    fail_unknown (&error, snapshot, name);
  else if (!value.param->secret)
    error = g_error_new (RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "%s is no secret", value.param->name);
  else if (strlen (candidate) > MAX_CANDIDATE)
    error = g_error_new (RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "a candidate has at most %d bytes", MAX_CANDIDATE);
  else if ((guess = guess_of (context, caller, value.param->name))->pending)
    error = g_error_new_literal (RS_ERROR, RS_ERROR_BUSY, "the last guess is not answered yet");
  if (error != NULL)
    {
      rs_method_fail (invocation, error);
      return;
    }
  answer = g_new0 (Answer, 1);
  answer->guess = guess;
  answer->invocation = invocation;
  answer->match = rs_secret_equal (value.value, candidate);
  guess->pending = TRUE;
  if (guess->wrong == 0)
    on_answer (answer);
  else
    g_timeout_add_seconds (MIN (1u << MIN (guess->wrong - 1, 16), MAX_GUESS_DELAY), on_answer, answer);
}
