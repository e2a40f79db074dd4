/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks the field tables of messages. */
#include "ipc/field.h"

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"

#include <string.h>

#define MEMBER(type, message, field) G_STRUCT_MEMBER (type, message, (field)->offset)
#define CONST_MEMBER(type, message, field) (*(const type *)((const char *)(message) + (field)->offset))

/* C0, DEL and C1; the text is UTF-8, so that C1 is 0xc2 0x80 to 0xc2 0x9f. */
static gboolean
has_control (const char *text,
             gboolean    blank_counts)
{
  for (const guchar *p = (const guchar *)text; *p != '\0'; p++)
    {
      if (*p < 0x20 || *p == 0x7f || (blank_counts && *p == ' ') || (p[0] == 0xc2 && p[1] < 0xa0))
        return TRUE;
    }
  return FALSE;
}

static gboolean
holds_only (const char *text,
            const char *allowed,
            gboolean    alnum)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!(alnum && g_ascii_isalnum (*p)) && strchr (allowed, *p) == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_printable (const char *text,
              gboolean    lines)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isprint (*p) && !(lines && *p == '\n'))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_scheme (const char *text)
{
  return strcmp (text, "tftp") == 0 || strcmp (text, "http") == 0 || strcmp (text, "https") == 0;
}

static gboolean
is_url (const char *text)
{
  g_autofree char *scheme = NULL;
  const char *authority = strstr (text, "://");
  gsize length;

  if (authority == NULL || has_control (text, TRUE))
    return FALSE;
  scheme = g_strndup (text, authority - text);
  authority += 3;
  length = strcspn (authority, "/?#");
  return is_scheme (scheme) && length > 0 && memchr (authority, '@', length) == NULL;
}

static gboolean
is_address (const char *text)
{
  /* the set keeps out scope names, which could be anything */
  return holds_only (text, "0123456789abcdefABCDEF.:", FALSE) && g_hostname_is_ip_address (text);
}

gboolean
rs_text_is (const char *text,
            RsTextKind  kind)
{
  if (!rs_text_is_utf8 (text, strlen (text)))
    return FALSE;
  switch (kind)
    {
    case RS_TEXT_FREE:
      return TRUE;
    case RS_TEXT_LINE:
      return !has_control (text, FALSE);
    case RS_TEXT_HEADER:
      return is_printable (text, FALSE);
    case RS_TEXT_SCHEME:
      return is_scheme (text) || strcmp (text, "syslog") == 0;
    case RS_TEXT_HOST:
      return holds_only (text, ".-_:", TRUE);
    case RS_TEXT_PATH:
      return !has_control (text, TRUE);
    case RS_TEXT_URL:
      return is_url (text);
    case RS_TEXT_ADDRESS:
      return is_address (text);
    case RS_TEXT_FILE:
      return (text[0] == '/' || g_str_has_prefix (text, "pkcs11:")) && !has_control (text, FALSE);
    case RS_TEXT_DIGEST:
      return holds_only (text, "0123456789abcdef", FALSE);
    case RS_TEXT_PEM:
      return is_printable (text, TRUE);
    }
  return FALSE;
}

static gboolean
text_fits (const RsField *field,
           const char    *text)
{
  gsize length;

  if (text == NULL || text[0] == '\0')
    return field->min == 0;
  length = strnlen (text, field->max + 1);
  return length >= field->min && length <= field->max && rs_text_is (text, field->text);
}

static gboolean
field_fits (const RsField *field,
            const void    *message)
{
  guint64 number = 0;

  switch (field->type)
    {
    case RS_FIELD_BOOL:
      return TRUE;
    case RS_FIELD_TEXT:
      return text_fits (field, CONST_MEMBER (char *const, message, field));
    case RS_FIELD_BYTE:
    case RS_FIELD_UINT32:
      number = CONST_MEMBER (guint32, message, field);
      break;
    case RS_FIELD_UINT16:
      number = CONST_MEMBER (guint16, message, field);
      break;
    case RS_FIELD_UINT64:
      number = CONST_MEMBER (guint64, message, field);
      break;
    }
  return number >= field->min && number <= field->max;
}

gboolean
rs_fields_check (const RsField *fields,
                 guint          n_fields,
                 const void    *message,
                 int            code,
                 GError       **error)
{
  for (guint i = 0; i < n_fields; i++)
    {
      if (!field_fits (&fields[i], message))
        {
          g_set_error (error, RS_ERROR, code, "Field “%s” is out of bounds or of the wrong form", fields[i].name);
          return FALSE;
        }
    }
  return TRUE;
}

GVariant *
rs_variant_borrow_text (const char *text)
{
  if (text == NULL)
    text = "";
  return g_variant_new_from_data (G_VARIANT_TYPE_STRING, text, strlen (text) + 1, TRUE, NULL, NULL);
}

static GVariant *
field_to_variant (const RsField *field,
                  const void    *message)
{
  switch (field->type)
    {
    case RS_FIELD_BOOL:
      /* a truth other than 1 would be written as it is, which no reader takes */
      return g_variant_new_boolean (CONST_MEMBER (gboolean, message, field) != FALSE);
    case RS_FIELD_BYTE:
      return g_variant_new_byte ((guint8)CONST_MEMBER (guint32, message, field));
    case RS_FIELD_UINT16:
      return g_variant_new_uint16 (CONST_MEMBER (guint16, message, field));
    case RS_FIELD_UINT32:
      return g_variant_new_uint32 (CONST_MEMBER (guint32, message, field));
    case RS_FIELD_UINT64:
      return g_variant_new_uint64 (CONST_MEMBER (guint64, message, field));
    case RS_FIELD_TEXT:
      break;
    }
  return rs_variant_borrow_text (CONST_MEMBER (char *const, message, field));
}

void
rs_fields_to_variants (const RsField *fields,
                       guint          n_fields,
                       const void    *message,
                       GVariant     **children)
{
  for (guint i = 0; i < n_fields; i++)
    children[i] = field_to_variant (&fields[i], message);
}

void
rs_fields_from_tuple (const RsField *fields,
                      guint          n_fields,
                      GVariant      *tuple,
                      void          *message)
{
  for (guint i = 0; i < n_fields; i++)
    {
      const RsField *field = &fields[i];
      g_autoptr (GVariant) child = g_variant_get_child_value (tuple, i);

      switch (field->type)
        {
        case RS_FIELD_BOOL:
          MEMBER (gboolean, message, field) = g_variant_get_boolean (child);
          break;
        case RS_FIELD_BYTE:
          MEMBER (guint32, message, field) = g_variant_get_byte (child);
          break;
        case RS_FIELD_UINT16:
          MEMBER (guint16, message, field) = g_variant_get_uint16 (child);
          break;
        case RS_FIELD_UINT32:
          MEMBER (guint32, message, field) = g_variant_get_uint32 (child);
          break;
        case RS_FIELD_UINT64:
          MEMBER (guint64, message, field) = g_variant_get_uint64 (child);
          break;
        case RS_FIELD_TEXT:
          MEMBER (char *, message, field) = g_variant_dup_string (child, NULL);
          break;
        }
    }
}

void
rs_fields_clear (const RsField *fields,
                 guint          n_fields,
                 void          *message)
{
  for (guint i = 0; i < n_fields; i++)
    {
      if (fields[i].type == RS_FIELD_TEXT)
        rs_secret_clear (&MEMBER (char *, message, &fields[i]));
    }
}
