/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages of RFC 5424 and RFC 3164, to the byte. (LOG-1) */
#include "syslog/message.h"

#include "base/text.h"

#include <string.h>

#define BOM "\xef\xbb\xbf"

static GDateTime *
at (const char *text)
{
  GDateTime *time = g_date_time_new_from_iso8601 (text, NULL);

  g_assert_nonnull (time);
  return time;
}

/* LOG-1: each form with its fields */
static void
test_forms (void)
{
  static const struct
  {
    RsSyslogFormat format;
    RsSeverity severity;
    const char *time, *host, *text, *want;
  } table[] = {
    { RS_SYSLOG_RFC5424, RS_SEVERITY_NOTICE, "2026-11-05T07:08:09.012345+01:00", "00562b043615", "hello",
      "<29>1 2026-11-05T07:08:09.012+01:00 00562b043615 resyncd - ID - hello" },
    { RS_SYSLOG_RFC5424, RS_SEVERITY_WARNING, "2026-01-31T23:59:59.999999-09:30", "2001:db8::1", "a b",
      "<28>1 2026-01-31T23:59:59.999-09:30 2001:db8::1 resyncd - ID - a b" },
    { RS_SYSLOG_RFC5424, RS_SEVERITY_DEBUG, "2026-07-01T00:00:00Z", "", "x", "<31>1 2026-07-01T00:00:00.000+00:00 - resyncd - ID - x" },
    { RS_SYSLOG_RFC5424, RS_SEVERITY_EMERGENCY, NULL, "h", "no clock", "<24>1 - h resyncd - ID - no clock" },
    { RS_SYSLOG_RFC5424, RS_SEVERITY_NOTICE, NULL, "h", "Zürich", "<29>1 - h resyncd - ID - " BOM "Zürich" },
    { RS_SYSLOG_RFC5424, RS_SEVERITY_NOTICE, NULL, "a b\tc\nd\"]é", "x", "<29>1 - a_b_c_d\"]__ resyncd - ID - x" },
    { RS_SYSLOG_RFC3164, RS_SEVERITY_NOTICE, "2026-11-05T07:08:09.012345+01:00", "192.0.2.1", "hello",
      "<29>Nov  5 07:08:09 192.0.2.1 resyncd: hello" },
    { RS_SYSLOG_RFC3164, RS_SEVERITY_WARNING, "2026-02-28T23:59:59-09:30", "00:56:2b:04:36:15", "Zürich",
      "<28>Feb 28 23:59:59 00:56:2b:04:36:15 resyncd: Zürich" },
    { RS_SYSLOG_RFC3164, RS_SEVERITY_NOTICE, NULL, "h", "no clock", "<29>resyncd: no clock" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GDateTime) time = table[i].time != NULL ? at (table[i].time) : NULL;
      const RsSyslogMessage message = { table[i].severity, time, table[i].host, "ID", table[i].text };
      g_autofree char *got = rs_syslog_format (&message, table[i].format);

      g_assert_cmpstr (got, ==, table[i].want);
    }
}

/* LOG-1: RFC 3164 has names of months */
static void
test_months (void)
{
  static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

  for (int i = 0; i < 12; i++)
    {
      g_autoptr (GDateTime) time = g_date_time_new_utc (2026, i + 1, 28, 0, 0, 0);
      const RsSyslogMessage message = { RS_SEVERITY_NOTICE, time, "h", "ID", "" };
      g_autofree char *got = rs_syslog_format (&message, RS_SYSLOG_RFC3164);
      g_autofree char *want = g_strdup_printf ("<29>%s 28 00:00:00 h resyncd: ", names[i]);

      g_assert_cmpstr (got, ==, want);
    }
}

