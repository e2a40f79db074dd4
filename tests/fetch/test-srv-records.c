/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SRV records: which name is asked, what an answer says, and in which order its servers are tried. */
#include "fetch/srv.h"

#include <string.h>

#define QUESTION "_ciscoprov-https._tls.example.com"

/* DISC-7 DISC-9 */
static void
test_question (void)
{
  g_autofree char *label = g_strnfill (63, 'a'), *longest = g_strdup_printf ("%s.%s.%s.%.39s", label, label, label, label);
  g_autofree char *too_long = g_strconcat (longest, "a", NULL);
  g_autofree char *asked = rs_srv_question ("https", longest);
  static const struct
  {
    const char *scheme, *host, *question;
  } cases[] = {
    { "https", "example.com", QUESTION },
    { "http", "example.com", "_ciscoprov-http._tcp.example.com" },
    { "https", "example.com.", QUESTION },
    { "https", "192.0.2.1", NULL },
    { "https", "2001:db8::1", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *question = rs_srv_question (cases[i].scheme, cases[i].host);

      g_assert_cmpstr (question, ==, cases[i].question);
    }
  g_assert_cmpuint (strlen (asked), ==, RS_SRV_QUESTION_MAX);
  g_assert_null (rs_srv_question ("https", too_long));
}

static void
add_number (GByteArray *out, guint number)
{
  const guint8 bytes[2] = { number >> 8 & 0xff, number & 0xff };

  g_byte_array_append (out, bytes, 2);
}

/* Labels between dots; "" and "." are the root, and a "^" stands for a pointer to the name of the question. */
static void
add_name (GByteArray *out, const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);

  for (guint i = 0; labels[i] != NULL; i++)
    {
      guint8 length = (guint8)strlen (labels[i]);

      if (g_str_equal (labels[i], "^"))
        {
          add_number (out, 0xc00c);
          return;
        }
      if (length == 0)
        continue;
      g_byte_array_append (out, &length, 1);
      g_byte_array_append (out, (const guint8 *)labels[i], length);
    }
  g_byte_array_append (out, (const guint8 *)"", 1);
}

static void
begin_record (GByteArray *out, const char *owner, guint type, guint class, guint length)
{
  add_name (out, owner);
  add_number (out, type);
  add_number (out, class);
  add_number (out, 0);
  add_number (out, 0);
  add_number (out, length);
}

/* "OWNER srv PRIORITY WEIGHT PORT TARGET", "OWNER cname TARGET" or "OWNER chaos …"; "" none. */
static gboolean
add_record (GByteArray *out, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  g_autoptr (GByteArray) target = g_byte_array_new ();
  gboolean alias = *text != '\0' && g_str_equal (words[1], "cname");

  if (*text == '\0')
    return FALSE;
  add_name (target, words[alias ? 2 : 5]);
  begin_record (out, words[0], alias ? 5 : 33, g_str_equal (words[1], "chaos") ? 3 : 1, target->len + (alias ? 0 : 6));
  for (guint i = 2; !alias && i < 5; i++)
    add_number (out, (guint)g_ascii_strtoull (words[i], NULL, 10));
  g_byte_array_append (out, target->data, target->len);
  return TRUE;
}

/* An answer with the records of a text, one a line. */
static GByteArray *
new_answer (const char *text)
{
  GByteArray *out = g_byte_array_new ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint count = 0;

  for (guint i = 0; i < 6; i++)
    add_number (out, i == 2 ? 1 : 0);
  add_name (out, QUESTION);
  add_number (out, 33);
  add_number (out, 1);
  for (guint i = 0; lines[i] != NULL; i++)
    count += add_record (out, lines[i]);
  out->data[6] = (guint8)(count >> 8);
  out->data[7] = (guint8)count;
  return out;
}

static char *
show (GPtrArray *records)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < records->len; i++)
    {
      const RsSrvRecord *record = records->pdata[i];

      g_string_append_printf (text, "%s%u %u %s:%u", i > 0 ? ", " : "", record->priority, record->weight, record->host, record->port);
    }
  return g_string_free (text, FALSE);
}

