/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* No lie gets through the wire, whoever tells it: wrong, contradictory, cut, mutated and foreign messages. */
#include "samples.h"

#include <string.h>

#define REQUEST_TYPE "(ssqssssbsssssbssbstuuubsysbyssssssssbbsbyuttttsss)"

/* Each field of a request lied about, read; the good request is tampered with. {n} in a value stands for n letters. */
static const struct
{
  const char *change, *field;
} request_lies[] = {
  { "0=''", "scheme" },
  { "0='ftp'", "scheme" },
  { "0='HTTP'", "scheme" },
  { "0='file'", "scheme" },
  { "1=''", "host" },
  { "1='a b'", "host" },
  { "1='a/b'", "host" },
  { "1='a@b'", "host" },
  { "1='a\\r\\nX: y'", "host" },
  { "1='é.example'", "host" },
  { "1={254}", "host" },
  { "2=0", "port" },
  { "3=''", "path" },
  { "3='x'", "path" },
  { "3='/a b'", "path" },
  { "3='/a\\nb'", "path" },
  { "3={4097}", "path" },
  { "4='a\\r\\nCookie: b'", "user_agent" },
  { "4={1025}", "user_agent" },
  { "5='a\\u0001'", "user" },
  { "5={1025}", "user" },
  { "6='a\\u007f'", "password" },
  { "6='a\\u0085'", "password" },
  { "6={1025}", "password" },
  { "8='\"é\"'", "if_none_match" },
  { "8='\"\\t\"'", "if_none_match" },
  { "8={1025}", "if_none_match" },
  { "9='x\\ny'", "if_modified_since" },
  { "10={1025}", "key" },
  { "11={65537}", "alias_map" },
  { "12='ca.pem'", "ca_file" },
  { "12='/a\\nb'", "ca_file" },
  { "14='phone.pem'", "certificate_file" },
  { "15='http://x'", "private_key_file" },
  { "17='localhost'", "literal_address" },
  { "17='fe80::1%eth0'", "literal_address" },
  { "17='1.2.3'", "literal_address" },
  { "18=0", "max_bytes" },
  { "18=1073741825", "max_bytes" },
  { "19=0", "max_parameters" },
  { "19=1000001", "max_parameters" },
  { "20=0", "connect_timeout" },
  { "20=86401", "connect_timeout" },
  { "21=0", "transfer_timeout" },
  { "21=86401", "transfer_timeout" },
  { "23={1025}", "ikm" },
  { "24=0x02", "method" },
  { "24=0x03", "method" },
  { "26=true", "upload" },
  { "24=0x02", "brings a profile" },
  { "25={8388609}", "body" },
  { "24=0xff", "method" },
  { "25='serial=1'", "body" },
  { "24=0x01", "conditional" },
  { "27=0x06", "kind" },
  { "27=0x02", "target" },
  { "28='a:1\\nb:2'", "proxies" },
  { "28='é:1'", "proxies" },
  { "28={4097}", "proxies" },
  { "29='a\\u0001'", "proxy_user" },
  { "30='a\\u0085'", "proxy_password" },
  { "30={1025}", "proxy_password" },
  { "36=true", "srv" },
  { "38='a b:1'", "srv_target" },
  { "38={260}", "srv_target" },
  { "27=0x03", "beside a server" },
  { "31='a\\tb'", "custom_ca" },
  { "31={32769}", "custom_ca" },
  { "32='crl.pem'", "crl_file" },
  { "33='phone'", "own_address" },
  { "34='/a\\nb'", "token_paths" },
  { "35='http://a/'", "target" },
  { "40=0x06", "redirects" },
  { "40=0x01", "only the first server" },
  { "27=0x05", "stall_timeout" },
  { "41=60", "stall_timeout" },
  { "41=86401", "stall_timeout" },
  { "42=1", "no image" },
  { "42=9223372036854775808", "max_rate" },
  { "43=1", "no image" },
  { "43=9223372036854775808", "room" },
  { "44=1", "no image" },
  { "44=1099511627777", "part.bytes" },
  { "45=1", "no image" },
  { "45=1099511627777", "part.total" },
  { "46='\"a\"'", "no image" },
  { "46='\"\u00e9\"'", "part.validator" },
  { "46={1025}", "part.validator" },
  { "47='0'", "no image" },
  { "47='g'", "part.digest" },
  { "48='0'", "no image" },
  { "48='g'", "part.source" },
};

