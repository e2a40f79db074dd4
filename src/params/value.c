/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks of values, a type a function: each gives the canonical text, or NULL and in *wanted what would have been
 * right. */
#include "params/constraint.h"

#include "base/error.h"
#include "base/mask.h"
#include "base/secret.h"
#include "base/text.h"
#include "params/assignment.h"

#include <arpa/inet.h>
#include <string.h>

#define LIST_MAX 64
#define SHOWN_MAX 60

/* Filled by a check that says no; the range of the catalogue is added where there is one. */
typedef struct
{
  const char *wanted;
} Refusal;

static char *
refuse (Refusal    *refusal,
        const char *wanted)
{
  refusal->wanted = wanted;
  return NULL;
}

static char *
check_bool (const RsParam *param,
            const char    *value,
            Refusal       *refusal)
{
  static const char *const yes[] = { "Yes", "yes", "1", "Enable", NULL };
  static const char *const no[] = { "No", "no", "0", "Disable", NULL };

  if (g_strv_contains (yes, value))
    return g_strdup ("Yes");
  if (g_strv_contains (no, value))
    return g_strdup ("No");
  return refuse (refusal, "Yes or No");
}

static char *
check_int (const RsParam *param,
           const char    *value,
           Refusal       *refusal)
{
  gint64 number;

  if (!rs_text_to_int64 (value, G_MININT64, G_MAXINT64, &number, NULL)
      || !rs_constraint_holds (param->constraint, number))
    return refuse (refusal, "a whole number");
  return g_strdup_printf ("%" G_GINT64_FORMAT, number);
}

static char *
check_enum (const RsParam *param,
            const char    *value,
            Refusal       *refusal)
{
  const RsConstraint *constraint = param->constraint;

  if (strpbrk (value, "|;") != NULL || !rs_words_has (constraint->words, value, strlen (value)))
    return refuse (refusal, "one of the words");
  return g_strdup (value);
}

/* "n" or "n+r" (RULE-11) */
static gboolean
append_element (const RsConstraint *constraint,
                char               *element,
                GString            *out)
{
  char *plus = strchr (element, '+');
  guint64 number, random = 0;

  if (plus != NULL)
    {
      *plus = '\0';
      if (!rs_text_to_uint64 (g_strchug (plus + 1), 0, G_MAXINT32, &random, NULL))
        return FALSE;
    }
  if (!rs_text_to_uint64 (g_strchomp (element), 0, G_MAXINT32, &number, NULL)
      || !rs_constraint_holds (constraint, number))
    return FALSE;
  g_string_append_printf (out, "%s%" G_GUINT64_FORMAT, out->len > 0 ? "," : "", number);
  if (plus != NULL)
    g_string_append_printf (out, "+%" G_GUINT64_FORMAT, random);
  return TRUE;
}

