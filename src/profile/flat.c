/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The children of <flat-profile> are the parameters (PROF-1); the element may be the root or stand inside others, whose
 * remaining content is passed over. Where a file has several, as when two are joined, all count in their order. A
 * parameter that has elements inside has no value that could be meant: it is left out with a note, and so is text
 * between parameters.
 *
 * Texts are staged in one block and become assignments when the file has proven whole. That is the rule, and it is also
 * faster by a fifth: libxml2 walks long chains of the names it has seen, which lie close together as long as nothing
 * else is allocated between them. */
#include "profile/flat.h"

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "params/alias.h"
#include "profile/xml.h"

#include <string.h>

#define NOTES_MAX 1000

/* Offsets into the block of texts. */
typedef struct
{
  const char *alias; /* the parameter that the element stands for; NULL: the one of its name */
  guint32 name;
  guint32 value;
  guint32 line;
  guint32 column; /* 0: nobody asked */
  guint8 kind;
  guint8 access;
} Staged;

typedef struct
{
  GPtrArray *notes;
  guint n_notes; /* that there are, kept or not */
  GArray *staged;
  /* as large as the file: a parameter takes less here than its two tags do there */
  char *texts;
  gsize size;
  gsize used;
  const RsFlatOptions *options;
  guint n_parameters;
  guint n_profiles;
  guint profile_depth; /* of the open <flat-profile>; 0: none is */
  gboolean is_open;    /* in a parameter that counts: its name and value are the last in texts */
  guint open_depth;    /* of its element */
  Staged open;
  const RsAliases *aliases;             /* NULL: there are none */
  char *path[RS_XML_DEPTH_MAX];         /* names of the open elements; only where there are aliases */
  char root[64];
} Flat;

static void
note (Flat       *flat,
      RsXml      *xml,
      const char *name,
      const char *format,
      ...) G_GNUC_PRINTF (4, 5);

/* name: of the parameter that it is about, or "" */
static void
note (Flat       *flat,
      RsXml      *xml,
      const char *name,
      const char *format,
      ...)
{
  RsProfileNote *item;
  va_list args;

  if (++flat->n_notes > NOTES_MAX)
    return;
  item = g_new (RsProfileNote, 1);
  item->line = rs_xml_line (xml);
  item->column = rs_xml_column (xml);
  item->name = rs_text_escape (name, 80);
  va_start (args, format);
  item->message = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (flat->notes, item);
}

/* PROF-3 */
static RsAccess
read_access (Flat       *flat,
             RsXml      *xml,
             const char *name)
{
  static const struct
  {
    const char *text;
    RsAccess access;
  } words[] = { { "na", RS_ACCESS_NA }, { "ro", RS_ACCESS_RO }, { "rw", RS_ACCESS_RW } };
  gsize length;
  const char *ua = rs_xml_attribute (xml, "ua", &length);
  g_autofree char *shown = NULL, *alike = ua == NULL ? rs_xml_attribute_alike (xml, "ua") : NULL;

  if (alike != NULL)
    note (flat, xml, name, "%s: %s is not ua, and is passed over; the access stays", name, alike);
  if (ua == NULL)
    return RS_ACCESS_UNSET;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (length == strlen (words[i].text) && memcmp (ua, words[i].text, length) == 0)
        return words[i].access;
    }
  shown = rs_text_escape_bytes (ua, length, 20);
  note (flat, xml, name, "%s: ua=\"%s\" is none of na, ro, rw; the access stays", name, shown);
  return RS_ACCESS_UNSET;
}

static void
append (Flat       *flat,
        const char *text,
        gsize       length)
{
  g_assert (length <= flat->size - flat->used);
  memcpy (flat->texts + flat->used, text, length);
  flat->used += length;
}

/* Forgets the open parameter. */
static void
drop_parameter (Flat *flat)
{
  flat->used = flat->open.name;
  flat->is_open = FALSE;
}

static gboolean
begin_parameter (Flat       *flat,
                 RsXml      *xml,
                 const char *name,
                 const char *alias,
                 guint       depth,
                 GError    **error)
{
  if (++flat->n_parameters > flat->options->max_parameters)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "More than %u parameters; MaxParameters bounds a profile",
                   flat->options->max_parameters);
      return FALSE;
    }
  rs_xml_begin_value (xml);
  flat->is_open = alias != NULL || rs_assignment_name_is_valid (name);
  if (!flat->is_open)
    {
      g_autofree char *shown = rs_text_escape (name, 40);
      note (flat, xml, name, "<%s> cannot be the name of a parameter; it is left out", shown);
      return TRUE;
    }
  flat->open_depth = depth;
  flat->open.alias = alias;
  flat->open.name = flat->used;
  flat->open.line = rs_xml_line (xml);
  flat->open.column = flat->options->columns ? rs_xml_column (xml) : 0;
  flat->open.access = read_access (flat, xml, name);
  append (flat, name, strlen (name) + 1);
  flat->open.value = flat->used;
  return TRUE;
}

/* What the element that begins stands for by the alias map, or NULL. */
static const char *
find_alias (Flat       *flat,
            const char *name,
            guint       depth)
{
  if (flat->aliases == NULL)
    return NULL;
  g_free (flat->path[depth - 1]);
  flat->path[depth - 1] = g_strdup (name);
  return rs_aliases_match (flat->aliases, (const char *const *)flat->path, depth);
}

