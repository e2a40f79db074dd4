/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A profile as it came: encrypted, gzip or neither, what it is, its encoding, XML, assignments. The first byte says how it
 * came. The seeds that are encrypted are so with the key and the keying material below; a mutation of them is mostly a
 * broken one. */
#include "fuzz.h"

#include "base/error.h"
#include "ipc/message.h"
#include "profile/profile.h"

#include <string.h>

#define PARAMETERS_MAX 40000
#define NOTES_MAX 1000
#define PLACES_MAX 50
#define DIGEST_LENGTH 64
#define KEY "a key"
#define IKM "keying material"

enum
{
  FLAG_INCOMPLETE = 1,
  FLAG_SMALL = 2,
  FLAG_REPEAT = 4,
  FLAG_DESK = 8,
  FLAG_SEALED = 16, /* there is a key, and an alias map */
  FLAG_AES128GCM = 32,
};

static void
check_assignments (GPtrArray *assignments, GString *out)
{
  for (guint i = 0; i < assignments->len; i++)
    {
      const RsAssignment *one = assignments->pdata[i];

      g_assert_true (rs_assignment_name_is_valid (one->name));
      g_assert_cmpint (one->value != NULL, ==, one->kind == RS_ASSIGN_VALUE);
      g_string_append_printf (out, "%u %s=%s %d\n", one->line, one->name, one->value, one->access);
    }
}

static void
check_notes (GPtrArray *notes, GString *out)
{
  g_assert_cmpuint (notes->len, <=, NOTES_MAX);
  for (guint i = 0; i < notes->len; i++)
    {
      const RsProfileNote *note = notes->pdata[i];

      fuzz_check_line (note->message);
      g_string_append_printf (out, "%u:%u: %s\n", note->line, note->column, note->message);
    }
}

/* Each value that is not empty has a first character, and it stands in the file. Looking costs a walk over it. */
static void
check_places (const RsProfile *profile, const RsProfileOptions *options)
{
  for (guint i = 0; i < MIN (profile->assignments->len, PLACES_MAX); i++)
    {
      const RsAssignment *one = profile->assignments->pdata[i];
      gboolean wanted = options->at_a_desk && one->value != NULL && one->value[0] != '\0';
      guint line = 0, column = 0;

      if (!wanted)
        continue;
      g_assert_true (rs_profile_locate (profile, one, 1, &line, &column));
      g_assert_cmpuint (line, >=, one->line);
      g_assert_true (line > one->line || column > one->column);
      g_assert_false (rs_profile_locate (profile, one, G_MAXUINT, &line, &column));
    }
}

/* Whatever the reader lets through, the worker can say to the daemon. */
static void
check_outcome (const RsProfile *profile)
{
  g_autoptr (RsOutcome) outcome = rs_outcome_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) frame = NULL;

  outcome->ok = TRUE;
  g_free (outcome->digest);
  outcome->digest = g_strdup (profile->digest);
  g_ptr_array_unref (outcome->assignments);
  outcome->assignments = g_ptr_array_ref (profile->assignments);
  for (guint i = 0; i < profile->notes->len; i++)
    rs_outcome_add_note (outcome, ((RsProfileNote *)profile->notes->pdata[i])->message);
  frame = rs_outcome_to_frame (outcome, &error);
  g_assert_no_error (error);
}

static void
check_profile (const RsProfile *profile, GBytes *bytes, const RsProfileOptions *options, GString *out)
{
  g_autoptr (GBytes) plain = rs_profile_decode (bytes, options, NULL);
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, profile->plain);

  g_assert_cmpuint (profile->assignments->len, <=, options->max_parameters);
  g_assert_cmpuint (g_bytes_get_size (profile->plain), <=, options->max_bytes);
  g_assert_cmpuint (strlen (profile->digest), ==, DIGEST_LENGTH);
  g_assert_cmpstr (profile->digest, ==, digest);
  g_assert_nonnull (plain);
  g_assert_true (g_bytes_equal (plain, profile->plain));
  check_assignments (profile->assignments, out);
  check_places (profile, options);
  check_notes (profile->notes, out);
  check_outcome (profile);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  guint8 flags = fuzz_byte (&input);
  g_autoptr (GBytes) bytes = fuzz_bytes (&input, (flags & FLAG_REPEAT) != 0);
  RsProfileOptions options = { .max_bytes = (flags & FLAG_SMALL) != 0 ? 64 : 1024 * 1024,
                               .max_parameters = (flags & FLAG_SMALL) != 0 ? 2 : PARAMETERS_MAX,
                               .complete = (flags & FLAG_INCOMPLETE) == 0,
                               .at_a_desk = (flags & FLAG_DESK) != 0,
                               .aes128gcm = (flags & FLAG_AES128GCM) != 0 };
  g_autoptr (GError) error = NULL;
  guint line = G_MAXUINT, column = G_MAXUINT;
  g_autoptr (RsProfile) profile = NULL;

  if ((flags & FLAG_SEALED) != 0)
    {
      options.key = KEY;
      options.ikm = IKM;
      options.alias_map = "/a/b = /flat-profile/GPP_A ; /c = /flat-profile/GPP_B ;";
    }
  profile = rs_profile_read (bytes, &options, &line, &column, &error);
  fuzz_check_error (profile != NULL, error);
  if (profile != NULL)
    {
      check_profile (profile, bytes, &options, out);
      return;
    }
  g_assert_cmpint (error->code, ==, RS_ERROR_CORRUPT);
  g_assert_cmpuint (line, <=, 1 + 1024 * 1024);
  g_assert_cmpuint (column, <=, 1 + 1024 * 1024);
  g_string_append_printf (out, "%u:%u: %s", line, column, error->message);
}
