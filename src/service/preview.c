/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preview: what a profile on a server would change, told to root, who may read all of it, and done in no part. */
#include "service/methods.h"

#include "params/difference.h"
#include "rule/secrets.h"

static GHashTable *
secrets_of (const RsPreview *preview)
{
  const RsRuleWorld before = { NULL, rs_snapshot_value_of, rs_snapshot_secret_of, preview->before };
  const RsRuleWorld after = { NULL, rs_snapshot_value_of, rs_snapshot_secret_of, preview->changes->next };

  return rs_rule_secrets_of_both (&before, &after, preview->rule);
}

static GVariant *
changes_of (const RsPreview *preview)
{
  g_autoptr (GHashTable) secrets = secrets_of (preview);
  g_autoptr (GArray) differences = rs_differences_of (preview->before, preview->changes, NULL, secrets);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < differences->len; i++)
    {
      const RsDifference *one = &g_array_index (differences, RsDifference, i);

      g_variant_builder_open (&builder, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&builder, "{sv}", "name", g_variant_new_string (one->name));
      g_variant_builder_add (&builder, "{sv}", "from", g_variant_new_string (one->from));
      g_variant_builder_add (&builder, "{sv}", "to", g_variant_new_string (one->to));
      g_variant_builder_add (&builder, "{sv}", "access-from", g_variant_new_string (rs_access_name (one->access_from)));
      g_variant_builder_add (&builder, "{sv}", "access-to", g_variant_new_string (rs_access_name (one->access_to)));
      g_variant_builder_add (&builder, "{sv}", "secret", g_variant_new_boolean (one->secret));
      g_variant_builder_add (&builder, "{sv}", "same", g_variant_new_boolean (one->same));
      g_variant_builder_close (&builder);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
skipped_of (const RsPreview *preview)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(uss)"));
  for (guint i = 0; i < preview->changes->faults->len; i++)
    {
      const RsFault *fault = g_ptr_array_index (preview->changes->faults, i);

      g_variant_builder_add (&builder, "(uss)", fault->line, fault->name, fault->message);
    }
  return g_variant_builder_end (&builder);
}

static void
on_previewed (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  GDBusMethodInvocation *invocation = data;
  GError *error = NULL;
  g_autoptr (RsPreview) preview = rs_engine_preview_finish (RS_ENGINE (source), result, &error);

  if (preview == NULL)
    rs_method_fail (invocation, error);
  else
    g_dbus_method_invocation_return_value (
        invocation, g_variant_new ("(@aa{sv}@a(uss)s)", changes_of (preview), skipped_of (preview),
                                   preview->changes->reboot ? preview->changes->reboot_name : ""));
}

void
rs_method_preview (RsMethodContext       *context,
                   const RsCaller        *caller,
                   GDBusMethodInvocation *invocation,
                   GVariant              *arguments)
{
  const char *rule;

  g_variant_get_child (arguments, 0, "&s", &rule);
  rs_engine_preview_async (context->engine, rule, on_previewed, invocation);
}
