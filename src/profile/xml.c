/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxml2 as a SAX2 push parser, fenced in. By itself it reads a million levels, needs seconds for a tag of 100 000
 * attributes and reads any file that a DOCTYPE names. Its messages may quote a value, so that the texts here are our
 * own. */
#include "profile/xml.h"

#include "base/error.h"
#include "base/text.h"
#include "profile/place.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#define CHUNK 16384

struct _RsXml
{
  xmlParserCtxtPtr parser;
  const RsXmlHandler *handler;
  gpointer data;
  RsPlace place;
  const char *text;
  gsize length;
  gsize offset; /* where the element of this call begins */
  const char *run; /* the text of this call, or NULL */
  gsize run_length;
  gsize open[RS_XML_DEPTH_MAX]; /* offsets of the open elements */
  guint depth;
  guint value_depth; /* of the outermost open element that is a value; 0: none is */
  guint n_elements;
  guint max_elements;
  guint n_all_attributes; /* of the file, namespaces as well */
  guint n_events;
  const xmlChar **attributes;
  int n_attributes;
  guint line, column; /* of the error */
  GError *error;
};

static const struct
{
  int code;
  const char *what;
} faults[] = {
  { XML_ERR_DOCUMENT_EMPTY, "no element where the root should be" },
  { XML_ERR_ATTRIBUTE_NOT_STARTED, "the value of an attribute needs quotes" },
  { XML_ERR_ATTRIBUTE_NOT_FINISHED, "the value of an attribute does not end" },
  { XML_ERR_ATTRIBUTE_WITHOUT_VALUE, "an attribute without a value" },
  { XML_ERR_ATTRIBUTE_REDEFINED, "an attribute twice in one tag" },
  { XML_ERR_LT_IN_ATTRIBUTE, "“<” in the value of an attribute; write “&lt;”" },
  { XML_ERR_NAME_REQUIRED, "“<” or “&” that begins no name; in text write “&lt;” and “&amp;”" },
  { XML_ERR_ENTITYREF_SEMICOL_MISSING, "“&” that begins no entity; in text write “&amp;”" },
  { XML_ERR_ENTITYREF_NO_NAME, "“&” that begins no entity; in text write “&amp;”" },
  { XML_ERR_UNDECLARED_ENTITY, "an entity other than lt, gt, amp, quot and apos" },
  { XML_WAR_UNDECLARED_ENTITY, "an entity other than lt, gt, amp, quot and apos" },
  { XML_ERR_INVALID_CHAR, "a character that cannot stand in XML" },
  { XML_ERR_INVALID_CHARREF, "a reference to no character" },
  { XML_ERR_INVALID_HEX_CHARREF, "a reference to no character" },
  { XML_ERR_INVALID_DEC_CHARREF, "a reference to no character" },
  { XML_ERR_SPACE_REQUIRED, "a blank is missing" },
  { XML_ERR_GT_REQUIRED, "a tag without its “>”" },
  { XML_ERR_LTSLASH_REQUIRED, "an end tag is missing" },
  { XML_ERR_HYPHEN_IN_COMMENT, "“--” in a comment" },
  { XML_ERR_COMMENT_NOT_FINISHED, "a comment without its end" },
  { XML_ERR_CDATA_NOT_FINISHED, "a CDATA section without its end" },
  { XML_ERR_MISPLACED_CDATA_END, "“]]>” in text; write “]]&gt;”" },
  { XML_ERR_RESERVED_XML_NAME, "the XML declaration must be the very first in the file" },
  { XML_ERR_PI_NOT_FINISHED, "an instruction without its end" },
  { XML_ERR_XMLDECL_NOT_FINISHED, "an XML declaration without its end" },
  { XML_ERR_VERSION_MISSING, "an XML declaration without a version" },
  { XML_ERR_NO_MEMORY, "more names than the reader's memory holds" },
};

static void
fail_at (RsXml      *xml,
         gsize       offset,
         const char *format,
         ...) G_GNUC_PRINTF (3, 4);