static void
test_request_lies (void)
{
  g_autoptr (RsRequest) request = sample_request ();
  g_autoptr (GBytes) payload = request_payload (request);

  for (guint i = 0; i < G_N_ELEMENTS (request_lies); i++)
    {
      g_autofree char *change = g_strdup (request_lies[i].change);
      char *brace = strchr (change, '{');
      g_autoptr (GBytes) lie = NULL;
      g_autoptr (RsRequest) read = NULL;
      g_autoptr (GError) error = NULL;

      if (brace != NULL)
        {
          g_autofree char *letters = repeated ('a', strtoul (brace + 1, NULL, 10));
          g_autofree char *whole = g_strdup_printf ("%.*s'%s'", (int)(brace - change), change, letters);
          const char *changes[] = { whole, NULL };
          lie = tampered (payload, REQUEST_TYPE, changes);
        }
      else
        {
          const char *changes[] = { change, NULL };
          lie = tampered (payload, REQUEST_TYPE, changes);
        }
      read = rs_request_from_payload (lie, &error);
      g_assert_null (read);
      g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
      g_test_message ("%.40s: %s", request_lies[i].change, error->message);
      g_assert_nonnull (strstr (error->message, request_lies[i].field));
    }
}

static void
test_progress_lies (void)
{
  static const char *const lies[]
      = { "(byte 3, uint64 0, uint64 0)", "(byte 255, uint64 0, uint64 0)",
          "(byte 1, uint64 9223372036854775808, uint64 0)", "(byte 1, uint64 0, uint64 18446744073709551615)" };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GVariant) lie = g_variant_ref_sink (g_variant_new_parsed (lies[i]));
      g_autoptr (GBytes) payload = g_variant_get_data_as_bytes (lie);
      g_autoptr (GError) error = NULL;
      RsProgress read = { RS_STAGE_DECODING, 7, 7 };

      g_assert_false (rs_progress_from_payload (payload, &read, &error));
      g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
      g_assert_cmpuint (read.bytes, ==, 7);
    }
}

typedef struct
{
  RsOutcome *(*sample) (void);
  const char *changes[7];
  const char *fault; /* NULL: it is good */
} Lie;

#define URL "9='https://prov.example.com/x'"
#define PROFILE "0=true", "3=200", "13='" DIGEST "'"

