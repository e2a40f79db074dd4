/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks cases of discovery through the rooms that decide (dhcp, plan), without a network: reads a key file of cases, prints
 * what each phone asked, in order, and what became of it. The servers are a table in the file. */
#include "../plan/world.h"
#include "lease.h"
#include "phone.h"
#include "records.h"

#include "plan/candidates.h"
#include "plan/sources.h"
#include "rule/rule.h"

#include <string.h>

#define BUDGET (60 * G_USEC_PER_SEC)
/* shorter than the first delay of Resync_Error_Retry_Delay */
#define PATIENCE (25 * G_USEC_PER_SEC)
#define ATTEMPTS_AT_MOST 8

typedef enum
{
  ANSWER_PROFILE,
  ANSWER_NONE, /* an answer that is no profile */
  ANSWER_SILENT,
  ANSWER_ENDED, /* nobody waits for it any more */
} Answer;

typedef struct
{
  GKeyFile   *file;
  const char *name; /* of the case */
  char      **servers;
  char      **paths;
  World       world;
  Phone       phone;
  GPtrArray  *options;
  char       *domain;    /* of the lease; "": it names none */
  char       *records;   /* of the domain */
  char       *meanwhile; /* "": it has happened */
  gboolean    begun;     /* the plan has an attempt run */
  gboolean    reset;     /* a factory reset goes on */
  guint       boots;
  gint64      now;
  GString    *requests;
  GString    *tried;
} Walk;

static char *
text_of (const Walk *walk,
         const char *key)
{
  g_autoptr (GError) error = NULL;
  char *text = g_key_file_get_string (walk->file, walk->name, key, &error);

  g_assert_no_error (error);
  return text;
}

static gboolean
flag_of (const Walk *walk,
         const char *key)
{
  g_autofree char *text = text_of (walk, key);

  return strcmp (text, "true") == 0;
}

static const char *
lookup_macro (const char *name,
              gpointer    data)
{
  return g_hash_table_lookup (data, name);
}

static GHashTable *
new_macros (void)
{
  static const char *const known[][2] = { { "PN", "LAB-8851" }, { "PSN", "8851" }, { "MA", "02005e005301" } };
  GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    g_hash_table_insert (table, (gpointer)known[i][0], (gpointer)known[i][1]);
  return table;
}

static RsMacros
macros_of (GHashTable *table)
{
  return (RsMacros){ lookup_macro, table };
}

G_GNUC_PRINTF (2, 3)
static void
tell_plan (Walk       *walk,
           const char *format,
           ...)
{
  g_autofree char *event = NULL, *line = NULL, *happened = NULL;
  va_list arguments;

  va_start (arguments, format);
  event = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  walk->now = MAX (walk->now, walk->world.boot);
  line = g_strdup_printf ("%.6f %s", (double)walk->now / G_USEC_PER_SEC, event);
  happened = world_do (&walk->world, line);
}

static void
tell_lease (Walk *walk)
{
  g_autoptr (GPtrArray) sources = lease_sources (walk->options, NULL);
  RsOnboardingFacts facts;

  phone_facts (&walk->phone, sources, &facts);
  tell_plan (walk, "up%s", rs_onboarding_lease_counts (&facts) ? " counts" : "");
}

static void
on_action (World          *world,
           const RsAction *action)
{
  Walk *walk = world->looker;

  walk->begun = walk->begun || action->kind == RS_ACTION_BEGIN;
}

static void
switch_on (Walk *walk)
{
  world_init (&walk->world);
  walk->world.on_action = on_action;
  walk->world.looker = walk;
  walk->now = 0;
  walk->boots++;
  tell_plan (walk, "config random=0");
  tell_plan (walk, "start boot%s", walk->phone.provisioned ? "" : " fresh");
  tell_lease (walk);
}

