/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs one job of a worker as the daemon would and prints the outcome as JSON, for the tests in Python.
 *
 *   run-job WORKER FIELD=VALUE…
 *
 * The fields are those of RsRequest, and: deadline (seconds), cancel_after (milliseconds), file (that an image goes into). */
#include "worker/worker.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef enum
{
  FIELD_TEXT,
  FIELD_BOOL,
  FIELD_UINT16,
  FIELD_UINT32,
  FIELD_UINT64,
  FIELD_METHOD,
} FieldType;

#define FIELD(member, type)                                                                                            \
  {                                                                                                                    \
#member, G_STRUCT_OFFSET(RsRequest, member), type                                                                  \
  }

static const struct
{
  const char *name;
  gsize offset;
  FieldType type;
} fields[] = {
  FIELD (scheme, FIELD_TEXT),
  FIELD (host, FIELD_TEXT),
  FIELD (port, FIELD_UINT16),
  FIELD (path, FIELD_TEXT),
  FIELD (user_agent, FIELD_TEXT),
  FIELD (user, FIELD_TEXT),
  FIELD (password, FIELD_TEXT),
  FIELD (basic_over_http, FIELD_BOOL),
  FIELD (if_none_match, FIELD_TEXT),
  FIELD (if_modified_since, FIELD_TEXT),
  FIELD (key, FIELD_TEXT),
  FIELD (alias_map, FIELD_TEXT),
  FIELD (ca_file, FIELD_TEXT),
  FIELD (system_ca, FIELD_BOOL),
  FIELD (certificate_file, FIELD_TEXT),
  FIELD (private_key_file, FIELD_TEXT),
  FIELD (clock_is_set, FIELD_BOOL),
  FIELD (literal_address, FIELD_TEXT),
  FIELD (max_bytes, FIELD_UINT64),
  FIELD (max_parameters, FIELD_UINT32),
  FIELD (connect_timeout, FIELD_UINT32),
  FIELD (transfer_timeout, FIELD_UINT32),
  FIELD (allow_weak_sandbox, FIELD_BOOL),
  FIELD (ikm, FIELD_TEXT),
  FIELD (method, FIELD_METHOD),
  FIELD (body, FIELD_TEXT),
  FIELD (upload, FIELD_BOOL),
  FIELD (kind, FIELD_UINT32),
  FIELD (proxies, FIELD_TEXT),
  FIELD (proxy_user, FIELD_TEXT),
  FIELD (proxy_password, FIELD_TEXT),
  FIELD (custom_ca, FIELD_TEXT),
  FIELD (crl_file, FIELD_TEXT),
  FIELD (own_address, FIELD_TEXT),
  FIELD (target, FIELD_TEXT),
  FIELD (token_paths, FIELD_TEXT),
  FIELD (srv, FIELD_BOOL),
  FIELD (srv_by_chance, FIELD_BOOL),
  FIELD (srv_target, FIELD_TEXT),
  FIELD (proxies_found, FIELD_BOOL),
  FIELD (redirects, FIELD_UINT32),
  FIELD (stall_timeout, FIELD_UINT32),
  FIELD (max_rate, FIELD_UINT64),
  FIELD (room, FIELD_UINT64),
  FIELD (part.bytes, FIELD_UINT64),
  FIELD (part.total, FIELD_UINT64),
  FIELD (part.validator, FIELD_TEXT),
  FIELD (part.digest, FIELD_TEXT),
  FIELD (part.source, FIELD_TEXT),
};

typedef struct
{
  GMainLoop *loop;
  GString *progress; /* JSON */
  GString *parts;
  RsOutcome *outcome;
} Job;

