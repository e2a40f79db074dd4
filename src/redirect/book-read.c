/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The book as a table of keys, read line by line so that every fault has its line. */
#include "redirect/book-private.h"

#include "base/secret.h"
#include "base/text.h"
#include "params/keyfile.h"
#include "redirect/hint.h"
#include "system/file.h"

#include <gio/gio.h>
#include <stddef.h>
#include <string.h>

/* of all files together. A book takes up to eight times its text, and while another one is read there are two: systemd/ has the bound of the
 * unit, and tests/redirect/ measures it */
#define MAX_TEXT (16 << 20)
#define MAX_FAULTS 20
#define MAX_LISTEN 16
#define MAX_WORD 64
#define SHORT_NAME 8 /* digits: shorter names of profiles can be guessed */

typedef enum
{
  SECTION_NONE, /* one at fault, which has been said */
  SECTION_SERVER,
  SECTION_LIMITS,
  SECTION_PHONE,
  SECTION_CODE,
} Section;

typedef enum
{
  KEY_WORD,   /* what a phone says of itself */
  KEY_FILE,   /* absolute, or empty */
  KEY_PATH,   /* of a URL */
  KEY_HEADER, /* the name of one, or empty */
  KEY_LISTEN,
  KEY_RULE,
  KEY_UINT,
  KEY_TIME,
} KeyType;

static const struct
{
  Section section;
  const char *key;
  gsize offset;
  KeyType type;
  guint64 least, most; /* of numbers */
} keys[] = {
  { SECTION_SERVER, "Listen", offsetof (RsBook, listen), KEY_LISTEN, 0, 0 },
  { SECTION_SERVER, "CertificateFile", offsetof (RsBook, certificate_file), KEY_FILE, 0, 0 },
  { SECTION_SERVER, "PrivateKeyFile", offsetof (RsBook, private_key_file), KEY_FILE, 0, 0 },
  { SECTION_SERVER, "ClientHeader", offsetof (RsBook, client_header), KEY_HEADER, 0, 0 },
  { SECTION_SERVER, "RedirectPath", offsetof (RsBook, redirect_path), KEY_PATH, 0, 0 },
  { SECTION_SERVER, "ActivationPath", offsetof (RsBook, activation_path), KEY_PATH, 0, 0 },
  { SECTION_LIMITS, "Requests", offsetof (RsBook, requests), KEY_UINT, 0, 1000000 },
  { SECTION_LIMITS, "WrongCodes", offsetof (RsBook, wrong_codes), KEY_UINT, 1, 1000 },
  { SECTION_LIMITS, "Patience", offsetof (RsBook, patience), KEY_UINT, 1, 3600 },
  { SECTION_PHONE, "Serial", offsetof (RsBookPhone, serial), KEY_WORD, 0, 0 },
  { SECTION_PHONE, "Model", offsetof (RsBookPhone, model), KEY_WORD, 0, 0 },
  { SECTION_PHONE, "Rule", offsetof (RsBookPhone, rule), KEY_RULE, 0, 0 },
  { SECTION_CODE, "Rule", offsetof (RsBookCode, rule), KEY_RULE, 0, 0 },
  { SECTION_CODE, "Uses", offsetof (RsBookCode, uses), KEY_UINT, 0, 1000000 },
  { SECTION_CODE, "Expires", offsetof (RsBookCode, expires), KEY_TIME, 0, 0 },
};

typedef struct
{
  RsBook *book;
  GPtrArray *faults; /* char * */
  const char *file;
  gsize length; /* of all files until now */
  Section section;
  guint began;  /* line of the section */
  guint digits; /* of the name of a profile that it is about; 0: of none */
  guint seen;   /* bits: which keys it had */
  void *place;  /* the struct that its keys go into */
} Reading;

G_STATIC_ASSERT (G_N_ELEMENTS (keys) <= 32);

static void add_fault (Reading    *reading,
                       guint       line,
                       const char *format,
                       ...) G_GNUC_PRINTF (3, 4);

static void
add_fault (Reading    *reading,
           guint       line,
           const char *format,
           ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (reading->faults->len >= MAX_FAULTS)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (reading->faults, line > 0 ? g_strdup_printf ("%s:%u: %s", reading->file, line, text)
                                             : g_strdup_printf ("%s: %s", reading->file, text));
}

