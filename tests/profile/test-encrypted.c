/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Encrypted profiles: the vectors of RFC 8188, files of ours, and what was done to them. Files of the real openssl and of other
 * implementations are read in tests/ctl. */
#include "support.h"

#include "base/error.h"
#include "profile/aes128gcm.h"
#include "profile/salted.h"

#include <string.h>

#define PROFILE "<flat-profile><GPP_A>sealed</GPP_A></flat-profile>"

static const guint8 salt[16] = "0123456789abcde";

static GBytes *
base64url (const char *text)
{
  g_autofree char *plain = g_strdup (text);
  g_autofree char *padded = NULL;
  guint8 *data;
  gsize length;

  g_strdelimit (plain, "-", '+');
  g_strdelimit (plain, "_", '/');
  padded = g_strconcat (plain, "===" + (strlen (plain) + 3) % 4, NULL);
  data = g_base64_decode (padded, &length);
  return g_bytes_new_take (data, length);
}

static gboolean
is_text (GBytes     *bytes,
         const char *text)
{
  g_autoptr (GBytes) want = g_bytes_new_static (text, strlen (text));

  return bytes != NULL && g_bytes_equal (bytes, want);
}

/* ENC-2: the examples of RFC 8188, sections 3.1 and 3.2 */
static void
test_vectors (void)
{
  static const struct
  {
    const char *key, *file;
  } table[] = {
    { "yqdlZ-tYemfogSmv7Ws5PQ", "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg" },
    { "BO3ZVPxUlnLORbVGMpbT1Q",
      "uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GBytes) file = base64url (table[i].file);
      g_autoptr (GPtrArray) keys = rs_aes128gcm_keys (table[i].key);
      g_autoptr (GBytes) plain = rs_aes128gcm_decrypt (file, g_ptr_array_index (keys, 0));

      g_assert_true (is_text (plain, "I am the walrus"));
    }
}

/* ENC-2: hexadecimal, base64url with and without padding, base64, or text */
static void
test_keys (void)
{
  static const struct
  {
    const char *text;
    guint ways;
    const char *first; /* in hexadecimal */
  } table[] = {
    { "000102030405060708090a0b0c0d0e0f", 3, "000102030405060708090a0b0c0d0e0f" },
    { "_-8AAAAAAAAAAAAAAAAAAA", 2, "ffef0000000000000000000000000000" },
    { "/+8AAAAAAAAAAAAAAAAAAA==", 2, "ffef0000000000000000000000000000" },
    { "short", 1, "73686f7274" },
    { "not base64, but long enough", 1, NULL },
    { "AAAAAAAAAAAAAAAAAAAAA", 1, NULL },   /* 21 digits: one too many for 15 bytes */
    { "AAAAAAAAAAAAAAAAAAA=A=", 1, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GPtrArray) keys = rs_aes128gcm_keys (table[i].text);
      gsize length;
      const guint8 *data = g_bytes_get_data (g_ptr_array_index (keys, 0), &length);

      g_assert_cmpuint (keys->len, ==, table[i].ways);
      for (gsize k = 0; table[i].first != NULL && k < length; k++)
        g_assert_cmphex (data[k], ==, g_ascii_xdigit_value (table[i].first[2 * k]) << 4 | g_ascii_xdigit_value (table[i].first[2 * k + 1]));
    }
}

static GBytes *
bytes_of (gsize n)
{
  guint8 *data = g_malloc (n + 1);

  for (gsize i = 0; i < n; i++)
    data[i] = (guint8)(i * 7 + i / 256);
  return g_bytes_new_take (data, n);
}

/* ENC-1, ENC-2: every length around a block and a record, every record size */
static void
test_round_trips (void)
{
  static const gsize lengths[] = { 0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 1000, 4095, 4096, 70000 };
  static const guint32 records[] = { 18, 19, 33, 4096, 65536, RS_AES128GCM_MAX_RECORD };
  g_autoptr (GPtrArray) keys = rs_aes128gcm_keys ("a key of text");

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (GBytes) plain = bytes_of (lengths[i]);

      for (guint kdf = 0; kdf < RS_SALTED_KDFS; kdf++)
        {
          g_autoptr (GBytes) file = rs_salted_encrypt (plain, "key", kdf, salt, NULL);
          g_autoptr (GBytes) back = rs_salted_decrypt (file, "key", kdf);

          g_assert_true (g_bytes_equal (plain, back));
        }
      for (guint k = 0; k < G_N_ELEMENTS (records); k++)
        {
          g_autoptr (GBytes) file = rs_aes128gcm_encrypt (plain, keys->pdata[0], records[k], salt, NULL);
          g_autoptr (GBytes) back = rs_aes128gcm_decrypt (file, keys->pdata[0]);

          g_assert_true (g_bytes_equal (plain, back));
        }
    }
}

