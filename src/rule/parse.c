/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The grammar of rules (RULE-1, RULE-8, RULE-9). It runs before any macro is expanded, so that nothing a macro stands
 * for can become part of the rule's structure (PHONE-4). */
#include "rule/assignment.h"
#include "rule/fault.h"
#include "rule/macro-scan.h"
#include "rule/rule-private.h"
#include "rule/url-parse.h"

#include "base/secret.h"
#include "base/text.h"

#include <string.h>

#define MAX_LENGTH       (16 * 1024)
#define MAX_ALTERNATIVES 64
#define SCREEN           "gds://"

static void
alternative_free (gpointer data)
{
  RsAlternative *alternative = data;

  rs_condition_free (alternative->condition);
  rs_secret_free (alternative->condition_text);
  g_clear_pointer (&alternative->settings, g_array_unref);
  rs_rule_options_clear (&alternative->options);
  rs_secret_free (alternative->url);
  g_free (alternative);
}

static RsRule *
rule_new (RsRuleKind kind)
{
  RsRule *rule = g_new0 (RsRule, 1);

  rule->kind = kind;
  rule->alternatives = g_ptr_array_new_with_free_func (alternative_free);
  return rule;
}

void
rs_rule_free (RsRule *rule)
{
  if (rule == NULL)
    return;
  g_ptr_array_unref (rule->alternatives);
  rs_rule_free (rule->next);
  g_free (rule);
}

static RsAlternative *
add_alternative (RsRule *rule)
{
  RsAlternative *alternative = g_new0 (RsAlternative, 1);

  g_ptr_array_add (rule->alternatives, alternative);
  return alternative;
}

/* Reads one group in parentheses: what follows it tells a condition from assignments. */
static gboolean
parse_group (RsCursor *cursor, RsRuleKind kind, RsAlternative *alternative, GError **error)
{
  const char *open = cursor->p, *close = rs_text_find_close (open, cursor->end);
  RsCursor inner = { cursor->text, cursor->columns, open + 1, close, RS_SHOWS_SIGNS };

  if (close == NULL)
    return rs_cursor_fault_found (cursor, open, error, "a “(” that nothing closes", "a “)” that belongs to this “(”");
  cursor->p = close + 1;
  rs_cursor_skip_blanks (cursor);
  if (rs_cursor_is_at (cursor, '?') && alternative->condition == NULL && alternative->settings == NULL)
    {
      alternative->condition_text = g_strndup (inner.p, inner.end - inner.p);
      alternative->condition = rs_condition_parse (&inner, error);
    }
  else if (rs_cursor_is_at (cursor, '!') && kind == RS_RULE_CUSTOM_CA)
    return rs_cursor_fault_found (cursor, open, error, "assignments", "a condition or a URL: this rule only loads a certificate");
  else if (rs_cursor_is_at (cursor, '!') && alternative->settings == NULL)
    alternative->settings = rs_rule_settings_parse (&inner, error);
  else if (rs_cursor_is_at (cursor, '?') || rs_cursor_is_at (cursor, '!'))
    return rs_cursor_fault_found (cursor, open, error, rs_cursor_is_at (cursor, '?') ? "a condition" : "assignments",
                                  "one condition, then assignments, then options, then a URL");
  else
    return rs_cursor_fault (cursor, cursor->p, error, "“?” after a condition or “!” after assignments");
  if (rs_cursor_accept (cursor, '?'))
    return alternative->condition != NULL;
  return rs_cursor_accept (cursor, '!') && alternative->settings != NULL;
}

/* The bytes of a URL text that no macro can change the meaning of: all of it, or scheme and server, or none. */
static gsize
find_fixed_part (const char *url)
{
  const char *scheme = strstr (url, "://");
  const char *server = scheme != NULL ? scheme + 3 : url;
  gsize n = (gsize)(server - url) + strcspn (server, "/?#");
  gsize fixed = strcspn (url, "$");

  if (url[fixed] == '\0')
    return fixed;
  return n < fixed && url[n] == '/' && n > 0 ? n + 1 : 0;
}

/* A fault that is plain before any macro is known is one of the rule (RULE-10). */
static gboolean
check_fixed_part (const RsCursor *cursor, const RsAlternative *alternative, GError **error)
{
  g_auto (RsSecretString) fixed = g_strndup (alternative->url, find_fixed_part (alternative->url));
  g_autoptr (RsUrl) url = NULL;

  if (fixed[0] == '\0')
    return TRUE;
  url = rs_url_parse_at (fixed, cursor->text, alternative->url_column, error);
  return url != NULL;
}