/* HTTP-2 HTTP-5 HTTP-7 HTTP-8 HTTP-11 */
static const Lie lies[] = {
  /* one field */
  { sample_success, { "0=false" }, "without a message" },
  { sample_failure, { "0=true" }, "success with an error" },
  { sample_not_modified, { "0=false" }, "without a message" },
  { sample_failure, { "1=15" }, "code" },
  { sample_failure, { "1=255" }, "code" },
  /* what only the daemon says: InvalidRule, InvalidName, InvalidCode, NotAllowed, Busy, Disabled, Storage, Cancelled */
  { sample_failure, { "1=1" }, "no download" },
  { sample_failure, { "1=2" }, "no download" },
  { sample_failure, { "1=4" }, "no download" },
  { sample_failure, { "1=6" }, "no download" },
  { sample_failure, { "1=7" }, "no download" },
  { sample_failure, { "1=8" }, "no download" },
  { sample_failure, { "1=13" }, "only an image" },
  { sample_failure, { "1=14" }, "no download" },
  { sample_failure, { "2='a\\nb'" }, "message" },
  { sample_failure, { "2='a\\u001b[31mb'" }, "message" },
  { sample_failure, { "3=600", "5=false", "8=0" }, "http_status" },
  { sample_failure, { "3=99", "5=false", "8=0" }, "below 100" },
  { sample_failure, { "3=599", "5=false", "8=0" }, NULL },
  { sample_failure, { "8=86400" }, NULL },
  { sample_failure, { "8=86401" }, "retry_after" },
  { sample_success, { "9='ftp://a/b'" }, "url" },
  { sample_success, { "9='file:///etc/passwd'" }, "url" },
  { sample_success, { "9='https://user:pw@a/b'" }, "url" },
  { sample_success, { "9='https://a/b c'" }, "url" },
  { sample_success, { "9='https:///b'" }, "url" },
  { sample_success, { "9='javascript://a'" }, "url" },
  { sample_success, { "9='https'" }, "url" },
  { sample_success, { "9='https://a/b\\r\\n'" }, "url" },
  { sample_success, { "9='https://a/b@c'" }, NULL },
  { sample_success, { "9=''" }, NULL },
  { sample_success, { "10='prov.example.com'" }, "server_address" },
  { sample_success, { "10='2001:db8::1'" }, NULL },
  { sample_success, { "11='\"a\\r\\nb\"'" }, "etag" },
  { sample_success, { "11='\"\\u00e9\"'" }, "etag" },
  { sample_success, { "12='x\\u007f'" }, "last_modified" },
  { sample_success, { "13='" DIGEST "0'" }, "digest" },
  { sample_success, { "13='0123'" }, "without its digest" },
  { sample_success, { "13='0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef'" }, "digest" },
  { sample_success, { "13=''" }, "without its digest" },
  /* a success that contradicts itself */
  { sample_success, { "1=10" }, "success with an error" },
  { sample_success, { "2='oops'" }, "success with an error" },
  { sample_success, { "3=304" }, "status other than 2xx" },
  { sample_success, { "3=404" }, "status other than 2xx" },
  { sample_success, { "3=0" }, "without a status" },
  { sample_success, { "4=true" }, "without status 304" },
  { sample_success, { "4=true", "3=304" }, "and yet a profile" },
  { sample_success, { "5=true" }, "reason to fail" },
  { sample_success, { "6=true" }, "reason to fail" },
  { sample_success, { "7=true" }, "reason to fail" },
  { sample_success, { "8=1" }, "time to retry" },
  /* a failure that does */
  { sample_failure, { "2=''" }, "without a message" },
  { sample_failure, { "4=true" }, "with a profile" },
  { sample_failure, { "13='" DIGEST "'" }, "with a profile" },
  { sample_failure, { "20=[0x41, 0x00]", "21=[0x62, 0x00]", "22=[0x00]", "23=[0x00]", "24=[1]" }, "with a profile" },
  { sample_failure, { "25=['a note']" }, "with a profile" },
  { sample_failure, { "11='\"1\"'" }, "validators" },
  { sample_failure, { "12='now'" }, "validators" },
  { sample_failure, { "1=9" }, "overload" },
  { sample_failure, { "1=12" }, "overload" },
  /* refused where a redirect led to */
  { sample_failure, { "3=302", "8=0" }, NULL },
  { sample_failure, { "3=429" }, NULL },
  { sample_failure, { "3=0" }, "time to retry" },
  { sample_failure, { "3=0", "8=0" }, NULL },
  { sample_failure, { "6=true" }, "silent" },
  { sample_failure, { "6=true", "3=0", "8=0" }, NULL },
  { sample_failure, { "7=true" }, "dates" },
  { sample_failure, { "7=true", "1=11" }, NULL },
  { sample_failure, { "5=false" }, NULL },
  { sample_failure, { "3=500", "5=false" }, "time to retry" },
  /* not modified */
  { sample_not_modified, { "3=200" }, "without status 304" },
  { sample_not_modified, { "13='" DIGEST "'" }, "and yet a profile" },
  { sample_not_modified, { "25=['a note']" }, "and yet a profile" },
  { sample_not_modified, { "11='\"1\"'", URL }, NULL },
  { sample_not_modified, { PROFILE, "4=false" }, NULL },
  /* a redirect */
  { sample_redirect, { NULL }, NULL },
  { sample_redirect, { "19=0x06" }, "redirects" },
  { sample_redirect, { "19=0x00" }, "other than 2xx" },
  { sample_redirect, { "3=200" }, "without its status" },
  { sample_redirect, { "4=true" }, "what it leads to" },
  { sample_redirect, { "11='\"1\"'" }, "what it leads to" },
  { sample_redirect, { "13='" DIGEST "'" }, "what it leads to" },
  { sample_redirect, { "16='DIRECT'" }, "what it leads to" },
  { sample_redirect, { "9=''" }, "to nowhere" },
  { sample_redirect, { "9='http://other.example.com/x'" }, "cannot lead to" },
  { sample_success, { "19=0x01" }, "without its status" },
  { sample_failure, { "19=0x01" }, "with a profile" },
  /* against the request, which is of https */
  { sample_success, { "9='http://prov.example.com/x'" }, "cannot lead to" },
  { sample_success, { "9='tftp://prov.example.com/x'" }, "cannot lead to" },
  /* what other jobs bring */
  { sample_success, { "14='x'", "15='CA'" }, "several jobs" },
  { sample_success, { "13=''", "14='x'", "15='CA'" }, "several jobs" },
  { sample_success, { "14='x'" }, "not both" },
  { sample_success, { "15='CA'" }, "not both" },
  { sample_success, { "16='DIRECT'" }, "several jobs" },
  { sample_success, { "17=true" }, "reason to fail" },
  { sample_failure, { "17=true" }, NULL },
  { sample_failure, { "14='x'", "15='CA'" }, "with a profile" },
  { sample_failure, { "16='DIRECT'" }, "with a profile" },
  { sample_not_modified, { "16='DIRECT'" }, "and yet a profile" },
  { sample_success, { "18='https://h:1'" }, "several jobs" },
  { sample_failure, { "18='https://h:1'" }, "with a profile" },
  { sample_not_modified, { "18='https://h:1'" }, "and yet a profile" },
  { sample_not_modified, { "3=200", "4=false", "18='https://h:1'" }, "another kind of job" },
  { sample_not_modified, { "3=200", "4=false", "16='DIRECT'", "18='https://h:1'" }, "several jobs" },
  { sample_not_modified, { "3=200", "4=false", "18='a\nb'" }, "servers" },
  { sample_not_modified, { "3=200", "4=false", "14='x'", "15='CA'" }, "another kind of job" },
  { sample_not_modified, { "3=200", "4=false", "16='DIRECT'" }, "another kind of job" },
  { sample_not_modified, { "3=200", "4=false", "14='x'", "15='CA'", "16='DIRECT'" }, "several jobs" },
  { sample_not_modified, { "3=200", "4=false", "14='\\u00e9'", "15='CA'" }, "certificate" },
  { sample_not_modified, { "3=200", "4=false", "14='x'", "15='C\\nA'" }, "subject" },
  { sample_not_modified, { "3=200", "4=false", "16='a\\nb'" }, "proxies" },
  /* the columns of the assignments */
  { sample_success, { "20=[0x41, 0x00, 0x42, 0x00]" }, "Assignment 3" },
  { sample_success, { "20=[0x41, 0x00, 0x42, 0x00, 0x43, 0x00, 0x44, 0x00]" }, "More names" },
  { sample_success, { "20=@ay [0x41, 0, 0x42, 0, 0x43]" }, "Assignment 3" },
  { sample_success, { "20=@ay []" }, "Assignment 1" },
  { sample_success, { "21=[0x61, 0x00, 0x00, 0x00, 0x00]" }, "More names or values" },
  { sample_success, { "21=@ay [0x61]" }, "Assignment 1" },
  { sample_success, { "22=[0x00, 0x01]" }, "columns" },
  { sample_success, { "23=@ay []" }, "columns" },
  { sample_success, { "24=[1, 2, 3, 4]" }, "columns" },
  { sample_success, { "20=[0x41, 0x00, 0x42, 0x00, 0x00]" }, "Assignment 3" },
  { sample_success, { "20=[0x41, 0x00, 0x62, 0x20, 0x63, 0x00, 0x43, 0x00]" }, "Assignment 2" },
  { sample_success, { "20=[0x41, 0x00, 0x42, 0x00, 0xc3, 0xbc, 0x00]" }, "Assignment 3" },
  { sample_success, { "21=[0x61, 0x00, 0x00, 0xff, 0x00]" }, "Assignment 3" },
  { sample_success, { "22=[0x03, 0x01, 0x00]" }, "Assignment 1" },
  { sample_success, { "22=[0x00, 0x01, 0x01]" }, "Assignment 3" },
  { sample_success, { "22=[0x00, 0x02, 0x00]" }, NULL },
  { sample_success, { "23=[0x01, 0x04, 0x00]" }, "Assignment 2" },
  { sample_success, { "23=[0xff, 0x01, 0x00]" }, "Assignment 1" },
  { sample_success, { "21=[0x78, 0x00, 0x79, 0x00, 0x7a, 0x00]" }, "Assignment 2" },
  { sample_success, { "24=[4294967295, 0, 0]" }, NULL },
  /* notes */
  { sample_success, { "25=['good', 'b\\nad']" }, "Note 2" },
};