static void
append_json_text (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_printf (out, "\\%c", *p);
      else if ((guchar)*p < 0x20)
        g_string_append_printf (out, "\\u%04x", (guint)*p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

static void
append_text (GString *out, const char *name, const char *value)
{
  g_string_append_printf (out, "\"%s\": ", name);
  append_json_text (out, value);
  g_string_append (out, ", ");
}

static void
append_flag (GString *out, const char *name, gboolean value)
{
  g_string_append_printf (out, "\"%s\": %s, ", name, value ? "true" : "false");
}

static void
append_assignments (GString *out, GPtrArray *assignments)
{
  g_string_append (out, "\"assignments\": {");
  for (guint i = 0; i < assignments->len; i++)
    {
      const RsAssignment *assignment = assignments->pdata[i];

      g_string_append (out, i > 0 ? ", " : "");
      append_json_text (out, assignment->name);
      g_string_append (out, ": ");
      append_json_text (out, assignment->value != NULL ? assignment->value : "");
    }
  g_string_append (out, "}, ");
}

static void
append_notes (GString *out, GPtrArray *notes)
{
  g_string_append (out, "\"notes\": [");
  for (guint i = 0; i < notes->len; i++)
    {
      g_string_append (out, i > 0 ? ", " : "");
      append_json_text (out, notes->pdata[i]);
    }
  g_string_append (out, "], ");
}

static void
print_outcome (const Job *job, double begun, double ended)
{
  const RsOutcome *outcome = job->outcome;
  g_autoptr (GString) out = g_string_new ("{");

  append_flag (out, "ok", outcome->ok);
  append_text (out, "code", outcome->ok ? "" : rs_error_name (outcome->code));
  append_text (out, "class", rs_class_name (outcome->ok ? RS_CLASS_A : rs_error_class (outcome->code)));
  append_text (out, "message", outcome->message);
  g_string_append_printf (out, "\"http_status\": %u, \"retry_after\": %u, ", outcome->http_status,
                          outcome->retry_after);
  append_flag (out, "not_modified", outcome->not_modified);
  append_flag (out, "overload", outcome->overload);
  append_flag (out, "silent", outcome->silent);
  append_flag (out, "dates_only", outcome->dates_only);
  append_text (out, "url", outcome->url);
  append_text (out, "server_address", outcome->server_address);
  append_text (out, "etag", outcome->etag);
  append_text (out, "last_modified", outcome->last_modified);
  append_text (out, "digest", outcome->digest);
  append_text (out, "certificate", outcome->certificate);
  append_text (out, "subject", outcome->subject);
  append_text (out, "proxies", outcome->proxies);
  append_text (out, "servers", outcome->servers);
  append_flag (out, "pin_refused", outcome->pin_refused);
  g_string_append_printf (out, "\"redirects\": %u, ", outcome->redirects);
  append_assignments (out, outcome->assignments);
  append_notes (out, outcome->notes);
  g_string_append_printf (out, "\"progress\": [%s], \"parts\": [%s], \"seconds\": %.6f, \"ended\": %.6f}",
                          job->progress->str, job->parts->str, ended - begun, ended);
  puts (out->str);
}

static void
on_progress (const RsProgress *progress, gpointer data)
{
  Job *job = data;

  g_string_append_printf (job->progress, "%s[\"%s\", %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT ", %.6f]",
                          job->progress->len > 0 ? ", " : "", rs_stage_name (progress->stage), progress->bytes,
                          progress->total, (double)g_get_monotonic_time () / G_USEC_PER_SEC);
}

static void
on_part (const RsPart *part, gpointer data)
{
  Job *job = data;

  g_string_append_printf (job->parts, "%s[%" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT ", ", job->parts->len > 0 ? ", " : "",
                          part->bytes, part->total);
  append_json_text (job->parts, part->validator);
  g_string_append_printf (job->parts, ", \"%s\", \"%s\"]", part->digest, part->source);
}

static void
on_finished (GObject *source, GAsyncResult *result, gpointer data)
{
  Job *job = data;

  job->outcome = rs_worker_run_finish (result);
  g_main_loop_quit (job->loop);
}

static gboolean
on_cancel (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_REMOVE;
}

static gboolean
set_field (RsRequest *request, const char *name, const char *value)
{
  guint64 number = g_ascii_strtoull (value, NULL, 10);

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      gpointer place = G_STRUCT_MEMBER_P (request, fields[i].offset);

      if (!g_str_equal (name, fields[i].name))
        continue;
      if (fields[i].type == FIELD_TEXT)
        {
          g_free (*(char **)place);
          *(char **)place = g_strdup (value);
        }
      else if (fields[i].type == FIELD_UINT16)
        *(guint16 *)place = (guint16)number;
      else if (fields[i].type == FIELD_UINT64)
        *(guint64 *)place = number;
      else if (fields[i].type == FIELD_METHOD)
        *(RsMethod *)place = g_str_equal (value, "PUT")    ? RS_METHOD_PUT
                             : g_str_equal (value, "POST") ? RS_METHOD_POST
                                                           : RS_METHOD_GET;
      else
        *(guint32 *)place = (guint32)number;
      return TRUE;
    }
  return FALSE;
}

static RsRequest *
new_request (void)
{
  RsRequest *request = g_new0 (RsRequest, 1);

  request->scheme = g_strdup ("http");
  request->host = g_strdup ("");
  request->path = g_strdup ("/");
  request->user_agent = g_strdup ("resyncd-generic/1 (000e08aabbcc)");
  request->clock_is_set = TRUE;
  request->max_bytes = 8 << 20;
  request->max_parameters = 20000;
  request->connect_timeout = 5;
  request->transfer_timeout = 20;
  return request;
}

int
main (int argc, char **argv)
{
  Job job = { .loop = g_main_loop_new (NULL, FALSE), .progress = g_string_new (NULL), .parts = g_string_new (NULL) };
  g_autoptr (RsRequest) request = new_request ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint deadline = 60, cancel_after = 0;
  int file = -1;
  double begun = (double)g_get_monotonic_time () / G_USEC_PER_SEC, ended;

  for (int i = 2; i < argc; i++)
    {
      g_auto (GStrv) pair = g_strsplit (argv[i], "=", 2);

      if (g_str_equal (pair[0], "deadline"))
        deadline = (guint)g_ascii_strtoull (pair[1], NULL, 10);
      else if (g_str_equal (pair[0], "cancel_after"))
        cancel_after = (guint)g_ascii_strtoull (pair[1], NULL, 10);
      else if (g_str_equal (pair[0], "file"))
        file = open (pair[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      else if (!set_field (request, pair[0], pair[1]))
        g_error ("no field %s", pair[0]);
    }
  if (cancel_after > 0)
    g_timeout_add (cancel_after, on_cancel, cancellable);
  if (file >= 0)
    {
      rs_worker_run_image_async (argv[1], request, file, on_progress, on_part, &job, cancellable, on_finished, &job);
      close (file);
    }
  else
    rs_worker_run_async (argv[1], request, deadline, on_progress, &job, cancellable, on_finished, &job);
  g_main_loop_run (job.loop);
  ended = (double)g_get_monotonic_time () / G_USEC_PER_SEC;
  print_outcome (&job, begun, ended);
  rs_outcome_free (job.outcome);
  g_string_free (job.progress, TRUE);
  g_string_free (job.parts, TRUE);
  g_main_loop_unref (job.loop);
  return EXIT_SUCCESS;
}
