/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the files of data/catalogue/ to entries: the reading of one file, where everything an integrator can get wrong
 * is said with its line, and the builder that puts files one over the other. */
#include "params/catalogue-private.h"

#include "base/error.h"
#include "base/text.h"
#include "params/assignment.h"
#include "params/keyfile.h"

#include <string.h>

#define FILE_MAX (4u << 20)
#define PARAMETERS_MAX 200000
#define ALIASES_MAX 16

struct _RsCatalogueBuilder
{
  GPtrArray  *entries; /* RsEntry; NULL: a later file has another of that name */
  GHashTable *places;  /* pattern, of the entry → place in entries */
  guint64     n_members;
};

void
rs_entry_free (RsEntry *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->pattern);
  g_free (entry->default_value);
  g_free (entry->range);
  g_free (entry->tab);
  g_free (entry->section);
  g_free (entry->summary);
  g_strfreev (entry->aliases);
  g_free (entry);
}

static gboolean
refuse (GError    **error,
        const char *message)
{
  g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT, message);
  return FALSE;
}

static gboolean
read_flag (const char *value,
           gboolean   *flag,
           GError    **error)
{
  *flag = strcmp (value, "true") == 0;
  return *flag || strcmp (value, "false") == 0 || refuse (error, "expected true or false");
}

static gboolean
read_type (const char  *value,
           RsParamType *type,
           GError     **error)
{
  for (guint i = 0; i <= RS_TYPE_TIME; i++)
    {
      if (strcmp (rs_param_type_name (i), value) == 0)
        {
          *type = i;
          return TRUE;
        }
    }
  return refuse (error,
                 "expected a type: string, text, password, bool, int, enum, intlist, ip, hostport, url, rule or time");
}

static gboolean
read_aliases (RsEntry    *entry,
              const char *value,
              GError    **error)
{
  entry->aliases = rs_keyfile_split (value, ';', ALIASES_MAX);
  if (entry->aliases == NULL)
    return refuse (error, "expected at most 16 names with “;” between");
  for (guint i = 0; entry->aliases[i] != NULL; i++)
    {
      if (!rs_assignment_name_is_valid (entry->aliases[i]))
        return refuse (error, "an alias is 1 to 256 printable characters without blanks");
    }
  return TRUE;
}

typedef enum
{
  KEY_TYPE,
  KEY_INDEX,
  KEY_DEFAULT,
  KEY_RANGE,
  KEY_SECRET,
  KEY_REBOOT,
  KEY_ACCESS,
  KEY_TAB,
  KEY_SECTION,
  KEY_SUMMARY,
  KEY_ALIASES,
  N_KEYS,
} Key;

static const char *const key_names[N_KEYS] = {
  "Type", "Index", "Default", "Range", "Secret", "Reboot", "Access", "Tab", "Section", "Summary", "Aliases",
};

static Key
find_key (const char *name)
{
  Key key = 0;

  while (key < N_KEYS && strcmp (key_names[key], name) != 0)
    key++;
  return key;
}

/* Aliases come still escaped, the others plain. */
static gboolean
read_key (RsEntry    *entry,
          Key         key,
          const char *value,
          GError    **error)
{
  char **texts[N_KEYS] = {
    [KEY_DEFAULT] = &entry->default_value, [KEY_RANGE] = &entry->range,     [KEY_TAB] = &entry->tab,
    [KEY_SECTION] = &entry->section,       [KEY_SUMMARY] = &entry->summary,
  };

  switch (key)
    {
    case KEY_TYPE:
      return read_type (value, &entry->type, error);
    case KEY_INDEX:
      return rs_index_parse (value, &entry->index, error);
    case KEY_SECRET:
      return read_flag (value, &entry->secret, error);
    case KEY_REBOOT:
      return read_flag (value, &entry->reboot, error);
    case KEY_ACCESS:
      return (rs_access_from_name (value, &entry->access) && entry->access != RS_ACCESS_UNSET)
             || refuse (error, "expected na, ro or rw");
    case KEY_ALIASES:
      return read_aliases (entry, value, error);
    default:
      *texts[key] = g_strdup (value);
      return TRUE;
    }
}

