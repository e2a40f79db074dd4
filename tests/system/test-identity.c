/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Identity from a made-up root folder: what the configuration says wins over what the device tells. */
#include "system/identity.h"

#include <glib/gstdio.h>

static char *root;

static void
put (const char *path,
     const char *text)
{
  g_autofree char *name = g_build_filename (root, path, NULL);
  g_autofree char *folder = g_path_get_dirname (name);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (name, text, -1, NULL));
}

/* PHONE-1 */
static void
test_mac_forms (void)
{
  static const struct
  {
    const char *text, *want;
  } table[] = {
    { "00:0e:08:AA:bb:cc", "000e08aabbcc" }, { "000E08AABBCC", "000e08aabbcc" }, { "00-0e-08-aa-bb-cc", "000e08aabbcc" },
    { "000e.08aa.bbcc", "000e08aabbcc" },    { "", NULL },                       { "00:0e:08:aa:bb", NULL },
    { "00:0e:08:aa:bb:cc:dd", NULL },        { "00:0e:08:aa:bb:cg", NULL },      { NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *got = rs_identity_parse_mac (table[i].text);
      g_assert_cmpstr (got, ==, table[i].want);
    }
}

/* PHONE-1 */
static void
test_device (void)
{
  g_autoptr (RsIdentity) identity = NULL;

  put ("sys/class/net/eth1/address", "02:00:00:00:00:01\n");
  put ("sys/class/net/eth0/address", "02:00:00:00:00:00\n");
  put ("sys/class/net/lo/address", "00:00:00:00:00:00\n");
  put ("sys/class/net/docker0/address", "02:00:00:00:00:09\n");
  put ("etc/os-release", "NAME=x\nVERSION_ID=\"12\"\nIMAGE_VERSION='3.4.5'\n");
  put ("sys/firmware/devicetree/base/serial-number", "SN\x1b[31m1\n");
  identity = rs_identity_new ("", "", "", "", "", "", "", root);
  g_assert_cmpstr (identity->vendor, ==, "resyncd");
  g_assert_cmpstr (identity->model, ==, "generic");
  g_assert_cmpstr (identity->series, ==, "generic");
  g_assert_cmpstr (identity->mac, ==, "020000000000");
  g_assert_cmpstr (identity->software_version, ==, "3.4.5");
  g_assert_cmpstr (identity->serial, ==, "SN\\x1b[31m1");
  g_assert_cmpstr (identity->hardware_version, ==, "");
}

/* PHONE-1 */
static void
test_configuration_wins (void)
{
  g_autoptr (RsIdentity) identity
      = rs_identity_new ("Cisco", "CP-8851-3PCC", "8851-3PCC", "00:0E:08:AA:BB:CC", "FCH1", "12.0.3", "V01", root);

  g_assert_cmpstr (identity->vendor, ==, "Cisco");
  g_assert_cmpstr (identity->model, ==, "CP-8851-3PCC");
  g_assert_cmpstr (identity->series, ==, "8851-3PCC");
  g_assert_cmpstr (identity->mac, ==, "000e08aabbcc");
  g_assert_cmpstr (identity->serial, ==, "FCH1");
  g_assert_cmpstr (identity->software_version, ==, "12.0.3");
  g_assert_cmpstr (identity->hardware_version, ==, "V01");
}

static void
test_boot_id (void)
{
  g_autofree char *none = rs_identity_boot_id (root);
  g_autofree char *id = NULL;

  g_assert_cmpstr (none, ==, "");
  put ("proc/sys/kernel/random/boot_id", "01234567-89ab-cdef-0123-456789abcdef\n");
  id = rs_identity_boot_id (root);
  g_assert_cmpstr (id, ==, "0123456789abcdef0123456789abcdef");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  root = g_dir_make_tmp ("identity-XXXXXX", NULL);
  g_test_add_func ("/identity/mac", test_mac_forms);
  g_test_add_func ("/identity/device", test_device);
  g_test_add_func ("/identity/configuration", test_configuration_wins);
  g_test_add_func ("/identity/boot-id", test_boot_id);
  return g_test_run ();
}
