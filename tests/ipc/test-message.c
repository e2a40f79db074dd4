/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wire between daemon and worker: what is written is read back, what is out of bounds is not written. */
#include "samples.h"

#include <string.h>

static void
test_request_round_trip (void)
{
  g_autoptr (RsRequest) request = sample_request ();
  g_autoptr (GBytes) payload = request_payload (request);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRequest) read = rs_request_from_payload (payload, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (read->scheme, ==, request->scheme);
  g_assert_cmpstr (read->host, ==, request->host);
  g_assert_cmpuint (read->port, ==, 443);
  g_assert_cmpstr (read->path, ==, request->path);
  g_assert_cmpstr (read->user_agent, ==, request->user_agent);
  g_assert_cmpstr (read->user, ==, request->user);
  g_assert_cmpstr (read->password, ==, request->password);
  g_assert_true (read->basic_over_http);
  g_assert_cmpstr (read->if_none_match, ==, request->if_none_match);
  g_assert_cmpstr (read->if_modified_since, ==, request->if_modified_since);
  g_assert_cmpstr (read->key, ==, request->key);
  g_assert_cmpstr (read->alias_map, ==, request->alias_map);
  g_assert_cmpstr (read->ca_file, ==, request->ca_file);
  g_assert_true (read->system_ca);
  g_assert_cmpstr (read->certificate_file, ==, request->certificate_file);
  g_assert_cmpstr (read->private_key_file, ==, request->private_key_file);
  g_assert_true (read->clock_is_set);
  g_assert_cmpstr (read->literal_address, ==, request->literal_address);
  g_assert_cmpuint (read->max_bytes, ==, request->max_bytes);
  g_assert_cmpuint (read->max_parameters, ==, request->max_parameters);
  g_assert_cmpuint (read->connect_timeout, ==, 15);
  g_assert_cmpuint (read->transfer_timeout, ==, 120);
  g_assert_true (read->allow_weak_sandbox);
  g_assert_cmpstr (read->ikm, ==, request->ikm);
  g_assert_cmpint (read->method, ==, RS_METHOD_GET);
  g_assert_cmpstr (read->body, ==, "");
  g_assert_cmpint (read->kind, ==, RS_JOB_PROFILE);
  g_assert_cmpstr (read->proxies, ==, request->proxies);
  g_assert_cmpstr (read->proxy_user, ==, request->proxy_user);
  g_assert_cmpstr (read->proxy_password, ==, request->proxy_password);
  g_assert_cmpstr (read->custom_ca, ==, request->custom_ca);
  g_assert_cmpstr (read->crl_file, ==, request->crl_file);
  g_assert_cmpstr (read->own_address, ==, request->own_address);
  g_assert_cmpstr (read->token_paths, ==, request->token_paths);
  g_assert_cmpstr (read->target, ==, "");
  g_assert_false (read->srv);
  g_assert_true (read->srv_by_chance);
  g_assert_cmpstr (read->srv_target, ==, request->srv_target);
  g_assert_true (read->proxies_found);
  g_assert_cmpuint (read->redirects, ==, 0);
}

/* HTTP-1: a request by POST has a body, which may be empty, and is not conditional. */
static void
test_request_post (void)
{
  static const char *const bodies[] = { "", "serial=\"FCH1234\"\nmodel=Grüße" };
  g_autoptr (RsRequest) request = sample_request ();

  request->method = RS_METHOD_POST;
  request->if_none_match[0] = request->if_modified_since[0] = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GBytes) payload = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRequest) read = NULL;

      g_free (request->body);
      request->body = g_strdup (bodies[i]);
      payload = request_payload (request);
      read = rs_request_from_payload (payload, &error);
      g_assert_no_error (error);
      g_assert_cmpint (read->method, ==, RS_METHOD_POST);
      g_assert_cmpstr (read->body, ==, bodies[i]);
    }
}

