/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Findings as text and as the JSON document of the contract. */
#include "config.h"

#include "ctl/report.h"

#include "ctl/output.h"

#include <glib/gi18n.h>
#include <string.h>
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
print_summary (const char       *file,
               const RsFindings *findings)
{
  guint errors = findings->errors, warnings = findings->warnings, left_out = rs_findings_left_out (findings);

  if (left_out > 0)
    g_print (ngettext ("%s: and %u fault more\n", "%s: and %u faults more\n", left_out), file, left_out);
  g_print (ngettext ("%s: %u parameter would be set", "%s: %u parameters would be set", findings->parameters), file,
           findings->parameters);
  if (errors > 0)
    g_print (ngettext (", %u error", ", %u errors", errors), errors);
  if (warnings > 0)
    g_print (ngettext (", %u warning", ", %u warnings", warnings), warnings);
  g_print ("\n");
}

void
rs_report_print (const RsChecked *checked)
{
  g_autofree char *raw = g_filename_display_name (checked->path);
  g_autofree char *file = rs_output_safe (raw);

  for (guint i = 0; i < checked->findings->faults->len; i++)
    print_fault (file, g_ptr_array_index (checked->findings->faults, i), rs_output_has_colour (STDOUT_FILENO));
  print_summary (file, checked->findings);
}

static void
add_faults (JsonBuilder     *builder,
            const RsChecked *checked)
{
  g_autofree char *raw = g_filename_display_name (checked->path);
  g_autofree char *file = rs_output_safe (raw);

  for (guint i = 0; i < checked->findings->faults->len; i++)
    {
      const RsFound *found = g_ptr_array_index (checked->findings->faults, i);

      json_builder_begin_object (builder);
      rs_json_add_text (builder, "file", file);
      rs_json_add_number (builder, "line", found->line);
      rs_json_add_number (builder, "column", found->column);
      rs_json_add_text (builder, "severity", found->error ? "error" : "warning");
      rs_json_add_text (builder, "kind", rs_found_kind_name (found->kind));
      rs_json_add_text (builder, "name", found->name != NULL ? found->name : "");
      rs_json_add_text (builder, "message", found->message);
      rs_json_add_text (builder, "suggestion", found->suggestion != NULL ? found->suggestion : "");
      json_builder_end_object (builder);
    }
}

JsonNode *
rs_report_json (const RsChecked *checked,
                guint            n)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  guint parameters = 0, errors = 0, warnings = 0, left_out = 0;
  gboolean ok = TRUE;

  for (guint i = 0; i < n; i++)
    {
      ok = ok && checked[i].findings->ok;
      parameters += checked[i].findings->parameters;
      errors += checked[i].findings->errors;
      warnings += checked[i].findings->warnings;
      left_out += rs_findings_left_out (checked[i].findings);
    }
  json_builder_begin_object (builder);
  rs_json_add_bool (builder, "ok", ok);
  rs_json_add_number (builder, "parameters", parameters);
  rs_json_add_number (builder, "errors", errors);
  rs_json_add_number (builder, "warnings", warnings);
  rs_json_add_number (builder, "left-out", left_out);
  json_builder_set_member_name (builder, "faults");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    add_faults (builder, &checked[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
