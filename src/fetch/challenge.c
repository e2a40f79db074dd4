/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading challenges and answering them. */
#include "fetch/challenge.h"

#include "base/secret.h"

#include <string.h>

#define FIELD_MAX 16384
#define NC        "00000001" /* each answer is to a nonce of its own */

void
rs_challenge_free (RsChallenge *challenge)
{
  if (challenge == NULL)
    return;
  g_free (challenge->algorithm);
  g_free (challenge->realm);
  g_free (challenge->nonce);
  g_free (challenge->opaque);
  g_free (challenge);
}

static gboolean
is_token_char (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

static const char *
skip_blanks (const char *p)
{
  while (*p == ' ' || *p == '\t')
    p++;
  return p;
}

static const char *
skip_token (const char *p)
{
  while (is_token_char (*p))
    p++;
  return p;
}

/* Reads a token or a quoted string. */
static const char *
read_value (const char *p, char **value)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (*p != '"')
    {
      const char *end = p;

      while (*end != '\0' && *end != ',' && *end != ' ' && *end != '\t')
        end++;
      *value = g_strndup (p, end - p);
      return end;
    }
  for (p++; *p != '\0' && *p != '"'; p++)
    {
      if (*p == '\\' && p[1] != '\0')
        p++;
      g_string_append_c (text, *p);
    }
  *value = g_string_free (g_steal_pointer (&text), FALSE);
  return *p == '"' ? p + 1 : p;
}

/* Reads the parameters after a scheme's name, up to the next scheme or the end. */
static const char *
read_parameters (const char *p, GHashTable *parameters)
{
  for (;;)
    {
      const char *name, *end, *after;
      char *value;

      while (*p == ',' || *p == ' ' || *p == '\t')
        p++;
      name = p;
      end = skip_token (p);
      after = skip_blanks (end);
      if (end == name || *after != '=')
        return p;
      p = read_value (skip_blanks (after + 1), &value);
      g_hash_table_insert (parameters, g_ascii_strdown (name, end - name), value);
      p = skip_blanks (p);
      if (*p != ',' && *p != '\0')
        return p;
    }
}

