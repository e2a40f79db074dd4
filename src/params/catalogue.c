/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The catalogue itself: a sorted array of all expanded parameters over one pool of strings. It is read all day and
 * built once, so it is kept small (some 400 KB for 3500 parameters) and searched by halving. */
#include "params/catalogue-private.h"

#include "base/error.h"

#include <string.h>

#define NEAR_MAX 4
#define NAME_BUFFER 260

static const char *const type_names[] = {
  [RS_TYPE_STRING] = "string",     [RS_TYPE_TEXT] = "text", [RS_TYPE_PASSWORD] = "password", [RS_TYPE_BOOL] = "bool",
  [RS_TYPE_INT] = "int",           [RS_TYPE_ENUM] = "enum", [RS_TYPE_INTLIST] = "intlist",   [RS_TYPE_IP] = "ip",
  [RS_TYPE_HOSTPORT] = "hostport", [RS_TYPE_URL] = "url",   [RS_TYPE_RULE] = "rule",         [RS_TYPE_TIME] = "time",
};

static const char *const access_names[] = {
  [RS_ACCESS_UNSET] = "",
  [RS_ACCESS_NA] = "na",
  [RS_ACCESS_RO] = "ro",
  [RS_ACCESS_RW] = "rw",
};

const char *
rs_param_type_name (RsParamType type)
{
  return (guint)type < G_N_ELEMENTS (type_names) ? type_names[type] : "";
}

const char *
rs_access_name (RsAccess access)
{
  return (guint)access < G_N_ELEMENTS (access_names) ? access_names[access] : "";
}

gboolean
rs_access_from_name (const char *name,
                     RsAccess   *access)
{
  for (guint i = 0; i < G_N_ELEMENTS (access_names); i++)
    {
      if (g_strcmp0 (access_names[i], name) == 0)
        {
          *access = i;
          return TRUE;
        }
    }
  return FALSE;
}

/* While the catalogue is built: a name, and the entry that makes it. */
typedef struct
{
  const char    *name;
  const RsEntry *entry;
  guint          order; /* of the entry, or of the alias within all */
  guint          member;
} Name;

typedef struct
{
  RsCatalogue *catalogue;
  GHashTable  *interned;    /* text → text in the pool */
  GHashTable  *constraints; /* entry's type and range as a text → RsConstraint */
  GString     *buffer;
} Build;

static const char *
intern (Build      *build,
        const char *text)
{
  const char *known = g_hash_table_lookup (build->interned, text);

  if (known == NULL)
    {
      known = g_string_chunk_insert (build->catalogue->strings, text);
      g_hash_table_add (build->interned, (gpointer)known);
    }
  return known;
}

static RsConstraint *
intern_constraint (Build         *build,
                   const RsEntry *entry,
                   const char    *range)
{
  g_autofree char *key = g_strdup_printf ("%d %s", entry->type, range);
  RsConstraint *constraint = g_hash_table_lookup (build->constraints, key);

  if (constraint == NULL)
    {
      constraint = g_memdup2 (&entry->constraint, sizeof entry->constraint);
      if (constraint->words != NULL)
        constraint->words = range + (entry->constraint.words - entry->range);
      g_ptr_array_add (build->catalogue->constraints, constraint);
      g_hash_table_insert (build->constraints, g_steal_pointer (&key), constraint);
    }
  return constraint;
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  const Name *x = a, *y = b;
  int order = strcmp (x->name, y->name);

  return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

/* Sorts, and keeps of equal names the last. */
static void
sort_names (GArray *names)
{
  guint kept = 0;

  g_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      const Name *name = &g_array_index (names, Name, i);

      if (kept > 0 && strcmp (g_array_index (names, Name, kept - 1).name, name->name) == 0)
        kept--;
      g_array_index (names, Name, kept++) = *name;
    }
  g_array_set_size (names, kept);
}

static void
expand (Build      *build,
        GArray     *names,
        const char *pattern,
        Name        name)
{
  guint n = rs_index_size (&name.entry->index);

  for (name.member = 0; name.member < n; name.member++)
    {
      if (!rs_index_expand (&name.entry->index, pattern, name.member, build->buffer))
        continue;
      name.name = g_string_chunk_insert (build->catalogue->strings, build->buffer->str);
      g_array_append_val (names, name);
    }
}

static void
fill_param (Build      *build,
            RsParam    *param,
            const Name *name)
{
  const RsEntry *entry = name->entry;

  param->name = name->name;
  param->range = intern (build, entry->range);
  param->tab = intern (build, entry->tab);
  param->section = intern (build, entry->section);
  param->summary = intern (build, entry->summary);
  param->constraint = intern_constraint (build, entry, param->range);
  param->type = entry->type;
  param->access = entry->access;
  param->secret = entry->secret;
  param->reboot = entry->reboot;
  param->default_value = "";
  if (entry->index.n > 0 && strchr (entry->default_value, '{') != NULL)
    {
      g_autofree char *normal = NULL;

      rs_index_expand (&entry->index, entry->default_value, name->member, build->buffer);
      /* was legal when the entry was read */
      normal = rs_param_normalize (param, build->buffer->str, NULL);
      param->default_value = intern (build, normal != NULL ? normal : "");
    }
  else
    param->default_value = intern (build, entry->default_value);
}

