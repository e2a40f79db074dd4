/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An outcome that is good by itself and cannot be the answer to its request. */
#include "samples.h"

#include <string.h>

/* HTTP-8: what the request did not ask for cannot be the answer. */
static void
test_outcome_against_request (void)
{
  static const struct
  {
    const char *scheme;
    gboolean conditional;
    guint max;
    RsOutcome *(*sample) (void);
    const char *changes[6];
    const char *fault;
  } cases[] = {
    { "https", TRUE, 3, sample_success, { NULL }, NULL },
    { "https", TRUE, 2, sample_success, { NULL }, "at most 2" },
    { "https", TRUE, 0, sample_not_modified, { NULL }, NULL },
    { "https", FALSE, 3, sample_not_modified, { NULL }, "not conditional" },
    { "http", TRUE, 3, sample_success, { NULL }, NULL },
    { "http", TRUE, 3, sample_success, { "9='http://a/b'" }, NULL },
    { "http", TRUE, 3, sample_success, { "3=206" }, "a status other than 200" },
    { "http", TRUE, 3, sample_success, { "9='tftp://a/b'" }, "cannot lead to" },
    { "tftp", FALSE, 3, sample_success, { NULL }, "cannot lead to" },
    { "tftp", FALSE, 3, sample_success, { "9='tftp://a/b'" }, "words of HTTP" },
    { "tftp", FALSE, 3, sample_success, { "9='tftp://a/b'", "3=0", "11=''", "12=''" }, NULL },
    { "tftp", FALSE, 3, sample_success, { "9='tftp://a/b'", "3=0", "11=''" }, "words of HTTP" },
    { "tftp", TRUE, 3, sample_not_modified, { NULL }, "words of HTTP" },
    { "tftp", FALSE, 3, sample_failure, { NULL }, "words of HTTP" },
    { "tftp", FALSE, 3, sample_failure, { "3=0", "8=0" }, NULL },
    { "tftp", FALSE, 3, sample_failure, { "3=0", "8=0", "7=true", "1=11" }, "words of HTTP" },
    { "tftp", FALSE, 3, sample_failure, { "3=0", "8=0", "17=true" }, "PIN of a token" },
    { "syslog", FALSE, 3, sample_success, { NULL }, "cannot lead to" },
    { "syslog", FALSE, 3, sample_failure, { NULL }, "words of HTTP" },
    { "syslog", FALSE, 3, sample_failure, { "3=0", "8=0", "9=''" }, NULL },
    { "http", FALSE, 3, sample_failure, { "17=true" }, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsRequest) request = sample_request ();
      g_autoptr (RsOutcome) outcome = cases[i].sample ();
      g_autoptr (GBytes) payload = outcome_payload (outcome);
      g_autoptr (GBytes) answer = tampered (payload, OUTCOME_TYPE, cases[i].changes);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsOutcome) read = NULL;

      g_free (request->scheme);
      request->scheme = g_strdup (cases[i].scheme);
      request->max_parameters = cases[i].max;
      if (!cases[i].conditional)
        {
          request->if_none_match[0] = '\0';
          request->if_modified_since[0] = '\0';
        }
      read = rs_outcome_from_payload (answer, request, &error);
      g_test_message ("%u: %s", i, error != NULL ? error->message : "good");
      g_assert_cmpint (read != NULL, ==, cases[i].fault == NULL);
      if (cases[i].fault != NULL)
        g_assert_nonnull (strstr (error->message, cases[i].fault));
    }
}

/* HTTP-2: only where the daemon has to find proxies does a worker leave a redirect to it, and each counts. */
static void
test_redirect (void)
{
  static const struct
  {
    gboolean found;
    guint before;
    gboolean good;
  } cases[] = { { TRUE, 0, TRUE }, { TRUE, 1, TRUE }, { TRUE, 2, FALSE }, { TRUE, 5, FALSE }, { FALSE, 0, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RsRequest) request = sample_request ();
      g_autoptr (RsOutcome) outcome = sample_redirect ();
      g_autoptr (GBytes) payload = outcome_payload (outcome);
      g_autoptr (GError) error = NULL;
      g_autoptr (RsOutcome) read = NULL;

      request->proxies_found = cases[i].found;
      request->redirects = cases[i].before;
      read = rs_outcome_from_payload (payload, request, &error);
      g_assert_cmpint (read != NULL, ==, cases[i].good);
      if (read != NULL)
        g_assert_cmpuint (read->redirects, ==, 2);
      else
        g_assert_nonnull (strstr (error->message, "that the worker was to follow"));
    }
}

