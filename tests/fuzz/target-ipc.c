/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages between daemon and worker. The first byte says which; then come the bytes of a payload, or the fields of a
 * message that is written and read again. */
#include "fuzz.h"

#include "base/error.h"
#include "base/secret.h"
#include "ipc/message.h"

#include <string.h>

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum
{
  MODE_HEADER,
  MODE_REQUEST,
  MODE_PROGRESS,
  MODE_OUTCOME,
  MODE_MADE_REQUEST,
  MODE_MADE_OUTCOME,
  MODE_PART,
  MODE_MADE_PART,
  N_MODES,
};

/* The payload of a frame whose header must be right. */
static GBytes *
open_frame (GBytes *frame, RsFrameType wanted)
{
  g_autoptr (GError) error = NULL;
  RsFrameType type;
  gsize size, length;
  const guint8 *data = g_bytes_get_data (frame, &size);

  g_assert_cmpuint (size, >, RS_FRAME_HEADER);
  g_assert_true (rs_frame_read_header (data, &type, &length, &error));
  g_assert_no_error (error);
  g_assert_cmpint (type, ==, wanted);
  g_assert_cmpuint (length, ==, size - RS_FRAME_HEADER);
  return g_bytes_new_from_bytes (frame, RS_FRAME_HEADER, length);
}

/* What an outcome answers: everything it may hold is allowed. */
static RsRequest *
new_request (const char *scheme, RsJobKind kind)
{
  RsRequest *request = g_new0 (RsRequest, 1);

  request->scheme = g_strdup (scheme);
  request->kind = kind;
  request->if_none_match = g_strdup ("\"1\"");
  request->proxies_found = TRUE;
  request->max_bytes = 1000000;
  request->max_parameters = 100;
  return request;
}

static void
read_header (FuzzInput *input, GString *out)
{
  guint8 header[RS_FRAME_HEADER];
  g_autoptr (GError) error = NULL;
  RsFrameType type = 0;
  gsize length = 0;
  gboolean good;

  for (guint i = 0; i < RS_FRAME_HEADER; i++)
    header[i] = fuzz_byte (input);
  good = rs_frame_read_header (header, &type, &length, &error);
  fuzz_check_error (good, error);
  g_assert_true (!good || (length > 0 && length <= RS_FRAME_MAX && type >= RS_FRAME_REQUEST && type <= RS_FRAME_PART));
  g_string_append_printf (out, "%d %" G_GSIZE_FORMAT, type, length);
}

static void
read_request (GBytes *payload, GString *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRequest) request = rs_request_from_payload (payload, &error);
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GBytes) again = NULL;

  fuzz_check_error (request != NULL, error);
  g_string_append (out, request != NULL ? request->host : error->message);
  if (request == NULL)
    return;
  frame = rs_request_to_frame (request, &error);
  g_assert_no_error (error);
  again = open_frame (frame, RS_FRAME_REQUEST);
  g_assert_true (g_bytes_equal (payload, again));
}

static void
read_progress (GBytes *payload, GString *out)
{
  g_autoptr (GError) error = NULL;
  RsProgress progress = { 0 };
  gboolean good = rs_progress_from_payload (payload, &progress, &error);

  fuzz_check_error (good, error);
  if (good)
    {
      g_autoptr (GBytes) frame = rs_progress_to_frame (&progress);
      g_autoptr (GBytes) again = open_frame (frame, RS_FRAME_PROGRESS);

      g_assert_true (g_bytes_equal (payload, again));
      g_assert_cmpstr (rs_stage_name (progress.stage), !=, "");
    }
  g_string_append_printf (out, "%d %" G_GUINT64_FORMAT, progress.stage, progress.bytes);
}

static void
read_outcome (GBytes *payload, const char *scheme, RsJobKind kind, GString *out)
{
  g_autoptr (RsRequest) request = new_request (scheme, kind);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsOutcome) outcome = rs_outcome_from_payload (payload, request, &error);
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GBytes) again = NULL;

  fuzz_check_error (outcome != NULL, error);
  g_string_append (out, outcome != NULL ? outcome->message : error->message);
  if (outcome == NULL)
    return;
  g_assert_cmpint (outcome->ok, ==, outcome->message[0] == '\0');
  g_assert_true (outcome->ok || outcome->assignments->len == 0);
  g_assert_cmpuint (outcome->assignments->len, <=, kind == RS_JOB_IMAGE ? 0 : request->max_parameters);
  fuzz_check_line (outcome->message);
  fuzz_check_line (outcome->url);
  fuzz_check_lines (outcome->notes);
  frame = rs_outcome_to_frame (outcome, &error);
  g_assert_no_error (error);
  again = open_frame (frame, RS_FRAME_OUTCOME);
  g_assert_true (g_bytes_equal (payload, again));
}

static void
read_part (GBytes *payload, GString *out)
{
  g_autoptr (RsRequest) request = new_request ("https", RS_JOB_IMAGE);
  g_autoptr (GError) error = NULL;
  g_auto (RsPart) part = { 0 };
  gboolean good = rs_part_from_payload (payload, request, &part, &error);
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GBytes) again = NULL;

  fuzz_check_error (good, error);
  g_string_append (out, good ? part.validator : error->message);
  if (!good)
    return;
  g_assert_true (part.bytes > 0 && part.bytes <= part.total && part.total <= request->max_bytes);
  g_assert_true (rs_validator_is_strong (part.validator));
  g_assert_cmpuint (strlen (part.digest), ==, strlen (DIGEST));
  g_assert_cmpuint (strlen (part.source), ==, strlen (DIGEST));
  frame = rs_part_to_frame (&part, &error);
  g_assert_no_error (error);
  again = open_frame (frame, RS_FRAME_PART);
  g_assert_true (g_bytes_equal (payload, again));
}

