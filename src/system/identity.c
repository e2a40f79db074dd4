/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Identity from the configuration, os-release, the device tree, DMI and the network devices. */
#include "system/identity.h"

#include "base/text.h"

#include <string.h>

#define MAX_FILE 4096

static char *
read_line (const char *root,
           const char *path)
{
  g_autofree char *name = g_strconcat (root, path, NULL);
  g_autofree char *content = NULL;
  gsize length;

  if (!g_file_get_contents (name, &content, &length, NULL) || length > MAX_FILE)
    return g_strdup ("");
  /* a device tree's strings end in NUL, sysfs's in a newline */
  content[strcspn (content, "\n")] = '\0';
  g_strstrip (content);
  return rs_text_escape (content, 128);
}

char *
rs_identity_parse_mac (const char *text)
{
  g_autoptr (GString) digits = g_string_new (NULL);

  for (const char *p = text; p != NULL && *p != '\0'; p++)
    {
      if (g_ascii_isxdigit (*p))
        g_string_append_c (digits, g_ascii_tolower (*p));
      else if (*p != ':' && *p != '-' && *p != '.')
        return NULL;
    }
  return digits->len == 12 ? g_strdup (digits->str) : NULL;
}

/* The first Ethernet device by name that is a real one: has a device behind it, or is called eth*. */
static char *
first_mac (const char *root)
{
  g_autofree char *folder = g_strconcat (root, "/sys/class/net", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autofree char *best_name = NULL, *best = NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *address_path = g_strdup_printf ("/sys/class/net/%s/address", name);
      g_autofree char *device = g_build_filename (folder, name, "device", NULL);
      g_autofree char *line = NULL, *mac = NULL;

      if (best_name != NULL && strcmp (name, best_name) > 0)
        continue;
      if (!g_str_has_prefix (name, "eth") && !g_file_test (device, G_FILE_TEST_EXISTS))
        continue;
      line = read_line (root, address_path);
      mac = rs_identity_parse_mac (line);
      if (mac == NULL || strcmp (mac, "000000000000") == 0)
        continue;
      g_free (best_name);
      g_free (best);
      best_name = g_strdup (name);
      best = g_steal_pointer (&mac);
    }
  return best != NULL ? g_steal_pointer (&best) : g_strdup ("");
}

static char *
first_of (const char        *root,
          const char *const *paths)
{
  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *line = read_line (root, paths[i]);
      if (line[0] != '\0')
        return g_steal_pointer (&line);
    }
  return g_strdup ("");
}

static char *
os_release (const char *root)
{
  static const char *const keys[] = { "IMAGE_VERSION=", "VERSION_ID=" };
  g_autofree char *name = g_strconcat (root, "/etc/os-release", NULL);
  g_autofree char *content = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (name, &content, NULL, NULL))
    return g_strdup ("");
  lines = g_strsplit (content, "\n", 256);
  for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
    {
      for (guint i = 0; lines[i] != NULL; i++)
        {
          g_autofree char *value = NULL;

          if (!g_str_has_prefix (lines[i], keys[k]))
            continue;
          value = g_shell_unquote (lines[i] + strlen (keys[k]), NULL);
          if (value != NULL && value[0] != '\0')
            return rs_text_escape (value, 64);
        }
    }
  return g_strdup ("");
}

static gboolean
given (const char *text)
{
  return text != NULL && text[0] != '\0';
}

RsIdentity *
rs_identity_new (const char *vendor,
                 const char *model,
                 const char *series,
                 const char *mac,
                 const char *serial,
                 const char *software_version,
                 const char *hardware_version,
                 const char *root)
{
  static const char *const serial_paths[]
      = { "/sys/firmware/devicetree/base/serial-number", "/sys/class/dmi/id/product_serial", NULL };
  static const char *const hardware_paths[]
      = { "/sys/firmware/devicetree/base/revision", "/sys/class/dmi/id/product_version", NULL };
  RsIdentity *identity = g_new0 (RsIdentity, 1);

  identity->vendor = g_strdup (given (vendor) ? vendor : "resyncd");
  identity->model = g_strdup (given (model) ? model : "generic");
  identity->series = g_strdup (given (series) ? series : identity->model);
  identity->mac = rs_identity_parse_mac (mac);
  if (identity->mac == NULL)
    identity->mac = first_mac (root);
  identity->serial = given (serial) ? g_strdup (serial) : first_of (root, serial_paths);
  identity->software_version = given (software_version) ? g_strdup (software_version) : os_release (root);
  identity->hardware_version = given (hardware_version) ? g_strdup (hardware_version) : first_of (root, hardware_paths);
  return identity;
}

void
rs_identity_free (RsIdentity *identity)
{
  if (identity == NULL)
    return;
  g_free (identity->vendor);
  g_free (identity->model);
  g_free (identity->series);
  g_free (identity->mac);
  g_free (identity->serial);
  g_free (identity->software_version);
  g_free (identity->hardware_version);
  g_free (identity);
}

char *
rs_identity_boot_id (const char *root)
{
  g_autofree char *line = read_line (root, "/proc/sys/kernel/random/boot_id");
  g_auto (GStrv) parts = g_strsplit (line, "-", 6);

  return g_strjoinv ("", parts);
}
