/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of a job for an image: what its request may hold, what its outcome, and the parts in between. */
#include "samples.h"

#include <string.h>

#define REQUEST_TYPE "(ssqssssbsssssbssbstuuubsysbyssssssssbbsbyuttttsss)"
#define PART_TYPE "(ttsss)"
#define DATE "Thu, 01 Jan 2026 00:00:00 GMT"

static RsRequest *
sample_image (void)
{
  RsRequest *request = sample_request ();

  request->kind = RS_JOB_IMAGE;
  request->stall_timeout = 60;
  request->max_rate = 100000;
  request->room = 9u << 20;
  request->part.bytes = 5;
  request->part.total = 7;
  request->part.validator = g_strdup ("\"5f3-6a\"");
  request->part.digest = g_strdup (DIGEST);
  request->part.source = g_strdup (DIGEST);
  g_clear_pointer (&request->if_none_match, g_free);
  g_clear_pointer (&request->if_modified_since, g_free);
  g_clear_pointer (&request->key, g_free);
  g_clear_pointer (&request->ikm, g_free);
  g_clear_pointer (&request->alias_map, g_free);
  return request;
}

/* UPG-3: the request of an image, with a part and without, arrives as it was sent */
static void
test_request (void)
{
  g_autoptr (RsRequest) request = sample_image ();
  g_autoptr (GBytes) payload = request_payload (request);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsRequest) read = rs_request_from_payload (payload, &error);
  g_autoptr (GBytes) bare = NULL;
  g_autoptr (RsRequest) without = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (read->kind, ==, RS_JOB_IMAGE);
  g_assert_cmpuint (read->stall_timeout, ==, 60);
  g_assert_cmpuint (read->max_rate, ==, 100000);
  g_assert_cmpuint (read->room, ==, 9u << 20);
  g_assert_cmpuint (read->part.bytes, ==, 5);
  g_assert_cmpuint (read->part.total, ==, 7);
  g_assert_cmpstr (read->part.validator, ==, "\"5f3-6a\"");
  g_assert_cmpstr (read->part.digest, ==, DIGEST);
  g_assert_cmpstr (read->part.source, ==, DIGEST);
  rs_part_clear (&request->part);
  bare = request_payload (request);
  without = rs_request_from_payload (bare, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (without->part.bytes, ==, 0);
  g_assert_cmpstr (without->part.validator, ==, "");
}

/* UPG-3: what a request for an image may not hold */
static void
test_request_lies (void)
{
  static const struct
  {
    const char *changes[6], *fault; /* NULL: it is good */
  } lies[] = {
    { { "41=0" }, "stall_timeout" },
    { { "24=0x01" }, "by GET" },
    { { "8='\"a\"'" }, "without conditions" },
    { { "9='" DATE "'" }, "without conditions" },
    { { "10='k'" }, "not decoded" },
    { { "23='k'" }, "not decoded" },
    { { "11='/a = /b ;'" }, "not decoded" },
    { { "44=0" }, "part.bytes" },
    { { "44=8" }, "part.bytes" },
    { { "44=7" }, NULL },
    { { "46=''" }, "part.validator" },
    { { "46='W/\"a\"'" }, "part.validator" },
    { { "46='\"a'" }, "part.validator" },
    { { "46='\"'" }, "part.validator" },
    { { "46='\"a\"b\"'" }, "part.validator" },
    { { "46='a'" }, "part.validator" },
    
    { { "46='" DATE "'" }, NULL },
    { { "46='\"\"'" }, NULL },
    { { "47=''" }, "part.digest" },
    { { "47='0123'" }, "part.digest" },
    { { "48=''" }, "part.source" },
    { { "48='0123'" }, "part.source" },
    { { "44=0", "45=0", "46=''", "47=''", "48=''" }, NULL },
    { { "0='tftp'", "36=false", "38=''", "40=0x00" }, NULL },
  };
  g_autoptr (RsRequest) request = sample_image ();
  g_autoptr (GBytes) payload = request_payload (request);

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GBytes) lie = tampered (payload, REQUEST_TYPE, lies[i].changes);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRequest) read = rs_request_from_payload (lie, &error);

      g_test_message ("%s: %s", lies[i].changes[0], error != NULL ? error->message : "good");
      g_assert_cmpint (read != NULL, ==, lies[i].fault == NULL);
      g_assert_true (lies[i].fault == NULL || strstr (error->message, lies[i].fault) != NULL);
    }
}

static RsOutcome *
sample_end (void)
{
  RsOutcome *outcome = rs_outcome_new ();

  outcome->ok = TRUE;
  outcome->http_status = 200;
  g_free (outcome->digest);
  outcome->digest = g_strdup (DIGEST);
  return outcome;
}

typedef struct
{
  RsOutcome *(*sample) (void);
  const char *changes[6], *fault; /* NULL: it is good */
} Lie;

