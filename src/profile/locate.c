/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a character of a value back to its place in the file. The file is known to be well-formed, so that this is a plain walk over the
 * element's content, done again only where somebody wants to be shown the place. */
#include "profile/place.h"
#include "profile/profile.h"
#include "profile/statements.h"

#include <string.h>

/* The characters of a value as they come, of which one is looked for. */
typedef struct
{
  const char *end;   /* of the file */
  guint       left;  /* characters still to come, the one looked for included */
  gboolean    begun; /* leading white space is over */
  const char *found;
} Walk;

/* One character that stands at p. TRUE: it is the one. */
static gboolean
pass (Walk       *walk,
      const char *p,
      gboolean    blank)
{
  walk->begun |= !blank;
  if (!walk->begun || --walk->left > 0)
    return FALSE;
  walk->found = p;
  return TRUE;
}

static gboolean
starts (const Walk *walk,
        const char *p,
        const char *with)
{
  gsize n = strlen (with);

  return (gsize) (walk->end - p) >= n && memcmp (p, with, n) == 0;
}

/* Behind the next end mark. */
static const char *
behind (const Walk *walk,
        const char *p,
        const char *mark)
{
  const char *at = g_strstr_len (p, walk->end - p, mark);

  return at != NULL ? at + strlen (mark) : walk->end;
}

/* Characters up to stop, each by itself; CR LF is one. */
static gboolean
pass_all (Walk       *walk,
          const char *p,
          const char *stop)
{
  while (p < stop)
    {
      if (pass (walk, p, g_ascii_isspace (*p)))
        return TRUE;
      p = p[0] == '\r' && p + 1 < stop && p[1] == '\n' ? p + 2 : g_utf8_next_char (p);
    }
  return FALSE;
}

static gboolean
pass_entity (Walk        *walk,
             const char **p)
{
  const char *start = *p;
  guint base = starts (walk, start, "&#x") ? 16 : 10;
  gboolean number = start[1] == '#';

  *p = behind (walk, start, ";");
  return pass (walk, start, number && g_ascii_strtoull (start + (base == 16 ? 3 : 2), NULL, base) <= ' ');
}

/* Behind the “>” of the start tag; in an attribute's value it is no end. */
static const char *
behind_tag (const Walk *walk,
            const char *p)
{
  char quote = '\0';

  for (; p < walk->end && (quote != '\0' || *p != '>'); p++)
    {
      if (quote == '\0' && (*p == '"' || *p == '\''))
        quote = *p;
      else if (*p == quote)
        quote = '\0';
    }
  return p < walk->end ? p + 1 : p;
}

static void
walk_element (Walk       *walk,
              const char *p)
{
  p = behind_tag (walk, p);
  while (p < walk->end && walk->found == NULL)
    {
      const char *stop = p;

      if (starts (walk, p, "<!--"))
        p = behind (walk, p, "-->");
      else if (starts (walk, p, "<?"))
        p = behind (walk, p, "?>");
      else if (starts (walk, p, "<![CDATA["))
        {
          p += strlen ("<![CDATA[");
          stop = behind (walk, p, "]]>");
          pass_all (walk, p, stop - strlen ("]]>"));
          p = stop;
        }
      else if (*p == '<')
        return;
      else if (*p == '&')
        pass_entity (walk, &p);
      else
        {
          while (stop < walk->end && *stop != '<' && *stop != '&')
            stop++;
          pass_all (walk, p, stop);
          p = stop;
        }
    }
}

static void
walk_statement (Walk       *walk,
                const char *text,
                gsize       start)
{
  gsize value = rs_statements_find_value (text, walk->end - text, start);
  const char *stop = value > 0 ? memchr (text + value, '"', walk->end - text - value) : NULL;

  if (stop != NULL)
    pass_all (walk, text + value, stop);
}

/* Of a line and a column, as an offset. */
static gsize
offset_of (const char *text,
           gsize       length,
           guint       line,
           guint       column)
{
  const char *p = text, *end = text + length;

  for (; line > 1 && p < end; line--)
    {
      const char *newline = memchr (p, '\n', end - p);

      p = newline != NULL ? newline + 1 : end;
    }
  for (; column > 1 && p < end; column--)
    p = g_utf8_next_char (p);
  return p - text;
}

gboolean
rs_profile_locate (const RsProfile    *profile,
                   const RsAssignment *assignment,
                   guint               character,
                   guint              *line,
                   guint              *column)
{
  gsize length, offset;
  const char *text = profile->text != NULL ? g_bytes_get_data (profile->text, &length) : NULL;
  Walk walk = { .left = character };
  RsPlace place;

  if (text == NULL || assignment->column == 0 || character == 0)
    return FALSE;
  walk.end = text + length;
  offset = offset_of (text, length, assignment->line, assignment->column);
  if (offset < length && text[offset] == '<')
    walk_element (&walk, text + offset);
  else
    walk_statement (&walk, text, offset);
  if (walk.found == NULL)
    return FALSE;
  rs_place_init (&place, text, length);
  *line = rs_place_line (&place, walk.found - text);
  *column = rs_place_column (&place, walk.found - text);
  return TRUE;
}
