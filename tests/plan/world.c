/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The language of the scenarios. */
#include "world.h"

#include <string.h>

/* Friday noon */
#define START_WALL "2026-11-20T12:00:00Z"

typedef struct
{
  World *world;
} Token; /* stands in for what the engine hangs on a request */

static guint32
draw (guint32  max,
      gpointer data)
{
  World *world = data;
  return (guint32) ((guint64) max * world->per_mille / 1000);
}

static gint64
instant (const char *text)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);
  g_assert_nonnull (time);
  return g_date_time_to_unix (time) * G_USEC_PER_SEC;
}

void
world_init (World *world)
{
  *world = (World){
    .wall = instant (START_WALL),
    .per_mille = 500,
    .log = g_string_new (NULL),
    .periodic = g_strdup ("3600"),
    .retry = g_strdup ("60,120,240"),
    .at = g_strdup (""),
    .at_random = 600,
    .random_delay = 2,
    .forced = 14400,
    .on_reset = TRUE,
    .enabled = TRUE,
    .provisioned = TRUE,
    .tz = g_time_zone_new_utc (),
  };
  world->plan = rs_plan_new (&(RsRandom){ draw, world });
}

void
world_clear (World *world)
{
  rs_plan_free (world->plan);
  g_assert_cmpuint (world->freed, ==, world->given);
  g_string_free (world->log, TRUE);
  g_time_zone_unref (world->tz);
  g_free (world->periodic);
  g_free (world->retry);
  g_free (world->at);
}

static void
token_free (gpointer data)
{
  Token *token = data;
  token->world->freed++;
  g_free (token);
}

static void
log_item (World      *world,
          const char *format,
          ...) G_GNUC_PRINTF (2, 3);

static void
log_item (World      *world,
          const char *format,
          ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_string_append_vprintf (world->log, format, arguments);
  g_string_append (world->log, ", ");
  va_end (arguments);
}

static void
do_action (World          *world,
           const RsAction *action)
{
  const char *reason = rs_reason_name (action->reason);
  if (world->on_action != NULL)
    world->on_action (world, action);
  switch (action->kind)
    {
    case RS_ACTION_BEGIN:
      log_item (world, "begin %u %s@%.10g", (guint) action->attempt, reason, world->boot / 1e6);
      break;
    case RS_ACTION_ABORT:
      log_item (world, "abort %u", (guint) action->attempt);
      break;
    case RS_ACTION_DROP:
      log_item (world, "drop %u %s", (guint) action->attempt, reason);
      break;
    case RS_ACTION_TIMER:
      g_assert_cmpint (action->at, !=, world->armed);
      world->armed = action->at;
      world->timers++;
      break;
    case RS_ACTION_STATUS:
      world->statuses++;
      break;
    case RS_ACTION_SAVE:
      world->saves++;
      break;
    }
  if (action->data != NULL)
    action->data_free (action->data);
}

static void
give (World   *world,
      RsEvent *event)
{
  g_autoptr (GArray) actions = g_array_new (FALSE, FALSE, sizeof (RsAction));
  g_autoptr (GError) error = NULL;
  guint64 attempt;
  event->now = (RsNow){ world->boot, world->wall };
  if (!rs_plan_step (world->plan, event, actions, &attempt, &error))
    {
      g_assert_cmpint (error->domain, ==, RS_ERROR);
      log_item (world, "!%s", rs_error_name (error->code));
    }
  else if (event->kind == RS_EVENT_REQUEST)
    log_item (world, "=%u", (guint) attempt);
  for (guint i = 0; i < actions->len; i++)
    do_action (world, &g_array_index (actions, RsAction, i));
}

static void
advance (World *world,
         gint64 boot)
{
  g_assert_cmpint (boot, >=, world->boot);
  while (world->armed != 0 && world->armed <= boot)
    {
      world->wall += world->armed - world->boot;
      world->boot = world->armed;
      world->armed = 0;
      give (world, &(RsEvent){ .kind = RS_EVENT_TIMER });
    }
  world->wall += boot - world->boot;
  world->boot = boot;
}

static const char *
value_of (char      **words,
          const char *key)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (g_str_has_prefix (words[i], key) && words[i][strlen (key)] == '=')
      return words[i] + strlen (key) + 1;
  return NULL;
}

