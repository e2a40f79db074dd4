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
    { "U2FsdGVkX18xMjM0NTY3OA==\n", "openssl enc -a" },
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

/* ENC-2: records of a size that is not read are told, where the transport says what the file is or a key for such files is there; a text that the
 * transport calls so is no such file, and without either nothing is known of it */
static void
test_record_sizes (void)
{
  static const struct
  {
    guint32 size;
    gboolean said;
    const char *ikm, *told;
  } table[] = {
    { RS_AES128GCM_MAX_RECORD + 1, TRUE, "0123456789abcdef", "The profile is encrypted (aes128gcm) in records of 1048577 bytes; the phone reads those of 18 to 1048576" },
    { 4u << 20, TRUE, NULL, "in records of 4194304 bytes" },
    { 4u << 20, FALSE, "0123456789abcdef", "The file is no profile, unless it is encrypted (aes128gcm) in records of 4194304 bytes" },
    { G_MAXUINT32, FALSE, "0123456789abcdef", "in records of 4294967295 bytes" },
    { 17, FALSE, "0123456789abcdef", "in records of 17 bytes" },
    { 0x41424344, TRUE, "0123456789abcdef", RS_PROFILE_SEALED },
    { 0x41424344, FALSE, "0123456789abcdef", "The file is no profile: neither" },
    { 4u << 20, FALSE, NULL, "The file is no profile: neither" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const RsProfileOptions options = { .ikm = table[i].ikm, .aes128gcm = table[i].said };
      g_autofree guint8 *file = g_malloc0 (2 << 20);
      guint32 size = GUINT32_TO_BE (table[i].size);
      g_autofree char *message = NULL;

      memset (file, 0xa5, RS_AES128GCM_SALT);
      memcpy (file + RS_AES128GCM_SALT, &size, sizeof size);
      message = read_corrupt (g_bytes_new_take (g_steal_pointer (&file), 2 << 20), &options, NULL, NULL);
      g_assert_nonnull (strstr (message, table[i].told));
    }
}

/* ENC-2, ENC-4: byte for byte what another implementation writes (http-ece.js beside this file), in records of every size: so it reads what is
 * written here, and what it writes is read here */
static void
test_as_others_write (void)
{
  static const struct
  {
    guint32 record;
    gsize size, length;
    const char *sha256;
  } table[] = {
    { 18, 0, 38, "44ec1baaa2d92ac63387fc37dec50e0c58ff74c0dbc5f0cdcaff854e13f7b13f" },
    { 18, 1, 39, "ad55bbaa9de45c8fdf6f08fcbca51272f730ea3752e052acabc60d3da2538c7e" },
    { 18, 2, 57, "fc367a70f1115f441b826da1484ec7d021ffcf8a19bcc5584471211bf533a9de" },
    { 18, 3, 75, "db104e8a4c6f7a06aa17e4fb462a1dfc683a39b1de726440e02e1a40561e9ee6" },
    { 19, 0, 38, "4b6001d634b1670d876b61c92b648cffb1af4305f15856a88e50be47ce07a2f6" },
    { 19, 1, 39, "ca4fb247001916b166df50f0af5fe4258175837df603f037eb72dca383e35696" },
    { 19, 2, 40, "9c516ef993779930c60024b3675628180606e58af98dc2f21090cb14084567a4" },
    { 19, 3, 58, "63e913dc5109c55c2a85bd5d3c69a951cf4aeacafe86174551dd3602d364deda" },
    { 19, 4, 59, "4883b710d7bfd67fd6b4ec059f9648960e246c2d24e4aa35a81660a7fa3f4c7c" },
    { 19, 5, 77, "0dc903ce1acfa24a6dd6471b16916b3a345c99a69d314da8b0b2331fa17ee7a0" },
    { 25, 0, 38, "c16e54ff3e6191d60e4b5dbb63377754e14f79f636549048eced81adf0aabbd8" },
    { 25, 1, 39, "16b803fd0f3b6681c21de80cdbbed4d74c8629dbe5ab08a7b4b42603172b0996" },
    { 25, 7, 45, "3efa125a8467339bbacf5b77fa897f6eda04fd0775fae659ef37c877e0c06a86" },
    { 25, 8, 46, "4d72da21eb7e2c42a8fd139c6dabbd4b94c8466b78341aa1c69b6384f7302311" },
    { 25, 9, 64, "d781c60147e0e6c0b3571ed7f681978f1624fede26f21e88b7100c77285658eb" },
    { 25, 16, 71, "0d6d5cf5ff79f56be901aa9f0efe3e956941e9b1bb25ea95a09e3a1907f65b8c" },
    { 25, 17, 89, "63bf17b64c78c9942783af90cc42c2b150048576e54731919b967b592a3343c9" },
    { 64, 0, 38, "c734e56cbe9f0cdf4713ca275d01a5afe0a7af991df5b49b03fd78a06590525c" },
    { 64, 1, 39, "cb4589d81467a504215dfca75fe5e6d0eac61eeaf2bcad54ffe5e10035935a1a" },
    { 64, 46, 84, "91f2a2368865661e51b6a8f10ed6420446db50fceb17721bfbde1991b5b787fd" },
    { 64, 47, 85, "4129533cfdd5c5e39d9b390d7eb314b10c93559c1e2d1862fe3144609e7a44be" },
    { 64, 48, 103, "9d3a82d477710b3a64f4bbcfc362aa081d5af9afa7defb869c2f15f87d744d43" },
    { 64, 94, 149, "35eb0f03fbcdb83fd81c6f4a2c14b636227f915af5a94b13159e5476a8797316" },
    { 64, 95, 167, "66d50235cbcea1aeecdd7e6a6df581ff28b5336f8f1d225d0ecc49de2f4e3b47" },
    { 4096, 0, 38, "3a4241d71a9a64c867e1e0dff5bf374f1b5cbe518fa128719d3e5a87281e7bb9" },
    { 4096, 1, 39, "6cb0a01c7a38c228c481a5728c1cc482d8c1bf878d9ff99f8efc97a9b3caf662" },
    { 4096, 4078, 4116, "80dfcfd53f77c00c190fa0ea33ad6a4f8630f8cd266fd9a012d2de67210035cb" },
    { 4096, 4079, 4117, "106f789c11c3b66fb6c076b58d638d4007530176a11e8675b7dbf0b63a4f1934" },
    { 4096, 4080, 4135, "3691f6b0a9747c88f128b2b1b6bc2a292f07edbaf852d361812b2d4527a613fa" },
    { 4096, 8158, 8213, "1f72cdd61cbbb2bb4f0369c802468fcd9af1f83a010b96bc1135ba70f9717b0a" },
    { 4096, 8159, 8231, "b624aaf794e9acbcdb889a676d36170dccf0245d5bfe4bccaef252ca7941bc39" },
    { 65536, 0, 38, "1d7caf0ecc5f9f6e45078c33c9c9ed35958686e7b2a5adc0025da5b902a24e75" },
    { 65536, 1, 39, "f11d5434134569ace302c95d96f59e9c77d8bc610dcc4db692831b40cc10c171" },
    { 65536, 65518, 65556, "2e27e25b0d901a4ac02ace490afb3f5bb3529625ba90ebd3a43a695761209862" },
    { 65536, 65519, 65557, "a25a6cdece6eec594af83b081c5c4f4bfe9132a27df1b7f7b37022ee0d56e2a9" },
    { 65536, 65520, 65575, "68a6ecc78de4a97b380d03946ff9c13fce1b7d978bba8f23ebd19f50fb10bd73" },
    { 65536, 131038, 131093, "b40e52ef3f1df7ba88357a1f7c376d10a8cc8a8bc9d3a4301254683ef6e7c722" },
    { 65536, 131039, 131111, "781281e72ffe3b97581442088baea086f7d19e4bfea8d875e81c049d9ec6a29c" },
    { 1048576, 0, 38, "72db3bced39777c76ee8a2616106d26962d48bf91fb77b80f706d5ea031d86af" },
    { 1048576, 1, 39, "6347a4da19ac2b3d82af28ada0e06a7c6c150bfca7ade4572d67ac5c7264e06f" },
    { 1048576, 1048558, 1048596, "a2b1ca719beaeb9969244bb6b97f892d61447875874949809d8a09cc27209563" },
    { 1048576, 1048559, 1048597, "1e5dbbb764565fa6ef3da24f6595a7fe5cbc75d609067563b1c5abf5b2b59261" },
    { 1048576, 1048560, 1048615, "aeb380544fd05ab79d4c4dfddb3962c04d3d06831da2fb6a5c91c7f1a67bf1f4" },
    { 1048576, 2097118, 2097173, "dbeb49565c17e915d30a91122345446210d38ea02f66d53a0db7c6435b64d4dd" },
    { 1048576, 2097119, 2097191, "d8ba5f90f8d9afd42eb57711cb4149913e5330e25d5381d46cd194827107089c" },
  };
  static const guint8 chosen[RS_PROFILE_SALT]
      = { 0x63, 0x47, 0x9a, 0xd6, 0x9a, 0x09, 0x0b, 0x25, 0x82, 0x77, 0xec, 0x8f, 0xba, 0x6f, 0x99, 0x41 };
  static const char ikm[] = "LHDhK3oGRvkiefQnx7OOcw";
  g_autoptr (GPtrArray) keys = rs_aes128gcm_keys (ikm);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree guint8 *text = g_malloc (table[i].size + 1);
      g_autoptr (GBytes) plain = NULL, file = NULL, back = NULL, sent = NULL;
      g_autofree char *sum = NULL;

      for (gsize n = 0; n < table[i].size; n++)
        text[n] = (guint8)"resyncd "[n % 8];
      plain = g_bytes_new (text, table[i].size);
      file = rs_aes128gcm_encrypt (plain, keys->pdata[0], table[i].record, chosen, NULL);
      sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, file);
      g_assert_cmpuint (g_bytes_get_size (file), ==, table[i].length);
      g_assert_cmpstr (sum, ==, table[i].sha256);
      back = rs_aes128gcm_decrypt (file, keys->pdata[0]);
      g_assert_true (back != NULL && g_bytes_equal (back, plain));
      if (table[i].record != 4096)
        continue;
      /* as the phone writes them */
      sent = rs_profile_encrypt (plain, NULL, ikm, FALSE, chosen, NULL);
      g_assert_true (g_bytes_equal (sent, file));
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
  g_test_add_func ("/profile/encrypted/record-sizes", test_record_sizes);
  g_test_add_func ("/profile/encrypted/no-key", test_no_key);
  g_test_add_func ("/profile/encrypted/desk", test_desk);
  g_test_add_func ("/profile/encrypted/opened", test_opened);
  g_test_add_func ("/profile/encrypted/noise", test_noise);
  g_test_add_func ("/profile/encrypted/headers", test_headers);
  g_test_add_func ("/profile/encrypted/as-others-write", test_as_others_write);
  return g_test_run ();
}