static char *
check_intlist (const RsParam *param,
               const char    *value,
               Refusal       *refusal)
{
  g_auto (GStrv) elements = g_strsplit (value, ",", LIST_MAX + 1);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; elements[i] != NULL; i++)
    {
      if (i == LIST_MAX || !append_element (param->constraint, g_strstrip (elements[i]), out))
        return refuse (refusal, "whole numbers with “,” between, each n or n+r, at most 64");
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
check_ip (const RsParam *param,
          const char    *value,
          Refusal       *refusal)
{
  RsConstraintKind kind = ((const RsConstraint *)param->constraint)->kind;
  guint8 address[sizeof (struct in6_addr)];
  char text[INET6_ADDRSTRLEN];

  if (kind != RS_CONSTRAINT_IPV6 && inet_pton (AF_INET, value, address) == 1)
    return g_strdup (inet_ntop (AF_INET, address, text, sizeof text));
  if (kind != RS_CONSTRAINT_IPV4 && inet_pton (AF_INET6, value, address) == 1)
    return g_strdup (inet_ntop (AF_INET6, address, text, sizeof text));
  return refuse (refusal, "an IP address");
}

static gboolean
is_port (const char *text)
{
  guint64 port;

  return rs_text_to_uint64 (text, 0, G_MAXUINT16, &port, NULL);
}

/* A name, an IPv4 address, or an IPv6 address (in brackets where a port follows). */
static gboolean
is_host_port (const char *value)
{
  guint8 address[sizeof (struct in6_addr)];
  gsize length;

  if (value[0] == '[')
    {
      const char *end = strchr (value, ']');
      g_autofree char *host = end != NULL ? g_strndup (value + 1, end - value - 1) : NULL;

      return host != NULL && inet_pton (AF_INET6, host, address) == 1
             && (end[1] == '\0' || (end[1] == ':' && is_port (end + 2)));
    }
  if (inet_pton (AF_INET6, value, address) == 1)
    return TRUE;
  length = strspn (value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");
  if (length == 0 || length > 255 || value[0] == '.' || value[0] == '-')
    return FALSE;
  return value[length] == '\0' || (value[length] == ':' && is_port (value + length + 1));
}

static gboolean
has_chars (const RsConstraint *constraint,
           const char         *value)
{
  return constraint->kind != RS_CONSTRAINT_CHARS || rs_constraint_holds (constraint, g_utf8_strlen (value, -1));
}

static char *
check_hostport (const RsParam *param,
                const char    *value,
                Refusal       *refusal)
{
  if (!is_host_port (value) || !has_chars (param->constraint, value))
    return refuse (refusal, "a host or address, with :port or without");
  return g_strdup (value);
}

/* SCHEME://…, /PATH, or HOST[:PORT][/PATH]; macros may stand anywhere. */
static gboolean
is_url (const char *value)
{
  const char *colon = strstr (value, "://"), *slash = strchr (value, '/');

  for (const char *p = value; *p != '\0'; p++)
    {
      if (*p == ' ' || *p == '"' || *p == '<' || *p == '>')
        return FALSE;
    }
  if (colon != NULL && colon < slash)
    {
      gsize scheme = strspn (value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.$()");

      return (g_ascii_isalpha (value[0]) || value[0] == '$') && value + scheme == colon && colon[3] != '\0';
    }
  if (slash != value)
    {
      g_autofree char *host = g_strndup (value, slash != NULL ? (gsize)(slash - value) : strlen (value));

      return strchr (host, '$') != NULL || is_host_port (host);
    }
  return TRUE;
}

static char *
check_url (const RsParam *param,
           const char    *value,
           Refusal       *refusal)
{
  if (!is_url (value) || !has_chars (param->constraint, value))
    return refuse (refusal, "a URL");
  return g_strdup (value);
}

static char *
check_time (const RsParam *param,
            const char    *value,
            Refusal       *refusal)
{
  const RsConstraint *constraint = param->constraint;
  char separator, between[2] = { constraint->separator, '\0' };
  gint64 minutes;

  if (!rs_time_parse (value, strlen (value), &minutes, &separator) || !rs_constraint_holds (constraint, minutes))
    return refuse (refusal, "a time");
  return g_strdup_printf ("%s%02d%s%02d", minutes < 0 ? "-" : "", (int)(ABS (minutes) / 60), between,
                          (int)(ABS (minutes) % 60));
}

static char *
check_decimal (const RsConstraint *constraint,
               const char         *value,
               Refusal            *refusal)
{
  g_autofree char *text = NULL;
  gint64 number;
  gsize length;

  if (!rs_decimal_parse (value, strlen (value), &number) || !rs_constraint_holds (constraint, number)
      || (constraint->step != 0 && (number - constraint->spans[0].min) % constraint->step != 0))
    return refuse (refusal, "a number");
  text = g_strdup_printf ("%d.%06d", (int)(number / 1000000), (int)(number % 1000000));
  for (length = strlen (text); text[length - 1] == '0'; length--)
    ;
  if (text[length - 1] == '.')
    length--;
  return g_strndup (text, length);
}

/* In the order of the catalogue, each once. */
static char *
check_subset (const RsConstraint *constraint,
              const char         *value,
              Refusal            *refusal)
{
  g_auto (GStrv) words = g_strsplit (value, "|", -1), known = g_strsplit (constraint->words, "|", -1);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (!g_strv_contains ((const char *const *)known, words[i]))
        return refuse (refusal, "words with “|” between");
    }
  for (guint i = 0; known[i] != NULL; i++)
    {
      if (g_strv_contains ((const char *const *)words, known[i]))
        g_string_append_printf (out, "%s%s", out->len > 0 ? "|" : "", known[i]);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* The words of a field ("c" of "c=g|r;p=b|n"), or NULL. */
static const char *
field_words (const char *fields,
             const char *key,
             gsize       length)
{
  for (const char *p = fields; p != NULL; p = strchr (p, ';'))
    {
      p += *p == ';';
      if (strncmp (p, key, length) == 0 && p[length] == '=')
        return p + length + 1;
    }
  return NULL;
}

static char *
check_fields (const RsConstraint *constraint,
              const char         *value,
              Refusal            *refusal)
{
  g_auto (GStrv) fields = g_strsplit (value, ";", LIST_MAX);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; fields[i] != NULL; i++)
    {
      const char *equals = strchr (fields[i], '='), *words;
      gsize length = equals != NULL ? equals - fields[i] : 0;

      /* a separator at the end ends nothing */
      if (fields[i][0] == '\0' && fields[i + 1] == NULL && i > 0)
        break;
      words = length > 0 ? field_words (constraint->words, fields[i], length) : NULL;
      if (words == NULL || !rs_words_has (words, equals + 1, strlen (equals + 1)))
        return refuse (refusal, "fields with “;” between");
      for (guint j = 0; j < i; j++)
        {
          if (strncmp (fields[i], fields[j], length + 1) == 0)
            return refuse (refusal, "each field once");
        }
      g_string_append_printf (out, "%s%s", out->len > 0 ? ";" : "", fields[i]);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
check_line (const RsParam *param,
            const char    *value,
            Refusal       *refusal)
{
  const RsConstraint *constraint = param->constraint;

  if (constraint->kind == RS_CONSTRAINT_DECIMAL)
    return check_decimal (constraint, value, refusal);
  /* nothing chosen, nothing said */
  if (value[0] == '\0' && (constraint->kind == RS_CONSTRAINT_SUBSET || constraint->kind == RS_CONSTRAINT_FIELDS))
    return g_strdup ("");
  if (constraint->kind == RS_CONSTRAINT_SUBSET)
    return check_subset (constraint, value, refusal);
  if (constraint->kind == RS_CONSTRAINT_FIELDS)
    return check_fields (constraint, value, refusal);
  if (!has_chars (constraint, value))
    return refuse (refusal, "one line of text");
  return g_strdup (value);
}

/* Lines end in \n, whatever they ended in. */
static char *
check_text (const RsParam *param,
            const char    *value,
            Refusal       *refusal)
{
  const RsConstraint *constraint = param->constraint;
  g_auto (RsSecretString) text = g_malloc0 (strlen (value) + 1);
  char *out = text;
  guint n_lines = 1;
  gint64 chars = 0;

  for (const char *p = value; *p != '\0'; p++)
    {
      gboolean newline = *p == '\n' || *p == '\r';

      if (*p == '\r' && p[1] == '\n')
        p++;
      *out++ = newline ? '\n' : *p;
      n_lines += newline;
      chars = newline ? 0 : chars + ((*p & 0xc0) != 0x80);
      if (constraint->kind == RS_CONSTRAINT_LINES
          && (n_lines > constraint->max_lines || chars > constraint->spans[0].max))
        return refuse (refusal, "text");
    }
  *out = '\0';
  if (!has_chars (constraint, text))
    return refuse (refusal, "text");
  return g_steal_pointer (&text);
}

/* The language of rules is another room's: who sets a rule has it parsed there. White space is all one in it. */
static char *
check_rule (const RsParam *param,
            const char    *value,
            Refusal       *refusal)
{
  if (!has_chars (param->constraint, value))
    return refuse (refusal, "a rule");
  return g_strdelimit (g_strdup (value), "\t\r\n", ' ');
}

typedef char *(*Check) (const RsParam *param,
                        const char    *value,
                        Refusal       *refusal);

static const Check checks[] = {
  [RS_TYPE_STRING] = check_line,
  [RS_TYPE_TEXT] = check_text,
  [RS_TYPE_PASSWORD] = check_line,
  [RS_TYPE_BOOL] = check_bool,
  [RS_TYPE_INT] = check_int,
  [RS_TYPE_ENUM] = check_enum,
  [RS_TYPE_INTLIST] = check_intlist,
  [RS_TYPE_IP] = check_ip,
  [RS_TYPE_HOSTPORT] = check_hostport,
  [RS_TYPE_URL] = check_url,
  [RS_TYPE_RULE] = check_rule,
  [RS_TYPE_TIME] = check_time,
};

static gboolean
has_controls (const char *value,
              gboolean    lines)
{
  for (const guchar *p = (const guchar *)value; *p != '\0'; p++)
    {
      if (lines && (*p == '\n' || *p == '\r' || *p == '\t'))
        continue;
      /* the last are U+0080 to U+009F in UTF-8 */
      if (*p < 0x20 || *p == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0))
        return TRUE;
    }
  return FALSE;
}

/* What stands against a value whatever its type, or NULL. */
static const char *
common_fault (const RsParam *param,
              const char    *value)
{
  if (strnlen (value, RS_ASSIGNMENT_VALUE_MAX + 1) > RS_ASSIGNMENT_VALUE_MAX)
    return "at most 65536 bytes";
  if (!rs_text_is_utf8 (value, strlen (value)))
    return "UTF-8 text";
  if (has_controls (value, param->type == RS_TYPE_TEXT || param->type == RS_TYPE_RULE))
    return "text without control characters";
  if (rs_mask_is_masked (value))
    return "the value itself, not the mask that is shown in its place";
  return NULL;
}

/* Whatever the type, what was refused may have been meant for a URL, and an account in it is a secret. */
static gboolean
may_be_url (const RsParam *param,
            const char    *value)
{
  return param->type == RS_TYPE_URL || strpbrk (value, "@?") != NULL || strstr (value, "://") != NULL;
}

/* A value as a message may show it: a secret, or a rule with its keys, never (STORE-3). */
static char *
show (const RsParam *param,
      const char    *value)
{
  g_autofree char *told = NULL, *masked = NULL, *escaped = NULL;

  if (param->secret || param->type == RS_TYPE_RULE)
    return g_strdup ("this value");
  masked = may_be_url (param, value) ? rs_mask_url (value) : rs_mask_text (value);
  told = g_strndup (masked, 4 * SHOWN_MAX);
  escaped = rs_text_escape (told, SHOWN_MAX);
  return g_strdup_printf ("“%s”", escaped);
}

/* Not set, as the catalogue has it. */
static gboolean
may_be_empty (const RsParam *param)
{
  return param->default_value[0] == '\0' || param->type == RS_TYPE_INTLIST;
}

char *
rs_param_normalize (const RsParam *param,
                    const char    *value,
                    GError       **error)
{
  Refusal refusal = { common_fault (param, value) };
  g_autofree char *shown = NULL;
  g_autofree char *range = NULL;
  char *normal = NULL;

  if (refusal.wanted == NULL && value[0] == '\0' && may_be_empty (param))
    return g_strdup ("");
  if (refusal.wanted == NULL)
    normal = checks[param->type](param, value, &refusal);
  if (normal != NULL)
    return normal;
  shown = show (param, value);
  range = rs_text_escape (param->range, 0);
  g_set_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE, "%s cannot be %s: wanted is %s%s%s", param->name, shown,
               refusal.wanted, range[0] != '\0' ? ", " : "", range);
  return NULL;
}

char *
rs_param_mask (const RsParam *param,
               const char    *value)
{
  if (param->secret && value[0] != '\0')
    return g_strdup (RS_MASK);
  return param->type == RS_TYPE_RULE ? rs_mask_rule (value) : rs_mask_text (value);
}