/* The first fault counts. */
static void
fail_at (RsXml      *xml,
         gsize       offset,
         const char *format,
         ...)
{
  g_autofree char *what = NULL;
  va_list args;

  if (xml->error != NULL)
    return;
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  xml->line = rs_place_line (&xml->place, offset);
  xml->column = rs_place_column (&xml->place, offset);
  g_set_error (&xml->error, RS_ERROR, RS_ERROR_CORRUPT, "%s (line %u, column %u)", what, xml->line, xml->column);
}

/* How far the parser has read. */
static gsize
position (RsXml *xml)
{
  long consumed = xmlByteConsumed (xml->parser);

  return consumed < 0 ? 0 : MIN ((gsize)consumed, xml->length);
}

/* The nearest “<” before an offset. A tag is short; memrchr () would be told of the whole file, and sanitizers look at
 * all of it. */
static gsize
tag_before (RsXml *xml,
            gsize  offset)
{
  while (offset > 0 && xml->text[--offset] != '<')
    ;
  return offset;
}

/* The innermost open element, for messages: by its name, or by the value that it stands in. */
static char *
describe_open (RsXml *xml)
{
  gboolean hidden = xml->value_depth > 0 && xml->depth > xml->value_depth;
  const char *name = xml->text + xml->open[(hidden ? xml->value_depth : xml->depth) - 1] + 1;
  const char *end = name;
  g_autofree char *shown = NULL;

  while (end < xml->text + xml->length && !g_ascii_isspace (*end) && *end != '>' && *end != '/')
    end++;
  shown = rs_text_escape_bytes (name, end - name, 60);
  return g_strdup_printf (hidden ? "an element inside <%s>" : "the element <%s>", shown);
}

/* Of the element, or of the first character of the text that is not blank. */
static gsize
current_offset (RsXml *xml)
{
  const xmlParserInput *input = xml->parser->input;
  const xmlChar *run = (const xmlChar *)xml->run;
  gsize blank = 0;

  if (run == NULL)
    return xml->offset;
  while (blank < xml->run_length && g_ascii_isspace (run[blank]))
    blank++;
  /* most text is handed on in the parser's own window on the file, the rest in a copy of what it has just read */
  if (input != NULL && run >= input->base && run < input->end)
    return position (xml) - (input->cur - run) + blank;
  return position (xml) - MIN (position (xml), xml->run_length - blank);
}

static void
take_error (RsXml  *xml,
            GError *error)
{
  fail_at (xml, current_offset (xml), "%s", error->message);
  g_error_free (error);
  xmlStopParser (xml->parser);
}

static gboolean
element_is_bounded (RsXml *xml,
                    guint  n_attributes)
{
  if (xml->depth > RS_XML_DEPTH_MAX)
    fail_at (xml, xml->offset, "Elements nest deeper than %d", RS_XML_DEPTH_MAX);
  else if (xml->n_elements > xml->max_elements)
    fail_at (xml, xml->offset, "More than %u elements", xml->max_elements);
  else if (n_attributes > RS_XML_ATTRIBUTES_MAX)
    fail_at (xml, xml->offset, "More than %d attributes in one element", RS_XML_ATTRIBUTES_MAX);
  else if (xml->n_all_attributes > xml->max_elements)
    fail_at (xml, xml->offset, "More than %u attributes", xml->max_elements);
  else
    return TRUE;
  xmlStopParser (xml->parser);
  return FALSE;
}

