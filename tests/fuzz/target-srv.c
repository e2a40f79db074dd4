/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The DNS's answer to a question for SRV records. */
#include "fuzz.h"

#include "base/error.h"
#include "base/host.h"
#include "fetch/srv.h"
#include "rule/url.h"

#define QUESTION "_ciscoprov-https._tls.example.com"
#define SMALLEST 19 /* bytes of a record: a pointer, its head, its numbers and the root */

static void
check_record (const RsSrvRecord *record, GString *out)
{
  g_autofree char *lower = g_ascii_strdown (record->host, -1);

  g_assert_true (rs_host_is_valid (record->host));
  g_assert_false (rs_host_is_address (record->host));
  g_assert_cmpstr (record->host, ==, lower);
  g_assert_cmpuint (record->port, !=, 0);
  g_string_append_printf (out, " %u %u %s:%u", record->priority, record->weight, record->host, record->port);
}

/* By priority; without chance by weight as well. */
static void
check_order (GPtrArray *records, gboolean by_chance)
{
  for (guint i = 1; i < records->len; i++)
    {
      const RsSrvRecord *before = records->pdata[i - 1], *record = records->pdata[i];

      g_assert_cmpuint (before->priority, <=, record->priority);
      g_assert_true (by_chance || before->priority != record->priority || before->weight <= record->weight);
    }
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  gboolean by_chance = (fuzz_byte (&input) & 1) != 0;
  g_autoptr (GBytes) answer = fuzz_bytes (&input, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GRand) chance = by_chance ? g_rand_new_with_seed ((guint32)size) : NULL;
  g_autoptr (GPtrArray) records = NULL;
  gsize length;
  const guint8 *bytes = g_bytes_get_data (answer, &length);

  records = rs_srv_parse (bytes, length, QUESTION, &error);
  fuzz_check_error (records != NULL, error);
  if (records == NULL)
    {
      g_assert_true (error->code == RS_ERROR_NOT_FOUND || error->code == RS_ERROR_FAILED);
      g_string_append (out, error->message);
      return;
    }
  g_assert_cmpuint (records->len, >, 0);
  g_assert_cmpuint (records->len, <=, length / SMALLEST);
  rs_srv_sort (records, chance);
  check_order (records, by_chance);
  for (guint i = 0; i < records->len; i++)
    check_record (records->pdata[i], out);
}
