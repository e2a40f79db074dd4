/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way of a profile from bytes to assignments: unwrap, look what it is, read it whole. */
#include "profile/profile.h"

#include "base/error.h"
#include "base/text.h"
#include "profile/decrypt.h"
#include "profile/encoding.h"
#include "profile/flat.h"
#include "profile/gunzip.h"
#include "profile/sniff.h"
#include "profile/statements.h"

#include <gnutls/crypto.h>

#define DEFAULT_MAX_BYTES (8u << 20)
#define DEFAULT_MAX_PARAMETERS 20000
/* a transport may wrap once more what already is a .gz (PROF-8) */
#define GZIP_LAYERS 2

static void
note_free (gpointer data)
{
  RsProfileNote *note = data;

  g_free (note->name);
  g_free (note->message);
  g_free (note);
}

static RsProfile *
profile_new (GBytes *plain)
{
  RsProfile *profile = g_new0 (RsProfile, 1);

  profile->assignments = rs_assignments_new ();
  profile->notes = g_ptr_array_new_with_free_func (note_free);
  profile->plain = g_bytes_ref (plain);
  return profile;
}

void
rs_profile_free (RsProfile *profile)
{
  if (profile == NULL)
    return;
  g_ptr_array_unref (profile->assignments);
  g_ptr_array_unref (profile->notes);
  g_free (profile->digest);
  g_bytes_unref (profile->plain);
  g_clear_pointer (&profile->text, g_bytes_unref);
  g_free (profile);
}

/* By GnuTLS, which takes a sixth of the time of GChecksum: 7 ms for 10 MB. */
static char *
digest_of (GBytes  *plain,
           GError **error)
{
  guint8 digest[32];
  gsize length;
  const void *data = g_bytes_get_data (plain, &length);

  if (gnutls_hash_fast (GNUTLS_DIG_SHA256, data, length, digest) != 0)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "The digest of the profile could not be computed");
      return NULL;
    }
  return rs_text_hex (digest, sizeof digest);
}

static RsKind
kind_of (GBytes *bytes)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  return rs_sniff_kind (data, length);
}

/* Always NULL. */
static gpointer
refuse (GError    **error,
        const char *what)
{
  g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "%s", what);
  return NULL;
}

/* Unpacks gzip; what is left is neither empty nor gzip nor too long. Gzip proves itself by its sum: what begins like it and does not unpack
 * may be RFC 8188, whose salt begins with any byte. options: of what may be encrypted, else NULL. */
static GBytes *
unpack (GBytes                 *bytes,
        gsize                   max,
        const RsProfileOptions *options,
        GError                **error)
{
  g_autoptr (GBytes) plain = g_bytes_ref (bytes);
  RsKind kind = kind_of (plain);

  for (guint layer = 0; layer < GZIP_LAYERS && kind == RS_KIND_GZIP; layer++)
    {
      GBytes *inner = rs_gunzip (plain, max, error);

      if (inner == NULL && options != NULL && rs_encrypted_may_be_aes128gcm (plain, options->ikm, options->aes128gcm))
        {
          g_clear_error (error);
          return g_steal_pointer (&plain);
        }
      if (inner == NULL)
        return NULL;
      g_bytes_unref (plain);
      plain = inner;
      kind = kind_of (plain);
    }
  if (g_bytes_get_size (plain) > max)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT,
                   "The profile has %" G_GSIZE_FORMAT " bytes; MaxProfileBytes allows %" G_GSIZE_FORMAT,
                   g_bytes_get_size (plain), max);
      return NULL;
    }
  if (kind == RS_KIND_GZIP)
    return refuse (error, "The file is gzip in gzip in gzip; at most two layers are unpacked");
  if (kind == RS_KIND_EMPTY)
    return refuse (error, "The file is empty");
  return g_steal_pointer (&plain);
}

/* UTF-8 without control characters: nothing that chance would make. */
static gboolean
is_text (GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  if (!g_utf8_validate (data, (gssize)length, NULL))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (g_ascii_iscntrl (data[i]) && !g_ascii_isspace (data[i]))
        return FALSE;
    }
  return TRUE;
}