/* LOG-1: a message goes out and brings nothing back. */
static void
test_request_syslog (void)
{
  g_autoptr (RsRequest) request = sample_request ();
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRequest) read = NULL;

  g_free (request->scheme);
  request->scheme = g_strdup ("syslog");
  request->if_none_match[0] = request->if_modified_since[0] = request->srv_target[0] = '\0';
  g_assert_null (rs_request_to_frame (request, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  request->upload = TRUE;
  request->method = RS_METHOD_POST;
  g_assert_null (rs_request_to_frame (request, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  request->method = RS_METHOD_PUT;
  payload = request_payload (request);
  read = rs_request_from_payload (payload, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->scheme, ==, "syslog");
  g_assert_false (rs_request_is_http (read));
  g_assert_false (rs_request_may_use_token (read));
}

/* A request of TFTP, with all that may be missing left out: NULL is read back as "". */
static void
test_request_least (void)
{
  g_autoptr (RsRequest) request = g_new0 (RsRequest, 1);
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRequest) read = NULL;

  request->scheme = g_strdup ("tftp");
  request->host = g_strdup ("192.0.2.1");
  request->port = 69;
  request->path = g_strdup ("phone.cfg");
  request->max_bytes = request->max_parameters = request->connect_timeout = request->transfer_timeout = 1;
  /* whatever is not 0 is true */
  request->system_ca = 0x80;
  payload = request_payload (request);
  read = rs_request_from_payload (payload, &error);
  g_assert_no_error (error);
  g_assert_cmpint (read->system_ca, ==, TRUE);
  g_assert_cmpstr (read->path, ==, "phone.cfg");
  g_assert_cmpstr (read->user_agent, ==, "");
  g_assert_cmpstr (read->literal_address, ==, "");
  g_assert_false (read->clock_is_set);
}

static void
assert_same_outcome (const RsOutcome *a,
                     const RsOutcome *b)
{
  g_assert_cmpint (a->ok, ==, b->ok);
  g_assert_cmpint (a->code, ==, b->code);
  g_assert_cmpstr (a->message, ==, b->message);
  g_assert_cmpuint (a->http_status, ==, b->http_status);
  g_assert_cmpint (a->not_modified, ==, b->not_modified);
  g_assert_cmpint (a->overload, ==, b->overload);
  g_assert_cmpint (a->silent, ==, b->silent);
  g_assert_cmpint (a->dates_only, ==, b->dates_only);
  g_assert_cmpuint (a->retry_after, ==, b->retry_after);
  g_assert_cmpstr (a->url, ==, b->url);
  g_assert_cmpstr (a->server_address, ==, b->server_address);
  g_assert_cmpstr (a->etag, ==, b->etag);
  g_assert_cmpstr (a->last_modified, ==, b->last_modified);
  g_assert_cmpstr (a->digest, ==, b->digest);
  g_assert_cmpstr (a->certificate, ==, b->certificate);
  g_assert_cmpstr (a->subject, ==, b->subject);
  g_assert_cmpstr (a->proxies, ==, b->proxies);
  g_assert_cmpstr (a->servers, ==, b->servers);
  g_assert_cmpint (a->pin_refused, ==, b->pin_refused);
  g_assert_cmpuint (a->assignments->len, ==, b->assignments->len);
  for (guint i = 0; i < a->assignments->len; i++)
    {
      const RsAssignment *x = a->assignments->pdata[i], *y = b->assignments->pdata[i];

      g_assert_cmpstr (x->name, ==, y->name);
      g_assert_cmpstr (x->value, ==, y->value);
      g_assert_cmpint (x->kind, ==, y->kind);
      g_assert_cmpint (x->access, ==, y->access);
      g_assert_cmpuint (x->line, ==, y->line);
    }
  g_assert_cmpuint (a->notes->len, ==, b->notes->len);
  for (guint i = 0; i < a->notes->len; i++)
    g_assert_cmpstr (a->notes->pdata[i], ==, b->notes->pdata[i]);
}

static void
test_outcome_round_trip (void)
{
  RsOutcome *(*const samples[]) (void) = { sample_success, sample_failure, sample_not_modified };
  g_autoptr (RsRequest) request = sample_request ();

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (RsOutcome) outcome = samples[i]();
      g_autoptr (GBytes) payload = outcome_payload (outcome);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsOutcome) read = rs_outcome_from_payload (payload, request, &error);

      g_assert_no_error (error);
      assert_same_outcome (outcome, read);
    }
}

/* The payload may lie anywhere in memory, as when frame and header were read in one go. */
static void
test_outcome_unaligned (void)
{
  g_autoptr (RsRequest) request = sample_request ();
  g_autoptr (RsOutcome) outcome = sample_success ();
  g_autoptr (GBytes) payload = outcome_payload (outcome);
  gsize length;
  const void *data = g_bytes_get_data (payload, &length);

  for (guint shift = 0; shift < 8; shift++)
    {
      g_autofree guint8 *memory = g_malloc (length + 8);
      g_autoptr (GBytes) moved = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (RsOutcome) read = NULL;

      memcpy (memory + shift, data, length);
      moved = g_bytes_new_static (memory + shift, length);
      read = rs_outcome_from_payload (moved, request, &error);
      g_assert_no_error (error);
      assert_same_outcome (outcome, read);
    }
}

