/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The status as a document: every key of Status as it is, times as RFC 3339, attempts as objects. */
#include "config.h"

#include "ctl/status-page.h"

#include "ctl/output.h"

static void
add_time (JsonBuilder *builder,
          const char  *name,
          guint64      time)
{
  g_autofree char *text = rs_time_rfc3339 (time);

  json_builder_set_member_name (builder, name);
  if (text[0] != '\0')
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

static void
add_attempt (JsonBuilder *builder,
             const char  *key,
             GVariant    *value)
{
  const char *result, *url, *message;
  guint64 time;

  g_variant_get (value, "(t&s&s&s)", &time, &result, &url, &message);
  json_builder_set_member_name (builder, key);
  json_builder_begin_object (builder);
  add_time (builder, "time", time);
  rs_json_add_text (builder, "result", result);
  rs_json_add_text (builder, "url", url);
  rs_json_add_text (builder, "message", message);
  json_builder_end_object (builder);
}

static void
add_onboarding (JsonBuilder *builder,
                const char  *key,
                GVariant    *value)
{
  const char *source, *tried, *outcome;
  GVariantIter iter;
  guint64 time;

  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "(&s&s&st)", &source, &tried, &outcome, &time))
    {
      json_builder_begin_object (builder);
      rs_json_add_text (builder, "source", source);
      rs_json_add_text (builder, "tried", tried);
      rs_json_add_text (builder, "outcome", outcome);
      add_time (builder, "time", time);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_entry (JsonBuilder *builder,
           const char  *key,
           GVariant    *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    {
      /* 0: not known, and what is not known is absent */
      if (g_variant_get_uint64 (value) != 0)
        add_time (builder, key, g_variant_get_uint64 (value));
    }
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE ("(tsss)")))
    add_attempt (builder, key, value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE ("a(ssst)")))
    add_onboarding (builder, key, value);
  else
    {
      json_builder_set_member_name (builder, key);
      json_builder_add_value (builder, json_gvariant_serialize (value));
    }
}

JsonNode *
rs_status_json (GVariant *properties)
{
  static const char *const names[][2] = {
    { "State", "state" },
    { "CustomizationState", "customization-state" },
    { "ProfileRule", "profile-rule" },
    { "Version", "version" },
  };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GVariant) status = g_variant_lookup_value (properties, "Status", G_VARIANT_TYPE_VARDICT);
  GVariantIter iter;
  const char *key, *text;
  GVariant *value;

  json_builder_begin_object (builder);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      text = "";
      g_variant_lookup (properties, names[i][0], "&s", &text);
      rs_json_add_text (builder, names[i][1], text);
    }
  if (status != NULL)
    {
      g_variant_iter_init (&iter, status);
      while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
        {
          /* the property said it already */
          if (!g_str_equal (key, "customization-state"))
            add_entry (builder, key, value);
        }
    }
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