static void
test_outcome_lies (void)
{
  g_autoptr (RsRequest) request = sample_request ();

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (RsOutcome) outcome = lies[i].sample ();
      g_autoptr (GBytes) payload = outcome_payload (outcome);
      g_autoptr (GBytes) lie = tampered (payload, OUTCOME_TYPE, lies[i].changes);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsOutcome) read = rs_outcome_from_payload (lie, request, &error);

      g_test_message ("%u %s: %s", i, lies[i].changes[0], error != NULL ? error->message : "good");
      if (lies[i].fault == NULL)
        {
          g_assert_no_error (error);
          g_assert_nonnull (read);
          continue;
        }
      g_assert_null (read);
      g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, lies[i].fault));
    }
}

/* Texts that are longer than anything the writer lets through, and more of them. */
static void
test_outcome_lengths (void)
{
  static const struct
  {
    RsOutcome *(*sample) (void);
    const char *before;
    guint n;
    const char *after, *fault;
  } cases[] = {
    { sample_failure, "2='", RS_MESSAGE_MAX, "'", NULL },
    { sample_failure, "2='", RS_MESSAGE_MAX + 1, "'", "message" },
    { sample_success, "9='https://a/", 4391, "'", "url" },
    { sample_success, "10='", 46, "'", "server_address" },
    { sample_success, "11='", RS_VALIDATOR_MAX + 1, "'", "etag" },
    { sample_success, "12='", RS_VALIDATOR_MAX + 1, "'", "last_modified" },
    { sample_success, "13='", 65, "'", "digest" },
    { sample_success, "25=['", RS_NOTE_MAX, "']", NULL },
    { sample_success, "25=['", RS_NOTE_MAX + 1, "']", "Note 1" },
  };
  g_autoptr (RsRequest) request = sample_request ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *letters = repeated ('a', cases[i].n);
      g_autofree char *change = g_strconcat (cases[i].before, letters, cases[i].after, NULL);
      const char *changes[] = { change, NULL };
      g_autoptr (RsOutcome) outcome = cases[i].sample ();
      g_autoptr (GBytes) payload = outcome_payload (outcome);
      g_autoptr (GBytes) lie = tampered (payload, OUTCOME_TYPE, changes);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsOutcome) read = rs_outcome_from_payload (lie, request, &error);

      g_test_message ("%u: %s", i, error != NULL ? error->message : "good");
      g_assert_cmpint (read != NULL, ==, cases[i].fault == NULL);
      if (read == NULL)
        g_assert_nonnull (strstr (error->message, cases[i].fault));
    }
}

