/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The least that gdbus-codegen makes of the same interface: a service whose Get finds its values in a hash table, for
 * every caller.
 *
 *   bare ADDRESS NAME PARAMETER… */
#include "rs-bus.h"

#include <stdlib.h>

static gboolean
on_get (RsBusProvisioning1Parameters *parameters, GDBusMethodInvocation *invocation, const char *const *names,
        gpointer data)
{
  GHashTable *values = data;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  for (guint i = 0; names[i] != NULL; i++)
    g_variant_builder_add (&builder, "{ss}", names[i], (const char *)g_hash_table_lookup (values, names[i]));
  rs_bus_provisioning1_parameters_complete_get (parameters, invocation, g_variant_builder_end (&builder));
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (RsBusProvisioning1Parameters) parameters = rs_bus_provisioning1_parameters_skeleton_new ();
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  bus = g_dbus_connection_new_for_address_sync (
      argv[1], G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
      NULL, &error);
  for (int i = 3; i < argc; i++)
    g_hash_table_insert (values, argv[i], (gpointer) "the value of a parameter");
  g_signal_connect (parameters, "handle-get", G_CALLBACK (on_get), values);
  if (bus == NULL
      || !g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (parameters), bus, "/org/resyncd/Provisioning1",
                                            &error))
    g_error ("%s", error->message);
  g_bus_own_name_on_connection (bus, argv[2], G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}
