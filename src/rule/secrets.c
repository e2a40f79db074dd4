/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks for macros where secrets stand. What is assigned from one parameter to another connects the two. */
#include "rule/secrets.h"

#include "base/mask.h"
#include "base/secret.h"
#include "rule/macro-scan.h"
#include "rule/rule-private.h"

#include <string.h>

/* rules within values of rules: each takes its quotes by octal escapes, so that nobody writes more */
#define MAX_DEPTH 4
#define ALL_REGISTERS 0xffffu

static const char *const rules[] = { "Profile_Rule", "Profile_Rule_B", "Profile_Rule_C", "Profile_Rule_D",
                                     "Upgrade_Rule", "Report_Rule",    "Custom_CA_Rule", NULL };

typedef struct
{
  const RsRuleWorld *world;
  RsMacros macros;    /* the world's, metered */
  gsize left;
  guint registers;    /* GPP_A … GPP_P that are secrets, a bit each */
  guint bodies;       /* those that were looked through as bodies */
  GHashTable *names;  /* other parameters that are */
  GHashTable *flows;  /* parameter → the registers in what is assigned to it, as bits */
} Search;

/* Where a text has a place for secrets: everybody's there, or only those of general purpose. */
typedef enum
{
  PLACE_PASSWORD,
  PLACE_VEILED, /* never shown, but what stands there is often public: an account's name, a query */
} Place;

static guint
register_bit (const char *macro)
{
  return macro[1] == '\0' && macro[0] >= 'A' && macro[0] <= 'P' ? 1u << (macro[0] - 'A') : 0;
}

static guint
parameter_bit (const char *parameter)
{
  return g_str_has_prefix (parameter, "GPP_") ? register_bit (parameter + strlen ("GPP_")) : 0;
}

static void
mark (Search *search, const RsMacroUse *use, Place place)
{
  guint bit = register_bit (use->name);
  char *parameter = bit == 0 && place == PLACE_PASSWORD ? rs_macro_parameter (use->name) : NULL;

  search->registers |= bit;
  if (parameter != NULL)
    g_hash_table_add (search->names, parameter);
}

/* All macros of a text; returns the registers among them. */
static guint
scan (const char *text, Search *search, Place place)
{
  guint registers = 0;
  RsMacroUse use;

  for (const char *p = strchr (text, '$'); p != NULL; p = strchr (p, '$'))
    {
      if (!rs_macro_scan (p, &use))
        {
          p++;
          continue;
        }
      registers |= register_bit (use.name);
      if (search != NULL)
        mark (search, &use, place);
      p += use.length;
    }
  return registers;
}

/* --- URLs --- */

/* Where an expanded URL has an account and a query, as offsets: the account from start to end, its password from password on. */
typedef struct
{
  gboolean account;
  gsize start, password, end;
  gsize query; /* of the "?" or "#"; G_MAXSIZE: there is none */
} Parts;

static Parts
split_url (const char *text)
{
  const char *scheme = strstr (text, "://"), *query = text + strcspn (text, "?#");
  const char *start = scheme != NULL && scheme < query ? scheme + 3 : text, *at, *colon;

  at = g_strrstr_len (start, query - start, "@");
  /* where a host ends at a "?" or "#" and an "@" follows, it may be a password that holds one */
  if (at == NULL && strcspn (start, "/?#") == (gsize)(query - start))
    at = strrchr (query, '@');
  colon = at != NULL ? memchr (start, ':', (gsize)(at - start)) : NULL;
  return (Parts){ .account = at != NULL,
                  .start = (gsize)(start - text),
                  .password = (gsize)((colon != NULL ? colon : at) - text),
                  .end = (gsize)(at - text),
                  .query = *query != '\0' ? (gsize)(query - text) : G_MAXSIZE };
}

/* Whether a macro stands between two offsets of the URL. One that stands for nothing may be another day's password, so its place counts. */
static gboolean
stands_in (const RsMacroPlace *place, gsize start, gsize end)
{
  if (place->start == place->end)
    return place->start >= start && place->start <= end;
  return place->start < end && place->end > start;
}

/* A whole URL that a macro stands for hides its own account: that of "https://joe:x@h" is no other's. */
static gboolean
hides_itself (const Search *search, const RsMacroUse *use)
{
  const char *value = search->macros.lookup (use->name, search->macros.data);
  g_autofree char *shown = value != NULL ? rs_mask_text (value) : NULL;

  return shown != NULL && strcmp (shown, value) != 0;
}

static void
mark_place (Search *search, const char *written, const RsMacroPlace *place, const Parts *parts)
{
  RsMacroUse use;
  gboolean account = parts->account && stands_in (place, parts->start, parts->end);
  gboolean query = parts->query != G_MAXSIZE && stands_in (place, parts->query + 1, G_MAXSIZE);

  if ((!account && !query) || !rs_macro_scan (written + place->written_start, &use))
    return;
  if (place->start < (account ? parts->start : parts->query) && hides_itself (search, &use))
    return;
  mark (search, &use, account && stands_in (place, parts->password, parts->end) ? PLACE_PASSWORD : PLACE_VEILED);
}

static void
mark_url (Search *search, const char *url)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (RsMacroPlace));
  g_auto (RsSecretString) expanded = rs_macro_expand_placed (url, &search->macros, TRUE, places, 1, NULL);
  Parts parts;

  if (expanded == NULL)
    {
      scan (url, search, PLACE_PASSWORD);
      return;
    }
  parts = split_url (expanded);
  for (guint i = 0; i < places->len; i++)
    mark_place (search, url, &g_array_index (places, RsMacroPlace, i), &parts);
}

