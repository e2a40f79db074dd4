/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to profile/: the one place that touches libxml2. Elements and text of a file that is well-formed to its end,
 * and nothing that reaches outside the file: no DOCTYPE, no entities but the five, bounded depth, tokens, elements. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RS_XML_DEPTH_MAX 16
#define RS_XML_TOKEN_MAX 65536 /* a tag, a comment */
#define RS_XML_ATTRIBUTES_MAX 64

typedef struct _RsXml RsXml;

/* Callbacks; FALSE with an error ends the reading with it. What they collect counts only when rs_xml_read () says TRUE:
 * a fault may stand at the very end. */
typedef struct
{
  /* depth: 1 for the root. The name is as written, prefix and all, and valid for the call only. */
  gboolean (*start) (RsXml      *xml,
                     const char *name,
                     guint       depth,
                     gpointer    data,
                     GError    **error);
  gboolean (*text) (RsXml      *xml,
                    const char *text,
                    gsize       length,
                    guint       depth,
                    gpointer    data,
                    GError    **error);
  gboolean (*end) (RsXml   *xml,
                   guint    depth,
                   gpointer data,
                   GError **error);
} RsXmlHandler;

/* text: valid UTF-8. max_elements bounds the attributes of the file as well. RS_ERROR_CORRUPT; the message, line and column say where. Nothing is written to standard error. */
gboolean rs_xml_read (const char         *text,
                      gsize               length,
                      guint               max_elements,
                      const RsXmlHandler *handler,
                      gpointer            data,
                      guint              *line,
                      guint              *column,
                      GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* In a start callback: the value of an attribute without prefix, not ended by a NUL, or NULL. */
const char *rs_xml_attribute (RsXml      *xml,
                              const char *name,
                              gsize      *length);

/* In a callback of start or text: what stands in this element is a value. Names of elements in it are a part of that, which may be secret, and
 * stand in no error. */
void        rs_xml_begin_value (RsXml *xml);

/* The name of an attribute that would be this one, were it not for its letters' case; NULL: there is none. To be freed. */
char       *rs_xml_attribute_alike (RsXml      *xml,
                                    const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* Where the element or text of this call begins. The column costs a walk over the line. */
guint       rs_xml_line (RsXml *xml);
guint       rs_xml_column (RsXml *xml);

G_END_DECLS