static void
on_start (void           *user_data,
          const xmlChar  *local_name,
          const xmlChar  *prefix,
          const xmlChar  *uri,
          int             n_namespaces,
          const xmlChar **namespaces,
          int             n_attributes,
          int             n_defaulted,
          const xmlChar **attributes)
{
  RsXml *xml = user_data;
  g_autofree char *full_name = NULL;
  const char *name = (const char *)local_name;
  GError *error = NULL;

  if (xml->error != NULL)
    return;
  xml->n_events++;
  /* called at the end of the tag, in which no other “<” can stand */
  xml->offset = tag_before (xml, position (xml));
  xml->depth++;
  xml->n_elements++;
  /* each name that is new costs libxml2 a walk over those before: as many elements may have as many again */
  xml->n_all_attributes += n_attributes + n_namespaces;
  xml->attributes = attributes;
  xml->n_attributes = n_attributes;
  if (!element_is_bounded (xml, n_attributes + n_namespaces))
    return;
  xml->open[xml->depth - 1] = xml->offset;
  if (prefix != NULL)
    name = full_name = g_strconcat ((const char *)prefix, ":", name, NULL);
  if (!xml->handler->start (xml, name, xml->depth, xml->data, &error))
    take_error (xml, error);
  xml->n_attributes = 0;
}

static void
on_end (void          *user_data,
        const xmlChar *local_name,
        const xmlChar *prefix,
        const xmlChar *uri)
{
  RsXml *xml = user_data;
  GError *error = NULL;

  if (xml->error != NULL)
    return;
  xml->n_events++;
  if (!xml->handler->end (xml, xml->depth, xml->data, &error))
    take_error (xml, error);
  if (xml->depth == xml->value_depth)
    xml->value_depth = 0;
  xml->depth--;
}

static void
on_text (void          *user_data,
         const xmlChar *text,
         int            length)
{
  RsXml *xml = user_data;
  GError *error = NULL;

  if (xml->error != NULL)
    return;
  xml->n_events++;
  xml->run = (const char *)text;
  xml->run_length = length;
  if (!xml->handler->text (xml, xml->run, length, xml->depth, xml->data, &error))
    take_error (xml, error);
  xml->run = NULL;
}

static void
on_comment (void          *user_data,
            const xmlChar *text)
{
  RsXml *xml = user_data;

  xml->n_events++;
}

static void
on_instruction (void          *user_data,
                const xmlChar *target,
                const xmlChar *text)
{
  on_comment (user_data, text);
}

static void
on_doctype (void          *user_data,
            const xmlChar *name,
            const xmlChar *external_id,
            const xmlChar *system_id)
{
  RsXml *xml = user_data;

  fail_at (xml, tag_before (xml, position (xml)), "A DOCTYPE, which a profile may not have; leave it out");
  xmlStopParser (xml->parser);
}

static const char *
fault_text (int code)
{
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      if (faults[i].code == code)
        return faults[i].what;
    }
  return "no XML";
}

/* end: behind the “>” of the end tag. */
static void
fail_mismatch (RsXml *xml,
               gsize  end)
{
  gsize start = xml->open[xml->depth - 1];
  g_autofree char *element = describe_open (xml);
  RsPlace place;

  rs_place_init (&place, xml->text, xml->length);
  fail_at (xml, tag_before (xml, end), "Not well-formed: this end tag does not belong to %s of line %u", element,
           rs_place_line (&place, start));
}

static void
on_error (void       *user_data,
          xmlErrorPtr fault)
{
  RsXml *xml = user_data;
  gsize offset;
  gboolean at_end;

  /* a prefix without its namespace is well-formed all the same */
  if (xml->error != NULL || fault->level < XML_ERR_ERROR || fault->domain == XML_FROM_NAMESPACE)
    return;
  offset = position (xml);
  at_end = offset >= xml->length || fault->code == XML_ERR_DOCUMENT_END;
  if (xml->depth == 0 && xml->n_elements > 0)
    fail_at (xml, offset, "Not well-formed: there is more after the end of the root element");
  else if (fault->code == XML_ERR_TAG_NAME_MISMATCH && xml->depth > 0 && offset > 0 && xml->text[offset - 1] == '>')
    fail_mismatch (xml, offset);
  else if (at_end && xml->depth > 0)
    {
      g_autofree char *element = describe_open (xml);
      fail_at (xml, xml->length, "Not well-formed: cut short, %s does not end", element);
    }
  else if (at_end)
    fail_at (xml, xml->length, "Not well-formed: cut short");
  else
    fail_at (xml, offset, "Not well-formed: %s", fault_text (fault->code));
}