static GBytes *
sealed_profile (const char *how)
{
  g_autoptr (GBytes) plain = g_str_has_suffix (how, "+gzip") ? gzip (TEXT (PROFILE)) : TEXT (PROFILE);
  g_autoptr (GPtrArray) keys = rs_aes128gcm_keys ("0123456789abcdef0123456789abcdef");

  if (g_str_has_prefix (how, "sha256"))
    return rs_salted_encrypt (plain, "key", RS_SALTED_SHA256, salt, NULL);
  if (g_str_has_prefix (how, "md5"))
    return rs_salted_encrypt (plain, "key", RS_SALTED_MD5, salt, NULL);
  if (g_str_has_prefix (how, "pbkdf2"))
    return rs_salted_encrypt (plain, "key", RS_SALTED_PBKDF2, salt, NULL);
  return rs_aes128gcm_encrypt (plain, keys->pdata[0], 30, salt, NULL);
}

static const char *const seals[] = { "sha256", "md5", "pbkdf2", "gcm", "sha256+gzip", "gcm+gzip" };
static const RsProfileOptions both = { .key = "key", .ikm = "0123456789abcdef0123456789abcdef" };

/* ENC-1, ENC-2, PROF-8: found out and opened, gzip inside and around it; with both keys the content decides */
static void
test_read (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (seals); i++)
    {
      for (guint packed = 0; packed < 2; packed++)
        {
          GBytes *file = sealed_profile (seals[i]);
          g_autoptr (GBytes) outer = packed ? gzip (file) : file;
          g_autoptr (GError) error = NULL;
          g_autoptr (RsProfile) profile = rs_profile_read (outer, &both, NULL, NULL, &error);

          g_assert_no_error (error);
          g_assert_cmpstr (assignment_of (profile, "GPP_A")->value, ==, "sealed");
          g_assert_true (is_text (profile->plain, PROFILE));
        }
    }
}

static void
assert_sealed (GBytes                 *file,
               const RsProfileOptions *options)
{
  guint line, column;
  g_autofree char *message = read_corrupt (file, options, &line, &column);

  g_assert_cmpstr (message, ==, RS_PROFILE_SEALED);
  g_assert_cmpuint (line + column, ==, 0);
}

/* ENC-2, PROF-8: whatever the salt looks like: the beginning of XML, of a page, of gzip, of what openssl writes, blanks; also where the
 * transport says what it is, packed once more or not, and where there is no other key */
static void
test_salts (void)
{
  static const struct
  {
    const char *text;
    gsize length;
  } beginnings[] = {
    { "<?xml version=", 14 }, { "<flat-profile>", 14 }, { "<!DOCTYPE html>", 15 }, { "<html>", 6 },  { " <", 2 },
    { "\r\n\t<a>", 6 },      { "\x1f\x8b", 2 },       { "\x1f\x8b\x08", 3 },      { "Salted__", 8 }, { "\0<", 2 },
    { "<", 2 },              { "\xff\xfe<", 4 },      { "\xfe\xff\0<", 4 },
  };
  const RsProfileOptions options[] = { both, { .ikm = both.ikm }, { .key = "key", .ikm = both.ikm, .aes128gcm = TRUE } };
  g_autoptr (GBytes) plain = TEXT (PROFILE);

  for (guint i = 0; i < 256 + G_N_ELEMENTS (beginnings); i++)
    {
      g_autoptr (GBytes) file = NULL, packed = NULL;
      guint8 own[RS_PROFILE_SALT];

      memcpy (own, salt, sizeof own);
      if (i < 256)
        own[0] = (guint8)i;
      else
        memcpy (own, beginnings[i - 256].text, beginnings[i - 256].length);
      file = rs_profile_encrypt (plain, NULL, both.ikm, FALSE, own, NULL);
      packed = gzip (file);
      for (guint k = 0; k < 2 * G_N_ELEMENTS (options); k++)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (RsProfile) profile = rs_profile_read (k % 2 == 0 ? file : packed, &options[k / 2], NULL, NULL, &error);

          g_assert_no_error (error);
          g_assert_cmpstr (assignment_of (profile, "GPP_A")->value, ==, "sealed");
        }
    }
}

