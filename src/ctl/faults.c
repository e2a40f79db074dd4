/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The faults of a profile, by the code that the phone reads it with: what is corrupt, what the catalogue refuses, which
 * rules would fail once they are followed. */
#include "config.h"

#include "ctl/checking.h"

#include "base/error.h"
#include "base/text.h"
#include "plan/schedule.h"
#include "rule/url.h"
#include "rule/version.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_FOUND 1000
#define SHOWN_MAX 80

const char *
rs_found_kind_name (RsFoundKind kind)
{
  static const char *const names[RS_FOUND_KINDS] = {
    [RS_FOUND_UNREADABLE] = "unreadable",
    [RS_FOUND_CORRUPT] = "corrupt",
    [RS_FOUND_PASSED_OVER] = "passed-over",
    [RS_FOUND_UNKNOWN_NAME] = "unknown-name",
    [RS_FOUND_BAD_VALUE] = "bad-value",
    [RS_FOUND_BAD_RULE] = "bad-rule",
    [RS_FOUND_DUPLICATE] = "duplicate",
    [RS_FOUND_CLEAR_TEXT] = "clear-text",
    [RS_FOUND_UNKNOWN_MACRO] = "unknown-macro",
    [RS_FOUND_BAD_ALIAS_MAP] = "bad-alias-map",
    [RS_FOUND_RAISED] = "raised",
    [RS_FOUND_CONSTANT] = "constant",
  };

  return names[kind];
}

static void
found_free (gpointer data)
{
  RsFound *found = data;

  g_free (found->name);
  g_free (found->message);
  g_free (found);
}

void
rs_findings_free (RsFindings *findings)
{
  g_ptr_array_unref (findings->faults);
  g_free (findings);
}

guint
rs_findings_left_out (const RsFindings *findings)
{
  return findings->errors + findings->warnings - findings->faults->len;
}

/* What is listed rather than others, from 0. */
static guint
rank_of (RsFoundKind kind,
         gboolean    error)
{
  if (error)
    return 0;
  return kind == RS_FOUND_CLEAR_TEXT ? 1 : 2;
}

/* Counts one more. FALSE: there are as many of its rank as may be listed at all, so that nothing more need be found out about it. */
static gboolean
count (RsFindings *findings,
       RsFoundKind kind,
       gboolean    error)
{
  findings->ok = findings->ok && !error;
  findings->errors += error;
  findings->warnings += !error;
  return ++findings->of_rank[rank_of (kind, error)] <= MAX_FOUND;
}

/* Takes message. */
static RsFound *
list (RsFindings *findings,
      RsFoundKind kind,
      gboolean    error,
      const char *name,
      char       *message)
{
  RsFound *found = g_new0 (RsFound, 1);

  found->kind = kind;
  found->error = error;
  found->name = rs_text_escape (name, SHOWN_MAX);
  found->message = message;
  g_ptr_array_add (findings->faults, found);
  return found;
}

RsFound *
rs_checking_add (RsChecking         *checking,
                 const RsAssignment *assignment,
                 guint               character,
                 RsFoundKind         kind,
                 gboolean            error,
                 const char         *format,
                 ...)
{
  RsFound *found;
  va_list args;

  if (!count (checking->findings, kind, error))
    return NULL;
  va_start (args, format);
  found = list (checking->findings, kind, error, assignment->name, g_strdup_vprintf (format, args));
  va_end (args);
  found->line = assignment->line;
  found->column = assignment->column;
  /* where there is no such character any more, something is missing at its end */
  if (character > 0 && !rs_profile_locate (checking->profile, assignment, character, &found->line, &found->column)
      && character > 1 && rs_profile_locate (checking->profile, assignment, character - 1, &found->line, &found->column))
    found->column++;
  return found;
}

void
rs_checking_add_unknown (RsChecking         *checking,
                         const RsAssignment *assignment,
                         guint               character,
                         const char         *name)
{
  g_autofree char *shown = rs_text_escape (name, SHOWN_MAX);
  RsFound *found = rs_checking_add (checking, assignment, character, RS_FOUND_UNKNOWN_NAME, FALSE,
                                    _("“%s” is no parameter of this phone"), shown);

  if (found == NULL)
    return;
  g_free (found->name);
  found->name = g_steal_pointer (&shown);
  found->suggestion = rs_catalogue_nearest (checking->catalogue, name);
}

static gint
by_place (gconstpointer a,
          gconstpointer b)
{
  const RsFound *first = *(RsFound *const *) a, *second = *(RsFound *const *) b;

  if (first->line != second->line)
    return first->line < second->line ? -1 : 1;
  return first->column < second->column ? -1 : first->column > second->column;
}

