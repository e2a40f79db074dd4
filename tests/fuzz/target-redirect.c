/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A request to the redirect service and the activation service: method, path and query, a line each, and a body. Nobody is told where a code
 * leads who did not say it, and nobody says one in a URL. */
#include "fuzz.h"

#include "redirect/answer.h"
#include "store/sealed.h"

#include <glib/gstdio.h>
#include <string.h>

#define PHONE "00562b043615"
#define CODE "1234567890123456"
#define USED_UP "2222333344445555"
#define EXPIRED "9999888877776666"
#define NAME "4711"
#define RULE "https://prov.example.com/"
#define NOW (G_GINT64_CONSTANT (1800000000) * G_USEC_PER_SEC)

static const char book_text[] = "[phone " PHONE "]\nSerial=FCH1\nModel=CP-8851\nRule=" RULE "phone\n"
                                "[phone 00562b043616]\nRule=" RULE "any\n"
                                "[code " CODE "]\nRule=" RULE CODE "\n"
                                "[code " USED_UP "]\nRule=" RULE USED_UP "\n"
                                "[code " EXPIRED "]\nRule=" RULE EXPIRED "\nExpires=2020-12-31\n"
                                "[profile " NAME "]\nRule=" RULE NAME "\n";

typedef struct
{
  RsBook *book;
  RsUses *uses;
} Service;

static void
put (const char *folder, const char *name, GBytes *content)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *text = g_bytes_get_data (content, &length);

  g_file_set_contents (path, text, (gssize)length, &error);
  g_assert_no_error (error);
}

/* All that is in it. */
static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Read once, from a folder that is gone afterwards: nothing here is counted, so nothing is written. */
static const Service *
get_service (void)
{
  static Service service;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) book = NULL, sealed = NULL;
  g_autofree char *folder = NULL, *file = NULL;
  GString *used;

  if (service.uses != NULL)
    return &service;
  folder = g_dir_make_tmp ("fuzz-redirect-XXXXXX", &error);
  g_assert_no_error (error);
  file = g_build_filename (folder, "book.conf", NULL);
  book = g_bytes_new_static (book_text, strlen (book_text));
  put (folder, "book.conf", book);
  service.book = rs_book_read (file, "secret", &error);
  g_assert_no_error (error);
  used = g_string_new (NULL);
  g_string_printf (used, "[uses]\n%s=00562b0436ff;\n", rs_book_find_code (service.book, RS_BOOK_ACTIVATION, USED_UP)->digest);
  sealed = rs_sealed_close (used);
  put (folder, "uses.conf", sealed);
  service.uses = rs_uses_open (folder, &error);
  g_assert_no_error (error);
  remove_folder (folder);
  return &service;
}

/* What stands in a form, with every escape undone; a NUL becomes a blank. */
static char *
plain_text (const char *text, gsize length)
{
  GString *plain = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    {
      gboolean escaped = text[i] == '%' && i + 2 < length && g_ascii_isxdigit (text[i + 1]) && g_ascii_isxdigit (text[i + 2]);
      char byte = escaped ? (char)(g_ascii_xdigit_value (text[i + 1]) << 4 | g_ascii_xdigit_value (text[i + 2])) : text[i];

      g_string_append_c (plain, byte != '\0' ? byte : ' ');
      i += escaped ? 2 : 0;
    }
  return g_string_free (plain, FALSE);
}

static gboolean
says (const char *text, gsize length, const char *word)
{
  g_autofree char *plain = plain_text (text, length);

  return strstr (plain, word) != NULL;
}

/* A code in a URL would stand in every log on its way. */
static gboolean
has_code_in_url (const char *query)
{
  return query != NULL && (g_str_has_prefix (query, "code=") || strstr (query, "&code=") != NULL || g_str_has_prefix (query, "profile=")
                           || strstr (query, "&profile=") != NULL);
}

/* The rule that an answer holds, without what all of them begin with; NULL: it holds none. */
static char *
rule_of (const RsAnswer *answer)
{
  const char *begin = answer->body != NULL ? strstr (answer->body, "<Profile_Rule>" RULE) : NULL;

  if (begin == NULL)
    return NULL;
  begin += strlen ("<Profile_Rule>" RULE);
  return g_strndup (begin, strcspn (begin, "<"));
}

static void
check_told (const RsAsked *asked, const RsAnswer *answer, const char *rule)
{
  gboolean post = strcmp (asked->method, "POST") == 0;

  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_nonnull (answer->mac);
  g_assert_false (has_code_in_url (asked->query));
  if (!post)
    {
      g_assert_true (strcmp (rule, "phone") == 0 || strcmp (rule, "any") == 0);
      g_assert_cmpstr (asked->method, ==, "GET");
      g_assert_nonnull (asked->query);
      g_assert_cmpuint (strlen (asked->query), <=, RS_ANSWER_QUERY_MAX);
      /* a phone is told where that one belongs, and must know its serial number where the book has it */
      g_assert_cmpstr (answer->mac, ==, strcmp (rule, "phone") == 0 ? PHONE : "00562b043616");
      g_assert_true (strcmp (rule, "any") == 0 || says (asked->query, strlen (asked->query), ":FCH1:CP-8851"));
      return;
    }
  g_assert_true (strcmp (rule, CODE) == 0 || strcmp (rule, USED_UP) == 0 || strcmp (rule, NAME) == 0);
  g_assert_true (says (asked->body, asked->length, rule));
  g_assert_cmpstr (asked->path, ==, strcmp (rule, NAME) == 0 ? "/redirect" : "/activate");
  /* a code that counts is counted, and one that is used up leads only those who used it anywhere */
  g_assert_cmpint (answer->code != NULL, ==, strcmp (rule, NAME) != 0);
  g_assert_true (strcmp (rule, USED_UP) != 0 || strcmp (answer->mac, "00562b0436ff") == 0);
}

static void
check_answer (const RsBook *book, const RsAsked *asked, const RsAnswer *answer)
{
  g_autofree char *rule = rule_of (answer);

  g_assert_true (answer->status == 200 || answer->status == 400 || answer->status == 404 || answer->status == 405);
  fuzz_check_line (answer->why);
  g_assert_cmpint (answer->body != NULL, ==, rule != NULL);
  if (answer->mac != NULL)
    g_assert_cmpuint (strspn (answer->mac, "0123456789abcdef"), ==, 12);
  if (rule != NULL)
    check_told (asked, answer, rule);
  else
    g_assert_null (answer->code);
  /* who guesses is counted as one who brings a code */
  if (answer->wrong_code)
    g_assert_true (answer->status == 404 && answer->mac != NULL && answer->has_code);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  const Service *service = get_service ();
  FuzzInput input = { data, size };
  g_autofree char *method = fuzz_line (&input), *path = fuzz_line (&input), *query = fuzz_line (&input);
  g_auto (RsAnswer) answer = { 0 };
  RsAsked asked = { method, path, query[0] != '\0' ? query : NULL, (const char *)input.data, input.size };

  rs_answer_find (service->book, service->uses, &asked, NOW, &answer);
  check_answer (service->book, &asked, &answer);
  g_string_append_printf (out, "%u %s %s %s", answer.status, answer.why, answer.mac != NULL ? answer.mac : "-",
                          answer.body != NULL ? answer.body : "");
}
