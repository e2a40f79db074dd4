/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The canonical form of a rule: one blank where blanks may stand, every value in quotes, operators as signs, options in the order of
 * the manual. */
#include "rule/rule-private.h"

#include <string.h>

/* large enough for any rule, each of whose bytes becomes an octal escape: a secret that moves leaves a copy behind */
#define MAX_PRINTED (5 * 16384 + 8192)

/* A value in quotes. Of what it holds a quote would end it, and a backslash before digits would be an octal escape. */
static void
append_quoted (GString          *out,
               const RsRuleText *text)
{
  const char *end = text->source + strlen (text->source);

  g_string_append_c (out, '"');
  for (const char *p = text->source; p < end; p++)
    {
      if (*p == '"' || rs_rule_is_octal (p, end))
        g_string_append_printf (out, "\\%03o", (guint)*p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

void
rs_rule_text_print (const RsRuleText *text,
                    GString          *out)
{
  if (text->quoted)
    append_quoted (out, text);
  else
    g_string_append (out, text->source);
}

static void
append_settings (GString      *out,
                 const GArray *settings)
{
  g_string_append_c (out, '(');
  for (guint i = 0; i < settings->len; i++)
    {
      const RsRuleSetting *setting = &g_array_index (settings, RsRuleSetting, i);

      g_string_append_printf (out, "%s%s = ", i > 0 ? " " : "", setting->name);
      append_quoted (out, &setting->value);
      g_string_append_c (out, ';');
    }
  g_string_append (out, ")!");
}

static void
append_text (GString          *out,
             const char       *name,
             const RsRuleText *text)
{
  if (text->source == NULL)
    return;
  g_string_append_printf (out, "%s ", name);
  append_quoted (out, text);
  g_string_append_c (out, ' ');
}

/* "[--uid "u" --pwd "p"]", or nothing. */
static void
append_options (GString             *out,
                const RsRuleOptions *options)
{
  gsize start = out->len;

  g_string_append_c (out, '[');
  append_text (out, "--key", &options->key);
  append_text (out, "--uid", &options->user);
  append_text (out, "--pwd", &options->password);
  g_string_append (out, options->srv ? "--srv " : "");
  if (options->post != NULL)
    g_string_append_printf (out, "--post %s ", options->post);
  if (options->alias != NULL)
    g_string_append_printf (out, "--alias %s ", options->alias);
  g_string_append (out, options->delta ? "--delta " : "");
  g_string_append (out, options->status ? "--status " : "");
  if (out->len == start + 1)
    g_string_truncate (out, start);
  else
    out->str[out->len - 1] = ']';
}

static void
append_blank (GString *out,
              gsize    start)
{
  if (out->len > start && !g_str_has_suffix (out->str, " "))
    g_string_append_c (out, ' ');
}

static void
append_alternative (GString             *out,
                    RsRuleKind           kind,
                    const RsAlternative *alternative)
{
  gsize start = out->len;

  if (alternative->condition != NULL)
    {
      g_string_append_c (out, '(');
      rs_condition_print (alternative->condition, out);
      g_string_append (out, ")?");
    }
  if (alternative->settings != NULL)
    {
      append_blank (out, start);
      append_settings (out, alternative->settings);
    }
  if (alternative->url != NULL)
    {
      append_blank (out, start);
      append_options (out, &alternative->options);
      append_blank (out, start);
      g_string_append (out, alternative->url);
      /* one is not the URL's */
      if (kind == RS_RULE_REPORT && g_str_has_suffix (alternative->url, ";"))
        g_string_append_c (out, ';');
    }
}

char *
rs_rule_print (const RsRule *rule)
{
  GString *out = g_string_sized_new (MAX_PRINTED);

  for (const RsRule *one = rule; one != NULL; one = one->next)
    {
      append_blank (out, 0);
      for (guint i = 0; i < one->alternatives->len; i++)
        {
          const RsAlternative *alternative = g_ptr_array_index (one->alternatives, i);

          if (one->kind == RS_RULE_TRIGGER)
            rs_condition_print (alternative->condition, out);
          else
            {
              g_string_append (out, i > 0 ? " | " : "");
              append_alternative (out, one->kind, alternative);
            }
        }
    }
  return g_string_free (out, FALSE);
}
