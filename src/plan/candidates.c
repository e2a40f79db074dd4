/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where an unprovisioned phone looks. A hint becomes its list of URLs when it is added; what the servers did
 * decides, one after another, which of them is worth a try. (DISC-1, DISC-4, DISC-7, DISC-14) */
#include "plan/candidates.h"

#include "base/error.h"
#include "base/host.h"
#include "base/mask.h"
#include "base/secret.h"
#include "base/text.h"

#include <string.h>

/* Every one costs a round trip or a time-out; far more than any sensible set of options or records names. */
#define MAX_CANDIDATES 256

typedef struct
{
  RsCandidate *candidate;
  char        *key;     /* the URL as a whole, with userinfo, and the server that is asked */
  char        *service; /* scheme, host and port, and the server that is asked */
} Entry;

/* Whom a candidate is of. */
typedef struct
{
  const char *source;
  const char *server;     /* scheme, "://", host and port, not expanded */
  const char *srv_target; /* as of RsCandidate */
} Place;

struct _RsCandidates
{
  char          **default_paths;
  const RsMacros *macros;
  gint64          budget;
  GPtrArray      *entries; /* Entry */
  guint           position;
  char           *source; /* of the last candidate; NULL: none yet */
  gint64          source_began;
  const RsCandidate *last; /* that was given, borrowed; NULL: none was */
  GHashTable     *tried;   /* keys, borrowed from entries */
  GHashTable     *silent;  /* services */
  GPtrArray      *late;    /* char *: sources whose time was over before their end */
  guint           limit;   /* of the entries */
  gboolean        full;
};

void
rs_candidate_free (RsCandidate *candidate)
{
  if (candidate == NULL)
    return;
  g_free (candidate->source);
  rs_url_free (candidate->url);
  g_free (candidate->path_text);
  g_free (candidate->srv_target);
  g_free (candidate);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  rs_candidate_free (entry->candidate);
  rs_secret_free (entry->key);
  g_free (entry->service);
  g_free (entry);
}

/* Who loses its other paths where one of them has no answer. target: as of RsCandidate, "" none. */
static char *
service_of (const RsUrl *url,
            const char  *target)
{
  return g_strdup_printf ("%s://[%s]:%u %s", rs_scheme_name (url->scheme), url->host, url->port, target);
}

static Entry *
entry_new (const Place *place,
           RsUrl       *url,
           const char  *path_text)
{
  Entry *entry = g_new (Entry, 1);
  RsCandidate *candidate = g_new (RsCandidate, 1);
  g_autofree char *text = rs_url_to_string (url);
  const char *target = place->srv_target != NULL ? place->srv_target : "";

  *candidate = (RsCandidate){
    .source = g_strdup (place->source),
    .url = url,
    .path_text = g_strdup (path_text),
    .srv_target = g_strdup (place->srv_target),
  };
  entry->candidate = candidate;
  entry->key = g_strdup_printf ("%s %s %s %s", text, url->user != NULL ? url->user : "",
                                url->password != NULL ? url->password : "", target);
  entry->service = service_of (url, target);
  return entry;
}

RsCandidates *
rs_candidates_new (const char *const *default_paths,
                   const RsMacros    *macros,
                   gint64             budget)
{
  RsCandidates *candidates = g_new0 (RsCandidates, 1);
  candidates->default_paths = g_strdupv ((char **) default_paths);
  candidates->macros = macros;
  candidates->budget = budget;
  candidates->entries = g_ptr_array_new_with_free_func (entry_free);
  candidates->tried = g_hash_table_new (g_str_hash, g_str_equal);
  candidates->silent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  candidates->late = g_ptr_array_new_with_free_func (g_free);
  candidates->limit = MAX_CANDIDATES;
  return candidates;
}

void
rs_candidates_free (RsCandidates *candidates)
{
  if (candidates == NULL)
    return;
  g_hash_table_unref (candidates->tried);
  g_hash_table_unref (candidates->silent);
  g_ptr_array_unref (candidates->late);
  g_ptr_array_unref (candidates->entries);
  g_strfreev (candidates->default_paths);
  g_free (candidates->source);
  g_free (candidates);
}

static void
warn (GPtrArray  *warnings,
      const char *source,
      const char *text,
      const char *problem)
{
  if (warnings == NULL)
    return;
  g_autofree char *shown = rs_mask_url (text);
  g_ptr_array_add (warnings, g_strdup_printf ("%s: %s is passed over: %s", source, shown, problem));
}

static gboolean
has_entry (const RsCandidates *candidates,
           const Entry        *entry)
{
  for (guint i = 0; i < candidates->entries->len; i++)
    {
      const Entry *other = g_ptr_array_index (candidates->entries, i);
      /* the same URL of another source stays: this source may have no time left for it */
      if (strcmp (other->candidate->source, entry->candidate->source) == 0 && strcmp (other->key, entry->key) == 0)
        return TRUE;
    }
  return FALSE;
}