/* Whether a list of tokens, separated by commas or blanks, holds one. */
static gboolean
list_has (const char *list, const char *token)
{
  g_auto (GStrv) parts = g_strsplit_set (list, ", \t", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (g_ascii_strcasecmp (parts[i], token) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
digest_algorithm (const char *name, RsAuthScheme *scheme, gboolean *session)
{
  static const struct
  {
    const char *name;
    RsAuthScheme scheme;
    gboolean session;
  } table[] = {
    { "MD5", RS_AUTH_DIGEST_MD5, FALSE },
    { "MD5-sess", RS_AUTH_DIGEST_MD5, TRUE },
    { "SHA-256", RS_AUTH_DIGEST_SHA256, FALSE },
    { "SHA-256-sess", RS_AUTH_DIGEST_SHA256, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      if (g_ascii_strcasecmp (name, table[i].name) == 0)
        {
          *scheme = table[i].scheme;
          *session = table[i].session;
          return TRUE;
        }
    }
  return FALSE;
}

/* What goes back into a header field must not break it. */
static gboolean
is_sendable (const char *value)
{
  for (; value != NULL && *value != '\0'; value++)
    {
      if (g_ascii_iscntrl (*value))
        return FALSE;
    }
  return TRUE;
}

static RsChallenge *
new_digest (GHashTable *parameters)
{
  const char *algorithm = g_hash_table_lookup (parameters, "algorithm");
  const char *qop = g_hash_table_lookup (parameters, "qop");
  const char *nonce = g_hash_table_lookup (parameters, "nonce");
  const char *realm = g_hash_table_lookup (parameters, "realm");
  const char *userhash = g_hash_table_lookup (parameters, "userhash");
  g_autoptr (RsChallenge) challenge = g_new0 (RsChallenge, 1);

  if (nonce == NULL || realm == NULL || (qop != NULL && !list_has (qop, "auth"))
      || !digest_algorithm (algorithm != NULL ? algorithm : "MD5", &challenge->scheme, &challenge->session))
    return NULL;
  if (!is_sendable (nonce) || !is_sendable (realm) || !is_sendable (g_hash_table_lookup (parameters, "opaque")))
    return NULL;
  challenge->qop = qop != NULL;
  challenge->userhash = userhash != NULL && g_ascii_strcasecmp (userhash, "true") == 0;
  challenge->algorithm = g_strdup (algorithm);
  challenge->realm = g_strdup (realm);
  challenge->nonce = g_strdup (nonce);
  challenge->opaque = g_strdup (g_hash_table_lookup (parameters, "opaque"));
  return g_steal_pointer (&challenge);
}

/* Replaces *best by a stronger challenge. */
static void
consider (RsChallenge **best, RsChallenge *challenge)
{
  if (challenge == NULL || challenge->scheme <= (*best)->scheme)
    {
      rs_challenge_free (challenge);
      return;
    }
  rs_challenge_free (*best);
  *best = challenge;
}

static RsChallenge *
new_basic (void)
{
  RsChallenge *challenge = g_new0 (RsChallenge, 1);

  challenge->scheme = RS_AUTH_BASIC;
  return challenge;
}

RsChallenge *
rs_challenge_choose (const char *field, gboolean allow_basic, gboolean *basic_refused)
{
  RsChallenge *best = g_new0 (RsChallenge, 1);
  const char *p = field;
  gboolean refused = FALSE;

  if (strnlen (field, FIELD_MAX) >= FIELD_MAX)
    p = "";
  while (*p != '\0')
    {
      g_autoptr (GHashTable) parameters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      const char *name = skip_blanks (p), *end = skip_token (name);
      g_autofree char *scheme = g_strndup (name, end - name);

      if (end == name)
        {
          p = *name != '\0' ? name + 1 : name;
          continue;
        }
      p = read_parameters (end, parameters);
      if (g_ascii_strcasecmp (scheme, "Digest") == 0)
        consider (&best, new_digest (parameters));
      else if (g_ascii_strcasecmp (scheme, "Basic") == 0 && allow_basic)
        consider (&best, new_basic ());
      else if (g_ascii_strcasecmp (scheme, "Basic") == 0)
        refused = TRUE;
    }
  if (basic_refused != NULL)
    *basic_refused = refused;
  return best;
}

/* A hexadecimal hash of texts with ":" between them; ends with NULL. */
static char *hash (GChecksumType type, ...) G_GNUC_NULL_TERMINATED;

static char *
hash (GChecksumType type, ...)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (type);
  va_list parts;
  const char *part;
  gboolean first = TRUE;

  va_start (parts, type);
  while ((part = va_arg (parts, const char *)) != NULL)
    {
      if (!first)
        g_checksum_update (checksum, (const guchar *)":", 1);
      g_checksum_update (checksum, (const guchar *)part, strlen (part));
      first = FALSE;
    }
  va_end (parts);
  return g_strdup (g_checksum_get_string (checksum));
}

static GChecksumType
hash_of (const RsChallenge *challenge)
{
  return challenge->scheme == RS_AUTH_DIGEST_SHA256 ? G_CHECKSUM_SHA256 : G_CHECKSUM_MD5;
}

static char *
digest_response (const RsChallenge *challenge, const RsCredentials *credentials)
{
  GChecksumType type = hash_of (challenge);
  g_auto (RsSecretString) a1 = hash (type, credentials->user, challenge->realm, credentials->password, NULL);
  g_autofree char *a2 = hash (type, credentials->method, credentials->target, NULL);

  if (challenge->session)
    {
      char *base = a1;

      a1 = hash (type, base, challenge->nonce, credentials->cnonce, NULL);
      rs_secret_free (base);
    }
  if (challenge->qop)
    return hash (type, a1, challenge->nonce, NC, credentials->cnonce, "auth", a2, NULL);
  return hash (type, a1, challenge->nonce, a2, NULL);
}

static void
append_quoted (GString *out, const char *name, const char *value)
{
  g_string_append_printf (out, ", %s=\"", name);
  for (; *value != '\0'; value++)
    {
      if (*value == '"' || *value == '\\')
        g_string_append_c (out, '\\');
      g_string_append_c (out, *value);
    }
  g_string_append_c (out, '"');
}

static char *
digest_answer (const RsChallenge *challenge, const RsCredentials *credentials)
{
  GString *out = g_string_new (NULL);
  g_autofree char *response = digest_response (challenge, credentials);
  g_autofree char *hidden
      = challenge->userhash ? hash (hash_of (challenge), credentials->user, challenge->realm, NULL) : NULL;

  append_quoted (out, "username", hidden != NULL ? hidden : credentials->user);
  append_quoted (out, "realm", challenge->realm);
  append_quoted (out, "nonce", challenge->nonce);
  append_quoted (out, "uri", credentials->target);
  append_quoted (out, "response", response);
  if (challenge->opaque != NULL)
    append_quoted (out, "opaque", challenge->opaque);
  if (challenge->algorithm != NULL)
    g_string_append_printf (out, ", algorithm=%s", challenge->algorithm);
  if (challenge->qop)
    g_string_append (out, ", qop=auth, nc=" NC);
  if (challenge->qop || challenge->session)
    append_quoted (out, "cnonce", credentials->cnonce);
  if (challenge->userhash)
    g_string_append (out, ", userhash=true");
  /* the first field has no comma before it */
  g_string_erase (out, 0, 2);
  g_string_prepend (out, "Digest ");
  return g_string_free (out, FALSE);
}

static char *
basic_answer (const RsCredentials *credentials)
{
  g_auto (RsSecretString) pair = NULL;
  g_auto (RsSecretString) coded = NULL;

  /* RFC 7617: the first colon ends the name */
  if (strchr (credentials->user, ':') != NULL)
    return NULL;
  pair = g_strconcat (credentials->user, ":", credentials->password, NULL);
  coded = g_base64_encode ((const guchar *)pair, strlen (pair));
  return g_strconcat ("Basic ", coded, NULL);
}

char *
rs_challenge_answer (const RsChallenge *challenge, const RsCredentials *credentials)
{
  switch (challenge->scheme)
    {
    case RS_AUTH_BASIC:
      return basic_answer (credentials);
    case RS_AUTH_DIGEST_MD5:
    case RS_AUTH_DIGEST_SHA256:
      return digest_answer (challenge, credentials);
    case RS_AUTH_NONE:
    default:
      return NULL;
    }
}
