/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check, decode and encrypt: a provider's desk, without phone, daemon and bus. */
#include "config.h"

#include "ctl/faults.h"
#include "ctl/offline.h"
#include "ctl/output.h"
#include "profile/profile.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

/* "file:3:9: error: Name: what", as compilers say it and editors understand it. */
static void
print_fault (const char    *file,
             const RsFound *found,
             gboolean       colour)
{
  g_autofree char *message = rs_output_safe (found->message);
  g_autoptr (GString) place = g_string_new (file);

  if (found->line != 0)
    g_string_append_printf (place, ":%u", found->line);
  if (found->line != 0 && found->column != 0)
    g_string_append_printf (place, ":%u", found->column);
  g_print ("%s: %s%s:%s ", place->str, colour ? (found->error ? "\033[31m" : "\033[33m") : "",
           found->error ? _("error") : _("warning"), colour ? "\033[0m" : "");
  /* most messages name the parameter themselves */
  if (found->name[0] != '\0' && g_strstr_len (message, -1, found->name) == NULL)
    g_print ("%s: ", found->name);
  g_print ("%s", message);
  if (found->suggestion != NULL)
    g_print (_("; is %s meant?"), found->suggestion);
  g_print ("\n");
}

static void
print_findings (const char       *path,
                const RsFindings *findings)
{
  g_autofree char *raw = g_filename_display_name (path);
  g_autofree char *file = rs_output_safe (raw);

  for (guint i = 0; i < findings->faults->len; i++)
    print_fault (file, g_ptr_array_index (findings->faults, i), rs_output_has_colour (STDOUT_FILENO));
  if (findings->left_out > 0)
    g_print (ngettext ("%s: and %u fault more\n", "%s: and %u faults more\n", findings->left_out), file,
             findings->left_out);
  g_print (ngettext ("%s: %u parameter would be set\n", "%s: %u parameters would be set\n", findings->parameters), file,
           findings->parameters);
}

static void
add_number (JsonBuilder *builder,
            const char  *name,
            guint        number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

static void
add_text (JsonBuilder *builder,
          const char  *name,
          const char  *text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text != NULL ? text : "");
}

static JsonNode *
json_of (const RsFindings *findings)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "ok");
  json_builder_add_boolean_value (builder, findings->ok);
  add_number (builder, "parameters", findings->parameters);
  json_builder_set_member_name (builder, "faults");
  json_builder_begin_array (builder);
  for (guint i = 0; i < findings->faults->len; i++)
    {
      const RsFound *found = g_ptr_array_index (findings->faults, i);

      json_builder_begin_object (builder);
      add_number (builder, "line", found->line);
      add_number (builder, "column", found->column);
      add_text (builder, "severity", found->error ? "error" : "warning");
      add_text (builder, "name", found->name);
      add_text (builder, "message", found->message);
      add_text (builder, "suggestion", found->suggestion);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

RsExit
rs_cmd_check (RsCtl *ctl)
{
  g_autoptr (RsConfig) config = rs_offline_config (ctl);
  g_autoptr (RsCatalogue) catalogue = rs_offline_catalogue (ctl, FALSE);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (RsFindings) findings = NULL;
  RsProfileOptions options;

  if (catalogue == NULL || !rs_offline_options (ctl, config, &options))
    return ctl->exit;
  bytes = rs_offline_read (ctl, ctl->words[0], config->max_profile_bytes);
  if (bytes == NULL)
    return ctl->exit;
  findings = rs_findings_of (bytes, &options, catalogue);
  if (ctl->json)
    rs_output_json (json_of (findings), FALSE);
  else
    print_findings (ctl->words[0], findings);
  return findings->ok ? RS_EXIT_DONE : RS_EXIT_FAILED;
}

static RsExit
write_out (GBytes *bytes)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (bytes, &length);

  fwrite (data, 1, length, stdout);
  return RS_EXIT_DONE;
}

RsExit
rs_cmd_decode (RsCtl *ctl)
{
  g_autoptr (RsConfig) config = rs_offline_config (ctl);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GError) error = NULL;
  RsProfileOptions options;

  if (!rs_offline_options (ctl, config, &options))
    return ctl->exit;
  bytes = rs_offline_read (ctl, ctl->words[0], config->max_profile_bytes);
  if (bytes == NULL)
    return ctl->exit;
  plain = rs_profile_decode (bytes, &options, &error);
  if (plain == NULL)
    return rs_fail (ctl, RS_EXIT_FAILED, rs_error_code (error), "%s", error->message);
  return write_out (plain);
}

RsExit
rs_cmd_encrypt (RsCtl *ctl)
{
  g_autoptr (RsConfig) config = rs_offline_config (ctl);
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GError) error = NULL;
  const RsCommand *self = rs_command_find ("encrypt");
  guint8 salt[RS_PROFILE_SALT];
  RsProfileOptions options;

  if ((ctl->key == NULL) == (ctl->ikm == NULL))
    return rs_fail_usage (ctl, self, _("encrypt wants either --key or --ikm"));
  if (isatty (STDOUT_FILENO))
    return rs_fail_usage (ctl, self, _("The encrypted file is not for a terminal; send it to a file with “>”"));
  if (!rs_offline_options (ctl, config, &options))
    return ctl->exit;
  if ((options.key != NULL ? options.key : options.ikm)[0] == '\0')
    return rs_fail_usage (ctl, self, _("The key is empty"));
  plain = rs_offline_read (ctl, ctl->words[0], config->max_profile_bytes);
  if (plain == NULL)
    return ctl->exit;
  if (getrandom (salt, sizeof salt, 0) != sizeof salt)
    return rs_fail (ctl, RS_EXIT_FAILED, RS_ERROR_FAILED, _("The system gives no random numbers: %s"), g_strerror (errno));
  file = rs_profile_encrypt (plain, options.key, options.ikm, ctl->gzip, salt, &error);
  if (file == NULL)
    return rs_fail (ctl, RS_EXIT_FAILED, rs_error_code (error), "%s", error->message);
  return write_out (file);
}
