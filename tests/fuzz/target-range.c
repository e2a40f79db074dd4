/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What says which bytes of an image these are, and by what its rest can be asked for. */
#include "fuzz.h"

#include "fetch/range.h"

#include <string.h>

/* Of a part of five bytes of seven. */
#define PART_BYTES 5
#define PART_TOTAL 7
#define DATE "Thu, 01 Jan 2026 00:00:00 GMT"

static const char *
or_null (const char *text)
{
  return *text != '\0' ? text : NULL;
}

/* What is read is what stands there, but for zeros in front. */
static void
check_field (const char *field, guint64 first, guint64 last, guint64 total)
{
  g_autofree char *again = g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT, first, last, total);
  guint64 numbers[3];

  g_assert_cmpuint (first, <=, last);
  g_assert_cmpuint (last, <, total);
  g_assert_true (rs_range_read (again, &numbers[0], &numbers[1], &numbers[2]));
  g_assert_true (numbers[0] == first && numbers[1] == last && numbers[2] == total);
  g_assert_cmpuint (strlen (again), <=, strlen (field));
}

static void
check_answer (const RsRangeAnswer *answer, const RsPart *part, GString *out)
{
  const char *fault = rs_range_fault (answer, part);
  guint64 first, last, total;

  g_string_append_printf (out, "%s ", fault != NULL ? fault : "the rest");
  if (fault != NULL)
    return;
  g_assert_true (rs_range_read (answer->range, &first, &last, &total));
  g_assert_true (first == part->bytes && last == total - 1 && total == part->total);
  g_assert_cmpuint (g_ascii_strtoull (answer->length, NULL, 10), ==, total - first);
  if (part->validator[0] == '"')
    g_assert_cmpstr (answer->etag, ==, part->validator);
  else
    g_assert_null (answer->etag);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  g_autofree char *range = fuzz_line (&input), *length = fuzz_line (&input), *type = fuzz_line (&input);
  g_autofree char *encoding = fuzz_line (&input), *etag = fuzz_line (&input), *date = fuzz_line (&input);
  g_autofree char *said = fuzz_line (&input), *validator = NULL;
  const RsRangeAnswer answer = { or_null (range), or_null (length), or_null (type), or_null (encoding), or_null (etag), or_null (date) };
  const RsPart tagged = { PART_BYTES, PART_TOTAL, (char *)"\"v\"", NULL, NULL }, dated = { PART_BYTES, PART_TOTAL, (char *)DATE, NULL, NULL };
  guint64 first, last, total;

  if (rs_range_read (range, &first, &last, &total))
    check_field (range, first, last, total);
  check_answer (&answer, &tagged, out);
  check_answer (&answer, &dated, out);
  validator = rs_range_validator (answer.etag, answer.last_modified, or_null (said));
  g_assert_true (*validator == '\0' || rs_validator_is_strong (validator));
  g_assert_true (*validator == '\0' || strcmp (validator, etag) == 0 || (answer.etag == NULL && strcmp (validator, date) == 0));
  g_string_append (out, validator);
}
