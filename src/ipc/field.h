/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to ipc/. A message is a plain struct and a const table of its fields; writing, reading, checking and wiping
 * all walk the same table, so that a bound is written once and holds on both sides. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RS_FIELD_BOOL,   /* gboolean, "b" */
  RS_FIELD_BYTE,   /* an enumeration of 4 bytes, "y" */
  RS_FIELD_UINT16, /* "q" */
  RS_FIELD_UINT32, /* "u" */
  RS_FIELD_UINT64, /* "t" */
  RS_FIELD_TEXT,   /* char *, "s"; NULL is written as "" */
} RsFieldType;

typedef enum
{
  RS_TEXT_FREE,    /* any UTF-8 */
  RS_TEXT_LINE,    /* UTF-8 without control characters */
  RS_TEXT_HEADER,  /* printable ASCII and blanks: safe in a header field */
  RS_TEXT_SCHEME,  /* tftp, http, https */
  RS_TEXT_HOST,    /* letters, digits and ".-_:" */
  RS_TEXT_PATH,    /* UTF-8 without control characters and blanks */
  RS_TEXT_URL,     /* tftp, http or https, as RS_TEXT_PATH, without userinfo */
  RS_TEXT_ADDRESS, /* IPv4 or IPv6 */
  RS_TEXT_FILE,    /* an absolute path or a pkcs11: URI, as RS_TEXT_LINE */
  RS_TEXT_DIGEST,  /* lower-case hexadecimal */
  RS_TEXT_PEM,     /* printable ASCII in lines */
} RsTextKind;

typedef struct
{
  const char *name;
  gsize       offset; /* in the struct */
  RsFieldType type;
  RsTextKind  text; /* of RS_FIELD_TEXT */
  guint64     min;  /* of a number its value, of a text its length in bytes; 0: it may be empty whatever its kind */
  guint64     max;
} RsField;

/* Sets an error of the given code that names the field and its fault. */
gboolean rs_fields_check (const RsField *fields,
                          guint          n_fields,
                          const void    *message,
                          int            code,
                          GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* One floating variant a field. Texts are not copied: the message must outlive the variants. */
void     rs_fields_to_variants (const RsField *fields,
                                guint          n_fields,
                                const void    *message,
                                GVariant     **children);

/* Fills the struct from the first children of a tuple whose type fits the table. */
void     rs_fields_from_tuple (const RsField *fields,
                               guint          n_fields,
                               GVariant      *tuple,
                               void          *message);

/* Wipes, frees and clears the texts. */
void     rs_fields_clear (const RsField *fields,
                          guint          n_fields,
                          void          *message);

/* Whether a text is of the kind; its length is not looked at. */
gboolean rs_text_is (const char *text,
                     RsTextKind  kind);

/* A string variant that borrows the text. */
GVariant *rs_variant_borrow_text (const char *text);

G_END_DECLS