/* ENC-1, ENC-3: what openssl wrote, where its first bytes fit a header of RFC 8188 as well; and which answer is given where a salt looks like
 * gzip and nothing opens it */
static void
test_both_fit (void)
{
  static const guint8 like_gzip[RS_PROFILE_SALT] = "\x1f\x8b\x08";
  const RsProfileOptions wrong = { .ikm = "1123456789abcdef0123456789abcdef" }, said = { .aes128gcm = TRUE };
  g_autoptr (GBytes) plain = TEXT (PROFILE);
  g_autoptr (GBytes) gcm = rs_profile_encrypt (plain, NULL, both.ikm, FALSE, like_gzip, NULL);
  g_autofree char *no_key = read_corrupt (g_bytes_ref (gcm), &said, NULL, NULL);
  gboolean found = FALSE;

  assert_sealed (g_bytes_ref (gcm), &wrong);
  g_assert_nonnull (strstr (no_key, "IKM_HTTP_Encrypt_Content"));
  for (guint i = 0; i < 100000 && !found; i++)
    {
      guint8 own[RS_SALTED_SALT] = { i & 0xff, i >> 8 & 0xff, i >> 16 };
      g_autoptr (GBytes) file = rs_salted_encrypt (plain, "key", RS_SALTED_SHA256, own, NULL);

      found = rs_aes128gcm_is (g_bytes_get_data (file, NULL), g_bytes_get_size (file));
      if (found)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (RsProfile) profile = rs_profile_read (file, &both, NULL, NULL, &error);

          g_assert_no_error (error);
          g_assert_cmpstr (assignment_of (profile, "GPP_A")->value, ==, "sealed");
        }
    }
  g_assert_true (found);
}

/* ENC-2: a profile in the clear stays one where a key is given, in every encoding of its letters */
static void
test_in_the_clear (void)
{
  /* in the last, the seventeenth byte is zero and the eighteenth small, as in a record size */
  static const char *const texts[] = { PROFILE, "<?xml version='1.0'?>\n" PROFILE, "<x><y>\n\n\n<flat-profile><GPP_A>sealed</GPP_A></flat-profile></y></x>" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      for (guint wide = 0; wide < 2; wide++)
        {
          gsize length = 0;
          g_autofree char *utf16 = g_convert (texts[i], -1, "UTF-16BE", "UTF-8", NULL, &length, NULL);
          g_autoptr (GBytes) file = g_bytes_new (wide ? utf16 : texts[i], wide ? length : strlen (texts[i]));
          g_autoptr (GError) error = NULL;
          g_autoptr (RsProfile) profile = rs_profile_read (file, &both, NULL, NULL, &error);

          g_assert_no_error (error);
          g_assert_cmpstr (assignment_of (profile, "GPP_A")->value, ==, "sealed");
        }
    }
}

/* ENC-3: one message for a wrong key, a cut and a changed byte, wherever it is; never a profile that is not the one that was sealed */
static void
test_faults (void)
{
  const RsProfileOptions wrong = { .key = "yek", .ikm = "1123456789abcdef0123456789abcdef" };

  for (guint i = 0; i < G_N_ELEMENTS (seals); i++)
    {
      g_autoptr (GBytes) file = sealed_profile (seals[i]);
      gboolean gcm = g_str_has_prefix (seals[i], "gcm");
      gsize length, header = gcm ? 21 : 8;
      const guint8 *data = g_bytes_get_data (file, &length);

      assert_sealed (g_bytes_ref (file), &wrong);
      /* what is shorter is no such file any more */
      for (gsize n = gcm ? 38 : header; n < length; n++)
        assert_sealed (g_bytes_new (data, n), &both);
      for (gsize n = header; n < length; n++)
        {
          guint8 *changed = g_memdup2 (data, length);
          g_autoptr (GBytes) other = g_bytes_new_take (changed, length);
          g_autoptr (RsProfile) profile = NULL;
          g_autoptr (GError) error = NULL;

          changed[n] ^= 1 << (n % 8);
          profile = rs_profile_read (other, &both, NULL, NULL, &error);
          /* CBC proves nothing: a change in a value may pass, and it is what openssl would give as well */
          if (profile == NULL)
            g_assert_cmpstr (error->message, ==, RS_PROFILE_SEALED);
          else
            g_assert_false (gcm);
        }
    }
}