/* UPG-3: what the outcome of an image may not say */
static void
test_outcome_lies (void)
{
  static const Lie lies[] = {
    { sample_end, { "3=200" }, NULL },
    { sample_end, { "3=206" }, NULL },
    { sample_end, { "3=204" }, "other than 200 and 206" },
    { sample_end, { "3=299" }, "other than 200 and 206" },
    { sample_end, { "3=0" }, "without a status" },
    { sample_end, { "13=''" }, "without its digest" },
    { sample_end, { "25=['a note']" }, "a profile where an image" },
    { sample_end, { "20=[0x41, 0x00]", "21=@ay [0x00]", "22=[0x01]", "23=[0x00]", "24=[1]" }, "a profile where an image" },
    { sample_end, { "14='x'", "15='CA'", "13=''" }, "another kind" },
    { sample_end, { "4=true", "3=304", "13=''" }, "not conditional" },
    { sample_failure, { "1=13" }, NULL },
    { sample_failure, { "1=8" }, "no download" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (RsRequest) request = sample_image ();
      g_autoptr (RsOutcome) outcome = lies[i].sample ();
      g_autoptr (GBytes) payload = outcome_payload (outcome);
      g_autoptr (GBytes) lie = tampered (payload, OUTCOME_TYPE, lies[i].changes);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsOutcome) read = NULL;

      read = rs_outcome_from_payload (lie, request, &error);
      g_test_message ("%u %s: %s", i, lies[i].changes[0], error != NULL ? error->message : "good");
      g_assert_cmpint (read != NULL, ==, lies[i].fault == NULL);
      g_assert_true (lies[i].fault == NULL || strstr (error->message, lies[i].fault) != NULL);
    }
}

/* UPG-3: of an image that was whole already nobody is asked */
static void
test_whole (void)
{
  g_autoptr (RsRequest) request = sample_image ();
  g_autoptr (RsOutcome) outcome = sample_end ();
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (RsOutcome) none = NULL;
  g_autoptr (RsOutcome) whole = NULL;

  outcome->http_status = 0;
  payload = outcome_payload (outcome);
  none = rs_outcome_from_payload (payload, request, NULL);
  g_assert_null (none);
  request->part.bytes = request->part.total;
  whole = rs_outcome_from_payload (payload, request, NULL);
  g_assert_nonnull (whole);
}

/* a worker that was taken over cannot make the daemon hold as much as the image has */
static void
test_length (void)
{
  g_autoptr (RsRequest) request = sample_image ();

  request->max_bytes = G_GUINT64_CONSTANT (1) << 30;
  request->max_parameters = RS_PARAMETERS_MAX;
  g_assert_false (rs_outcome_check_length (256 * 1024, request, NULL));
  g_assert_true (rs_outcome_check_length (64 * 1024, request, NULL));
}

static GBytes *
part_payload (void)
{
  const RsPart part = { 5, 7, (char *)"\"v\"", (char *)DIGEST, (char *)DIGEST };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) frame = rs_part_to_frame (&part, &error);

  g_assert_no_error (error);
  return payload_of (frame, RS_FRAME_PART);
}

/* UPG-3: a part is believed only of an image by HTTP, and no larger than was asked for */
static void
test_part (void)
{
  static const struct
  {
    const char *changes[3], *fault; /* NULL: it is good */
  } lies[] = {
    { { "0=5" }, NULL },
    { { "1=8388608" }, NULL },
    { { "1=8388609" }, "not asked for" },
    { { "0=0" }, "bytes" },
    { { "0=8" }, "bytes" },
    { { "1=1099511627777" }, "total" },
    { { "2=''" }, "validator" },
    { { "2='W/\"v\"'" }, "validator" },
    { { "2='\"v\"\r\nX: y'" }, "validator" },
    { { "2='" DATE "'" }, NULL },
    { { "3=''" }, "digest" },
    { { "3='0'" }, "digest" },
    { { "4=''" }, "source" },
    { { "4='0'" }, "source" },
  };
  g_autoptr (RsRequest) request = sample_image ();
  g_autoptr (RsRequest) profile = sample_request ();
  g_autoptr (GBytes) payload = part_payload ();
  g_auto (RsPart) part = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GBytes) lie = tampered (payload, PART_TYPE, lies[i].changes);
      g_autoptr (GError) error = NULL;
      g_auto (RsPart) read = { 0 };
      gboolean good = rs_part_from_payload (lie, request, &read, &error);

      g_test_message ("%s: %s", lies[i].changes[0], good ? "good" : error->message);
      g_assert_cmpint (good, ==, lies[i].fault == NULL);
      g_assert_true (good || strstr (error->message, lies[i].fault) != NULL);
      g_assert_cmpint (read.bytes > 0, ==, good);
    }
  g_assert_false (rs_part_from_payload (payload, profile, &part, NULL));
  g_free (request->scheme);
  request->scheme = g_strdup ("tftp");
  g_assert_false (rs_part_from_payload (payload, request, &part, NULL));
  g_assert_cmpuint (part.bytes, ==, 0);
}

/* cut and lengthened, it is refused */
static void
test_part_form (void)
{
  g_autoptr (RsRequest) request = sample_image ();
  g_autoptr (GBytes) payload = part_payload ();
  gsize length = g_bytes_get_size (payload);
  g_autofree guint8 *longer = g_malloc0 (length + 1);
  g_autoptr (GBytes) more = NULL;
  g_auto (RsPart) part = { 0 };

  memcpy (longer, g_bytes_get_data (payload, NULL), length);
  more = g_bytes_new (longer, length + 1);
  g_assert_false (rs_part_from_payload (more, request, &part, NULL));
  for (gsize n = 0; n < length; n++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (payload, 0, n);

      g_assert_false (rs_part_from_payload (cut, request, &part, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ipc/image/request", test_request);
  g_test_add_func ("/ipc/image/request-lies", test_request_lies);
  g_test_add_func ("/ipc/image/outcome-lies", test_outcome_lies);
  g_test_add_func ("/ipc/image/whole", test_whole);
  g_test_add_func ("/ipc/image/length", test_length);
  g_test_add_func ("/ipc/image/part", test_part);
  g_test_add_func ("/ipc/image/part-form", test_part_form);
  return g_test_run ();
}
