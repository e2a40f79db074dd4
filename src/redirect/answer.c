/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests read strictly, and small profiles written. */
#include "redirect/answer.h"

#include "base/secret.h"
#include "base/text.h"

#include <libsoup/soup.h>
#include <string.h>

#define MAX_WORD 64

/* What a request may say, in its query or its body. */
typedef struct
{
  char *id;
  char *code;    /* digits of an activation code; "" none */
  char *profile; /* digits of the name of a profile; "" none */
} Form;

/* What "id" says. */
typedef struct
{
  char *mac;
  char *serial;
  char *model;
} Phone;

static void
form_clear (Form *form)
{
  g_free (form->id);
  rs_secret_free (form->code);
  rs_secret_free (form->profile);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Form, form_clear)

static void
phone_clear (Phone *phone)
{
  g_free (phone->mac);
  g_free (phone->serial);
  g_free (phone->model);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Phone, phone_clear)

void
rs_answer_clear (RsAnswer *answer)
{
  g_free (answer->body);
  g_free (answer->mac);
}

/* FALSE: it is no form, or says a thing twice. */
static gboolean
read_form (Form       *form,
           const char *text,
           gsize       length)
{
  const struct
  {
    const char *name;
    char **place;
  } fields[] = { { "id", &form->id }, { "code", &form->code }, { "profile", &form->profile } };
  GUriParamsIter iter;
  g_autoptr (GError) error = NULL;
  char *name, *value;
  gboolean once = TRUE;

  if (!rs_text_is_utf8 (text, length))
    return FALSE;
  g_uri_params_iter_init (&iter, text, (gssize)length, "&", G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &name, &value, &error))
    {
      g_autofree char *owned = name;
      g_auto (RsSecretString) content = value;

      for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
        {
          if (strcmp (owned, fields[i].name) != 0)
            continue;
          once = once && *fields[i].place == NULL;
          rs_secret_free (*fields[i].place);
          *fields[i].place = g_steal_pointer (&content);
          break;
        }
    }
  return error == NULL && once;
}

static gboolean
is_printable (const char *text)
{
  g_autofree char *escaped = rs_text_escape (text, 0);

  return strlen (text) <= MAX_WORD && strcmp (escaped, text) == 0;
}

/* "MAC:SERIAL:MODEL" */
static gboolean
read_phone (const char *id,
            Phone      *phone)
{
  g_auto (GStrv) parts = g_strsplit (id != NULL ? id : "", ":", 3);

  if (g_strv_length (parts) != 3 || !is_printable (parts[1]) || !is_printable (parts[2]))
    return FALSE;
  phone->mac = rs_book_mac (parts[0]);
  phone->serial = g_strdup (parts[1]);
  phone->model = g_strdup (parts[2]);
  return phone->mac != NULL;
}

static void
set_profile (RsAnswer   *answer,
             const char *rule)
{
  g_autofree char *text = g_markup_escape_text (rule, -1);

  answer->status = SOUP_STATUS_OK;
  answer->body = g_strdup_printf ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<flat-profile>\n"
                                  "  <Profile_Rule>%s</Profile_Rule>\n</flat-profile>\n",
                                  text);
}

static void
refuse (RsAnswer   *answer,
        guint       status,
        const char *why)
{
  answer->status = status;
  answer->why = why;
}

