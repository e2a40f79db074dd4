/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two layers of resyncd.conf, divided by a form feed: whatever stands there, each key has a value that can be. */
#include "fuzz.h"

#include "store/config.h"

#include <string.h>
#include <unistd.h>

static void
check_text (const char *text, GString *out)
{
  fuzz_check_line (text);
  g_string_append_printf (out, "%s\n", text);
}

static void
check_path (const char *text, GString *out)
{
  g_assert_true (text[0] == '\0' || text[0] == '/' || g_str_has_prefix (text, "pkcs11:"));
  check_text (text, out);
}

static void
check_url (const char *text, GString *out)
{
  g_assert_true (text[0] == '\0' || g_str_has_prefix (text, "http://") || g_str_has_prefix (text, "https://"));
  check_text (text, out);
}

static void
check_config (const RsConfig *config, GString *out)
{
  const char *const texts[]
      = { config->vendor, config->model, config->series, config->mac_address, config->serial_number,
          config->software_version, config->hardware_version, config->interface, config->options, config->domain,
          config->firmware_backend, config->firmware_command };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    check_text (texts[i], out);
  check_path (config->ca_file, out);
  check_path (config->certificate_file, out);
  check_path (config->private_key_file, out);
  check_url (config->redirect_url, out);
  check_url (config->redirect_fallback_url, out);
  check_url (config->activation_url, out);
  for (guint i = 0; config->default_paths[i] != NULL; i++)
    check_path (config->default_paths[i], out);
  for (guint i = 0; config->secret_readers[i] != NULL; i++)
    {
      g_assert_nonnull (strchr (config->secret_readers[i], ':'));
      check_text (config->secret_readers[i], out);
    }
  g_assert_cmpuint (config->max_profile_bytes, >=, 1024);
  g_assert_cmpuint (config->max_parameters, >=, 1);
  g_assert_cmpuint (config->connect_timeout, >=, 1);
  g_assert_cmpuint (config->connect_timeout, <=, 3600);
  g_assert_cmpuint (config->transfer_timeout, >=, 1);
  g_assert_cmpuint (config->transfer_timeout, <=, 3600);
  g_string_append_printf (out, "%d %d %d %u %u", config->manager_none, config->system_ca, config->allow_weak_sandbox,
                          config->vendor_enterprise, config->vendor_sub);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  const guint8 *feed = size > 0 ? memchr (data, '\f', size) : NULL;
  FuzzInput layer = fuzz_take (&input, feed != NULL ? (gsize)(feed - data) : size);
  g_autofree char *first = NULL, *second = NULL;
  int fds[2] = { fuzz_file (layer.data, layer.size, &first), fuzz_file (input.data, input.size, &second) };
  const char *files[] = { first, second, NULL };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (RsConfig) config = rs_config_load (files, warnings);

  close (fds[0]);
  close (fds[1]);
  check_config (config, out);
  fuzz_check_lines (warnings);
  for (guint i = 0; i < warnings->len; i++)
    g_string_append (out, warnings->pdata[i]);
}
