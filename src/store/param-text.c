/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing and reading of parameters.conf, both in one pass: 100 000 parameters are no reason to wait. */
#include "store/param-text.h"

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "params/keyfile.h"

#include <string.h>

#define FORMAT "1"
#define HEAD                                                                                                           \
  "# The parameters of this phone that differ from its catalogue. Written by resyncd; the last line proves it "        \
  "whole.\n"
#define LINE_EXTRA 64
#define SEAL_EXTRA 256
#define VALIDATORS_MAX 16
#define WARNINGS_MAX 10

RsValidator *
rs_validator_copy (const RsValidator *validator)
{
  RsValidator *copy = g_new (RsValidator, 1);

  copy->rule_name = g_strdup (validator->rule_name);
  copy->context = g_strdup (validator->context);
  copy->etag = g_strdup (validator->etag);
  copy->last_modified = g_strdup (validator->last_modified);
  copy->digest = g_strdup (validator->digest);
  copy->generation = validator->generation;
  return copy;
}

void
rs_validator_free (RsValidator *validator)
{
  if (validator == NULL)
    return;
  g_free (validator->rule_name);
  g_free (validator->context);
  g_free (validator->etag);
  g_free (validator->last_modified);
  g_free (validator->digest);
  g_free (validator);
}

GPtrArray *
rs_validators_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)rs_validator_free);
}

GPtrArray *
rs_foreign_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)rs_secret_free);
}

RsParamSet *
rs_param_set_new (RsSnapshot *snapshot,
                  GPtrArray  *validators,
                  GPtrArray  *foreign,
                  guint64     generation)
{
  RsParamSet *set = g_new (RsParamSet, 1);

  g_atomic_ref_count_init (&set->ref_count);
  set->snapshot = snapshot;
  set->validators = validators;
  set->foreign = foreign;
  set->generation = generation;
  return set;
}

RsParamSet *
rs_param_set_ref (RsParamSet *set)
{
  g_atomic_ref_count_inc (&set->ref_count);
  return set;
}

void
rs_param_set_unref (RsParamSet *set)
{
  if (set == NULL || !g_atomic_ref_count_dec (&set->ref_count))
    return;
  rs_snapshot_unref (set->snapshot);
  g_ptr_array_unref (set->validators);
  g_ptr_array_unref (set->foreign);
  g_free (set);
}

static void
count_line (const RsValue *value,
            gpointer       data)
{
  *(gsize *)data += strlen (value->param->name) + 2 * strlen (value->value) + LINE_EXTRA;
}

/* At least what the text will take: a buffer that grew would leave secrets behind. */
static gsize
needed (const RsParamSet *set)
{
  gsize size = strlen (HEAD) + SEAL_EXTRA;

  for (guint i = 0; i < set->validators->len; i++)
    {
      const RsValidator *one = set->validators->pdata[i];

      size += 2 * (strlen (one->context) + strlen (one->etag) + strlen (one->last_modified) + strlen (one->digest))
              + strlen (one->rule_name) + 2 * LINE_EXTRA;
    }
  rs_snapshot_foreach_stored (set->snapshot, count_line, &size);
  for (guint i = 0; i < set->foreign->len; i++)
    size += strlen (set->foreign->pdata[i]) + 1;
  return size;
}

static void
append_key (GString    *out,
            const char *key,
            const char *value)
{
  g_string_append_printf (out, "%s=", key);
  rs_keyfile_append_escaped (out, value);
  g_string_append_c (out, '\n');
}

static void
append_validator (GString           *out,
                  const RsValidator *validator)
{
  g_string_append_printf (out, "[Validator %s]\n", validator->rule_name);
  append_key (out, "Context", validator->context);
  append_key (out, "ETag", validator->etag);
  append_key (out, "LastModified", validator->last_modified);
  append_key (out, "Digest", validator->digest);
  g_string_append_printf (out, "Generation=%" G_GUINT64_FORMAT "\n", validator->generation);
}

static void
append_value (const RsValue *value,
              gpointer       data)
{
  GString *out = data;

  g_string_append (out, value->param->name);
  g_string_append_c (out, '=');
  g_string_append (out, rs_origin_name (value->origin));
  g_string_append_c (out, ',');
  if (value->access != value->param->access)
    g_string_append (out, rs_access_name (value->access));
  if (value->origin != RS_ORIGIN_DEFAULT)
    {
      g_string_append_c (out, ',');
      rs_keyfile_append_escaped (out, value->value);
    }
  g_string_append_c (out, '\n');
}