/* The reply is the same, whatever a code lacks: who guesses learns nothing. */
static void
find_code (const RsBook *book,
           const RsUses *uses,
           RsBookKind    kind,
           const char   *digits,
           gint64        now,
           RsAnswer     *answer)
{
  const RsBookCode *code = rs_book_is_code (kind, digits) ? rs_book_find_code (book, kind, digits) : NULL;
  gboolean expired = code != NULL && code->expires != 0 && now >= code->expires;
  gboolean used_up = code != NULL && code->uses > 0 && rs_uses_count (uses, code->digest) >= code->uses
                     && !rs_uses_has (uses, code->digest, answer->mac);

  answer->has_code = TRUE;
  answer->digits = kind == RS_BOOK_NAME ? (guint)strlen (digits) : 0;
  if (code == NULL || expired || used_up)
    {
      answer->wrong_code = TRUE;
      refuse (answer, SOUP_STATUS_NOT_FOUND,
              code == NULL ? "no such code" : expired ? "the code has expired" : "as many phones as may have used the code");
      return;
    }
  answer->code = code->uses > 0 ? code : NULL;
  answer->why = "is told where its code leads";
  set_profile (answer, code->rule);
}

static void
find_phone (const RsBook *book,
            const Phone  *phone,
            RsAnswer     *answer)
{
  const RsBookPhone *known = rs_book_find_phone (book, phone->mac);

  answer->status = SOUP_STATUS_OK;
  if (known == NULL)
    answer->why = "is not in the book";
  else if (known->serial[0] != '\0' && strcmp (known->serial, phone->serial) != 0)
    answer->why = "has another serial number than in the book";
  else if (known->model[0] != '\0' && strcmp (known->model, phone->model) != 0)
    answer->why = "is of another model than in the book";
  else
    {
      answer->why = "is told where it belongs";
      set_profile (answer, known->rule);
    }
}

static gboolean
is_post (const RsAsked *asked)
{
  return strcmp (asked->method, "POST") == 0;
}

static gboolean
is_activation (const RsBook  *book,
               const RsAsked *asked)
{
  return strcmp (asked->path, book->activation_path) == 0;
}

static gboolean
read_asked (const RsAsked *asked,
            Form          *form)
{
  gboolean good = asked->query == NULL
                  || (strlen (asked->query) <= RS_ANSWER_QUERY_MAX && read_form (form, asked->query, strlen (asked->query)));

  /* a code in a URL would stand in every log on its way */
  if (form->code != NULL || form->profile != NULL)
    return FALSE;
  /* the body says it again, for who has a URL without a query */
  if (good && is_post (asked))
    {
      g_clear_pointer (&form->id, g_free);
      good = read_form (form, asked->body, asked->length);
    }
  return good;
}

void
rs_answer_find (const RsBook  *book,
                const RsUses  *uses,
                const RsAsked *asked,
                gint64         now,
                RsAnswer      *answer)
{
  g_auto (Form) form = { 0 };
  g_auto (Phone) phone = { 0 };
  gboolean activation = is_activation (book, asked);

  *answer = (RsAnswer){ 0 };
  if (!activation && strcmp (asked->path, book->redirect_path) != 0)
    refuse (answer, SOUP_STATUS_NOT_FOUND, "no such path");
  else if (!is_post (asked) && (activation || strcmp (asked->method, "GET") != 0))
    refuse (answer, SOUP_STATUS_METHOD_NOT_ALLOWED, "no such method");
  else if (!read_asked (asked, &form))
    refuse (answer, SOUP_STATUS_BAD_REQUEST, "what it says is no form, or a code stands in its URL");
  else if (!read_phone (form.id, &phone))
    refuse (answer, SOUP_STATUS_BAD_REQUEST, "it does not say who it is: id=MAC:SERIAL:MODEL");
  else if (is_post (asked) && (activation ? form.code == NULL || form.profile != NULL : form.profile == NULL || form.code != NULL))
    refuse (answer, SOUP_STATUS_BAD_REQUEST, "a code is missing, or is for another place");
  if (answer->status != 0)
    return;
  answer->mac = g_steal_pointer (&phone.mac);
  phone.mac = g_strdup (answer->mac);
  if (activation)
    find_code (book, uses, RS_BOOK_ACTIVATION, form.code, now, answer);
  else if (is_post (asked))
    find_code (book, uses, RS_BOOK_NAME, form.profile, now, answer);
  else
    find_phone (book, &phone, answer);
}