/* The default of every member must be legal; what is stored is its canonical form where the members share it. */
static gboolean
check_default (RsEntry *entry,
               GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean shared = strchr (entry->default_value, '{') == NULL || entry->index.n == 0;
  guint n = shared ? 1 : rs_index_size (&entry->index);
  g_autofree char *wanted = g_steal_pointer (&entry->default_value);

  for (guint i = 0; i < n; i++)
    {
      RsParam param = { .name = "the default", .default_value = "", .range = entry->range, .type = entry->type,
                        .constraint = &entry->constraint, .secret = entry->secret };
      g_autofree char *normal = NULL;

      if (shared)
        g_string_assign (text, wanted);
      else
        rs_index_expand (&entry->index, wanted, i, text);
      normal = rs_param_normalize (&param, text->str, error);
      if (normal == NULL)
        return FALSE;
      if (shared)
        entry->default_value = g_steal_pointer (&normal);
    }
  if (!shared)
    entry->default_value = g_steal_pointer (&wanted);
  return TRUE;
}

static void
set_missing (char **text)
{
  if (*text == NULL)
    *text = g_strdup ("");
}

/* The last member has the longest name. */
static gboolean
check_name (RsEntry *entry,
            GError **error)
{
  g_autoptr (GString) name = g_string_new (NULL);

  if (!rs_index_fits (&entry->index, entry->pattern))
    return refuse (error, "the name needs {n} for each variable of its Index, and no other braces");
  rs_index_expand (&entry->index, entry->pattern, rs_index_size (&entry->index) - 1, name);
  return rs_assignment_name_is_valid (name->str) || refuse (error, "this name is too long");
}

/* What can be said only when the group is read to its end. */
static gboolean
finish_entry (RsEntry *entry,
              guint32  seen,
              GError **error)
{
  if ((seen & (1u << KEY_TYPE)) == 0)
    return refuse (error, "this parameter has no Type");
  set_missing (&entry->default_value);
  set_missing (&entry->range);
  set_missing (&entry->tab);
  set_missing (&entry->section);
  set_missing (&entry->summary);
  if (entry->type == RS_TYPE_PASSWORD)
    entry->secret = TRUE;
  return check_name (entry, error) && rs_constraint_parse (entry->type, entry->range, &entry->constraint, error)
         && check_default (entry, error);
}

static RsEntry *
begin_entry (const char *pattern,
             guint       line,
             GHashTable *names,
             GError    **error)
{
  RsEntry *entry;

  if (!rs_assignment_name_is_valid (pattern) || strpbrk (pattern, "=;#<>\"&") != NULL)
    {
      refuse (error, "a parameter's name is 1 to 256 printable characters without blanks and =;#<>\"&");
      return NULL;
    }
  if (g_hash_table_contains (names, pattern))
    {
      refuse (error, "this file has that parameter twice");
      return NULL;
    }
  entry = g_new0 (RsEntry, 1);
  entry->pattern = g_strdup (pattern);
  entry->access = RS_ACCESS_NA;
  entry->line = line;
  g_hash_table_add (names, entry->pattern);
  return entry;
}

static gboolean
take_key (RsEntry   *entry,
          RsKeyfile *reader,
          guint32   *seen,
          GError   **error)
{
  Key key = find_key (reader->key);

  if (key == N_KEYS)
    return refuse (
        error,
        "unknown key: expected Type, Index, Default, Range, Secret, Reboot, Access, Tab, Section, Summary or Aliases");
  if ((*seen & (1u << key)) != 0)
    return refuse (error, "this key stands here twice");
  *seen |= 1u << key;
  if (key != KEY_ALIASES && !rs_keyfile_unescape (reader->value))
    return refuse (error, "only \\s, \\n, \\r, \\t, \\; and \\\\ may follow a backslash");
  return read_key (entry, key, reader->value, error);
}