static xmlParserCtxtPtr
parser_new (RsXml *xml)
{
  xmlSAXHandler sax = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .cdataBlock = on_text,
    .ignorableWhitespace = on_text,
    .comment = on_comment,
    .processingInstruction = on_instruction,
    .internalSubset = on_doctype,
    .serror = on_error,
  };
  xmlParserCtxtPtr parser;

  xmlInitParser ();
  parser = xmlCreatePushParserCtxt (&sax, xml, NULL, 0, NULL);
  /* never NOENT, DTDLOAD, DTDATTR, DTDVALID, XINCLUDE, HUGE; the encoding is known, whatever the file says */
  if (parser != NULL)
    xmlCtxtUseOptions (parser, XML_PARSE_NONET | XML_PARSE_NOWARNING | XML_PARSE_COMPACT | XML_PARSE_IGNORE_ENC);
  return parser;
}

/* In pieces, so that a token that does not end is noticed before it has grown. */
static void
feed (RsXml *xml)
{
  guint seen = 0;
  gsize silent = 0;

  for (gsize offset = 0; offset < xml->length && xml->error == NULL; offset += CHUNK)
    {
      int size = MIN (CHUNK, xml->length - offset);

      xmlParseChunk (xml->parser, xml->text + offset, size, 0);
      silent = xml->n_events != seen ? 0 : silent + size;
      seen = xml->n_events;
      if (silent > RS_XML_TOKEN_MAX)
        fail_at (xml, position (xml), "A tag, comment or CDATA section longer than %d bytes", RS_XML_TOKEN_MAX);
    }
  if (xml->error == NULL)
    xmlParseChunk (xml->parser, NULL, 0, 1);
  if (xml->error == NULL && !xml->parser->wellFormed)
    fail_at (xml, position (xml), "Not well-formed: no XML");
}

gboolean
rs_xml_read (const char         *text,
             gsize               length,
             guint               max_elements,
             const RsXmlHandler *handler,
             gpointer            data,
             guint              *line,
             guint              *column,
             GError            **error)
{
  RsXml xml = { .handler = handler, .data = data, .text = text, .length = length, .max_elements = max_elements };

  rs_place_init (&xml.place, text, length);
  xml.parser = parser_new (&xml);
  if (xml.parser == NULL)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "The XML reader could not be started");
      return FALSE;
    }
  feed (&xml);
  xmlFreeParserCtxt (xml.parser);
  if (xml.error == NULL)
    return TRUE;
  *line = xml.line;
  *column = xml.column;
  g_propagate_error (error, xml.error);
  return FALSE;
}

const char *
rs_xml_attribute (RsXml      *xml,
                  const char *name,
                  gsize      *length)
{
  for (int i = 0; i < xml->n_attributes; i++)
    {
      /* local name, prefix, URI, begin and end of the value */
      const xmlChar **attribute = xml->attributes + 5 * i;

      if (attribute[1] == NULL && strcmp ((const char *)attribute[0], name) == 0)
        {
          *length = attribute[4] - attribute[3];
          return (const char *)attribute[3];
        }
    }
  return NULL;
}

void
rs_xml_begin_value (RsXml *xml)
{
  if (xml->value_depth == 0)
    xml->value_depth = xml->depth;
}

char *
rs_xml_attribute_alike (RsXml      *xml,
                        const char *name)
{
  for (int i = 0; i < xml->n_attributes; i++)
    {
      const xmlChar **attribute = xml->attributes + 5 * i;

      if (attribute[1] == NULL && g_ascii_strcasecmp ((const char *)attribute[0], name) == 0)
        return g_strdup ((const char *)attribute[0]);
    }
  return NULL;
}

guint
rs_xml_line (RsXml *xml)
{
  return rs_place_line (&xml->place, current_offset (xml));
}

guint
rs_xml_column (RsXml *xml)
{
  gsize offset = current_offset (xml);

  rs_place_line (&xml->place, offset);
  return rs_place_column (&xml->place, offset);
}