/* HTTP-9: only a token that was to be asked can have refused its PIN. */
static void
test_pin_refused (void)
{
  static const struct
  {
    const char *certificate, *key;
    gboolean good;
  } cases[] = {
    { "pkcs11:object=phone", "pkcs11:object=phone?pin-value=1", TRUE },
    { "pkcs11:object=phone", "", TRUE },
    { "/etc/phone.pem", "pkcs11:object=phone", TRUE },
    { "/etc/phone.pem", "/etc/phone.key", FALSE },
    { "", "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      static const char *const changes[] = { "17=true", NULL };
      g_autoptr (RsRequest) request = sample_request ();
      g_autoptr (RsOutcome) outcome = sample_failure (), read = NULL;
      g_autoptr (GBytes) payload = outcome_payload (outcome);
      g_autoptr (GBytes) lie = tampered (payload, OUTCOME_TYPE, changes);
      g_autoptr (GError) error = NULL;

      g_free (request->certificate_file);
      g_free (request->private_key_file);
      request->certificate_file = g_strdup (cases[i].certificate);
      request->private_key_file = g_strdup (cases[i].key);
      read = rs_outcome_from_payload (lie, request, &error);
      g_assert_cmpint (read != NULL, ==, cases[i].good);
      if (read == NULL)
        g_assert_nonnull (strstr (error->message, "PIN of a token"));
    }
}

/* A file of max_bytes says no more than twice that in UTF-8, and what says more was not read from it. */
static void
test_more_than_the_file (void)
{
  for (guint more = 0; more <= 1; more++)
    {
      g_autoptr (RsRequest) request = sample_request ();
      g_autoptr (RsOutcome) outcome = sample_success (), read = NULL;
      g_autofree char *value = repeated ('v', 10000), *last = NULL;
      g_autoptr (GBytes) payload = NULL;
      g_autoptr (GError) error = NULL;

      g_ptr_array_set_size (outcome->assignments, 0);
      g_ptr_array_add (outcome->assignments, rs_assignment_new ("A", RS_ASSIGN_VALUE, value, RS_ACCESS_RO, 1));
      last = repeated ('v', 10000 + more);
      g_ptr_array_add (outcome->assignments, rs_assignment_new ("B", RS_ASSIGN_VALUE, last, RS_ACCESS_RO, 2));
      request->max_bytes = 10000;
      payload = outcome_payload (outcome);
      read = rs_outcome_from_payload (payload, request, &error);
      g_assert_cmpint (read != NULL, ==, more == 0);
      if (more == 1)
        g_assert_nonnull (strstr (error->message, "more than the file may have"));
    }
}

/* How long an outcome may be is known before its first byte is read. */
static void
test_length_of_request (void)
{
  g_autoptr (RsRequest) request = sample_request ();
  g_autoptr (GError) error = NULL;

  request->max_bytes = 8u << 20;
  request->max_parameters = 20000;
  g_assert_true (rs_outcome_check_length (21u << 20, request, NULL));
  g_assert_false (rs_outcome_check_length (22u << 20, request, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
  request->max_bytes = 1u << 30;
  request->max_parameters = RS_PARAMETERS_MAX;
  g_assert_true (rs_outcome_check_length (RS_FRAME_MAX, request, NULL));
  g_assert_false (rs_outcome_check_length (RS_FRAME_MAX + 1, request, NULL));
}

/* 60 MiB that claim to be millions of empty names are counted, not built. */
static void
test_many_empty_names (void)
{
  g_autoptr (RsRequest) request = sample_request ();
  g_autoptr (GVariant) tuple = NULL;
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RsOutcome) read = NULL;
  gsize n = 8000000;
  g_autofree guint8 *zeros = g_malloc0 (n * 4);
  GVariant *column = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, zeros, n, 1);

  request->max_bytes = RS_FRAME_MAX;
  tuple = g_variant_ref_sink (g_variant_new ("(bysubbbbussssssssbsy@ay@ay@ay@ay@au@as)", TRUE, 0, "", 200, FALSE,
                                             FALSE, FALSE, FALSE, 0, "", "", "", "", DIGEST, "", "", "", FALSE, "", 0, column,
                                             column, column, column,
                                             g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, zeros, n, 4),
                                             g_variant_new_strv (NULL, 0)));
  payload = g_variant_get_data_as_bytes (tuple);
  g_assert_cmpuint (g_bytes_get_size (payload), <, RS_FRAME_MAX);
  read = rs_outcome_from_payload (payload, request, &error);
  g_assert_null (read);
  g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "8000000 assignments"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ipc/outcome/against-request", test_outcome_against_request);
  g_test_add_func ("/ipc/outcome/redirect", test_redirect);
  g_test_add_func ("/ipc/outcome/pin-refused", test_pin_refused);
  g_test_add_func ("/ipc/outcome/more-than-the-file", test_more_than_the_file);
  g_test_add_func ("/ipc/outcome/length-of-request", test_length_of_request);
  g_test_add_func ("/ipc/outcome/many-empty-names", test_many_empty_names);
  return g_test_run ();
}