static void
build_params (Build     *build,
              GPtrArray *entries)
{
  g_autoptr (GArray) names = g_array_new (FALSE, FALSE, sizeof (Name));
  RsCatalogue *catalogue = build->catalogue;

  for (guint i = 0; i < entries->len; i++)
    {
      const RsEntry *entry = entries->pdata[i];

      if (entry == NULL)
        continue;
      catalogue->n_entries++;
      expand (build, names, entry->pattern, (Name){ .entry = entry, .order = i });
    }
  sort_names (names);
  catalogue->n_params = names->len;
  catalogue->params = g_new (RsParam, names->len);
  for (guint i = 0; i < names->len; i++)
    fill_param (build, &catalogue->params[i], &g_array_index (names, Name, i));
}

/* The place of a parameter by its own name, or -1. */
static gint64
find_place (RsCatalogue *catalogue,
            const char  *name)
{
  guint low = 0, high = catalogue->n_params;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      int order = strcmp (catalogue->params[middle].name, name);

      if (order == 0)
        return middle;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return -1;
}

static void
build_aliases (Build     *build,
               GPtrArray *entries)
{
  g_autoptr (GArray) names = g_array_new (FALSE, FALSE, sizeof (Name));
  RsCatalogue *catalogue = build->catalogue;

  for (guint i = 0; i < entries->len; i++)
    {
      const RsEntry *entry = entries->pdata[i];

      for (guint j = 0; entry != NULL && entry->aliases != NULL && entry->aliases[j] != NULL; j++)
        expand (build, names, entry->aliases[j], (Name){ .entry = entry, .order = i });
    }
  sort_names (names);
  /* never NULL: it is searched also where there are none */
  catalogue->aliases = g_new (RsAlias, MAX (names->len, 1));
  for (guint i = 0; i < names->len; i++)
    {
      const Name *name = &g_array_index (names, Name, i);
      gint64 place;

      rs_index_expand (&name->entry->index, name->entry->pattern, name->member, build->buffer);
      place = find_place (catalogue, build->buffer->str);
      /* a parameter's own name is never another's alias */
      if (place < 0 || find_place (catalogue, name->name) >= 0)
        continue;
      catalogue->aliases[catalogue->n_aliases++] = (RsAlias){ name->name, place };
    }
}

static void
digest_text (GChecksum  *checksum,
             const char *text)
{
  g_checksum_update (checksum, (const guchar *)text, strlen (text) + 1);
}

