/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Findings as a log of SARIF 2.1.0, which the services that build and test for a provider can show beside the lines of a profile. */
#include "config.h"

#include "ctl/output.h"
#include "ctl/report.h"

#include <string.h>

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

static const char *const descriptions[RS_FOUND_KINDS] = {
  [RS_FOUND_UNREADABLE] = "A file that cannot be read has not been checked",
  [RS_FOUND_CORRUPT] = "The file is no profile; a phone would change nothing",
  [RS_FOUND_PASSED_OVER] = "A part of the file has no effect",
  [RS_FOUND_UNKNOWN_NAME] = "A name that is no parameter of the phone is passed over",
  [RS_FOUND_BAD_VALUE] = "A value that the parameter cannot have is passed over",
  [RS_FOUND_BAD_RULE] = "A rule that cannot be followed fails the resync",
  [RS_FOUND_DUPLICATE] = "A parameter is set twice; the last one counts",
  [RS_FOUND_CLEAR_TEXT] = "A secret would cross the network in the clear",
  [RS_FOUND_UNKNOWN_MACRO] = "What looks like a macro is none and stays as it is written",
  [RS_FOUND_BAD_ALIAS_MAP] = "An alias map that cannot be read fails the resync",
  [RS_FOUND_RAISED] = "A value below the least that the phone takes is raised",
  [RS_FOUND_CONSTANT] = "A comparison comes out the same on every phone",
};

static void
begin (JsonBuilder *builder,
       const char  *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
}

/* { "text": … }, a message object */
static void
add_message (JsonBuilder *builder,
             const char  *name,
             const char  *text)
{
  begin (builder, name);
  rs_json_add_text (builder, "text", text);
  json_builder_end_object (builder);
}

static void
add_tool (JsonBuilder *builder)
{
  begin (builder, "tool");
  begin (builder, "driver");
  rs_json_add_text (builder, "name", "resyncctl");
  rs_json_add_text (builder, "version", RS_VERSION);
  json_builder_set_member_name (builder, "rules");
  json_builder_begin_array (builder);
  for (RsFoundKind kind = 0; kind < RS_FOUND_KINDS; kind++)
    {
      json_builder_begin_object (builder);
      rs_json_add_text (builder, "id", rs_found_kind_name (kind));
      add_message (builder, "shortDescription", descriptions[kind]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

/* found: where in the file; NULL: the file itself. */
static void
add_location (JsonBuilder   *builder,
              const char    *uri,
              const RsFound *found)
{
  json_builder_set_member_name (builder, "locations");
  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  begin (builder, "physicalLocation");
  begin (builder, "artifactLocation");
  rs_json_add_text (builder, "uri", uri);
  json_builder_end_object (builder);
  if (found != NULL && found->line > 0)
    {
      begin (builder, "region");
      rs_json_add_number (builder, "startLine", found->line);
      if (found->column > 0)
        rs_json_add_number (builder, "startColumn", found->column);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  json_builder_end_array (builder);
}

/* A message that says all: there is no place of its own for name and suggestion. */
static char *
message_of (const RsFound *found)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (found->name[0] != '\0' && strstr (found->message, found->name) == NULL)
    g_string_append_printf (text, "%s: ", found->name);
  g_string_append (text, found->message);
  if (found->suggestion != NULL)
    g_string_append_printf (text, "; is %s meant?", found->suggestion);
  return g_strdup (text->str);
}

/* A reference relative to where the check runs; a colon would make a scheme of the name. */
static char *
uri_of (const RsChecked *checked)
{
  return g_uri_escape_string (checked->path, "/", FALSE);
}

static void
add_results (JsonBuilder     *builder,
             const RsChecked *checked)
{
  g_autofree char *uri = uri_of (checked);

  for (guint i = 0; i < checked->findings->faults->len; i++)
    {
      const RsFound *found = g_ptr_array_index (checked->findings->faults, i);
      g_autofree char *message = message_of (found);

      json_builder_begin_object (builder);
      rs_json_add_text (builder, "ruleId", rs_found_kind_name (found->kind));
      rs_json_add_number (builder, "ruleIndex", found->kind);
      rs_json_add_text (builder, "level", found->error ? "error" : "warning");
      add_message (builder, "message", message);
      add_location (builder, uri, found);
      json_builder_end_object (builder);
    }
}

/* That there is more than the log has, which those who count its results must hear. */
static void
add_invocation (JsonBuilder     *builder,
                const RsChecked *checked,
                guint            n)
{
  json_builder_set_member_name (builder, "invocations");
  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  rs_json_add_bool (builder, "executionSuccessful", TRUE);
  json_builder_set_member_name (builder, "toolExecutionNotifications");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *uri = uri_of (&checked[i]);
      guint left_out = rs_findings_left_out (checked[i].findings);
      g_autofree char *message
          = g_strdup_printf ("%u more are not listed; in all there are %u errors and %u warnings", left_out, checked[i].findings->errors,
                             checked[i].findings->warnings);

      if (left_out == 0)
        continue;
      json_builder_begin_object (builder);
      rs_json_add_text (builder, "level", "warning");
      add_message (builder, "message", message);
      add_location (builder, uri, NULL);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  json_builder_end_array (builder);
}

JsonNode *
rs_report_sarif (const RsChecked *checked,
                 guint            n)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  rs_json_add_text (builder, "$schema", SCHEMA);
  rs_json_add_text (builder, "version", "2.1.0");
  json_builder_set_member_name (builder, "runs");
  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  add_tool (builder);
  add_invocation (builder, checked, n);
  rs_json_add_text (builder, "columnKind", "unicodeCodePoints");
  json_builder_set_member_name (builder, "results");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    add_results (builder, &checked[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