static gint64
number_of (char      **words,
           const char *key)
{
  const char *text = value_of (words, key);
  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

static gboolean
has (char      **words,
     const char *word)
{
  return g_strv_contains ((const char *const *) words, word);
}

static RsReason
reason_of (const char *name)
{
  RsReason reason = RS_REASON_NONE;
  if (name != NULL)
    g_assert_true (rs_reason_from_name (name, &reason));
  return reason;
}

static void
do_start (World *world,
          char **words)
{
  RsEvent event = { .kind = RS_EVENT_START };
  world->provisioned = !has (words, "fresh");
  event.start.first_of_boot = has (words, "boot");
  event.start.provisioned = world->provisioned;
  event.start.next_due
      = value_of (words, "next") != NULL ? world->wall + number_of (words, "next") * G_USEC_PER_SEC : 0;
  event.start.next_reason = reason_of (value_of (words, "reason"));
  event.start.retry_after = has (words, "named");
  event.start.failures = number_of (words, "failures");
  event.start.boot_age = value_of (words, "age") != NULL ? number_of (words, "age") * G_USEC_PER_SEC : world->boot;
  give (world, &event);
}

static RsDelayList *
list_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  RsDelayList *list = rs_delay_list_parse (text, &error);
  g_assert_no_error (error);
  return list;
}

static void
take_text (char **words, const char *key, char **text)
{
  const char *value = value_of (words, key);
  if (value == NULL)
    return;
  g_free (*text);
  *text = g_strdup (value);
}

static void
do_config (World *world,
           char **words)
{
  take_text (words, "periodic", &world->periodic);
  take_text (words, "retry", &world->retry);
  take_text (words, "at", &world->at);
  if (value_of (words, "random") != NULL)
    world->random_delay = number_of (words, "random");
  if (value_of (words, "at-random") != NULL)
    world->at_random = number_of (words, "at-random");
  if (value_of (words, "forced") != NULL)
    world->forced = number_of (words, "forced");
  if (value_of (words, "on-reset") != NULL)
    world->on_reset = number_of (words, "on-reset");
  if (value_of (words, "enabled") != NULL)
    world->enabled = number_of (words, "enabled");

  RsScheduleConfig config = {
    .periodic = list_of (world->periodic),
    .error_retry = list_of (world->retry),
    .at_minute = rs_schedule_parse_at (world->at),
    .at_random = world->at_random,
    .random_delay = world->random_delay,
    .forced_delay = world->forced,
    .on_reset = world->on_reset,
    .enabled = world->enabled,
  };
  RsEvent event = { .kind = RS_EVENT_CONFIG };
  event.config.config = &config;
  event.config.rules_changed = has (words, "rules");
  event.config.tz = world->tz;
  give (world, &event);
  g_assert_null (config.periodic);
  g_assert_null (config.error_retry);
}

static void
do_request (World *world,
            char **words)
{
  RsEvent event = { .kind = RS_EVENT_REQUEST };
  Token *token = g_new (Token, 1);
  token->world = world;
  world->given++;
  event.request.reason = reason_of (words[1]);
  event.request.force = has (words, "force");
  event.request.has_rule = has (words, "rule");
  event.request.data = token;
  event.request.data_free = token_free;
  give (world, &event);
}

static void
do_finished (World *world,
             char **words)
{
  RsEvent event = { .kind = RS_EVENT_FINISHED };
  event.finished.class = words[1][0] == 'A' ? RS_CLASS_A : words[1][0] == 'B' ? RS_CLASS_B : RS_CLASS_C;
  event.finished.cancelled = has (words, "cancelled");
  event.finished.aside = has (words, "aside");
  event.finished.skipped = has (words, "skipped");
  event.finished.rules_changed = has (words, "rules");
  event.finished.overload = has (words, "overload");
  event.finished.retry_after = number_of (words, "after");
  event.finished.wait_for_clock = has (words, "clock");
  world->provisioned |= event.finished.class == RS_CLASS_A && !has (words, "fresh");
  event.finished.provisioned = world->provisioned;
  give (world, &event);
}

static void
do_network (World *world,
            char **words)
{
  RsEvent event = { .kind = RS_EVENT_NETWORK };
  event.network.connected = strcmp (words[0], "up") == 0;
  event.network.counts = has (words, "counts");
  give (world, &event);
}