static void
test_progress (void)
{
  static const struct
  {
    RsProgress said, read;
  } cases[] = {
    { { RS_STAGE_CONNECTING, 0, 0 }, { RS_STAGE_CONNECTING, 0, 0 } },
    { { RS_STAGE_DOWNLOADING, 12345, 1u << 30 }, { RS_STAGE_DOWNLOADING, 12345, 1u << 30 } },
    { { RS_STAGE_DECODING + 9, G_MAXUINT64, G_MAXUINT64 }, { RS_STAGE_DECODING, G_MAXINT64, G_MAXINT64 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) frame = rs_progress_to_frame (&cases[i].said);
      g_autoptr (GBytes) payload = payload_of (frame, RS_FRAME_PROGRESS);
      g_autoptr (GError) error = NULL;
      RsProgress read;

      g_assert_true (rs_progress_from_payload (payload, &read, &error));
      g_assert_no_error (error);
      g_assert_cmpint (read.stage, ==, cases[i].read.stage);
      g_assert_cmpuint (read.bytes, ==, cases[i].read.bytes);
      g_assert_cmpuint (read.total, ==, cases[i].read.total);
    }
  g_assert_cmpstr (rs_stage_name (RS_STAGE_CONNECTING), ==, "connecting");
  g_assert_cmpstr (rs_stage_name (RS_STAGE_DOWNLOADING), ==, "downloading");
  g_assert_cmpstr (rs_stage_name (RS_STAGE_DECODING), ==, "decoding");
}

static void
test_header (void)
{
  static const struct
  {
    guint8   header[RS_FRAME_HEADER];
    gboolean good;
  } cases[] = {
    { { 1, 0, 0, 0, RS_FRAME_REQUEST }, TRUE },
    { { 0, 0, 0x84, 0, RS_FRAME_REQUEST }, TRUE },
    { { 1, 0, 0x84, 0, RS_FRAME_REQUEST }, FALSE },
    { { 64, 0, 0, 0, RS_FRAME_PROGRESS }, TRUE },
    { { 65, 0, 0, 0, RS_FRAME_PROGRESS }, FALSE },
    { { 0, 0, 0, 4, RS_FRAME_OUTCOME }, TRUE },
    { { 1, 0, 0, 4, RS_FRAME_OUTCOME }, FALSE },
    { { 255, 255, 255, 255, RS_FRAME_OUTCOME }, FALSE },
    { { 0, 0, 0, 128, RS_FRAME_OUTCOME }, FALSE },
    { { 0, 0, 0, 0, RS_FRAME_OUTCOME }, FALSE },
    { { 1, 0, 0, 0, 0 }, FALSE },
    { { 0, 8, 0, 0, RS_FRAME_PART }, TRUE },
    { { 1, 8, 0, 0, RS_FRAME_PART }, FALSE },
    { { 1, 0, 0, 0, 5 }, FALSE },
    { { 1, 0, 0, 0, 255 }, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      RsFrameType type;
      gsize length;
      gboolean good = rs_frame_read_header (cases[i].header, &type, &length, &error);

      g_assert_cmpint (good, ==, cases[i].good);
      if (good)
        g_assert_no_error (error);
      else
        g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
    }
}

/* HTTP-9, HTTP-10: what the other kinds of job bring, each to a request of its kind and to no other. */
static void
test_other_kinds (void)
{
  for (RsJobKind kind = RS_JOB_PROFILE; kind <= RS_JOB_SRV; kind++)
    {
      g_autoptr (RsRequest) request = sample_request ();
      g_autoptr (RsOutcome) outcome = kind == RS_JOB_PROFILE ? sample_success () : sample_not_modified ();
      g_autoptr (GBytes) payload = NULL, asked = NULL;
      g_autoptr (RsRequest) same = NULL;

      request->kind = kind;
      request->srv_target[0] = '\0';
      request->target = g_strdup (kind == RS_JOB_PROXY ? "https://prov.example.com/" : "");
      asked = request_payload (request);
      same = rs_request_from_payload (asked, NULL);
      g_assert_cmpint (same->kind, ==, kind);
      g_assert_cmpstr (same->target, ==, request->target);
      outcome->not_modified = FALSE;
      outcome->http_status = kind == RS_JOB_SRV ? 0 : 200;
      if (kind == RS_JOB_AUTHORITY)
        {
          g_free (outcome->certificate);
          outcome->certificate = g_strdup (request->custom_ca);
          g_free (outcome->subject);
          outcome->subject = g_strdup ("Provider CA");
        }
      if (kind == RS_JOB_PROXY)
        {
          g_free (outcome->proxies);
          outcome->proxies = g_strdup ("10.0.0.7:8080;DIRECT");
        }
      if (kind == RS_JOB_SRV)
        {
          g_free (outcome->servers);
          outcome->servers = g_strdup ("https://pr1.example.com:5060;http://pr2.example.com:80");
        }
      payload = outcome_payload (outcome);
      for (RsJobKind other = RS_JOB_PROFILE; other <= RS_JOB_SRV; other++)
        {
          g_autoptr (RsOutcome) read = NULL;

          request->kind = other;
          read = rs_outcome_from_payload (payload, request, NULL);
          g_assert_cmpint (read != NULL, ==, other == kind);
          if (read != NULL)
            assert_same_outcome (read, outcome);
        }
    }
}

/* The same bounds hold where a request is written. */
static void
test_request_refused (void)
{
  g_autoptr (RsRequest) request = sample_request ();
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GError) error = NULL;

  g_free (request->host);
  request->host = g_strdup ("two words");
  frame = rs_request_to_frame (request, &error);
  g_assert_null (frame);
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  g_free (request->host);
  request->host = g_strdup ("no-utf8-\xff");
  frame = rs_request_to_frame (request, &error);
  g_assert_null (frame);
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  g_clear_pointer (&request->host, g_free);
  frame = rs_request_to_frame (request, &error);
  g_assert_null (frame);
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
}

/* The writer refuses what the reader would: a text at its bound goes through, a byte more does not. */
static void
test_outcome_bounds (void)
{
  static const struct
  {
    gsize offset, max;
    const char *prefix;
  } cases[] = {
    { G_STRUCT_OFFSET (RsOutcome, etag), RS_VALIDATOR_MAX, "" },
    { G_STRUCT_OFFSET (RsOutcome, last_modified), RS_VALIDATOR_MAX, "" },
    { G_STRUCT_OFFSET (RsOutcome, url), 4400, "https://a/" },
  };
  g_autoptr (RsRequest) request = sample_request ();

  for (guint i = 0; i < 2 * G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsOutcome) outcome = sample_success ();
      gsize length = cases[i / 2].max + i % 2 - strlen (cases[i / 2].prefix);
      g_autofree char *letters = repeated ('x', length);
      char **text = &G_STRUCT_MEMBER (char *, outcome, cases[i / 2].offset);
      g_autoptr (GBytes) frame = NULL;
      g_autoptr (GError) error = NULL;

      g_free (*text);
      *text = g_strconcat (cases[i / 2].prefix, letters, NULL);
      frame = rs_outcome_to_frame (outcome, &error);
      g_assert_cmpint (frame != NULL, ==, i % 2 == 0);
      if (frame == NULL)
        g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_assignment_bounds (void)
{
  static const struct
  {
    gsize name, value;
    gboolean good;
  } cases[] = {
    { RS_ASSIGNMENT_NAME_MAX, RS_ASSIGNMENT_VALUE_MAX, TRUE },
    { RS_ASSIGNMENT_NAME_MAX + 1, 1, FALSE },
    { 1, RS_ASSIGNMENT_VALUE_MAX + 1, FALSE },
    { 0, 0, FALSE },
    { 1, 0, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsOutcome) outcome = sample_success ();
      g_autofree char *name = repeated ('N', cases[i].name), *value = repeated ('v', cases[i].value);
      g_autoptr (GBytes) frame = NULL;
      g_autoptr (GError) error = NULL;

      g_ptr_array_add (outcome->assignments, rs_assignment_new (name, RS_ASSIGN_VALUE, value, RS_ACCESS_RO, 9));
      frame = rs_outcome_to_frame (outcome, &error);
      g_assert_cmpint (frame != NULL, ==, cases[i].good);
      if (!cases[i].good)
        g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
    }
}

/* More than a frame holds is refused where it is written. */
static void
test_outcome_too_large (void)
{
  g_autoptr (RsOutcome) outcome = sample_success ();
  g_autofree char *value = repeated ('v', RS_ASSIGNMENT_VALUE_MAX);
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < RS_FRAME_MAX / RS_ASSIGNMENT_VALUE_MAX; i++)
    g_ptr_array_add (outcome->assignments, rs_assignment_new ("A", RS_ASSIGN_VALUE, value, RS_ACCESS_UNSET, i));
  frame = rs_outcome_to_frame (outcome, &error);
  g_assert_null (frame);
  g_assert_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT);
}

