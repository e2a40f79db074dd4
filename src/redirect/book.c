/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The book as it is looked into. Its texts stand in one chunk, each of them once: there may be hundreds of thousands of phones, and while
 * another book is read both are in memory. */
#include "redirect/book-private.h"

#include "base/secret.h"
#include "base/text.h"

#include <string.h>

#define CHUNK 65536

void
rs_book_free (RsBook *book)
{
  if (book == NULL)
    return;
  g_strfreev (book->listen);
  g_hash_table_unref (book->phones);
  g_hash_table_unref (book->codes);
  g_ptr_array_unref (book->warnings);
  g_string_chunk_free (book->texts);
  rs_secret_free (book->secret);
  g_free (book);
}

RsBook *
rs_book_new (const char *secret)
{
  static const char *const listen[] = { "127.0.0.1:8780", NULL };
  RsBook *book = g_new0 (RsBook, 1);

  book->listen = g_strdupv ((char **)listen);
  book->certificate_file = "";
  book->private_key_file = "";
  book->client_header = "X-Real-IP";
  book->redirect_path = "/redirect";
  book->activation_path = "/activate";
  book->requests = 600;
  book->wrong_codes = 5;
  book->patience = 20;
  book->phones = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  book->codes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  book->warnings = g_ptr_array_new_with_free_func (g_free);
  book->texts = g_string_chunk_new (CHUNK);
  book->secret = g_strdup (secret);
  return book;
}

RsBookPhone *
rs_book_add_phone (RsBook     *book,
                   const char *mac)
{
  RsBookPhone *phone = g_new0 (RsBookPhone, 1);

  phone->serial = "";
  phone->model = "";
  g_hash_table_insert (book->phones, g_string_chunk_insert (book->texts, mac), phone);
  return phone;
}

char *
rs_book_mac (const char *text)
{
  g_autoptr (GString) mac = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    {
      if (g_ascii_isxdigit (*p) && mac->len < 12)
        g_string_append_c (mac, g_ascii_tolower (*p));
      else if (strchr (":-.", *p) == NULL)
        return NULL;
    }
  return mac->len == 12 ? g_strdup (mac->str) : NULL;
}

gboolean
rs_book_is_code (RsBookKind  kind,
                 const char *digits)
{
  gsize length = strlen (digits);

  return length == strspn (digits, "0123456789")
         && (kind == RS_BOOK_ACTIVATION ? length == 16 : length >= 3 && length <= 16);
}

/* Which book, and which code. */
static char *
code_label (RsBookKind  kind,
            const char *digits)
{
  return g_strconcat (kind == RS_BOOK_ACTIVATION ? "code " : "name ", digits, NULL);
}

static char *
code_key (const RsBook *book,
          RsBookKind    kind,
          const char   *digits)
{
  g_auto (RsSecretString) label = code_label (kind, digits);

  return g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guchar *)book->secret, strlen (book->secret), label, -1);
}

const RsBookPhone *
rs_book_find_phone (const RsBook *book,
                    const char   *mac)
{
  return g_hash_table_lookup (book->phones, mac);
}

const RsBookCode *
rs_book_find_code (const RsBook *book,
                   RsBookKind    kind,
                   const char   *digits)
{
  g_autofree char *key = code_key (book, kind, digits);

  return g_hash_table_lookup (book->codes, key);
}

RsBookCode *
rs_book_add_code (RsBook     *book,
                  RsBookKind  kind,
                  const char *digits)
{
  g_auto (RsSecretString) label = code_label (kind, digits);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, label, -1);
  g_autofree char *key = code_key (book, kind, digits);
  RsBookCode *code = g_new0 (RsBookCode, 1);

  code->digest = g_string_chunk_insert (book->texts, digest);
  code->uses = kind == RS_BOOK_ACTIVATION ? 1 : 0;
  g_hash_table_insert (book->codes, g_string_chunk_insert (book->texts, key), code);
  return code;
}