static void
do_clock (World *world,
          char **words)
{
  if (words[1] != NULL)
    world->wall += g_ascii_strtoll (words[1], NULL, 10) * G_USEC_PER_SEC;
  if (strcmp (words[0], "clock") == 0)
    give (world, &(RsEvent){ .kind = RS_EVENT_CLOCK });
}

static void
do_zone (World *world,
         char **words)
{
  g_time_zone_unref (world->tz);
  world->tz = g_time_zone_new_identifier (words[1]);
  g_assert_nonnull (world->tz);
  RsEvent event = { .kind = RS_EVENT_CONFIG };
  event.config.tz = world->tz;
  give (world, &event);
}

static void
do_upgrade (World *world,
            char  *words[])
{
  give (world, &(RsEvent){ .kind = RS_EVENT_UPGRADE });
}

static void
do_triggers (World *world,
             char **words)
{
  give (world, &(RsEvent){ .kind = RS_EVENT_TRIGGERS, .triggers_allow = has (words, "on") });
}

static void
do_bare (World *world,
         char **words)
{
  static const struct
  {
    const char *word;
    RsEventKind kind;
  } bare[] = {
    { "cancel", RS_EVENT_CANCEL },
    { "busy", RS_EVENT_BUSY },
    { "idle", RS_EVENT_IDLE },
    { "reset", RS_EVENT_RESET },
  };
  for (guint i = 0; i < G_N_ELEMENTS (bare); i++)
    if (strcmp (bare[i].word, words[0]) == 0)
      {
        give (world, &(RsEvent){ .kind = bare[i].kind });
        return;
      }
  g_assert_cmpstr (words[0], ==, "wait");
}

static const struct
{
  const char *word;
  void (*func) (World *world, char **words);
} verbs[] = {
  { "start", do_start }, { "config", do_config },     { "request", do_request }, { "finished", do_finished },
  { "up", do_network },  { "down", do_network },      { "clock", do_clock },     { "jump", do_clock },
  { "zone", do_zone },   { "triggers", do_triggers }, { "upgrade", do_upgrade },
};

static void
log_state (World *world)
{
  static const char *const phases[] = { "idle", "waiting-network", "waiting-idle", "running" };
  static const char *const helds[] = { "", "/network", "/call", "/trigger", "/retry-after", "/clock" };
  RsNow now = { world->boot, world->wall };
  RsPlanStatus status;
  rs_plan_get_status (world->plan, &now, &status);
  g_string_append_printf (world->log, "%s%s", phases[status.phase], helds[status.held]);
  if (status.next_reason == RS_REASON_DAILY)
    {
      g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (status.next / G_USEC_PER_SEC);
      g_autofree char *text = g_date_time_format (utc, "%m-%dT%H:%M:%S");
      g_string_append_printf (world->log, " daily@%s", text);
    }
  else if (status.next_reason != RS_REASON_NONE)
    g_string_append_printf (world->log, " %s@%.10g", rs_reason_name (status.next_reason),
                            status.next == 0 ? -1 : (status.next - world->wall + world->boot) / 1e6);
  if (status.failures > 0)
    g_string_append_printf (world->log, " f%u", status.failures);
}

char *
world_do (World      *world,
          const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_string_truncate (world->log, 0);
  advance (world, (gint64) (g_ascii_strtod (words[0], NULL) * 1e6 + 0.5));

  void (*func) (World *, char **) = do_bare;
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (verbs[i].word, words[1]) == 0)
      func = verbs[i].func;
  func (world, words + 1);
  log_state (world);
  return g_strdup (world->log->str);
}

static void
run_scenario (gconstpointer data)
{
  const Scenario *scenario = data;
  World world;
  world_init (&world);
  for (guint i = 0; i < G_N_ELEMENTS (scenario->lines) && scenario->lines[i].line != NULL; i++)
    {
      g_autofree char *happened = world_do (&world, scenario->lines[i].line);
      g_test_message ("%s -> %s", scenario->lines[i].line, happened);
      if (scenario->lines[i].happens != NULL)
        g_assert_cmpstr (happened, ==, scenario->lines[i].happens);
    }
  world_clear (&world);
}

void
scenarios_add (const Scenario *scenarios,
               guint           n)
{
  for (guint i = 0; i < n; i++)
    g_test_add_data_func (scenarios[i].name, &scenarios[i], run_scenario);
}