/* ENC-3: records that are doubled, left out or in another order, and something behind the last one */
static void
test_records (void)
{
  g_autoptr (GBytes) file = sealed_profile ("gcm");
  gsize length;
  const guint8 *data = g_bytes_get_data (file, &length);
  const guint8 *first = data + 21, *second = first + 30, *third = second + 30;
  const struct
  {
    const guint8 *parts[3];
    gsize rest_from;
  } table[] = {
    { { second, first }, 60 },        /* another order */
    { { first, first, second }, 60 }, /* one doubled */
    { { second }, 60 },               /* one left out */
    { { first, second }, 90 },        /* another one */
  };

  g_assert_cmpuint (length, >, third + 30 - data);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      GByteArray *made = g_byte_array_new ();

      g_byte_array_append (made, data, 21);
      for (guint k = 0; k < 3 && table[i].parts[k] != NULL; k++)
        g_byte_array_append (made, table[i].parts[k], 30);
      g_byte_array_append (made, first + table[i].rest_from, (guint)(length - 21 - table[i].rest_from));
      assert_sealed (g_byte_array_free_to_bytes (made), &both);
    }
  assert_sealed (joined (g_bytes_ref (file), TEXT ("x")), &both);
}

/* ENC-1, ENC-2: without a key the message says which one is missing */
static void
test_no_key (void)
{
  static const struct
  {
    const char *how;
    RsProfileOptions options;
    const char *part;
  } table[] = {
    { "md5", { 0 }, "--key" },
    { "md5", { .key = "", .ikm = "0123456789abcdef0123456789abcdef" }, "--key" },
    { "gcm", { .key = "key", .aes128gcm = TRUE }, "IKM_HTTP_Encrypt_Content" },
    { "gcm", { .key = "key" }, "IKM_HTTP_Encrypt_Content is not set" },
    { "gcm", { .at_a_desk = TRUE }, "--ikm" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *message = read_corrupt (sealed_profile (table[i].how), &table[i].options, NULL, NULL);

      g_assert_nonnull (strstr (message, table[i].part));
    }
}

/* ENC-3: a phone does not say where a file that opens is wrong; at a desk it is the whole point */
static void
test_desk (void)
{
  const char *broken = "<flat-profile>\n<GPP_A>x</GPP_B></flat-profile>";
  g_autoptr (GBytes) plain = g_bytes_new_static (broken, strlen (broken));
  g_autoptr (GBytes) file = rs_salted_encrypt (plain, "key", RS_SALTED_MD5, salt, NULL);
  const RsProfileOptions phone = { .key = "key" }, desk = { .key = "key", .at_a_desk = TRUE }, wrong = { .key = "yek", .at_a_desk = TRUE };
  guint line, column;
  g_autofree char *message = read_corrupt (g_bytes_ref (file), &desk, &line, &column);
  g_autoptr (GBytes) decoded = rs_profile_decode (file, &desk, NULL);

  g_assert_nonnull (strstr (message, "GPP_"));
  g_assert_cmpuint (line, ==, 2);
  g_assert_true (g_bytes_equal (decoded, plain));
  assert_sealed (g_bytes_ref (file), &phone);
  assert_sealed (g_bytes_ref (file), &wrong);
}

/* ENC-1, ENC-2, ENC-3: at a desk a file that opens with the key and is no profile is told as that, and not as one with another key; on a phone it is.
 * Of what opens by nothing, nothing comes out. */
static void
test_opened (void)
{
  static const struct
  {
    const char *plain, *said;
  } table[] = {
    { "<html>no</html>", "A web page came" },
    { "{\"error\": \"no such phone\"}", "line 1, column 1" },
    { "Station_Name=x\n", "line 1, column 13" },
    { "", "is empty" },
    { "Salted__12345678", "twice" },
    { "\x1f\x8b\x08 and no more", "gzip" },
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (table); i++)
    {
      gboolean gcm = i % 2 == 0;
      const char *text = table[i / 2].plain;
      RsProfileOptions options = { .key = gcm ? NULL : "key", .ikm = gcm ? both.ikm : NULL, .at_a_desk = TRUE }, none = { .at_a_desk = TRUE };
      g_autoptr (GBytes) plain = g_bytes_new_static (text, strlen (text));
      g_autoptr (GBytes) file = rs_profile_encrypt (plain, options.key, options.ikm, FALSE, salt, NULL);
      g_autofree char *said = read_corrupt (g_bytes_ref (file), &options, NULL, NULL);

      g_assert_nonnull (strstr (said, table[i / 2].said));
      g_assert_null (rs_profile_decode (file, &none, NULL));
      options.at_a_desk = FALSE;
      assert_sealed (g_bytes_ref (file), &options);
    }
}

/* ENC-2: what no key proves is not shown as text */
static void
test_noise (void)
{
  guint8 noise[200];
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < sizeof noise; i++)
    noise[i] = (guint8)(i * 37 + 129);
  file = g_bytes_new_static (noise, sizeof noise);
  g_assert_null (rs_profile_decode (file, NULL, &error));
  g_assert_error (error, RS_ERROR, RS_ERROR_CORRUPT);
}