/* What the case has happen. Returns whether a running attempt is over by that. */
static gboolean
happen (Walk *walk)
{
  g_autofree char *what = walk->meanwhile;

  walk->meanwhile = g_strdup ("");
  if (strcmp (what, "manual rule") == 0)
    {
      g_free (walk->phone.rule);
      walk->phone.rule = text_of (walk, "manual");
      walk->phone.hand_set = MAX (walk->now, 1);
      tell_plan (walk, "config rules");
      tell_plan (walk, "request user");
      return TRUE;
    }
  if (strcmp (what, "factory reset") == 0)
    {
      walk->reset = TRUE;
      tell_plan (walk, "reset");
      phone_reset (&walk->phone);
      return TRUE;
    }
  if (strcmp (what, "power cut") == 0)
    {
      walk->phone.hand_set = 0;
      world_clear (&walk->world);
      walk->begun = FALSE;
      switch_on (walk);
      return TRUE;
    }
  g_assert_cmpstr (what, ==, "new lease");
  g_ptr_array_unref (walk->options);
  g_autofree char *options = text_of (walk, "new-lease");
  walk->options = lease_options (options);
  tell_lease (walk);
  return FALSE;
}

/* The table's word on a server: "scheme host behaviour". */
static char *
behaviour_of (const Walk  *walk,
              const char  *scheme,
              const char  *host,
              const char **place)
{
  for (guint i = 0; walk->servers[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (walk->servers[i], " ", -1);

      if (strcmp (words[0], scheme) == 0 && strcmp (words[1], host) == 0)
        {
          *place = walk->paths[i];
          return g_strdup (words[2]);
        }
    }
  *place = "";
  return g_strdup ("dead");
}

/* target: who is asked in the place of the URL's host; NULL: nobody is. */
static Answer
ask_at (Walk       *walk,
        const char *text,
        const char *target,
        gint64      left)
{
  g_autoptr (RsUrl) url = rs_url_parse (text, NULL);
  g_autofree char *host = target != NULL ? records_host (target) : g_strdup (url->host);
  g_autofree char *behaviour = NULL, *delay = text_of (walk, "delay");
  g_auto (GStrv) paths = NULL;
  gint64 takes = g_ascii_strtoll (delay, NULL, 10) * G_USEC_PER_SEC;
  const char *profiles = NULL;

  g_string_append_printf (walk->requests, "%s%s%s%s", walk->requests->len > 0 ? " " : "", text, target != NULL ? "@" : "",
                          target != NULL ? host : "");
  if (walk->meanwhile[0] != '\0' && happen (walk))
    return ANSWER_ENDED;
  behaviour = behaviour_of (walk, rs_scheme_name (url->scheme), host, &profiles);
  if (strcmp (behaviour, "dead") == 0)
    return ANSWER_SILENT;
  if (strcmp (behaviour, "slow") == 0)
    {
      walk->now += MIN (takes, left);
      if (takes > left)
        return ANSWER_SILENT;
    }
  paths = g_strsplit (profiles, " ", -1);
  return g_strv_contains ((const char *const *)paths, url->path) ? ANSWER_PROFILE : ANSWER_NONE;
}

static Answer
ask (Walk       *walk,
     const char *text,
     gint64      left)
{
  return ask_at (walk, text, NULL, left);
}

/* As a worker asks the servers of the host's records, in one job (DISC-9): without any the host itself. */
static Answer
ask_by_records (Walk       *walk,
                const char *text)
{
  g_autofree char *scheme = g_strndup (text, strcspn (text, ":"));
  g_autoptr (GPtrArray) servers = records_servers (walk->records, scheme);
  Answer answer = ANSWER_NONE;

  if (servers->len == 0)
    return ask (walk, text, BUDGET);
  for (guint i = 0; i < servers->len && answer != ANSWER_PROFILE && answer != ANSWER_ENDED; i++)
    answer = ask_at (walk, text, servers->pdata[i], BUDGET);
  return answer;
}

static void
note_try (Walk       *walk,
          const char *source,
          const char *url)
{
  g_string_append_printf (walk->tried, "%s%s=%s", walk->tried->len > 0 ? " " : "", source, url);
}

static RsCandidateKind
kind_of (RsHintKind kind)
{
  return kind == RS_HINT_URL ? RS_CANDIDATE_URL : kind == RS_HINT_BASE ? RS_CANDIDATE_BASE : RS_CANDIDATE_HOST;
}

static RsCandidates *
new_candidates (GPtrArray      *sources,
                const RsMacros *macros)
{
  static const char *const paths[] = { "/$PN.cfg", "/$PSN.xml", "/Cisco/$MA.cfg", "/Cisco/$PN/$MA.cfg", NULL };
  RsCandidates *candidates = rs_candidates_new (paths, macros, BUDGET);

  for (guint i = 0; i < sources->len; i++)
    {
      const RsDhcpSource *source = sources->pdata[i];

      for (guint k = 0; k < source->hints->len; k++)
        {
          const RsServerHint *hint = source->hints->pdata[k];
          g_assert_true (rs_candidates_add (candidates, source->name, kind_of (hint->kind), hint->text, NULL));
        }
    }
  return candidates;
}

/* The servers of the domain's records become candidates as well (DISC-7). */
static void
add_records (Walk         *walk,
             RsCandidates *candidates)
{
  static const char *const schemes[] = { "https", "http" };
  guint found = 0;

  rs_candidates_begin (candidates, RS_CANDIDATE_SRV, walk->now);
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      g_autoptr (GPtrArray) servers = records_servers (walk->records, schemes[i]);

      for (guint k = 0; k < servers->len; k++)
        g_assert_true (rs_candidates_add_srv (candidates, walk->domain, servers->pdata[k], NULL));
      found += servers->len;
    }
  if (found == 0)
    note_try (walk, RS_CANDIDATE_SRV, walk->domain);
}