static RsUrl *
read_url (const RsCandidates *candidates,
          const char         *text,
          GError            **error)
{
  g_autoptr (RsUrl) url = rs_url_expand (text, candidates->macros, error);
  if (url == NULL)
    return NULL;
  if (url->scheme == RS_SCHEME_GDS || url->host == NULL)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, "it names no server");
      return NULL;
    }
  return g_steal_pointer (&url);
}

/* path: with its query, not expanded. */
static gboolean
add_url (RsCandidates *candidates,
         const Place  *place,
         const char   *path,
         GPtrArray    *warnings)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strconcat (place->server, path, NULL);

  RsUrl *url = read_url (candidates, text, &error);
  if (url == NULL)
    {
      warn (warnings, place->source, text, error->message);
      return FALSE;
    }
  Entry *entry = entry_new (place, url, path);
  if (has_entry (candidates, entry))
    {
      entry_free (entry);
      return TRUE;
    }
  if (candidates->entries->len == candidates->limit)
    {
      if (!candidates->full)
        warn (warnings, place->source, text, "there are more than " G_STRINGIFY (MAX_CANDIDATES) " URLs to try already");
      candidates->full = TRUE;
      entry_free (entry);
      return TRUE;
    }
  g_ptr_array_add (candidates->entries, entry);
  return TRUE;
}

/* Says once, and not for each path, that a server is none. */
static gboolean
check_server (RsCandidates *candidates,
              const Place  *place,
              GPtrArray    *warnings)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strconcat (place->server, "/", NULL);
  g_autoptr (RsUrl) url = read_url (candidates, text, &error);
  if (url == NULL)
    warn (warnings, place->source, place->server, error->message);
  return url != NULL;
}

/* Each default path below directory ("" or "/…" without a slash at its end), before the query. */
static gboolean
add_default_paths (RsCandidates *candidates,
                   const Place  *place,
                   const char   *directory,
                   const char   *query,
                   GPtrArray    *warnings)
{
  gboolean added = FALSE;
  for (guint i = 0; candidates->default_paths != NULL && candidates->default_paths[i] != NULL; i++)
    {
      const char *path = candidates->default_paths[i];
      g_autofree char *whole = g_strconcat (directory, path[0] == '/' ? "" : "/", path, query, NULL);
      added |= add_url (candidates, place, whole, warnings);
    }
  return added;
}

static gboolean
add_written (RsCandidates *candidates,
             const char   *source,
             gboolean      as_it_is,
             const char   *text,
             GPtrArray    *warnings)
{
  const char *separator = strstr (text, "://");
  const char *authority = separator != NULL ? separator + 3 : text;
  const char *path = authority + strcspn (authority, "/?");
  const char *query = path + strcspn (path, "?");
  g_autofree char *server = g_strndup (text, path - text);
  g_autofree char *directory = g_strndup (path, query - path);
  const Place place = { .source = source, .server = server };
  gboolean added = FALSE;

  if (!check_server (candidates, &place, warnings))
    return FALSE;
  as_it_is = as_it_is && path[0] != '\0' && strcmp (path, "/") != 0;
  if (as_it_is)
    {
      g_autofree char *whole = g_strconcat (path[0] == '?' ? "/" : "", path, NULL);
      added = add_url (candidates, &place, whole, warnings);
      if (!added)
        return FALSE; /* nor would a longer one be a URL */
    }
  for (gsize length = strlen (directory); length > 0 && directory[length - 1] == '/'; length--)
    directory[length - 1] = '\0';
  return add_default_paths (candidates, &place, directory, query, warnings) || added;
}

static gboolean
add_host (RsCandidates *candidates,
          const char   *source,
          const char   *text,
          GPtrArray    *warnings)
{
  static const RsScheme schemes[] = { RS_SCHEME_TFTP, RS_SCHEME_HTTP, RS_SCHEME_HTTPS };
  gboolean added = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      g_autofree char *server = g_strconcat (rs_scheme_name (schemes[i]), "://", text, NULL);
      const Place place = { .source = source, .server = server };
      if (i == 0 && !check_server (candidates, &place, warnings))
        return FALSE;
      added |= add_default_paths (candidates, &place, "", "", warnings);
    }
  return added;
}

gboolean
rs_candidates_add (RsCandidates   *candidates,
                   const char     *source,
                   RsCandidateKind kind,
                   const char     *text,
                   GPtrArray      *warnings)
{
  if (kind != RS_CANDIDATE_HOST)
    return add_written (candidates, source, kind == RS_CANDIDATE_URL, text, warnings);
  if (text[strcspn (text, "/?@")] != '\0')
    {
      warn (warnings, source, text, "expected a host");
      return FALSE;
    }
  return add_host (candidates, source, text, warnings);
}