/* LOG-1: nothing is longer than 1024 bytes, nor cut within a character; what fits is whole */
static void
test_length (void)
{
  static const char *const letters[] = { "a", "ä", "€", "😀" };

  for (guint format = RS_SYSLOG_RFC5424; format <= RS_SYSLOG_RFC3164; format++)
    for (guint letter = 0; letter < G_N_ELEMENTS (letters); letter++)
      for (guint n = 0; n < 1100; n++)
        {
          g_autoptr (GString) text = g_string_new (NULL);
          g_autofree char *got = NULL;
          RsSyslogMessage message = { RS_SEVERITY_NOTICE, NULL, "h", "ID", NULL };

          for (guint i = 0; i < n; i++)
            g_string_append (text, letters[letter]);
          message.text = text->str;
          got = rs_syslog_format (&message, format);
          g_assert_cmpuint (strlen (got), <=, RS_SYSLOG_MAX);
          g_assert_true (g_utf8_validate (got, -1, NULL));
          if (g_str_has_suffix (got, "…"))
            g_assert_cmpuint (strlen (got), >, RS_SYSLOG_MAX - 8);
          else
            g_assert_true (g_str_has_suffix (got, text->str));
          g_assert_cmpint (g_str_has_suffix (got, "…"), ==, text->len > 1024 - strlen (BOM) - strcspn (got, "a\xc3\xe2\xf0\xef"));
        }
}

/* STORE-3, LOG-1: whatever a server says is one datagram of printable text, with the header that it would have had */
static void
test_hostile (void)
{
  static const char *const table[] = { "a\nb", "a\r\n<0>1 - - - - - - forged", "\xff\xfe", "\x1b[2J", "\xef\xbb\xbf" "bom", "\xe2\x80\xae" "rtl",
                                       "\x7f\x01\x02", "\xc2\x85" "next line", "\xe2\x80\xa8line", "" };

  for (guint format = RS_SYSLOG_RFC5424; format <= RS_SYSLOG_RFC3164; format++)
    for (guint i = 0; i < G_N_ELEMENTS (table); i++)
      {
        g_autofree char *text = rs_text_escape (table[i], RS_SYSLOG_MAX);
        const RsSyslogMessage message = { RS_SEVERITY_NOTICE, NULL, table[i], "ID", text };
        g_autofree char *got = rs_syslog_format (&message, format);
        g_autofree char *again = rs_text_escape (got, RS_SYSLOG_MAX);

        g_assert_cmpstr (got, ==, again);
        g_assert_true (g_str_has_prefix (got, format == RS_SYSLOG_RFC5424 ? "<29>1 - " : "<29>resyncd: "));
        g_assert_true (g_str_has_suffix (got, text));
      }
}

/* LOG-1: a host of any length leaves room for the text */
static void
test_long_host (void)
{
  g_autofree char *host = g_strnfill (5000, 'h');
  const RsSyslogMessage message = { RS_SEVERITY_NOTICE, NULL, host, "ID", "text" };
  g_autofree char *got = rs_syslog_format (&message, RS_SYSLOG_RFC5424);
  g_autofree char *wanted = g_strdup_printf ("<29>1 - %.255s resyncd - ID - text", host);

  g_assert_cmpstr (got, ==, wanted);
}

/* LOG-1: the names of Debug_Level, in order */
static void
test_severities (void)
{
  static const char *const names[] = { "EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG" };
  RsSeverity severity = RS_SEVERITY_DEBUG;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_true (rs_severity_from_name (names[i], &severity));
      g_assert_cmpint (severity, ==, i);
    }
  g_assert_false (rs_severity_from_name ("warning", &severity));
  g_assert_false (rs_severity_from_name (NULL, &severity));
  g_assert_cmpint (severity, ==, RS_SEVERITY_DEBUG);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/syslog/forms", test_forms);
  g_test_add_func ("/syslog/months", test_months);
  g_test_add_func ("/syslog/length", test_length);
  g_test_add_func ("/syslog/hostile", test_hostile);
  g_test_add_func ("/syslog/long-host", test_long_host);
  g_test_add_func ("/syslog/severities", test_severities);
  return g_test_run ();
}