static Answer
try_candidates (Walk         *walk,
                RsCandidates *candidates,
                const char   *lease)
{
  for (;;)
    {
      g_autoptr (RsCandidate) candidate = rs_candidates_next (candidates, walk->now);
      g_autofree char *url = NULL;
      Answer answer;

      if (candidate == NULL)
        return ANSWER_NONE;
      url = rs_url_to_string (candidate->url);
      note_try (walk, candidate->source, url);
      if (rs_onboarding_downgrades (phone_remembered_scheme (&walk->phone), rs_scheme_name (candidate->url->scheme)))
        continue;
      answer = ask_at (walk, url, candidate->srv_target, rs_candidates_left (candidates, walk->now));
      if (answer == ANSWER_PROFILE)
        {
          phone_provisioned (&walk->phone, candidate->srv_target != NULL ? RS_PROVISIONED_BY_SRV : RS_PROVISIONED_BY_DHCP, candidate->source,
                             url, lease);
          walk->phone.by_records = candidate->srv_target != NULL;
        }
      if (answer == ANSWER_PROFILE || answer == ANSWER_ENDED)
        return answer;
      rs_candidates_report (candidates, answer == ANSWER_SILENT ? RS_TRY_SILENT : RS_TRY_FAILED);
    }
}

static Answer
ask_redirect (Walk       *walk,
              const char *lease)
{
  g_autofree char *url = text_of (walk, "redirect"), *rule = text_of (walk, "hint");
  Phone *phone = &walk->phone;
  Answer answer;

  phone->state = rs_onboarding_step (phone->state, RS_STEP_ASK);
  note_try (walk, "redirect", url);
  answer = ask (walk, url, BUDGET);
  if (answer == ANSWER_ENDED || answer == ANSWER_SILENT)
    return answer;
  if (rule[0] == '\0')
    {
      phone->state = rs_onboarding_step (phone->state, RS_STEP_UNKNOWN);
      return ANSWER_NONE;
    }
  phone->state = rs_onboarding_step (phone->state, RS_STEP_NAMED);
  note_try (walk, "redirect", rule);
  answer = ask (walk, rule, BUDGET);
  if (answer != ANSWER_PROFILE)
    return answer;
  phone_provisioned (&walk->phone, RS_PROVISIONED_BY_REDIRECT, "redirect", rule, lease);
  phone->by_records = FALSE;
  phone_set (&phone->rule, rule);
  return answer;
}