/* DISC-7 */
static void
test_parse (void)
{
  static const struct
  {
    const char *answer;
    const char *records; /* NULL: fault */
    const char *fault;
  } cases[] = {
    { "^ srv 10 60 5060 pr1.example.com\n^ srv 10 20 5061 PR2.Example.NET", "10 60 pr1.example.com:5060, 10 20 pr2.example.net:5061", NULL },
    { "_CISCOPROV-https._TLS.Example.com srv 1 2 3 a.b", "1 2 a.b:3", NULL },
    { "^ srv 65535 65535 65535 a-1._b.c", "65535 65535 a-1._b.c:65535", NULL },
    { "^ srv 1 2 3 a", "1 2 a:3", NULL },
    /* an alias, and one that leads elsewhere */
    { "^ cname other.example.com\nother.example.com srv 1 2 3 a.b", "1 2 a.b:3", NULL },
    { "^ cname b.test\nb.test cname c.test\nc.test srv 1 2 3 a.b", "1 2 a.b:3", NULL },
    { "^ cname b.test\nb.test cname ^\n^ srv 1 2 3 a.b", "1 2 a.b:3", NULL },
    { "^ cname b.test\nc.test srv 1 2 3 a.b", NULL, "has no SRV record" },
    /* of somebody else */
    { "", NULL, QUESTION " has no SRV record" },
    { "evil.test srv 1 2 3 a.b", NULL, "has no SRV record" },
    { "example.com srv 1 2 3 a.b\n^ srv 4 5 6 c.d", "4 5 c.d:6", NULL },
    { "^ chaos 1 2 3 a.b", NULL, "has no SRV record" },
    /* no server */
    { "^ srv 0 0 0 .", NULL, "name no server" },
    { "^ srv 0 0 443 .", NULL, "name no server" },
    { "^ srv 0 0 0 a.b", NULL, "name no server" },
    { "^ srv 0 0 1 127.0.0.1", NULL, "name no server" },
    { "^ srv 0 0 1 127.1", NULL, "name no server" },
    { "^ srv 0 0 1 0x7f000001", NULL, "name no server" },
    { "^ srv 0 0 1 2130706433", NULL, "name no server" },
    { "^ srv 0 0 1 a$b.c\n^ srv 0 0 1 a/b\n^ srv 0 0 1 a:b\n^ srv 0 0 1 -a.b\n^ srv 0 0 1 a-.b\n^ srv 0 0 1 \001.b\n^ srv 0 0 1 \xff.b\n"
      "^ srv 0 0 1 a\\b\n^ srv 0 0 1 a%b\n^ srv 0 0 1 ;a",
      NULL, "name no server" },
    { "^ srv 0 0 1 a$b.c\n^ srv 0 0 1 good.test", "0 0 good.test:1", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) answer = new_answer (cases[i].answer);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) records = rs_srv_parse (answer->data, answer->len, QUESTION, &error);
      g_autofree char *shown = records != NULL ? show (records) : NULL;

      g_test_message ("%u", i);
      g_assert_cmpstr (shown, ==, cases[i].records);
      if (records == NULL)
        {
          int code = strstr (cases[i].fault, "has no") != NULL ? RS_ERROR_NOT_FOUND : RS_ERROR_FAILED;

          g_assert_error (error, RS_ERROR, code);
          g_assert_nonnull (strstr (error->message, cases[i].fault));
        }
    }
}

/* DISC-7: an answer that is cut anywhere, or whose bytes are wrong, is refused whole or read within its bounds */
static void
test_broken (void)
{
  g_autoptr (GByteArray) answer = new_answer ("^ srv 10 60 5060 pr1.example.com\n^ srv 10 20 5061 pr2.example.com");
  g_autoptr (GRand) chance = g_rand_new_with_seed (20260101);

  for (guint length = 0; length < answer->len; length++)
    {
      /* of its own, so that a sanitizer sees the end */
      g_autofree guint8 *cut = g_memdup2 (answer->data, length);
      g_autoptr (GError) error = NULL;

      g_assert_null (rs_srv_parse (cut, length, QUESTION, &error));
      g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
    }
  for (guint i = 0; i < 20000; i++)
    {
      g_autofree guint8 *bytes = g_memdup2 (answer->data, answer->len);
      g_autoptr (GPtrArray) records = NULL;

      for (guint n = 0; n < 3; n++)
        bytes[g_rand_int_range (chance, 0, answer->len)] = (guint8)g_rand_int (chance);
      records = rs_srv_parse (bytes, answer->len, QUESTION, NULL);
      g_assert_true (records == NULL || (records->len >= 1 && records->len <= 2));
    }
}

/* DISC-7: circles, lengths that lie, and counts that lie */
static void
test_lies (void)
{
  static const struct
  {
    const char *what;
    guint at; /* from the end of the question */
    guint8 bytes[2];
  } cases[] = {
    { "a name that points to itself", 0, { 0xc0, 51 } },
    { "a name that points out", 0, { 0xff, 0xff } },
    { "a record that is longer than the answer", 10, { 0xff, 0xff } },
    { "a record without its target", 10, { 0, 6 } },
    { "a record without its port", 10, { 0, 5 } },
    { "a record that ends in its target", 10, { 0, 10 } },
    { "a target that points to itself", 18, { 0xc0, 69 } },
    { "a target that points out", 18, { 0xff, 0xff } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) answer = new_answer ("^ srv 10 60 5060 pr1.example.com");
      guint question = 12 + strlen (QUESTION) + 2 + 4;
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].what);
      g_assert_cmpuint (question, ==, 51);
      memcpy (answer->data + question + cases[i].at, cases[i].bytes, 2);
      g_assert_null (rs_srv_parse (answer->data, answer->len, QUESTION, &error));
      g_assert_error (error, RS_ERROR, RS_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, "the DNS's answer for " QUESTION " cannot be read"));
    }
  for (guint place = 4; place <= 6; place += 2)
    {
      g_autoptr (GByteArray) answer = new_answer ("^ srv 10 60 5060 pr1.example.com");

      answer->data[place] = 0xff;
      g_assert_null (rs_srv_parse (answer->data, answer->len, QUESTION, NULL));
    }
}

