/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resyncd.conf: defaults, layers, and what is said of bad lines. */
#include "store/config.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <string.h>

static char *top;

static char *
put (const char *name,
     const char *text)
{
  char *path = g_build_filename (top, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static RsConfig *
load (const char *text,
      GPtrArray **warnings)
{
  g_autofree char *file = put ("one.conf", text);
  const char *files[] = { file, NULL };

  *warnings = g_ptr_array_new_with_free_func (g_free);
  return rs_config_load (files, *warnings);
}

static void
test_defaults (void)
{
  const char *files[] = { "/nonexistent/resyncd.conf", NULL };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (RsConfig) config = rs_config_load (files, warnings);

  g_assert_cmpuint (warnings->len, ==, 0);
  g_assert_cmpstr (config->vendor, ==, "resyncd");
  g_assert_cmpstr (config->model, ==, "generic");
  g_assert_false (config->manager_none);
  g_assert_true (config->system_ca);
  g_assert_false (config->allow_weak_sandbox);
  g_assert_cmpuint (g_strv_length (config->default_paths), ==, 4);
  g_assert_cmpstr (config->default_paths[3], ==, "/Cisco/$PN/$MA.cfg");
  g_assert_cmpstr (config->redirect_url, ==, "");
  g_assert_cmpstr (config->firmware_backend, ==, "rauc");
  g_assert_cmpuint (config->max_profile_bytes, ==, 8388608);
  g_assert_cmpuint (config->max_parameters, ==, 20000);
  g_assert_cmpuint (config->connect_timeout, ==, 15);
  g_assert_cmpuint (config->transfer_timeout, ==, 120);
  g_assert_cmpuint (config->max_firmware_bytes, ==, 1073741824);
  g_assert_cmpuint (config->firmware_stall_timeout, ==, 60);
}

/* PHONE-1 */
static void
test_values (void)
{
  g_autoptr (GPtrArray) warnings = NULL;
  g_autoptr (RsConfig) config = load ("# a comment\n[Phone]\nVendor=Acme\nModel = X 1 \n[Network]\nManager=none\n"
                                      "Options=66=192.0.2.5;160=https://a/\\;https://b/\n[Discovery]\n"
                                      "DefaultPaths=/a;/b\\;c;\nVendorOption=9/1\nSrvWeight=rfc2782\n"
                                      "[Access]\nSecretReaders=sip:Auth_*;other:X\n[Tls]\nSystemCa=no\n"
                                      "CertificateFile=pkcs11:token=phone\n[Limits]\nConnectTimeout=3\n",
                                      &warnings);

  for (guint i = 0; i < warnings->len; i++)
    g_test_message ("%s", (char *)g_ptr_array_index (warnings, i));
  g_assert_cmpuint (warnings->len, ==, 0);
  g_assert_cmpstr (config->vendor, ==, "Acme");
  g_assert_cmpstr (config->model, ==, "X 1");
  g_assert_true (config->manager_none);
  g_assert_cmpstr (config->options, ==, "66=192.0.2.5;160=https://a/\\;https://b/");
  g_assert_cmpstr (config->default_paths[1], ==, "/b;c");
  g_assert_null (config->default_paths[2]);
  g_assert_cmpuint (config->vendor_enterprise, ==, 9);
  g_assert_cmpuint (config->vendor_sub, ==, 1);
  g_assert_true (config->srv_weight_rfc2782);
  g_assert_cmpstr (config->secret_readers[1], ==, "other:X");
  g_assert_false (config->system_ca);
  g_assert_cmpstr (config->certificate_file, ==, "pkcs11:token=phone");
  g_assert_cmpuint (config->connect_timeout, ==, 3);
}

static void
test_vendor_defaults (void)
{
  g_autoptr (GPtrArray) warnings = NULL, more = NULL;
  g_autoptr (RsConfig) cisco = load ("[Phone]\nVendor=Cisco\n", &warnings);
  g_autoptr (RsConfig) own = load ("[Discovery]\nRedirectUrl=\n[Phone]\nVendor=Cisco\n", &more);

  g_assert_true (g_str_has_prefix (cisco->redirect_url, "https://activate.cisco.com/"));
  g_assert_true (g_str_has_prefix (cisco->redirect_fallback_url, "https://webapps.cisco.com/"));
  g_assert_cmpstr (cisco->activation_url, ==, "https://activation.webex.com/");
  g_assert_cmpstr (own->redirect_url, ==, "");
  g_assert_cmpstr (own->activation_url, ==, "https://activation.webex.com/");
}

static void
test_bad_lines (void)
{
  static const struct
  {
    const char *line, *says;
  } table[] = {
    { "[Limits]\nConnectTimeout=0\n", ":2: [Limits] ConnectTimeout: “0” cannot be; used instead: “15”" },
    { "[Limits]\nConnectTimeout=7\nConnectTimeout=x\n", ":3: [Limits] ConnectTimeout: “x” cannot be; used instead: “7”" },
    { "[Limits]\nMaxProfileBytes=99999999999\n", "used instead: “8388608”" },
    { "[Tls]\nCaFile=relative.pem\n", "CaFile: “relative.pem” cannot be" },
    { "[Tls]\nSystemCa=perhaps\n", "SystemCa: “perhaps” cannot be; used instead: “true”" },
    { "[Network]\nManager=connman\n", "used instead: “networkmanager”" },
    { "[Discovery]\nVendorOption=9\n", "VendorOption: “9” cannot be" },
    { "[Phone]\nMacAddress=zz:00\n", "MacAddress: “zz:00” cannot be; used instead: “”" },
    { "[Phone]\nVendor=a\\tb\n", "used instead: “resyncd”" },
    { "[Phone]\nVendor=a\xc2\x85\n", "used instead: “resyncd”" },
    { "[Access]\nSecretReaders=sip:a\001\n", "SecretReaders: “sip:a\\x01” cannot be" },
    { "[Firmware]\nBackend=zz\n", "used instead: “rauc”" },
    { "[Access]\nSecretReaders=x;:;a\n", "SecretReaders: “x;:;a” cannot be" },
    { "[Discovery]\nDefaultPaths=a b;;/ok\n", "DefaultPaths: “a b;;/ok” cannot be" },
    { "[Discovery]\nRedirectUrl=nonsense\n", "RedirectUrl: “nonsense” cannot be" },
    { "[Phone]\nColour=red\n", ":2: [Phone] Colour is unknown and was left out" },
    { "[Fone]\nVendor=x\n", "[Fone] Vendor is unknown" },
    { "[Phone]\nnonsense\n", ":2: " },
    { "Vendor=x\n", ":1: " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GPtrArray) warnings = NULL;
      g_autoptr (RsConfig) config = load (table[i].line, &warnings);

      g_assert_cmpuint (warnings->len, ==, 1);
      g_test_message ("%s", (char *)g_ptr_array_index (warnings, 0));
      g_assert_nonnull (strstr (g_ptr_array_index (warnings, 0), table[i].says));
      g_assert_cmpuint (config->max_parameters, ==, 20000);
    }
}

static void
test_layers (void)
{
  g_autofree char *vendor = put ("vendor/resyncd.conf", "[Phone]\nVendor=A\nModel=A\nSeries=A\n");
  g_autofree char *own = put ("etc/resyncd.conf", "[Phone]\nModel=B\nSeries=B\n");
  g_autofree char *last = put ("etc/resyncd.conf.d/90-x.conf", "[Phone]\nSeries=D\n");
  g_autofree char *first = put ("etc/resyncd.conf.d/10-x.conf", "[Phone]\nSeries=C\n");
  g_autofree char *other = put ("etc/resyncd.conf.d/99-x.bak", "[Phone]\nSeries=E\n");
  g_autofree char *vendor_dir = g_path_get_dirname (vendor);
  g_autofree char *conf_dir = g_path_get_dirname (own);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) files = rs_config_files (NULL, vendor_dir, conf_dir);
  g_auto (GStrv) only = rs_config_files ("/x.conf", vendor_dir, conf_dir);
  g_autoptr (RsConfig) config = rs_config_load ((const char *const *)files, warnings);

  g_assert_cmpuint (g_strv_length (files), ==, 4);
  g_assert_cmpstr (config->vendor, ==, "A");
  g_assert_cmpstr (config->model, ==, "B");
  g_assert_cmpstr (config->series, ==, "D");
  g_assert_cmpuint (g_strv_length (only), ==, 1);
}

static void
test_catalogue (void)
{
  g_autofree char *good = put ("cat/10-a.conf", "[A]\nType=int\nDefault=1\n");
  g_autofree char *bad = put ("cat/20-b.conf", "[B]\nType=int\nDefault=1\n[C]\nType=nonsense\nDefault=1\n");
  g_autofree char *own = put ("cat/30-c.conf", "[A]\nType=int\nDefault=2\n");
  g_autofree char *dir = g_path_get_dirname (good);
  const char *dirs[] = { dir, "/nonexistent", NULL }, *none[] = { "/nonexistent", NULL };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsCatalogue) catalogue = rs_catalogue_load (dirs, warnings, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (warnings->len, ==, 1);
  g_test_message ("%s", (char *)g_ptr_array_index (warnings, 0));
  g_assert_nonnull (strstr (g_ptr_array_index (warnings, 0), "20-b.conf"));
  g_assert_cmpstr (rs_catalogue_find (catalogue, "A")->default_value, ==, "2");
  g_assert_null (rs_catalogue_find (catalogue, "B"));
  g_assert_null (rs_catalogue_load (none, warnings, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  top = g_dir_make_tmp ("config-XXXXXX", NULL);
  g_test_add_func ("/config/defaults", test_defaults);
  g_test_add_func ("/config/values", test_values);
  g_test_add_func ("/config/vendor-defaults", test_vendor_defaults);
  g_test_add_func ("/config/bad-lines", test_bad_lines);
  g_test_add_func ("/config/layers", test_layers);
  g_test_add_func ("/config/catalogue", test_catalogue);
  return g_test_run ();
}