/* Reads to the end or to a fault, whose line is left in *line. */
static gboolean
read_entries (RsKeyfile *reader,
              GPtrArray *entries,
              guint     *line,
              GError   **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  RsEntry *entry = NULL;
  guint32 seen = 0;

  for (;;)
    {
      RsKeyfileToken token = rs_keyfile_next (reader);

      *line = reader->line;
      if (token == RS_KEYFILE_FAULT)
        return refuse (error, reader->fault);
      if (token == RS_KEYFILE_ENTRY)
        {
          if (!take_key (entry, reader, &seen, error))
            return FALSE;
          continue;
        }
      if (entry != NULL && !finish_entry (entry, seen, error))
        {
          *line = entry->line;
          return FALSE;
        }
      if (token == RS_KEYFILE_END)
        return TRUE;
      seen = 0;
      entry = begin_entry (reader->group, reader->line, names, error);
      if (entry == NULL)
        return FALSE;
      g_ptr_array_add (entries, entry);
    }
}

static gboolean
read_file (const char *file_name,
           GBytes     *text,
           GPtrArray  *entries,
           GError    **error)
{
  g_auto (RsKeyfile) reader = { 0 };
  g_autoptr (GError) fault = NULL;
  gsize length;
  const char *data = g_bytes_get_data (text, &length);
  guint line = 0;

  if (length > FILE_MAX)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "%s: larger than %u bytes", file_name, FILE_MAX);
      return FALSE;
    }
  rs_keyfile_init (&reader, data, length);
  if (read_entries (&reader, entries, &line, &fault))
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "%s:%u: %s", file_name, line, fault->message);
  return FALSE;
}

RsCatalogueBuilder *
rs_catalogue_builder_new (void)
{
  RsCatalogueBuilder *builder = g_new0 (RsCatalogueBuilder, 1);

  builder->entries = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_entry_free);
  builder->places = g_hash_table_new (g_str_hash, g_str_equal);
  return builder;
}

void
rs_catalogue_builder_free (RsCatalogueBuilder *builder)
{
  if (builder == NULL)
    return;
  g_hash_table_unref (builder->places);
  g_ptr_array_unref (builder->entries);
  g_free (builder);
}

/* Takes the entry; it stands at the end, so that it wins over what earlier files have. */
static void
put_entry (RsCatalogueBuilder *builder,
           RsEntry            *entry)
{
  gpointer place;

  if (g_hash_table_lookup_extended (builder->places, entry->pattern, NULL, &place))
    {
      RsEntry *old = g_steal_pointer (&g_ptr_array_index (builder->entries, GPOINTER_TO_UINT (place)));

      g_hash_table_remove (builder->places, entry->pattern);
      builder->n_members -= rs_index_size (&old->index);
      rs_entry_free (old);
    }
  g_hash_table_insert (builder->places, entry->pattern, GUINT_TO_POINTER (builder->entries->len));
  g_ptr_array_add (builder->entries, entry);
  builder->n_members += rs_index_size (&entry->index);
}

gboolean
rs_catalogue_builder_add (RsCatalogueBuilder *builder,
                          const char         *file_name,
                          GBytes             *text,
                          GError            **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_entry_free);
  guint64 members = builder->n_members;

  if (!read_file (file_name, text, entries, error))
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    members += rs_index_size (&((RsEntry *)entries->pdata[i])->index);
  if (members > PARAMETERS_MAX)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "%s: with this file there are more than %d parameters", file_name,
                   PARAMETERS_MAX);
      return FALSE;
    }
  for (guint i = 0; i < entries->len; i++)
    put_entry (builder, g_steal_pointer (&entries->pdata[i]));
  return TRUE;
}

RsCatalogue *
rs_catalogue_builder_end (RsCatalogueBuilder *builder)
{
  return rs_catalogue_new (builder->entries);
}
