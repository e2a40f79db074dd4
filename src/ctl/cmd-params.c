/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parameters over the bus: get, set, reset, list; and rule, which is the parameter that people ask for most. */
#include "config.h"

#include "base/mask.h"
#include "base/names.h"
#include "base/secret.h"
#include "ctl/bus.h"
#include "ctl/output.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A value to a program is the value; to a terminal it is text that may come from outside. */
static void
print_value (const char *value)
{
  g_autofree char *safe = isatty (STDOUT_FILENO) ? rs_output_safe (value) : NULL;

  fputs (safe != NULL ? safe : value, stdout);
}

static GVariant *
get_values (RsCtl *ctl,
            GStrv  names)
{
  GVariant *arguments = g_variant_new ("(^as)", names);
  g_autoptr (GVariant) reply = rs_bus_call (ctl, RS_IFACE_PARAMETERS, "Get", arguments, "(a{ss})", NULL);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

/* The value of a name as it was asked for; the daemon may answer an alias with the name it stands for. */
static const char *
value_of (GVariant   *values,
          const char *name)
{
  const char *value = NULL;

  if (g_variant_lookup (values, name, "&s", &value))
    return value;
  if (g_variant_n_children (values) == 1)
    g_variant_get_child (values, 0, "{&s&s}", NULL, &value);
  return value;
}

static void
print_values (GVariant *values,
              GStrv     names)
{
  GVariantIter iter;
  const char *name, *value;

  if (g_strv_length (names) == 1)
    {
      value = value_of (values, names[0]);
      print_value (value != NULL ? value : "");
      fputc ('\n', stdout);
      return;
    }
  /* in the order of the question; then what came under another name */
  for (guint i = 0; names[i] != NULL; i++)
    {
      if (g_variant_lookup (values, names[i], "&s", &value))
        {
          printf ("%s=", names[i]);
          print_value (value);
          fputc ('\n', stdout);
        }
    }
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
    {
      if (g_strv_contains ((const char *const *) names, name))
        continue;
      printf ("%s=", name);
      print_value (value);
      fputc ('\n', stdout);
    }
}

RsExit
rs_cmd_get (RsCtl *ctl)
{
  g_autoptr (GVariant) values = get_values (ctl, ctl->words);

  if (values == NULL)
    return ctl->exit;
  if (ctl->json)
    rs_output_json (json_gvariant_serialize (values), FALSE);
  else
    print_values (values, ctl->words);
  return RS_EXIT_DONE;
}

/* After a change that has nothing to tell. */
static RsExit
finish (RsCtl    *ctl,
        GVariant *reply)
{
  if (reply == NULL)
    return ctl->exit;
  g_variant_unref (reply);
  if (ctl->json)
    rs_output_json (rs_json_nothing (), FALSE);
  return RS_EXIT_DONE;
}

RsExit
rs_cmd_set (RsCtl *ctl)
{
  GVariantBuilder values;

  g_variant_builder_init (&values, G_VARIANT_TYPE ("a{ss}"));
  for (guint i = 0; i < ctl->n_words; i++)
    {
      char *equals = strchr (ctl->words[i], '=');

      /* the word may be a secret whose name was forgotten, so it is not repeated */
      if (equals == NULL || equals == ctl->words[i])
        {
          g_variant_builder_clear (&values);
          return rs_fail_usage (ctl, rs_command_find ("set"), _("Values are written NAME=VALUE"));
        }
      *equals = '\0';
      g_variant_builder_add (&values, "{ss}", ctl->words[i], equals + 1);
      rs_wipe (equals + 1, strlen (equals + 1));
    }
  return finish (ctl, rs_bus_call (ctl, RS_IFACE_PARAMETERS, "Set", g_variant_new ("(a{ss})", &values), "()", NULL));
}

RsExit
rs_cmd_reset (RsCtl *ctl)
{
  return finish (ctl, rs_bus_call (ctl, RS_IFACE_PARAMETERS, "Reset", g_variant_new ("(^as)", ctl->words), "()", NULL));
}

/* One line: name, value, and in brackets what makes it special. */
static void
print_listed (GVariant *parameter,
              int       width)
{
  const char *name = "", *value = "", *origin = "default", *access = "";
  gboolean secret = FALSE, set = FALSE;
  g_autofree char *safe = NULL;

  g_variant_lookup (parameter, "name", "&s", &name);
  g_variant_lookup (parameter, "origin", "&s", &origin);
  g_variant_lookup (parameter, "access", "&s", &access);
  g_variant_lookup (parameter, "secret", "b", &secret);
  g_variant_lookup (parameter, "set", "b", &set);
  if (!g_variant_lookup (parameter, "value", "&s", &value) && secret && set)
    value = RS_MASK;
  safe = rs_output_safe (value);
  g_print ("%-*s  %-2s  %-7s  %s\n", width, name, access, origin, safe);
}

static RsExit
print_list (GVariant *parameters)
{
  g_autoptr (GVariant) parameter = NULL;
  GVariantIter iter;
  const char *name;
  int width = 0;

  g_variant_iter_init (&iter, parameters);
  while (g_variant_iter_next (&iter, "@a{sv}", &parameter))
    {
      if (g_variant_lookup (parameter, "name", "&s", &name))
        width = MAX (width, (int) MIN (strlen (name), 60));
      g_clear_pointer (&parameter, g_variant_unref);
    }
  g_variant_iter_init (&iter, parameters);
  while (g_variant_iter_next (&iter, "@a{sv}", &parameter))
    {
      print_listed (parameter, width);
      g_clear_pointer (&parameter, g_variant_unref);
    }
  return RS_EXIT_DONE;
}

RsExit
rs_cmd_list (RsCtl *ctl)
{
  const char *prefix = ctl->n_words > 0 ? ctl->words[0] : "";
  GVariant *arguments = g_variant_new ("(s)", prefix);
  g_autoptr (GVariant) reply = rs_bus_call (ctl, RS_IFACE_PARAMETERS, "List", arguments, "(aa{sv})", NULL);
  g_autoptr (GVariant) parameters = NULL;

  if (reply == NULL)
    return ctl->exit;
  parameters = g_variant_get_child_value (reply, 0);
  if (!ctl->json)
    return print_list (parameters);
  rs_output_json (json_gvariant_serialize (parameters), FALSE);
  return RS_EXIT_DONE;
}

/* The property is public and masked; who may read the parameter sees it whole. */
static char *
read_rule (RsCtl *ctl)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) properties = rs_bus_get_all (ctl, RS_IFACE_MAIN);
  g_autoptr (GVariant) values = NULL;
  const char *const names[] = { "Profile_Rule", NULL };
  char *rule = NULL;

  if (properties == NULL)
    return NULL;
  reply = g_dbus_connection_call_sync (ctl->bus, RS_BUS_NAME, RS_OBJECT_PATH, RS_IFACE_PARAMETERS, "Get",
                                       g_variant_new ("(^as)", names), G_VARIANT_TYPE ("(a{ss})"),
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  values = reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
  if (values != NULL && g_variant_lookup (values, "Profile_Rule", "s", &rule))
    return rule;
  g_variant_lookup (properties, "ProfileRule", "s", &rule);
  return rule != NULL ? rule : g_strdup ("");
}

RsExit
rs_cmd_rule (RsCtl *ctl)
{
  g_autofree char *rule = NULL;
  g_autofree char *masked = NULL;
  g_autoptr (JsonBuilder) builder = NULL;

  if (ctl->n_words > 0)
    return finish (ctl, rs_bus_call (ctl, RS_IFACE_MAIN, "SetProfileRule", g_variant_new ("(s)", ctl->words[0]), "()",
                                     NULL));
  rule = read_rule (ctl);
  if (rule == NULL)
    return ctl->exit;
  if (!ctl->json)
    {
      print_value (rule);
      fputc ('\n', stdout);
      return RS_EXIT_DONE;
    }
  /* documents end up in files and logs: no keys in them (STORE-3) */
  masked = rs_mask_rule (rule);
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "profile-rule");
  json_builder_add_string_value (builder, masked);
  json_builder_end_object (builder);
  rs_output_json (json_builder_get_root (builder), FALSE);
  return RS_EXIT_DONE;
}