/* A code as people write it: digits in groups. */
static char *
read_digits (const char *text)
{
  g_autoptr (GString) digits = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p != ' ' && *p != '-')
        g_string_append_c (digits, *p);
    }
  return g_string_free (g_steal_pointer (&digits), FALSE);
}

static void
begin_phone (Reading    *reading,
             guint       line,
             const char *name)
{
  g_autofree char *mac = rs_book_mac (name);

  if (mac == NULL || g_hash_table_contains (reading->book->phones, mac))
    {
      add_fault (reading, line, mac == NULL ? "a phone is named by its MAC: [phone 00562b043615]" : "this phone stands here twice");
      return;
    }
  reading->section = SECTION_PHONE;
  reading->place = rs_book_add_phone (reading->book, mac);
}

static void
begin_code (Reading    *reading,
            guint       line,
            RsBookKind  kind,
            const char *name)
{
  g_auto (RsSecretString) digits = read_digits (name);

  if (!rs_book_is_code (kind, digits))
    {
      add_fault (reading, line,
                 kind == RS_BOOK_ACTIVATION ? "an activation code has 16 digits" : "the name of a profile has 3 to 16 digits");
      return;
    }
  if (rs_book_find_code (reading->book, kind, digits) != NULL)
    {
      add_fault (reading, line, "this code stands here twice");
      return;
    }
  reading->section = SECTION_CODE;
  reading->digits = kind == RS_BOOK_NAME ? (guint)strlen (digits) : 0;
  reading->place = rs_book_add_code (reading->book, kind, digits);
}

static void
add_warning (Reading    *reading,
             const char *text)
{
  if (reading->book->warnings->len < MAX_FAULTS)
    g_ptr_array_add (reading->book->warnings, g_strdup_printf ("%s:%u: warning: %s", reading->file, reading->began, text));
}

/* Who says the MAC is told, and MACs are no secret. Only a phone without a provider asks so. */
static void
check_phone (Reading           *reading,
             const RsBookPhone *phone)
{
  if (rs_hint_needs_registers (phone->rule))
    add_fault (reading, reading->began, "Rule names no server on a phone out of its box: what profiles set, such as $A, is empty there");
  if (phone->serial[0] == '\0' && rs_hint_holds_secret (phone->rule))
    add_warning (reading, "without Serial anybody who says this MAC is told the rule, with the account or key in it");
}

/* A code may be entered at any time, on a phone that was provisioned as well. */
static void
check_code (Reading          *reading,
            const RsBookCode *code)
{
  if (rs_hint_needs_registers (code->rule))
    add_warning (reading, "on a phone out of its box the rule names no server: what profiles set, such as $A, is empty there");
  if (reading->digits > 0 && reading->digits <= SHORT_NAME && rs_hint_holds_secret (code->rule))
    add_warning (reading, "a name of so few digits can be guessed, and who does is told the rule, with the account or key in it");
}

/* A phone or a code without a rule leads nowhere. */
static void
end_section (Reading *reading)
{
  const char *rule = reading->section == SECTION_PHONE  ? ((RsBookPhone *)reading->place)->rule
                     : reading->section == SECTION_CODE ? ((RsBookCode *)reading->place)->rule
                                                        : "";

  if (rule == NULL)
    add_fault (reading, reading->began, "Rule is missing: where does it lead?");
  else if (reading->section == SECTION_PHONE)
    check_phone (reading, reading->place);
  else if (reading->section == SECTION_CODE)
    check_code (reading, reading->place);
  reading->section = SECTION_NONE;
}

static void
begin_section (Reading    *reading,
               guint       line,
               const char *group)
{
  end_section (reading);
  reading->began = line;
  reading->digits = 0;
  reading->seen = 0;
  reading->place = reading->book;
  if (strcmp (group, "Server") == 0)
    reading->section = SECTION_SERVER;
  else if (strcmp (group, "Limits") == 0)
    reading->section = SECTION_LIMITS;
  else if (g_str_has_prefix (group, "phone "))
    begin_phone (reading, line, group + strlen ("phone "));
  else if (g_str_has_prefix (group, "code "))
    begin_code (reading, line, RS_BOOK_ACTIVATION, group + strlen ("code "));
  else if (g_str_has_prefix (group, "profile "))
    begin_code (reading, line, RS_BOOK_NAME, group + strlen ("profile "));
  else
    add_fault (reading, line, "sections are [Server], [Limits], [phone MAC], [code DIGITS] and [profile DIGITS]");
}