/* The order of the file; where there are too many, those of the last rank go, from the end of the file on. */
static void
finish (RsFindings *findings)
{
  GPtrArray *faults = findings->faults;

  g_ptr_array_sort (faults, by_place);
  for (guint rank = RS_FOUND_RANKS; rank-- > 0;)
    {
      for (guint i = faults->len; i > 0 && faults->len > MAX_FOUND; i--)
        {
          const RsFound *found = g_ptr_array_index (faults, i - 1);

          if (rank_of (found->kind, found->error) == rank)
            g_ptr_array_remove_index (faults, i - 1);
        }
    }
}

/* An element of a list that is none by itself. */
static gboolean
is_bad (const RsParam *param,
        const char    *element)
{
  g_autofree char *normal = element[0] != '\0' ? rs_param_normalize (param, element, NULL) : NULL;

  return normal == NULL;
}

/* SCHED-4 */
static gboolean
is_raised (const RsParam *param,
           const char    *element)
{
  g_autoptr (RsDelayList) delay = rs_delay_list_parse (element, NULL);

  return delay != NULL && rs_delay_list_raise (delay);
}

/* The character of a list's first element that is so; 0: none is. */
static guint
find_element (const RsParam *param,
              const char    *value,
              gboolean     (*is_so) (const RsParam *param,
                                 const char    *element))
{
  g_auto (GStrv) elements = g_strsplit (value, ",", -1);
  guint character = 1;

  for (guint i = 0; elements[i] != NULL; i++)
    {
      g_autofree char *element = g_strstrip (g_strdup (elements[i]));

      if (is_so (param, element))
        return character + (guint) strspn (elements[i], " ");
      character += (guint) g_utf8_strlen (elements[i], -1) + 1;
    }
  return 0;
}

static void
check_delays (RsChecking         *checking,
              const RsAssignment *assignment,
              const RsParam      *param)
{
  guint character = strcmp (param->name, "Resync_Error_Retry_Delay") == 0 ? find_element (param, assignment->value, is_raised) : 0;

  if (character > 0)
    rs_checking_add (checking, assignment, character, RS_FOUND_RAISED, FALSE, _("%s: delays from 1 to 59 s are raised to 60 s"),
                     assignment->name);
}

/* TRUE: it would be set. */
static gboolean
check_value (RsChecking         *checking,
             const RsAssignment *assignment,
             const RsParam      *param)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *normal = NULL;
  guint character;

  if (assignment->kind != RS_ASSIGN_VALUE)
    return TRUE;
  normal = rs_param_normalize (param, assignment->value, &error);
  if (normal != NULL)
    {
      check_delays (checking, assignment, param);
      return TRUE;
    }
  character = param->type == RS_TYPE_INTLIST ? find_element (param, assignment->value, is_bad) : 0;
  rs_checking_add (checking, assignment, character, RS_FOUND_BAD_VALUE, TRUE, "%s", error->message);
  return FALSE;
}

/* Of two that set the same parameter the last counts (PROF-2). first: param → assignment. */
static void
check_duplicate (RsChecking         *checking,
                 const RsAssignment *assignment,
                 const RsParam      *param,
                 GHashTable         *first)
{
  const RsAssignment *before = g_hash_table_lookup (first, param);

  if (before == NULL)
    g_hash_table_insert (first, (gpointer) param, (gpointer) assignment);
  else if (strcmp (before->name, assignment->name) == 0)
    rs_checking_add (checking, assignment, 0, RS_FOUND_DUPLICATE, FALSE, _("%s stands in line %u already; the last one counts"),
                     assignment->name, before->line);
  else
    rs_checking_add (checking, assignment, 0, RS_FOUND_DUPLICATE, FALSE,
                     _("%s is the same parameter as %s in line %u; the last one counts"), assignment->name, before->name,
                     before->line);
}

/* UPG-5 */
static void
check_version (RsChecking         *checking,
               const RsAssignment *assignment)
{
  RsVersion version;

  if (assignment->value[0] != '\0' && !rs_version_parse (assignment->value, &version))
    rs_checking_add (checking, assignment, 0, RS_FOUND_BAD_VALUE, FALSE, _("%s is no version: no firmware would be installed"), assignment->name);
}

/* HTTP-10 */
static void
check_pac_url (RsChecking         *checking,
               const RsAssignment *assignment)
{
  g_autoptr (RsUrl) url = assignment->value[0] != '\0' ? rs_url_parse (assignment->value, NULL) : NULL;

  if (assignment->value[0] != '\0' && (url == NULL || url->host == NULL || url->scheme == RS_SCHEME_GDS))
    rs_checking_add (checking, assignment, 0, RS_FOUND_BAD_VALUE, FALSE,
                     _("%s is no URL of a server that the phone can ask: nothing would be fetched while Proxy_Mode is Auto"), assignment->name);
  else if (url != NULL && url->scheme != RS_SCHEME_HTTPS && rs_secret_in_userinfo (assignment->value, TRUE))
    rs_checking_add (checking, assignment, 1, RS_FOUND_CLEAR_TEXT, FALSE, _("The password of this URL would cross the network in the clear; use https"));
}

