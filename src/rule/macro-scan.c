/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The names of PHONE-3 and the forms of PHONE-4. */
#include "rule/macro-scan.h"

#include "rule/macro.h"

#include <string.h>

/* more digits would add nothing: no text is that long */
#define MAX_DIGITS 9

static const char *const names[] = {
  "$",      "A",       "B",      "C",     "D",    "E",      "F",     "G",     "H",     "I",      "J",       "K",
  "L",      "M",       "N",      "O",     "P",    "SA",     "SB",    "SC",    "SD",    "MA",     "MAU",     "MAC",
  "PN",     "PSN",     "SN",     "CCERT", "IP",   "EXTIP",  "SWVER", "HWVER", "PRVST", "UPGST",  "UPGERR",  "PRVTMR",
  "UPGTMR", "UPGCOND", "SCHEME", "METH",  "SERV", "SERVIP", "PORT",  "PATH",  "ERR",   "ISCUST", "VERSION", "VENDOR",
};

/* with an index from 1 to 99 */
static const char *const families[] = { "REGTMR", "UID", "AUTHID", "DISPLAYNAME" };

/* The bytes of the longest known name that text starts with; 0: none. */
static gsize
match_name (const char *text)
{
  gsize longest = 0;

  if (!g_ascii_isupper (text[0]) && text[0] != '$')
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      /* most differ by their first letter, and texts may be long */
      if (text[0] == names[i][0] && g_str_has_prefix (text, names[i]))
        longest = MAX (longest, strlen (names[i]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      gsize n = strlen (families[i]);

      if (strncmp (text, families[i], n) == 0 && text[n] >= '1' && text[n] <= '9')
        longest = MAX (longest, n + (g_ascii_isdigit (text[n + 1]) ? 2 : 1));
    }
  return longest;
}

/* Reads ":" and digits; FALSE where there are none. */
static gboolean
match_number (const char **p, guint32 *number)
{
  const char *q = *p + 1;
  guint32 value = 0;

  if (!g_ascii_isdigit (*q))
    return FALSE;
  for (guint n = 0; g_ascii_isdigit (*q); q++, n++)
    value = n < MAX_DIGITS ? value * 10 + (guint32)(*q - '0') : G_MAXINT32;
  *number = value;
  *p = q;
  return TRUE;
}

static gboolean
match_range (const char **p, RsMacroUse *use)
{
  if (**p == ':' && !match_number (p, &use->offset))
    return FALSE;
  if (**p == ':' && !match_number (p, &use->count))
    return FALSE;
  return **p == ')';
}

gboolean
rs_macro_scan (const char *p, RsMacroUse *use)
{
  const char *start = p, *name;
  gsize n;

  memset (use, 0, sizeof *use);
  use->count = RS_MACRO_TO_END;
  use->parenthesised = *++p == '(';
  if (use->parenthesised)
    p++;
  name = p;
  n = match_name (name);
  if (n == 0)
    return FALSE;
  p += n;
  if (use->parenthesised)
    {
      if (!match_range (&p, use))
        return FALSE;
      p++;
    }
  memcpy (use->name, name, n);
  if (strcmp (use->name, "METH") == 0)
    g_strlcpy (use->name, "SCHEME", sizeof use->name);
  use->length = (gsize)(p - start);
  use->secret = n == 2 && name[0] == 'S' && name[1] >= 'A' && name[1] <= 'D';
  return TRUE;
}

const char *
rs_macro_find_secret (const char *text, gsize length)
{
  const char *p = text, *end = text + length;
  RsMacroUse use;

  while (p < end)
    {
      if (*p != '$' || !rs_macro_scan (p, &use))
        p++;
      else if (use.secret)
        return p;
      else
        p += use.length;
    }
  return NULL;
}

gboolean
rs_macro_is_known (const char *name)
{
  return name != NULL && name[0] != '\0' && match_name (name) == strlen (name);
}