/* "https://pr1.example.com:5060" and nothing else. */
static RsUrl *
read_srv_server (const char *text,
                 GError    **error)
{
  g_autoptr (RsUrl) url = rs_url_parse (text, error);
  if (url == NULL)
    return NULL;
  if ((url->scheme == RS_SCHEME_HTTP || url->scheme == RS_SCHEME_HTTPS) && url->host != NULL && !rs_host_is_address (url->host)
      && url->port_given && url->user == NULL && strcmp (url->path, "/") == 0)
    return g_steal_pointer (&url);
  g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "expected http or https, a name and a port");
  return NULL;
}

gboolean
rs_candidates_add_srv (RsCandidates *candidates,
                       const char   *domain,
                       const char   *server,
                       GPtrArray    *warnings)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RsUrl) url = read_srv_server (server, &error);
  if (url == NULL || !rs_host_is_valid (domain) || rs_host_is_address (domain))
    {
      warn (warnings, RS_CANDIDATE_SRV, server, url == NULL ? error->message : "the domain has no name");
      return FALSE;
    }
  g_autofree char *target = g_strdup_printf ("%s:%u", url->host, url->port);
  g_autofree char *asked = g_strconcat (rs_scheme_name (url->scheme), "://", domain, NULL);
  const Place place = { .source = RS_CANDIDATE_SRV, .server = asked, .srv_target = target };
  return add_default_paths (candidates, &place, "", "", warnings);
}

static void
begin_source (RsCandidates *candidates,
              const char   *source,
              gint64        now)
{
  if (candidates->source != NULL && strcmp (candidates->source, source) == 0)
    return;
  g_free (candidates->source);
  candidates->source = g_strdup (source);
  candidates->source_began = now;
}

void
rs_candidates_begin (RsCandidates *candidates,
                     const char   *source,
                     gint64        now)
{
  begin_source (candidates, source, now);
  candidates->limit = candidates->entries->len + MAX_CANDIDATES;
  candidates->full = FALSE;
}

static gboolean
is_worth_a_try (RsCandidates *candidates,
                const Entry  *entry,
                gint64        now)
{
  const char *source = entry->candidate->source;
  if (g_hash_table_contains (candidates->tried, entry->key)
      || g_hash_table_contains (candidates->silent, entry->service))
    return FALSE;
  begin_source (candidates, source, now);
  if (now - candidates->source_began < candidates->budget)
    return TRUE;
  if (!g_ptr_array_find_with_equal_func (candidates->late, source, g_str_equal, NULL))
    g_ptr_array_add (candidates->late, g_strdup (source));
  return FALSE;
}

GPtrArray *
rs_candidates_take_late (RsCandidates *candidates)
{
  GPtrArray *late = candidates->late;

  candidates->late = g_ptr_array_new_with_free_func (g_free);
  return late;
}

RsCandidate *
rs_candidates_next (RsCandidates *candidates,
                    gint64        now)
{
  while (candidates->position < candidates->entries->len)
    {
      const Entry *entry = g_ptr_array_index (candidates->entries, candidates->position++);
      if (!is_worth_a_try (candidates, entry, now))
        continue;
      g_hash_table_add (candidates->tried, entry->key);
      candidates->last = entry->candidate;
      RsCandidate *given = g_new (RsCandidate, 1);
      *given = (RsCandidate){
        .source = g_strdup (entry->candidate->source),
        .url = rs_url_copy (entry->candidate->url),
        .path_text = g_strdup (entry->candidate->path_text),
        .srv_target = g_strdup (entry->candidate->srv_target),
      };
      return given;
    }
  return NULL;
}

static void
leave_out (RsCandidates *candidates,
           const RsUrl  *url,
           const char   *target,
           RsTryResult   result)
{
  static const RsScheme schemes[] = { RS_SCHEME_TFTP, RS_SCHEME_HTTP, RS_SCHEME_HTTPS };
  RsUrl other = *url;

  g_hash_table_add (candidates->silent, service_of (url, target));
  if (result != RS_TRY_BUSY || target[0] != '\0' || url->port != rs_scheme_port (url->scheme))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      other.scheme = schemes[i];
      other.port = rs_scheme_port (schemes[i]);
      g_hash_table_add (candidates->silent, service_of (&other, ""));
    }
}

gint64
rs_candidates_left (const RsCandidates *candidates,
                    gint64              now)
{
  return MAX (candidates->budget - (now - candidates->source_began), 0);
}

void
rs_candidates_leave_out (RsCandidates *candidates,
                         const RsUrl  *url,
                         RsTryResult   result)
{
  if (result != RS_TRY_FAILED)
    leave_out (candidates, url, "", result);
}

void
rs_candidates_report (RsCandidates *candidates,
                      RsTryResult   result)
{
  const RsCandidate *last = candidates->last;

  if (result != RS_TRY_FAILED && last != NULL)
    leave_out (candidates, last->url, last->srv_target != NULL ? last->srv_target : "", result);
}