/* ENC-2: record sizes that are no record's, and a keyid of 255 bytes */
static void
test_headers (void)
{
  static const guint32 bad[] = { 0, 17, RS_AES128GCM_MAX_RECORD + 1, G_MAXUINT32 };
  guint8 header[400] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      guint32 size = GUINT32_TO_BE (bad[i]);

      memcpy (header + 16, &size, sizeof size);
      g_assert_false (rs_aes128gcm_is (header, sizeof header));
    }
  memcpy (header + 16, "\0\0\x10\0\xff", 5);
  g_assert_true (rs_aes128gcm_is (header, 21 + 255 + 17));
  g_assert_false (rs_aes128gcm_is (header, 21 + 255 + 16));
  g_assert_false (rs_aes128gcm_is (header, 20));
}

/* ENC-4: byte for byte what another implementation writes (http-ece.js beside this file): so it reads what is written here */
static void
test_as_others_write (void)
{
  static const struct
  {
    gsize size, length;
    const char *sha256;
  } table[] = {
    { 1, 39, "6cb0a01c7a38c228c481a5728c1cc482d8c1bf878d9ff99f8efc97a9b3caf662" },
    { 16, 54, "93685665ea08ac32e8db95267673341a23201ffdf8dd858012a8d29536c40f58" },
    { 4078, 4116, "80dfcfd53f77c00c190fa0ea33ad6a4f8630f8cd266fd9a012d2de67210035cb" },
    { 4079, 4117, "106f789c11c3b66fb6c076b58d638d4007530176a11e8675b7dbf0b63a4f1934" },
    { 4080, 4135, "3691f6b0a9747c88f128b2b1b6bc2a292f07edbaf852d361812b2d4527a613fa" },
    { 8158, 8213, "1f72cdd61cbbb2bb4f0369c802468fcd9af1f83a010b96bc1135ba70f9717b0a" },
    { 8159, 8231, "b624aaf794e9acbcdb889a676d36170dccf0245d5bfe4bccaef252ca7941bc39" },
    { 12345, 12434, "2e48766324518bf52aeb71b783b7a171427b92c8315973eeaa1deed86db70446" },
  };
  static const guint8 chosen[RS_PROFILE_SALT]
      = { 0x63, 0x47, 0x9a, 0xd6, 0x9a, 0x09, 0x0b, 0x25, 0x82, 0x77, 0xec, 0x8f, 0xba, 0x6f, 0x99, 0x41 };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GBytes) plain = NULL, file = NULL;
      g_autofree char *sum = NULL;

      while (text->len < table[i].size)
        g_string_append (text, "resyncd ");
      plain = g_bytes_new (text->str, table[i].size);
      file = rs_profile_encrypt (plain, NULL, "LHDhK3oGRvkiefQnx7OOcw", FALSE, chosen, NULL);
      sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, file);
      g_assert_cmpuint (g_bytes_get_size (file), ==, table[i].length);
      g_assert_cmpstr (sum, ==, table[i].sha256);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/encrypted/vectors", test_vectors);
  g_test_add_func ("/profile/encrypted/keys", test_keys);
  g_test_add_func ("/profile/encrypted/round-trips", test_round_trips);
  g_test_add_func ("/profile/encrypted/read", test_read);
  g_test_add_func ("/profile/encrypted/salts", test_salts);
  g_test_add_func ("/profile/encrypted/both-fit", test_both_fit);
  g_test_add_func ("/profile/encrypted/in-the-clear", test_in_the_clear);
  g_test_add_func ("/profile/encrypted/faults", test_faults);
  g_test_add_func ("/profile/encrypted/records", test_records);
  g_test_add_func ("/profile/encrypted/no-key", test_no_key);
  g_test_add_func ("/profile/encrypted/desk", test_desk);
  g_test_add_func ("/profile/encrypted/opened", test_opened);
  g_test_add_func ("/profile/encrypted/noise", test_noise);
  g_test_add_func ("/profile/encrypted/headers", test_headers);
  g_test_add_func ("/profile/encrypted/as-others-write", test_as_others_write);
  return g_test_run ();
}