static void
test_too_many_notes (void)
{
  g_autoptr (GString) change = g_string_new ("25=['a'");
  const char *changes[] = { NULL, NULL };
  g_autoptr (RsRequest) request = sample_request ();
  g_autoptr (RsOutcome) outcome = sample_success ();
  g_autoptr (GBytes) payload = outcome_payload (outcome);
  g_autoptr (GBytes) lie = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RsOutcome) read = NULL;

  for (guint i = 0; i < RS_NOTES_MAX; i++)
    g_string_append (change, ", 'a'");
  g_string_append_c (change, ']');
  changes[0] = change->str;
  lie = tampered (payload, OUTCOME_TYPE, changes);
  read = rs_outcome_from_payload (lie, request, &error);
  g_assert_null (read);
  g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
}

/* Cut at every byte: a reader of the rest never takes it for whole. */
static void
test_truncated (void)
{
  g_autoptr (RsRequest) request = sample_request ();
  g_autoptr (RsOutcome) outcome = sample_success ();
  g_autoptr (GBytes) outcome_bytes = outcome_payload (outcome), request_bytes = request_payload (request);
  g_autoptr (GBytes) progress_frame = rs_progress_to_frame (&(RsProgress){ RS_STAGE_DOWNLOADING, 1, 2 });
  g_autoptr (GBytes) progress_bytes = payload_of (progress_frame, RS_FRAME_PROGRESS);

  for (gsize n = 0; n < g_bytes_get_size (outcome_bytes); n++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (outcome_bytes, 0, n);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsOutcome) read = rs_outcome_from_payload (cut, request, &error);

      g_assert_null (read);
      g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
    }
  for (gsize n = 0; n < g_bytes_get_size (request_bytes); n++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (request_bytes, 0, n);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsRequest) read = rs_request_from_payload (cut, &error);

      g_assert_null (read);
      g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
    }
  for (gsize n = 0; n < g_bytes_get_size (progress_bytes); n++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (progress_bytes, 0, n);
      g_autoptr (GError) error = NULL;
      RsProgress read;

      g_assert_false (rs_progress_from_payload (cut, &read, &error));
      g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
    }
}