/* A rule, or a text with macros (PHONE-5). */
static void
check_language (RsChecking         *checking,
                const RsAssignment *assignment,
                const RsParam      *param)
{
  if (param->type == RS_TYPE_RULE)
    rs_checking_rule (checking, assignment, param);
  else if (g_str_has_prefix (param->name, "Log_") && g_str_has_suffix (param->name, "_Msg"))
    {
      rs_checking_macro_text (checking, assignment, RS_FOUND_BAD_VALUE, _("this message is never sent"));
      rs_checking_shown_text (checking, assignment, _("it is masked in this message"));
    }
  else if (strcmp (param->name, "HTTP_User_Agent_Name") == 0)
    {
      rs_checking_macro_text (checking, assignment, RS_FOUND_BAD_VALUE, _("the phone uses its own name"));
      rs_checking_shown_text (checking, assignment, _("over http the phone uses its own name"));
    }
  else if (strcmp (param->name, "Downgrade_Rev_Limit") == 0)
    check_version (checking, assignment);
  else if (strcmp (param->name, "PAC_URL") == 0)
    check_pac_url (checking, assignment);
}

static void
check_assignments (RsChecking *checking)
{
  g_autoptr (GHashTable) first = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < checking->profile->assignments->len; i++)
    {
      const RsAssignment *assignment = g_ptr_array_index (checking->profile->assignments, i);
      const RsParam *param = rs_catalogue_find (checking->catalogue, assignment->name);

      if (param == NULL)
        {
          rs_checking_add_unknown (checking, assignment, 0, assignment->name);
          continue;
        }
      check_duplicate (checking, assignment, param, first);
      if (!check_value (checking, assignment, param))
        continue;
      checking->findings->parameters++;
      if (assignment->kind == RS_ASSIGN_VALUE)
        check_language (checking, assignment, param);
    }
}

static void
add_notes (RsFindings      *findings,
           const RsProfile *profile)
{
  for (guint i = 0; i < profile->notes->len; i++)
    {
      const RsProfileNote *note = g_ptr_array_index (profile->notes, i);
      RsFound *found;

      if (!count (findings, RS_FOUND_PASSED_OVER, FALSE))
        continue;
      found = list (findings, RS_FOUND_PASSED_OVER, FALSE, note->name, g_strdup (note->message));
      found->line = note->line;
      found->column = note->column;
    }
  findings->warnings += profile->notes_left_out;
}

static RsFindings *
findings_new (void)
{
  RsFindings *findings = g_new0 (RsFindings, 1);

  findings->faults = g_ptr_array_new_with_free_func (found_free);
  findings->ok = TRUE;
  return findings;
}

RsFindings *
rs_findings_of_none (const GError *error)
{
  RsFindings *findings = findings_new ();

  count (findings, RS_FOUND_UNREADABLE, TRUE);
  list (findings, RS_FOUND_UNREADABLE, TRUE, "", g_strdup (error->message));
  return findings;
}

RsFindings *
rs_findings_of (GBytes                 *bytes,
                const RsProfileOptions *options,
                RsCatalogue            *catalogue)
{
  RsFindings *findings = findings_new ();
  g_autoptr (RsProfile) profile = NULL;
  g_autoptr (GPtrArray) secrets = g_ptr_array_new ();
  g_autoptr (GHashTable) in_force = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) veiled = NULL;
  g_autoptr (GError) error = NULL;
  guint line = 0, column = 0;
  RsChecking checking;

  profile = rs_profile_read (bytes, options, &line, &column, &error);
  if (profile == NULL)
    {
      RsFoundKind kind = g_error_matches (error, RS_ERROR, RS_ERROR_INVALID_VALUE) ? RS_FOUND_BAD_ALIAS_MAP : RS_FOUND_CORRUPT;
      RsFound *found;

      count (findings, kind, TRUE);
      found = list (findings, kind, TRUE, "", g_strdup (error->message));
      found->line = line;
      found->column = column;
      return findings;
    }
  checking = (RsChecking){ findings, profile, catalogue, in_force, secrets, NULL, seen, FALSE, FALSE };
  add_notes (findings, profile);
  rs_checking_survey (&checking);
  veiled = checking.veiled = rs_checking_veiled (&checking);
  check_assignments (&checking);
  finish (findings);
  return findings;
}
