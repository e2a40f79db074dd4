/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the grammar share: a place in the rule's text, and the reading of values. */
#pragma once

#include "rule/macro.h"

G_BEGIN_DECLS

/* How far the columns of a rule are counted. Its cursors share it: who counted anew for each value would take the square of the time for
 * a long rule. */
typedef struct
{
  const char *at;
  guint       column;
} RsColumns;

/* What an error may quote. Signs, macros, names of options, and words that rs_mask_rule () would show, always. */
typedef enum
{
  RS_SHOWS_SIGNS, /* a word may be a secret, or a part of one: in options and assignments */
  RS_SHOWS_URLS,  /* the same, but URLs may be shown as rs_mask_url () shows them */
  RS_SHOWS_WORDS, /* in a condition */
} RsShows;

typedef struct
{
  const char *text; /* the whole rule: columns count from here */
  RsColumns  *columns;
  const char *p;
  const char *end;  /* of the part being read */
  RsShows     shows;
} RsCursor;

/* A text that is expanded when the rule is evaluated. */
typedef struct
{
  char    *source; /* escapes resolved so that none makes a macro; NULL: there is none. Wiped. */
  guint    column;
  gboolean quoted;
  gboolean secret; /* uses one of SA … SD */
  gboolean macros; /* uses any */
} RsRuleText;

void     rs_rule_text_clear (RsRuleText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RsRuleText, rs_rule_text_clear)

/* The expanded text. */
char    *rs_rule_text_expand (const RsRuleText *text,
                              const RsMacros   *macros,
                              GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* Appends what is read as the same text: in quotes if it was. */
void     rs_rule_text_print (const RsRuleText *text,
                             GString          *out);

/* Whether an octal escape stands at p, before stop: a backslash and three digits. */
gboolean rs_rule_is_octal (const char *p,
                           const char *stop);

/* The column of a place in the rule: characters, from 1. */
guint    rs_cursor_column (const RsCursor *cursor,
                           const char     *at);

/* Sets the error and returns FALSE. format: what was expected where something else stands, which is quoted or masked. */
gboolean rs_cursor_fault (const RsCursor *cursor,
                          const char     *at,
                          GError        **error,
                          const char     *format,
                          ...) G_GNUC_PRINTF (4, 5);

/* The same where more is to be said of what was found. */
gboolean rs_cursor_fault_found (const RsCursor *cursor,
                                const char     *at,
                                GError        **error,
                                const char     *found,
                                const char     *format,
                                ...) G_GNUC_PRINTF (5, 6);

void     rs_cursor_skip_blanks (RsCursor *cursor);

/* Whether c stands here. */
gboolean rs_cursor_is_at (const RsCursor *cursor,
                          char            c);

/* The same, and steps over it. */
gboolean rs_cursor_accept (RsCursor *cursor,
                           char      c);

/* Reads "…" at a quote. Octal escapes (three digits) are resolved; nothing else is special. */
gboolean rs_cursor_read_quoted (RsCursor   *cursor,
                                RsRuleText *text,
                                GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads from here to stop, which is then the cursor's place. Octal escapes count where asked for. */
gboolean rs_cursor_read_until (RsCursor   *cursor,
                               const char *stop,
                               gboolean    escapes,
                               RsRuleText *text,
                               GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Refuses SA … SD in the text just read, which begins at start (PHONE-3). */
gboolean rs_cursor_refuse_secret (const RsCursor   *cursor,
                                  const char       *start,
                                  const RsRuleText *text,
                                  GError          **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