static Answer
discover (Walk       *walk,
          GPtrArray  *sources,
          const char *lease)
{
  g_autofree char *redirect = text_of (walk, "redirect");
  g_autoptr (GHashTable) table = new_macros ();
  const RsMacros macros = macros_of (table);
  g_autoptr (RsCandidates) candidates = new_candidates (sources, &macros);
  const RsSourceFacts ways = {
    .provisioned = walk->phone.provisioned,
    .has_domain = walk->domain[0] != '\0',
    .has_redirect = redirect[0] != '\0',
    .has_activation = flag_of (walk, "activation"),
  };
  Answer answer = ANSWER_NONE;

  for (RsSource way = rs_source_first (&ways); way != RS_SOURCE_NONE && answer != ANSWER_PROFILE && answer != ANSWER_ENDED;
       way = rs_source_next (way, &ways))
    {
      if (way == RS_SOURCE_SRV)
        add_records (walk, candidates);
      if (way == RS_SOURCE_DHCP || way == RS_SOURCE_SRV)
        answer = try_candidates (walk, candidates, lease);
      else if (way == RS_SOURCE_REDIRECT)
        answer = ask_redirect (walk, lease);
      else if (way == RS_SOURCE_ACTIVATION)
        walk->phone.state = rs_onboarding_step (walk->phone.state, RS_STEP_SCREEN);
    }
  return answer;
}

static Answer
ask_remembered (Walk       *walk,
                const char *lease)
{
  g_autofree char *url = g_strdup (walk->phone.remembered), *source = g_strdup (walk->phone.source);
  Answer answer = walk->phone.by_records ? ask_by_records (walk, url) : ask (walk, url, BUDGET);

  if (answer == ANSWER_PROFILE)
    phone_provisioned (&walk->phone, RS_PROVISIONED_BY_DHCP, source, NULL, lease);
  return answer;
}

static Answer
ask_rule (Walk       *walk,
          const char *lease)
{
  g_autoptr (GHashTable) table = new_macros ();
  const RsMacros macros = macros_of (table);
  g_autoptr (RsRule) rule = rs_rule_parse (walk->phone.rule, RS_RULE_PROFILE, NULL);
  g_autoptr (RsRuleAction) action = rs_rule_evaluate (rule, &macros, FALSE, NULL);
  g_autofree char *url = rs_url_to_string (action->url);
  Answer answer = action->srv ? ask_by_records (walk, url) : ask (walk, url, BUDGET);

  if (answer == ANSWER_PROFILE)
    phone_provisioned (&walk->phone, RS_PROVISIONED_BY_HAND, "configured", NULL, lease);
  return answer;
}

static Answer
attempt (Walk *walk)
{
  g_autoptr (GPtrArray) sources = lease_sources (walk->options, NULL);
  g_autofree char *lease = lease_identity (sources), *then = g_strdup (walk->phone.lease);
  RsOnboardingFacts facts;
  Answer answer;

  g_string_truncate (walk->tried, 0);
  phone_facts (&walk->phone, sources, &facts);
  switch (rs_onboarding_mode (&facts, walk->now))
    {
    case RS_MODE_RULE:
      return ask_rule (walk, lease);
    case RS_MODE_RULE_FIRST:
      answer = ask_rule (walk, lease);
      break;
    case RS_MODE_REMEMBERED:
      answer = ask_remembered (walk, lease);
      break;
    case RS_MODE_DISCOVER:
      answer = discover (walk, sources, lease);
      return answer == ANSWER_NONE && facts.have_remembered ? ask_remembered (walk, then) : answer;
    default:
      g_assert_not_reached ();
    }
  return answer == ANSWER_PROFILE || answer == ANSWER_ENDED ? answer : discover (walk, sources, lease);
}

