/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What lies on disk: parameters, state and what was reported as texts, and the seal. The first byte says which. */
#include "fuzz.h"

#include "base/error.h"
#include "base/secret.h"
#include "store/param-text.h"
#include "store/reported.h"
#include "store/sealed.h"
#include "store/state-private.h"

#include <string.h>

enum
{
  MODE_PARAMETERS,
  MODE_STATE,
  MODE_SEAL,
  MODE_REPORTED,
  N_MODES,
  FLAG_REPEAT = 0x80,
};

/* Written and read again it is the same, and as many lines are kept beside it. */
static void
check_set (const RsParamSet *set)
{
  g_autoptr (GString) text = rs_param_set_to_text (set);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsParamSet) again = rs_param_set_from_text (fuzz_catalogue (), text->str, text->len, warnings, &error);
  g_autoptr (GString) same = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (again->generation, ==, set->generation);
  g_assert_cmpuint (again->foreign->len, ==, set->foreign->len);
  g_assert_cmpuint (again->validators->len, ==, set->validators->len);
  same = rs_param_set_to_text (again);
  g_assert_cmpstr (same->str, ==, text->str);
}

static void
read_parameters (const char *text, gsize length, GString *out)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsParamSet) set = rs_param_set_from_text (fuzz_catalogue (), text, length, warnings, &error);

  fuzz_check_error (set != NULL, error);
  fuzz_check_lines (warnings);
  g_string_append_printf (out, "%u warnings", warnings->len);
  if (set == NULL)
    {
      g_assert_cmpint (error->code, ==, RS_ERROR_CORRUPT);
      return;
    }
  check_set (set);
}

static void
read_state (const char *text, gsize length, GString *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsState) state = rs_state_from_text (text, length, &error);
  g_autoptr (RsState) again = NULL;
  g_autofree char *written = NULL;
  g_autofree char *same = NULL;

  fuzz_check_error (state != NULL, error);
  if (state == NULL)
    {
      g_assert_cmpint (error->code, ==, RS_ERROR_CORRUPT);
      return;
    }
  written = rs_state_to_text (state);
  again = rs_state_from_text (written, strlen (written), &error);
  g_assert_no_error (error);
  same = rs_state_to_text (again);
  g_assert_cmpstr (same, ==, written);
  g_string_append (out, written);
}

static void
read_reported (const char *text, gsize length, GString *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) marks = rs_marks_from_text (text, length, &error);
  g_autoptr (GHashTable) again = NULL;
  g_autoptr (GString) written = NULL, same = NULL;

  fuzz_check_error (marks != NULL, error);
  if (marks == NULL)
    {
      g_assert_cmpint (error->code, ==, RS_ERROR_CORRUPT);
      return;
    }
  written = rs_marks_to_text (marks);
  again = rs_marks_from_text (written->str, written->len, &error);
  g_assert_no_error (error);
  same = rs_marks_to_text (again);
  g_assert_cmpstr (same->str, ==, written->str);
  g_string_append (out, written->str);
}

/* What was closed is whole; cut, longer or with another byte it is not. */
static void
seal (const char *text, gsize length, guint32 place, guint8 change)
{
  g_autoptr (GBytes) closed = rs_sealed_close (g_string_new_len (text, (gssize)length));
  gsize size;
  const char *data = g_bytes_get_data (closed, &size);
  g_autofree char *other = g_memdup2 (data, size);

  g_assert_cmpint (rs_sealed_body (data, size), ==, length);
  g_assert_cmpint (rs_sealed_body (text, length), <=, (gssize)length);
  place %= size;
  g_assert_cmpint (rs_sealed_body (data, place), ==, rs_sealed_body (text, MIN (place, length)));
  other[place] ^= change;
  g_assert_cmpint (rs_sealed_body (other, size), ==, change == 0 ? (gssize)length : -1);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  guint8 mode = fuzz_byte (&input);
  g_autoptr (GBytes) bytes = NULL;
  const char *text;
  gsize length;
  guint32 place = 0;
  guint8 change = 0;

  if ((mode & ~FLAG_REPEAT) % N_MODES == MODE_SEAL)
    {
      place = fuzz_uint32 (&input);
      change = fuzz_byte (&input);
    }
  bytes = fuzz_bytes (&input, (mode & FLAG_REPEAT) != 0);
  text = g_bytes_get_data (bytes, &length);
  if (text == NULL)
    return;
  switch ((mode & ~FLAG_REPEAT) % N_MODES)
    {
    case MODE_PARAMETERS:
      read_parameters (text, length, out);
      break;
    case MODE_STATE:
      read_state (text, length, out);
      break;
    case MODE_REPORTED:
      read_reported (text, length, out);
      break;
    case MODE_SEAL:
    default:
      seal (text, length, place, change);
      break;
    }
}