/* The first "%" that begins no %XX whatever macros stand for, or NULL. */
static const char *
find_stray_escape (const char *url)
{
  for (const char *p = strchr (url, '%'); p != NULL; p = strchr (p + 1, '%'))
    {
      gsize digits = g_ascii_isxdigit (p[1]) ? 1 : 0;

      if (p[1 + digits] != '$' && !(digits == 1 && g_ascii_isxdigit (p[2])))
        return p;
    }
  return NULL;
}

/* A bracket of options that touches the end of a URL would be a part of its path. */
static gboolean
check_url (const RsCursor *cursor, RsRuleKind kind, const RsAlternative *alternative, const char *start, GError **error)
{
  const char *secret = rs_macro_find_secret (alternative->url, strlen (alternative->url));
  const char *options = strstr (alternative->url, "[--"), *stray = find_stray_escape (alternative->url);

  if (secret != NULL)
    return rs_cursor_fault (cursor, start + (secret - alternative->url), error,
                            "no $SA to $SD here: they may stand only in --key, --uid and --pwd");
  if (strchr ("[](", start[0]) != NULL)
    return rs_cursor_fault (cursor, start, error, "a URL");
  if (options != NULL)
    return rs_cursor_fault (cursor, start + (options - alternative->url), error, "a URL behind all options");
  if (g_str_has_prefix (alternative->url, "--"))
    return rs_cursor_fault (cursor, start, error, "a URL, or options in brackets");
  if (!check_fixed_part (cursor, alternative, error))
    return FALSE;
  if (stray != NULL)
    return rs_cursor_fault (cursor, start + (stray - alternative->url), error, "%s", RS_URL_NO_ESCAPE);
  return kind == RS_RULE_PROFILE || g_ascii_strncasecmp (alternative->url, SCREEN, strlen (SCREEN)) != 0
         || rs_cursor_fault (cursor, start, error, RS_RULE_NO_SCREEN);
}

static gboolean
parse_url (RsCursor *cursor, RsRuleKind kind, RsAlternative *alternative, gboolean needed, GError **error)
{
  const char *start = cursor->p, *stop;

  while (cursor->p < cursor->end && !g_ascii_isspace (*cursor->p) && *cursor->p != '|')
    cursor->p++;
  stop = cursor->p;
  if (kind == RS_RULE_REPORT && stop > start && stop[-1] == ';')
    stop--;
  if (stop == start)
    return (!needed && cursor->p == start) || rs_cursor_fault (cursor, start, error, "a URL");
  alternative->url = g_strndup (start, (gsize)(stop - start));
  alternative->url_column = rs_cursor_column (cursor, start);
  if (!check_url (cursor, kind, alternative, start, error))
    return FALSE;
  rs_cursor_skip_blanks (cursor);
  /* RULE-9: a blank may stand before it */
  if (kind == RS_RULE_REPORT && *stop != ';')
    rs_cursor_accept (cursor, ';');
  return TRUE;
}

static gboolean
parse_alternative (RsCursor *cursor, RsRuleKind kind, RsAlternative *alternative, GError **error)
{
  gboolean options;

  rs_cursor_skip_blanks (cursor);
  while (rs_cursor_is_at (cursor, '('))
    {
      if (!parse_group (cursor, kind, alternative, error))
        return FALSE;
      rs_cursor_skip_blanks (cursor);
    }
  options = rs_cursor_is_at (cursor, '[');
  if (options && !rs_rule_options_parse (cursor, kind, &alternative->options, error))
    return FALSE;
  rs_cursor_skip_blanks (cursor);
  if (!parse_url (cursor, kind, alternative, options, error))
    return FALSE;
  rs_cursor_skip_blanks (cursor);
  return TRUE;
}

