/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* monitor: every signal of the daemon, a line each. The names of the arguments come from the interface description. */
#include "config.h"

#include "base/names.h"
#include "ctl/bus.h"
#include "ctl/output.h"
#include "rs-ctl-bus.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>

static const GDBusInterfaceInfo *const interfaces[] = {
  &org_resyncd_provisioning1_interface,
  &org_resyncd_provisioning1_parameters_interface,
  &org_resyncd_provisioning1_activation_interface,
  &org_resyncd_provisioning1_firmware_interface,
  &org_resyncd_provisioning1_cwmp_interface,
};

/* The name of an argument, or NULL where the description has none (a newer daemon). */
static const char *
argument_name (const char *interface,
               const char *member,
               gsize       index)
{
  static const char *const changed[] = { "interface", "changed", "invalidated" };

  if (g_str_equal (member, "PropertiesChanged"))
    return index < G_N_ELEMENTS (changed) ? changed[index] : NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      GDBusSignalInfo *signal;

      if (!g_str_equal (interfaces[i]->name, interface))
        continue;
      signal = g_dbus_interface_info_lookup_signal ((GDBusInterfaceInfo *) interfaces[i], member);
      for (gsize n = 0; signal != NULL && signal->args != NULL && signal->args[n] != NULL; n++)
        {
          if (n == index)
            return signal->args[n]->name;
        }
    }
  return NULL;
}

static void
print_json (const char *interface,
            const char *member,
            GVariant   *arguments)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *now = rs_time_rfc3339 ((guint64) g_get_real_time ());

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "time");
  json_builder_add_string_value (builder, now);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, member);
  for (gsize i = 0; arguments != NULL && i < g_variant_n_children (arguments); i++)
    {
      g_autoptr (GVariant) value = g_variant_get_child_value (arguments, i);
      const char *name = argument_name (interface, member, i);

      if (name == NULL)
        continue;
      json_builder_set_member_name (builder, name);
      json_builder_add_value (builder, json_gvariant_serialize (value));
    }
  json_builder_end_object (builder);
  rs_output_json (json_builder_get_root (builder), TRUE);
}

static void
append_value (GString    *out,
              const char *name,
              GVariant   *value)
{
  g_autofree char *raw = NULL;
  g_autofree char *safe = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    raw = g_variant_dup_string (value, NULL);
  else
    raw = g_variant_print (value, FALSE);
  safe = rs_output_safe (raw);
  g_string_append_printf (out, " %s=%s", name, safe);
}

/* name=value for each entry of a dictionary. */
static void
append_entries (GString  *out,
                GVariant *dictionary)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    append_value (out, key, value);
}

static void
print_text (const char *interface,
            const char *member,
            GVariant   *arguments)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *now = rs_time_local ((guint64) g_get_real_time ());

  for (gsize i = 0; arguments != NULL && i < g_variant_n_children (arguments); i++)
    {
      g_autoptr (GVariant) value = g_variant_get_child_value (arguments, i);
      const char *name = argument_name (interface, member, i);

      if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
        append_entries (out, value);
      else if (name != NULL && !g_str_equal (name, "interface") && !g_str_equal (name, "invalidated"))
        append_value (out, name, value);
    }
  g_print ("%s %s%s\n", now, member, out->str);
  fflush (stdout);
}

static gboolean
on_event (const char *interface,
          const char *member,
          GVariant   *arguments,
          gpointer    data)
{
  RsCtl *ctl = data;

  if (ctl->json)
    print_json (interface, member, arguments);
  else
    print_text (interface, member, arguments);
  return FALSE;
}

static gboolean
on_interrupt (gpointer data)
{
  rs_watch_stop (data);
  return G_SOURCE_CONTINUE;
}

RsExit
rs_cmd_monitor (RsCtl *ctl)
{
  g_autoptr (RsWatch) watch = rs_watch_new (ctl, on_event, ctl);
  g_autoptr (GVariant) properties = NULL;
  guint interrupt, terminate;
  RsExit exit;

  if (watch == NULL)
    return ctl->exit;
  /* starts it where it does not run, and says so where it cannot be had */
  properties = rs_bus_get_all (ctl, RS_IFACE_MAIN);
  if (properties == NULL)
    return ctl->exit;
  interrupt = g_unix_signal_add (SIGINT, on_interrupt, watch);
  terminate = g_unix_signal_add (SIGTERM, on_interrupt, watch);
  exit = rs_watch_run (watch, TRUE, 0);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  return exit;
}