static char *
make_digest (RsCatalogue *catalogue)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < catalogue->n_params; i++)
    {
      digest_text (checksum, catalogue->params[i].name);
      digest_text (checksum, rs_param_type_name (catalogue->params[i].type));
      digest_text (checksum, catalogue->params[i].default_value);
      digest_text (checksum, catalogue->params[i].range);
    }
  for (guint i = 0; i < catalogue->n_aliases; i++)
    {
      digest_text (checksum, catalogue->aliases[i].name);
      digest_text (checksum, catalogue->params[catalogue->aliases[i].param].name);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

RsCatalogue *
rs_catalogue_new (GPtrArray *entries)
{
  RsCatalogue *catalogue = g_new0 (RsCatalogue, 1);
  Build build = { .catalogue = catalogue };

  g_atomic_ref_count_init (&catalogue->ref_count);
  catalogue->strings = g_string_chunk_new (16384);
  catalogue->constraints = g_ptr_array_new_with_free_func (g_free);
  build.interned = g_hash_table_new (g_str_hash, g_str_equal);
  build.constraints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  build.buffer = g_string_sized_new (NAME_BUFFER);
  build_params (&build, entries);
  build_aliases (&build, entries);
  catalogue->digest = make_digest (catalogue);
  g_hash_table_unref (build.interned);
  g_hash_table_unref (build.constraints);
  g_string_free (build.buffer, TRUE);
  return catalogue;
}

RsCatalogue *
rs_catalogue_ref (RsCatalogue *catalogue)
{
  g_atomic_ref_count_inc (&catalogue->ref_count);
  return catalogue;
}

void
rs_catalogue_unref (RsCatalogue *catalogue)
{
  if (catalogue == NULL || !g_atomic_ref_count_dec (&catalogue->ref_count))
    return;
  g_free (catalogue->params);
  g_free (catalogue->aliases);
  g_string_chunk_free (catalogue->strings);
  g_ptr_array_unref (catalogue->constraints);
  g_free (catalogue->digest);
  g_free (catalogue);
}

static int
compare_alias (const void *name,
               const void *alias)
{
  return strcmp (name, ((const RsAlias *)alias)->name);
}

const RsParam *
rs_catalogue_find (RsCatalogue *catalogue,
                   const char  *name)
{
  gint64 place = find_place (catalogue, name);
  const RsAlias *alias;

  if (place >= 0)
    return &catalogue->params[place];
  alias = bsearch (name, catalogue->aliases, catalogue->n_aliases, sizeof (RsAlias), compare_alias);
  return alias != NULL ? &catalogue->params[alias->param] : NULL;
}

const RsParam *
rs_catalogue_find_next (RsCatalogue    *catalogue,
                        const char     *name,
                        const RsParam **last)
{
  const RsParam *next = *last != NULL ? *last + 1 : catalogue->params;

  if (next == catalogue->params + catalogue->n_params || strcmp (next->name, name) != 0)
    next = rs_catalogue_find (catalogue, name);
  if (next != NULL)
    *last = next;
  return next;
}

GPtrArray *
rs_catalogue_list (RsCatalogue *catalogue,
                   const char  *prefix)
{
  GPtrArray *list = g_ptr_array_new ();
  gsize length = strlen (prefix);
  guint low = 0, high = catalogue->n_params;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (strcmp (catalogue->params[middle].name, prefix) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  for (; low < catalogue->n_params && strncmp (catalogue->params[low].name, prefix, length) == 0; low++)
    g_ptr_array_add (list, &catalogue->params[low]);
  return list;
}

/* Letters changed, left out or put in between the texts, counted up to max; more: max + 1. Only the cells within max of
 * the diagonal are filled. */
static guint
distance (const char *a,
          gsize       n,
          const char *b,
          gsize       m,
          guint       max)
{
  guint8 rows[2][NAME_BUFFER];

  if ((n > m ? n - m : m - n) > max)
    return max + 1;
  for (gsize j = 0; j <= m; j++)
    rows[0][j] = MIN (j, max + 1);
  for (gsize i = 1; i <= n; i++)
    {
      guint8 *above = rows[(i - 1) & 1], *row = rows[i & 1];
      gsize from = i > max ? i - max : 1, to = MIN (m, i + max);
      guint least = max + 1;

      row[from - 1] = from == 1 ? MIN (i, max + 1) : max + 1;
      for (gsize j = from; j <= to; j++)
        {
          /* outside the band above nothing was filled in */
          guint up = j <= i - 1 + max ? above[j] + 1u : max + 1;
          guint across = above[j - 1] + (a[i - 1] != b[j - 1] ? 1u : 0u);
          guint cost = MIN (across, MIN (up, row[j - 1] + 1u));

          row[j] = MIN (cost, max + 1);
          least = MIN (least, row[j]);
        }
      if (least > max)
        return max + 1;
    }
  return rows[n & 1][m];
}

/* A search for the nearest name: what is wrong, and the best so far. */
typedef struct
{
  const char *name;
  gsize       length;
  guint       best; /* steps that found is away; one more than allowed where there is none */
  const char *found;
} Nearest;

/* TRUE: none can be nearer. */
static gboolean
consider (Nearest    *nearest,
          const char *known)
{
  guint steps;

  if (g_ascii_strcasecmp (known, nearest->name) == 0)
    {
      nearest->found = known;
      return TRUE;
    }
  if (nearest->best <= 1)
    return FALSE;
  steps = distance (nearest->name, nearest->length, known, strlen (known), nearest->best - 1);
  if (steps < nearest->best)
    {
      nearest->best = steps;
      nearest->found = known;
    }
  return FALSE;
}

const char *
rs_catalogue_nearest (RsCatalogue *catalogue,
                      const char  *name)
{
  gsize length = strnlen (name, NAME_BUFFER);
  Nearest nearest = { name, length, MIN (NEAR_MAX, length / 3) + 1, NULL };

  if (length >= NAME_BUFFER)
    return NULL;
  for (guint i = 0; i < catalogue->n_params; i++)
    {
      if (consider (&nearest, catalogue->params[i].name))
        return nearest.found;
    }
  for (guint i = 0; i < catalogue->n_aliases; i++)
    {
      if (consider (&nearest, catalogue->aliases[i].name))
        return nearest.found;
    }
  return nearest.found;
}

guint
rs_catalogue_size (RsCatalogue *catalogue)
{
  return catalogue->n_params;
}

guint
rs_catalogue_n_entries (RsCatalogue *catalogue)
{
  return catalogue->n_entries;
}

const char *
rs_catalogue_digest (RsCatalogue *catalogue)
{
  return catalogue->digest;
}