/* Tells the plan how the attempt ended; it may begin the next at once. */
static void
finish (Walk  *walk,
        Answer answer)
{
  tell_plan (walk, "finished %s%s%s", answer == ANSWER_PROFILE ? "A" : answer == ANSWER_NONE ? "B" : "C",
             answer == ANSWER_ENDED ? " cancelled" : "", walk->phone.provisioned ? "" : " fresh");
}

/* After a factory reset. */
static void
start_anew (Walk *walk)
{
  walk->reset = FALSE;
  tell_plan (walk, "config random=0");
  tell_plan (walk, "start boot fresh");
  tell_lease (walk);
}

static void
walk_case (Walk *walk)
{
  switch_on (walk);
  for (guint i = 0; i < ATTEMPTS_AT_MOST; i++)
    {
      guint boot = walk->boots;
      Answer answer;

      walk->now = walk->world.boot + (walk->begun ? 0 : PATIENCE);
      if (!walk->begun)
        tell_plan (walk, "wait");
      if (!walk->begun && walk->meanwhile[0] == '\0')
        return;
      if (!walk->begun)
        {
          /* nobody was asked in whose time it could happen */
          (void)happen (walk);
          if (walk->reset)
            start_anew (walk);
          continue;
        }
      walk->begun = FALSE;
      answer = attempt (walk);
      if (walk->boots == boot) /* else the power went, and the attempt with it */
        finish (walk, answer);
      if (walk->reset)
        start_anew (walk);
    }
  g_error ("%s: it comes to no rest", walk->name);
}

static void
read_phone (Walk *walk)
{
  g_autofree char *state = text_of (walk, "state"), *options = text_of (walk, "lease-then");
  g_autoptr (GPtrArray) then = lease_options (options);
  g_autoptr (GPtrArray) sources = lease_sources (then, NULL);

  walk->phone = (Phone){
    .source = text_of (walk, "source"),
    .rule = text_of (walk, "rule"),
    .remembered = text_of (walk, "remembered"),
    .provisioned = flag_of (walk, "provisioned"),
    .by_records = flag_of (walk, "by-records"),
  };
  walk->phone.lease = lease_identity (sources);
  g_assert_true (rs_customization_from_name (state, &walk->phone.state));
}

static void
run_case (GKeyFile   *file,
          const char *name)
{
  Walk walk = { .file = file, .name = name, .requests = g_string_new (NULL), .tried = g_string_new (NULL) };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) sources = NULL;
  g_autofree char *options = text_of (&walk, "options");

  walk.servers = g_key_file_get_string_list (file, "servers", "servers", NULL, NULL);
  walk.paths = g_key_file_get_string_list (file, "servers", "paths", NULL, NULL);
  walk.meanwhile = text_of (&walk, "meanwhile");
  walk.domain = text_of (&walk, "domain");
  walk.records = text_of (&walk, "records");
  walk.options = lease_options (options);
  sources = lease_sources (walk.options, warnings);
  read_phone (&walk);
  walk_case (&walk);
  g_print ("%s\t%s\t%s\t%s\t%s\t%u\n", name, walk.requests->str, rs_customization_name (walk.phone.state), walk.phone.source,
           walk.tried->str, warnings->len);
  world_clear (&walk.world);
  phone_clear (&walk.phone);
  g_ptr_array_unref (walk.options);
  g_strfreev (walk.servers);
  g_strfreev (walk.paths);
  g_free (walk.meanwhile);
  g_free (walk.domain);
  g_free (walk.records);
  g_string_free (walk.requests, TRUE);
  g_string_free (walk.tried, TRUE);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) groups = NULL;

  g_assert_cmpint (argc, ==, 2);
  if (!g_key_file_load_from_file (file, argv[1], G_KEY_FILE_NONE, &error))
    g_error ("%s: %s", argv[1], error->message);
  groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    {
      if (strcmp (groups[i], "servers") != 0)
        run_case (file, groups[i]);
    }
  return 0;
}