static GPtrArray *
new_records (const char *text)
{
  g_autoptr (GByteArray) answer = new_answer (text);
  GPtrArray *records = rs_srv_parse (answer->data, answer->len, QUESTION, NULL);

  g_assert_nonnull (records);
  return records;
}

/* DISC-7: the lower first, by priority and then by weight; what is equal stays in the order of the answer */
static void
test_ascending (void)
{
  static const struct
  {
    const char *answer, *order;
  } cases[] = {
    { "^ srv 10 60 5060 pr1.example.com\n^ srv 10 20 5060 pr2.example.com", "10 20 pr2.example.com:5060, 10 60 pr1.example.com:5060" },
    { "^ srv 20 0 1 a\n^ srv 10 65535 1 b\n^ srv 0 9 1 c", "0 9 c:1, 10 65535 b:1, 20 0 a:1" },
    { "^ srv 1 1 1 a\n^ srv 1 1 1 b\n^ srv 1 0 1 c\n^ srv 1 1 1 d", "1 0 c:1, 1 1 a:1, 1 1 b:1, 1 1 d:1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) records = new_records (cases[i].answer);
      g_autofree char *order = NULL;

      rs_srv_sort (records, NULL);
      order = show (records);
      g_assert_cmpstr (order, ==, cases[i].order);
    }
}

/* DISC-7: SrvWeight=rfc2782: the priority is kept, and within it each server comes first in proportion to its weight */
static void
test_by_chance (void)
{
  g_autoptr (GRand) chance = g_rand_new_with_seed (20260101);
  guint first[4] = { 0 }, last_zero = 0;

  for (guint i = 0; i < 8000; i++)
    {
      g_autoptr (GPtrArray) records
          = new_records ("^ srv 2 9 1 z\n^ srv 1 10 1 a\n^ srv 1 30 1 b\n^ srv 1 60 1 c\n^ srv 1 0 1 d");
      guint seen = 0;

      rs_srv_sort (records, chance);
      g_assert_cmpuint (records->len, ==, 5);
      g_assert_cmpstr (((RsSrvRecord *)records->pdata[4])->host, ==, "z");
      for (guint k = 0; k < 4; k++)
        seen |= 1u << (((RsSrvRecord *)records->pdata[k])->host[0] - 'a');
      g_assert_cmpuint (seen, ==, 15);
      first[((RsSrvRecord *)records->pdata[0])->host[0] - 'a']++;
      last_zero += ((RsSrvRecord *)records->pdata[3])->host[0] == 'd';
    }
  g_test_message ("%u %u %u %u, %u", first[0], first[1], first[2], first[3], last_zero);
  g_assert_true (first[0] > 700 && first[0] < 900);
  g_assert_true (first[1] > 2200 && first[1] < 2600);
  g_assert_true (first[2] > 4500 && first[2] < 5000);
  /* a weight of 0 has a very small chance, and no more */
  g_assert_true (first[3] > 0 && first[3] < 200);
  g_assert_cmpuint (last_zero, >, 6000);
}

/* DISC-7: as many records as an answer has room for */
static void
test_many (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GRand) chance = g_rand_new_with_seed (7);

  for (guint i = 0; i < 3000; i++)
    g_string_append_printf (text, "^ srv %u %u 1 a\n", i % 3, 3000 - i);
  for (guint by_chance = 0; by_chance <= 1; by_chance++)
    {
      g_autoptr (GPtrArray) records = new_records (text->str);

      g_assert_cmpuint (records->len, ==, 3000);
      rs_srv_sort (records, by_chance ? chance : NULL);
      for (guint i = 0; i < records->len; i++)
        g_assert_cmpuint (((RsSrvRecord *)records->pdata[i])->priority, ==, i / 1000);
      if (!by_chance)
        g_assert_cmpuint (((RsSrvRecord *)records->pdata[0])->weight, ==, 3);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fetch/srv/question", test_question);
  g_test_add_func ("/fetch/srv/parse", test_parse);
  g_test_add_func ("/fetch/srv/broken", test_broken);
  g_test_add_func ("/fetch/srv/lies", test_lies);
  g_test_add_func ("/fetch/srv/ascending", test_ascending);
  g_test_add_func ("/fetch/srv/by-chance", test_by_chance);
  g_test_add_func ("/fetch/srv/many", test_many);
  return g_test_run ();
}
