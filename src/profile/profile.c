/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way of a profile from bytes to assignments: unwrap, look what it is, read it whole. */
#include "profile/profile.h"

#include "base/error.h"
#include "base/text.h"
#include "profile/encoding.h"
#include "profile/flat.h"
#include "profile/gunzip.h"
#include "profile/sniff.h"

#include <gnutls/crypto.h>

#define DEFAULT_MAX_BYTES (8u << 20)
#define DEFAULT_MAX_PARAMETERS 20000
/* a transport may wrap once more what already is a .gz (PROF-8) */
#define GZIP_LAYERS 2

static void
note_free (gpointer data)
{
  RsProfileNote *note = data;

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

static gboolean
refuse (GError    **error,
        const char *what)
{
  g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "%s", what);
  return FALSE;
}

static gboolean
kind_can_be_decoded (RsKind   kind,
                     GError **error)
{
  switch (kind)
    {
    case RS_KIND_EMPTY:
      return refuse (error, "The file is empty");
    case RS_KIND_GZIP:
      return refuse (error, "The file is gzip in gzip in gzip; at most two layers are unpacked");
    case RS_KIND_SALTED:
      return refuse (error, "The profile is encrypted (openssl enc), which this version cannot read; serve it "
                            "unencrypted over https");
    case RS_KIND_HTML:
    case RS_KIND_XML:
    case RS_KIND_UNKNOWN:
      break;
    }
  return TRUE;
}

static gboolean
kind_is_profile (RsKind   kind,
                 GError **error)
{
  if (kind == RS_KIND_HTML)
    return refuse (error, "A web page came instead of a profile: a captive portal, a login or an error page; look at "
                          "the URL in a browser on this network");
  if (kind == RS_KIND_UNKNOWN)
    return refuse (error, "The file is no profile: neither XML nor gzip of XML");
  return TRUE;
}

GBytes *
rs_profile_decode (GBytes                 *bytes,
                   const RsProfileOptions *options,
                   GError                **error)
{
  guint64 max_bytes = options != NULL && options->max_bytes > 0 ? options->max_bytes : DEFAULT_MAX_BYTES;
  gsize max = MIN (max_bytes, G_MAXINT32);
  g_autoptr (GBytes) plain = g_bytes_ref (bytes);
  RsKind kind = kind_of (plain);

  for (guint layer = 0; layer < GZIP_LAYERS && kind == RS_KIND_GZIP; layer++)
    {
      GBytes *inner = rs_gunzip (plain, max, error);

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
  return kind_can_be_decoded (kind, error) ? g_steal_pointer (&plain) : NULL;
}

RsProfile *
rs_profile_read (GBytes                 *bytes,
                 const RsProfileOptions *options,
                 guint                  *line,
                 guint                  *column,
                 GError                **error)
{
  guint max_parameters
      = options != NULL && options->max_parameters > 0 ? options->max_parameters : DEFAULT_MAX_PARAMETERS;
  g_autoptr (GBytes) plain = rs_profile_decode (bytes, options, error);
  g_autoptr (GBytes) text = NULL;
  g_autoptr (RsProfile) profile = NULL;
  guint at_line = 0, at_column = 0;
  gboolean good = FALSE;

  if (plain != NULL && kind_is_profile (kind_of (plain), error))
    text = rs_encoding_to_utf8 (plain, &at_line, &at_column, error);
  if (text != NULL)
    {
      gsize length;
      const char *data = g_bytes_get_data (text, &length);

      profile = profile_new (plain);
      good = rs_flat_read (data, length, max_parameters, profile->assignments, profile->notes, &at_line, &at_column,
                           error)
             && (profile->digest = digest_of (plain, error)) != NULL;
    }
  if (line != NULL)
    *line = at_line;
  if (column != NULL)
    *column = at_column;
  return good ? g_steal_pointer (&profile) : NULL;
}
