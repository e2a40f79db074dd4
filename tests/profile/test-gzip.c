/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PROF-8: gzip, once or twice, whole or refused. */
#include "support.h"

#include "base/error.h"

#include <string.h>

static const char profile_text[] = "<flat-profile><A>1</A><B ua=\"rw\">two</B></flat-profile>\n";

static void
test_layers (void)
{
  GBytes *bytes = TEXT (profile_text);

  for (guint layers = 0; layers <= 3; layers++)
    {
      if (layers < 3)
        {
          g_autoptr (RsProfile) profile = read_good (g_bytes_ref (bytes));

          g_assert_cmpuint (profile->assignments->len, ==, 2);
          g_assert_cmpuint (g_bytes_get_size (profile->plain), ==, strlen (profile_text));
        }
      else
        {
          g_autofree char *message = read_corrupt (g_bytes_ref (bytes), NULL, NULL, NULL);
          g_assert_nonnull (strstr (message, "two layers"));
        }
      {
        GBytes *outer = gzip (bytes);
        g_bytes_unref (bytes);
        bytes = outer;
      }
    }
  g_bytes_unref (bytes);
}

/* Several members one behind the other are one file, also empty ones. */
static void
test_members (void)
{
  GBytes *bytes = joined (gzip (TEXT ("<flat-profile><A>1</A>")), gzip (TEXT ("")));
  g_autoptr (RsProfile) profile = NULL;

  bytes = joined (bytes, gzip (TEXT ("<B ua=\"rw\">two</B></flat-profile>\n")));
  profile = read_good (bytes);
  g_assert_cmpuint (profile->assignments->len, ==, 2);
  g_assert_cmpmem (g_bytes_get_data (profile->plain, NULL), g_bytes_get_size (profile->plain), profile_text,
                   strlen (profile_text));
}

/* PROF-11: cut at every byte, once and twice wrapped. */
static void
test_truncated (void)
{
  for (guint layers = 1; layers <= 2; layers++)
    {
      g_autoptr (GBytes) text = TEXT (profile_text), once = gzip (text);
      g_autoptr (GBytes) packed = layers == 1 ? g_bytes_ref (once) : gzip (once);

      for (gsize n = 0; n < g_bytes_get_size (packed); n++)
        {
          g_autofree char *message = read_corrupt (g_bytes_new_from_bytes (packed, 0, n), NULL, NULL, NULL);
          const char *said = n == 0 ? "is empty" : n == 1 ? "no profile" : "cut short";

          g_assert_nonnull (strstr (message, said));
        }
    }
  {
    /* the second member cut, or the first only half a second */
    g_autoptr (GBytes) two = joined (gzip (TEXT ("<flat-profile/>")), gzip (TEXT ("<!-- more -->")));
    g_autoptr (GBytes) text = TEXT ("<flat-profile/>"), first = gzip (text);
    gsize from = g_bytes_get_size (first);

    for (gsize n = from + 1; n < g_bytes_get_size (two); n++)
      {
        g_autofree char *message = read_corrupt (g_bytes_new_from_bytes (two, 0, n), NULL, NULL, NULL);
        g_assert_nonnull (strstr (message, "gzip file"));
      }
  }
}

/* Every byte changed: the check sum finds what the format does not. Only fields of the header that say nothing of the
 * content may differ. */
static void
test_damaged (void)
{
  g_autoptr (GBytes) text = TEXT (profile_text), packed = gzip (text);
  gsize length;
  const guint8 *data = g_bytes_get_data (packed, &length);

  for (gsize i = 2; i < length; i++)
    {
      guint8 *damaged = g_memdup2 (data, length);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (RsProfile) profile = NULL;
      g_autoptr (GError) error = NULL;

      damaged[i] ^= 0x15;
      bytes = g_bytes_new_take (damaged, length);
      profile = rs_profile_read (bytes, NULL, NULL, NULL, &error);
      if (profile != NULL)
        {
          g_assert_cmpuint (i, <, 10);
          g_assert_cmpuint (profile->assignments->len, ==, 2);
        }
      else
        g_assert_error (error, RS_ERROR, RS_ERROR_CORRUPT);
    }
}

static void
test_trailing (void)
{
  static const struct
  {
    const char *tail;
    gsize length;
  } cases[] = { { "\n", 1 }, { "\0", 1 }, { "x", 1 }, { "\x1f", 1 }, { "\x1f\x00", 2 }, { "<flat-profile/>", 15 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message = NULL;
      g_autoptr (GBytes) text = TEXT (profile_text);

      message
          = read_corrupt (joined (gzip (text), g_bytes_new_static (cases[i].tail, cases[i].length)), NULL, NULL, NULL);
      g_assert_nonnull (strstr (message, "other bytes behind its end"));
    }
}

static GBytes *
blanks (gsize length)
{
  char *data = g_malloc (length);

  memset (data, ' ', length);
  return g_bytes_new_take (data, length);
}

/* The bound is on what comes out; a bomb stops there. */
static void
test_bombs (void)
{
  g_autoptr (GBytes) huge = blanks (256u << 20), once = gzip (huge), twice = gzip (once);
  RsProfileOptions options = { .max_bytes = 1000 };
  double start;

  g_clear_pointer (&huge, g_bytes_unref);
  start = cpu_ms ();
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *message = read_corrupt (g_bytes_ref (i == 0 ? once : twice), NULL, NULL, NULL);
      g_assert_nonnull (strstr (message, "more than 8388608 bytes"));
    }
  g_assert_cmpfloat (cpu_ms () - start, <, 3000 * SLOWNESS);

  for (gsize size = 999; size <= 1001; size++)
    {
      g_autoptr (GBytes) plain = blanks (size), packed = gzip (plain);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) decoded = rs_profile_decode (packed, &options, &error);

      g_assert_null (decoded);
      g_assert_nonnull (strstr (error->message, size <= 1000 ? "is empty" : "more than 1000 bytes"));
    }
}

/* What resyncctl decode shows. */
static void
test_decode (void)
{
  g_autoptr (GBytes) text = TEXT (profile_text), packed = gzip (text), page = TEXT ("<html/>"), words = TEXT ("words"),
                     salted = TEXT ("Salted__xxxxxxxx"), nothing = TEXT ("");
  g_autoptr (GError) error = NULL;
  GBytes *const good[] = { text, packed, page, words }, *const bad[] = { salted, nothing };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GBytes) decoded = rs_profile_decode (good[i], NULL, &error);

      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (decoded, i == 1 ? text : good[i]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) fault = NULL;
      g_autoptr (GBytes) decoded = rs_profile_decode (bad[i], NULL, &fault);

      g_assert_null (decoded);
      g_assert_error (fault, RS_ERROR, RS_ERROR_CORRUPT);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/gzip/layers", test_layers);
  g_test_add_func ("/profile/gzip/members", test_members);
  g_test_add_func ("/profile/gzip/truncated", test_truncated);
  g_test_add_func ("/profile/gzip/damaged", test_damaged);
  g_test_add_func ("/profile/gzip/trailing", test_trailing);
  g_test_add_func ("/profile/gzip/bombs", test_bombs);
  g_test_add_func ("/profile/gzip/decode", test_decode);
  return g_test_run ();
}