GString *
rs_param_set_to_text (const RsParamSet *set)
{
  GString *out = g_string_sized_new (needed (set));

  g_string_append (out, HEAD);
  g_string_append_printf (out, "[Store]\nFormat=" FORMAT "\nGeneration=%" G_GUINT64_FORMAT "\n", set->generation);
  for (guint i = 0; i < set->validators->len; i++)
    append_validator (out, set->validators->pdata[i]);
  g_string_append (out, "[Parameters]\n");
  rs_snapshot_foreach_stored (set->snapshot, append_value, out);
  for (guint i = 0; i < set->foreign->len; i++)
    {
      g_string_append (out, set->foreign->pdata[i]);
      g_string_append_c (out, '\n');
    }
  return out;
}

/* A file being read. The entries' texts are owned here and wiped at the end. */
typedef struct
{
  GArray     *entries; /* RsStoredEntry */
  GPtrArray  *lines;   /* the line of each entry as it stands in the file */
  GPtrArray  *validators;
  guint64     generation;
  gboolean    has_format;
} Reading;

static void
reading_init (Reading *reading)
{
  memset (reading, 0, sizeof *reading);
  reading->entries = g_array_new (FALSE, FALSE, sizeof (RsStoredEntry));
  reading->lines = rs_foreign_new ();
  reading->validators = rs_validators_new ();
}

static void
reading_clear (Reading *reading)
{
  for (guint i = 0; i < reading->entries->len; i++)
    {
      const RsStoredEntry *entry = &g_array_index (reading->entries, RsStoredEntry, i);

      g_free ((char *)entry->name);
      rs_secret_free ((char *)entry->value);
    }
  g_array_unref (reading->entries);
  g_ptr_array_unref (reading->lines);
  g_ptr_array_unref (reading->validators);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

/* "origin,access" or "origin,access,value"; cuts the text at its commas. */
static gboolean
read_parameter (Reading   *reading,
                RsKeyfile *file)
{
  RsStoredEntry entry = { 0 };
  g_auto (RsSecretString) line = g_strconcat (file->key, "=", file->value, NULL);
  char *access = strchr (file->value, ','), *value;

  if (access == NULL)
    return FALSE;
  *access++ = '\0';
  value = strchr (access, ',');
  if (value != NULL)
    *value++ = '\0';
  if (!rs_origin_from_name (file->value, &entry.origin) || !rs_access_from_name (access, &entry.access)
      || (value == NULL) != (entry.origin == RS_ORIGIN_DEFAULT) || (value != NULL && !rs_keyfile_unescape (value)))
    return FALSE;
  entry.name = g_strdup (file->key);
  entry.value = g_strdup (value);
  g_array_append_val (reading->entries, entry);
  g_ptr_array_add (reading->lines, g_steal_pointer (&line));
  return TRUE;
}

static gboolean
read_store_key (Reading   *reading,
                RsKeyfile *file)
{
  if (strcmp (file->key, "Format") == 0)
    {
      reading->has_format = strcmp (file->value, FORMAT) == 0;
      return reading->has_format;
    }
  if (strcmp (file->key, "Generation") == 0)
    return rs_text_to_uint64 (file->value, 0, G_MAXUINT64 - 1, &reading->generation, NULL);
  return FALSE;
}

static gboolean
begin_validator (Reading    *reading,
                 const char *rule_name)
{
  RsValidator empty = { .rule_name = (char *)rule_name, .context = (char *)"", .etag = (char *)"",
                        .last_modified = (char *)"", .digest = (char *)"" };

  if (reading->validators->len == VALIDATORS_MAX)
    return FALSE;
  g_ptr_array_add (reading->validators, rs_validator_copy (&empty));
  return TRUE;
}

static gboolean
read_validator_key (Reading   *reading,
                    RsKeyfile *file)
{
  RsValidator *validator = reading->validators->pdata[reading->validators->len - 1];
  const struct
  {
    const char *key;
    char **text;
  } texts[] = {
    { "Context", &validator->context },
    { "ETag", &validator->etag },
    { "LastModified", &validator->last_modified },
    { "Digest", &validator->digest },
  };

  if (strcmp (file->key, "Generation") == 0)
    return rs_text_to_uint64 (file->value, 0, G_MAXUINT64 - 1, &validator->generation, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      if (strcmp (file->key, texts[i].key) != 0)
        continue;
      g_free (*texts[i].text);
      *texts[i].text = g_strdup (file->value);
      return rs_keyfile_unescape (*texts[i].text);
    }
  return FALSE;
}

static const char *
validator_group (const char *group)
{
  return g_str_has_prefix (group, "Validator ") ? group + strlen ("Validator ") : NULL;
}

static gboolean
read_token (Reading       *reading,
            RsKeyfile     *file,
            RsKeyfileToken token)
{
  const char *rule_name;

  if (token == RS_KEYFILE_FAULT)
    return FALSE;
  rule_name = validator_group (file->group);
  if (token == RS_KEYFILE_GROUP)
    return rule_name == NULL || begin_validator (reading, rule_name);
  if (rule_name != NULL)
    return read_validator_key (reading, file);
  if (strcmp (file->group, "Parameters") == 0)
    return read_parameter (reading, file);
  return strcmp (file->group, "Store") == 0 && read_store_key (reading, file);
}

/* Whether an entry has become part of the snapshot, or another of that parameter has. */
static gboolean
is_taken (RsSnapshot          *snapshot,
          const RsStoredEntry *entry)
{
  RsValue value;

  if (!entry->left_out)
    return TRUE;
  return rs_snapshot_lookup (snapshot, entry->name, &value)
         && (entry->value == NULL || value.origin != RS_ORIGIN_DEFAULT);
}

/* The values that were refused, one by one as far as it makes sense, and how many names are not known. */
static void
warn (GPtrArray *faults,
      guint      n_foreign,
      GPtrArray *warnings)
{
  guint said = 0;

  for (guint i = 0; i < faults->len && said < WARNINGS_MAX; i++)
    {
      const RsFault *fault = faults->pdata[i];

      if (fault->kind != RS_FAULT_WARNING)
        continue;
      g_ptr_array_add (warnings, g_strdup_printf ("a stored value is kept but not used: %s", fault->message));
      said++;
    }
  if (n_foreign > said)
    g_ptr_array_add (warnings,
                     g_strdup_printf ("%u stored parameters are kept but not used: the catalogue does not know "
                                      "them or not their values",
                                      n_foreign - said));
}

static RsParamSet *
finish (Reading     *reading,
        RsCatalogue *catalogue,
        GPtrArray   *warnings)
{
  g_autoptr (GPtrArray) faults = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_fault_free);
  RsStoredEntry *entries = (RsStoredEntry *)(gpointer)reading->entries->data;
  GPtrArray *foreign = rs_foreign_new ();
  RsSnapshot *snapshot = rs_snapshot_from_stored (catalogue, entries, reading->entries->len, faults);

  for (guint i = 0; i < reading->entries->len; i++)
    {
      if (!is_taken (snapshot, &entries[i]))
        g_ptr_array_add (foreign, g_steal_pointer (&reading->lines->pdata[i]));
    }
  warn (faults, foreign->len, warnings);
  return rs_param_set_new (snapshot, g_ptr_array_ref (reading->validators), foreign, reading->generation);
}