static void
make_part (FuzzInput *input, GString *out)
{
  g_auto (RsPart) part = { .bytes = fuzz_uint16 (input), .total = fuzz_uint16 (input) };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GBytes) payload = NULL;
  guint8 flags;

  flags = fuzz_byte (input);
  part.digest = g_strdup ((flags & 1) != 0 ? DIGEST : "");
  part.source = g_strdup ((flags & 2) == 0 ? DIGEST : "");
  part.validator = fuzz_line (input);
  frame = rs_part_to_frame (&part, &error);
  fuzz_check_error (frame != NULL, error);
  if (frame == NULL)
    return;
  payload = open_frame (frame, RS_FRAME_PART);
  read_part (payload, out);
  g_assert_cmpstr (out->str, ==, part.validator);
}

static void
make_request (FuzzInput *input, GString *out)
{
  g_autoptr (RsRequest) request = g_new0 (RsRequest, 1);
  char **texts[] = { &request->scheme, &request->host, &request->path, &request->user_agent, &request->user,
                     &request->password, &request->if_none_match, &request->if_modified_since, &request->key,
                     &request->alias_map, &request->ca_file, &request->certificate_file, &request->private_key_file,
                     &request->literal_address, &request->ikm, &request->body, &request->proxies,
                     &request->proxy_user, &request->proxy_password,
                     &request->custom_ca, &request->crl_file, &request->own_address, &request->target,
                     &request->token_paths, &request->srv_target, &request->part.validator, &request->part.digest,
                     &request->part.source };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GBytes) payload = NULL;

  request->port = fuzz_uint16 (input);
  request->basic_over_http = fuzz_byte (input);
  request->max_bytes = fuzz_uint32 (input);
  request->max_parameters = fuzz_uint16 (input);
  request->connect_timeout = fuzz_byte (input);
  request->transfer_timeout = fuzz_uint16 (input);
  request->method = fuzz_byte (input);
  request->upload = fuzz_byte (input);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    *texts[i] = fuzz_line (input);
  request->kind = fuzz_byte (input);
  request->srv = fuzz_byte (input);
  request->proxies_found = fuzz_byte (input);
  request->redirects = fuzz_byte (input);
  request->stall_timeout = fuzz_byte (input);
  request->max_rate = fuzz_uint32 (input);
  request->room = fuzz_uint32 (input);
  request->part.bytes = fuzz_uint16 (input);
  request->part.total = fuzz_uint16 (input);
  frame = rs_request_to_frame (request, &error);
  fuzz_check_error (frame != NULL, error);
  if (frame == NULL)
    return;
  payload = open_frame (frame, RS_FRAME_REQUEST);
  read_request (payload, out);
  g_assert_cmpstr (out->str, ==, request->host);
}

static void
add_assignments (FuzzInput *input, RsOutcome *outcome)
{
  while (input->size > 0)
    {
      guint8 kind = fuzz_byte (input);
      g_autofree char *name = fuzz_line (input);
      g_autofree char *value = fuzz_line (input);

      if ((kind & 0x80) != 0)
        rs_outcome_add_note (outcome, value);
      else
        g_ptr_array_add (outcome->assignments, rs_assignment_new (name, kind % 3, value, kind / 3 % 4, kind));
    }
}

static void
make_outcome (FuzzInput *input, GString *out)
{
  guint8 flags = fuzz_byte (input);
  g_autofree char *message = NULL;
  g_autoptr (RsOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GBytes) payload = NULL;
  guint8 code = fuzz_byte (input);

  message = fuzz_line (input);
  outcome = (flags & 1) != 0 ? rs_outcome_new () : rs_outcome_new_error (code, message);
  outcome->ok = flags & 1;
  outcome->not_modified = (flags & 2) != 0;
  outcome->overload = (flags & 4) != 0;
  outcome->silent = (flags & 8) != 0;
  outcome->dates_only = (flags & 16) != 0;
  g_free (outcome->digest);
  outcome->digest = g_strdup ((flags & 32) != 0 ? DIGEST : "");
  outcome->http_status = fuzz_uint16 (input);
  outcome->retry_after = fuzz_uint16 (input);
  g_free (outcome->url);
  outcome->url = fuzz_line (input);
  g_free (outcome->etag);
  outcome->etag = fuzz_line (input);
  add_assignments (input, outcome);
  frame = rs_outcome_to_frame (outcome, &error);
  fuzz_check_error (frame != NULL, error);
  if (frame == NULL)
    return;
  payload = open_frame (frame, RS_FRAME_OUTCOME);
  read_outcome (payload, "https", outcome->http_status == 206 ? RS_JOB_IMAGE : RS_JOB_PROFILE, out);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  guint8 mode = fuzz_byte (&input);
  g_autoptr (GBytes) payload = g_bytes_new (input.data, input.size);

  switch (mode % N_MODES)
    {
    case MODE_HEADER:
      read_header (&input, out);
      break;
    case MODE_REQUEST:
      read_request (payload, out);
      break;
    case MODE_PROGRESS:
      read_progress (payload, out);
      break;
    case MODE_OUTCOME:
      read_outcome (payload, (mode & 0x80) != 0 ? "tftp" : "https", (mode & 0x40) != 0 ? RS_JOB_IMAGE : RS_JOB_PROFILE, out);
      break;
    case MODE_MADE_REQUEST:
      make_request (&input, out);
      break;
    case MODE_PART:
      read_part (payload, out);
      break;
    case MODE_MADE_PART:
      make_part (&input, out);
      break;
    case MODE_MADE_OUTCOME:
    default:
      make_outcome (&input, out);
      break;
    }
}