/* Whether it is something that somebody wrote, though perhaps no profile. */
static gboolean
has_form (GBytes *bytes)
{
  return kind_of (bytes) != RS_KIND_UNKNOWN || is_text (bytes);
}

/* Of what is neither form: a text leaves the plain one in its first statement, and this is where. Always NULL. */
static gpointer
refuse_unknown (GBytes  *plain,
                guint   *line,
                guint   *column,
                GError **error)
{
  static const char what[] = "The file is no profile: neither XML nor the plain-text form, nor gzip of them";
  g_autoptr (GBytes) text = is_text (plain) ? rs_encoding_to_utf8 (plain, line, column, NULL) : NULL;
  g_autoptr (GPtrArray) none = rs_assignments_new ();
  g_autoptr (GError) fault = NULL;
  gsize length = 0;
  const char *data = text != NULL ? g_bytes_get_data (text, &length) : "";

  if (rs_statements_read (data, length, 1, none, line, column, &fault))
    return refuse (error, what);
  g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "%s. As plain text: %s", what, fault->message);
  return NULL;
}

static gboolean
kind_is_profile (RsKind   kind,
                 GError **error)
{
  const char *fault = NULL;

  if (kind == RS_KIND_HTML)
    fault = "A web page came instead of a profile: a captive portal, a login or an error page; look at the URL in a "
            "browser on this network";
  else if (kind == RS_KIND_SALTED)
    fault = "The profile is encrypted twice";
  else if (kind == RS_KIND_SALTED_BASE64)
    fault = "The profile is encrypted, and written in base64 (openssl enc -a): encrypt it without -a, or first undo it with openssl base64 -d";
  if (fault != NULL)
    refuse (error, fault);
  return fault == NULL;
}

/* One of the two forms. proven: something has shown that it is whole, which the plain-text form does not by itself. */
static gboolean
read_form (RsKind                  kind,
           GBytes                 *text,
           const RsProfileOptions *options,
           gboolean                proven,
           RsProfile              *profile,
           guint                  *line,
           guint                  *column,
           GError                **error)
{
  guint max_parameters = options->max_parameters > 0 ? options->max_parameters : DEFAULT_MAX_PARAMETERS;
  const RsFlatOptions flat = { max_parameters, options->alias_map, options->at_a_desk };
  gsize length;
  const char *data = g_bytes_get_data (text, &length);

  if (kind == RS_KIND_XML)
    return rs_flat_read (data, length, &flat, profile->assignments, profile->notes, &profile->notes_left_out, line, column,
                         error);
  if (!proven)
    {
      refuse (error, "The file is in the plain-text form, and the server did not say how long it is: it may have been cut short");
      return FALSE;
    }
  return rs_statements_read (data, length, max_parameters, profile->assignments, line, column, error);
}

/* NULL: it is none, or has a fault at *line and *column. */
static RsProfile *
read_plain (GBytes                 *plain,
            const RsProfileOptions *options,
            gboolean                proven,
            guint                  *line,
            guint                  *column,
            GError                **error)
{
  RsKind kind = kind_of (plain);
  g_autoptr (GBytes) text = NULL;
  g_autoptr (RsProfile) profile = NULL;

  if (!kind_is_profile (kind, error))
    return NULL;
  if (kind == RS_KIND_UNKNOWN)
    return refuse_unknown (plain, line, column, error);
  text = rs_encoding_to_utf8 (plain, line, column, error);
  if (text == NULL)
    return NULL;
  profile = profile_new (plain);
  if (!read_form (kind, text, options, proven, profile, line, column, error))
    return NULL;
  if (options->at_a_desk)
    profile->text = g_steal_pointer (&text);
  profile->digest = digest_of (plain, error);
  return profile->digest != NULL ? g_steal_pointer (&profile) : NULL;
}

/* What was found out about a file that is no profile. */
typedef struct
{
  GBytes *plain; /* decoded as far as that went; NULL: it did not */
  GError *error;
  guint   line, column;
  gboolean sure; /* at a desk: the key was the right one */
} Verdict;