/* Reads alternatives as long as “|” joins them. */
static gboolean
parse_alternatives (RsCursor *cursor, RsRule *rule, GError **error)
{
  for (;;)
    {
      const char *start = cursor->p;
      RsAlternative *alternative = add_alternative (rule);

      if (rule->alternatives->len > MAX_ALTERNATIVES)
        return rs_cursor_fault_found (cursor, start, error, "one alternative more", "%d alternatives at most", MAX_ALTERNATIVES);
      if (!parse_alternative (cursor, rule->kind, alternative, error))
        return FALSE;
      if (!rs_cursor_is_at (cursor, '|'))
        return TRUE;
      if (alternative->condition == NULL && alternative->settings == NULL && alternative->url == NULL)
        return rs_cursor_fault (cursor, cursor->p, error, "an alternative before this “|”: a condition, “?” and a URL");
      if (alternative->condition == NULL)
        return rs_cursor_fault (cursor, cursor->p, error,
                                "the end of the rule: only the last alternative may do without a condition");
      cursor->p++;
    }
}

static gboolean
parse_trigger (RsCursor *cursor, RsRule *rule, GError **error)
{
  RsAlternative *alternative = add_alternative (rule);

  alternative->condition = rs_condition_parse (cursor, error);
  return alternative->condition != NULL;
}

/* Whether what was read last looks as if the rest were meant for a comment. */
static gboolean
is_after_comment (const RsRule *rule)
{
  const RsAlternative *last = g_ptr_array_index (rule->alternatives, rule->alternatives->len - 1);

  return last->url != NULL && last->url[0] == '#';
}

static gboolean
parse_rule (RsCursor *cursor, RsRule *rule, GError **error)
{
  if (rule->kind == RS_RULE_TRIGGER)
    return parse_trigger (cursor, rule, error);
  if (!parse_alternatives (cursor, rule, error))
    return FALSE;
  if (rule->kind == RS_RULE_REPORT && cursor->p < cursor->end)
    {
      rule->next = rule_new (rule->kind);
      if (!parse_alternatives (cursor, rule->next, error))
        return FALSE;
    }
  if (cursor->p < cursor->end && is_after_comment (rule))
    return rs_cursor_fault_found (cursor, cursor->p, error, "text behind a “#”",
                                  "“|” or the end of the rule: a “#” makes a comment only where it is the first character");
  if (cursor->p < cursor->end)
    return rs_cursor_fault (cursor, cursor->p, error, "“|” or the end of the rule%s",
                            *cursor->p == '[' ? ": options stand before the URL" : "");
  return TRUE;
}

static gboolean
check_text (const RsCursor *cursor, GError **error)
{
  if (cursor->end - cursor->text > MAX_LENGTH)
    return rs_cursor_fault_found (cursor, cursor->text, error, "a longer rule", "%d bytes at most", MAX_LENGTH);
  for (const char *p = cursor->text; p < cursor->end; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char_validated (p, cursor->end - p);

      if (c == (gunichar)-1 || c == (gunichar)-2)
        return rs_cursor_fault (cursor, p, error, "UTF-8");
      if (g_unichar_iscntrl (c) && !g_ascii_isspace (*p))
        return rs_cursor_fault (cursor, p, error, "the rule to go on without control characters");
    }
  return TRUE;
}

/* What is parsed can be printed and read again: the canonical form may be longer than what was written, and has the same bound. */
static gboolean
check_printed (const RsCursor *cursor, const RsRule *rule, GError **error)
{
  g_auto (RsSecretString) printed = NULL;

  /* no rule becomes longer than that */
  if ((cursor->end - cursor->text) * RS_RULE_GROWTH <= MAX_LENGTH)
    return TRUE;
  printed = rs_rule_print (rule);
  return strlen (printed) <= MAX_LENGTH
         || rs_cursor_fault_found (cursor, cursor->text, error, "a rule that is longer with its quotes and blanks",
                                   "%d bytes at most", MAX_LENGTH);
}

RsRule *
rs_rule_parse (const char *text, RsRuleKind kind, GError **error)
{
  g_autoptr (RsRule) rule = rule_new (kind);
  RsColumns columns = { 0 };
  RsCursor cursor = { .columns = &columns, .shows = RS_SHOWS_URLS };

  cursor.text = cursor.p = text != NULL ? text : "";
  cursor.end = cursor.text + strlen (cursor.text);
  if (!check_text (&cursor, error))
    return NULL;
  rs_cursor_skip_blanks (&cursor);
  if (cursor.p == cursor.end || *cursor.p == '#')
    return g_steal_pointer (&rule);
  return parse_rule (&cursor, rule, error) && check_printed (&cursor, rule, error) ? g_steal_pointer (&rule) : NULL;
}