/* What a mutated payload yields is an error, or a message that could have been written. */
static void
test_mutated (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20260101);
  g_autoptr (RsRequest) request = sample_request ();
  g_autoptr (RsOutcome) outcome = sample_success ();
  g_autoptr (GBytes) outcome_bytes = outcome_payload (outcome), request_bytes = request_payload (request);
  guint accepted = 0;

  for (guint i = 0; i < 60000; i++)
    {
      gsize length;
      const void *data = g_bytes_get_data (i % 2 == 0 ? outcome_bytes : request_bytes, &length);
      guint8 *mutant = g_memdup2 (data, length);
      g_autoptr (GBytes) bytes = NULL;

      for (guint k = g_rand_int_range (rand, 1, 4); k > 0; k--)
        mutant[g_rand_int_range (rand, 0, length)] = g_rand_int_range (rand, 0, 256);
      bytes = g_bytes_new_take (mutant, length);
      if (i % 2 == 0)
        {
          g_autoptr (RsOutcome) read = rs_outcome_from_payload (bytes, request, NULL);
          g_autoptr (GBytes) again = read != NULL ? outcome_payload (read) : NULL;
          accepted += again != NULL;
        }
      else
        {
          g_autoptr (RsRequest) read = rs_request_from_payload (bytes, NULL);
          g_autoptr (GBytes) again = read != NULL ? request_payload (read) : NULL;
          accepted += again != NULL;
        }
    }
  g_test_message ("%u of 60000 mutants were good messages", accepted);
  g_assert_cmpuint (accepted, >, 0);
  g_assert_cmpuint (accepted, <, 50000);
}

/* A reader that is given the wrong message, random bytes, or nothing. */
static void
test_foreign_bytes (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (RsRequest) request = sample_request ();
  g_autoptr (GBytes) request_bytes = request_payload (request);
  g_autoptr (RsOutcome) read = rs_outcome_from_payload (request_bytes, request, NULL);

  g_assert_null (read);
  for (guint i = 0; i < 20000; i++)
    {
      gsize length = g_rand_int_range (rand, 0, 400);
      guint8 *noise = g_malloc (length);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (RsOutcome) outcome = NULL;
      g_autoptr (RsRequest) other = NULL;

      for (gsize k = 0; k < length; k++)
        noise[k] = g_rand_int_range (rand, 0, 256);
      bytes = g_bytes_new_take (noise, length);
      outcome = rs_outcome_from_payload (bytes, request, NULL);
      other = rs_request_from_payload (bytes, NULL);
      g_assert_null (outcome);
      g_assert_null (other);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ipc/request/lies", test_request_lies);
  g_test_add_func ("/ipc/progress/lies", test_progress_lies);
  g_test_add_func ("/ipc/outcome/lies", test_outcome_lies);
  g_test_add_func ("/ipc/outcome/lengths", test_outcome_lengths);
  g_test_add_func ("/ipc/outcome/too-many-notes", test_too_many_notes);
  g_test_add_func ("/ipc/truncated", test_truncated);
  g_test_add_func ("/ipc/mutated", test_mutated);
  g_test_add_func ("/ipc/foreign-bytes", test_foreign_bytes);
  return g_test_run ();
}