RsParamSet *
rs_param_set_from_text (RsCatalogue *catalogue,
                        const char  *text,
                        gsize        length,
                        GPtrArray   *warnings,
                        GError     **error)
{
  g_auto (RsKeyfile) file = { 0 };
  g_auto (Reading) reading = { 0 };
  RsKeyfileToken token;

  reading_init (&reading);
  rs_keyfile_init (&file, text, length);
  while ((token = rs_keyfile_next (&file)) != RS_KEYFILE_END)
    {
      if (!read_token (&reading, &file, token))
        {
          g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "line %u is none of a parameter file", file.line);
          return NULL;
        }
    }
  if (!reading.has_format)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_CORRUPT, "it does not say its format");
      return NULL;
    }
  return finish (&reading, catalogue, warnings);
}

GPtrArray *
rs_foreign_beside (GPtrArray  *foreign,
                   RsSnapshot *snapshot)
{
  g_autoptr (GPtrArray) kept = rs_foreign_new ();

  for (guint i = 0; i < foreign->len; i++)
    {
      const char *line = foreign->pdata[i];
      g_autofree char *name = g_strndup (line, strcspn (line, "="));
      RsValue value;

      if (!rs_snapshot_lookup (snapshot, name, &value) || value.origin == RS_ORIGIN_DEFAULT)
        g_ptr_array_add (kept, g_strdup (line));
    }
  return kept->len == foreign->len ? g_ptr_array_ref (foreign) : g_steal_pointer (&kept);
}