static gboolean
on_start (RsXml      *xml,
          const char *name,
          guint       depth,
          gpointer    data,
          GError    **error)
{
  Flat *flat = data;
  const char *alias = find_alias (flat, name, depth);

  if (depth == 1)
    {
      g_autofree char *shown = rs_text_escape (name, 20);
      g_strlcpy (flat->root, shown, sizeof flat->root);
    }
  if (flat->is_open)
    {
      const char *outer = flat->texts + flat->open.name;

      note (flat, xml, outer, "%s: an element inside the parameter; it is left out", outer);
      drop_parameter (flat);
    }
  if (alias != NULL || (flat->profile_depth > 0 && depth == flat->profile_depth + 1))
    return begin_parameter (flat, xml, name, alias, depth, error);
  if (flat->profile_depth == 0 && strcmp (name, "flat-profile") == 0)
    {
      flat->profile_depth = depth;
      if (++flat->n_profiles == 2)
        note (flat, xml, "", "A second <flat-profile>; its parameters count as well");
    }
  return TRUE;
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static gboolean
is_all_blank (const char *text,
              gsize       length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (!is_blank (text[i]))
        return FALSE;
    }
  return TRUE;
}

static gboolean
on_text (RsXml      *xml,
         const char *text,
         gsize       length,
         guint       depth,
         gpointer    data,
         GError    **error)
{
  Flat *flat = data;

  if (flat->profile_depth > 0 && depth == flat->profile_depth && !is_all_blank (text, length))
    note (flat, xml, "", "Text between parameters; it is passed over");
  /* a parameter that should stand in a <flat-profile> and does not may be secret, too */
  if (flat->profile_depth == 0 && !is_all_blank (text, length))
    rs_xml_begin_value (xml);
  if (!flat->is_open || depth != flat->open_depth)
    return TRUE;
  if (length > RS_ASSIGNMENT_VALUE_MAX - (flat->used - flat->open.value))
    {
      g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "The value of %s is longer than %d bytes",
                   flat->texts + flat->open.name, RS_ASSIGNMENT_VALUE_MAX);
      return FALSE;
    }
  append (flat, text, length);
  return TRUE;
}

/* PROF-4, PROF-5 */
static void
end_parameter (Flat *flat)
{
  char *value = flat->texts + flat->open.value, *end = flat->texts + flat->used;

  while (end > value && is_blank (end[-1]))
    end--;
  while (value < end && is_blank (*value))
    value++;
  for (char *p = value; p < end; p++)
    {
      if (is_blank (*p))
        *p = ' ';
    }
  flat->open.kind = value == end ? RS_ASSIGN_EMPTY : RS_ASSIGN_VALUE;
  if (end - value == 2 && memcmp (value, "\"\"", 2) == 0)
    value = end;
  flat->open.value = value - flat->texts;
  flat->used = end - flat->texts;
  append (flat, "", 1);
  g_array_append_val (flat->staged, flat->open);
  flat->is_open = FALSE;
}

static gboolean
on_end (RsXml   *xml,
        guint    depth,
        gpointer data,
        GError **error)
{
  Flat *flat = data;

  if (flat->is_open && depth == flat->open_depth)
    end_parameter (flat);
  else if (depth == flat->profile_depth)
    flat->profile_depth = 0;
  return TRUE;
}

static Flat *
flat_new (gsize                size,
          const RsFlatOptions *options,
          GPtrArray           *notes)
{
  Flat *flat = g_new0 (Flat, 1);

  flat->notes = notes;
  flat->staged = g_array_new (FALSE, FALSE, sizeof (Staged));
  flat->texts = g_malloc (size);
  flat->size = size;
  flat->options = options;
  return flat;
}

static void
flat_free (Flat *flat)
{
  rs_wipe (flat->texts, flat->used);
  g_free (flat->texts);
  for (guint i = 0; i < RS_XML_DEPTH_MAX; i++)
    g_free (flat->path[i]);
  g_array_unref (flat->staged);
  g_free (flat);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Flat, flat_free)

/* The staged parameters as assignments. */
static void
append_assignments (const Flat *flat,
                    GPtrArray  *assignments)
{
  for (guint i = 0; i < flat->staged->len; i++)
    {
      const Staged *staged = &g_array_index (flat->staged, Staged, i);
      const char *name = staged->alias != NULL ? staged->alias : flat->texts + staged->name;
      RsAssignment *assignment = rs_assignment_new (name, staged->kind, flat->texts + staged->value, staged->access, staged->line);

      assignment->column = staged->column;
      g_ptr_array_add (assignments, assignment);
    }
}

gboolean
rs_flat_read (const char          *text,
              gsize                length,
              const RsFlatOptions *options,
              GPtrArray           *assignments,
              GPtrArray           *notes,
              guint               *left_out,
              guint               *line,
              guint               *column,
              GError             **error)
{
  static const RsXmlHandler handler = { on_start, on_text, on_end };
  g_autoptr (Flat) flat = flat_new (length, options, notes);
  /* what is passed over may be as much again */
  guint max = options->max_parameters, max_elements = max > G_MAXUINT / 4 ? G_MAXUINT : 2 * max + 1000;
  g_autoptr (RsAliases) aliases = NULL;

  if (options->alias_map != NULL && options->alias_map[0] != '\0')
    {
      aliases = rs_aliases_parse (options->alias_map, error);
      if (aliases == NULL)
        return FALSE;
      flat->aliases = aliases;
    }
  if (!rs_xml_read (text, length, max_elements, &handler, flat, line, column, error))
    return FALSE;
  if (flat->n_profiles == 0 && flat->staged->len == 0)
    {
      *line = *column = 1;
      g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "XML without a <flat-profile>%s; the root element is <%s>",
                   aliases != NULL ? " and without an element of the alias map" : "", flat->root);
      return FALSE;
    }
  append_assignments (flat, assignments);
  *left_out = flat->n_notes - notes->len;
  return TRUE;
}