static const char *
set_text (Reading     *reading,
          const char **place,
          const char  *value,
          gboolean     good,
          const char  *fault)
{
  if (good)
    *place = g_string_chunk_insert_const (reading->book->texts, value);
  return good ? NULL : fault;
}

static gboolean
is_word (const char *text)
{
  return strlen (text) <= MAX_WORD && strchr (text, ':') == NULL && rs_text_is_utf8 (text, strlen (text));
}

static gboolean
is_header (const char *text)
{
  return strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-") == strlen (text) && strlen (text) <= MAX_WORD;
}

static const char *
set_listen (GStrv      *place,
            const char *value)
{
  g_auto (GStrv) list = rs_text_split_list (value, ';', MAX_LISTEN);

  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    {
      g_autoptr (GSocketConnectable) at = g_network_address_parse (list[i], 0, NULL);
      g_autoptr (GInetAddress) address
          = at != NULL ? g_inet_address_new_from_string (g_network_address_get_hostname (G_NETWORK_ADDRESS (at))) : NULL;

      if (address == NULL || g_network_address_get_port (G_NETWORK_ADDRESS (at)) == 0)
        g_clear_pointer (&list, g_strfreev);
      if (list == NULL)
        break;
    }
  if (list == NULL || list[0] == NULL)
    return "wants ADDRESS:PORT, such as 127.0.0.1:8780 or [::]:443; several with “;” between them";
  g_strfreev (*place);
  *place = g_steal_pointer (&list);
  return NULL;
}

static const char *
set_rule (Reading    *reading,
          guint       line,
          const char **place,
          const char *value)
{
  g_autoptr (GError) error = NULL;

  /* one that cannot be is not one that is missing */
  *place = "";
  if (rs_hint_check (value, &error))
    return set_text (reading, place, value, TRUE, NULL);
  add_fault (reading, line, "Rule: %s", error->message);
  return NULL;
}

/* A day counts to its end, in UTC. */
static const char *
set_time (gint64     *place,
          const char *value)
{
  gboolean day = strlen (value) == strlen ("2026-12-31");
  g_autofree char *text = g_strconcat (value, day ? "T00:00:00Z" : "", NULL);
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);

  if (time == NULL)
    return "wants a day (2026-12-31) or an instant (2026-12-31T18:00:00Z)";
  *place = g_date_time_to_unix (time) * G_USEC_PER_SEC + (day ? G_TIME_SPAN_DAY : 0);
  return NULL;
}

static const char *
set_uint (Reading    *reading,
          guint       line,
          guint       key,
          guint      *place,
          const char *value)
{
  g_autoptr (GError) error = NULL;
  guint64 number;

  if (rs_text_to_uint64 (value, keys[key].least, keys[key].most, &number, &error))
    *place = (guint)number;
  else
    add_fault (reading, line, "%s: %s", keys[key].key, error->message);
  return NULL;
}

static const char *
set_value (Reading    *reading,
           guint       line,
           guint       key,
           const char *value)
{
  void *place = (char *)reading->place + keys[key].offset;

  switch (keys[key].type)
    {
    case KEY_WORD:
      return set_text (reading, place, value, is_word (value), "is too long, or holds a “:”");
    case KEY_FILE:
      return set_text (reading, place, value, value[0] == '\0' || g_path_is_absolute (value), "wants an absolute path");
    case KEY_PATH:
      return set_text (reading, place, value, value[0] == '/' && strpbrk (value, "?# ") == NULL, "wants the path of a URL, such as /redirect");
    case KEY_HEADER:
      return set_text (reading, place, value, is_header (value), "wants the name of a header");
    case KEY_LISTEN:
      return set_listen (place, value);
    case KEY_RULE:
      return set_rule (reading, line, place, value);
    case KEY_UINT:
      return set_uint (reading, line, key, place, value);
    case KEY_TIME:
      return set_time (place, value);
    }
  return NULL;
}

/* The key of this section; -1: it has none of that name. */
static int
find_key (const Reading *reading,
          const char    *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      if (keys[i].section == reading->section && strcmp (keys[i].key, name) == 0)
        return (int)i;
    }
  return -1;
}

