/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Good messages. */
#include "samples.h"

#include <string.h>

RsRequest *
sample_request (void)
{
  RsRequest *request = g_new0 (RsRequest, 1);

  request->scheme = g_strdup ("https");
  request->host = g_strdup ("prov.example.com");
  request->port = 443;
  request->path = g_strdup ("/phones/000e08aabbcc.cfg?site=3");
  request->user_agent = g_strdup ("Cisco-CP-7832-3PCC/11.0.1 (00562b043615)");
  request->user = g_strdup ("phone");
  request->password = g_strdup ("pässword");
  request->basic_over_http = TRUE;
  request->if_none_match = g_strdup ("\"5f3-6a\"");
  request->if_modified_since = g_strdup ("Thu, 01 Jan 2026 00:00:00 GMT");
  request->key = g_strdup ("k\001y");
  request->alias_map = g_strdup ("/a/b = /flat-profile/C ;\n");
  request->ca_file = g_strdup ("/etc/resyncd/ca.pem");
  request->system_ca = TRUE;
  request->certificate_file = g_strdup ("pkcs11:object=phone");
  request->private_key_file = g_strdup ("/etc/resyncd/phone.key");
  request->clock_is_set = TRUE;
  request->literal_address = g_strdup ("fd00::1");
  request->max_bytes = 8u << 20;
  request->max_parameters = 3;
  request->connect_timeout = 15;
  request->transfer_timeout = 120;
  request->allow_weak_sandbox = TRUE;
  request->ikm = g_strdup ("yqdlZ-tYemfogSmv7Ws5PQ");
  request->body = g_strdup ("");
  request->proxies = g_strdup ("10.0.0.7:8080;[fd00::7]:3128;DIRECT");
  request->proxy_user = g_strdup ("phone");
  request->proxy_password = g_strdup ("pässword");
  request->custom_ca = g_strdup ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  request->crl_file = g_strdup ("/etc/resyncd/crl.pem");
  request->token_paths = g_strdup ("/etc/softhsm;/var/lib/softhsm");
  request->own_address = g_strdup ("192.0.2.50");
  request->srv_by_chance = TRUE;
  request->srv_target = g_strdup ("pr1.example.com:5060");
  request->proxies_found = TRUE;
  return request;
}

RsOutcome *
sample_success (void)
{
  RsOutcome *outcome = rs_outcome_new ();

  outcome->ok = TRUE;
  outcome->http_status = 200;
  g_free (outcome->url);
  outcome->url = g_strdup ("https://prov.example.com/phones/000e08aabbcc.cfg?site=3");
  g_free (outcome->server_address);
  outcome->server_address = g_strdup ("192.0.2.7");
  g_free (outcome->etag);
  outcome->etag = g_strdup ("W/\"7\"");
  g_free (outcome->last_modified);
  outcome->last_modified = g_strdup ("Thu, 01 Jan 2026 00:00:00 GMT");
  g_free (outcome->digest);
  outcome->digest = g_strdup (DIGEST);
  g_ptr_array_add (outcome->assignments, rs_assignment_new ("Profile_Rule", RS_ASSIGN_VALUE, "", RS_ACCESS_NA, 3));
  g_ptr_array_add (outcome->assignments, rs_assignment_new ("Voice_Mail", RS_ASSIGN_EMPTY, NULL, RS_ACCESS_RW, 4));
  g_ptr_array_add (outcome->assignments,
                   rs_assignment_new ("Third", RS_ASSIGN_VALUE, "Grüße\tund\nmehr", RS_ACCESS_UNSET, 0));
  rs_outcome_add_note (outcome, "Line 7: ua=\"xx\" is none of na, ro, rw");
  return outcome;
}

RsOutcome *
sample_failure (void)
{
  RsOutcome *outcome = rs_outcome_new_error (RS_ERROR_UNREACHABLE, "Service unavailable");

  outcome->http_status = 503;
  outcome->overload = TRUE;
  outcome->retry_after = 120;
  return outcome;
}

RsOutcome *
sample_not_modified (void)
{
  RsOutcome *outcome = rs_outcome_new ();

  outcome->ok = TRUE;
  outcome->not_modified = TRUE;
  outcome->http_status = 304;
  return outcome;
}

RsOutcome *
sample_redirect (void)
{
  RsOutcome *outcome = rs_outcome_new ();

  outcome->ok = TRUE;
  outcome->http_status = 302;
  outcome->redirects = 2;
  g_free (outcome->url);
  outcome->url = g_strdup ("https://other.example.com/x");
  return outcome;
}

GBytes *
payload_of (GBytes      *frame,
            RsFrameType  expected)
{
  g_autoptr (GError) error = NULL;
  RsFrameType type;
  gsize length, size;
  const guint8 *data = g_bytes_get_data (frame, &size);

  g_assert_cmpuint (size, >, RS_FRAME_HEADER);
  g_assert_true (rs_frame_read_header (data, &type, &length, &error));
  g_assert_no_error (error);
  g_assert_cmpint (type, ==, expected);
  g_assert_cmpuint (length, ==, size - RS_FRAME_HEADER);
  return g_bytes_new_from_bytes (frame, RS_FRAME_HEADER, length);
}

GBytes *
outcome_payload (const RsOutcome *outcome)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) frame = rs_outcome_to_frame (outcome, &error);

  g_assert_no_error (error);
  return payload_of (frame, RS_FRAME_OUTCOME);
}

GBytes *
request_payload (const RsRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) frame = rs_request_to_frame (request, &error);

  g_assert_no_error (error);
  return payload_of (frame, RS_FRAME_REQUEST);
}

char *
repeated (char  c,
          gsize n)
{
  char *text = g_malloc (n + 1);

  memset (text, c, n);
  text[n] = '\0';
  return text;
}

GBytes *
tampered (GBytes            *payload,
          const char        *type,
          const char *const *changes)
{
  g_autoptr (GVariant) tuple = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), payload, FALSE));
  g_autoptr (GVariant) lie = NULL;
  gsize n = g_variant_n_children (tuple);
  g_autofree GVariant **children = g_new (GVariant *, n);
  GBytes *bytes;

  for (gsize i = 0; i < n; i++)
    children[i] = g_variant_get_child_value (tuple, i);
  for (; *changes != NULL; changes++)
    {
      g_autoptr (GError) error = NULL;
      char *text;
      gsize i = strtoul (*changes, &text, 10);
      GVariant *value = g_variant_parse (g_variant_get_type (children[i]), text + 1, NULL, NULL, &error);

      g_assert_no_error (error);
      g_variant_unref (children[i]);
      children[i] = value;
    }
  lie = g_variant_ref_sink (g_variant_new_tuple (children, n));
  for (gsize i = 0; i < n; i++)
    g_variant_unref (children[i]);
  bytes = g_variant_get_data_as_bytes (lie);
  return bytes;
}