/* STORE-3: whatever a server's text holds, message and note are one bounded line without control characters. */
static void
test_texts_are_made_fit (void)
{
  g_autofree char *long_text = repeated ('\n', 5000);
  g_autofree char *wide = NULL;
  g_autoptr (GString) umlauts = g_string_new (NULL);
  const char *texts[] = { "plain", "", "\033]0;title\007", "bad \xff utf-8", long_text, NULL };
  g_autoptr (RsRequest) request = sample_request ();

  for (guint i = 0; i < 3000; i++)
    g_string_append (umlauts, "ü");
  wide = g_strdup (umlauts->str);
  texts[5] = wide;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (RsOutcome) failure = rs_outcome_new_error (RS_ERROR_FAILED, texts[i]);
      g_autoptr (RsOutcome) success = sample_success ();
      g_autoptr (GBytes) failed = NULL, succeeded = NULL;
      g_autoptr (RsOutcome) read = NULL;

      g_assert_cmpuint (strlen (failure->message), <=, RS_MESSAGE_MAX);
      g_assert_cmpuint (strlen (failure->message), >, 0);
      failed = outcome_payload (failure);
      read = rs_outcome_from_payload (failed, request, NULL);
      g_assert_nonnull (read);
      for (guint k = 0; k < 2 * RS_NOTES_MAX; k++)
        rs_outcome_add_note (success, texts[i]);
      g_assert_cmpuint (success->notes->len, ==, RS_NOTES_MAX);
      succeeded = outcome_payload (success);
    }
}