static void
verdict_clear (Verdict *verdict)
{
  g_clear_pointer (&verdict->plain, g_bytes_unref);
  g_clear_error (&verdict->error);
  verdict->line = verdict->column = 0;
  verdict->sure = FALSE;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Verdict, verdict_clear)

/* Opens and reads it in one way after the other. Of a file that no way makes a profile of, the verdict is that on the way whose
 * key was the right one. All ways are gone where the answer is no, so that it takes the same time for every reason. */
static RsProfile *
read_ways (const RsEncrypted      *encrypted,
           const RsProfileOptions *options,
           gsize                   max,
           gboolean                proven,
           Verdict                *verdict)
{
  for (guint way = 0; way < rs_encrypted_ways (encrypted); way++)
    {
      g_autoptr (GBytes) opened = rs_encrypted_open (encrypted, way);
      g_auto (Verdict) here = { 0 };
      RsProfile *profile = NULL;

      if (opened == NULL)
        continue;
      here.sure = options->at_a_desk && (rs_encrypted_proves (encrypted, way) || has_form (opened));
      here.plain = unpack (opened, max, NULL, &here.error);
      if (here.plain != NULL)
        /* a check sum at the end of gzip proves it as well */
        profile = read_plain (here.plain, options, proven || here.plain != opened, &here.line, &here.column, &here.error);
      if (profile != NULL)
        return profile;
      if (verdict->error == NULL || (here.sure && !verdict->sure))
        {
          Verdict before = *verdict;

          *verdict = here;
          here = before;
        }
    }
  return NULL;
}

static gsize
max_of (const RsProfileOptions *options)
{
  return MIN (options->max_bytes > 0 ? options->max_bytes : DEFAULT_MAX_BYTES, G_MAXINT32);
}

/* What became of the file: a profile, or the verdict with its error. */
static RsProfile *
read_file (GBytes                 *bytes,
           const RsProfileOptions *options,
           Verdict                *verdict)
{
  gsize max = max_of (options);
  g_autoptr (GBytes) outer = unpack (bytes, max, options, &verdict->error);
  g_auto (RsEncrypted) encrypted = { 0 };
  RsProfile *profile;

  if (outer == NULL
      || !rs_encrypted_init (&encrypted, outer, options->key, options->ikm, options->aes128gcm, &verdict->error))
    return NULL;
  profile = read_ways (&encrypted, options, max, options->complete || outer != bytes, verdict);
  if (profile == NULL && !encrypted.clear && !verdict->sure)
    {
      verdict_clear (verdict);
      g_set_error_literal (&verdict->error, RS_ERROR, RS_ERROR_CORRUPT, RS_PROFILE_SEALED);
    }
  return profile;
}

GBytes *
rs_profile_decode (GBytes                 *bytes,
                   const RsProfileOptions *options,
                   GError                **error)
{
  const RsProfileOptions none = { 0 };
  g_auto (Verdict) verdict = { 0 };
  g_autoptr (RsProfile) profile = read_file (bytes, options != NULL ? options : &none, &verdict);

  if (profile != NULL)
    return g_bytes_ref (profile->plain);
  if (verdict.plain != NULL && has_form (verdict.plain) && kind_of (verdict.plain) != RS_KIND_SALTED_BASE64)
    return g_steal_pointer (&verdict.plain);
  g_propagate_error (error, g_steal_pointer (&verdict.error));
  return NULL;
}

RsProfile *
rs_profile_read (GBytes                 *bytes,
                 const RsProfileOptions *options,
                 guint                  *line,
                 guint                  *column,
                 GError                **error)
{
  const RsProfileOptions none = { 0 };
  g_auto (Verdict) verdict = { 0 };
  RsProfile *profile = read_file (bytes, options != NULL ? options : &none, &verdict);

  if (line != NULL)
    *line = verdict.line;
  if (column != NULL)
    *column = verdict.column;
  if (profile == NULL)
    g_propagate_error (error, g_steal_pointer (&verdict.error));
  return profile;
}