/* --- rules --- */

static void add_rule (Search *search, RsRuleKind kind, const char *text, guint depth);

static gboolean
holds_rule (const char *parameter)
{
  return g_strv_contains (rules, parameter);
}

static void
add_value (Search *search, const char *name, const char *text, guint depth)
{
  g_autofree char *shown = rs_mask_text (text);
  guint registers;

  if (holds_rule (name))
    {
      add_rule (search, rs_rule_kind_of (name), text, depth + 1);
      return;
    }
  if (search->world->is_secret (name, search->world->data))
    scan (text, search, PLACE_PASSWORD);
  else if (strcmp (shown, text) != 0)
    scan (text, search, PLACE_VEILED);
  registers = scan (text, NULL, PLACE_VEILED);
  if (registers != 0)
    g_hash_table_insert (search->flows, g_strdup (name),
                         GUINT_TO_POINTER (registers | GPOINTER_TO_UINT (g_hash_table_lookup (search->flows, name))));
}

/* The macros that are expanded when the value is assigned, and those ("$$A") that are there once it is. */
static void
add_setting (Search *search, const RsRuleSetting *setting, guint depth)
{
  g_auto (RsSecretString) assigned = rs_rule_text_expand (&setting->value, &search->macros, NULL);

  add_value (search, setting->name, setting->value.source, depth);
  if (assigned != NULL)
    add_value (search, setting->name, assigned, depth);
  else
    search->registers = ALL_REGISTERS; /* nobody knows what it would be */
}

static void
add_body (Search *search, const char *letter)
{
  guint bit = register_bit (letter);
  const char *body = search->macros.lookup (letter, search->macros.data);

  if (body != NULL && (search->bodies & bit) == 0)
    scan (body, search, PLACE_VEILED);
  search->bodies |= bit;
  search->registers |= bit;
}

static void
add_options (Search *search, const RsRuleOptions *options)
{
  if (options->key.source != NULL)
    scan (options->key.source, search, PLACE_PASSWORD);
  if (options->password.source != NULL)
    scan (options->password.source, search, PLACE_PASSWORD);
  if (options->user.source != NULL)
    scan (options->user.source, search, PLACE_VEILED);
  if (options->post != NULL)
    add_body (search, options->post);
}

static void
add_alternative (Search *search, const RsAlternative *alternative, guint depth)
{
  RsMacroUse use;

  for (guint i = 0; alternative->settings != NULL && i < alternative->settings->len; i++)
    add_setting (search, &g_array_index (alternative->settings, RsRuleSetting, i), depth);
  add_options (search, &alternative->options);
  if (alternative->url == NULL)
    return;
  mark_url (search, alternative->url);
  /* within a value it may stand for a whole rule, with its options */
  if (depth > 0 && alternative->url[0] == '$' && rs_macro_scan (alternative->url, &use))
    mark (search, &use, PLACE_VEILED);
}

/* What cannot be read may be a secret from one end to the other. */
static void
add_rule (Search *search, RsRuleKind kind, const char *text, guint depth)
{
  g_autoptr (RsRule) rule = depth <= MAX_DEPTH ? rs_rule_parse (text, kind, NULL) : NULL;

  if (rule == NULL)
    scan (text, search, PLACE_PASSWORD);
  for (const RsRule *one = rule; one != NULL; one = one->next)
    {
      for (guint i = 0; i < one->alternatives->len; i++)
        add_alternative (search, g_ptr_array_index (one->alternatives, i), depth);
    }
}

/* What is secret on one side of an assignment is on the other. TRUE: something more is. */
static gboolean
follow (Search *search)
{
  guint before = search->registers;
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, search->flows);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      guint registers = GPOINTER_TO_UINT (value), bit = parameter_bit (name);

      if ((search->registers & (registers | bit)) == 0 && !g_hash_table_contains (search->names, name))
        continue;
      search->registers |= registers | bit;
      if (bit == 0)
        g_hash_table_add (search->names, g_strdup (name));
    }
  return search->registers != before;
}

static const char *
look_up_parameter (const char *macro, gpointer data)
{
  const RsRuleWorld *world = data;
  g_autofree char *parameter = rs_macro_parameter (macro);
  const char *value = parameter != NULL ? world->value (parameter, world->data) : NULL;

  return value != NULL ? value : "";
}

GHashTable *
rs_rule_secrets (const RsRuleWorld *world, const char *another)
{
  Search search = { .world = world, .left = RS_MACRO_WORK };

  search.macros = world->macros != NULL ? *world->macros : (RsMacros){ look_up_parameter, (gpointer)world };
  search.macros.left = &search.left;
  search.names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  search.flows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; rules[i] != NULL; i++)
    {
      const char *text = world->value (rules[i], world->data);

      if (text != NULL)
        add_rule (&search, rs_rule_kind_of (rules[i]), text, 0);
    }
  if (another != NULL)
    add_rule (&search, RS_RULE_PROFILE, another, 0);
  while (follow (&search))
    ;
  for (char letter = 'A'; letter <= 'P'; letter++)
    {
      const char macro[] = { letter, '\0' };

      if ((search.registers & register_bit (macro)) != 0)
        g_hash_table_add (search.names, g_strconcat ("GPP_", macro, NULL));
    }
  g_hash_table_unref (search.flows);
  return search.names;
}

GHashTable *
rs_rule_secrets_of_both (const RsRuleWorld *before, const RsRuleWorld *after, const char *another)
{
  GHashTable *all = rs_rule_secrets (before, another);
  g_autoptr (GHashTable) more = rs_rule_secrets (after, another);
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, more);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_hash_table_add (all, g_strdup (name));
  return all;
}