/* as many as a profile of 10 MB has */
static void
test_many (void)
{
  g_autoptr (RsRequest) request = sample_request ();
  g_autoptr (RsOutcome) outcome = sample_success (), read = NULL;
  g_autoptr (GBytes) payload = NULL;
  guint known = outcome->assignments->len;
  const RsAssignment *last;

  for (guint i = known; i < 100000; i++)
    {
      g_autofree char *name = g_strdup_printf ("Some_Parameter_Of_Line_%u_", i);
      g_autofree char *value = g_strdup_printf ("a value of usual length, number %u", i);
      g_ptr_array_add (outcome->assignments, rs_assignment_new (name, RS_ASSIGN_VALUE, value, RS_ACCESS_NA, i));
    }
  request->max_parameters = 100000;
  payload = outcome_payload (outcome);
  read = rs_outcome_from_payload (payload, request, NULL);
  g_assert_nonnull (read);
  g_assert_cmpuint (read->assignments->len, ==, 100000);
  last = g_ptr_array_index (read->assignments, 99999);
  g_assert_cmpstr (last->name, ==, "Some_Parameter_Of_Line_99999_");
  g_assert_cmpstr (last->value, ==, "a value of usual length, number 99999");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ipc/request/round-trip", test_request_round_trip);
  g_test_add_func ("/ipc/request/syslog", test_request_syslog);
  g_test_add_func ("/ipc/request/least", test_request_least);
  g_test_add_func ("/ipc/request/post", test_request_post);
  g_test_add_func ("/ipc/request/refused", test_request_refused);
  g_test_add_func ("/ipc/outcome/other-kinds", test_other_kinds);
  g_test_add_func ("/ipc/progress/round-trip", test_progress);
  g_test_add_func ("/ipc/frame/header", test_header);
  g_test_add_func ("/ipc/outcome/round-trip", test_outcome_round_trip);
  g_test_add_func ("/ipc/outcome/unaligned", test_outcome_unaligned);
  g_test_add_func ("/ipc/outcome/bounds", test_outcome_bounds);
  g_test_add_func ("/ipc/outcome/assignment-bounds", test_assignment_bounds);
  g_test_add_func ("/ipc/outcome/too-large", test_outcome_too_large);
  g_test_add_func ("/ipc/outcome/texts-are-made-fit", test_texts_are_made_fit);
  g_test_add_func ("/ipc/many", test_many);
  return g_test_run ();
}