static void
take_entry (Reading   *reading,
            RsKeyfile *line)
{
  int key = find_key (reading, line->key);
  const char *fault;

  if (line->group == NULL || reading->section == SECTION_NONE)
    return;
  if (key < 0)
    {
      add_fault (reading, line->line, "this section has no such key");
      return;
    }
  if ((reading->seen & 1U << key) != 0)
    {
      add_fault (reading, line->line, "%s stands in this section twice", line->key);
      return;
    }
  reading->seen |= 1U << key;
  fault = rs_keyfile_unescape (line->value) ? set_value (reading, line->line, (guint)key, line->value)
                                            : "a backslash stands for itself as “\\\\”";
  if (fault != NULL)
    add_fault (reading, line->line, "%s %s", line->key, fault);
  if (fault != NULL && keys[key].type == KEY_RULE)
    *(const char **)((char *)reading->place + keys[key].offset) = "";
}

static void
read_file (Reading    *reading,
           const char *file,
           gboolean    needed)
{
  g_autofree char *dir = g_path_get_dirname (file);
  g_autofree char *name = g_path_get_basename (file);
  g_autoptr (GBytes) content = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (RsKeyfile) line = { 0 };
  RsKeyfileToken token;
  gsize length;
  const char *text;

  reading->file = file;
  if (!rs_file_read (dir, name, MAX_TEXT, &content, &error) || (content == NULL && needed))
    add_fault (reading, 0, "%s", error != NULL ? error->message : "there is no such file");
  if (content == NULL)
    return;
  text = g_bytes_get_data (content, &length);
  if (length > MAX_TEXT - reading->length)
    {
      add_fault (reading, 0, "with this file the configuration is larger than %d bytes", MAX_TEXT);
      return;
    }
  reading->length += length;
  rs_keyfile_init (&line, text, length);
  while ((token = rs_keyfile_next (&line)) != RS_KEYFILE_END)
    {
      if (token == RS_KEYFILE_GROUP)
        begin_section (reading, line.line, line.group);
      else if (token == RS_KEYFILE_ENTRY)
        take_entry (reading, &line);
      else
        add_fault (reading, line.line, "%s", line.fault);
    }
  end_section (reading);
}

static void
read_folder (Reading    *reading,
             const char *folder)
{
  g_auto (GStrv) names = rs_file_list (folder, "");

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *file = g_build_filename (folder, names[i], NULL);

      if (names[i][0] != '.' && g_str_has_suffix (names[i], ".conf"))
        read_file (reading, file, TRUE);
    }
}

static gboolean
is_loopback (const char *listen)
{
  g_autoptr (GSocketConnectable) at = g_network_address_parse (listen, 0, NULL);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (g_network_address_get_hostname (G_NETWORK_ADDRESS (at)));

  return g_inet_address_get_is_loopback (address);
}

/* What keys that are good by themselves may not say together. */
static void
check_server (Reading    *reading,
              const char *file)
{
  const RsBook *book = reading->book;
  gboolean tls = book->certificate_file[0] != '\0';

  reading->file = file;
  if (tls != (book->private_key_file[0] != '\0'))
    add_fault (reading, 0, "CertificateFile and PrivateKeyFile go together");
  if (strcmp (book->redirect_path, book->activation_path) == 0)
    add_fault (reading, 0, "RedirectPath and ActivationPath are the same");
  for (guint i = 0; !tls && book->listen[i] != NULL; i++)
    {
      if (!is_loopback (book->listen[i]))
        add_fault (reading, 0, "Listen=%s without CertificateFile: phones ask by HTTPS only, and plain HTTP is for a proxy on this"
                   " machine", book->listen[i]);
    }
}

RsBook *
rs_book_read (const char *file,
              const char *secret,
              GError    **error)
{
  g_autoptr (RsBook) book = rs_book_new (secret);
  g_autoptr (GPtrArray) faults = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_strconcat (file, ".d", NULL);
  g_autofree char *text = NULL;
  Reading reading = { .book = book, .faults = faults };

  read_file (&reading, file, TRUE);
  read_folder (&reading, folder);
  check_server (&reading, file);
  if (faults->len == 0)
    return g_steal_pointer (&book);
  g_ptr_array_add (faults, NULL);
  text = g_strjoinv ("\n", (char **)faults->pdata);
  g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_VALUE, text);
  return NULL;
}
